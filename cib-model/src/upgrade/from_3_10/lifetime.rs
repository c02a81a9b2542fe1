//! Lifetimes of constraints: of a location's they become part of its rule, others are dropped.
//!
//! **Source:** pacemaker `xml/upgrade-3.10-3.xsl`.

use std::collections::HashSet;

use super::super::Weight;
use super::super::edit::{Log, copy, count, elements, move_to, named, replace_attrs};
use super::PREFIX;
use super::references::is_original;
use crate::xml::{ElementRef, Tree, XmlId};

pub(super) fn unfold(tree: &mut Tree, log: &mut Log) {
    let live = still_referred_to(tree);
    for location in elements(tree, |e| e.name() == "rsc_location" && e.child("lifetime").is_some())
    {
        if let Some(element) = tree.element(location) {
            let id = element.id().unwrap_or_default();
            let message = format!("Lifetime of location {id} becomes part of its rule");
            log.tell(Weight::Silent, element, message);
        }
        nest(tree, location);
    }
    keep_rules(tree, &live);
    for lifetime in elements(tree, is_dropped) {
        let Some(element) = tree.element(lifetime) else { continue };
        let id = element.parent().and_then(ElementRef::id).unwrap_or_default();
        let message = format!(
            "Dropping lifetime element from constraint {id} because lifetime elements are no \
             longer supported. Any rules contained there will no longer apply to the constraint"
        );
        log.tell(Weight::Warning, element, message);
        tree.detach(lifetime);
    }
}

fn is_dropped(element: ElementRef<'_>) -> bool {
    element.name() == "lifetime"
        && element.parent().is_some_and(|p| matches!(p.name(), "rsc_colocation" | "rsc_order"))
}

/// Returns the rules, defined in lifetimes that are about to go, that something else refers to.
fn still_referred_to(tree: &Tree) -> Vec<XmlId> {
    let rules: Vec<ElementRef<'_>> =
        tree.root().descendants().filter(|e| e.name() == "rule").collect();
    let is_live = |rule: ElementRef<'_>| {
        let same = rules.iter().filter(|other| other.attr("id") == rule.attr("id"));
        let mut count = 0;
        let mut lifetimes = HashSet::new();
        for other in same {
            count += 1;
            let around = std::iter::successors(other.parent(), |e| e.parent());
            lifetimes.extend(around.filter(|e| is_dropped(*e)).map(ElementRef::xml_id));
        }
        lifetimes.len() != count
    };
    let constraints = tree.root().descendants().filter(|e| e.name() == "constraints");
    constraints
        .flat_map(ElementRef::children)
        .filter(|e| matches!(e.name(), "rsc_colocation" | "rsc_order"))
        .flat_map(|constraint| constraint.children_named("lifetime"))
        .flat_map(|lifetime| lifetime.children_named("rule"))
        .filter(|rule| is_original(*rule) && is_live(*rule))
        .map(ElementRef::xml_id)
        .collect()
}

/// Keeps rules that something refers to in a location that applies to no resource.
fn keep_rules(tree: &mut Tree, rules: &[XmlId]) {
    let id = format!("{PREFIX}coloc-order-lifetime-rules");
    let Some(constraints) = named(tree, "constraints").first().copied() else { return };
    if rules.is_empty() {
        return;
    }
    // No text has a character before its beginning.
    let nothing = [("id", id.as_str()), ("rsc-pattern", "a^")];
    let location = tree.append_with(constraints, "rsc_location", &nothing);
    let top = [("id", &*format!("{id}-rule")), ("score", "-INFINITY")];
    let top = tree.append_with(location, "rule", &top);
    for rule in rules {
        let at = count(tree, top);
        copy(tree, top, at, *rule);
    }
}

/// Joins what decides of a location and its lifetime by `and`.
fn nest(tree: &mut Tree, location: XmlId) {
    let Some(element) = tree.element(location) else { return };
    let id = element.id().unwrap_or_default().to_owned();
    let attr = |name: &str| element.attr(name).map(str::to_owned);
    let (node, score) = (attr("node"), attr("score"));
    let attrs = element
        .attrs()
        .filter(|(name, _)| !matches!(*name, "node" | "score"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let of_name = |name: &str| -> Vec<XmlId> {
        element.children_named(name).map(ElementRef::xml_id).collect()
    };
    let (rules, lifetimes) = (of_name("rule"), of_name("lifetime"));
    replace_attrs(tree, location, attrs);
    let top = [("id", &*format!("{PREFIX}{id}-lifetime-and-rule")), ("boolean-op", "and")];
    let top = tree.append_with(location, "rule", &top);
    if rules.is_empty() {
        node_rule(tree, top, &id, &node.unwrap_or_default(), score.as_deref());
    }
    for rule in rules {
        move_to(tree, top, rule);
    }
    for lifetime in lifetimes {
        let rules: Vec<XmlId> = tree
            .element(lifetime)
            .into_iter()
            .flat_map(|lifetime| lifetime.children_named("rule"))
            .map(ElementRef::xml_id)
            .collect();
        let target = if rules.len() > 1 {
            let or = [("id", &*format!("{PREFIX}{id}-lifetime-or-rule")), ("boolean-op", "or")];
            tree.append_with(top, "rule", &or)
        } else {
            top
        };
        for rule in rules {
            move_to(tree, target, rule);
        }
        tree.detach(lifetime);
    }
}

/// Says by a rule what a location's node and score say.
fn node_rule(tree: &mut Tree, parent: XmlId, location: &str, node: &str, score: Option<&str>) {
    let id = format!("{PREFIX}{location}-node-score-rule");
    let rule = tree.append_with(parent, "rule", &[("id", &id)]);
    if let Some(score) = score {
        tree.set_attr(rule, "score", score);
    }
    let expression = [
        ("id", &*format!("{id}-expr")),
        ("attribute", "#uname"),
        ("operation", "eq"),
        ("value", node),
    ];
    tree.append_with(rule, "expression", &expression);
}
