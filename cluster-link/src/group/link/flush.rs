//! The messages of a view that somebody may still lack, and how a round evens them out.
//!
//! Each member keeps what it delivered from the stability mark on: the messages that, as far as it
//! knows, not every member has delivered. When members leave a view together, the one that
//! delivered most gives the others what they lack, so all of them end the view with the same
//! messages (virtual synchrony). The marks keep the logs short.

use std::collections::{BTreeMap, VecDeque};

use super::wire::{Entry, Label, State};
use crate::group::{MESSAGE_SIZE_MAX, NodeId};

/// The coordinator orders nothing more while so much is not known to be delivered everywhere.
pub(super) const WINDOW_BYTES: usize = 2 * MESSAGE_SIZE_MAX;
/// The same as a count.
pub(super) const WINDOW_LEN: usize = 4096;

/// Messages delivered in the current view, from the stability mark on.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    base: u64,
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl Log {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many messages were delivered in the view.
    pub(super) fn end(&self) -> u64 {
        self.base + self.entries.len() as u64
    }

    pub(super) fn base(&self) -> u64 {
        self.base
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.bytes += entry.body.len();
        self.entries.push_back(entry);
    }

    /// Forgets the messages before `stable`.
    pub(super) fn truncate(&mut self, stable: u64) {
        while self.base < stable.min(self.end()) {
            let Some(entry) = self.entries.pop_front() else { return };
            self.bytes -= entry.body.len();
            self.base += 1;
        }
    }

    /// May another message be ordered?
    pub(super) fn has_room(&self) -> bool {
        self.bytes < WINDOW_BYTES && self.entries.len() < WINDOW_LEN
    }

    pub(super) fn retained(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }
}

fn end(state: &State) -> u64 {
    state.base + state.log.len() as u64
}

/// Returns what each member must still deliver in the view that it comes from.
///
/// # Errors
/// A member whose log does not join up with the others': it has broken the protocol.
pub(super) fn missing(
    states: &BTreeMap<NodeId, State>,
) -> Result<BTreeMap<NodeId, Vec<Entry>>, NodeId> {
    let mut longest: BTreeMap<Label, &State> = BTreeMap::new();
    for state in states.values() {
        let best = longest.entry(state.old).or_insert(state);
        if end(state) > end(best) {
            *best = state;
        }
    }
    let mut missing = BTreeMap::new();
    for (node, state) in states {
        let Some(best) = longest.get(&state.old) else { return Err(*node) };
        // All members of a view have delivered at least up to everybody's mark.
        let from = end(state).checked_sub(best.base).ok_or(*node)?;
        let from = usize::try_from(from).map_err(|_| *node)?;
        let rest = best.log.get(from..).ok_or(*node)?;
        missing.insert(*node, rest.to_vec());
    }
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::group::Member;
    use crate::group::link::quorum::NodeVotes;

    fn entry(ticket: u64) -> Entry {
        Entry { origin: 1, ticket, body: Arc::from(&b"12345678"[..]) }
    }

    fn state(node: NodeId, epoch: u64, base: u64, log: &[u64]) -> (NodeId, State) {
        let member = Member { node, name: String::new(), incarnation: 1 };
        let old = Label { epoch, coordinator: 1, run: 1 };
        let log = log.iter().map(|t| entry(*t)).collect();
        let label = Label::default();
        (node, State { label, old, member, votes: NodeVotes::default(), base, log })
    }

    fn tickets(entries: &[Entry]) -> Vec<u64> {
        entries.iter().map(|e| e.ticket).collect()
    }

    #[test]
    fn everybody_gets_what_the_one_that_delivered_most_has() {
        let states = BTreeMap::from([
            state(1, 4, 1, &[11, 12, 13]),
            state(2, 4, 2, &[12]),
            state(3, 4, 1, &[]),
            state(4, 9, 0, &[90]),
        ]);
        let missing = missing(&states).expect("logs join up");
        assert_eq!(tickets(&missing[&1]), [0; 0]);
        assert_eq!(tickets(&missing[&2]), [13]);
        assert_eq!(tickets(&missing[&3]), [11, 12, 13]);
        assert_eq!(tickets(&missing[&4]), [0; 0], "another view's messages stay there");
    }

    #[test]
    fn a_log_with_a_hole_names_its_node() {
        let states = BTreeMap::from([state(1, 4, 5, &[15]), state(2, 4, 2, &[])]);
        assert_eq!(missing(&states), Err(2));
    }

    #[test]
    fn the_stability_mark_makes_room() {
        let mut log = Log::default();
        for ticket in 0..WINDOW_LEN as u64 {
            assert!(log.has_room());
            log.push(entry(ticket));
        }
        assert!(!log.has_room());
        log.truncate(10);
        assert!(log.has_room());
        assert_eq!((log.base(), log.end()), (10, WINDOW_LEN as u64));
        log.truncate(u64::MAX);
        assert_eq!((log.base(), log.bytes), (WINDOW_LEN as u64, 0));
    }
}
