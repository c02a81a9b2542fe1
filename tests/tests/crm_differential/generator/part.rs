//! What statements are made of: pairs, scores, rules, sets, operations.

use super::Generator;
use super::quote::{assign, word};
use super::words::{BODIES, EXPRESSIONS, NAMES, SCORES};

impl Generator {
    pub(super) fn pair(&mut self) -> String {
        let name = self.dice.pick(NAMES);
        let value = self.value();
        let text = match self.dice.roll(30) {
            0 => name.to_owned(),
            1 => {
                self.count += 1;
                format!("$nv{}:{name}={value}", self.count)
            }
            2 => {
                self.count += 1;
                format!("$nw{}={value}", self.count)
            }
            3 => format!("@p{}-instance_attributes-a", 1 + self.dice.roll(5)),
            4 => format!("@p{}-instance_attributes-a:{name}", 1 + self.dice.roll(5)),
            _ => return assign(&mut self.dice, name, &value),
        };
        word(&mut self.dice, &text)
    }

    pub(super) fn score(&mut self) -> String {
        format!("{}:", self.dice.pick(SCORES))
    }

    pub(super) fn rule(&mut self) -> String {
        let mut words = vec![self.dice.pick(&["rule", "rule", "rule", "Rule"]).to_owned()];
        match self.dice.roll(12) {
            0 => {
                self.count += 1;
                words.push(format!("$id=rule{}", self.count));
            }
            1 => {
                words.push(format!("$id-ref=rule{}", 1 + self.dice.roll(self.count + 1)));
                return words.join(" ");
            }
            _ => {}
        }
        if self.dice.once_in(6) {
            let key = self.dice.pick(&["$role", "role", "$Role"]);
            words
                .push(format!("{key}={}", self.dice.pick(&["Master", "Promoted", "Started", "x"])));
        }
        if self.dice.roll(3) > 0 {
            words.push(self.score());
        }
        let join = self.dice.pick(&[" and ", " or "]);
        let list: Vec<&str> =
            (0..1 + self.dice.roll(3)).map(|_| self.dice.pick(EXPRESSIONS)).collect();
        let mut all = list.join(join);
        if self.dice.once_in(15) {
            all.push_str(self.dice.pick(&[" and defined z", " or defined z"]));
        }
        words.push(all);
        words.join(" ")
    }

    /// A set without its keyword.
    pub(super) fn set(&mut self) -> String {
        let mut words = Vec::new();
        match self.dice.roll(14) {
            0 => {
                self.count += 1;
                words.push(format!("$id=set{}", self.count));
            }
            1 => {
                let target = self.dice.pick(&["p1", "p2", "p1-instance_attributes", "t1", "none"]);
                return format!("$id-ref={target}");
            }
            _ => {}
        }
        if self.dice.once_in(12) {
            words.push(self.score());
        }
        if self.dice.once_in(8) {
            words.push(self.rule());
            if self.dice.once_in(4) {
                words.push(self.rule());
            }
        }
        for _ in 0..self.dice.roll(4) {
            words.push(self.pair());
        }
        words.join(" ")
    }

    pub(super) fn description(&mut self, words: &mut Vec<String>) {
        if self.dice.once_in(8) {
            let value = self.value();
            words.push(assign(&mut self.dice, "description", &value));
        }
    }

    pub(super) fn op(&mut self) -> String {
        let mut words = vec!["op".to_owned()];
        self.add(&mut words, &["monitor", "start", "stop", "promote", "notify"]);
        if self.is_text {
            self.add(&mut words, &["interval=10s", "interval=0", "interval=1m"]);
        }
        for _ in 0..self.dice.roll(4) {
            self.add(
                &mut words,
                &[
                    "interval=10s",
                    "interval=20",
                    "timeout=5s",
                    "role=Master",
                    "on-fail=stop",
                    "enabled=false",
                    "start-delay=3",
                    "description=\"d e\"",
                    "interval=0",
                    "record-pending=true",
                    "interval-origin=0",
                    "role=Promoted",
                    "requires=x",
                    "Timeout=7",
                    "name=x",
                    "id=y",
                ],
            );
        }
        if self.dice.once_in(4) {
            words.push("OCF_CHECK_LEVEL=10".to_owned());
        } else if self.dice.once_in(12) {
            // parameters without their keyword
            words.push(self.set());
        }
        if self.dice.once_in(5) {
            let set = self.set();
            words.push(format!("op_params {set}"));
        }
        if self.dice.once_in(6) {
            let set = self.set();
            words.push(format!("op_meta {set}"));
        }
        words.join(" ")
    }

    pub(super) fn body(&mut self, words: &mut Vec<String>) {
        self.description(words);
        if self.dice.once_in(4) {
            words.push(self.set());
        }
        for _ in 0..self.dice.roll(3) {
            let set = self.set();
            words.push(format!("{} {set}", self.dice.pick(BODIES)));
        }
        if self.dice.once_in(9) {
            self.count += 1;
            words.push(match self.dice.roll(3) {
                0 => format!("operations $id-ref=p{}", 1 + self.dice.roll(5)),
                _ => format!("operations $id=ops{}", self.count),
            });
        }
        for _ in 0..self.dice.roll(3) {
            words.push(self.op());
        }
        if self.dice.once_in(8) {
            let set = self.set();
            words.push(format!("meta {set}"));
            if self.dice.once_in(3) {
                words.push(self.op());
            }
        }
    }

    pub(super) fn agent(&mut self) -> &'static str {
        self.dice.pick(&[
            "Dummy",
            "Dummy",
            "ocf:heartbeat:Dummy",
            "ocf:pacemaker:Dummy",
            "lsb:x",
            "systemd:y",
            "stonith:null",
            "IPaddr2",
            "ocf:heartbeat:nosuch",
            "ocf:x",
            "OCF:heartbeat:Dummy",
        ])
    }
}
