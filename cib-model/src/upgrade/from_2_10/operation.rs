//! Operations of primitives and templates: `requires` moves up to the resource's meta attributes
//! (of `start` and `promote`) or goes; what was a parameter and is an option of the operation moves to
//! its meta attributes.
//!
//! **Source:** pacemaker `xml/upgrade-2.10-1.xsl`.

use super::super::edit::{Log, copy, count, is_without_rule, move_to};
use super::simple::tell;
use super::tables::{OPERATION, OPERATION_PARAMETERS, Replacement, Table};
use crate::xml::{ElementRef, Tree, XmlId};

const REQUIRES: &str = "requires";
const META: &str = "meta_attributes";
const PARAMETERS: &str = "instance_attributes";

/// What moves from operations to their resource.
pub(super) struct Raised {
    /// The attribute `requires`: the operation's id and the value.
    attribute: Option<(String, String)>,
    /// Sets with `requires` in them: the set as it was, to be made one of the resource.
    sets: Vec<RaisedSet>,
    /// The operations that have the attribute.
    told: Vec<XmlId>,
}

struct RaisedSet {
    attrs: Vec<(String, String)>,
    rules: Vec<XmlId>,
    pairs: Vec<XmlId>,
}

fn name_of(element: ElementRef<'_>) -> &str {
    element.attr("name").unwrap_or_default()
}

fn counts(operation: ElementRef<'_>) -> bool {
    OPERATION.find(REQUIRES, name_of(operation)).is_some_and(|done| done.with.is_some())
}

fn operations_of(resource: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    resource.children_named("operations").flat_map(|o| o.children_named("op")).collect()
}

fn pairs_named<'a>(set: ElementRef<'a>, name: &str) -> Vec<ElementRef<'a>> {
    set.children_named("nvpair").filter(|pair| pair.attr("name") == Some(name)).collect()
}

/// Returns true where a resource's meta attributes, rules aside, have such an option.
fn has_meta(resource: ElementRef<'_>, name: &str) -> bool {
    resource
        .children_named(META)
        .any(|set| is_without_rule(set) && !pairs_named(set, name).is_empty())
}

/// Returns what moves from a resource's operations to itself, looking at them as they stand.
///
/// An attribute counts before what is in sets, meta attributes before parameters, what stands later
/// before what stands earlier; what the resource says itself before all.
pub(super) fn raised(tree: &Tree, resource: XmlId) -> Raised {
    let mut raised = Raised { attribute: None, sets: Vec::new(), told: Vec::new() };
    let Some(element) = tree.element(resource) else { return raised };
    let operations = operations_of(element);
    raised.told =
        operations.iter().filter(|op| op.attr(REQUIRES).is_some()).map(|op| op.xml_id()).collect();
    if has_meta(element, REQUIRES) {
        return raised;
    }
    raised.attribute = operations.iter().rev().filter(|op| counts(**op)).find_map(|op| {
        Some((op.id().unwrap_or_default().to_owned(), op.attr(REQUIRES)?.to_owned()))
    });
    if raised.attribute.is_some() {
        return raised;
    }
    let sets: Vec<ElementRef<'_>> = operations
        .iter()
        .filter(|op| counts(**op))
        .flat_map(|op| op.children())
        .filter(|set| [META, PARAMETERS].contains(&set.name()))
        .filter(|set| !pairs_named(*set, REQUIRES).is_empty())
        .collect();
    for (at, set) in sets.iter().enumerate() {
        let later = sets.get(at + 1..).unwrap_or_default();
        let is_said = |sets: &[ElementRef<'_>], name: &str| {
            sets.iter().any(|set| set.name() == name && is_without_rule(*set))
        };
        let gives_way = match set.name() {
            META => is_said(later, META),
            _ => is_said(&sets, META) || is_said(later, PARAMETERS),
        };
        if !gives_way {
            raised.sets.push(RaisedSet::of(*set));
        }
    }
    raised
}

impl RaisedSet {
    fn of(set: ElementRef<'_>) -> RaisedSet {
        let mut attrs: Vec<(String, String)> = set
            .attrs()
            .filter(|(name, _)| *name != "id")
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        attrs.push(("id".to_owned(), format!("_2TO3_{}", set.id().unwrap_or_default())));
        RaisedSet {
            attrs,
            rules: set
                .children()
                .filter(|c| c.name() != "nvpair")
                .map(ElementRef::xml_id)
                .collect(),
            pairs: pairs_named(set, REQUIRES).into_iter().map(ElementRef::xml_id).collect(),
        }
    }
}

/// Makes what moves part of the resource, at its end.
pub(super) fn raise(tree: &mut Tree, resource: XmlId, raised: Raised, log: &mut Log) {
    let id = tree.element(resource).and_then(ElementRef::id).unwrap_or_default().to_owned();
    for operation in raised.told {
        let Some(element) = tree.element(operation) else { continue };
        let context = format!("{} (rsc={id})", element.id().unwrap_or_default());
        if let Some(done) = OPERATION.find(REQUIRES, name_of(element)) {
            tell(log, &OPERATION, element, &context, done);
        }
    }
    if let Some((operation, value)) = raised.attribute {
        let set = tree.append_with(resource, META, &[("id", &format!("_2TO3_{id}-meta"))]);
        let pair = format!("_2TO3_{operation}-meta-{REQUIRES}");
        tree.append_with(set, "nvpair", &[("id", &pair), ("name", REQUIRES), ("value", &value)]);
    }
    for set in raised.sets {
        append_set(tree, resource, set);
    }
}

/// Appends a set of copied rules and moved pairs.
fn append_set(tree: &mut Tree, parent: XmlId, set: RaisedSet) {
    let made = tree.append(parent, META);
    for (name, value) in set.attrs {
        tree.set_attr(made, name, value);
    }
    for rule in set.rules {
        let at = count(tree, made);
        copy(tree, made, at, rule);
    }
    for pair in set.pairs {
        move_to(tree, made, pair);
    }
}

/// Rewrites the operations of a resource.
pub(super) fn operations(tree: &mut Tree, operations: XmlId, log: &mut Log) {
    let Some(element) = tree.element(operations) else { return };
    for operation in element.children_named("op").map(ElementRef::xml_id).collect::<Vec<_>>() {
        one(tree, operation, log);
    }
}

fn one(tree: &mut Tree, operation: XmlId, log: &mut Log) {
    let Some(element) = tree.element(operation) else { return };
    tell_of_sets(log, element);
    let (moved, from_rules) = moved_parameters(element);
    let made_id = format!("_2TO3_{}-meta", element.id().unwrap_or_default());
    let target = element.children_named(META).find(|set| is_without_rule(*set));
    let target = target.map(ElementRef::xml_id);
    let sets: Vec<XmlId> =
        element.children().filter(|set| is_set(*set)).map(ElementRef::xml_id).collect();
    for set in sets {
        strip(tree, set, target == Some(set) && !moved.is_empty());
    }
    tree.remove_attr(operation, REQUIRES);
    if !moved.is_empty() {
        let target =
            target.unwrap_or_else(|| tree.append_with(operation, META, &[("id", &made_id)]));
        for pair in moved {
            move_to(tree, target, pair);
        }
    }
    for set in from_rules {
        append_set(tree, operation, set);
    }
}

fn is_set(element: ElementRef<'_>) -> bool {
    [META, PARAMETERS].contains(&element.name())
}

/// Returns what becomes of a pair in an operation's set.
fn replacement(set: ElementRef<'_>, pair: ElementRef<'_>) -> Option<&'static Replacement> {
    let operation = set.parent().map(name_of).unwrap_or_default();
    table(set).find(pair.attr("name")?, operation)
}

fn table(set: ElementRef<'_>) -> &'static Table {
    if set.name() == META { &OPERATION } else { &OPERATION_PARAMETERS }
}

/// Tells of the sets: parameters without rules, meta attributes, parameters with rules.
fn tell_of_sets(log: &mut Log, operation: ElementRef<'_>) {
    let parameters = || operation.children_named(PARAMETERS);
    let plain = parameters().filter(|set| is_without_rule(*set));
    let ruled = parameters().filter(|set| !is_without_rule(*set));
    let resource = operation.parent().and_then(ElementRef::parent).and_then(ElementRef::id);
    for set in plain.chain(operation.children_named(META)).chain(ruled) {
        let context = format!(
            "{} (rsc={}, meta={})",
            operation.id().unwrap_or_default(),
            resource.unwrap_or_default(),
            set.id().unwrap_or_default()
        );
        for pair in set.children_named("nvpair") {
            if let Some(done) = replacement(set, pair) {
                tell(log, table(set), pair, &context, done);
            }
        }
    }
}

/// Returns the parameters that move to the operation's meta attributes: those of sets without
/// rules, and those of sets with rules, set by set. What a later set without rules says, or the
/// resource's meta attributes, does not move.
fn moved_parameters(operation: ElementRef<'_>) -> (Vec<XmlId>, Vec<RaisedSet>) {
    let resource = operation.parent().and_then(ElementRef::parent);
    let sets: Vec<ElementRef<'_>> = operation.children_named(PARAMETERS).collect();
    let mut moved = Vec::new();
    let mut from_rules = Vec::new();
    for (at, set) in sets.iter().enumerate() {
        let later = sets.get(at + 1..).unwrap_or_default();
        let is_said = |name: &str| {
            later.iter().any(|set| is_without_rule(*set) && !pairs_named(*set, name).is_empty())
                || resource.is_some_and(|resource| has_meta(resource, name))
        };
        let pairs: Vec<XmlId> = set
            .children_named("nvpair")
            .filter_map(|pair| Some((pair, replacement(*set, pair)?)))
            .filter(|(_, done)| done.place == Some(META) && !is_said(done.what))
            .map(|(pair, _)| pair.xml_id())
            .collect();
        if is_without_rule(*set) {
            moved.extend(pairs);
        } else if !pairs.is_empty() {
            from_rules.push(RaisedSet { pairs, ..RaisedSet::of(*set) });
        }
    }
    (moved, from_rules)
}

/// Takes out of a set what does not stay in it. A set that has nothing left, and will get nothing,
/// goes.
fn strip(tree: &mut Tree, set: XmlId, takes_more: bool) {
    let Some(element) = tree.element(set) else { return };
    let pairs: Vec<(XmlId, bool)> = element
        .children_named("nvpair")
        .map(|pair| (pair.xml_id(), replacement(element, pair).is_some()))
        .collect();
    if pairs.iter().all(|(_, goes)| *goes) && !takes_more {
        tree.detach(set);
    }
    for (pair, goes) in pairs {
        if goes {
            tree.detach(pair);
        }
    }
}
