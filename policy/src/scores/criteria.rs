//! Phase 3: what speaks for and against nodes before resources are assigned.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_scheduler.c` (`apply_node_criteria()`),
//! `pcmk_sched_location.c` (`pcmk__apply_location()`), `pcmk_sched_primitive.c`
//! (`pcmk__primitive_shutdown_lock()`), `pcmk_sched_nodes.c` (`pcmk__apply_node_health()`).

use cib_model::{Role, boolean};

use super::MINUS_INFINITY;
use super::health;
use crate::actions::{ActionKey, Task};
use crate::constraints::{Location, LocationIdx, LocationOrigin};
use crate::facts::{ClusterFlags, ProbeMode, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::trace::{Change, Reason};
use crate::unpack::failcount::FailCountKind;
use crate::unpack::location;

/// Makes location constraints of the nodes' health; before the configured ones are read.
fn apply_health(plan: &mut Plan) {
    let Some(policy) = health::policy(plan) else { return };
    let strategy: Box<str> =
        plan.facts.options.table.get("node-health-strategy").unwrap_or_default().into();
    for node in plan.facts.node_order.clone() {
        let score = health::sum(plan, node, &policy);
        if score == 0 {
            continue;
        }
        for rsc in plan.facts.top.clone() {
            let allow = plan.facts.rscs[rsc].meta.get("allow-unhealthy-nodes");
            let is_immune = score < 0 && allow.and_then(boolean::parse) == Some(true);
            if !is_immune {
                plan.add_location(Location {
                    id: strategy.clone(),
                    rsc,
                    role_filter: Role::Unknown,
                    probe_mode: ProbeMode::Always,
                    nodes: vec![(node, score)],
                    origin: LocationOrigin::Health,
                });
            }
        }
    }
}

/// Applies shutdown locks, locations, stickiness, failures and exclusive probing.
fn apply_all(plan: &mut Plan) {
    if plan.cluster_has(ClusterFlags::SHUTDOWN_LOCK) {
        for rsc in plan.facts.top.clone() {
            shutdown_lock(plan, rsc);
        }
    }
    for idx in plan.constraints.locations.indices().rev() {
        let rsc = plan.constraints.locations[idx].rsc;
        plan.apply_location(rsc, idx);
    }
    let top = plan.facts.top.clone();
    for &rsc in &top {
        stickiness(plan, rsc);
    }
    for node in plan.facts.node_order.clone() {
        for &rsc in &top {
            failure_threshold(plan, rsc, node);
            exclusive_discovery(plan, rsc, node);
        }
    }
}

fn shutdown_lock(plan: &mut Plan, rsc: RscIdx) {
    match plan.variant(rsc) {
        Variant::Group => {
            for member in plan.rscs[rsc].children.clone() {
                shutdown_lock(plan, member);
            }
            return;
        }
        Variant::Clone | Variant::Bundle => return,
        Variant::Primitive => {}
    }
    let exempt = RscFlags::FENCE_DEVICE | RscFlags::IS_REMOTE_CONNECTION;
    if plan.rscs[rsc].flags.intersects(exempt) {
        return;
    }
    if let Some(node) = plan.rscs[rsc].lock_node {
        if !plan.rscs[rsc].active.is_empty() {
            plan.clear_history(rsc, node);
            plan.rscs[rsc].lock_node = None;
            plan.rscs[rsc].lock_time = 0;
        }
    } else if let [node] = plan.rscs[rsc].active[..]
        && plan.nodes[node].shutdown
        && !plan.nodes[node].unclean
    {
        let recorded = plan.facts.nodes[node].attrs.get("shutdown");
        let time = recorded.and_then(|v| v.trim().parse::<i64>().ok()).filter(|t| *t != 0);
        plan.rscs[rsc].lock_node = Some(node);
        plan.rscs[rsc].lock_time = time.unwrap_or(plan.facts.now);
    }
    let Some(locked) = plan.rscs[rsc].lock_node else { return };
    let limit_ms = plan.facts.options.shutdown_lock_ms;
    if limit_ms > 0 {
        let expires = plan.rscs[rsc].lock_time + i64::from(limit_ms.div_ceil(1000));
        plan.recheck_at(expires + 1);
    }
    for node in plan.facts.node_order.clone() {
        if node != locked {
            location::on_node(plan, rsc, node, MINUS_INFINITY, Reason::ShutdownLock(locked));
        }
    }
}

/// Which scores of a location are applied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Full,
    /// None: the nodes only become allowed.
    Zero,
}

impl Plan {
    /// Makes location constraints of the nodes' health; before the configured ones are read.
    ///
    /// # Source
    /// `pcmk__apply_node_health()`
    pub(crate) fn apply_node_health(&mut self) {
        apply_health(self);
    }

    /// Applies shutdown locks, locations, stickiness, failures and exclusive probing.
    ///
    /// # Source
    /// `apply_node_criteria()`
    pub(crate) fn apply_node_criteria(&mut self) {
        apply_all(self);
    }

    /// Applies a location constraint to a resource and what is below it.
    ///
    /// # Source
    /// `apply_location()` methods
    pub(crate) fn apply_location(&mut self, rsc: RscIdx, idx: LocationIdx) {
        self.apply_location_weighted(rsc, idx, Weight::Full);
    }

    fn apply_location_weighted(&mut self, rsc: RscIdx, idx: LocationIdx, weight: Weight) {
        self.apply_location_to_one(rsc, idx, weight);
        match self.variant(rsc) {
            Variant::Primitive => {}
            Variant::Group => {
                // The first member's scores count for all: members follow each other.
                let colocated = self.facts.rscs[rsc].group_facts().is_some_and(|g| g.colocated);
                for (i, member) in self.rscs[rsc].children.clone().into_iter().enumerate() {
                    let follows = colocated && i > 0;
                    let weight = if follows { Weight::Zero } else { weight };
                    self.apply_location_weighted(member, idx, weight);
                }
            }
            Variant::Clone => {
                for instance in self.rscs[rsc].children.clone() {
                    self.apply_location_weighted(instance, idx, weight);
                }
            }
            Variant::Bundle => self.apply_bundle_location(rsc, idx, weight),
        }
    }

    fn apply_bundle_location(&mut self, rsc: RscIdx, idx: LocationIdx, weight: Weight) {
        let Some(bundle) = self.facts.rscs[rsc].bundle_facts() else { return };
        let parts: Vec<RscIdx> =
            bundle.replicas.iter().flat_map(|r| [Some(r.container), r.ip]).flatten().collect();
        let child = bundle.child;
        for part in parts {
            self.apply_location_weighted(part, idx, weight);
        }
        let role = self.constraints.locations[idx].role_filter;
        if let (Some(child), Role::Unpromoted | Role::Promoted) = (child, role) {
            self.apply_location_weighted(child, idx, weight);
            self.constraints.locations_of[child].push(idx);
        }
    }

    fn apply_location_to_one(&mut self, rsc: RscIdx, idx: LocationIdx, weight: Weight) {
        let location = &self.constraints.locations[idx];
        let role = location.role_filter;
        if role > Role::Unknown && role != self.rscs[rsc].next_role {
            return;
        }
        let table = &mut self.scores.allowed[rsc];
        for &(node, score) in &location.nodes {
            let score = if weight == Weight::Full { score } else { 0 };
            let change = if let Some(cell) = table.get_mut(node) {
                cell.score = super::add_scores(cell.score, score);
                Change::Add(score)
            } else {
                let probe_mode = self.facts.nodes[node].probe_mode;
                table.insert(node, super::Cell { score, count: 0, probe_mode });
                Change::Set(score)
            };
            if weight == Weight::Full || change == Change::Set(score) {
                self.trace.score(rsc, node, change, Reason::Location(idx));
            }
            let Some(cell) = table.get_mut(node) else { continue };
            if cell.probe_mode < location.probe_mode {
                if location.probe_mode == ProbeMode::Exclusive {
                    self.rscs[rsc].flags |= RscFlags::EXCLUSIVE_PROBES;
                }
                cell.probe_mode = location.probe_mode;
            }
        }
    }

    /// Returns what is banned where the resource has failed on the node as often as it may: the
    /// resource, or its clone.
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
        let banned = if self.rsc_has(rsc, RscFlags::UNIQUE) {
            rsc
        } else {
            self.facts.top_below_bundle(rsc)
        };
        (count > 0 && limit <= count).then_some(banned)
    }
}

fn stickiness(plan: &mut Plan, rsc: RscIdx) {
    if !plan.rscs[rsc].children.is_empty() {
        for child in plan.rscs[rsc].children.clone() {
            stickiness(plan, child);
        }
        return;
    }
    let score = plan.facts.rscs[rsc].stickiness;
    let [node] = plan.rscs[rsc].active[..] else { return };
    if !plan.rsc_has(rsc, RscFlags::MANAGED) || score < 1 {
        return;
    }
    let symmetric = plan.cluster_has(ClusterFlags::SYMMETRIC_CLUSTER);
    if symmetric || plan.scores.allowed[rsc].contains(node) {
        location::on_node(plan, rsc, node, score, Reason::Stickiness);
    }
}

fn failure_threshold(plan: &mut Plan, rsc: RscIdx, node: NodeIdx) {
    if !plan.rscs[rsc].children.is_empty() {
        for i in 0..plan.rscs[rsc].children.len() {
            let child = plan.rscs[rsc].children[i];
            failure_threshold(plan, child, node);
        }
        return;
    }
    let key = ActionKey::once(Task::ClearFailcount);
    let is_cleared = !plan.actions.find_exact(rsc, key, node).is_empty();
    if is_cleared {
        return;
    }
    if let Some(banned) = plan.threshold_reached(rsc, node) {
        location::on_node(plan, banned, node, MINUS_INFINITY, Reason::MigrationThreshold);
    }
}

fn exclusive_discovery(plan: &mut Plan, rsc: RscIdx, node: NodeIdx) {
    let top = plan.facts.top_below_bundle(rsc);
    if !plan.rsc_has(rsc, RscFlags::EXCLUSIVE_PROBES)
        && !plan.rsc_has(top, RscFlags::EXCLUSIVE_PROBES)
    {
        return;
    }
    for i in 0..plan.rscs[rsc].children.len() {
        let child = plan.rscs[rsc].children[i];
        exclusive_discovery(plan, child, node);
    }
    if let Some(cell) = plan.scores.allowed[rsc].get_mut(node)
        && cell.probe_mode != ProbeMode::Exclusive
    {
        cell.score = MINUS_INFINITY;
        plan.trace.score(rsc, node, Change::Set(MINUS_INFINITY), Reason::ExclusiveDiscovery);
    }
}
