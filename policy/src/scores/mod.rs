//! Node scores: one table per resource.

pub(crate) mod colocation;
pub(crate) mod colocation_list;
pub mod criteria;
pub mod health;
mod table;

pub use table::{Cell, INFINITY, MINUS_INFINITY, NodeTable, add_scores, score_text};

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::index::{IndexVec, NodeIdx, RscIdx};

/// Node scores while they can still change.
#[derive(Debug, Default)]
pub struct Scores {
    /// Where each resource may run, one table per resource.
    pub allowed: IndexVec<RscIdx, NodeTable>,
    /// Which nodes share a value, by node attribute; filled in as colocations ask.
    classes: FxHashMap<Box<str>, Arc<[NodeIdx]>>,
}
