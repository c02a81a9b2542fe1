//! Putting a resource on a node, and taking it away again.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_resource.c` (`pcmk__assign_resource()`,
//! `pcmk__unassign_resource()`).

use crate::actions::{ActionFlags, Task};
use crate::facts::{Role, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

/// Whether a node's score and state are asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Force {
    /// The node may be refused.
    No,
    /// The node is taken as it is.
    Yes,
}

impl Plan {
    /// Assigns a resource (each primitive below it) to `node`, or to none; returns whether that
    /// changed anything.
    pub(crate) fn assign_to(
        &mut self,
        rsc: RscIdx,
        node: Option<NodeIdx>,
        force: Force,
        stop_if_fail: bool,
    ) -> bool {
        if !self.rscs[rsc].children.is_empty() {
            let mut changed = false;
            for child in self.rscs[rsc].children.clone() {
                changed |= self.assign_to(child, node, force, stop_if_fail);
            }
            return changed;
        }
        let mut node = node;
        if let Some(asked) = node.filter(|_| force == Force::No)
            && !self.can_take(rsc, asked)
        {
            if stop_if_fail {
                self.set_next_role(rsc, Role::Stopped);
            }
            node = None;
        }
        let changed = self.rscs[rsc].assigned != node;
        self.unassign(rsc);
        self.rscs[rsc].flags.remove(RscFlags::UNASSIGNED);
        match node {
            Some(node) => {
                self.rscs[rsc].assigned = Some(node);
                self.nodes[node].assigned.insert(0, rsc);
                self.nodes[node].num_resources += 1;
                if let Some(cell) = self.scores.allowed[rsc].get_mut(node) {
                    cell.count += 1;
                }
                self.change_capacity(rsc, node, -1);
            }
            None if stop_if_fail => {
                self.set_next_role(rsc, Role::Stopped);
                self.stop_what_is_planned(rsc);
            }
            None => {}
        }
        changed
    }

    /// Returns true where the node's state and the resource's score there allow it. The graph may
    /// assume that guests will come up.
    fn can_take(&self, rsc: RscIdx, node: NodeIdx) -> bool {
        let score = self.scores.allowed[rsc].score(node).unwrap_or(0);
        score >= 0 && (self.is_node_available(node) || self.facts.is_guest(node))
    }

    /// Takes a resource (each primitive below it) from its node.
    pub(crate) fn unassign(&mut self, rsc: RscIdx) {
        self.rscs[rsc].flags |= RscFlags::UNASSIGNED;
        if !self.rscs[rsc].children.is_empty() {
            for child in self.rscs[rsc].children.clone() {
                self.unassign(child);
            }
            return;
        }
        if let Some(old) = self.rscs[rsc].assigned.take() {
            self.nodes[old].assigned.retain(|r| *r != rsc);
            self.nodes[old].num_resources -= 1;
            self.change_capacity(rsc, old, 1);
        }
    }

    fn change_capacity(&mut self, rsc: RscIdx, node: NodeIdx, sign: i32) {
        let state = &mut self.nodes[node];
        for (name, value) in self.facts.rscs[rsc].utilization.iter() {
            let used = value.trim().parse::<i32>().unwrap_or(0);
            if let Some((_, left)) = state.capacity.iter_mut().find(|(n, _)| **n == *name) {
                *left = left.saturating_add(used.saturating_mul(sign));
            }
        }
    }

    /// A resource that runs nowhere must stop; what was planned to start or recur cannot.
    fn stop_what_is_planned(&mut self, rsc: RscIdx) {
        for action in self.actions.of_rsc(rsc).to_vec() {
            let planned = &mut self.actions[action];
            match planned.task {
                Task::Stop => planned.flags.remove(ActionFlags::OPTIONAL),
                Task::Start => planned.flags.remove(ActionFlags::RUNNABLE),
                _ => {
                    let recurs = !matches!(planned.meta.get("interval"), None | Some("0"));
                    // Monitors of the stopped role go on.
                    if recurs && planned.meta.get("op_target_rc") != Some("7") {
                        planned.flags.remove(ActionFlags::RUNNABLE);
                    }
                }
            }
        }
    }
}
