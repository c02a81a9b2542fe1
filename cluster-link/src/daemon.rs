//! `cluster-linkd`: one node's daemon.
//!
//! ```text
//! cluster-linkd [--conf FILE] [--state-dir DIR] [--socket PATH] [--engine link|local|corosync]
//!               [--node NAME] [--log-level LEVEL] [--log-file FILE] [--foreground]
//! ```

#![expect(clippy::disallowed_methods, reason = "the daemon reads its own environment once")]

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::str::FromStr;

use crate::controller::Settings;
use crate::group::corosync::{CorosyncGroup, CorosyncOptions};
use crate::group::local::LocalGroup;
use crate::group::{Group, Member, NodeId};
use crate::io::agent::AgentPaths;
use crate::io::agent_driver::AgentDriver;
use crate::io::clock::Clock;
use crate::io::driver::{Driver, Parts, Reload};
use crate::io::engine::{EngineError, Place};
use crate::io::ipc::{IpcError, IpcServer};
use crate::io::logger::Logger;
use crate::io::net::{LinkError, LinkGroup};
use crate::io::state::{StateDir, StateError};
use crate::log::Level;
use crate::node::Node;
use crate::replica::Identity;
use crate::scheduler::PolicyScheduler;

/// What the daemon was started with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// corosync.conf.
    pub conf: PathBuf,
    /// Where the CIB is kept.
    pub state_dir: PathBuf,
    /// The clients' socket.
    pub socket: PathBuf,
    /// What carries messages between nodes.
    pub engine: Engine,
    /// The node's name; none = the host's.
    pub node: Option<String>,
    /// Least important lines that are written.
    pub log_level: Level,
    /// Where lines are written beside standard error.
    pub log_file: Option<PathBuf>,
    /// Stay in the foreground and write lines to standard error.
    pub foreground: bool,
}

/// A group engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The embedded engine.
    Link,
    /// One node alone.
    Local,
    /// A running corosync.
    Corosync,
}

impl FromStr for Engine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "link" => Ok(Engine::Link),
            "local" => Ok(Engine::Local),
            "corosync" => Ok(Engine::Corosync),
            _ => Err(format!("`{text}` is no engine: link, local or corosync")),
        }
    }
}

/// Why the daemon does not run.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The command line cannot be understood.
    #[error("{0} (try --help)")]
    Usage(String),
    /// The state directory cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
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
            DaemonError::State(StateError::Damaged { .. }) => 65,
            DaemonError::Conf(_) => 78,
            DaemonError::State(StateError::File { .. })
            | DaemonError::Engine(_)
            | DaemonError::System { .. } => 1,
        }
    }
}

const HELP: &str = "\
cluster-linkd: runs one node of a cluster

  --conf FILE          corosync.conf (/etc/corosync/corosync.conf); authkey beside it
  --state-dir DIR      where the CIB is kept (/var/lib/cluster-link)
  --socket PATH        socket for crm and its tools (/run/cluster-link/socket)
  --engine ENGINE      link (embedded, default), local (one node alone) or corosync
  --node NAME          this node's name (the host's)
  --log-level LEVEL    error, warning, notice (default), info or debug
  --log-file FILE      also write lines there
  --foreground         do not detach; write lines to standard error
  --help               this text

SIGTERM stops the node cleanly: resources are moved or stopped first. Resources of a daemon that
is killed go on running, and the next daemon adopts them.
";

/// Runs the daemon with command line arguments (without the program's name); returns the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let options = match parse(args) {
        Ok(Some(options)) => options,
        Ok(None) => {
            let _ = std::io::stdout().write_all(HELP.as_bytes());
            return 0;
        }
        Err(e) => return fail(&e),
    };
    let result = if options.foreground { serve(&options) } else { detach(&options) };
    match result {
        Ok(()) => 0,
        Err(e) => fail(&e),
    }
}

fn fail(error: &DaemonError) -> u8 {
    let _ = writeln!(std::io::stderr(), "cluster-linkd: {error}");
    error.exit_code()
}

/// Reads the command line; `None` where help is wanted.
///
/// # Errors
/// [`DaemonError::Usage`].
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Options>, DaemonError> {
    let mut options = Options {
        conf: "/etc/corosync/corosync.conf".into(),
        state_dir: "/var/lib/cluster-link".into(),
        socket: "/run/cluster-link/socket".into(),
        engine: Engine::Link,
        node: None,
        log_level: Level::Notice,
        log_file: None,
        foreground: false,
    };
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let arg = text(arg)?;
        let (name, given) = match arg.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(OsString::from(value))),
            None => (arg, None),
        };
        match name.as_str() {
            "--help" | "-h" => return Ok(None),
            "--foreground" | "-f" => options.foreground = true,
            "--conf" | "--state-dir" | "--socket" | "--engine" | "--node" | "--log-level"
            | "--log-file" => {
                let missing = || DaemonError::Usage(format!("{name} wants a value"));
                let value = given.or_else(|| args.next()).ok_or_else(missing)?;
                set(&mut options, &name, value)?;
            }
            _ => return Err(DaemonError::Usage(format!("unknown option {name}"))),
        }
    }
    Ok(Some(options))
}

fn set(options: &mut Options, name: &str, value: OsString) -> Result<(), DaemonError> {
    match name {
        "--conf" => options.conf = value.into(),
        "--state-dir" => options.state_dir = value.into(),
        "--socket" => options.socket = value.into(),
        "--log-file" => options.log_file = Some(value.into()),
        "--node" => options.node = Some(text(value)?),
        "--engine" => options.engine = text(value)?.parse().map_err(DaemonError::Usage)?,
        _ => options.log_level = text(value)?.parse().map_err(DaemonError::Usage)?,
    }
    Ok(())
}

fn text(value: OsString) -> Result<String, DaemonError> {
    let bad = |v: OsString| DaemonError::Usage(format!("{} is not UTF-8", v.display()));
    value.into_string().map_err(bad)
}

/// Starts the daemon again without a terminal, and waits until it serves its socket.
fn detach(options: &Options) -> Result<(), DaemonError> {
    let system = |what| move |source| DaemonError::System { what, source };
    let program = std::env::current_exe().map_err(system("find this program"))?;
    let mut command = Command::new(program);
    command.arg0("cluster-linkd").args(std::env::args_os().skip_while(is_program_name));
    command.arg("--foreground").stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
    let errors = options.state_dir.join("cluster-linkd.err");
    std::fs::create_dir_all(&options.state_dir).map_err(system("create the state directory"))?;
    let file = std::fs::File::create(&errors).map_err(system("write cluster-linkd.err"))?;
    let mut child = command.stderr(file).spawn().map_err(system("start the daemon"))?;
    loop {
        if std::os::unix::net::UnixStream::connect(&options.socket).is_ok() {
            return Ok(());
        }
        if let Some(status) = child.try_wait().map_err(system("watch the daemon"))? {
            let said = std::fs::read_to_string(&errors).unwrap_or_default();
            let said = said.trim().trim_start_matches("cluster-linkd: ").to_owned();
            return Err(DaemonError::Engine(format!("the daemon ended ({status}): {said}")));
        }
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
}

/// Everything before the first option: the program, or `crm tool cluster-linkd`.
fn is_program_name(arg: &OsString) -> bool {
    !arg.to_string_lossy().starts_with('-')
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
                group.set_peers(place.peers, place.quorum).map_err(|e| full(&e))?;
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
    warnings: Vec<String>,
}

impl Seat {
    fn of(place: &Place, incarnation: u64) -> Self {
        let warnings = place.config.warnings.iter();
        Seat {
            node: place.local.node,
            name: place.local.name.clone(),
            incarnation,
            cluster_name: place.config.cluster_name.clone().unwrap_or_default(),
            configured: place.configured(),
            warnings: warnings.map(|w| format!("line {}: {}", w.line, w.text)).collect(),
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
    let (cib, problems) = state.load_cib()?;
    for warning in place.warnings {
        log.line(Level::Info, &format!("{}: {warning}", options.conf.display()));
    }
    for problem in problems {
        log.line(Level::Error, &problem);
    }
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
    };
    let scheduler = Box::new(PolicyScheduler::default());
    let node = Node::new(me, settings, cib.tree(), scheduler, clock.now());
    let agents = AgentDriver::new(agent_paths(options));
    let ipc = IpcServer::listen(&options.socket)?;
    let driver = Driver::new(Parts { node, group, agents, ipc, state, log, clock, reload });
    driver.run().await.map_err(system("receive signals"))
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

    fn parse_words(words: &[&str]) -> Result<Option<Options>, DaemonError> {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn command_line() {
        let words = ["--engine", "local", "--node=n1", "--foreground", "--socket", "/tmp/s"];
        let options = parse_words(&words).unwrap().unwrap();
        assert_eq!(options.engine, Engine::Local);
        assert_eq!(options.node.as_deref(), Some("n1"));
        assert!(options.foreground);
        assert!(parse_words(&["--help"]).unwrap().is_none());
    }

    #[test]
    fn mistakes_are_named() {
        let message = |words: &[&str]| parse_words(words).unwrap_err().to_string();
        assert_eq!(message(&["--engin", "x"]), "unknown option --engin (try --help)");
        assert_eq!(message(&["--conf"]), "--conf wants a value (try --help)");
        let engine = message(&["--engine", "raft"]);
        assert_eq!(engine, "`raft` is no engine: link, local or corosync (try --help)");
    }

    #[test]
    fn a_uuid_is_of_version_4() {
        let uuid = random_uuid().unwrap();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes().get(14), Some(&b'4'));
    }
}
