//! Scores that reading the configuration and the history puts into node tables.
//!
//! **Source:** pacemaker `lib/pengine/utils.c` (`resource_location()`).

use crate::facts::RscFlags;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::{Cell, MINUS_INFINITY, NodeTable, ProbeMode, add_scores};

/// What a score is for, where that matters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    /// The opt-out default; resources and nodes with exclusive probing do without it.
    SymmetricDefault,
    /// Anything else.
    Other,
}

/// Adds `score` to the resource's (and its children's) score on one node.
pub(crate) fn on_node(plan: &mut Plan, rsc: RscIdx, node: NodeIdx, score: i32, tag: Tag) {
    let exclusive = plan.rscs[rsc].has(RscFlags::EXCLUSIVE_PROBES)
        || plan.facts.nodes[node].probe_mode == ProbeMode::Never;
    if exclusive && tag == Tag::SymmetricDefault {
        return;
    }
    for i in 0..plan.rscs[rsc].children.len() {
        let child = plan.rscs[rsc].children[i];
        on_node(plan, child, node, score, tag);
    }
    let base = base_cell(plan, node);
    let table = &mut plan.scores.allowed[rsc];
    if !table.contains(node) {
        table.insert(node, base);
    }
    if let Some(cell) = table.get_mut(node) {
        cell.score = add_scores(cell.score, score);
    }
}

/// Adds `score` on every node.
pub(crate) fn everywhere(plan: &mut Plan, rsc: RscIdx, score: i32, tag: Tag) {
    for i in 0..plan.facts.node_order.len() {
        let node = plan.facts.node_order[i];
        on_node(plan, rsc, node, score, tag);
    }
}

/// Returns what a new cell for the node begins with.
pub(crate) fn base_cell(plan: &Plan, node: NodeIdx) -> Cell {
    let facts = &plan.facts.nodes[node];
    Cell { score: facts.score, count: 0, probe_mode: facts.probe_mode }
}

/// Forbids the resource on every node.
pub(crate) fn ban_everywhere(plan: &mut Plan, rsc: RscIdx) {
    let mut table = NodeTable::default();
    for node in plan.facts.nodes.indices() {
        table.insert(node, Cell { score: MINUS_INFINITY, ..base_cell(plan, node) });
    }
    plan.scores.allowed[rsc] = table;
}
