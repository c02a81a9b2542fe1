//! Constraints of resources that were dropped.
//!
//! **Source:** pacemaker `xml/upgrade-3.10-4.xsl`.

use std::collections::HashSet;

use super::super::Weight;
use super::super::edit::{Log, elements};
use crate::xml::{ElementRef, Tree, XmlId};

/// Drops references to resources that went, the sets that have no others, and the constraints that
/// have nothing else.
pub(super) fn drop(tree: &mut Tree, gone: &HashSet<String>, log: &mut Log) {
    let is_gone = |id: Option<&str>| id.is_some_and(|id| gone.contains(id));
    let references = elements(tree, |e| e.name() == "resource_ref" && is_gone(e.id()));
    let sets: HashSet<XmlId> = elements(tree, |e| {
        e.name() == "resource_set" && e.children_named("resource_ref").all(|r| is_gone(r.id()))
    })
    .into_iter()
    .collect();
    let constraints = elements(tree, |e| {
        let named: &[&str] = match e.name() {
            "rsc_location" | "rsc_ticket" => &["rsc"],
            "rsc_colocation" => &["rsc", "with-rsc"],
            "rsc_order" => &["first", "then"],
            _ => return false,
        };
        let mut own = e.children_named("resource_set").map(ElementRef::xml_id).peekable();
        named.iter().any(|name| is_gone(e.attr(name)))
            || (own.peek().is_some() && own.all(|set| sets.contains(&set)))
    });
    for part in constraints.into_iter().chain(elements(tree, |e| sets.contains(&e.xml_id()))) {
        if let Some(element) = tree.element(part) {
            let message = format!(
                "Dropping {} {} because its resources are dropped",
                element.name(),
                element.id().unwrap_or_default()
            );
            log.tell(Weight::Silent, element, message);
        }
        tree.detach(part);
    }
    for reference in references {
        tree.detach(reference);
    }
}
