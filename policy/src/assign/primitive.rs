//! Assigns primitives.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_primitive.c` (`pcmk__primitive_assign()`,
//! `assign_best_node()`, `apply_this_with()`).

use cib_model::Role;

use super::OnFailure;
use super::place::Force;
use crate::constraints::ColocationIdx;
use crate::facts::{ClusterFlags, NoQuorumPolicy, NodeFlags, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::colocation_list::Side;
use crate::scores::{INFINITY, MINUS_INFINITY};
use crate::trace::{Reason, ScoreStage};
use crate::unpack::location;

impl Plan {
    pub(super) fn assign_primitive(
        &mut self,
        rsc: RscIdx,
        prefer: Option<NodeIdx>,
        on_failure: OnFailure,
    ) -> Option<NodeIdx> {
        // A member is assigned only as part of its parent.
        if let Some(parent) = self.facts.rscs[rsc].parent
            && !self.rsc_has(parent, RscFlags::ASSIGNING)
        {
            self.assign(parent, prefer, on_failure);
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
        self.trace_scores(ScoreStage::PrimitiveAssign, rsc);
        if self.cluster_has(ClusterFlags::FENCING_ENABLED)
            && !self.cluster_has(ClusterFlags::HAVE_FENCING)
        {
            self.rscs[rsc].flags -= RscFlags::MANAGED;
        }
        if !self.rsc_has(rsc, RscFlags::MANAGED) {
            self.rscs[rsc].next_role = self.rscs[rsc].orig_role;
            let node = self.current_node(rsc);
            let node = node.map(|n| (n, self.facts.nodes[n].score));
            self.place(rsc, node, Force::Yes, on_failure);
        } else if self.cluster_has(ClusterFlags::STOP_ALL) {
            self.place(rsc, None, Force::Yes, on_failure);
        } else {
            self.assign_best_node(rsc, prefer, on_failure);
        }
        self.rscs[rsc].flags -= RscFlags::ASSIGNING;
        if self.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION) {
            self.connection_assigned(rsc);
        }
        self.rscs[rsc].assigned
    }

    fn apply_colocations(&mut self, rsc: RscIdx) {
        let this_with = self.colocations_of(rsc, Side::ThisWith);
        let with_this = self.colocations_of(rsc, Side::WithThis);
        for mandatory in [true, false] {
            let counts = |plan: &Plan, idx: ColocationIdx| {
                let score = plan.constraints.colocations[idx].score;
                (score <= MINUS_INFINITY || score >= INFINITY) == mandatory
            };
            for &idx in &this_with {
                if counts(self, idx) {
                    self.apply_this_with(idx, rsc);
                }
            }
            for &idx in &with_this {
                if counts(self, idx) {
                    self.add_dependent_scores(idx, rsc);
                }
            }
        }
    }

    /// Assigns the primary, then follows it; without a node left, an optional wish is taken back.
    fn apply_this_with(&mut self, idx: ColocationIdx, rsc: RscIdx) {
        let colocation = &self.constraints.colocations[idx];
        let primary = colocation.primary;
        let optional_anti = colocation.score < 0 && colocation.score > MINUS_INFINITY;
        let reversible = colocation.dependent_role >= Role::Promoted || optional_anti;
        let archive = reversible.then(|| self.scores.allowed[rsc].clone());
        let mark = self.trace.mark();
        if self.rsc_has(primary, RscFlags::UNASSIGNED) {
            self.assign(primary, None, OnFailure::Stop);
        }
        self.apply_coloc_to_dependent(rsc, primary, idx);
        if let Some(archive) = archive
            && !self.is_any_available(&self.scores.allowed[rsc])
        {
            self.scores.allowed[rsc] = archive;
            self.trace.take_back(rsc, mark);
        }
    }

    fn limit_next_role(&mut self, rsc: RscIdx) {
        let state = &mut self.rscs[rsc];
        if state.next_role == Role::Stopped {
            location::everywhere(self, rsc, MINUS_INFINITY, Reason::TargetStopped);
            // COMPAT(pacemaker 3.x, resource_location()): a ban everywhere takes the node away.
            self.rscs[rsc].assigned = None;
        } else if state.next_role > state.orig_role
            && self.facts.options.no_quorum_policy == NoQuorumPolicy::Freeze
            && !self.facts.options.has(ClusterFlags::QUORATE)
        {
            state.next_role = state.orig_role;
        }
    }

    fn assign_best_node(&mut self, rsc: RscIdx, prefer: Option<NodeIdx>, on_failure: OnFailure) {
        let most_free = self.ban_insufficient_capacity(rsc);
        let prefer = prefer.or(most_free);
        if !self.rsc_has(rsc, RscFlags::UNASSIGNED) {
            return;
        }
        let table = &self.scores.allowed[rsc];
        let current = self.current_node(rsc);
        let nodes = self.sorted_nodes(table, current);
        let score = |node: NodeIdx| table.score(node).unwrap_or(MINUS_INFINITY);
        let chosen = nodes.first().copied().map(|best| {
            prefer
                .filter(|p| score(*p) >= score(best) && self.can_use(table, *p))
                .unwrap_or_else(|| self.stay(rsc, &nodes, best, current))
        });
        let chosen = chosen.map(|node| (node, score(node)));
        self.place(rsc, chosen, Force::No, on_failure);
    }

    /// Returns the current node where it is as good as the best one; instances of unique clones
    /// do not care.
    fn stay(
        &self,
        rsc: RscIdx,
        nodes: &[NodeIdx],
        best: NodeIdx,
        current: Option<NodeIdx>,
    ) -> NodeIdx {
        let table = &self.scores.allowed[rsc];
        let in_unique_clone = self.facts.rscs[rsc]
            .parent
            .is_some_and(|p| self.is_clone(p) && self.rsc_has(p, RscFlags::UNIQUE));
        let best_score = table.score(best).unwrap_or(MINUS_INFINITY);
        if in_unique_clone || best_score <= 0 || !self.is_node_available(best) {
            return best;
        }
        current
            .filter(|c| self.is_base_available(*c))
            .filter(|c| {
                let equal = |n: &&NodeIdx| table.score(**n) == Some(best_score);
                nodes.iter().take_while(equal).any(|n| n == c)
            })
            .unwrap_or(best)
    }

    /// A node is online once its connection is assigned, and shuts down otherwise.
    fn connection_assigned(&mut self, rsc: RscIdx) {
        let Some(node) = self.facts.node_by_name(&self.facts.rscs[rsc].id) else { return };
        let state = &self.rscs[rsc];
        let starts = state.assigned.is_some() && state.next_role != Role::Stopped;
        let node = &mut self.nodes[node];
        if starts {
            node.online = true;
            if !node.has(NodeFlags::SEEN) {
                node.unclean = false;
            }
        } else {
            node.shutdown = true;
        }
    }
}
