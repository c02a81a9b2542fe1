//! A CIB of an old schema brought to a later one.
//!
//! Schemas of one major version follow each other without change: whatever follows 3.0 and uses
//! nothing that 3.1 took away follows 3.1 too. Three transforms cross the major versions:
//!
//! | from | to | what changes |
//! |---|---|---|
//! | 1.3 | 2.0 | access rights: `from_1_3` |
//! | 2.10 | 3.0 | options of Pacemaker 1.0 and heartbeat renamed, moved, dropped: `from_2_10` |
//! | 3.10 | 4.0 | what Pacemaker 3 removed, said in words that it knows: `from_3_10` |
//!
//! A transform is done only where the CIB does not follow the next schema as it is. The result is
//! that of Pacemaker's XSLT, attribute order included; unlike there, comments stay where they are.
//!
//! ```
//! use cib_model::Cib;
//! use cib_model::upgrade::upgrade;
//! use cib_model::validate::SchemaVersion;
//!
//! let mut cib = Cib::read(
//!     "<cib validate-with='pacemaker-2.10' epoch='1' num_updates='0' admin_epoch='0'>\
//!        <configuration>\
//!          <crm_config>\
//!            <cluster_property_set id='opts'>\
//!              <nvpair id='stickiness' name='default-resource-stickiness' value='100'/>\
//!            </cluster_property_set>\
//!          </crm_config>\
//!          <nodes/><resources/><constraints/>\
//!        </configuration>\
//!        <status/>\
//!      </cib>",
//! )?;
//! let report = upgrade(&mut cib, SchemaVersion::LATEST);
//! assert_eq!(report.to, Some(SchemaVersion::LATEST));
//! assert_eq!(cib.schema(), Some("pacemaker-4.0"));
//! let change = &report.changes[0];
//! assert_eq!(change.id, "stickiness");
//! assert!(change.message.contains("moving default-resource-stickiness under rsc_defaults"));
//! assert_eq!(cib.find("stickiness").unwrap().attr("name"), Some("resource-stickiness"));
//! # Ok::<(), cib_model::xml::ReadError>(())
//! ```
//!
//! Reading order: this file, `edit` (what the transforms do to the tree, and how they tell), then
//! the transforms.
//!
//! **Source:** pacemaker `lib/common/schemas.c` (`pcmk__update_schema()`, `apply_upgrade()`),
//! `xml/upgrade-*.xsl`.

mod edit;
mod from_1_3;
mod from_2_10;
mod from_3_10;

use self::edit::{Log, Refusal};
use crate::cib::Cib;
use crate::names;
use crate::validate::{Finding, SchemaVersion, schema};
use crate::version::CibVersion;
use crate::xml::Tree;

/// How much a change matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
pub enum Weight {
    /// The same said in new words; Pacemaker's tools do not tell of it.
    Silent,
    /// The same said in new words.
    Debug,
    /// Something without effect went.
    Info,
    /// The cluster may behave in another way than before.
    Warning,
}

/// One thing that an upgrade did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// How much it matters.
    pub weight: Weight,
    /// The name of the element that it was done to.
    pub element: String,
    /// That element's id, or that of the nearest element around it that has one; of the CIB before
    /// the upgrade.
    pub id: String,
    /// What was done, in Pacemaker's words where it has some.
    pub message: String,
}

/// What an upgrade did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The schema that the CIB named; `None` for an unknown one, none at all, or the name `none`.
    pub from: Option<SchemaVersion>,
    /// The schema that the CIB names now. The same as `from` where nothing was done.
    pub to: Option<SchemaVersion>,
    /// What was changed, in order.
    pub changes: Vec<Change>,
    /// Why the CIB is not of the schema that was asked for.
    pub obstacle: Option<Obstacle>,
}

impl Report {
    /// Returns true where the CIB is of a later schema than before.
    pub fn is_raised(&self) -> bool {
        self.to > self.from
    }
}

/// Why an upgrade went no further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// `validate-with` is missing or names no schema.
    #[error("the configuration names no known schema")]
    UnknownSchema,
    /// The CIB follows neither its schema nor a later one.
    #[error("the configuration follows neither {0} nor any later schema")]
    NotValid(SchemaVersion),
    /// A transform could not be done.
    #[error("the upgrade from {from} failed: {why}")]
    Transform {
        /// The schema that the CIB follows.
        from: SchemaVersion,
        /// What stood in the way.
        why: String,
    },
    /// A transform's result does not follow the schema it is made for.
    #[error("the upgrade from {from} would not follow {}", to)]
    NotValidAfter {
        /// The schema that the CIB follows.
        from: SchemaVersion,
        /// The schema that it would have followed.
        to: SchemaVersion,
        /// Where it departs from it.
        findings: Vec<Finding>,
    },
}

/// Brings a CIB to the latest schema that it can follow, up to `ceiling`, and says so in
/// `validate-with`. Its version numbers stay: [`Operation::Upgrade`](crate::operation::Operation)
/// raises them too.
///
/// As Pacemaker does: from the CIB's own schema on, the first that it follows counts, even a later
/// one; then each next one, by transform where there is one and the CIB does not follow it as it
/// is, until it follows no more. A CIB of schema `none`, or of `ceiling` or later, stays as it is
/// without being looked at.
///
/// The CIB is changed only as far as [`Report::to`]: where a transform fails, it stays at what was
/// reached before.
pub fn upgrade(cib: &mut Cib, ceiling: SchemaVersion) -> Report {
    let Some(from) = cib.schema().and_then(SchemaVersion::named) else {
        let is_none = cib.schema() == Some(schema::NONE);
        let obstacle = (!is_none).then_some(Obstacle::UnknownSchema);
        return Report { obstacle, ..Report::default() };
    };
    let mut report = Report { from: Some(from), to: Some(from), ..Report::default() };
    if from >= ceiling {
        return report;
    }
    match climb(cib, from, ceiling, &mut report) {
        None => report.obstacle = Some(Obstacle::NotValid(from)),
        Some(best) if best > from => {
            let root = cib.tree().root_id();
            cib.tree_mut().set_attr(root, names::VALIDATE_WITH, best.to_string());
            report.to = Some(best);
        }
        Some(_) => {}
    }
    report
}

/// Schemas of which each accepts all that the one before it accepts: a CIB that follows one of them
/// follows all later ones, and needs no look for each.
const SERIES_THAT_GROWS: (SchemaVersion, SchemaVersion) =
    (SchemaVersion::new(3, 0), SchemaVersion::new(3, 10));

/// Goes through the schemas and returns the last that the CIB follows.
fn climb(
    cib: &mut Cib,
    from: SchemaVersion,
    ceiling: SchemaVersion,
    report: &mut Report,
) -> Option<SchemaVersion> {
    let schemas = SchemaVersion::ALL;
    let mut best = None;
    // The last schema that the CIB is known to follow as it is now.
    let mut followed = None;
    for (at, &version) in schemas.iter().enumerate().filter(|(_, v)| (from..=ceiling).contains(*v))
    {
        if followed < Some(version) && !schema::conforms(cib, version) {
            if best.is_some() {
                break;
            }
            continue;
        }
        if (SERIES_THAT_GROWS.0..=SERIES_THAT_GROWS.1).contains(&version) {
            followed = Some(SERIES_THAT_GROWS.1);
        }
        best = Some(version);
        let next = schemas.get(at + 1).filter(|next| **next <= ceiling);
        let (Some(&next), Some(transform)) = (next, transform_of(version)) else { continue };
        if !schema::conforms(cib, next) {
            match transformed(cib, version, next, transform) {
                Ok((new, changes)) => {
                    *cib = new;
                    report.changes.extend(changes);
                }
                Err(obstacle) => {
                    report.obstacle = Some(obstacle);
                    break;
                }
            }
        }
        followed = Some(next);
    }
    best
}

/// What rewrites a document for the next major version.
type Transform = fn(&mut Tree, &mut Log) -> Result<(), Refusal>;

/// Returns the transform that leads out of a schema, where there is one.
fn transform_of(version: SchemaVersion) -> Option<Transform> {
    if version == from_1_3::FROM {
        Some(|tree, log| {
            from_1_3::transform(tree, log);
            Ok(())
        })
    } else if version == from_2_10::FROM {
        Some(from_2_10::transform)
    } else if version == from_3_10::FROM {
        Some(from_3_10::transform)
    } else {
        None
    }
}

fn transformed(
    cib: &Cib,
    from: SchemaVersion,
    to: SchemaVersion,
    transform: Transform,
) -> Result<(Cib, Vec<Change>), Obstacle> {
    let mut new = cib.clone();
    let mut log = Log::default();
    transform(new.tree_mut(), &mut log)
        .map_err(|Refusal(why)| Obstacle::Transform { from, why })?;
    if schema::conforms(&new, to) {
        return Ok((new, log.into_changes()));
    }
    let findings = schema::check_as(&new, to);
    Err(Obstacle::NotValidAfter { from, to, findings })
}

/// Sets the version numbers as an upgrade does before it counts as a change itself: one
/// `admin_epoch` more, `epoch` and `num_updates` anew at 1.
///
/// ```
/// use cib_model::{Cib, CibVersion, upgrade};
///
/// let mut cib = Cib::empty();
/// cib.set_version(CibVersion { admin_epoch: 2, epoch: 7, num_updates: 3 });
/// upgrade::restart_versions(&mut cib);
/// assert_eq!(cib.version(), CibVersion { admin_epoch: 3, epoch: 1, num_updates: 1 });
/// ```
pub fn restart_versions(cib: &mut Cib) {
    let admin_epoch = cib.version().admin_epoch.saturating_add(1);
    cib.set_version(CibVersion { admin_epoch, epoch: 1, num_updates: 1 });
}

#[cfg(test)]
mod tests;
