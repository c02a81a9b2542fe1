//! The list of nodes, with their resources below them where that is wanted.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c`: `node_list_text()`, `node_text()`,
//! `pe__node_display_name()`, `get_node_feature_set()`.

use policy::ClusterStatus;
use policy::index::NodeIdx;
use policy::render::node_list::{NodeLists, is_shown_alone};
use policy::scores::health;

use super::Shown;
use super::brief;
use super::filter::Filter;
use super::resource_list::{Lister, item};

/// Returns the section; empty where no node is to be shown.
pub(super) fn section(status: &ClusterStatus, shown: &Shown, filter: &Filter) -> String {
    let plan = &status.plan;
    let mut lists = NodeLists::default();
    let (mut text, mut found) = (String::new(), false);
    for &node in status.nodes() {
        let name = &*plan.facts.nodes[node].name;
        if !filter.node(name) {
            continue;
        }
        found = true;
        if shown.by_node || shown.detail || is_shown_alone(plan, node) {
            text += &alone(status, shown, filter, node);
            continue;
        }
        lists.add(plan, node);
    }
    if !found {
        return String::new();
    }
    for line in lists.lines() {
        text += &item(1, &line);
    }
    format!("Node List:\n{text}")
}

fn alone(status: &ClusterStatus, shown: &Shown, filter: &Filter, node: NodeIdx) -> String {
    let plan = &status.plan;
    let kind = match (plan.facts.is_guest(node), plan.facts.is_remote(node)) {
        (true, _) => "GuestNode",
        (_, true) => "RemoteNode",
        _ => "Node",
    };
    let health = match health::of_node(plan, node) {
        ..0 => " (health is RED)",
        0 => " (health is YELLOW)",
        _ => "",
    };
    let set = feature_set(status, node).filter(|_| shown.detail);
    let set = set.map_or_else(String::new, |set| format!(", feature set {set}"));
    let name = display_name(status, node, shown.detail);
    let line = format!("{kind} {name}: {}{health}{set}", status.node_text(node));
    if !shown.by_node {
        return item(1, &line);
    }
    let rscs = &plan.nodes[node].running;
    let head = item(1, &format!("{line}:")) + &item(2, "Resources:");
    if shown.brief {
        let rscs = filter.of_list(plan, rscs);
        if rscs.is_empty() {
            return String::new();
        }
        return head + &brief::lines(plan, &rscs, false, false, 3);
    }
    let lister = Lister { plan, shown, filter, below_node: true };
    head + &rscs.iter().map(|rsc| lister.resource(*rsc, 3)).collect::<String>()
}

/// Returns a node's name; with `detail` also a guest's host, and the id where it is another.
pub(super) fn display_name(status: &ClusterStatus, node: NodeIdx, detail: bool) -> String {
    let plan = &status.plan;
    let facts = &plan.facts.nodes[node];
    let mut name = facts.name.to_string();
    if !detail {
        return name;
    }
    if plan.facts.is_guest(node) {
        let host = plan.guest_launcher(node).and_then(|launcher| plan.current_node(launcher));
        name.push('@');
        name += host.map_or("", |host| &plan.facts.nodes[host].name);
    }
    if !facts.name.eq_ignore_ascii_case(&facts.id) {
        name += &format!(" ({})", facts.id);
    }
    name
}

/// Returns what a member says of its version; 3.15.1 was the first to say it.
pub(super) fn feature_set(status: &ClusterStatus, node: NodeIdx) -> Option<&str> {
    let plan = &status.plan;
    let speaks = plan.nodes[node].online && !plan.facts.is_pacemaker_remote(node);
    speaks.then(|| plan.facts.nodes[node].attrs.get("#feature-set").unwrap_or("<3.15.1"))
}
