//! Laws of where resources are once a transition is through.
//!
//! **Shape:** the places are worked out from the history and the transition's steps alone, not
//! from what the scheduler says it assigned.

use std::collections::{BTreeMap, BTreeSet};

use super::order::Order;
use super::{Law, Violation};
use crate::facts::{MultiplyActive, Role, RscFlags};
use crate::graph::Synapse;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

/// Where primitives are active.
struct Places {
    nodes: BTreeMap<RscIdx, BTreeSet<NodeIdx>>,
    promoted: BTreeSet<RscIdx>,
    /// What is started or promoted.
    raised: BTreeSet<RscIdx>,
}

pub(super) fn check(plan: &Plan, order: &Order<'_>, found: &mut Vec<Violation>) {
    let places = Places::after(plan, order);
    for (rsc, facts) in plan.facts.rscs.iter_enumerated() {
        if let Some(clone) = facts.clone_facts() {
            let instances = &plan.rscs[rsc].children;
            let limits = [
                clone.clone_max,
                clone.clone_node_max,
                clone.promoted_max,
                clone.promoted_node_max,
            ];
            places.within_limits(plan, rsc, instances, limits, found);
        } else if let Some(bundle) = facts.bundle_facts() {
            let containers: Vec<RscIdx> = bundle.replicas.iter().map(|r| r.container).collect();
            let count = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
            let limits =
                [count(bundle.nreplicas), count(bundle.nreplicas_per_host), i32::MAX, i32::MAX];
            places.within_limits(plan, rsc, &containers, limits, found);
        } else if facts.is_primitive() && !in_clone(plan, rsc) {
            places.active_once(plan, rsc, found);
        }
    }
}

/// Returns true for what is inside a clone or bundle: these have limits of their own.
fn in_clone(plan: &Plan, rsc: RscIdx) -> bool {
    let parents = std::iter::successors(Some(rsc), |at| plan.facts.rscs[*at].parent);
    parents.skip(1).any(|at| plan.facts.rscs[at].is_clone_or_bundle())
}

impl Places {
    fn after(plan: &Plan, order: &Order<'_>) -> Self {
        let mut places =
            Places { nodes: BTreeMap::new(), promoted: BTreeSet::new(), raised: BTreeSet::new() };
        for (rsc, state) in plan.rscs.iter_enumerated() {
            if plan.is_primitive(rsc) {
                places.nodes.insert(rsc, state.active.iter().copied().collect());
                if state.orig_role == Role::Promoted {
                    places.promoted.insert(rsc);
                }
            }
        }
        // Whatever the order, an end comes before a beginning in a sound transition.
        for synapse in order.synapses {
            places.end(plan, order, synapse);
        }
        for synapse in order.synapses {
            places.begin(plan, order, synapse);
        }
        places
    }

    fn target(plan: &Plan, order: &Order<'_>, synapse: &Synapse) -> Option<(RscIdx, NodeIdx)> {
        let rsc = order.instance(synapse)?;
        let node = plan.facts.node_by_name(synapse.action.reference.on_node.as_deref()?)?;
        Some((rsc, node))
    }

    fn end(&mut self, plan: &Plan, order: &Order<'_>, synapse: &Synapse) {
        let reference = &synapse.action.reference;
        if reference.operation == "stonith" && synapse.action.meta("stonith_action") != Some("on") {
            let fenced = reference.on_node.as_deref().and_then(|n| plan.facts.node_by_name(n));
            if let Some(fenced) = fenced {
                for (rsc, nodes) in &mut self.nodes {
                    if nodes.remove(&fenced) {
                        self.promoted.remove(rsc);
                    }
                }
            }
        }
        let Some((rsc, node)) = Self::target(plan, order, synapse) else { return };
        if reference.operation == "stop" {
            self.nodes.entry(rsc).or_default().remove(&node);
        }
        if matches!(reference.operation.as_str(), "stop" | "demote") {
            self.promoted.remove(&rsc);
        }
    }

    fn begin(&mut self, plan: &Plan, order: &Order<'_>, synapse: &Synapse) {
        let Some((rsc, node)) = Self::target(plan, order, synapse) else { return };
        match synapse.action.reference.operation.as_str() {
            "start" | "migrate_from" => {
                self.nodes.entry(rsc).or_default().insert(node);
                self.raised.insert(rsc);
            }
            "promote" => {
                self.promoted.insert(rsc);
                self.raised.insert(rsc);
            }
            _ => {}
        }
    }

    /// Returns the primitives at or below a resource.
    fn leaves(plan: &Plan, rsc: RscIdx) -> Vec<RscIdx> {
        if plan.is_primitive(rsc) {
            return vec![rsc];
        }
        plan.rscs[rsc].children.iter().flat_map(|child| Self::leaves(plan, *child)).collect()
    }

    /// Checks the limits (all, a node, promoted, promoted a node) of what the transition raises:
    /// too many that were there before and may not be touched are no fault of it.
    fn within_limits(
        &self,
        plan: &Plan,
        rsc: RscIdx,
        instances: &[RscIdx],
        [total, per_node, promoted, promoted_per_node]: [i32; 4],
        found: &mut Vec<Violation>,
    ) {
        let mut counts: [(i32, bool); 2] = [(0, false); 2];
        let mut by_node: BTreeMap<(NodeIdx, bool), (i32, bool)> = BTreeMap::new();
        for &instance in instances {
            let leaves = Self::leaves(plan, instance);
            let raised = leaves.iter().any(|leaf| self.raised.contains(leaf));
            let is_promoted = leaves.iter().any(|leaf| self.promoted.contains(leaf));
            let nodes: BTreeSet<NodeIdx> =
                leaves.iter().filter_map(|leaf| self.nodes.get(leaf)).flatten().copied().collect();
            let kinds = [(0, !nodes.is_empty()), (1, is_promoted)];
            for (kind, _) in kinds.into_iter().filter(|(_, counts)| *counts) {
                counts[kind].0 += 1;
                counts[kind].1 |= raised;
                for &node in &nodes {
                    let count = by_node.entry((node, kind == 1)).or_default();
                    count.0 += 1;
                    count.1 |= raised;
                }
            }
        }
        let mut exceeds = |limit: i32, (count, raised): (i32, bool), what: &str| {
            if raised && count > limit {
                found.push(Violation {
                    law: Law::InstanceLimit,
                    subject: plan.facts.rscs[rsc].id.to_string(),
                    message: format!("{count} {what} where {limit} are allowed"),
                });
            }
        };
        exceeds(total, counts[0], "active instances");
        exceeds(promoted, counts[1], "promoted instances");
        for ((node, is_promoted), count) in by_node {
            let node = &plan.facts.nodes[node].name;
            if is_promoted {
                exceeds(promoted_per_node, count, &format!("promoted instances on {node}"));
            } else {
                exceeds(per_node, count, &format!("active instances on {node}"));
            }
        }
    }

    fn active_once(&self, plan: &Plan, rsc: RscIdx, found: &mut Vec<Violation>) {
        let nodes = self.nodes.get(&rsc).map_or(0, BTreeSet::len);
        let state = &plan.rscs[rsc];
        // Too many from before are left alone where the cluster may not touch them.
        let untouchable = !state.has(RscFlags::MANAGED)
            || state.has(RscFlags::BLOCKED)
            || plan.facts.rscs[rsc].multiply_active == MultiplyActive::Block;
        if nodes > 1 && (!untouchable || self.raised.contains(&rsc)) {
            found.push(Violation {
                law: Law::UniqueActive,
                subject: plan.facts.rscs[rsc].id.to_string(),
                message: format!("is active on {nodes} nodes"),
            });
        }
    }
}
