//! `fencing_topology [TARGET] DEVICE[,DEVICE…] …`

/// Which nodes a level is for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum FencingTarget {
    /// No target is written: every node.
    AllNodes,
    /// `NODE:`
    Node(String),
    /// `attr:NAME=VALUE`
    Attribute(String, String),
    /// `pattern:REGEX`
    Pattern(String),
}

/// The whole topology.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FencingTopology {
    /// Levels in order: target and its devices, joined by commas.
    pub levels: Vec<(FencingTarget, String)>,
}
