//! Assigns the instances of a clone, or the containers of a bundle.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_instances.c` (`pcmk__assign_instances()`,
//! `assign_instance_early()`, `pcmk__find_compatible_instance()`).

use cib_model::Role;

use super::OnFailure;
use crate::facts::RscFlags;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::colocation::same_text;
use crate::scores::{MINUS_INFINITY, NodeTable};
use crate::state::When;
use crate::trace::{Change, Reason};
use crate::unpack::location;

/// How many instances there may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) total: i32,
    pub(super) per_node: i32,
}

impl Plan {
    /// Assigns `instances` of `collective`: first each to where it is active, as far as that is
    /// what the scores want, then the rest.
    pub(super) fn assign_instances(
        &mut self,
        collective: RscIdx,
        instances: &[RscIdx],
        limits: Limits,
    ) {
        let available = self.reset_counts(collective);
        let per_available = if available > 0 { limits.total / available } else { 0 };
        let optimal_per_node = per_available.max(1);
        let mut assigned = 0;
        for &instance in instances {
            if assigned >= limits.total {
                break;
            }
            let Some(node) = self.preferred_node(instance, optimal_per_node) else { continue };
            if self.assign_early(instance, node, limits, limits.total - assigned) {
                assigned += 1;
            }
        }
        for &instance in instances {
            if !self.rsc_has(instance, RscFlags::UNASSIGNED) {
                continue;
            }
            if assigned >= limits.total {
                location::everywhere(self, instance, MINUS_INFINITY, Reason::InstanceLimit);
            } else if self.assign_instance(instance, None, limits.per_node).is_some() {
                assigned += 1;
            }
        }
    }

    /// Sets the counts of all nodes to zero; returns how many nodes can run resources.
    fn reset_counts(&mut self, collective: RscIdx) -> i32 {
        let mut table = std::mem::take(&mut self.scores.allowed[collective]);
        let mut available = 0;
        for (node, cell) in table.iter_mut() {
            cell.count = 0;
            available += i32::from(self.is_node_available(node));
        }
        self.scores.allowed[collective] = table;
        available
    }

    /// Returns where an instance had best stay.
    fn preferred_node(&self, instance: RscIdx, optimal_per_node: i32) -> Option<NodeIdx> {
        let state = &self.rscs[instance];
        if state.active.is_empty()
            || !state.has(RscFlags::UNASSIGNED)
            || state.has(RscFlags::FAILED)
        {
            return None;
        }
        let node = self.current_node(instance).filter(|n| self.is_base_available(*n))?;
        let is_full = self.top_allowed(instance, node).is_some_and(|c| c.count >= optimal_per_node);
        (!is_full).then_some(node)
    }

    fn assign_instance(
        &mut self,
        instance: RscIdx,
        prefer: Option<NodeIdx>,
        per_node: i32,
    ) -> Option<NodeIdx> {
        if self.rsc_has(instance, RscFlags::ASSIGNING) {
            return None;
        }
        self.ban_unavailable(instance, per_node);
        let on_failure = if prefer.is_none() { OnFailure::Stop } else { OnFailure::Leave };
        let chosen = self.assign(instance, prefer, on_failure);
        self.count_instance(instance, chosen);
        chosen
    }

    fn count_instance(&mut self, instance: RscIdx, node: Option<NodeIdx>) {
        let owner = self.facts.rscs[instance].parent.unwrap_or(instance);
        if let Some(cell) = node.and_then(|n| self.scores.allowed[owner].get_mut(n)) {
            cell.count += 1;
        }
    }

    fn can_run_instance(&self, instance: RscIdx, node: NodeIdx, per_node: i32) -> bool {
        !self.rsc_has(instance, RscFlags::REMOVED)
            && self.is_node_available(node)
            && self
                .top_allowed(instance, node)
                .is_some_and(|cell| cell.score >= 0 && cell.count < per_node)
    }

    fn ban_unavailable(&mut self, instance: RscIdx, per_node: i32) {
        let banned: Vec<NodeIdx> = self.scores.allowed[instance]
            .nodes()
            .filter(|n| !self.can_run_instance(instance, *n, per_node))
            .collect();
        let parts = self.rscs[instance].children.clone();
        for node in banned {
            for &rsc in std::iter::once(&instance).chain(&parts) {
                if let Some(cell) = self.scores.allowed[rsc].get_mut(node) {
                    cell.score = MINUS_INFINITY;
                    let change = Change::Set(MINUS_INFINITY);
                    self.trace.score(rsc, node, change, Reason::InstancePlace);
                }
            }
        }
    }

    /// Tries to keep an instance where it is. Each time another node turns out better, an
    /// instance is reserved for that node and the rest is tried again.
    fn assign_early(
        &mut self,
        instance: RscIdx,
        current: NodeIdx,
        limits: Limits,
        available: i32,
    ) -> bool {
        if !self.can_use(&self.scores.allowed[instance], current) {
            return false;
        }
        let Some(parent) = self.facts.rscs[instance].parent else { return false };
        let mut backup = Vec::new();
        self.save_tables(instance, &mut backup);
        let parent_table = self.scores.allowed[parent].clone();
        let mark = self.trace.mark();
        let mut reserved = 0;
        let mut chosen = None;
        while reserved < available {
            chosen = self.assign_instance(instance, Some(current), limits.per_node);
            if chosen == Some(current) {
                break;
            }
            for (rsc, table) in &backup {
                self.scores.allowed[*rsc] = table.clone();
                self.trace.take_back(*rsc, mark);
            }
            if chosen.is_none() {
                self.rscs[instance].flags |= RscFlags::UNASSIGNED;
                break;
            }
            reserved += 1;
            self.unassign(instance);
            chosen = None;
        }
        self.scores.allowed[parent] = parent_table;
        self.trace.take_back(parent, mark);
        if chosen.is_some() {
            self.count_instance(instance, chosen);
        }
        chosen.is_some()
    }

    fn save_tables(&self, rsc: RscIdx, backup: &mut Vec<(RscIdx, NodeTable)>) {
        backup.push((rsc, self.scores.allowed[rsc].clone()));
        for &child in &self.rscs[rsc].children {
            self.save_tables(child, backup);
        }
    }

    /// Returns the instance of `collective` that is where `rsc` is, or where it may be.
    pub(crate) fn colocatable_instance(
        &self,
        rsc: RscIdx,
        collective: RscIdx,
        role: Role,
        when: When,
        attribute: Option<&str>,
    ) -> Option<RscIdx> {
        let instances = self.instances_of(collective);
        let on = |node: NodeIdx| {
            instances.iter().copied().find(|i| self.is_instance_at(*i, node, role, when, attribute))
        };
        if let Some(node) = self.location(rsc, when) {
            return on(node);
        }
        self.sorted_nodes(&self.scores.allowed[rsc], None).into_iter().find_map(on)
    }

    /// Returns a clone's instances, or a bundle's containers.
    fn instances_of(&self, collective: RscIdx) -> Vec<RscIdx> {
        match self.facts.rscs[collective].bundle_facts() {
            Some(bundle) => bundle.replicas.iter().map(|r| r.container).collect(),
            None => self.rscs[collective].children.clone(),
        }
    }

    /// Returns true where an instance is (or will be) on the node, in the role.
    ///
    /// # Source
    /// `pcmk__instance_matches()`
    pub(crate) fn is_instance_at(
        &self,
        instance: RscIdx,
        node: NodeIdx,
        role: Role,
        when: When,
        attribute: Option<&str>,
    ) -> bool {
        if (role != Role::Unknown && role != self.role(instance, when))
            || self.any_has(instance, RscFlags::BLOCKED)
        {
            return false;
        }
        let Some(own) = self.location(instance, when) else { return false };
        match attribute {
            Some(name) => same_text(
                self.colocation_attr(Some(own), name, instance),
                self.colocation_attr(Some(node), name, instance),
            ),
            None => own == node,
        }
    }
}
