//! A CIB in a file: `CIB_file`, and below the shadow CIBs.
//!
//! A write goes to a new file beside the old one, which takes its place only when it is complete
//! on disk. Two writers do not lose each other's changes: the file is locked while it is compared
//! with what was read and replaced.
//!
//! **Source:** pacemaker `lib/cib/cib_file.c` for the version rule: epoch + 1, num_updates 0.

use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use cib_model::operation::OperationError;
use cib_model::validate::schema;
use cib_model::xml::{Dialect, Layout};
use cib_model::{Cib, CibVersion};
use rustix::fs::{FlockOperation, flock};

use super::{Backend, BackendError, Change, Method, Refused};

/// Who may read a CIB: its owner and group, as it may hold passwords.
const NEW_FILE_MODE: u32 = 0o640;

/// A CIB in one file.
#[derive(Clone, Debug)]
pub struct FileBackend {
    path: PathBuf,
    name: String,
    /// A file that is missing is made by the first commit.
    makes: bool,
}

impl FileBackend {
    /// Makes the place for a file; `name` is what the prompt shows.
    pub fn new(path: impl Into<PathBuf>, name: impl Into<String>) -> FileBackend {
        FileBackend { path: path.into(), name: name.into(), makes: false }
    }

    /// Makes the place for a file that the first commit may make.
    pub fn new_or_made(path: impl Into<PathBuf>, name: impl Into<String>) -> FileBackend {
        FileBackend { makes: true, ..FileBackend::new(path, name) }
    }
}

impl Backend for FileBackend {
    fn name(&self) -> &str {
        &self.name
    }

    fn query(&self) -> Result<Cib, BackendError> {
        read_file(&self.path)
    }

    fn query_text(&self) -> Result<(Cib, Option<String>), BackendError> {
        let text = read_text(&self.path)?;
        Ok((parse(&self.path, &text)?, Some(text)))
    }

    fn makes_missing(&self) -> bool {
        self.makes
    }

    fn commit(&self, change: &Change<'_>) -> Result<(), BackendError> {
        let failed = |source| BackendError::File { path: self.path.display().to_string(), source };
        if self.makes && !self.path.exists() {
            // Whoever comes first makes it; the change goes on top of what is there then.
            make_file(&self.path, change.base).map_err(failed)?;
        }
        let _lock = lock(&self.path).map_err(failed)?;
        let text = read_text(&self.path)?;
        let read;
        let current = if change.base_text == Some(text.as_str()) {
            change.base
        } else {
            read = parse(&self.path, &text)?;
            &read
        };
        let next = super::merge::onto(current, change)?;
        let version = match change.method {
            Method::Exact => None,
            Method::Patch | Method::Replace => Some(next_version(current, &next)),
        };
        conform(current, &next, change.method)?;
        write_version(&self.path, &next, version).map_err(failed)
    }
}

/// Refuses what would depart from the schema that the CIB follows, as Pacemaker does.
fn conform(current: &Cib, next: &Cib, method: Method) -> Result<(), BackendError> {
    // An exact change is the result of an operation, which has looked at it.
    if method == Method::Exact {
        return Ok(());
    }
    let findings = schema::departures(current, next);
    if findings.is_empty() {
        return Ok(());
    }
    let error = OperationError::NotConforming(findings);
    let reasons: String = error.reasons().iter().map(|reason| format!("\n{reason}")).collect();
    Err(BackendError::Refused(Refused {
        task: if method == Method::Patch { "patch" } else { "replace" },
        code: error.exit_code(),
        text: format!("{error}{reasons}"),
    }))
}

/// Locks the file for one writer. Whoever had it before has put another file in its place: then
/// that one is the file to lock.
fn lock(path: &Path) -> io::Result<File> {
    loop {
        let file = File::open(path)?;
        flock(&file, FlockOperation::LockExclusive)?;
        let (locked, there) = (file.metadata()?, fs::metadata(path)?);
        if (locked.dev(), locked.ino()) == (there.dev(), there.ino()) {
            return Ok(file);
        }
    }
}

/// Returns the version after a change: a changed configuration raises the epoch, a changed status
/// the number of updates.
fn next_version(current: &Cib, next: &Cib) -> CibVersion {
    let now = current.version();
    let mut version = next.version().max(now);
    if super::merge::same_configuration(current, next) {
        version.num_updates += 1;
    } else {
        version.epoch += 1;
        version.num_updates = 0;
    }
    version
}

/// Reads a CIB from a file.
pub fn read_file(path: &Path) -> Result<Cib, BackendError> {
    parse(path, &read_text(path)?)
}

/// The path that names the standard input, which can only be read.
pub(super) const STDIN: &str = "-";

fn read_text(path: &Path) -> Result<String, BackendError> {
    let shown = || path.display().to_string();
    let read = if path == Path::new(STDIN) {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = read.map_err(|source| BackendError::File { path: shown(), source })?;
    String::from_utf8(bytes).map_err(|_| BackendError::Xml {
        path: shown(),
        message: "the text is not UTF-8".to_owned(),
    })
}

fn parse(path: &Path, text: &str) -> Result<Cib, BackendError> {
    Cib::read(text).map_err(|error| BackendError::Xml {
        path: path.display().to_string(),
        message: error.to_string(),
    })
}

/// Makes a file with a CIB in it, unless there is one.
fn make_file(path: &Path, cib: &Cib) -> io::Result<()> {
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.as_file().set_permissions(fs::Permissions::from_mode(NEW_FILE_MODE))?;
    file.write_all(cib.write(Layout::Pretty, Dialect::Pcmk3).as_bytes())?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

/// Writes a CIB to a file, whole or not at all; a file that is there keeps its permissions.
pub fn write_file(path: &Path, cib: &Cib) -> io::Result<()> {
    write_version(path, cib, None)
}

/// Writes as [`write_file`], with another version than the CIB has where one is given.
fn write_version(path: &Path, cib: &Cib, version: Option<CibVersion>) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let dir = target.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    let mode = fs::metadata(&target).map_or(NEW_FILE_MODE, |m| m.permissions().mode() & 0o7777);
    file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
    let mut written = Ok(());
    cib.write_in_pieces(version, Layout::Pretty, Dialect::Pcmk3, &mut |piece| {
        if written.is_ok() {
            written = file.write_all(piece.as_bytes());
        }
    });
    written?;
    file.as_file().sync_all()?;
    file.persist(&target)?;
    File::open(dir)?.sync_all()
}
