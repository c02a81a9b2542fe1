//! Access control: `role`, `user`, `acl_target`, `acl_group`.

/// What a right allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RightKind {
    /// `read`
    Read,
    /// `write`
    Write,
    /// `deny`
    Deny,
}

impl RightKind {
    /// Returns the keyword.
    pub fn as_str(self) -> &'static str {
        match self {
            RightKind::Read => "read",
            RightKind::Write => "write",
            RightKind::Deny => "deny",
        }
    }

    /// Reads the keyword, whatever its case.
    pub fn from_word(word: &str) -> Option<Self> {
        [RightKind::Read, RightKind::Write, RightKind::Deny]
            .into_iter()
            .find(|kind| word.eq_ignore_ascii_case(kind.as_str()))
    }
}

/// `KEY[:VALUE]`: `xpath:…`, `ref:…`, `type:…`, `attr:…` or a shortcut such as `meta:RSC:NAME`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Specification {
    /// What stands before the first colon.
    pub key: String,
    /// What stands after it.
    pub value: Option<String>,
}

/// `read|write|deny [ID:] [description=TEXT] SPECIFICATION …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Right {
    /// What is allowed.
    pub kind: RightKind,
    /// The permission's id, where written.
    pub id: Option<String>,
    /// `description=`
    pub description: Option<String>,
    /// What it is about.
    pub specs: Vec<Specification>,
}

/// `role ID …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AclRole {
    /// The id.
    pub id: String,
    /// `description=`
    pub description: Option<String>,
    /// The rights in order.
    pub rights: Vec<Right>,
}

/// One part of a [`AclUser`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UserItem {
    /// `role:ID`
    Role(String),
    /// A right of its own.
    Right(Right),
}

/// `user ID …`, as before Pacemaker 1.1.12
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AclUser {
    /// The user's name.
    pub id: String,
    /// `description=`, which only a CIB may hold.
    pub description: Option<String>,
    /// Roles and rights in order.
    pub items: Vec<UserItem>,
}

/// `acl_target ID ROLE …` or `acl_group ID ROLE …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AclPrincipal {
    /// Group or single user.
    pub is_group: bool,
    /// The user's or group's name.
    pub id: String,
    /// `description=`, which only a CIB may hold.
    pub description: Option<String>,
    /// The roles in order.
    pub roles: Vec<String>,
}
