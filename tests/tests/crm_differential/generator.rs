//! Random statements over the whole configure language.
//!
//! Most are right; some name what is not there, some are right but odd, and some have a word
//! dropped, doubled, moved or replaced. Words are quoted in every way that crm reads.

use crate::dice::Dice;

const NAMES: &[&str] = &[
    "a",
    "b",
    "c-d",
    "e.f",
    "_g",
    "target-role",
    "is-managed",
    "OCF_CHECK_LEVEL",
    "passwd",
    "1x",
    "role",
    "h:i",
    "sequential",
    "description",
    "id",
    "interval",
    "Timeout",
    "value",
];
const VALUES: &[&str] = &[
    "1",
    "abc",
    "10s",
    "a.b-c_d",
    "x y",
    "it's",
    "q\"q",
    "",
    "50%",
    "a:b",
    "/tmp/x",
    "a=b",
    "$x",
    "@x",
    "#x",
    "(x)",
    "[x]",
    "{x}",
    "a,b",
    "a;b",
    "<a>&b",
    "*",
    "!x",
    " lead",
    "trail ",
    "a\\b",
    "Master",
    "Promoted",
    "true",
    "-1",
    "~",
    "`x`",
    "a  b",
    "x:",
    "rule",
    "params",
    "'",
    "&amp;",
    "http://x.y/z?q=1&r=2",
    "a|b",
    "^$",
    "x{y}",
    "a\tb",
];
const SCORES: &[&str] = &[
    "inf",
    "-inf",
    "+inf",
    "INFINITY",
    "-INFINITY",
    "100",
    "-5",
    "+7",
    "0",
    "mandatory",
    "advisory",
    "Mandatory",
    "infinity",
    "myattr",
    "Inf",
    "1.5",
    "a-b",
    "-infinity",
    "00",
];
const EXPRESSIONS: &[&str] = &[
    "#uname eq node1",
    "#uname ne node2",
    "defined pingd",
    "not_defined pingd",
    "pingd number:lte 0",
    "v version:gt 1.2",
    "date gt 2009-05-26",
    "date lt 2010-01-01T00:00:00Z",
    "date lt \"2010-01-01 10:00\"",
    "date in start=2009-05-26 end=2010-05-26",
    "date in_range start=2009-05-26 years=1",
    "date spec hours=9-17 weekdays=1-5",
    "date date_spec months=1 moon=4 weekyears=3",
    "load lt param{cpu_load}",
    "load lt meta{x}",
    "load lt literal{5}",
    "#kind eq remote",
    "date IN start=a end=b",
    "date spec hours=",
    "Date gt 1",
    "date in end=2010 start=2009 hours=3 months=2",
    "date eq 5",
    "date spec yeardays=1",
    "date in start=2009-05-26",
    "date spec hours=1 hours=2",
    "x integer:lt 5",
    "x lt",
    "x gte a=b",
    "date spec yearsdays=5 weeks=3",
    "date spec seconds=1 minutes=5",
    "date in start=2009-05-26 seconds=3",
    "load gt meta{y} and",
    "a:b eq 1",
];
const BODIES: &[&str] = &["params", "meta", "utilization", "Params", "META"];
const NOISE: &[&str] = &[
    "params",
    "meta",
    "rule",
    "op",
    "operations",
    "$id=zz",
    "$id-ref=p1",
    "inf:",
    "x=y",
    "x",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "node1",
    "p1",
    "p2:Master",
    "p3:start",
    "@p1",
    "$a:b=c",
    "date",
    "and",
    "or",
    "defined",
    "eq",
    "description=d",
    "sequential=true",
    "require-all=no",
    "_rsc_set_",
    "node-attribute=R",
    "symmetrical=no",
    "loss-policy=stop",
    "attributes",
    "to",
    "select",
    "100:",
    "role=Slave",
    "$role=Started",
    "xpath:/x",
    "read",
    "a:b:c",
    "\"\"",
    "=",
    "=x",
    "$=",
    "@",
    ":",
    "$id=",
    "utilization",
    "network",
    "#uname",
    "p1:bogus",
    "start=1",
];

/// The configuration that statements speak about.
pub(crate) struct Generator {
    dice: Dice,
    count: usize,
    free: Vec<String>,
    resources: Vec<String>,
    /// Whether words of statements are spoilt now and then.
    spoils: bool,
    /// Whether ids of objects that exist are used again now and then.
    repeats: bool,
    made: Vec<String>,
    /// Whether the statements are for a text: every operation has its interval first, XML has no
    /// quotes around it.
    is_text: bool,
}

impl Generator {
    /// Makes a generator. `wild` lets it make mistakes.
    pub(crate) fn new(seed: u64, wild: bool) -> Self {
        Generator {
            dice: Dice::new(seed),
            count: 0,
            free: Vec::new(),
            resources: Vec::new(),
            spoils: wild,
            repeats: wild,
            made: Vec::new(),
            is_text: false,
        }
    }

    /// Makes statements for a text: every operation has its interval first, XML has no quotes
    /// around it.
    pub(crate) fn for_a_text(mut self) -> Self {
        self.is_text = true;
        self
    }

    /// Makes `count` statements, resources first.
    pub(crate) fn statements(&mut self, count: usize) -> Vec<String> {
        let mut lines = vec!["rsc_template t1 Dummy params a=b op monitor interval=9".to_owned()];
        for _ in 0..count / 3 {
            lines.push(self.primitive());
        }
        while lines.len() < count {
            let line = self.statement();
            lines.push(if self.spoils && self.dice.once_in(7) { self.spoil(&line) } else { line });
        }
        lines
    }

    fn statement(&mut self) -> String {
        match self.dice.roll(25) {
            24 => self.xml(),
            0 => self.node(),
            1 => self.template(),
            2 | 3 => self.group(),
            4 => self.clone_resource(),
            5 => self.bundle(),
            6..=9 => self.location(),
            10..=12 => self.colocation(),
            13..=15 => self.order(),
            16 => self.ticket(),
            17 => self.property(),
            18 => self.fencing(),
            19 => self.role(),
            20 => self.principal(),
            21 => self.tag(),
            22 => self.alert(),
            _ => self.monitor(),
        }
    }

    fn id(&mut self, prefix: &str) -> String {
        if self.repeats && !self.made.is_empty() && self.dice.once_in(25) {
            return self.dice.draw(&self.made.clone());
        }
        self.count += 1;
        let mut id = format!("{prefix}{}", self.count);
        if self.dice.once_in(9) {
            id.push_str(self.dice.pick(&["-x", ".y", "_z", "-Instance_attributes"]));
        }
        if self.spoils && self.dice.once_in(60) {
            id = self.dice.pick(&["1a", "a b", "-a", "a:b", "a/b", "a+b", "$a", "#b"]).to_owned();
        }
        self.made.push(id.clone());
        let id = word(&mut self.dice, &id);
        if self.spoils && self.dice.once_in(50) { format!("id={id}") } else { id }
    }

    fn rsc(&mut self) -> String {
        if self.spoils && self.dice.once_in(40) {
            return "nowhere".to_owned();
        }
        if self.resources.is_empty() { "p1".to_owned() } else { self.dice.draw(&self.resources) }
    }

    fn value(&mut self) -> String {
        self.dice.pick(VALUES).to_owned()
    }

    fn pair(&mut self) -> String {
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

    fn score(&mut self) -> String {
        format!("{}:", self.dice.pick(SCORES))
    }

    fn rule(&mut self) -> String {
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
    fn set(&mut self) -> String {
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

    fn description(&mut self, words: &mut Vec<String>) {
        if self.dice.once_in(8) {
            let value = self.value();
            words.push(assign(&mut self.dice, "description", &value));
        }
    }

    fn op(&mut self) -> String {
        let mut words = vec!["op".to_owned()];
        words.push(self.dice.pick(&["monitor", "start", "stop", "promote", "notify"]).to_owned());
        if self.is_text {
            words.push(self.dice.pick(&["interval=10s", "interval=0", "interval=1m"]).to_owned());
        }
        for _ in 0..self.dice.roll(4) {
            words.push(
                self.dice
                    .pick(&[
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
                    ])
                    .to_owned(),
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

    fn body(&mut self, words: &mut Vec<String>) {
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

    fn agent(&mut self) -> &'static str {
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

    fn primitive(&mut self) -> String {
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

    fn template(&mut self) -> String {
        let id = self.id("t");
        let mut words = vec!["rsc_template".to_owned(), id, self.agent().to_owned()];
        self.body(&mut words);
        words.join(" ")
    }

    fn node(&mut self) -> String {
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

    fn take_free(&mut self) -> Option<String> {
        if self.free.is_empty() {
            return None;
        }
        let at = self.dice.roll(self.free.len());
        let rsc = self.free.swap_remove(at);
        self.resources.retain(|other| *other != rsc);
        Some(rsc)
    }

    fn container_tail(&mut self, words: &mut Vec<String>) {
        self.description(words);
        if self.dice.once_in(6) {
            words.push(self.set());
        }
        for _ in 0..self.dice.roll(3) {
            let set = self.set();
            words.push(format!("{} {set}", self.dice.pick(&["meta", "params", "meta"])));
        }
    }

    fn group(&mut self) -> String {
        let id = self.id("g");
        let mut words = vec!["group".to_owned(), id.clone()];
        for _ in 0..1 + self.dice.roll(3) {
            words.extend(self.take_free());
        }
        self.container_tail(&mut words);
        self.resources.push(id);
        words.join(" ")
    }

    fn clone_resource(&mut self) -> String {
        let id = self.id("c");
        let keyword = self.dice.pick(&["clone", "clone", "ms", "master"]);
        let mut words = vec![keyword.to_owned(), id.clone()];
        words.push(self.take_free().unwrap_or_else(|| "p1".to_owned()));
        self.container_tail(&mut words);
        self.resources.push(id);
        words.join(" ")
    }

    fn bundle(&mut self) -> String {
        let id = self.id("b");
        let mut words = vec!["bundle".to_owned(), id.clone()];
        self.description(&mut words);
        words.push(
            self.dice
                .pick(&[
                    "docker image=x",
                    "docker image=\"a b\" replicas=3",
                    "docker",
                    "rkt image=x",
                ])
                .to_owned(),
        );
        if self.dice.once_in(2) {
            words.push("network ip-range-start=1.2.3.4".to_owned());
            for _ in 0..self.dice.roll(3) {
                words.push(
                    self.dice
                        .pick(&[
                            "port-mapping port=80",
                            "port-mapping id=pm port=81 internal-port=8",
                            "port-mapping",
                        ])
                        .to_owned(),
                );
            }
        }
        if self.dice.once_in(2) {
            words.push("storage".to_owned());
            for _ in 0..1 + self.dice.roll(2) {
                words.push(
                    self.dice
                        .pick(&[
                            "storage-mapping source-dir=/srv target-dir=/x options=rw",
                            "storage-mapping id=sm source-dir-root=/a target-dir=\"/x y\"",
                        ])
                        .to_owned(),
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

    fn qualified(&mut self, qualifiers: &[&str]) -> String {
        let rsc = self.rsc();
        if self.dice.once_in(3) { format!("{rsc}:{}", self.dice.pick(qualifiers)) } else { rsc }
    }

    /// Members of a constraint: simple or as sets.
    fn members(&mut self, qualifiers: &[&str]) -> String {
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

    fn location(&mut self) -> String {
        let id = self.id("l");
        let mut words = vec!["location".to_owned(), id];
        words.push(match self.dice.roll(6) {
            0 => "/web-.*/".to_owned(),
            1 => format!("{{ {} }}", self.members(&["Master", "Started", "x"])),
            2 => self.dice.pick(&["\"/a b/\"", "//", "/", "{ }", "/a/b/"]).to_owned(),
            _ => self.rsc(),
        });
        for _ in 0..self.dice.roll(3) {
            words.push(
                self.dice
                    .pick(&[
                        "",
                        "",
                        "resource-discovery=never",
                        "role=Master",
                        "$role=Started",
                        "role=Promoted",
                        "x=y",
                        "resource-discovery=\"\"",
                        "description=\"a b\"",
                    ])
                    .to_owned(),
            );
        }
        if self.dice.once_in(2) {
            words.push(self.score());
            words.push(self.dice.pick(&["node1", "node2", "nowhere", "5x", "a:b"]).to_owned());
            if self.dice.once_in(6) {
                words.push(self.dice.pick(&["role=Slave", "$role=Master"]).to_owned());
            }
        } else {
            for _ in 0..1 + self.dice.roll(2) {
                words.push(self.rule());
            }
        }
        words.retain(|w| !w.is_empty());
        words.join(" ")
    }

    fn colocation(&mut self) -> String {
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

    fn order(&mut self) -> String {
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

    fn ticket(&mut self) -> String {
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

    fn property(&mut self) -> String {
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

    fn fencing(&mut self) -> String {
        let mut words = vec![self.dice.pick(&["fencing_topology", "fencing-topology"]).to_owned()];
        for _ in 0..self.dice.roll(6) {
            words.push(
                self.dice
                    .pick(&[
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
                    ])
                    .to_owned(),
            );
        }
        words.join(" ")
    }

    fn right(&mut self) -> String {
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
            words.push(
                self.dice
                    .pick(&[
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
                    ])
                    .to_owned(),
            );
        }
        words.join(" ")
    }

    fn role(&mut self) -> String {
        let id = self.id("r");
        let mut words = vec!["role".to_owned(), id];
        self.description(&mut words);
        for _ in 0..1 + self.dice.roll(3) {
            words.push(self.right());
        }
        words.join(" ")
    }

    fn principal(&mut self) -> String {
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

    fn tag(&mut self) -> String {
        let id = self.id("tag");
        let colon = self.dice.pick(&["", "", ":"]);
        let mut refs: Vec<String> = (0..1 + self.dice.roll(3)).map(|_| self.rsc()).collect();
        if self.dice.once_in(4) {
            refs.push("t1".to_owned());
        }
        format!("tag {id}{colon} {}", refs.join(" "))
    }

    fn alert(&mut self) -> String {
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

    fn xml(&mut self) -> String {
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

    fn monitor(&mut self) -> String {
        let rsc = self.qualified(&["Master", "Started", "x", "0", "a:b"]);
        let interval = self.dice.pick(&["10s", "10s:20s", "30", "1m:", "x", "5:6:7"]);
        format!("monitor {rsc} {interval}")
    }

    /// Spoils a word of a statement.
    fn spoil(&mut self, line: &str) -> String {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        if words.len() < 2 {
            return line.to_owned();
        }
        let at = 1 + self.dice.roll(words.len() - 1);
        match self.dice.roll(5) {
            0 => {
                words.remove(at);
            }
            1 => words.insert(at, words[at].clone()),
            2 => words.truncate(at.max(1)),
            3 => words.insert(at, self.dice.pick(NOISE).to_owned()),
            _ => words[at] = self.dice.pick(NOISE).to_owned(),
        }
        words.join(" ")
    }
}

/// Lays lines out as a file: continued, with comments, in either end of line.
pub(crate) fn file(seed: u64, lines: &[String]) -> String {
    let mut dice = Dice::new(seed);
    let mut text = String::new();
    for line in lines {
        if dice.once_in(9) {
            text.push_str(dice.pick(&["# a comment\n", "#b\n#  c\n", "\n", "   # d\n"]));
        }
        let end = dice.pick(&["\n", "\n", "\n", "\r\n", " \n", "\t\n\n"]);
        // a blank outside quotes may become a continuation
        let (mut quote, mut escaped) = (None, false);
        for c in line.chars() {
            let is_free = quote.is_none() && !escaped;
            match c {
                ' ' if is_free && dice.once_in(6) => text.push_str(" \\\n\t"),
                _ => text.push(c),
            }
            escaped = c == '\\' && !escaped && quote != Some('\'');
            match c {
                '"' | '\'' if is_free => quote = Some(c),
                c if quote == Some(c) && !(escaped && c == '"') => quote = None,
                _ => {}
            }
        }
        text.push_str(end);
    }
    if dice.once_in(2) {
        text.truncate(text.trim_end().len());
    }
    text
}

/// Quotes a word, in one of the ways that crm reads.
fn word(dice: &mut Dice, text: &str) -> String {
    let is_plain = !text.is_empty() && !text.contains([' ', '"', '\'', '\\', '\t']);
    if is_plain && dice.roll(6) > 0 {
        return text.to_owned();
    }
    let double = || format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    match dice.roll(4) {
        0 if !text.contains('\'') => format!("'{text}'"),
        1 if !text.is_empty() => {
            let escaped = text.chars().map(|c| match c {
                ' ' | '"' | '\'' | '\\' | '\t' => format!("\\{c}"),
                c => c.to_string(),
            });
            // a backslash at the end of a line would join it with the next
            let escaped: String = escaped.collect();
            if escaped.ends_with(' ') { double() } else { escaped }
        }
        _ => double(),
    }
}

/// `NAME=VALUE`, with the word or the value in quotes.
fn assign(dice: &mut Dice, name: &str, value: &str) -> String {
    if dice.once_in(4) {
        return word(dice, &format!("{name}={value}"));
    }
    format!("{name}={}", word(dice, value))
}
