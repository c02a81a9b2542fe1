//! Sets of name-value pairs: in the order in which they count, each option said once, options
//! renamed and dropped.
//!
//! **Source:** pacemaker `xml/upgrade-3.10-1.xsl`, `-2.xsl`, `-4.xsl`.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::super::Weight;
use super::super::edit::{Log, children, elements, is, named};
use crate::xml::{ElementRef, Tree, XmlId};

const UNSET: &str = "#default";

fn is_set(element: ElementRef<'_>) -> bool {
    matches!(
        element.name(),
        "cluster_property_set" | "instance_attributes" | "meta_attributes" | "utilization"
    )
}

/// Where a set stands among those beside it. What counts first comes first.
#[derive(PartialEq, PartialOrd)]
struct Rank {
    /// Everything before the score: 0 the cluster's first options, 1 infinite, 2 positive, 3 zero or
    /// none, 4 negative, 5 minus infinity, 6 what is no number.
    class: u8,
    score: f64,
}

impl Rank {
    fn of(set: ElementRef<'_>) -> Rank {
        let first = is(set, "cluster_property_set", "id", "cib-bootstrap-options");
        let Some(score) = set.attr("score") else {
            return Rank { class: if first { 0 } else { 3 }, score: 0.0 };
        };
        let number = score.trim().parse::<i64>().ok().filter(|_| !score.contains('+'));
        #[expect(clippy::cast_precision_loss, reason = "XPath compares numbers as doubles")]
        let number = number.map(|number| number as f64);
        let class = match (score, number) {
            _ if first => 0,
            ("INFINITY" | "+INFINITY", _) => 1,
            (_, Some(n)) if n > 0.0 => 2,
            (_, Some(n)) if n < 0.0 => 4,
            (_, Some(_)) => 3,
            ("-INFINITY", None) => 5,
            _ => 6,
        };
        Rank { class, score: -number.filter(|_| matches!(class, 2 | 4)).unwrap_or(0.0) }
    }
}

/// Puts the sets of every element behind its other children, those with the highest score first.
pub(super) fn sort(tree: &mut Tree) {
    for parent in elements(tree, |e| e.children().any(is_set)) {
        let (mut sets, mut sorted): (Vec<XmlId>, Vec<XmlId>) = children(tree, parent)
            .into_iter()
            .partition(|child| tree.element(*child).is_some_and(is_set));
        let rank = |set: &XmlId| tree.element(*set).map(Rank::of);
        sets.sort_by(|a, b| rank(a).partial_cmp(&rank(b)).unwrap_or(Ordering::Equal));
        sorted.extend(sets);
        tree.set_children(parent, sorted);
    }
}

/// Renames options of the cluster, and drops those that have no value or no effect.
pub(super) fn options(tree: &mut Tree, log: &mut Log) {
    for pair in elements(tree, |e| e.name() == "nvpair" && e.attr("value").is_none()) {
        drop(tree, pair, Weight::Silent, |id| format!("Dropping nvpair {id} without a value"), log);
    }
    for spec in elements(tree, |e| e.name() == "date_spec" && e.attr("moon").is_some()) {
        if let Some(element) = tree.element(spec) {
            let message = format!(
                "Dropping moon attribute from date spec {} because moon phase is no longer \
                 supported",
                element.id().unwrap_or_default()
            );
            log.tell(Weight::Warning, element, message);
        }
        tree.remove_attr(spec, "moon");
    }
    for pair in elements(tree, |e| {
        e.name() == "nvpair" && e.parent().is_some_and(|p| p.name() == "cluster_property_set")
    }) {
        option(tree, pair, log);
    }
}

fn option(tree: &mut Tree, pair: XmlId, log: &mut Log) {
    let Some(element) = tree.element(pair) else { return };
    let new_name = match element.attr("name") {
        Some("crmd-finalization-timeout") => "join-finalization-timeout",
        Some("crmd-integration-timeout") => "join-integration-timeout",
        Some("crmd-transition-delay") => "transition-delay",
        Some("remove-after-stop") => {
            let why = "because the remove-after-stop property is unsupported";
            drop(tree, pair, Weight::Warning, |id| format!("Dropping nvpair {id} {why}"), log);
            return;
        }
        Some("stonith-action") if element.attr("value") == Some("poweroff") => {
            let message = "Setting stonith-action to off, which poweroff means".to_owned();
            log.tell(Weight::Silent, element, message);
            tree.set_attr(pair, "value", "off");
            return;
        }
        _ => return,
    };
    let message = format!("Renaming {} to {new_name}", element.attr("name").unwrap_or_default());
    log.tell(Weight::Silent, element, message);
    tree.set_attr(pair, "name", new_name);
}

/// Takes an element out and tells so.
fn drop(
    tree: &mut Tree,
    element: XmlId,
    weight: Weight,
    message: impl Fn(&str) -> String,
    log: &mut Log,
) {
    if let Some(element) = tree.element(element) {
        log.tell(weight, element, message(element.id().unwrap_or_default()));
    }
    tree.detach(element);
}

/// Drops what a set says of an option besides what counts: the first value, the first after the
/// last `#default` where there is one.
pub(super) fn said_twice(tree: &mut Tree, log: &mut Log) {
    let mut gone = Vec::new();
    for set in elements(tree, |e| e.child("nvpair").is_some()) {
        let Some(element) = tree.element(set) else { continue };
        let mut by_name: HashMap<&str, Vec<ElementRef<'_>>> = HashMap::new();
        for said in element.children() {
            by_name.entry(said.attr("name").unwrap_or_default()).or_default().push(said);
        }
        let overruled: HashSet<XmlId> = by_name.values().flat_map(|said| overruled(said)).collect();
        let pairs = element.children().map(ElementRef::xml_id);
        gone.extend(pairs.filter(|pair| overruled.contains(pair)));
    }
    for pair in gone {
        let message = |id: &str| format!("Dropping nvpair {id}, which another overrules");
        drop(tree, pair, Weight::Silent, message, log);
    }
}

/// Returns the pairs that do not count of what a set says of one option, which stand in order.
fn overruled(said: &[ElementRef<'_>]) -> Vec<XmlId> {
    let is_unset = |e: &ElementRef<'_>| e.attr("value") == Some(UNSET);
    let is_pair = |e: &ElementRef<'_>| e.name() == "nvpair";
    let last_unset = said.iter().rposition(|e| is_pair(e) && is_unset(e));
    let mut before: Option<&ElementRef<'_>> = None;
    let mut found = Vec::new();
    for (at, pair) in said.iter().enumerate().filter(|(_, e)| is_pair(e)) {
        let is_overruled = if is_unset(pair) {
            at + 1 < said.len()
        } else {
            last_unset.is_some_and(|last| last > at) || before.is_some_and(|e| !is_unset(e))
        };
        let has_value = pair.attr("name").is_some() && pair.attr("value").is_some();
        found.extend((is_overruled && has_value).then(|| pair.xml_id()));
        before = Some(pair);
    }
    found
}

/// Drops options of resources and operations that have no effect any more.
pub(super) fn dropped_options(tree: &mut Tree, log: &mut Log) {
    for pair in named(tree, "nvpair") {
        let Some(element) = tree.element(pair) else { continue };
        let Some(set) = element.parent().filter(|set| set.name() == "meta_attributes") else {
            continue;
        };
        let owner = set.parent().map(ElementRef::name).unwrap_or_default();
        let name = element.attr("name").unwrap_or_default();
        let (is_gone, instead) = match owner {
            "template" | "primitive" | "group" | "clone" | "bundle" | "rsc_defaults" => {
                (name == "restart-type", "\"kind\" attribute for relevant constraints")
            }
            "op" | "op_defaults" => (
                matches!(name, "can_fail" | "role_after_failure"),
                "\"on-fail\" operation attribute instead",
            ),
            _ => continue,
        };
        if is_gone {
            let message = format!(
                "Dropping {name} meta-attribute from {} because it is no longer supported. \
                 Consider setting the {instead}",
                set.id().unwrap_or_default()
            );
            log.tell(Weight::Warning, element, message);
            tree.detach(pair);
        }
    }
}
