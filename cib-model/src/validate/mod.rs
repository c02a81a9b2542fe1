//! Checks of a CIB that need nothing but the CIB: references, ids, the schema it names, values of
//! options, and what a schema accepts and nobody means.
//!
//! Reading order: `refs`, `schema`, `lint` with `lifecycle`; [`check`] runs them all. `agent` checks
//! a resource against what its agent says of itself, where that is at hand.
//!
//! ```
//! use cib_model::Cib;
//! use cib_model::validate::{self, Code};
//!
//! let cib = Cib::read(
//!     r#"<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0">
//!          <configuration><crm_config/><nodes/><resources/>
//!            <constraints><rsc_order id="o" first="web" then="ip"/></constraints>
//!          </configuration></cib>"#,
//! )?;
//! let codes: Vec<Code> = validate::check(&cib).iter().map(|f| f.code).collect();
//! assert_eq!(codes, [Code::DanglingReference, Code::DanglingReference]);
//! # Ok::<(), cib_model::xml::ReadError>(())
//! ```

pub mod agent;
mod lifecycle;
pub mod lint;
pub mod refs;
pub mod schema;

pub use agent::AgentMetadata;
pub use lint::lint;
pub use refs::{RefKind, Reference, references};
pub use schema::SchemaVersion;

use std::collections::HashSet;

use crate::cib::Cib;

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
    /// A group or clone holds nothing.
    EmptyContainer,
    /// `validate-with` names a schema that does not exist.
    UnknownSchema,
    /// The schema has no such element there.
    UnknownElement,
    /// The schema has no such attribute there.
    UnknownAttribute,
    /// The schema does not accept an attribute's value.
    BadAttributeValue,
    /// The schema wants an attribute that is missing.
    MissingAttribute,
    /// The schema does not accept an attribute beside the others.
    MisplacedAttribute,
    /// The schema wants an element that is missing.
    MissingElement,
    /// The schema has an element, but not in this place or not so often.
    MisplacedElement,
    /// There is text where the schema has none.
    StrayText,
    /// Nothing can fence a node that fails.
    NoFencing,
    /// A timeout is shorter than is good.
    ShortTimeout,
    /// `on-fail` is set where Pacemaker does not accept it.
    BadOnFail,
    /// Pacemaker 3 reads it no more.
    Removed,
    /// An interval is one that an operation cannot have, or that another has.
    BadInterval,
    /// The agent has no such action.
    UnknownAction,
    /// The agent has no such parameter.
    UnknownParameter,
    /// The agent needs a parameter that is not set.
    MissingParameter,
    /// A parameter's value is not of the agent's type.
    BadParameterValue,
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

impl Finding {
    /// Returns the message, after the object it is about where it does not name that.
    pub fn sentence(&self) -> String {
        if self.object.is_empty() || self.message.contains(&self.object) {
            return self.message.clone();
        }
        format!("{}: {}", self.object, self.message)
    }
}

/// Most that is found of references, of the schema, and of one resource's parameters: nobody reads
/// more, and each finding takes more room than what it is about.
pub(crate) const FINDINGS_MAX: usize = 10_000;

/// Runs all checks: ids and references, the schema, then [`lint()`]; each in document order.
pub fn check(cib: &Cib) -> Vec<Finding> {
    let mut findings = refs::check(cib);
    let told: HashSet<(XmlId, Code)> = findings.iter().map(|f| (f.element, f.code)).collect();
    let of_schema = schema::check(cib).into_iter();
    findings.extend(of_schema.filter(|f| !told.contains(&(f.element, f.code))));
    findings.extend(lint::beyond_references(cib));
    findings
}
