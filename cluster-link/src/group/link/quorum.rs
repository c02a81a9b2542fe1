//! Votequorum's arithmetic: may the nodes that are here act for the cluster?
//!
//! Quorum is information on a view, never a lock: the group orders messages in every partition, and
//! `no-quorum-policy` says what an inquorate one may do.
//!
//! **Source:** corosync `exec/votequorum.c` (`calculate_quorum`, `are_we_quorate`,
//! `recalculate_quorum`, `votequorum_sync_init`, `check_auto_tie_breaker`, `votequorum_readconfig`).
//! **Differs:** the votes of all members of a view are taken in at once, not one by one, so no
//! half-counted state is ever seen; no quorum device, no `allow_downscale`, no
//! `expected_votes_tracking`.

use std::collections::BTreeMap;

use crate::config::ClusterConfig;
use crate::group::{NodeId, QuorumInfo};

/// Which half of an even split stays quorate (`auto_tie_breaker`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum TieBreaker {
    /// None: both halves are inquorate.
    #[default]
    Off,
    /// The half with the lowest node id (`lowest`, corosync's default).
    Lowest,
    /// The half with the highest node id (`highest`).
    Highest,
    /// The half with the first of these nodes.
    List(Vec<NodeId>),
}

/// The `quorum` section of corosync.conf.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuorumConfig {
    /// votequorum is configured; without it every partition is quorate.
    pub enabled: bool,
    /// Votes of each configured node (`nodelist.node.quorum_votes`, 1 where it is not set).
    pub votes: BTreeMap<NodeId, u32>,
    /// `expected_votes`; the sum of `votes` where it is not set. It is only where counting starts:
    /// expected votes rise to the votes present.
    pub expected_votes: Option<u32>,
    /// `two_node`: one of two nodes is quorate.
    pub two_node: bool,
    /// `wait_for_all`; as `two_node` where it is not set.
    pub wait_for_all: Option<bool>,
    /// `last_man_standing`: expected votes follow departures.
    pub last_man_standing: bool,
    /// `last_man_standing_window`, ms.
    pub last_man_standing_window_ms: u64,
    /// `auto_tie_breaker` and `auto_tie_breaker_node`.
    pub auto_tie_breaker: TieBreaker,
}

impl QuorumConfig {
    /// Reads the `quorum` section of a corosync.conf.
    pub fn of(config: &ClusterConfig) -> Self {
        let options = &config.quorum;
        let auto_tie_breaker = match options.auto_tie_breaker_node.trim() {
            _ if !options.auto_tie_breaker => TieBreaker::Off,
            "" | "lowest" => TieBreaker::Lowest,
            "highest" => TieBreaker::Highest,
            list => {
                let nodes = list.split_whitespace().map_while(|n| n.parse().ok()).collect();
                TieBreaker::List(nodes)
            }
        };
        Self {
            enabled: options.enabled,
            votes: config.nodes.iter().map(|n| (n.id, n.votes)).collect(),
            expected_votes: options.expected_votes,
            two_node: options.two_node,
            wait_for_all: options.wait_for_all,
            last_man_standing: options.last_man_standing,
            last_man_standing_window_ms: u64::from(options.last_man_standing_window_ms),
            auto_tie_breaker,
        }
    }

    /// One vote for each node, and corosync's defaults.
    pub fn plain(nodes: impl IntoIterator<Item = NodeId>) -> Self {
        Self {
            enabled: true,
            votes: nodes.into_iter().map(|node| (node, 1)).collect(),
            expected_votes: None,
            two_node: false,
            wait_for_all: None,
            last_man_standing: false,
            last_man_standing_window_ms: 10_000,
            auto_tie_breaker: TieBreaker::Off,
        }
    }
}

/// Options that cannot be used together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum QuorumError {
    /// As corosync: the engine does not start.
    #[error(
        "auto_tie_breaker and last_man_standing cannot be used together in a cluster with an odd \
         number of votes without wait_for_all"
    )]
    TieBreakerWithLastManStanding,
}

/// What each member tells the others of its votes when a view forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct NodeVotes {
    /// Its votes.
    pub votes: u32,
    /// Votes that it expects in the whole cluster.
    pub expected: u32,
    /// It was quorate.
    pub quorate: bool,
    /// It still waits for all nodes.
    pub waiting_for_all: bool,
}

/// A counted member.
#[derive(Clone, Copy, Debug)]
struct Counted {
    votes: u32,
    expected: u32,
}

/// Quorum of one node.
#[derive(Clone, Debug)]
pub struct Votequorum {
    local: NodeId,
    enabled: bool,
    votes: u32,
    expected: u32,
    quorum: u32,
    quorate: bool,
    two_node: bool,
    wait_for_all: bool,
    /// `wait_for_all` is not configured.
    follows_two_node: bool,
    waiting_for_all: bool,
    last_man_standing: bool,
    window_ms: u64,
    window_ends: Option<u64>,
    tie_breaker: TieBreaker,
    /// The lowest and highest nodes when this node was last quorate.
    lowest: NodeId,
    highest: NodeId,
    members: BTreeMap<NodeId, Counted>,
    previous: Vec<NodeId>,
}

impl Votequorum {
    /// Begins with this node alone. The texts say which options were switched off and why.
    ///
    /// # Errors
    /// [`QuorumError`] for options that corosync does not start with either.
    pub fn new(
        local: NodeId,
        config: &QuorumConfig,
    ) -> Result<(Self, Vec<&'static str>), QuorumError> {
        let mut notes = Vec::new();
        let listed: u32 = config.votes.values().sum();
        let mut two_node = config.two_node;
        let mut tie_breaker = config.auto_tie_breaker.clone();
        let wait_for_all = config.wait_for_all.unwrap_or(two_node);
        if two_node && tie_breaker != TieBreaker::Off {
            two_node = false;
            notes
                .push("two_node and auto_tie_breaker exclude each other: two_node is switched off");
        }
        if tie_breaker != TieBreaker::Off && listed % 2 == 1 && !wait_for_all {
            if config.last_man_standing {
                return Err(QuorumError::TieBreakerWithLastManStanding);
            }
            tie_breaker = TieBreaker::Off;
            notes.push(
                "auto_tie_breaker with an odd number of votes needs wait_for_all: it is switched \
                 off",
            );
        }
        let mut last_man_standing = config.last_man_standing;
        if last_man_standing && config.votes.values().any(|v| *v > 1) {
            last_man_standing = false;
            notes.push("last_man_standing needs one vote for each node: it is switched off");
        }
        let votes = config.votes.get(&local).copied().unwrap_or(1);
        let expected = config.expected_votes.filter(|e| *e > 0).unwrap_or(listed);
        let mut this = Self {
            local,
            enabled: config.enabled,
            votes,
            expected,
            quorum: 0,
            quorate: false,
            two_node,
            wait_for_all,
            follows_two_node: config.wait_for_all.is_none(),
            waiting_for_all: wait_for_all,
            last_man_standing,
            window_ms: config.last_man_standing_window_ms,
            window_ends: None,
            tie_breaker,
            lowest: local,
            highest: local,
            members: BTreeMap::from([(local, Counted { votes, expected })]),
            previous: Vec::new(),
        };
        this.recalculate(false, None);
        Ok((this, notes))
    }

    /// Returns what this node tells the others.
    pub fn node_votes(&self) -> NodeVotes {
        NodeVotes {
            votes: self.votes,
            expected: self.expected,
            quorate: self.quorate,
            waiting_for_all: self.waiting_for_all,
        }
    }

    /// Returns the state of the partition.
    pub fn info(&self) -> QuorumInfo {
        QuorumInfo {
            quorate: self.quorate || !self.enabled,
            expected: self.expected,
            total: self.total(),
            quorum: self.quorum,
            two_node: self.two_node,
            waiting_for_all: self.waiting_for_all && self.enabled,
        }
    }

    /// A view begins with these members, this node among them.
    pub fn handle_view(&mut self, now: u64, members: &[(NodeId, NodeVotes)]) -> QuorumInfo {
        let here = |node: &NodeId| members.iter().any(|(n, _)| n == node);
        self.previous = self.members.keys().copied().collect();
        let left = self.previous.iter().any(|node| !here(node));
        self.members.retain(|node, _| here(node));
        self.arm_window(now, left, members.len());

        let mut allow_decrease = false;
        for (_, votes) in members {
            if !self.quorate && votes.quorate {
                allow_decrease = true;
                self.expected = votes.expected;
            }
        }
        for (node, votes) in members {
            let local = *node == self.local;
            let expected = if votes.quorate && !local { votes.expected } else { self.expected };
            let votes = if local { self.votes } else { votes.votes };
            self.members.insert(*node, Counted { votes, expected });
        }
        self.recalculate(allow_decrease, None);
        if self.wait_for_all && members.iter().any(|(_, v)| v.quorate && !v.waiting_for_all) {
            self.waiting_for_all = false;
        }
        self.recalculate(false, None);
        self.info()
    }

    /// The last-man-standing window is counted from the last departure.
    fn arm_window(&mut self, now: u64, left: bool, members: usize) {
        let quorum = self.quorum as usize;
        let tie = self.tie_breaker != TieBreaker::Off && self.members.contains_key(&self.lowest);
        if self.last_man_standing && (members >= quorum && left || members <= quorum && tie) {
            self.window_ends = Some(now + self.window_ms);
        }
    }

    /// Returns when [`Self::handle_timeout`] is due, ms.
    pub fn poll_timeout(&self) -> Option<u64> {
        self.window_ends
    }

    /// Time passed; returns the new state where it changed.
    pub fn handle_timeout(&mut self, now: u64) -> Option<QuorumInfo> {
        if self.window_ends.is_none_or(|at| now < at) {
            return None;
        }
        self.window_ends = None;
        let before = self.info();
        if self.quorate {
            let count = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
            self.recalculate(true, Some(count));
        }
        let after = self.info();
        (after != before).then_some(after)
    }

    /// The administrator sets the expected votes (`corosync-quorumtool -e`).
    pub fn set_expected_votes(&mut self, expected: u32) -> QuorumInfo {
        self.expect(expected);
        self.recalculate(true, None);
        self.info()
    }

    /// The configuration was reloaded: votes, expected votes and `two_node` may change at run time.
    pub fn handle_config(&mut self, config: &QuorumConfig) -> QuorumInfo {
        let listed: u32 = config.votes.values().sum();
        self.enabled = config.enabled;
        self.two_node = config.two_node && self.tie_breaker == TieBreaker::Off;
        self.votes = config.votes.get(&self.local).copied().unwrap_or(1);
        if let Some(us) = self.members.get_mut(&self.local) {
            us.votes = self.votes;
        }
        if self.follows_two_node {
            self.wait_for_all = self.two_node;
            self.waiting_for_all &= self.wait_for_all;
        }
        self.set_expected_votes(config.expected_votes.filter(|e| *e > 0).unwrap_or(listed))
    }

    fn expect(&mut self, expected: u32) {
        self.expected = expected;
        for member in self.members.values_mut() {
            member.expected = expected;
        }
    }

    fn total(&self) -> u32 {
        self.members.values().fold(0, |sum, member| sum.saturating_add(member.votes))
    }

    /// `by_nodes`: count from this number of expected votes on.
    fn recalculate(&mut self, allow_decrease: bool, by_nodes: Option<u32>) {
        let total = self.total();
        if total > self.expected {
            self.expected = total;
        }
        if let Some(us) = self.members.get_mut(&self.local) {
            us.expected = self.expected;
        }
        let highest = self.members.values().map(|m| m.expected).max().unwrap_or(self.expected);
        let highest = by_nodes.filter(|n| *n > 0).unwrap_or(highest);
        let half = |votes: u32| votes.saturating_add(2) / 2;
        let mut quorum = half(highest).max(half(total));
        if !allow_decrease {
            quorum = quorum.max(self.quorum);
        }
        if self.two_node && self.members.len() <= 2 {
            quorum = 1;
        }
        self.quorum = quorum;
        if let Some(expected) = by_nodes.filter(|n| *n > 0) {
            self.expect(expected);
        }
        self.decide(total);
    }

    fn decide(&mut self, total: u32) {
        if self.wait_for_all && self.waiting_for_all {
            if total != self.expected {
                return;
            }
            self.waiting_for_all = false;
        }
        let mut quorate = self.quorum <= total;
        if quorate {
            self.lowest = self.members.keys().next().copied().unwrap_or(self.local);
            self.highest = self.members.keys().next_back().copied().unwrap_or(self.local);
        }
        let gone = self.previous.len().saturating_sub(self.members.len());
        if self.tie_breaker != TieBreaker::Off
            && total == self.expected / 2
            && gone < self.quorum as usize
            && self.wins_tie()
        {
            quorate = true;
        }
        self.quorate = quorate;
        if self.wait_for_all {
            self.waiting_for_all = !quorate;
        }
    }

    fn wins_tie(&self) -> bool {
        match &self.tie_breaker {
            TieBreaker::Off => false,
            TieBreaker::Lowest => self.members.contains_key(&self.lowest),
            TieBreaker::Highest => self.members.contains_key(&self.highest),
            TieBreaker::List(nodes) => {
                // The first of the list that is here wins, unless one before it was here in the
                // last view: that one may live in the other half.
                let first = nodes.iter().position(|node| self.members.contains_key(node));
                first.is_some_and(|at| {
                    !nodes.iter().take(at).any(|node| self.previous.contains(node))
                })
            }
        }
    }
}

#[cfg(test)]
#[path = "quorum/tests.rs"]
mod tests;
