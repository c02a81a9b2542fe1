//! Nodes: what is configured and what state they are in.

use bitflags::bitflags;

use super::AttrMap;
use crate::index::RscIdx;

/// Layer a node belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NodeKind {
    /// Runs the cluster stack itself.
    Cluster,
    /// Runs pacemaker-remoted only: remote, guest and bundle nodes.
    Remote,
}

/// When a resource is probed on a node; ordered, the stronger wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum ProbeMode {
    /// Always.
    #[default]
    Always,
    /// Never.
    Never,
    /// Only on nodes that are marked so.
    Exclusive,
}

/// One node as configured.
#[derive(Debug, Clone)]
pub struct NodeFacts {
    /// CIB id: the cluster layer's id, or the name for remote nodes.
    pub id: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// Layer.
    pub kind: NodeKind,
    /// Base score, ±1,000,000; what new node tables start with.
    pub score: i32,
    /// Probing rule new node tables start with.
    pub probe_mode: ProbeMode,
    /// Node attributes, transient ones over permanent ones, `#uname` and its kin included.
    pub attrs: AttrMap,
    /// Utilization attributes: capacity as configured.
    pub utilization: AttrMap,
    /// The connection resource of a remote, guest or bundle node.
    pub remote: Option<RscIdx>,
}

bitflags! {
    /// **Source:** `enum pcmk__node_flags`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct NodeFlags: u32 {
        /// In standby mode.
        const STANDBY = 1;
        /// In standby because of `on-fail=standby`.
        const FAIL_STANDBY = 1 << 1;
        /// Has ever joined the cluster.
        const SEEN = 1 << 2;
        /// Expected join state is member.
        const EXPECTED_UP = 1 << 3;
        /// Probes are allowed.
        const PROBES_ALLOWED = 1 << 4;
        /// Guest that must be recovered, or remote node that must be fenced.
        const REMOTE_RESET = 1 << 5;
        /// Remote node fenced since it was last connected.
        const REMOTE_FENCED = 1 << 6;
        /// Remote node whose state says it is in maintenance mode.
        const REMOTE_MAINT = 1 << 7;
        /// History has been unpacked.
        const UNPACKED = 1 << 8;
    }
}

/// State of a node. Unpack writes it; fencing and remote phases go on writing.
#[derive(Debug, Clone, Default)]
pub struct NodeState {
    /// Whether online.
    pub online: bool,
    /// Whether its membership is pending.
    pub pending: bool,
    /// Whether it must be fenced before its resources are recovered.
    pub unclean: bool,
    /// Whether it is shutting down.
    pub shutdown: bool,
    /// Whether in maintenance mode.
    pub maintenance: bool,
    /// Finer flags.
    pub flags: NodeFlags,
    /// Primitives active on it, in the order they were found.
    pub running: Vec<RscIdx>,
    /// Sum of the priorities of what is active on it and its guests (for
    /// `priority-fencing-delay`).
    pub priority: i32,
    /// Number of primitives assigned to it so far.
    pub num_resources: i32,
    /// Resources assigned to it, newest first.
    pub assigned: Vec<RscIdx>,
    /// Capacity left, by attribute (int-clamped); starts as the configured utilization.
    pub capacity: Vec<(Box<str>, i32)>,
}

impl NodeState {
    /// Returns true where `flag` is set.
    pub fn has(&self, flag: NodeFlags) -> bool {
        self.flags.contains(flag)
    }
}
