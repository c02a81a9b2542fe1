//! Evidence: what decided, as values.
//!
//! **Shape:** one list in the order things came up. A [`Contribution`] is what one constraint,
//! option or state did to one score; a [`TraceLine::Score`] is what the score listing prints. What
//! was tried and given up is taken back by a later line, never erased. [`Replay`] adds them up.
//! **Cost:** one branch a score where tracing is off; nothing is formatted before it is asked for.

mod action;
mod reason;
mod replay;

pub use action::{ActionChange, Blocker, NodeTrouble};
pub use reason::Reason;
pub use replay::{Replay, Step};

use crate::actions::ActionIdx;
use crate::facts::AttrMap;
use crate::index::{NodeIdx, RscIdx};

/// Which step a score belongs to; the text is the reference's function name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[expect(missing_docs, reason = "named by the text")]
pub enum ScoreStage {
    PrimitiveAssign,
    GroupAssign,
    CloneAssign,
    BundleAssign,
}

impl ScoreStage {
    /// Returns the text of the score listing.
    pub fn text(self) -> &'static str {
        match self {
            ScoreStage::PrimitiveAssign => "pcmk__primitive_assign",
            ScoreStage::GroupAssign => "pcmk__group_assign",
            ScoreStage::CloneAssign => "pcmk__clone_assign",
            ScoreStage::BundleAssign => "pcmk__bundle_assign",
        }
    }
}

/// What a contribution does to a score.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Adds, with saturation: minus infinity wins over plus infinity.
    Add(i32),
    /// Replaces whatever was there.
    Set(i32),
    /// Replaces it by another resource's score on a node, as that is then.
    Copy(RscIdx, NodeIdx),
}

/// What one thing did to one score.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contribution {
    /// Resource.
    pub rsc: RscIdx,
    /// Node; `None` for the priority by which an instance is promoted.
    pub node: Option<NodeIdx>,
    /// What it did.
    pub change: Change,
    /// Who did it.
    pub reason: Reason,
}

/// One piece of evidence.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "fields are named by their types")]
pub enum TraceLine {
    /// A resource's score on a node.
    Score { stage: ScoreStage, rsc: RscIdx, node: NodeIdx, score: i32 },
    /// A promotable instance's promotion score; `node` is where it is assigned.
    Promotion { rsc: RscIdx, node: Option<NodeIdx>, score: i32 },
    /// What a node has to offer, before (`Original`) and after (`Remaining`) assignment.
    Capacity { comment: &'static str, node: NodeIdx, amounts: AttrMap },
    /// A resource was assigned and takes what it needs.
    Utilization { rsc: RscIdx, node: NodeIdx },
    /// A change of a score.
    Contribution(Contribution),
    /// What changed the resource's node scores since line `since` is void.
    TakenBack { rsc: RscIdx, since: usize },
    /// An ordering made `action` something because of `cause`.
    Implied { action: ActionIdx, change: ActionChange, cause: ActionIdx },
}

/// Evidence in the order it came up; empty where tracing is off.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Whether anything is recorded.
    pub enabled: bool,
    /// Lines in order.
    pub lines: Vec<TraceLine>,
    /// What is told to whoever simulates, in order, whether tracing is on or not.
    pub notes: Vec<String>,
    /// Whose scores the colocations being added up are for.
    pub(crate) collecting: Option<RscIdx>,
}

impl Trace {
    /// Records something to be told to whoever simulates.
    pub fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    /// Records `line()` where tracing is on.
    pub fn push(&mut self, line: impl FnOnce() -> TraceLine) {
        if self.enabled {
            self.lines.push(line());
        }
    }

    /// Records what happens to a resource's score on a node.
    pub(crate) fn score(&mut self, rsc: RscIdx, node: NodeIdx, change: Change, reason: Reason) {
        if self.enabled {
            let node = Some(node);
            self.lines.push(TraceLine::Contribution(Contribution { rsc, node, change, reason }));
        }
    }

    /// Records what happens to the priority by which an instance is promoted.
    pub(crate) fn promotion(&mut self, rsc: RscIdx, change: Change, reason: Reason) {
        if self.enabled {
            let contribution = Contribution { rsc, node: None, change, reason };
            self.lines.push(TraceLine::Contribution(contribution));
        }
    }

    /// Returns a place to come back to by [`Self::take_back`].
    pub(crate) fn mark(&self) -> usize {
        self.lines.len()
    }

    /// Records that what changed the resource's node scores since `since` is void.
    pub(crate) fn take_back(&mut self, rsc: RscIdx, since: usize) {
        self.push(|| TraceLine::TakenBack { rsc, since });
    }
}
