//! What every engine must do, as a suite that runs on any [`Group`].
//!
//! An engine's tests start its nodes and pass them to [`run`]; each check ends by itself or fails at
//! [`PATIENCE`]. Nothing in here knows which engine it drives.

use std::time::Duration;

use super::{Event, Group, NodeId, SendError, Ticket, View};

/// A check that waits longer for an event has failed.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// One node under test, and what it was told.
#[derive(Debug)]
pub struct Node<G> {
    /// The engine's end.
    pub group: G,
    /// The last view.
    pub view: Option<View>,
    /// Messages delivered and not yet looked at, with their senders.
    delivered: Vec<(NodeId, Option<Ticket>, Vec<u8>)>,
    directs: Vec<(NodeId, Vec<u8>)>,
    quorum_seen: bool,
}

impl<G: Group> Node<G> {
    /// Takes a started engine.
    pub fn new(group: G) -> Self {
        let (delivered, directs) = (Vec::new(), Vec::new());
        Self { group, view: None, delivered, directs, quorum_seen: false }
    }

    /// Takes the next event.
    ///
    /// # Panics
    /// Where none comes in time, or it is not one that may come now.
    pub async fn step(&mut self) {
        let me = self.group.local();
        let next = tokio::time::timeout(PATIENCE, self.group.next()).await;
        let event = next.unwrap_or_else(|_| panic!("node {me}: no event in {PATIENCE:?}"));
        match event.unwrap_or_else(|| panic!("node {me}: the engine stopped")) {
            Event::View(view) => self.begin(view),
            Event::Deliver { view, from, ticket, message } => {
                let current = self.view.as_ref().map(|v| v.id);
                assert_eq!(Some(view), current, "node {me}: a message of another view");
                assert_eq!(ticket.is_some(), from == me, "node {me}: a ticket of {from}");
                self.delivered.push((from, ticket, message));
            }
            Event::Direct { from, message } => self.directs.push((from, message)),
            Event::Quorum(_) => self.quorum_seen = true,
            Event::Uncertain(tickets) => panic!("node {me}: uncertain {tickets:?}"),
            Event::Notice(_) => {}
        }
    }

    fn begin(&mut self, view: View) {
        let me = self.group.local();
        let nodes: Vec<NodeId> = view.members.iter().map(|m| m.node).collect();
        assert!(nodes.is_sorted() && nodes.contains(&me), "node {me}: {view:?}");
        assert!(view.with_me.contains(&me), "node {me}: {view:?}");
        if let Some(before) = &self.view {
            assert!(before.id < view.id, "node {me}: {before:?}, then {view:?}");
            let was = |n: &NodeId| before.members.iter().any(|m| m.node == *n);
            assert!(view.left.iter().all(|(n, _)| was(n)), "node {me}: {view:?}");
        }
        self.quorum_seen = false;
        self.view = Some(view);
    }

    /// Takes events until the view has so many members.
    pub async fn wait_members(&mut self, count: usize) {
        while self.view.as_ref().is_none_or(|v| v.members.len() != count) || !self.quorum_seen {
            self.step().await;
        }
    }

    async fn wait_delivered(&mut self, count: usize) {
        while self.delivered.len() < count {
            self.step().await;
        }
    }
}

/// Runs the whole suite on the nodes of one cluster, which ends with it.
///
/// # Panics
/// At the first thing that an engine must not do.
pub async fn run<G: Group>(groups: Vec<G>) {
    let mut nodes: Vec<Node<G>> = groups.into_iter().map(Node::new).collect();
    agree_on_a_view(&mut nodes).await;
    deliver_in_one_order(&mut nodes).await;
    deliver_large_messages(&mut nodes).await;
    send_to_one(&mut nodes).await;
    refuse(&mut nodes);
    leave_one_by_one(nodes).await;
}

/// All see the same members and view, and themselves in it.
///
/// # Panics
/// Where they do not.
pub async fn agree_on_a_view<G: Group>(nodes: &mut [Node<G>]) {
    let count = nodes.len();
    for node in nodes.iter_mut() {
        node.wait_members(count).await;
    }
    // A node that formed a view alone first has a later one in common with the others.
    loop {
        let newest = nodes.iter().filter_map(|n| n.view.as_ref().map(|v| v.id)).max();
        let behind = nodes.iter_mut().find(|n| n.view.as_ref().map(|v| v.id) != newest);
        let Some(node) = behind else { break };
        node.step().await;
    }
    let mut views = nodes.iter().filter_map(|n| n.view.as_ref());
    let first = views.next().expect("a view");
    assert!(views.all(|v| v.members == first.members), "equal ids mean equal members");
}

/// Messages of all nodes at once come to all in one order, the sender's own among them with their
/// tickets, each sender's in its order.
///
/// # Panics
/// Where they do not.
pub async fn deliver_in_one_order<G: Group>(nodes: &mut [Node<G>]) {
    const EACH: usize = 100;
    let total = EACH * nodes.len();
    let mut tickets = vec![Vec::new(); nodes.len()];
    for i in 0..EACH {
        for (node, tickets) in nodes.iter_mut().zip(&mut tickets) {
            let message = format!("{} {i}", node.group.local()).into_bytes();
            tickets.push(node.group.submit(message).expect("room for 100 messages"));
        }
    }
    for (node, tickets) in nodes.iter_mut().zip(&tickets) {
        node.wait_delivered(total).await;
        let own: Vec<Ticket> = node.delivered.iter().filter_map(|d| d.1).collect();
        assert_eq!(&own, tickets, "node {}: its own tickets, in order", node.group.local());
    }
    let order = |n: &Node<G>| -> Vec<(NodeId, Vec<u8>)> {
        n.delivered.iter().map(|(from, _, message)| (*from, message.clone())).collect()
    };
    let first = order(&nodes[0]);
    for node in nodes.iter() {
        assert_eq!(order(node), first, "node {}", node.group.local());
        let from = node.group.local();
        let mine: Vec<_> = first.iter().filter(|m| m.0 == from).map(|m| m.1.clone()).collect();
        let sent: Vec<_> = (0..EACH).map(|i| format!("{from} {i}").into_bytes()).collect();
        assert_eq!(mine, sent, "each sender's messages in its order");
    }
    for node in nodes {
        node.delivered.clear();
    }
}

/// About a megabyte, several at once, and an empty message.
///
/// # Panics
/// Where they do not arrive whole.
pub async fn deliver_large_messages<G: Group>(nodes: &mut [Node<G>]) {
    let sizes = [1_000_000, 0, 1_500_000, 1];
    let body = |size: usize| -> Vec<u8> { (0..=250u8).cycle().take(size).collect() };
    for size in sizes {
        nodes[0].group.submit(body(size)).expect("room");
    }
    for node in nodes.iter_mut() {
        node.wait_delivered(sizes.len()).await;
        for ((_, _, message), size) in node.delivered.drain(..).zip(sizes) {
            assert!(message == body(size), "{size} bytes came as {}", message.len());
        }
    }
}

/// Messages to one node come to it alone, in their order, also to oneself.
///
/// # Panics
/// Where they do not.
pub async fn send_to_one<G: Group>(nodes: &mut [Node<G>]) {
    let ids: Vec<NodeId> = nodes.iter().map(|n| n.group.local()).collect();
    for node in nodes.iter_mut() {
        for to in &ids {
            for i in 0..10u8 {
                node.group.send_to(*to, vec![i]).expect("a member");
            }
        }
    }
    for node in nodes.iter_mut() {
        while node.directs.len() < 10 * ids.len() {
            node.step().await;
        }
        for from in &ids {
            let got: Vec<u8> =
                node.directs.iter().filter(|d| d.0 == *from).map(|d| d.1[0]).collect();
            assert_eq!(got, (0..10).collect::<Vec<u8>>(), "{from} to {}", node.group.local());
        }
        assert!(node.delivered.is_empty(), "a direct message was delivered to all");
    }
}

/// Strangers and giants are refused at once.
///
/// # Panics
/// Where they are not.
pub fn refuse<G: Group>(nodes: &mut [Node<G>]) {
    let stranger = 4_000_000;
    let size = super::MESSAGE_SIZE_MAX + 1;
    for node in nodes {
        assert_eq!(node.group.send_to(stranger, Vec::new()), Err(SendError::NotMember(stranger)));
        assert_eq!(node.group.submit(vec![0; size]), Err(SendError::TooLarge(size)));
    }
}

/// Each that leaves is missed by the rest, who go on.
///
/// # Panics
/// Where they do not.
pub async fn leave_one_by_one<G: Group>(mut nodes: Vec<Node<G>>) {
    while !nodes.is_empty() {
        let node = nodes.remove(0);
        let gone = node.group.local();
        node.group.leave().await;
        let rest = nodes.len();
        for node in &mut nodes {
            node.wait_members(rest).await;
            let left = node.view.as_ref().map(|v| v.left.clone()).unwrap_or_default();
            assert_eq!(left, [(gone, super::LeaveReason::Left)], "{}", node.group.local());
            assert!(node.delivered.is_empty());
        }
        if let Some(node) = nodes.first_mut() {
            node.group.submit(b"on".to_vec()).expect("room");
        }
        for node in &mut nodes {
            node.wait_delivered(1).await;
            node.delivered.clear();
        }
    }
}
