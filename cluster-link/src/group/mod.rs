//! Group communication: who is here, and one order of messages for all who are.
//!
//! Three engines keep the same contract; nothing above this module may ask which one it is.
//!
//! Reading order: [`Event`] and [`Group`] here; [`local`] (one node), [`link`] (embedded),
//! [`corosync`] (a real corosync), [`conformance`] (what every engine must do).

use std::future::Future;

pub mod conformance;
pub mod corosync;
pub mod link;
pub mod local;

/// The largest message that every engine carries, bytes.
///
/// An engine whose transport carries less (corosync: about 1 MB) splits and joins again.
pub const MESSAGE_SIZE_MAX: usize = 16 << 20;

/// The largest cluster, nodes.
pub const NODES_MAX: usize = 16;

/// A cluster node's number (corosync's `nodeid`).
pub type NodeId = u32;

/// Identity of one membership. Ids only grow on a node, also across restarts.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
pub struct ViewId {
    /// Counts memberships; persisted before use.
    pub epoch: u64,
    /// The member that formed this view.
    pub coordinator: NodeId,
}

/// One member of a view.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Member {
    /// Number of the node.
    pub node: NodeId,
    /// Name of the node (`uname -n` where corosync.conf gives none).
    pub name: String,
    /// Differs for each run of the node's daemon.
    pub incarnation: u64,
}

/// Why a member is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeaveReason {
    /// It said goodbye.
    Left,
    /// It was not heard for the token time, or its process died.
    Lost,
}

/// An agreed membership.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Identity; equal ids mean equal members.
    pub id: ViewId,
    /// All members, by node id ascending, the local node included.
    pub members: Vec<Member>,
    /// Members that came with this node from its last view and delivered the same messages in it.
    pub with_me: Vec<NodeId>,
    /// Members that were not in this node's last view.
    pub joined: Vec<NodeId>,
    /// Members of this node's last view that are gone.
    pub left: Vec<(NodeId, LeaveReason)>,
}

/// Names one submitted message until it is delivered or declared uncertain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ticket(pub u64);

/// What votequorum says of a view.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QuorumInfo {
    /// True where the partition may act.
    pub quorate: bool,
    /// Votes expected in the whole cluster.
    pub expected: u32,
    /// Votes present.
    pub total: u32,
    /// Votes needed.
    pub quorum: u32,
    /// `two_node` is in force.
    pub two_node: bool,
    /// `wait_for_all` still holds the partition back.
    pub waiting_for_all: bool,
}

/// How bad a [`Notice`] is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Worth a line in the log.
    Info,
    /// Something is wrong, the group goes on.
    Warning,
    /// Something is wrong that only a person can mend.
    Error,
}

/// What an engine has to say to the administrator: a peer with another key, a blocked port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// How bad it is.
    pub severity: Severity,
    /// The peer that it is about.
    pub node: Option<NodeId>,
    /// One sentence, without a full stop, that names the peer and what is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// What a group tells its user, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A new membership begins; messages that follow belong to it.
    View(View),
    /// A message, in the same order on all members of the view, the sender included.
    Deliver {
        /// The view in which it was ordered.
        view: ViewId,
        /// Who submitted it.
        from: NodeId,
        /// The ticket that `submit` returned on the sender; `None` on the others.
        ticket: Option<Ticket>,
        /// The message.
        message: Vec<u8>,
    },
    /// A message for this node alone, unordered with respect to `Deliver`. It was sent in the
    /// current view; those still on their way when a view ends may be lost.
    Direct {
        /// Who sent it.
        from: NodeId,
        /// The message.
        message: Vec<u8>,
    },
    /// Votes changed; follows each `View`.
    Quorum(QuorumInfo),
    /// For the log; nothing about the membership changed.
    Notice(Notice),
    /// These submitted messages were not delivered before the view ended: nobody knows whether
    /// other members saw them. The submitter decides, by asking the new view.
    Uncertain(Vec<Ticket>),
}

/// Why a message was not taken. Nothing was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError {
    /// Too much is queued; try again later.
    #[error("the group is busy")]
    Busy,
    /// The addressee is not in the current view.
    #[error("node {0} is not a member")]
    NotMember(NodeId),
    /// The message is larger than the engine carries.
    #[error("a message of {0} bytes is too large")]
    TooLarge(usize),
    /// The engine has stopped.
    #[error("the group is closed")]
    Closed,
}

/// Agreed broadcast among the members of a view.
pub trait Group: Send {
    /// Waits for the next event; `None` after the engine has stopped.
    ///
    /// Cancel safe: an event is not lost where the future is dropped before it is ready.
    fn next(&mut self) -> impl Future<Output = Option<Event>> + Send;

    /// Submits a message for agreed delivery on all members, this node included.
    ///
    /// Its ticket comes back exactly once, in `Deliver` or in `Uncertain`. A message submitted
    /// while the membership changes is delivered in the view that follows.
    ///
    /// # Errors
    /// [`SendError`]; nothing was sent.
    fn submit(&mut self, message: Vec<u8>) -> Result<Ticket, SendError>;

    /// Sends a message to one member (this node allowed), in order between the two nodes.
    ///
    /// # Errors
    /// [`SendError`]; nothing was sent.
    fn send_to(&mut self, node: NodeId, message: Vec<u8>) -> Result<(), SendError>;

    /// Returns this node's number.
    fn local(&self) -> NodeId;

    /// Says goodbye and stops.
    fn leave(self) -> impl Future<Output = ()> + Send;
}
