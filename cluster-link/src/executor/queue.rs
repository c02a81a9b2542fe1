//! The operations of one resource: those that wait, the one that runs, those that sleep.
//!
//! **Source:** pacemaker `daemons/execd/execd_commands.c` (`lrmd_rsc_t`: `pending_ops`, `active`,
//! `recurring_ops`).

use std::collections::VecDeque;

use super::action::{Now, RunId};
use super::recurring::Op;
use super::timer::TimerId;

/// What was decided about a running agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RunState {
    /// Nothing: its result counts.
    Normal,
    /// Killed because its operation was cancelled.
    Cancelled,
    /// Killed at its time limit.
    TimedOut,
    /// Killed at its time limit and still there; its result has been reported.
    Unkillable,
}

/// The agent that runs for a resource.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) run: RunId,
    /// `None` for an agent left over from an earlier daemon: nobody waits for its result.
    pub(super) op: Option<Op>,
    pub(super) started: Now,
    pub(super) state: RunState,
    /// `Limit` or `Grace`.
    pub(super) timer: Option<TimerId>,
}

/// One resource. At most one of its operations runs.
#[derive(Debug, Default)]
pub(super) struct ResourceQueue {
    /// Waiting, in the order they will run.
    pub(super) pending: VecDeque<Op>,
    pub(super) running: Option<Running>,
    /// Recurring operations between two runs, each with its timer.
    pub(super) sleeping: Vec<Op>,
    /// Drop this queue when its last run has ended.
    pub(super) forgotten: bool,
}

impl ResourceQueue {
    /// Takes the operation that may run now, if any.
    pub(super) fn take_ready(&mut self, now: Now) -> Option<Op> {
        let ready = self.running.is_none() && self.pending.front()?.not_before_ms <= now.mono_ms;
        if ready { self.pending.pop_front() } else { None }
    }

    /// Finds the recurring operation, waiting or sleeping.
    pub(super) fn find_idle_mut(&mut self, action: &str, interval_ms: u32) -> Option<Idle<'_>> {
        if let Some(op) =
            self.pending.iter_mut().find(|op| op.request.is_operation(action, interval_ms))
        {
            return Some(Idle::Pending(op));
        }
        let at =
            self.sleeping.iter().position(|op| op.request.is_operation(action, interval_ms))?;
        Some(Idle::Sleeping(at))
    }

    /// Returns the operation that runs, where it is this one and not cancelled.
    pub(super) fn find_running_mut(
        &mut self,
        action: &str,
        interval_ms: u32,
    ) -> Option<&mut Running> {
        self.running.as_mut().filter(|running| {
            running.state != RunState::Cancelled
                && running
                    .op
                    .as_ref()
                    .is_some_and(|op| op.request.is_operation(action, interval_ms))
        })
    }

    /// Takes a waiting or sleeping operation out.
    pub(super) fn remove_idle(&mut self, action: &str, interval_ms: u32) -> Option<Op> {
        let wanted = |op: &Op| op.request.is_operation(action, interval_ms);
        if let Some(at) = self.pending.iter().position(wanted) {
            return self.pending.remove(at);
        }
        let at = self.sleeping.iter().position(wanted)?;
        Some(self.sleeping.remove(at))
    }

    /// Takes the operation out of those that sleep.
    pub(super) fn wake(&mut self, op: u64) -> Option<Op> {
        let at = self.sleeping.iter().position(|sleeping| sleeping.id == op)?;
        Some(self.sleeping.remove(at))
    }

    /// Names the recurring operations that wait, run or sleep.
    pub(super) fn recurring(&self) -> Vec<(String, u32)> {
        let running = self.running.iter().filter_map(|running| running.op.as_ref());
        let all = self.sleeping.iter().chain(&self.pending).chain(running);
        all.filter(|op| op.request.is_recurring())
            .map(|op| (op.request.action.clone(), op.request.interval_ms))
            .collect()
    }

    /// Says whether nothing is left to do for a forgotten resource.
    pub(super) fn is_done(&self) -> bool {
        self.forgotten && self.running.is_none() && self.pending.is_empty()
    }
}

/// Where a recurring operation was found.
pub(super) enum Idle<'a> {
    /// In the queue: it will run anyway.
    Pending(&'a mut Op),
    /// Between two runs, at this place of `sleeping`.
    Sleeping(usize),
}
