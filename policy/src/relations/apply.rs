//! Orderings become relations between actions, and relations take effect.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_ordering.c` (`pcmk__apply_orderings()`,
//! `rsc_order_first()`, `order_resource_actions_after()`, `pcmk__disable_invalid_orderings()`).

use super::RelationFlags;
use super::pending::{End, PendingOrdering};
use crate::actions::{ActionFlags, ActionGraph, ActionIdx, ActionKey, Need, Task};
use crate::facts::Role;
use crate::index::{Idx as _, RscIdx};
use crate::plan::Plan;
use crate::state::When;

impl Plan {
    /// Applies all orderings, and what actions mean for each other, until nothing changes.
    ///
    /// # Source
    /// `pcmk__apply_orderings()`
    pub fn apply_orderings(&mut self) {
        for at in 0..self.orderings.len() {
            self.apply_ordering(self.orderings[at]);
        }
        // C walks its lists newest first, and does not see what is added meanwhile.
        let actions: Vec<ActionIdx> = self.actions.actions.indices().rev().collect();
        for &action in &actions {
            self.block_colocation_dependents(action);
        }
        self.order_probes();
        let actions: Vec<ActionIdx> = self.actions.actions.indices().rev().collect();
        for action in actions {
            self.update_for_orderings(action);
        }
        self.disable_invalid_orderings();
    }

    fn apply_ordering(&mut self, ordering: PendingOrdering) {
        let PendingOrdering { first, then, flags } = ordering;
        if let Some(rsc) = first.rsc {
            self.order_first(rsc, ordering);
        } else if let Some(rsc) = then.rsc {
            self.order_after(first.action, rsc, ordering);
        } else if let (Some(first), Some(then)) = (first.action, then.action) {
            self.actions.order(first, then, flags);
        }
    }

    fn end_actions(&self, rsc: RscIdx, end: End) -> Vec<ActionIdx> {
        match (end.action, end.key) {
            (Some(action), _) => vec![action],
            (None, Some(key)) => {
                let mut found: Vec<_> = self.actions.newest_first(rsc, key).collect();
                found.reverse();
                found
            }
            (None, None) => Vec::new(),
        }
    }

    /// # Source
    /// `rsc_order_first()`
    fn order_first(&mut self, rsc: RscIdx, ordering: PendingOrdering) {
        let PendingOrdering { first, then, flags } = ordering;
        let mut actions = self.end_actions(rsc, first);
        if actions.is_empty()
            && then.rsc != Some(rsc)
            && let Some(key) = first.key
        {
            actions.extend(self.invent_first(rsc, key));
        }
        let then_rsc = then.rsc.or_else(|| self.actions[then.action?].rsc);
        for action in actions {
            match (then_rsc, then.action) {
                (Some(then_rsc), _) => self.order_after(Some(action), then_rsc, ordering),
                (None, Some(then)) => {
                    self.actions.order(action, then, flags);
                }
                (None, None) => return,
            }
        }
    }

    /// Makes the action an ordering begins with, unless the resource's role rules it out.
    fn invent_first(&mut self, rsc: RscIdx, key: ActionKey) -> Option<ActionIdx> {
        let role = self.role(rsc, When::Current);
        if key.notify.is_none()
            && matches!(
                (role, key.task),
                (Role::Stopped, Task::Stop) | (Role::Unpromoted, Task::Demote)
            )
        {
            return None;
        }
        Some(self.ensure_action(rsc, key, key.task, None, Need::Optional))
    }

    /// # Source
    /// `order_resource_actions_after()`
    fn order_after(&mut self, first: Option<ActionIdx>, rsc: RscIdx, ordering: PendingOrdering) {
        let mut flags = ordering.flags;
        if first.is_some_and(|first| {
            let first = &self.actions[first];
            first.rsc == Some(rsc) && first.is(ActionFlags::MIGRATION_ABORT)
        }) {
            flags.remove(RelationFlags::FIRST_IMPLIES_THEN);
        }
        if first.is_none() && !flags.contains(RelationFlags::FIRST_IMPLIES_THEN) {
            return;
        }
        for then in self.end_actions(rsc, ordering.then) {
            match first {
                Some(first) => {
                    self.actions.order(first, then, flags);
                }
                None => self.actions[then].flags.remove(ActionFlags::RUNNABLE),
            }
        }
    }

    /// # Source
    /// `pcmk__disable_invalid_orderings()`
    fn disable_invalid_orderings(&mut self) {
        for at in (0..self.actions.actions.len()).rev() {
            let action = ActionIdx::new(at);
            for edge in (0..self.actions.before(action).len()).rev() {
                if self.is_invalid(action, edge) {
                    self.actions.before_mut(action)[edge].flags = RelationFlags::empty();
                }
            }
        }
    }

    fn is_invalid(&mut self, action: ActionIdx, at: usize) -> bool {
        let edge = self.actions.before(action)[at];
        let (state, input) = (&self.actions[action], &self.actions[edge.peer]);
        let Some(rsc) = state.rsc else { return false };
        if !edge.flags.contains(RelationFlags::GUEST_ALLOWED)
            && input.rsc.is_some()
            && !self.facts.rscs[rsc].launched.is_empty()
            && input.node.and_then(|node| self.guest_launcher(node)) == Some(rsc)
        {
            return true;
        }
        edge.flags == RelationFlags::IF_ON_SAME_NODE_OR_TARGET
            && state.task == Task::MigrateTo
            && self.graph_has_loop(action, at)
    }
}

impl ActionGraph {
    /// Orders each action of `list` before `then`.
    ///
    /// # Source
    /// `pcmk__order_after_each()`
    pub(crate) fn order_after_each(&mut self, list: &[ActionIdx], then: ActionIdx) {
        for &first in list {
            self.order(first, then, RelationFlags::ORDERED);
        }
    }
}
