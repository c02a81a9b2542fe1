//! Bad input: what is wrong is told as diagnostics in Pacemaker's words, and the rest is scheduled.

use cib_model::Cib;
use policy::diagnostics::Severity;
use policy::simulate::execute;
use policy::{Options, Scheduled, schedule};

const DUMMY: &str = "class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"";

fn cib(resources: &str, constraints: &str, history: [&str; 2]) -> Cib {
    let state = |number: usize, history: &str| {
        format!(
            "<node_state id=\"{number}\" uname=\"n{number}\" in_ccm=\"true\" crmd=\"online\" \
             join=\"member\" expected=\"member\"><lrm id=\"{number}\"><lrm_resources>{history}\
             </lrm_resources></lrm></node_state>"
        )
    };
    let text = format!(
        "<cib crm_feature_set=\"3.19.0\" have-quorum=\"1\"><configuration><crm_config>\
         <cluster_property_set id=\"o\"><nvpair id=\"o1\" name=\"fencing-enabled\" \
         value=\"false\"/></cluster_property_set></crm_config><nodes><node id=\"1\" uname=\"n1\"/>\
         <node id=\"2\" uname=\"n2\"/></nodes><resources>{resources}</resources>\
         <constraints>{constraints}</constraints></configuration><status>{}{}</status></cib>",
        state(1, history[0]),
        state(2, history[1])
    );
    Cib::read(&text).expect("a CIB")
}

fn run(resources: &str, constraints: &str) -> Scheduled {
    schedule(&cib(resources, constraints, ["", ""]), &Options::default())
}

#[track_caller]
fn tells(scheduled: &Scheduled, severity: Severity, message: &str) {
    let list = &scheduled.plan.diagnostics.list;
    let found = list.iter().any(|d| d.severity == severity && d.message == message);
    assert!(found, "not told: {message}\nin: {list:#?}");
}

fn primitives(ids: &[&str]) -> String {
    ids.iter().map(|id| format!("<primitive id=\"{id}\" {DUMMY}/>")).collect()
}

fn starts(scheduled: &Scheduled) -> usize {
    let all = scheduled.transition.synapses.iter();
    all.filter(|s| s.action.reference.operation == "start").count()
}

#[test]
fn constraints_on_what_does_not_exist_are_left_out() {
    let scheduled = run(
        &primitives(&["a"]),
        "<rsc_order id=\"o\" first=\"nosuch\" then=\"a\"/>\
         <rsc_location id=\"l\" rsc=\"nosuch\" node=\"n1\" score=\"1\"/>\
         <rsc_colocation id=\"c\" rsc=\"a\" with-rsc=\"nosuch\" score=\"INFINITY\"/>\
         <rsc_ticket id=\"t\" rsc=\"nosuch\" ticket=\"x\"/>",
    );
    for id in ["o", "l", "c", "t"] {
        let message =
            format!("Ignoring constraint '{id}' because 'nosuch' is not a valid resource or tag");
        tells(&scheduled, Severity::Error, &message);
    }
    assert_eq!(starts(&scheduled), 1);
}

#[test]
fn a_configuration_that_refers_to_itself_too_often_is_not_written_out() {
    let pairs: String =
        (0..150).map(|n| format!("<nvpair id=\"v{n}\" name=\"v{n}\" value=\"x\"/>")).collect();
    let template = format!(
        "<template id=\"t\" {DUMMY}><instance_attributes id=\"s\">{pairs}</instance_attributes>\
         </template>"
    );
    let made: String =
        (0..1_800).map(|n| format!("<primitive id=\"p{n}\" template=\"t\"/>")).collect();
    let scheduled = run(&format!("{template}{made}"), "");
    tells(
        &scheduled,
        Severity::Error,
        "Ignoring resource 'p1799': with its template the configuration would become too large",
    );
    assert!((1..1_800).contains(&starts(&scheduled)), "{}", starts(&scheduled));

    let refer = |n: usize| {
        format!("<primitive id=\"p{n}\" {DUMMY}><instance_attributes id-ref=\"s\"/></primitive>")
    };
    let referring: String = (0..1_800).map(refer).collect();
    let scheduled = run(&format!("{template}{referring}"), "");
    tells(
        &scheduled,
        Severity::Error,
        "Ignoring instance_attributes with id-ref 's': the configuration would become too large",
    );
    assert_eq!(starts(&scheduled), 1_800);
}

#[test]
fn a_group_without_members_is_left_out() {
    let scheduled = run(&format!("<group id=\"g\"/>{}", primitives(&["a"])), "");
    tells(&scheduled, Severity::Error, "Group g has no members");
    assert_eq!(starts(&scheduled), 1);
}

#[test]
fn orderings_that_loop_make_a_transition_that_ends_unfinished() {
    // As in the reference: nobody says so before the transition is carried out.
    let cib = cib(
        &primitives(&["a", "b"]),
        "<rsc_order id=\"ab\" first=\"a\" then=\"b\"/><rsc_order id=\"ba\" first=\"b\" then=\"a\"/>",
        ["", ""],
    );
    let scheduled = schedule(&cib, &Options::default());
    let broken = policy::check::check(&scheduled.plan, &scheduled.transition);
    assert!(broken.iter().any(|v| v.law == policy::check::Law::Acyclic), "{broken:?}");
    let simulation = execute(&scheduled.plan, &cib, &scheduled.transition, &[], 0);
    assert!(!simulation.complete);
}

#[test]
fn a_container_inside_of_what_it_contains_is_left_out() {
    let contained = |id: &str, by: &str| {
        format!(
            r#"<primitive id="{id}" class="ocf" provider="pacemaker" type="Dummy"><meta_attributes
            id="{id}-m"><nvpair id="{id}-c" name="container" value="{by}"/></meta_attributes></primitive>"#
        )
    };
    let scheduled = run(&(contained("a", "b") + &contained("b", "c") + &contained("c", "a")), "");
    tells(&scheduled, Severity::Error, "Resource c: container a is inside of it");
}

#[test]
fn colocations_that_loop_end() {
    let scheduled = run(
        &primitives(&["a", "b", "c"]),
        "<rsc_colocation id=\"ab\" rsc=\"a\" with-rsc=\"b\" score=\"INFINITY\"/>\
         <rsc_colocation id=\"bc\" rsc=\"b\" with-rsc=\"c\" score=\"INFINITY\"/>\
         <rsc_colocation id=\"ca\" rsc=\"c\" with-rsc=\"a\" score=\"INFINITY\"/>",
    );
    assert_eq!(starts(&scheduled), 3);
}

#[test]
fn what_is_colocated_with_its_own_bundle_ends() {
    let bundle = format!(
        "<bundle id=\"b\"><podman image=\"i\" replicas=\"2\"/><network control-port=\"3121\"/>\
         <primitive id=\"inner\" {DUMMY}/></bundle>"
    );
    let loops = "<rsc_colocation id=\"c\" rsc=\"inner\" with-rsc=\"b\" score=\"100\"/>";
    assert!(starts(&run(&bundle, loops)) > 0);
}

#[test]
fn more_instances_than_a_cluster_can_hold_are_not_made() {
    let clone = format!(
        "<clone id=\"c\"><meta_attributes id=\"m\"><nvpair id=\"m1\" name=\"clone-max\" \
         value=\"1000000000\"/></meta_attributes><primitive id=\"a\" {DUMMY}/></clone>"
    );
    let scheduled = run(&clone, "");
    tells(&scheduled, Severity::Warning, "Using 1000 instances of c instead of clone-max 1000000");
    assert_eq!(starts(&scheduled), 3, "one a node, and the clone's own");
}

#[test]
fn history_that_has_a_resource_twice_is_told() {
    let active = format!(
        "<lrm_resource id=\"a\" {DUMMY}><lrm_rsc_op id=\"a_last_0\" operation_key=\"a_start_0\" \
         operation=\"start\" transition-key=\"1:1:0:x\" transition-magic=\"0:0;1:1:0:x\" \
         call-id=\"3\" rc-code=\"0\" op-status=\"0\" interval=\"0\"/></lrm_resource>"
    );
    let cib = cib(&primitives(&["a"]), "", [&active, &active]);
    let scheduled = schedule(&cib, &Options::default());
    let message = "ocf resource a might be active on 2 nodes (attempting recovery)";
    tells(&scheduled, Severity::Error, message);
    let stops = scheduled.transition.synapses.iter();
    assert_eq!(stops.filter(|s| s.action.reference.operation == "stop").count(), 2);
}

#[test]
fn scores_and_kinds_that_are_none_are_told() {
    let scheduled = run(
        &primitives(&["a", "b"]),
        "<rsc_location id=\"l\" rsc=\"a\" node=\"n1\" score=\"many\"/>\
         <rsc_order id=\"o\" first=\"a\" then=\"b\" kind=\"Perhaps\"/>",
    );
    let message = "Ignoring location constraint l because 'many' is not a valid score";
    tells(&scheduled, Severity::Error, message);
    let list = &scheduled.plan.diagnostics.list;
    assert!(
        list.iter().any(|d| d.message.contains("Resetting 'kind' for constraint o")),
        "{list:?}"
    );
}
