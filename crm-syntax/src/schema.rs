//! What the configuration's schema allows, as far as the language depends on it.
//!
//! **Source:** crmsh `schema.py` asks the RNG files; the answers change at few versions only.

use crate::kind::ObjectKind;

/// The schema a CIB is validated with, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Schema {
    number: (u32, u32),
}

impl Schema {
    /// Reads `validate-with`; what is no `pacemaker-N.M` counts as newest.
    pub fn named(validate_with: Option<&str>) -> Self {
        let number = validate_with
            .and_then(|name| name.strip_prefix("pacemaker-"))
            .and_then(|number| number.split_once('.'))
            .and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)))
            .unwrap_or((u32::MAX, 0));
        Schema { number }
    }

    /// Returns true where roles are called Promoted and Unpromoted (3.7).
    pub fn has_promoted_roles(self) -> bool {
        self.number >= (3, 7)
    }

    /// Returns true where access rights are `acl_permission` elements (2.0).
    pub fn has_acl_permissions(self) -> bool {
        self.number >= (2, 0)
    }

    /// Returns true where the schema has objects of this kind. Commands ask; texts that are loaded
    /// may hold any, as in crm.
    pub fn has_kind(self, kind: ObjectKind) -> bool {
        match kind {
            ObjectKind::AclUser => self.number < (2, 0),
            ObjectKind::AclTarget | ObjectKind::AclGroup => self.number >= (2, 0),
            ObjectKind::Tag => self.number >= (1, 3),
            ObjectKind::Alert => self.number >= (2, 5),
            ObjectKind::Bundle => self.number >= (2, 8),
            _ => true,
        }
    }

    /// Returns true where `name` is an attribute of `<op>` rather than an instance attribute.
    pub fn is_op_attribute(self, name: &str) -> bool {
        const NAMES: [&str; 11] = [
            "id",
            "name",
            "interval",
            "description",
            "start-delay",
            "interval-origin",
            "timeout",
            "enabled",
            "record-pending",
            "role",
            "on-fail",
        ];
        // the schema's names are compared without regard to case
        NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
            || (self.number < (3, 0) && name.eq_ignore_ascii_case("requires"))
    }
}
