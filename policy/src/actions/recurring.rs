//! Recurring actions: monitors of what runs, monitors of what must not run, cancellations.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_recurring.c`.

use cib_model::xml::ElementRef;

use super::ensure::Need;
use super::graph::{ActionFlags as F, ActionIdx};
use super::key::{ActionKey, Task};
use crate::facts::{Role, RscFlags, op_interval};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::{End, RelationFlags as R};

/// A configured recurring operation.
#[derive(Clone, Copy)]
struct Recurring {
    task: Task,
    key: ActionKey,
    role: Role,
}

/// Returns true for an operation that is done once, whatever its interval says.
pub(crate) fn cannot_recur(name: &str) -> bool {
    matches!(
        name,
        "stop" | "start" | "demote" | "promote" | "reload-agent" | "migrate_to" | "migrate_from"
    )
}

impl Plan {
    /// # Source
    /// `is_recurring_history()`
    fn recurring_ops(&mut self, rsc: RscIdx) -> Vec<Recurring> {
        let ops: Vec<(String, u32, Role)> = self
            .ops(rsc)
            .filter_map(|op| {
                let interval = op_interval(op);
                let name = op.attr("name").unwrap_or_default();
                let role = match op.attr("role") {
                    None => Role::Unknown,
                    Some(role) => Role::parse(role).filter(|r| *r != Role::Unknown)?,
                };
                let usable = interval > 0
                    && op.id().is_some_and(|id| !id.is_empty())
                    && !cannot_recur(name)
                    && !self.is_duplicate_op(rsc, name, interval)
                    && self.find_op(rsc, name, interval, false).is_some();
                usable.then(|| (name.to_owned(), interval, role))
            })
            .collect();
        ops.into_iter()
            .map(|(name, interval, role)| {
                let task = self.actions.task_names.task(&name);
                Recurring { task, key: ActionKey::recurring(task, interval), role }
            })
            .collect()
    }

    fn is_duplicate_op(&self, rsc: RscIdx, name: &str, interval_ms: u32) -> bool {
        if let Some(table) = &self.facts.rscs[rsc].op_table {
            return table.get(name, interval_ms).is_some_and(|same| same.with_id > 1);
        }
        let same = |op: &ElementRef<'_>| {
            op.attr("name") == Some(name) && op_interval(*op) == interval_ms && op.id().is_some()
        };
        self.ops(rsc).filter(same).count() > 1
    }

    /// Makes the recurring actions of a primitive.
    ///
    /// # Source
    /// `pcmk__create_recurring_actions()`
    pub(super) fn create_recurring_actions(&mut self, rsc: RscIdx) {
        if self.rscs[rsc].flags.intersects(RscFlags::BLOCKED | RscFlags::MAINTENANCE) {
            return;
        }
        let assigned = self.rscs[rsc].assigned;
        let runs = assigned.is_some_and(|node| !self.nodes[node].maintenance)
            && (self.rscs[rsc].next_role != Role::Stopped || !self.rsc_has(rsc, RscFlags::MANAGED));
        let start = runs.then(|| self.ensure_once(rsc, Task::Start, assigned, Need::Optional));
        for op in self.recurring_ops(rsc) {
            if let (Some(start), Some(node)) = (start, assigned) {
                self.recurring_for_active(rsc, start, node, op);
            }
            self.recurring_for_inactive(rsc, assigned, op);
        }
    }

    /// # Source
    /// `active_recurring_should_be_optional()`
    fn is_recurring_optional(
        &self,
        rsc: RscIdx,
        node: NodeIdx,
        key: ActionKey,
        start: ActionIdx,
    ) -> bool {
        if !self.actions[start].is(F::OPTIONAL) {
            return false;
        }
        let known = self.actions.find_exact(rsc, key, node);
        !known.is_empty() && known.iter().all(|op| !self.actions[*op].is(F::RESCHEDULE))
    }

    /// # Source
    /// `recurring_op_for_active()`
    fn recurring_for_active(
        &mut self,
        rsc: RscIdx,
        start: ActionIdx,
        node: NodeIdx,
        op: Recurring,
    ) {
        if op.role == Role::Stopped {
            return;
        }
        let optional = self.is_recurring_optional(rsc, node, op.key, start);
        let (orig_role, next_role) = (self.rscs[rsc].orig_role, self.rscs[rsc].next_role);
        let matches = match op.role {
            Role::Unknown => next_role != Role::Promoted,
            role => next_role == role,
        };
        if !matches {
            if optional {
                self.cancel_for_role(rsc, node, op);
            }
            return;
        }
        let monitor =
            self.ensure_action(rsc, op.key, op.task, Some(node), Need::optional_if(optional));
        if !self.actions[start].is(F::RUNNABLE)
            || !self.nodes[node].online
            || self.nodes[node].unclean
        {
            self.actions[monitor].flags.remove(F::RUNNABLE);
        }
        if next_role == Role::Promoted {
            self.actions[monitor].meta.set("op_target_rc", "8");
        }
        if !self.rsc_has(rsc, RscFlags::MANAGED) {
            return;
        }
        let implies = R::FIRST_IMPLIES_THEN | R::UNRUNNABLE_FIRST_BLOCKS;
        let then = End::action(monitor);
        self.order(End::task(rsc, Task::Start), then, implies);
        self.order(End::task(rsc, Task::ReloadAgent), then, implies);
        let before = match (next_role, orig_role) {
            (Role::Promoted, _) => Some(Task::Promote),
            (_, Role::Promoted) => Some(Task::Demote),
            _ => None,
        };
        if let Some(before) = before {
            let flags = R::ORDERED | R::UNRUNNABLE_FIRST_BLOCKS;
            self.order(End::task(rsc, before), then, flags);
        }
    }

    /// Cancels a monitor of a role the resource is leaving.
    fn cancel_for_role(&mut self, rsc: RscIdx, node: NodeIdx, op: Recurring) {
        let cancel = self.new_cancel(rsc, op.task, op.key.interval_ms, node);
        let after = match (self.rscs[rsc].orig_role, self.rscs[rsc].next_role) {
            (Role::Unpromoted | Role::Started, Role::Promoted) => Task::Promote,
            (Role::Unpromoted | Role::Started, Role::Stopped) => Task::Stop,
            (Role::Promoted, _) => Task::Demote,
            _ => return,
        };
        let first = End::action_of(rsc, cancel);
        self.order(first, End::task(rsc, after), R::UNRUNNABLE_FIRST_BLOCKS);
    }

    /// Monitors with role `Stopped`, on every node where the resource shall not be.
    ///
    /// # Source
    /// `recurring_op_for_inactive()`
    fn recurring_for_inactive(&mut self, rsc: RscIdx, node: Option<NodeIdx>, op: Recurring) {
        if op.role != Role::Stopped || !self.rsc_has(rsc, RscFlags::UNIQUE) {
            return;
        }
        for other in self.facts.node_order.clone() {
            let is_known = !self.actions.find_exact(rsc, op.key, other).is_empty();
            if Some(other) == node {
                if is_known {
                    self.cancel_stopped_monitor(rsc, other, op);
                }
                continue;
            }
            let need = Need::optional_if(is_known);
            let monitor = self.ensure_action(rsc, op.key, op.task, Some(other), need);
            self.actions[monitor].meta.set("op_target_rc", "7");
            if self.rsc_has(rsc, RscFlags::MANAGED) {
                let probe = ActionKey::once(Task::Monitor);
                for probe in self.actions.adopt(rsc, probe, Some(other)) {
                    self.actions.order(probe, monitor, R::UNRUNNABLE_FIRST_BLOCKS);
                }
            }
            self.order_after_stops(rsc, other, monitor);
            if !self.nodes[other].online || self.nodes[other].unclean {
                self.actions[monitor].flags.remove(F::RUNNABLE);
            }
        }
    }

    /// # Source
    /// `cancel_if_running()`
    fn cancel_stopped_monitor(&mut self, rsc: RscIdx, node: NodeIdx, op: Recurring) {
        let cancel = self.new_cancel(rsc, op.task, op.key.interval_ms, node);
        if matches!(self.rscs[rsc].next_role, Role::Started | Role::Unpromoted) {
            let first = End::action_of(rsc, cancel);
            self.order(first, End::task(rsc, Task::Start), R::UNRUNNABLE_FIRST_BLOCKS);
        }
    }

    fn order_after_stops(&mut self, rsc: RscIdx, node: NodeIdx, action: ActionIdx) {
        let managed = self.rsc_has(rsc, RscFlags::MANAGED);
        for stop in self.actions.find_exact(rsc, ActionKey::once(Task::Stop), node) {
            if !self.actions[stop].is(F::OPTIONAL) && !managed {
                self.actions[action].flags |= F::OPTIONAL;
            }
            if !self.actions[stop].is(F::RUNNABLE) {
                self.actions[action].flags.remove(F::RUNNABLE);
            }
            if managed {
                self.order(
                    End::action_of(rsc, stop),
                    End::action(action),
                    R::FIRST_IMPLIES_THEN | R::UNRUNNABLE_FIRST_BLOCKS,
                );
            }
        }
    }

    /// Makes the action that cancels a recurring action; it shares that action's key.
    ///
    /// # Source
    /// `pcmk__new_cancel_action()`
    pub(super) fn new_cancel(
        &mut self,
        rsc: RscIdx,
        task: Task,
        interval_ms: u32,
        node: NodeIdx,
    ) -> ActionIdx {
        let key = ActionKey::recurring(task, interval_ms);
        let cancel = self.ensure_action(rsc, key, Task::Cancel, Some(node), Need::Required);
        let name: Box<str> = self.actions.task_names.name(task).into();
        self.actions.set_task(cancel, Task::Cancel);
        let action = &mut self.actions[cancel];
        action.cancel_task = Some(task);
        action.meta.set("operation", name);
        action.meta.set("interval", interval_ms.to_string());
        cancel
    }

    /// Cancels a recurring action that was found in the history.
    ///
    /// # Source
    /// `pcmk__schedule_cancel()`
    pub(super) fn cancel_recorded(
        &mut self,
        rsc: RscIdx,
        task: Task,
        (interval_ms, call_id): (u32, i64),
        node: NodeIdx,
    ) {
        let cancel = self.new_cancel(rsc, task, interval_ms, node);
        self.actions[cancel].meta.set("call-id", call_id.to_string());
        self.order(End::task(rsc, Task::Stop), End::action_of(rsc, cancel), R::ORDERED);
    }

    /// Returns true where the action recurs.
    pub(crate) fn is_recurring(&self, action: ActionIdx) -> bool {
        let interval = self.actions[action].meta.get("interval");
        interval.and_then(|v| v.parse::<u32>().ok()).is_some_and(|ms| ms > 0)
    }
}
