//! Bundles: orderings among replicas' parts, actions and probes.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_bundle.c` (all but assignment).

use crate::actions::{ActionFlags as F, ActionIdx, ActionKey, Need, Task};
use crate::constraints::ColocationFlags;
use crate::facts::{ReplicaFacts, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::{End, RelationFlags as R};
use crate::scores::INFINITY;

impl Plan {
    /// Returns a bundle's replicas by offset.
    pub(crate) fn replicas(&self, rsc: RscIdx) -> Vec<ReplicaFacts> {
        self.facts.rscs[rsc].bundle_facts().map_or_else(Vec::new, |b| b.replicas.clone())
    }

    /// Returns the clone inside a bundle.
    pub(crate) fn bundled_clone(&self, rsc: RscIdx) -> Option<RscIdx> {
        self.facts.rscs[rsc].bundle_facts()?.child
    }

    pub(super) fn bundle_action_flags(
        &mut self,
        rsc: RscIdx,
        action: ActionIdx,
        node: Option<NodeIdx>,
    ) -> F {
        use Task::{Demote, Demoted, Notified, Notify, Promote, Promoted};
        let task = self.actions[action].task;
        if let Some(child) = self.bundled_clone(rsc)
            && matches!(
                task,
                Notify | Notified | Promote | Promoted | Demote | Demoted | Task::Other(_)
            )
        {
            let instances = self.rscs[child].children.clone();
            return self.collective_action_flags(rsc, action, &instances, node);
        }
        let containers = self.instances(rsc);
        self.collective_action_flags(rsc, action, &containers, node)
    }

    pub(crate) fn create_bundle_actions(&mut self, rsc: RscIdx) {
        for replica in self.replicas(rsc) {
            for part in [replica.ip, Some(replica.container), replica.remote].into_iter().flatten()
            {
                self.create_actions_of(part);
            }
        }
        let containers = self.instances(rsc);
        self.create_instance_actions(rsc, &containers);
        let Some(child) = self.bundled_clone(rsc) else { return };
        self.create_actions_of(child);
        if !self.rsc_has(child, RscFlags::PROMOTABLE) {
            return;
        }
        for task in [Task::Promote, Task::Promoted, Task::Demote, Task::Demoted] {
            let key = ActionKey::once(task);
            let action = self.ensure_rsc_pseudo(rsc, key, task, Need::Optional, true);
            if matches!(task, Task::Promoted | Task::Demoted) {
                self.actions[action].priority = INFINITY;
            }
        }
    }

    /// Orders a bundle's actions and those of its replicas and the clone inside.
    pub(crate) fn bundle_internal_constraints(&mut self, rsc: RscIdx) {
        for replica in self.replicas(rsc) {
            self.replica_internal_constraints(rsc, &replica);
        }
        let Some(child) = self.bundled_clone(rsc) else { return };
        let down = R::THEN_IMPLIES_FIRST_GRAPHED;
        let up = R::FIRST_IMPLIES_THEN_GRAPHED;
        self.order_tasks((rsc, Task::Start), (child, Task::Start), down);
        self.order_tasks((child, Task::Running), (rsc, Task::Running), up);
        self.order_tasks((rsc, Task::Stop), (child, Task::Stop), down);
        self.order_tasks((child, Task::Stopped), (rsc, Task::Stopped), up);
        self.internal_constraints(child);
        if !self.rsc_has(child, RscFlags::PROMOTABLE) {
            return;
        }
        self.promotable_restart_ordering(rsc);
        self.order_tasks((rsc, Task::Demote), (child, Task::Demote), down);
        self.order_tasks((child, Task::Demoted), (rsc, Task::Demoted), up);
        self.order_tasks((rsc, Task::Promote), (child, Task::Promote), down);
        self.order_tasks((child, Task::Promoted), (rsc, Task::Promoted), up);
    }

    fn replica_internal_constraints(&mut self, bundle: RscIdx, replica: &ReplicaFacts) {
        let container = replica.container;
        let down = R::THEN_IMPLIES_FIRST_GRAPHED;
        let up = R::FIRST_IMPLIES_THEN_GRAPHED;
        self.internal_constraints(container);
        self.order_tasks(
            (bundle, Task::Start),
            (container, Task::Start),
            R::UNRUNNABLE_FIRST_BLOCKS | down,
        );
        if let Some(child) = replica.child {
            self.order_tasks((bundle, Task::Stop), (child, Task::Stop), down);
        }
        self.order_tasks((bundle, Task::Stop), (container, Task::Stop), down);
        self.order_tasks((container, Task::Start), (bundle, Task::Running), up);
        self.order_tasks((container, Task::Stop), (bundle, Task::Stopped), up);
        if let Some(ip) = replica.ip {
            self.internal_constraints(ip);
            self.order_tasks(
                (ip, Task::Start),
                (container, Task::Start),
                R::UNRUNNABLE_FIRST_BLOCKS | R::GUEST_ALLOWED,
            );
            self.order_tasks(
                (container, Task::Stop),
                (ip, Task::Stop),
                R::THEN_IMPLIES_FIRST | R::GUEST_ALLOWED,
            );
            self.new_internal_colocation(
                "#ip-with-container",
                INFINITY,
                ip,
                container,
                ColocationFlags::INFLUENCE,
            );
        }
        if let Some(remote) = replica.remote {
            self.internal_constraints(remote);
        }
    }

    pub(crate) fn create_bundle_probe(&mut self, rsc: RscIdx, node: NodeIdx) -> bool {
        let mut any = false;
        let replicas = self.replicas(rsc);
        let per_host =
            self.facts.rscs[rsc].bundle_facts().map_or(1, |bundle| bundle.nreplicas_per_host);
        for replica in &replicas {
            let container = replica.container;
            if let Some(ip) = replica.ip {
                any |= self.create_probe(ip, node);
            }
            if let Some(child) = replica.child.filter(|_| replica.node == Some(node)) {
                any |= self.create_probe(child, node);
            }
            if self.create_probe(container, node) {
                any = true;
                for other in replicas.iter().filter(|o| per_host == 1 && o.container != container) {
                    self.order_tasks(
                        (container, Task::Monitor),
                        (other.container, Task::Start),
                        R::ORDERED | R::IF_ON_SAME_NODE,
                    );
                }
            }
            let Some(remote) = replica.remote else { continue };
            if self.create_probe(remote, node)
                && let Some(probe) =
                    self.actions.find_first(remote, ActionKey::once(Task::Monitor), Some(node))
            {
                any = true;
                self.order(
                    End::task(container, Task::Start),
                    End::action_of(remote, probe),
                    R::NESTED_REMOTE_PROBE,
                );
            }
        }
        any
    }
}
