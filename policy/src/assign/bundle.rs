//! Assigns bundles.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_bundle.c` (`pcmk__bundle_assign()`).

use cib_model::Role;

use super::OnFailure;
use super::instances::Limits;
use crate::constraints::{Colocation, ColocationFlags};
use crate::facts::{ReplicaFacts, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::{INFINITY, MINUS_INFINITY};
use crate::trace::{Change, Reason, ScoreStage};

impl Plan {
    pub(super) fn assign_bundle(
        &mut self,
        rsc: RscIdx,
        prefer: Option<NodeIdx>,
        on_failure: OnFailure,
    ) {
        let Some(bundle) = self.facts.rscs[rsc].bundle_facts().cloned() else { return };
        self.rscs[rsc].flags |= RscFlags::ASSIGNING;
        self.trace_scores(ScoreStage::BundleAssign, rsc);
        let containers: Vec<RscIdx> = bundle.replicas.iter().map(|r| r.container).collect();
        let containers = self.sort_instances(&containers);
        let count = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let limits =
            Limits { total: count(bundle.nreplicas), per_node: count(bundle.nreplicas_per_host) };
        self.assign_instances(rsc, &containers, limits);
        for replica in &bundle.replicas {
            self.assign_replica(replica, prefer, on_failure);
        }
        if let Some(child) = bundle.child {
            for (node, cell) in self.scores.allowed[child].iter_mut() {
                let is_mine = bundle.replicas.iter().any(|r| r.node == Some(node));
                cell.score = if is_mine { 0 } else { MINUS_INFINITY };
                self.trace.score(child, node, Change::Set(cell.score), Reason::Container);
            }
            self.assign(child, prefer, on_failure);
        }
        self.rscs[rsc].flags -= RscFlags::ASSIGNING | RscFlags::UNASSIGNED;
    }

    fn assign_replica(
        &mut self,
        replica: &ReplicaFacts,
        prefer: Option<NodeIdx>,
        on_failure: OnFailure,
    ) {
        if let Some(ip) = replica.ip {
            self.assign(ip, prefer, on_failure);
        }
        let host = self.rscs[replica.container].assigned;
        if let Some(remote) = replica.remote {
            let host_remote = host.and_then(|h| self.facts.nodes[h].remote);
            if let Some(host_remote) = host_remote {
                // A remote node has one connection, and nested ones are made from there.
                self.add_colocation(Colocation {
                    id: "#replica-remote-with-host-remote".into(),
                    dependent: remote,
                    primary: host_remote,
                    dependent_role: Role::Unknown,
                    primary_role: Role::Unknown,
                    node_attribute: "#uname".into(),
                    score: INFINITY,
                    flags: ColocationFlags::INFLUENCE,
                });
            }
            self.assign(remote, prefer, on_failure);
        }
        if let (Some(child), Some(node)) = (replica.child, replica.node) {
            self.pin(child, node);
            let Some(clone) = self.facts.rscs[child].parent else { return };
            // COMPAT(pacemaker 3.x, pcmk_sched_bundle.c assign_replica()): the reference takes the
            // mark away even where the clone is being assigned, and recurses until it crashes
            // where something inside a bundle is colocated with the bundle.
            let assigning = self.rsc_has(clone, RscFlags::ASSIGNING);
            self.rscs[clone].flags |= RscFlags::ASSIGNING;
            self.assign(child, Some(node), on_failure);
            self.rscs[clone].flags.set(RscFlags::ASSIGNING, assigning);
        }
    }

    /// Lets what is inside a replica run there only.
    fn pin(&mut self, child: RscIdx, node: NodeIdx) {
        let banned = self.threshold_reached(child, node).is_some();
        for (other, cell) in self.scores.allowed[child].iter_mut() {
            if other != node {
                cell.score = MINUS_INFINITY;
            } else if !banned {
                cell.score = INFINITY;
            }
            self.trace.score(child, other, Change::Set(cell.score), Reason::Container);
        }
    }
}
