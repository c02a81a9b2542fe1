//! What a user may read and change: access control lists, where they are switched on.
//!
//! Every member judges a change by the CIB that it is made on and by the groups that the request
//! names, so all come to the same verdict.
//!
//! **Source:** pacemaker `lib/cib/cib_utils.c` (`cib_perform_op()`), `lib/common/acl.c`.

use std::borrow::Cow;

use cib_model::Cib;
use cib_model::acl::{Access, Subject, applies, is_unlimited};
use cib_model::xml::Tree;

use super::apply::ApplyError;
use super::request::Origin;

/// Returns what the user may read of the CIB.
///
/// # Errors
/// [`ApplyError::Denied`]: nothing.
pub fn readable<'a>(cib: &'a Tree, origin: &Origin) -> Result<Cow<'a, Tree>, ApplyError> {
    let Some((whole, access)) = limited(cib, origin) else { return Ok(Cow::Borrowed(cib)) };
    let seen = access.filtered(&whole).map(Cib::into_tree).map(Cow::Owned);
    seen.ok_or_else(|| ApplyError::Denied(format!("user '{}' may read nothing", origin.user)))
}

/// Looks after a change by a user whose rights are limited.
pub(super) struct Guard {
    before: Cib,
    access: Access,
}

impl Guard {
    /// Returns the guard; `None` where the user may do everything.
    pub(super) fn of(cib: &Tree, origin: &Origin) -> Option<Guard> {
        limited(cib, origin).map(|(before, access)| Guard { before, access })
    }

    /// Returns what the user may do.
    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    /// Checks what the CIB has become.
    ///
    /// # Errors
    /// [`ApplyError::Denied`].
    pub(super) fn check(&self, after: &Tree) -> Result<(), ApplyError> {
        let no_cib = |_| ApplyError::Denied("the result is no CIB".to_owned());
        let after = Cib::from_tree(after.clone()).map_err(no_cib)?;
        let checked = self.access.check(&self.before, &after);
        checked.map_err(|denied| ApplyError::Denied(denied.to_string()))
    }

    /// Returns the CIB as it was.
    pub(super) fn into_before(self) -> Tree {
        self.before.into_tree()
    }
}

/// Returns the CIB and the user's permissions in it; `None` where the user may do everything.
fn limited(cib: &Tree, origin: &Origin) -> Option<(Cib, Access)> {
    // The cluster's own requests come often: they are not to cost a copy of the CIB.
    if is_unlimited(&origin.user) {
        return None;
    }
    let whole = Cib::from_tree(cib.clone()).ok()?;
    if !applies(&whole, &origin.user) {
        return None;
    }
    let subject = Subject { user: origin.user.clone(), groups: origin.groups.clone() };
    let access = Access::of(&whole, &subject);
    Some((whole, access))
}
