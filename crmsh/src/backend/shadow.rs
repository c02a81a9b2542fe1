//! Shadow CIBs: copies of the configuration to work on.
//!
//! They are files `shadow.NAME` in `CIB_shadow_dir`, by default `/var/lib/pacemaker/cib`; other
//! tools read and write the same files.
//!
//! **Source:** pacemaker `tools/crm_shadow.c`, `lib/cib/cib_utils.c`, `get_shadow_file()`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cib_model::Cib;

use super::file::{FileBackend, write_file};

/// Names the folder in the environment.
pub(super) const FOLDER: &str = "CIB_shadow_dir";

/// The folder of shadow CIBs.
#[derive(Clone, Debug)]
pub struct Shadows {
    dir: PathBuf,
}

/// Why a shadow CIB could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// There is none of this name.
    #[error("{0}: no such shadow CIB")]
    Missing(String),
    /// There is one already.
    #[error(
        "A shadow instance '{0}' already exists.\n  To prevent accidental destruction of the cluster, \
         the --force flag is required in order to proceed."
    )]
    Exists(String),
    /// The name cannot be part of a file name.
    #[error("{0}: a shadow CIB's name may not be empty or hold a slash")]
    Name(String),
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
}

impl Shadows {
    /// Finds the folder: the environment's, else the configured one.
    pub fn new(configured: &str) -> Shadows {
        let dir = std::env::var_os(FOLDER)
            .filter(|d| !d.is_empty())
            .map_or_else(|| PathBuf::from(configured), PathBuf::from);
        Shadows { dir }
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.dir
    }

    /// Returns the file of a shadow CIB.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("shadow.{name}"))
    }

    /// Returns true where there is a shadow CIB of this name.
    pub fn exists(&self, name: &str) -> bool {
        check_name(name).is_ok() && self.path(name).is_file()
    }

    /// Returns the names of all shadow CIBs, sorted.
    pub fn list(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.dir) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .filter_map(|e| {
                e.ok()?.file_name().to_str()?.strip_prefix("shadow.").map(str::to_owned)
            })
            .collect();
        names.sort();
        names
    }

    /// Opens a shadow CIB.
    pub fn open(&self, name: &str) -> Result<FileBackend, ShadowError> {
        if self.exists(name) {
            Ok(FileBackend::new(self.path(name), name))
        } else {
            Err(ShadowError::Missing(name.to_owned()))
        }
    }

    /// Makes a shadow CIB of `content`; one that is there is replaced only with `force`.
    pub fn create(&self, name: &str, content: &Cib, force: bool) -> Result<(), ShadowError> {
        check_name(name)?;
        if self.exists(name) && !force {
            return Err(ShadowError::Exists(name.to_owned()));
        }
        let path = self.path(name);
        write_file(&path, content).map_err(|source| ShadowError::File { path, source })
    }

    /// Removes a shadow CIB.
    pub fn delete(&self, name: &str) -> Result<(), ShadowError> {
        check_name(name)?;
        let path = self.path(name);
        match fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ShadowError::Missing(name.to_owned()))
            }
            Err(source) => Err(ShadowError::File { path, source }),
        }
    }
}

fn check_name(name: &str) -> Result<(), ShadowError> {
    if name.is_empty() || name.contains('/') {
        Err(ShadowError::Name(name.to_owned()))
    } else {
        Ok(())
    }
}
