//! The cluster's secret: corosync's authkey file.
//!
//! **Source:** corosync `exec/totemconfig.c` `read_keyfile()`, `tools/corosync-keygen.c`.
//! **Differs:** a file that others may read is refused, not used.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Shortest key, bytes (corosync's minimum).
pub const KEY_LEN_MIN: usize = 128;
/// Longest key, bytes.
pub const KEY_LEN_MAX: usize = 4096;
/// Length of a key that [`generate`] makes, bytes.
pub const KEY_LEN_DEFAULT: usize = 256;

/// Why there is no key. No file was changed.
#[derive(Debug, thiserror::Error)]
pub enum AuthkeyError {
    /// The system refused.
    #[error("cannot {action} the authkey {path}: {source}")]
    File {
        /// `read`, `create` …
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Its words.
        source: std::io::Error,
    },
    /// Others may read or write it.
    #[error("the authkey {path} has mode {mode:04o}: others must not read it (chmod 0400)")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It belongs to somebody who is neither root nor the daemon's user.
    #[error("the authkey {path} belongs to user {owner}: it must be root's (chown root)")]
    Owner {
        /// The file.
        path: PathBuf,
        /// Number of the user.
        owner: u32,
    },
    /// It is no key.
    #[error("the authkey {path} has {len} bytes: {KEY_LEN_MIN} to {KEY_LEN_MAX} are needed")]
    Length {
        /// The file.
        path: PathBuf,
        /// Its length, bytes.
        len: u64,
    },
    /// It exists already; all nodes of a running cluster may be using it.
    #[error("the authkey {0} exists already: remove it first, if no node uses it")]
    Exists(PathBuf),
    /// The system gives no random numbers.
    #[error("no random numbers for the authkey: {0}")]
    Random(String),
}

/// Reads a key.
///
/// # Errors
/// [`AuthkeyError`].
pub fn read(path: &Path) -> Result<Vec<u8>, AuthkeyError> {
    let failed = |source| AuthkeyError::File { action: "read", path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    // Of the open file, so that nobody can exchange it in between.
    let metadata = file.metadata().map_err(failed)?;
    if metadata.mode() & 0o077 != 0 {
        return Err(AuthkeyError::Open { path: path.to_owned(), mode: metadata.mode() & 0o7777 });
    }
    let owner = metadata.uid();
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return Err(AuthkeyError::Owner { path: path.to_owned(), owner });
    }
    let mut key = Vec::new();
    let limit = u64::try_from(KEY_LEN_MAX).unwrap_or(u64::MAX) + 1;
    file.take(limit).read_to_end(&mut key).map_err(failed)?;
    if (KEY_LEN_MIN..=KEY_LEN_MAX).contains(&key.len()) {
        Ok(key)
    } else {
        Err(AuthkeyError::Length { path: path.to_owned(), len: metadata.len() })
    }
}

/// Makes a new key of [`KEY_LEN_DEFAULT`] bytes, readable by its owner alone (mode 0400).
///
/// # Errors
/// [`AuthkeyError::Exists`] where there is one; [`AuthkeyError::File`], [`AuthkeyError::Random`].
pub fn generate(path: &Path) -> Result<(), AuthkeyError> {
    let mut key = vec![0; KEY_LEN_DEFAULT];
    getrandom::fill(&mut key).map_err(|error| AuthkeyError::Random(error.to_string()))?;
    let mut options = File::options();
    let made = options.write(true).create_new(true).mode(0o400).open(path);
    let mut file = made.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => AuthkeyError::Exists(path.to_owned()),
        _ => AuthkeyError::File { action: "create", path: path.to_owned(), source },
    })?;
    file.write_all(&key).and_then(|()| file.sync_all()).map_err(|source| {
        // A key that is cut short must not be used.
        let _ = std::fs::remove_file(path);
        AuthkeyError::File { action: "write", path: path.to_owned(), source }
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_generated_key_is_read_back_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("authkey");
        generate(&path).unwrap();
        let key = read(&path).unwrap();
        assert_eq!(key.len(), KEY_LEN_DEFAULT);
        assert_ne!(key, vec![0; KEY_LEN_DEFAULT]);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o400);
        assert!(matches!(generate(&path), Err(AuthkeyError::Exists(_))));
        assert_eq!(read(&path).unwrap(), key);
    }

    #[test]
    fn keys_that_others_may_read_or_that_are_no_keys_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("authkey");
        assert!(read(&path).unwrap_err().to_string().contains("cannot read the authkey"));
        std::fs::write(&path, vec![7; 200]).unwrap();
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
        mode(0o440).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("has mode 0440"));
        mode(0o600).unwrap();
        assert_eq!(read(&path).unwrap().len(), 200);
        for len in [0, 127, 4097] {
            std::fs::write(&path, vec![7; len]).unwrap();
            assert!(matches!(read(&path), Err(AuthkeyError::Length { .. })), "{len}");
        }
    }
}
