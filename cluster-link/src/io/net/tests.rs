//! Nodes over loopback. Nothing here measures time; what takes long fails at a generous limit.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::AtomicU32;

use super::*;
use crate::group::conformance::{self, Node, PATIENCE};
use crate::group::{LeaveReason, Notice};

/// Each test has loopback addresses of its own.
fn addresses(count: usize) -> Vec<SocketAddr> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let test = NEXT.fetch_add(1, Ordering::Relaxed);
    let [_, b, c, d] = std::process::id().to_be_bytes();
    let port = 20_000 + u16::from(b) * 1000 + u16::try_from(test * 16).expect("few tests");
    (0..count)
        .map(|i| {
            let ip = IpAddr::V4(Ipv4Addr::new(127, c, d.max(1), 1));
            SocketAddr::new(ip, port + u16::try_from(i).expect("few nodes"))
        })
        .collect()
}

struct Cluster {
    peers: Vec<Peer>,
    dirs: Vec<tempfile::TempDir>,
}

impl Cluster {
    fn new(count: usize) -> Self {
        let peer = |(i, address)| {
            let node = u32::try_from(i + 1).expect("few nodes");
            Peer { node, name: format!("n{node}"), address }
        };
        let peers = addresses(count).into_iter().enumerate().map(peer).collect();
        let dirs = (0..count).map(|_| tempfile::tempdir().expect("a folder")).collect();
        Self { peers, dirs }
    }

    fn config(&self, at: usize) -> LinkConfig {
        let local = self.peers[at].clone();
        let peers: Vec<Peer> =
            self.peers.iter().filter(|p| p.node != local.node).cloned().collect();
        let dir = self.dirs[at].path().to_owned();
        LinkConfig {
            token_ms: 1000,
            authkey: Some(vec![7; 256]),
            ..LinkConfig::new("loop", local, peers, dir)
        }
    }

    fn start(&self, at: usize) -> LinkGroup {
        LinkGroup::start(self.config(at)).expect("loopback can be used")
    }

    fn start_all(&self) -> Vec<LinkGroup> {
        (0..self.peers.len()).map(|at| self.start(at)).collect()
    }
}

#[tokio::test]
async fn one_node_conforms() {
    conformance::run(Cluster::new(1).start_all()).await;
}

#[tokio::test]
async fn two_nodes_conform() {
    conformance::run(Cluster::new(2).start_all()).await;
}

#[tokio::test]
async fn three_nodes_conform() {
    conformance::run(Cluster::new(3).start_all()).await;
}

#[tokio::test]
async fn a_crash_is_a_loss_and_a_restart_joins_with_another_incarnation() {
    let cluster = Cluster::new(3);
    let mut nodes: Vec<_> = cluster.start_all().into_iter().map(Node::new).collect();
    conformance::agree_on_a_view(&mut nodes).await;
    let before = nodes[0].view.clone().expect("a view");
    // The coordinator dies without a word.
    drop(nodes.remove(0));
    for node in &mut nodes {
        node.wait_members(2).await;
        let left = node.view.as_ref().map(|v| v.left.clone());
        assert_eq!(left, Some(vec![(1, LeaveReason::Lost)]));
    }
    // Its port is free as soon as its thread is gone.
    let restarted = loop {
        match LinkGroup::start(cluster.config(0)) {
            Ok(group) => break group,
            Err(LinkError::Listen { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    };
    nodes.insert(0, Node::new(restarted));
    conformance::agree_on_a_view(&mut nodes).await;
    let after = nodes[0].view.clone().expect("a view");
    assert!(after.id > before.id, "{:?} after {:?}", after.id, before.id);
    assert_eq!(after.with_me, [1]);
    assert_ne!(after.members[0].incarnation, before.members[0].incarnation);
    conformance::deliver_in_one_order(&mut nodes).await;
}

/// Waits for a notice about a peer.
async fn notice(group: &mut LinkGroup, about: &str) -> Notice {
    let wait = async {
        loop {
            match group.next().await.expect("the engine runs") {
                Event::Notice(notice) if notice.message.contains(about) => return notice,
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("a notice in time")
}

#[tokio::test]
async fn another_authkey_is_named_on_both_ends_with_the_remedy() {
    let cluster = Cluster::new(2);
    let mut one = cluster.start(0);
    let config = LinkConfig { authkey: Some(vec![8; 256]), ..cluster.config(1) };
    let mut two = LinkGroup::start(config).expect("start");
    for (group, peer) in [(&mut one, 2), (&mut two, 1)] {
        let notice = notice(group, "another authkey").await;
        assert_eq!(notice.node, Some(peer));
        assert!(notice.message.contains(&format!("n{peer}")), "{}", notice.message);
        assert!(notice.remedy.expect("a remedy").contains("/etc/corosync/authkey"));
    }
}

#[tokio::test]
async fn another_cluster_name_is_named() {
    let cluster = Cluster::new(2);
    let mut one = cluster.start(0);
    let config = LinkConfig { cluster_name: "other".to_owned(), ..cluster.config(1) };
    let mut two = LinkGroup::start(config).expect("start");
    assert_eq!(notice(&mut two, "`loop`").await.node, Some(1));
    assert_eq!(notice(&mut one, "`loop`").await.node, Some(2));
}

#[tokio::test]
async fn a_missing_authkey_is_said() {
    let cluster = Cluster::new(2);
    let mut group =
        LinkGroup::start(LinkConfig { authkey: None, ..cluster.config(0) }).expect("ok");
    notice(&mut group, "no authkey").await;
    let short = LinkConfig { authkey: Some(vec![1; 8]), ..cluster.config(1) };
    assert!(matches!(LinkGroup::start(short), Err(LinkError::AuthkeyTooShort(8))));
}

#[tokio::test]
async fn a_port_in_use_is_the_caller_s_error() {
    let cluster = Cluster::new(1);
    let _first = cluster.start(0);
    let dir = tempfile::tempdir().expect("a folder");
    let config = LinkConfig { state_dir: dir.path().to_owned(), ..cluster.config(0) };
    assert!(matches!(LinkGroup::start(config), Err(LinkError::Listen { .. })));
}

#[tokio::test]
async fn an_added_node_joins_after_a_reload() {
    let cluster = Cluster::new(3);
    let short = |at: usize| {
        let mut config = cluster.config(at);
        config.peers.retain(|p| p.node != 3);
        config.quorum = QuorumConfig::plain([1, 2]);
        config
    };
    let groups = [0, 1].map(|at| LinkGroup::start(short(at)).expect("start"));
    let mut nodes: Vec<_> = groups.into_iter().map(Node::new).collect();
    conformance::agree_on_a_view(&mut nodes).await;
    nodes.push(Node::new(cluster.start(2)));
    for at in [0, 1] {
        let LinkConfig { peers, quorum, .. } = cluster.config(at);
        nodes[at].group.set_peers(peers, quorum).expect("a good list");
    }
    conformance::agree_on_a_view(&mut nodes).await;
    assert_eq!(nodes[0].view.as_ref().map(|v| v.members.len()), Some(3));
    conformance::deliver_in_one_order(&mut nodes).await;
}
