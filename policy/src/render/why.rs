//! Why a resource is where it is, and why its actions are needed or blocked.
//!
//! **Source:** none: the reference has no such report.

use std::fmt::Write as _;

use crate::actions::{ActionFlags, ActionIdx, Task};
use crate::facts::RscFlags;
use crate::graph::Transition;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::score_text;
use crate::trace::{ActionChange, Change, Reason, Replay, Step, TraceLine};

/// Returns a report on a resource and what is below it, for all nodes or for one. Recorded scores
/// are needed: without `Options::trace` only the actions are told.
///
/// # Order
/// Resources as they stand in the plan; of each the assignment, the nodes in list order, the
/// actions in creation order.
pub fn why(plan: &Plan, transition: &Transition, rsc: RscIdx, node: Option<NodeIdx>) -> String {
    let replay = Replay::new(&plan.trace);
    let mut out = String::new();
    report(plan, transition, &replay, rsc, node, &mut out);
    out
}

fn report(
    plan: &Plan,
    transition: &Transition,
    replay: &Replay,
    rsc: RscIdx,
    only: Option<NodeIdx>,
    out: &mut String,
) {
    if plan.is_primitive(rsc) {
        let id = &plan.facts.rscs[rsc].id;
        let place = match plan.rscs[rsc].assigned {
            Some(node) => plan.facts.nodes[node].name.to_string(),
            None => "no node".to_owned(),
        };
        let state = &plan.rscs[rsc];
        let unmanaged = if state.has(RscFlags::BLOCKED) {
            ", blocked by a failure"
        } else if state.has(RscFlags::MANAGED) {
            ""
        } else {
            ", unmanaged"
        };
        let _ = writeln!(out, "{id} is assigned to {place}{unmanaged}");
    }
    for &node in &plan.facts.node_order {
        if only.is_none_or(|only| only == node) {
            out.push_str(&node_line(plan, replay, rsc, node));
        }
    }
    promotion(plan, replay, rsc, out);
    for &action in plan.actions.of_rsc(rsc) {
        let elsewhere = only.is_some() && plan.actions[action].node != only;
        if !elsewhere {
            out.push_str(&action_line(plan, transition, action));
        }
    }
    for &child in &plan.rscs[rsc].children {
        report(plan, transition, replay, child, only, out);
    }
}

/// Returns the line of one node: `db on node2: +200 stickiness = 200`.
fn node_line(plan: &Plan, replay: &Replay, rsc: RscIdx, node: NodeIdx) -> String {
    let (id, name) = (&plan.facts.rscs[rsc].id, &plan.facts.nodes[node].name);
    let trouble = plan.node_trouble(node).map(|trouble| format!(" ({trouble})"));
    let trouble = trouble.unwrap_or_default();
    let Some(score) = replay.score(rsc, node).filter(|_| plan.scores.allowed[rsc].contains(node))
    else {
        if plan.trace.enabled && plan.is_primitive(rsc) && trouble.is_empty() {
            return format!("{id} on {name}: not allowed (nothing speaks for it)\n");
        }
        return String::new();
    };
    let said = told(plan, replay.steps(rsc, node));
    format!("{id} on {name}{trouble}: {said} = {}\n", score_text(score))
}

fn promotion(plan: &Plan, replay: &Replay, rsc: RscIdx, out: &mut String) {
    if let Some(score) = replay.promotion(rsc) {
        let id = &plan.facts.rscs[rsc].id;
        let said = told(plan, replay.promotion_steps(rsc));
        let _ = writeln!(out, "{id} promotion: {said} = {}", score_text(score));
    }
}

/// Returns contributions as text; those of nothing are left out where others say something.
fn told(plan: &Plan, steps: &[Step]) -> String {
    let says = |step: &&Step| match step.contribution.change {
        Change::Add(amount) => amount != 0,
        // What is marked for later is told by what becomes of it.
        Change::Set(score) => {
            score >= crate::scores::MINUS_INFINITY
                && (score != 0 || step.contribution.reason != Reason::Node)
        }
        Change::Copy(..) => true,
    };
    let told: Vec<String> = steps
        .iter()
        .filter(says)
        .map(|step| {
            let reason = plan.reason_text(step.contribution.reason);
            match step.contribution.change {
                Change::Add(amount) if amount > 0 => format!("+{} {reason}", score_text(amount)),
                Change::Add(score) | Change::Set(score) => {
                    format!("{} {reason}", score_text(score))
                }
                Change::Copy(..) => format!("{} {reason}", score_text(step.sum)),
            }
        })
        .collect();
    if told.is_empty() { "0 allowed".to_owned() } else { told.join(", ") }
}

/// Returns the line of an action that is in the transition, or would be if it could be done.
fn action_line(plan: &Plan, transition: &Transition, idx: ActionIdx) -> String {
    let action = &plan.actions[idx];
    let id = crate::actions::ActionGraph::id(idx);
    let step = transition.synapses.iter().find(|s| s.action.reference.id == id);
    if let Some(step) = step {
        if action.is(ActionFlags::PSEUDO) || action.task == Task::Notify {
            return String::new();
        }
        let mut line = format!("{}: will be done", plan.action_text(idx));
        if let Some(cause) = cause(plan, idx) {
            let _ = write!(line, " ({cause})");
        }
        let first: Vec<String> = step
            .inputs
            .iter()
            .filter_map(|input| {
                let at = usize::try_from(input.id).ok()?.checked_sub(1)?;
                let input = <ActionIdx as crate::index::Idx>::new(at);
                (!plan.actions[input].is(ActionFlags::PSEUDO)).then(|| plan.action_text(input))
            })
            .collect();
        if !first.is_empty() {
            let _ = write!(line, ", after {}", first.join(", "));
        }
        return line + "\n";
    }
    if action.flags.intersects(ActionFlags::OPTIONAL | ActionFlags::PSEUDO) {
        return String::new();
    }
    let blockers = plan.blockers(idx);
    if blockers.is_empty() {
        return String::new();
    }
    let causes: Vec<String> = blockers.iter().map(|b| plan.blocker_text(b)).collect();
    format!("{}: blocked: {}\n", plan.action_text(idx), causes.join("; "))
}

/// Returns why an action is needed: its reason, or the action it is needed for.
fn cause(plan: &Plan, idx: ActionIdx) -> Option<String> {
    let required = plan.trace.lines.iter().find_map(|line| match line {
        TraceLine::Implied { action, change: ActionChange::Required, cause } if *action == idx => {
            Some(format!("because of {}", plan.action_text(*cause)))
        }
        _ => None,
    });
    plan.actions[idx].reason.clone().or(required)
}
