//! Ping nodes and fencing levels.
//!
//! **Source:** pacemaker `xml/upgrade-3.10-1.xsl`, `-2.xsl`.

use super::super::Weight;
use super::super::edit::{Log, elements, is, named};
use super::PREFIX;
use crate::xml::{ElementRef, Tree};

/// Highest index of a fencing level.
const LEVEL_MAX: f64 = 9.0;

/// Drops fencing levels beyond the ninth, which were never tried.
pub(super) fn fencing_levels(tree: &mut Tree, log: &mut Log) {
    let beyond = elements(tree, |e| {
        let index = e.attr("index").and_then(|index| index.trim().parse::<f64>().ok());
        e.name() == "fencing-level" && index.is_some_and(|index| index > LEVEL_MAX)
    });
    for level in beyond {
        if let Some(element) = tree.element(level) {
            let index = element.attr("index").unwrap_or_default();
            let message = format!("Dropping fencing level with index {index}, which is above 9");
            log.tell(Weight::Silent, element, message);
        }
        tree.detach(level);
    }
}

/// Makes ping nodes members and returns their names.
pub(super) fn pings(tree: &mut Tree, log: &mut Log) -> Vec<String> {
    let mut names = Vec::new();
    for node in elements(tree, |e| is(e, "node", "type", "ping")) {
        if let Some(element) = tree.element(node) {
            let name = element.attr("uname").unwrap_or_default();
            let message = format!("Ping node {name} becomes a member without resources");
            log.tell(Weight::Silent, element, message);
            names.push(name.to_owned());
        }
        tree.set_attr(node, "type", "member");
    }
    names
}

/// Bans all resources from the nodes that were ping nodes.
pub(super) fn ban(tree: &mut Tree, nodes: &[String]) {
    for constraints in named(tree, "constraints") {
        if tree.element(constraints).and_then(ElementRef::parent).is_none() {
            continue;
        }
        for node in nodes {
            let attrs = [
                ("id", &*format!("{PREFIX}ping-node-ban-{node}")),
                ("rsc-pattern", ".*"),
                ("node", node.as_str()),
                ("score", "-INFINITY"),
                ("resource-discovery", "never"),
            ];
            tree.append_with(constraints, "rsc_location", &attrs);
        }
    }
}
