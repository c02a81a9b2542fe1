//! Applying a patchset.
//!
//! **Source:** pacemaker `lib/common/patchset.c`, `apply_v2_patchset()`,
//! `check_patchset_versions()`.

use super::work::Work;
use super::{Change, Patchset};
use crate::cib::Cib;
use crate::digest;
use crate::version::CibVersion;
use crate::xml::{Dialect, Tree};

/// Why a patchset was not applied. The CIB is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The CIB is newer than what the patchset starts from (Pacemaker: old data).
    #[error("the CIB is at {current}, the patch starts from {source_version}")]
    Old {
        /// The CIB's version.
        current: CibVersion,
        /// What the patchset starts from.
        source_version: CibVersion,
    },
    /// The CIB is older than what the patchset starts from: changes are missing in between.
    #[error("the CIB is at {current}, the patch starts from the later {source_version}")]
    Gap {
        /// The CIB's version.
        current: CibVersion,
        /// What the patchset starts from.
        source_version: CibVersion,
    },
    /// The patchset does not raise the version.
    #[error("the patch leads to {0}, which is not newer")]
    NotNewer(CibVersion),
    /// A change names an element that is not there.
    #[error("nothing matches {path} ({operation})")]
    NoMatch {
        /// What the change would do.
        operation: String,
        /// The path.
        path: String,
    },
    /// A change is incomplete or of an unknown kind.
    #[error("a change of {0} is malformed")]
    Malformed(String),
    /// The result is not what the patchset's author had.
    #[error("the result's digest is {found}, the patch expects {expected}")]
    Digest {
        /// The digest in the patchset.
        expected: String,
        /// The digest of the result.
        found: String,
    },
}

impl ApplyError {
    /// Returns true where asking for the whole CIB helps.
    pub fn needs_refresh(&self) -> bool {
        !matches!(self, ApplyError::Old { .. } | ApplyError::NotNewer(_))
    }
}

/// Whether the versions must fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VersionCheck {
    /// They must (replication, `cibadmin -P` to a cluster).
    Check,
    /// They are not looked at (`crm_diff -p`).
    Skip,
}

impl Patchset {
    /// Applies the patchset; a digest in it is checked against the result.
    ///
    /// # Errors
    /// [`ApplyError`]; the CIB is then unchanged.
    pub fn apply(
        &self,
        cib: &mut Cib,
        check: VersionCheck,
        dialect: Dialect,
    ) -> Result<(), ApplyError> {
        if check == VersionCheck::Check {
            self.check_versions(cib.version())?;
        }
        let mut result = cib.clone();
        self.apply_to(result.tree_mut())?;
        if let Some(expected) = self.digest() {
            let found = digest::replication(result.root(), dialect);
            if !found.eq_ignore_ascii_case(expected) {
                return Err(ApplyError::Digest { expected: expected.to_owned(), found });
            }
        }
        *cib = result;
        Ok(())
    }

    /// Checks that the patchset starts from `current` and leads to something newer. A patchset
    /// without versions starts from any and leads to the next update.
    ///
    /// # Errors
    /// [`ApplyError::Gap`], [`ApplyError::Old`] or [`ApplyError::NotNewer`].
    pub fn check_versions(&self, current: CibVersion) -> Result<(), ApplyError> {
        let source_version = self.source().unwrap_or(current);
        match current.cmp(&source_version) {
            std::cmp::Ordering::Less => return Err(ApplyError::Gap { current, source_version }),
            std::cmp::Ordering::Greater => {
                return Err(ApplyError::Old { current, source_version });
            }
            std::cmp::Ordering::Equal => {}
        }
        let next = CibVersion { num_updates: current.num_updates.saturating_add(1), ..current };
        let target = self.target().unwrap_or(next);
        // COMPAT(pacemaker 3.x, check_patchset_versions): one greater number is enough.
        let newer = target.admin_epoch > source_version.admin_epoch
            || target.epoch > source_version.epoch
            || target.num_updates > source_version.num_updates;
        if newer { Ok(()) } else { Err(ApplyError::NotNewer(target)) }
    }

    /// Applies the changes to any document, versions and digest aside.
    ///
    /// # Errors
    /// [`ApplyError::NoMatch`] or [`ApplyError::Malformed`]; the tree is then partly changed.
    pub fn apply_to(&self, tree: &mut Tree) -> Result<(), ApplyError> {
        let mut work = Work::new(tree);
        let outcome = self.changes().try_for_each(|change| apply_one(&mut work, change));
        work.finish();
        outcome
    }
}

fn apply_one(work: &mut Work<'_>, change: Change<'_>) -> Result<(), ApplyError> {
    let Some(operation) = change.operation() else { return Ok(()) };
    let malformed = || ApplyError::Malformed(change.path().to_owned());
    let position = change.position().filter(|_| operation == "delete");
    match (operation, work.find(change.path(), position)) {
        ("delete", None) => {}
        ("delete", Some(at)) => work.delete(at),
        ("create", Some(at)) => {
            let source = change.element();
            let made = source.child_ids().first().ok_or_else(malformed)?;
            work.create(at, change.position().unwrap_or(0), source.tree(), *made);
        }
        ("move", Some(at)) => work.place(at, change.position().unwrap_or(0)),
        ("modify", Some(at)) => work.set_attrs(at, change.result().ok_or_else(malformed)?),
        (_, None) => {
            return Err(ApplyError::NoMatch {
                operation: operation.to_owned(),
                path: change.path().to_owned(),
            });
        }
        _ => return Err(malformed()),
    }
    Ok(())
}

impl Cib {
    /// Returns what changed from this CIB to `target`, versions and attribute order included;
    /// `None` where nothing did.
    pub fn diff(&self, target: &Cib) -> Option<Patchset> {
        super::diff(self.root(), target.root(), super::AttrOrder::Counts)
    }
}
