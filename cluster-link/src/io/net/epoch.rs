//! The epoch on disk: no epoch is used before a greater one is durable.
//!
//! The file holds a reservation, some way ahead of what is used, so that forming a view waits for
//! the disk only once in a while. Should the file be lost, the wall clock (ms since 1970) outbids
//! every epoch that can have been used, since views are formed more slowly than that.
//!
//! **Source:** corosync keeps `ringid_NODEID` in its state folder for the same reason.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Epochs reserved by one write.
const RESERVE: u64 = 256;

/// The file of one node.
#[derive(Debug)]
pub(super) struct EpochFile {
    path: PathBuf,
    reserved: u64,
}

impl EpochFile {
    /// Opens the file in `dir`, which is made where it is missing; returns the greatest epoch that
    /// can have been used.
    pub(super) fn open(dir: &Path, clock_ms: u64) -> io::Result<(Self, u64)> {
        std::fs::create_dir_all(dir)?;
        let path = dir.join("epoch");
        let stored = match std::fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().unwrap_or(0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let used = clock_ms.max(stored);
        let mut this = Self { path, reserved: 0 };
        this.ensure(used)?;
        Ok((this, used))
    }

    /// Makes sure that no epoch up to `epoch` will be used again after a restart.
    pub(super) fn ensure(&mut self, epoch: u64) -> io::Result<()> {
        if epoch <= self.reserved {
            return Ok(());
        }
        let reserved = epoch + RESERVE;
        let temporary = self.path.with_extension("new");
        let mut file = File::create(&temporary)?;
        file.write_all(format!("{reserved}\n").as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, &self.path)?;
        if let Some(dir) = self.path.parent() {
            File::open(dir)?.sync_all()?;
        }
        self.reserved = reserved;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_begins_above_all_that_was_used() {
        let dir = tempfile::tempdir().expect("a folder");
        let (mut file, used) = EpochFile::open(dir.path(), 100).expect("open");
        assert_eq!(used, 100);
        for epoch in [101, 102, 5000, 5001] {
            file.ensure(epoch).expect("write");
        }
        let (_, used) = EpochFile::open(dir.path(), 50).expect("open");
        assert!(used >= 5001, "{used}");
        std::fs::remove_file(dir.path().join("epoch")).expect("remove");
        let (_, used) = EpochFile::open(dir.path(), 9000).expect("open");
        assert_eq!(used, 9000, "the clock, where the file is lost");
    }
}
