//! Masters become promotable clones; resources that nothing can run any more are dropped.
//!
//! **Source:** pacemaker `xml/upgrade-3.10-2.xsl`, `-4.xsl`.

use std::collections::HashSet;

use super::super::Weight;
use super::super::edit::{Log, elements, named};
use super::PREFIX;
use crate::xml::{ElementRef, Tree, XmlId};

/// Makes masters clones with `promotable`, whatever their meta attributes say, and gives bundles'
/// `masters` its new name.
pub(super) fn masters(tree: &mut Tree, log: &mut Log) {
    for master in named(tree, "master") {
        let Some(element) = tree.element(master) else { continue };
        let id = element.id().unwrap_or_default();
        let set = format!("{PREFIX}promotable-legacy-{id}-meta_attributes");
        log.tell(Weight::Silent, element, format!("Master {id} becomes a promotable clone"));
        tree.rename(master, "clone");
        let meta =
            tree.append_with(master, "meta_attributes", &[("id", &set), ("score", "INFINITY")]);
        let pair = format!("{set}-promotable");
        tree.append_with(
            meta,
            "nvpair",
            &[("id", &pair), ("name", "promotable"), ("value", "true")],
        );
        tree.attach(master, 0, meta);
    }
    for container in elements(tree, |e| e.attr("masters").is_some()) {
        if let Some(element) = tree.element(container) {
            log.tell(Weight::Silent, element, "Renaming masters to promoted-max".to_owned());
        }
        tree.rename_attr(container, "masters", "promoted-max");
    }
}

fn is_gone(class: &str) -> bool {
    class.eq_ignore_ascii_case("nagios") || class.eq_ignore_ascii_case("upstart")
}

/// Drops resources of the classes nagios and upstart, bundles of rkt, and what has nothing else in
/// it. Returns the ids of the resources that went.
pub(super) fn drop(tree: &mut Tree, log: &mut Log) -> HashSet<String> {
    let templates = elements(tree, |e| e.name() == "template" && class(e).is_some_and(is_gone));
    let (dropped, kept): (Vec<_>, Vec<_>) = named(tree, "template")
        .into_iter()
        .filter_map(|id| tree.element(id))
        .partition(|template| templates.contains(&template.xml_id()));
    let ids = |templates: Vec<ElementRef<'_>>| -> Vec<(String, String)> {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        templates.into_iter().map(|t| (text(t.id()), text(class(t)))).collect()
    };
    let (dropped, kept) = (ids(dropped), ids(kept));
    // A primitive whose template is none goes too: no class can be said of it.
    let primitives: HashSet<XmlId> = elements(tree, |e| {
        let by_template = e.attr("template").is_some_and(|id| !kept.iter().any(|(k, _)| k == id));
        e.name() == "primitive" && (class(e).is_some_and(is_gone) || by_template)
    })
    .into_iter()
    .collect();
    let empties = |name: &str, tree: &Tree| {
        elements(tree, |e| {
            e.name() == name
                && primitives_of(e).all(|primitive| primitives.contains(&primitive.xml_id()))
        })
    };
    let groups = empties("group", tree);
    let clones = empties("clone", tree);
    let bundles = elements(tree, |e| e.name() == "bundle" && e.child("rkt").is_some());
    let mut gone = HashSet::new();
    let resources = elements(tree, |e| {
        let id = e.xml_id();
        primitives.contains(&id)
            || [&templates, &groups, &clones, &bundles].iter().any(|list| list.contains(&id))
    });
    for resource in resources {
        let Some(element) = tree.element(resource) else { continue };
        tell(element, &dropped, log);
        if element.name() != "template" {
            gone.extend(element.id().map(str::to_owned));
        }
        tree.detach(resource);
    }
    gone
}

fn class(element: ElementRef<'_>) -> Option<&str> {
    element.attr("class")
}

/// Returns the primitives that make a group or clone: of a group its own, of a clone all below.
fn primitives_of(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    let is_group = element.name() == "group";
    element.descendants().filter(move |e| {
        e.name() == "primitive"
            && (!is_group || e.parent().is_some_and(|p| p.xml_id() == element.xml_id()))
    })
}

/// Tells of a resource that goes.
fn tell(element: ElementRef<'_>, templates: &[(String, String)], log: &mut Log) {
    // What stands in something that went is told of by that.
    let top = std::iter::successors(Some(element), |e| e.parent()).last();
    if top.is_none_or(|top| top.name() != "cib") {
        return;
    }
    let id = element.id().unwrap_or_default();
    let (weight, message) = match element.name() {
        "template" => {
            let class = class(element).unwrap_or_default();
            let message =
                format!("Dropping template {id} because {class} resources are no longer supported");
            (Weight::Warning, message)
        }
        "primitive" => {
            let by_template = || {
                let template = element.attr("template")?;
                templates.iter().find(|(id, _)| id == template).map(|(_, class)| class.as_str())
            };
            let class = class(element).or_else(by_template).unwrap_or_default();
            let message =
                format!("Dropping resource {id} because {class} resources are no longer supported");
            (Weight::Warning, message)
        }
        "bundle" => {
            let message = format!(
                "Dropping bundle resource {id} because rkt containers are no longer supported"
            );
            (Weight::Warning, message)
        }
        name => (Weight::Info, format!("Dropping {name} {id} because it would become empty")),
    };
    log.tell(weight, element, message);
}
