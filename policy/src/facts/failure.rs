//! What failures ask for, and what actions need.

/// Response to a failed action; ordered by severity.
///
/// # Source
/// `enum pcmk__on_fail`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum OnFail {
    /// Act as if the failure did not happen.
    #[default]
    Ignore,
    /// Demote if promotable, else stop.
    Demote,
    /// Restart the resource.
    Restart,
    /// Fence the remote node the resource connects to, else restart.
    ResetRemote,
    /// Restart the resource's container.
    RestartContainer,
    /// Ban the resource from the node.
    Ban,
    /// Treat the resource as unmanaged.
    Block,
    /// Stop the resource and leave it stopped.
    Stop,
    /// Put the node in standby.
    StandbyNode,
    /// Fence the node.
    FenceNode,
}

/// What must hold before an action may run.
///
/// # Source
/// `enum pcmk__requires`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Requires {
    /// Nothing.
    #[default]
    Nothing,
    /// The partition has quorum.
    Quorum,
    /// Unclean nodes have been fenced.
    Fencing,
}
