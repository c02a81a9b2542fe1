//! What a simulated transition leaves in the CIB, and in which order it runs.

use cib_model::Cib;
use cib_model::xml::ElementRef;

use super::{Event, Fault, Injected, Injections, Modification, Simulation, inject, run};
use crate::graph::{ActionKind, ActionRef, GraphAction, GraphResource, Synapse, Transition};

const CIB: &str = r#"<cib><configuration><nodes><node id="1" uname="n1"/></nodes></configuration>
<status><node_state id="1" uname="n1"/></status></cib>"#;

fn synapse(id: u32, operation: &str, interval: &str, inputs: &[u32]) -> Synapse {
    let reference = |id: u32| ActionRef {
        id: id + 1,
        kind: ActionKind::Resource,
        cib_only: false,
        operation: operation.to_owned(),
        operation_key: format!("r_{operation}_{interval}"),
        internal_operation_key: None,
        on_node: Some("n1".to_owned()),
        on_node_uuid: Some("1".to_owned()),
        router_node: None,
    };
    let action = GraphAction {
        reference: reference(id),
        shutdown_lock: None,
        resource: Some(GraphResource {
            element: "primitive".to_owned(),
            id: "r".to_owned(),
            long_id: None,
            class: Some("ocf".to_owned()),
            provider: Some("pacemaker".to_owned()),
            kind: Some("Dummy".to_owned()),
        }),
        attributes: vec![("CRM_meta_interval".to_owned(), interval.to_owned())],
        params: Vec::new(),
        downed: None,
        maintenance: None,
    };
    Synapse { id, priority: 0, action, inputs: inputs.iter().map(|i| reference(*i)).collect() }
}

fn simulate(synapses: Vec<Synapse>, faults: &[Fault]) -> Simulation {
    let cib = Cib::read(CIB).unwrap();
    let transition = Transition { synapses, start_failure_is_fatal: true, ..Transition::default() };
    run(&cib, &transition, faults, &|_| true, 1_700_000_000)
}

fn told(simulation: &Simulation) -> Vec<String> {
    simulation.events.iter().map(Event::to_string).collect()
}

#[test]
fn a_later_synapse_follows_in_the_same_pass_and_an_earlier_one_in_the_next() {
    let synapses = vec![
        synapse(0, "monitor", "10000", &[2]),
        synapse(1, "stop", "0", &[]),
        synapse(2, "start", "0", &[1]),
    ];
    let simulation = simulate(synapses, &[]);
    let lines = [
        "Resource action: r               stop on n1",
        "Resource action: r               start on n1",
        "Resource action: r               monitor=10000 on n1",
    ];
    assert_eq!(told(&simulation), lines);
    assert!(simulation.complete);
    let state = simulation.cib.root().child("status").unwrap().child("node_state").unwrap();
    let ids: Vec<_> = state.descendants().filter(|e| e.name() == "lrm_rsc_op").collect();
    let ids: Vec<_> = ids.iter().filter_map(|e| Some((e.id()?, e.attr("call-id")?))).collect();
    assert_eq!(ids, [("r_last_0", "2"), ("r_monitor_10000", "3")]);
}

#[test]
fn a_wished_failure_is_recorded_and_ends_what_depends_on_it() {
    let synapses = vec![synapse(0, "start", "0", &[]), synapse(1, "monitor", "10000", &[0])];
    let fault = Fault::parse("R_start_0@n1=1");
    let simulation = simulate(synapses, &[fault]);
    assert_eq!(told(&simulation)[1], "Pretending action 1 failed with rc=1");
    let set = [
        "Injecting attribute fail-count-r#start_0=INFINITY into /node_state '1'",
        "Injecting attribute last-failure-r#start_0=1700000000 into /node_state '1'",
    ];
    assert_eq!(told(&simulation)[2..], set);
    let xml = simulation.cib.root();
    let count = xml.descendants().find(|e| e.attr("name") == Some("fail-count-r#start_0"));
    assert_eq!(count.and_then(|c| c.attr("value")), Some("INFINITY"));
    let failure = xml.descendants().find(|e| e.id() == Some("r_last_failure_0"));
    assert_eq!(failure.and_then(|f| f.attr("rc-code")), Some("1"));
}

#[test]
fn a_loop_is_told_as_a_transition_that_stalls() {
    let synapses = vec![synapse(0, "start", "0", &[1]), synapse(1, "stop", "0", &[0])];
    let simulation = simulate(synapses, &[]);
    assert!(!simulation.complete);
    assert!(simulation.events.is_empty());
}

#[test]
fn of_two_histories_with_one_id_the_first_takes_all_and_the_new_result_is_the_oldest() {
    let entry = |id: &str| format!(r#"<lrm_rsc_op id="{id}" call-id="5"/>"#);
    let histories = ["r_last_0x", "r_monitor_0x"]
        .map(|id| format!(r#"<lrm_resource id="r">{}</lrm_resource>"#, entry(id)));
    let lrm =
        format!("<lrm><lrm_resources>{}</lrm_resources></lrm></node_state>", histories.concat());
    let cib = CIB.replace(r#"uname="n1"/></status>"#, &format!(r#"uname="n1">{lrm}</status>"#));
    let cib = Cib::read(&cib).unwrap();
    let transition =
        Transition { synapses: vec![synapse(0, "stop", "0", &[])], ..Transition::default() };
    let simulation = run(&cib, &transition, &[], &|_| true, 1_700_000_000);
    let first = simulation.cib.root().descendants().find(|e| e.name() == "lrm_resource").unwrap();
    let entries: Vec<_> = first.children().map(|e| (e.id(), e.attr("call-id"))).collect();
    let want = [("r_last_0x", "5"), ("r_monitor_0x", "5"), ("r_last_0", "1")];
    assert_eq!(entries, want.map(|(id, call)| (Some(id), Some(call))));
}

fn injected(injections: &Injections) -> Injected {
    const INPUT: &str = r#"<cib have-quorum="1"><configuration><crm_config/><nodes>
        <node id="1" uname="n1"/></nodes><resources>
        <primitive id="r" class="ocf" provider="pacemaker" type="Dummy"/></resources>
        </configuration><status><node_state id="1" uname="n1" in_ccm="true" crmd="online"
        join="member" expected="member"><lrm id="1"/></node_state></status></cib>"#;
    let cib = Cib::read(INPUT).unwrap();
    let plan = crate::unpack::run(&cib, &crate::Options::default());
    inject(&cib, &plan, injections, 1_700_000_000)
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn state<'a>(injected: &'a Injected, uname: &str) -> ElementRef<'a> {
    let found = injected
        .cib
        .root()
        .descendants()
        .find(|e| e.name() == "node_state" && e.attr("uname") == Some(uname));
    found.unwrap()
}

#[test]
fn a_node_that_comes_online_is_configured_and_one_that_leaves_forgets() {
    let up = injected(&Injections { nodes_up: names(&["n2"]), ..Injections::default() });
    assert_eq!(up.modifications[0].to_string(), "Bringing node n2 online");
    assert_eq!(state(&up, "n2").attr("crmd"), Some("online"));
    let configured = up.cib.root().descendants().filter(|e| e.name() == "node").count();
    assert_eq!(configured, 2);
    let down = injected(&Injections { nodes_down: names(&["n1"]), ..Injections::default() });
    assert_eq!(state(&down, "n1").attr("join"), Some("down"));
    assert!(state(&down, "n1").child("lrm").is_none());
    let failed = injected(&Injections { nodes_fail: names(&["n1"]), ..Injections::default() });
    let attr = |name| state(&failed, "n1").attr(name);
    assert_eq!((attr("in_ccm"), attr("crmd")), (Some("false"), Some("online")));
    assert!(state(&failed, "n1").child("lrm").is_some());
}

#[test]
fn an_injected_failure_raises_the_fail_count_and_is_recorded() {
    let failed = injected(&Injections {
        operations: names(&["r_monitor_10000@n1=1"]),
        ..Injections::default()
    });
    let told: Vec<String> = failed.modifications.iter().map(Modification::to_string).collect();
    assert_eq!(told[1], "Injecting attribute fail-count-r#monitor_10000=1 into /node_state '1'");
    let entries = state(&failed, "n1").descendants().filter(|e| e.name() == "lrm_rsc_op");
    let ids: Vec<_> = entries.filter_map(ElementRef::id).collect();
    assert_eq!(ids, ["r_last_failure_0"]);
}

#[test]
fn what_cannot_be_injected_is_told_and_changes_nothing() {
    let specs = ["r", "r_monitor_0@n1", "r_monitor_0@n1=x", "nosuch_start_0@n1=1", "r@n1=1"];
    let refused = injected(&Injections { operations: names(&specs), ..Injections::default() });
    let want = [
        "Invalid operation spec: r.  Only found 1 fields",
        "Invalid operation spec: r_monitor_0@n1.  Only found 2 fields",
        "Invalid operation spec: r_monitor_0@n1=x.  Only found 2 fields",
        "Invalid resource name: nosuch",
        "Invalid resource name: (null)",
    ];
    assert_eq!(refused.errors, want);
    assert!(state(&refused, "n1").descendants().all(|e| e.name() != "lrm_rsc_op"));
}

#[test]
fn tickets_quorum_and_watchdog_are_set() {
    let set = injected(&Injections {
        quorum: Some("0".to_owned()),
        watchdog: Some("true".to_owned()),
        tickets_grant: names(&["t"]),
        tickets_standby: names(&["t"]),
        ..Injections::default()
    });
    let root = set.cib.root();
    assert_eq!(root.attr("have-quorum"), Some("0"));
    let watchdog = root.descendants().find(|e| e.attr("name") == Some("have-watchdog"));
    assert_eq!(watchdog.and_then(|w| w.attr("value")), Some("true"));
    let ticket = root.descendants().find(|e| e.name() == "ticket_state").unwrap();
    assert_eq!((ticket.attr("granted"), ticket.attr("standby")), (Some("true"), Some("true")));
    let told: Vec<String> = set.modifications.iter().map(Modification::to_string).collect();
    let want = [
        "Setting quorum: 0",
        "Setting watchdog: true",
        "Granting ticket t",
        "Making ticket t standby",
    ];
    assert_eq!(told, want);
}
