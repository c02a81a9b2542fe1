//! Assigns clones.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_clone.c` (`pcmk__clone_assign()`).

use super::OnFailure;
use super::instances::Limits;
use crate::facts::RscFlags;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::colocation_list::Side;
use crate::trace::ScoreStage;

impl Plan {
    pub(super) fn assign_clone(
        &mut self,
        rsc: RscIdx,
        prefer: Option<NodeIdx>,
        on_failure: OnFailure,
    ) {
        if !self.rsc_has(rsc, RscFlags::UNASSIGNED) || self.rsc_has(rsc, RscFlags::ASSIGNING) {
            return;
        }
        self.rscs[rsc].flags |= RscFlags::ASSIGNING;
        let promotable = self.rsc_has(rsc, RscFlags::PROMOTABLE);
        if promotable {
            self.add_promotion_scores(rsc);
        }
        for idx in self.colocations_of(rsc, Side::ThisWith) {
            let primary = self.constraints.colocations[idx].primary;
            self.assign(primary, prefer, on_failure);
        }
        for idx in self.colocations_of(rsc, Side::WithThis) {
            self.add_dependent_scores(idx, rsc);
        }
        self.trace_scores(ScoreStage::CloneAssign, rsc);
        let instances = self.sort_instances(&self.rscs[rsc].children.clone());
        self.rscs[rsc].children.clone_from(&instances);
        if let Some(clone) = self.facts.rscs[rsc].clone_facts() {
            let limits = Limits { total: clone.clone_max, per_node: clone.clone_node_max };
            self.assign_instances(rsc, &instances, limits);
        }
        if promotable {
            self.set_instance_roles(rsc);
        }
        self.rscs[rsc].flags -= RscFlags::UNASSIGNED | RscFlags::ASSIGNING;
    }
}
