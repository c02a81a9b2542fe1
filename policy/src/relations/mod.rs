//! Relations between actions. Reading order: `flags` (what a relation implies), `pending`
//! (orderings asked for before the actions exist), `internal` (orderings that resources imply),
//! `apply` (orderings become relations), `probes`, `update` with `relation` (relations take effect).

mod apply;
mod flags;
mod internal;
mod pending;
mod probes;
mod relation;
mod update;

pub use flags::RelationFlags;
pub use pending::{End, PendingOrdering};
pub(crate) use update::{Changed, Update};
