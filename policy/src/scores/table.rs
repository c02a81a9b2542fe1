//! The node table: dense cells by node.
//!
//! **Source:** pacemaker `lib/pengine/utils.c`, `lib/common/scores.c`.
//! **Differs:** iteration is by node creation order; the reference iterates a hash table, and no
//! result that is compared depends on its order.

use std::borrow::Cow;

use crate::facts::ProbeMode;
use crate::index::{Idx, NodeIdx};

/// The score that always wins.
pub const INFINITY: i32 = 1_000_000;
/// The score that forbids.
pub const MINUS_INFINITY: i32 = -1_000_000;

/// Adds two scores: saturates at ±1,000,000, and minus infinity wins over plus infinity.
///
/// # Source
/// `pcmk__add_scores()`.
pub fn add_scores(a: i32, b: i32) -> i32 {
    if a <= MINUS_INFINITY || b <= MINUS_INFINITY {
        MINUS_INFINITY
    } else if a >= INFINITY || b >= INFINITY {
        INFINITY
    } else {
        (a + b).clamp(MINUS_INFINITY, INFINITY)
    }
}

/// Returns the score as Pacemaker prints it: `INFINITY`, `-INFINITY` or the number.
///
/// # Source
/// `pcmk_readable_score()`.
pub fn score_text(score: i32) -> Cow<'static, str> {
    if score >= INFINITY {
        "INFINITY".into()
    } else if score <= MINUS_INFINITY {
        "-INFINITY".into()
    } else {
        score.to_string().into()
    }
}

/// What one resource's table says of one node.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    /// Score, ±1,000,000 except while colocations are being added up.
    pub score: i32,
    /// Instances (or promoted instances) assigned to the node so far.
    pub count: i32,
    /// Probing rule.
    pub probe_mode: ProbeMode,
}

/// Node scores of one resource.
///
/// # Shapes
/// One cell per `NodeIdx`; `None` = the table lacks the node. May be shorter than the node list:
/// nodes past the end are lacking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeTable {
    cells: Vec<Option<Cell>>,
}

impl NodeTable {
    /// Returns the node's cell.
    pub fn get(&self, node: NodeIdx) -> Option<&Cell> {
        self.cells.get(node.index())?.as_ref()
    }

    /// Returns the node's cell for change.
    pub fn get_mut(&mut self, node: NodeIdx) -> Option<&mut Cell> {
        self.cells.get_mut(node.index())?.as_mut()
    }

    /// Returns the node's score.
    pub fn score(&self, node: NodeIdx) -> Option<i32> {
        self.get(node).map(|c| c.score)
    }

    /// Returns true where the table has the node.
    pub fn contains(&self, node: NodeIdx) -> bool {
        self.get(node).is_some()
    }

    /// Puts a cell, replacing an older one.
    pub fn insert(&mut self, node: NodeIdx, cell: Cell) {
        if node.index() >= self.cells.len() {
            self.cells.resize(node.index() + 1, None);
        }
        self.cells[node.index()] = Some(cell);
    }

    /// Takes the node out of the table.
    pub fn remove(&mut self, node: NodeIdx) {
        if let Some(cell) = self.cells.get_mut(node.index()) {
            *cell = None;
        }
    }

    /// Takes all nodes out of the table.
    pub fn clear(&mut self) {
        self.cells.clear();
    }

    /// Returns nodes and cells in node creation order.
    pub fn iter(&self) -> impl Iterator<Item = (NodeIdx, &Cell)> {
        self.cells.iter().enumerate().filter_map(|(i, c)| Some((NodeIdx::new(i), c.as_ref()?)))
    }

    /// Returns nodes and cells in node creation order, for change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (NodeIdx, &mut Cell)> {
        self.cells.iter_mut().enumerate().filter_map(|(i, c)| Some((NodeIdx::new(i), c.as_mut()?)))
    }

    /// Returns the nodes in creation order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeIdx> + '_ {
        self.iter().map(|(n, _)| n)
    }

    /// Returns the number of nodes.
    pub fn len(&self) -> usize {
        self.cells.iter().flatten().count()
    }

    /// Returns true where the table has no node.
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(Option::is_none)
    }
}
