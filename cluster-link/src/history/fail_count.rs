//! Fail counts: which attribute a failed operation raises, and by how much.
//!
//! **Source:** pacemaker `daemons/controld/controld_te_events.c` `update_failcount()`;
//! `lib/common/attrs.c`.

use super::{failed, target_rc};
use crate::executor::ActionResult;

/// What a result does to the fail count of its resource on its node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailCountChange {
    /// `fail-count-RSC#OP_INTERVAL`; `None` where only the time is recorded (`on-fail=ignore`).
    pub count: Option<(String, Increment)>,
    /// `last-failure-RSC#OP_INTERVAL`, to be set to the current time (seconds since 1970).
    pub last_failure: String,
}

/// By how much a fail count grows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Increment {
    /// By one; attribute value `value++`.
    One,
    /// To infinity; attribute value `INFINITY`.
    Infinity,
}

impl Increment {
    /// The value as attribute updates spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "value++",
            Self::Infinity => "INFINITY",
        }
    }

    /// Applies the increment to an attribute's value; infinity stays infinity.
    pub fn apply(self, value: Option<&str>) -> String {
        let old = value.unwrap_or("0");
        if self == Self::Infinity || old == "INFINITY" {
            return "INFINITY".to_owned();
        }
        match old.trim().parse::<u32>().unwrap_or(0).saturating_add(1) {
            count if count >= 1_000_000 => "INFINITY".to_owned(),
            count => count.to_string(),
        }
    }
}

/// Name of the fail count of an operation.
pub fn fail_count_name(rsc: &str, action: &str, interval_ms: u32) -> String {
    format!("fail-count-{rsc}#{action}_{interval_ms}")
}

/// Name of the time of an operation's last failure.
pub fn last_failure_name(rsc: &str, action: &str, interval_ms: u32) -> String {
    format!("last-failure-{rsc}#{action}_{interval_ms}")
}

/// Says what an unexpected result does to the fail count; `None` where it does nothing.
///
/// Recurring operations, promotion and demotion count one; a failed stop counts infinity, and so does a
/// failed start where the cluster option `start_failure_is_fatal` is set. Probes, notifications and
/// migrations count only where nobody scheduled them (transition -1).
pub fn fail_count_change(
    result: &ActionResult,
    start_failure_is_fatal: bool,
) -> Option<FailCountChange> {
    let request = &result.request;
    if !failed(result, target_rc(&request.transition_key)) {
        return None;
    }
    let increment = match request.action.as_str() {
        _ if request.is_recurring() => Increment::One,
        "start" if start_failure_is_fatal => Increment::Infinity,
        "stop" => Increment::Infinity,
        "start" | "promote" | "demote" => Increment::One,
        _ if is_unscheduled(&request.transition_key) => Increment::One,
        _ => return None,
    };
    let on_fail = request.meta_value("on_fail").or(request.meta_value("on-fail"));
    let name = fail_count_name(&request.rsc, &request.action, request.interval_ms);
    Some(FailCountChange {
        count: (on_fail != Some("ignore")).then_some((name, increment)),
        last_failure: last_failure_name(&request.rsc, &request.action, request.interval_ms),
    })
}

fn is_unscheduled(transition_key: &str) -> bool {
    transition_key.split(':').nth(1) == Some("-1")
}
