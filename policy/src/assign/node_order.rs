//! Which node is better for a resource.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_nodes.c` (`compare_nodes()`).

use std::cmp::Ordering;

use crate::facts::PlacementStrategy;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::MINUS_INFINITY;

impl Plan {
    /// Returns the resource's allowed nodes with their scores, best first.
    ///
    /// # Order
    /// Total: score (of an unavailable node minus infinity), capacity where the strategy asks for
    /// it, fewest resources, the current node, name.
    pub(crate) fn sorted_nodes(&self, rsc: RscIdx) -> Vec<(NodeIdx, i32)> {
        self.scored_nodes(rsc, self.current_node(rsc))
    }

    /// Returns the resource's allowed nodes, best first; `preferred` wins among equals.
    pub(crate) fn sorted_allowed_nodes(
        &self,
        rsc: RscIdx,
        preferred: Option<NodeIdx>,
    ) -> Vec<NodeIdx> {
        self.scored_nodes(rsc, preferred).into_iter().map(|(node, _)| node).collect()
    }

    fn scored_nodes(&self, rsc: RscIdx, preferred: Option<NodeIdx>) -> Vec<(NodeIdx, i32)> {
        let scored = self.scores.allowed[rsc].iter().map(|(node, cell)| (node, cell.score));
        let mut nodes: Vec<(NodeIdx, i32)> = scored.collect();
        nodes.sort_by(|a, b| self.compare_nodes(*a, *b, preferred));
        nodes
    }

    /// Compares two nodes with their scores: the better one is less.
    pub(crate) fn compare_nodes(
        &self,
        a: (NodeIdx, i32),
        b: (NodeIdx, i32),
        current: Option<NodeIdx>,
    ) -> Ordering {
        let score = |(node, score): (NodeIdx, i32)| {
            if self.is_node_available(node) { score } else { MINUS_INFINITY }
        };
        let name = |(node, _): (NodeIdx, i32)| &self.facts.nodes[node].name;
        let by_score = score(b).cmp(&score(a));
        if self.facts.options.placement == PlacementStrategy::Minimal {
            return by_score.then_with(|| name(a).cmp(name(b)));
        }
        by_score
            .then_with(|| self.compare_capacities(a.0, b.0))
            .then_with(|| self.nodes[a.0].num_resources.cmp(&self.nodes[b.0].num_resources))
            .then_with(|| (Some(b.0) == current).cmp(&(Some(a.0) == current)))
            .then_with(|| name(a).cmp(name(b)))
    }

    /// Compares what two nodes have left, by the number of attributes one has more of; equal
    /// unless the strategy is `balanced`.
    ///
    /// # Source
    /// `pcmk__compare_node_capacities()`
    fn compare_capacities(&self, a: NodeIdx, b: NodeIdx) -> Ordering {
        if self.facts.options.placement != PlacementStrategy::Balanced {
            return Ordering::Equal;
        }
        let capacity = |node: NodeIdx| &self.nodes[node].capacity;
        let left = |node: NodeIdx, name: &str| {
            capacity(node).iter().find(|(n, _)| **n == *name).map_or(0, |(_, left)| *left)
        };
        let (mut greater, mut less) = (0_usize, 0_usize);
        let mut count = |name: &str| match left(a, name).cmp(&left(b, name)) {
            Ordering::Greater => greater += 1,
            Ordering::Less => less += 1,
            Ordering::Equal => {}
        };
        for (name, _) in capacity(a) {
            count(name);
        }
        for (name, _) in capacity(b) {
            if !capacity(a).iter().any(|(n, _)| n == name) {
                count(name);
            }
        }
        less.cmp(&greater)
    }
}
