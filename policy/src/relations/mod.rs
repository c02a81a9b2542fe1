//! Relations between actions. Reading order: `flags` (what a relation implies), `pending`
//! (orderings asked for before the actions exist).

mod flags;
mod pending;

pub use flags::RelationFlags;
pub use pending::{End, PendingOrdering};
