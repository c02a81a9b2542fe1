//! Where the CIB comes from and goes to: one trait, one file a place.
//!
//! `open` chooses by what the environment says and what answers: a shadow CIB, a file, our own
//! daemon, a live Pacemaker.

mod file;
mod link;
mod merge;
mod open;
mod pacemaker;
mod shadow;

use std::path::Path;

use cib_model::Cib;
use cib_model::version::CibVersion;

pub use file::{FileBackend, read_file, write_file};
pub(crate) use link::daemon_socket;
pub use open::{Place, open};
pub use shadow::{ShadowError, Shadows};

/// A place that holds a CIB.
pub trait Backend {
    /// Returns the name the prompt shows: a shadow's, or `live`.
    fn name(&self) -> &str;

    /// Returns true where changes reach a running cluster at once.
    fn is_cluster(&self) -> bool {
        false
    }

    /// Returns the socket of our own daemon, where that is the place.
    fn socket(&self) -> Option<&Path> {
        None
    }

    /// Returns true where a place that does not exist yet is made by the first commit.
    fn makes_missing(&self) -> bool {
        false
    }

    /// Returns what of the running cluster needs a person, where the place knows: a disk that does
    /// not take the CIB, a CIB that was given up. Empty where nobody answers.
    fn alarms(&self) -> Vec<String> {
        Vec::new()
    }

    /// Reads the whole CIB.
    fn query(&self) -> Result<Cib, BackendError>;

    /// Reads the whole CIB for a [`Change`], with the text it was made of where the place keeps one.
    fn query_text(&self) -> Result<(Cib, Option<String>), BackendError> {
        Ok((self.query()?, None))
    }

    /// Brings a change in. On an error nothing was changed.
    fn commit(&self, change: &Change<'_>) -> Result<(), BackendError>;
}

/// What a commit brings.
pub struct Change<'a> {
    /// The CIB as it was read.
    pub base: &'a Cib,
    /// The text that `base` was made of, where the place gave it: as long as the place still has
    /// it, nobody else has changed anything.
    pub base_text: Option<&'a str>,
    /// The CIB as it is to be.
    pub wanted: &'a Cib,
    /// What to do with what others changed meanwhile.
    pub method: Method,
    /// Go on where the place has doubts.
    pub force: bool,
}

impl<'a> Change<'a> {
    /// Makes the change of `base` to exactly `wanted`.
    pub fn exact(base: &'a Cib, wanted: &'a Cib) -> Change<'a> {
        Change { base, base_text: None, wanted, method: Method::Exact, force: false }
    }
}

/// How a change is brought in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Only the difference; what others changed elsewhere stays.
    Patch,
    /// The whole configuration; refused where somebody else changed it, unless forced.
    Replace,
    /// The whole CIB, status and versions included; refused where somebody else changed it.
    Exact,
}

/// Why a place did not answer or did not take a change.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// Nobody answers.
    #[error("running cibadmin -Ql: {0}")]
    Unreachable(String),
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The text is no CIB.
    #[error("{path}: {message}")]
    Xml {
        /// Where the text came from.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// Somebody else changed the CIB since it was read.
    #[error("CIB changed in the meantime: won't touch it! (read at {read}, now {now}{objects})")]
    Conflict {
        /// The objects that both changed, as text; may be empty.
        objects: String,
        /// Version that was read.
        read: CibVersion,
        /// Version that is there now.
        now: CibVersion,
    },
    /// The place refused.
    #[error("{0}")]
    Refused(Refused),
}

impl BackendError {
    /// Returns the path of a file that does not exist.
    pub fn missing_file(&self) -> Option<&str> {
        match self {
            BackendError::File { path, source }
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Some(path)
            }
            _ => None,
        }
    }
}

/// A refusal with the code the place gave.
#[derive(Debug)]
pub struct Refused {
    /// What was tried: patch, replace.
    pub task: &'static str,
    /// The code.
    pub code: i32,
    /// What it said.
    pub text: String,
}

impl Refused {
    /// The exit code of Pacemaker's tools for what the user may not do.
    const DENIED: i32 = 4;

    /// Makes the refusal of what the user may not do.
    pub(crate) fn denied() -> Refused {
        Refused { task: "patch", code: Self::DENIED, text: "Permission denied".to_owned() }
    }

    /// Returns true where the user may not do it.
    pub(crate) fn is_denied(&self) -> bool {
        self.code == Self::DENIED
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "could not {} cib (rc={})", self.task, self.code)?;
        if self.text.is_empty() { Ok(()) } else { write!(f, ": {}", self.text) }
    }
}
