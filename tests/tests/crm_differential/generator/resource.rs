//! Resources and what holds them.

use super::Generator;

impl Generator {
    pub(super) fn primitive(&mut self) -> String {
        let id = self.id("p");
        let agent = if self.dice.once_in(10) { "@t1" } else { self.agent() };
        let keyword = match self.dice.roll(30) {
            0 => "Primitive",
            1 if !self.is_text => "resource",
            _ => "primitive",
        };
        let mut words = vec![keyword.to_owned(), id.clone(), agent.to_owned()];
        if self.count < 6 {
            words.push("params a=b".to_owned());
        } else {
            self.body(&mut words);
        }
        self.free.push(id.clone());
        self.resources.push(id);
        words.join(" ")
    }

    pub(super) fn template(&mut self) -> String {
        let id = self.id("t");
        let mut words = vec!["rsc_template".to_owned(), id, self.agent().to_owned()];
        self.body(&mut words);
        words.join(" ")
    }

    pub(super) fn take_free(&mut self) -> Option<String> {
        if self.free.is_empty() {
            return None;
        }
        let at = self.dice.roll(self.free.len());
        let rsc = self.free.swap_remove(at);
        self.resources.retain(|other| *other != rsc);
        Some(rsc)
    }

    pub(super) fn container_tail(&mut self, words: &mut Vec<String>) {
        self.description(words);
        if self.dice.once_in(6) {
            words.push(self.set());
        }
        for _ in 0..self.dice.roll(3) {
            let set = self.set();
            words.push(format!("{} {set}", self.dice.pick(&["meta", "params", "meta"])));
        }
    }

    pub(super) fn group(&mut self) -> String {
        let id = self.id("g");
        let mut words = vec!["group".to_owned(), id.clone()];
        for _ in 0..1 + self.dice.roll(3) {
            words.extend(self.take_free());
        }
        self.container_tail(&mut words);
        self.resources.push(id);
        words.join(" ")
    }

    pub(super) fn clone_resource(&mut self) -> String {
        let id = self.id("c");
        let keyword = self.dice.pick(&["clone", "clone", "ms", "master"]);
        let mut words = vec![keyword.to_owned(), id.clone()];
        words.push(self.take_free().unwrap_or_else(|| "p1".to_owned()));
        self.container_tail(&mut words);
        self.resources.push(id);
        words.join(" ")
    }

    pub(super) fn bundle(&mut self) -> String {
        let id = self.id("b");
        let mut words = vec!["bundle".to_owned(), id.clone()];
        self.description(&mut words);
        self.add(
            &mut words,
            &["docker image=x", "docker image=\"a b\" replicas=3", "docker", "rkt image=x"],
        );
        if self.dice.once_in(2) {
            words.push("network ip-range-start=1.2.3.4".to_owned());
            for _ in 0..self.dice.roll(3) {
                self.add(
                    &mut words,
                    &[
                        "port-mapping port=80",
                        "port-mapping id=pm port=81 internal-port=8",
                        "port-mapping",
                    ],
                );
            }
        }
        if self.dice.once_in(2) {
            words.push("storage".to_owned());
            for _ in 0..1 + self.dice.roll(2) {
                self.add(
                    &mut words,
                    &[
                        "storage-mapping source-dir=/srv target-dir=/x options=rw",
                        "storage-mapping id=sm source-dir-root=/a target-dir=\"/x y\"",
                    ],
                );
            }
        }
        if self.dice.once_in(3) {
            let set = self.set();
            words.push(format!("meta {set}"));
        }
        if self.dice.once_in(2)
            && let Some(rsc) = self.take_free()
        {
            words.push(format!("primitive {rsc}"));
        }
        self.resources.push(id);
        words.join(" ")
    }

    pub(super) fn monitor(&mut self) -> String {
        let rsc = self.qualified(&["Master", "Started", "x", "0", "a:b"]);
        let interval = self.dice.pick(&["10s", "10s:20s", "30", "1m:", "x", "5:6:7"]);
        format!("monitor {rsc} {interval}")
    }
}
