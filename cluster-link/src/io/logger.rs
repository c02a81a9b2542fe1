//! Where the daemon's lines go: standard error, and a file where one is named.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use super::clock::{Clock, ctime_utc};
use crate::log::Level;

/// Writes lines up to a level.
#[derive(Debug)]
pub struct Logger {
    node: String,
    level: Level,
    file: Option<File>,
    stderr: bool,
    clock: Clock,
}

impl Logger {
    /// Makes a logger; `file` is appended to.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub fn new(
        node: &str,
        level: Level,
        file: Option<&Path>,
        stderr: bool,
    ) -> std::io::Result<Self> {
        let file = match file {
            Some(path) => Some(OpenOptions::new().create(true).append(true).open(path)?),
            None => None,
        };
        Ok(Logger { node: node.to_owned(), level, file, stderr, clock: Clock::new() })
    }

    /// Writes one line where its level is wanted.
    pub fn line(&mut self, level: Level, text: &str) {
        if level > self.level {
            return;
        }
        let time = ctime_utc(self.clock.now().epoch_s);
        let line = format!("{time} {} cluster-linkd {level:7} {text}\n", self.node);
        // A log that cannot be written must not stop the cluster.
        if self.stderr {
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
        if let Some(file) = &mut self.file {
            let _ = file.write_all(line.as_bytes());
        }
    }
}
