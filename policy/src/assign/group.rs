//! Assigns groups.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_group.c` (`pcmk__group_assign()`).

use super::OnFailure;
use crate::facts::RscFlags;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::trace::ScoreStage;

impl Plan {
    pub(super) fn assign_group(
        &mut self,
        rsc: RscIdx,
        prefer: Option<NodeIdx>,
        on_failure: OnFailure,
    ) -> Option<NodeIdx> {
        if !self.rsc_has(rsc, RscFlags::UNASSIGNED) || self.rsc_has(rsc, RscFlags::ASSIGNING) {
            return None;
        }
        let members = self.rscs[rsc].children.clone();
        let Some(&first) = members.first() else {
            self.rscs[rsc].flags -= RscFlags::UNASSIGNED;
            return None;
        };
        self.rscs[rsc].flags |= RscFlags::ASSIGNING;
        self.rscs[rsc].orig_role = self.rscs[first].orig_role;
        self.trace_scores(ScoreStage::GroupAssign, rsc);
        let mut first_node = None;
        for member in members {
            let node = self.assign(member, prefer, on_failure);
            first_node = first_node.or(node);
        }
        self.rscs[rsc].next_role = self.rscs[first].next_role;
        self.rscs[rsc].flags -= RscFlags::ASSIGNING | RscFlags::UNASSIGNED;
        first_node.filter(|_| self.facts.rscs[rsc].group_facts().is_some_and(|g| g.colocated))
    }
}
