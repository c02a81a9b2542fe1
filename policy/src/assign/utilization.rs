//! Utilization: what resources take of a node's capacity.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_utilization.c`, `pcmk_sched_resource.c`
//! (`cmp_resources()`), `colocated_resources()` and `add_utilization()` methods.

use std::cmp::Ordering;

use super::coloc_score::Affects;
use crate::facts::{AttrMap, PlacementStrategy, RscFlags, Variant};
use crate::glib::list_sort;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::colocation_list::Side;
use crate::scores::{INFINITY, MINUS_INFINITY, NodeTable};
use crate::trace::Reason;
use crate::unpack::location;

/// Reads a capacity or a need; what is no number counts as 0.
fn amount(text: Option<&str>) -> i32 {
    let Some(text) = text else { return 0 };
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let number: i64 = digits.get(..end).and_then(|d| d.parse().ok()).unwrap_or(0);
    let number = if text.starts_with('-') { -number } else { number };
    i32::try_from(number.clamp(i64::from(i32::MIN), i64::from(i32::MAX))).unwrap_or(0)
}

fn add(total: &mut AttrMap, more: &AttrMap, sign: i64) {
    for (name, value) in more.iter() {
        let sum = i64::from(amount(total.get(name))) + sign * i64::from(amount(Some(value)));
        let clamped = sum.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        total.set(name, &clamped.to_string());
    }
}

impl Plan {
    pub(super) fn consume_capacity(&mut self, node: NodeIdx, rsc: RscIdx) {
        let needs = &self.facts.rscs[rsc].utilization;
        if !needs.is_empty() {
            let needs = needs.clone();
            add(&mut self.facts.nodes[node].utilization, &needs, -1);
        }
    }

    pub(super) fn release_capacity(&mut self, node: NodeIdx, rsc: RscIdx) {
        let needs = &self.facts.rscs[rsc].utilization;
        if !needs.is_empty() {
            let needs = needs.clone();
            add(&mut self.facts.nodes[node].utilization, &needs, 1);
        }
    }

    /// Compares free capacity; `Less` = `a` has more attributes in which it is greater.
    ///
    /// # Source
    /// `pcmk__compare_node_capacities()`
    pub(super) fn compare_capacity(&self, a: NodeIdx, b: NodeIdx) -> Ordering {
        let (of_a, of_b) = (&self.facts.nodes[a].utilization, &self.facts.nodes[b].utilization);
        let names = of_a.iter().map(|(n, _)| n);
        let others = of_b.iter().map(|(n, _)| n).filter(|n| !of_a.contains(n));
        let mut balance = 0_i32;
        for name in names.chain(others) {
            match amount(of_a.get(name)).cmp(&amount(of_b.get(name))) {
                Ordering::Greater => balance -= 1,
                Ordering::Less => balance += 1,
                Ordering::Equal => {}
            }
        }
        balance.cmp(&0)
    }

    fn has_capacity(&self, node: NodeIdx, needs: &AttrMap) -> bool {
        let free = &self.facts.nodes[node].utilization;
        needs.iter().all(|(name, need)| amount(Some(need)) <= amount(free.get(name)))
    }

    /// Bans a resource from nodes that cannot hold it with all it is colocated with; where none
    /// can, from those that cannot hold it alone, and returns the node with most room.
    pub(super) fn ban_insufficient_capacity(&mut self, rsc: RscIdx) -> Option<NodeIdx> {
        if self.facts.options.placement == PlacementStrategy::Default {
            return None;
        }
        let mut colocated = Vec::new();
        self.colocated_resources(rsc, rsc, &mut colocated);
        if colocated.is_empty() {
            return None;
        }
        if !colocated.contains(&rsc) {
            colocated.push(rsc);
        }
        let mut needs = AttrMap::new();
        for &other in &colocated {
            self.add_needs(other, &colocated, &mut needs);
        }
        let table = &self.scores.allowed[rsc];
        let usable: Vec<NodeIdx> = table.nodes().filter(|n| self.can_use(table, *n)).collect();
        let any_capable = usable.iter().any(|n| self.has_capacity(*n, &needs));
        let mut most_capable: Option<NodeIdx> = None;
        for &node in &usable {
            if most_capable.is_none_or(|m| self.compare_capacity(node, m) == Ordering::Less) {
                most_capable = Some(node);
            }
        }
        let needs = if any_capable { needs } else { self.facts.rscs[rsc].utilization.clone() };
        for node in usable {
            if !self.has_capacity(node, &needs) {
                location::on_node(self, rsc, node, MINUS_INFINITY, Reason::Capacity);
            }
        }
        most_capable.filter(|_| !any_capable)
    }

    /// Collects what must be where `rsc` is.
    fn colocated_resources(&self, rsc: RscIdx, orig: RscIdx, list: &mut Vec<RscIdx>) {
        if self.variant(rsc) == Variant::Group {
            let facts = self.facts.rscs[rsc].group_facts();
            let cloned = self.facts.rscs[rsc].parent.is_some_and(|p| self.is_clone(p));
            if facts.is_some_and(|g| g.colocated) || cloned {
                list.insert(0, rsc);
                for &member in &self.rscs[rsc].children {
                    self.colocated_resources(member, orig, list);
                }
                return;
            }
        }
        if list.contains(&rsc) {
            return;
        }
        list.insert(0, rsc);
        for idx in self.colocations_of(rsc, Side::ThisWith) {
            let colocation = &self.constraints.colocations[idx];
            let primary = colocation.primary;
            if primary != orig
                && colocation.score == INFINITY
                && self.colocation_affects(rsc, primary, idx, true) == Affects::Location
            {
                self.colocated_resources(primary, orig, list);
            }
        }
        for idx in self.colocations_of(rsc, Side::WithThis) {
            let colocation = &self.constraints.colocations[idx];
            let dependent = colocation.dependent;
            if dependent == orig || (self.is_clone(rsc) && !self.is_clone(dependent)) {
                continue;
            }
            if colocation.score == INFINITY
                && self.colocation_affects(dependent, rsc, idx, true) == Affects::Location
            {
                self.colocated_resources(dependent, orig, list);
            }
        }
    }

    /// Adds what a resource that is not assigned yet will take.
    fn add_needs(&self, rsc: RscIdx, all: &[RscIdx], needs: &mut AttrMap) {
        if !self.rsc_has(rsc, RscFlags::UNASSIGNED) {
            return;
        }
        let children = &self.rscs[rsc].children;
        let is_new = |r: &RscIdx| self.rsc_has(*r, RscFlags::UNASSIGNED) && !all.contains(r);
        match self.variant(rsc) {
            Variant::Primitive => add(needs, &self.facts.rscs[rsc].utilization, 1),
            Variant::Group => {
                let facts = self.facts.rscs[rsc].group_facts();
                let cloned = self.facts.rscs[rsc].parent.is_some_and(|p| self.is_clone(p));
                let together = facts.is_some_and(|g| g.colocated) || cloned;
                let count = if together { children.len() } else { 1 };
                for &member in children.iter().take(count).filter(|m| is_new(m)) {
                    self.add_needs(member, all, needs);
                }
            }
            Variant::Clone => self.add_clone_needs(rsc, all, needs),
            Variant::Bundle => {
                let bundle = self.facts.rscs[rsc].bundle_facts();
                if let Some(first) = bundle.and_then(|b| b.replicas.first()) {
                    self.add_needs(first.container, all, needs);
                }
            }
        }
    }

    fn add_clone_needs(&self, rsc: RscIdx, all: &[RscIdx], needs: &mut AttrMap) {
        let mut existing = false;
        for &child in &self.rscs[rsc].children {
            if all.contains(&child) {
                existing = true;
            } else if self.rscs[child].children.iter().any(|m| all.contains(m)) {
                self.add_needs(child, all, needs);
                existing = true;
            }
        }
        if let (false, Some(&first)) = (existing, self.rscs[rsc].children.first()) {
            self.add_needs(first, all, needs);
        }
    }

    /// Sorts the top-level resources for strategies that look at utilization: priority, then
    /// score on the current node, then scores on the nodes in their order.
    ///
    /// # Source
    /// `pcmk__sort_resources()`
    pub(super) fn sort_by_placement(&mut self) {
        let mut all = NodeTable::default();
        for node in self.facts.nodes.indices() {
            all.insert(node, location::base_cell(self, node));
        }
        let nodes = self.sorted_nodes(&all, None);
        let mut keys: Vec<(RscIdx, i32, Vec<i32>)> = Vec::new();
        for rsc in self.facts.top.clone() {
            let table = self.colocated_scores(rsc);
            let score = |n: NodeIdx| table.score(n).unwrap_or(MINUS_INFINITY);
            let current = self.current_node(rsc).filter(|_| !self.rscs[rsc].active.is_empty());
            let first = current.map_or(MINUS_INFINITY, score);
            let scores = std::iter::once(first).chain(nodes.iter().map(|n| score(*n))).collect();
            keys.push((rsc, self.rscs[rsc].priority, scores));
        }
        list_sort(&mut keys, &mut |a, b| b.1.cmp(&a.1).then_with(|| b.2.cmp(&a.2)));
        self.facts.top = keys.into_iter().map(|k| k.0).collect();
    }
}
