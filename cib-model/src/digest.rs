//! Digests: of a CIB on disk, of a CIB in replication, of an operation's parameters.
//!
//! **Source:** pacemaker `lib/common/digest.c`.

use md5::{Digest as _, Md5};

use crate::names;
use crate::xml::{Dialect, ElementRef, Layout, Tree, write_element, write_filtered};

/// Attributes that say who changed the CIB when; no part of the replication digest.
pub const FILTERED: [&str; 5] = [
    names::CRM_DEBUG_ORIGIN,
    names::CIB_LAST_WRITTEN,
    names::UPDATE_ORIGIN,
    names::UPDATE_CLIENT,
    names::UPDATE_USER,
];

/// Returns the MD5 sum of a text in lower-case hexadecimal digits.
pub fn md5_hex(text: &str) -> String {
    let mut hex = String::with_capacity(32);
    for byte in Md5::digest(text.as_bytes()) {
        for nibble in [byte >> 4, byte & 0xf] {
            hex.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    hex
}

/// Returns the digest that stands beside a CIB on disk (`cib.xml.sig`).
pub fn on_disk(root: ElementRef<'_>, dialect: Dialect) -> String {
    md5_hex(&format!(" {}\n", write_element(root, Layout::Compact, dialect)))
}

/// Returns the digest by which nodes compare their CIBs, and which a patchset carries.
pub fn replication(root: ElementRef<'_>, dialect: Dialect) -> String {
    md5_hex(&write_filtered(root, Layout::Compact, dialect, &|name| !FILTERED.contains(&name)))
}

/// Returns the digest of an operation's parameters: of what is left after [`is_operation_param`],
/// sorted by name (a later value of the same name replaces the earlier).
///
/// `recurring_timeout` is the operation's timeout in ms where it recurs: it then counts.
pub fn operation<'a>(
    params: impl IntoIterator<Item = (&'a str, &'a str)>,
    recurring_timeout: Option<&'a str>,
    dialect: Dialect,
) -> String {
    let kept = params.into_iter().filter(|(name, _)| is_operation_param(name));
    let timeout = recurring_timeout.map(|timeout| ("CRM_meta_timeout", timeout));
    parameters(kept.chain(timeout), dialect)
}

/// Returns the digest of exactly these parameters, sorted by name.
pub fn parameters<'a>(
    params: impl IntoIterator<Item = (&'a str, &'a str)>,
    dialect: Dialect,
) -> String {
    let sorted: std::collections::BTreeMap<&str, &str> = params.into_iter().collect();
    let mut tree = Tree::new(names::PARAMETERS);
    let root = tree.root_id();
    for (name, value) in sorted {
        tree.set_attr(root, name.to_owned(), value);
    }
    on_disk(tree.root(), dialect)
}

/// Returns true for a parameter that counts for the digest of an operation.
pub fn is_operation_param(name: &str) -> bool {
    !name.starts_with("CRM_meta_")
        && !matches!(
            name,
            names::ID
                | names::CRM_FEATURE_SET
                | names::OP_DIGEST
                | names::ON_NODE
                | "on_node_uuid"
                | "pcmk_external_ip"
        )
}

#[cfg(test)]
mod tests {
    use super::{md5_hex, on_disk, operation, replication};
    use crate::xml::{Dialect::Pcmk3, read};

    #[test]
    fn digests_measured_on_running_clusters() {
        assert_eq!(operation([], None, Pcmk3), "f2317cad3d54cec5d7d7aa7d0bf35cf8");
        assert_eq!(operation([], Some("20000"), Pcmk3), "4811cef7f7f94e3a35a70be7916cb2fd");
    }

    #[test]
    fn what_does_not_count() {
        let plain = operation([("ip", "10.0.0.1"), ("nic", "eth0")], None, Pcmk3);
        let noisy = [
            ("nic", "eth0"),
            ("CRM_meta_timeout", "20000"),
            ("crm_feature_set", "3.20.5"),
            ("ip", "10.0.0.1"),
            ("id", "x"),
        ];
        assert_eq!(operation(noisy, None, Pcmk3), plain);
        assert_eq!(plain, md5_hex(" <parameters ip=\"10.0.0.1\" nic=\"eth0\"/>\n"));
    }

    #[test]
    fn replication_ignores_who_and_when() {
        let a =
            read(r#"<cib epoch="1" update-client="crm" cib-last-written="now"><status/></cib>"#);
        let b = read(r#"<cib epoch="1"><status crm-debug-origin="x"/></cib>"#);
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!(replication(a.root(), Pcmk3), replication(b.root(), Pcmk3));
        assert_eq!(replication(b.root(), Pcmk3), md5_hex(r#"<cib epoch="1"><status/></cib>"#));
        assert_ne!(on_disk(a.root(), Pcmk3), on_disk(b.root(), Pcmk3));
    }
}
