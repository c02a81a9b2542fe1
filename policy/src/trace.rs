//! Evidence: what decided, as values.

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
}
