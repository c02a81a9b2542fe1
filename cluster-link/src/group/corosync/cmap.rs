//! corosync's configuration, as the running daemon has it.

#![expect(unsafe_code, reason = "calls libcmap")]

use std::ffi::{CString, c_void};

use super::CorosyncError;
use super::ffi::{self, CS_OK, Handle};

/// Longest value that is read, bytes.
const VALUE_MAX: usize = 4096;

/// A connection to the store of keys.
pub struct Cmap {
    library: ffi::Cmap,
    handle: Handle,
}

impl std::fmt::Debug for Cmap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cmap").finish_non_exhaustive()
    }
}

impl Cmap {
    /// Connects to the daemon.
    ///
    /// # Errors
    /// [`CorosyncError`] where the library is missing or the daemon does not run.
    pub fn open() -> Result<Self, CorosyncError> {
        let library = ffi::Cmap::load()?;
        let mut handle = 0;
        // SAFETY: the pointer is valid for the call.
        let code = unsafe { (library.cmap_initialize)(&raw mut handle) };
        CorosyncError::check("cmap_initialize", code)?;
        Ok(Self { library, handle })
    }

    /// Returns a text; `None` where there is no such key.
    pub fn text(&self, key: &str) -> Option<String> {
        let mut value = self.value(key)?;
        while value.last() == Some(&0) {
            value.pop();
        }
        String::from_utf8(value).ok()
    }

    /// Returns a number of 32 bits; `None` where there is no such key, or it is something else.
    pub fn number(&self, key: &str) -> Option<u32> {
        self.value(key)?.try_into().ok().map(u32::from_ne_bytes)
    }

    /// Returns the name of this node where corosync.conf gives it one.
    pub fn local_name(&self) -> Option<String> {
        let position = self.number("nodelist.local_node_pos")?;
        self.text(&format!("nodelist.node.{position}.name"))
    }

    fn value(&self, key: &str) -> Option<Vec<u8>> {
        let key = CString::new(key).ok()?;
        let mut value = vec![0_u8; VALUE_MAX];
        let mut len = value.len();
        let mut kind = 0;
        // SAFETY: the handle is open; `len` says how much room there is for the value.
        let code = unsafe {
            (self.library.cmap_get)(
                self.handle,
                key.as_ptr(),
                value.as_mut_ptr().cast::<c_void>(),
                &raw mut len,
                &raw mut kind,
            )
        };
        value.truncate(len);
        (code == CS_OK).then_some(value)
    }
}

impl Drop for Cmap {
    fn drop(&mut self) {
        // SAFETY: the handle is open and never used again.
        let _ = unsafe { (self.library.cmap_finalize)(self.handle) };
    }
}
