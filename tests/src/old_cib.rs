//! CIBs of old schemas that a seed decides, full of what the upgrades change: options of Pacemaker
//! 1.0, sets that others refer to, rules, lifetimes, masters, resources that are gone.

use std::fmt::Write as _;

use crate::mutation::Dice;

/// Which upgrade the CIB is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Age {
    /// Of schema 1.3, with access rights.
    One,
    /// Of schema 2.10.
    Two,
    /// Of schema 3.10.
    Three,
}

impl Age {
    fn schema(self) -> &'static str {
        match self {
            Age::One => "pacemaker-1.3",
            Age::Two => "pacemaker-2.10",
            Age::Three => "pacemaker-3.10",
        }
    }
}

const CLUSTER: [(&str, &str); 14] = [
    ("default-action-timeout", "20s"),
    ("default_action_timeout", "30s"),
    ("default-resource-stickiness", "5"),
    ("default_resource_failure_stickiness", "-INFINITY"),
    ("default-resource-failure-stickiness", "-10"),
    ("is-managed-default", "true"),
    ("no_quorum_policy", "ignore"),
    ("expected-quorum-votes", "2"),
    ("cluster-infrastructure", "cman"),
    ("cluster-infrastructure", "corosync"),
    ("stonith-action", "poweroff"),
    ("crmd-transition-delay", "1s"),
    ("remove-after-stop", "false"),
    ("symmetric-cluster", "true"),
];
const DEFAULTS: [(&str, &str); 6] = [
    ("timeout", "60s"),
    ("resource-stickiness", "1"),
    ("migration-threshold", "3"),
    ("is-managed", "true"),
    ("restart-type", "restart"),
    ("can_fail", "true"),
];
const PARAMETERS: [(&str, &str); 7] = [
    ("pcmk_arg_map", "port:plug"),
    ("pcmk_arg_map", "port:a,b:c"),
    ("pcmk_off_cmd", "off"),
    ("ip", "192.0.2.1"),
    ("nic", "eth0"),
    ("ip", "#default"),
    ("ip", "192.0.2.2"),
];
const META: [(&str, &str); 9] = [
    ("isolation", "true"),
    ("isolation-host", "h"),
    ("resource-failure-stickiness", "-INFINITY"),
    ("resource_failure_stickiness", "-5"),
    ("requires", "quorum"),
    ("timeout", "7"),
    ("target-role", "Started"),
    ("restart-type", "ignore"),
    ("priority", "1"),
];
const OPERATION: [(&str, &str); 8] = [
    ("requires", "fencing"),
    ("requires", "nothing"),
    ("timeout", "9"),
    ("on-fail", "block"),
    ("role", "Started"),
    ("interval-origin", "2000-01-01"),
    ("depth", "10"),
    ("can_fail", "true"),
];
/// Options that no CIB of schema 3 may have.
const GONE_BY_THREE: [&str; 11] = [
    "default-action-timeout",
    "default_action_timeout",
    "default-resource-stickiness",
    "default_resource_failure_stickiness",
    "default-resource-failure-stickiness",
    "is-managed-default",
    "no_quorum_policy",
    "expected-quorum-votes",
    "isolation",
    "isolation-host",
    "requires",
];
const SCORES: [&str; 8] = ["0", "1", "17", "-1", "-100", "INFINITY", "-INFINITY", "+INFINITY"];

/// A CIB being written.
struct Writer<'a> {
    dice: &'a mut Dice,
    age: Age,
    text: String,
    next: usize,
    /// Sets that stand so far: tag and id.
    sets: Vec<(&'static str, String)>,
    pairs: Vec<String>,
    rules: Vec<String>,
    resources: Vec<String>,
}

/// Writes the CIB of a sequence of numbers.
pub fn old_cib(age: Age, dice: &mut Dice) -> String {
    let mut writer = Writer {
        dice,
        age,
        text: String::new(),
        next: 0,
        sets: Vec::new(),
        pairs: Vec::new(),
        rules: Vec::new(),
        resources: Vec::new(),
    };
    writer.cib();
    writer.text
}

impl Writer<'_> {
    fn chance(&mut self, of: usize) -> bool {
        self.dice.below(of) == 0
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn id(&mut self, of: &str) -> String {
        self.next += 1;
        format!("{of}-{}", self.next)
    }

    fn cib(&mut self) {
        let schema = self.age.schema();
        let _ = write!(
            self.text,
            "<cib crm_feature_set=\"3.0.1\" validate-with=\"{schema}\" epoch=\"7\" \
             num_updates=\"3\" admin_epoch=\"1\"><configuration><crm_config>"
        );
        for _ in 0..self.dice.below(4) {
            self.set("cluster_property_set", &CLUSTER);
        }
        self.put("</crm_config><nodes>");
        let kind = ["member", "normal", "ping"];
        for name in ["n1", "n2"] {
            let kind = match self.age {
                Age::Three => kind[2 * self.dice.below(2)],
                _ => kind[self.dice.below(3)],
            };
            let _ = write!(self.text, "<node id=\"{name}\" uname=\"{name}\" type=\"{kind}\"/>");
        }
        self.put("</nodes><resources>");
        for _ in 0..=self.dice.below(4) {
            self.resource();
        }
        self.put("</resources><constraints>");
        for _ in 0..self.dice.below(5) {
            self.constraint();
        }
        self.put("</constraints>");
        self.levels();
        for defaults in ["op_defaults", "rsc_defaults"] {
            if self.chance(2) {
                let _ = write!(self.text, "<{defaults}>");
                for _ in 0..self.dice.below(3) {
                    self.set("meta_attributes", &DEFAULTS);
                }
                let _ = write!(self.text, "</{defaults}>");
            }
        }
        self.rights();
        self.put("</configuration><status/></cib>");
    }

    fn levels(&mut self) {
        if self.age == Age::Three && self.chance(3) {
            self.put("<fencing-topology>");
            for index in ["1", "9", "10", "77"] {
                let id = self.id("level");
                let device = self.resources.first().cloned().unwrap_or_default();
                let _ = write!(
                    self.text,
                    "<fencing-level id=\"{id}\" index=\"{index}\" target=\"n1\" \
                     devices=\"{device}\"/>"
                );
            }
            self.put("</fencing-topology>");
        }
    }

    fn rights(&mut self) {
        match self.age {
            Age::One => {
                self.put(
                    "<acls><acl_role id=\"role\"><write id=\"w\" tag=\"op\" attribute=\"x\"/>",
                );
                self.put("<read id=\"r\" ref=\"w\"/></acl_role>");
                self.put("<acl_user id=\"u\"><role_ref id=\"role\"/></acl_user>");
                if self.chance(2) {
                    self.put("<acl_user id=\"v\"><deny id=\"d\" xpath=\"/cib\" attribute=\"x\"/>");
                    self.put("<read id=\"e\" xpath=\"/cib/status\"/></acl_user>");
                }
                self.put("</acls>");
            }
            Age::Two => {}
            Age::Three => {
                self.put("<acls><acl_role id=\"role\">");
                for _ in 0..self.dice.below(3) {
                    let id = self.id("permission");
                    let known: Vec<String> = self
                        .pairs
                        .iter()
                        .chain(&self.rules)
                        .chain(&self.resources)
                        .cloned()
                        .collect();
                    let Some(to) = self.dice.pick(&known).cloned() else { continue };
                    let _ = write!(
                        self.text,
                        "<acl_permission id=\"{id}\" kind=\"read\" reference=\"{to}\"/>"
                    );
                }
                self.put("</acl_role></acls>");
            }
        }
    }

    /// A set of options, or a reference to one that stands before.
    fn set(&mut self, tag: &'static str, options: &[(&str, &str)]) {
        let before: Vec<String> =
            self.sets.iter().filter(|(name, _)| *name == tag).map(|(_, id)| id.clone()).collect();
        if tag != "cluster_property_set"
            && self.chance(4)
            && let Some(id) = self.dice.pick(&before).cloned()
        {
            let _ = write!(self.text, "<{tag} id-ref=\"{id}\"/>");
            return;
        }
        let id = self.id("set");
        let _ = write!(self.text, "<{tag} id=\"{id}\"");
        if self.chance(3) {
            let score = SCORES[self.dice.below(SCORES.len())];
            let _ = write!(self.text, " score=\"{score}\"");
        }
        self.put(">");
        if self.chance(4) {
            self.rule();
        }
        for _ in 0..self.dice.below(4) {
            let pair = self.id("pair");
            let (name, value) = options[self.dice.below(options.len())];
            let is_gone = GONE_BY_THREE.contains(&name) || value == "cman";
            if self.age == Age::Three && is_gone {
                continue;
            }
            let before = self.pairs.clone();
            match self.dice.below(12) {
                0 if self.age == Age::Three && !before.is_empty() => {
                    let to = &before[self.dice.below(before.len())];
                    let _ = write!(self.text, "<nvpair id-ref=\"{to}\" name=\"{name}\"/>");
                }
                1 if self.age == Age::Three => {
                    let _ = write!(self.text, "<nvpair id=\"{pair}\" name=\"{name}\"/>");
                    self.pairs.push(pair);
                }
                _ => {
                    let _ = write!(
                        self.text,
                        "<nvpair id=\"{pair}\" name=\"{name}\" value=\"{value}\"/>"
                    );
                    self.pairs.push(pair);
                }
            }
        }
        let _ = write!(self.text, "</{tag}>");
        self.sets.push((tag, id));
    }

    fn rule(&mut self) {
        let before = self.rules.clone();
        if self.chance(4)
            && let Some(id) = self.dice.pick(&before).cloned()
        {
            let _ = write!(self.text, "<rule id-ref=\"{id}\"/>");
            return;
        }
        let (rule, part) = (self.id("rule"), self.id("part"));
        let moon = if self.age == Age::Three && self.chance(4) { " moon=\"4\"" } else { "" };
        let _ = write!(
            self.text,
            "<rule id=\"{rule}\" score=\"5\"><date_expression id=\"{part}\" \
             operation=\"date_spec\"><date_spec id=\"{part}-s\" hours=\"9-16\"{moon}/>\
             </date_expression></rule>"
        );
        self.rules.push(rule);
    }

    fn resource(&mut self) {
        let legacy = self.age == Age::Three;
        match self.dice.below(if legacy { 6 } else { 4 }) {
            0 => self.around("group", 2),
            1 => self.around("clone", 1),
            2 => self.around("master", 1),
            4 if self.chance(2) => {
                let id = self.id("bundle");
                let kind = ["rkt", "docker"][self.dice.below(2)];
                let _ = write!(
                    self.text,
                    "<bundle id=\"{id}\"><{kind} image=\"i\" masters=\"1\"/><network/></bundle>"
                );
                self.resources.push(id);
            }
            5 => {
                let id = self.id("template");
                let class = ["upstart", "lsb", "nagios"][self.dice.below(3)];
                let _ = write!(self.text, "<template id=\"{id}\" class=\"{class}\" type=\"t\"/>");
                let made = self.id("rsc");
                let _ = write!(self.text, "<primitive id=\"{made}\" template=\"{id}\"/>");
                self.resources.push(made);
            }
            _ => self.primitive(),
        }
    }

    fn around(&mut self, tag: &str, members: usize) {
        let id = self.id(tag);
        let _ = write!(self.text, "<{tag} id=\"{id}\">");
        if self.chance(3) {
            self.set("meta_attributes", &META);
        }
        for _ in 0..members {
            self.primitive();
        }
        let _ = write!(self.text, "</{tag}>");
        self.resources.push(id);
    }

    fn primitive(&mut self) {
        let id = self.id("rsc");
        let class = match self.age {
            Age::Three => ["lsb", "upstart", "nagios", "lsb"][self.dice.below(4)],
            _ => "lsb",
        };
        let _ = write!(self.text, "<primitive id=\"{id}\" class=\"{class}\" type=\"t\">");
        for _ in 0..self.dice.below(3) {
            self.set("meta_attributes", &META);
        }
        for _ in 0..self.dice.below(3) {
            self.set("instance_attributes", &PARAMETERS);
        }
        self.put("<operations>");
        for name in ["start", "monitor", "promote"] {
            self.operation(name);
        }
        self.put("</operations></primitive>");
        self.resources.push(id);
    }

    fn operation(&mut self, name: &str) {
        if self.chance(3) {
            return;
        }
        let id = self.id("op");
        let _ = write!(self.text, "<op id=\"{id}\" name=\"{name}\" interval=\"5\"");
        if self.age != Age::Three && self.chance(4) {
            self.put(" requires=\"quorum\"");
        }
        self.put(">");
        for _ in 0..self.dice.below(3) {
            let tag = ["meta_attributes", "instance_attributes"][self.dice.below(2)];
            self.set(tag, &OPERATION);
        }
        self.put("</op>");
    }

    fn constraint(&mut self) {
        let resources = self.resources.clone();
        let (a, b) = (self.dice.below(resources.len()), self.dice.below(resources.len()));
        let (Some(a), Some(b)) = (resources.get(a), resources.get(b)) else { return };
        let id = self.id("constraint");
        match self.dice.below(4) {
            0 if self.age == Age::Three => {
                let _ = write!(
                    self.text,
                    "<rsc_colocation id=\"{id}\" rsc=\"{a}\" with-rsc=\"{b}\" score=\"3\">"
                );
                self.lifetime();
                self.put("</rsc_colocation>");
            }
            0 => {
                let score = ["score", "score-attribute", "score-attribute-mangle"];
                let score = score[self.dice.below(3)];
                let _ = write!(
                    self.text,
                    "<rsc_colocation id=\"{id}\" rsc=\"{a}\" with-rsc=\"{b}\" {score}=\"3\"/>"
                );
            }
            1 => {
                let set = self.id("resource-set");
                let _ = write!(self.text, "<rsc_order id=\"{id}\">");
                self.lifetime();
                let _ = write!(
                    self.text,
                    "<resource_set id=\"{set}\"><resource_ref id=\"{a}\"/>\
                     </resource_set></rsc_order>"
                );
            }
            2 => {
                let _ = write!(
                    self.text,
                    "<rsc_location id=\"{id}\" rsc=\"{a}\" node=\"n1\" score=\"INFINITY\">"
                );
                self.lifetime();
                self.put("</rsc_location>");
            }
            _ => {
                let _ = write!(self.text, "<rsc_location id=\"{id}\" rsc=\"{a}\">");
                let rules = if self.age == Age::Three { 1 + self.dice.below(3) } else { 1 };
                for _ in 0..rules {
                    self.rule();
                }
                self.lifetime();
                self.put("</rsc_location>");
            }
        }
    }

    fn lifetime(&mut self) {
        if self.age == Age::Three && self.chance(2) {
            self.put("<lifetime>");
            for _ in 0..=self.dice.below(2) {
                self.rule();
            }
            self.put("</lifetime>");
        }
    }
}
