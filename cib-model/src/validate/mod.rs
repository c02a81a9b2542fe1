//! Checks of a CIB that need no schema: references, ids, values of options.
//!
//! Reading order: `refs`, `lint`, `schema`.

pub mod lint;
pub mod refs;
pub mod schema;

pub use lint::lint;
pub use refs::{RefKind, Reference, references};

use crate::xml::XmlId;

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
pub enum Severity {
    /// Pacemaker goes on, perhaps not as meant.
    Warning,
    /// Pacemaker refuses the CIB.
    Error,
}

/// What a finding is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
pub enum Code {
    /// Two elements have the same id.
    DuplicateId,
    /// An id is referred to and not defined.
    DanglingReference,
    /// A node is named that is not configured.
    UnknownNode,
    /// An option's value is not accepted: the default counts.
    BadOptionValue,
    /// An attribute has a value that its schema does not list.
    BadAttributeValue,
    /// A group or clone holds nothing.
    EmptyContainer,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: Code,
    /// The element it is about.
    pub element: XmlId,
    /// The element's id, or that of the nearest element around it that has one.
    pub object: String,
    /// One sentence without full stop.
    pub message: String,
}
