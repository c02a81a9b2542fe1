//! All actions and relations as a graphviz graph.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_simulate.c` (`write_sim_dotfile()`).

use std::fmt::Write as _;

use crate::actions::{ActionFlags as F, ActionGraph, ActionIdx, ActionKey, Task};
use crate::facts::RscFlags;
use crate::index::Idx as _;
use crate::plan::Plan;
use crate::relations::RelationFlags as R;

/// What a graphviz graph shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DotStyle {
    /// Actions and relations that are not needed, too.
    pub all_actions: bool,
    /// Each action's number.
    pub ids: bool,
}

/// Returns the actions of a finished plan and their relations as a graphviz graph.
pub fn dot(plan: &Plan, style: DotStyle) -> String {
    let mut out = String::from(" digraph \"g\" {\n");
    let actions = &plan.actions.actions;
    let mut shown = vec![false; actions.len()];
    for at in (0..actions.len()).rev() {
        let idx = ActionIdx::new(at);
        let action = &actions[idx];
        let mut font = if action.is(F::PSEUDO) { "orange" } else { "black" };
        let (line, color, needed) = if action.is(F::ADDED_TO_GRAPH) {
            ("bold", "green", true)
        } else if action.rsc.is_some_and(|rsc| !plan.rsc_has(rsc, RscFlags::MANAGED)) {
            font = "purple";
            ("dashed", "red", false)
        } else if action.is(F::OPTIONAL) {
            ("dashed", "blue", false)
        } else {
            ("dashed", "red", true)
        };
        shown[at] = action.is(F::ADDED_TO_GRAPH) || needed || style.all_actions;
        if shown[at] {
            let name = action_name(plan, idx, style);
            let _ =
                writeln!(out, "\"{name}\" [ style={line} color=\"{color}\" fontcolor=\"{font}\"]");
        }
    }
    for at in (0..actions.len()).rev() {
        let idx = ActionIdx::new(at);
        for edge in plan.actions.before(idx) {
            if !edge.graphed && edge.flags.is_empty() {
                continue;
            }
            let both = shown[at] && shown[edge.peer.index()];
            let needed = edge.graphed || (both && edge.flags != R::IF_ON_SAME_NODE_OR_TARGET);
            if needed || style.all_actions {
                let (before, after) =
                    (action_name(plan, edge.peer, style), action_name(plan, idx, style));
                let line = if edge.graphed { "bold" } else { "dashed" };
                let _ = writeln!(out, "\"{before}\" -> \"{after}\" [ style = {line}]");
            }
        }
    }
    out.push_str("}\n");
    out
}

/// # Source
/// `create_action_name()`
fn action_name(plan: &Plan, idx: ActionIdx, style: DotStyle) -> String {
    let action = &plan.actions[idx];
    let names = &plan.actions.task_names;
    let task = names.name(action.task);
    let host = match action.node {
        Some(node) => Some(&*plan.facts.nodes[node].name),
        None if action.is(F::PSEUDO) => None,
        None => Some("<none>"),
    };
    let prefix = if action.task == Task::Cancel { "Cancel " } else { "" };
    let history_id = action.rsc.and_then(|rsc| plan.rscs[rsc].history_id.as_deref());
    let mut text = if let Some(history_id) = history_id {
        let key = match action.key() {
            Some(key) if key.notify.is_some() => notify_key(plan, idx, key),
            _ => {
                let interval = action.meta.get("interval").and_then(|v| v.parse().ok());
                let task = action.cancel_task.unwrap_or(action.task);
                ActionKey::recurring(task, interval.unwrap_or(0))
            }
        };
        let key = key.text(history_id, names);
        format!("{prefix}{key}{}{}", if host.is_some() { " " } else { "" }, host.unwrap_or(""))
    } else if action.task == Task::Fence {
        let op = action.meta.get("stonith_action").unwrap_or("(null)");
        format!("{prefix}{task} '{op}' {}", host.unwrap_or("(null)"))
    } else {
        let key = plan.action_key_text(idx);
        match (action.rsc, host) {
            (Some(_), Some(host)) => format!("{prefix}{key} {host}"),
            (None, Some(host)) => format!("{prefix}{task} {host}"),
            (_, None) => key,
        }
    };
    if style.ids {
        let _ = write!(text, " ({})", ActionGraph::id(idx));
    }
    text
}

/// The key of a notification by what its pseudo-action was made for.
fn notify_key(plan: &Plan, idx: ActionIdx, key: ActionKey) -> ActionKey {
    let meta = &plan.actions[idx].meta;
    let kind = match meta.get("notify_key_type") {
        Some("pre") => Some(crate::actions::NotifyType::Pre),
        Some("confirmed-pre") => Some(crate::actions::NotifyType::ConfirmedPre),
        Some("post") => Some(crate::actions::NotifyType::Post),
        Some("confirmed-post") => Some(crate::actions::NotifyType::ConfirmedPost),
        _ => key.notify,
    };
    let task = meta.get("notify_key_operation").and_then(Task::known).unwrap_or(key.task);
    ActionKey { task, notify: kind, interval_ms: 0 }
}
