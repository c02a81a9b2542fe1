//! Locations with several rules become several locations.
//!
//! **Source:** pacemaker `xml/upgrade-3.10-2.xsl`.

use std::collections::HashMap;

use super::super::Weight;
use super::super::edit::{Log, count, elements, place, replace_attrs};
use super::references::copy_made;
use super::{ORIGINAL, PREFIX};
use crate::xml::{ElementRef, Tree, XmlId};

fn has_several_rules(element: ElementRef<'_>) -> bool {
    element.name() == "rsc_location" && element.children_named("rule").nth(1).is_some()
}

/// Makes of each rule a location of its own, and lets access rights to the old one apply to the new
/// ones.
pub(super) fn split(tree: &mut Tree, log: &mut Log) {
    let mut parts: HashMap<String, Vec<String>> = HashMap::new();
    for location in elements(tree, has_several_rules) {
        let Some(element) = tree.element(location) else { continue };
        let id = element.id().unwrap_or_default().to_owned();
        log.tell(Weight::Silent, element, format!("Location {id} becomes one for each rule"));
        let made = split_one(tree, location, &id);
        parts.entry(id).or_default().extend(made);
    }
    for permission in elements(tree, |e| e.name() == "acl_permission") {
        let Some(element) = tree.element(permission) else { continue };
        let Some(made) = element.attr("reference").and_then(|to| parts.get(to)) else { continue };
        let tests: Vec<String> = made.iter().map(|id| format!("@id = '{id}'")).collect();
        let path = format!("//*[{}]", tests.join(" or "));
        log.tell(Weight::Silent, element, format!("Permission applies to {path}"));
        tree.rename_attr(permission, "reference", "xpath");
        tree.set_attr(permission, "xpath", path);
    }
}

/// Splits a location and returns the ids of what it became.
fn split_one(tree: &mut Tree, location: XmlId, id: &str) -> Vec<String> {
    let part = |tree: &Tree, name: &str| -> Vec<XmlId> {
        tree.element(location)
            .into_iter()
            .flat_map(|e| e.children_named(name))
            .map(ElementRef::xml_id)
            .collect()
    };
    let (rules, sets, lifetimes) =
        (part(tree, "rule"), part(tree, "resource_set"), part(tree, "lifetime"));
    let Some((parent, at)) = place(tree, location) else { return Vec::new() };
    let mut ids = Vec::new();
    for (number, rule) in rules.into_iter().enumerate() {
        let own_id = format!("{PREFIX}{id}-{}", number + 1);
        let target = if number == 0 {
            location
        } else {
            let Some(shell) = copy_shell(tree, parent, at + number, location) else { continue };
            for set in &sets {
                let end = count(tree, shell);
                copy_made(tree, shell, end, *set);
            }
            tree.attach(shell, usize::MAX, rule);
            for lifetime in &lifetimes {
                let end = count(tree, shell);
                copy_made(tree, shell, end, *lifetime);
            }
            shell
        };
        tree.set_attr(target, ORIGINAL, "0");
        tree.set_attr(target, "id", own_id.clone());
        ids.push(own_id);
    }
    ids
}

/// Copies an element without what is in it.
fn copy_shell(tree: &mut Tree, parent: XmlId, at: usize, source: XmlId) -> Option<XmlId> {
    let element = tree.element(source)?;
    let name = element.name().to_owned();
    let attrs: Vec<(String, String)> =
        element.attrs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let made = tree.insert(parent, at, name);
    replace_attrs(tree, made, attrs);
    Some(made)
}
