//! The sessions of one node: dialling, accepting, and what comes of a session that ended.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use super::Peer;
use super::session::{self, Frame, Greeting, SESSION_FRAME_MAX, Session, SessionError, Terms};
use crate::group::NodeId;

/// Connections that may be in their handshake at a time.
const HANDSHAKES_MAX: usize = 32;
/// A handshake, and a connection, must be done in this time.
const HANDSHAKE_TIME: Duration = Duration::from_secs(3);
/// Between two attempts to reach a peer: first, and at most, ms.
const DIAL_MS: u64 = 50;
const DIAL_MS_MAX: u64 = 1000;

/// What sessions tell the driver.
pub(super) enum Input {
    /// A session is agreed.
    Session(Box<Session>),
    /// A connection attempt failed.
    NoSession { peer: Option<NodeId>, error: SessionError, dialled: bool },
    /// A frame came.
    Frame(NodeId, u64, Vec<u8>),
    /// Part of a frame came.
    Heard(NodeId, u64),
    /// The session ended.
    Ended(NodeId, u64),
}

/// One session.
struct Live {
    number: u64,
    frames: mpsc::UnboundedSender<Frame>,
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

/// What is done to reach one peer.
struct Link {
    peer: Peer,
    live: Option<Live>,
    dialling: bool,
    next_dial: u64,
    dial_ms: u64,
}

/// All sessions of a node.
pub(super) struct Links {
    terms: Arc<Terms>,
    peers: BTreeMap<NodeId, Link>,
    inputs: mpsc::Sender<Input>,
    queued: Arc<AtomicUsize>,
    sessions: u64,
    handshakes: Arc<Semaphore>,
    /// Who may dial.
    known: Arc<Mutex<Vec<NodeId>>>,
}

impl Links {
    pub(super) fn new(terms: Terms, inputs: mpsc::Sender<Input>, queued: Arc<AtomicUsize>) -> Self {
        Self {
            terms: Arc::new(terms),
            peers: BTreeMap::new(),
            inputs,
            queued,
            sessions: 0,
            handshakes: Arc::new(Semaphore::new(HANDSHAKES_MAX)),
            known: Arc::default(),
        }
    }

    /// Takes the list of peers; returns those whose session ended because they are not in it.
    pub(super) fn set_peers(&mut self, now: u64, peers: &[Peer]) -> Vec<NodeId> {
        let mut ended = Vec::new();
        let nodes: Vec<NodeId> = self.peers.keys().copied().collect();
        for node in nodes {
            let kept = peers.iter().any(|p| {
                p.node == node && self.peers.get(&node).is_some_and(|l| l.peer.address == p.address)
            });
            if !kept {
                self.end(node);
                self.peers.remove(&node);
                ended.push(node);
            }
        }
        for peer in peers {
            let link = self.peers.entry(peer.node).or_insert_with(|| Link {
                peer: peer.clone(),
                live: None,
                dialling: false,
                next_dial: now,
                dial_ms: DIAL_MS,
            });
            link.peer.name.clone_from(&peer.name);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = peers.iter().map(|p| p.node).collect();
        ended
    }

    pub(super) fn peer(&self, node: NodeId) -> Option<&Peer> {
        self.peers.get(&node).map(|l| &l.peer)
    }

    pub(super) fn peers(&self) -> impl Iterator<Item = &Peer> {
        self.peers.values().map(|l| &l.peer)
    }

    /// Returns when [`Self::dial_due`] is due.
    pub(super) fn next_dial(&self) -> Option<u64> {
        let local = self.terms.local;
        let waits = |l: &&Link| l.live.is_none() && !l.dialling && local < l.peer.node;
        self.peers.values().filter(waits).map(|l| l.next_dial).min()
    }

    /// Dials the peers that it is time for: the node with the lower id makes the session.
    ///
    /// That nobody listens is no news: a daemon may be dead, but what it runs is not, and the next
    /// daemon takes that over if it comes before the token is lost.
    pub(super) fn dial_due(&mut self, now: u64) {
        let local = self.terms.local;
        for link in self.peers.values_mut().filter(|link| local < link.peer.node) {
            if link.live.is_some() || link.dialling || now < link.next_dial {
                continue;
            }
            link.dialling = true;
            let (terms, inputs, peer) =
                (Arc::clone(&self.terms), self.inputs.clone(), link.peer.clone());
            tokio::spawn(async move {
                let _ = inputs.send(reach(&terms, &peer).await).await;
            });
        }
    }

    /// A connection attempt to the peer is over.
    pub(super) fn dialled(&mut self, now: u64, node: NodeId) {
        if let Some(link) = self.peers.get_mut(&node) {
            link.dialling = false;
            link.next_dial = now + link.dial_ms;
            link.dial_ms = (link.dial_ms * 3 / 2).min(DIAL_MS_MAX);
        }
    }

    /// Takes connections, for ever.
    pub(super) fn listen(&self, listener: TcpListener) {
        let (terms, inputs) = (Arc::clone(&self.terms), self.inputs.clone());
        let (handshakes, known) = (Arc::clone(&self.handshakes), Arc::clone(&self.known));
        tokio::spawn(async move {
            loop {
                let Ok(permit) = Arc::clone(&handshakes).acquire_owned().await else { return };
                let Ok((stream, _)) = listener.accept().await else {
                    // Out of descriptors, perhaps: not at once again.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let (terms, inputs) = (Arc::clone(&terms), inputs.clone());
                let known = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
                tokio::spawn(async move {
                    let _permit = permit;
                    let accepted = session::accept(stream, &terms, &known);
                    let input = match tokio::time::timeout(HANDSHAKE_TIME, accepted).await {
                        Ok(Ok(session)) => Input::Session(Box::new(session)),
                        Ok(Err((peer, error))) => Input::NoSession { peer, error, dialled: false },
                        Err(_) => return,
                    };
                    let _ = inputs.send(input).await;
                });
            }
        });
    }

    /// Begins to use a session; returns the greeting, and whether an older session ended for it.
    /// `None` for a peer that is not configured (any more).
    pub(super) fn begin(&mut self, session: Session) -> Option<(Greeting, bool)> {
        let node = session.peer.node;
        let replaced = self.end(node);
        let link = self.peers.get_mut(&node)?;
        self.sessions += 1;
        let number = self.sessions;
        let Session { peer, mut reader, writer } = session;
        let (frames, waiting) = mpsc::unbounded_channel();
        let writer = tokio::spawn(writer.run(waiting));
        let inputs = self.inputs.clone();
        let reader = tokio::spawn(async move {
            let heard = inputs.clone();
            let heard = || {
                // Where the driver is behind, it has enough to hear.
                let _ = heard.try_send(Input::Heard(node, number));
            };
            while let Ok(frame) = reader.frame(SESSION_FRAME_MAX, heard).await {
                if inputs.send(Input::Frame(node, number, frame)).await.is_err() {
                    return;
                }
            }
            let _ = inputs.send(Input::Ended(node, number)).await;
        });
        link.live = Some(Live { number, frames, reader, writer });
        link.dial_ms = DIAL_MS;
        Some((peer, replaced))
    }

    /// Is this the current session with the peer?
    pub(super) fn is_current(&self, node: NodeId, number: u64) -> bool {
        let live = self.peers.get(&node).and_then(|l| l.live.as_ref());
        live.is_some_and(|live| live.number == number)
    }

    /// Ends the session with a peer, at once; returns false where there was none.
    pub(super) fn end(&mut self, node: NodeId) -> bool {
        let Some(live) = self.peers.get_mut(&node).and_then(|l| l.live.take()) else {
            return false;
        };
        live.reader.abort();
        live.writer.abort();
        true
    }

    /// The session ended by itself: look at once whether the peer is still there.
    pub(super) fn ended(&mut self, now: u64, node: NodeId) {
        self.end(node);
        if let Some(link) = self.peers.get_mut(&node) {
            link.next_dial = now;
        }
    }

    /// Queues a frame for a peer; drops it where there is no session.
    pub(super) fn send(&self, node: NodeId, bytes: Arc<[u8]>) {
        if let Some(live) = self.peers.get(&node).and_then(|l| l.live.as_ref()) {
            let _ = live.frames.send(Frame::new(bytes, &self.queued));
        }
    }

    /// Sends what is queued, ends all sessions, and waits for the peers to do so.
    pub(super) async fn finish(&mut self, patience: Duration) {
        let all: Vec<Live> = self.peers.values_mut().filter_map(|l| l.live.take()).collect();
        let finished = async {
            for Live { frames, writer, reader, .. } in all {
                drop(frames);
                let _ = writer.await;
                let _ = reader.await;
            }
        };
        let _ = tokio::time::timeout(patience, finished).await;
    }
}

/// Connects to a peer and makes a session.
async fn reach(terms: &Terms, peer: &Peer) -> Input {
    let attempt = async {
        let stream = TcpStream::connect(peer.address).await?;
        session::dial(stream, terms, peer.node).await
    };
    let error = match tokio::time::timeout(HANDSHAKE_TIME, attempt).await {
        Ok(Ok(session)) => return Input::Session(Box::new(session)),
        Ok(Err(error)) => error,
        Err(_) => SessionError::Io(std::io::ErrorKind::TimedOut.into()),
    };
    Input::NoSession { peer: Some(peer.node), error, dialled: true }
}
