//! Adds contributions up, in order, as the scheduler did.

use std::collections::BTreeMap;

use super::{Change, Contribution, Trace, TraceLine};
use crate::index::{NodeIdx, RscIdx};
use crate::scores::add_scores;

/// One contribution that counts: where it stands in the trace, and the sum with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// Position in [`Trace::lines`].
    pub line: usize,
    /// The contribution.
    pub contribution: Contribution,
    /// Score once it is added, ±1,000,000.
    pub sum: i32,
}

/// Scores rebuilt from their contributions alone.
///
/// # Shapes
/// Steps by resource and node (`None`: its promotion priority), oldest first, without those that
/// were taken back.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    steps: BTreeMap<(RscIdx, Option<NodeIdx>), Vec<Step>>,
}

impl Replay {
    /// Replays a whole trace.
    pub fn new(trace: &Trace) -> Self {
        let mut replay = Replay::default();
        for (at, line) in trace.lines.iter().enumerate() {
            replay.advance(at, line);
        }
        replay
    }

    /// Takes the next line in; `at` is its position.
    pub fn advance(&mut self, at: usize, line: &TraceLine) {
        match line {
            TraceLine::Contribution(contribution) => self.add(at, *contribution),
            TraceLine::TakenBack { rsc, since } => {
                for ((of, node), steps) in self.steps.range_mut((*rsc, None)..) {
                    if of != rsc {
                        break;
                    }
                    if node.is_some() {
                        steps.retain(|step| step.line < *since);
                    }
                }
            }
            TraceLine::Score { .. }
            | TraceLine::Promotion { .. }
            | TraceLine::Capacity { .. }
            | TraceLine::Utilization { .. }
            | TraceLine::Implied { .. } => {}
        }
    }

    fn add(&mut self, line: usize, contribution: Contribution) {
        let copied = match contribution.change {
            Change::Copy(rsc, node) => self.score(rsc, node),
            Change::Add(_) | Change::Set(_) => None,
        };
        let steps = self.steps.entry((contribution.rsc, contribution.node)).or_default();
        let before = steps.last().map_or(0, |step| step.sum);
        let sum = match contribution.change {
            Change::Add(amount) => add_scores(amount, before),
            Change::Set(score) => score,
            Change::Copy(..) => copied.unwrap_or(crate::scores::MINUS_INFINITY),
        };
        steps.push(Step { line, contribution, sum });
    }

    /// Returns what made the score of a resource on a node, oldest first; empty where nothing did.
    pub fn steps(&self, rsc: RscIdx, node: NodeIdx) -> &[Step] {
        self.steps.get(&(rsc, Some(node))).map_or(&[], |steps| steps)
    }

    /// Returns what made an instance's promotion priority, oldest first.
    pub fn promotion_steps(&self, rsc: RscIdx) -> &[Step] {
        self.steps.get(&(rsc, None)).map_or(&[], |steps| steps)
    }

    /// Returns the score of a resource on a node; `None` where nothing contributed to it.
    pub fn score(&self, rsc: RscIdx, node: NodeIdx) -> Option<i32> {
        self.steps(rsc, node).last().map(|step| step.sum)
    }

    /// Returns an instance's promotion priority; `None` where nothing contributed to it.
    pub fn promotion(&self, rsc: RscIdx) -> Option<i32> {
        self.promotion_steps(rsc).last().map(|step| step.sum)
    }
}
