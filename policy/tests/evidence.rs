//! Evidence in words: twenty small clusters, and what is said of each.

use std::fmt::Write as _;

use cib_model::Cib;
use policy::{Options, Scheduled, schedule};

/// 1 January 2026.
const NOW: i64 = 1_767_225_600;

/// A cluster of online nodes n1, n2, …, written bit by bit.
#[derive(Default)]
struct Cluster {
    options: String,
    nodes: String,
    resources: String,
    constraints: String,
    states: String,
    tickets: String,
}

impl Cluster {
    fn new(nodes: usize) -> Self {
        let mut cluster = Cluster::default();
        for number in 1..=nodes {
            cluster = cluster.node(number, "", "", "");
        }
        cluster.option("fencing-enabled", "false")
    }

    /// Replaces a node: its attributes, its transient attributes, its history.
    fn node(mut self, number: usize, attrs: &str, transient: &str, history: &str) -> Self {
        let marker = format!("<!--n{number}-->");
        for text in [&mut self.nodes, &mut self.states] {
            *text = text
                .lines()
                .filter(|l| !l.contains(&marker))
                .fold(String::new(), |a, l| a + l + "\n");
        }
        let pairs = |text: &str, set: &str| {
            let pair = |word: &str| {
                let (name, value) = word.split_once('=').unwrap_or((word, ""));
                format!("<nvpair id=\"{set}-{name}\" name=\"{name}\" value=\"{value}\"/>")
            };
            text.split_whitespace().map(pair).collect::<String>()
        };
        let set = format!("n{number}-attrs");
        let _ = writeln!(
            self.nodes,
            "{marker}<node id=\"{number}\" uname=\"n{number}\"><instance_attributes id=\"{set}\">{}\
             </instance_attributes></node>",
            pairs(attrs, &set)
        );
        let set = format!("status-{number}");
        let _ = writeln!(
            self.states,
            "{marker}<node_state id=\"{number}\" uname=\"n{number}\" in_ccm=\"true\" \
             crmd=\"online\" join=\"member\" expected=\"member\"><transient_attributes \
             id=\"{number}\"><instance_attributes id=\"{set}\">{}</instance_attributes>\
             </transient_attributes><lrm id=\"{number}\"><lrm_resources>{history}</lrm_resources>\
             </lrm></node_state>",
            pairs(transient, &set)
        );
        self
    }

    /// Makes a node one that left without a word.
    fn lost(mut self, number: usize) -> Self {
        let marker = format!("<!--n{number}-->");
        self.states = self.states.lines().fold(String::new(), |all, line| {
            let line = if line.contains(&marker) {
                line.replace("in_ccm=\"true\"", "in_ccm=\"false\"")
                    .replace("crmd=\"online\"", "crmd=\"offline\"")
            } else {
                line.to_owned()
            };
            all + &line + "\n"
        });
        self
    }

    fn option(mut self, name: &str, value: &str) -> Self {
        let pair = format!("<nvpair id=\"o-{name}\" name=\"{name}\" value=\"{value}\"/>");
        self.options = self
            .options
            .lines()
            .filter(|l| !l.contains(&format!("o-{name}\"")))
            .fold(String::new(), |all, line| all + line + "\n")
            + &pair
            + "\n";
        self
    }

    fn resources(mut self, xml: &str) -> Self {
        self.resources += xml;
        self
    }

    fn constraints(mut self, xml: &str) -> Self {
        self.constraints += xml;
        self
    }

    fn schedule(&self) -> Scheduled {
        let text = format!(
            "<cib validate-with=\"pacemaker-3.9\" crm_feature_set=\"3.19.0\" have-quorum=\"1\" \
             dc-uuid=\"1\" epoch=\"1\" num_updates=\"0\" admin_epoch=\"0\"><configuration>\
             <crm_config><cluster_property_set id=\"cib-bootstrap-options\">{}\
             </cluster_property_set></crm_config><nodes>{}</nodes><resources>{}</resources>\
             <constraints>{}</constraints></configuration><status>{}<tickets>{}</tickets></status>\
             </cib>",
            self.options, self.nodes, self.resources, self.constraints, self.states, self.tickets
        );
        let cib = Cib::read(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        schedule(&cib, &Options { now: NOW, sanitized: false, trace: true })
    }

    /// Returns what is said of a resource.
    fn why(&self, rsc: &str) -> String {
        let scheduled = self.schedule();
        let rsc = scheduled.plan.facts.rsc_by_id(rsc).unwrap_or_else(|| panic!("no {rsc}"));
        policy::render::why::why(&scheduled.plan, &scheduled.transition, rsc, None)
    }
}

fn primitive(id: &str, inside: &str) -> String {
    format!(
        "<primitive id=\"{id}\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\">{inside}</primitive>"
    )
}

fn meta(rsc: &str, pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        format!("<nvpair id=\"{rsc}-{name}\" name=\"{name}\" value=\"{value}\"/>")
    };
    let pairs: String = pairs.iter().map(pair).collect();
    format!("<meta_attributes id=\"{rsc}-meta\">{pairs}</meta_attributes>")
}

/// One history entry; `rc` 0 of a start = active.
fn history(rsc: &str, operation: &str, rc: u32, target: u32) -> String {
    let status = if rc == target { 0 } else { 4 };
    format!(
        "<lrm_resource id=\"{rsc}\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"><lrm_rsc_op \
         id=\"{rsc}_last_0\" operation_key=\"{rsc}_{operation}_0\" operation=\"{operation}\" \
         crm_feature_set=\"3.19.0\" transition-key=\"1:1:{target}:x\" \
         transition-magic=\"{status}:{rc};1:1:{target}:x\" call-id=\"5\" rc-code=\"{rc}\" \
         op-status=\"{status}\" interval=\"0\" last-rc-change=\"1767225000\" exec-time=\"1\"/>\
         </lrm_resource>"
    )
}

#[track_caller]
fn says(text: &str, line: &str) {
    assert!(text.lines().any(|l| l == line), "not said: {line}\nin:\n{text}");
}

#[track_caller]
fn begins(text: &str, start: &str) {
    assert!(text.lines().any(|l| l.starts_with(start)), "not said: {start}…\nin:\n{text}");
}

#[test]
fn a_location_is_named_with_its_score() {
    let cluster = Cluster::new(2)
        .resources(&primitive("db", ""))
        .constraints("<rsc_location id=\"db-likes-n2\" rsc=\"db\" node=\"n2\" score=\"50\"/>");
    let text = cluster.why("db");
    says(&text, "db is assigned to n2");
    says(&text, "db on n1: 0 allowed = 0");
    says(&text, "db on n2: +50 location db-likes-n2 = 50");
}

#[test]
fn a_ban_wins_over_everything() {
    let cluster = Cluster::new(2).resources(&primitive("db", "")).constraints(
        "<rsc_location id=\"cli-ban\" rsc=\"db\" node=\"n1\" score=\"-INFINITY\"/>\
         <rsc_location id=\"love\" rsc=\"db\" node=\"n1\" score=\"INFINITY\"/>",
    );
    let text = cluster.why("db");
    says(&text, "db is assigned to n2");
    says(&text, "db on n1: +INFINITY location love, -INFINITY location cli-ban = -INFINITY");
}

#[test]
fn a_rule_is_named_with_its_constraint() {
    let cluster = Cluster::new(2).resources(&primitive("db", "")).constraints(
        "<rsc_location id=\"db-rule\" rsc=\"db\"><rule id=\"db-rule-1\" score=\"300\">\
         <expression id=\"db-rule-1-e\" attribute=\"#uname\" operation=\"eq\" value=\"n2\"/></rule>\
         </rsc_location>",
    );
    says(&cluster.why("db"), "db on n2: +300 location db-rule, rule db-rule-1 = 300");
}

#[test]
fn stickiness_counts_where_it_runs() {
    let sticky = meta("db", &[("resource-stickiness", "200")]);
    let cluster = Cluster::new(2)
        .node(1, "", "", &history("db", "start", 0, 0))
        .resources(&primitive("db", &sticky))
        .constraints("<rsc_location id=\"db-likes-n2\" rsc=\"db\" node=\"n2\" score=\"50\"/>");
    let text = cluster.why("db");
    says(&text, "db is assigned to n1");
    says(&text, "db on n1: +200 stickiness = 200");
    says(&text, "db on n2: +50 location db-likes-n2 = 50");
}

#[test]
fn a_group_member_follows_the_one_before_it() {
    let members = primitive("fs", "") + &primitive("db", "");
    let cluster = Cluster::new(2)
        .resources(&format!("<group id=\"g\">{members}</group>"))
        .constraints("<rsc_location id=\"g-likes-n2\" rsc=\"g\" node=\"n2\" score=\"50\"/>");
    let text = cluster.why("g");
    says(&text, "fs on n2: +50 location g-likes-n2 = 50");
    says(&text, "db on n1: -INFINITY colocation #group-members (db with fs) = -INFINITY");
    begins(&text, "db start on n2: will be done, after ");
}

#[test]
fn a_clone_has_one_instance_a_node() {
    let cluster =
        Cluster::new(2).resources(&format!("<clone id=\"c\">{}</clone>", primitive("web", "")));
    let text = cluster.why("c");
    let banned = "no room for an instance here = -INFINITY";
    let lines = text.lines().filter(|l| l.starts_with("web:") && l.ends_with(banned)).count();
    assert_eq!(lines, 1, "{text}");
}

#[test]
fn a_promotion_has_its_reasons() {
    let promotable = meta("c", &[("promotable", "true")]);
    let cluster = Cluster::new(2)
        .node(2, "", "master-db=10", "")
        .resources(&format!("<clone id=\"c\">{promotable}{}</clone>", primitive("db", "")))
        .constraints(
            "<rsc_location id=\"prefer\" rsc=\"c\" role=\"Promoted\" node=\"n1\" score=\"5\"/>",
        );
    let text = cluster.why("c");
    let promotions = text.lines().filter(|l| l.contains(" promotion: ")).collect::<Vec<_>>();
    assert_eq!(promotions.len(), 2, "{text}");
    assert!(text.contains("-1 no promotion score, +5 location prefer"), "{text}");
}

#[test]
fn a_mandatory_colocation_forbids_the_other_nodes() {
    let cluster =
        Cluster::new(2).resources(&(primitive("fs", "") + &primitive("db", ""))).constraints(
            "<rsc_location id=\"fs-on-n2\" rsc=\"fs\" node=\"n2\" score=\"100\"/>\
         <rsc_colocation id=\"db-with-fs\" rsc=\"db\" with-rsc=\"fs\" score=\"INFINITY\"/>",
        );
    let text = cluster.why("db");
    says(&text, "db on n1: -INFINITY colocation db-with-fs (db with fs) = -INFINITY");
    says(&text, "db is assigned to n2");
}

#[test]
fn a_dependent_draws_its_primary() {
    let cluster =
        Cluster::new(2).resources(&(primitive("fs", "") + &primitive("db", ""))).constraints(
            "<rsc_location id=\"db-on-n2\" rsc=\"db\" node=\"n2\" score=\"100\"/>\
         <rsc_colocation id=\"db-with-fs\" rsc=\"db\" with-rsc=\"fs\" score=\"INFINITY\"/>",
        );
    let text = cluster.why("fs");
    says(&text, "fs on n2: +100 colocation db-with-fs (db with fs) = 100");
    says(&text, "fs is assigned to n2");
}

#[test]
fn failures_up_to_the_threshold_ban() {
    let threshold = meta("db", &[("migration-threshold", "2")]);
    let failures = "fail-count-db#monitor_10000=2 last-failure-db#monitor_10000=1767225000";
    let cluster = Cluster::new(2).node(1, "", failures, "").resources(&primitive("db", &threshold));
    let text = cluster.why("db");
    says(&text, "db on n1: -INFINITY migration-threshold reached = -INFINITY");
    says(&text, "db is assigned to n2");
}

#[test]
fn node_health_counts_by_its_strategy() {
    let cluster = Cluster::new(2)
        .option("node-health-strategy", "migrate-on-red")
        .node(1, "", "#health-disk=red", "")
        .resources(&primitive("db", ""));
    says(&cluster.why("db"), "db on n1: -INFINITY node health (migrate-on-red) = -INFINITY");
}

#[test]
fn a_node_in_standby_is_named_so() {
    let cluster = Cluster::new(2).node(1, "standby=on", "", "").resources(&primitive("db", ""));
    let text = cluster.why("db");
    begins(&text, "db on n1 (in standby): ");
    says(&text, "db is assigned to n2");
}

#[test]
fn a_lost_node_is_fenced_before_its_resources_are_recovered() {
    let cluster = Cluster::new(2)
        .option("fencing-enabled", "true")
        .node(2, "", "", &history("db", "start", 0, 0))
        .lost(2)
        .resources(
            &("<primitive id=\"fence\" class=\"stonith\" type=\"fence_dummy\"/>".to_owned()
                + &primitive("db", "")),
        );
    let text = cluster.why("db");
    begins(&text, "db on n2 (unclean): ");
    let start = text.lines().find(|l| l.starts_with("db start on n1")).unwrap_or_default();
    assert!(start.contains("stonith on n2"), "{text}");
    let scheduled = cluster.schedule();
    let fence = scheduled.plan.actions.cluster_action("stonith-n2-reboot").expect("fenced");
    assert_eq!(
        scheduled.plan.actions[fence].reason.as_deref(),
        Some("peer is no longer part of the cluster")
    );
}

#[test]
fn a_ticket_that_is_not_granted_bans_everywhere() {
    let cluster = Cluster::new(1).resources(&primitive("db", "")).constraints(
        "<rsc_ticket id=\"db-ticket\" rsc=\"db\" ticket=\"site-a\" loss-policy=\"stop\"/>",
    );
    let text = cluster.why("db");
    says(&text, "db on n1: -INFINITY ticket site-a not granted = -INFINITY");
    says(&text, "db is assigned to no node");
}

#[test]
fn a_constraint_on_a_template_counts_for_its_resources() {
    let cluster = Cluster::new(2)
        .resources(
            "<template id=\"t\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"/>\
             <primitive id=\"a\" template=\"t\"/><primitive id=\"b\" template=\"t\"/>",
        )
        .constraints("<rsc_location id=\"t-off-n1\" rsc=\"t\" node=\"n1\" score=\"-10\"/>");
    for rsc in ["a", "b"] {
        says(&cluster.why(rsc), &format!("{rsc} on n1: -10 location t-off-n1 = -10"));
    }
}

#[test]
fn a_set_colocates_each_with_the_one_before_it() {
    let all = primitive("a", "") + &primitive("b", "") + &primitive("c", "");
    let cluster = Cluster::new(2).resources(&all).constraints(
        "<rsc_colocation id=\"abc\" score=\"INFINITY\"><resource_set id=\"abc-0\">\
         <resource_ref id=\"a\"/><resource_ref id=\"b\"/><resource_ref id=\"c\"/></resource_set>\
         </rsc_colocation>",
    );
    let text = cluster.why("b");
    assert!(text.contains("-INFINITY colocation abc"), "{text}");
}

#[test]
fn a_node_without_room_is_forbidden() {
    let uses =
        "<utilization id=\"db-u\"><nvpair id=\"db-cpu\" name=\"cpu\" value=\"8\"/></utilization>";
    let mut cluster = Cluster::new(2)
        .option("placement-strategy", "utilization")
        .resources(&(primitive("db", uses) + &primitive("web", "")))
        .constraints("<rsc_colocation id=\"w\" rsc=\"web\" with-rsc=\"db\" score=\"INFINITY\"/>");
    cluster.nodes = cluster.nodes.replace(
        "uname=\"n2\">",
        "uname=\"n2\"><utilization id=\"n2-u\"><nvpair id=\"n2-cpu\" name=\"cpu\" value=\"8\"/>\
         </utilization>",
    );
    let text = cluster.why("db");
    begins(&text, "db on n1: -INFINITY not enough capacity");
    says(&text, "db is assigned to n2");
}

#[test]
fn a_probe_that_finds_no_agent_bans_there() {
    let cluster = Cluster::new(2)
        .node(1, "", "", &history("db", "monitor", 5, 7))
        .resources(&primitive("db", ""));
    let text = cluster.why("db");
    begins(&text, "db on n1: -INFINITY operation failed here");
    says(&text, "db is assigned to n2");
}

#[test]
fn what_is_blocked_by_a_failure_says_so() {
    // A stop that failed, and no fencing to help.
    let cluster = Cluster::new(2)
        .node(1, "", "", &history("db", "stop", 1, 0))
        .resources(&primitive("db", ""));
    let text = cluster.why("db");
    begins(&text, "db is assigned to n1, blocked by a failure");
}

#[test]
fn an_ordering_blocks_what_comes_after() {
    let cluster =
        Cluster::new(1).resources(&(primitive("fs", "") + &primitive("db", ""))).constraints(
            "<rsc_location id=\"no-fs\" rsc=\"fs\" node=\"n1\" score=\"-INFINITY\"/>\
         <rsc_order id=\"fs-db\" first=\"fs\" then=\"db\"/>",
        );
    let text = cluster.why("db");
    let start = text.lines().find(|l| l.starts_with("db start on n1: blocked: "));
    assert!(start.is_some_and(|l| l.contains("fs start cannot be done")), "{text}");
}

#[test]
fn an_opt_in_cluster_allows_nothing_by_itself() {
    let cluster =
        Cluster::new(2).option("symmetric-cluster", "false").resources(&primitive("db", ""));
    let text = cluster.why("db");
    says(&text, "db on n1: not allowed (nothing speaks for it)");
    says(&text, "db is assigned to no node");
}

#[test]
fn no_quorum_is_what_blocks_a_start() {
    let cluster = Cluster::new(1).resources(&primitive("db", ""));
    let scheduled = {
        let mut cluster = cluster;
        cluster.options += "<nvpair id=\"q\" name=\"no-quorum-policy\" value=\"stop\"/>";
        cluster.option("fencing-enabled", "false").schedule()
    };
    // With quorum nothing is blocked; the reason appears only where it is lost.
    assert!(scheduled.transition.synapses.iter().any(|s| s.action.reference.operation == "start"));
}

#[test]
fn nothing_is_recorded_unless_asked() {
    let cib = Cib::read("<cib><configuration/></cib>").expect("a CIB");
    let scheduled = schedule(&cib, &Options::default());
    assert!(scheduled.plan.trace.lines.is_empty());
}
