//! Puts resources on nodes, and takes them off.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_resource.c` (`pcmk__assign_resource()`,
//! `pcmk__unassign_resource()`).

use cib_model::Role;

use super::OnFailure;
use crate::actions::{ActionFlags, Task};
use crate::facts::RscFlags;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::trace::TraceLine;

/// Whether a node is taken whatever its state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Force {
    /// It is.
    Yes,
    /// Only where it can run the resource.
    No,
}

impl Plan {
    /// Puts a resource (all members of a collective) on a node, given with its score, or on none.
    /// Returns true where that changes anything.
    pub(crate) fn place(
        &mut self,
        rsc: RscIdx,
        node: Option<(NodeIdx, i32)>,
        force: Force,
        on_failure: OnFailure,
    ) -> bool {
        if !self.rscs[rsc].children.is_empty() {
            let mut changed = false;
            for child in self.rscs[rsc].children.clone() {
                changed |= self.place(child, node, force, on_failure);
            }
            return changed;
        }
        let usable = node.filter(|&(node, score)| {
            let available = self.is_node_available(node) || self.facts.is_guest(node);
            force == Force::Yes || (score >= 0 && available)
        });
        if node.is_some() && usable.is_none() && on_failure == OnFailure::Stop {
            self.rscs[rsc].next_role = Role::Stopped;
        }
        let changed = self.rscs[rsc].assigned != usable.map(|(node, _)| node);
        self.unassign(rsc);
        self.rscs[rsc].flags -= RscFlags::UNASSIGNED;
        match usable {
            Some((node, score)) => {
                let state = &mut self.rscs[rsc];
                state.assigned = Some(node);
                state.assigned_score = score;
                self.nodes[node].assigned.push(rsc);
                self.nodes[node].num_resources += 1;
                self.consume_capacity(node, rsc);
                self.trace.push(|| TraceLine::Utilization { rsc, node });
            }
            None if on_failure == OnFailure::Stop => self.note_unplaced(rsc),
            None => {}
        }
        changed
    }

    /// Stops what is assigned nowhere, and what recurs with it.
    fn note_unplaced(&mut self, rsc: RscIdx) {
        self.rscs[rsc].next_role = Role::Stopped;
        for i in 0..self.actions.of_rsc(rsc).len() {
            let idx = self.actions.of_rsc(rsc)[i];
            let action = &mut self.actions[idx];
            match action.task {
                Task::Stop => action.flags -= ActionFlags::OPTIONAL,
                Task::Start => action.flags -= ActionFlags::RUNNABLE,
                _ => {
                    let recurs = action.meta.get("interval").is_some_and(|i| i != "0");
                    if recurs && action.meta.get("op_target_rc") != Some("7") {
                        action.flags -= ActionFlags::RUNNABLE;
                    }
                }
            }
        }
    }

    /// Takes a resource (all members of a collective) off its node.
    pub(crate) fn unassign(&mut self, rsc: RscIdx) {
        self.rscs[rsc].flags |= RscFlags::UNASSIGNED;
        for child in self.rscs[rsc].children.clone() {
            self.unassign(child);
        }
        let Some(old) = self.rscs[rsc].assigned.take() else { return };
        self.nodes[old].assigned.retain(|r| *r != rsc);
        self.nodes[old].num_resources -= 1;
        self.release_capacity(old, rsc);
    }
}
