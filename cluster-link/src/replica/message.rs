//! Messages that all members get in one order.
//!
//! **Shape:** one JSON value; unknown members are ignored and missing ones have defaults, so a
//! newer daemon may add to a message while an older one is still in the cluster.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::request::Request;
use super::version::CibVersion;
use super::view_key::ViewKey;
use crate::group::NodeId;

/// What all members get in one order.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ordered {
    /// A member's state at the start of a view.
    State(MemberState),
    /// The CIB that all members of the view take over.
    Replace(Replacement),
    /// The elected DC takes office.
    Dc {
        /// The view it is elected in.
        view: ViewKey,
        /// The DC.
        node: NodeId,
    },
    /// A request to the CIB.
    Request(Request),
}

/// What a member tells of itself when a view begins.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MemberState {
    /// The view that began.
    pub view: ViewKey,
    /// The member.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// The run of its daemon.
    pub incarnation: u64,
    /// Version of its CIB.
    pub version: CibVersion,
    /// Replication digest of its CIB.
    pub digest: String,
    /// Digest of its configuration alone.
    pub config_digest: String,
    /// It has not been in a view with a DC since its daemon started.
    pub fresh: bool,
    /// What it knows of itself is not in its CIB: that was replaced, or its daemon has just started.
    pub unconfirmed: bool,
    /// Its feature set (`3.20.5`).
    pub feature_set: String,
    /// ms since its daemon started.
    pub uptime_ms: u64,
    /// How many actions it runs at once.
    pub job_limit: u32,
    /// ms since it became DC; 0 where it is not.
    pub tenure_ms: u64,
    /// It is leaving and must not become DC while others can.
    pub leaving: bool,
    /// Which requests are in its CIB.
    pub applied: AppliedTable,
}

/// The winner's CIB.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Replacement {
    /// The view.
    pub view: ViewKey,
    /// The whole CIB as XML text.
    pub cib: String,
    /// Configuration versions that led to it, oldest first.
    pub lineage: Vec<Generation>,
}

/// One version of the configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Generation {
    /// `admin_epoch`.
    pub admin_epoch: u64,
    /// `epoch`.
    pub epoch: u64,
    /// Digest of the configuration.
    pub digest: String,
}

/// Which requests a CIB contains: for each node the last one, and recent refusals.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppliedTable(pub BTreeMap<NodeId, AppliedRequests>);

/// One node's part of an [`AppliedTable`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AppliedRequests {
    /// The run of the node's daemon.
    pub incarnation: u64,
    /// Number of its last executed request.
    pub last_seq: u64,
    /// Its recent requests that were refused, with the reason.
    pub refused: Vec<(u64, super::apply::ApplyError)>,
}

/// Why bytes are not a message.
#[derive(Debug, thiserror::Error)]
#[error("malformed message: {0}")]
pub struct MessageError(#[from] serde_json::Error);

/// Writes a message.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    serde_json::to_vec(message).expect("messages hold only maps with string or number keys")
}

/// Reads a message.
///
/// # Errors
/// [`MessageError`] where the bytes are not such a message.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, MessageError> {
    Ok(serde_json::from_slice(bytes)?)
}
