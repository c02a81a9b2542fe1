//! Colocation scores: how one resource's preference moves another's node scores.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_colocation.c`, and the methods
//! `this_with_colocations()`, `with_this_colocations()`, `add_colocated_node_scores()`.
//! **Differs:** tables are dense values that are moved, not copied and freed.

use bitflags::bitflags;

use super::criteria::Weight;
use super::{INFINITY, MINUS_INFINITY, NodeTable, add_scores};
use crate::constraints::colocation::UNAME;
use crate::constraints::{ColocationFlags, ColocationIdx};
use crate::facts::{Role, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

/// Marks a node that colocations have made unusable, while they are being added up.
const UNUSABLE: i32 = INFINITY * -100;

bitflags! {
    /// **Source:** `enum pcmk__coloc_select`
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(crate) struct Select: u8 {
        /// Follow "this with" colocations instead of "with this".
        const THIS_WITH = 1;
        /// Let no score fall below zero.
        const NONNEGATIVE = 1 << 1;
        /// Give up where no node remains.
        const ACTIVE = 1 << 2;
    }
}

/// What a colocation bears on at a point of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Affects {
    Nothing,
    Location,
    Role,
}

/// One end of a colocation, for lists of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    /// Colocations of the resource as dependent.
    ThisWith,
    /// Colocations of the resource as primary.
    WithThis,
}

impl Plan {
    /// Returns the colocations that matter for the resource as dependent, most important first.
    ///
    /// # Source
    /// `pcmk__this_with_colocations()`
    pub(crate) fn this_with_colocations(&self, rsc: RscIdx) -> Vec<ColocationIdx> {
        let mut list = Vec::new();
        self.collect_colocations(rsc, rsc, Side::ThisWith, &mut list);
        list
    }

    /// Returns the colocations that matter for the resource as primary, most important first.
    ///
    /// # Source
    /// `pcmk__with_this_colocations()`
    pub(crate) fn with_this_colocations(&self, rsc: RscIdx) -> Vec<ColocationIdx> {
        let mut list = Vec::new();
        self.collect_colocations(rsc, rsc, Side::WithThis, &mut list);
        list
    }

    fn own_colocations(&self, rsc: RscIdx, side: Side) -> &[ColocationIdx] {
        match side {
            Side::ThisWith => &self.constraints.this_with[rsc],
            Side::WithThis => &self.constraints.with_this[rsc],
        }
    }

    fn add_one(&self, list: &mut Vec<ColocationIdx>, idx: ColocationIdx, side: Side) {
        crate::glib::insert_sorted(list, idx, |a, b| match side {
            Side::ThisWith => self.compare_by_primary(*a, *b),
            Side::WithThis => self.compare_by_dependent(*a, *b),
        });
    }

    /// # Source
    /// `pcmk__add_this_with_list()`, `pcmk__add_with_this_list()`
    fn add_all(&self, list: &mut Vec<ColocationIdx>, addition: &[ColocationIdx], side: Side) {
        if list.is_empty() {
            list.extend(addition);
            return;
        }
        // COMPAT(pacemaker 3.x, pcmk_sched_colocation.c): a list that is not empty gets the first
        // new colocation once for each of the new ones.
        if let Some(first) = addition.first() {
            for _ in addition {
                self.add_one(list, *first, side);
            }
        }
    }

    fn collect_colocations(
        &self,
        rsc: RscIdx,
        asked: RscIdx,
        side: Side,
        list: &mut Vec<ColocationIdx>,
    ) {
        let parent = self.facts.rscs[rsc].parent;
        match self.variant(rsc) {
            Variant::Primitive if rsc == asked => {
                self.add_all(list, self.own_colocations(rsc, side), side);
                if let Some(parent) = parent {
                    self.collect_colocations(parent, asked, side, list);
                }
            }
            Variant::Primitive => {
                for &idx in self.own_colocations(rsc, side) {
                    let flags = self.constraints.colocations[idx].flags;
                    if flags.contains(ColocationFlags::EXPLICIT) {
                        self.add_one(list, idx, side);
                    }
                }
            }
            Variant::Group => self.collect_from_group(rsc, asked, side, list),
            Variant::Clone => {
                self.add_all(list, self.own_colocations(rsc, side), side);
                if let Some(parent) = parent {
                    self.collect_colocations(parent, asked, side, list);
                }
            }
            Variant::Bundle => {
                if self.bundle_lends_colocations(rsc, asked) {
                    self.add_all(list, self.own_colocations(rsc, side), side);
                }
            }
        }
    }

    fn collect_from_group(
        &self,
        rsc: RscIdx,
        asked: RscIdx,
        side: Side,
        list: &mut Vec<ColocationIdx>,
    ) {
        let members = &self.rscs[rsc].children;
        // The end that the members' own chain begins with stands for the whole group.
        let end = if side == Side::ThisWith { members.first() } else { members.last() };
        let Some(&end) = end else { return };
        if asked != rsc && asked != end {
            if side == Side::ThisWith {
                self.collect_past_unmanaged(rsc, asked, list);
            }
            return;
        }
        self.add_all(list, self.own_colocations(rsc, side), side);
        if let Some(parent) = self.facts.rscs[rsc].parent {
            self.collect_colocations(parent, asked, side, list);
        }
        if self.is_colocated_group(rsc) {
            for &member in members.iter().filter(|m| **m != asked) {
                self.collect_colocations(member, asked, side, list);
            }
        }
    }

    /// A later member follows the group's mandatory colocations itself where the chain from the
    /// first member is broken by an unmanaged one.
    fn collect_past_unmanaged(&self, rsc: RscIdx, asked: RscIdx, list: &mut Vec<ColocationIdx>) {
        let earlier = self.rscs[rsc].children.iter().take_while(|m| **m != asked);
        if earlier.into_iter().all(|m| self.rsc_has(*m, RscFlags::MANAGED)) {
            return;
        }
        for &idx in self.own_colocations(rsc, Side::ThisWith) {
            if self.constraints.colocations[idx].score == INFINITY {
                self.add_one(list, idx, Side::ThisWith);
            }
        }
    }

    /// Returns true where a bundle's colocations are those of `asked`, too: of its containers
    /// always, of what is promoted inside once roles are being chosen.
    ///
    /// # Source
    /// `pcmk__with_bundle_colocations()`
    fn bundle_lends_colocations(&self, bundle: RscIdx, asked: RscIdx) -> bool {
        if asked == bundle || self.rsc_has(asked, RscFlags::REPLICA_CONTAINER) {
            return true;
        }
        let child = self.facts.rscs[bundle].bundle_facts().and_then(|b| b.child);
        let Some(child) = child.filter(|c| self.rsc_has(*c, RscFlags::PROMOTABLE)) else {
            return false;
        };
        // Of the clone itself and its instances alike: assignment is over when roles are chosen.
        self.facts.top_below_bundle(asked) == child && !self.rsc_has(asked, RscFlags::UNASSIGNED)
    }

    /// Returns true where the dependent's preferences count for `primary`, which is the
    /// configured primary or one instance of it.
    ///
    /// # Source
    /// `pcmk__colocation_has_influence()`
    pub(crate) fn has_influence(&self, idx: ColocationIdx, primary: Option<RscIdx>) -> bool {
        let colocation = &self.constraints.colocations[idx];
        let rsc = primary.unwrap_or(colocation.primary);
        let active = self.rscs[rsc].active.len();
        // A clean active container is not moved for its connection's sake.
        let nested = self.rsc_has(colocation.dependent, RscFlags::REMOTE_NESTING_ALLOWED);
        if nested && !self.rsc_has(rsc, RscFlags::FAILED) && active == 1 {
            return false;
        }
        colocation.flags.contains(ColocationFlags::INFLUENCE) || active == 0
    }

    /// Returns the resource whose role counts: what is inside a bundle's container.
    ///
    /// # Source
    /// `get_resource_for_role()`
    pub(crate) fn resource_for_role(&self, rsc: RscIdx) -> RscIdx {
        if !self.rsc_has(rsc, RscFlags::REPLICA_CONTAINER) {
            return rsc;
        }
        let bundle = self.facts.rscs[rsc].parent.and_then(|p| self.facts.rscs[p].bundle_facts());
        let replicas = bundle.map_or(&[][..], |b| &b.replicas);
        replicas.iter().find(|r| r.container == rsc).and_then(|r| r.child).unwrap_or(rsc)
    }

    /// Returns what the colocation bears on now; `preview` pretends that all is assigned.
    ///
    /// # Source
    /// `pcmk__colocation_affects()`
    pub(crate) fn colocation_affects(
        &self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
        preview: bool,
    ) -> Affects {
        let unassigned = |rsc: RscIdx| self.rsc_has(rsc, RscFlags::UNASSIGNED);
        if !preview && unassigned(primary) {
            return Affects::Nothing;
        }
        let colocation = &self.constraints.colocations[idx];
        let role_rsc = (self.resource_for_role(dependent), self.resource_for_role(primary));
        let in_promotable = self.facts.rscs[role_rsc.0]
            .parent
            .is_some_and(|p| self.rsc_has(p, RscFlags::PROMOTABLE));
        if colocation.dependent_role >= Role::Unpromoted && in_promotable && !unassigned(role_rsc.0)
        {
            return Affects::Role;
        }
        let differs =
            |role: Role, rsc: RscIdx| role != Role::Unknown && role != self.rscs[rsc].next_role;
        if (!preview && !unassigned(dependent))
            || differs(colocation.dependent_role, role_rsc.0)
            || differs(colocation.primary_role, role_rsc.1)
        {
            return Affects::Nothing;
        }
        Affects::Location
    }

    /// Returns the value of a colocation's node attribute; of what is inside a bundle, the
    /// container's host has it.
    ///
    /// # Source
    /// `pcmk__colocation_node_attr()`, `pcmk__node_attr()`
    pub(crate) fn colocation_value(&self, node: NodeIdx, attr: &str, rsc: RscIdx) -> Option<&str> {
        let mut from = node;
        if let Some(launcher) = self.guest_launcher(node) {
            let bundled = self.rsc_has(launcher, RscFlags::REPLICA_CONTAINER)
                && self.is_bundled(rsc)
                && self.variant(self.facts.top_below_bundle(rsc)) == Variant::Clone;
            let target = self.facts.rscs[rsc].meta.get("container-attribute-target");
            if bundled || target.is_some_and(|t| t.eq_ignore_ascii_case("host")) {
                from = self.rscs[launcher].assigned?;
            }
        }
        self.facts.nodes[from].attrs.get(attr)
    }

    fn same_value(&self, a: Option<&str>, b: Option<&str>) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            (None, None) => true,
            _ => false,
        }
    }

    /// Moves the dependent's node scores by what the assigned primary means for them.
    ///
    /// # Source
    /// `pcmk__apply_coloc_to_scores()`
    pub(crate) fn apply_coloc_to_scores(
        &mut self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
    ) {
        let score = self.constraints.colocations[idx].score;
        let assigned = self.rscs[primary].assigned;
        if assigned.is_none() && score < 0 {
            return;
        }
        let attr = self.constraints.colocations[idx].node_attribute.clone();
        let value = assigned.and_then(|node| self.colocation_value(node, &attr, primary));
        let mut work = self.scores.allowed[dependent].clone();
        for (node, cell) in work.iter_mut() {
            if assigned.is_none() {
                cell.score = add_scores(-score, cell.score);
            } else if self.same_value(self.colocation_value(node, &attr, dependent), value) {
                // A mandatory colocation is a requirement and no preference: where it holds it
                // adds nothing.
                if score < INFINITY {
                    cell.score = add_scores(score, cell.score);
                }
            } else if score >= INFINITY {
                cell.score = MINUS_INFINITY;
            }
        }
        if score <= MINUS_INFINITY || score >= INFINITY || self.any_node_available(&work) {
            self.scores.allowed[dependent] = work;
        }
    }

    /// Moves the dependent's priority for promotion; returns by how much.
    ///
    /// # Source
    /// `pcmk__apply_coloc_to_priority()`
    pub(crate) fn apply_coloc_to_priority(
        &mut self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
    ) -> i32 {
        let colocation = &self.constraints.colocations[idx];
        let Some(dependent_node) = self.rscs[dependent].assigned else { return 0 };
        let primary_node = self.rscs[primary].assigned;
        if primary_node.is_some() && colocation.primary_role != Role::Unknown {
            let role_rsc = self.resource_for_role(primary);
            if colocation.primary_role != self.rscs[role_rsc].next_role {
                return 0;
            }
        }
        let attr = &colocation.node_attribute;
        let own = self.colocation_value(dependent_node, attr, dependent);
        let other = primary_node.and_then(|node| self.colocation_value(node, attr, primary));
        let sign = if !self.same_value(own, other) {
            if colocation.score != INFINITY || colocation.dependent_role != Role::Promoted {
                return 0;
            }
            -1
        } else if colocation.dependent_role == Role::Unpromoted {
            -1
        } else {
            1
        };
        let delta = sign * colocation.score;
        let priority = &mut self.rscs[dependent].priority;
        *priority = add_scores(delta, *priority);
        delta
    }

    /// Returns the best score among the resource's available nodes with the attribute's value.
    ///
    /// # Source
    /// `best_node_score_matching_attr()`
    fn best_matching_score(
        &self,
        table: &NodeTable,
        rsc: RscIdx,
        attr: &str,
        value: Option<&str>,
        node: NodeIdx,
    ) -> i32 {
        // A node agrees with itself alone in its own name.
        if attr == UNAME && value.is_some_and(|v| *v == *self.facts.nodes[node].name) {
            let score = table.score(node).filter(|_| self.is_node_available(node));
            return score.unwrap_or(MINUS_INFINITY).max(MINUS_INFINITY);
        }
        let mut best = MINUS_INFINITY;
        for (other, cell) in table.iter() {
            if cell.score > best
                && self.is_node_available(other)
                && self.same_value(value, self.colocation_value(other, attr, rsc))
            {
                best = cell.score;
            }
        }
        best
    }

    /// Returns the table whose scores count for a colocation: of an explicit dependent inside a
    /// group, with the group's own locations, which only its first member has otherwise.
    fn source_table(&mut self, source: RscIdx, idx: ColocationIdx) -> NodeTable {
        let table = self.scores.allowed[source].clone();
        let colocation = &self.constraints.colocations[idx];
        let explicit = colocation.flags.contains(ColocationFlags::EXPLICIT);
        let group = self.facts.rscs[source]
            .parent
            .filter(|p| self.variant(*p) == Variant::Group)
            .filter(|p| self.rscs[*p].children.first() != Some(&source));
        let Some(group) = group.filter(|_| explicit && source == colocation.dependent) else {
            return table;
        };
        for at in (0..self.constraints.locations_of[group].len()).rev() {
            let location = self.constraints.locations_of[group][at];
            self.apply_location(source, location, Weight::Full);
        }
        std::mem::replace(&mut self.scores.allowed[source], table)
    }

    fn is_allowed_on_one(&self, rsc: RscIdx) -> bool {
        self.scores.allowed[rsc].iter().filter(|(_, cell)| cell.score >= 0).take(2).count() == 1
    }

    /// Adds the source's scores, times `factor`, to those of nodes that agree in the attribute.
    ///
    /// # Source
    /// `add_node_scores_matching_attr()`
    fn add_matching_scores(
        &mut self,
        nodes: &mut NodeTable,
        source: RscIdx,
        target: RscIdx,
        idx: ColocationIdx,
        factor: f32,
        only_positive: bool,
    ) {
        let table = self.source_table(source, idx);
        let colocation = &self.constraints.colocations[idx];
        let attr = &colocation.node_attribute;
        for (node, cell) in nodes.iter_mut() {
            let value = self.colocation_value(node, attr, target);
            let score = self.best_matching_score(&table, source, attr, value, node);
            if factor < 0.0 && score < 0 {
                // The primary does not follow what an anti-colocated dependent avoids, unless
                // the dependent has nowhere else to go.
                let stickiness = self.facts.rscs[colocation.primary].stickiness;
                if stickiness >= -score
                    || !self.has_influence(idx, None)
                    || !self.is_allowed_on_one(colocation.dependent)
                {
                    continue;
                }
            }
            if cell.score == UNUSABLE {
                continue;
            }
            let new_score = add_scores(scaled(score, factor), cell.score);
            if only_positive && new_score < 0 && cell.score > 0 {
                cell.score = UNUSABLE;
            } else if !(only_positive && new_score < 0 && cell.score == 0) {
                cell.score = new_score;
            }
        }
    }

    /// Adds to `nodes` what the source prefers, and what all that is colocated with it prefers.
    /// `None` for `nodes`, `target` and `idx` begins with the source's own table.
    ///
    /// # Source
    /// `add_colocated_node_scores()` methods
    pub(crate) fn add_colocated_node_scores(
        &mut self,
        source: RscIdx,
        target: Option<RscIdx>,
        nodes: Option<NodeTable>,
        idx: Option<ColocationIdx>,
        factor: f32,
        select: Select,
    ) -> Option<NodeTable> {
        if self.rsc_has(source, RscFlags::UPDATING_NODES) {
            return nodes;
        }
        if self.variant(source) == Variant::Group {
            let members = &self.rscs[source].children;
            let member = if nodes.is_none() { members.last() } else { members.first() };
            let Some(&member) = member else { return nodes };
            self.rscs[source].flags |= RscFlags::UPDATING_NODES;
            let nodes = self.add_colocated_node_scores(member, target, nodes, idx, factor, select);
            self.rscs[source].flags.remove(RscFlags::UPDATING_NODES);
            return nodes;
        }
        self.rscs[source].flags |= RscFlags::UPDATING_NODES;
        let result = self.merge_colocated(source, target, nodes, idx, factor, select);
        self.rscs[source].flags.remove(RscFlags::UPDATING_NODES);
        result
    }

    fn merge_colocated(
        &mut self,
        source: RscIdx,
        target: Option<RscIdx>,
        nodes: Option<NodeTable>,
        idx: Option<ColocationIdx>,
        factor: f32,
        mut select: Select,
    ) -> Option<NodeTable> {
        let nonnegative = select.contains(Select::NONNEGATIVE);
        let target = if nodes.is_none() { source } else { target.unwrap_or(source) };
        let before = nodes.clone();
        let mut work = match (nodes, idx) {
            (Some(mut nodes), Some(idx)) => {
                self.add_matching_scores(&mut nodes, source, target, idx, factor, nonnegative);
                nodes
            }
            (Some(nodes), None) => nodes,
            (None, _) => self.scores.allowed[source].clone(),
        };
        if self.any_node_available(&work) {
            let this_with = select.contains(Select::THIS_WITH);
            let colocations = if this_with {
                self.this_with_colocations(source)
            } else {
                self.with_this_colocations(source)
            };
            select |= Select::ACTIVE;
            for next in colocations {
                let colocation = &self.constraints.colocations[next];
                #[expect(clippy::cast_precision_loss, reason = "the reference computes in float")]
                let next_factor = factor * colocation.score as f32 / INFINITY as f32;
                let other = if this_with {
                    colocation.primary
                } else if self.has_influence(next, None) {
                    colocation.dependent
                } else {
                    continue;
                };
                let merged = self.add_colocated_node_scores(
                    other,
                    Some(target),
                    Some(work),
                    Some(next),
                    next_factor,
                    select,
                );
                work = merged.unwrap_or_default();
            }
        } else if select.contains(Select::ACTIVE) {
            return before;
        }
        if nonnegative {
            for (_, cell) in work.iter_mut().filter(|(_, c)| c.score == UNUSABLE) {
                cell.score = 1;
            }
        }
        Some(work)
    }

    /// Adds to the primary's node scores what the dependent of a colocation prefers.
    ///
    /// # Source
    /// `pcmk__add_dependent_scores()`
    pub(crate) fn add_dependent_scores(&mut self, idx: ColocationIdx, primary: RscIdx) {
        if !self.has_influence(idx, None) {
            return;
        }
        let colocation = &self.constraints.colocations[idx];
        let dependent = colocation.dependent;
        #[expect(clippy::cast_precision_loss, reason = "the reference computes in float")]
        let factor = colocation.score as f32 / INFINITY as f32;
        let mut select = Select::ACTIVE;
        select.set(Select::NONNEGATIVE, self.is_clone(primary));
        let nodes = Some(std::mem::take(&mut self.scores.allowed[primary]));
        // While it is being added to, the primary's table is needed by nobody else: its flag
        // keeps it from being a source.
        let backup = nodes.clone();
        self.scores.allowed[primary] = backup.unwrap_or_default();
        let merged = self.add_colocated_node_scores(
            dependent,
            Some(primary),
            nodes,
            Some(idx),
            factor,
            select,
        );
        if let Some(merged) = merged {
            self.scores.allowed[primary] = merged;
        }
    }

    /// Bans the dependent from all nodes but `primary_nodes`; where `merge`, adds their scores.
    ///
    /// # Source
    /// `pcmk__colocation_intersect_nodes()`
    pub(crate) fn intersect_nodes(
        &mut self,
        dependent: RscIdx,
        primary_nodes: &[(NodeIdx, i32)],
        merge: bool,
    ) {
        for (node, cell) in self.scores.allowed[dependent].iter_mut() {
            match primary_nodes.iter().find(|(n, _)| *n == node) {
                None => cell.score = MINUS_INFINITY,
                Some((_, score)) if merge => cell.score = add_scores(cell.score, *score),
                Some(_) => {}
            }
        }
    }

    /// Returns true where some node of the table could run a resource.
    ///
    /// # Source
    /// `pcmk__any_node_available()`
    pub(crate) fn any_node_available(&self, nodes: &NodeTable) -> bool {
        nodes.iter().any(|(node, cell)| cell.score >= 0 && self.is_node_available(node))
    }
}

/// Returns `score` times `factor`, rounded, at least 1 either way where neither is zero.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "the reference multiplies in float, rounds in double and truncates"
)]
fn scaled(score: i32, factor: f32) -> i32 {
    // COMPAT(pacemaker 3.x, pcmk_sched_colocation.c, add_node_scores_matching_attr()).
    let product = factor * score as f32;
    let half = if product < 0.0 { -0.5 } else { 0.5 };
    let delta = (f64::from(product) + half) as i32;
    match delta {
        0 if score != 0 && factor > 0.0 => 1,
        0 if score != 0 && factor < 0.0 => -1,
        delta => delta,
    }
}
