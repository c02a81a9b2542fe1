//! Transient node attributes: where they stand in the status section and how they change.
//!
//! Every member executes the same updates in the same order, so there is no writer to elect and
//! an increment cannot be lost.
//!
//! **Source:** pacemaker `daemons/attrd/attrd_attributes.c`, `attrd_expand_value()`.
//! **Differs:** held in the CIB alone; dampening is the caller's.

use cib_model::xml::{Tree, XmlId};
use serde::{Deserialize, Serialize};

use crate::group::NodeId;
use crate::status::{ensure_child, ensure_node_state, node_state, set_attr};

/// Largest score; greater sums are cut to it.
const INFINITY: i64 = 1_000_000;

/// One change of a transient attribute.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AttributeUpdate {
    /// The attribute.
    pub name: String,
    /// What becomes of it.
    pub value: AttributeValue,
}

/// What becomes of a transient attribute.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeValue {
    /// Takes this value.
    Set(String),
    /// Grows by this much from its value, or from 0; scores saturate at INFINITY.
    Add(i32),
    /// Goes away.
    Delete,
    /// All attributes whose names begin with `name` go away.
    DeletePrefix,
}

/// Returns the id of the `<nvpair>` that holds attribute `name` of `node`.
///
/// Characters that an XML id must not hold become `.`.
pub fn nvpair_id(node: NodeId, name: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name: String = name.chars().map(|c| if allowed(c) { c } else { '.' }).collect();
    format!("status-{node}-{name}")
}

/// Returns the value of a transient attribute.
pub fn value<'a>(cib: &'a Tree, node: NodeId, name: &str) -> Option<&'a str> {
    all(cib, node).find(|(n, _)| *n == name).map(|(_, v)| v)
}

/// Returns all transient attributes of a node with their values, in document order.
pub fn all(cib: &Tree, node: NodeId) -> impl Iterator<Item = (&str, &str)> {
    node_state(cib, node)
        .and_then(|state| state.child("transient_attributes"))
        .into_iter()
        .flat_map(|t| t.children_named("instance_attributes"))
        .flat_map(|set| set.children_named("nvpair"))
        .filter_map(|pair| Some((pair.attr("name")?, pair.attr("value")?)))
}

/// Executes updates in order and returns the names that changed.
pub(crate) fn apply(cib: &mut Tree, node: NodeId, updates: &[AttributeUpdate]) -> Vec<String> {
    let mut changed = Vec::new();
    for update in updates {
        match &update.value {
            AttributeValue::Set(new) => set(cib, node, &update.name, new, &mut changed),
            AttributeValue::Add(step) => {
                let sum = score(value(cib, node, &update.name)).saturating_add(i64::from(*step));
                let sum = sum.clamp(-INFINITY, INFINITY).to_string();
                set(cib, node, &update.name, &sum, &mut changed);
            }
            AttributeValue::Delete => remove(cib, node, |name| name == update.name, &mut changed),
            AttributeValue::DeletePrefix => {
                remove(cib, node, |name| name.starts_with(&update.name), &mut changed);
            }
        }
    }
    changed
}

/// Reads a score as Pacemaker does: anything that is no number counts as 0.
fn score(text: Option<&str>) -> i64 {
    match text {
        Some("INFINITY" | "+INFINITY") => INFINITY,
        Some("-INFINITY") => -INFINITY,
        Some(text) => text.parse().unwrap_or(0).clamp(-INFINITY, INFINITY),
        None => 0,
    }
}

fn set(cib: &mut Tree, node: NodeId, name: &str, value: &str, changed: &mut Vec<String>) {
    let state = ensure_node_state(cib, node);
    let transient = ensure_child(cib, state, "transient_attributes", Some(&node.to_string()));
    let id = format!("status-{node}");
    let set = ensure_child(cib, transient, "instance_attributes", Some(&id));
    let found = cib
        .element(set)
        .and_then(|s| s.children_named("nvpair").find(|p| p.attr("name") == Some(name)))
        .map(cib_model::xml::ElementRef::xml_id);
    let pair = found.unwrap_or_else(|| {
        let pair = cib.append(set, "nvpair");
        cib.set_attr(pair, "id", nvpair_id(node, name));
        cib.set_attr(pair, "name", name);
        pair
    });
    if set_attr(cib, pair, "value", value) {
        changed.push(name.to_owned());
    }
}

fn remove(cib: &mut Tree, node: NodeId, matches: impl Fn(&str) -> bool, changed: &mut Vec<String>) {
    let found: Vec<(XmlId, String)> = node_state(cib, node)
        .and_then(|state| state.child("transient_attributes"))
        .into_iter()
        .flat_map(|t| t.children_named("instance_attributes"))
        .flat_map(|set| set.children_named("nvpair"))
        .filter_map(|pair| Some((pair.xml_id(), pair.attr("name")?.to_owned())))
        .filter(|(_, name)| matches(name))
        .collect();
    for (id, name) in found {
        cib.detach(id);
        changed.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cib_model::xml::read;

    fn update(name: &str, value: AttributeValue) -> AttributeUpdate {
        AttributeUpdate { name: name.to_owned(), value }
    }

    #[test]
    fn fail_counts_grow_saturate_and_are_cleared_by_prefix() {
        let mut cib = read("<cib><status/></cib>").unwrap();
        let name = "fail-count-L1#monitor_5000";
        for _ in 0..2 {
            apply(&mut cib, 2, &[update(name, AttributeValue::Add(1))]);
        }
        assert_eq!(value(&cib, 2, name), Some("2"));
        assert_eq!(nvpair_id(2, name), "status-2-fail-count-L1.monitor_5000");
        let set = AttributeValue::Set("INFINITY".to_owned());
        apply(&mut cib, 2, &[update(name, set), update(name, AttributeValue::Add(1))]);
        assert_eq!(value(&cib, 2, name), Some("1000000"));
        let gone = apply(&mut cib, 2, &[update("fail-count-L1#", AttributeValue::DeletePrefix)]);
        assert_eq!(gone, [name]);
        assert_eq!(value(&cib, 2, name), None);
    }

    #[test]
    fn an_equal_value_is_no_change() {
        let mut cib = read("<cib><status/></cib>").unwrap();
        let one = [update("shutdown", AttributeValue::Set("1".to_owned()))];
        assert_eq!(apply(&mut cib, 1, &one), ["shutdown"]);
        assert!(apply(&mut cib, 1, &one).is_empty());
    }
}
