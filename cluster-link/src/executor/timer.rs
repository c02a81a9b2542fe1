//! The executor's timers: an ordered set, so that thousands of monitors cost a logarithm each.

use std::collections::BTreeMap;

use super::action::RunId;

/// What happens at a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Alarm {
    /// A recurring operation is to run again, or a start delay is over.
    Due { rsc: String, op: u64 },
    /// A run passes its time limit.
    Limit { run: RunId },
    /// A killed run should be gone by now.
    Grace { run: RunId },
    /// An operation waited its whole time limit behind an agent that cannot be killed.
    GiveUp { rsc: String, op: u64 },
}

/// Handle of a set timer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct TimerId {
    at_ms: u64,
    seq: u64,
}

/// All timers that are set, earliest first; equal times in the order they were set.
#[derive(Debug, Default)]
pub(super) struct Timers {
    set: BTreeMap<TimerId, Alarm>,
    seq: u64,
}

impl Timers {
    pub(super) fn set(&mut self, at_ms: u64, alarm: Alarm) -> TimerId {
        self.seq += 1;
        let id = TimerId { at_ms, seq: self.seq };
        self.set.insert(id, alarm);
        id
    }

    pub(super) fn unset(&mut self, id: Option<TimerId>) {
        if let Some(id) = id {
            self.set.remove(&id);
        }
    }

    /// Time of the earliest timer.
    pub(super) fn next(&self) -> Option<u64> {
        self.set.keys().next().map(|id| id.at_ms)
    }

    /// Takes the earliest timer that is due.
    pub(super) fn take_due(&mut self, now_ms: u64) -> Option<Alarm> {
        let entry = self.set.first_entry()?;
        (entry.key().at_ms <= now_ms).then(|| entry.remove())
    }
}
