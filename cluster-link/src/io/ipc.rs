//! The daemon's Unix socket: one JSON value a line, see [`crate::protocol`].
//!
//! Root, the daemon's own user and members of the group `haclient` may ask; everybody else is told
//! so and disconnected. One task a connection; the driver gets requests through one queue.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

use super::user::{self, Peer};
use crate::protocol::{Answer, Call, ClientEvent, LINE_MAX, Notification, Refusal, Reply};

/// Requests that may wait for the driver.
const QUEUE_MAX: usize = 256;
/// How long the last answers may take.
const FLUSH_LIMIT: Duration = Duration::from_secs(1);
/// Bytes that a line may have, as the reader counts them.
const READ_MAX: u64 = LINE_MAX as u64 + 1;

/// What happened on a connection.
#[derive(Debug)]
pub enum IpcEvent {
    /// A request.
    Request {
        /// The connection.
        connection: u64,
        /// What was asked.
        call: Call,
        /// Who asks.
        peer: Peer,
    },
    /// The connection is closed.
    Closed(u64),
}

/// Why the socket cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum IpcError {
    /// The system refuses.
    #[error("cannot listen on {path}: {source}")]
    Socket {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another daemon serves it; it goes on.
    #[error("another daemon serves {0} already: stop it first, or give this one another --socket")]
    Served(PathBuf),
}

/// What a connection's writer is given.
#[derive(Debug)]
enum Line {
    /// A line with its end.
    Text(String),
    /// Say when everything before is written.
    Flush(oneshot::Sender<()>),
}

/// All connections of the socket.
#[derive(Debug)]
pub struct IpcServer {
    path: PathBuf,
    listener: UnixListener,
    events: mpsc::Receiver<IpcEvent>,
    sender: mpsc::Sender<IpcEvent>,
    connections: BTreeMap<u64, mpsc::UnboundedSender<Line>>,
    next_connection: u64,
}

impl IpcServer {
    /// Listens on `path`; a socket that an earlier daemon left is replaced.
    ///
    /// # Errors
    /// [`IpcError`].
    pub fn listen(path: &Path) -> Result<Self, IpcError> {
        let failed = |source| IpcError::Socket { path: path.to_owned(), source };
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(IpcError::Served(path.to_owned()));
        }
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir).map_err(failed)?;
        }
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(failed(e)),
            _ => {}
        }
        let listener = UnixListener::bind(path).map_err(failed)?;
        // Who connects is judged by the socket's credentials, not by the file's mode.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        std::fs::set_permissions(path, mode).map_err(failed)?;
        let (sender, events) = mpsc::channel(QUEUE_MAX);
        Ok(IpcServer {
            path: path.to_owned(),
            listener,
            events,
            sender,
            connections: BTreeMap::new(),
            next_connection: 1,
        })
    }

    /// Waits for the next request. May be cancelled: nothing is lost.
    pub async fn next(&mut self) -> IpcEvent {
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        self.accept(stream);
                    }
                }
                Some(event) = self.events.recv() => {
                    if let IpcEvent::Closed(connection) = &event {
                        self.connections.remove(connection);
                    }
                    return event;
                }
            }
        }
    }

    /// Waits until all answers are written, so that the last ones are not lost with the process.
    pub async fn flush(&mut self) {
        let mut pending = Vec::new();
        for sender in self.connections.values() {
            let (done, written) = oneshot::channel();
            if sender.send(Line::Flush(done)).is_ok() {
                pending.push(written);
            }
        }
        let all = async {
            for written in pending {
                // The writer of a connection that broke is gone: nothing to wait for.
                let _ = written.await;
            }
        };
        // A client that does not read must not keep the daemon.
        let _ = tokio::time::timeout(FLUSH_LIMIT, all).await;
    }

    /// Writes a file for root alone beside the socket; returns its path, or why there is none.
    pub fn keep_beside(&self, name: &str, text: &str) -> String {
        let path = self.path.with_file_name(name);
        // It may be an old one, or somebody's link.
        let _ = std::fs::remove_file(&path);
        let mut options = std::fs::File::options();
        let options = options.write(true).create_new(true).mode(0o600);
        let written = options.open(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        match written {
            Ok(()) => path.display().to_string(),
            Err(error) => format!("no file ({}: {error})", path.display()),
        }
    }

    /// Answers a request; a connection that is closed by now is ignored.
    pub fn answer(&mut self, connection: u64, id: u64, result: Result<Reply, Refusal>) {
        self.write(connection, &Answer { id, result: result.into() });
    }

    /// Tells a subscriber.
    pub fn notify(&mut self, connection: u64, event: ClientEvent) {
        self.write(connection, &Notification { event });
    }

    fn write<T: Serialize>(&mut self, connection: u64, value: &T) {
        let Ok(mut line) = serde_json::to_string(value) else { return };
        line.push('\n');
        if let Some(sender) = self.connections.get(&connection)
            && sender.send(Line::Text(line)).is_err()
        {
            self.connections.remove(&connection);
        }
    }

    fn accept(&mut self, stream: UnixStream) {
        let connection = self.next_connection;
        self.next_connection += 1;
        let permitted = stream.peer_cred().ok().and_then(|c| user::permitted(c.uid(), c.gid()));
        let (sender, lines) = mpsc::unbounded_channel();
        let (reader, writer) = stream.into_split();
        tokio::spawn(write_lines(writer, lines));
        match permitted {
            Some(peer) => {
                self.connections.insert(connection, sender.clone());
                tokio::spawn(read_lines(reader, connection, peer, self.sender.clone(), sender));
            }
            None => refuse(&sender, 0, Refusal::NotPermitted),
        }
    }
}

impl Drop for IpcServer {
    fn drop(&mut self) {
        // A client then sees at once that no daemon runs.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn refuse(answers: &mpsc::UnboundedSender<Line>, id: u64, refusal: Refusal) {
    let answer = Answer { id, result: Err(refusal).into() };
    if let Ok(line) = serde_json::to_string(&answer) {
        let _ = answers.send(Line::Text(line + "\n"));
    }
}

async fn read_lines(
    reader: OwnedReadHalf,
    connection: u64,
    peer: Peer,
    events: mpsc::Sender<IpcEvent>,
    answers: mpsc::UnboundedSender<Line>,
) {
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let read = (&mut reader).take(READ_MAX).read_until(b'\n', &mut line).await;
        if !matches!(read, Ok(1..)) {
            break;
        }
        if line.len() > LINE_MAX {
            let text = format!("a line longer than {LINE_MAX} bytes");
            refuse(&answers, 0, Refusal::Malformed(text));
            break;
        }
        match serde_json::from_slice::<Call>(&line) {
            Ok(call) => {
                let event = IpcEvent::Request { connection, call, peer: peer.clone() };
                if events.send(event).await.is_err() {
                    break;
                }
            }
            Err(e) => {
                let id = serde_json::from_slice::<serde_json::Value>(&line).ok();
                let id = id.and_then(|v| v.get("id")?.as_u64()).unwrap_or(0);
                refuse(&answers, id, Refusal::Malformed(e.to_string()));
            }
        }
    }
    let _ = events.send(IpcEvent::Closed(connection)).await;
}

async fn write_lines(mut writer: OwnedWriteHalf, mut lines: mpsc::UnboundedReceiver<Line>) {
    while let Some(line) = lines.recv().await {
        match line {
            Line::Text(line) => {
                if writer.write_all(line.as_bytes()).await.is_err() {
                    break;
                }
            }
            // Who waits may have given up.
            Line::Flush(done) => drop(done.send(())),
        }
    }
}
