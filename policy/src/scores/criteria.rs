//! Phase 3, `apply_node_criteria()`: what each resource's node scores begin with.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_scheduler.c`, the `apply_location()` methods in
//! `pcmk_sched_{location,group,clone,bundle}.c`, `pcmk__threshold_reached()`.

use crate::actions::Task;
use crate::constraints::LocationIdx;
use crate::facts::{ClusterFlags, Role, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::{MINUS_INFINITY, ProbeMode, add_scores};
use crate::unpack::failcount::FailCountKind;
use crate::unpack::location::{self, Tag};

/// Whether a constraint's scores count, or only its nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// As written.
    Full,
    /// The nodes are allowed, with nothing added.
    Zero,
}

impl Plan {
    /// Applies locations, stickiness, failure limits and exclusive probing.
    pub(crate) fn apply_node_criteria(&mut self) {
        for idx in self.constraints.locations.indices().rev() {
            let rsc = self.constraints.locations[idx].rsc;
            self.apply_location(rsc, idx, Weight::Full);
        }
        let top = self.facts.top.clone();
        for &rsc in &top {
            self.apply_stickiness(rsc);
        }
        for node in self.facts.node_order.clone() {
            for &rsc in &top {
                self.apply_failure_limit(rsc, node);
                self.apply_exclusive_probing(rsc, node);
            }
        }
    }

    /// Applies a location to a resource and to what it consists of.
    ///
    /// # Source
    /// `apply_location()` methods
    pub(crate) fn apply_location(&mut self, rsc: RscIdx, idx: LocationIdx, weight: Weight) {
        self.apply_location_here(rsc, idx, weight);
        match self.variant(rsc) {
            Variant::Primitive => {}
            Variant::Group => {
                let colocated = self.is_colocated_group(rsc);
                for (at, member) in self.rscs[rsc].children.clone().into_iter().enumerate() {
                    // The score would count again for each later member, which is colocated
                    // with the first.
                    let weight = if colocated && at > 0 { Weight::Zero } else { weight };
                    self.apply_location(member, idx, weight);
                }
            }
            Variant::Clone => {
                for instance in self.rscs[rsc].children.clone() {
                    self.apply_location(instance, idx, weight);
                }
            }
            Variant::Bundle => self.apply_location_to_bundle(rsc, idx, weight),
        }
    }

    fn apply_location_to_bundle(&mut self, rsc: RscIdx, idx: LocationIdx, weight: Weight) {
        let Some(bundle) = self.facts.rscs[rsc].bundle_facts() else { return };
        let child = bundle.child;
        let parts: Vec<RscIdx> =
            bundle.replicas.iter().flat_map(|r| std::iter::once(r.container).chain(r.ip)).collect();
        for part in parts {
            self.apply_location(part, idx, weight);
        }
        let role = self.constraints.locations[idx].role_filter;
        if let Some(child) = child
            && matches!(role, Role::Unpromoted | Role::Promoted)
        {
            self.apply_location(child, idx, weight);
            self.constraints.locations_of[child].push(idx);
        }
    }

    /// Applies a location to one resource's own table.
    ///
    /// # Source
    /// `pcmk__apply_location()`
    fn apply_location_here(&mut self, rsc: RscIdx, idx: LocationIdx, weight: Weight) {
        let location = &self.constraints.locations[idx];
        let next_role = self.rscs[rsc].next_role;
        if location.role_filter != Role::Unknown && location.role_filter != next_role {
            return;
        }
        let probe_mode = location.probe_mode;
        for at in 0..location.nodes.len() {
            let (node, score) = self.constraints.locations[idx].nodes[at];
            let score = if weight == Weight::Zero { 0 } else { score };
            let base = location::base_cell(self, node);
            let table = &mut self.scores.allowed[rsc];
            match table.get_mut(node) {
                Some(cell) => cell.score = add_scores(cell.score, score),
                None => table.insert(node, crate::scores::Cell { score, ..base }),
            }
            let Some(cell) = table.get_mut(node) else { continue };
            if cell.probe_mode < probe_mode {
                cell.probe_mode = probe_mode;
                if probe_mode == ProbeMode::Exclusive {
                    self.rscs[rsc].flags |= RscFlags::EXCLUSIVE_PROBES;
                }
            }
        }
    }

    /// # Source
    /// `apply_stickiness()`
    fn apply_stickiness(&mut self, rsc: RscIdx) {
        if !self.rscs[rsc].children.is_empty() {
            for child in self.rscs[rsc].children.clone() {
                self.apply_stickiness(child);
            }
            return;
        }
        let stickiness = self.facts.rscs[rsc].stickiness;
        let [node] = self.rscs[rsc].active[..] else { return };
        if stickiness < 1 || !self.rsc_has(rsc, RscFlags::MANAGED) {
            return;
        }
        // Where nodes must be allowed one by one, a resource does not stick to one that is not.
        let symmetric = self.cluster_has(ClusterFlags::SYMMETRIC_CLUSTER);
        if symmetric || self.scores.allowed[rsc].contains(node) {
            location::on_node(self, rsc, node, stickiness, Tag::Other);
        }
    }

    /// # Source
    /// `check_failure_threshold()`
    fn apply_failure_limit(&mut self, rsc: RscIdx, node: NodeIdx) {
        if !self.rscs[rsc].children.is_empty() {
            for at in 0..self.rscs[rsc].children.len() {
                let child = self.rscs[rsc].children[at];
                self.apply_failure_limit(child, node);
            }
            return;
        }
        // Failures that are about to be cleared do not count.
        if self.actions.find_task(rsc, Task::ClearFailcount, Some(node)).is_some() {
            return;
        }
        if let Some(banned) = self.threshold_reached(rsc, node) {
            location::on_node(self, banned, node, MINUS_INFINITY, Tag::Other);
        }
    }

    /// Returns the resource to keep from `node` because `rsc` failed there too often: itself, or
    /// the whole anonymous clone it is an instance of.
    ///
    /// # Source
    /// `pcmk__threshold_reached()`
    pub(crate) fn threshold_reached(&mut self, rsc: RscIdx, node: NodeIdx) -> Option<RscIdx> {
        let limit = self.facts.rscs[rsc].ban_after_failures;
        if limit == 0 || self.rsc_has(rsc, RscFlags::IGNORE_FAILURE) {
            return None;
        }
        let kind = FailCountKind { effective: true, launched: true };
        let count = self.fail_count(node, rsc, kind, None).count;
        if count <= 0 || limit > count {
            return None;
        }
        let unique = self.rsc_has(rsc, RscFlags::UNIQUE);
        Some(if unique { rsc } else { self.facts.top_below_bundle(rsc) })
    }

    /// # Source
    /// `apply_exclusive_discovery()`
    fn apply_exclusive_probing(&mut self, rsc: RscIdx, node: NodeIdx) {
        let exclusive = RscFlags::EXCLUSIVE_PROBES;
        let top = self.facts.top_below_bundle(rsc);
        if !self.rsc_has(rsc, exclusive) && !self.rsc_has(top, exclusive) {
            return;
        }
        for child in self.rscs[rsc].children.clone() {
            self.apply_exclusive_probing(child, node);
        }
        if let Some(cell) = self.scores.allowed[rsc].get_mut(node)
            && cell.probe_mode != ProbeMode::Exclusive
        {
            cell.score = MINUS_INFINITY;
        }
    }

    /// Returns true for a group whose members stay together.
    pub(crate) fn is_colocated_group(&self, rsc: RscIdx) -> bool {
        self.facts.rscs[rsc].group_facts().is_some_and(|g| g.colocated)
    }
}
