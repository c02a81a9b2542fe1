//! Every transition graph of the reference suite runs to its end in the transition engine: nothing
//! stalls, nothing fires before what it waits for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cib_model::xml::{ElementRef, read};
use cluster_link::controller::transition::{Ending, Execution, Limits, Outcome};
use conformance::prerequisite;
use policy::graph::{
    ActionId, ActionKind, ActionRef, GraphAction, GraphResource, Synapse, Transition,
};

fn text(element: ElementRef<'_>, name: &str) -> Option<String> {
    element.attr(name).map(str::to_owned)
}

fn reference(element: ElementRef<'_>) -> ActionRef {
    let kind = match element.name() {
        "rsc_op" => ActionKind::Resource,
        "pseudo_event" => ActionKind::Pseudo,
        "crm_event" => ActionKind::Cluster,
        other => panic!("unknown action <{other}>"),
    };
    ActionRef {
        id: element.id().unwrap().parse().unwrap(),
        kind,
        cib_only: element.attr("mode") == Some("cib"),
        operation: text(element, "operation").unwrap(),
        operation_key: text(element, "operation_key").unwrap_or_default(),
        internal_operation_key: text(element, "internal_operation_key"),
        on_node: text(element, "on_node"),
        on_node_uuid: text(element, "on_node_uuid"),
        router_node: text(element, "router_node"),
    }
}

fn action(element: ElementRef<'_>) -> GraphAction {
    let resource = element.children().find(|c| c.attr("class").is_some());
    let mut attributes: Vec<(String, String)> = element
        .child("attributes")
        .into_iter()
        .flat_map(ElementRef::attrs)
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect();
    attributes.sort();
    GraphAction {
        reference: reference(element),
        shutdown_lock: None,
        resource: resource.map(|r| GraphResource {
            element: r.name().to_owned(),
            id: text(r, "id").unwrap(),
            long_id: text(r, "long-id"),
            class: text(r, "class"),
            provider: text(r, "provider"),
            kind: text(r, "type"),
        }),
        attributes,
        params: Vec::new(),
        downed: None,
        maintenance: None,
    }
}

fn transition(xml: &str) -> Transition {
    let tree = read(xml).unwrap();
    let root = tree.root();
    let synapses = root.children_named("synapse").map(|synapse| {
        let inputs = synapse.child("inputs").into_iter().flat_map(ElementRef::children);
        Synapse {
            id: synapse.id().unwrap().parse().unwrap(),
            priority: synapse.attr("priority").map_or(0, |p| p.parse().unwrap()),
            action: action(synapse.child("action_set").unwrap().children().next().unwrap()),
            inputs: inputs.map(|t| reference(t.children().next().unwrap())).collect(),
        }
    });
    Transition { synapses: synapses.collect(), ..Transition::default() }
}

/// Runs a graph, confirming one action at a time; returns what is wrong.
fn run(graph: &Transition, limits: Limits) -> Result<(), String> {
    let mut execution = Execution::new(graph.clone(), limits);
    let inputs: BTreeMap<ActionId, Vec<ActionId>> = graph
        .synapses
        .iter()
        .map(|s| (s.action.reference.id, s.inputs.iter().map(|i| i.id).collect()))
        .collect();
    let mut fired: BTreeSet<ActionId> = BTreeSet::new();
    let mut running: Vec<ActionId> = Vec::new();
    loop {
        for action in execution.fire(0) {
            let id = action.reference.id;
            if !fired.insert(id) {
                return Err(format!("action {id} fires twice"));
            }
            if let Some(early) = inputs[&id].iter().find(|i| !execution.is_confirmed(**i)) {
                return Err(format!("action {id} fires before {early} is confirmed"));
            }
            running.push(id);
        }
        if let Some(id) = running.pop() {
            execution.confirm(id, Outcome::Success);
            continue;
        }
        return match execution.take_ending() {
            Some(Ending::Complete) => Ok(()),
            Some(ending) => Err(format!("{}: {:?}", ending.name(), execution.counts())),
            None => Err(format!("stalls: {:?}", execution.counts())),
        };
    }
}

#[test]
fn every_reference_graph_runs_to_its_end() {
    let Some(dir) = prerequisite::shared("data/scheduler/exp") else { return };
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let graph = transition(&fs::read_to_string(&path).unwrap());
        let narrow = Limits { batch: 1, ..Limits::default() };
        for limits in [Limits::default(), narrow] {
            if let Err(why) = run(&graph, limits) {
                wrong.push(format!("{}: {why}", path.display()));
            }
        }
        count += 1;
    }
    assert!(count >= 852, "only {count} graphs were found");
    assert!(wrong.is_empty(), "{} of {count} graphs:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_failure_stops_what_needs_it_and_an_abort_what_is_below_it() {
    let xml = r#"<transition_graph>
        <synapse id="0"><action_set><rsc_op id="1" operation="start"/></action_set><inputs/></synapse>
        <synapse id="1"><action_set><rsc_op id="2" operation="start"/></action_set>
            <inputs><trigger><rsc_op id="1" operation="start"/></trigger></inputs></synapse>
        <synapse id="2" priority="1000000"><action_set><rsc_op id="3" operation="notify"/></action_set>
            <inputs><trigger><rsc_op id="1" operation="start"/></trigger></inputs></synapse>
        </transition_graph>"#;
    let mut execution = Execution::new(transition(xml), Limits::default());
    let ids = |actions: Vec<GraphAction>| -> Vec<ActionId> {
        actions.iter().map(|a| a.reference.id).collect()
    };
    assert_eq!(ids(execution.fire(0)), [1]);
    execution.confirm(1, Outcome::Failure);
    execution.stop_below(1, "Event failed");
    assert_eq!(ids(execution.fire(0)), [3], "only priority INFINITY accepts a failed input");
    assert_eq!(execution.take_ending(), None, "3 still runs");
    execution.confirm(3, Outcome::Success);
    assert_eq!(execution.take_ending(), Some(Ending::Stopped));
}

#[test]
fn an_action_that_is_not_confirmed_in_time_is_lost() {
    let xml = r#"<transition_graph><synapse id="0"><action_set><rsc_op id="1" operation="start">
        <attributes CRM_meta_timeout="20000"/></rsc_op></action_set><inputs/></synapse>
        </transition_graph>"#;
    let limits = Limits { cluster_delay_ms: 60_000, ..Limits::default() };
    let mut execution = Execution::new(transition(xml), limits);
    execution.fire(1_000);
    assert_eq!(execution.deadline(), Some(81_000));
    assert!(execution.take_overdue(80_999).is_none());
    assert_eq!(execution.take_overdue(81_000).map(|a| a.reference.id), Some(1));
    assert!(!execution.confirm(1, Outcome::Success), "a late result changes nothing");
}
