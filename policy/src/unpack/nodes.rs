//! Nodes of the configuration, and their attributes.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c` (`unpack_nodes()`, `pe__create_node()`,
//! `add_node_attrs()`).

use std::cmp::Ordering;

use cib_model::Score;
use cib_model::xml::ElementRef;

use super::nvset;
use super::rule::RuleInput;
use crate::facts::{AttrMap, ClusterFlags, NodeFacts, NodeFlags, NodeKind, NodeState, ProbeMode};
use crate::glib::insert_sorted;
use crate::index::NodeIdx;
use crate::plan::Plan;

/// Compares names as Pacemaker lists nodes: case ignored, digit runs as numbers.
///
/// # Source
/// `pcmk__numeric_strcasecmp()`.
pub fn compare_node_names(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b) {
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let digits = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
            let (len_a, len_b) = (digits(a), digits(b));
            let value = |s: &[u8], len: usize| {
                s.iter()
                    .take(len)
                    .fold(0_u64, |n, c| n.saturating_mul(10).saturating_add(u64::from(c - b'0')))
            };
            let order = value(a, len_a).cmp(&value(b, len_b)).then(len_a.cmp(&len_b));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (&a[len_a..], &b[len_b..]);
        } else {
            let order = x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase());
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (rest_a, rest_b);
        }
    }
    a.len().cmp(&b.len())
}

/// Adds a node to all tables.
pub(super) fn create(plan: &mut Plan, id: &str, name: &str, kind: NodeKind, score: i32) -> NodeIdx {
    if plan.facts.node_by_name(name).is_some() {
        plan.diagnostics.warn(format!("More than one node entry has name '{name}'"));
    }
    let mut attrs = AttrMap::new();
    if kind == NodeKind::Remote {
        plan.facts.options.flags |= ClusterFlags::HAVE_REMOTE_NODES;
    }
    attrs.set("#kind", if kind == NodeKind::Remote { "remote" } else { "cluster" });
    let node = plan.facts.nodes.push(NodeFacts {
        id: id.into(),
        name: name.into(),
        kind,
        score,
        probe_mode: ProbeMode::Always,
        attrs,
        utilization: AttrMap::new(),
        remote: None,
    });
    plan.nodes.push(NodeState { flags: NodeFlags::PROBES_ALLOWED, ..NodeState::default() });
    plan.facts.index_node(node);
    let nodes = &plan.facts.nodes;
    insert_sorted(&mut plan.facts.node_order, node, |a, b| {
        compare_node_names(&nodes[*a].name, &nodes[*b].name)
    });
    node
}

/// Decides what a node is before its state has been seen.
///
/// # Source
/// `handle_startup_fencing()`.
pub(super) fn startup_fencing(plan: &mut Plan, node: NodeIdx) {
    let facts = &plan.facts.nodes[node];
    if facts.kind == NodeKind::Remote && facts.remote.is_none() {
        return;
    }
    plan.nodes[node].unclean = plan.facts.options.has(ClusterFlags::STARTUP_FENCING);
}

/// Reads the configured nodes, then adds the remote and guest nodes called `remote_nodes`.
pub(super) fn run(plan: &mut Plan, cib: ElementRef<'_>, remote_nodes: &[String]) {
    let config = std::sync::Arc::clone(&plan.facts.config);
    let nodes = config.root().child("configuration").and_then(|c| c.child("nodes"));
    let dc = cib.attr("dc-uuid");
    for element in nodes.into_iter().flat_map(|n| n.children_named("node")) {
        let Some(id) = element.id() else {
            plan.diagnostics.error("Ignoring <node> entry in configuration without id");
            continue;
        };
        let score = element.attr("score").and_then(|s| Score::parse(s).ok());
        let name = element.attr("uname").unwrap_or(id);
        let kind = match element.attr("type") {
            Some(kind) if kind.eq_ignore_ascii_case("remote") => NodeKind::Remote,
            Some(kind) if !kind.eq_ignore_ascii_case("member") => {
                plan.diagnostics
                    .error(format!("Ignoring node {name} with unrecognized type '{kind}'"));
                // COMPAT(pacemaker 3.x, unpack_nodes()): the nodes after it are not read either.
                break;
            }
            _ => NodeKind::Cluster,
        };
        let node = create(plan, id, name, kind, score.map_or(0, Score::value));
        startup_fencing(plan, node);
        add_attrs(plan, node, Some(element), dc, Overwrite::No);
    }
    for name in remote_nodes {
        if plan.facts.node_by_name(name).is_none() {
            create(plan, name, name, NodeKind::Remote, 0);
        }
    }
}

/// Whether attributes being read replace older ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Overwrite {
    /// They do: transient attributes.
    Yes,
    /// They do not: permanent attributes.
    No,
}

/// Adds the attributes below `element` and the implicit ones to the node.
pub(super) fn add_attrs(
    plan: &mut Plan,
    node: NodeIdx,
    element: Option<ElementRef<'_>>,
    dc_id: Option<&str>,
    overwrite: Overwrite,
) {
    let input = RuleInput { now: plan.facts.now, ..RuleInput::default() };
    let is_dc = dc_id.is_some_and(|dc| plan.facts.nodes[node].id.eq_ignore_ascii_case(dc));
    let cluster_name = plan.facts.options.table.get("cluster-name").map(str::to_owned);
    let facts = &mut plan.facts.nodes[node];
    let (id, name) = (facts.id.clone(), facts.name.clone());
    facts.attrs.set("#uname", &name);
    facts.attrs.set("#id", &id);
    if is_dc && plan.facts.dc.is_none() {
        plan.facts.dc = Some(node);
        facts.attrs.set("#is_dc", "true");
    } else if plan.facts.dc != Some(node) {
        facts.attrs.set("#is_dc", "false");
    }
    if let Some(name) = &cluster_name {
        facts.attrs.set("#cluster-name", name);
    }
    let mut change = None;
    if let Some(element) = element {
        if overwrite == Overwrite::Yes {
            let mut fresh = AttrMap::new();
            change = nvset::unpack(element, "instance_attributes", &input, None, &mut fresh);
            for (name, value) in fresh.iter() {
                facts.attrs.set(name, value);
            }
        } else {
            change = nvset::unpack(element, "instance_attributes", &input, None, &mut facts.attrs);
        }
        let other = nvset::unpack(element, "utilization", &input, None, &mut facts.utilization);
        change = change.into_iter().chain(other).min();
    }
    if !facts.attrs.contains("#site-name") {
        let site = facts.attrs.get("site-name").map(str::to_owned).or(cluster_name);
        if let Some(site) = site {
            facts.attrs.set("#site-name", &site);
        }
    }
    if let Some(time) = change {
        plan.recheck_at(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digit_runs_compare_as_numbers_and_case_is_ignored() {
        assert_eq!(compare_node_names("node2", "Node10"), Ordering::Less);
        assert_eq!(compare_node_names("node007", "node7"), Ordering::Greater);
        assert_eq!(compare_node_names("NODE", "node"), Ordering::Equal);
        assert_eq!(compare_node_names("node", "node1"), Ordering::Less);
    }
}
