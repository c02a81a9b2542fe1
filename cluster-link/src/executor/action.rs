//! What the controller asks of the executor, and what it gets back.
//!
//! **Source:** pacemaker `include/crm/lrmd_events.h`, `include/crm/common/actions.h`.

/// Which agent a resource uses.
#[derive(Clone, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub struct AgentSpec {
    /// `ocf`, `lsb`, `systemd`, `service` or `stonith`.
    pub class: String,
    /// `heartbeat`, `pacemaker` …; only for `ocf`.
    pub provider: Option<String>,
    /// The agent's name (`type` in the CIB).
    pub kind: String,
}

/// Writes the name as users write it: `ocf:heartbeat:IPaddr2`, `lsb:asterisk`.
impl std::fmt::Display for AgentSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.provider {
            Some(provider) => write!(f, "{}:{provider}:{}", self.class, self.kind),
            None => write!(f, "{}:{}", self.class, self.kind),
        }
    }
}

/// One action that the controller asks for.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct ActionRequest {
    /// The resource.
    pub rsc: String,
    /// Its agent.
    pub agent: AgentSpec,
    /// `start`, `stop`, `monitor`, …
    pub action: String,
    /// ms; 0 = once.
    pub interval_ms: u32,
    /// ms; 0 = no limit.
    pub timeout_ms: u32,
    /// Delay before the first run, ms.
    pub start_delay_ms: u32,
    /// Instance parameters, without `CRM_meta_*`.
    pub params: Vec<(String, String)>,
    /// `CRM_meta_*` names without the prefix, and their values.
    pub meta: Vec<(String, String)>,
    /// `ACTION:TRANSITION:TARGETRC:UUID`, carried through to the history.
    pub transition_key: String,
}

impl ActionRequest {
    /// Returns the value of a meta attribute, named without `CRM_meta_`.
    pub fn meta_value(&self, name: &str) -> Option<&str> {
        self.meta.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Says whether the action is repeated.
    pub fn is_recurring(&self) -> bool {
        self.interval_ms > 0
    }

    /// Says whether this is the operation named by `action` and `interval_ms`.
    pub(super) fn is_operation(&self, action: &str, interval_ms: u32) -> bool {
        self.interval_ms == interval_ms && self.action.eq_ignore_ascii_case(action)
    }
}

/// How an action ended, apart from the agent's exit code (`op-status` in the history).
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[repr(i8)]
pub enum OpStatus {
    /// Not finished.
    Pending = -1,
    /// The agent returned a code.
    Done = 0,
    /// Cancelled before or while it ran.
    Cancelled = 1,
    /// Killed at its timeout.
    Timeout = 2,
    /// The agent does not know the action.
    NotSupported = 3,
    /// It could not be run.
    Error = 4,
    /// As `Error`, and this node cannot run it.
    ErrorHard = 5,
    /// As `Error`, and no node can run it.
    ErrorFatal = 6,
    /// The agent is not installed.
    NotInstalled = 7,
}

/// What came of one run of an action.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct ActionResult {
    /// The request.
    pub request: ActionRequest,
    /// Counts the executor's calls since it started.
    pub call_id: i32,
    /// OCF exit code of the agent.
    pub rc: i32,
    /// How it ended.
    pub op_status: OpStatus,
    /// The agent's own words, or ours; empty where there are none.
    pub exit_reason: String,
    /// Seconds since 1970 when it was run (for recurring actions: when `rc` last changed).
    pub last_rc_change_s: i64,
    /// ms of running.
    pub exec_ms: u32,
    /// ms of waiting before it ran.
    pub queue_ms: u32,
}

/// The time as the caller's clocks show it.
///
/// Timers and durations follow `mono_ms` only, so a step of the wall clock fires nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Now {
    /// Monotonic clock, ms since any fixed point.
    pub mono_ms: u64,
    /// Wall clock, seconds since 1970; only stamped into results.
    pub epoch_s: i64,
}

/// Names one run of an agent, from [`Command::Run`] to its completion.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RunId(pub u64);

/// How much of a running agent is to be killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KillScope {
    /// The agent's process group.
    Group,
    /// Only the agent's first process (`on-fail=block`: leave its children for inspection).
    Process,
}

/// What the executor wants done; the driver does it and answers with a [`Completion`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Start the agent. Answer once, also when it cannot be started.
    Run {
        /// Name of this run.
        run: RunId,
        /// What to run.
        request: Box<ActionRequest>,
    },
    /// Send SIGKILL. The run's completion is still expected; unknown runs are ignored.
    Kill {
        /// The run.
        run: RunId,
        /// How much of it.
        scope: KillScope,
    },
}

/// How a run ended, as the driver saw it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ending {
    /// The agent exited with this status.
    Exited(i32),
    /// The agent died of this signal.
    Signalled(i32),
    /// Nothing was run.
    NotStarted {
        /// Path of the agent, or its name where there is no path.
        what: String,
        /// Why.
        error: StartError,
    },
    /// The driver itself knows the result (systemd, fencing devices).
    Answered {
        /// OCF code.
        rc: i32,
        /// How it ended.
        op_status: OpStatus,
    },
}

/// Why an agent could not be started.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StartError {
    /// There is no such agent, or it is nothing that can be executed.
    #[error("{0}")]
    NotInstalled(String),
    /// The kernel refused.
    #[error("{0}")]
    Permission(String),
    /// The operation's parameters cannot be made ready (secrets, for instance).
    #[error("{0}")]
    NotConfigured(String),
    /// Anything else (out of processes, memory, descriptors).
    #[error("{0}")]
    Other(String),
}

/// The driver's answer to one [`Command::Run`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// How it ended.
    pub ending: Ending,
    /// The agent's last `ocf-exit-reason:` text, or the driver's own; may be empty.
    pub exit_reason: String,
}
