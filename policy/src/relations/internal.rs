//! Orderings and colocations that resources imply by being what they are.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_constraints.c`
//! (`pcmk__create_internal_constraints()`), `pcmk_sched_primitive.c`
//! (`pcmk__primitive_internal_constraints()`), `pcmk_sched_utilization.c`.

use super::RelationFlags as R;
use super::pending::End;
use crate::actions::{ActionFlags, ActionIdx, ActionKey, Need, Task};
use crate::constraints::{Colocation, ColocationFlags};
use crate::facts::{ClusterFlags, PlacementStrategy, Role, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::{INFINITY, MINUS_INFINITY};
use crate::trace::{Change, Reason};

impl Plan {
    /// Asks for the orderings and colocations that all resources imply.
    pub fn create_internal_constraints(&mut self) {
        for rsc in self.facts.top.clone() {
            self.internal_constraints(rsc);
        }
    }

    /// Asks for the orderings and colocations that a resource and its members imply.
    pub(crate) fn internal_constraints(&mut self, rsc: RscIdx) {
        match self.variant(rsc) {
            Variant::Primitive => self.primitive_internal_constraints(rsc),
            Variant::Group => self.group_internal_constraints(rsc),
            Variant::Clone => self.clone_internal_constraints(rsc),
            Variant::Bundle => self.bundle_internal_constraints(rsc),
        }
    }

    fn primitive_internal_constraints(&mut self, rsc: RscIdx) {
        if !self.rsc_has(rsc, RscFlags::MANAGED) {
            return;
        }
        let check_unfencing = !self.rsc_has(rsc, RscFlags::FENCE_DEVICE)
            && self.cluster_has(ClusterFlags::ENABLE_UNFENCING)
            && self.rsc_has(rsc, RscFlags::NEEDS_UNFENCING);
        let check_utilization = !self.facts.rscs[rsc].utilization.is_empty()
            && self.facts.options.placement != PlacementStrategy::Default;
        self.order_tasks(
            (rsc, Task::Stop),
            (rsc, Task::Start),
            R::ORDERED | R::FIRST_IMPLIES_THEN | R::INTERMEDIATE_STOP,
        );
        let top = self.facts.top_below_bundle(rsc);
        if self.rsc_has(top, RscFlags::PROMOTABLE) || self.rscs[rsc].orig_role > Role::Unpromoted {
            self.order_tasks(
                (rsc, Task::Demote),
                (rsc, Task::Stop),
                R::PROMOTED_THEN_IMPLIES_FIRST,
            );
            self.order_tasks((rsc, Task::Start), (rsc, Task::Promote), R::UNRUNNABLE_FIRST_BLOCKS);
        }
        self.order_tasks(
            (rsc, Task::LrmDelete),
            (rsc, Task::Monitor),
            R::IF_ON_SAME_NODE | R::THEN_CANCELS_FIRST,
        );
        let launcher = self.facts.rscs[rsc].launcher;
        let mut allowed: Vec<NodeIdx> = Vec::new();
        if check_unfencing || check_utilization || launcher.is_some() {
            let table = &self.scores.allowed[rsc];
            allowed =
                self.facts.node_order.iter().copied().filter(|n| table.contains(*n)).collect();
        }
        if check_unfencing {
            for &node in &allowed {
                self.order_restart_vs_unfence(rsc, node);
            }
        }
        if check_utilization {
            self.create_utilization_constraints(rsc, &allowed);
        }
        if let Some(launcher) = launcher {
            self.launcher_constraints(rsc, launcher, &allowed);
        }
        if self.rscs[rsc].flags.intersects(RscFlags::IS_REMOTE_CONNECTION | RscFlags::FENCE_DEVICE)
        {
            self.avoid_remote_nodes(rsc);
        }
    }

    /// Orderings and colocation of a resource with what launches it.
    fn launcher_constraints(&mut self, rsc: RscIdx, launcher: RscIdx, allowed: &[NodeIdx]) {
        let nesting = self.rsc_has(rsc, RscFlags::REMOTE_NESTING_ALLOWED);
        let mut remote = None;
        if self.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION) {
            if !nesting {
                self.avoid_remote_nodes(launcher);
            }
            self.order_tasks((launcher, Task::Monitor), (rsc, Task::Stop), R::ORDERED);
        } else if self.rsc_has(launcher, RscFlags::IS_REMOTE_CONNECTION) {
            remote = Some(launcher);
        } else {
            remote = self.contained_guest_node(launcher);
        }
        if let Some(remote) = remote {
            // The launcher's guest node is the only place for it.
            for &node in allowed {
                if self.facts.nodes[node].remote != Some(remote)
                    && let Some(cell) = self.scores.allowed[rsc].get_mut(node)
                {
                    cell.score = MINUS_INFINITY;
                    let change = Change::Set(MINUS_INFINITY);
                    self.trace.score(rsc, node, change, Reason::Container);
                }
            }
            return;
        }
        self.order_tasks(
            (launcher, Task::Start),
            (rsc, Task::Start),
            R::FIRST_IMPLIES_THEN | R::UNRUNNABLE_FIRST_BLOCKS,
        );
        self.order_tasks((rsc, Task::Stop), (launcher, Task::Stop), R::THEN_IMPLIES_FIRST);
        self.new_internal_colocation(
            "#resource-with-container",
            if nesting { 10_000 } else { INFINITY },
            rsc,
            launcher,
            ColocationFlags::INFLUENCE,
        );
    }

    /// Returns the connection among the resources that `rsc` launches.
    ///
    /// # Source
    /// `pe__resource_contains_guest_node()`
    pub(crate) fn contained_guest_node(&self, rsc: RscIdx) -> Option<RscIdx> {
        if !self.cluster_has(ClusterFlags::HAVE_REMOTE_NODES) {
            return None;
        }
        let launched = self.facts.rscs[rsc].launched.iter().rev();
        launched.copied().find(|r| self.rsc_has(*r, RscFlags::IS_REMOTE_CONNECTION))
    }

    /// Adds a colocation that the configuration does not spell out.
    pub(crate) fn new_internal_colocation(
        &mut self,
        id: &str,
        score: i32,
        dependent: RscIdx,
        primary: RscIdx,
        flags: ColocationFlags,
    ) {
        self.add_colocation(Colocation {
            id: id.into(),
            dependent,
            primary,
            dependent_role: Role::Unknown,
            primary_role: Role::Unknown,
            node_attribute: "#uname".into(),
            score,
            flags,
        });
    }

    fn avoid_remote_nodes(&mut self, rsc: RscIdx) {
        for (node, cell) in self.scores.allowed[rsc].iter_mut() {
            if self.facts.nodes[node].remote.is_some() {
                cell.score = MINUS_INFINITY;
                let change = Change::Set(MINUS_INFINITY);
                self.trace.score(rsc, node, change, Reason::RemoteConnection);
            }
        }
    }

    /// # Source
    /// `pcmk__order_restart_vs_unfence()`
    fn order_restart_vs_unfence(&mut self, rsc: RscIdx, node: NodeIdx) {
        let unfence = self.fence_op(node, Some("on"), Need::Optional, None, false);
        self.order(
            End::task(rsc, Task::Stop),
            End::action(unfence),
            R::ORDERED | R::IF_ON_SAME_NODE,
        );
        self.order(
            End::action(unfence),
            End::task(rsc, Task::Start),
            R::FIRST_IMPLIES_SAME_NODE_THEN | R::IF_ON_SAME_NODE,
        );
    }

    /// # Source
    /// `pcmk__create_utilization_constraints()`
    fn create_utilization_constraints(&mut self, rsc: RscIdx, allowed: &[NodeIdx]) {
        let flags = R::IF_ON_SAME_NODE_OR_TARGET;
        for node in self.rscs[rsc].active.clone() {
            let stopped = self.load_stopped(node);
            self.order(End::task(rsc, Task::Stop), End::action(stopped), flags);
        }
        for &node in allowed {
            let stopped = self.load_stopped(node);
            for task in [Task::Start, Task::MigrateTo] {
                self.order(End::action(stopped), End::task(rsc, task), flags);
            }
        }
    }

    fn load_stopped(&mut self, node: NodeIdx) -> ActionIdx {
        let name = format!("load_stopped_{}", self.facts.nodes[node].name);
        let action = self.ensure_pseudo(&name);
        let state = &mut self.actions[action];
        if state.node.is_none() {
            state.node = Some(node);
            state.flags.remove(ActionFlags::OPTIONAL);
        }
        action
    }

    /// Makes the cleaning of a resource's history on a node, and orders it in a restart.
    ///
    /// # Source
    /// `pcmk__schedule_cleanup()`
    pub(crate) fn schedule_cleanup(&mut self, rsc: RscIdx, node: NodeIdx) {
        if self.rsc_has(rsc, RscFlags::FAILED)
            || self.nodes[node].unclean
            || !self.nodes[node].online
        {
            return;
        }
        let key = ActionKey::once(Task::Delete);
        self.ensure_action(rsc, key, Task::Delete, Some(node), Need::Required);
        self.order_tasks((rsc, Task::Stop), (rsc, Task::Delete), R::ORDERED);
        self.order_tasks((rsc, Task::Delete), (rsc, Task::Start), R::ORDERED);
    }
}
