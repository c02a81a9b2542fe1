//! The state directory: the CIB on disk, CIBs that lost, policy inputs, and the node's lock.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use cib_model::Cib;
use cib_model::store::{self, Choice, Stored};
use cib_model::xml::{Dialect, Layout, Tree, write};
use rustix::fs::{FlockOperation, flock};

/// CIBs that lost and are kept.
const CONFLICTS_MAX: u32 = 20;
/// Policy inputs that are kept.
const INPUTS_MAX: u32 = 400;

/// Why the state directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file cannot be read or written.
    #[error("cannot {what} {path}: {source}")]
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
    /// No CIB on disk is good.
    #[error(
        "no CIB in {dir} can be used ({problems}): repair cib.xml (and remove cib.xml.sig), or \
         empty the directory to begin without configuration"
    )]
    Damaged {
        /// The state directory.
        dir: PathBuf,
        /// What is wrong with each file.
        problems: String,
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
        fs::create_dir_all(dir).map_err(failed("create", dir))?;
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

    /// Reads the CIB, or the newest good backup where it is damaged; an empty one where none was
    /// ever saved. What was wrong comes with it, for the log.
    ///
    /// # Errors
    /// [`StateError::Damaged`] where files exist and none is good; nothing is changed on disk.
    pub fn load_cib(&self) -> Result<(Cib, Vec<String>), StateError> {
        let current = self.stored(store::FILE, store::SIGNATURE)?;
        let mut backups = Vec::new();
        let last = self.text(store::LAST)?.unwrap_or_default();
        if let (Ok(newest), false) = (last.trim().parse::<u32>(), is_good(current.as_ref())) {
            for back in 0..store::BACKUPS {
                let number = (newest + store::BACKUPS - back) % store::BACKUPS;
                let (name, signature) = store::backup_names(number);
                backups.extend(self.stored(&name, &signature)?);
            }
        }
        match store::choose(current.as_ref().map(as_stored), backups.iter().map(as_stored)) {
            Choice::Current(cib) => Ok((cib, Vec::new())),
            Choice::New => Ok((Cib::empty(), Vec::new())),
            Choice::Damaged(problems) => Err(StateError::Damaged {
                dir: self.dir.clone(),
                problems: problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            }),
            Choice::Backup { cib, name, problems } => {
                let mut said: Vec<String> = problems.iter().map(ToString::to_string).collect();
                said.push(format!("going on with {name}, version {}", cib.version()));
                self.set_aside()?;
                Ok((cib, said))
            }
        }
    }

    /// Renames a damaged CIB, so that somebody can look at it.
    fn set_aside(&self) -> Result<(), StateError> {
        let path = self.dir.join(store::FILE);
        let free = |n: &u32| !self.dir.join(format!("cib.auto.{n}")).exists();
        let number = (1..1000).find(free).unwrap_or(1000);
        let aside = self.dir.join(format!("cib.auto.{number}"));
        fs::rename(&path, aside).map_err(failed("rename", &path))?;
        let _ = fs::remove_file(self.dir.join(store::SIGNATURE));
        Ok(())
    }

    fn text(&self, name: &str) -> Result<Option<String>, StateError> {
        let path = self.dir.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(failed("read", &path)(e)),
        }
    }

    fn stored(&self, name: &str, signature: &str) -> Result<Option<Found>, StateError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        Ok(Some((name.to_owned(), text, self.text(signature)?)))
    }

    /// Saves the configuration, so that a crash leaves the old file or the new one; the old one
    /// becomes a backup.
    ///
    /// # Errors
    /// [`StateError::File`]; the old file is as it was.
    pub fn save_cib(&self, cib: &Tree) -> Result<(), StateError> {
        let path = self.dir.join(store::FILE);
        let Ok(cib) = Cib::from_tree(cib.clone()) else { return Ok(()) };
        let (text, signature) = store::image(&cib, None, Dialect::Pcmk3);
        self.back_up()?;
        // The signature goes first: a crash in between leaves a mismatch, and the backup is used.
        let signature_path = self.dir.join(store::SIGNATURE);
        let old = self.text(store::SIGNATURE)?;
        self.write_whole(&signature_path, &signature)?;
        self.write_whole(&path, &text).inspect_err(|_| {
            if let Some(old) = old {
                let _ = self.write_whole(&signature_path, &old);
            }
        })
    }

    /// Makes hard links of the current file and its signature under the next backup's names.
    fn back_up(&self) -> Result<(), StateError> {
        let (current, signature) = (self.dir.join(store::FILE), self.dir.join(store::SIGNATURE));
        if !current.exists() || !signature.exists() {
            return Ok(());
        }
        let last = self.text(store::LAST)?;
        let number = store::next_backup(last.as_deref());
        let (name, signature_name) = store::backup_names(number);
        for (from, name) in [(&current, name), (&signature, signature_name)] {
            let to = self.dir.join(name);
            let _ = fs::remove_file(&to);
            fs::hard_link(from, &to).map_err(failed("write", &to))?;
        }
        self.write_whole(&self.dir.join(store::LAST), &number.to_string())
    }

    /// Keeps a CIB that gave way to another; returns where.
    ///
    /// # Errors
    /// [`StateError::File`].
    pub fn save_conflict(&self, cib: &str) -> Result<PathBuf, StateError> {
        let free = |n: &u32| !self.dir.join(format!("cib.conflict-{n}.xml")).exists();
        let number = (1..CONFLICTS_MAX).find(free).unwrap_or(CONFLICTS_MAX);
        let path = self.dir.join(format!("cib.conflict-{number}.xml"));
        self.write_whole(&path, cib)?;
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
        self.write_whole(&path, &format!("{next}\n"))?;
        Ok(next)
    }

    fn write_whole(&self, path: &Path, text: &str) -> Result<(), StateError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let temporary = PathBuf::from(name);
        let written = File::create(&temporary).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&temporary, path)?;
            File::open(&self.dir)?.sync_all()
        });
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written.map_err(failed("write", path))
    }
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StateError {
    let path = path.to_owned();
    move |source| StateError::File { what, path, source }
}

/// Name, text and signature of a stored CIB.
type Found = (String, String, Option<String>);

fn as_stored(found: &Found) -> Stored<'_> {
    Stored { name: &found.0, text: &found.1, signature: found.2.as_deref() }
}

fn is_good(found: Option<&Found>) -> bool {
    found.is_some_and(|found| store::load(as_stored(found)).is_ok())
}
