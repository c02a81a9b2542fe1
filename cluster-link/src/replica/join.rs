//! What the members of a new view agree on: the DC, and whose CIB all take over.
//!
//! Every member sends its [`MemberState`] first. As soon as the states of all members have been
//! delivered, each takes the same decision from them.
//!
//! **Source:** pacemaker `daemons/controld/controld_join_dc.c`, `do_dc_join_filter_offer()`: the
//! greatest `(admin_epoch, epoch, num_updates)` wins, the DC's own among equals.

use std::collections::BTreeMap;

use super::election::elect;
use super::message::{AppliedTable, Generation, MemberState};
use crate::group::{NodeId, View};

/// The states of a view's members as far as they have come.
#[derive(Clone, Debug)]
pub(super) struct Join {
    pub(super) view: View,
    states: BTreeMap<NodeId, MemberState>,
}

/// What all members of a view have agreed on.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// The member that is to be DC.
    pub dc: NodeId,
    /// The member whose CIB all have from now on.
    pub winner: NodeId,
    /// Members whose status must be confirmed anew: their daemon has just started, or their CIB
    /// was replaced, in this view or in one before that ended too soon.
    pub refreshed: Vec<NodeId>,
    /// True where some member's CIB differs from the winner's.
    pub replace: bool,
    /// No member has been in a cluster with a DC since its daemon started.
    pub cold: bool,
    /// How many actions each member runs at once.
    pub job_limits: BTreeMap<NodeId, u32>,
    /// What each member's CIB was.
    pub states: BTreeMap<NodeId, MemberState>,
}

impl Decision {
    /// Returns which requests the winner's CIB contains.
    pub(super) fn applied(&self) -> AppliedTable {
        self.states.get(&self.winner).map(|s| s.applied.clone()).unwrap_or_default()
    }

    /// Returns whether `node` had the winner's CIB before the view began.
    pub(super) fn has_winners_cib(&self, node: NodeId) -> bool {
        let key = |n| self.states.get(&n).map(|s| (s.version, &s.digest));
        key(node) == key(self.winner)
    }
}

impl Join {
    pub(super) fn new(view: View) -> Self {
        Join { view, states: BTreeMap::new() }
    }

    /// Takes one member's state; the decision falls with the last one.
    pub(super) fn add(&mut self, state: MemberState) -> Option<Decision> {
        let member = self.view.members.iter().any(|m| m.node == state.node);
        if !member || state.view != self.view.id.into() {
            return None;
        }
        self.states.insert(state.node, state);
        (self.states.len() == self.view.members.len()).then(|| decide(&self.states)).flatten()
    }
}

fn decide(states: &BTreeMap<NodeId, MemberState>) -> Option<Decision> {
    let dc = elect(states)?;
    let best = states.values().map(|s| s.version).max()?;
    let mut equals = states.values().filter(|s| s.version == best);
    let winner = match states.get(&dc) {
        Some(own) if own.version == best => dc,
        _ => equals.next()?.node,
    };
    let mut decision = Decision {
        dc,
        winner,
        refreshed: Vec::new(),
        replace: false,
        cold: states.values().all(|s| s.fresh),
        job_limits: states.values().map(|s| (s.node, s.job_limit)).collect(),
        states: states.clone(),
    };
    for state in states.values() {
        let same = decision.has_winners_cib(state.node);
        decision.replace |= !same;
        if state.unconfirmed || !same {
            decision.refreshed.push(state.node);
        }
    }
    Some(decision)
}

/// What becomes of the CIB that a member gives up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// An ancestor of the winner's, or empty: nothing is lost.
    None,
    /// Same version, other content.
    SameVersion,
    /// Not known to be an ancestor of the winner's.
    Diverged,
}

/// Returns what is lost when `own` gives way to the winner's CIB.
pub(super) fn loss(own: &MemberState, winner: &MemberState, lineage: &[Generation]) -> Loss {
    if own.config_digest == winner.config_digest
        || (own.version.admin_epoch, own.version.epoch) == (0, 0)
    {
        return Loss::None;
    }
    let generation = |s: &MemberState| (s.version.admin_epoch, s.version.epoch);
    if generation(own) == generation(winner) {
        return Loss::SameVersion;
    }
    let ancestor = lineage
        .iter()
        .any(|g| (g.admin_epoch, g.epoch) == generation(own) && g.digest == own.config_digest);
    if ancestor { Loss::None } else { Loss::Diverged }
}
