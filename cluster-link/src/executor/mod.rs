//! The executor: runs resource agents' actions, one at a time for each resource.

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
