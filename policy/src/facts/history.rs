//! Operation history: `lrm_resource` and `lrm_rsc_op`, typed.

use std::sync::Arc;

use crate::index::{NodeIdx, RscIdx};

/// Result state of an executed action.
///
/// # Source
/// `enum pcmk_exec_status`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[expect(missing_docs, reason = "Pacemaker's own names")]
pub enum ExecStatus {
    Unknown = -2,
    Pending = -1,
    Done = 0,
    Cancelled = 1,
    Timeout = 2,
    NotSupported = 3,
    Error = 4,
    ErrorHard = 5,
    ErrorFatal = 6,
    NotInstalled = 7,
    NotConnected = 8,
    Invalid = 9,
    NoFenceDevice = 10,
    NoSecrets = 11,
}

impl ExecStatus {
    /// Reads the number of an `op-status`.
    pub fn from_number(number: i64) -> ExecStatus {
        use ExecStatus as S;
        match number {
            -1 => S::Pending,
            0 => S::Done,
            1 => S::Cancelled,
            2 => S::Timeout,
            3 => S::NotSupported,
            4 => S::Error,
            5 => S::ErrorHard,
            6 => S::ErrorFatal,
            7 => S::NotInstalled,
            8 => S::NotConnected,
            9 => S::Invalid,
            10 => S::NoFenceDevice,
            11 => S::NoSecrets,
            _ => S::Unknown,
        }
    }
}

/// One `lrm_rsc_op`.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "fields carry the names of the XML attributes")]
pub struct HistoryEntry {
    pub id: Box<str>,
    pub task: Arc<str>,
    pub key: Box<str>,
    /// Milliseconds.
    pub interval_ms: u32,
    pub call_id: i64,
    pub rc: i32,
    pub status: ExecStatus,
    /// Expected result from the transition key; −1 where it has none.
    pub target_rc: i32,
    pub transition_magic: Option<Box<str>>,
    pub on_node: Option<Arc<str>>,
    pub exit_reason: Option<Box<str>>,
    /// Seconds since the epoch; `None` = not recorded.
    pub last_rc_change: Option<i64>,
    /// Milliseconds.
    pub exec_time_ms: Option<u32>,
    /// Milliseconds.
    pub queue_time_ms: Option<u32>,
    /// `op-digest`.
    pub op_digest: Option<Arc<str>>,
    pub op_restart_digest: Option<Box<str>>,
    pub op_force_restart: Option<Box<str>>,
    pub op_secure_digest: Option<Box<str>>,
    pub op_secure_params: Option<Box<str>>,
    pub feature_set: Option<Arc<str>>,
    pub migrate_source: Option<Box<str>>,
    pub migrate_target: Option<Box<str>>,
}

/// The history of one resource on one node.
#[derive(Debug, Clone)]
pub struct LrmResource {
    /// Node; `None` until the node's history has been looked at.
    pub node: Option<NodeIdx>,
    /// `lrm_resource` id: may lack the instance number.
    pub id: Box<str>,
    /// The resource it was found to belong to; `None` where it was ignored.
    pub rsc: Option<RscIdx>,
    /// Recorded agent class.
    pub class: Box<str>,
    /// Recorded agent provider.
    pub provider: Option<Box<str>>,
    /// Recorded agent type.
    pub agent: Box<str>,
    /// Recorded `container`.
    pub container: Option<Box<str>>,
    /// Recorded `shutdown-lock`, epoch seconds; 0 = none.
    pub shutdown_lock: i64,
    /// Attributes of the `lrm_resource` beside its id and agent.
    pub attrs: Vec<(Box<str>, Box<str>)>,
    /// Entries in document order.
    pub entries: Arc<Vec<HistoryEntry>>,
    /// Indices into `entries`, oldest first by the reference's comparison.
    pub sorted: Vec<usize>,
    /// Positions in `entries` of recurring actions whose failure has expired: they are scheduled
    /// again whatever their digest says.
    pub rescheduled: Vec<usize>,
}

/// A failure worth showing.
#[derive(Debug, Clone)]
pub struct FailedOp {
    /// Node.
    pub node: NodeIdx,
    /// Resource.
    pub rsc: RscIdx,
    /// Position in `Facts::history`.
    pub history: usize,
    /// Position in its `entries`.
    pub entry: usize,
}
