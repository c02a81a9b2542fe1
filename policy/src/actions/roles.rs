//! From the role a resource has to the role it shall have, one step at a time.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_primitive.c` (`rsc_state_matrix`,
//! `rsc_action_matrix` and the functions in it).

use super::ensure::Need;
use super::graph::ActionFlags as F;
use super::key::{ActionKey, Task};
use crate::facts::{Role, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::RelationFlags as R;

/// A step between two roles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Stop,
    Start,
    Promote,
    Demote,
}

/// Returns the next role on the way from `from` to `to`.
pub(super) fn next_role(from: Role, to: Role) -> Role {
    use Role::{Promoted, Started, Stopped, Unknown, Unpromoted};
    match (from, to) {
        (Unknown, Unknown) => Unknown,
        (_, Unknown) | (Unknown, _) => Stopped,
        (Stopped, Promoted | Unpromoted) => Unpromoted,
        (Stopped | Started, to) => to,
        (Unpromoted, Unpromoted | Promoted) => to,
        (Unpromoted, _) => Stopped,
        (Promoted, Promoted) => Promoted,
        (Promoted, _) => Unpromoted,
    }
}

/// Returns the step between two neighbouring roles; `None` where nothing is to be done.
pub(super) fn step(from: Role, to: Role) -> Option<Step> {
    use Role::{Promoted, Started, Stopped, Unknown, Unpromoted};
    match (from, to) {
        (Stopped, Started | Unpromoted) => Some(Step::Start),
        (Unknown | Started, Stopped) | (Unpromoted, Stopped | Started) => Some(Step::Stop),
        (Started | Unpromoted, Promoted) => Some(Step::Promote),
        (Promoted, Stopped | Started | Unpromoted) => Some(Step::Demote),
        _ => None,
    }
}

impl Plan {
    pub(super) fn take_step(&mut self, step: Step, rsc: RscIdx, node: Option<NodeIdx>, need: Need) {
        match (step, node) {
            (Step::Stop, _) => self.stop_everywhere(rsc, need),
            (Step::Demote, _) => self.demote_everywhere(rsc, need),
            (Step::Start, Some(node)) => self.start_on(rsc, node, need),
            (Step::Promote, Some(node)) => self.promote_on(rsc, node, need),
            (Step::Start | Step::Promote, None) => {}
        }
    }

    /// Returns true where a multiply active resource may stay, because it belongs there.
    fn is_expected_node(&self, rsc: RscIdx, node: NodeIdx) -> bool {
        let state = &self.rscs[rsc];
        state.has(RscFlags::STOP_UNEXPECTED | RscFlags::RESTARTING)
            && state.next_role > Role::Stopped
            && state.assigned == Some(node)
    }

    fn stop_everywhere(&mut self, rsc: RscIdx, need: Need) {
        let mut need = need;
        for node in self.rscs[rsc].active.clone() {
            if self.is_expected_node(rsc, node) {
                continue;
            }
            if let Some(target) = self.rscs[rsc].partial_migration_target {
                if node == target && self.rscs[rsc].assigned == Some(node) {
                    continue;
                }
                need = Need::Required;
            }
            let stop = self.ensure_once(rsc, Task::Stop, Some(node), need);
            if self.rscs[rsc].assigned.is_none() {
                self.actions[stop].set_reason(Some("node availability"), true);
            } else if self.rsc_has(rsc, RscFlags::RESTARTING | RscFlags::STOP_UNEXPECTED) {
                self.actions[stop].set_reason(Some("being multiply active"), true);
            }
            if !self.rsc_has(rsc, RscFlags::MANAGED) {
                self.actions[stop].flags.remove(F::RUNNABLE);
            }
            if self.rsc_has(rsc, RscFlags::NEEDS_UNFENCING) {
                let unfence = self.fence_op(node, Some("on"), Need::Optional, None, false);
                self.actions.order(stop, unfence, R::THEN_IMPLIES_FIRST);
            }
        }
    }

    fn start_on(&mut self, rsc: RscIdx, node: NodeIdx, need: Need) {
        let start = self.ensure_once(rsc, Task::Start, Some(node), Need::Optional);
        self.order_vs_unfencing(rsc, node, start, R::FIRST_IMPLIES_THEN);
        if self.actions[start].is(F::RUNNABLE) && need == Need::Required {
            self.actions[start].flags.remove(F::OPTIONAL);
        }
        if self.is_expected_node(rsc, node) {
            self.actions[start].flags |= F::PSEUDO;
        }
    }

    fn promote_on(&mut self, rsc: RscIdx, node: NodeIdx, need: Need) {
        let starts = self.actions.find_exact(rsc, ActionKey::once(Task::Start), node);
        if starts.iter().all(|start| self.actions[*start].is(F::RUNNABLE)) {
            let promote = self.ensure_once(rsc, Task::Promote, Some(node), need);
            if self.is_expected_node(rsc, node) {
                self.actions[promote].flags |= F::PSEUDO;
            }
            return;
        }
        for promote in self.actions.find_exact(rsc, ActionKey::once(Task::Promote), node) {
            self.actions[promote].flags.remove(F::RUNNABLE);
        }
    }

    fn demote_everywhere(&mut self, rsc: RscIdx, need: Need) {
        for node in self.rscs[rsc].active.clone() {
            if !self.is_expected_node(rsc, node) {
                self.ensure_once(rsc, Task::Demote, Some(node), need);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promoted_resource_is_demoted_then_stopped_then_started_elsewhere() {
        let mut role = Role::Promoted;
        let mut steps = Vec::new();
        for goal in [Role::Stopped, Role::Promoted] {
            while role != goal {
                let next = next_role(role, goal);
                steps.extend(step(role, next));
                role = next;
            }
        }
        assert_eq!(steps, [Step::Demote, Step::Stop, Step::Start, Step::Promote]);
    }
}
