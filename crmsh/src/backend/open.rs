//! Which place a session works on.
//!
//! **Source:** pacemaker `lib/cib/cib_client.c`, `cib_new()`: a shadow CIB before a file before the
//! cluster.

use std::path::PathBuf;
use std::process::Command;

use super::file::{self, FileBackend};
use super::link::LinkBackend;
use super::pacemaker::PacemakerBackend;
use super::shadow::FOLDER as SHADOW_FOLDER;
use super::{Backend, Shadows};

/// Names the shadow CIB that every program is to work on.
const SHADOW: &str = "CIB_shadow";

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

impl Place {
    /// Has a program work on this place.
    pub fn hand_on(&self, shadows: &Shadows, command: &mut Command) {
        match self {
            Place::Environment => {}
            Place::Live => drop(command.env_remove(SHADOW)),
            Place::Shadow(name) => {
                command.env(SHADOW, name).env(SHADOW_FOLDER, shadows.folder());
            }
        }
    }
}

/// Opens the place. Nothing is read yet.
pub fn open(place: &Place, shadows: &Shadows) -> Box<dyn Backend> {
    let from_environment = || std::env::var(SHADOW).ok().filter(|s| !s.is_empty());
    let shadow = match place {
        Place::Environment => from_environment(),
        Place::Live => None,
        Place::Shadow(name) => Some(name.clone()),
    };
    if let Some(name) = shadow {
        return Box::new(FileBackend::new(shadows.path(&name), name));
    }
    if let Some(path) = std::env::var_os("CIB_file").filter(|p| !p.is_empty()) {
        if path == file::STDIN {
            return Box::new(FileBackend::new(PathBuf::from(path), "live"));
        }
        return Box::new(FileBackend::new_or_made(PathBuf::from(path), "live"));
    }
    match LinkBackend::find() {
        Some(link) => Box::new(link),
        None => Box::new(PacemakerBackend),
    }
}
