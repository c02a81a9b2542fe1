//! From the end of a process to an OCF code, a status and a reason.
//!
//! **Source:** pacemaker `lib/services/services_linux.c` `services__handle_exec_error()`,
//! `async_action_complete()`; `services_ocf.c` `services__ocf2ocf()`; `services_lsb.c`
//! `services__lsb2ocf()`.

use super::action::{ActionRequest, Completion, Ending, OpStatus, StartError};

/// Code, status and reason of a finished run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Outcome {
    pub(super) rc: i32,
    pub(super) op_status: OpStatus,
    pub(super) exit_reason: String,
}

impl Outcome {
    /// The run was cancelled; `rc` is the last code seen.
    pub(super) fn cancelled(rc: i32) -> Self {
        Self { rc, op_status: OpStatus::Cancelled, exit_reason: String::new() }
    }

    /// The run passed its time limit.
    pub(super) fn timed_out(request: &ActionRequest) -> Self {
        let exit_reason = format!(
            "{} did not complete within {}",
            agent_kind(&request.agent.class),
            readable_interval(request.timeout_ms)
        );
        Self { rc: 1, op_status: OpStatus::Timeout, exit_reason }
    }

    /// The run passed its time limit, and SIGKILL did not end it.
    pub(super) fn unkillable(request: &ActionRequest) -> Self {
        let mut outcome = Self::timed_out(request);
        outcome.exit_reason.push_str(" and cannot be killed");
        outcome
    }

    /// The action never ran because an agent of the same resource cannot be killed.
    pub(super) fn blocked(request: &ActionRequest) -> Self {
        let exit_reason = format!(
            "not run within {}: an earlier action of {} cannot be killed",
            readable_interval(request.timeout_ms),
            request.rsc
        );
        Self { rc: 1, op_status: OpStatus::Timeout, exit_reason }
    }

    /// Reads what the driver saw.
    pub(super) fn of(request: &ActionRequest, completion: Completion) -> Self {
        let Completion { ending, exit_reason } = completion;
        match ending {
            Ending::Exited(status) => {
                let rc = exit_status_to_ocf(&request.agent.class, &request.action, status);
                Self { rc, op_status: OpStatus::Done, exit_reason }
            }
            Ending::Signalled(signal) => {
                let kind = agent_kind(&request.agent.class);
                let exit_reason = format!("{kind} interrupted by {} signal", signal_name(signal));
                Self { rc: 1, op_status: OpStatus::Error, exit_reason }
            }
            Ending::NotStarted { what, error } => not_started(&what, error),
            Ending::Answered { rc, op_status } => Self { rc, op_status, exit_reason },
        }
    }
}

fn not_started(what: &str, error: StartError) -> Outcome {
    let (rc, op_status, exit_reason) = match error {
        StartError::NotInstalled(text) => (5, OpStatus::NotInstalled, format!("{what}: {text}")),
        StartError::Permission(text) => (4, OpStatus::Error, format!("{what}: {text}")),
        StartError::NotConfigured(text) => (6, OpStatus::Done, text),
        StartError::Other(text) => (1, OpStatus::Error, text),
    };
    Outcome { rc, op_status, exit_reason }
}

/// Maps an agent's exit status to an OCF code by the rules of its class.
///
/// LSB `status` has codes of its own: 1 to 3 all mean "not running". What a class does not define
/// becomes 1.
pub fn exit_status_to_ocf(class: &str, action: &str, status: i32) -> i32 {
    if class.eq_ignore_ascii_case("lsb") {
        return match (action, status) {
            ("monitor" | "status", 0) => 0,
            ("monitor" | "status", 1..=3) => 7,
            ("monitor" | "status", 150) => 5,
            ("monitor" | "status", 151) => 4,
            ("monitor" | "status", _) => 1,
            (_, 0..=7) => status,
            _ => 1,
        };
    }
    if matches!(status, 0..=9 | 190 | 191) { status } else { 1 }
}

fn agent_kind(class: &str) -> &'static str {
    match class {
        "stonith" => "Fence agent",
        "alert" => "Alert agent",
        "" => "Process",
        _ => "Resource agent",
    }
}

/// Writes ms as Pacemaker does in its reasons: `4s`, `1m30s`, `1.500s`, `20ms`, `0s`.
pub fn readable_interval(interval_ms: u32) -> String {
    if interval_ms == 0 {
        return "0s".to_owned();
    }
    let mut parts = Vec::new();
    let mut rest = interval_ms;
    for (unit_ms, letter) in [(86_400_000, 'd'), (3_600_000, 'h'), (60_000, 'm')] {
        if rest >= unit_ms {
            parts.push(format!("{}{letter}", rest / unit_ms));
            rest %= unit_ms;
        }
    }
    match (rest / 1000, rest % 1000) {
        (0, 0) => {}
        (0, ms) => parts.push(format!("{ms}ms")),
        (s, 0) => parts.push(format!("{s}s")),
        (s, ms) => parts.push(format!("{s}.{ms:03}s")),
    }
    parts.concat()
}

/// Names a signal as `strsignal` does, for those that end agents in practice.
fn signal_name(signal: i32) -> String {
    match signal {
        1 => "Hangup",
        2 => "Interrupt",
        3 => "Quit",
        4 => "Illegal instruction",
        6 => "Aborted",
        7 => "Bus error",
        8 => "Floating point exception",
        9 => "Killed",
        11 => "Segmentation fault",
        13 => "Broken pipe",
        14 => "Alarm clock",
        15 => "Terminated",
        _ => return format!("Unknown signal {signal}"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_read_like_pacemaker() {
        for (ms, text) in [
            (0, "0s"),
            (4_000, "4s"),
            (90_000, "1m30s"),
            (1_500, "1.500s"),
            (20, "20ms"),
            (86_400_000, "1d"),
            (90_061_001, "1d1h1m1.001s"),
        ] {
            assert_eq!(readable_interval(ms), text);
        }
    }

    #[test]
    fn lsb_status_has_its_own_codes() {
        let codes = [0, 1, 2, 3, 4, 5, 150, 151, 200];
        let read = codes.map(|code| exit_status_to_ocf("lsb", "monitor", code));
        assert_eq!(read, [0, 7, 7, 7, 1, 1, 5, 4, 1]);
        let read = codes.map(|code| exit_status_to_ocf("lsb", "start", code));
        assert_eq!(read, [0, 1, 2, 3, 4, 5, 1, 1, 1]);
    }

    #[test]
    fn ocf_codes_outside_the_standard_are_errors() {
        let codes = [0, 7, 8, 9, 10, 127, 190, 191, 192, 255, -1];
        let read = codes.map(|code| exit_status_to_ocf("ocf", "monitor", code));
        assert_eq!(read, [0, 7, 8, 9, 1, 1, 190, 191, 1, 1, 1]);
    }
}
