//! What members of a corosync group send each other: greetings, ordered and direct messages.

use super::super::{NodeId, ViewId};

/// Version of this format; members of another version do not understand each other.
const VERSION: u8 = 1;

const HELLO: u8 = 0;
const ORDERED: u8 = 1;
const DIRECT: u8 = 2;

/// What a member tells of itself when the configuration changes.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Hello {
    /// The configuration it has seen: node and process, ascending.
    pub(super) members: Vec<(NodeId, u32)>,
    pub(super) name: String,
    pub(super) incarnation: u64,
    /// Sequence number of its ring.
    pub(super) ring: u64,
    /// The greatest view epoch that it knows.
    pub(super) epoch: u64,
    /// Its last view: epoch and coordinator.
    pub(super) last: Option<(u64, NodeId)>,
}

/// One frame. Messages carry the view in which they were sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Frame {
    Hello(Hello),
    Ordered { view: ViewId, ticket: u64, message: Vec<u8> },
    Direct { view: ViewId, to: NodeId, message: Vec<u8> },
}

/// Why a frame cannot be understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unreadable {
    /// It has another version.
    Version(u8),
    /// It is cut short or wrong.
    Malformed,
}

impl Frame {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        match self {
            Self::Hello(hello) => {
                bytes.push(HELLO);
                // A greeting has nothing that cannot be written.
                bytes.extend(serde_json::to_vec(hello).unwrap_or_default());
            }
            Self::Ordered { view, ticket, message } => {
                bytes.push(ORDERED);
                write_view(&mut bytes, *view);
                bytes.extend(ticket.to_le_bytes());
                bytes.extend_from_slice(message);
            }
            Self::Direct { view, to, message } => {
                bytes.push(DIRECT);
                write_view(&mut bytes, *view);
                bytes.extend(to.to_le_bytes());
                bytes.extend_from_slice(message);
            }
        }
        bytes
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let (&version, rest) = bytes.split_first().ok_or(Unreadable::Malformed)?;
        if version != VERSION {
            return Err(Unreadable::Version(version));
        }
        read_body(rest).ok_or(Unreadable::Malformed)
    }
}

fn read_body(bytes: &[u8]) -> Option<Frame> {
    let (&kind, rest) = bytes.split_first()?;
    if kind == HELLO {
        return serde_json::from_slice(rest).ok().map(Frame::Hello);
    }
    let (epoch, rest) = rest.split_first_chunk()?;
    let (coordinator, rest) = rest.split_first_chunk()?;
    let view =
        ViewId { epoch: u64::from_le_bytes(*epoch), coordinator: u32::from_le_bytes(*coordinator) };
    match kind {
        ORDERED => {
            let (ticket, message) = rest.split_first_chunk()?;
            let ticket = u64::from_le_bytes(*ticket);
            Some(Frame::Ordered { view, ticket, message: message.to_vec() })
        }
        DIRECT => {
            let (to, message) = rest.split_first_chunk()?;
            Some(Frame::Direct { view, to: u32::from_le_bytes(*to), message: message.to_vec() })
        }
        _ => None,
    }
}

fn write_view(bytes: &mut Vec<u8>, view: ViewId) {
    bytes.extend(view.epoch.to_le_bytes());
    bytes.extend(view.coordinator.to_le_bytes());
}
