//! Roles of a resource.
//!
//! **Source:** pacemaker `lib/common/roles.c`.

use std::fmt;

/// The state a resource is in or shall be in, in rising order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, serde::Serialize)]
pub enum Role {
    /// Not said, or not known.
    #[default]
    Unknown,
    /// Not running.
    Stopped,
    /// Running (of a promotable clone: not promoted).
    Started,
    /// Running as unpromoted instance (older word: slave).
    Unpromoted,
    /// Running as promoted instance (older word: master).
    Promoted,
}

impl Role {
    /// Reads a role in any case, older words included; `None` for an unknown word.
    pub fn parse(text: &str) -> Option<Self> {
        [
            ("Unknown", Role::Unknown),
            ("Stopped", Role::Stopped),
            ("Started", Role::Started),
            ("Unpromoted", Role::Unpromoted),
            ("Slave", Role::Unpromoted),
            ("Promoted", Role::Promoted),
            ("Master", Role::Promoted),
        ]
        .into_iter()
        .find_map(|(word, role)| text.eq_ignore_ascii_case(word).then_some(role))
    }

    /// Returns Pacemaker's word of today.
    pub const fn text(self) -> &'static str {
        match self {
            Role::Unknown => "Unknown",
            Role::Stopped => "Stopped",
            Role::Started => "Started",
            Role::Unpromoted => "Unpromoted",
            Role::Promoted => "Promoted",
        }
    }

    /// Returns the word used before Pacemaker 2.1 (`Master`, `Slave`).
    pub const fn legacy_text(self) -> &'static str {
        match self {
            Role::Unpromoted => "Slave",
            Role::Promoted => "Master",
            other => other.text(),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn old_and_new_words() {
        assert_eq!(Role::parse("master"), Some(Role::Promoted));
        assert_eq!(Role::parse("Slave"), Some(Role::Unpromoted));
        assert_eq!(Role::parse("PROMOTED"), Some(Role::Promoted));
        assert_eq!(Role::parse("Standby"), None);
        assert_eq!(Role::Promoted.legacy_text(), "Master");
        assert!(Role::Started < Role::Promoted);
    }
}
