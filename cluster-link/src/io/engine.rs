//! From corosync.conf to a group engine: which node this is, and where the others are.

use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::path::{Path, PathBuf};

use super::authkey::{self, AuthkeyError};
use super::net::{LinkConfig, Peer};
use crate::config::{ClusterConfig, Node};
use crate::group::NodeId;
use crate::quorum::{QuorumConfig, TieBreaker};

/// Why corosync.conf does not say how to take part.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source} (make it with `crm cluster init`, or give --conf)")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file says something impossible.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// This node is not in the node list.
    #[error(
        "{path} lists no node called {name}, and no node with an address of this machine: add a \
         node with `name: {name}` to its nodelist, or give --node"
    )]
    NotListed {
        /// The file.
        path: PathBuf,
        /// The name that was looked for.
        name: String,
    },
    /// A node's address cannot be used.
    #[error("node {node}: cannot use address {address}: {reason}")]
    Address {
        /// The node.
        node: NodeId,
        /// Its address.
        address: String,
        /// Why.
        reason: String,
    },
    /// There is no key that can be used.
    #[error(
        "{0} (links are authenticated and encrypted with it: `crm tool cluster-linkd keygen` makes \
         one, which every node must have)"
    )]
    Authkey(#[from] AuthkeyError),
}

/// What corosync.conf says to this node.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file's content.
    pub config: ClusterConfig,
    /// This node.
    pub local: Peer,
    /// The others.
    pub peers: Vec<Peer>,
    /// Votes.
    pub quorum: QuorumConfig,
}

impl Place {
    /// Reads corosync.conf and finds the node called `name`, or the one with an address of this
    /// machine.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn read(path: &Path, name: &str) -> Result<Self, EngineError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| EngineError::Unreadable { path: path.to_owned(), source })?;
        let config = ClusterConfig::parse(&text, &path.display().to_string())?;
        let not_listed = || EngineError::NotListed { path: path.to_owned(), name: name.to_owned() };
        let local = local_node(&config, name).ok_or_else(not_listed)?;
        let mut local_peer = peer(local, config.port)?;
        name.clone_into(&mut local_peer.name);
        let others = config.nodes.iter().filter(|n| n.id != local.id);
        let peers = others.map(|n| peer(n, config.port)).collect::<Result<Vec<_>, _>>()?;
        let quorum = quorum(&config);
        Ok(Place { local: local_peer, peers, quorum, config })
    }

    /// Returns all configured nodes; the name is empty where the file gives none.
    pub fn configured(&self) -> Vec<(NodeId, String)> {
        let name = |node: &Node| {
            let local = (node.id == self.local.node).then(|| self.local.name.clone());
            local.or_else(|| node.name.clone()).unwrap_or_default()
        };
        self.config.nodes.iter().map(|node| (node.id, name(node))).collect()
    }

    /// Returns the embedded engine's settings; the key is `totem.keyfile`, or `authkey` beside
    /// `conf`. A node that is alone needs none.
    ///
    /// # Errors
    /// [`EngineError::Authkey`].
    pub fn link(&self, conf: &Path, state_dir: &Path) -> Result<LinkConfig, EngineError> {
        let name = self.config.cluster_name.as_deref().unwrap_or_default();
        let (local, peers) = (self.local.clone(), self.peers.clone());
        let mut link = LinkConfig::new(name, local, peers, state_dir.to_owned());
        link.token_ms = self.config.timing.token_ms.into();
        link.consensus_ms = Some(self.config.timing.consensus_ms.into());
        link.quorum = self.quorum.clone();
        let beside = || conf.with_file_name("authkey");
        let path = self.config.keyfile.as_ref().map_or_else(beside, PathBuf::from);
        if path.exists() || !self.peers.is_empty() {
            link.authkey = Some(authkey::read(&path)?);
        }
        Ok(link)
    }
}

fn local_node<'a>(config: &'a ClusterConfig, name: &str) -> Option<&'a Node> {
    let by_name = config.nodes.iter().find(|n| n.name.as_deref() == Some(name));
    by_name.or_else(|| {
        let here = |n: &&Node| n.name.is_none() && n.addresses.iter().any(|a| is_own(&a.address));
        let mut own = config.nodes.iter().filter(here);
        let first = own.next()?;
        own.next().is_none().then_some(first)
    })
}

/// Only addresses of this machine can be bound.
fn is_own(address: &str) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

fn peer(node: &Node, port: u16) -> Result<Peer, EngineError> {
    let address = node.addresses.first().map(|a| a.address.clone()).unwrap_or_default();
    let failed =
        |reason: String| EngineError::Address { node: node.id, address: address.clone(), reason };
    let mut found =
        (address.as_str(), port).to_socket_addrs().map_err(|e| failed(e.to_string()))?;
    let socket: SocketAddr =
        found.next().ok_or_else(|| failed("it has no IP address".to_owned()))?;
    let name = node.name.clone().unwrap_or_else(|| address.clone());
    Ok(Peer { node: node.id, name, address: socket })
}

fn quorum(config: &ClusterConfig) -> QuorumConfig {
    let options = &config.quorum;
    let list = || {
        let ids = options.auto_tie_breaker_node.split_whitespace();
        ids.filter_map(|id| id.parse().ok()).collect::<Vec<NodeId>>()
    };
    let auto_tie_breaker = match options.auto_tie_breaker_node.as_str() {
        _ if !options.auto_tie_breaker => TieBreaker::Off,
        "" | "lowest" => TieBreaker::Lowest,
        "highest" => TieBreaker::Highest,
        _ => TieBreaker::List(list()),
    };
    QuorumConfig {
        enabled: options.enabled,
        votes: config.nodes.iter().map(|n| (n.id, n.votes)).collect(),
        expected_votes: options.expected_votes,
        two_node: options.two_node,
        wait_for_all: options.wait_for_all,
        last_man_standing: options.last_man_standing,
        last_man_standing_window_ms: options.last_man_standing_window_ms.into(),
        auto_tie_breaker,
    }
}
