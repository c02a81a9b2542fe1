//! One relation applied: each of its flags through the resources' own methods.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_actions.c`
//! (`update_action_for_ordering_flags()`), `pcmk_sched_colocation.c`
//! (`pcmk__block_colocation_dependents()`).

use super::RelationFlags as R;
use super::update::{Changed, Update};
use crate::actions::{ActionFlags as F, ActionIdx, Task};
use crate::facts::{Role, RscFlags};
use crate::index::RscIdx;
use crate::plan::Plan;
use crate::scores::INFINITY;
use crate::scores::colocation_list::Side;

impl Plan {
    /// Applies the relation at position `at` of `then`'s inputs.
    pub(super) fn apply_relation(
        &mut self,
        first: ActionIdx,
        then: ActionIdx,
        (first_flags, then_flags): (F, F),
        at: usize,
    ) -> Changed {
        let mut changed = Changed::empty();
        let mut node = self.actions[then].node;
        let mut flags = self.actions.before(then)[at].flags;
        if flags.contains(R::FIRST_IMPLIES_SAME_NODE_THEN) {
            flags.remove(R::FIRST_IMPLIES_SAME_NODE_THEN);
            flags |= R::FIRST_IMPLIES_THEN;
            self.actions.before_mut(then)[at].flags = flags;
            node = self.actions[first].node;
        }
        let (first_rsc, then_rsc) = (self.actions[first].rsc, self.actions[then].rsc);
        let update = |relation: R, flags: F, filter: F| Update {
            first,
            then,
            node,
            flags,
            filter,
            relation,
        };
        let optional = first_flags & F::OPTIONAL;
        if let Some(rsc) = then_rsc {
            for relation in THEN_RELATIONS {
                let (relation, filter, only_optional) = relation;
                if relation == R::THEN_IMPLIES_FIRST {
                    changed |= self.imply_first(
                        first,
                        first_rsc,
                        flags,
                        update(relation, first_flags, filter),
                    );
                    continue;
                }
                if relation == R::NESTED_REMOTE_PROBE {
                    if flags.contains(relation) {
                        changed |= self.nest_probe(
                            rsc,
                            at,
                            first_flags,
                            update(R::UNRUNNABLE_FIRST_BLOCKS, first_flags, F::RUNNABLE),
                        );
                        flags = self.actions.before(then)[at].flags;
                    }
                    continue;
                }
                if flags.contains(relation) {
                    let given = if only_optional { optional } else { first_flags };
                    changed |= self.update_ordered(rsc, update(relation, given, filter));
                }
            }
        } else {
            changed |= self.relate_to_cluster_action(first, then, first_flags, flags);
        }
        changed | self.apply_graphed(first, then, (first_flags, then_flags), flags)
    }

    fn imply_first(
        &mut self,
        first: ActionIdx,
        first_rsc: Option<RscIdx>,
        flags: R,
        update: Update,
    ) -> Changed {
        if !flags.contains(R::THEN_IMPLIES_FIRST) {
            return Changed::empty();
        }
        if let Some(rsc) = first_rsc {
            return self.update_ordered(rsc, update);
        }
        if !update.flags.contains(F::OPTIONAL) && self.actions[first].is(F::RUNNABLE) {
            self.actions[first].flags.remove(F::RUNNABLE);
            return Changed::FIRST;
        }
        Changed::empty()
    }

    /// A container's start before its connection's probe.
    fn nest_probe(&mut self, rsc: RscIdx, at: usize, first_flags: F, update: Update) -> Changed {
        let first_rsc = self.actions[update.first].rsc;
        if !first_flags.contains(F::RUNNABLE)
            && first_rsc.is_some_and(|rsc| !self.rscs[rsc].active.is_empty())
        {
            self.actions.before_mut(update.then)[at].flags = R::empty();
            return Changed::empty();
        }
        self.update_ordered(rsc, update)
    }

    /// Relations whose second action is the cluster's own.
    fn relate_to_cluster_action(
        &mut self,
        first: ActionIdx,
        then: ActionIdx,
        first_flags: F,
        flags: R,
    ) -> Changed {
        let mut changed = Changed::empty();
        if flags.contains(R::FIRST_IMPLIES_THEN)
            && !first_flags.contains(F::OPTIONAL)
            && self.actions[then].is(F::OPTIONAL)
        {
            self.actions[then].flags.remove(F::OPTIONAL);
            changed |= Changed::THEN;
        }
        if flags.contains(R::THEN_IMPLIES_FIRST) {
            let first_rsc = self.actions[first].rsc;
            let update = Update {
                first,
                then,
                node: self.actions[then].node,
                flags: first_flags,
                filter: F::OPTIONAL,
                relation: R::THEN_IMPLIES_FIRST,
            };
            changed |= self.imply_first(first, first_rsc, flags, update);
        }
        let state = &mut self.actions[then];
        if flags.contains(R::MIN_RUNNABLE) && first_flags.contains(F::RUNNABLE) {
            state.runnable_before += 1;
            if state.runnable_before >= state.required_runnable_before && !state.is(F::RUNNABLE) {
                state.flags |= F::RUNNABLE;
                changed |= Changed::THEN;
            }
        }
        if flags.contains(R::UNRUNNABLE_FIRST_BLOCKS)
            && !first_flags.contains(F::RUNNABLE)
            && state.is(F::RUNNABLE)
        {
            state.flags.remove(F::RUNNABLE);
            changed |= Changed::THEN;
        }
        changed
    }

    /// What a relation means for being in the graph, and stops of blocked resources.
    fn apply_graphed(
        &mut self,
        first: ActionIdx,
        then: ActionIdx,
        (first_flags, then_flags): (F, F),
        flags: R,
    ) -> Changed {
        if self.actions[first].is(F::RUNNABLE)
            && flags.contains(R::FIRST_IMPLIES_THEN_GRAPHED)
            && !first_flags.contains(F::OPTIONAL)
            && !self.actions[then].is(F::ALWAYS_IN_GRAPH)
        {
            self.actions[then].flags |= F::ALWAYS_IN_GRAPH;
        }
        if flags.contains(R::THEN_IMPLIES_FIRST_GRAPHED)
            && !then_flags.contains(F::OPTIONAL)
            && !self.actions[first].is(F::ALWAYS_IN_GRAPH)
        {
            self.actions[first].flags |= F::ALWAYS_IN_GRAPH;
        }
        let state = &self.actions[first];
        let is_blocked_stop = state.task == Task::Stop
            && !state.is(F::RUNNABLE)
            && state.rsc.is_some_and(|rsc| {
                !self.rsc_has(rsc, RscFlags::MANAGED) && self.rsc_has(rsc, RscFlags::BLOCKED)
            });
        let blocks = R::FIRST_IMPLIES_THEN | R::THEN_IMPLIES_FIRST | R::INTERMEDIATE_STOP;
        if is_blocked_stop && flags.intersects(blocks) && self.actions[then].is(F::RUNNABLE) {
            self.actions[then].flags.remove(F::RUNNABLE);
            return Changed::THEN;
        }
        Changed::empty()
    }

    /// Makes the start (or promotion) of everything that must be with an unrunnable action's
    /// resource unrunnable too.
    pub(crate) fn block_colocation_dependents(&mut self, action: ActionIdx) {
        let state = &self.actions[action];
        let (task, Some(action_rsc)) = (state.task, state.rsc) else { return };
        if state.is(F::RUNNABLE) || !matches!(task, Task::Start | Task::Promote) {
            return;
        }
        let top = self.facts.top_below_bundle(action_rsc);
        let rsc = self.facts.rscs[top].parent.unwrap_or(top);
        for &child in &self.rscs[rsc].children {
            let other = self.actions.find_task(child, task, None);
            if other.is_none_or(|other| self.actions[other].is(F::RUNNABLE)) {
                return;
            }
        }
        for colocation in self.colocations_of(rsc, Side::WithThis) {
            let colocation = &self.constraints.colocations[colocation];
            if colocation.score < INFINITY
                || (task == Task::Promote && colocation.primary_role != Role::Promoted)
            {
                continue;
            }
            let blocked = match colocation.dependent_role {
                Role::Promoted => Task::Promote,
                _ => Task::Start,
            };
            self.block_actions(colocation.dependent, blocked, action_rsc);
        }
    }

    /// # Source
    /// `mark_action_blocked()`
    fn block_actions(&mut self, rsc: RscIdx, task: Task, cause: RscIdx) {
        let reason = format!("colocation with {}", self.facts.rscs[cause].id);
        let actions: Vec<ActionIdx> = self.actions.of_rsc(rsc).iter().rev().copied().collect();
        for action in actions {
            if self.actions[action].is(F::RUNNABLE) && self.actions[action].task == task {
                self.actions[action].flags.remove(F::RUNNABLE);
                self.actions[action].set_reason(Some(&reason), false);
                self.block_colocation_dependents(action);
                self.update_for_orderings(action);
            }
        }
        for child in self.rscs[rsc].children.clone() {
            self.block_actions(child, task, cause);
        }
    }
}

/// Relations on a resource's action, in the order in which they are applied: what they are about,
/// and whether only the first action's optional flag counts.
const THEN_RELATIONS: [(R, F, bool); 11] = [
    (R::FIRST_IMPLIES_THEN, F::OPTIONAL, true),
    (R::INTERMEDIATE_STOP, F::OPTIONAL.union(F::RUNNABLE), false),
    (R::THEN_IMPLIES_FIRST, F::OPTIONAL, false),
    (R::PROMOTED_THEN_IMPLIES_FIRST, F::OPTIONAL, true),
    (R::MIN_RUNNABLE, F::RUNNABLE, false),
    (R::NESTED_REMOTE_PROBE, F::RUNNABLE, false),
    (R::UNRUNNABLE_FIRST_BLOCKS, F::RUNNABLE, false),
    (R::UNMIGRATABLE_THEN_BLOCKS, F::OPTIONAL, false),
    (R::FIRST_ELSE_THEN, F::OPTIONAL, false),
    (R::ORDERED, F::RUNNABLE, false),
    (R::ASYMMETRIC, F::RUNNABLE, false),
];
