//! What the DC writes about nodes: `node_state`, quorum, and its own properties.
//!
//! **Source:** pacemaker `daemons/controld/controld_membership.c`,
//! `create_node_state_update()`; `controld_control.c` (cluster properties).

use std::collections::BTreeMap;

use cib_model::xml::Tree;

use crate::attrs;
use crate::group::{LeaveReason, NodeId, View};
use crate::replica::request::{MembershipUpdate, NodeStateUpdate};
use crate::status::node_state;

/// What stands for this function in `crm-debug-origin`.
const DEBUG_ORIGIN: &str = "controld_membership_update";

/// What the DC knows of the cluster beside the CIB.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings<'a> {
    /// Nodes that corosync.conf lists: number and name.
    pub(crate) configured: &'a [(NodeId, String)],
    /// How nodes went that are not members.
    pub(crate) departed: BTreeMap<NodeId, LeaveReason>,
    /// Whether the partition may act.
    pub(crate) quorate: bool,
    /// Properties that the DC keeps (`dc-version` …).
    pub(crate) properties: Vec<(String, String)>,
    /// The DC itself.
    pub(crate) dc: NodeId,
    /// Wall clock, s since 1970.
    pub(crate) epoch_s: i64,
}

/// Makes the update that brings the CIB in line with `view`.
pub(crate) fn update(cib: &Tree, view: &View, around: &Surroundings<'_>) -> MembershipUpdate {
    let mut nodes: Vec<NodeStateUpdate> = Vec::new();
    for member in &view.members {
        nodes.push(member_update(cib, member.node, &member.name, around.epoch_s));
    }
    for (node, uname) in absent(cib, view) {
        nodes.push(absent_update(cib, node, uname, around.departed.get(&node).copied()));
    }
    // Nodes that were never seen have a place in the configuration, but no state.
    let mut known: Vec<NodeId> = nodes.iter().map(|n| n.node).collect();
    known.extend(view.members.iter().map(|m| m.node));
    MembershipUpdate {
        view: view.id.into(),
        nodes,
        cib: vec![
            ("have-quorum".to_owned(), u8::from(around.quorate).to_string()),
            ("dc-uuid".to_owned(), around.dc.to_string()),
        ],
        properties: around.properties.clone(),
        configured: around
            .configured
            .iter()
            .filter(|(node, name)| !known.contains(node) && !name.is_empty())
            .cloned()
            .collect(),
    }
}

/// Nodes that have a state and are not members.
fn absent<'a>(cib: &'a Tree, view: &'a View) -> impl Iterator<Item = (NodeId, &'a str)> {
    cib.root()
        .child("status")
        .into_iter()
        .flat_map(|s| s.children_named("node_state"))
        .filter_map(|s| Some((s.id()?.parse().ok()?, s.attr("uname").unwrap_or_default())))
        .filter(|(node, _)| view.members.iter().all(|m| m.node != *node))
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

fn member_update(cib: &Tree, node: NodeId, uname: &str, epoch_s: i64) -> NodeStateUpdate {
    let now = epoch_s.to_string();
    // Since when it is a member does not change while it stays one.
    let since = |name| {
        let old = node_state(cib, node).and_then(|s| s.attr(name)).unwrap_or_default();
        if old.parse::<i64>().is_ok_and(|at| at > 1) { old.to_owned() } else { now.clone() }
    };
    NodeStateUpdate {
        node,
        uname: uname.to_owned(),
        set: pairs(&[
            ("in_ccm", &since("in_ccm")),
            ("crmd", &since("crmd")),
            ("crm-debug-origin", DEBUG_ORIGIN),
            ("join", "member"),
            ("expected", "member"),
        ]),
        ensure_node: true,
        ..NodeStateUpdate::default()
    }
}

fn absent_update(
    cib: &Tree,
    node: NodeId,
    uname: &str,
    reason: Option<LeaveReason>,
) -> NodeStateUpdate {
    let clean = reason == Some(LeaveReason::Left)
        || attrs::value(cib, node, "shutdown").is_some_and(|v| v != "0");
    let mut set = pairs(&[
        ("in_ccm", "0"),
        ("crmd", "0"),
        ("crm-debug-origin", DEBUG_ORIGIN),
        ("join", "down"),
    ]);
    if clean {
        set.extend(pairs(&[("expected", "down")]));
    }
    NodeStateUpdate {
        node,
        uname: uname.to_owned(),
        set,
        erase_attributes: true,
        ..NodeStateUpdate::default()
    }
}
