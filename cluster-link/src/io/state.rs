//! The state directory: the node's lock, CIBs that lost, policy inputs. The CIB itself is `disk`'s.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use cib_model::xml::{Dialect, Layout, Tree, write};
use rustix::fs::{FlockOperation, flock};

use crate::controller::Started;

/// CIBs that lost and are kept.
const CONFLICTS_MAX: u32 = 20;
/// The ledger of resources that run.
const STARTED: &str = "started.json";
/// Policy inputs that are kept.
const INPUTS_MAX: u32 = 400;

/// Why the state directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file cannot be read or written.
    #[error(
        "cannot {what} {path}: {source} (the node keeps its state there: make room, check the \
         permissions, or give another --state-dir)"
    )]
    File {
        /// `read`, `write`, `create`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another daemon of this node runs.
    #[error(
        "a daemon for this node runs already (process {pid}, lock {path}): stop it first, or give \
         this one another --state-dir"
    )]
    Locked {
        /// Its process id.
        pid: String,
        /// The lock file.
        path: PathBuf,
    },
}

/// The state directory, locked for one daemon.
#[derive(Debug)]
pub struct StateDir {
    dir: PathBuf,
    /// Holds the lock until the daemon ends.
    _lock: File,
}

impl StateDir {
    /// Makes the directory where it is missing and locks it.
    ///
    /// # Errors
    /// [`StateError::Locked`] where another daemon has it; [`StateError::File`].
    pub fn open(dir: &Path) -> Result<Self, StateError> {
        // The CIB may hold passwords.
        let made = fs::DirBuilder::new().recursive(true).mode(0o750).create(dir);
        made.map_err(failed("create", dir))?;
        let path = dir.join("cluster-linkd.pid");
        let mut options = File::options();
        let lock = options.read(true).write(true).create(true).truncate(false).open(&path);
        let mut lock = lock.map_err(failed("write", &path))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut pid = String::new();
            let _ = lock.read_to_string(&mut pid);
            return Err(StateError::Locked { pid: pid.trim().to_owned(), path });
        }
        let text = format!("{}\n", std::process::id());
        let written = lock.set_len(0).and_then(|()| lock.write_all(text.as_bytes()));
        written.map_err(failed("write", &path))?;
        Ok(StateDir { dir: dir.to_owned(), _lock: lock })
    }

    /// Returns the directory.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Keeps a CIB that gave way to another; returns where.
    ///
    /// # Errors
    /// [`StateError::File`].
    pub fn save_conflict(&self, cib: &str) -> Result<PathBuf, StateError> {
        let free = |n: &u32| !self.dir.join(format!("cib.conflict-{n}.xml")).exists();
        let number = (1..CONFLICTS_MAX).find(free).unwrap_or(CONFLICTS_MAX);
        let path = self.dir.join(format!("cib.conflict-{number}.xml"));
        self.write_whole(&path, cib, Outlives::Machine)?;
        Ok(path)
    }

    /// Keeps the input of a transition.
    ///
    /// # Errors
    /// [`StateError::File`].
    pub fn save_policy_input(&self, transition: u32, cib: &Tree) -> Result<(), StateError> {
        let dir = self.dir.join("pengine");
        fs::create_dir_all(&dir).map_err(failed("create", &dir))?;
        let path = dir.join(format!("pe-input-{}.xml", transition % INPUTS_MAX));
        fs::write(&path, write(cib, Layout::Pretty, Dialect::Pcmk3)).map_err(failed("write", &path))
    }

    /// Returns a number greater than at any earlier call, kept on disk.
    ///
    /// # Errors
    /// [`StateError::File`].
    pub fn next_run(&self) -> Result<u64, StateError> {
        let path = self.dir.join("runs");
        let last = fs::read_to_string(&path).ok().and_then(|t| t.trim().parse::<u64>().ok());
        let next = last.unwrap_or(0) + 1;
        self.write_whole(&path, &format!("{next}\n"), Outlives::Machine)?;
        Ok(next)
    }

    /// Keeps what runs here. Nothing waits for the disk: it is for the next daemon on this machine
    /// as long as the machine runs.
    ///
    /// # Errors
    /// [`StateError::File`].
    pub fn save_started(&self, started: &[Started]) -> Result<(), StateError> {
        let path = self.dir.join(STARTED);
        let text = serde_json::to_string_pretty(started);
        let text = text.map_err(|error| failed("write", &path)(error.into()))?;
        self.write_whole(&path, &text, Outlives::Daemon)
    }

    /// Returns what ran here when the last daemon ended; nothing where there is no ledger.
    ///
    /// # Errors
    /// [`StateError::File`] where there is one that cannot be read.
    pub fn started(&self) -> Result<Vec<Started>, StateError> {
        let path = self.dir.join(STARTED);
        match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(Into::into),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
        .map_err(failed("read", &path))
    }

    /// Writes a file that is there as a whole or not at all, for its owner alone: CIBs and
    /// parameters may hold passwords.
    fn write_whole(&self, path: &Path, text: &str, outlives: Outlives) -> Result<(), StateError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let temporary = PathBuf::from(name);
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(&temporary).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            if outlives == Outlives::Machine {
                file.sync_all()?;
            }
            fs::rename(&temporary, path)?;
            if outlives == Outlives::Machine {
                File::open(&self.dir)?.sync_all()?;
            }
            Ok(())
        });
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written.map_err(failed("write", path))
    }
}

/// Whose end a file that is written outlives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outlives {
    /// The daemon's: nothing waits for the disk.
    Daemon,
    /// Also the machine's.
    Machine,
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StateError {
    let path = path.to_owned();
    move |source| StateError::File { what, path, source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::executor::AgentSpec;

    #[test]
    fn the_ledger_is_its_owners_alone_and_one_that_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(folder.path()).unwrap();
        assert_eq!(state.started().unwrap(), []);

        let params = vec![("password".to_owned(), "secret".to_owned())];
        let agent =
            AgentSpec { class: "ocf".into(), provider: Some("test".into()), kind: "x".into() };
        let started = [Started { rsc: "a".to_owned(), agent, params }];
        state.save_started(&started).unwrap();
        assert_eq!(state.started().unwrap(), started);
        let path = folder.path().join(STARTED);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        for unreadable in ["", "[{", "{}"] {
            fs::write(&path, unreadable).unwrap();
            let error = state.started().unwrap_err().to_string();
            assert!(error.contains("cannot read") && error.contains(STARTED), "{error}");
        }
    }
}
