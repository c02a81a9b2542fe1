//! One order within a view: the coordinator numbers what members submit.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::wire::{Entry, Label, Message};
use super::{LinkNode, Output};
use crate::group::{Event, MESSAGE_SIZE_MAX, NodeId, SendError, Ticket};

/// The most that one node may have submitted and not got back.
const PENDING_BYTES_MAX: usize = 2 * MESSAGE_SIZE_MAX;
const PENDING_LEN_MAX: usize = 1024;
/// An acknowledgement is sent at the latest after so many messages or bytes; else heartbeats do.
const ACK_LEN: u64 = 32;
const ACK_BYTES: usize = 256 << 10;

/// A message of this node that was not delivered yet.
#[derive(Clone, Debug)]
struct Pending {
    ticket: u64,
    body: Arc<[u8]>,
    /// Given to the coordinator of the current view.
    sent: bool,
}

/// What this node wants to send.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    pending: VecDeque<Pending>,
    pending_bytes: usize,
    /// How many of `pending`, from the front, are sent.
    sent: usize,
    directs: VecDeque<(NodeId, Vec<u8>)>,
    direct_bytes: usize,
}

impl Outbox {
    pub(super) fn submit(&mut self, ticket: u64, body: Vec<u8>) -> Result<(), SendError> {
        if body.len() > MESSAGE_SIZE_MAX {
            return Err(SendError::TooLarge(body.len()));
        }
        if self.pending.len() >= PENDING_LEN_MAX
            || self.pending_bytes + body.len() > PENDING_BYTES_MAX
        {
            return Err(SendError::Busy);
        }
        self.pending_bytes += body.len();
        self.pending.push_back(Pending { ticket, body: Arc::from(body), sent: false });
        Ok(())
    }

    pub(super) fn direct(&mut self, node: NodeId, body: Vec<u8>) -> Result<(), SendError> {
        if body.len() > MESSAGE_SIZE_MAX {
            return Err(SendError::TooLarge(body.len()));
        }
        if self.directs.len() >= PENDING_LEN_MAX
            || self.direct_bytes + body.len() > PENDING_BYTES_MAX
        {
            return Err(SendError::Busy);
        }
        self.direct_bytes += body.len();
        self.directs.push_back((node, body));
        Ok(())
    }

    fn next_direct(&mut self) -> Option<(NodeId, Vec<u8>)> {
        let (node, body) = self.directs.pop_front()?;
        self.direct_bytes -= body.len();
        Some((node, body))
    }

    fn next_unsent(&mut self) -> Option<(u64, Arc<[u8]>)> {
        let pending = self.pending.get_mut(self.sent)?;
        pending.sent = true;
        self.sent += 1;
        Some((pending.ticket, Arc::clone(&pending.body)))
    }

    /// A message of this node was delivered; returns false where it was not awaited.
    fn delivered(&mut self, ticket: u64) -> bool {
        let Some(at) = self.pending.iter().take(self.sent).position(|p| p.ticket == ticket) else {
            return false;
        };
        if let Some(pending) = self.pending.remove(at) {
            self.pending_bytes -= pending.body.len();
            self.sent -= 1;
        }
        true
    }

    /// The view ended. Where `certain`, nobody can have what was not delivered here, so it is sent
    /// again; else returns what was given to the coordinator and not delivered.
    pub(super) fn view_ended(&mut self, certain: bool) -> Vec<Ticket> {
        let sent = std::mem::take(&mut self.sent);
        if certain {
            self.pending.iter_mut().for_each(|p| p.sent = false);
            return Vec::new();
        }
        let lost: Vec<Pending> = self.pending.drain(..sent).collect();
        self.pending_bytes -= lost.iter().map(|p| p.body.len()).sum::<usize>();
        lost.into_iter().map(|p| Ticket(p.ticket)).collect()
    }
}

/// What only the coordinator of a view uses, and the marks.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequencer {
    /// Submitted and not ordered yet, because too much is unstable.
    queue: VecDeque<Entry>,
    /// What each member has delivered.
    delivered: BTreeMap<NodeId, u64>,
    /// What this node last acknowledged, and bytes delivered since.
    acknowledged: u64,
    bytes_since: usize,
    /// Direct messages from members that are in their next view already.
    early: VecDeque<(NodeId, Label, Vec<u8>)>,
    early_bytes: usize,
}

impl LinkNode {
    /// May messages be ordered and delivered in the current view?
    fn is_delivering(&self) -> bool {
        self.view.announced && self.promised == self.view.label
    }

    fn is_sequencer(&self) -> bool {
        self.view.label.coordinator == self.me()
    }

    /// Begins the order of a new view.
    pub(super) fn restart_order(&mut self) {
        let early = std::mem::take(&mut self.sequencer.early);
        self.holding = false;
        self.log.clear();
        self.sequencer = Sequencer::default();
        self.pump();
        for (from, label, body) in early {
            self.take_direct(from, label, body);
        }
    }

    /// Sends what waits, where the view allows it.
    pub(super) fn pump(&mut self) {
        if !self.is_delivering() || self.holding {
            return;
        }
        let (view, me) = (self.view.label, self.me());
        while let Some((ticket, body)) = self.outbox.next_unsent() {
            let entry = Entry { origin: me, ticket, body };
            if self.is_sequencer() {
                self.sequencer.queue.push_back(entry);
            } else {
                let message = Message::Submit { view, entry };
                self.out.push_back(Output::Send(view.coordinator, message));
            }
        }
        while let Some((node, body)) = self.outbox.next_direct() {
            if node == me {
                let event = Event::Direct { from: me, message: body };
                self.out.push_back(Output::Event(event));
            } else if self.view.has(node) {
                self.out.push_back(Output::Send(node, Message::Direct { view, body }));
            }
        }
        self.order_queued();
    }

    fn order_queued(&mut self) {
        while self.is_delivering() && self.log.has_room() {
            let Some(entry) = self.sequencer.queue.pop_front() else { return };
            let (view, seq, stable) = (self.view.label, self.log.end(), self.log.base());
            let me = self.me();
            let others: Vec<NodeId> =
                self.view.members.iter().map(|m| m.node).filter(|n| *n != me).collect();
            if !others.is_empty() {
                let message = Message::Order { view, seq, stable, entry: entry.clone() };
                self.out.push_back(Output::SendAll(others, message));
            }
            self.deliver(entry);
            self.acknowledge(false);
        }
    }

    pub(super) fn take_submit(&mut self, from: NodeId, view: Label, mut entry: Entry) {
        if view != self.view.label || !self.is_delivering() || !self.is_sequencer() {
            return; // the origin declares it uncertain or sends it again
        }
        entry.origin = from;
        self.sequencer.queue.push_back(entry);
        self.order_queued();
    }

    pub(super) fn take_order(
        &mut self,
        from: NodeId,
        view: Label,
        seq: u64,
        stable: u64,
        entry: Entry,
    ) {
        if view != self.view.label || !self.is_delivering() || from != view.coordinator {
            return;
        }
        if seq != self.log.end() {
            // Sessions keep order, so something was lost: even out in a new view.
            self.round_due = true;
            return;
        }
        self.deliver(entry);
        self.truncate(stable);
        self.acknowledge(false);
    }

    /// Delivers the next message of the view.
    pub(super) fn deliver(&mut self, entry: Entry) {
        let mine = entry.origin == self.me() && self.outbox.delivered(entry.ticket);
        let ticket = mine.then_some(Ticket(entry.ticket));
        self.sequencer.bytes_since += entry.body.len();
        let event = Event::Deliver {
            view: self.view.label.id(),
            from: entry.origin,
            ticket,
            message: entry.body.to_vec(),
        };
        self.log.push(entry);
        self.out.push_back(Output::Event(event));
    }

    /// Returns how many deliveries this node admits to.
    pub(super) fn acknowledged(&self) -> u64 {
        if self.slow { self.sequencer.acknowledged } else { self.log.end() }
    }

    /// Acknowledges deliveries where enough have come together, or `now`.
    pub(super) fn acknowledge(&mut self, now: bool) {
        let delivered = self.acknowledged();
        let due = delivered >= self.sequencer.acknowledged + ACK_LEN
            || self.sequencer.bytes_since >= ACK_BYTES
            || now && delivered > self.sequencer.acknowledged;
        if self.is_sequencer() {
            self.sequencer.acknowledged = delivered;
            self.stabilise();
        } else if due && !self.slow && self.is_delivering() {
            self.sequencer.acknowledged = delivered;
            self.sequencer.bytes_since = 0;
            let view = self.view.label;
            let message = Message::Ack { view, delivered };
            self.out.push_back(Output::Send(view.coordinator, message));
        }
    }

    pub(super) fn take_ack(&mut self, from: NodeId, view: Label, delivered: u64) {
        if view != self.view.label || !self.is_sequencer() || !self.view.has(from) {
            return;
        }
        let known = self.sequencer.delivered.entry(from).or_default();
        *known = (*known).max(delivered);
        self.stabilise();
        self.order_queued();
    }

    /// Forgets, on the coordinator, what everybody has.
    fn stabilise(&mut self) {
        let me = self.me();
        let delivered = |node| {
            if node == me {
                self.sequencer.acknowledged
            } else {
                self.sequencer.delivered.get(&node).copied().unwrap_or_default()
            }
        };
        let stable = self.view.members.iter().map(|m| delivered(m.node)).min().unwrap_or_default();
        self.truncate(stable);
    }

    pub(super) fn truncate(&mut self, stable: u64) {
        if self.is_delivering() {
            self.log.truncate(stable);
        }
    }

    /// A direct message is for the view that it was sent in; from a member that came along from the
    /// last view, also for that.
    pub(super) fn take_direct(&mut self, from: NodeId, view: Label, body: Vec<u8>) {
        let now = view == self.view.label && self.view.announced && self.view.has(from);
        let before = view == self.view.previous && self.view.with_me.contains(&from);
        if now || before {
            self.out.push_back(Output::Event(Event::Direct { from, message: body }));
        } else if view > self.view.label
            && self.sequencer.early_bytes + body.len() <= PENDING_BYTES_MAX
            && self.sequencer.early.len() < PENDING_LEN_MAX
        {
            self.sequencer.early_bytes += body.len();
            self.sequencer.early.push_back((from, view, body));
        }
    }
}
