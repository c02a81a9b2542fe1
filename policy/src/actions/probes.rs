//! Probes: one-time monitors that find out what runs where.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_probes.c` (creation; the orderings are in
//! `relations::probes`).

use super::ensure::Need;
use super::graph::ActionFlags as F;
use super::key::Task;
use crate::facts::{ClusterFlags, NodeFlags, ProbeMode, Role, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::{End, RelationFlags as R};

impl Plan {
    /// Makes the probes of all resources on all nodes, node by node.
    pub fn schedule_probes(&mut self) {
        if !self.cluster_has(ClusterFlags::PROBE_RESOURCES) {
            return;
        }
        let top = self.facts.top.clone();
        for node in self.facts.node_order.clone() {
            if !self.nodes[node].online {
                if self.is_failed_remote_node(node) {
                    self.fence_node(node, "the connection is unrecoverable", false);
                }
            } else if !self.nodes[node].unclean && self.nodes[node].has(NodeFlags::PROBES_ALLOWED) {
                self.probe_list(&top, node);
            }
        }
    }

    pub(crate) fn probe_list(&mut self, rscs: &[RscIdx], node: NodeIdx) -> bool {
        let mut any = false;
        for &rsc in rscs {
            any |= self.create_probe(rsc, node);
        }
        any
    }

    /// Makes the probes of a resource on a node; returns true where one was made.
    pub(crate) fn create_probe(&mut self, rsc: RscIdx, node: NodeIdx) -> bool {
        match self.variant(rsc) {
            Variant::Clone => self.create_clone_probe(rsc, node),
            Variant::Bundle => self.create_bundle_probe(rsc, node),
            Variant::Primitive | Variant::Group => self.probe_on_node(rsc, node),
        }
    }

    /// # Source
    /// `pcmk__probe_rsc_on_node()`
    fn probe_on_node(&mut self, rsc: RscIdx, node: NodeIdx) -> bool {
        let is_connection = self.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION);
        let is_guest = self.facts.is_guest(node);
        if self.facts.is_pacemaker_remote(node)
            && (self.rsc_has(rsc, RscFlags::FENCE_DEVICE)
                || (is_guest && self.contained_guest_node(rsc).is_some())
                || is_connection)
        {
            return false;
        }
        if !self.rscs[rsc].children.is_empty() {
            let children = self.rscs[rsc].children.clone();
            return self.probe_list(&children, node);
        }
        if (self.facts.rscs[rsc].launcher.is_some() && !is_connection)
            || self.rsc_has(rsc, RscFlags::REMOVED)
            || self.rscs[rsc].is_probed(node)
            || !self.is_probe_allowed(rsc, node)
            || (is_guest && self.is_guest_unprobeable(rsc, node))
        {
            return false;
        }
        let probe = self.ensure_once(rsc, Task::Monitor, Some(node), Need::Required);
        self.actions[probe].flags.remove(F::OPTIONAL);
        self.order_vs_unfencing(rsc, node, probe, R::ORDERED);
        if !self.rscs[rsc].active.contains(&node) {
            self.actions[probe].meta.set("op_target_rc", "7");
        } else if self.rscs[rsc].orig_role == Role::Promoted {
            self.actions[probe].meta.set("op_target_rc", "8");
        }
        let mut top = self.facts.top_below_bundle(rsc);
        if self.variant(top) != Variant::Clone {
            top = rsc;
        }
        let mut flags = R::ORDERED;
        if !self.actions[probe].is(F::RUNNABLE) && self.rscs[top].active.is_empty() {
            flags |= R::UNRUNNABLE_FIRST_BLOCKS;
        }
        self.order(End::action_of(rsc, probe), End::task(top, Task::Start), flags);
        self.order(End::action_of(rsc, probe), End::task(top, Task::ReloadAgent), R::ORDERED);
        true
    }

    /// Returns true where discovery rules let the resource be probed on the node.
    fn is_probe_allowed(&self, rsc: RscIdx, node: NodeIdx) -> bool {
        let top = self.facts.top_below_bundle(rsc);
        let cell = self.scores.allowed[rsc].get(node);
        let is_exclusive = self.rsc_has(rsc, RscFlags::EXCLUSIVE_PROBES)
            || self.rsc_has(top, RscFlags::EXCLUSIVE_PROBES);
        if is_exclusive && cell.is_none_or(|c| c.probe_mode != ProbeMode::Exclusive) {
            return false;
        }
        let mode = cell.map_or(self.facts.nodes[node].probe_mode, |c| c.probe_mode);
        mode != ProbeMode::Never
    }

    /// A guest that is or will be down is not probed; what is started on it waits.
    fn is_guest_unprobeable(&mut self, rsc: RscIdx, node: NodeIdx) -> bool {
        let Some(guest) = self.guest_launcher(node) else { return false };
        let top = self.facts.top_below_bundle(rsc);
        if self.rscs[guest].orig_role == Role::Stopped {
            if let Some(host) = self.rscs[guest].assigned
                && !self.rscs[guest].is_probed(host)
            {
                self.order_tasks((guest, Task::Monitor), (top, Task::Start), R::ORDERED);
            }
            return true;
        }
        if self.will_guest_stop(node, guest) {
            self.order_tasks((guest, Task::Stop), (top, Task::Start), R::ORDERED);
            return true;
        }
        false
    }

    /// # Source
    /// `guest_resource_will_stop()`
    fn will_guest_stop(&self, node: NodeIdx, guest: RscIdx) -> bool {
        let state = &self.rscs[guest];
        self.nodes[node].has(NodeFlags::REMOTE_RESET)
            || self.nodes[node].unclean
            || state.has(RscFlags::FAILED)
            || state.next_role == Role::Stopped
            || (state.orig_role > Role::Stopped
                && state.assigned.is_some_and(|host| !state.active.contains(&host)))
    }
}
