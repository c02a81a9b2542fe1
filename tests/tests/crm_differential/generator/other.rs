//! Nodes, properties, fencing, rights, tags, alerts, XML.

use super::Generator;

impl Generator {
    pub(super) fn node(&mut self) -> String {
        let mut words = vec!["node".to_owned()];
        self.count += 1;
        match self.dice.roll(5) {
            0 => words.push(format!("{}:", self.count)),
            1 => words.push(format!("$id=\"{} x\"", self.count)),
            2 => words.push(format!("$id={}", self.count)),
            _ => {}
        }
        let kind = self.dice.pick(&["", "", ":remote", ":member", ":ping", ":normal", ":x"]);
        let name = match self.dice.roll(8) {
            0 => "node1".to_owned(),
            1 => "node2".to_owned(),
            _ => format!("n{}", self.count),
        };
        words.push(format!("{name}{kind}"));
        self.description(&mut words);
        for _ in 0..self.dice.roll(3) {
            let set = self.set();
            let keyword = self.dice.pick(&["attributes ", "utilization ", "", "Attributes "]);
            words.push(format!("{keyword}{set}"));
        }
        words.join(" ")
    }

    pub(super) fn property(&mut self) -> String {
        let keyword = self.dice.pick(&["property", "rsc_defaults", "op_defaults", "Property"]);
        let mut words = vec![keyword.to_owned()];
        self.count += 1;
        match self.dice.roll(6) {
            0 => words.push(format!("set{}:", self.count)),
            1 => words.push(format!("$id=set{}", self.count)),
            2 => words.push(format!("$id=\"set {}\"", self.count)),
            3 if self.dice.once_in(4) => {
                return format!("{keyword} $id-ref=set{}", 1 + self.dice.roll(self.count));
            }
            _ => {}
        }
        // crm reads its own text back only where the rules come first
        if words.len() > 1 && self.dice.once_in(3) {
            words.push(self.rule());
        }
        for _ in 0..1 + self.dice.roll(3) {
            words.push(self.pair());
        }
        words.join(" ")
    }

    pub(super) fn fencing(&mut self) -> String {
        let mut words = vec![self.dice.pick(&["fencing_topology", "fencing-topology"]).to_owned()];
        for _ in 0..self.dice.roll(6) {
            self.add(
                &mut words,
                &[
                    "node1:",
                    "node2:",
                    "attr:rack=1",
                    "attr:rack=2",
                    "pattern:node.*",
                    "st1",
                    "st2",
                    "st1,st2",
                    "st1",
                    "\"a b\"",
                    "attr:a=b.c",
                    "Pattern:x",
                ],
            );
        }
        words.join(" ")
    }

    pub(super) fn right(&mut self) -> String {
        let kind = self.dice.pick(&["read", "write", "deny", "Read"]);
        let mut words = vec![kind.to_owned()];
        if self.dice.once_in(6) {
            self.count += 1;
            words.push(match self.dice.roll(2) {
                0 => format!("$id=right{}", self.count),
                _ => format!("right{}:", self.count),
            });
        }
        self.description(&mut words);
        for _ in 0..1 + self.dice.roll(2) {
            self.add(
                &mut words,
                &[
                    "xpath:/cib",
                    "xpath:\"//nodes\"",
                    "xpath:\"//primitive[@id='a']\"",
                    "ref:p1",
                    "reference:p2",
                    "tag:primitive",
                    "type:node",
                    "type:node attr:x",
                    "tag:x attribute:y",
                    "meta:a",
                    "meta:a:target-role",
                    "params:p1:x",
                    "utilization:p1",
                    "location:p1",
                    "property",
                    "property:x",
                    "nodeattr",
                    "nodeattr:x",
                    "nodeutil",
                    "nodeutil:n",
                    "node",
                    "node:n",
                    "status",
                    "cib",
                    "meta",
                    "attr:x",
                    "xpath:",
                ],
            );
        }
        words.join(" ")
    }

    pub(super) fn role(&mut self) -> String {
        let id = self.id("r");
        let mut words = vec!["role".to_owned(), id];
        self.description(&mut words);
        for _ in 0..1 + self.dice.roll(3) {
            words.push(self.right());
        }
        words.join(" ")
    }

    pub(super) fn principal(&mut self) -> String {
        let id = self.id("u");
        match self.dice.roll(3) {
            0 => {
                let item = if self.dice.once_in(2) { "role:r1".to_owned() } else { self.right() };
                format!("user {id} {item} role:r2")
            }
            1 => format!("acl_target {id} r3"),
            _ => format!("acl_target {id} r1 r2"),
        }
    }

    pub(super) fn tag(&mut self) -> String {
        let id = self.id("tag");
        let colon = self.dice.pick(&["", "", ":"]);
        let mut refs: Vec<String> = (0..1 + self.dice.roll(3)).map(|_| self.rsc()).collect();
        if self.dice.once_in(4) {
            refs.push("t1".to_owned());
        }
        format!("tag {id}{colon} {}", refs.join(" "))
    }

    pub(super) fn alert(&mut self) -> String {
        let id = self.id("al");
        let path = self.dice.pick(&["/p", "\"/p q\"", "\"\"", "relative"]);
        let mut words = vec!["alert".to_owned(), id, path.to_owned()];
        self.description(&mut words);
        for _ in 0..self.dice.roll(4) {
            let item = match self.dice.roll(4) {
                0 => {
                    let set = self.set();
                    format!("{} {set}", self.dice.pick(&["attributes", "meta"]))
                }
                1 => self
                    .dice
                    .pick(&[
                        "select nodes",
                        "select fencing resources",
                        "select",
                        "select attributes { standby master }",
                        "select nodes attributes { a }",
                    ])
                    .to_owned(),
                2 => {
                    let set = self.set();
                    let description = self.dice.pick(&["", "", " description=\"a b\""]);
                    format!("to {{ x{description} meta {set} }}")
                }
                _ => {
                    let set = self.set();
                    let to =
                        self.dice.pick(&["to /dev/null", "to 1.2.3.4", "to { y }", "to \"a b\""]);
                    if self.dice.once_in(2) {
                        to.to_owned()
                    } else {
                        format!("{to} attributes {set}")
                    }
                }
            };
            words.push(item);
        }
        words.join(" ")
    }

    pub(super) fn xml(&mut self) -> String {
        self.count += 1;
        let n = self.count;
        let xml = match self.dice.roll(7) {
            0 => format!(r#"<primitive id="x{n}" class="ocf" provider="x" type="y"/>"#),
            1 => {
                format!(r#"<rsc_location id="x{n}" rsc="{}" node="node1" score="5"/>"#, self.rsc())
            }
            2 => format!(r#"<rsc_order id="x{n}" first="p1" then="p2" score="INFINITY"/>"#),
            3 => format!(r#"<tag id="x{n}"><obj_ref id="p1"/></tag>"#),
            4 => format!(
                r#"<cluster_property_set id="x{n}"><nvpair id="x{n}-a" name="a" value="b"/></cluster_property_set>"#
            ),
            5 => format!(r#"<bogus id="x{n}"/>"#),
            _ => format!(r#"<primitive id="x{n}" class="ocf" type="y">"#),
        };
        if self.is_text { format!("xml {xml}") } else { format!("xml '{xml}'") }
    }
}
