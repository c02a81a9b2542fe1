//! Which colocations count for a resource: its own, and those of what it is part of.
//!
//! **Source:** pacemaker `this_with_colocations()` and `with_this_colocations()` methods in
//! `lib/pacemaker/pcmk_sched_{primitive,group,clone,bundle}.c`.

use crate::constraints::{ColocationFlags, ColocationIdx};
use crate::facts::{RscFlags, Variant};
use crate::glib::insert_sorted;
use crate::index::RscIdx;
use crate::plan::Plan;
use crate::scores::INFINITY;

/// Which end of its colocations a resource is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// The dependent: "this with …".
    ThisWith,
    /// The primary: "… with this".
    WithThis,
}

impl Plan {
    /// Returns the colocations that count for `rsc`, in the order in which they are considered.
    pub(crate) fn colocations_of(&self, rsc: RscIdx, side: Side) -> Vec<ColocationIdx> {
        let mut list = Vec::new();
        self.collect_colocations(rsc, rsc, side, &mut list);
        list
    }

    fn own(&self, rsc: RscIdx, side: Side) -> &[ColocationIdx] {
        match side {
            Side::ThisWith => &self.constraints.this_with[rsc],
            Side::WithThis => &self.constraints.with_this[rsc],
        }
    }

    fn insert(&self, list: &mut Vec<ColocationIdx>, idx: ColocationIdx, side: Side) {
        insert_sorted(list, idx, |a, b| match side {
            Side::ThisWith => self.compare_by_primary(*a, *b),
            Side::WithThis => self.compare_by_dependent(*a, *b),
        });
    }

    fn insert_all(&self, list: &mut Vec<ColocationIdx>, more: &[ColocationIdx], side: Side) {
        let Some(&first) = more.first() else { return };
        if list.is_empty() {
            list.extend_from_slice(more);
            return;
        }
        // COMPAT(pacemaker 3.x, pcmk__add_this_with_list()): the first is added again and again.
        for _ in more {
            self.insert(list, first, side);
        }
    }

    fn insert_explicit(&self, list: &mut Vec<ColocationIdx>, rsc: RscIdx, side: Side) {
        for &idx in self.own(rsc, side) {
            if self.constraints.colocations[idx].flags.contains(ColocationFlags::EXPLICIT) {
                self.insert(list, idx, side);
            }
        }
    }

    fn collect_colocations(
        &self,
        rsc: RscIdx,
        orig: RscIdx,
        side: Side,
        list: &mut Vec<ColocationIdx>,
    ) {
        let parent = self.facts.rscs[rsc].parent;
        match self.variant(rsc) {
            Variant::Primitive if rsc == orig => {
                self.insert_all(list, self.own(rsc, side), side);
                if let Some(parent) = parent {
                    self.collect_colocations(parent, orig, side, list);
                }
            }
            Variant::Primitive => self.insert_explicit(list, rsc, side),
            Variant::Group => self.collect_group(rsc, orig, side, list),
            Variant::Clone => {
                self.insert_all(list, self.own(rsc, side), side);
                if let Some(parent) = parent {
                    self.collect_colocations(parent, orig, side, list);
                }
            }
            Variant::Bundle => {
                if self.is_concerned(rsc, orig) {
                    self.insert_all(list, self.own(rsc, side), side);
                }
            }
        }
    }

    fn collect_group(
        &self,
        group: RscIdx,
        orig: RscIdx,
        side: Side,
        list: &mut Vec<ColocationIdx>,
    ) {
        let members = &self.rscs[group].children;
        let end = match side {
            Side::ThisWith => members.first(),
            Side::WithThis => members.last(),
        };
        if members.is_empty() {
            return;
        }
        if orig != group && Some(&orig) != end {
            if side == Side::ThisWith {
                self.collect_past_unmanaged(group, orig, list);
            }
            return;
        }
        self.insert_all(list, self.own(group, side), side);
        if let Some(parent) = self.facts.rscs[group].parent {
            self.collect_colocations(parent, orig, side, list);
        }
        if self.facts.rscs[group].group_facts().is_some_and(|g| g.colocated) {
            for &member in members.iter().filter(|m| **m != orig) {
                self.collect_colocations(member, orig, side, list);
            }
        }
    }

    /// A later member follows the earlier ones, and through them the group's colocations; an
    /// unmanaged member breaks that chain.
    fn collect_past_unmanaged(&self, group: RscIdx, orig: RscIdx, list: &mut Vec<ColocationIdx>) {
        let mut earlier = self.rscs[group].children.iter().take_while(|m| **m != orig);
        if earlier.any(|m| !self.rsc_has(*m, RscFlags::MANAGED)) {
            for &idx in &self.constraints.this_with[group] {
                if self.constraints.colocations[idx].score == INFINITY {
                    self.insert(list, idx, Side::ThisWith);
                }
            }
        }
    }

    /// Returns true where a bundle's colocations count for `orig`: the bundle, its containers,
    /// and once roles are being chosen what is inside.
    fn is_concerned(&self, bundle: RscIdx, orig: RscIdx) -> bool {
        if orig == bundle || self.rsc_has(orig, RscFlags::REPLICA_CONTAINER) {
            return true;
        }
        let child = self.facts.rscs[bundle].bundle_facts().and_then(|b| b.child);
        let Some(child) = child.filter(|c| self.rsc_has(*c, RscFlags::PROMOTABLE)) else {
            return false;
        };
        if self.facts.top_below_bundle(orig) != child {
            false
        } else if orig == child {
            self.rscs[orig].promotion_constrained
        } else {
            !self.rsc_has(orig, RscFlags::UNASSIGNED)
        }
    }
}
