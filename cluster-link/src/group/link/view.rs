//! How nodes agree on a view: one round of promise, state and installation.
//!
//! ```text
//!        candidates changed, a session was lost, a peer asks
//!   Op ──────────────────────────────► Gather (I am the lowest candidate) ── Install ─► Op
//!    │                                   all states are in; the silent are left out at the deadline
//!    └── another is the lowest: Ask ──► Wait ── Propose: promise, State ── Install ─► Op
//!                                        at the deadline the leader is left out
//! ```
//!
//! A promise is a node's word that it delivers nothing more in its old view but what `Install`
//! brings; it is made only for a greater label than any before, and the epoch in it is durable
//! before it is spoken. Nothing else is needed for safety: any node may propose at any time. Which
//! proposals are *accepted* (only those of the lowest candidate) decides how fast nodes agree.

use std::collections::{BTreeMap, BTreeSet};

use super::detector::Gossip;
use super::flush;
use super::quorum::NodeVotes;
use super::wire::{Install, Joined, Label, Message, State};
use super::{Current, LinkNode, Output};
use crate::group::{Event, NodeId, Severity, View};

/// A view that only gains members waits so long for more of them, ms (corosync's `merge`).
const MERGE_MS: u64 = 50;

/// Where a node is in a round.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// In its view.
    Op,
    /// Leading a round.
    Gather { members: Vec<NodeId>, states: BTreeMap<NodeId, State>, deadline: u64 },
    /// Waiting for the leader's proposal or installation.
    Wait { leader: NodeId, deadline: u64 },
    /// Said goodbye.
    Left,
}

impl Phase {
    pub(super) fn deadline(&self) -> Option<u64> {
        match self {
            Self::Gather { deadline, .. } | Self::Wait { deadline, .. } => Some(*deadline),
            Self::Op | Self::Left => None,
        }
    }

    /// Does the round under way need `node`?
    pub(super) fn concerns(&self, node: NodeId) -> bool {
        match self {
            Self::Gather { members, .. } => members.contains(&node),
            Self::Wait { leader, .. } => *leader == node,
            Self::Op | Self::Left => false,
        }
    }
}

impl LinkNode {
    /// Compares what is with what should be, and starts a round where they differ. Called at the
    /// end of each input.
    pub(super) fn review(&mut self, now: u64) {
        if matches!(self.phase, Phase::Left) {
            return;
        }
        // Each round ends at once or leaves a deadline; a round of one may show the next need.
        for _ in 0..3 {
            self.refresh(now);
            if !self.is_round_due(now) {
                return;
            }
            self.start_round(now);
        }
    }

    fn refresh(&mut self, now: u64) {
        let members = self.view.members.iter().map(|m| (m.node, m.incarnation)).collect();
        if self.detector.refresh(now, &members) {
            self.heartbeat(now); // all should know at once
        }
    }

    fn is_round_due(&mut self, now: u64) -> bool {
        if self.detector.disputed_until().is_some_and(|until| now < until) {
            return false;
        }
        let candidates = self.detector.candidates().to_vec();
        let leader = candidates.first().copied().unwrap_or(self.me());
        // A session that may come back in a moment is waited for: the round would need it.
        let me = self.me();
        let all_up = candidates.iter().all(|n| *n == me || self.detector.is_up(*n));
        match &self.phase {
            Phase::Left => false,
            Phase::Gather { members, .. } => {
                all_up
                    && (self.round_due
                        || leader != me
                        || members.iter().any(|m| !candidates.contains(m)))
            }
            Phase::Wait { leader: awaited, .. } => all_up && (self.round_due || *awaited != leader),
            Phase::Op if !self.view.announced => {
                all_up
                    && (self.round_due
                        || self.group_found && candidates.len() > 1
                        || candidates.len() > self.settings.peers.len()
                        || now >= self.join_deadline)
            }
            Phase::Op => all_up && self.is_view_broken(now, &candidates),
        }
    }

    /// Does the view need a successor?
    fn is_view_broken(&mut self, now: u64, candidates: &[NodeId]) -> bool {
        let me = self.me();
        let patience = self.settings.consensus_effective_ms();
        let is_lost = |m: &crate::group::Member| {
            !candidates.contains(&m.node)
                || m.node != me && self.detector.incarnation(m.node) != m.incarnation
        };
        if self.round_due
            || self.view.members.iter().any(is_lost)
            || self.astray.values().any(|since| now >= since + patience)
        {
            return true;
        }
        if candidates.len() == self.view.members.len() {
            self.merge_at = None;
            return false;
        }
        now >= *self.merge_at.get_or_insert(now + MERGE_MS)
    }

    fn start_round(&mut self, now: u64) {
        self.round_due = false;
        self.merge_at = None;
        self.astray.clear();
        let members = self.detector.candidates().to_vec();
        let leader = members.first().copied().unwrap_or(self.me());
        if leader == self.me() {
            self.lead(now, members);
        } else {
            let deadline = now + self.settings.consensus_effective_ms();
            self.phase = Phase::Wait { leader, deadline };
            let (epoch, view) = (self.epoch, self.view.label);
            let ask = Message::Ask { epoch, view, gossip: self.detector.gossip() };
            self.out.push_back(Output::Send(leader, ask));
        }
    }

    fn lead(&mut self, now: u64, members: Vec<NodeId>) {
        self.epoch = self.epoch.max(self.promised.epoch) + 1;
        self.persist();
        let local = &self.settings.local;
        let (me, run) = (local.node, local.incarnation);
        let label = Label { epoch: self.epoch, coordinator: me, run };
        self.promised = label;
        for member in members.iter().filter(|m| **m != me) {
            let gossip = self.detector.gossip();
            let propose = Message::Propose { label, members: members.clone(), gossip };
            self.out.push_back(Output::Send(*member, propose));
        }
        let states = BTreeMap::from([(me, self.state(label))]);
        let deadline = now + self.settings.consensus_effective_ms();
        self.phase = Phase::Gather { members, states, deadline };
        self.try_install(now);
    }

    fn state(&self, label: Label) -> State {
        State {
            label,
            old: self.view.label,
            member: self.settings.local.clone(),
            votes: self.votequorum.node_votes(),
            base: self.log.base(),
            log: self.log.retained(),
        }
    }

    /// The time of a round is over: who did not answer is left out for a while.
    pub(super) fn handle_deadline(&mut self, now: u64) {
        if self.phase.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        let again = now + self.settings.consensus_effective_ms();
        let silent: Vec<NodeId> = match &mut self.phase {
            Phase::Gather { members, states, deadline } => {
                *deadline = again;
                members.iter().copied().filter(|m| !states.contains_key(m)).collect()
            }
            Phase::Wait { leader, deadline } => {
                *deadline = again;
                vec![*leader]
            }
            Phase::Op | Phase::Left => Vec::new(),
        };
        for node in silent {
            self.leave_out(now, node, "does not answer");
        }
        self.round_due = true;
    }

    fn leave_out(&mut self, now: u64, node: NodeId, why: &str) {
        let time = self.detector.exclude(now, node);
        let name = self.detector.name(node).to_owned();
        let message = format!(
            "node {node} ({name}) is heard but {why} in a membership round: left out for {} s",
            time.div_ceil(1000)
        );
        let remedy = "look at the load and the log of that node".to_owned();
        self.notice(Severity::Warning, Some(node), message, Some(remedy));
    }

    pub(super) fn take_ask(
        &mut self,
        now: u64,
        from: NodeId,
        epoch: u64,
        view: Label,
        gossip: &Gossip,
    ) {
        self.learn(epoch);
        self.detector.merge(from, gossip);
        self.refresh(now);
        if view < self.view.label && self.view.has(from) && matches!(self.phase, Phase::Op) {
            return; // asked before it heard of this view, which is what it asked for
        }
        let candidates = self.detector.candidates();
        if candidates.first() == Some(&self.me()) && candidates.contains(&from) {
            let invited = matches!(&self.phase, Phase::Gather { states, members, .. }
                    if members.contains(&from) && !states.contains_key(&from));
            self.round_due |= !invited;
        } else {
            // It thinks that we lead; what we know tells it who does.
            let gossip = self.detector.gossip();
            let refuse = Message::Refuse { label: Label::default(), epoch: self.epoch, gossip };
            self.out.push_back(Output::Send(from, refuse));
        }
    }

    pub(super) fn take_propose(
        &mut self,
        now: u64,
        from: NodeId,
        label: Label,
        members: &[NodeId],
        gossip: &Gossip,
    ) {
        self.learn(label.epoch);
        self.detector.merge(from, gossip);
        self.refresh(now);
        let acceptable = label > self.promised
            && label.epoch <= self.epoch
            && label.coordinator == from
            && label.run == self.detector.incarnation(from)
            && members.contains(&self.me())
            && self.detector.candidates().first() == Some(&from);
        if !acceptable {
            let epoch = self.epoch.max(self.promised.epoch);
            let refuse = Message::Refuse { label, epoch, gossip: self.detector.gossip() };
            self.out.push_back(Output::Send(from, refuse));
            return;
        }
        self.persist();
        self.promised = label;
        self.round_due = false;
        let patience = self.settings.consensus_effective_ms() + self.settings.token_effective_ms();
        self.phase = Phase::Wait { leader: from, deadline: now + patience };
        self.out.push_back(Output::Send(from, Message::State(self.state(label))));
    }

    pub(super) fn take_refuse(
        &mut self,
        now: u64,
        from: NodeId,
        label: Label,
        epoch: u64,
        gossip: &Gossip,
    ) {
        self.learn(epoch);
        self.detector.merge(from, gossip);
        let mine = label == self.promised && matches!(self.phase, Phase::Gather { .. });
        if mine {
            if self.detector.refused(from) {
                self.leave_out(now, from, "refuses");
            }
            self.round_due = true;
        }
    }

    pub(super) fn take_state(&mut self, now: u64, from: NodeId, state: State) {
        let current = state.label == self.promised;
        let honest = state.member.node == from
            && state.member.incarnation == self.detector.incarnation(from);
        if let Phase::Gather { members, states, .. } = &mut self.phase
            && current
            && honest
            && members.contains(&from)
        {
            states.insert(from, state);
            self.try_install(now);
        }
    }

    fn try_install(&mut self, now: u64) {
        let Phase::Gather { members, states, .. } = &self.phase else { return };
        if states.len() < members.len() {
            return;
        }
        let mut missing = match flush::missing(states) {
            Ok(missing) => missing,
            Err(node) if node == self.me() => return,
            Err(node) => {
                self.leave_out(now, node, "sends a log with a hole");
                self.round_due = true;
                return;
            }
        };
        let label = self.promised;
        let joined = |s: &State| Joined { member: s.member.clone(), old: s.old, votes: s.votes };
        let members: Vec<Joined> = states.values().map(joined).collect();
        let goodbyes: Vec<NodeId> =
            self.detector.peers().filter(|n| self.detector.said_goodbye(*n)).collect();
        let me = self.me();
        let mut own = None;
        for joined in &members {
            let node = joined.member.node;
            let missing = missing.remove(&node).unwrap_or_default();
            let goodbyes = goodbyes.clone();
            let install = Install { label, members: members.clone(), goodbyes, missing };
            if node == me {
                own = Some(install);
            } else {
                self.out.push_back(Output::Send(node, Message::Install(install)));
            }
        }
        if let Some(install) = own {
            self.install(now, install);
        }
    }

    pub(super) fn take_install(&mut self, now: u64, from: NodeId, install: Install) {
        let me = self.me();
        let own = install.members.iter().find(|j| j.member.node == me);
        let valid = install.label == self.promised
            && install.label.coordinator == from
            && matches!(self.phase, Phase::Wait { .. })
            && own.is_some_and(|j| {
                j.old == self.view.label && j.member.incarnation == self.settings.local.incarnation
            });
        if valid {
            self.install(now, install);
        }
    }

    /// Ends the old view and begins the new one.
    fn install(&mut self, now: u64, install: Install) {
        let Install { label, members, goodbyes, missing } = install;
        for entry in missing {
            self.deliver(entry);
        }
        let with_me: BTreeSet<NodeId> =
            members.iter().filter(|j| j.old == self.view.label).map(|j| j.member.node).collect();
        let certain = self.view.members.iter().all(|m| with_me.contains(&m.node));
        let uncertain = self.outbox.view_ended(certain);
        if !uncertain.is_empty() {
            self.out.push_back(Output::Event(Event::Uncertain(uncertain)));
        }
        let votes: Vec<(NodeId, NodeVotes)> =
            members.iter().map(|j| (j.member.node, j.votes)).collect();
        let members: Vec<_> = members.into_iter().map(|j| j.member).collect();
        for member in &members {
            self.detector.took_part(member.node);
        }
        let old = std::mem::replace(
            &mut self.view,
            Current {
                label,
                members,
                announced: true,
                previous: Label::default(),
                with_me: with_me.clone(),
            },
        );
        self.view.previous = old.label;
        self.phase = Phase::Op;
        self.round_due = false;
        self.merge_at = None;
        self.astray.clear();
        self.announce(&old, &goodbyes);
        let info = self.votequorum.handle_view(now, &votes);
        self.out.push_back(Output::Event(Event::Quorum(info)));
        self.restart_order();
        self.heartbeat(now);
    }

    fn announce(&mut self, old: &Current, goodbyes: &[NodeId]) {
        let members = self.view.members.clone();
        let was = if old.announced { old.members.as_slice() } else { &[] };
        let joined = members.iter().filter(|m| !was.contains(m)).map(|m| m.node).collect();
        let gone = was.iter().filter(|m| !members.contains(m));
        let left = gone.map(|m| (m.node, self.leave_reason(m.node, goodbyes))).collect();
        let with_me = self.view.with_me.iter().copied().collect();
        let view = View { id: self.view.label.id(), members, with_me, joined, left };
        self.out.push_back(Output::Event(Event::View(view)));
    }
}
