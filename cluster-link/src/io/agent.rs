//! All agents that run on this node: starts and kills them as the executor says, and tells their ends.
//!
//! Nothing kills an agent when the daemon goes: resources survive its restart.
//!
//! **Source:** pacemaker `lib/services/services.c`, `daemons/execd/execd_commands.c`
//! `execute_nonstonith_action()`.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::process::{Pid, PidfdFlags, Signal};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::agent_table::{self, AgentTable, Entry};
use super::process::{KillSender, Process};
use super::{agent_lsb, agent_ocf, agent_systemd};
use crate::executor::{
    ActionRequest, Completion, Ending, Executor, KillScope, Now, OpStatus, RunId, StartError,
    exit_status_to_ocf,
};

/// Where agents and their things are on this node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentPaths {
    /// `OCF_ROOT`; agents are in `resource.d/PROVIDER/TYPE` below it.
    pub ocf_root: PathBuf,
    /// Init scripts.
    pub init_dir: PathBuf,
    /// The program that talks to systemd.
    pub systemctl: PathBuf,
    /// systemd's run-time units; where it is missing, systemd does not run.
    pub systemd_run_dir: PathBuf,
    /// Working directory of agents.
    pub work_dir: PathBuf,
    /// `HA_RSCTMP`, where agents keep their state; `None` leaves it to the agents.
    pub rsctmp: Option<PathBuf>,
    /// `HA_logfile`; `None` where the daemon writes none.
    pub log_file: Option<PathBuf>,
    /// The table of running agents; on a file system that a reboot empties.
    pub table_dir: PathBuf,
    /// `crm_feature_set`, for requests that carry none.
    pub feature_set: String,
}

impl Default for AgentPaths {
    fn default() -> Self {
        Self {
            ocf_root: "/usr/lib/ocf".into(),
            init_dir: "/etc/init.d".into(),
            systemctl: "/usr/bin/systemctl".into(),
            systemd_run_dir: "/run/systemd/system".into(),
            work_dir: "/".into(),
            rsctmp: None,
            log_file: None,
            table_dir: "/run/cluster-link/agents".into(),
            feature_set: "3.20.5".to_owned(),
        }
    }
}

/// The end of one run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentEnd {
    /// The run.
    pub run: RunId,
    /// What the executor is to be told.
    pub completion: Completion,
    /// What the agent wrote to standard output.
    pub stdout: String,
    /// What the agent wrote to standard error.
    pub stderr: String,
}

impl AgentEnd {
    fn without_output(run: RunId, completion: Completion) -> Self {
        Self { run, completion, stdout: String::new(), stderr: String::new() }
    }
}

/// The running agents. Lives within a tokio runtime.
#[derive(Debug)]
pub struct Agents {
    paths: Arc<AgentPaths>,
    table: AgentTable,
    tasks: JoinSet<AgentEnd>,
    kills: BTreeMap<RunId, KillSender>,
}

impl Agents {
    /// Creates an empty set.
    pub fn new(paths: AgentPaths) -> Self {
        let table = AgentTable::new(paths.table_dir.clone());
        Self { paths: Arc::new(paths), table, tasks: JoinSet::new(), kills: BTreeMap::new() }
    }

    /// Where things are.
    pub fn paths(&self) -> &AgentPaths {
        &self.paths
    }

    /// Starts an agent. Its end follows from [`Agents::next`], also where it cannot be started.
    pub fn run(&mut self, run: RunId, request: &ActionRequest, now: Now) {
        let program = match self.resolve(request) {
            Class::Ocf => agent_ocf::program(request, &self.paths),
            Class::Lsb => agent_lsb::program(request, &self.paths),
            Class::Systemd => return self.run_systemd(run, request.clone()),
            Class::Unknown => {
                let text = format!("resource class {} is not supported", request.agent.class);
                let ending = Ending::NotStarted {
                    what: request.agent.to_string(),
                    error: StartError::NotInstalled(text),
                };
                return self.refuse(run, ending);
            }
        };
        let (process, kill) = match program.start() {
            Ok(started) => started,
            Err(ending) => return self.refuse(run, ending),
        };
        let pid = process.pid();
        self.table.add(&Entry {
            pid,
            started: agent_table::start_time(pid).unwrap_or_default(),
            rsc: request.rsc.clone(),
            action: request.action.clone(),
            limit_s: match request.timeout_ms {
                0 => 0,
                ms => now.epoch_s + i64::from(ms.div_ceil(1000)),
            },
        });
        self.kills.insert(run, kill);
        let agent = AwaitedAgent { run, process, request: request.clone() };
        self.tasks.spawn(agent.finish(self.table.clone()));
    }

    /// Sends SIGKILL to a run. Unknown and finished runs are ignored.
    pub fn kill(&self, run: RunId, scope: KillScope) {
        if let Some(kill) = self.kills.get(&run) {
            // A closed channel means that it has just ended.
            let _ = kill.send(scope);
        }
    }

    /// Waits for the next end of a run; for ever where nothing runs. May be cancelled.
    pub async fn next(&mut self) -> AgentEnd {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(end)) => {
                    self.kills.remove(&end.run);
                    return end;
                }
                // A task panicked or was aborted: neither is done to them.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Hands agents that an earlier daemon started, and that still run, to the executor.
    ///
    /// Returns resource and action of each. The executor runs nothing for these resources until they
    /// end, and kills them at their limit.
    pub fn adopt(&mut self, executor: &mut Executor, now: Now) -> Vec<(String, String)> {
        let mut adopted = Vec::new();
        for entry in self.table.read() {
            let rest_ms = |limit_s: i64| {
                let rest_s = limit_s.saturating_sub(now.epoch_s).max(0);
                u32::try_from(rest_s.saturating_mul(1000)).unwrap_or(u32::MAX)
            };
            let limit_ms = (entry.limit_s != 0).then(|| rest_ms(entry.limit_s));
            let Ok(watch) = PidWatch::new(&entry) else { continue };
            let Some(run) = executor.handle_leftover(&entry.rsc, limit_ms, now) else { continue };
            let (kill, kills) = mpsc::unbounded_channel();
            self.kills.insert(run, kill);
            self.tasks.spawn(await_leftover(run, watch, kills, self.table.clone()));
            adopted.push((entry.rsc, entry.action));
        }
        adopted
    }

    fn resolve(&self, request: &ActionRequest) -> Class {
        match request.agent.class.as_str() {
            "ocf" => Class::Ocf,
            "lsb" => Class::Lsb,
            "service" if agent_lsb::path(&request.agent, &self.paths).exists() => Class::Lsb,
            "service" | "systemd" => Class::Systemd,
            _ => Class::Unknown,
        }
    }

    fn run_systemd(&mut self, run: RunId, request: ActionRequest) {
        let paths = Arc::clone(&self.paths);
        let (kill, mut kills) = mpsc::unbounded_channel();
        self.kills.insert(run, kill);
        self.tasks.spawn(async move {
            let completion = tokio::select! {
                completion = agent_systemd::run(&request, &paths) => completion,
                Some(_) = kills.recv() => killed(),
            };
            AgentEnd::without_output(run, completion)
        });
    }

    fn refuse(&mut self, run: RunId, ending: Ending) {
        let completion = Completion { ending, exit_reason: String::new() };
        self.tasks.spawn(std::future::ready(AgentEnd::without_output(run, completion)));
    }
}

/// How a resource's class is run.
enum Class {
    Ocf,
    Lsb,
    Systemd,
    Unknown,
}

fn killed() -> Completion {
    Completion { ending: Ending::Signalled(9), exit_reason: String::new() }
}

/// A running agent, and what it was asked to do.
struct AwaitedAgent {
    run: RunId,
    process: Process,
    request: ActionRequest,
}

impl AwaitedAgent {
    async fn finish(self, table: AgentTable) -> AgentEnd {
        let Self { run, process, request } = self;
        let pid = process.pid();
        let finished = process.finish().await;
        table.remove(pid);
        let mut completion = Completion { ending: finished.ending, exit_reason: String::new() };
        if let Ending::Exited(status) = completion.ending {
            // Only OCF agents give a reason, and one that was killed did not come to its end.
            if request.agent.class == "ocf" {
                completion.exit_reason = agent_ocf::exit_reason(&finished.stderr);
            }
            if request.agent.class == "service" {
                let rc = exit_status_to_ocf("lsb", &request.action, status);
                completion.ending = Ending::Answered { rc, op_status: OpStatus::Done };
            }
        }
        AgentEnd { run, completion, stdout: finished.stdout, stderr: finished.stderr }
    }
}

/// A process that is not our child, watched by a descriptor that no later process can take over.
#[derive(Debug)]
struct PidWatch {
    fd: AsyncFd<OwnedFd>,
    pid: Pid,
    number: u32,
}

impl PidWatch {
    fn new(entry: &Entry) -> std::io::Result<Self> {
        let gone = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let pid = i32::try_from(entry.pid).ok().and_then(Pid::from_raw).ok_or_else(gone)?;
        let fd = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
        // It may have ended, and its number been used again, before the descriptor was opened.
        if agent_table::start_time(entry.pid) != Some(entry.started) {
            return Err(gone());
        }
        #[expect(deprecated, reason = "sound for an owned descriptor; its successor is unsafe")]
        let fd = AsyncFd::with_interest(fd, Interest::READABLE)?;
        Ok(Self { fd, pid, number: entry.pid })
    }
}

async fn await_leftover(
    run: RunId,
    watch: PidWatch,
    mut kills: mpsc::UnboundedReceiver<KillScope>,
    table: AgentTable,
) -> AgentEnd {
    loop {
        tokio::select! {
            biased;
            ended = watch.fd.readable() => {
                drop(ended);
                break;
            }
            Some(scope) = kills.recv() => {
                // Already gone is as good.
                let _ = match scope {
                    KillScope::Group => rustix::process::kill_process_group(watch.pid, Signal::KILL),
                    KillScope::Process => rustix::process::kill_process(watch.pid, Signal::KILL),
                };
            }
        }
    }
    table.remove(watch.number);
    AgentEnd::without_output(run, killed())
}
