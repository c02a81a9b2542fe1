//! `cluster-linkd`: one node's daemon.
//!
//! Reading order: `options` (the command line), `detach` (into the background), this file.

#![expect(clippy::disallowed_methods, reason = "the daemon reads its own environment once")]

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;

use cib_model::Cib;

use crate::config::{ClusterConfig, WarningKind};
use crate::controller::Settings;
use crate::group::corosync::{CorosyncGroup, CorosyncOptions};
use crate::group::local::LocalGroup;
use crate::group::{Group, Member, NodeId};
use crate::io::agent::AgentPaths;
use crate::io::agent_driver::AgentDriver;
use crate::io::authkey::{self, AuthkeyError};
use crate::io::clock::Clock;
use crate::io::disk::{CibDisk, CibSaver, DiskError};
use crate::io::driver::{Driver, DriverError, Parts, Reload};
use crate::io::engine::{EngineError, Place};
use crate::io::ipc::{IpcError, IpcServer};
use crate::io::logger::Logger;
use crate::io::net::{LinkError, LinkGroup};
use crate::io::state::{StateDir, StateError};
use crate::log::Level;
use crate::node::Node;
use crate::replica::Identity;
use crate::scheduler::PolicyScheduler;

mod detach;
mod options;

pub use options::{Engine, Options, Request, parse};

/// Why the daemon does not run.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The command line cannot be understood.
    #[error("{0} (try --help)")]
    Usage(String),
    /// The state directory cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The CIB on disk cannot be used.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// No authkey was made.
    #[error(transparent)]
    Authkey(#[from] AuthkeyError),
    /// The daemon in the background ended at once.
    #[error("{said}")]
    Child {
        /// Its words.
        said: String,
        /// Its exit code, not 0.
        code: u8,
    },
    /// The node ran, and ended badly.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// The socket cannot be served.
    #[error(transparent)]
    Socket(#[from] IpcError),
    /// corosync.conf cannot be used.
    #[error(transparent)]
    Conf(#[from] EngineError),
    /// The group engine cannot start.
    #[error("{0}")]
    Engine(String),
    /// The system refuses something.
    #[error("cannot {what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

impl DaemonError {
    /// Returns the exit code, from `sysexits.h` where one fits.
    pub fn exit_code(&self) -> u8 {
        match self {
            DaemonError::Usage(_) => 64,
            DaemonError::State(StateError::Locked { .. }) | DaemonError::Socket(_) => 69,
            DaemonError::Disk(DiskError::Damaged { .. }) => 65,
            DaemonError::Conf(_) => 78,
            DaemonError::Child { code, .. } => *code,
            DaemonError::Authkey(AuthkeyError::Exists(_)) => 73,
            DaemonError::State(StateError::File { .. })
            | DaemonError::Disk(DiskError::File { .. })
            | DaemonError::Authkey(_)
            | DaemonError::Driver(_)
            | DaemonError::Engine(_)
            | DaemonError::System { .. } => 1,
        }
    }
}

/// Runs the daemon with command line arguments (without the program's name); returns the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let result = match parse(args.iter().cloned()) {
        Ok(Request::Help) => {
            let _ = std::io::stdout().write_all(options::HELP.as_bytes());
            Ok(())
        }
        Ok(Request::Keygen(path)) => keygen(&path),
        Ok(Request::Serve(options)) if options.foreground => serve(&options),
        Ok(Request::Serve(options)) => {
            warn_of_conf(&options);
            detach::detach(&options, &args)
        }
        Err(e) => Err(e),
    };
    match result {
        Ok(()) => 0,
        Err(e) => fail(&e),
    }
}

fn keygen(path: &Path) -> Result<(), DaemonError> {
    authkey::generate(path)?;
    let text = format!("{} is made: copy it to every node, mode 0400\n", path.display());
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// Says what is suspicious in corosync.conf before the daemon detaches: its own lines go to a file.
fn warn_of_conf(options: &Options) {
    let Ok(text) = std::fs::read_to_string(&options.conf) else { return };
    let file = options.conf.display().to_string();
    let Ok(config) = ClusterConfig::parse(&text, &file) else { return };
    for warning in config.warnings.iter().filter(|w| w.kind != WarningKind::Obsolete) {
        let line = format!("cluster-linkd: {file}:{}: {}\n", warning.line, warning.text);
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

fn fail(error: &DaemonError) -> u8 {
    let text = error.to_string();
    // What the daemon in the background said begins so already.
    let text = text.trim_start_matches("cluster-linkd: ");
    let _ = writeln!(std::io::stderr(), "cluster-linkd: {text}");
    error.exit_code()
}

/// Runs the node until it has left.
fn serve(options: &Options) -> Result<(), DaemonError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|source| DaemonError::System { what: "start the runtime", source })?;
    runtime.block_on(serve_node(options))
}

async fn serve_node(options: &Options) -> Result<(), DaemonError> {
    let name = options.node.clone().unwrap_or_else(host_name);
    let state = StateDir::open(&options.state_dir)?;
    let run = state.next_run()?;
    let now = u64::try_from(Clock::new().now().epoch_s).unwrap_or(0);
    // Grows with the time too, in case the state directory was lost.
    let incarnation = (now << 16) | (run & 0xffff);
    match options.engine {
        Engine::Local => {
            let member = Member { node: 1, name: name.clone(), incarnation };
            let group = LocalGroup::new(member, incarnation);
            let seat = Seat { node: 1, name, incarnation, ..Seat::default() };
            let reload = Box::new(|_: &mut LocalGroup| Ok(Vec::new()));
            drive(options, state, group, seat, reload).await
        }
        Engine::Link => {
            let place = Place::read(&options.conf, &name)?;
            let link = place.link(&options.conf, &options.state_dir)?;
            let engine = |e: LinkError| DaemonError::Engine(full(&e));
            let group = LinkGroup::start(link).map_err(engine)?;
            let conf = options.conf.clone();
            let seat = Seat::of(&place, incarnation);
            let reload = Box::new(move |group: &mut LinkGroup| {
                let place = Place::read(&conf, &name).map_err(|e| full(&e))?;
                let configured = place.configured();
                group.set_peers(place.link.peers, place.link.quorum).map_err(|e| full(&e))?;
                Ok(configured)
            });
            drive(options, state, group, seat, reload).await
        }
        Engine::Corosync => {
            let place = Place::read(&options.conf, &name)?;
            let corosync = CorosyncOptions {
                group: "cluster-link".to_owned(),
                name: name.clone(),
                incarnation,
                epoch: incarnation,
            };
            let group = CorosyncGroup::connect(corosync);
            let group = group.map_err(|e| DaemonError::Engine(full(&e)))?;
            let conf = options.conf.clone();
            let seat = Seat::of(&place, incarnation);
            let reload = Box::new(move |_: &mut CorosyncGroup| {
                Place::read(&conf, &name).map(|p| p.configured()).map_err(|e| full(&e))
            });
            drive(options, state, group, seat, reload).await
        }
    }
}

/// An error with its causes, in one line.
fn full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Which node this is, in which cluster.
#[derive(Default)]
struct Seat {
    node: NodeId,
    name: String,
    incarnation: u64,
    cluster_name: String,
    configured: Vec<(NodeId, String)>,
    warnings: Vec<(Level, String)>,
}

impl Seat {
    fn of(place: &Place, incarnation: u64) -> Self {
        let level = |kind| match kind {
            WarningKind::Unknown | WarningKind::Suspicious => Level::Warning,
            WarningKind::Obsolete => Level::Info,
        };
        let warnings = place.config.warnings.iter();
        Seat {
            node: place.link.local.node,
            name: place.link.local.name.clone(),
            incarnation,
            cluster_name: place.config.cluster_name.clone().unwrap_or_default(),
            configured: place.configured(),
            warnings: warnings
                .map(|w| (level(w.kind), format!("{}: {}", w.line, w.text)))
                .collect(),
        }
    }
}

async fn drive<G: Group>(
    options: &Options,
    state: StateDir,
    group: G,
    place: Seat,
    reload: Reload<G>,
) -> Result<(), DaemonError> {
    let system = |what| move |source| DaemonError::System { what, source };
    let log_file = options.log_file.as_deref();
    let mut log = Logger::new(&place.name, options.log_level, log_file, options.foreground)
        .map_err(system("open the log file"))?;
    let mut disk = CibDisk::open(&options.state_dir)?;
    let loaded = disk.load()?;
    for (level, warning) in place.warnings {
        log.line(level, &format!("{}:{warning}", options.conf.display()));
    }
    for problem in &loaded.problems {
        log.line(Level::Error, problem);
    }
    let started = state.started().unwrap_or_else(|problem| {
        log.line(Level::Error, &format!("{problem}; going on as if nothing had run here"));
        Vec::new()
    });
    let cib = loaded.cib.unwrap_or_else(Cib::empty);
    let clock = Clock::new();
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let me = Identity {
        node: place.node,
        name: place.name,
        incarnation: place.incarnation,
        feature_set: crate::FEATURE_SET.to_owned(),
        job_limit: u32::try_from(2 * jobs).unwrap_or(u32::MAX),
    };
    let settings = Settings {
        configured: place.configured,
        cluster_name: place.cluster_name,
        dc_version: std::env::var("CRM_DC_VERSION").unwrap_or_else(|_| crate::DC_VERSION.into()),
        uuid: random_uuid()?,
        started,
    };
    let scheduler = Box::new(PolicyScheduler::default());
    let node = Node::new(me, settings, cib.tree(), scheduler, clock.now());
    let agents = AgentDriver::new(agent_paths(options));
    let ipc = IpcServer::listen(&options.socket)?;
    let (saver, alarms) = (CibSaver::new(disk), loaded.problems);
    let parts = Parts { node, group, agents, ipc, state, saver, alarms, log, clock, reload };
    Ok(Driver::new(parts).run().await?)
}

fn agent_paths(options: &Options) -> AgentPaths {
    let mut paths = AgentPaths {
        log_file: options.log_file.clone(),
        table_dir: options.state_dir.join("agents"),
        feature_set: crate::FEATURE_SET.to_owned(),
        ..AgentPaths::default()
    };
    if let Some(root) = std::env::var_os("OCF_ROOT") {
        paths.ocf_root = root.into();
    }
    if let Some(dir) = std::env::var_os("CRM_LSB_DIR") {
        paths.init_dir = dir.into();
    }
    paths
}

fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// A random UUID (version 4) as text.
fn random_uuid() -> Result<String, DaemonError> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|e| DaemonError::Engine(format!("no random bytes: {e}")))?;
    let number = u128::from_be_bytes(bytes);
    let number = (number & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{number:032x}");
    let part = |range| hex.get(range).unwrap_or_default();
    Ok(format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_of_version_4() {
        let uuid = random_uuid().unwrap();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes().get(14), Some(&b'4'));
    }
}
