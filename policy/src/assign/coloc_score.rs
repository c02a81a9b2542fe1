//! What a placed primary means for its dependent's scores or promotion priority.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_colocation.c` (`pcmk__colocation_affects()`,
//! `pcmk__apply_coloc_to_scores()`, `pcmk__apply_coloc_to_priority()`), `apply_coloc_score()`
//! methods of the variants.

use cib_model::{Role, boolean};

use super::OnFailure;
use super::place::Force;
use crate::constraints::ColocationIdx;
use crate::facts::{RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::colocation::same_text;
use crate::scores::{INFINITY, MINUS_INFINITY, add_scores};
use crate::state::When;
use crate::trace::{Change, Reason};

/// What a colocation has to say now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Affects {
    Nothing,
    Location,
    Role,
}

impl Plan {
    /// Returns what is inside a bundle's container, or the resource itself: whose role counts.
    fn role_rsc(&self, rsc: RscIdx) -> RscIdx {
        if !self.rsc_has(rsc, RscFlags::REPLICA_CONTAINER) {
            return rsc;
        }
        let bundle = self.facts.rscs[self.facts.top(rsc)].bundle_facts();
        bundle
            .and_then(|b| b.replicas.iter().find(|r| r.container == rsc))
            .and_then(|r| r.child)
            .unwrap_or(rsc)
    }

    /// Returns what the colocation affects; `preview` asks before anything is assigned.
    pub(crate) fn colocation_affects(
        &self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
        preview: bool,
    ) -> Affects {
        if !preview && self.rsc_has(primary, RscFlags::UNASSIGNED) {
            return Affects::Nothing;
        }
        let colocation = &self.constraints.colocations[idx];
        let (role_rsc, primary_rsc) = (self.role_rsc(dependent), self.role_rsc(primary));
        let in_promotable =
            self.facts.rscs[role_rsc].parent.is_some_and(|p| self.rsc_has(p, RscFlags::PROMOTABLE));
        if colocation.dependent_role >= Role::Unpromoted
            && in_promotable
            && !self.rsc_has(role_rsc, RscFlags::UNASSIGNED)
        {
            return Affects::Role;
        }
        if !preview && !self.rsc_has(dependent, RscFlags::UNASSIGNED) {
            return Affects::Nothing;
        }
        let mismatch = |wanted: Role, rsc: RscIdx| {
            wanted != Role::Unknown && wanted != self.rscs[rsc].next_role
        };
        if mismatch(colocation.dependent_role, role_rsc)
            || mismatch(colocation.primary_role, primary_rsc)
        {
            return Affects::Nothing;
        }
        Affects::Location
    }

    /// Applies a colocation on behalf of the dependent. Returns the change of its promotion
    /// priority.
    pub(crate) fn apply_coloc_to_dependent(
        &mut self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
    ) -> i32 {
        match self.variant(dependent) {
            Variant::Group => self.colocate_group_with(dependent, primary, idx),
            _ => self.apply_coloc_of_primary(dependent, primary, idx),
        }
    }

    /// Applies a colocation on behalf of the primary; the dependent is a primitive.
    pub(super) fn apply_coloc_of_primary(
        &mut self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
    ) -> i32 {
        match self.variant(primary) {
            Variant::Primitive => match self.colocation_affects(dependent, primary, idx, false) {
                Affects::Role => self.apply_coloc_to_priority(dependent, primary, idx),
                Affects::Location => {
                    self.apply_coloc_to_scores(dependent, primary, idx);
                    0
                }
                Affects::Nothing => 0,
            },
            Variant::Group => self.colocate_with_group(dependent, primary, idx),
            Variant::Clone => self.colocate_with_clone(dependent, primary, idx),
            Variant::Bundle => self.colocate_with_bundle(dependent, primary, idx),
        }
    }

    fn apply_coloc_to_scores(&mut self, dependent: RscIdx, primary: RscIdx, idx: ColocationIdx) {
        let colocation = &self.constraints.colocations[idx];
        let (score, name) = (colocation.score, &*colocation.node_attribute);
        let node = self.rscs[primary].assigned;
        if node.is_none() && score < 0 {
            return;
        }
        let (mark, reason) = (self.trace.mark(), Reason::Colocation(idx));
        let mut trace = std::mem::take(&mut self.trace);
        let value = self.colocation_attr(node, name, primary);
        let mut work = self.scores.allowed[dependent].clone();
        for (other, cell) in work.iter_mut() {
            if node.is_none() {
                cell.score = add_scores(-score, cell.score);
                trace.score(dependent, other, Change::Add(-score), reason);
            } else if same_text(self.colocation_attr(Some(other), name, dependent), value) {
                // What is mandatory is no preference: it only forbids the other nodes.
                if score < INFINITY {
                    cell.score = add_scores(score, cell.score);
                    trace.score(dependent, other, Change::Add(score), reason);
                }
            } else if score >= INFINITY {
                cell.score = MINUS_INFINITY;
                trace.score(dependent, other, Change::Set(MINUS_INFINITY), reason);
            }
        }
        self.trace = trace;
        if score <= MINUS_INFINITY || score >= INFINITY || self.is_any_available(&work) {
            self.scores.allowed[dependent] = work;
        } else {
            self.trace.take_back(dependent, mark);
        }
    }

    fn apply_coloc_to_priority(
        &mut self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
    ) -> i32 {
        let colocation = &self.constraints.colocations[idx];
        let (score, name) = (colocation.score, &*colocation.node_attribute);
        let (primary_node, node) = (self.rscs[primary].assigned, self.rscs[dependent].assigned);
        let role_rsc = self.role_rsc(primary);
        if node.is_none()
            || (primary_node.is_some()
                && colocation.primary_role != Role::Unknown
                && colocation.primary_role != self.rscs[role_rsc].next_role)
        {
            return 0;
        }
        let agrees = same_text(
            self.colocation_attr(node, name, dependent),
            self.colocation_attr(primary_node, name, primary),
        );
        let role = colocation.dependent_role;
        let delta = match (agrees, role) {
            (true, Role::Unpromoted) => -score,
            (true, _) => score,
            (false, Role::Promoted) if score == INFINITY => -score,
            (false, _) => return 0,
        };
        let priority = &mut self.rscs[dependent].priority;
        *priority = add_scores(delta, *priority);
        self.trace.promotion(dependent, Change::Add(delta), Reason::Colocation(idx));
        delta
    }

    fn colocate_group_with(
        &mut self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
    ) -> i32 {
        let members = self.rscs[dependent].children.clone();
        let Some(&first) = members.first() else { return 0 };
        let colocated = self.facts.rscs[dependent].group_facts().is_some_and(|g| g.colocated);
        let mut delta = 0;
        if colocated {
            delta = self.apply_coloc_to_dependent(first, primary, idx);
        } else if self.constraints.colocations[idx].score >= INFINITY {
            return 0;
        } else {
            for member in members {
                // COMPAT(pacemaker 3.x, colocate_group_with()): by the member's own method.
                let change = self.apply_coloc_of_primary(member, primary, idx);
                delta = add_scores(delta, change);
            }
        }
        if delta != 0 {
            let priority = &mut self.rscs[dependent].priority;
            *priority = add_scores(delta, *priority);
            self.trace.promotion(dependent, Change::Add(delta), Reason::Colocation(idx));
        }
        delta
    }

    fn colocate_with_group(&mut self, dependent: RscIdx, group: RscIdx, idx: ColocationIdx) -> i32 {
        if self.rsc_has(group, RscFlags::UNASSIGNED) {
            return 0;
        }
        let members = self.rscs[group].children.clone();
        let mandatory = self.constraints.colocations[idx].score >= INFINITY;
        if self.facts.rscs[group].group_facts().is_some_and(|g| g.colocated) {
            let member = if mandatory { members.last() } else { members.first() };
            return member.map_or(0, |m| self.apply_coloc_of_primary(dependent, *m, idx));
        }
        if mandatory {
            return 0;
        }
        let mut delta = 0;
        for member in members {
            let change = self.apply_coloc_of_primary(dependent, member, idx);
            delta = add_scores(delta, change);
        }
        delta
    }

    fn colocate_with_clone(&mut self, dependent: RscIdx, clone: RscIdx, idx: ColocationIdx) -> i32 {
        if self.rsc_has(clone, RscFlags::UNASSIGNED) {
            return 0;
        }
        let colocation = &self.constraints.colocations[idx];
        let (score, primary_role) = (colocation.score, colocation.primary_role);
        let dependent_role = colocation.dependent_role;
        if self.rsc_has(clone, RscFlags::PROMOTABLE) && primary_role != Role::Unknown {
            if self.rsc_has(dependent, RscFlags::UNASSIGNED) {
                self.colocate_with_promotable(clone, dependent, idx);
                return 0;
            }
            if dependent_role == Role::Promoted {
                return self.update_promotable_dependent(clone, dependent, idx);
            }
        }
        if self.can_interleave_colocation(idx) {
            let found =
                self.colocatable_instance(dependent, clone, Role::Unknown, When::Next, None);
            if let Some(instance) = found {
                return self.apply_coloc_to_dependent(dependent, instance, idx);
            }
            if score >= INFINITY {
                self.place(dependent, None, Force::Yes, OnFailure::Stop);
            }
            return 0;
        }
        let instances = self.rscs[clone].children.clone();
        if score >= INFINITY {
            let usable = |plan: &Plan, instance: &RscIdx| {
                let node = plan.location(*instance, When::Next)?;
                (!plan.any_has(*instance, RscFlags::BLOCKED)).then_some((node, 0))
            };
            let nodes: Vec<_> = instances.iter().filter_map(|i| usable(self, i)).collect();
            self.intersect_nodes(dependent, &nodes, idx);
            return 0;
        }
        let mut delta = 0;
        for instance in instances {
            let change = self.apply_coloc_of_primary(dependent, instance, idx);
            delta = add_scores(delta, change);
        }
        delta
    }

    /// Returns true where the flag is set on the resource or anything below it.
    pub(crate) fn any_has(&self, rsc: RscIdx, flag: RscFlags) -> bool {
        self.rsc_has(rsc, flag) || self.rscs[rsc].children.iter().any(|c| self.any_has(*c, flag))
    }

    fn can_interleave_colocation(&self, idx: ColocationIdx) -> bool {
        let colocation = &self.constraints.colocations[idx];
        let (dependent, primary) = (colocation.dependent, colocation.primary);
        let meta = &self.facts.rscs[dependent].meta;
        self.variant(dependent) > Variant::Group
            && meta.get("interleave").and_then(boolean::parse) == Some(true)
            && self.max_instances_per_node(dependent) == self.max_instances_per_node(primary)
    }

    fn max_instances_per_node(&self, rsc: RscIdx) -> i64 {
        let facts = &self.facts.rscs[rsc];
        match (facts.clone_facts(), facts.bundle_facts()) {
            (Some(clone), _) => i64::from(clone.clone_node_max),
            (_, Some(bundle)) => i64::from(bundle.nreplicas_per_host),
            _ => 1,
        }
    }

    /// Bans the dependent from all other nodes, and adds the scores given with these.
    ///
    /// # Source
    /// `pcmk__colocation_intersect_nodes()`
    pub(super) fn intersect_nodes(
        &mut self,
        dependent: RscIdx,
        nodes: &[(NodeIdx, i32)],
        idx: ColocationIdx,
    ) {
        for (node, cell) in self.scores.allowed[dependent].iter_mut() {
            // Lists of nodes were prepended to, so the last wins.
            let found = nodes.iter().rev().find(|(n, _)| *n == node);
            let change = if let Some((_, score)) = found {
                cell.score = add_scores(cell.score, *score);
                Change::Add(*score)
            } else {
                cell.score = MINUS_INFINITY;
                Change::Set(MINUS_INFINITY)
            };
            self.trace.score(dependent, node, change, Reason::Colocation(idx));
        }
    }

    fn colocate_with_bundle(
        &mut self,
        dependent: RscIdx,
        bundle: RscIdx,
        idx: ColocationIdx,
    ) -> i32 {
        if self.rsc_has(bundle, RscFlags::UNASSIGNED) {
            return 0;
        }
        let colocation = &self.constraints.colocations[idx];
        let (score, primary_role) = (colocation.score, colocation.primary_role);
        if self.variant(colocation.dependent) > Variant::Group {
            if let Some(container) = self.compatible_container(dependent, bundle) {
                return self.apply_coloc_to_dependent(dependent, container, idx);
            }
            if score >= INFINITY {
                self.place(dependent, None, Force::Yes, OnFailure::Stop);
            }
            return 0;
        }
        let replicas = self.facts.rscs[bundle].bundle_facts().map(|b| b.replicas.clone());
        let (mut delta, mut hosts) = (0, Vec::new());
        for replica in replicas.unwrap_or_default() {
            if score < INFINITY {
                let change = self.apply_coloc_of_primary(dependent, replica.container, idx);
                delta = add_scores(delta, change);
                continue;
            }
            let Some(node) = self.location(replica.container, When::Next) else { continue };
            let promoted = replica.child.is_some_and(|c| self.rscs[c].next_role >= Role::Promoted);
            if !self.any_has(replica.container, RscFlags::BLOCKED)
                && (primary_role < Role::Promoted || promoted)
            {
                hosts.push((node, 0));
            }
        }
        if score >= INFINITY {
            self.intersect_nodes(dependent, &hosts, idx);
        }
        delta
    }

    /// Returns the container that runs where the dependent does or may.
    fn compatible_container(&self, dependent: RscIdx, bundle: RscIdx) -> Option<RscIdx> {
        let host = |node: NodeIdx| match self.guest_launcher(node) {
            Some(launcher) if self.is_bundled(launcher) => self.location(launcher, When::Next),
            _ => Some(node),
        };
        let replicas = &self.facts.rscs[bundle].bundle_facts()?.replicas;
        let on = |node: NodeIdx| {
            replicas.iter().map(|r| r.container).find(|c| {
                !self.any_has(*c, RscFlags::BLOCKED) && self.location(*c, When::Next) == Some(node)
            })
        };
        if let Some(node) = self.location(dependent, When::Next).and_then(host) {
            return on(node);
        }
        let nodes = self.sorted_nodes(&self.scores.allowed[dependent], None);
        nodes.into_iter().filter_map(host).find_map(on)
    }
}
