//! The CIB on disk: saved so that a crash at any moment loses nothing that was saved before.
//!
//! A save writes both files beside the old ones, links the old pair as a backup, and renames first the CIB,
//! then its signature. Where a crash falls between the two renames, the next start finds the signature that
//! fits and finishes the save.
//!
//! **Source:** pacemaker `lib/cib/cib_file.c` `cib_file_write_with_digest()`, `cib_file_backup()`;
//! `daemons/based/based_io.c` `readCibXmlFile()`.
//! **Differs:** a full disk does not end saving for good (see [`CibSaver`]); files changed by hand are kept
//! aside; where files exist and none is valid, nothing is started from an empty CIB.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use cib_model::Cib;
use cib_model::store::{self, Choice, StoreError, Stored};
use cib_model::xml::{Dialect, Layout};

/// What a save adds to a file's name until it is renamed.
const NEW: &str = ".new";

/// Why the CIB cannot be read from or written to disk. What was saved before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The system refused.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// `read`, `write`, `rename` …
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Its words.
        source: std::io::Error,
    },
    /// Files exist, and none of them can be used.
    #[error(
        "no CIB in {folder} can be used ({problems}): repair cib.xml and remove cib.xml.sig, or empty \
         the folder to begin without configuration"
    )]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with each file.
        problems: String,
    },
}

/// What was found on disk.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The CIB; `None` where none was ever saved.
    pub cib: Option<Cib>,
    /// What was wrong, and what was done about it; for the log and the status.
    pub problems: Vec<String>,
}

/// What tells a file from any other version of it: inode, length and time of change, ns.
type FileState = (u64, u64, i64, i64);

/// The folder of the CIB.
#[derive(Debug)]
pub struct CibDisk {
    folder: PathBuf,
    /// The file as this process left it; `None` before the first load or save.
    ours: Option<FileState>,
}

impl CibDisk {
    /// Opens a folder, making it where it is missing (mode 0750).
    ///
    /// # Errors
    /// [`DiskError::File`].
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, DiskError> {
        let folder = folder.into();
        let made = fs::DirBuilder::new().recursive(true).mode(0o750).create(&folder);
        made.map_err(failed("create", &folder))?;
        Ok(Self { folder, ours: None })
    }

    /// Reads the CIB, or the newest valid backup where it is damaged.
    ///
    /// A damaged CIB is renamed to `cib.auto.N`, not removed.
    ///
    /// # Errors
    /// [`DiskError::Damaged`] where no file is valid (nothing was changed); [`DiskError::File`].
    pub fn load(&mut self) -> Result<Loaded, DiskError> {
        let mut problems = Vec::new();
        self.finish_save(&mut problems)?;
        let (current, unreadable) = match self.stored(store::FILE, store::SIGNATURE) {
            Ok(current) => (current, None),
            Err(error) => {
                problems.push(error.to_string());
                (None, Some(error))
            }
        };
        let good = current.as_ref().is_some_and(|found| store::load(found.as_stored()).is_ok());
        let backups = if good { Vec::new() } else { self.backups(&mut problems)? };
        let stored = current.as_ref().map(Found::as_stored);
        let cib = match (store::choose(stored, backups.iter().map(Found::as_stored)), unreadable) {
            (Choice::Current(cib), _) => Some(cib),
            (Choice::New, None) => None,
            (Choice::New, Some(error)) => return Err(error),
            (Choice::Damaged(found), _) => {
                problems.extend(sentences(&found));
                let folder = self.folder.clone();
                return Err(DiskError::Damaged { folder, problems: problems.join("; ") });
            }
            (Choice::Backup { cib, name, problems: found }, _) => {
                problems.extend(sentences(&found));
                if let Some(aside) = self.set_aside()? {
                    problems.push(format!("the damaged file is kept as {aside}"));
                }
                problems.push(format!("going on with {name}, version {}", cib.version()));
                Some(cib)
            }
        };
        self.ours = self.state();
        Ok(Loaded { cib, problems })
    }

    /// Saves the configuration; the old one becomes a backup.
    ///
    /// Returns the name under which a file that somebody else had changed meanwhile is kept.
    ///
    /// # Errors
    /// [`DiskError::File`]; the old file, its signature and all backups are as they were.
    pub fn save(&mut self, cib: &Cib, written: Option<&str>) -> Result<Option<String>, DiskError> {
        let (text, signature) = store::image(cib, written, Dialect::Pcmk3);
        let prepared = self
            .write_new(store::FILE, &text)
            .and_then(|()| self.write_new(store::SIGNATURE, &signature));
        if let Err(error) = prepared {
            // What is half written only takes room.
            for name in [store::FILE, store::SIGNATURE] {
                let _ = fs::remove_file(self.path(&format!("{name}{NEW}")));
            }
            return Err(error);
        }
        let foreign = self.ours.is_some() && self.state().is_some() && self.state() != self.ours;
        let aside = if foreign { self.set_aside()? } else { None };
        self.back_up()?;
        self.rename_new(store::FILE)?;
        self.rename_new(store::SIGNATURE)?;
        self.sync_folder()?;
        self.ours = self.state();
        Ok(aside)
    }

    /// Finishes a save that a crash interrupted between its two renames, and clears away one that
    /// had not come that far.
    fn finish_save(&self, problems: &mut Vec<String>) -> Result<(), DiskError> {
        let new_signature = format!("{}{NEW}", store::SIGNATURE);
        let new_file = format!("{}{NEW}", store::FILE);
        let renamed = !self.path(&new_file).exists();
        // What cannot be read is `load`'s to report.
        let found = self.stored(store::FILE, &new_signature).ok().flatten();
        let interrupted = found.filter(|found| {
            renamed && found.signature.is_some() && store::load(found.as_stored()).is_ok()
        });
        if interrupted.is_some() {
            self.rename_new(store::SIGNATURE)?;
            self.sync_folder()?;
            problems.push("an interrupted save of cib.xml was finished".to_owned());
        } else {
            for name in [new_file, new_signature] {
                // There usually is none.
                let _ = fs::remove_file(self.path(&name));
            }
        }
        Ok(())
    }

    /// The backups that can be read, newest first. Without `cib.last`, by their numbers downwards.
    fn backups(&self, problems: &mut Vec<String>) -> Result<Vec<Found>, DiskError> {
        let last = self.text(store::LAST)?;
        let newest = last.and_then(|text| text.trim().parse::<u32>().ok());
        let newest = newest.unwrap_or(store::BACKUPS - 1) % store::BACKUPS;
        let mut found = Vec::new();
        for back in 0..store::BACKUPS {
            let number = (newest + store::BACKUPS - back) % store::BACKUPS;
            let (name, signature) = store::backup_names(number);
            match self.stored(&name, &signature) {
                Ok(backup) => found.extend(backup),
                Err(error) => problems.push(error.to_string()),
            }
        }
        Ok(found)
    }

    /// Links the current pair under the next backup's names.
    fn back_up(&self) -> Result<(), DiskError> {
        let pair = [store::FILE, store::SIGNATURE];
        if pair.iter().any(|name| !self.path(name).exists()) {
            return Ok(());
        }
        let number = store::next_backup(self.text(store::LAST)?.as_deref());
        let (name, signature) = store::backup_names(number);
        for (from, to) in pair.into_iter().zip([name, signature]) {
            let to = self.path(&to);
            match fs::remove_file(&to) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(failed("remove", &to)(error));
                }
                _ => fs::hard_link(self.path(from), &to).map_err(failed("link", &to))?,
            }
        }
        self.write_new(store::LAST, &number.to_string())?;
        self.rename_new(store::LAST)
    }

    /// Renames the current CIB to a free name and drops its signature.
    fn set_aside(&self) -> Result<Option<String>, DiskError> {
        let path = self.path(store::FILE);
        if !path.exists() {
            return Ok(None);
        }
        let names = (1..).map(|number: u32| format!("cib.auto.{number}"));
        let free = names.into_iter().find(|name| !self.path(name).exists());
        let Some(free) = free else { return Ok(None) };
        fs::rename(&path, self.path(&free)).map_err(failed("rename", &path))?;
        // It does not fit what is kept, or was missing.
        let _ = fs::remove_file(self.path(store::SIGNATURE));
        self.sync_folder()?;
        Ok(Some(free))
    }

    fn state(&self) -> Option<FileState> {
        let metadata = fs::metadata(self.path(store::FILE)).ok()?;
        Some((metadata.ino(), metadata.size(), metadata.mtime(), metadata.mtime_nsec()))
    }

    fn write_new(&self, name: &str, text: &str) -> Result<(), DiskError> {
        let path = self.path(&format!("{name}{NEW}"));
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(&path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(failed("write", &path))
    }

    fn rename_new(&self, name: &str) -> Result<(), DiskError> {
        let path = self.path(name);
        fs::rename(self.path(&format!("{name}{NEW}")), &path).map_err(failed("rename", &path))
    }

    fn sync_folder(&self) -> Result<(), DiskError> {
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(failed("sync", &self.folder))
    }

    fn stored(&self, name: &str, signature: &str) -> Result<Option<Found>, DiskError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        Ok(Some(Found { name: name.to_owned(), text, signature: self.text(signature)? }))
    }

    fn text(&self, name: &str) -> Result<Option<String>, DiskError> {
        let path = self.path(name);
        match fs::read(&path) {
            // What is not UTF-8 is no CIB; the reader says so.
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// A file and its signature.
struct Found {
    name: String,
    text: String,
    signature: Option<String>,
}

impl Found {
    fn as_stored(&self) -> Stored<'_> {
        Stored { name: &self.name, text: &self.text, signature: self.signature.as_deref() }
    }
}

fn sentences(problems: &[StoreError]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> DiskError {
    let path = path.to_owned();
    move |source| DiskError::File { action, path, source }
}

/// Least and greatest pause before a save is tried again, ms.
const RETRY_MS: (u64, u64) = (1_000, 60_000);

/// Saves the newest CIB, and tries again where the disk does not take it.
///
/// Only the newest CIB waits: an older one is worth nothing once a newer is known.
#[derive(Debug)]
pub struct CibSaver {
    disk: CibDisk,
    waiting: Option<(Cib, Option<String>)>,
    retry_at_ms: u64,
    pause_ms: u64,
    problem: Option<String>,
}

impl CibSaver {
    /// Begins with nothing to save.
    pub fn new(disk: CibDisk) -> Self {
        Self { disk, waiting: None, retry_at_ms: 0, pause_ms: RETRY_MS.0, problem: None }
    }

    /// Takes a CIB to be saved, and tries at once unless a pause is on.
    pub fn handle_cib(&mut self, cib: Cib, written: Option<String>, now_ms: u64) {
        self.waiting = Some((cib, written));
        self.handle_timeout(now_ms);
    }

    /// Tries again where it is time.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        if now_ms < self.retry_at_ms {
            return;
        }
        let Some((cib, written)) = &self.waiting else { return };
        match self.disk.save(cib, written.as_deref()) {
            Ok(aside) => {
                self.waiting = None;
                self.pause_ms = RETRY_MS.0;
                self.problem = aside.map(|name| {
                    format!(
                        "cib.xml was changed by hand while the cluster ran; it is kept as {name}"
                    )
                });
            }
            Err(error) => {
                self.problem = Some(format!(
                    "the configuration is not saved: {error}: make room, or repair the disk (it is \
                     tried again; until then the changes are in memory only)"
                ));
                self.retry_at_ms = now_ms.saturating_add(self.pause_ms);
                self.pause_ms = (self.pause_ms * 2).min(RETRY_MS.1);
            }
        }
    }

    /// When [`CibSaver::handle_timeout`] is next needed; `None` where everything is saved.
    pub fn poll_timeout(&self) -> Option<u64> {
        self.waiting.as_ref().map(|_| self.retry_at_ms)
    }

    /// Tries a last time. Returns what is wrong and the CIB's text where the disk does not take it.
    pub fn finish(&mut self) -> Option<(String, String)> {
        self.handle_timeout(u64::MAX);
        let (cib, _) = self.waiting.as_ref()?;
        let text = cib.write(Layout::Pretty, Dialect::Pcmk3);
        Some((self.problem.clone().unwrap_or_default(), text))
    }

    /// What is wrong with saving, for the status; `None` where nothing is.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }
}

#[cfg(test)]
mod tests;
