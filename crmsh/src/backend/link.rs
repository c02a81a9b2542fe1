//! Our own daemon, `cluster-linkd`, through its socket.

use std::path::{Path, PathBuf};

use cib_model::Cib;
use cib_model::xml::{Dialect, Layout};
use cluster_link::client::{Client, ClientError};
use cluster_link::protocol::Refusal;
use cluster_link::replica::apply::ApplyError;
use cluster_link::replica::request::{CibOp, CibOperation};

use super::{Backend, BackendError, Change, Refused};

/// Where the daemon listens by default.
const SOCKET: &str = "/run/cluster-link/socket";
/// How often a change is brought in again that others were faster than.
const TRIES: usize = 5;

/// A node's daemon.
#[derive(Clone, Debug)]
pub(super) struct LinkBackend {
    socket: PathBuf,
}

impl LinkBackend {
    /// Finds the daemon: where `CRM_SOCKET` says, or where it listens by default.
    pub(super) fn find() -> Option<LinkBackend> {
        if let Some(socket) = std::env::var_os("CRM_SOCKET").filter(|s| !s.is_empty()) {
            return Some(LinkBackend { socket: socket.into() });
        }
        let socket = Path::new(SOCKET);
        socket.exists().then(|| LinkBackend { socket: socket.to_owned() })
    }

    fn connect(&self) -> Result<Client, BackendError> {
        Client::connect(&self.socket, "crm").map_err(unreachable)
    }
}

/// Returns the socket of this node's daemon, whatever else the environment names.
pub(crate) fn daemon_socket() -> Option<PathBuf> {
    LinkBackend::find().map(|link| link.socket)
}

fn unreachable(error: ClientError) -> BackendError {
    match error {
        ClientError::Refused(
            Refusal::NotPermitted | Refusal::NotPrivileged | Refusal::Cib(ApplyError::Denied(_)),
        ) => BackendError::Refused(Refused::denied()),
        ClientError::Refused(refusal) => {
            let code = if matches!(refusal, Refusal::Cib(ApplyError::Schema(_))) { 78 } else { 1 };
            BackendError::Refused(Refused { task: "patch", code, text: refusal.to_string() })
        }
        other => BackendError::Unreachable(other.to_string()),
    }
}

impl Backend for LinkBackend {
    fn name(&self) -> &'static str {
        "live"
    }

    fn is_cluster(&self) -> bool {
        true
    }

    fn socket(&self) -> Option<&Path> {
        Some(&self.socket)
    }

    fn alarms(&self) -> Vec<String> {
        let info = Client::connect(&self.socket, "crm").and_then(|mut client| client.node_info());
        info.map_or_else(
            |_| Vec::new(),
            |info| {
                let here = |alarm| format!("node {}: {alarm}", info.name);
                info.alarms.into_iter().map(here).collect()
            },
        )
    }

    fn query(&self) -> Result<Cib, BackendError> {
        Ok(self.connect()?.query().map_err(unreachable)?.cib)
    }

    fn commit(&self, change: &Change<'_>) -> Result<(), BackendError> {
        let mut client = self.connect()?;
        let mut refused = None;
        for _ in 0..TRIES {
            let snapshot = client.query().map_err(unreachable)?;
            let current = snapshot.cib;
            let next = super::merge::onto(&current, change)?;
            let Some(mut patch) = current.diff(&next) else { return Ok(()) };
            patch.remove_versions();
            // Who may not read the versions cannot take them from the CIB.
            let version = snapshot.version;
            let operation = CibOperation {
                op: CibOp::Patch,
                xml: patch.write(Layout::Compact, Dialect::Pcmk3),
                expect: Some((version.admin_epoch, version.epoch)),
                ..CibOperation::default()
            };
            match client.apply(operation) {
                Ok(_) => return Ok(()),
                // Somebody was faster: look again, and bring the change onto what is there now.
                Err(
                    error @ ClientError::Refused(Refusal::Cib(
                        ApplyError::Changed { .. } | ApplyError::Old(_) | ApplyError::Patch(_),
                    )),
                ) => refused = Some(error),
                Err(error) => return Err(unreachable(error)),
            }
        }
        match refused {
            Some(error) => Err(unreachable(error)),
            None => Ok(()),
        }
    }
}
