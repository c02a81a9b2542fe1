//! Scores that reading the configuration and the history puts into node tables.
//!
//! **Source:** pacemaker `lib/pengine/utils.c` (`resource_location()`).

use crate::facts::{ProbeMode, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::{Cell, MINUS_INFINITY, NodeTable, add_scores};
use crate::trace::{Change, Reason};

/// Adds `score` to the resource's (and its children's) score on one node. Resources and nodes with
/// exclusive probing do without the opt-out default.
pub(crate) fn on_node(plan: &mut Plan, rsc: RscIdx, node: NodeIdx, score: i32, reason: Reason) {
    let exclusive = plan.rscs[rsc].has(RscFlags::EXCLUSIVE_PROBES)
        || plan.facts.nodes[node].probe_mode == ProbeMode::Never;
    if exclusive && reason == Reason::SymmetricDefault {
        return;
    }
    for i in 0..plan.rscs[rsc].children.len() {
        let child = plan.rscs[rsc].children[i];
        on_node(plan, child, node, score, reason);
    }
    let base = base_cell(plan, node);
    let table = &mut plan.scores.allowed[rsc];
    if !table.contains(node) {
        table.insert(node, base);
        plan.trace.score(rsc, node, Change::Set(base.score), Reason::Node);
    }
    if let Some(cell) = table.get_mut(node) {
        cell.score = add_scores(cell.score, score);
        plan.trace.score(rsc, node, Change::Add(score), reason);
    }
}

/// Adds `score` on every node.
pub(crate) fn everywhere(plan: &mut Plan, rsc: RscIdx, score: i32, reason: Reason) {
    for i in 0..plan.facts.node_order.len() {
        let node = plan.facts.node_order[i];
        on_node(plan, rsc, node, score, reason);
    }
}

/// Returns what a new cell for the node begins with.
pub(crate) fn base_cell(plan: &Plan, node: NodeIdx) -> Cell {
    let facts = &plan.facts.nodes[node];
    Cell { score: facts.score, count: 0, probe_mode: facts.probe_mode }
}

/// Forbids the resource on every node.
pub(crate) fn ban_everywhere(plan: &mut Plan, rsc: RscIdx, reason: Reason) {
    let mut table = NodeTable::default();
    for node in plan.facts.nodes.indices() {
        table.insert(node, Cell { score: MINUS_INFINITY, ..base_cell(plan, node) });
        plan.trace.score(rsc, node, Change::Set(MINUS_INFINITY), reason);
    }
    plan.scores.allowed[rsc] = table;
}
