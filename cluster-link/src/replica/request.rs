//! What can be asked of the replicated CIB.
//!
//! Every member executes the same requests in the same order, so a request carries everything its
//! result depends on: also the wall-clock time and the name of the node that took it.
//!
//! **Source:** pacemaker `daemons/based/` (requests by broadcast), `daemons/attrd/` (attributes),
//! `daemons/controld/controld_join_dc.c` (history of a joining node).

use serde::{Deserialize, Serialize};

use super::view_key::ViewKey;

use crate::attrs::AttributeUpdate;
use crate::group::NodeId;

/// Names one request for ever: a node never uses a number twice in one incarnation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RequestId {
    /// The node that took the request.
    pub node: NodeId,
    /// The run of that node's daemon.
    pub incarnation: u64,
    /// Counts that run's requests, from 1, in the order in which they take effect.
    pub seq: u64,
}

/// Who asked, when and where: stamped on the CIB by configuration changes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// Name of the node that took the request.
    pub node: String,
    /// Name of the client program.
    pub client: String,
    /// Name of the user.
    pub user: String,
    /// Names of the groups that hold the user on the node that took the request: they decide what
    /// the user may do, on every member alike.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Seconds since 1970 on the node that took the request.
    pub time_s: i64,
    /// `time_s` as local text (`Sun Nov 22 09:27:33 2026`).
    pub time_text: String,
}

/// One request to the replicated CIB.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Its identity.
    pub id: RequestId,
    /// Who asked.
    pub origin: Origin,
    /// What to do.
    pub operation: Operation,
}

/// What a request does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A client's operation on the CIB.
    Cib(CibOperation),
    /// Results of a resource's actions on one node: replaces each `lrm_rsc_op` of the same id.
    History {
        /// The node where they ran.
        node: NodeId,
        /// `<lrm_resource …><lrm_rsc_op …/>…</lrm_resource>`.
        resource: String,
    },
    /// Forgets a resource's history on one node.
    Forget {
        /// The node.
        node: NodeId,
        /// The resource; `None` = all resources.
        rsc: Option<String>,
        /// The `lrm_rsc_op` id; `None` = the whole resource.
        entry: Option<String>,
    },
    /// Sets transient attributes of one node.
    Attributes {
        /// The node.
        node: NodeId,
        /// What to set, in order.
        updates: Vec<AttributeUpdate>,
    },
    /// What the DC writes about membership.
    Membership(MembershipUpdate),
    /// A member's own status after it joined: replaces what the CIB says of it.
    Confirm {
        /// The member.
        node: NodeId,
        /// Its `<lrm>` element.
        lrm: String,
        /// Its `<transient_attributes>` element, or empty.
        attributes: String,
    },
    /// Changes nothing; tells the DC to answer `ticket` of the sending node as soon as it is idle.
    WaitIdle {
        /// Given back in the answer.
        ticket: u64,
    },
}

/// A client's operation on the CIB, as `cibadmin` knows them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CibOperation {
    /// `create`, `modify`, `delete`, `replace`, `patch`, `bump`, `erase`, `upgrade`.
    pub op: CibOp,
    /// Section name (`resources`) or XPath where `xpath` is set; `None` = the whole CIB.
    pub section: Option<String>,
    /// True where `section` is an XPath.
    pub xpath: bool,
    /// The element or patch, as XML text; `delete` by XPath without it removes what is selected.
    pub xml: String,
    /// `modify` creates what is missing.
    pub can_create: bool,
    /// All that the XPath selects counts; only the first otherwise.
    pub multiple: bool,
    /// Refuse unless the CIB's configuration still has this version: `admin_epoch.epoch`.
    pub expect: Option<(u64, u64)>,
}

/// Kind of a client's operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CibOp {
    /// Adds an element that must not exist.
    Create,
    /// Merges an element into the CIB.
    #[default]
    Modify,
    /// Removes an element.
    Delete,
    /// Replaces a section or the whole CIB.
    Replace,
    /// Applies a patchset (`<diff format="2">`).
    Patch,
    /// Raises epoch and num_updates.
    Bump,
    /// Empties the configuration.
    Erase,
    /// Raises the schema.
    Upgrade,
}

/// What the DC writes about the members of a view.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MembershipUpdate {
    /// The view that it is about; in any other it does nothing.
    pub view: ViewKey,
    /// New states of nodes.
    pub nodes: Vec<NodeStateUpdate>,
    /// Attributes of `<cib>`: `have-quorum`, `dc-uuid`.
    pub cib: Vec<(String, String)>,
    /// Cluster properties to be kept at these values (`dc-version` …).
    pub properties: Vec<(String, String)>,
    /// Nodes that have a place in the configuration and were not seen yet: number and name.
    pub configured: Vec<(NodeId, String)>,
}

/// What the DC writes about one node.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeStateUpdate {
    /// The node.
    pub node: NodeId,
    /// Its name.
    pub uname: String,
    /// Attributes of `<node_state>` to set.
    pub set: Vec<(String, String)>,
    /// Forget transient attributes: the node is gone.
    pub erase_attributes: bool,
    /// Forget the history: the node starts anew.
    pub erase_history: bool,
    /// Make sure that the configuration has a `<node>` entry.
    pub ensure_node: bool,
}
