//! Resource roles.

/// What a resource is or shall be on a node; ordered from least to most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Role {
    /// Not known or not set.
    #[default]
    Unknown,
    /// Not running.
    Stopped,
    /// Running (not promotable).
    Started,
    /// Running, not promoted.
    Unpromoted,
    /// Running and promoted.
    Promoted,
}

impl Role {
    /// Reads a role's name; old spellings (`Master`, `Slave`) included, case ignored.
    ///
    /// # Source
    /// `pcmk_parse_role()`.
    pub fn parse(text: &str) -> Option<Role> {
        const NAMES: [(&str, Role); 7] = [
            ("Stopped", Role::Stopped),
            ("Started", Role::Started),
            ("Unpromoted", Role::Unpromoted),
            ("Slave", Role::Unpromoted),
            ("Promoted", Role::Promoted),
            ("Master", Role::Promoted),
            ("Unknown", Role::Unknown),
        ];
        NAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(text)).map(|(_, r)| *r)
    }

    /// Returns the role's name as Pacemaker prints it.
    ///
    /// # Source
    /// `pcmk_role_text()`.
    pub fn text(self) -> &'static str {
        match self {
            Role::Unknown => "Unknown",
            Role::Stopped => "Stopped",
            Role::Started => "Started",
            Role::Unpromoted => "Unpromoted",
            Role::Promoted => "Promoted",
        }
    }
}
