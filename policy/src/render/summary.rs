//! The transition summary: one line for each node and resource that something happens to.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_output.c` (`rsc_action_item()`, `node_action()`).

use crate::actions::{Action, ActionFlags as F, ActionIdx, Change, Task};
use crate::facts::Role;
use crate::index::Idx as _;
use crate::plan::Plan;

/// What happens to a node.
pub(super) struct NodeChange<'a> {
    /// `Fence (ACTION)` or `Shutdown`.
    pub(super) what: String,
    /// The node's name, and the resource that a guest runs in.
    pub(super) node: String,
    /// Why.
    pub(super) reason: &'a str,
}

/// Returns what happens to nodes, the newest action first.
pub(super) fn node_changes(plan: &Plan) -> impl Iterator<Item = NodeChange<'_>> {
    (0..plan.actions.actions.len()).rev().filter_map(|at| node_change(plan, ActionIdx::new(at)))
}

fn node_change(plan: &Plan, idx: ActionIdx) -> Option<NodeChange<'_>> {
    let action = &plan.actions[idx];
    if action.rsc.is_some() || action.is(F::OPTIONAL) {
        return None;
    }
    let what = match action.task {
        Task::Shutdown => "Shutdown".to_owned(),
        Task::Fence => format!("Fence ({})", action.meta.get("stonith_action").unwrap_or("")),
        _ => return None,
    };
    let node = action.node?;
    let name = &plan.facts.nodes[node].name;
    let node = match plan.guest_launcher(node) {
        Some(launcher) => format!("{name} (resource: {})", plan.facts.rscs[launcher].id),
        None => name.to_string(),
    };
    // COMPAT(pacemaker 3.x, pcmk_output.c node_action()): without a reason it is only logged.
    let reason = action.reason.as_deref()?;
    Some(NodeChange { what, node, reason })
}

/// Returns the lines of the section "Transition Summary", without bullets.
pub fn transition_summary(plan: &Plan) -> Vec<String> {
    let nodes = node_changes(plan)
        .map(|NodeChange { what, node, reason }| format!("{what} {node} '{reason}'"));
    let mut lines: Vec<String> = nodes.collect();
    let details: Vec<String> = plan.changes.iter().map(|c| details(plan, c)).collect();
    let detail_width = details.iter().map(String::len).fold(5, usize::max);
    let rsc_width = plan.changes.iter().fold(5, |width, change| {
        let len = plan.facts.rscs[change.rsc].id.len();
        // COMPAT(pacemaker 3.x, pcmk_output.c rsc_action_item()): two more than the id needs, but
        // not for an id that the width holds already.
        if len > width { len + 2 } else { width }
    });
    for (change, details) in plan.changes.iter().zip(details) {
        let reason = reason(&plan.actions[change.source], is_runnable(plan, change));
        lines.push(format!(
            "{:<8}   {:<rsc_width$}   ( {details:>detail_width$} ){reason}",
            change.kind.text(),
            plan.facts.rscs[change.rsc].id,
        ));
    }
    lines
}

/// Returns true where nothing keeps the change from being made.
pub(super) fn is_runnable(plan: &Plan, change: &Change) -> bool {
    plan.actions[change.action].is(F::RUNNABLE)
}

fn reason(source: &Action, runnable: bool) -> String {
    match (&source.reason, runnable) {
        (Some(reason), false) => format!("  due to {reason} (blocked)"),
        (Some(reason), true) => format!("  due to {reason}"),
        (None, false) => "  blocked".to_owned(),
        (None, true) => String::new(),
    }
}

/// Returns true where the roles say more than "runs" and "does not".
pub(super) fn shows_roles(plan: &Plan, change: &Change) -> bool {
    let state = &plan.rscs[change.rsc];
    state.orig_role > Role::Started || state.next_role > Role::Unpromoted
}

fn details(plan: &Plan, change: &Change) -> String {
    let state = &plan.rscs[change.rsc];
    let (orig, next) = (state.orig_role.text(), state.next_role.text());
    let name = |node| &*plan.facts.nodes[node].name;
    let same_role = state.orig_role == state.next_role;
    let same_node = change.origin == change.destination;
    let (from, to) = (change.origin.map(name), change.destination.map(name));
    match (from, to, shows_roles(plan, change)) {
        (None, to, true) => format!("{orig} -> {next} {}", to.unwrap_or("")),
        (None, to, false) => to.unwrap_or("").to_owned(),
        (Some(from), None, true) => format!("{orig} {from}"),
        (Some(from), None, false) => from.to_owned(),
        (Some(from), Some(_), true) if same_role && same_node => format!("{orig} {from}"),
        (Some(from), Some(_), false) if same_role && same_node => from.to_owned(),
        (Some(from), Some(to), true) if same_role => format!("{from} -> {to} {orig}"),
        (Some(from), Some(to), false) if same_role => format!("{from} -> {to}"),
        (Some(from), Some(_), _) if same_node => format!("{orig} -> {next} {from}"),
        (Some(from), Some(to), _) => format!("{orig} {from} -> {next} {to}"),
    }
}
