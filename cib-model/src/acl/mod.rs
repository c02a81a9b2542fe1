//! Access control lists: what stands in the CIB, and what it lets a user do.

mod access;
mod grant;

pub use access::{Access, Denied, PERMISSIONS_MAX, Subject, applies, enabled, is_unlimited};
pub use grant::{Grant, Grants};

use crate::cib::Cib;
use crate::names;
use crate::view::view;
use crate::xml::ElementRef;

view! {
    /// A role: a list of permissions.
    AclRole(names::ACL_ROLE) {
        /// Returns the description.
        description = names::DESCRIPTION;
    }
}

view! {
    /// One permission: `<acl_permission>`, or before Pacemaker 1.1.12 `<read>`, `<write>`, `<deny>`.
    AclPermission(names::ACL_PERMISSION | names::READ | names::WRITE | names::DENY) {
        /// Returns the XPath it is for.
        xpath = names::XPATH;
        /// Returns the name of the elements it is for.
        object_type = names::OBJECT_TYPE;
        /// Returns the attribute it is limited to.
        attribute = names::ATTRIBUTE;
        /// Returns the description.
        description = names::DESCRIPTION;
    }
}

view! {
    /// Who has roles: a user (`acl_target`, older `acl_user`) or a group of users.
    AclTarget(names::ACL_TARGET | names::ACL_USER | names::ACL_GROUP) {
        /// Returns the user's or group's name where it is not the id.
        name = names::NAME;
    }
}

impl<'a> AclRole<'a> {
    /// Returns the permissions in document order.
    pub fn permissions(self) -> impl Iterator<Item = AclPermission<'a>> {
        self.0.children().filter_map(AclPermission::cast)
    }
}

impl<'a> AclPermission<'a> {
    /// Returns `read`, `write` or `deny`.
    pub fn kind(self) -> Option<&'a str> {
        match self.0.name() {
            names::ACL_PERMISSION => self.0.attr(names::KIND),
            old => Some(old),
        }
    }

    /// Returns the id of the element it is for.
    pub fn reference(self) -> Option<&'a str> {
        self.0.attr(names::REFERENCE).or_else(|| self.0.attr(names::REF))
    }
}

impl<'a> AclTarget<'a> {
    /// Returns the ids of the roles in document order.
    pub fn role_ids(self) -> impl Iterator<Item = &'a str> {
        self.0
            .children()
            .filter(|c| matches!(c.name(), names::ROLE | names::ROLE_REF))
            .filter_map(ElementRef::id)
    }
}

impl Cib {
    /// Returns the ACL roles in document order.
    pub fn acl_roles(&self) -> impl Iterator<Item = AclRole<'_>> {
        self.acls().into_iter().flat_map(|s| s.children().filter_map(AclRole::cast))
    }

    /// Returns the ACL targets in document order.
    pub fn acl_targets(&self) -> impl Iterator<Item = AclTarget<'_>> {
        self.acls().into_iter().flat_map(|s| s.children().filter_map(AclTarget::cast))
    }
}
