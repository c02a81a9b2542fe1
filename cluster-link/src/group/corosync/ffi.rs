//! corosync's client libraries, found at run time.
//!
//! Signatures and layouts are those of corosync 2 and 3; nothing is needed at build time.
//!
//! **Source:** corosync `include/corosync/{cpg,votequorum,cmap,corotypes}.h`.

#![expect(unsafe_code, reason = "symbols of C libraries are looked up here")]

use std::ffi::{c_char, c_int, c_void};

use super::CorosyncError;

/// Success.
pub(super) const CS_OK: c_int = 1;
/// The daemon's queue is full, or a membership is being formed.
pub(super) const CS_ERR_TRY_AGAIN: c_int = 6;
/// Deliver all that is there, then return.
pub(super) const CS_DISPATCH_ALL: u32 = 2;

/// Handle of a connection.
pub(super) type Handle = u64;

/// `struct cpg_name`
#[repr(C)]
pub(super) struct CpgName {
    pub(super) length: u32,
    pub(super) value: [c_char; 128],
}

/// `struct cpg_address`
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct CpgAddress {
    pub(super) nodeid: u32,
    pub(super) pid: u32,
    pub(super) reason: u32,
}

/// `struct cpg_ring_id`
#[repr(C)]
pub(super) struct CpgRingId {
    pub(super) nodeid: u32,
    pub(super) seq: u64,
}

pub(super) type CpgDeliver = extern "C" fn(Handle, *const CpgName, u32, u32, *mut c_void, usize);
pub(super) type CpgConfchg = extern "C" fn(
    Handle,
    *const CpgName,
    *const CpgAddress,
    usize,
    *const CpgAddress,
    usize,
    *const CpgAddress,
    usize,
);
pub(super) type CpgTotem = extern "C" fn(Handle, CpgRingId, u32, *const u32);

/// `cpg_model_v1_data_t`
#[repr(C)]
pub(super) struct CpgModelV1 {
    pub(super) model: c_int,
    pub(super) deliver: CpgDeliver,
    pub(super) confchg: CpgConfchg,
    pub(super) totem: CpgTotem,
    pub(super) flags: u32,
}

/// `struct iovec`
#[repr(C)]
pub(super) struct IoVec {
    pub(super) base: *const c_void,
    pub(super) len: usize,
}

/// `struct votequorum_info`
#[repr(C)]
pub(super) struct VoteQuorumInfo {
    pub(super) node_id: u32,
    pub(super) node_state: u32,
    pub(super) node_votes: u32,
    pub(super) node_expected_votes: u32,
    pub(super) highest_expected: u32,
    pub(super) total_votes: u32,
    pub(super) quorum: u32,
    pub(super) flags: u32,
    pub(super) qdevice_votes: u32,
    pub(super) qdevice_name: [u8; 256],
}

pub(super) type VoteQuorumNotify = extern "C" fn(Handle, u64, u32, u32, *const c_void);

/// `votequorum_callbacks_t`; only the first is used.
#[repr(C)]
pub(super) struct VoteQuorumCallbacks {
    pub(super) quorum: Option<VoteQuorumNotify>,
    pub(super) expected_votes: Option<extern "C" fn(Handle, u64, u32)>,
    pub(super) nodelist: Option<VoteQuorumNotify>,
}

/// Declares a library: its functions are looked up once, and it stays loaded as long as they live.
macro_rules! library {
    ($(#[$doc:meta])* $name:ident, $file:literal, { $($symbol:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        pub(super) struct $name {
            $(pub(super) $symbol: $type,)*
            _library: libloading::Library,
        }

        impl $name {
            /// Loads the library.
            pub(super) fn load() -> Result<Self, CorosyncError> {
                let missing = |error: libloading::Error| CorosyncError::Missing {
                    library: $file,
                    reason: error.to_string(),
                };
                // SAFETY: corosync's libraries run no code of consequence when they are loaded.
                let library = unsafe { libloading::Library::new($file) }.map_err(missing)?;
                $(
                    // SAFETY: the type is the function's in the headers of this soname, and
                    // the library is kept for as long as the pointer.
                    let $symbol = *unsafe {
                        library.get::<$type>(concat!(stringify!($symbol), "\0").as_bytes())
                    }
                    .map_err(missing)?;
                )*
                Ok(Self { $($symbol,)* _library: library })
            }
        }
    };
}

library!(
    /// libcpg
    #[expect(clippy::struct_field_names, reason = "the names are the symbols")]
    Cpg, "libcpg.so.4", {
    cpg_model_initialize:
        unsafe extern "C" fn(*mut Handle, u32, *mut CpgModelV1, *mut c_void) -> c_int,
    cpg_finalize: unsafe extern "C" fn(Handle) -> c_int,
    cpg_fd_get: unsafe extern "C" fn(Handle, *mut c_int) -> c_int,
    cpg_dispatch: unsafe extern "C" fn(Handle, u32) -> c_int,
    cpg_context_get: unsafe extern "C" fn(Handle, *mut *mut c_void) -> c_int,
    cpg_join: unsafe extern "C" fn(Handle, *const CpgName) -> c_int,
    cpg_leave: unsafe extern "C" fn(Handle, *const CpgName) -> c_int,
    cpg_mcast_joined: unsafe extern "C" fn(Handle, u32, *const IoVec, u32) -> c_int,
    cpg_local_get: unsafe extern "C" fn(Handle, *mut u32) -> c_int,
});

library!(
    /// libvotequorum
    VoteQuorum, "libvotequorum.so.8", {
    votequorum_initialize:
        unsafe extern "C" fn(*mut Handle, *mut VoteQuorumCallbacks) -> c_int,
    votequorum_finalize: unsafe extern "C" fn(Handle) -> c_int,
    votequorum_fd_get: unsafe extern "C" fn(Handle, *mut c_int) -> c_int,
    votequorum_dispatch: unsafe extern "C" fn(Handle, u32) -> c_int,
    votequorum_trackstart: unsafe extern "C" fn(Handle, u64, u32) -> c_int,
    votequorum_getinfo: unsafe extern "C" fn(Handle, u32, *mut VoteQuorumInfo) -> c_int,
});

library!(
    /// libcmap
    #[expect(clippy::struct_field_names, reason = "the names are the symbols")]
    Cmap, "libcmap.so.4", {
    cmap_initialize: unsafe extern "C" fn(*mut Handle) -> c_int,
    cmap_finalize: unsafe extern "C" fn(Handle) -> c_int,
    cmap_get: unsafe extern "C" fn(
        Handle, *const c_char, *mut c_void, *mut usize, *mut c_int,
    ) -> c_int,
});
