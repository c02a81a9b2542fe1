//! The settings of the embedded group out of a corosync.conf, so both engines read one file.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use super::{LinkConfig, LinkError, Peer};
use crate::config::ClusterConfig;
use crate::group::NodeId;
use crate::group::link::quorum::QuorumConfig;

impl LinkConfig {
    /// Reads what the embedded group needs. `local` is this node's number and `local_name` its name,
    /// whatever the file says; each node is reached at its first address, TCP and UDP on the
    /// cluster's port. The authkey is the caller's to add.
    ///
    /// Names are looked up, which may take as long as the resolver does.
    ///
    /// # Errors
    /// [`LinkError::NotListed`] and [`LinkError::Address`].
    pub fn of(
        config: &ClusterConfig,
        local: NodeId,
        local_name: &str,
        state_dir: PathBuf,
    ) -> Result<Self, LinkError> {
        let mut peers = Vec::new();
        for node in &config.nodes {
            let address = node.addresses.first().map_or("", |a| a.address.as_str());
            let own = (node.id == local).then_some(local_name);
            let name = own.or(node.name.as_deref()).unwrap_or(address).to_owned();
            let address = resolve(node.id, address, config.port)?;
            peers.push(Peer { node: node.id, name, address });
        }
        let at = peers.iter().position(|p| p.node == local).ok_or(LinkError::NotListed(local))?;
        let local = peers.remove(at);
        let cluster_name = config.cluster_name.clone().unwrap_or_default();
        let timing = &config.timing;
        Ok(Self {
            // Nodes may be added while it runs: the time is made anew from these then.
            token_ms: u64::from(timing.token_base_ms),
            token_coefficient_ms: u64::from(timing.token_coefficient_ms),
            consensus_ms: timing.consensus_is_given.then_some(u64::from(timing.consensus_ms)),
            quorum: QuorumConfig::of(config),
            ..Self::new(&cluster_name, local, peers, state_dir)
        })
    }
}

fn resolve(node: NodeId, address: &str, port: u16) -> Result<SocketAddr, LinkError> {
    let failed = |source| LinkError::Address { node, address: address.to_owned(), source };
    let mut found = (address, port).to_socket_addrs().map_err(failed)?;
    found.next().ok_or_else(|| failed(std::io::ErrorKind::NotFound.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::link::quorum::TieBreaker;

    const FILE: &str = "\
totem {
    version: 2
    cluster_name: hacluster
    token: 1000
    transport: knet
}
nodelist {
    node {
        ring0_addr: 127.0.0.1
        name: one
        nodeid: 1
    }
    node {
        ring0_addr: 127.0.0.2
        nodeid: 2
        quorum_votes: 2
    }
    node {
        ring0_addr: 127.0.0.3
        name: three
        nodeid: 3
    }
}
quorum {
    provider: corosync_votequorum
    wait_for_all: 1
    auto_tie_breaker: 1
    auto_tie_breaker_node: 2 3
}
";

    #[test]
    fn a_corosync_conf_is_enough() {
        let file = ClusterConfig::parse(FILE, "corosync.conf").expect("a good file");
        let config = LinkConfig::of(&file, 2, "two", PathBuf::from("/state")).expect("complete");
        assert_eq!((config.local.node, config.local.name.as_str()), (2, "two"));
        assert_eq!(config.local.address, SocketAddr::from(([127, 0, 0, 2], 5405)));
        let names: Vec<_> = config.peers.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["one", "three"]);
        assert_eq!((config.token_ms, config.token_coefficient_ms), (1000, 650));
        assert_eq!(config.consensus_ms, None, "made from the token");
        assert_eq!(config.quorum.votes.get(&2), Some(&2));
        assert_eq!(config.quorum.auto_tie_breaker, TieBreaker::List(vec![2, 3]));
        assert!(config.quorum.enabled && config.quorum.wait_for_all == Some(true));
        let stranger = LinkConfig::of(&file, 9, "nine", PathBuf::new());
        assert!(matches!(stranger, Err(LinkError::NotListed(9))));
    }
}
