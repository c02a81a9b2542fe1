//! One connection to corosync's process groups.

#![expect(unsafe_code, reason = "calls libcpg, and is called by it")]

use std::ffi::{c_char, c_int, c_void};
use std::os::fd::RawFd;
use std::sync::{Mutex, OnceLock};

use super::super::{LeaveReason, NodeId};
use super::CorosyncError;
use super::ffi::{
    self, CS_DISPATCH_ALL, CS_ERR_TRY_AGAIN, CS_OK, CpgAddress, CpgModelV1, CpgName, CpgRingId,
    Handle, IoVec,
};

/// Model with ring ids (`CPG_MODEL_V1`).
const MODEL_V1: u32 = 1;
/// Tell the current ring at once (`CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF`).
const INITIAL_RING: u32 = 1;
/// Same order everywhere (`CPG_TYPE_AGREED`).
const AGREED: u32 = 2;
/// `CPG_REASON_LEAVE`
const REASON_LEAVE: u32 = 2;

/// What corosync tells, in its order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum CpgEvent {
    Ring {
        seq: u64,
    },
    Configuration {
        members: Vec<(NodeId, u32)>,
        left: Vec<(NodeId, LeaveReason)>,
        joined: Vec<NodeId>,
    },
    Message {
        from: NodeId,
        bytes: Vec<u8>,
    },
}

/// Where the callbacks put events; its address is the connection's context.
type Inbox = Mutex<Vec<CpgEvent>>;

/// A member of one process group.
pub(super) struct Connection {
    library: &'static ffi::Cpg,
    handle: Handle,
    inbox: Box<Inbox>,
    group: CpgName,
}

/// The library, once it has been found. It is never unloaded: its callbacks may come at any time.
static LIBRARY: OnceLock<ffi::Cpg> = OnceLock::new();

fn library() -> Result<&'static ffi::Cpg, CorosyncError> {
    if let Some(library) = LIBRARY.get() {
        return Ok(library);
    }
    let loaded = ffi::Cpg::load()?;
    Ok(LIBRARY.get_or_init(|| loaded))
}

impl Connection {
    /// Connects to the daemon and joins a group.
    pub(super) fn join(name: &str) -> Result<Self, CorosyncError> {
        let library = library()?;
        let inbox: Box<Inbox> = Box::default();
        let context = std::ptr::from_ref::<Inbox>(&inbox).cast_mut().cast::<c_void>();
        let mut model = CpgModelV1 {
            model: 1,
            deliver: on_deliver,
            confchg: on_confchg,
            totem: on_totem,
            flags: INITIAL_RING,
        };
        let mut handle = 0;
        // SAFETY: both pointers are valid for the call; `context` lives as long as the connection,
        // because `inbox` is dropped after `cpg_finalize`.
        let code = unsafe {
            (library.cpg_model_initialize)(&raw mut handle, MODEL_V1, &raw mut model, context)
        };
        CorosyncError::check("cpg_model_initialize", code)?;
        let connection = Self { library, handle, inbox, group: group_name(name) };
        // SAFETY: the handle is open and the name is valid for the call.
        let code = unsafe { (library.cpg_join)(handle, &raw const connection.group) };
        CorosyncError::check("cpg_join", code)?;
        Ok(connection)
    }

    /// Number of this node.
    pub(super) fn local(&self) -> Result<NodeId, CorosyncError> {
        let mut node = 0;
        // SAFETY: the handle is open and the pointer is valid for the call.
        let code = unsafe { (self.library.cpg_local_get)(self.handle, &raw mut node) };
        CorosyncError::check("cpg_local_get", code).map(|()| node)
    }

    /// Descriptor that is readable when there is something to dispatch. Owned by the connection.
    pub(super) fn fd(&self) -> Result<RawFd, CorosyncError> {
        let mut fd = -1;
        // SAFETY: the handle is open and the pointer is valid for the call.
        let code = unsafe { (self.library.cpg_fd_get)(self.handle, &raw mut fd) };
        CorosyncError::check("cpg_fd_get", code).map(|()| fd)
    }

    /// Takes all events that are there.
    pub(super) fn dispatch(&mut self) -> Result<Vec<CpgEvent>, CorosyncError> {
        // SAFETY: the handle is open; the callbacks only touch the inbox.
        let code = unsafe { (self.library.cpg_dispatch)(self.handle, CS_DISPATCH_ALL) };
        if code != CS_ERR_TRY_AGAIN {
            CorosyncError::check("cpg_dispatch", code)?;
        }
        Ok(match self.inbox.get_mut() {
            Ok(events) => std::mem::take(events),
            Err(poisoned) => std::mem::take(poisoned.into_inner()),
        })
    }

    /// Sends to the group; `false` where it must be tried again later.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<bool, CorosyncError> {
        let part = IoVec { base: bytes.as_ptr().cast(), len: bytes.len() };
        // SAFETY: the handle is open, and the bytes are valid for the call, which copies them.
        let code =
            unsafe { (self.library.cpg_mcast_joined)(self.handle, AGREED, &raw const part, 1) };
        if code == CS_ERR_TRY_AGAIN {
            return Ok(false);
        }
        CorosyncError::check("cpg_mcast_joined", code).map(|()| true)
    }

    /// Says goodbye to the group.
    pub(super) fn leave(&mut self) {
        // SAFETY: the handle is open and the name is valid for the call. Where it fails the daemon
        // is gone, which is as good.
        let _ = unsafe { (self.library.cpg_leave)(self.handle, &raw const self.group) };
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: the handle is open and never used again; no callback comes after this.
        let _ = unsafe { (self.library.cpg_finalize)(self.handle) };
    }
}

fn group_name(name: &str) -> CpgName {
    let mut group = CpgName { length: 0, value: [0; 128] };
    for (place, byte) in group.value.iter_mut().zip(name.bytes().take(127)) {
        *place = c_char::from_ne_bytes([byte]);
        group.length += 1;
    }
    group
}

/// Puts an event into the inbox of the connection that a callback is for.
fn deposit(handle: Handle, event: CpgEvent) {
    let Some(library) = LIBRARY.get() else { return };
    let mut context: *mut c_void = std::ptr::null_mut();
    // SAFETY: libcpg calls back with an open handle; the pointer is valid for the call.
    let code: c_int = unsafe { (library.cpg_context_get)(handle, &raw mut context) };
    if code != CS_OK || context.is_null() {
        return;
    }
    // SAFETY: the context is the inbox that `Connection::join` gave, which outlives the handle.
    let inbox = unsafe { &*context.cast::<Inbox>() };
    match inbox.lock() {
        Ok(mut events) => events.push(event),
        Err(poisoned) => poisoned.into_inner().push(event),
    }
}

/// Copies a C array; empty where the pointer is null.
///
/// # Safety
/// `first` points at `count` valid values, or is null.
unsafe fn copy<T: Copy>(first: *const T, count: usize) -> Vec<T> {
    if first.is_null() || count == 0 {
        return Vec::new();
    }
    // SAFETY: promised by the caller.
    unsafe { std::slice::from_raw_parts(first, count) }.to_vec()
}

extern "C" fn on_deliver(
    handle: Handle,
    _group: *const CpgName,
    from: u32,
    _pid: u32,
    message: *mut c_void,
    len: usize,
) {
    // SAFETY: libcpg gives a message of `len` bytes for the time of the call.
    let bytes = unsafe { copy(message.cast_const().cast::<u8>(), len) };
    deposit(handle, CpgEvent::Message { from, bytes });
}

extern "C" fn on_confchg(
    handle: Handle,
    _group: *const CpgName,
    members: *const CpgAddress,
    member_count: usize,
    left: *const CpgAddress,
    left_count: usize,
    joined: *const CpgAddress,
    joined_count: usize,
) {
    // SAFETY: libcpg gives three arrays of these lengths for the time of the call.
    let (members, left, joined) = unsafe {
        (copy(members, member_count), copy(left, left_count), copy(joined, joined_count))
    };
    let reason = |reason| {
        if reason == REASON_LEAVE { LeaveReason::Left } else { LeaveReason::Lost }
    };
    deposit(
        handle,
        CpgEvent::Configuration {
            members: members.iter().map(|member| (member.nodeid, member.pid)).collect(),
            left: left.iter().map(|member| (member.nodeid, reason(member.reason))).collect(),
            joined: joined.iter().map(|member| member.nodeid).collect(),
        },
    );
}

extern "C" fn on_totem(handle: Handle, ring: CpgRingId, _count: u32, _members: *const u32) {
    deposit(handle, CpgEvent::Ring { seq: ring.seq });
}
