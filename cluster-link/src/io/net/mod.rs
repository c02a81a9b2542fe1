//! The embedded group over a network: sessions by TCP, heartbeats by UDP, all of it encrypted.
//!
//! [`LinkGroup`] is the user's end. The engine ([`crate::group::link`]) runs in a thread of its own
//! with its own small runtime, so a daemon that computes for a second is not taken for dead.
//!
//! Reading order: `keys`, `session` (TCP), `datagram` (UDP), `epoch` (the file), `driver` (puts the
//! engine's wishes into effect), `corosync_conf` (settings from the file), this file.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use crate::group::link::SettingsError;
use crate::group::link::quorum::QuorumConfig;
use crate::group::{Event, Group, MESSAGE_SIZE_MAX, NodeId, SendError, Ticket};
use driver::{Command, Driver};

mod corosync_conf;
mod datagram;
mod driver;
mod epoch;
mod keys;
mod links;
mod report;
mod session;

#[cfg(test)]
mod tests;

/// The most that may be submitted and not delivered.
const PENDING_BYTES_MAX: usize = 2 * MESSAGE_SIZE_MAX;
const PENDING_LEN_MAX: usize = 1024;
/// The most bytes that may wait to be sent to single members.
const DIRECT_BYTES_MAX: usize = 4 * MESSAGE_SIZE_MAX;

/// A node and where it listens, TCP and UDP on the same port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    /// Number of the node.
    pub node: NodeId,
    /// Name of the node.
    pub name: String,
    /// Its address.
    pub address: SocketAddr,
}

/// What a node needs to take part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkConfig {
    /// `cluster_name`: nodes of other clusters are refused. At most 255 bytes.
    pub cluster_name: String,
    /// This node.
    pub local: Peer,
    /// The other nodes.
    pub peers: Vec<Peer>,
    /// `token`, ms.
    pub token_ms: u64,
    /// `token_coefficient`, ms, for each node after the second.
    pub token_coefficient_ms: u64,
    /// `consensus`, ms; 1.2 times the token time where it is not set.
    pub consensus_ms: Option<u64>,
    /// How long a starting node waits for all others, ms; as `consensus` where it is not set.
    pub join_ms: Option<u64>,
    /// The content of `/etc/corosync/authkey`, at least 32 bytes; without it (`secauth: off`)
    /// anybody on the network can take part.
    pub authkey: Option<Vec<u8>>,
    /// Where the epoch is kept.
    pub state_dir: PathBuf,
    /// The `quorum` section.
    pub quorum: QuorumConfig,
}

impl LinkConfig {
    /// corosync's defaults.
    pub fn new(cluster_name: &str, local: Peer, peers: Vec<Peer>, state_dir: PathBuf) -> Self {
        let nodes = peers.iter().map(|p| p.node).chain([local.node]);
        Self {
            cluster_name: cluster_name.to_owned(),
            quorum: QuorumConfig::plain(nodes),
            local,
            peers,
            token_ms: 3000,
            token_coefficient_ms: 650,
            consensus_ms: None,
            join_ms: None,
            authkey: None,
            state_dir,
        }
    }
}

/// Why a group cannot start, or take other settings. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The cluster's name is too long for the wire.
    #[error("the cluster name is {0} bytes long; at most 255 are possible")]
    ClusterName(usize),
    /// The authkey is too short to be safe.
    #[error("the authkey has {0} bytes; it must have at least 32 (make one with corosync-keygen)")]
    AuthkeyTooShort(usize),
    /// corosync.conf does not list this node.
    #[error("node {0} is not in the nodelist of corosync.conf")]
    NotListed(NodeId),
    /// An address cannot be looked up.
    #[error("node {node}: cannot look up the address `{address}`")]
    Address {
        /// The node.
        node: NodeId,
        /// As written.
        address: String,
        /// What the resolver says.
        #[source]
        source: io::Error,
    },
    /// The address is not this machine's, or in use.
    #[error("cannot listen on {address}")]
    Listen {
        /// This node's address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The epoch cannot be read or written.
    #[error("cannot use the state folder {path}")]
    State {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// No thread or random numbers from the system.
    #[error("cannot start the network thread")]
    System(#[source] io::Error),
    /// The engine has stopped.
    #[error("the group is closed")]
    Closed,
}

/// Bytes that wait somewhere between the user and the network.
#[derive(Debug, Default)]
struct Load {
    /// Events that the user has not taken.
    events: AtomicUsize,
    /// Direct messages on their way to the network thread.
    directs: AtomicUsize,
    /// Frames that wait for the network.
    frames: Arc<AtomicUsize>,
}

/// The embedded engine's [`Group`].
///
/// Dropping it ends the network thread without a goodbye, as a crash would; [`Group::leave`] says
/// goodbye.
#[derive(Debug)]
pub struct LinkGroup {
    local: NodeId,
    members: Vec<NodeId>,
    events: mpsc::UnboundedReceiver<Event>,
    commands: mpsc::UnboundedSender<Command>,
    load: Arc<Load>,
    tickets: u64,
    /// Sizes of what was submitted and did not come back.
    pending: BTreeMap<Ticket, usize>,
    pending_bytes: usize,
    address: SocketAddr,
}

impl LinkGroup {
    /// Starts to listen and to look for the others. The first view comes as soon as all nodes are
    /// heard, or one that is in a view already, or after `join_ms`.
    ///
    /// # Errors
    /// [`LinkError`]; nothing runs.
    pub fn start(config: LinkConfig) -> Result<Self, LinkError> {
        let (events_in, events) = mpsc::unbounded_channel();
        let (commands, commands_out) = mpsc::unbounded_channel();
        let load = Arc::new(Load::default());
        let (local, address) = (config.local.node, config.local.address);
        let driver = Driver::prepare(config, events_in, commands_out, Arc::clone(&load))?;
        std::thread::Builder::new()
            .name("cluster-link".to_owned())
            .spawn(move || driver.run())
            .map_err(LinkError::System)?;
        Ok(Self {
            local,
            members: Vec::new(),
            events,
            commands,
            load,
            tickets: 0,
            pending: BTreeMap::new(),
            pending_bytes: 0,
            address,
        })
    }

    /// Returns where this node listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes a changed node list (a reload of corosync.conf): added nodes may join at once, removed
    /// ones are left out of the next view. The current view goes on.
    ///
    /// # Errors
    /// [`LinkError`]; nothing changed.
    pub fn set_peers(&mut self, peers: Vec<Peer>, quorum: QuorumConfig) -> Result<(), LinkError> {
        driver::check_peers(self.local, &peers)?;
        self.commands.send(Command::Peers(peers, quorum)).map_err(|_| LinkError::Closed)
    }

    /// Keeps the books of what comes back.
    fn settle(&mut self, event: &Event) {
        match event {
            Event::View(view) => self.members = view.members.iter().map(|m| m.node).collect(),
            Event::Deliver { ticket: Some(ticket), .. } => self.forget(*ticket),
            Event::Uncertain(tickets) => tickets.iter().for_each(|t| self.forget(*t)),
            _ => {}
        }
        self.load.events.fetch_sub(driver::weight(event), Ordering::Relaxed);
    }

    fn forget(&mut self, ticket: Ticket) {
        if let Some(size) = self.pending.remove(&ticket) {
            self.pending_bytes -= size;
        }
    }
}

impl Group for LinkGroup {
    async fn next(&mut self) -> Option<Event> {
        let event = self.events.recv().await?;
        self.settle(&event);
        Some(event)
    }

    fn submit(&mut self, message: Vec<u8>) -> Result<Ticket, SendError> {
        let size = message.len();
        if size > MESSAGE_SIZE_MAX {
            return Err(SendError::TooLarge(size));
        }
        if self.pending.len() >= PENDING_LEN_MAX || self.pending_bytes + size > PENDING_BYTES_MAX {
            return Err(SendError::Busy);
        }
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.commands.send(Command::Submit(ticket, message)).map_err(|_| SendError::Closed)?;
        self.pending.insert(ticket, size);
        self.pending_bytes += size;
        Ok(ticket)
    }

    fn send_to(&mut self, node: NodeId, message: Vec<u8>) -> Result<(), SendError> {
        let size = message.len();
        if size > MESSAGE_SIZE_MAX {
            return Err(SendError::TooLarge(size));
        }
        if !self.members.contains(&node) {
            return Err(SendError::NotMember(node));
        }
        let waiting =
            self.load.directs.load(Ordering::Relaxed) + self.load.frames.load(Ordering::Relaxed);
        if waiting + size > DIRECT_BYTES_MAX {
            return Err(SendError::Busy);
        }
        self.load.directs.fetch_add(size, Ordering::Relaxed);
        self.commands.send(Command::Direct(node, message)).map_err(|_| SendError::Closed)
    }

    fn local(&self) -> NodeId {
        self.local
    }

    async fn leave(mut self) {
        if self.commands.send(Command::Leave).is_ok() {
            // The channel closes when the goodbye is sent.
            while self.events.recv().await.is_some() {}
        }
    }
}
