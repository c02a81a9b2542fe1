//! Which instance of a clone or bundle is assigned first.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_instances.c` (`pcmk__cmp_instance()`).
//! **Differs:** what is compared is gathered once for each instance before the sort; nothing
//! it depends on changes meanwhile, so the result is the same.

use std::cmp::Ordering;

use crate::facts::RscFlags;
use crate::glib::list_sort;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::colocation::{Merge, Select, factor_of};
use crate::scores::colocation_list::Side;
use crate::scores::{Cell, NodeTable};

/// What two instances are compared by.
#[derive(Clone, Debug)]
struct Key {
    rsc: RscIdx,
    active_count: u32,
    /// Whether its current node (if any) is allowed.
    allowed: bool,
    priority: i32,
    /// Its current node where that is allowed.
    node: Option<NodeIdx>,
    node_available: bool,
    /// Instances its parent has on that node; `None` where the parent may not run there.
    parent_count: Option<i32>,
    failed: bool,
    colocated_score: i32,
    number: i64,
}

impl Plan {
    /// Sorts instances for assignment.
    pub(super) fn sort_instances(&mut self, instances: &[RscIdx]) -> Vec<RscIdx> {
        let mut keys: Vec<Key> = instances.iter().map(|i| self.instance_key(*i)).collect();
        list_sort(&mut keys, &mut compare);
        keys.into_iter().map(|k| k.rsc).collect()
    }

    /// Sorts promotable instances: by promotion priority, then present role, then as for
    /// assignment.
    ///
    /// # Source
    /// `cmp_promotable_instance()`
    pub(super) fn sort_promotable(&mut self, instances: &[RscIdx]) -> Vec<RscIdx> {
        let mut keys: Vec<_> = instances
            .iter()
            .map(|i| {
                let role = self.role(*i, crate::state::When::Current);
                (self.rscs[*i].promotion_priority, role, self.instance_key(*i))
            })
            .collect();
        list_sort(&mut keys, &mut |a, b| {
            b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then_with(|| compare(&a.2, &b.2))
        });
        keys.into_iter().map(|k| k.2.rsc).collect()
    }

    fn instance_key(&mut self, rsc: RscIdx) -> Key {
        let active = self.active_node(rsc);
        let allowed = active
            .node
            .is_none_or(|n| self.scores.allowed[rsc].score(n).is_some_and(|score| score >= 0));
        let node = active.node.filter(|_| allowed);
        let parent_count = node.and_then(|n| self.top_allowed(rsc, n)).map(|cell| cell.count);
        Key {
            rsc,
            active_count: active.all,
            allowed,
            priority: self.rscs[rsc].priority,
            node,
            node_available: node.is_some_and(|n| self.is_node_available(n)),
            parent_count,
            failed: self.any_has(rsc, RscFlags::FAILED),
            colocated_score: node.map_or(0, |n| self.parental_score(rsc, n)),
            number: instance_number(&self.facts.rscs[rsc].id),
        }
    }

    /// Returns the cell of `node` in the table that counts a resource's instances: its parent's.
    ///
    /// # Source
    /// `pcmk__top_allowed_node()`
    pub(super) fn top_allowed(&self, rsc: RscIdx, node: NodeIdx) -> Option<Cell> {
        let owner = self.facts.rscs[rsc].parent.unwrap_or(rsc);
        self.scores.allowed[owner].get(node).copied()
    }

    /// Returns the node's score by all colocations of the instance and its ancestors.
    ///
    /// # Source
    /// `apply_parent_colocations()`
    fn parental_score(&mut self, rsc: RscIdx, node: NodeIdx) -> i32 {
        let mut table = NodeTable::default();
        table.insert(node, crate::unpack::location::base_cell(self, node));
        for idx in self.colocations_of(rsc, Side::ThisWith) {
            let colocation = &self.constraints.colocations[idx];
            let (primary, factor) = (colocation.primary, factor_of(colocation.score));
            let merge = Merge { target: rsc, colocation: idx, factor, select: Select::empty() };
            self.add_colocated_scores(primary, &mut table, merge);
        }
        for idx in self.colocations_of(rsc, Side::WithThis) {
            let colocation = &self.constraints.colocations[idx];
            let (dependent, factor) = (colocation.dependent, factor_of(colocation.score));
            if self.has_influence(idx, Some(rsc)) {
                let select = Select::NONNEGATIVE;
                let merge = Merge { target: rsc, colocation: idx, factor, select };
                self.add_colocated_scores(dependent, &mut table, merge);
            }
        }
        table.score(node).unwrap_or(0)
    }
}

/// Returns the number after the last colon (of a bundle's part: after the last dash).
pub(crate) fn instance_number(id: &str) -> i64 {
    let at = id.rfind(':').or_else(|| id.rfind('-')).map_or(0, |at| at + 1);
    let digits = id.get(at..).unwrap_or_default();
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end).and_then(|d| d.parse().ok()).unwrap_or(0)
}

/// Compares two instances. Not transitive: two inactive ones are equal whatever their number.
fn compare(a: &Key, b: &Key) -> Ordering {
    if a.active_count > 0 && b.active_count > 0 && a.active_count != b.active_count {
        return a.active_count.cmp(&b.active_count);
    }
    let order = b.allowed.cmp(&a.allowed).then(b.priority.cmp(&a.priority));
    if order != Ordering::Equal {
        return order;
    }
    if a.node.is_none() || b.node.is_none() {
        return b.node.is_some().cmp(&a.node.is_some());
    }
    if a.node_available != b.node_available {
        return b.node_available.cmp(&a.node_available);
    }
    let (Some(count_a), Some(count_b)) = (a.parent_count, b.parent_count) else {
        return b.parent_count.is_some().cmp(&a.parent_count.is_some());
    };
    count_a
        .cmp(&count_b)
        .then(a.failed.cmp(&b.failed))
        .then(b.colocated_score.cmp(&a.colocated_score))
        .then(a.number.cmp(&b.number))
}
