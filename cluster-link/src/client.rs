//! A blocking client of the daemon's socket, for command line programs.
//!
//! ```no_run
//! use std::time::Duration;
//! use cluster_link::client::Client;
//!
//! let mut client = Client::connect("/run/cluster-link/socket".as_ref(), "crm")?;
//! let snapshot = client.query()?;
//! println!("{} is at {}", snapshot.cib.root().name(), snapshot.version);
//! client.wait_idle(Duration::from_secs(60))?;
//! # Ok::<(), cluster_link::client::ClientError>(())
//! ```

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cib_model::Cib;

use crate::attrs::AttributeUpdate;
use crate::protocol::{
    Answer, AnswerResult, Call, ClientRequest, NodeInfo, Notification, Refusal, Reply,
};
use crate::replica::request::CibOperation;
use crate::replica::version::CibVersion;

/// How long an answer may take, but for [`Client::wait_idle`].
const ANSWER_LIMIT: Duration = Duration::from_mins(2);

/// Why a request brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No daemon listens.
    #[error("cannot connect to {path}: {source} (is cluster-linkd running on this node?)")]
    NotRunning {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The daemon said no; nothing changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No answer in time. A change may still be made.
    #[error("the daemon did not answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// The connection broke. A change may have been made.
    #[error("the connection to the daemon broke: {0}")]
    Broken(std::io::Error),
    /// The daemon's answer cannot be understood.
    #[error("the daemon's answer cannot be understood: {0}")]
    Malformed(String),
}

/// The CIB at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The CIB.
    pub cib: Cib,
    /// Its version.
    pub version: CibVersion,
    /// Its replication digest.
    pub digest: String,
}

/// A connection to the daemon. Requests are answered one after the other.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
    name: String,
    last_id: u64,
}

impl Client {
    /// Connects; `name` is the program's, for `update-client`.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`].
    pub fn connect(path: &Path, name: &str) -> Result<Self, ClientError> {
        let stream = UnixStream::connect(path)
            .map_err(|source| ClientError::NotRunning { path: path.to_owned(), source })?;
        Ok(Client { stream: BufReader::new(stream), name: name.to_owned(), last_id: 0 })
    }

    /// Reads the CIB.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn query(&mut self) -> Result<Snapshot, ClientError> {
        match self.ask(ClientRequest::Query, ANSWER_LIMIT)? {
            Reply::Cib { xml, version, digest } => {
                let cib = Cib::read(&xml).map_err(|e| ClientError::Malformed(e.to_string()))?;
                Ok(Snapshot { cib, version, digest })
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Reads the CIB's version and replication digest.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn version(&mut self) -> Result<(CibVersion, String), ClientError> {
        match self.ask(ClientRequest::Version, ANSWER_LIMIT)? {
            Reply::Version { version, digest } => Ok((version, digest)),
            other => Err(unexpected(&other)),
        }
    }

    /// Executes an operation on the CIB and returns the version after it.
    ///
    /// # Errors
    /// [`ClientError::Refused`]: nothing changed; otherwise it is not known.
    pub fn apply(&mut self, operation: CibOperation) -> Result<CibVersion, ClientError> {
        match self.ask(ClientRequest::Apply { operation }, ANSWER_LIMIT)? {
            Reply::Applied { version } => Ok(version),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks what the node knows of the cluster.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn node_info(&mut self) -> Result<NodeInfo, ClientError> {
        match self.ask(ClientRequest::NodeInfo, ANSWER_LIMIT)? {
            Reply::NodeInfo(info) => Ok(*info),
            other => Err(unexpected(&other)),
        }
    }

    /// Forgets history and fail counts of a resource (none = all) on a node (none = all);
    /// `only_failed`: only where it has failed.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn cleanup(
        &mut self,
        rsc: Option<&str>,
        node: Option<&str>,
        only_failed: bool,
    ) -> Result<(), ClientError> {
        let (rsc, node) = (rsc.map(str::to_owned), node.map(str::to_owned));
        self.ask(ClientRequest::Cleanup { rsc, node, only_failed }, ANSWER_LIMIT).map(|_| ())
    }

    /// Sets transient attributes of a node (none = the daemon's own).
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn set_attributes(
        &mut self,
        node: Option<&str>,
        updates: Vec<AttributeUpdate>,
    ) -> Result<(), ClientError> {
        let node = node.map(str::to_owned);
        self.ask(ClientRequest::SetAttributes { node, updates }, ANSWER_LIMIT).map(|_| ())
    }

    /// Asks the daemon to stop cleanly; it ends after its resources have.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn shutdown(&mut self) -> Result<(), ClientError> {
        self.ask(ClientRequest::Shutdown, ANSWER_LIMIT).map(|_| ())
    }

    /// Makes the daemon read corosync.conf again; added nodes may then join.
    ///
    /// # Errors
    /// [`ClientError::Refused`]: the file was not taken, and nothing changed.
    pub fn reload(&mut self) -> Result<(), ClientError> {
        self.ask(ClientRequest::Reload, ANSWER_LIMIT).map(|_| ())
    }

    /// Waits until the DC has nothing to do any more, for at most `limit`.
    ///
    /// # Errors
    /// [`ClientError::Timeout`] where it still has.
    pub fn wait_idle(&mut self, limit: Duration) -> Result<(), ClientError> {
        self.ask(ClientRequest::WaitIdle, limit).map(|_| ())
    }

    /// Turns the connection into a stream of notifications.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn subscribe(mut self) -> Result<Subscription, ClientError> {
        self.ask(ClientRequest::Subscribe, ANSWER_LIMIT)?;
        self.stream.get_ref().set_read_timeout(None).map_err(ClientError::Broken)?;
        Ok(Subscription { client: self })
    }

    /// Asks anything and returns the daemon's reply.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn ask(&mut self, request: ClientRequest, limit: Duration) -> Result<Reply, ClientError> {
        self.last_id += 1;
        let call = Call { id: self.last_id, client: self.name.clone(), request };
        let mut line =
            serde_json::to_vec(&call).map_err(|e| ClientError::Malformed(e.to_string()))?;
        line.push(b'\n');
        // A limit of zero would mean none.
        let limit = limit.max(Duration::from_millis(1));
        let stream = self.stream.get_mut();
        stream.set_read_timeout(Some(limit)).map_err(ClientError::Broken)?;
        // A daemon that refuses the user says so and hangs up, whatever is asked.
        let mut hung_up = stream.write_all(&line).err();
        let answer = loop {
            let line = match (self.line(limit), hung_up.take()) {
                (Err(_), Some(error)) => return Err(ClientError::Broken(error)),
                (line, _) => line?,
            };
            // Answers to requests that were given up for their limit are skipped.
            match serde_json::from_str::<Answer>(&line) {
                Ok(answer) if answer.id == self.last_id || answer.id == 0 => break answer,
                Ok(_) => {}
                Err(e) => return Err(ClientError::Malformed(e.to_string())),
            }
        };
        match answer.result {
            AnswerResult::Reply(reply) => Ok(reply),
            AnswerResult::Error(refusal) => Err(refusal.into()),
        }
    }

    fn line(&mut self, limit: Duration) -> Result<String, ClientError> {
        use std::io::ErrorKind;
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(0) => Err(ClientError::Broken(ErrorKind::UnexpectedEof.into())),
            Ok(_) => Ok(line),
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(ClientError::Timeout(limit))
            }
            Err(e) => Err(ClientError::Broken(e)),
        }
    }
}

fn unexpected(reply: &Reply) -> ClientError {
    ClientError::Malformed(format!("unexpected reply {reply:?}"))
}

/// Notifications, one after the other, until the daemon ends.
#[derive(Debug)]
pub struct Subscription {
    client: Client,
}

impl Iterator for Subscription {
    type Item = Notification;

    fn next(&mut self) -> Option<Notification> {
        let line = self.client.line(ANSWER_LIMIT).ok()?;
        serde_json::from_str(&line).ok()
    }
}
