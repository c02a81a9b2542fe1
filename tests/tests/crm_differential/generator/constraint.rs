//! Constraints.

use super::Generator;

impl Generator {
    pub(super) fn qualified(&mut self, qualifiers: &[&str]) -> String {
        let rsc = self.rsc();
        if self.dice.once_in(3) { format!("{rsc}:{}", self.dice.pick(qualifiers)) } else { rsc }
    }

    /// Members of a constraint: simple or as sets.
    pub(super) fn members(&mut self, qualifiers: &[&str]) -> String {
        if self.dice.once_in(2) {
            return format!("{} {}", self.qualified(qualifiers), self.qualified(qualifiers));
        }
        let mut words = Vec::new();
        if self.dice.once_in(5) {
            words.push("_rsc_set_".to_owned());
        }
        for _ in 0..1 + self.dice.roll(3) {
            let (open, close) =
                [("", ""), ("( ", " )"), ("[ ", " ]"), ("(", ")"), ("[", "]")][self.dice.roll(5)];
            let refs: Vec<String> =
                (0..1 + self.dice.roll(3)).map(|_| self.qualified(qualifiers)).collect();
            let flag = self.dice.pick(&[
                "",
                "",
                "",
                " sequential=true",
                " require-all=false",
                " sequential=no",
                " require-all=TRUE",
                " sequential=x",
                " sequential=false=x",
            ]);
            words.push(format!("{open}{}{flag}{close}", refs.join(" ")));
        }
        words.join(" ")
    }

    pub(super) fn location(&mut self) -> String {
        let id = self.id("l");
        let mut words = vec!["location".to_owned(), id];
        words.push(match self.dice.roll(6) {
            0 => "/web-.*/".to_owned(),
            1 => format!("{{ {} }}", self.members(&["Master", "Started", "x"])),
            2 => self.dice.pick(&["\"/a b/\"", "//", "/", "{ }", "/a/b/"]).to_owned(),
            _ => self.rsc(),
        });
        for _ in 0..self.dice.roll(3) {
            self.add(
                &mut words,
                &[
                    "",
                    "",
                    "resource-discovery=never",
                    "role=Master",
                    "$role=Started",
                    "role=Promoted",
                    "x=y",
                    "resource-discovery=\"\"",
                    "description=\"a b\"",
                ],
            );
        }
        if self.dice.once_in(2) {
            words.push(self.score());
            self.add(&mut words, &["node1", "node2", "nowhere", "5x", "a:b"]);
            if self.dice.once_in(6) {
                self.add(&mut words, &["role=Slave", "$role=Master"]);
            }
        } else {
            for _ in 0..1 + self.dice.roll(2) {
                words.push(self.rule());
            }
        }
        words.retain(|w| !w.is_empty());
        words.join(" ")
    }

    pub(super) fn colocation(&mut self) -> String {
        let id = self.id("co");
        let keyword = self.dice.pick(&["colocation", "collocation", "Colocation"]);
        let roles = ["Master", "Slave", "Started", "Promoted", "0", "1", "x", "master", "Stopped"];
        let members = self.members(&roles);
        let tail = self.dice.pick(&[
            "",
            "",
            "",
            " node-attribute=Rack",
            " Node-Attribute=x",
            " node-attribute=",
        ]);
        if self.spoils && self.dice.once_in(20) {
            return format!("{keyword} {id} {members}{tail}");
        }
        format!("{keyword} {id} {} {members}{tail}", self.score())
    }

    pub(super) fn order(&mut self) -> String {
        let id = self.id("o");
        let kind = match self.dice.roll(4) {
            0 => self.score(),
            1 => String::new(),
            _ => format!(
                "{}:",
                self.dice.pick(&[
                    "Mandatory",
                    "Optional",
                    "Serialize",
                    "optional",
                    "serialize",
                    "Bogus"
                ])
            ),
        };
        let actions = ["start", "stop", "promote", "demote", "0", "Start", "x", "monitor", "3"];
        let members = self.members(&actions);
        let tail = self.dice.pick(&[
            "",
            "",
            " symmetrical=no",
            " symmetrical=true",
            " symmetrical=On",
            " symmetrical=x",
        ]);
        format!("order {id} {kind} {members}{tail}")
    }

    pub(super) fn ticket(&mut self) -> String {
        let id = self.id("tk");
        let ticket = self.dice.pick(&["T:", "ticketA:", "\"a b:\"", "T"]);
        let members = match self.dice.roll(2) {
            0 => self.qualified(&["Master", "x"]),
            _ => self.members(&["Master", "Slave"]),
        };
        let tail = self.dice.pick(&[
            "",
            " loss-policy=stop",
            " loss-policy=fence",
            " loss-policy=x",
            " Loss-Policy=freeze",
        ]);
        format!("rsc_ticket {id} {ticket} {members}{tail}")
    }
}
