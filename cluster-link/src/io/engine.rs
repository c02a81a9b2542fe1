//! From corosync.conf to a group engine: which node this is, and where the others are.

use std::net::UdpSocket;
use std::path::{Path, PathBuf};

use super::authkey::{self, AuthkeyError};
use super::net::{LinkConfig, LinkError};
use crate::config::{ClusterConfig, Node};
use crate::group::NodeId;

/// Why corosync.conf does not say how to take part.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source} (write it, or name another with --conf)")]
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
    #[error(transparent)]
    Link(#[from] LinkError),
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
    /// This node, the others, their votes and timing; without a key.
    pub link: LinkConfig,
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
        let link = LinkConfig::of(&config, local.id, name, PathBuf::new())?;
        Ok(Place { config, link })
    }

    /// Returns all configured nodes; the name is empty where the file gives none.
    pub fn configured(&self) -> Vec<(NodeId, String)> {
        let local = &self.link.local;
        let name = |node: &Node| {
            let own = (node.id == local.node).then(|| local.name.clone());
            own.or_else(|| node.name.clone()).unwrap_or_default()
        };
        self.config.nodes.iter().map(|node| (node.id, name(node))).collect()
    }

    /// Returns the embedded engine's settings; the key is `totem.keyfile`, or `authkey` beside
    /// `conf`. A node that is alone needs none.
    ///
    /// # Errors
    /// [`EngineError::Authkey`].
    pub fn link(&self, conf: &Path, state_dir: &Path) -> Result<LinkConfig, EngineError> {
        let mut link = LinkConfig { state_dir: state_dir.to_owned(), ..self.link.clone() };
        let beside = || conf.with_file_name("authkey");
        let path = self.config.keyfile.as_ref().map_or_else(beside, PathBuf::from);
        if path.exists() || !link.peers.is_empty() {
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
