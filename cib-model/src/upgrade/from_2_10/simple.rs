//! Nodes, colocations and the options of the cluster, some of which become defaults of resources
//! and operations.
//!
//! **Source:** pacemaker `xml/upgrade-2.10-1.xsl`.

use super::super::edit::{Log, is_without_rule, move_to, named};
use super::tables::{CLUSTER_OPTIONS, COLOCATION, NODE, Replacement, Table};
use crate::xml::{ElementRef, Tree, XmlId};

/// Tells of a replacement.
pub(super) fn tell(
    log: &mut Log,
    table: &Table,
    element: ElementRef<'_>,
    context: &str,
    done: &Replacement,
) {
    let (weight, lines) = table.sentences(context, done);
    for line in lines {
        log.tell(weight, element, line);
    }
}

/// Returns what becomes of a name-value pair, by its value.
pub(super) fn replacement(table: &Table, pair: ElementRef<'_>) -> Option<&'static Replacement> {
    if pair.name() != "nvpair" {
        return None;
    }
    table.find(pair.attr("name")?, pair.attr("value").unwrap_or_default())
}

/// Gives a pair its new name and value.
pub(super) fn rewrite(tree: &mut Tree, pair: XmlId, done: &Replacement) {
    let Some(with) = done.with else { return };
    let value = tree.element(pair).and_then(|e| e.attr("value"));
    let value = value.map(|value| done.new_value(value).to_owned());
    tree.set_attr(pair, "name", with);
    if let Some(value) = value {
        tree.set_attr(pair, "value", value);
    }
}

/// Name-value pairs, each with what becomes of it.
type Pairs = Vec<(XmlId, Option<&'static Replacement>)>;

/// Returns the pairs of a set, and tells what becomes of each in the context it has.
pub(super) fn judge<'a>(
    set: ElementRef<'a>,
    table: &Table,
    context: impl Fn(ElementRef<'a>) -> &'a str,
    log: &mut Log,
) -> Pairs {
    let mut pairs = Pairs::new();
    for pair in set.children_named("nvpair") {
        let done = replacement(table, pair);
        if let Some(done) = done {
            tell(log, table, pair, context(pair), done);
        }
        pairs.push((pair.xml_id(), done));
    }
    pairs
}

/// Rewrites the pairs of a set. A set that has none left goes.
pub(super) fn rewrite_set(tree: &mut Tree, set: XmlId, table: &Table, log: &mut Log) {
    let Some(element) = tree.element(set) else { return };
    let pairs = judge(element, table, |pair| pair.id().unwrap_or_default(), log);
    if pairs.iter().all(|(_, done)| done.is_some_and(Replacement::takes_away)) {
        tree.detach(set);
    }
    for (pair, done) in pairs {
        match done {
            None => {}
            Some(done) if done.takes_away() => tree.detach(pair),
            Some(done) => rewrite(tree, pair, done),
        }
    }
}

pub(super) fn nodes(tree: &mut Tree, log: &mut Log) {
    for node in named(tree, "node") {
        let Some(element) = tree.element(node) else { continue };
        let Some(done) = element.attr("type").and_then(|kind| NODE.find("type", kind)) else {
            continue;
        };
        let name = element.attr("uname").unwrap_or_default();
        let context = format!("{name} (id={})", element.id().unwrap_or_default());
        tell(log, &NODE, element, &context, done);
        tree.set_attr(node, "type", done.value.unwrap_or_default());
    }
}

pub(super) fn colocations(tree: &mut Tree, log: &mut Log) {
    for colocation in named(tree, "rsc_colocation") {
        let Some(element) = tree.element(colocation) else { continue };
        let context = element.id().unwrap_or_default();
        let mut gone = Vec::new();
        for (name, _) in element.attrs() {
            if let Some(done) = COLOCATION.find(name, "") {
                tell(log, &COLOCATION, element, context, done);
                gone.push(name.to_owned());
            }
        }
        for name in gone {
            tree.remove_attr(colocation, &name);
        }
    }
}

/// Rewrites the sets of cluster options. A set that loses all its options goes.
pub(super) fn cluster_options(tree: &mut Tree, log: &mut Log) {
    let places = ["op_defaults", "rsc_defaults"].map(|place| (place, defaults(tree, place)));
    for set in named(tree, "cluster_property_set") {
        rewrite_set(tree, set, &CLUSTER_OPTIONS, log);
    }
    for (place, moved) in places {
        if let Some(set) = moved.first().and_then(|_| set_of_defaults(tree, place)) {
            for (pair, done) in moved {
                move_to(tree, set, pair);
                rewrite(tree, pair, done);
            }
        }
    }
}

fn configuration(tree: &Tree) -> Option<ElementRef<'_>> {
    tree.root().child("configuration")
}

fn sets_without_rule<'a>(element: ElementRef<'a>, name: &str) -> Vec<ElementRef<'a>> {
    element.children_named(name).filter(|set| is_without_rule(*set)).collect()
}

/// Returns the options that become defaults in this place, unless they are set there.
///
/// COMPAT(pacemaker, upgrade-2.10-1.xsl): those of sets with rules go without a trace.
fn defaults(tree: &Tree, place: &str) -> Vec<(XmlId, &'static Replacement)> {
    let Some(configuration) = configuration(tree) else { return Vec::new() };
    let there: Vec<&str> = configuration
        .children_named(place)
        .flat_map(|defaults| sets_without_rule(defaults, "meta_attributes"))
        .flat_map(ElementRef::children)
        .filter(|pair| pair.name() == "nvpair")
        .filter_map(|pair| pair.attr("name"))
        .collect();
    configuration
        .children_named("crm_config")
        .flat_map(|options| sets_without_rule(options, "cluster_property_set"))
        .flat_map(ElementRef::children)
        .filter_map(|pair| Some((pair.xml_id(), replacement(&CLUSTER_OPTIONS, pair)?)))
        .filter(|(_, done)| done.place == Some(place))
        .filter(|(_, done)| done.with.is_some_and(|with| !there.contains(&with)))
        .collect()
}

/// Returns the set that options of the cluster move to, making it where there is nothing yet.
///
/// COMPAT(pacemaker, upgrade-2.10-1.xsl): where there are defaults, but only with rules or empty,
/// the options go.
fn set_of_defaults(tree: &mut Tree, place: &'static str) -> Option<XmlId> {
    let configuration = configuration(tree)?;
    if let Some(defaults) = configuration.child(place) {
        let sets = sets_without_rule(defaults, "meta_attributes");
        return sets.first().map(|set| set.xml_id());
    }
    let configuration = configuration.xml_id();
    let defaults = tree.append(configuration, place);
    let id = format!("_2TO3_-{}", place.replace('_', "-"));
    Some(tree.append_with(defaults, "meta_attributes", &[("id", &id)]))
}
