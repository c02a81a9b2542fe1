//! `node [ID:] UNAME[:TYPE] [attributes …] [utilization …]`

use super::AttrSet;

/// A node and its attributes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// The node's id, where written; the uname otherwise.
    pub id: Option<String>,
    /// The node's name.
    pub uname: String,
    /// `member`, `remote`, `normal` or `ping`, where written.
    pub node_type: Option<String>,
    /// `description=`
    pub description: Option<String>,
    /// Attribute sets in order.
    pub sets: Vec<AttrSet>,
}
