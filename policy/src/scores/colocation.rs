//! Colocation scores: how one resource's preference moves another's node scores.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_colocation.c`.

use std::sync::Arc;

use bitflags::bitflags;

use super::colocation_list::Side;
use super::{INFINITY, NodeTable, add_scores};
use crate::constraints::{ColocationFlags, ColocationIdx};
use crate::facts::{ClusterFlags, RscFlags, Variant};
use crate::index::{Idx as _, NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::trace::{Change, Reason};

/// Marks a node that a non-negative sum would have made negative.
const INFINITY_HACK: i32 = INFINITY * -100;

bitflags! {
    /// **Source:** `enum pcmk__coloc_select`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub(crate) struct Select: u8 {
        /// Leave out resources that no node is left for.
        const ACTIVE = 1;
        /// No score falls below zero.
        const NONNEGATIVE = 2;
        /// Follow "this with" instead of "with this" colocations.
        const THIS_WITH = 4;
    }
}

/// Returns a colocation's score as a share of infinity.
#[expect(clippy::cast_precision_loss, reason = "scores are below 2^24")]
pub(crate) fn factor_of(score: i32) -> f32 {
    score as f32 / INFINITY as f32
}

/// Returns `factor` of `score`, rounded half away from zero, and at least ±1.
#[expect(clippy::cast_precision_loss, reason = "scores are below 2^24")]
#[expect(clippy::cast_possible_truncation, reason = "as the reference rounds")]
fn share(factor: f32, score: i32) -> i32 {
    let product = factor * score as f32;
    // COMPAT(pacemaker 3.x, pcmk_sched_colocation.c:1717): rounds in double.
    let rounded = f64::from(product) + if product < 0.0 { -0.5 } else { 0.5 };
    let delta = rounded as i32;
    if delta == 0 && score != 0 {
        if factor > 0.0 {
            return 1;
        } else if factor < 0.0 {
            return -1;
        }
    }
    delta
}

/// What is being added up, and for whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Merge {
    /// The resource whose nodes these are.
    pub(crate) target: RscIdx,
    /// The colocation followed.
    pub(crate) colocation: ColocationIdx,
    /// Share of the scores; −1.0..=1.0.
    pub(crate) factor: f32,
    /// Which scores and colocations.
    pub(crate) select: Select,
}

impl Plan {
    /// Returns true where the dependent may influence where the primary (or `rsc`, an instance
    /// of it) is placed.
    pub(crate) fn has_influence(&self, idx: ColocationIdx, rsc: Option<RscIdx>) -> bool {
        let colocation = &self.constraints.colocations[idx];
        let rsc = rsc.unwrap_or(colocation.primary);
        let active = self.rscs[rsc].active.len();
        let nested = self.rsc_has(colocation.dependent, RscFlags::REMOTE_NESTING_ALLOWED);
        if nested && !self.rsc_has(rsc, RscFlags::FAILED) && active == 1 {
            return false;
        }
        colocation.flags.contains(ColocationFlags::INFLUENCE) || active == 0
    }

    /// Returns a node's attribute as colocations of `rsc` see it: inside a container, the host's
    /// where that is what counts.
    ///
    /// # Source
    /// `pcmk__colocation_node_attr()`
    pub(crate) fn colocation_attr(
        &self,
        node: Option<NodeIdx>,
        name: &str,
        rsc: RscIdx,
    ) -> Option<&str> {
        let node = node?;
        let launcher = self.guest_launcher(node);
        let host_counts = launcher.is_some_and(|launcher| {
            let in_bundle = self.is_bundled(launcher)
                && self.is_bundled(rsc)
                && self.is_bundled_clone(self.facts.top_below_bundle(rsc));
            let target = self.facts.rscs[rsc].meta.get("container-attribute-target");
            in_bundle || target.is_some_and(|t| t.eq_ignore_ascii_case("host"))
        });
        let from = match launcher {
            Some(launcher) if host_counts => self.rscs[launcher].assigned?,
            _ => node,
        };
        self.facts.nodes[from].attrs.get(name)
    }

    /// Returns true for the clone inside a bundle.
    fn is_bundled_clone(&self, rsc: RscIdx) -> bool {
        let parent = self.facts.rscs[rsc].parent;
        parent.and_then(|p| self.facts.rscs[p].bundle_facts()).is_some_and(|b| b.child == Some(rsc))
    }

    /// Returns true where a node can run what the table is for.
    pub(crate) fn is_any_available(&self, table: &NodeTable) -> bool {
        table.iter().any(|(node, cell)| cell.score >= 0 && self.is_node_available(node))
    }

    /// Returns, by node, the first node with the same value of the colocation's attribute.
    fn attribute_classes(&mut self, idx: ColocationIdx) -> Arc<[NodeIdx]> {
        let name = &self.constraints.colocations[idx].node_attribute;
        if let Some(known) = self.scores.classes.get(name) {
            return Arc::clone(known);
        }
        let nodes = &self.facts.nodes;
        let mut first_of: Vec<(Option<&str>, NodeIdx)> = Vec::new();
        let class_of = nodes.iter_enumerated().map(|(node, facts)| {
            let value = facts.attrs.get(name);
            if let Some((_, first)) = first_of.iter().find(|(other, _)| same_text(*other, value)) {
                return *first;
            }
            first_of.push((value, node));
            node
        });
        let classes: Arc<[NodeIdx]> = class_of.collect();
        self.scores.classes.insert(name.clone(), Arc::clone(&classes));
        classes
    }

    /// Returns the best score among the source's available nodes whose attribute has the same
    /// value as the target's on a node; minus infinity where there is none.
    ///
    /// # Shapes
    /// One score a `NodeIdx`.
    fn best_matching_scores(&mut self, merge: Merge, source: RscIdx) -> Vec<i32> {
        let idx = merge.colocation;
        let substitute = self.source_table(idx, source);
        // Without guests a node's value does not depend on the resource.
        let classes = (!self.cluster_has(ClusterFlags::HAVE_REMOTE_NODES))
            .then(|| self.attribute_classes(idx));
        let table = substitute.as_ref().unwrap_or(&self.scores.allowed[source]);
        let available = table.iter().filter(|(node, _)| self.is_node_available(*node));
        if let Some(classes) = classes {
            let mut best = vec![super::MINUS_INFINITY; classes.len()];
            for (node, cell) in available {
                let best = &mut best[classes[node.index()].index()];
                *best = cell.score.max(*best);
            }
            // A class is called by its first node, which is never written after it was read.
            for node in (0..best.len()).rev() {
                best[node] = best[classes[node].index()];
            }
            return best;
        }
        let name = &*self.constraints.colocations[idx].node_attribute;
        let values: Vec<_> = available
            .map(|(node, cell)| (self.colocation_attr(Some(node), name, source), cell.score))
            .collect();
        let best = |node| {
            let value = self.colocation_attr(Some(node), name, merge.target);
            let same = values.iter().filter(|(other, _)| same_text(value, *other));
            same.map(|(_, score)| *score).fold(super::MINUS_INFINITY, i32::max)
        };
        self.facts.nodes.indices().map(best).collect()
    }

    /// Returns the scores that a colocation sees instead of the source's own: an inner group
    /// member that is colocated itself has its group's locations too.
    fn source_table(&mut self, idx: ColocationIdx, source: RscIdx) -> Option<NodeTable> {
        let parent = self.facts.rscs[source].parent;
        let group = parent.filter(|p| self.variant(*p) == Variant::Group)?;
        let colocation = &self.constraints.colocations[idx];
        if colocation.dependent != source
            || !colocation.flags.contains(ColocationFlags::EXPLICIT)
            || self.rscs[group].children.first() == Some(&source)
        {
            return None;
        }
        let table = self.scores.allowed[source].clone();
        let (flags, mark) = (self.rscs[source].flags, self.trace.mark());
        for location in self.constraints.locations_of[group].clone().into_iter().rev() {
            self.apply_location(source, location);
        }
        self.rscs[source].flags = flags;
        self.trace.take_back(source, mark);
        Some(std::mem::replace(&mut self.scores.allowed[source], table))
    }

    fn is_allowed_on_one(&self, rsc: RscIdx) -> bool {
        self.scores.allowed[rsc].iter().filter(|(_, c)| c.score >= 0).count() == 1
    }

    /// Adds a share of the source's scores to `table`.
    ///
    /// # Source
    /// `add_node_scores_matching_attr()`
    fn add_matching_scores(&mut self, table: &mut NodeTable, source: RscIdx, merge: Merge) {
        let scores = self.best_matching_scores(merge, source);
        let only_positive = merge.select.contains(Select::NONNEGATIVE);
        let idx = merge.colocation;
        let colocation = &self.constraints.colocations[idx];
        let primary_stickiness = self.facts.rscs[colocation.primary].stickiness;
        for (node, cell) in table.iter_mut() {
            let score = scores[node.index()];
            if merge.factor < 0.0
                && score < 0
                && (primary_stickiness >= -score
                    || !self.has_influence(idx, None)
                    || !self.is_allowed_on_one(colocation.dependent))
            {
                continue;
            }
            if cell.score == INFINITY_HACK {
                continue;
            }
            let amount = share(merge.factor, score);
            let sum = add_scores(amount, cell.score);
            let change = if only_positive && sum < 0 && cell.score > 0 {
                cell.score = INFINITY_HACK;
                Change::Set(INFINITY_HACK)
            } else if !(only_positive && sum < 0 && cell.score == 0) {
                cell.score = sum;
                Change::Add(amount)
            } else {
                continue;
            };
            if let Some(collector) = self.trace.collecting {
                self.trace.score(collector, node, change, Reason::Colocation(idx));
            }
        }
    }

    /// Adds a share of the scores of `source`, and of what is colocated with it in turn, to
    /// `table`.
    ///
    /// # Source
    /// `add_colocated_node_scores()` methods
    pub(crate) fn add_colocated_scores(
        &mut self,
        source: RscIdx,
        table: &mut NodeTable,
        merge: Merge,
    ) {
        if self.rsc_has(source, RscFlags::UPDATING_NODES) {
            return;
        }
        self.rscs[source].flags |= RscFlags::UPDATING_NODES;
        if self.variant(source) == Variant::Group {
            if let Some(&member) = self.rscs[source].children.first() {
                self.add_colocated_scores(member, table, merge);
            }
        } else {
            let (mut work, mark) = (table.clone(), self.trace.mark());
            self.add_matching_scores(&mut work, source, merge);
            let taken =
                self.follow(source, table, work, merge.target, (merge.factor, merge.select));
            if let (false, Some(collector)) = (taken, self.trace.collecting) {
                self.trace.take_back(collector, mark);
            }
        }
        self.rscs[source].flags -= RscFlags::UPDATING_NODES;
    }

    /// Returns the scores of `source` with those of all it is colocated with.
    pub(crate) fn colocated_scores(&mut self, source: RscIdx) -> NodeTable {
        let mut table = NodeTable::default();
        if self.rsc_has(source, RscFlags::UPDATING_NODES) {
            return table;
        }
        self.rscs[source].flags |= RscFlags::UPDATING_NODES;
        if self.variant(source) == Variant::Group {
            if let Some(&member) = self.rscs[source].children.last() {
                table = self.colocated_scores(member);
            }
        } else {
            let work = self.scores.allowed[source].clone();
            self.follow(source, &mut table, work, source, (1.0, Select::THIS_WITH));
        }
        self.rscs[source].flags -= RscFlags::UPDATING_NODES;
        table
    }

    /// Follows the source's own colocations, and takes `work` over unless no node is left; returns
    /// true where it does.
    fn follow(
        &mut self,
        source: RscIdx,
        table: &mut NodeTable,
        mut work: NodeTable,
        target: RscIdx,
        (factor, select): (f32, Select),
    ) -> bool {
        if self.is_any_available(&work) {
            let this_with = select.contains(Select::THIS_WITH);
            let side = if this_with { Side::ThisWith } else { Side::WithThis };
            for idx in self.colocations_of(source, side) {
                let colocation = &self.constraints.colocations[idx];
                let (primary, dependent) = (colocation.primary, colocation.dependent);
                let score = colocation.score;
                if !this_with && !self.has_influence(idx, None) {
                    continue;
                }
                let other = if this_with { primary } else { dependent };
                let merge = Merge {
                    target,
                    colocation: idx,
                    factor: share_of(factor, score),
                    select: select | Select::ACTIVE,
                };
                self.add_colocated_scores(other, &mut work, merge);
            }
        } else if select.contains(Select::ACTIVE) {
            return false;
        }
        if select.contains(Select::NONNEGATIVE) {
            for (node, cell) in work.iter_mut() {
                if cell.score == INFINITY_HACK {
                    cell.score = 1;
                    if let Some(collector) = self.trace.collecting {
                        self.trace.score(collector, node, Change::Set(1), Reason::KeptAllowed);
                    }
                }
            }
        }
        *table = work;
        true
    }

    /// Adds a dependent's scores to its primary's.
    ///
    /// # Source
    /// `pcmk__add_dependent_scores()`
    pub(crate) fn add_dependent_scores(&mut self, idx: ColocationIdx, primary: RscIdx) {
        if !self.has_influence(idx, None) {
            return;
        }
        let mut select = Select::ACTIVE;
        if self.is_clone(primary) {
            select |= Select::NONNEGATIVE;
        }
        self.add_to_primary(idx, primary, select);
    }

    /// Adds a dependent's scores to the table of `primary`.
    pub(crate) fn add_to_primary(&mut self, idx: ColocationIdx, primary: RscIdx, select: Select) {
        let colocation = &self.constraints.colocations[idx];
        let (dependent, factor) = (colocation.dependent, factor_of(colocation.score));
        let merge = Merge { target: primary, colocation: idx, factor, select };
        let mut table = self.scores.allowed[primary].clone();
        let outer = self.trace.collecting.replace(primary);
        self.add_colocated_scores(dependent, &mut table, merge);
        self.trace.collecting = outer;
        self.scores.allowed[primary] = table;
    }
}

/// Returns `factor * score / INFINITY` in the reference's order of operations.
#[expect(clippy::cast_precision_loss, reason = "scores are below 2^24")]
fn share_of(factor: f32, score: i32) -> f32 {
    factor * score as f32 / INFINITY as f32
}

/// Compares attribute values: case ignored, a missing one equals a missing one.
pub(crate) fn same_text(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_round_away_from_zero_and_never_vanish() {
        assert_eq!(share(factor_of(INFINITY), 100), 100);
        assert_eq!(share(factor_of(500_000), 3), 2);
        assert_eq!(share(factor_of(-500_000), 3), -2);
        assert_eq!(share(factor_of(10), 100), 1);
        assert_eq!(share(factor_of(-10), 100), -1);
        assert_eq!(share(factor_of(10), 0), 0);
    }
}
