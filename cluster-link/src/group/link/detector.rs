//! Who can be a member with this node: heard both ways, by everybody concerned.
//!
//! Each node keeps a row: the peers that it hears now. Rows travel with heartbeats and with the
//! messages of a membership round, also those of third nodes, so all nodes of a connected network
//! soon know the same graph (an edge is two nodes that hear each other). Each then computes by
//! itself the same split into groups in which everybody hears everybody: the largest such group
//! first, then the largest of the rest; equal ones by lowest node ids. So a cut cable between two
//! of three nodes, or one that carries only one way, ends in two stable groups and not in a fight.

use std::collections::BTreeMap;

use crate::group::NodeId;

/// A peer is left out after this many refused proposals in a row.
const REFUSALS_MAX: u32 = 5;
/// An exclusion doubles at most this often.
const EXCLUSION_DOUBLINGS_MAX: u32 = 4;

/// What one node knows of who hears whom, as it travels.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Gossip {
    /// The nodes that the rows speak of; at most [`crate::group::NODES_MAX`].
    #[serde(rename = "n", default)]
    pub nodes: Vec<NodeId>,
    /// One row for each node of `nodes`.
    #[serde(rename = "r", default)]
    pub rows: Vec<Row>,
}

/// Whom one node hears. Later rows of a node replace earlier ones.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Row {
    /// Epoch with which the node started; grows with each start.
    #[serde(rename = "s")]
    pub start: u64,
    /// Counts the node's rows since its start; 0 = nothing known.
    #[serde(rename = "v")]
    pub version: u64,
    /// Bit i: it hears node i of [`Gossip::nodes`].
    #[serde(rename = "h")]
    pub hears: u32,
}

/// The session with a peer, as far as it matters for membership.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Session {
    Up,
    /// Was up; may come back in a moment.
    Lost {
        since: u64,
    },
    #[default]
    Down,
}

#[derive(Clone, Debug, Default)]
struct Peer {
    session: Session,
    incarnation: u64,
    name: String,
    /// When it was last heard on any way, and on the session.
    heard: u64,
    heard_session: u64,
    said_goodbye: bool,
    excluded_until: Option<u64>,
    exclusions: u32,
    refusals: u32,
    /// Since when it is in touch with us or with others that are, and yet not a candidate.
    disputed_since: Option<u64>,
}

/// The failure detector of one node.
#[derive(Clone, Debug)]
pub(super) struct Detector {
    /// All configured nodes, ascending; rows are aligned with them.
    nodes: Vec<NodeId>,
    local: usize,
    rows: Vec<Row>,
    /// Aligned with `nodes`; the local node's is unused.
    peers: Vec<Peer>,
    suspect_ms: u64,
    stall_ms: u64,
    exclude_ms: u64,
    candidates: Vec<NodeId>,
    /// A row changed since `candidates` was computed.
    stale: bool,
}

impl Detector {
    /// `nodes` must be ascending and hold `local`. `exclude_ms`: the first exclusion's length.
    pub(super) fn new(
        nodes: Vec<NodeId>,
        local: NodeId,
        start: u64,
        suspect_ms: u64,
        exclude_ms: u64,
    ) -> Self {
        let index = nodes.iter().position(|n| *n == local).unwrap_or_default();
        let mut rows = vec![Row::default(); nodes.len()];
        if let Some(row) = rows.get_mut(index) {
            *row = Row { start, version: 1, hears: 0 };
        }
        Self {
            peers: vec![Peer::default(); nodes.len()],
            rows,
            local: index,
            suspect_ms,
            // TCP may stall over a few lost packets while heartbeats by UDP still come.
            stall_ms: 2 * suspect_ms + exclude_ms,
            exclude_ms,
            candidates: vec![local],
            stale: true,
            nodes,
        }
    }

    /// Takes a changed list of nodes, ascending, the local one among them.
    pub(super) fn set_nodes(&mut self, nodes: Vec<NodeId>, suspect_ms: u64, exclude_ms: u64) {
        let old = |node: &NodeId| self.nodes.iter().position(|n| n == node);
        let local = self.nodes.get(self.local).copied().unwrap_or_default();
        let mut rows = Vec::new();
        let mut peers = Vec::new();
        for node in &nodes {
            let row = old(node).and_then(|i| self.rows.get(i)).copied().unwrap_or_default();
            let mut hears = 0;
            for (bit, other) in nodes.iter().enumerate() {
                if old(other).is_some_and(|i| row.hears & (1 << i) != 0) {
                    hears |= 1 << bit;
                }
            }
            rows.push(Row { hears, ..row });
            peers.push(old(node).and_then(|i| self.peers.get(i)).cloned().unwrap_or_default());
        }
        self.local = nodes.iter().position(|n| *n == local).unwrap_or_default();
        (self.nodes, self.rows, self.peers) = (nodes, rows, peers);
        self.stale = true;
        self.suspect_ms = suspect_ms;
        self.stall_ms = 2 * suspect_ms + exclude_ms;
        self.exclude_ms = exclude_ms;
    }

    fn index(&self, node: NodeId) -> Option<usize> {
        self.nodes.iter().position(|n| *n == node).filter(|i| *i != self.local)
    }

    fn peer(&self, node: NodeId) -> Option<&Peer> {
        self.index(node).and_then(|i| self.peers.get(i))
    }

    fn peer_mut(&mut self, node: NodeId) -> Option<&mut Peer> {
        self.index(node).and_then(|i| self.peers.get_mut(i))
    }

    /// Returns the configured nodes but the local one.
    pub(super) fn peers(&self) -> impl Iterator<Item = NodeId> + '_ {
        let local = self.local;
        self.nodes.iter().enumerate().filter(move |(i, _)| *i != local).map(|(_, n)| *n)
    }

    pub(super) fn is_up(&self, node: NodeId) -> bool {
        self.peer(node).is_some_and(|p| p.session == Session::Up)
    }

    pub(super) fn incarnation(&self, node: NodeId) -> u64 {
        self.peer(node).map_or(0, |p| p.incarnation)
    }

    pub(super) fn name(&self, node: NodeId) -> &str {
        self.peer(node).map_or("", |p| p.name.as_str())
    }

    /// The session with `node` begins.
    pub(super) fn session_up(&mut self, now: u64, node: NodeId, incarnation: u64, name: &str) {
        let Some(peer) = self.peer_mut(node) else { return };
        if peer.incarnation != incarnation {
            peer.said_goodbye = false;
            peer.excluded_until = None;
            peer.exclusions = 0;
        }
        peer.incarnation = incarnation;
        name.clone_into(&mut peer.name);
        peer.refusals = 0;
        peer.session = Session::Up;
        peer.heard = now;
        peer.heard_session = now;
    }

    /// The session ended; `gone`: the process is known to be dead.
    pub(super) fn session_down(&mut self, now: u64, node: NodeId, gone: bool) {
        let Some(peer) = self.peer_mut(node) else { return };
        peer.session = match peer.session {
            _ if gone => Session::Down,
            Session::Up => Session::Lost { since: now },
            other => other,
        };
    }

    pub(super) fn heard(&mut self, now: u64, node: NodeId, on_session: bool) {
        let Some(peer) = self.peer_mut(node) else { return };
        peer.heard = now;
        if on_session {
            peer.heard_session = now;
        }
    }

    pub(super) fn goodbye(&mut self, node: NodeId) {
        if let Some(peer) = self.peer_mut(node) {
            peer.said_goodbye = true;
        }
    }

    pub(super) fn said_goodbye(&self, node: NodeId) -> bool {
        self.peer(node).is_some_and(|p| p.said_goodbye)
    }

    /// Leaves `node` out for a while that doubles each time; returns how long, ms.
    pub(super) fn exclude(&mut self, now: u64, node: NodeId) -> u64 {
        let base = self.exclude_ms;
        let Some(peer) = self.peer_mut(node) else { return 0 };
        let time = base << peer.exclusions.min(EXCLUSION_DOUBLINGS_MAX);
        peer.exclusions += 1;
        peer.refusals = 0;
        peer.excluded_until = Some(now + time);
        time
    }

    /// Counts a refused proposal; returns true where it was one too many.
    pub(super) fn refused(&mut self, node: NodeId) -> bool {
        let Some(peer) = self.peer_mut(node) else { return false };
        peer.refusals += 1;
        peer.refusals >= REFUSALS_MAX
    }

    /// `node` took part in a round to its end.
    pub(super) fn took_part(&mut self, node: NodeId) {
        if let Some(peer) = self.peer_mut(node) {
            peer.refusals = 0;
            peer.exclusions = 0;
        }
    }

    /// This process did not run for a while: what was silent meanwhile gets half a term more.
    pub(super) fn slept(&mut self, now: u64) {
        let least = now.saturating_sub(self.suspect_ms / 2);
        for peer in &mut self.peers {
            peer.heard = peer.heard.max(least);
            peer.heard_session = peer.heard_session.max(least);
            if let Session::Lost { since } = &mut peer.session {
                *since = (*since).max(least);
            }
        }
    }

    /// Takes over what `from` knows (its own row first hand).
    pub(super) fn merge(&mut self, from: NodeId, gossip: &Gossip) {
        for (node, row) in gossip.nodes.iter().zip(&gossip.rows) {
            let Some(at) = self.nodes.iter().position(|n| n == node) else { continue };
            let row = Row { hears: self.translate(&gossip.nodes, row.hears), ..*row };
            let Some(known) = self.rows.get_mut(at) else { continue };
            if at == self.local {
                // An earlier run of this node, remembered by others: outbid it.
                if (row.start, row.version) > (known.start, known.version) {
                    known.start = known.start.max(row.start);
                    known.version = row.version.saturating_add(1);
                }
            } else if (row.start, row.version) > (known.start, known.version)
                || *node == from && row.start != known.start && row.version > 0
            {
                self.stale |= known.hears != row.hears;
                *known = row;
            }
        }
    }

    /// Turns bits over the sender's list of nodes into bits over ours.
    fn translate(&self, theirs: &[NodeId], hears: u32) -> u32 {
        let mut bits = 0;
        for (i, node) in theirs.iter().enumerate().take(32) {
            if hears & (1 << i) != 0
                && let Some(at) = self.nodes.iter().position(|n| n == node)
            {
                bits |= 1 << at;
            }
        }
        bits
    }

    pub(super) fn gossip(&self) -> Gossip {
        Gossip { nodes: self.nodes.clone(), rows: self.rows.clone() }
    }

    /// Is `peer` heard now? A lost session of a `member` gets the token time to come back.
    fn hears(&self, now: u64, peer: &Peer, member: bool) -> bool {
        let session = match peer.session {
            Session::Up => now < peer.heard_session + self.stall_ms,
            Session::Lost { since } => member && now < since + self.suspect_ms,
            Session::Down => false,
        };
        session
            && now < peer.heard + self.suspect_ms
            && !peer.said_goodbye
            && peer.excluded_until.is_none_or(|until| now >= until)
    }

    /// Brings this node's row up to date; returns true where it changed.
    ///
    /// `members`: nodes and incarnations of the current view.
    pub(super) fn refresh(&mut self, now: u64, members: &BTreeMap<NodeId, u64>) -> bool {
        let mut hears = 0;
        for (i, (node, peer)) in self.nodes.iter().zip(&self.peers).enumerate() {
            let member = members.get(node) == Some(&peer.incarnation);
            if i != self.local && self.hears(now, peer, member) {
                hears |= 1 << i;
            }
        }
        let Some(row) = self.rows.get_mut(self.local) else { return false };
        let changed = row.hears != hears;
        if changed {
            row.hears = hears;
            row.version = row.version.saturating_add(1);
        }
        if std::mem::take(&mut self.stale) | changed {
            self.candidates = self.compute_candidates();
            self.note_disputes(now, hears);
        } else if self.peers.iter().any(|p| p.excluded_until.is_some()) {
            self.note_disputes(now, hears);
        }
        changed
    }

    /// Returns peers whose session is up but that were not heard in time: to be reset.
    pub(super) fn mute(&self, now: u64) -> Vec<NodeId> {
        let late = |p: &Peer| {
            p.session == Session::Up
                && (now >= p.heard + self.suspect_ms || now >= p.heard_session + self.stall_ms)
        };
        self.peers().filter(|n| self.peer(*n).is_some_and(late)).collect()
    }

    /// Returns when time alone may next change something, ms.
    pub(super) fn deadline(&self, now: u64) -> Option<u64> {
        let times = self.peers.iter().flat_map(|p| {
            let silence = match p.session {
                Session::Up => {
                    Some((p.heard + self.suspect_ms).min(p.heard_session + self.stall_ms))
                }
                Session::Lost { since } => Some(since + self.suspect_ms),
                Session::Down => None,
            };
            [silence, p.excluded_until]
        });
        times.flatten().chain(self.disputed_until()).filter(|t| *t > now).min()
    }

    /// Returns the nodes that should be in one view with this one, ascending, itself included.
    pub(super) fn candidates(&self) -> &[NodeId] {
        &self.candidates
    }

    fn note_disputes(&mut self, now: u64, hears: u32) {
        let touched = hears | component(&self.all_edges(), self.local);
        for (i, (node, peer)) in self.nodes.iter().zip(&mut self.peers).enumerate() {
            let left_out = touched & (1 << i) != 0
                && !self.candidates.contains(node)
                && peer.excluded_until.is_none_or(|until| now >= until);
            peer.disputed_since = left_out.then(|| peer.disputed_since.unwrap_or(now));
        }
    }

    /// Returns until when the candidates should not be acted on, ms: they leave out a node that this
    /// one hears, or that others hear which it hears. Mostly that is because one node has noticed a
    /// death or a newcomer and the others have not yet; only where it lasts is the network cut in a
    /// way that somebody must be left out.
    pub(super) fn disputed_until(&self) -> Option<u64> {
        self.peers.iter().filter_map(|p| p.disputed_since).max().map(|t| t + self.exclude_ms)
    }

    fn all_edges(&self) -> Vec<u32> {
        (0..self.nodes.len()).map(|i| self.edges(i)).collect()
    }

    fn compute_candidates(&self) -> Vec<NodeId> {
        let edges = self.all_edges();
        let mut rest = component(&edges, self.local);
        loop {
            let group = largest_clique(&edges, rest);
            if group & (1 << self.local) != 0 {
                let within = |i: &usize| group & (1 << i) != 0;
                return (0..self.nodes.len())
                    .filter(within)
                    .filter_map(|i| self.nodes.get(i).copied())
                    .collect();
            }
            rest &= !group;
        }
    }

    /// Bits of the nodes that node `i` hears and that hear it.
    fn edges(&self, i: usize) -> u32 {
        let Some(row) = self.rows.get(i) else { return 0 };
        let mut bits = 0;
        for (j, other) in self.rows.iter().enumerate() {
            if j != i && row.hears & (1 << j) != 0 && other.hears & (1 << i) != 0 {
                bits |= 1 << j;
            }
        }
        bits
    }
}

fn neighbours(edges: &[u32], i: u32) -> u32 {
    edges.get(i as usize).copied().unwrap_or_default()
}

/// Returns the nodes connected with `start`, itself included.
fn component(edges: &[u32], start: usize) -> u32 {
    let mut seen = 1u32 << start;
    loop {
        let mut next = seen;
        for (i, bits) in edges.iter().enumerate() {
            if seen & (1 << i) != 0 {
                next |= bits;
            }
        }
        if next == seen {
            return seen;
        }
        seen = next;
    }
}

/// Returns the largest set within `nodes` in which everybody neighbours everybody; among equal
/// ones the one with the lowest node, then the next lowest, and so on. Empty only for no nodes.
fn largest_clique(edges: &[u32], nodes: u32) -> u32 {
    let mut best = 0;
    // (chosen, may still be chosen): depth first, with the lowest node before without it, so the
    // first of the largest is the wanted one. Bounded: at most 2^16 sets, and cut by size.
    let mut stack = vec![(0u32, nodes)];
    while let Some((chosen, open)) = stack.pop() {
        if chosen.count_ones() > best_size(best) {
            best = chosen;
        }
        if open == 0 || chosen.count_ones() + open.count_ones() <= best_size(best) {
            continue;
        }
        let lowest = open.trailing_zeros();
        let bit = 1 << lowest;
        stack.push((chosen, open & !bit));
        stack.push((chosen | bit, open & neighbours(edges, lowest)));
    }
    best
}

fn best_size(best: u32) -> u32 {
    best.count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edges from pairs of node indices.
    fn graph(n: usize, pairs: &[(usize, usize)]) -> Vec<u32> {
        let mut edges = vec![0; n];
        for (a, b) in pairs {
            edges[*a] |= 1 << b;
            edges[*b] |= 1 << a;
        }
        edges
    }

    #[test]
    fn the_largest_group_of_mutual_hearing_wins_then_the_lowest() {
        // 0 and 1 do not hear each other, 2 hears both.
        assert_eq!(largest_clique(&graph(3, &[(0, 2), (1, 2)]), 0b111), 0b101);
        // 0 hears only 3; the others are complete among themselves.
        let edges = graph(4, &[(0, 3), (1, 2), (1, 3), (2, 3)]);
        assert_eq!(largest_clique(&edges, 0b1111), 0b1110);
        assert_eq!(largest_clique(&edges, 0b0001), 0b0001);
        let all: Vec<_> = (0..16).flat_map(|a| (a + 1..16).map(move |b| (a, b))).collect();
        assert_eq!(largest_clique(&graph(16, &all), 0xffff), 0xffff);
    }

    fn pair() -> (Detector, BTreeMap<NodeId, u64>) {
        let mut detector = Detector::new(vec![1, 2], 1, 10, 1000, 1200);
        detector.session_up(0, 2, 77, "n2");
        (detector, BTreeMap::from([(1, 1), (2, 77)]))
    }

    fn row_of_2(hears: u32) -> Gossip {
        let rows = vec![Row { start: 3, version: 1, hears }, Row::default()];
        Gossip { nodes: vec![2, 1], rows }
    }

    #[test]
    fn a_peer_counts_only_while_it_is_heard_and_hears_us() {
        let (mut detector, members) = pair();
        assert!(detector.refresh(0, &members));
        assert_eq!(detector.candidates(), [1], "it has not said that it hears us");
        detector.merge(2, &row_of_2(0b10));
        detector.refresh(1, &members);
        assert_eq!(detector.candidates(), [1, 2]);
        assert_eq!(detector.deadline(1), Some(1000));
        assert!(detector.refresh(1000, &members));
        assert_eq!(detector.candidates(), [1]);
        assert_eq!(detector.mute(1000), [2], "the session is up, the peer silent");
    }

    #[test]
    fn a_lost_session_of_a_member_has_the_token_time_to_come_back() {
        let (mut detector, members) = pair();
        detector.merge(2, &row_of_2(0b10));
        detector.session_down(100, 2, false);
        detector.heard(900, 2, false);
        detector.refresh(900, &members);
        assert_eq!(detector.candidates(), [1, 2]);
        detector.heard(1100, 2, false);
        detector.refresh(1100, &members);
        assert_eq!(detector.candidates(), [1]);
        let (mut detector, members) = pair();
        detector.merge(2, &row_of_2(0b10));
        detector.session_down(100, 2, true);
        detector.refresh(100, &members);
        assert_eq!(detector.candidates(), [1], "its process is dead");
    }

    #[test]
    fn exclusions_double_and_end() {
        let (mut detector, members) = pair();
        detector.merge(2, &row_of_2(0b10));
        assert_eq!(detector.exclude(0, 2), 1200);
        detector.refresh(1, &members);
        assert_eq!(detector.candidates(), [1]);
        detector.heard(1200, 2, true);
        detector.refresh(1200, &members);
        assert_eq!(detector.candidates(), [1, 2]);
        assert_eq!(detector.exclude(1200, 2), 2400);
    }
}
