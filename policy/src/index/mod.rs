//! Dense tables: typed indices and bit sets.

mod bitset;
mod index_vec;

pub use bitset::BitSet;
pub use index_vec::{Idx, IndexVec};

crate::define_idx! {
    /// A cluster, remote, guest or bundle node: row of every node table, in creation order.
    pub struct NodeIdx;
}

crate::define_idx! {
    /// A resource (groups, clones, bundles and instances included), in creation order.
    pub struct RscIdx;
}
