//! One operation from its request to its last run: merging, repetition, changes-only reports.
//!
//! **Source:** pacemaker `daemons/execd/execd_commands.c` `merge_recurring_duplicate()`,
//! `send_cmd_complete_notify()`.

use super::action::{ActionRequest, ActionResult, Now, OpStatus};
use super::outcome::Outcome;
use super::timer::TimerId;

/// An operation that waits, runs or sleeps until its interval is over.
#[derive(Debug)]
pub(super) struct Op {
    /// Unique in this executor.
    pub(super) id: u64,
    pub(super) request: ActionRequest,
    pub(super) call_id: i32,
    /// When it last began to wait, ms.
    pub(super) queued_ms: u64,
    /// A one-shot with a start delay must not run earlier, ms.
    pub(super) not_before_ms: u64,
    /// The timer that will move it on, where one is set.
    pub(super) timer: Option<TimerId>,
    /// Asked for again, with other parameters, while it ran: run again at once.
    pub(super) rerun: bool,
    /// Code and status last reported; `None` before the first report of a call.
    reported: Option<(i32, OpStatus)>,
    /// Code of the last run; 0 before it.
    last_rc: i32,
    /// When `last_rc` became what it is, seconds since 1970.
    changed_s: Option<i64>,
}

impl Op {
    pub(super) fn new(id: u64, request: ActionRequest, call_id: i32, now: Now) -> Self {
        let delay_ms = if request.is_recurring() { 0 } else { request.start_delay_ms };
        Self {
            id,
            request,
            call_id,
            queued_ms: now.mono_ms,
            not_before_ms: now.mono_ms + u64::from(delay_ms),
            timer: None,
            rerun: false,
            reported: None,
            last_rc: 0,
            changed_s: None,
        }
    }

    /// Takes over a newer request for the same operation. Its next result is reported in any case.
    ///
    /// Returns true where the parameters differ from those of the older one.
    pub(super) fn merge(&mut self, request: ActionRequest, call_id: i32) -> bool {
        let differs = self.request.params != request.params || self.request.meta != request.meta;
        self.request = request;
        self.call_id = call_id;
        self.reported = None;
        differs
    }

    /// Takes the outcome of a run; returns what is to be reported, if anything is.
    pub(super) fn finish(
        &mut self,
        outcome: Outcome,
        started: Now,
        now: Now,
    ) -> Option<ActionResult> {
        let changed = outcome.rc != self.last_rc;
        if changed || self.changed_s.is_none() {
            self.changed_s = Some(if changed { now.epoch_s } else { started.epoch_s });
        }
        self.last_rc = outcome.rc;
        let state = (outcome.rc, outcome.op_status);
        if self.request.is_recurring() && self.reported == Some(state) {
            return None;
        }
        self.reported = Some(state);
        let last_rc_change_s = match self.changed_s {
            Some(changed_s) if self.request.is_recurring() => changed_s,
            _ => started.epoch_s,
        };
        Some(ActionResult {
            request: self.request.clone(),
            call_id: self.call_id,
            rc: outcome.rc,
            op_status: outcome.op_status,
            exit_reason: outcome.exit_reason,
            last_rc_change_s,
            exec_ms: span_ms(started.mono_ms, now.mono_ms),
            queue_ms: span_ms(self.queued_ms, started.mono_ms),
        })
    }

    /// Ends the operation without a run; the code is that of the last run.
    pub(super) fn cancel(self, now: Now) -> ActionResult {
        let last_rc = self.last_rc;
        self.end(Outcome::cancelled(last_rc), now)
    }

    /// Ends the operation without a (further) run.
    pub(super) fn end(self, outcome: Outcome, now: Now) -> ActionResult {
        ActionResult {
            last_rc_change_s: self.changed_s.unwrap_or(now.epoch_s),
            request: self.request,
            call_id: self.call_id,
            rc: outcome.rc,
            op_status: outcome.op_status,
            exit_reason: outcome.exit_reason,
            exec_ms: 0,
            queue_ms: span_ms(self.queued_ms, now.mono_ms),
        }
    }
}

fn span_ms(from: u64, to: u64) -> u32 {
    u32::try_from(to.saturating_sub(from)).unwrap_or(u32::MAX)
}
