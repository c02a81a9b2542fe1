//! Laws of what is done before what: stops, fencing, groups, migrations, and reasons for blocks.

use super::order::{Order, is_agent, name};
use super::{Law, Violation};
use crate::actions::{ActionFlags, ActionIdx};
use crate::facts::{NodeFlags, Variant};
use crate::graph::ActionKind;
use crate::index::{Idx as _, RscIdx};
use crate::plan::Plan;

pub(super) fn check(plan: &Plan, order: &Order<'_>, found: &mut Vec<Violation>) {
    stops_first(order, found);
    fencing_first(plan, order, found);
    blocks_have_reasons(plan, found);
    groups_in_order(plan, order, found);
    migrations_whole(order, found);
}

fn stops_first(order: &Order<'_>, found: &mut Vec<Violation>) {
    for (at, start) in order.synapses.iter().enumerate() {
        if !is_agent(start, "start") {
            continue;
        }
        let Some(id) = order.instance(start) else { continue };
        let stops = order.steps(id, "stop");
        if stops.is_empty() {
            continue;
        }
        let before = order.ancestors(at);
        for stop in stops.iter().filter(|stop| !before[**stop]) {
            found.push(Violation {
                law: Law::StopBeforeStart,
                subject: name(start),
                message: format!("does not wait for {}", name(&order.synapses[*stop])),
            });
        }
    }
}

fn fencing_first(plan: &Plan, order: &Order<'_>, found: &mut Vec<Violation>) {
    let fencing = |node: &str| {
        order.synapses.iter().position(|s| {
            s.action.reference.operation == "stonith"
                && s.action.meta("stonith_action") != Some("on")
                && s.action.reference.on_node.as_deref() == Some(node)
        })
    };
    for (at, synapse) in order.synapses.iter().enumerate() {
        if synapse.action.reference.kind != ActionKind::Resource {
            continue;
        }
        let Some(node) = synapse.action.reference.on_node.as_deref() else { continue };
        let Some(idx) = plan.facts.node_by_name(node) else { continue };
        if !plan.nodes[idx].unclean {
            continue;
        }
        let fenced = fencing(node).is_some_and(|fence| order.ancestors(at)[fence]);
        // A guest is as good as fenced once what it runs in has been started anew.
        let reset = plan.facts.is_guest(idx) && plan.nodes[idx].has(NodeFlags::REMOTE_RESET);
        if !fenced && !reset {
            found.push(Violation {
                law: Law::FencingFirst,
                subject: name(synapse),
                message: format!(
                    "is done on {node}, which is unclean, and does not wait for fencing"
                ),
            });
        }
    }
}

fn blocks_have_reasons(plan: &Plan, found: &mut Vec<Violation>) {
    for at in 0..plan.actions.actions.len() {
        let idx = ActionIdx::new(at);
        let action = &plan.actions[idx];
        let needed = !action.flags.intersects(ActionFlags::OPTIONAL | ActionFlags::RUNNABLE);
        let Some(rsc) = action.rsc.filter(|_| needed && !action.is(ActionFlags::PSEUDO)) else {
            continue;
        };
        if plan.blockers(idx).is_empty() {
            let task = plan.actions.task_names.name(action.task);
            found.push(Violation {
                law: Law::BlockedReason,
                subject: format!("{} {task}", plan.facts.rscs[rsc].id),
                message: "is needed, cannot be done, and nothing says why".to_owned(),
            });
        }
    }
}

fn groups_in_order(plan: &Plan, order: &Order<'_>, found: &mut Vec<Violation>) {
    for (rsc, facts) in plan.facts.rscs.iter_enumerated() {
        let ordered = facts.group_facts().is_some_and(|group| group.ordered);
        if facts.variant() != Variant::Group || !ordered {
            continue;
        }
        let members = &plan.rscs[rsc].children;
        for pair in members.windows(2) {
            let [first, then] = pair else { continue };
            follows(order, (*then, "start"), (*first, "start"), found);
            follows(order, (*first, "stop"), (*then, "stop"), found);
        }
    }
}

/// Notes where a step for `later` does not wait for the steps for `earlier` (instance, operation).
fn follows(
    order: &Order<'_>,
    later: (RscIdx, &str),
    earlier: (RscIdx, &str),
    found: &mut Vec<Violation>,
) {
    let steps = order.steps(earlier.0, earlier.1);
    for at in order.steps(later.0, later.1) {
        if steps.is_empty() {
            return;
        }
        let before = order.ancestors(at);
        for &step in steps.iter().filter(|step| !before[**step]) {
            found.push(Violation {
                law: Law::GroupOrder,
                subject: name(&order.synapses[at]),
                message: format!("does not wait for {}", name(&order.synapses[step])),
            });
        }
    }
}

fn migrations_whole(order: &Order<'_>, found: &mut Vec<Violation>) {
    let mut broken = |at: usize, message: &str| {
        found.push(Violation {
            law: Law::MigrationComplete,
            subject: name(&order.synapses[at]),
            message: message.to_owned(),
        });
    };
    for (at, synapse) in order.synapses.iter().enumerate() {
        let Some(id) = order.instance(synapse) else { continue };
        if is_agent(synapse, "migrate_to") {
            match order.steps(id, "migrate_from")[..] {
                [arrival] if order.ancestors(arrival)[at] => {}
                [_] => broken(at, "the arrival does not wait for it"),
                [] => broken(at, "no arrival follows it"),
                _ => broken(at, "several arrivals follow it"),
            }
        }
        if is_agent(synapse, "migrate_from") {
            let stops = order.steps(id, "stop");
            if stops.is_empty() {
                broken(at, "the old place is never cleaned up");
            } else if stops.iter().any(|stop| !order.ancestors(*stop)[at]) {
                broken(at, "the old place is stopped without waiting for the arrival");
            }
        }
    }
}
