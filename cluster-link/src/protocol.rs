//! What clients ask the daemon and what it answers: one JSON value a line on a Unix socket.
//!
//! ```text
//! > {"id":1,"client":"cibadmin","op":"query"}
//! < {"id":1,"reply":{"cib":{"xml":"<cib …/>","version":{…},"digest":"…"}}}
//! > {"id":2,"op":"apply","operation":{"op":"modify","section":"resources","xml":"…"}}
//! < {"id":2,"error":{"kind":"not_joined"}}
//! ```
//! After `subscribe`, lines without `id` follow: `{"event":{"changed":{…}}}`.

use serde::{Deserialize, Serialize};

use crate::attrs::AttributeUpdate;
use crate::group::NodeId;
use crate::replica::apply::ApplyError;
use crate::replica::request::CibOperation;
use crate::replica::version::CibVersion;

/// Longest line either side accepts, bytes.
pub const LINE_MAX: usize = 16 << 20;

/// One request line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Call {
    /// Given back with the answer.
    pub id: u64,
    /// Name of the program that asks; stamped on configuration changes.
    #[serde(default)]
    pub client: String,
    /// What is asked.
    #[serde(flatten)]
    pub request: ClientRequest,
}

/// What a client may ask.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum ClientRequest {
    /// The whole CIB.
    Query,
    /// The CIB's version and digest.
    Version,
    /// An operation on the CIB; answered when this node has executed (and saved) it.
    Apply {
        /// The operation.
        operation: CibOperation,
    },
    /// What this node knows of the cluster.
    NodeInfo,
    /// Forgets history and fail counts, so that resources are probed anew.
    Cleanup {
        /// The resource; none = all.
        #[serde(default)]
        rsc: Option<String>,
        /// The node's name; none = all.
        #[serde(default)]
        node: Option<String>,
        /// Only resources that have failed there (`crm_resource --cleanup`, not `--refresh`).
        #[serde(default)]
        only_failed: bool,
    },
    /// Sets transient attributes of a node.
    SetAttributes {
        /// The node's name; none = this node.
        #[serde(default)]
        node: Option<String>,
        /// What to set, in order.
        updates: Vec<AttributeUpdate>,
    },
    /// Stops this node cleanly; answered at once.
    Shutdown,
    /// Reads corosync.conf again and takes added nodes into the group.
    Reload,
    /// Answered when the DC has nothing to do any more.
    WaitIdle,
    /// Tells of every change of the CIB from now on.
    Subscribe,
}

/// One answer line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Answer {
    /// The request's id.
    pub id: u64,
    /// What came of it.
    #[serde(flatten)]
    pub result: AnswerResult,
}

/// What came of a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerResult {
    /// It was done.
    Reply(Reply),
    /// It was not; nothing changed.
    Error(Refusal),
}

impl From<Result<Reply, Refusal>> for AnswerResult {
    fn from(result: Result<Reply, Refusal>) -> Self {
        match result {
            Ok(reply) => AnswerResult::Reply(reply),
            Err(refusal) => AnswerResult::Error(refusal),
        }
    }
}

/// A successful answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The CIB.
    Cib {
        /// Compact XML text.
        xml: String,
        /// Its version.
        version: CibVersion,
        /// Its replication digest.
        digest: String,
    },
    /// The CIB's version.
    Version {
        /// Its version.
        version: CibVersion,
        /// Its replication digest.
        digest: String,
    },
    /// The operation was executed.
    Applied {
        /// The CIB's version now.
        version: CibVersion,
    },
    /// What the node knows.
    NodeInfo(Box<NodeInfo>),
    /// Done.
    Done,
}

/// Why a request was not done. Nothing changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
pub enum Refusal {
    /// The node has no CIB in common with the cluster yet.
    #[error("this node has not joined the cluster yet")]
    NotJoined,
    /// The CIB manager refused it.
    #[error(transparent)]
    Cib(ApplyError),
    /// No node has that name.
    #[error("no node is called {0}")]
    NoSuchNode(String),
    /// The line cannot be understood.
    #[error("malformed request: {0}")]
    Malformed(String),
    /// The user may not do this.
    #[error("permission denied: only root and members of the group haclient may do this")]
    NotPermitted,
    /// The user may talk to the daemon, but not do this.
    #[error("permission denied: only root and hacluster may do this")]
    NotPrivileged,
    /// corosync.conf cannot be taken.
    #[error("corosync.conf is not taken: {0}")]
    Conf(String),
    /// The daemon ended before it was done; for `apply` it is not known whether it will be.
    #[error("the daemon is stopping")]
    Stopping,
}

/// What one node knows of the cluster.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeInfo {
    /// The node.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// The run of its daemon.
    pub incarnation: u64,
    /// Its feature set.
    pub feature_set: String,
    /// It has the cluster's CIB.
    pub joined: bool,
    /// It is stopping.
    pub leaving: bool,
    /// The DC in office.
    pub dc: Option<NodeId>,
    /// Members of the current view: number and name.
    pub members: Vec<(NodeId, String)>,
    /// Counts memberships.
    pub view_epoch: u64,
    /// The partition may act.
    pub quorate: bool,
    /// Votes expected in the whole cluster.
    pub expected_votes: u32,
    /// Votes present.
    pub total_votes: u32,
    /// Votes needed.
    pub quorum: u32,
    /// `two_node` is in force.
    pub two_node: bool,
    /// `wait_for_all` holds the partition back.
    pub waiting_for_all: bool,
    /// The CIB's version.
    pub version: CibVersion,
    /// Its replication digest.
    pub digest: String,
    /// What needs a person (a disk that does not take the CIB, a conflict that was saved).
    pub alarms: Vec<String>,
}

/// A line after `subscribe`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// What happened.
    pub event: ClientEvent,
}

/// What subscribers are told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientEvent {
    /// The CIB changed.
    Changed {
        /// Its version now.
        version: CibVersion,
    },
}
