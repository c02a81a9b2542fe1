//! Clusters made from a seed: sound configurations, so all laws must hold for what is planned.

use std::fmt::Write as _;

use cib_model::Cib;

use crate::mutation::Dice;

/// What a generated cluster is made from. The same numbers give the same cluster; `prefix` is what
/// all ids of resources begin with.
#[derive(Clone, Copy, Debug)]
pub struct Recipe<'a> {
    /// Decides everything else.
    pub seed: u64,
    /// Begin of each resource's id.
    pub prefix: &'a str,
    /// Whether a resource that is disabled and unrelated is there too.
    pub spare: bool,
}

impl Recipe<'_> {
    /// Makes the CIB.
    ///
    /// # Panics
    /// Where what is written here is no CIB.
    pub fn cib(self) -> Cib {
        let mut dice = Dice::new(self.seed);
        let nodes = 1 + dice.below(4);
        let count = 1 + dice.below(7);
        let mut text = String::from(
            "<cib validate-with=\"pacemaker-3.9\" crm_feature_set=\"3.19.0\" have-quorum=\"1\" \
             dc-uuid=\"1\" epoch=\"1\" num_updates=\"0\" admin_epoch=\"0\"><configuration>\
             <crm_config><cluster_property_set id=\"cib-bootstrap-options\">",
        );
        let fencing = dice.below(2) == 0;
        let _ = write!(
            text,
            "<nvpair id=\"o1\" name=\"fencing-enabled\" value=\"{fencing}\"/>\
             </cluster_property_set></crm_config><nodes>"
        );
        for node in 1..=nodes {
            let standby = if dice.below(8) == 0 { "on" } else { "off" };
            let _ = write!(
                text,
                "<node id=\"{node}\" uname=\"n{node}\"><instance_attributes id=\"a{node}\"><nvpair \
                 id=\"a{node}-s\" name=\"standby\" value=\"{standby}\"/></instance_attributes></node>"
            );
        }
        text += "</nodes><resources>";
        if fencing {
            text += "<primitive id=\"zz-fence\" class=\"stonith\" type=\"fence_dummy\"/>";
        }
        let kinds: Vec<usize> = (0..count).map(|_| dice.below(5)).collect();
        for (at, kind) in kinds.iter().enumerate() {
            text += &self.resource(at, *kind, &mut dice);
        }
        if self.spare {
            text += "<primitive id=\"zzz-spare\" class=\"ocf\" provider=\"pacemaker\" \
                     type=\"Dummy\"><meta_attributes id=\"zzz-m\"><nvpair id=\"zzz-r\" \
                     name=\"target-role\" value=\"Stopped\"/></meta_attributes></primitive>";
        }
        text += "</resources><constraints>";
        let tops: Vec<String> =
            kinds.iter().enumerate().map(|(at, kind)| self.top(at, *kind)).collect();
        text += &self.constraints(&tops, nodes, &mut dice);
        text += "</constraints></configuration><status>";
        for node in 1..=nodes {
            text += &self.state(node, &kinds, fencing && dice.below(6) == 0, &mut dice);
        }
        text += "</status></cib>";
        Cib::read(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    fn top(self, at: usize, kind: usize) -> String {
        let kind = ["", "", "-group", "-clone", "-clone"][kind];
        format!("{}{at}{kind}", self.prefix)
    }

    fn resource(self, at: usize, kind: usize, dice: &mut Dice) -> String {
        let id = format!("{}{at}", self.prefix);
        let top = self.top(at, kind);
        let agent = if kind == 4 { "Stateful" } else { "Dummy" };
        let primitive = |id: &str, meta: &str| {
            format!(
                "<primitive id=\"{id}\" class=\"ocf\" provider=\"pacemaker\" type=\"{agent}\">{meta}\
                 <operations><op id=\"{id}-m\" name=\"monitor\" interval=\"10s\"/></operations>\
                 </primitive>"
            )
        };
        let sticky = dice.below(3) * 50;
        let extra = match dice.below(5) {
            0 => format!("<nvpair id=\"{id}-t\" name=\"target-role\" value=\"Stopped\"/>"),
            1 => format!("<nvpair id=\"{id}-a\" name=\"allow-migrate\" value=\"true\"/>"),
            _ => String::new(),
        };
        let promotable = if kind == 4 {
            format!("<nvpair id=\"{id}-p\" name=\"promotable\" value=\"true\"/>")
        } else {
            String::new()
        };
        let meta = format!(
            "<meta_attributes id=\"{id}-meta\"><nvpair id=\"{id}-k\" name=\"resource-stickiness\" \
             value=\"{sticky}\"/>{extra}{promotable}</meta_attributes>"
        );
        match kind {
            0 | 1 => primitive(&id, &meta),
            2 => {
                let members: String =
                    ["a", "b", "c"].iter().map(|m| primitive(&format!("{id}{m}"), "")).collect();
                format!("<group id=\"{top}\">{meta}{members}</group>")
            }
            _ => format!("<clone id=\"{top}\">{meta}{}</clone>", primitive(&id, "")),
        }
    }

    /// Constraints point from later resources to earlier ones only, so nothing loops.
    fn constraints(self, tops: &[String], nodes: usize, dice: &mut Dice) -> String {
        let mut text = String::new();
        for number in 0..dice.below(2 * tops.len()) {
            let then = dice.below(tops.len());
            let score = ["INFINITY", "100", "-100", "10", "-INFINITY"][dice.below(5)];
            match dice.below(3) {
                0 => {
                    let node = 1 + dice.below(nodes);
                    let _ = write!(
                        text,
                        "<rsc_location id=\"l{number}\" rsc=\"{}\" node=\"n{node}\" \
                         score=\"{score}\"/>",
                        tops[then]
                    );
                }
                kind if then > 0 => {
                    let first = dice.below(then);
                    let _ = if kind == 1 {
                        write!(
                            text,
                            "<rsc_colocation id=\"c{number}\" rsc=\"{}\" with-rsc=\"{}\" \
                             score=\"{score}\"/>",
                            tops[then], tops[first]
                        )
                    } else {
                        write!(
                            text,
                            "<rsc_order id=\"o{number}\" first=\"{}\" then=\"{}\"/>",
                            tops[first], tops[then]
                        )
                    };
                }
                _ => {}
            }
        }
        text
    }

    fn state(self, node: usize, kinds: &[usize], lost: bool, dice: &mut Dice) -> String {
        let (member, online) = if lost { ("false", "offline") } else { ("true", "online") };
        let mut history = String::new();
        for (at, kind) in kinds.iter().enumerate() {
            let ids = match kind {
                2 => ["a", "b", "c"].iter().map(|m| format!("{}{at}{m}", self.prefix)).collect(),
                _ => vec![format!("{}{at}", self.prefix)],
            };
            let active = if *kind >= 3 { dice.below(2) == 0 } else { node == 1 + at % 3 };
            for id in ids {
                let fails = dice.below(9) == 0;
                let (operation, rc) = match (active, fails) {
                    (true, true) => ("monitor", 1),
                    (true, false) => ("start", 0),
                    (false, _) => ("monitor", 7),
                };
                let target = if operation == "start" { 0 } else { 7 };
                let agent = if *kind == 4 { "Stateful" } else { "Dummy" };
                let status = if rc == target { 0 } else { 4 };
                let _ = write!(
                    history,
                    "<lrm_resource id=\"{id}\" class=\"ocf\" provider=\"pacemaker\" \
                     type=\"{agent}\"><lrm_rsc_op id=\"{id}_last_0\" \
                     operation_key=\"{id}_{operation}_0\" operation=\"{operation}\" \
                     crm_feature_set=\"3.19.0\" transition-key=\"1:1:{target}:x\" \
                     transition-magic=\"{status}:{rc};1:1:{target}:x\" call-id=\"{}\" \
                     rc-code=\"{rc}\" op-status=\"{status}\" interval=\"0\" \
                     last-rc-change=\"1767225000\"/></lrm_resource>",
                    5 + at
                );
            }
        }
        format!(
            "<node_state id=\"{node}\" uname=\"n{node}\" in_ccm=\"{member}\" crmd=\"{online}\" \
             join=\"member\" expected=\"member\"><lrm id=\"{node}\"><lrm_resources>{history}\
             </lrm_resources></lrm></node_state>"
        )
    }
}
