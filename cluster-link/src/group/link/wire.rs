//! Messages between two nodes, and their bytes.
//!
//! A frame is the length of its header (4 bytes, big endian), the header as JSON, and the bodies of
//! messages, raw, one after the other; the header holds their lengths. JSON because a field may be
//! added without breaking an older node during a rolling upgrade: unknown fields are skipped,
//! missing ones have defaults, and an unknown kind of message is ignored.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::detector::Gossip;
use super::quorum::NodeVotes;
use crate::group::{MESSAGE_SIZE_MAX, Member, NODES_MAX, NodeId, ViewId};

/// The largest header, bytes: enough for [`ENTRIES_MAX`] entries.
const HEADER_SIZE_MAX: usize = 4 << 20;
/// The most messages in one frame.
pub const ENTRIES_MAX: usize = 8192;
/// The most bytes of bodies in one frame: the window of unstable messages and one more.
pub const BODIES_SIZE_MAX: usize = 4 * MESSAGE_SIZE_MAX;
/// The largest frame, bytes.
pub const FRAME_SIZE_MAX: usize = 4 + HEADER_SIZE_MAX + BODIES_SIZE_MAX;

/// Identity of a view between the nodes: the public id and the run of its coordinator, so that two
/// views of one id (possible only after a node lost its epoch) are never taken for one.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct Label {
    /// Epoch of the view.
    pub epoch: u64,
    /// Who formed it.
    pub coordinator: NodeId,
    /// The coordinator's incarnation.
    pub run: u64,
}

impl Label {
    /// Returns the public identity.
    pub fn id(self) -> ViewId {
        ViewId { epoch: self.epoch, coordinator: self.coordinator }
    }
}

/// An ordered message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Who submitted it.
    pub origin: NodeId,
    /// The origin's ticket.
    pub ticket: u64,
    /// The message.
    pub body: Arc<[u8]>,
}

/// Sent to all peers several times in a token time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The greatest epoch that the sender knows.
    #[serde(default)]
    pub epoch: u64,
    /// The sender's view.
    #[serde(default)]
    pub view: Label,
    /// False while the sender has never been in a view.
    #[serde(default)]
    pub operational: bool,
    /// How many messages of the view the sender has delivered.
    #[serde(default)]
    pub delivered: u64,
    /// How many all its members have delivered (from the coordinator).
    #[serde(default)]
    pub stable: u64,
    /// Who hears whom.
    #[serde(default)]
    pub gossip: Gossip,
}

/// What a member brings into a membership round.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// The proposal that it answers.
    pub label: Label,
    /// The view that the sender is in.
    pub old: Label,
    /// The sender.
    pub member: Member,
    /// Its votes.
    pub votes: NodeVotes,
    /// How many messages precede `log`; all members of `old` have those.
    pub base: u64,
    /// What it delivered and perhaps not everybody has.
    pub log: Vec<Entry>,
}

/// One member of a new view.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Joined {
    /// The member.
    pub member: Member,
    /// The view that it comes from.
    pub old: Label,
    /// Its votes.
    #[serde(default)]
    pub votes: NodeVotes,
}

/// The end of a membership round.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Install {
    /// The new view.
    pub label: Label,
    /// Its members, by node id ascending.
    pub members: Vec<Joined>,
    /// Nodes that said goodbye to the coordinator.
    pub goodbyes: Vec<NodeId>,
    /// What the receiver must still deliver in its old view.
    pub missing: Vec<Entry>,
}

/// What goes over a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Message {
    /// I am here.
    Heartbeat(Heartbeat),
    /// You are the lowest node that I would be in a view with: start a round.
    Ask {
        /// The greatest epoch that the sender knows.
        epoch: u64,
        /// The sender's view.
        view: Label,
        /// Who hears whom.
        gossip: Gossip,
    },
    /// Promise to leave your view for this one, and send your state.
    Propose {
        /// The new view.
        label: Label,
        /// Its members.
        members: Vec<NodeId>,
        /// Who hears whom.
        gossip: Gossip,
    },
    /// No promise.
    Refuse {
        /// The proposal.
        label: Label,
        /// The greatest epoch that the sender knows.
        epoch: u64,
        /// Who hears whom.
        gossip: Gossip,
    },
    /// A promise.
    State(State),
    /// The new view begins.
    Install(Install),
    /// Order this.
    Submit {
        /// The view in which it is to be ordered.
        view: Label,
        /// The message; its origin is the sender.
        entry: Entry,
    },
    /// Deliver this.
    Order {
        /// The view.
        view: Label,
        /// Its place in the view's order, from 0.
        seq: u64,
        /// How many messages all members have delivered.
        stable: u64,
        /// The message.
        entry: Entry,
    },
    /// So many messages are delivered here.
    Ack {
        /// The view.
        view: Label,
        /// How many.
        delivered: u64,
    },
    /// For one node only.
    Direct {
        /// The sender's view.
        view: Label,
        /// The message.
        body: Vec<u8>,
    },
    /// The sender leaves the cluster.
    Leave,
}

/// Why bytes are no message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WireError {
    /// It is larger, or says that it is, than anything this program sends.
    #[error("a frame is too large")]
    TooLarge,
    /// Lengths do not fit the bytes.
    #[error("a frame is cut short or too long")]
    Length,
    /// The header is no JSON of ours.
    #[error("a frame has a bad header: {0}")]
    Header(String),
    /// A list is longer than it may be.
    #[error("a frame names more nodes or messages than a cluster can have")]
    Limit,
}

/// Length and sender of a body.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Piece(NodeId, u64, usize);

#[derive(Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
enum Header {
    Heartbeat(Heartbeat),
    Ask {
        epoch: u64,
        #[serde(default)]
        view: Label,
        #[serde(default)]
        gossip: Gossip,
    },
    Propose {
        label: Label,
        members: Vec<NodeId>,
        #[serde(default)]
        gossip: Gossip,
    },
    Refuse {
        label: Label,
        epoch: u64,
        #[serde(default)]
        gossip: Gossip,
    },
    State {
        label: Label,
        old: Label,
        member: Member,
        #[serde(default)]
        votes: NodeVotes,
        base: u64,
        log: Vec<Piece>,
    },
    Install {
        label: Label,
        members: Vec<Joined>,
        #[serde(default)]
        goodbyes: Vec<NodeId>,
        missing: Vec<Piece>,
    },
    Submit {
        view: Label,
        entry: Piece,
    },
    Order {
        view: Label,
        seq: u64,
        #[serde(default)]
        stable: u64,
        entry: Piece,
    },
    Ack {
        view: Label,
        delivered: u64,
    },
    Direct {
        view: Label,
    },
    Leave,
    #[serde(other)]
    Unknown,
}

fn piece(entry: &Entry) -> Piece {
    Piece(entry.origin, entry.ticket, entry.body.len())
}

fn header_of(message: &Message) -> Header {
    let pieces = |entries: &[Entry]| entries.iter().map(piece).collect();
    match message {
        Message::Heartbeat(heartbeat) => Header::Heartbeat(heartbeat.clone()),
        Message::Ask { epoch, view, gossip } => {
            Header::Ask { epoch: *epoch, view: *view, gossip: gossip.clone() }
        }
        Message::Propose { label, members, gossip } => {
            Header::Propose { label: *label, members: members.clone(), gossip: gossip.clone() }
        }
        Message::Refuse { label, epoch, gossip } => {
            Header::Refuse { label: *label, epoch: *epoch, gossip: gossip.clone() }
        }
        Message::State(State { label, old, member, votes, base, log }) => Header::State {
            label: *label,
            old: *old,
            member: member.clone(),
            votes: *votes,
            base: *base,
            log: pieces(log),
        },
        Message::Install(Install { label, members, goodbyes, missing }) => Header::Install {
            label: *label,
            members: members.clone(),
            goodbyes: goodbyes.clone(),
            missing: pieces(missing),
        },
        Message::Submit { view, entry } => Header::Submit { view: *view, entry: piece(entry) },
        Message::Order { view, seq, stable, entry } => {
            Header::Order { view: *view, seq: *seq, stable: *stable, entry: piece(entry) }
        }
        Message::Ack { view, delivered } => Header::Ack { view: *view, delivered: *delivered },
        Message::Direct { view, .. } => Header::Direct { view: *view },
        Message::Leave => Header::Leave,
    }
}

/// Turns a message into a frame.
pub fn encode(message: &Message) -> Vec<u8> {
    let header = header_of(message);
    let entries = entries_of(message);
    let direct: &[u8] = if let Message::Direct { body, .. } = message { body } else { &[] };
    // Plain data with string keys: serialising it cannot fail.
    let header = serde_json::to_vec(&header).unwrap_or_default();
    let bodies: usize = entries.iter().map(|e| e.body.len()).sum();
    let mut frame = Vec::with_capacity(4 + header.len() + bodies + direct.len());
    frame.extend_from_slice(&u32::try_from(header.len()).unwrap_or(u32::MAX).to_be_bytes());
    frame.extend_from_slice(&header);
    for entry in entries {
        frame.extend_from_slice(&entry.body);
    }
    frame.extend_from_slice(direct);
    frame
}

fn entries_of(message: &Message) -> &[Entry] {
    match message {
        Message::State(state) => &state.log,
        Message::Install(install) => &install.missing,
        Message::Submit { entry, .. } | Message::Order { entry, .. } => std::slice::from_ref(entry),
        _ => &[],
    }
}

/// Cuts bodies off the rest of a frame.
struct Bodies<'a>(&'a [u8]);

impl Bodies<'_> {
    fn entry(&mut self, Piece(origin, ticket, len): Piece) -> Result<Entry, WireError> {
        let (body, rest) = self.0.split_at_checked(len).ok_or(WireError::Length)?;
        self.0 = rest;
        Ok(Entry { origin, ticket, body: Arc::from(body) })
    }

    fn entries(&mut self, pieces: &[Piece]) -> Result<Vec<Entry>, WireError> {
        if pieces.len() > ENTRIES_MAX {
            return Err(WireError::Limit);
        }
        pieces.iter().map(|p| self.entry(*p)).collect()
    }
}

/// Turns a frame into a message; `None` for a kind that this version does not know.
///
/// # Errors
/// [`WireError`]: the peer is broken or hostile; its session should end.
pub fn decode(frame: &[u8]) -> Result<Option<Message>, WireError> {
    if frame.len() > FRAME_SIZE_MAX {
        return Err(WireError::TooLarge);
    }
    let (len, rest) = frame.split_first_chunk::<4>().ok_or(WireError::Length)?;
    let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| WireError::TooLarge)?;
    if len > HEADER_SIZE_MAX {
        return Err(WireError::TooLarge);
    }
    let (header, bodies) = rest.split_at_checked(len).ok_or(WireError::Length)?;
    let header: Header =
        serde_json::from_slice(header).map_err(|e| WireError::Header(e.to_string()))?;
    let mut bodies = Bodies(bodies);
    let message = match header {
        Header::Heartbeat(heartbeat) => Message::Heartbeat(heartbeat),
        Header::Ask { epoch, view, gossip } => Message::Ask { epoch, view, gossip },
        Header::Propose { label, members, gossip } => Message::Propose { label, members, gossip },
        Header::Refuse { label, epoch, gossip } => Message::Refuse { label, epoch, gossip },
        Header::State { label, old, member, votes, base, log } => {
            let log = bodies.entries(&log)?;
            Message::State(State { label, old, member, votes, base, log })
        }
        Header::Install { label, members, goodbyes, missing } => {
            let missing = bodies.entries(&missing)?;
            Message::Install(Install { label, members, goodbyes, missing })
        }
        Header::Submit { view, entry } => Message::Submit { view, entry: bodies.entry(entry)? },
        Header::Order { view, seq, stable, entry } => {
            Message::Order { view, seq, stable, entry: bodies.entry(entry)? }
        }
        Header::Ack { view, delivered } => Message::Ack { view, delivered },
        Header::Direct { view } => {
            let body = std::mem::take(&mut bodies.0).to_vec();
            Message::Direct { view, body }
        }
        Header::Leave => Message::Leave,
        Header::Unknown => return Ok(None),
    };
    if !bodies.0.is_empty() {
        return Err(WireError::Length);
    }
    within_limits(&message).then_some(Some(message)).ok_or(WireError::Limit)
}

/// No list of nodes is longer than a cluster can be.
fn within_limits(message: &Message) -> bool {
    let gossip = |g: &Gossip| g.nodes.len() <= NODES_MAX && g.rows.len() <= NODES_MAX;
    match message {
        Message::Heartbeat(heartbeat) => gossip(&heartbeat.gossip),
        Message::Ask { gossip: g, .. } | Message::Refuse { gossip: g, .. } => gossip(g),
        Message::Propose { members, gossip: g, .. } => members.len() <= NODES_MAX && gossip(g),
        Message::Install(i) => i.members.len() <= NODES_MAX && i.goodbyes.len() <= NODES_MAX,
        Message::State(_)
        | Message::Submit { .. }
        | Message::Order { .. }
        | Message::Ack { .. }
        | Message::Direct { .. }
        | Message::Leave => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(ticket: u64, body: &[u8]) -> Entry {
        Entry { origin: 2, ticket, body: Arc::from(body) }
    }

    fn samples() -> Vec<Message> {
        let label = Label { epoch: 9, coordinator: 1, run: 5 };
        let member = Member { node: 2, name: "n2".into(), incarnation: 8 };
        let votes = NodeVotes::default();
        let old = Label { epoch: 7, ..label };
        let log = vec![entry(1, b"one"), entry(2, b""), entry(3, &[0, 255, 10])];
        let joined = Joined { member: member.clone(), old, votes };
        let gossip =
            Gossip { nodes: vec![1, 2], rows: vec![super::super::detector::Row::default(); 2] };
        let members = vec![1, 2];
        let missing = vec![entry(4, b"four")];
        let install = Install { label, members: vec![joined], goodbyes: vec![3], missing };
        let view = label;
        vec![
            Message::Heartbeat(Heartbeat {
                epoch: 9,
                view,
                operational: true,
                delivered: 3,
                stable: 2,
                gossip: gossip.clone(),
            }),
            Message::Ask { epoch: 3, view, gossip: gossip.clone() },
            Message::Propose { label, members, gossip: gossip.clone() },
            Message::Refuse { label, epoch: 12, gossip },
            Message::State(State { label, old, member, votes, base: 4, log }),
            Message::Install(install),
            Message::Submit { view, entry: entry(6, b"x") },
            Message::Order { view, seq: 1, stable: 0, entry: entry(7, b"yy") },
            Message::Ack { view, delivered: 2 },
            Message::Direct { view, body: b"direct".to_vec() },
            Message::Leave,
        ]
    }

    #[test]
    fn every_message_comes_back_from_its_bytes() {
        for message in samples() {
            assert_eq!(decode(&encode(&message)), Ok(Some(message)));
        }
    }

    #[test]
    fn a_cut_or_padded_frame_is_an_error_and_never_a_panic() {
        for message in samples() {
            let frame = encode(&message);
            for end in 0..frame.len() {
                let cut = decode(&frame[..end]);
                // A direct message is all that follows its header, however short.
                assert!(cut.is_err() || matches!(message, Message::Direct { .. }), "{message:?}");
            }
            let mut padded = frame;
            padded.push(0);
            assert!(decode(&padded).is_err() || matches!(message, Message::Direct { .. }));
        }
    }

    #[test]
    fn a_later_version_s_messages_and_fields_are_skipped() {
        let frame = |json: &str| {
            let mut frame = u32::try_from(json.len()).expect("short").to_be_bytes().to_vec();
            frame.extend_from_slice(json.as_bytes());
            frame
        };
        assert_eq!(decode(&frame(r#"{"t":"compress"}"#)), Ok(None));
        let ask = decode(&frame(r#"{"t":"ask","epoch":4,"why":"new"}"#));
        assert_eq!(
            ask,
            Ok(Some(Message::Ask { epoch: 4, view: Label::default(), gossip: Gossip::default() }))
        );
    }

    #[test]
    fn lists_longer_than_a_cluster_are_refused() {
        let label = Label::default();
        let members = (1..=17).collect();
        let message = Message::Propose { label, members, gossip: Gossip::default() };
        assert_eq!(decode(&encode(&message)), Err(WireError::Limit));
    }
}
