//! Which of several nodes is best.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_nodes.c` (`compare_nodes()`).

use std::cmp::Ordering;

use crate::facts::PlacementStrategy;
use crate::index::NodeIdx;
use crate::plan::Plan;
use crate::scores::{MINUS_INFINITY, NodeTable};

impl Plan {
    /// Returns the table's nodes, best first; `preferred` breaks ties.
    ///
    /// # Order
    /// Score (of nodes that can run resources), free capacity where the strategy asks for it,
    /// fewer resources, `preferred`, name in byte order: a total order.
    pub(crate) fn sorted_nodes(
        &self,
        table: &NodeTable,
        preferred: Option<NodeIdx>,
    ) -> Vec<NodeIdx> {
        let mut nodes: Vec<(NodeIdx, i32)> = table
            .iter()
            .map(|(n, c)| (n, if self.is_node_available(n) { c.score } else { MINUS_INFINITY }))
            .collect();
        nodes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| self.compare_equal(a.0, b.0, preferred)));
        nodes.into_iter().map(|(n, _)| n).collect()
    }

    /// Compares nodes of equal score.
    fn compare_equal(&self, a: NodeIdx, b: NodeIdx, preferred: Option<NodeIdx>) -> Ordering {
        let by_name = || self.facts.nodes[a].name.cmp(&self.facts.nodes[b].name);
        let strategy = self.facts.options.placement;
        if strategy == PlacementStrategy::Minimal {
            return by_name();
        }
        let capacity = if strategy == PlacementStrategy::Balanced {
            self.compare_capacity(a, b)
        } else {
            Ordering::Equal
        };
        let count = |n: NodeIdx| self.nodes[n].num_resources;
        let unpreferred = |n: NodeIdx| Some(n) != preferred;
        capacity
            .then_with(|| count(a).cmp(&count(b)))
            .then_with(|| unpreferred(a).cmp(&unpreferred(b)))
            .then_with(by_name)
    }

    /// Returns true where the node can run the resource by the table's score.
    pub(crate) fn can_use(&self, table: &NodeTable, node: NodeIdx) -> bool {
        table.score(node).is_some_and(|s| s >= 0) && self.is_node_available(node)
    }

    /// Returns true where the node can run resources and nothing speaks against it in general.
    pub(crate) fn is_base_available(&self, node: NodeIdx) -> bool {
        self.facts.nodes[node].score >= 0 && self.is_node_available(node)
    }
}
