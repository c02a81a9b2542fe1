//! Versions: the triple of a CIB, and dotted version numbers such as `crm_feature_set`.
//!
//! **Source:** pacemaker `lib/common/utils.c`, `pcmk__compare_versions()`; `lib/cib/cib_utils.c`.

use std::cmp::Ordering;
use std::fmt;

use crate::names;
use crate::xml::ElementRef;

/// The version of a CIB; compared field by field in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct CibVersion {
    /// Raised by administrators only; decides before everything else.
    pub admin_epoch: u32,
    /// Raised by every change of the configuration.
    pub epoch: u32,
    /// Raised by every change of the status; 0 after a change of the configuration.
    pub num_updates: u32,
}

impl CibVersion {
    /// Makes a version from its three numbers.
    pub const fn new(admin_epoch: u32, epoch: u32, num_updates: u32) -> Self {
        CibVersion { admin_epoch, epoch, num_updates }
    }

    /// Reads the version attributes of `element`; a missing or unreadable one counts as 0.
    pub fn of(element: ElementRef<'_>) -> Self {
        let read = |name| {
            element.attr(name).and_then(|v| v.trim().parse::<u32>().ok()).unwrap_or_default()
        };
        CibVersion {
            admin_epoch: read(names::ADMIN_EPOCH),
            epoch: read(names::EPOCH),
            num_updates: read(names::NUM_UPDATES),
        }
    }

    /// Returns the three attribute names with their values, in comparison order.
    pub fn attrs(self) -> [(&'static str, u32); 3] {
        [
            (names::ADMIN_EPOCH, self.admin_epoch),
            (names::EPOCH, self.epoch),
            (names::NUM_UPDATES, self.num_updates),
        ]
    }
}

impl fmt::Display for CibVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.admin_epoch, self.epoch, self.num_updates)
    }
}

/// Compares dotted version numbers part by part. A missing part counts as 0; blanks before and
/// everything after the numbers are ignored.
pub fn compare(a: &str, b: &str) -> Ordering {
    let mut left = parts(a);
    let mut right = parts(b);
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (l, r) => match l.unwrap_or(0).cmp(&r.unwrap_or(0)) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}

fn parts(text: &str) -> impl Iterator<Item = u64> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text.get(..end).unwrap_or_default().split('.').map_while(|part| part.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{CibVersion, compare};
    use std::cmp::Ordering::{Equal, Greater, Less};

    #[test]
    fn dotted_versions_compare_as_numbers() {
        for (a, b, expected) in [
            ("3.0.9", "3.0.10", Less),
            ("3.20.5", "3.16.1", Greater),
            ("1.0", "1", Equal),
            ("1.1.12", "1.1.10-42f2063", Greater),
            (" 1.1.10-42.5", "1.1.10", Equal),
            ("", "0", Equal),
            ("pacemaker", "0.0.1", Less),
        ] {
            assert_eq!(compare(a, b), expected, "{a} with {b}");
            assert_eq!(compare(b, a), expected.reverse(), "{b} with {a}");
        }
    }

    #[test]
    fn admin_epoch_decides_first() {
        assert!(CibVersion::new(1, 0, 0) > CibVersion::new(0, 99, 99));
        assert!(CibVersion::new(0, 2, 0) > CibVersion::new(0, 1, 50));
        assert_eq!(CibVersion::new(0, 11, 3).to_string(), "0.11.3");
    }
}
