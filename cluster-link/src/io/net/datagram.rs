//! Heartbeats by UDP: sealed, one key for each direction, and never taken twice.
//!
//! A datagram is `CLHB`, version, sender, addressee, the sender's tag of this run, a counter, and
//! the sealed bytes; all of it is authenticated. The tag is told in the session's greeting, so
//! datagrams of an earlier run, replayed, open nothing.

use std::collections::BTreeMap;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

use super::keys::Keys;
use crate::group::NodeId;

const MAGIC: &[u8; 4] = b"CLHB";
const VERSION: u8 = 1;
/// No datagram for so long is worth a word, ms.
const LATE_MS: u64 = 10_000;
const HEADER_LEN: usize = 4 + 1 + 4 + 4 + 16 + 8;
/// The largest datagram that is read, bytes.
pub(super) const DATAGRAM_SIZE_MAX: usize = 4096;

/// Differs for each run of a node.
pub(super) type Tag = [u8; 16];

/// Which counters of a run were seen: the greatest and the 63 before it.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    greatest: u64,
    seen: u64,
}

impl Window {
    /// Takes a counter; false where it was taken before or is too old to know.
    fn take(&mut self, counter: u64) -> bool {
        if counter > self.greatest {
            let shift = counter - self.greatest;
            self.seen = if shift < 64 { self.seen << shift } else { 0 } | 1;
            self.greatest = counter;
            return true;
        }
        let back = self.greatest - counter;
        if back >= 64 || self.seen & (1 << back) != 0 {
            return false;
        }
        self.seen |= 1 << back;
        true
    }
}

struct Peer {
    out: XChaCha20Poly1305,
    into: XChaCha20Poly1305,
    /// The peer's tag, from its greeting, and what was seen under it.
    tag: Option<(Tag, Window)>,
    /// When the last one came, or when waiting for the first began.
    last: Option<u64>,
}

/// Seals and opens this node's heartbeats.
pub(super) struct Datagrams {
    local: NodeId,
    tag: Tag,
    counter: u64,
    keys: Keys,
    peers: BTreeMap<NodeId, Peer>,
}

/// Why a datagram is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rejected {
    /// Not one of ours at all.
    Foreign,
    /// From this peer, of a run that it has not greeted us in, or seen before.
    Stale(NodeId),
    /// It says that it is from this peer, and does not open: another key.
    Key(NodeId),
}

impl Datagrams {
    pub(super) fn new(local: NodeId, tag: Tag, keys: Keys) -> Self {
        Self { local, tag, counter: 0, keys, peers: BTreeMap::new() }
    }

    /// Takes the list of peers.
    pub(super) fn set_peers(&mut self, peers: impl IntoIterator<Item = NodeId>) {
        let mut old = std::mem::take(&mut self.peers);
        let cipher = |from, to| XChaCha20Poly1305::new(&self.keys.heartbeat(from, to).into());
        for node in peers {
            let peer = old.remove(&node).unwrap_or_else(|| Peer {
                out: cipher(self.local, node),
                into: cipher(node, self.local),
                tag: None,
                last: None,
            });
            self.peers.insert(node, peer);
        }
    }

    /// Did no datagram come from a peer for long? Called while it is heard otherwise.
    pub(super) fn is_late(&mut self, now: u64, peer: NodeId) -> bool {
        let Some(peer) = self.peers.get_mut(&peer) else { return false };
        now >= *peer.last.get_or_insert(now) + LATE_MS
    }

    /// The peer greeted us with this tag.
    pub(super) fn greeted(&mut self, peer: NodeId, tag: Tag) {
        let Some(peer) = self.peers.get_mut(&peer) else { return };
        peer.last = None;
        if peer.tag.is_none_or(|(known, _)| known != tag) {
            peer.tag = Some((tag, Window::default()));
        }
    }

    /// Seals a message for a peer; `None` for an unknown one.
    pub(super) fn seal(&mut self, to: NodeId, message: &[u8]) -> Option<Vec<u8>> {
        self.counter += 1;
        let peer = self.peers.get(&to)?;
        let mut datagram = Vec::with_capacity(HEADER_LEN + message.len() + 16);
        datagram.extend_from_slice(MAGIC);
        datagram.push(VERSION);
        datagram.extend_from_slice(&self.local.to_be_bytes());
        datagram.extend_from_slice(&to.to_be_bytes());
        datagram.extend_from_slice(&self.tag);
        datagram.extend_from_slice(&self.counter.to_be_bytes());
        let nonce = nonce(self.tag, self.counter);
        let payload = Payload { msg: message, aad: &datagram };
        let sealed = peer.out.encrypt(&nonce, payload).ok()?;
        datagram.extend_from_slice(&sealed);
        Some(datagram)
    }

    /// Opens a datagram; returns its sender and message.
    pub(super) fn open(
        &mut self,
        now: u64,
        datagram: &[u8],
    ) -> Result<(NodeId, Vec<u8>), Rejected> {
        let (header, sealed) = datagram.split_at_checked(HEADER_LEN).ok_or(Rejected::Foreign)?;
        let rest = header.strip_prefix(MAGIC).ok_or(Rejected::Foreign)?;
        let rest = rest.strip_prefix(&[VERSION]).ok_or(Rejected::Foreign)?;
        let (from, rest) = rest.split_first_chunk::<4>().ok_or(Rejected::Foreign)?;
        let (to, rest) = rest.split_first_chunk::<4>().ok_or(Rejected::Foreign)?;
        let (tag, rest) = rest.split_first_chunk::<16>().ok_or(Rejected::Foreign)?;
        let (counter, _) = rest.split_first_chunk::<8>().ok_or(Rejected::Foreign)?;
        let (from, counter) = (u32::from_be_bytes(*from), u64::from_be_bytes(*counter));
        if u32::from_be_bytes(*to) != self.local {
            return Err(Rejected::Foreign);
        }
        let peer = self.peers.get_mut(&from).ok_or(Rejected::Foreign)?;
        let payload = Payload { msg: sealed, aad: header };
        let opened = peer.into.decrypt(&nonce(*tag, counter), payload);
        let message = opened.map_err(|_| Rejected::Key(from))?;
        let (known, window) = peer.tag.as_mut().ok_or(Rejected::Stale(from))?;
        if known != tag || !window.take(counter) {
            return Err(Rejected::Stale(from));
        }
        peer.last = Some(now);
        Ok((from, message))
    }
}

fn nonce(tag: Tag, counter: u64) -> XNonce {
    let mut nonce = XNonce::default();
    let bytes = tag.into_iter().chain(counter.to_be_bytes());
    nonce.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Datagrams, Datagrams) {
        let keys = Keys::new(Some(&[5; 32]), "c");
        let mut one = Datagrams::new(1, [1; 16], keys.clone());
        let mut two = Datagrams::new(2, [2; 16], keys);
        one.set_peers([2]);
        two.set_peers([1]);
        one.greeted(2, [2; 16]);
        two.greeted(1, [1; 16]);
        (one, two)
    }

    #[test]
    fn each_datagram_is_taken_once_in_any_order() {
        let (mut one, mut two) = pair();
        let sealed: Vec<_> = (0..3u8).map(|i| one.seal(2, &[i]).expect("a known peer")).collect();
        for i in [2, 0, 1u8] {
            assert_eq!(two.open(0, &sealed[usize::from(i)]), Ok((1, vec![i])));
        }
        assert_eq!(two.open(0, &sealed[0]), Err(Rejected::Stale(1)));
        for _ in 0..70 {
            let next = one.seal(2, b"x").expect("a known peer");
            assert!(two.open(0, &next).is_ok());
        }
        assert_eq!(two.open(0, &sealed[2]), Err(Rejected::Stale(1)), "too old to know");
    }

    #[test]
    fn another_run_another_key_and_any_changed_bit_open_nothing() {
        let (mut one, mut two) = pair();
        let sealed = one.seal(2, b"beat").expect("a known peer");
        two.greeted(1, [9; 16]);
        assert_eq!(two.open(0, &sealed), Err(Rejected::Stale(1)));
        let (_, mut two) = pair();
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert!(two.open(0, &changed).is_err(), "byte {i}");
            assert!(two.open(0, &sealed[..i]).is_err(), "cut at {i}");
        }
        assert!(two.open(0, &sealed).is_ok());
        let keys = Keys::new(Some(&[6; 32]), "c");
        let mut stranger = Datagrams::new(1, [1; 16], keys);
        stranger.set_peers([2]);
        let sealed = stranger.seal(2, b"beat").expect("a known peer");
        assert_eq!(two.open(0, &sealed), Err(Rejected::Key(1)));
    }
}
