//! Assignment of a group: its members in order.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_group.c` (`pcmk__group_assign()`).

use crate::facts::RscFlags;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::trace::ScoreStage;

impl Plan {
    pub(super) fn assign_group(
        &mut self,
        rsc: RscIdx,
        prefer: Option<NodeIdx>,
        stop_if_fail: bool,
    ) -> Option<NodeIdx> {
        if !self.rsc_has(rsc, RscFlags::UNASSIGNED) {
            return self.rscs[rsc].assigned;
        }
        if self.rsc_has(rsc, RscFlags::ASSIGNING) {
            return None;
        }
        let members = self.rscs[rsc].children.clone();
        let Some(&first) = members.first() else {
            self.rscs[rsc].flags.remove(RscFlags::UNASSIGNED);
            return None;
        };
        self.rscs[rsc].flags |= RscFlags::ASSIGNING;
        self.rscs[rsc].orig_role = self.rscs[first].orig_role;
        self.record_scores_below(ScoreStage::GroupAssign, rsc);
        let mut first_node = None;
        for &member in &members {
            let node = self.assign(member, prefer, stop_if_fail);
            first_node = first_node.or(node);
        }
        let role = self.rscs[first].next_role;
        self.set_next_role(rsc, role);
        self.rscs[rsc].flags.remove(RscFlags::ASSIGNING | RscFlags::UNASSIGNED);
        first_node.filter(|_| self.is_colocated_group(rsc))
    }

    /// Records the scores of a collective and of all below it.
    pub(crate) fn record_scores_below(&mut self, stage: ScoreStage, rsc: RscIdx) {
        if !self.trace.enabled {
            return;
        }
        self.record_scores(stage, rsc, rsc);
        for child in self.rscs[rsc].children.clone() {
            self.record_scores_below(stage, child);
        }
    }
}
