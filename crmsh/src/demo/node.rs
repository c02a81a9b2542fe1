//! One node of the demo: its files, its daemon, its death.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::place::Place;
use super::{Result, machine};

/// Marks every process of a node: agents and services inherit it.
const MARK: &str = "CRM_DEMO_NODE_DIR";

/// One node.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) number: u8,
    pub(super) dir: PathBuf,
    daemon: Option<Child>,
}

impl Node {
    /// Makes the node's folder and machine; nothing runs yet.
    pub(super) fn create(work: &Path, place: &Place, name: &str, number: u8) -> Result<Self> {
        let dir = work.join(name);
        fs::create_dir_all(dir.join("state"))
            .map_err(machine(format!("making {}", dir.display())))?;
        place.add_host(name, number)?;
        Ok(Node { name: name.to_owned(), number, dir, daemon: None })
    }

    /// Returns the socket that `crm` talks to.
    pub(super) fn socket(&self) -> PathBuf {
        self.dir.join("socket")
    }

    /// Returns the node's configuration file.
    pub(super) fn conf(&self) -> PathBuf {
        self.dir.join("corosync.conf")
    }

    /// Returns what the daemon wrote to its log.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Starts the daemon.
    pub(super) fn start(&mut self, place: &Place, settings: &[(&str, String)]) -> Result<()> {
        let log = File::options()
            .append(true)
            .create(true)
            .open(self.dir.join("log"))
            .map_err(machine("opening the daemon's log"))?;
        let errors = log.try_clone().map_err(machine("opening the daemon's log"))?;
        let mut command = self.command(place)?;
        command
            .args([
                "tool",
                "cluster-linkd",
                "--foreground",
                "--engine",
                "link",
                "--node",
                &self.name,
            ])
            .arg("--conf")
            .arg(self.conf())
            .arg("--state-dir")
            .arg(self.dir.join("state"))
            .arg("--socket")
            .arg(self.socket())
            .envs(settings.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0);
        self.daemon = Some(command.spawn().map_err(machine("starting cluster-linkd"))?);
        Ok(())
    }

    /// Runs `crm` on this node and returns what it said.
    pub(super) fn crm(&self, place: &Place, args: &[&str]) -> Result<Output> {
        let mut command = self.command(place)?;
        command.args(args).stdin(Stdio::null());
        command.output().map_err(machine("running crm"))
    }

    /// Kills every process of the node and takes its network away, as a power failure would.
    pub(super) fn crash(&mut self, place: &Place) {
        place.remove_host(&self.name, self.number);
        self.kill_all();
    }

    /// Kills every process of the node.
    pub(super) fn kill_all(&mut self) {
        // An agent may fork while the list is read: look again until nothing is left.
        for _ in 0..10 {
            let found = self.processes();
            if found.is_empty() {
                break;
            }
            for pid in found {
                // It may be gone already.
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.wait();
        }
    }

    /// Returns true while the daemon runs.
    pub(super) fn is_alive(&mut self) -> bool {
        self.daemon.as_mut().is_some_and(|d| matches!(d.try_wait(), Ok(None)))
    }

    fn command(&self, place: &Place) -> Result<Command> {
        let program = std::env::current_exe().map_err(machine("finding this program"))?;
        let mut command = place.command(&self.name, &program);
        command
            .env(MARK, &self.dir)
            .env("CRM_DEMO_NODE", &self.name)
            .env("CRM_SOCKET", self.socket());
        for unwanted in ["CIB_file", "CIB_shadow", "CRM_STYLE"] {
            command.env_remove(unwanted);
        }
        Ok(command)
    }

    /// Returns true where a process of an earlier run is left.
    pub(super) fn processes_left(&self) -> bool {
        !self.processes().is_empty()
    }

    fn processes(&self) -> Vec<Pid> {
        processes_of(&self.dir)
    }
}

/// Returns all processes that carry the mark of the node whose folder is `dir`.
pub(super) fn processes_of(dir: &Path) -> Vec<Pid> {
    let mark = format!("{MARK}={}", dir.display());
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.flatten().filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
    let marked = |pid: &i32| {
        let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environ.split(|b| *b == 0).any(|entry| entry == mark.as_bytes())
    };
    numbers.filter(marked).filter_map(Pid::from_raw).collect()
}
