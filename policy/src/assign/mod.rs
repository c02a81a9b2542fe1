//! Phase 6: assigns resources to nodes.
//!
//! Reading order: `node_order` (which node is best), `place` (putting a resource on a node),
//! `primitive`, `group`, `coloc_score` (what a placed resource means for its dependents),
//! `instances` and `instance_order` (clones and bundles), `clone`, `promotable`, `bundle`,
//! `utilization`.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_scheduler.c` (`assign_resources()`).

mod bundle;
mod clone;
mod coloc_score;
mod group;
mod instance_order;
mod instances;
mod node_order;
mod place;
mod primitive;
mod promotable;
mod utilization;

pub(crate) use place::Force;

use crate::facts::{ClusterFlags, PlacementStrategy, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::trace::{ScoreStage, TraceLine};

/// What becomes of a resource that no node can run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OnFailure {
    /// It is stopped.
    Stop,
    /// Nothing: the assignment is a trial.
    Leave,
}

impl Plan {
    /// Assigns all resources: remote connections first, then the others in the scheduler's order.
    ///
    /// # Source
    /// `assign_resources()`
    pub(crate) fn assign_resources(&mut self) {
        if self.facts.options.placement != PlacementStrategy::Default {
            self.sort_by_placement();
        }
        self.trace_capacities("Original");
        let top = self.facts.top.clone();
        let is_connection = |plan: &Plan, rsc| plan.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION);
        if self.cluster_has(ClusterFlags::HAVE_REMOTE_NODES) {
            for &rsc in &top {
                if is_connection(self, rsc) {
                    let target = self.rscs[rsc].partial_migration_target;
                    self.assign(rsc, target, OnFailure::Stop);
                }
            }
        }
        for rsc in top {
            if !is_connection(self, rsc) {
                self.assign(rsc, None, OnFailure::Stop);
            }
        }
        self.trace_capacities("Remaining");
    }

    /// Assigns a resource; `prefer` wins where its score is the best. Returns its node.
    ///
    /// # Source
    /// `assign()` methods
    pub(crate) fn assign(
        &mut self,
        rsc: RscIdx,
        prefer: Option<NodeIdx>,
        on_failure: OnFailure,
    ) -> Option<NodeIdx> {
        match self.variant(rsc) {
            Variant::Primitive => self.assign_primitive(rsc, prefer, on_failure),
            Variant::Group => self.assign_group(rsc, prefer, on_failure),
            Variant::Clone => {
                self.assign_clone(rsc, prefer, on_failure);
                None
            }
            Variant::Bundle => {
                self.assign_bundle(rsc, prefer, on_failure);
                None
            }
        }
    }

    /// Records what nodes (bundle nodes, which have no capacity, left out) have to offer.
    ///
    /// # Source
    /// `pcmk__show_node_capacities()`
    fn trace_capacities(&mut self, comment: &'static str) {
        if !self.trace.enabled {
            return;
        }
        for &node in &self.facts.node_order {
            let facts = &self.facts.nodes[node];
            if !facts.remote.is_some_and(|connection| self.is_bundled(connection)) {
                let amounts = facts.utilization.clone();
                self.trace.push(|| TraceLine::Capacity { comment, node, amounts });
            }
        }
    }

    /// Records the scores of a resource and all below it.
    ///
    /// # Order
    /// Nodes by name, digit runs as numbers.
    pub(crate) fn trace_scores(&mut self, stage: ScoreStage, rsc: RscIdx) {
        if !self.trace.enabled || self.rsc_has(rsc, RscFlags::REMOVED) {
            return;
        }
        let table = &self.scores.allowed[rsc];
        for &node in &self.facts.node_order {
            if let Some(score) = table.score(node) {
                self.trace.push(|| TraceLine::Score { stage, rsc, node, score });
            }
        }
        for i in 0..self.rscs[rsc].children.len() {
            let child = self.rscs[rsc].children[i];
            self.trace_scores(stage, child);
        }
    }
}
