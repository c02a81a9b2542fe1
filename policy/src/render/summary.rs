//! The transition summary: one line for each node and resource that something happens to.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_actions.c` (`pcmk__output_actions()`),
//! `pcmk_sched_resource.c` (`pcmk__output_resource_actions()`), `pcmk_output.c`
//! (`rsc_action_default()`, `rsc_action_item()`, `node_action()`).

use crate::actions::{Action, ActionFlags as F, ActionIdx, ActionKey, Task};
use crate::facts::{Role, RscFlags, Variant};
use crate::index::{Idx as _, NodeIdx, RscIdx};
use crate::plan::Plan;

/// Column widths, which grow with what was printed.
#[derive(Clone, Copy, Debug)]
pub struct SummaryWidths {
    rsc: usize,
    detail: usize,
}

impl Default for SummaryWidths {
    fn default() -> Self {
        Self { rsc: 5, detail: 5 }
    }
}

/// Returns the lines of the section "Transition Summary", without bullets.
///
/// Looking for actions puts those without a node on the node asked for, as in the reference: call
/// it once the graph is built.
pub fn transition_summary(plan: &mut Plan, widths: &mut SummaryWidths) -> Vec<String> {
    let mut lines = Vec::new();
    for at in (0..plan.actions.actions.len()).rev() {
        lines.extend(node_line(plan, ActionIdx::new(at)));
    }
    for rsc in plan.facts.top.clone() {
        rsc_lines(plan, rsc, widths, &mut lines);
    }
    lines
}

fn node_line(plan: &Plan, idx: ActionIdx) -> Option<String> {
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
    let name = match plan.guest_launcher(node) {
        Some(launcher) => format!("{name} (resource: {})", plan.facts.rscs[launcher].id),
        None => name.to_string(),
    };
    // COMPAT(pacemaker 3.x, pcmk_output.c node_action()): without a reason it is only logged.
    action.reason.as_ref().map(|reason| format!("{what} {name} '{reason}'"))
}

fn rsc_lines(plan: &mut Plan, rsc: RscIdx, widths: &mut SummaryWidths, lines: &mut Vec<String>) {
    if plan.variant(rsc) == Variant::Bundle {
        for replica in plan.replicas(rsc) {
            let parts = [replica.ip, Some(replica.container), replica.remote, replica.child];
            for part in parts.into_iter().flatten() {
                rsc_lines(plan, part, widths, lines);
            }
        }
        return;
    }
    let children = plan.rscs[rsc].children.clone();
    if !children.is_empty() {
        for child in children {
            rsc_lines(plan, child, widths, lines);
        }
        return;
    }
    let next = plan.rscs[rsc].assigned;
    let mut current = None;
    if !plan.rscs[rsc].active.is_empty() {
        current = plan.current_node(rsc);
        if plan.rscs[rsc].orig_role == Role::Stopped {
            plan.rscs[rsc].orig_role = Role::Started;
        }
    }
    if (current.is_none() && plan.rsc_has(rsc, RscFlags::REMOVED))
        || !plan.rsc_has(rsc, RscFlags::MANAGED)
        || (current.is_none() && next.is_none())
    {
        return;
    }
    let mut lister = Lister { widths, lines };
    lister.rsc_actions(plan, rsc, current, next);
}

/// What is told of one resource.
#[derive(Clone, Copy)]
struct Item {
    what: &'static str,
    origin: Option<NodeIdx>,
    destination: Option<NodeIdx>,
    action: Option<ActionIdx>,
    source: Option<ActionIdx>,
}

struct Lister<'a> {
    widths: &'a mut SummaryWidths,
    lines: &'a mut Vec<String>,
}

/// The actions that decide what a resource's line says.
struct Found {
    start: Option<ActionIdx>,
    stop: Option<ActionIdx>,
    promote: Option<ActionIdx>,
    demote: Option<ActionIdx>,
}

fn first(plan: &mut Plan, rsc: RscIdx, task: Task, node: Option<NodeIdx>) -> Option<ActionIdx> {
    plan.actions.adopt_first(rsc, ActionKey::once(task), node)
}

fn find_all(
    plan: &mut Plan,
    rsc: RscIdx,
    current: Option<NodeIdx>,
    next: Option<NodeIdx>,
) -> Found {
    let start = first(plan, rsc, Task::Start, next);
    let runnable = start.is_some_and(|start| plan.actions[start].is(F::RUNNABLE));
    let start_node = current.filter(|_| runnable);
    let mut stop = first(plan, rsc, Task::Stop, start_node);
    if stop.is_none() && plan.rsc_has(rsc, RscFlags::STOP_UNEXPECTED) {
        stop = first(plan, rsc, Task::Stop, None);
    }
    let promote = first(plan, rsc, Task::Promote, next);
    let demote = first(plan, rsc, Task::Demote, next);
    Found { start, stop, promote, demote }
}

impl Lister<'_> {
    /// # Source
    /// `rsc_action_default()`
    fn rsc_actions(
        &mut self,
        plan: &mut Plan,
        rsc: RscIdx,
        current: Option<NodeIdx>,
        next: Option<NodeIdx>,
    ) {
        let found = find_all(plan, rsc, current, next);
        if plan.rscs[rsc].orig_role == plan.rscs[rsc].next_role {
            self.same_role(plan, rsc, &found, (current, next));
            return;
        }
        let moving = current.is_some() && next.is_some() && current != next;
        let Found { start, stop, promote, demote } = found;
        let state = &plan.rscs[rsc];
        let (orig_role, next_role) = (state.orig_role, state.next_role);
        let is = |action: Option<ActionIdx>, flag: F| {
            action.is_some_and(|action| plan.actions[action].is(flag))
        };
        if stop.is_some()
            && (next_role == Role::Stopped || (start.is_some() && !is(start, F::RUNNABLE)))
        {
            self.stops(plan, rsc, start);
            return;
        }
        let (what, action, source) =
            if stop.is_some() && state.has(RscFlags::FAILED | RscFlags::STOP_IF_FAILED) {
                ("Recover", stop, start)
            } else if moving {
                ("Move", stop, None)
            } else if state.has(RscFlags::RELOAD) {
                ("Reload", start, None)
            } else if stop.is_some() && !is(stop, F::OPTIONAL) {
                ("Restart", start, None)
            } else if orig_role == Role::Promoted {
                ("Demote", demote, None)
            } else if next_role == Role::Promoted {
                ("Promote", promote, None)
            } else if orig_role == Role::Stopped && next_role > Role::Stopped {
                ("Start", start, None)
            } else {
                return;
            };
        self.item(plan, rsc, Item { what, origin: current, destination: next, action, source });
    }

    fn same_role(
        &mut self,
        plan: &mut Plan,
        rsc: RscIdx,
        found: &Found,
        (current, next): (Option<NodeIdx>, Option<NodeIdx>),
    ) {
        if next.is_none() {
            return;
        }
        let migrate = first(plan, rsc, Task::MigrateFrom, next);
        let &Found { start, stop, promote, demote } = found;
        let is = |action: Option<ActionIdx>, flag: F| {
            action.is_some_and(|action| plan.actions[action].is(flag))
        };
        let required = |action: Option<ActionIdx>| action.is_some() && !is(action, F::OPTIONAL);
        let failed = plan.rsc_has(rsc, RscFlags::FAILED);
        let mut item =
            Item { what: "", origin: current, destination: next, action: start, source: None };
        if current.is_some() && is(migrate, F::RUNNABLE) {
            item.what = "Migrate";
        } else if plan.rsc_has(rsc, RscFlags::RELOAD) {
            item.what = "Reload";
        } else if !required(start) {
            if !required(demote) || !required(promote) {
                return;
            }
            item = Item { what: "Re-promote", action: promote, source: demote, ..item };
        } else if !is(start, F::RUNNABLE) {
            let reason = stop.filter(|stop| plan.actions[*stop].reason.is_some()).or(start);
            item = Item { what: "Stop", destination: None, action: stop, source: reason, ..item };
        } else if current.is_some() && current != next {
            item = Item { what: if failed { "Recover" } else { "Move" }, action: stop, ..item };
        } else if failed {
            item = Item { what: "Recover", destination: None, action: stop, ..item };
        } else {
            item.what = "Restart";
        }
        self.item(plan, rsc, item);
    }

    fn stops(&mut self, plan: &mut Plan, rsc: RscIdx, start: Option<ActionIdx>) {
        for node in plan.rscs[rsc].active.clone() {
            let stop = first(plan, rsc, Task::Stop, Some(node));
            let source = stop.filter(|stop| plan.actions[*stop].reason.is_some()).or(start);
            let item =
                Item { what: "Stop", origin: Some(node), destination: None, action: stop, source };
            self.item(plan, rsc, item);
        }
    }

    /// # Source
    /// `rsc_action_item()`
    fn item(&mut self, plan: &Plan, rsc: RscIdx, item: Item) {
        let Some(action) = item.action.or(item.source) else { return };
        let id = &plan.facts.rscs[rsc].id;
        if id.len() > self.widths.rsc {
            self.widths.rsc = id.len() + 2;
        }
        let details = details(plan, rsc, item.origin, item.destination);
        self.widths.detail = self.widths.detail.max(details.len());
        let source = &plan.actions[item.source.unwrap_or(action)];
        let reason = reason(source, plan.actions[action].is(F::RUNNABLE));
        self.lines.push(format!(
            "{:<8}   {id:<rsc_width$}   ( {details:>detail_width$} ){reason}",
            item.what,
            rsc_width = self.widths.rsc,
            detail_width = self.widths.detail,
        ));
    }
}

fn reason(source: &Action, runnable: bool) -> String {
    match (&source.reason, runnable) {
        (Some(reason), false) => format!("  due to {reason} (blocked)"),
        (Some(reason), true) => format!("  due to {reason}"),
        (None, false) => "  blocked".to_owned(),
        (None, true) => String::new(),
    }
}

fn details(
    plan: &Plan,
    rsc: RscIdx,
    origin: Option<NodeIdx>,
    destination: Option<NodeIdx>,
) -> String {
    let (orig_role, next_role) = (plan.rscs[rsc].orig_role, plan.rscs[rsc].next_role);
    let need_role = orig_role > Role::Started || next_role > Role::Unpromoted;
    let same_role = orig_role == next_role;
    let (orig, next) = (orig_role.text(), next_role.text());
    let name = |node: NodeIdx| &*plan.facts.nodes[node].name;
    match (origin.map(name), destination.map(name)) {
        (None, to) => {
            let to = to.unwrap_or("");
            if need_role { format!("{orig} -> {next} {to}") } else { to.to_owned() }
        }
        (Some(from), None) => {
            if need_role {
                format!("{orig} {from}")
            } else {
                from.to_owned()
            }
        }
        (Some(from), Some(_)) if same_role && origin == destination => {
            if need_role {
                format!("{orig} {from}")
            } else {
                from.to_owned()
            }
        }
        (Some(from), Some(to)) if same_role => {
            if need_role {
                format!("{from} -> {to} {orig}")
            } else {
                format!("{from} -> {to}")
            }
        }
        (Some(from), Some(_)) if origin == destination => format!("{orig} -> {next} {from}"),
        (Some(from), Some(to)) => format!("{orig} {from} -> {next} {to}"),
    }
}
