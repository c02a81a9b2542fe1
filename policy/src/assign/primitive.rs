//! Assignment of one primitive.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_primitive.c` (`pcmk__primitive_assign()`).

use super::placed::Force;
use crate::constraints::ColocationIdx;
use crate::facts::{ClusterFlags, NoQuorumPolicy, NodeFlags, Role, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::{INFINITY, MINUS_INFINITY};
use crate::trace::{ScoreStage, TraceLine};
use crate::unpack::location::{self, Tag};

impl Plan {
    pub(super) fn assign_primitive(
        &mut self,
        rsc: RscIdx,
        prefer: Option<NodeIdx>,
        stop_if_fail: bool,
    ) -> Option<NodeIdx> {
        // Whoever asks for a member or instance gets the whole collective assigned.
        if let Some(parent) = self.facts.rscs[rsc].parent
            && !self.rsc_has(parent, RscFlags::ASSIGNING)
        {
            self.assign(parent, prefer, stop_if_fail);
        }
        if !self.rsc_has(rsc, RscFlags::UNASSIGNED) {
            return self.rscs[rsc].assigned;
        }
        if self.rsc_has(rsc, RscFlags::ASSIGNING) {
            return None;
        }
        self.rscs[rsc].flags |= RscFlags::ASSIGNING;
        self.apply_colocations(rsc);
        self.limit_next_role(rsc);
        self.record_scores(ScoreStage::PrimitiveAssign, rsc, rsc);
        self.place_primitive(rsc, prefer, stop_if_fail);
        self.rscs[rsc].flags.remove(RscFlags::ASSIGNING);
        if self.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION) {
            self.follow_connection(rsc);
        }
        self.rscs[rsc].assigned
    }

    /// Applies mandatory colocations, then optional ones.
    fn apply_colocations(&mut self, rsc: RscIdx) {
        let this_with = self.this_with_colocations(rsc);
        let with_this = self.with_this_colocations(rsc);
        for mandatory in [true, false] {
            for &idx in
                this_with.iter().filter(|i| self.is_mandatory(**i) == mandatory).collect::<Vec<_>>()
            {
                self.apply_this_with(idx, rsc);
            }
            for &idx in
                with_this.iter().filter(|i| self.is_mandatory(**i) == mandatory).collect::<Vec<_>>()
            {
                self.add_dependent_scores(idx, rsc);
            }
        }
    }

    fn is_mandatory(&self, idx: ColocationIdx) -> bool {
        let score = self.constraints.colocations[idx].score;
        score <= MINUS_INFINITY || score >= INFINITY
    }

    /// Applies a colocation to its dependent, assigning the primary first where it is not yet.
    ///
    /// # Source
    /// `apply_this_with()`
    fn apply_this_with(&mut self, idx: ColocationIdx, rsc: RscIdx) {
        let colocation = &self.constraints.colocations[idx];
        let primary = colocation.primary;
        let finite_anti = colocation.score < 0 && colocation.score > MINUS_INFINITY;
        let revertible = colocation.dependent_role >= Role::Promoted || finite_anti;
        let archive = revertible.then(|| self.scores.allowed[rsc].clone());
        if self.rsc_has(primary, RscFlags::UNASSIGNED) {
            self.assign(primary, None, true);
        }
        self.apply_coloc_score(rsc, primary, idx, true);
        if let Some(archive) = archive
            && !self.any_node_available(&self.scores.allowed[rsc])
        {
            self.scores.allowed[rsc] = archive;
        }
    }

    fn limit_next_role(&mut self, rsc: RscIdx) {
        let (now, next) = (self.rscs[rsc].orig_role, self.rscs[rsc].next_role);
        if next == Role::Stopped {
            location::everywhere(self, rsc, MINUS_INFINITY, Tag::Other);
        } else if next > now
            && !self.cluster_has(ClusterFlags::QUORATE)
            && self.facts.options.no_quorum_policy == NoQuorumPolicy::Freeze
        {
            self.set_next_role(rsc, now);
        }
    }

    fn place_primitive(&mut self, rsc: RscIdx, prefer: Option<NodeIdx>, stop_if_fail: bool) {
        // Without a device nothing can be fenced, so nothing is safe to recover.
        if self.cluster_has(ClusterFlags::FENCING_ENABLED)
            && !self.cluster_has(ClusterFlags::HAVE_FENCING)
        {
            self.rscs[rsc].flags.remove(RscFlags::MANAGED);
        }
        if !self.rsc_has(rsc, RscFlags::MANAGED) {
            let role = self.rscs[rsc].orig_role;
            self.set_next_role(rsc, role);
            let current = self.current_node(rsc);
            self.assign_to(rsc, current, Force::Yes, stop_if_fail);
        } else if self.cluster_has(ClusterFlags::STOP_ALL) {
            self.assign_to(rsc, None, Force::Yes, stop_if_fail);
        } else {
            self.assign_best_node(rsc, prefer, stop_if_fail);
        }
    }

    /// # Source
    /// `assign_best_node()`
    fn assign_best_node(&mut self, rsc: RscIdx, prefer: Option<NodeIdx>, stop_if_fail: bool) {
        if !self.rsc_has(rsc, RscFlags::UNASSIGNED) {
            return;
        }
        let nodes = self.sorted_nodes(rsc);
        let best = nodes.first().copied();
        // The preferred node wins where no other has a better score.
        let preferred = prefer.filter(|node| {
            let score = self.scores.allowed[rsc].score(*node);
            score.zip(best).is_some_and(|(score, best)| score >= best.1 && score >= 0)
                && self.is_node_available(*node)
        });
        let chosen = preferred.or_else(|| {
            let (node, score) = best?;
            Some(self.stay_among_equals(rsc, &nodes, node, score))
        });
        self.assign_to(rsc, chosen, Force::No, stop_if_fail);
    }

    /// Returns the current node where it is as good as the best one, else the best one. Instances
    /// of unique clones have had their chance to stay before.
    fn stay_among_equals(
        &self,
        rsc: RscIdx,
        nodes: &[(NodeIdx, i32)],
        best: NodeIdx,
        score: i32,
    ) -> NodeIdx {
        let parent = self.facts.rscs[rsc].parent;
        let unique_instance = parent.is_some_and(|p| {
            self.variant(p) == Variant::Clone && self.rsc_has(p, RscFlags::UNIQUE)
        });
        if unique_instance || score <= 0 || !self.is_node_available(best) {
            return best;
        }
        let current = self.current_node(rsc).filter(|node| self.is_node_available(*node));
        let mut equals = nodes.iter().take_while(|(_, s)| *s == score).map(|(node, _)| *node);
        equals.find(|node| Some(*node) == current).unwrap_or(best)
    }

    /// A remote connection's assignment decides whether its node will be there.
    ///
    /// # Source
    /// `remote_connection_assigned()`
    fn follow_connection(&mut self, connection: RscIdx) {
        let Some(node) = self.facts.node_by_name(&self.facts.rscs[connection].id) else { return };
        let up = self.rscs[connection].assigned.is_some()
            && self.rscs[connection].next_role != Role::Stopped;
        let state = &mut self.nodes[node];
        if up {
            state.online = true;
            if !state.has(NodeFlags::SEEN) {
                // It will be connected to, so fencing it would be for nothing.
                state.unclean = false;
            }
        } else {
            state.shutdown = true;
        }
    }

    /// Records the scores of a resource's table, as the reference shows them.
    ///
    /// # Order
    /// By node name, digit runs as numbers.
    pub(crate) fn record_scores(&mut self, stage: ScoreStage, rsc: RscIdx, table_of: RscIdx) {
        // Removed resources are not shown.
        if !self.trace.enabled || self.rsc_has(rsc, RscFlags::REMOVED) {
            return;
        }
        for &node in &self.facts.node_order {
            if let Some(score) = self.scores.allowed[table_of].score(node) {
                self.trace.lines.push(TraceLine::Score { stage, rsc, node, score });
            }
        }
    }
}
