//! One node of the demo: its files, its daemon, its death.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::options::Engine;
use super::place::Place;
use super::{Result, machine};

/// Marks every process of a node: agents and services inherit it.
const MARK: &str = "CRM_DEMO_NODE_DIR";

/// Starts a corosync with its own run-time folders, waits for it, and becomes the daemon. Runs in
/// the mount namespace that `ip netns exec` makes, so the folders are the node's alone.
const BEHIND_COROSYNC: &str = r#"
for folder in /run /var/lib/corosync /var/log /dev/shm; do
    mkdir -p "$folder" && mount -t tmpfs tmpfs "$folder" || exit 1
done
mkdir -p /var/log/corosync
setsid corosync -f -c "$CRM_DEMO_CONF" </dev/null >"$CRM_DEMO_NODE_DIR/corosync.log" 2>&1 &
tries=0
until corosync-cfgtool -s >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { cat "$CRM_DEMO_NODE_DIR/corosync.log"; exit 1; }
    sleep 0.1
done
exec "$@"
"#;

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

    /// Starts the daemon, behind a corosync of its own where the engine wants one.
    pub(super) fn start(
        &mut self,
        place: &Place,
        engine: Engine,
        settings: &[(&str, String)],
    ) -> Result<()> {
        let opened = File::options().append(true).create(true).open(self.dir.join("log"));
        let log = opened.map_err(machine("opening the daemon's log"))?;
        let errors = log.try_clone().map_err(machine("opening the daemon's log"))?;
        let program = own_program()?;
        let mut command = match engine {
            Engine::Link => self.command(place, &program),
            Engine::Corosync => {
                let mut command = self.command(place, Path::new("/bin/sh"));
                command.env("CRM_DEMO_CONF", self.conf());
                command.args(["-c", BEHIND_COROSYNC, "sh"]).arg(&program);
                command
            }
        };
        let engine = if engine == Engine::Link { "link" } else { "corosync" };
        command
            .args([
                "tool",
                "cluster-linkd",
                "--foreground",
                "--engine",
                engine,
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

    /// Makes the node read its configuration file again.
    pub(super) fn reload(&self, place: &Place, engine: Engine) -> Result<Output> {
        if engine == Engine::Link {
            return self.crm(place, &["corosync", "reload"]);
        }
        // corosync's sockets are in the node's network namespace, its rings in its mount namespace.
        let pid = self.daemon.as_ref().map_or(0, Child::id).to_string();
        let mut command = Command::new("nsenter");
        command.args(["-t", &pid, "-m", "-n", "corosync-cfgtool", "-R"]).stdin(Stdio::null());
        command.output().map_err(machine("running corosync-cfgtool"))
    }

    /// Runs `crm` on this node and returns what it said.
    pub(super) fn crm(&self, place: &Place, args: &[&str]) -> Result<Output> {
        let mut command = self.command(place, &own_program()?);
        command.args(args).stdin(Stdio::null());
        command.output().map_err(machine("running crm"))
    }

    /// Kills every process of the node and takes its network away, as a power failure would.
    pub(super) fn crash(&mut self, place: &Place) {
        place.remove_host(&self.name, self.number);
        self.kill_all();
        self.forget_run_time_state();
    }

    /// Removes what a machine keeps in memory only: pid files and the stand-ins' addresses.
    fn forget_run_time_state(&self) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.ends_with(".pid") || name.starts_with("address-") {
                // Where it cannot be removed the next probe finds it, and the demo says so.
                let _ = fs::remove_file(entry.path());
            }
        }
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

    fn command(&self, place: &Place, program: &Path) -> Command {
        let mut command = place.command(&self.name, program);
        command
            .env(MARK, &self.dir)
            .env("CRM_DEMO_NODE", &self.name)
            .env("CRM_SOCKET", self.socket());
        for unwanted in ["CIB_file", "CIB_shadow", "CRM_STYLE"] {
            command.env_remove(unwanted);
        }
        command
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

fn own_program() -> Result<PathBuf> {
    std::env::current_exe().map_err(machine("finding this program"))
}
