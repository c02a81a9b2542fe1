//! A scheduler for primitives without constraints: probe, stop what runs twice or must leave,
//! start once, monitor. Enough to drive the controller through every path.

use std::collections::{BTreeMap, BTreeSet};

use cib_model::xml::{ElementRef, Tree};
use cluster_link::attrs;
use cluster_link::controller::{Plan, Scheduler};
use cluster_link::status::node_state;
use policy::graph::{ActionKind, ActionRef, GraphAction, GraphResource, Synapse, Transition};

pub(crate) struct Planner;

#[derive(Default)]
struct Graph {
    synapses: Vec<Synapse>,
}

impl Graph {
    fn add(&mut self, action: GraphAction, after: &[ActionRef]) -> ActionRef {
        let mut action = action;
        let id = u32::try_from(self.synapses.len()).unwrap();
        action.reference.id = id + 1;
        let reference = action.reference.clone();
        let inputs = after.to_vec();
        self.synapses.push(Synapse { id, priority: 0, action, inputs });
        reference
    }
}

fn action(rsc: &str, node: u32, task: &str, interval: u32, target: i32) -> GraphAction {
    let mut attributes = vec![
        ("CRM_meta_interval".to_owned(), interval.to_string()),
        ("CRM_meta_op_target_rc".to_owned(), target.to_string()),
        ("CRM_meta_timeout".to_owned(), "20000".to_owned()),
    ];
    attributes.sort();
    GraphAction {
        reference: ActionRef {
            id: 0,
            kind: ActionKind::Resource,
            cib_only: false,
            operation: task.to_owned(),
            operation_key: format!("{rsc}_{task}_{interval}"),
            internal_operation_key: None,
            on_node: Some(format!("n{node}")),
            on_node_uuid: Some(node.to_string()),
            router_node: None,
        },
        shutdown_lock: None,
        resource: Some(GraphResource {
            element: "primitive".to_owned(),
            id: rsc.to_owned(),
            long_id: None,
            class: Some("ocf".to_owned()),
            provider: Some("test".to_owned()),
            kind: Some("played".to_owned()),
        }),
        attributes,
        params: Vec::new(),
        downed: None,
        maintenance: None,
    }
}

fn shutdown(node: u32) -> GraphAction {
    let mut action = action("", node, "do_shutdown", 0, 0);
    action.reference.kind = ActionKind::Cluster;
    action.reference.operation_key = format!("do_shutdown-n{node}");
    action.resource = None;
    action.downed = Some(vec![node.to_string()]);
    action
}

/// What the history says of a resource on a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    Active,
    Inactive,
}

fn known(cib: &Tree, node: u32, rsc: &str) -> Known {
    let last = node_state(cib, node)
        .and_then(|s| s.child("lrm"))
        .and_then(|l| l.child("lrm_resources"))
        .and_then(|l| l.children().find(|r| r.id() == Some(rsc)))
        .and_then(|r| r.children().find(|e| e.id() == Some(&format!("{rsc}_last_0"))));
    let Some(last) = last else { return Known::Nothing };
    let rc = last.attr("rc-code").unwrap_or_default();
    match (last.attr("operation").unwrap_or_default(), rc) {
        ("stop", "0") | (_, "7") => Known::Inactive,
        _ => Known::Active,
    }
}

fn has_failed(cib: &Tree, node: u32, rsc: &str) -> bool {
    let prefix = format!("fail-count-{rsc}#");
    attrs::all(cib, node).any(|(name, _)| name.starts_with(&prefix))
}

fn monitored(cib: &Tree, node: u32, rsc: &str) -> bool {
    let id = format!("{rsc}_monitor_10000");
    node_state(cib, node).is_some_and(|s| {
        s.descendants().any(|e| e.id() == Some(&id) && e.attr("rc-code") == Some("0"))
    })
}

impl Scheduler for Planner {
    fn schedule(&mut self, cib: &Tree, _epoch_s: i64) -> Plan {
        let mut graph = Graph::default();
        let online = online(cib);
        let leaving: BTreeSet<u32> = online
            .iter()
            .copied()
            .filter(|n| attrs::value(cib, *n, "shutdown").is_some())
            .collect();
        let ignore = cib.root().descendants().any(|e| {
            e.attr("name") == Some("no-quorum-policy") && e.attr("value") == Some("ignore")
        });
        let may_run = ignore || cib.root().attr("have-quorum") == Some("1");
        let mut stops: BTreeMap<u32, Vec<ActionRef>> = BTreeMap::new();
        for rsc in primitives(cib) {
            plan_resource(cib, &rsc, &online, &leaving, may_run, &mut graph, &mut stops);
        }
        for (node, rsc) in removed(cib, &online) {
            let stop = graph.add(action(&rsc, node, "stop", 0, 0), &[]);
            stops.entry(node).or_default().push(stop);
        }
        for node in leaving {
            let after = stops.remove(&node).unwrap_or_default();
            graph.add(shutdown(node), &after);
        }
        let transition = Transition {
            cluster_delay: "60s".to_owned(),
            start_failure_is_fatal: true,
            synapses: graph.synapses,
            ..Transition::default()
        };
        Plan { transition, messages: Vec::new() }
    }
}

fn plan_resource(
    cib: &Tree,
    rsc: &str,
    online: &[u32],
    leaving: &BTreeSet<u32>,
    may_run: bool,
    graph: &mut Graph,
    stops: &mut BTreeMap<u32, Vec<ActionRef>>,
) {
    let mut before_start = Vec::new();
    let mut active = Vec::new();
    for &node in online {
        match known(cib, node, rsc) {
            Known::Nothing => {
                before_start.push(graph.add(action(rsc, node, "monitor", 0, 7), &[]));
            }
            Known::Active => active.push(node),
            Known::Inactive => {}
        }
    }
    let fit = |n: &u32| may_run && !leaving.contains(n) && !has_failed(cib, *n, rsc);
    let keep = (active.len() == 1).then(|| active[0]).filter(fit);
    for &node in active.iter().filter(|n| Some(**n) != keep) {
        let stop = graph.add(action(rsc, node, "stop", 0, 0), &before_start.clone());
        stops.entry(node).or_default().push(stop.clone());
        before_start.push(stop);
    }
    if let Some(node) = keep {
        if !monitored(cib, node, rsc) {
            graph.add(action(rsc, node, "monitor", 10_000, 0), &before_start);
        }
    } else if let Some(&node) = online.iter().find(|n| fit(n)) {
        let start = graph.add(action(rsc, node, "start", 0, 0), &before_start);
        graph.add(action(rsc, node, "monitor", 10_000, 0), &[start]);
    }
}

/// Resources that run and are not configured any more.
fn removed(cib: &Tree, online: &[u32]) -> Vec<(u32, String)> {
    let configured = primitives(cib);
    let mut found = Vec::new();
    for &node in online {
        let resources = node_state(cib, node)
            .into_iter()
            .flat_map(ElementRef::descendants)
            .filter(|e| e.name() == "lrm_resource")
            .filter_map(ElementRef::id);
        for rsc in resources.filter(|rsc| !configured.iter().any(|c| c == rsc)) {
            if known(cib, node, rsc) == Known::Active {
                found.push((node, rsc.to_owned()));
            }
        }
    }
    found
}

fn online(cib: &Tree) -> Vec<u32> {
    let states = cib.root().child("status").into_iter();
    states
        .flat_map(|s| s.children_named("node_state"))
        .filter(|s| s.attr("crmd").is_some_and(|v| v != "0") && s.attr("join") == Some("member"))
        .filter_map(|s| s.id()?.parse().ok())
        .collect()
}

fn primitives(cib: &Tree) -> Vec<String> {
    cib.root()
        .descendants()
        .filter(|e| e.name() == "primitive")
        .filter_map(ElementRef::id)
        .map(str::to_owned)
        .collect()
}
