//! Nodes that must be fenced or shut down, and what that means for their resources.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_scheduler.c` (`schedule_fencing_and_shutdowns()`),
//! `pcmk_sched_fencing.c`, `pcmk_sched_ordering.c` (`pcmk__order_stops_before_shutdown()`).

use super::ensure::Need;
use super::graph::{ActionFlags as F, ActionIdx};
use super::key::{ActionKey, Task};
use crate::facts::{ClusterFlags, NodeFlags, Requires, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::{End, RelationFlags as R};

impl Plan {
    /// Makes the fencing of unclean nodes and the shutdown of leaving ones, and orders both.
    pub fn schedule_fencing_and_shutdowns(&mut self) {
        let have_managed = self.has_managed();
        let mut dc_down = None;
        let (mut fencing_ops, mut shutdown_ops) = (Vec::new(), Vec::new());
        for node in self.facts.node_order.clone() {
            let is_dc = self.facts.dc == Some(node);
            if self.facts.is_guest(node) {
                if self.nodes[node].has(NodeFlags::REMOTE_RESET)
                    && have_managed
                    && self.can_fence(Some(node))
                {
                    self.fence_guest(node);
                }
                continue;
            }
            if have_managed && self.nodes[node].unclean && self.can_fence(Some(node)) {
                let reason = Some("node is unclean");
                let fencing = self.fence_op(node, None, Need::Required, reason, false);
                self.order_vs_fencing(fencing);
                if is_dc {
                    dc_down = Some(fencing);
                } else {
                    if !self.cluster_has(ClusterFlags::CONCURRENT_FENCING)
                        && let Some(&last) = fencing_ops.last()
                    {
                        self.actions.order(last, fencing, R::ORDERED);
                    }
                    fencing_ops.push(fencing);
                }
            } else if !self.facts.is_pacemaker_remote(node)
                && self.nodes[node].online
                && self.nodes[node].shutdown
            {
                let down = self.new_shutdown(node);
                if is_dc {
                    dc_down = Some(down);
                } else {
                    shutdown_ops.push(down);
                }
            }
        }
        let Some(dc_down) = dc_down else { return };
        fencing_ops.reverse();
        shutdown_ops.reverse();
        if self.actions[dc_down].task == Task::Shutdown {
            self.actions.order_after_each(&shutdown_ops, dc_down);
        }
        if self.cluster_has(ClusterFlags::CONCURRENT_FENCING) {
            self.actions.order_after_each(&fencing_ops, dc_down);
        } else if let Some(&last) = fencing_ops.first() {
            self.actions.order(last, dc_down, R::ORDERED);
        }
    }

    /// Returns true where the cluster may do something with any resource.
    pub(crate) fn has_managed(&self) -> bool {
        self.facts.top.iter().any(|rsc| self.is_managed_anywhere(*rsc))
    }

    fn is_managed_anywhere(&self, rsc: RscIdx) -> bool {
        self.rsc_has(rsc, RscFlags::MANAGED)
            || self.rscs[rsc].children.iter().any(|c| self.is_managed_anywhere(*c))
    }

    /// # Source
    /// `pcmk__new_shutdown_action()`
    fn new_shutdown(&mut self, node: NodeIdx) -> ActionIdx {
        let name = format!("do_shutdown-{}", self.facts.nodes[node].name);
        let down = self.ensure_cluster_action(&name, Task::Shutdown, Some(node), Need::Required);
        for at in (0..self.actions.actions.len()).rev() {
            let stop = crate::index::Idx::new(at);
            let state = &self.actions[stop];
            let Some(rsc) = state.rsc else { continue };
            if state.node != Some(node)
                || state.task != Task::Stop
                || self.rsc_has(rsc, RscFlags::MAINTENANCE)
                || self.nodes[node].maintenance
                || !self.rscs[rsc].flags.intersects(RscFlags::MANAGED | RscFlags::BLOCKED)
            {
                continue;
            }
            self.actions[stop].flags.remove(F::OPTIONAL);
            self.order(
                End::action_of(rsc, stop),
                End::action(down),
                R::ORDERED | R::UNRUNNABLE_FIRST_BLOCKS,
            );
        }
        self.actions[down].meta.set("op_no_wait", "true");
        down
    }

    /// Orders everything that depends on it relative to the fencing of a node.
    ///
    /// # Source
    /// `pcmk__order_vs_fencing()`
    fn order_vs_fencing(&mut self, fencing: ActionIdx) {
        let Some(target) = self.actions[fencing].node else { return };
        for rsc in self.facts.top.clone() {
            self.order_rsc_vs_fencing(rsc, fencing, target);
        }
    }

    fn order_rsc_vs_fencing(&mut self, rsc: RscIdx, fencing: ActionIdx, target: NodeIdx) {
        if !self.rscs[rsc].children.is_empty() {
            for child in self.rscs[rsc].children.clone() {
                self.order_rsc_vs_fencing(child, fencing, target);
            }
        } else if self.rsc_has(rsc, RscFlags::MANAGED) {
            self.order_start_vs_fencing(rsc, fencing, target);
            self.order_stop_vs_fencing(rsc, fencing, target);
        }
    }

    fn order_start_vs_fencing(&mut self, rsc: RscIdx, fencing: ActionIdx, target: NodeIdx) {
        let actions: Vec<ActionIdx> = self.actions.of_rsc(rsc).iter().rev().copied().collect();
        for action in actions {
            match self.actions[action].needs {
                Requires::Nothing => {}
                Requires::Fencing => {
                    self.actions.order(fencing, action, R::ORDERED);
                }
                Requires::Quorum => {
                    if self.actions[action].task == Task::Start
                        && self.scores.allowed[rsc].contains(target)
                        && !self.is_known_on(rsc, target)
                    {
                        let flags = R::ORDERED | R::UNRUNNABLE_FIRST_BLOCKS;
                        self.actions.order(fencing, action, flags);
                    }
                }
            }
        }
    }

    /// # Source
    /// `rsc_is_known_on()`
    fn is_known_on(&self, rsc: RscIdx, node: NodeIdx) -> bool {
        let parent = self.facts.rscs[rsc].parent;
        self.rscs[rsc].is_probed(node)
            || (self.is_primitive(rsc)
                && parent
                    .is_some_and(|p| self.is_anonymous_clone(p) && self.rscs[p].is_probed(node)))
    }

    fn order_stop_vs_fencing(&mut self, rsc: RscIdx, fencing: ActionIdx, target: NodeIdx) {
        let stops = self.actions.adopt(rsc, ActionKey::once(Task::Stop), Some(target));
        let implicit = self.rsc_has(rsc, RscFlags::NEEDS_FENCING) || self.facts.is_guest(target);
        let top = self.facts.top_below_bundle(rsc);
        let is_bundled = self.is_bundled(rsc);
        let parent_stop = if implicit && !stops.is_empty() {
            self.actions.find_task(top, Task::Stop, None)
        } else {
            None
        };
        for stop in stops {
            self.actions[stop].flags |= F::PSEUDO | F::RUNNABLE;
            if implicit {
                if !is_bundled {
                    self.actions.order(fencing, stop, R::GUEST_ALLOWED);
                }
                if let Some(parent_stop) = parent_stop {
                    self.actions.order(fencing, parent_stop, R::GUEST_ALLOWED);
                }
            }
            if self.rsc_has(rsc, RscFlags::NOTIFY) {
                self.order_notifications_after_fencing(stop, rsc, fencing);
            }
        }
        for demote in self.actions.adopt(rsc, ActionKey::once(Task::Demote), Some(target)) {
            let node = &self.nodes[target];
            if node.online && !node.unclean && !self.rsc_has(rsc, RscFlags::FAILED) {
                continue;
            }
            self.actions[demote].flags |= F::PSEUDO | F::RUNNABLE;
            if !is_bundled && implicit {
                self.actions.order(fencing, demote, R::GUEST_ALLOWED | R::ORDERED);
            }
        }
    }

    /// A guest is "fenced" by recovering what launches it.
    ///
    /// # Source
    /// `pcmk__fence_guest()`
    fn fence_guest(&mut self, node: NodeIdx) {
        let launcher = self.guest_launcher(node);
        let find = |plan: &Self, rsc: Option<RscIdx>, task: Task| {
            rsc.and_then(|rsc| plan.actions.find_task(rsc, task, None))
        };
        let stop = find(self, launcher, Task::Stop);
        let restarts = find(self, launcher, Task::Start).is_some();
        let op = if restarts { "reboot" } else { "off" };
        let reason = Some("guest is unclean");
        let fencing = self.fence_op(node, Some(op), Need::Required, reason, false);
        self.actions[fencing].flags |= F::PSEUDO | F::RUNNABLE;
        let implies = R::UNRUNNABLE_FIRST_BLOCKS | R::FIRST_IMPLIES_THEN;
        match stop {
            Some(stop) if self.actions[stop].is(F::PSEUDO) => {
                if let Some(host) = self.actions[stop].node {
                    let parent = self.fence_op(host, None, Need::Required, None, false);
                    self.actions.order(parent, fencing, implies);
                }
            }
            Some(stop) => {
                self.actions.order(stop, fencing, implies);
            }
            None => {
                let connection = self.facts.nodes[node].remote;
                if let Some(stop) = find(self, connection, Task::Stop) {
                    self.actions.order(stop, fencing, R::ORDERED);
                }
            }
        }
        self.order_vs_fencing(fencing);
    }
}
