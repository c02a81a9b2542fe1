//! What actions mean for each other, applied until nothing changes.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_actions.c`
//! (`pcmk__update_action_for_orderings()`, `pcmk__update_ordered_actions()`).
//! **Differs:** C recurses; here the pending visits are an explicit stack, in the same order.

use super::RelationFlags as R;
use crate::actions::{ActionFlags as F, ActionIdx, ActionKey, NotifyType, Task};
use crate::facts::{Role, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::state::When;
use crate::trace::{ActionChange, TraceLine};

bitflags::bitflags! {
    /// Which of two actions an update changed.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub(crate) struct Changed: u8 {
        /// The first.
        const FIRST = 1;
        /// The second.
        const THEN = 2;
    }
}

/// One relation to be applied, with what the resource methods need to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Update {
    /// The first action.
    pub(crate) first: ActionIdx,
    /// The second action.
    pub(crate) then: ActionIdx,
    /// Only instances on this node are meant.
    pub(crate) node: Option<NodeIdx>,
    /// Flags of the first action (of a collective: of its members).
    pub(crate) flags: F,
    /// Which flags the relation is about.
    pub(crate) filter: F,
    /// The one thing the relation implies.
    pub(crate) relation: R,
}

/// Where a visit of an action is, so that it can be left and taken up again.
struct Visit {
    then: ActionIdx,
    changed: Changed,
    last_flags: F,
    /// Positions of its inputs still to be applied: those below this.
    next_input: usize,
    /// Visits to make before the next input.
    queue: Vec<ActionIdx>,
    stage: Stage,
}

/// What is left to do in a visit once all inputs are applied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Inputs,
    Itself,
    Followers,
    Done,
}

impl Plan {
    /// Applies all relations whose second action is `then`, and whatever that changes in turn.
    pub(crate) fn update_for_orderings(&mut self, then: ActionIdx) {
        let mut stack = vec![self.begin_visit(then)];
        while let Some(visit) = stack.last_mut() {
            if let Some(next) = visit.queue.pop() {
                let next = self.begin_visit(next);
                stack.push(next);
            } else if visit.next_input > 0 {
                visit.next_input -= 1;
                self.visit_input(visit);
            } else {
                match visit.stage {
                    Stage::Inputs => visit.stage = self.end_inputs(visit),
                    Stage::Itself => {
                        visit.queue.push(visit.then);
                        visit.stage = Stage::Followers;
                    }
                    Stage::Followers => {
                        visit.queue.extend(self.actions.after(visit.then).iter().map(|e| e.peer));
                        visit.stage = Stage::Done;
                    }
                    Stage::Done => {
                        stack.pop();
                    }
                }
            }
        }
    }

    fn begin_visit(&mut self, then: ActionIdx) -> Visit {
        let next_input = self.actions.before(then).len();
        let last_flags = self.actions[then].flags;
        if self.actions[then].required_runnable_before > 0 {
            let state = &mut self.actions[then];
            state.runnable_before = 0;
            state.flags.remove(F::RUNNABLE);
        }
        Visit {
            then,
            changed: Changed::empty(),
            last_flags,
            next_input,
            queue: Vec::new(),
            stage: Stage::Inputs,
        }
    }

    /// Returns an action's node; for a group's start the node the group is assigned to.
    fn effective_node(&self, action: ActionIdx) -> Option<NodeIdx> {
        let state = &self.actions[action];
        match state.rsc {
            Some(rsc) if state.task == Task::Start && self.variant(rsc) == Variant::Group => {
                self.location(rsc, When::Next)
            }
            _ => state.node,
        }
    }

    fn visit_input(&mut self, visit: &mut Visit) {
        let (then, at) = (visit.then, visit.next_input);
        let edge = self.actions.before(then)[at];
        let original = edge.peer;
        let (first_node, then_node) = (self.effective_node(original), self.effective_node(then));
        if edge.flags.contains(R::IF_ON_SAME_NODE)
            && first_node.is_some()
            && then_node.is_some()
            && first_node != then_node
        {
            self.actions.before_mut(then)[at].flags = R::empty();
            return;
        }
        visit.changed.remove(Changed::FIRST);
        let (first_rsc, then_rsc) = (self.actions[original].rsc, self.actions[then].rsc);
        if let Some(rsc) = first_rsc
            && edge.flags.contains(R::THEN_CANCELS_FIRST)
            && !self.actions[then].is(F::OPTIONAL)
        {
            if !self.actions[original].is(F::OPTIONAL) {
                self.actions[original].flags |= F::OPTIONAL;
            }
            if self.actions[original].task == Task::ReloadAgent {
                self.rscs[rsc].flags.remove(RscFlags::RELOAD);
            }
        }
        let mut first = original;
        if let (Some(first_rsc), Some(then_rsc)) = (first_rsc, then_rsc)
            && first_rsc != then_rsc
            && !self.facts.is_ancestor(then_rsc, first_rsc)
        {
            first = self.completion_for_ordering(original, first_rsc);
        }
        if first == original {
            let first_flags = self.flags_for_ordering(first, then_node);
            let then_flags = self.flags_for_ordering(then, first_node);
            visit.changed |= self.apply_relation(first, then, (first_flags, then_flags), at);
        } else {
            // The relation to the completion is newer than this visit's list: it is applied when
            // `then` is visited again, which this change brings about.
            if self.actions.order(first, then, edge.flags) {
                visit.changed |= Changed::THEN;
                self.actions.before_mut(then)[at].flags = R::empty();
            }
        }
        if visit.changed.contains(Changed::FIRST) {
            // The queue is taken from its end: C visits what follows `first`, newest relation
            // first, and then `first` itself.
            visit.queue.push(first);
            visit.queue.extend(self.actions.after(first).iter().map(|edge| edge.peer));
        }
    }

    fn end_inputs(&mut self, visit: &mut Visit) -> Stage {
        let then = visit.then;
        if self.actions[then].required_runnable_before > 0 {
            visit.changed.set(Changed::THEN, visit.last_flags != self.actions[then].flags);
        }
        if !visit.changed.contains(Changed::THEN) {
            return Stage::Done;
        }
        if visit.last_flags.contains(F::RUNNABLE) && !self.actions[then].is(F::RUNNABLE) {
            self.block_colocation_dependents(then);
        }
        Stage::Itself
    }

    /// Returns an action's flags; of a collective's those of its members, on `node` if given.
    fn flags_for_ordering(&mut self, action: ActionIdx, node: Option<NodeIdx>) -> F {
        let Some(rsc) = self.actions[action].rsc else { return self.actions[action].flags };
        let flags = self.action_flags(rsc, action, None);
        if node.is_none() || self.variant(rsc) != Variant::Clone {
            return flags;
        }
        let runnable = flags & F::RUNNABLE;
        self.action_flags(rsc, action, node) | runnable
    }

    /// Returns the action that completes a collective's action, where there is one.
    ///
    /// # Source
    /// `action_for_ordering()`
    fn completion_for_ordering(&self, action: ActionIdx, rsc: RscIdx) -> ActionIdx {
        let Some(key) = self.actions[action].key() else { return action };
        if self.variant(rsc) < Variant::Group
            || key.notify.is_some()
            || matches!(key.task, Task::Notify | Task::Notified)
            || key.interval_ms > 0
        {
            return action;
        }
        let Some(completion) = key.task.completion() else { return action };
        let notifies = self.rsc_has(rsc, RscFlags::NOTIFY)
            && (self.variant(rsc) == Variant::Clone || self.is_bundled(rsc));
        let key = if notifies {
            ActionKey::notify(NotifyType::ConfirmedPost, completion)
        } else {
            ActionKey::once(completion)
        };
        self.actions.find_first(rsc, key, None).unwrap_or(action)
    }

    fn clear_because(&mut self, action: ActionIdx, flag: F, cause: ActionIdx) {
        if !self.actions[action].is(flag) {
            return;
        }
        self.actions[action].flags.remove(flag);
        self.trace.push(|| TraceLine::Implied {
            action,
            change: match flag {
                F::RUNNABLE => ActionChange::Blocked,
                F::MIGRATABLE => ActionChange::Unmigratable,
                _ => ActionChange::Required,
            },
            cause,
        });
        if self.actions[action].rsc != self.actions[cause].rsc
            && self.actions[action].reason.is_none()
        {
            let reason = self.reason_from(cause, flag);
            self.actions[action].set_reason(Some(&reason), false);
        }
    }

    /// # Source
    /// `pe__action2reason()`
    fn reason_from(&self, cause: ActionIdx, flag: F) -> String {
        let change = match flag {
            F::RUNNABLE => "unrunnable",
            F::MIGRATABLE => "unmigrateable",
            _ => "required",
        };
        let state = &self.actions[cause];
        let task = self.actions.task_names.name(state.task);
        match state.rsc {
            Some(rsc) => format!("{change} {} {task}", self.facts.rscs[rsc].id),
            None => format!("{change} {task}"),
        }
    }

    /// # Source
    /// `handle_asymmetric_ordering()`
    fn apply_asymmetric(&mut self, first: ActionIdx, then: ActionIdx) {
        let Some(rsc) = self.actions[then].rsc else { return };
        if self.actions[first].is(F::RUNNABLE) {
            return;
        }
        if self.actions[then].is(F::OPTIONAL) {
            let role = self.role(rsc, When::Current);
            let task = self.actions[then].task;
            let node = self.actions[then].node;
            if (role == Role::Stopped && task == Task::Stop)
                || (role >= Role::Started
                    && task == Task::Start
                    && self.is_running_on_only(rsc, node))
            {
                return;
            }
        }
        self.clear_because(then, F::OPTIONAL, first);
        self.clear_because(then, F::RUNNABLE, first);
    }

    /// # Source
    /// `handle_restart_ordering()`
    fn apply_restart(&mut self, first: ActionIdx, then: ActionIdx, filter: F) {
        let (a, b) = (&self.actions[first], &self.actions[then]);
        let restarts = filter.contains(F::OPTIONAL) && !b.is(F::OPTIONAL);
        let stops = filter.contains(F::RUNNABLE)
            && !b.is(F::RUNNABLE)
            && b.rsc.is_some_and(|rsc| self.rsc_has(rsc, RscFlags::MANAGED))
            && a.rsc == b.rsc;
        if !restarts && !stops {
            return;
        }
        if self.actions[first].is(F::RUNNABLE) || !self.actions[then].is(F::OPTIONAL) {
            self.clear_because(first, F::OPTIONAL, then);
        }
        if !self.actions[then].is(F::MIGRATABLE) {
            self.clear_because(first, F::MIGRATABLE, then);
        }
        if !self.actions[first].flags.intersects(F::OPTIONAL | F::RUNNABLE) {
            self.clear_because(then, F::RUNNABLE, first);
        }
    }

    /// Applies one implication to two actions themselves.
    ///
    /// # Source
    /// `pcmk__update_ordered_actions()`
    pub(crate) fn update_ordered_base(&mut self, update: Update) -> Changed {
        let Update { first, then, flags, filter, relation, .. } = update;
        let (first_before, then_before) = (self.actions[first].flags, self.actions[then].flags);
        if relation.contains(R::ASYMMETRIC) {
            self.apply_asymmetric(first, then);
        }
        if relation.contains(R::THEN_IMPLIES_FIRST) && !then_before.contains(F::OPTIONAL) {
            if filter.contains(F::OPTIONAL)
                && !flags.contains(F::OPTIONAL)
                && first_before.contains(F::OPTIONAL)
            {
                self.clear_because(first, F::OPTIONAL, then);
            }
            if flags.contains(F::MIGRATABLE) && !self.actions[then].is(F::MIGRATABLE) {
                self.clear_because(first, F::MIGRATABLE, then);
            }
        }
        if relation.contains(R::PROMOTED_THEN_IMPLIES_FIRST)
            && self.actions[then].rsc.is_some_and(|rsc| self.rscs[rsc].orig_role == Role::Promoted)
            && filter.contains(F::OPTIONAL)
            && !self.actions[then].is(F::OPTIONAL)
        {
            self.clear_because(first, F::OPTIONAL, then);
            if !self.actions[then].is(F::MIGRATABLE) {
                self.clear_because(first, F::MIGRATABLE, then);
            }
        }
        if relation.contains(R::UNMIGRATABLE_THEN_BLOCKS) && filter.contains(F::OPTIONAL) {
            if !self.actions[then].is(F::MIGRATABLE | F::RUNNABLE) {
                self.clear_because(first, F::RUNNABLE, then);
            }
            if !self.actions[then].is(F::OPTIONAL) {
                self.clear_because(first, F::OPTIONAL, then);
            }
        }
        self.update_then(update);
        if then_before != self.actions[then].flags || first_before != self.actions[first].flags {
            return self.note_changes(update, first_before, then_before);
        }
        Changed::empty()
    }

    /// The implications that change the second action.
    fn update_then(&mut self, update: Update) {
        let Update { first, then, flags, filter, relation, .. } = update;
        if relation.contains(R::FIRST_ELSE_THEN)
            && filter.contains(F::OPTIONAL)
            && !self.actions[first].is(F::RUNNABLE)
        {
            self.clear_because(then, F::MIGRATABLE, first);
            self.actions.clear(then, F::PSEUDO);
        }
        if relation.contains(R::UNRUNNABLE_FIRST_BLOCKS)
            && filter.contains(F::RUNNABLE)
            && self.actions[then].is(F::RUNNABLE)
            && !flags.contains(F::RUNNABLE)
        {
            self.clear_because(then, F::RUNNABLE, first);
            self.clear_because(then, F::MIGRATABLE, first);
        }
        if relation.contains(R::FIRST_IMPLIES_THEN)
            && filter.contains(F::OPTIONAL)
            && self.actions[then].is(F::OPTIONAL)
            && !flags.contains(F::OPTIONAL)
            && !self.actions[first].is(F::MIGRATABLE)
        {
            self.clear_because(then, F::OPTIONAL, first);
        }
        if relation.contains(R::INTERMEDIATE_STOP) {
            self.apply_restart(first, then, filter);
        }
    }

    fn note_changes(&mut self, update: Update, first_before: F, then_before: F) -> Changed {
        let mut changed = Changed::empty();
        if then_before != self.actions[update.then].flags {
            changed |= Changed::THEN;
            let rsc = self.actions[update.then].rsc;
            if rsc.is_some_and(|rsc| self.facts.rscs[rsc].parent.is_some()) {
                self.update_for_orderings(update.then);
            }
        }
        changed.set(Changed::FIRST, first_before != self.actions[update.first].flags);
        changed
    }
}
