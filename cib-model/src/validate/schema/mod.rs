//! Whether a CIB follows the schema it names, without the schema's files.
//!
//! Reading order: this file ([`SchemaVersion`], [`check`]), `known` (names, enumerated values as
//! Pacemaker's tools name them), `grammar.txt` (all versions in one notation), `value` (types of
//! attributes), `pattern` (matching), `steps` (matching again), `compile` (notation to patterns),
//! `walk` (the document against the patterns).
//!
//! **Source:** the RELAX NG schemas of Pacemaker 2.1.5 and 3.0 (`xml/*.rng`): which elements and
//! attributes there are since and until which version. The notation and the method are our own; a
//! test compares verdicts with `xmllint --relaxng`.

mod compile;
mod known;
mod pattern;
mod steps;
mod value;
mod walk;

pub use known::{LATEST, NONE, enumerations, is_known};

use std::fmt;

use crate::cib::Cib;
use crate::names;
use crate::validate::{Code, Finding, Severity};

/// A version of the CIB schema: what follows `pacemaker-` in `validate-with`.
///
/// ```
/// use cib_model::validate::SchemaVersion;
///
/// let version = SchemaVersion::named("pacemaker-2.10").unwrap();
/// assert!(version > SchemaVersion::named("pacemaker-2.9").unwrap());
/// assert_eq!(version.to_string(), "pacemaker-2.10");
/// assert_eq!(SchemaVersion::named("pacemaker-2.11"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SchemaVersion {
    major: u8,
    minor: u8,
}

impl SchemaVersion {
    const FIRST: SchemaVersion = SchemaVersion::new(1, 0);
    const END: SchemaVersion = SchemaVersion::new(u8::MAX, 0);

    /// Every version there is, oldest first.
    pub const ALL: [SchemaVersion; 26] = [
        SchemaVersion::new(1, 0),
        SchemaVersion::new(1, 2),
        SchemaVersion::new(1, 3),
        SchemaVersion::new(2, 0),
        SchemaVersion::new(2, 1),
        SchemaVersion::new(2, 2),
        SchemaVersion::new(2, 3),
        SchemaVersion::new(2, 4),
        SchemaVersion::new(2, 5),
        SchemaVersion::new(2, 6),
        SchemaVersion::new(2, 7),
        SchemaVersion::new(2, 8),
        SchemaVersion::new(2, 9),
        SchemaVersion::new(2, 10),
        SchemaVersion::new(3, 0),
        SchemaVersion::new(3, 1),
        SchemaVersion::new(3, 2),
        SchemaVersion::new(3, 3),
        SchemaVersion::new(3, 4),
        SchemaVersion::new(3, 5),
        SchemaVersion::new(3, 6),
        SchemaVersion::new(3, 7),
        SchemaVersion::new(3, 8),
        SchemaVersion::new(3, 9),
        SchemaVersion::new(3, 10),
        SchemaVersion::new(4, 0),
    ];

    /// The latest version.
    pub const LATEST: SchemaVersion = Self::ALL[Self::ALL.len() - 1];

    pub(crate) const fn new(major: u8, minor: u8) -> Self {
        SchemaVersion { major, minor }
    }

    fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(SchemaVersion::new(major.parse().ok()?, minor.parse().ok()?))
    }

    /// Returns the version that `validate-with` names; `None` where there is none of that name.
    pub fn named(name: &str) -> Option<Self> {
        let version = Self::parse(name.strip_prefix("pacemaker-")?)?;
        Self::ALL.contains(&version).then_some(version)
    }
}

impl fmt::Display for SchemaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pacemaker-{}.{}", self.major, self.minor)
    }
}

/// Returns where a CIB departs from the schema it names, in document order, ids and references
/// last; the first 10,000. A CIB that names none, or `none`, follows every schema.
///
/// ```
/// use cib_model::Cib;
/// use cib_model::validate::schema;
///
/// let mut cib = Cib::empty();
/// assert!(schema::check(&cib).is_empty());
/// let resources = cib.resources().unwrap().xml_id();
/// let made = cib.tree_mut().append(resources, "primitive");
/// cib.tree_mut().set_attr(made, "id", "web");
/// let findings = schema::check(&cib);
/// assert_eq!(findings[0].message, "<primitive> needs class and type or template");
/// ```
pub fn check(cib: &Cib) -> Vec<Finding> {
    match cib.schema() {
        None | Some("none") => Vec::new(),
        Some(name) => SchemaVersion::named(name).map_or_else(
            || {
                let root = cib.root();
                vec![Finding {
                    severity: Severity::Error,
                    code: Code::UnknownSchema,
                    element: root.xml_id(),
                    object: String::new(),
                    message: format!("{name} is no schema ({})", names::VALIDATE_WITH),
                }]
            },
            |version| check_as(cib, version),
        ),
    }
}

/// Returns where a CIB departs from a schema, whichever it names itself.
pub fn check_as(cib: &Cib, version: SchemaVersion) -> Vec<Finding> {
    walk::Walk::new(version).document(cib)
}

/// Returns true where [`check_as`] would find nothing. Faster: it looks no further than the first
/// departure, and makes no sentence of it.
///
/// ```
/// use cib_model::Cib;
/// use cib_model::validate::{SchemaVersion, schema};
///
/// let oldest = SchemaVersion::named("pacemaker-1.0").unwrap();
/// assert!(schema::conforms(&Cib::empty(), SchemaVersion::LATEST));
/// assert!(!schema::conforms(&Cib::read("<cib/>").unwrap(), oldest));
/// ```
pub fn conforms(cib: &Cib, version: SchemaVersion) -> bool {
    walk::Walk::for_verdict(version).document(cib).is_empty()
}

/// Returns where a changed CIB departs from the schema it names, where it followed its schema before
/// the change; empty where it follows it still. What did not follow its schema before may be mended
/// step by step, but not come to a schema that nobody knows.
///
/// ```
/// use cib_model::Cib;
/// use cib_model::validate::schema;
///
/// let before = Cib::empty();
/// let mut after = before.clone();
/// let resources = after.resources().unwrap().xml_id();
/// after.tree_mut().append(resources, "primitive");
/// assert!(!schema::departures(&before, &after).is_empty());
/// assert!(schema::departures(&after, &after).is_empty());
/// ```
pub fn departures(before: &Cib, after: &Cib) -> Vec<Finding> {
    let mended = !follows(before)
        && (before.schema() == after.schema() || after.schema().is_some_and(is_known));
    if follows(after) || mended { Vec::new() } else { check(after) }
}

/// Returns true where [`check`] would find nothing, as fast as [`conforms`].
fn follows(cib: &Cib) -> bool {
    match cib.schema() {
        None | Some(NONE) => true,
        Some(name) => SchemaVersion::named(name).is_some_and(|version| conforms(cib, version)),
    }
}

/// Returns true where an element of this name may have this `id` in some schema. Of the elements of
/// a configuration, nodes and holders of rights may have any text, the others an XML name without
/// colon. Whether the id is another's too is not asked.
pub fn may_identify(element: &str, id: &str) -> bool {
    let is_text = matches!(element, "node" | "acl_target") && !id.is_empty();
    is_text || value::Value::Id.accepts(id)
}

#[cfg(test)]
mod tests;
