//! Which place a session works on.
//!
//! **Source:** pacemaker `lib/cib/cib_client.c`, `cib_new()`: a shadow CIB before a file before the
//! cluster.

use std::path::PathBuf;

use super::file::FileBackend;
use super::link::LinkBackend;
use super::pacemaker::PacemakerBackend;
use super::{Backend, Shadows};

/// What the session was told about the place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Place {
    /// Go by the environment.
    #[default]
    Environment,
    /// The cluster or `CIB_file`, whatever `CIB_shadow` says.
    Live,
    /// A shadow CIB.
    Shadow(String),
}

/// Opens the place. Nothing is read yet.
pub fn open(place: &Place, shadows: &Shadows) -> Box<dyn Backend> {
    let from_environment = || std::env::var("CIB_shadow").ok().filter(|s| !s.is_empty());
    let shadow = match place {
        Place::Environment => from_environment(),
        Place::Live => None,
        Place::Shadow(name) => Some(name.clone()),
    };
    if let Some(name) = shadow {
        return Box::new(FileBackend::new(shadows.path(&name), name));
    }
    if let Some(path) = std::env::var_os("CIB_file").filter(|p| !p.is_empty()) {
        return Box::new(FileBackend::new_or_made(PathBuf::from(path), "live"));
    }
    match LinkBackend::find() {
        Some(link) => Box::new(link),
        None => Box::new(PacemakerBackend),
    }
}
