//! The embedded engine: view-synchronous agreed broadcast for 1 to 16 nodes, without a majority.
//!
//! Sans-IO: [`LinkNode`] takes what happened and the time (`handle_*`, `submit`), and gives what
//! is to be done ([`LinkNode::poll_output`], in order) and when to call again
//! ([`LinkNode::poll_timeout`]). It never waits, reads no clock and touches no file.
//!
//! Reading order: [`wire`] (messages), `detector` (who can be a member), `view` (how members agree
//! on a view), `flush` (how they even out what they delivered), `order` (one order within a view),
//! [`quorum`] (whether a view may act).
//!
//! **What holds** (checked by [`crate::sim`]): a node is in each of its views, and its view ids only
//! grow, also across restarts; equal view ids mean equal members; messages of a view come in one
//! order; members that go from one view to the next together delivered the same messages in the
//! first; no message is delivered twice; once all nodes hear each other they are in one view.
//! **What does not**: a partition without quorum works on, as corosync's does. Whether it may act
//! is told by [`quorum`], and decided above.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use self::quorum::{QuorumConfig, QuorumError, Votequorum};
use super::{Event, LeaveReason, Member, NODES_MAX, NodeId, Notice, SendError, Severity, Ticket};
use detector::Detector;
use flush::Log;
use order::{Outbox, Sequencer};
use view::Phase;
use wire::{Heartbeat, Label, Message};

pub mod quorum;
pub mod wire;

mod detector;
mod flush;
mod order;
mod view;

#[cfg(test)]
mod tests;

pub use detector::{Gossip, Row};

/// Times and names; times mean what they mean in corosync.conf.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// This node; `incarnation` must differ for each run.
    pub local: Member,
    /// The other configured nodes.
    pub peers: Vec<NodeId>,
    /// `token`, ms: a peer that is silent for so long is lost. 20..=600,000.
    pub token_ms: u64,
    /// `token_coefficient`, ms: added to `token` for each node beyond two.
    pub token_coefficient_ms: u64,
    /// `consensus`, ms: how long a membership round waits for an answer; 1.2 times the token time
    /// where it is not set.
    pub consensus_ms: Option<u64>,
    /// ms that a starting node waits for all configured nodes; as `consensus` where it is not set.
    pub join_ms: Option<u64>,
    /// Votes.
    pub quorum: QuorumConfig,
}

impl Settings {
    /// corosync's defaults for these nodes.
    pub fn new(local: Member, peers: Vec<NodeId>) -> Self {
        let quorum = QuorumConfig::plain(peers.iter().copied().chain([local.node]));
        Self {
            local,
            peers,
            token_ms: 3000,
            token_coefficient_ms: 650,
            consensus_ms: None,
            join_ms: None,
            quorum,
        }
    }

    /// Returns the token time that counts for this number of nodes, ms.
    pub fn token_effective_ms(&self) -> u64 {
        let beyond_two = (self.peers.len() as u64 + 1).saturating_sub(2);
        self.token_ms + self.token_coefficient_ms * beyond_two
    }

    /// Returns how long a round waits for an answer, ms.
    pub fn consensus_effective_ms(&self) -> u64 {
        self.consensus_ms.unwrap_or(self.token_effective_ms() * 6 / 5)
    }

    /// Returns the time between two heartbeats, ms: five in a token time.
    pub fn heartbeat_ms(&self) -> u64 {
        (self.token_effective_ms() / 5).clamp(4, 1000)
    }
}

/// Why a node cannot be made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SettingsError {
    /// More nodes than the engine is for.
    #[error("{0} nodes are configured; the embedded engine is for at most {max}", max = NODES_MAX)]
    TooManyNodes(usize),
    /// Two nodes of one number.
    #[error("node id {0} is configured twice")]
    DuplicateNode(NodeId),
    /// A time out of range.
    #[error("{name} is {value} ms; it must be {min} to {max} ms")]
    Time {
        /// The setting.
        name: &'static str,
        /// What was given.
        value: u64,
        /// The least allowed.
        min: u64,
        /// The most allowed.
        max: u64,
    },
    /// Quorum options exclude each other.
    #[error(transparent)]
    Quorum(#[from] QuorumError),
}

/// What the driver must do, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Make the epoch durable *before* anything that follows is done.
    Persist(u64),
    /// Send over the session with the peer; drop it where there is none.
    Send(NodeId, Message),
    /// Send the same to several peers.
    SendAll(Vec<NodeId>, Message),
    /// Send to all peers, by datagram and over their sessions.
    Heartbeat(Heartbeat),
    /// End the session with the peer, and make a new one when it answers.
    Disconnect(NodeId),
    /// Tell the user.
    Event(Event),
}

/// The view that a node is in.
#[derive(Clone, Debug)]
struct Current {
    label: Label,
    members: Vec<Member>,
    /// False before the first view: the user knows of none.
    announced: bool,
    /// The view before, and the members of this one that came along from it.
    previous: Label,
    with_me: BTreeSet<NodeId>,
}

impl Current {
    fn has(&self, node: NodeId) -> bool {
        self.members.iter().any(|m| m.node == node)
    }
}

/// One node's membership and ordering.
#[derive(Clone, Debug)]
pub struct LinkNode {
    settings: Settings,
    detector: Detector,
    votequorum: Votequorum,
    epoch: u64,
    /// The newest view that this node agreed to; nothing is delivered in an older one.
    promised: Label,
    view: Current,
    phase: Phase,
    log: Log,
    sequencer: Sequencer,
    outbox: Outbox,
    /// A new round is due although the candidates may be the members.
    round_due: bool,
    /// A session with a member ended in this view: what followed on another could overtake what was
    /// lost, so nothing is sent until the next view.
    holding: bool,
    merge_at: Option<u64>,
    /// Members that show another view than ours, and since when.
    astray: BTreeMap<NodeId, u64>,
    join_deadline: u64,
    /// While starting: a peer is in a view.
    group_found: bool,
    next_heartbeat: u64,
    last_input: u64,
    slow: bool,
    out: VecDeque<Output>,
}

impl LinkNode {
    /// Starts a node at `now`. `epoch` is the greatest that was persisted on this node (where its
    /// state was lost: seconds since 1970, which outbids any that it can have used).
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: Settings, epoch: u64, now: u64) -> Result<Self, SettingsError> {
        let nodes = check(&settings)?;
        let local = settings.local.clone();
        let (votequorum, notes) = Votequorum::new(local.node, &settings.quorum)?;
        let epoch = epoch + 1;
        let label = Label { epoch, coordinator: local.node, run: local.incarnation };
        let suspect = settings.token_effective_ms();
        let consensus = settings.consensus_effective_ms();
        let mut this = Self {
            detector: Detector::new(nodes, local.node, epoch, suspect, consensus),
            votequorum,
            epoch,
            promised: label,
            view: Current {
                label,
                members: vec![local],
                announced: false,
                previous: Label::default(),
                with_me: BTreeSet::new(),
            },
            phase: Phase::Op,
            log: Log::default(),
            sequencer: Sequencer::default(),
            outbox: Outbox::default(),
            round_due: false,
            holding: false,
            merge_at: None,
            astray: BTreeMap::new(),
            join_deadline: now + settings.join_ms.unwrap_or(consensus),
            group_found: false,
            next_heartbeat: now,
            last_input: now,
            slow: false,
            out: VecDeque::from([Output::Persist(epoch)]),
            settings,
        };
        for note in notes {
            this.notice(Severity::Warning, None, note.to_owned(), None);
        }
        this.review(now);
        Ok(this)
    }

    fn me(&self) -> NodeId {
        self.settings.local.node
    }

    /// Returns the next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// Returns when [`Self::handle_timeout`] is due, ms; `None` after [`Self::leave`].
    pub fn poll_timeout(&self) -> Option<u64> {
        if matches!(self.phase, Phase::Left) {
            return None;
        }
        let starting = (!self.view.announced).then_some(self.join_deadline);
        let astray = self.astray.values().min().map(|t| t + self.settings.consensus_effective_ms());
        // `review` looks at these at each input; what is past waits for something else.
        let reviewed = [self.merge_at, starting, astray];
        let times = [
            Some(self.next_heartbeat),
            self.phase.deadline(),
            self.detector.deadline(self.last_input),
            self.votequorum.poll_timeout(),
        ];
        let future = reviewed.into_iter().flatten().filter(|t| *t > self.last_input);
        times.into_iter().flatten().chain(future).min()
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: u64) {
        if matches!(self.phase, Phase::Left) {
            return;
        }
        self.woken(now);
        if now >= self.next_heartbeat {
            self.heartbeat(now);
        }
        for peer in self.detector.mute(now) {
            self.out.push_back(Output::Disconnect(peer));
            self.lose_session(now, peer, true);
        }
        if let Some(info) = self.votequorum.handle_timeout(now) {
            self.out.push_back(Output::Event(Event::Quorum(info)));
        }
        self.handle_deadline(now);
        self.review(now);
    }

    /// A session with the peer is up: authenticated, and its greeting read.
    pub fn handle_session_up(&mut self, now: u64, peer: NodeId, incarnation: u64, name: &str) {
        self.woken(now);
        self.detector.session_up(now, peer, incarnation, name);
        self.out.push_back(Output::Send(peer, Message::Heartbeat(self.heartbeat_now())));
        self.review(now);
    }

    /// The session ended. `gone`: nothing of the peer is left, not even what its daemon ran; else it
    /// gets the token time to come back.
    pub fn handle_session_down(&mut self, now: u64, peer: NodeId, gone: bool) {
        self.woken(now);
        self.lose_session(now, peer, gone);
        self.review(now);
    }

    fn lose_session(&mut self, now: u64, peer: NodeId, gone: bool) {
        let member = self.view.has(peer);
        if self.phase.concerns(peer) || member && matches!(self.phase, Phase::Op) {
            self.round_due = true; // what was under way on the session is lost
        }
        self.holding |= member;
        self.detector.session_down(now, peer, gone);
    }

    /// Authentic bytes came over the session, perhaps of a message that is not complete.
    pub fn handle_heard(&mut self, now: u64, peer: NodeId) {
        self.detector.heard(now, peer, true);
    }

    /// A datagram came.
    pub fn handle_heartbeat(&mut self, now: u64, from: NodeId, heartbeat: &Heartbeat) {
        self.woken(now);
        self.detector.heard(now, from, false);
        self.take_heartbeat(now, from, heartbeat);
        self.review(now);
    }

    /// A message came over the session.
    pub fn handle_message(&mut self, now: u64, from: NodeId, message: Message) {
        if matches!(self.phase, Phase::Left) || !self.detector.is_up(from) {
            return;
        }
        self.woken(now);
        self.detector.heard(now, from, true);
        match message {
            Message::Heartbeat(heartbeat) => self.take_heartbeat(now, from, &heartbeat),
            Message::Ask { epoch, view, gossip } => self.take_ask(now, from, epoch, view, &gossip),
            Message::Propose { label, members, gossip } => {
                self.take_propose(now, from, label, &members, &gossip);
            }
            Message::Refuse { label, epoch, gossip } => {
                self.take_refuse(now, from, label, epoch, &gossip);
            }
            Message::State(state) => self.take_state(now, from, state),
            Message::Install(install) => self.take_install(now, from, install),
            Message::Submit { view, entry } => self.take_submit(from, view, entry),
            Message::Order { view, seq, stable, entry } => {
                self.take_order(from, view, seq, stable, entry);
            }
            Message::Ack { view, delivered } => self.take_ack(from, view, delivered),
            Message::Direct { view, body } => self.take_direct(from, view, body),
            Message::Leave => self.detector.goodbye(from),
        }
        self.review(now);
    }

    /// Submits a message under a ticket that was not used before in this run.
    ///
    /// # Errors
    /// [`SendError`]; nothing changed.
    pub fn submit(&mut self, now: u64, ticket: Ticket, body: Vec<u8>) -> Result<(), SendError> {
        if matches!(self.phase, Phase::Left) {
            return Err(SendError::Closed);
        }
        self.outbox.submit(ticket.0, body)?;
        self.pump();
        self.review(now);
        Ok(())
    }

    /// Sends a message to one member.
    ///
    /// # Errors
    /// [`SendError`]; nothing changed.
    pub fn send_to(&mut self, node: NodeId, body: Vec<u8>) -> Result<(), SendError> {
        if matches!(self.phase, Phase::Left) {
            return Err(SendError::Closed);
        }
        if !self.view.announced || !self.view.has(node) {
            return Err(SendError::NotMember(node));
        }
        self.outbox.direct(node, body)?;
        self.pump();
        Ok(())
    }

    /// Takes a changed list of peers and their votes. Added nodes may join, removed ones are left
    /// out of the next view; the current view goes on.
    ///
    /// # Errors
    /// [`SettingsError`]; nothing changed.
    pub fn set_peers(
        &mut self,
        now: u64,
        peers: Vec<NodeId>,
        quorum: &QuorumConfig,
    ) -> Result<(), SettingsError> {
        let settings = Settings { peers, quorum: quorum.clone(), ..self.settings.clone() };
        let nodes = check(&settings)?;
        self.settings = settings;
        let suspect = self.settings.token_effective_ms();
        self.detector.set_nodes(nodes, suspect, self.settings.consensus_effective_ms());
        let info = self.votequorum.handle_config(quorum);
        if self.view.announced {
            self.out.push_back(Output::Event(Event::Quorum(info)));
        }
        self.review(now);
        Ok(())
    }

    /// The user does not keep up with the events: while `slow`, deliveries are not acknowledged, so
    /// the group orders no more than its window.
    pub fn set_slow(&mut self, slow: bool) {
        self.slow = slow;
        self.acknowledge(true);
    }

    /// Says goodbye; the node does nothing after it.
    pub fn leave(&mut self) {
        let peers: Vec<NodeId> = self.detector.peers().collect();
        for peer in peers {
            self.out.push_back(Output::Send(peer, Message::Leave));
        }
        self.phase = Phase::Left;
    }

    /// Notes the time of an input. Where the process did not run for long, silence proves nothing.
    fn woken(&mut self, now: u64) {
        let overdue = now.saturating_sub(self.last_input.max(self.next_heartbeat));
        if overdue > self.settings.token_effective_ms() / 2 {
            self.detector.slept(now);
        }
        self.last_input = self.last_input.max(now);
    }

    fn heartbeat_now(&self) -> Heartbeat {
        Heartbeat {
            epoch: self.epoch,
            view: self.view.label,
            operational: self.view.announced,
            delivered: self.acknowledged(),
            stable: self.log.base(),
            gossip: self.detector.gossip(),
        }
    }

    fn heartbeat(&mut self, now: u64) {
        self.next_heartbeat = now + self.settings.heartbeat_ms();
        self.out.push_back(Output::Heartbeat(self.heartbeat_now()));
    }

    fn take_heartbeat(&mut self, now: u64, from: NodeId, heartbeat: &Heartbeat) {
        if matches!(self.phase, Phase::Left) {
            return;
        }
        self.detector.merge(from, &heartbeat.gossip);
        self.learn(heartbeat.epoch);
        if heartbeat.operational && !self.view.announced {
            // There is a group already: no reason to wait for nodes that it does without.
            self.group_found = true;
        }
        if heartbeat.view == self.view.label {
            self.astray.remove(&from);
            self.take_ack(from, heartbeat.view, heartbeat.delivered);
            if from == self.view.label.coordinator {
                self.truncate(heartbeat.stable);
            }
        } else if self.view.has(from) && matches!(self.phase, Phase::Op) {
            if heartbeat.view > self.view.label && heartbeat.operational {
                self.round_due = true; // it moved on without us
            } else {
                self.astray.entry(from).or_insert(now); // it may be on its way to our view
            }
        }
    }

    /// Learns a greater epoch; it is used at the earliest by the next round, which persists it.
    fn learn(&mut self, epoch: u64) {
        // A peer that names the last epochs would make the next ones impossible.
        if epoch > self.epoch && epoch < u64::MAX / 2 {
            self.epoch = epoch;
        }
    }

    fn persist(&mut self) {
        self.out.push_back(Output::Persist(self.epoch));
    }

    fn notice(
        &mut self,
        severity: Severity,
        node: Option<NodeId>,
        message: String,
        remedy: Option<String>,
    ) {
        let notice = Notice { severity, node, message, remedy };
        self.out.push_back(Output::Event(Event::Notice(notice)));
    }

    fn leave_reason(&self, node: NodeId, goodbyes: &[NodeId]) -> LeaveReason {
        if goodbyes.contains(&node) || self.detector.said_goodbye(node) {
            LeaveReason::Left
        } else {
            LeaveReason::Lost
        }
    }
}

/// Checks the settings; returns all nodes, ascending.
fn check(settings: &Settings) -> Result<Vec<NodeId>, SettingsError> {
    let mut nodes = settings.peers.clone();
    nodes.push(settings.local.node);
    nodes.sort_unstable();
    if nodes.len() > NODES_MAX {
        return Err(SettingsError::TooManyNodes(nodes.len()));
    }
    if let Some(pair) = nodes.windows(2).find(|pair| pair.first() == pair.last()) {
        return Err(SettingsError::DuplicateNode(pair.first().copied().unwrap_or_default()));
    }
    let consensus = settings.consensus_ms.unwrap_or(1000);
    let join = settings.join_ms.unwrap_or(1000);
    let times = [
        ("token", settings.token_ms, 20, 600_000),
        ("token_coefficient", settings.token_coefficient_ms, 0, 60_000),
        ("consensus", consensus, 20, 600_000),
        ("join", join, 0, 600_000),
    ];
    for (name, value, min, max) in times {
        if !(min..=max).contains(&value) {
            return Err(SettingsError::Time { name, value, min, max });
        }
    }
    Ok(nodes)
}
