//! Bringing a change onto a CIB that may have moved since it was read.
//!
//! Nobody's change is lost: where the CIB moved, the difference is applied to what is there now,
//! and where both changed the same object nothing is written and the object is named.

use std::borrow::Cow;
use std::collections::BTreeSet;

use cib_model::patchset::VersionCheck;
use cib_model::xml::{Dialect, ElementRef};
use cib_model::{Cib, Patchset};

use super::{BackendError, Change, Method};

/// Returns the CIB that results from bringing `change` onto `current`: mostly the one that is wanted.
pub(super) fn onto<'c>(current: &Cib, change: &Change<'c>) -> Result<Cow<'c, Cib>, BackendError> {
    if std::ptr::eq(current, change.base) || current.root().same_as(change.base.root()) {
        return Ok(Cow::Borrowed(change.wanted));
    }
    if change.method != Method::Exact && (change.force || same_configuration(current, change.base))
    {
        return Ok(Cow::Owned(with_status_of(change.wanted.clone(), current)));
    }
    let conflict = |objects: String| BackendError::Conflict {
        read: change.base.version(),
        now: current.version(),
        objects,
    };
    if change.method != Method::Patch {
        return Err(conflict(String::new()));
    }
    let Some(ours) = change.base.diff(change.wanted) else {
        return Ok(Cow::Owned(current.clone()));
    };
    let theirs = change.base.diff(current).map(|p| touched(&p)).unwrap_or_default();
    let both: Vec<String> = touched(&ours).intersection(&theirs).cloned().collect();
    if !both.is_empty() {
        return Err(conflict(format!("; both changed {}", both.join(", "))));
    }
    let mut next = current.clone();
    ours.apply(&mut next, VersionCheck::Skip, Dialect::Pcmk3)
        .map_err(|error| conflict(format!("; {error}")))?;
    Ok(Cow::Owned(next))
}

/// Returns the objects that a patchset changes: the outermost ids in its paths. A property set is
/// taken pair by pair, and the order of objects does not count.
fn touched(patch: &Patchset) -> BTreeSet<String> {
    patch
        .changes()
        .filter(|c| c.path().contains("/configuration") && c.operation() != Some("move"))
        .filter_map(|change| {
            let ids: Vec<&str> = change
                .path()
                .split("@id='")
                .skip(1)
                .filter_map(|rest| rest.split('\'').next())
                .collect();
            let in_set = change.path().contains("cluster_property_set");
            let id = if in_set { ids.get(1).or(ids.first()) } else { ids.first() };
            let created = change.created().and_then(ElementRef::id);
            match (id, created) {
                (Some(_), Some(created)) if in_set => Some(created.to_owned()),
                (Some(id), _) => Some((*id).to_owned()),
                (None, created) => created.map(str::to_owned),
            }
        })
        .collect()
}

/// Puts the present status into the wanted CIB: a configuration change never touches it.
fn with_status_of(mut wanted: Cib, current: &Cib) -> Cib {
    let Some(status) = current.status() else { return wanted };
    let old = wanted.status().map(ElementRef::xml_id);
    let root = wanted.tree().root_id();
    let tree = wanted.tree_mut();
    if let Some(old) = old {
        tree.detach(old);
    }
    tree.append_copy(root, status);
    wanted
}

/// Tells whether two CIBs configure the same.
pub(super) fn same_configuration(a: &Cib, b: &Cib) -> bool {
    a.schema() == b.schema()
        && match (a.configuration(), b.configuration()) {
            (Some(a), Some(b)) => a.same_as(b),
            (None, None) => true,
            _ => false,
        }
}
