//! The command line of `cluster-linkd`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use super::DaemonError;
use crate::log::Level;

/// What is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// The help text.
    Help,
    /// A new authkey in this file.
    Keygen(PathBuf),
    /// A node.
    Serve(Options),
}

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

/// The answer to `--help`.
pub(super) const HELP: &str = "\
cluster-linkd: runs one node of a cluster

  cluster-linkd [OPTIONS]             runs the node
  cluster-linkd keygen [--conf FILE]  makes the authkey that all nodes must have

  --conf FILE          corosync.conf (/etc/corosync/corosync.conf); authkey beside it
  --state-dir DIR      where the CIB is kept (/var/lib/cluster-link)
  --socket PATH        socket for crm and its tools (/run/cluster-link/socket)
  --engine ENGINE      link (embedded, default), local (one node alone) or corosync
  --node NAME          this node's name (the host's)
  --log-level LEVEL    error, warning, notice (default), info or debug
  --log-file FILE      also write lines there
  --foreground         do not detach; write lines to standard error
  --help               this text

Without --foreground the lines go to cluster-linkd.err in the state directory.
SIGTERM stops the node cleanly: resources are moved or stopped first. Resources of a daemon that
is killed go on running, and the next daemon adopts them.
";

/// Reads the command line.
///
/// # Errors
/// [`DaemonError::Usage`].
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Request, DaemonError> {
    let mut keygen = false;
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
            "--help" | "-h" => return Ok(Request::Help),
            "keygen" if given.is_none() => keygen = true,
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
    if keygen {
        return Ok(Request::Keygen(options.conf.with_file_name("authkey")));
    }
    Ok(Request::Serve(options))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &[&str]) -> Result<Request, DaemonError> {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn command_line() {
        let words = ["--engine", "local", "--node=n1", "--foreground", "--socket", "/tmp/s"];
        let Request::Serve(options) = parse_words(&words).unwrap() else { panic!("a node") };
        assert_eq!(options.engine, Engine::Local);
        assert_eq!(options.node.as_deref(), Some("n1"));
        assert!(options.foreground);
        assert_eq!(parse_words(&["--help"]).unwrap(), Request::Help);
        let keygen = parse_words(&["keygen", "--conf", "/c/corosync.conf"]).unwrap();
        assert_eq!(keygen, Request::Keygen("/c/authkey".into()));
    }

    #[test]
    fn mistakes_are_named() {
        let message = |words: &[&str]| parse_words(words).unwrap_err().to_string();
        assert_eq!(message(&["--engin", "x"]), "unknown option --engin (try --help)");
        assert_eq!(message(&["--conf"]), "--conf wants a value (try --help)");
        let engine = message(&["--engine", "raft"]);
        assert_eq!(engine, "`raft` is no engine: link, local or corosync (try --help)");
    }
}
