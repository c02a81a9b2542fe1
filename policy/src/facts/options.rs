//! Cluster options.

use bitflags::bitflags;

use super::AttrMap;

bitflags! {
    /// Boolean options and conditions of the whole cluster.
    ///
    /// **Source:** `enum pcmk__scheduler_flags`, same stems.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct ClusterFlags: u32 {
        /// Partition has quorum.
        const QUORATE = 1;
        /// `symmetric-cluster`.
        const SYMMETRIC_CLUSTER = 1 << 1;
        /// `maintenance-mode`.
        const IN_MAINTENANCE = 1 << 3;
        /// `fencing-enabled`.
        const FENCING_ENABLED = 1 << 4;
        /// A fence device or a watchdog is configured.
        const HAVE_FENCING = 1 << 5;
        /// Some resource provides or requires unfencing.
        const ENABLE_UNFENCING = 1 << 6;
        /// `concurrent-fencing`.
        const CONCURRENT_FENCING = 1 << 7;
        /// `stop-removed-resources`.
        const STOP_REMOVED_RESOURCES = 1 << 8;
        /// `cancel-removed-actions`.
        const CANCEL_REMOVED_ACTIONS = 1 << 9;
        /// `stop-all-resources`.
        const STOP_ALL = 1 << 10;
        /// `start-failure-is-fatal`.
        const START_FAILURE_FATAL = 1 << 12;
        /// `startup-fencing`.
        const STARTUP_FENCING = 1 << 14;
        /// `shutdown-lock`.
        const SHUTDOWN_LOCK = 1 << 15;
        /// `enable-startup-probes`.
        const PROBE_RESOURCES = 1 << 16;
        /// There are remote, guest or bundle nodes.
        const HAVE_REMOTE_NODES = 1 << 18;
        /// Sensitive values are masked in the input, so only public digests count.
        const SANITIZED = 1 << 21;
        /// `fence-remote-without-quorum`.
        const FENCE_REMOTE_NO_QUORUM = 1 << 28;
    }
}

/// `no-quorum-policy`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum NoQuorumPolicy {
    /// Leave everything as it is.
    Freeze,
    /// Stop everything.
    #[default]
    Stop,
    /// Act as if there were quorum.
    Ignore,
    /// Fence all nodes of the partition.
    Fence,
    /// Demote what is promoted, stop the rest.
    Demote,
}

/// `placement-strategy`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PlacementStrategy {
    /// Utilization is not looked at.
    #[default]
    Default,
    /// Capacity bounds placement.
    Utilization,
    /// As few nodes as possible.
    Minimal,
    /// Spread by free capacity.
    Balanced,
}

/// Cluster options with defaults filled in.
#[derive(Debug, Clone, Default)]
pub struct ClusterOptions {
    /// Booleans and conditions.
    pub flags: ClusterFlags,
    /// What to do without quorum.
    pub no_quorum_policy: NoQuorumPolicy,
    /// Placement strategy.
    pub placement: PlacementStrategy,
    /// `fencing-action`: `reboot` or `off`.
    pub fencing_action: Box<str>,
    /// `fencing-timeout`, ms.
    pub fencing_timeout_ms: u32,
    /// `priority-fencing-delay`, ms; 0 = none.
    pub priority_fencing_delay_ms: u32,
    /// `shutdown-lock-limit`, ms; 0 = no limit.
    pub shutdown_lock_ms: u32,
    /// `node-pending-timeout`, ms; 0 = none.
    pub node_pending_ms: u32,
    /// All set options as written, by their modern name (validated: an invalid value is absent).
    pub table: AttrMap,
}

impl ClusterOptions {
    /// Returns true where `flag` is set.
    pub fn has(&self, flag: ClusterFlags) -> bool {
        self.flags.contains(flag)
    }
}
