//! The engine over a real corosync: what production clusters of several machines run on.
//!
//! corosync's libraries are found at run time; where they or the daemon are missing, connecting fails with
//! a message that says so.
//!
//! Reading order: `frame` (what is sent), `membership` (views, a sans-IO core), `ffi` (the libraries),
//! `cpg`, `quorum`, `cmap` (connections), and the engine below.

mod cmap;
mod cpg;
mod ffi;
mod frame;
mod membership;
mod quorum;

#[cfg(test)]
mod tests;

pub use cmap::Cmap;

use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{Event, Group, NodeId, Notice, QuorumInfo, SendError, Severity, Ticket};
use cpg::CpgEvent;
use membership::Membership;

/// Between two attempts to send where corosync is busy.
const RETRY: Duration = Duration::from_millis(20);
/// Until a member greets again where a view is not agreed on.
const FORMING: Duration = Duration::from_secs(1);

/// Why there is no connection to corosync.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CorosyncError {
    /// A library cannot be loaded.
    #[error("corosync is not installed: {library} cannot be loaded ({reason})")]
    Missing {
        /// Its file name.
        library: &'static str,
        /// The loader's words.
        reason: String,
    },
    /// Nobody answers.
    #[error("corosync is not running ({call} failed)")]
    NotRunning {
        /// The call that found it out.
        call: &'static str,
    },
    /// This user may not talk to corosync.
    #[error(
        "corosync refuses this user: run as root, or allow the user by uidgid in corosync.conf"
    )]
    Refused,
    /// Anything else.
    #[error("{call} failed with corosync's error {code}")]
    Failed {
        /// The call.
        call: &'static str,
        /// `cs_error_t`.
        code: i32,
    },
}

impl CorosyncError {
    fn check(call: &'static str, code: i32) -> Result<(), Self> {
        match code {
            ffi::CS_OK => Ok(()),
            2 | 9 => Err(Self::NotRunning { call }),
            11 | 100 => Err(Self::Refused),
            code => Err(Self::Failed { call, code }),
        }
    }
}

/// How this node takes part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CorosyncOptions {
    /// Name of the process group, at most 127 bytes.
    pub group: String,
    /// Name of this node where corosync.conf gives it none (`uname -n`).
    pub name: String,
    /// Differs for each run of the daemon.
    pub incarnation: u64,
    /// The greatest view epoch of this node's earlier runs; 0 where there was none.
    pub epoch: u64,
}

/// A group over corosync. Lives within a tokio runtime.
pub struct CorosyncGroup {
    // Descriptors come first, so that they are no longer watched when their owner closes them.
    cpg_fd: AsyncFd<LibraryFd>,
    cpg: cpg::Connection,
    /// `None` where corosync.conf has no votequorum.
    quorum: Option<(AsyncFd<LibraryFd>, quorum::Connection)>,
    local: NodeId,
    membership: Membership,
    busy: bool,
    closed: bool,
}

impl std::fmt::Debug for CorosyncGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CorosyncGroup").field("local", &self.local).finish_non_exhaustive()
    }
}

impl CorosyncGroup {
    /// Connects to the local corosync and joins the group.
    ///
    /// # Errors
    /// [`CorosyncError`]; nothing was joined.
    pub fn connect(options: CorosyncOptions) -> Result<Self, CorosyncError> {
        let cpg = cpg::Connection::join(&options.group)?;
        let local = cpg.local()?;
        let cpg_fd = watch(cpg.fd()?)?;
        let quorum = match quorum::Connection::open() {
            Ok(connection) => {
                let fd = watch(connection.fd()?)?;
                Some((fd, connection))
            }
            Err(error @ (CorosyncError::Missing { .. } | CorosyncError::Refused)) => {
                return Err(error);
            }
            // corosync.conf names no quorum provider.
            Err(_) => None,
        };
        let name = Cmap::open().ok().and_then(|cmap| cmap.local_name()).unwrap_or(options.name);
        let membership = Membership::new(local, name, options.incarnation, options.epoch);
        Ok(Self { cpg, cpg_fd, quorum, local, membership, busy: false, closed: false })
    }

    fn take_events(&mut self) -> Result<(), CorosyncError> {
        for event in self.cpg.dispatch()? {
            match event {
                CpgEvent::Ring { seq } => self.membership.handle_ring(seq),
                CpgEvent::Configuration { members, left, joined } => {
                    self.membership.handle_configuration(&members, &left, &joined);
                }
                CpgEvent::Message { from, bytes } => self.membership.handle_frame(from, &bytes),
            }
        }
        Ok(())
    }

    fn take_votes(&mut self) -> Result<(), CorosyncError> {
        let info = match &mut self.quorum {
            Some((_, connection)) => {
                connection.dispatch()?;
                connection.info(self.local)?
            }
            None => QuorumInfo { quorate: true, ..QuorumInfo::default() },
        };
        self.membership.handle_quorum(info);
        Ok(())
    }

    /// Sends what waits, for as long as corosync takes it.
    fn flush(&mut self) -> Result<(), CorosyncError> {
        self.busy = false;
        while let Some(frame) = self.membership.frame_to_send() {
            if !self.cpg.send(&frame)? {
                self.busy = true;
                break;
            }
            self.membership.frame_sent();
        }
        Ok(())
    }

    /// Waits for corosync, and takes what it says.
    async fn wait(&mut self) -> Result<(), CorosyncError> {
        let pause = if self.busy { RETRY } else { FORMING };
        let wake = self.busy || self.membership.is_forming();
        let votes = async {
            match &self.quorum {
                Some((fd, _)) => readable(fd).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = readable(&self.cpg_fd) => self.take_events(),
            () = votes => self.take_votes(),
            () = tokio::time::sleep(pause), if wake => {
                if !self.busy {
                    self.membership.handle_delay();
                }
                Ok(())
            }
        }
    }

    fn close(&mut self, error: &CorosyncError) -> Event {
        self.closed = true;
        Event::Notice(Notice {
            severity: Severity::Error,
            node: None,
            message: format!("the connection to corosync is lost: {error}"),
            remedy: Some("start corosync, then this daemon".to_owned()),
        })
    }
}

impl Group for CorosyncGroup {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.membership.poll_event() {
                return Some(event);
            }
            if self.closed {
                return None;
            }
            let mut done = self.flush();
            if done.is_ok() {
                done = if self.membership.wants_quorum() {
                    self.take_votes()
                } else {
                    self.wait().await
                };
            }
            if let Err(error) = done {
                return Some(self.close(&error));
            }
        }
    }

    fn submit(&mut self, message: Vec<u8>) -> Result<Ticket, SendError> {
        if self.closed {
            return Err(SendError::Closed);
        }
        let ticket = self.membership.submit(message)?;
        // Where corosync is gone, `next` finds it out as well, and says so.
        let _ = self.flush();
        Ok(ticket)
    }

    fn send_to(&mut self, node: NodeId, message: Vec<u8>) -> Result<(), SendError> {
        if self.closed {
            return Err(SendError::Closed);
        }
        self.membership.send_to(node, message)?;
        // As in `submit`.
        let _ = self.flush();
        Ok(())
    }

    fn local(&self) -> NodeId {
        self.local
    }

    async fn leave(mut self) {
        self.cpg.leave();
    }
}

/// A descriptor that a library owns; only watched, never closed.
#[derive(Debug)]
struct LibraryFd(RawFd);

impl AsRawFd for LibraryFd {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

fn watch(fd: RawFd) -> Result<AsyncFd<LibraryFd>, CorosyncError> {
    #[expect(deprecated, reason = "the library keeps the descriptor open; its successor is unsafe")]
    let watched = AsyncFd::with_interest(LibraryFd(fd), Interest::READABLE);
    watched.map_err(|error| CorosyncError::Failed {
        call: "epoll_ctl",
        code: error.raw_os_error().unwrap_or_default(),
    })
}

/// Waits until there is something to dispatch.
async fn readable(fd: &AsyncFd<LibraryFd>) {
    if let Ok(mut ready) = fd.readable().await {
        // What arrives from here on wakes again; what is there is dispatched by the caller.
        ready.clear_ready();
    }
}
