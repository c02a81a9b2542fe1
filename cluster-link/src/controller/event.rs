//! What a result in the history means for the running transition.
//!
//! **Source:** pacemaker `daemons/controld/controld_te_events.c`, `process_graph_event()`,
//! `update_failcount()`.

use cib_model::xml::ElementRef;

use super::invocation::{TransitionKey, parse_operation_key};
use super::transition::{Execution, INFINITY, Outcome};
use crate::attrs::{AttributeUpdate, AttributeValue};

/// One result as the history tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ResultEvent {
    pub(crate) operation_key: String,
    pub(crate) key: Option<TransitionKey>,
    pub(crate) rc: i32,
    pub(crate) op_status: i32,
    pub(crate) call_id: i32,
}

impl ResultEvent {
    /// Reads an `<lrm_rsc_op>`; `None` for what carries no transition key or is pending.
    pub(crate) fn read(entry: ElementRef<'_>) -> Option<Self> {
        let number = |name| entry.attr(name).and_then(|v| v.parse::<i32>().ok());
        let op_status = number("op-status").unwrap_or(-1);
        if op_status == -1 {
            return None;
        }
        Some(ResultEvent {
            operation_key: entry.attr("operation_key").unwrap_or_default().to_owned(),
            key: TransitionKey::parse(entry.attr("transition-key")?),
            rc: effective_rc(number("rc-code").unwrap_or(-1)),
            op_status,
            call_id: number("call-id").unwrap_or(-1),
        })
    }

    /// Returns the exit code that counts as success; 0 where the key cannot be read.
    pub(crate) fn target_rc(&self) -> i32 {
        self.key.as_ref().map_or(0, |k| k.target_rc)
    }

    fn interval_ms(&self) -> u32 {
        parse_operation_key(&self.operation_key).map_or(0, |(_, _, interval)| interval)
    }
}

/// Degraded is running.
fn effective_rc(rc: i32) -> i32 {
    match rc {
        190 => 0,
        191 => 8,
        rc => rc,
    }
}

/// What an event does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Reaction {
    /// Abort the transition: priority and reason.
    pub(crate) abort: Option<(i32, &'static str)>,
    /// Fail count to be raised.
    pub(crate) fail_count: FailCount,
    /// The action was confirmed (for the log).
    pub(crate) confirmed: bool,
}

/// What becomes of the fail count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum FailCount {
    /// Nothing.
    #[default]
    Keep,
    /// Counts as its operation demands.
    Raise,
    /// Counts whatever the operation is.
    RaiseAlways,
    /// Only the time is noted (`on-fail=ignore`).
    TimeOnly,
}

/// Confirms the event's action in `execution` and says what follows. `uuid` is this DC's.
pub(crate) fn react(
    execution: Option<&mut Execution>,
    event: &ResultEvent,
    uuid: &str,
) -> Reaction {
    let restart = |reason, fail_count| Reaction {
        abort: Some((INFINITY, reason)),
        fail_count,
        confirmed: false,
    };
    let Some(key) = &event.key else { return restart("Bad event", FailCount::Keep) };
    if key.transition == -1 {
        return restart("Unexpected event", FailCount::RaiseAlways);
    }
    if key.action < 0 || key.uuid.trim_end() != uuid {
        return restart("Foreign event", FailCount::Raise);
    }
    let current =
        execution.as_ref().is_some_and(|e| i64::from(e.transition().id) == key.transition);
    let Some(execution) = execution.filter(|e| current && !e.has_ended()) else {
        let reason = match (event.interval_ms(), current) {
            (1.., _) => "Change in recurring result",
            (0, false) => "Old event",
            (0, true) => "Inactive graph",
        };
        return restart(reason, FailCount::Raise);
    };
    let action = u32::try_from(key.action).ok().and_then(|id| execution.find(id));
    let Some(action) = action else { return restart("Unknown event", FailCount::Raise) };
    let id = action.reference.id;
    if execution.is_confirmed(id) {
        // A failure stands in two entries (last and last_failure): count it once. A recurring
        // operation that was confirmed in this transition changes its result.
        let again = event.interval_ms() > 0 && event.rc != key.target_rc;
        return if again {
            restart("Change in recurring result", FailCount::Raise)
        } else {
            Reaction::default()
        };
    }
    let ignore = action.meta("on_fail").is_some_and(|v| v.eq_ignore_ascii_case("ignore"));
    let priority = execution.priority(id);
    let failed = event.rc != key.target_rc && !ignore;
    execution.confirm(id, if failed { Outcome::Failure } else { Outcome::Success });
    Reaction {
        abort: failed.then_some((priority.saturating_add(1), "Event failed")),
        fail_count: if ignore { FailCount::TimeOnly } else { FailCount::Raise },
        confirmed: true,
    }
}

/// Returns what to write for a failure: fail count and time of the last failure.
///
/// Empty for success, probes and operations that do not count. `start_is_fatal`,
/// `stop_is_fatal`: one failure bans the resource from the node.
pub(crate) fn fail_count_updates(
    event: &ResultEvent,
    count: FailCount,
    start_is_fatal: bool,
    epoch_s: i64,
) -> Vec<AttributeUpdate> {
    let invalid = 9;
    if count == FailCount::Keep || event.rc == event.target_rc() || event.op_status == invalid {
        return Vec::new();
    }
    let Some((rsc, task, interval)) = parse_operation_key(&event.operation_key) else {
        return Vec::new();
    };
    let fatal = match (task, interval) {
        (_, 1..) | ("promote" | "demote", _) => false,
        ("start", 0) => start_is_fatal,
        ("stop", 0) => true,
        _ if count == FailCount::RaiseAlways => false,
        _ => return Vec::new(),
    };
    let value =
        if fatal { AttributeValue::Set("INFINITY".to_owned()) } else { AttributeValue::Add(1) };
    let update = |prefix: &str, value| AttributeUpdate {
        name: format!("{prefix}-{rsc}#{task}_{interval}"),
        value,
    };
    let mut updates = Vec::new();
    if count != FailCount::TimeOnly {
        updates.push(update("fail-count", value));
    }
    updates.push(update("last-failure", AttributeValue::Set(epoch_s.to_string())));
    updates
}
