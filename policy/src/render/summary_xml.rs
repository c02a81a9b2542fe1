//! The transition summary as XML.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_output.c` (`rsc_action_item_xml()`,
//! `node_action_xml()`).

use cib_model::xml::{Tree, XmlId};

use super::element::append_all;
use super::summary::{NodeChange, is_runnable, node_changes, shows_roles};
use crate::actions::Change;
use crate::plan::Plan;

/// Adds one element for each node and resource that something happens to.
pub(super) fn changes(plan: &Plan, tree: &mut Tree, parent: XmlId) {
    for NodeChange { what, node, reason } in node_changes(plan) {
        let pairs = [("task", &*what), ("node", &*node), ("reason", reason)];
        tree.append_with(parent, "node_action", &pairs);
    }
    for change in &plan.changes {
        resource(plan, change, tree, parent);
    }
}

fn resource(plan: &Plan, change: &Change, tree: &mut Tree, parent: XmlId) {
    let action = change.kind.text().to_ascii_lowercase();
    let id = &*plan.facts.rscs[change.rsc].id;
    let mut pairs = vec![("action", Some(&*action)), ("resource", Some(id))];
    pairs.extend(place(plan, change));
    let runnable = is_runnable(plan, change);
    pairs.push(("reason", plan.actions[change.source].reason.as_deref()));
    pairs.push(("blocked", (!runnable).then_some("true")));
    append_all(tree, parent, "rsc_action", &pairs);
}

/// Returns the attributes that say where and in which role.
fn place<'a>(plan: &'a Plan, change: &Change) -> Vec<(&'static str, Option<&'a str>)> {
    let state = &plan.rscs[change.rsc];
    let (role, next_role) = (state.orig_role.text(), state.next_role.text());
    let name = |node| &*plan.facts.nodes[node].name;
    let same_role = state.orig_role == state.next_role;
    let same_node = change.origin == change.destination;
    let (from, to) = (change.origin.map(name), change.destination.map(name));
    let role = ("role", Some(role));
    let next_role = ("next-role", Some(next_role));
    let (source, dest) = (("source", from), ("dest", to));
    match (from, to, shows_roles(plan, change)) {
        (None, _, true) => vec![role, next_role, dest],
        (None, _, false) => vec![("node", to)],
        (Some(_), None, true) => vec![role, ("node", from)],
        (Some(_), None, false) => vec![("node", from)],
        (Some(_), Some(_), true) if same_role && same_node => vec![role, source],
        (Some(_), Some(_), false) if same_role && same_node => vec![source],
        (Some(_), Some(_), true) if same_role => vec![source, dest, role],
        (Some(_), Some(_), false) if same_role => vec![source, dest],
        (Some(_), Some(_), _) if same_node => vec![role, next_role, source],
        (Some(_), Some(_), _) => vec![role, source, next_role, dest],
    }
}
