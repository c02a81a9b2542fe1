//! Digests by which members compare their CIBs.

use cib_model::xml::{Dialect, ElementRef, Layout, Tree, write_element};
use sha2::{Digest, Sha256};

/// Attributes that say who wrote, not what: no part of a digest.
const FILTERED: [&str; 5] =
    ["crm-debug-origin", "cib-last-written", "update-origin", "update-client", "update-user"];

/// Returns the digest of the whole CIB.
pub(super) fn replication(cib: &Tree) -> String {
    of(cib.root())
}

/// Returns the digest of the configuration; empty where there is none.
pub(super) fn configuration(cib: &Tree) -> String {
    cib.root().child("configuration").map(of).unwrap_or_default()
}

fn of(element: ElementRef<'_>) -> String {
    let mut tree = Tree::new("digest");
    let root = tree.root_id();
    let copy = tree.append_copy(root, element);
    let Some(top) = tree.element(copy) else { return String::new() };
    let found: Vec<_> = top
        .descendants()
        .filter(|e| FILTERED.iter().any(|name| e.attr(name).is_some()))
        .map(ElementRef::xml_id)
        .collect();
    for id in found {
        for name in FILTERED {
            tree.remove_attr(id, name);
        }
    }
    let text = tree.element(copy).map(|e| write_element(e, Layout::Compact, Dialect::Pcmk3));
    let hash = Sha256::digest(text.unwrap_or_default());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
