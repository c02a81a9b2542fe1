//! Operations on a CIB: what clients ask of the CIB manager, with its version rules and results.
//!
//! **Source:** pacemaker `lib/cib/cib_ops.c`, `lib/cib/cib_utils.c` (`cib__perform_op_rw()`).
//! **Differs:** XPath is evaluated by the caller, who hands over what it matched
//! ([`Target::Matches`]); a CIB that does not follow its schema may be changed to another that does
//! not. An operation that fails changes nothing.

mod edit;
mod held;
#[cfg(test)]
mod tests;

use crate::acl::{Access, Denied};
use crate::cib::{Cib, Section};
use crate::names;
use crate::patchset::{ApplyError, Patchset, VersionCheck};
use crate::upgrade::{Obstacle, Report, restart_versions, upgrade};
use crate::validate::{Finding, SchemaVersion, schema};
use crate::version::CibVersion;
use crate::xml::{Dialect, ElementRef, XmlId};

/// What to do.
#[derive(Clone, Copy, Debug)]
pub enum Operation<'a> {
    /// Adds the input as last child of the target; fails where it exists.
    Create(ElementRef<'a>),
    /// Merges the input into what it names.
    Modify {
        /// What to merge.
        input: ElementRef<'a>,
        /// Whether the input is added where nothing matches.
        can_create: bool,
        /// Whether values such as `attr++` are computed.
        score_update: bool,
    },
    /// Removes the first element that matches the input; what does not exist counts as removed.
    Delete(ElementRef<'a>),
    /// Removes the target itself ([`Target::Matches`]).
    DeleteMatches,
    /// Puts the input in the place of what it names.
    Replace {
        /// What to put there.
        input: ElementRef<'a>,
        /// How the versions are handled.
        versions: ReplaceVersions,
    },
    /// Applies a patchset.
    Patch(&'a Patchset),
    /// Raises the epoch.
    Bump,
    /// Empties configuration and status, and raises the admin epoch.
    Erase,
    /// Brings the CIB to the latest schema it can follow, up to this one, and raises the admin
    /// epoch where that is a later one ([`crate::upgrade`]).
    Upgrade(SchemaVersion),
}

/// Whose versions a replaced CIB has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplaceVersions {
    /// The input's, raised by the usual rule.
    Managed,
    /// Exactly the input's: the answer to a request for synchronisation.
    Keep,
}

/// Where to do it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target<'a> {
    /// The whole CIB.
    Whole,
    /// One section.
    Section(Section),
    /// The elements an XPath matched, in document order.
    Matches {
        /// The elements.
        ids: &'a [XmlId],
        /// Whether all of them count; only the first otherwise.
        multiple: bool,
    },
}

/// Who asks, and when: text for the attributes of the CIB, and the rights that count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Author<'a> {
    /// The node (`update-origin`).
    pub origin: Option<&'a str>,
    /// The program (`update-client`).
    pub client: Option<&'a str>,
    /// The user (`update-user`).
    pub user: Option<&'a str>,
    /// Now, as `cib-last-written` shows it; `None` leaves all four attributes alone.
    pub now: Option<&'a str>,
    /// What the user may do; `None` where that is everything.
    pub access: Option<&'a Access>,
}

/// What a write did.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What changed; `None` where nothing did (then the versions stayed too).
    pub patchset: Option<Patchset>,
    /// Whether the configuration changed.
    pub config_changed: bool,
    /// Whether the CIB must go to disk.
    pub write_to_disk: bool,
    /// What [`Operation::Upgrade`] did; `None` for any other operation.
    pub upgrade: Option<Report>,
}

/// Why an operation was refused. The CIB is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// What is named does not exist.
    #[error("No such device or address")]
    NotFound,
    /// What would be created exists.
    #[error("File exists")]
    Exists {
        /// Element name of the object.
        object_type: String,
        /// Its id.
        id: Option<String>,
    },
    /// The result would be older than the CIB.
    #[error("Update was older than existing configuration")]
    OldData,
    /// The request makes no sense.
    #[error("Invalid argument")]
    Invalid,
    /// The user may not do this.
    #[error("Permission denied")]
    Denied(#[source] Denied),
    /// The patchset does not apply.
    #[error("Application of update diff failed")]
    Patch(#[source] ApplyError),
    /// The CIB names no schema.
    #[error("Could not parse on-disk configuration")]
    UnknownSchema,
    /// The CIB follows no schema from its own on.
    #[error("Update does not conform to the configured schema")]
    NotValid(#[source] Obstacle),
    /// The result departs from the schema, which the CIB follows.
    #[error("Update does not conform to the configured schema")]
    NotConforming(Vec<Finding>),
    /// The CIB cannot be brought to another schema.
    #[error("Schema transform failed")]
    Transform(#[source] Obstacle),
}

impl OperationError {
    /// Returns the exit code Pacemaker's tools give.
    pub fn exit_code(&self) -> i32 {
        match self {
            OperationError::NotFound => 105,
            OperationError::Exists { .. } => 108,
            OperationError::OldData => 103,
            OperationError::Invalid | OperationError::Patch(_) => 1,
            OperationError::Denied(_) => 4,
            OperationError::UnknownSchema
            | OperationError::NotValid(_)
            | OperationError::NotConforming(_)
            | OperationError::Transform(_) => 78,
        }
    }

    /// Returns what exactly stands in the way, a sentence each, where more is known than the error
    /// itself says.
    pub fn reasons(&self) -> Vec<String> {
        match self {
            OperationError::Denied(denied) => vec![denied.to_string()],
            OperationError::NotConforming(findings) => {
                findings.iter().map(Finding::sentence).collect()
            }
            OperationError::NotValid(obstacle) | OperationError::Transform(obstacle) => {
                vec![obstacle.to_string()]
            }
            _ => Vec::new(),
        }
    }

    /// Returns the number sent in answers (negative; `errno` or Pacemaker's own).
    pub fn legacy_code(&self) -> i32 {
        match self {
            OperationError::NotFound => -6,
            OperationError::Denied(_) => -13,
            OperationError::Exists { .. } => -17,
            OperationError::Invalid => -22,
            OperationError::OldData => -205,
            OperationError::Patch(ApplyError::Gap { .. }) => -207,
            OperationError::Patch(_) => -206,
            OperationError::UnknownSchema => -212,
            OperationError::NotValid(_) | OperationError::NotConforming(_) => -203,
            OperationError::Transform(_) => -204,
        }
    }
}

impl From<ApplyError> for OperationError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Old { .. } | ApplyError::NotNewer(_) => OperationError::OldData,
            other => OperationError::Patch(other),
        }
    }
}

impl From<Obstacle> for OperationError {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::UnknownSchema => OperationError::UnknownSchema,
            Obstacle::NotValid(_) => OperationError::NotValid(obstacle),
            _ => OperationError::Transform(obstacle),
        }
    }
}

/// Performs a write.
///
/// A change of the configuration raises the epoch and sets `num_updates` to 0, any other change
/// raises `num_updates`; no change leaves the versions alone.
///
/// # Errors
/// [`OperationError`]; the CIB is then unchanged.
pub fn perform(
    cib: &mut Cib,
    operation: Operation<'_>,
    target: Target<'_>,
    author: &Author<'_>,
    dialect: Dialect,
) -> Result<Outcome, OperationError> {
    let mut result = cib.clone();
    let upgrade = run(&mut result, operation, target, dialect)?;
    let (before, after) = (cib.version(), result.version());
    if (after.admin_epoch, after.epoch) < (before.admin_epoch, before.epoch) {
        return Err(OperationError::OldData);
    }
    let erased = matches!(operation, Operation::Erase);
    let config_changed = erased || !same(cib.configuration(), result.configuration());
    if !config_changed && cib.root().same_as(result.root()) {
        return Ok(Outcome { patchset: None, config_changed, write_to_disk: false, upgrade });
    }
    // Rights come before the schema: who may not write is not told what would be wrong with it.
    if let Some(access) = author.access {
        access.check(cib, &result).map_err(OperationError::Denied)?;
    }
    // A status may hold anything, as in Pacemaker.
    if config_changed || cib.schema() != result.schema() {
        let findings = schema::departures(cib, &result);
        if !findings.is_empty() {
            return Err(OperationError::NotConforming(findings));
        }
    }
    let keep = matches!(operation, Operation::Replace { versions: ReplaceVersions::Keep, .. });
    if !keep {
        result.set_version(if config_changed {
            CibVersion { epoch: after.epoch.saturating_add(1), num_updates: 0, ..after }
        } else {
            CibVersion { num_updates: after.num_updates.saturating_add(1), ..after }
        });
    }
    // As in Pacemaker, who and when are no part of the patchset.
    let patchset = cib.diff(&result);
    if config_changed {
        stamp(&mut result, author);
    }
    let write_to_disk = config_changed || erased || matches!(operation, Operation::Replace { .. });
    *cib = result;
    Ok(Outcome { patchset, config_changed, write_to_disk, upgrade })
}

fn same(a: Option<ElementRef<'_>>, b: Option<ElementRef<'_>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.same_as(b),
        (None, None) => true,
        _ => false,
    }
}

/// Writes who changed the CIB when; what is not known is removed.
pub fn stamp(cib: &mut Cib, author: &Author<'_>) {
    let Author { origin, client, user, now, .. } = *author;
    let Some(now) = now else { return };
    let root = cib.tree().root_id();
    let tree = cib.tree_mut();
    tree.set_attr(root, names::CIB_LAST_WRITTEN, now);
    for (name, value) in
        [(names::UPDATE_ORIGIN, origin), (names::UPDATE_CLIENT, client), (names::UPDATE_USER, user)]
    {
        match value {
            Some(value) => tree.set_attr(root, name, value),
            None => drop(tree.remove_attr(root, name)),
        }
    }
}

fn run(
    cib: &mut Cib,
    operation: Operation<'_>,
    target: Target<'_>,
    dialect: Dialect,
) -> Result<Option<Report>, OperationError> {
    match operation {
        Operation::Create(input) => edit::create(cib, input, target)?,
        Operation::Modify { input, can_create, score_update } => {
            edit::modify(cib, input, target, edit::Merge { can_create, score_update })?;
        }
        Operation::Delete(input) => edit::delete(cib, input, target)?,
        Operation::DeleteMatches => edit::delete_matches(cib, target)?,
        Operation::Replace { input, .. } => edit::replace(cib, input, target)?,
        Operation::Patch(patchset) => patchset.apply(cib, VersionCheck::Check, dialect)?,
        Operation::Bump => {
            let version = cib.version();
            cib.set_version(CibVersion { epoch: version.epoch.saturating_add(1), ..version });
        }
        Operation::Erase => edit::erase(cib),
        Operation::Upgrade(ceiling) => return raise(cib, ceiling).map(Some),
    }
    Ok(None)
}

fn raise(cib: &mut Cib, ceiling: SchemaVersion) -> Result<Report, OperationError> {
    let report = upgrade(cib, ceiling);
    if report.is_raised() {
        restart_versions(cib);
        return Ok(report);
    }
    match report.obstacle {
        Some(obstacle) => Err(obstacle.into()),
        None => Ok(report),
    }
}
