//! What a simulated transition leaves in the CIB, and in which order it runs.

use cib_model::Cib;

use super::{Event, Fault, Simulation, run};
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
    let transition = Transition { synapses, ..Transition::default() };
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
    let fault = Fault { operation: "R_start_0@n1".to_owned(), rc: 1 };
    let simulation = simulate(synapses, &[fault]);
    assert_eq!(told(&simulation)[1], "Pretending action 1 failed with rc=1");
    assert_eq!(simulation.events.len(), 2);
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
