//! The plan: all tables of one scheduling run.
//!
//! **Shape:** facts are frozen after unpack; the other groups are columns by node or resource that
//! the phases named in [`crate::schedule()`] write. Which phase may write what is in the table there.

use crate::actions::{ActionGraph, Change, CheckFor};
use crate::constraints::Constraints;
use crate::diagnostics::Diagnostics;
use crate::facts::{Facts, NodeState, RscState};
use crate::index::{IndexVec, NodeIdx, RscIdx};
use crate::params::ParamCache;
use crate::relations::PendingOrdering;
use crate::scores::Scores;
use crate::trace::Trace;

/// A failure whose parameters are compared with the configuration later.
#[derive(Clone, Copy, Debug)]
pub struct ParamCheck {
    /// Resource.
    pub rsc: RscIdx,
    /// Node.
    pub node: NodeIdx,
    /// Position in `Facts::history`.
    pub history: usize,
    /// Position in its entries.
    pub entry: usize,
    /// Why.
    pub check: CheckFor,
}

/// All tables of one scheduling run.
#[derive(Debug, Default)]
pub struct Plan {
    /// What the CIB says.
    pub facts: Facts,
    /// State of each node.
    pub nodes: IndexVec<NodeIdx, NodeState>,
    /// State of each resource; roles, flags, assignment.
    pub rscs: IndexVec<RscIdx, RscState>,
    /// Parameters evaluated so far.
    pub params: ParamCache,
    /// Failures whose parameters are compared once resources have been assigned.
    pub param_checks: Vec<ParamCheck>,
    /// Node scores of each resource.
    pub scores: Scores,
    /// Configured constraints.
    pub constraints: Constraints,
    /// Actions under consideration.
    pub actions: ActionGraph,
    /// Orderings to apply once the actions exist, in creation order.
    pub orderings: Vec<PendingOrdering>,
    /// When to schedule again even if nothing happens, epoch seconds.
    pub recheck_by: Option<i64>,
    /// What happens to each resource, in the order of the transition summary.
    pub changes: Vec<Change>,
    /// Evidence.
    pub trace: Trace,
    /// Findings about the configuration.
    pub diagnostics: Diagnostics,
}

impl Plan {
    /// Lowers `recheck_by` to `time` (epoch seconds) where that is in the future.
    ///
    /// # Source
    /// `pcmk__update_recheck_time()`.
    pub fn recheck_at(&mut self, time: i64) {
        if time > self.facts.now && self.recheck_by.is_none_or(|old| time < old) {
            self.recheck_by = Some(time);
        }
    }
}
