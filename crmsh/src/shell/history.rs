//! The history file of the shell: readable by its owner alone, since commands hold passwords.

use std::fs;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// How many lines are kept.
pub const KEPT_LINES: usize = 100;

/// Returns where the history is kept: `$XDG_CACHE_HOME/crm/history`, by default under `~/.cache`.
pub fn path() -> Option<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME") {
        Some(dir) if !dir.is_empty() => PathBuf::from(dir),
        _ => PathBuf::from(std::env::var_os("HOME")?).join(".cache"),
    };
    Some(cache.join("crm").join("history"))
}

/// Makes sure that the file is there and that nobody else can read it.
pub fn secure(path: &Path) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    let file = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}
