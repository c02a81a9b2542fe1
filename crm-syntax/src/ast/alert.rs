//! `alert ID PATH [attributes …] [meta …] [select …] [to RECIPIENT …]`

use super::AttrSet;

/// An alert.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alert {
    /// The id.
    pub id: String,
    /// The alert agent.
    pub path: String,
    /// `description=`
    pub description: Option<String>,
    /// The parts in order.
    pub items: Vec<AlertItem>,
}

/// One part of an alert.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AlertItem {
    /// `attributes` or `meta`
    Set(AttrSet),
    /// `select …`
    Select(Vec<Selector>),
    /// `to …`
    Recipient(Recipient),
}

/// What an alert is called for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selector {
    /// `nodes`
    Nodes,
    /// `fencing`
    Fencing,
    /// `resources`
    Resources,
    /// `attributes { NAME … }`
    Attributes(Vec<String>),
}

/// `to [{] VALUE [attributes …] [meta …] [}]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient {
    /// Whether braces stand around it.
    pub braced: bool,
    /// The value.
    pub value: String,
    /// `description=`
    pub description: Option<String>,
    /// The sets in order.
    pub sets: Vec<AttrSet>,
}
