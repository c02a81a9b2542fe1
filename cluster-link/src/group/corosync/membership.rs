//! Views over corosync's process groups, without corosync: a sans-IO core.
//!
//! A process group tells who is there, in one order with the messages, but neither names nor an identity
//! that all members share. So after each change every member greets the others with the configuration it
//! has seen; when all greetings name the current one, all install the same view at the same place of the
//! order. Messages carry the view they were sent in and count in no other.
//!
//! **Source:** corosync `exec/cpg.c` (order of configuration changes and messages).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::{
    Event, LeaveReason, MESSAGE_SIZE_MAX, Member, NodeId, Notice, QuorumInfo, SendError, Severity,
    Ticket, View, ViewId,
};
use super::frame::{Frame, Hello, Unreadable};

/// Bytes and messages that may wait to be sent.
const QUEUE_BYTES_MAX: usize = 4 * MESSAGE_SIZE_MAX;
const QUEUE_LEN_MAX: usize = 4096;

/// View epochs that one ring has room for.
const EPOCHS_PER_RING: u64 = 1 << 16;

/// A message that waits to be sent.
#[derive(Clone, Debug)]
enum Waiting {
    Ordered(u64, Vec<u8>),
    Direct(NodeId, Vec<u8>),
}

impl Waiting {
    fn len(&self) -> usize {
        match self {
            Self::Ordered(_, message) | Self::Direct(_, message) => message.len(),
        }
    }
}

/// This node's part of the group.
#[derive(Debug)]
pub(super) struct Membership {
    local: NodeId,
    name: String,
    incarnation: u64,
    ring: u64,
    epoch: u64,
    view: Option<View>,
    /// The configuration has changed, and the view for it is not agreed on yet.
    forming: bool,
    /// The configuration: process of each node.
    members: BTreeMap<NodeId, u32>,
    /// The last greeting of each member.
    hellos: BTreeMap<NodeId, Hello>,
    /// Members of the last view that have been here ever since.
    kept: BTreeSet<NodeId>,
    /// Members of the last view that went, and why.
    gone: BTreeMap<NodeId, LeaveReason>,
    /// Sent in the current view and not delivered yet.
    outstanding: BTreeSet<u64>,
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    tickets: u64,
    hello_due: bool,
    quorum: Option<QuorumInfo>,
    quorum_due: bool,
    strangers: BTreeSet<NodeId>,
    events: VecDeque<Event>,
}

impl Membership {
    /// Begins without a view. `epoch` is the greatest of the node's earlier views.
    pub(super) fn new(local: NodeId, name: String, incarnation: u64, epoch: u64) -> Self {
        Self {
            local,
            name,
            incarnation,
            ring: 0,
            epoch,
            view: None,
            forming: true,
            members: BTreeMap::new(),
            hellos: BTreeMap::new(),
            kept: BTreeSet::new(),
            gone: BTreeMap::new(),
            outstanding: BTreeSet::new(),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            tickets: 0,
            hello_due: false,
            quorum: None,
            quorum_due: false,
            strangers: BTreeSet::new(),
            events: VecDeque::new(),
        }
    }

    /// Takes the number of a new ring.
    pub(super) fn handle_ring(&mut self, seq: u64) {
        self.ring = self.ring.max(seq);
    }

    /// Takes a change of the process group.
    pub(super) fn handle_configuration(
        &mut self,
        members: &[(NodeId, u32)],
        left: &[(NodeId, LeaveReason)],
        joined: &[NodeId],
    ) {
        self.members = members.iter().copied().collect();
        for (node, reason) in left {
            self.gone.insert(*node, *reason);
            self.kept.remove(node);
            self.hellos.remove(node);
        }
        for node in joined {
            self.kept.remove(node);
            self.hellos.remove(node);
        }
        self.forming = true;
        self.hello_due = true;
        let uncertain: Vec<Ticket> =
            std::mem::take(&mut self.outstanding).into_iter().map(Ticket).collect();
        if !uncertain.is_empty() {
            self.events.push_back(Event::Uncertain(uncertain));
        }
    }

    /// Takes a frame of the group, in its order.
    pub(super) fn handle_frame(&mut self, from: NodeId, bytes: &[u8]) {
        let current = self.view.as_ref().filter(|_| !self.forming).map(|view| view.id);
        match Frame::read(bytes) {
            Ok(Frame::Hello(hello)) => {
                self.hellos.insert(from, hello);
                self.install_if_agreed();
            }
            Ok(Frame::Ordered { view, ticket, message }) if current == Some(view) => {
                let own = from == self.local;
                if own {
                    self.outstanding.remove(&ticket);
                }
                let ticket = own.then_some(Ticket(ticket));
                self.events.push_back(Event::Deliver { view, from, ticket, message });
            }
            Ok(Frame::Direct { view, to, message })
                if current == Some(view) && to == self.local =>
            {
                self.events.push_back(Event::Direct { from, message });
            }
            // Of another view: nobody delivers it, and its sender calls it uncertain.
            Ok(Frame::Ordered { .. } | Frame::Direct { .. }) => {}
            Err(why) => self.note_stranger(from, why),
        }
    }

    /// Takes what votequorum says; reported where it is news.
    pub(super) fn handle_quorum(&mut self, info: QuorumInfo) {
        let due = std::mem::take(&mut self.quorum_due);
        if due || self.quorum.as_ref() != Some(&info) {
            self.quorum = Some(info.clone());
            if self.view.is_some() {
                self.events.push_back(Event::Quorum(info));
            }
        }
    }

    /// Says whether a view has been installed whose quorum is not told yet.
    pub(super) fn wants_quorum(&self) -> bool {
        self.quorum_due
    }

    /// Greets again where an agreement takes long.
    pub(super) fn handle_delay(&mut self) {
        self.hello_due |= self.forming && !self.members.is_empty();
    }

    /// Says whether a view is being agreed on.
    pub(super) fn is_forming(&self) -> bool {
        self.forming
    }

    /// Takes a message for all.
    pub(super) fn submit(&mut self, message: Vec<u8>) -> Result<Ticket, SendError> {
        self.tickets += 1;
        let ticket = self.tickets;
        self.wait(Waiting::Ordered(ticket, message)).map(|()| Ticket(ticket))
    }

    /// Takes a message for one member.
    pub(super) fn send_to(&mut self, node: NodeId, message: Vec<u8>) -> Result<(), SendError> {
        let members = self.view.iter().flat_map(|view| &view.members);
        if !members.into_iter().any(|member| member.node == node) {
            return Err(SendError::NotMember(node));
        }
        self.wait(Waiting::Direct(node, message))
    }

    /// The next frame to send; the same until [`Membership::frame_sent`].
    pub(super) fn frame_to_send(&self) -> Option<Vec<u8>> {
        if self.hello_due {
            return Some(Frame::Hello(self.hello()).write());
        }
        let view = self.view.as_ref().filter(|_| !self.forming)?.id;
        let frame = match self.waiting.front()?.clone() {
            Waiting::Ordered(ticket, message) => Frame::Ordered { view, ticket, message },
            Waiting::Direct(to, message) => Frame::Direct { view, to, message },
        };
        Some(frame.write())
    }

    /// The frame is on its way.
    pub(super) fn frame_sent(&mut self) {
        if std::mem::take(&mut self.hello_due) {
            return;
        }
        let Some(sent) = self.waiting.pop_front() else { return };
        self.waiting_bytes -= sent.len();
        if let Waiting::Ordered(ticket, _) = sent {
            self.outstanding.insert(ticket);
        }
    }

    /// Takes the next event.
    pub(super) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn wait(&mut self, message: Waiting) -> Result<(), SendError> {
        if message.len() > MESSAGE_SIZE_MAX {
            return Err(SendError::TooLarge(message.len()));
        }
        let bytes = self.waiting_bytes + message.len();
        if self.waiting.len() >= QUEUE_LEN_MAX || bytes > QUEUE_BYTES_MAX {
            return Err(SendError::Busy);
        }
        self.waiting_bytes = bytes;
        self.waiting.push_back(message);
        Ok(())
    }

    fn hello(&self) -> Hello {
        Hello {
            members: self.members.iter().map(|(node, pid)| (*node, *pid)).collect(),
            name: self.name.clone(),
            incarnation: self.incarnation,
            ring: self.ring,
            epoch: self.epoch,
            last: self.view.as_ref().map(|view| (view.id.epoch, view.id.coordinator)),
        }
    }

    fn install_if_agreed(&mut self) {
        let current = self.hello().members;
        let hellos: Option<Vec<(NodeId, &Hello)>> = self
            .members
            .keys()
            .map(|node| self.hellos.get(node).map(|hello| (*node, hello)))
            .collect();
        let Some(hellos) = hellos.filter(|_| self.forming && !current.is_empty()) else { return };
        if hellos.iter().any(|(_, hello)| hello.members != current) {
            return;
        }
        let known = hellos.iter().map(|(_, hello)| hello.epoch).max().unwrap_or_default();
        let ring = hellos.iter().map(|(_, hello)| hello.ring).max().unwrap_or_default();
        let epoch = known.saturating_add(1).max(ring.saturating_mul(EPOCHS_PER_RING));
        let coordinator = hellos.iter().map(|(node, _)| *node).min().unwrap_or(self.local);
        let last = self.view.as_ref().map(|view| (view.id.epoch, view.id.coordinator));
        let with_me = hellos.iter().filter(|(node, hello)| {
            *node == self.local || last.is_some() && hello.last == last && self.kept.contains(node)
        });
        let with_me = with_me.map(|(node, _)| *node).collect();
        let members = hellos
            .iter()
            .map(|(node, hello)| Member {
                node: *node,
                name: hello.name.clone(),
                incarnation: hello.incarnation,
            })
            .collect();
        self.install(ViewId { epoch, coordinator }, members, with_me);
    }

    fn install(&mut self, id: ViewId, members: Vec<Member>, with_me: Vec<NodeId>) {
        let old: Vec<NodeId> =
            self.view.iter().flat_map(|view| &view.members).map(|member| member.node).collect();
        let new: BTreeSet<NodeId> = members.iter().map(|member| member.node).collect();
        let joined = new.iter().copied().filter(|node| !old.contains(node)).collect();
        let left = old.iter().filter(|node| !new.contains(node));
        let left = left
            .map(|node| (*node, self.gone.get(node).copied().unwrap_or(LeaveReason::Lost)))
            .collect();
        let view = View { id, members, with_me, joined, left };
        self.epoch = id.epoch;
        self.forming = false;
        self.gone.clear();
        self.waiting.retain(|message| match message {
            Waiting::Direct(to, _) => new.contains(to),
            Waiting::Ordered(..) => true,
        });
        self.waiting_bytes = self.waiting.iter().map(Waiting::len).sum();
        self.kept = new;
        self.quorum_due = true;
        self.view = Some(view.clone());
        self.events.push_back(Event::View(view));
    }

    fn note_stranger(&mut self, from: NodeId, why: Unreadable) {
        if !self.strangers.insert(from) {
            return;
        }
        let what = match why {
            Unreadable::Version(version) => format!("speaks version {version} of the protocol"),
            Unreadable::Malformed => "sends messages that cannot be read".to_owned(),
        };
        self.events.push_back(Event::Notice(Notice {
            severity: Severity::Error,
            node: Some(from),
            message: format!("node {from} {what}"),
            remedy: Some("run the same version of this program on all nodes".to_owned()),
        }));
    }
}
