//! Primitives and templates: their parameters and meta attributes.
//!
//! **Source:** pacemaker `xml/upgrade-2.10-1.xsl`.

use super::super::edit::{Log, elements, is_without_rule};
use super::operation;
use super::simple::{judge, replacement, rewrite, rewrite_set};
use super::tables::{META_ATTRIBUTES, PARAMETERS, Replacement};
use crate::xml::{ElementRef, Tree, XmlId};

pub(super) fn resources(tree: &mut Tree, log: &mut Log) {
    for resource in elements(tree, |e| matches!(e.name(), "primitive" | "template")) {
        // What is judged is judged as it stood, so all is looked at before anything is done.
        let raised = operation::raised(tree, resource);
        let kept = kept_renames(tree, resource);
        let Some(element) = tree.element(resource) else { continue };
        for part in element.children().map(ElementRef::xml_id).collect::<Vec<_>>() {
            match tree.element(part).map(ElementRef::name) {
                Some("operations") => operation::operations(tree, part, log),
                Some("instance_attributes") => rewrite_set(tree, part, &PARAMETERS, log),
                Some("meta_attributes") => meta_attributes(tree, part, &kept, log),
                _ => {}
            }
        }
        operation::raise(tree, resource, raised, log);
    }
}

/// Rewrites a set of meta attributes. A set whose options are all dropped goes; one whose options
/// are said elsewhere stays, if empty.
fn meta_attributes(tree: &mut Tree, set: XmlId, kept: &[XmlId], log: &mut Log) {
    let Some(element) = tree.element(set) else { return };
    let resource = element.parent().and_then(ElementRef::id).unwrap_or_default();
    let context = format!("{resource} (meta={})", element.id().unwrap_or_default());
    let pairs = judge(element, &META_ATTRIBUTES, |_| &context, log);
    if pairs.iter().all(|(_, done)| done.is_some_and(Replacement::takes_away)) {
        tree.detach(set);
    }
    for (pair, done) in pairs {
        match done {
            None => {}
            Some(done) if !done.takes_away() && kept.contains(&pair) => rewrite(tree, pair, done),
            Some(_) => tree.detach(pair),
        }
    }
}

/// Returns the meta attributes that get a new name and stay, so that a name is given only once.
///
/// COMPAT(pacemaker, upgrade-2.10-1.xsl `ProcessRscMetaAttributes`): what decides is whether a text
/// begins with the option's number: a name or a kept option before it in its own set or a later one
/// without rules lets it go, even where nothing else says the same.
fn kept_renames(tree: &Tree, resource: XmlId) -> Vec<XmlId> {
    let Some(element) = tree.element(resource) else { return Vec::new() };
    let sets: Vec<ElementRef<'_>> = element.children_named("meta_attributes").collect();
    let mut kept = Vec::new();
    for (at, set) in sets.iter().enumerate() {
        let from_here: Vec<Said> = sets
            .get(at..)
            .unwrap_or_default()
            .iter()
            .filter(|set| is_without_rule(**set))
            .flat_map(|set| said(*set))
            .collect();
        for pair in set.children_named("nvpair") {
            let Some(with) = replacement(&META_ATTRIBUTES, pair).and_then(|done| done.with) else {
                continue;
            };
            let is_said =
                from_here.iter().any(|said| matches!(said, Said::Renamed(_, n) if *n == with));
            let is_first = matches!(from_here.first(),
                Some(Said::Renamed(first, name)) if *first == pair.xml_id() && *name == with);
            if !is_said || is_first {
                kept.push(pair.xml_id());
            }
        }
    }
    kept
}

/// What one option of a set comes to.
enum Said {
    /// It stays as it is.
    Kept,
    /// It gets this name.
    Renamed(XmlId, &'static str),
}

fn said(set: ElementRef<'_>) -> Vec<Said> {
    set.children_named("nvpair")
        .filter_map(|pair| match replacement(&META_ATTRIBUTES, pair) {
            None => Some(Said::Kept),
            Some(done) => done.with.map(|with| Said::Renamed(pair.xml_id(), with)),
        })
        .collect()
}
