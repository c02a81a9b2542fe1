//! Agents that outlive a daemon: one small file for each that runs.
//!
//! A restarted daemon must not start an agent for a resource while an old one still works on it. It
//! reads this table, waits for what is left, and then learns the state by probing.

use std::path::{Path, PathBuf};

/// One running agent.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Entry {
    /// Its process, which leads a group of the same number.
    pub(super) pid: u32,
    /// When the process started, clock ticks since boot: tells it from a later one with its number.
    pub(super) started: u64,
    pub(super) rsc: String,
    pub(super) action: String,
    /// When it is to be killed, seconds since 1970; 0 = never.
    pub(super) limit_s: i64,
}

/// The folder of entries. All failures to write are borne: the table only helps after a crash.
#[derive(Clone, Debug)]
pub(super) struct AgentTable {
    folder: PathBuf,
}

impl AgentTable {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn add(&self, entry: &Entry) {
        let Ok(text) = serde_json::to_vec(entry) else { return };
        // Without the entry only adoption after a crash is lost.
        let _ = std::fs::create_dir_all(&self.folder);
        let _ = std::fs::write(self.file(entry.pid), text);
    }

    pub(super) fn remove(&self, pid: u32) {
        // It may never have been written.
        let _ = std::fs::remove_file(self.file(pid));
    }

    /// Returns the agents that still run, by process number, and clears away the others.
    pub(super) fn read(&self) -> Vec<Entry> {
        let Ok(files) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let mut left = Vec::new();
        for file in files.flatten() {
            match read_entry(&file.path()) {
                Some(entry) if start_time(entry.pid) == Some(entry.started) => left.push(entry),
                // Finished, or unreadable after a crash while it was written.
                _ => drop(std::fs::remove_file(file.path())),
            }
        }
        left.sort_by_key(|entry| entry.pid);
        left
    }

    fn file(&self, pid: u32) -> PathBuf {
        self.folder.join(pid.to_string())
    }
}

fn read_entry(path: &Path) -> Option<Entry> {
    let text = std::fs::read(path).ok()?;
    serde_json::from_slice(&text).ok()
}

/// When a process started (field 22 of `/proc/PID/stat`); `None` where it is gone or a zombie.
pub(super) fn start_time(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name in field 2 may hold anything, blanks and brackets too.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}
