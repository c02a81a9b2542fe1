//! What an assigned primary means for a dependent, by variant.
//!
//! **Source:** the `apply_coloc_score()` methods of pacemaker `lib/pacemaker/pcmk_sched_*.c`.

use crate::constraints::ColocationIdx;
use crate::facts::{RscFlags, Variant};
use crate::index::RscIdx;
use crate::plan::Plan;
use crate::scores::colocation::Affects;
use crate::scores::{INFINITY, add_scores};

impl Plan {
    /// Applies a colocation, by the rules of the dependent where `for_dependent`, else by those
    /// of the primary. Returns what was added to the dependent's priority for promotion.
    pub(crate) fn apply_coloc_score(
        &mut self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
        for_dependent: bool,
    ) -> i32 {
        let by = if for_dependent { dependent } else { primary };
        match self.variant(by) {
            Variant::Primitive if for_dependent => {
                self.apply_coloc_score(dependent, primary, idx, false)
            }
            Variant::Primitive => self.colocate_primitives(dependent, primary, idx),
            Variant::Group if for_dependent => self.colocate_group_with(dependent, primary, idx),
            Variant::Group => self.colocate_with_group(dependent, primary, idx),
            Variant::Clone | Variant::Bundle => 0,
        }
    }

    fn colocate_primitives(
        &mut self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
    ) -> i32 {
        match self.colocation_affects(dependent, primary, idx, false) {
            Affects::Role => self.apply_coloc_to_priority(dependent, primary, idx),
            Affects::Location => {
                self.apply_coloc_to_scores(dependent, primary, idx);
                0
            }
            Affects::Nothing => 0,
        }
    }

    /// # Source
    /// `colocate_group_with()`
    fn colocate_group_with(
        &mut self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
    ) -> i32 {
        let members = self.rscs[dependent].children.clone();
        let Some(&first) = members.first() else { return 0 };
        let delta = if self.is_colocated_group(dependent) {
            self.apply_coloc_score(first, primary, idx, true)
        } else if self.refuse_uncolocated(dependent, idx) {
            return 0;
        } else {
            let each = members.iter().map(|m| self.apply_coloc_score(*m, primary, idx, false));
            each.fold(0, add_scores)
        };
        if delta != 0 {
            let priority = &mut self.rscs[dependent].priority;
            *priority = add_scores(delta, *priority);
        }
        delta
    }

    /// # Source
    /// `colocate_with_group()`
    fn colocate_with_group(
        &mut self,
        dependent: RscIdx,
        primary: RscIdx,
        idx: ColocationIdx,
    ) -> i32 {
        if self.rsc_has(primary, RscFlags::UNASSIGNED) {
            return 0;
        }
        let members = self.rscs[primary].children.clone();
        if self.is_colocated_group(primary) {
            // A mandatory colocation needs the whole group, an optional one its beginning.
            let mandatory = self.constraints.colocations[idx].score >= INFINITY;
            let member = if mandatory { members.last() } else { members.first() };
            return member.map_or(0, |m| self.apply_coloc_score(dependent, *m, idx, false));
        }
        if self.refuse_uncolocated(primary, idx) {
            return 0;
        }
        let each = members.iter().map(|m| self.apply_coloc_score(dependent, *m, idx, false));
        each.fold(0, add_scores)
    }

    /// Says that a group that is not together cannot be colocated with anything for certain.
    fn refuse_uncolocated(&mut self, group: RscIdx, idx: ColocationIdx) -> bool {
        let mandatory = self.constraints.colocations[idx].score >= INFINITY;
        if mandatory {
            let id = self.facts.rscs[group].id.clone();
            self.diagnostics.error(format!(
                "{id}: Cannot perform mandatory colocation with a non-colocated group"
            ));
        }
        mandatory
    }
}
