//! What the administrator is told of sessions that do not come about, and not too often.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::session::{SessionError, VERSION};
use crate::group::link::wire::WireError;
use crate::group::{NodeId, Notice, Severity};

/// The same about the same peer is said once in this time, ms.
const REPEAT_MS: u64 = 60_000;

/// Remembers what was said.
#[derive(Debug, Default)]
pub(super) struct Reporter {
    said: BTreeMap<(Option<NodeId>, String), u64>,
}

impl Reporter {
    /// Returns the notice where it was not given lately.
    pub(super) fn once(&mut self, now: u64, notice: Notice) -> Option<Notice> {
        self.said.retain(|_, at| now < *at + REPEAT_MS);
        let key = (notice.node, notice.message.clone());
        if self.said.contains_key(&key) {
            return None;
        }
        self.said.insert(key, now);
        Some(notice)
    }
}

/// How a peer is called: `node 2 (n2, 10.0.0.2:5405)`.
pub(super) fn peer(node: NodeId, name: &str, address: SocketAddr) -> String {
    format!("node {node} ({name}, {address})")
}

/// Says why there is no session with a peer; `None` where that is no news (it is not up, or is
/// starting).
pub(super) fn no_session(
    node: Option<NodeId>,
    who: &str,
    cluster: &str,
    error: &SessionError,
) -> Option<Notice> {
    let (message, remedy) = match error {
        SessionError::Io(_) => return None,
        SessionError::Foreign => (
            format!("{who}: what answers there is not a cluster-link node"),
            "check the address and port in corosync.conf".to_owned(),
        ),
        SessionError::Key => (
            format!("{who} has another authkey: no session"),
            "copy /etc/corosync/authkey of a working node to it, mode 0400, and restart its daemon"
                .to_owned(),
        ),
        SessionError::Cluster(name) if name.is_empty() => (
            format!("{who} belongs to another cluster than `{cluster}`: no session"),
            "make cluster_name equal in both corosync.conf".to_owned(),
        ),
        SessionError::Cluster(name) => (
            format!("{who} belongs to the cluster `{name}`, this node to `{cluster}`: no session"),
            "make cluster_name equal in both corosync.conf".to_owned(),
        ),
        SessionError::Version(_) => (
            format!("{who} speaks another version of the protocol than {VERSION}: no session"),
            "upgrade the older node; versions may be one apart".to_owned(),
        ),
        SessionError::Unknown => (
            format!("{who} and this node do not list each other: no session"),
            "make the nodelist equal in both corosync.conf, and reload".to_owned(),
        ),
        SessionError::Declined(_) | SessionError::Protocol => (
            format!("{who}: the session failed: {error}"),
            "compare the versions of the two daemons".to_owned(),
        ),
    };
    Some(Notice { severity: Severity::Error, node, message, remedy: Some(remedy) })
}

/// Datagrams do not arrive although the session works.
pub(super) fn no_datagrams(node: NodeId, who: &str, port: u16) -> Notice {
    Notice {
        severity: Severity::Warning,
        node: Some(node),
        message: format!("{who}: heartbeats by UDP do not arrive, only those by TCP do"),
        remedy: Some(format!("let UDP port {port} through between the nodes")),
    }
}

/// The peer sent what is no message.
pub(super) fn broken(node: NodeId, who: &str, error: &WireError) -> Notice {
    Notice {
        severity: Severity::Error,
        node: Some(node),
        message: format!("{who}: {error}: the session is reset"),
        remedy: Some("compare the versions of the two daemons".to_owned()),
    }
}

/// Nothing is authenticated.
pub(super) fn no_authkey() -> Notice {
    Notice {
        severity: Severity::Warning,
        node: None,
        message: "there is no authkey: anybody on the network can take part".to_owned(),
        remedy: Some("make one with corosync-keygen, and copy it to all nodes".to_owned()),
    }
}

/// The epoch cannot be written.
pub(super) fn no_epoch(error: &std::io::Error) -> Notice {
    Notice {
        severity: Severity::Error,
        node: None,
        message: format!("the membership epoch cannot be written: {error}"),
        remedy: Some("make room on the disk of the state folder".to_owned()),
    }
}
