//! Ids that stand for several others, and tickets.

use rustc_hash::FxHashMap;

use super::AttrMap;

/// A table from an id to the ids it stands for, in document order.
#[derive(Debug, Clone, Default)]
pub struct IdRefs {
    table: FxHashMap<Box<str>, Vec<Box<str>>>,
}

impl IdRefs {
    /// Makes `id` known, with no references yet.
    pub fn declare(&mut self, id: &str) {
        self.table.entry(id.into()).or_default();
    }

    /// Adds a reference, once.
    pub fn add(&mut self, id: &str, reference: &str) {
        let refs = self.table.entry(id.into()).or_default();
        if !refs.iter().any(|r| **r == *reference) {
            refs.push(reference.into());
        }
    }

    /// Returns the references of `id`, or `None` where the id is not known.
    pub fn get(&self, id: &str) -> Option<&[Box<str>]> {
        self.table.get(id).map(Vec::as_slice)
    }
}

/// A cluster ticket.
#[derive(Debug, Clone)]
pub struct TicketFacts {
    /// Id.
    pub id: Box<str>,
    /// Whether this site holds it.
    pub granted: bool,
    /// Whether it is in standby.
    pub standby: bool,
    /// Seconds since the epoch when it was last granted; −1 = never.
    pub last_granted: i64,
    /// All attributes of its state but the id.
    pub state: AttrMap,
}
