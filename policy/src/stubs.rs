//! Pieces of assignment that other phases need.

use crate::constraints::ColocationIdx;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

impl Plan {
    pub(crate) fn with_this_colocations(&self, rsc: RscIdx) -> Vec<ColocationIdx> {
        self.constraints.with_this[rsc].clone()
    }

    pub(crate) fn sorted_allowed_nodes(
        &self,
        rsc: RscIdx,
        _preferred: Option<NodeIdx>,
    ) -> Vec<NodeIdx> {
        self.scores.allowed[rsc].nodes().collect()
    }

    pub(crate) fn unassign(&mut self, _rsc: RscIdx) -> bool {
        false
    }
}
