//! One connection to corosync's votequorum.

#![expect(unsafe_code, reason = "calls libvotequorum, and is called by it")]

use std::ffi::c_void;
use std::os::fd::RawFd;

use super::super::{NodeId, QuorumInfo};
use super::CorosyncError;
use super::ffi::{
    self, CS_DISPATCH_ALL, CS_ERR_TRY_AGAIN, Handle, VoteQuorumCallbacks, VoteQuorumInfo,
};

/// `VOTEQUORUM_INFO_TWONODE`
const TWO_NODE: u32 = 1;
/// `VOTEQUORUM_INFO_QUORATE`
const QUORATE: u32 = 2;
/// `VOTEQUORUM_INFO_WAIT_FOR_ALL`
const WAIT_FOR_ALL: u32 = 4;
/// `CS_TRACK_CHANGES`
const TRACK_CHANGES: u32 = 2;

/// A connection that is woken by each change of votes.
pub(super) struct Connection {
    library: ffi::VoteQuorum,
    handle: Handle,
}

impl Connection {
    /// Connects to the daemon.
    pub(super) fn open() -> Result<Self, CorosyncError> {
        let library = ffi::VoteQuorum::load()?;
        let mut callbacks =
            VoteQuorumCallbacks { quorum: Some(on_change), expected_votes: None, nodelist: None };
        let mut handle = 0;
        // SAFETY: both pointers are valid for the call, which copies the callbacks.
        let code = unsafe { (library.votequorum_initialize)(&raw mut handle, &raw mut callbacks) };
        CorosyncError::check("votequorum_initialize", code)?;
        let connection = Self { library, handle };
        // SAFETY: the handle is open.
        let code = unsafe {
            (connection.library.votequorum_trackstart)(connection.handle, 0, TRACK_CHANGES)
        };
        CorosyncError::check("votequorum_trackstart", code)?;
        Ok(connection)
    }

    /// Descriptor that is readable when votes have changed. Owned by the connection.
    pub(super) fn fd(&self) -> Result<RawFd, CorosyncError> {
        let mut fd = -1;
        // SAFETY: the handle is open and the pointer is valid for the call.
        let code = unsafe { (self.library.votequorum_fd_get)(self.handle, &raw mut fd) };
        CorosyncError::check("votequorum_fd_get", code).map(|()| fd)
    }

    /// Takes all notifications; what they say is asked for by [`Connection::info`].
    pub(super) fn dispatch(&mut self) -> Result<(), CorosyncError> {
        // SAFETY: the handle is open; the callback does nothing.
        let code = unsafe { (self.library.votequorum_dispatch)(self.handle, CS_DISPATCH_ALL) };
        if code == CS_ERR_TRY_AGAIN {
            return Ok(());
        }
        CorosyncError::check("votequorum_dispatch", code)
    }

    /// Asks for the votes of the partition, as this node sees them.
    pub(super) fn info(&self, local: NodeId) -> Result<QuorumInfo, CorosyncError> {
        let mut info = VoteQuorumInfo {
            node_id: 0,
            node_state: 0,
            node_votes: 0,
            node_expected_votes: 0,
            highest_expected: 0,
            total_votes: 0,
            quorum: 0,
            flags: 0,
            qdevice_votes: 0,
            qdevice_name: [0; 256],
        };
        // SAFETY: the handle is open; the structure is as large as the library's.
        let code = unsafe { (self.library.votequorum_getinfo)(self.handle, local, &raw mut info) };
        CorosyncError::check("votequorum_getinfo", code)?;
        let quorate = info.flags & QUORATE != 0;
        Ok(QuorumInfo {
            quorate,
            expected: info.highest_expected,
            total: info.total_votes,
            quorum: info.quorum,
            two_node: info.flags & TWO_NODE != 0,
            // The flag only says that the option is set; it is what holds back where there are
            // votes enough.
            waiting_for_all: info.flags & WAIT_FOR_ALL != 0
                && !quorate
                && info.total_votes >= info.quorum,
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: the handle is open and never used again.
        let _ = unsafe { (self.library.votequorum_finalize)(self.handle) };
    }
}

extern "C" fn on_change(_: Handle, _: u64, _: u32, _: u32, _: *const c_void) {}
