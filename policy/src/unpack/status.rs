//! The status section: tickets, node states, and history in the order it can be understood.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c` (`unpack_status()`, `unpack_node_state()`,
//! `unpack_node_history()`).

use std::ops::Range;

use cib_model::xml::ElementRef;
use cib_model::{Role, boolean};

use super::nodes::{self, Overwrite};
use super::{history, lrm, node_state};
use crate::actions::{Need, Task};
use crate::facts::{AttrMap, ClusterFlags, NoQuorumPolicy, NodeFlags, RscFlags, TicketFacts};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

/// Reads the status section.
pub(super) fn run(plan: &mut Plan, cib: ElementRef<'_>) {
    let Some(status) = cib.child("status") else {
        settle_remote_nodes(plan);
        return;
    };
    let ranges = read_history(plan, status);
    let dc = cib.attr("dc-uuid");
    for element in status.children() {
        match element.name() {
            "tickets" => {
                for state in element.children_named("ticket_state") {
                    ticket(plan, state);
                }
            }
            "node_state" => node(plan, element, dc),
            _ => {}
        }
    }
    let states: Vec<_> = status.children_named("node_state").zip(ranges).collect();
    let mut reader = HistoryReader { plan, states, dc, stop_needed: Vec::new() };
    while reader.pass(false) {}
    let fencing = reader.plan.facts.options.has(ClusterFlags::FENCING_ENABLED);
    reader.pass(fencing);
    let stop_needed = reader.stop_needed;
    // Containers of failed bundle connections were prepended to a list.
    for container in stop_needed.into_iter().rev() {
        if let Some(node) = plan.current_node(container) {
            plan.ensure_once(container, Task::Stop, Some(node), Need::Required);
        }
    }
    settle_remote_nodes(plan);
}

/// Reads all history; returns which part of it is below each `node_state`.
fn read_history(plan: &mut Plan, status: ElementRef<'_>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut texts = history::Texts::default();
    for state in status.children_named("node_state") {
        let first = plan.facts.history.len();
        let name = state.attr("uname").unwrap_or_default();
        let resources = state.child("lrm").and_then(|lrm| lrm.child("lrm_resources"));
        let by_id = plan.facts.history_by_node.entry(name.into()).or_default();
        for element in resources.into_iter().flat_map(|r| r.children_named("lrm_resource")) {
            let read = history::read(element, &mut texts);
            by_id.entry(read.id.clone()).or_insert(plan.facts.history.len());
            plan.facts.history.push(read);
        }
        ranges.push(first..plan.facts.history.len());
    }
    ranges
}

fn ticket(plan: &mut Plan, state: ElementRef<'_>) {
    let Some(id) = state.id().filter(|id| !id.is_empty()) else { return };
    let at = plan.facts.ensure_ticket(id);
    let ticket: &mut TicketFacts = &mut plan.facts.tickets[at];
    for (name, value) in state.attrs().filter(|(name, _)| *name != "id") {
        ticket.state.set(name, value);
    }
    let on = |attrs: &AttrMap, name: &str| attrs.get(name).and_then(boolean::parse) == Some(true);
    ticket.granted = on(&ticket.state, "granted");
    ticket.standby = on(&ticket.state, "standby");
    if let Some(text) = ticket.state.get("last-granted") {
        ticket.last_granted = text.trim().parse().unwrap_or(0);
    }
}

/// First pass over one `node_state`: all but the history.
fn node(plan: &mut Plan, state: ElementRef<'_>, dc: Option<&str>) {
    let Some(node) = find_node(plan, state) else { return };
    if plan.facts.is_pacemaker_remote(node) {
        let fenced = state.attr("node_fenced").and_then(|v| v.trim().parse::<i64>().ok());
        plan.nodes[node].flags.set(NodeFlags::REMOTE_FENCED, fenced.is_some_and(|f| f != 0));
        return;
    }
    let transient = state.child("transient_attributes");
    nodes::add_attrs(plan, node, transient, dc, Overwrite::Yes);
    let on = |plan: &Plan, name: &str| {
        plan.facts.nodes[node].attrs.get(name).and_then(boolean::parse) == Some(true)
    };
    if on(plan, "standby") {
        plan.nodes[node].flags |= NodeFlags::STANDBY;
    }
    if on(plan, "maintenance") {
        plan.nodes[node].maintenance = true;
    }
    plan.nodes[node].unclean = false;
    plan.nodes[node].flags |= NodeFlags::SEEN;
    node_state::cluster_node(plan, node, state);
    let options = &plan.facts.options;
    if !options.has(ClusterFlags::QUORATE)
        && plan.nodes[node].online
        && options.no_quorum_policy == NoQuorumPolicy::Fence
    {
        plan.fence_node(node, "cluster does not have quorum", false);
    }
}

fn find_node(plan: &Plan, state: ElementRef<'_>) -> Option<NodeIdx> {
    let by_name = || state.attr("uname").and_then(|name| plan.facts.node_by_name(name));
    plan.facts.node_by_id(state.id()?).or_else(by_name)
}

struct HistoryReader<'a> {
    plan: &'a mut Plan,
    states: Vec<(ElementRef<'a>, Range<usize>)>,
    dc: Option<&'a str>,
    stop_needed: Vec<RscIdx>,
}

impl HistoryReader<'_> {
    /// Reads the history of every node whose turn it is; of all that are left where `all`.
    /// Returns true where any was read.
    fn pass(&mut self, all: bool) -> bool {
        let mut any = false;
        for i in 0..self.states.len() {
            let (state, range) = self.states[i].clone();
            if state.attr("uname").is_none() {
                continue;
            }
            let Some(node) = find_node(self.plan, state) else { continue };
            if self.plan.nodes[node].has(NodeFlags::UNPACKED) || !(all || self.is_due(node)) {
                continue;
            }
            if self.plan.facts.is_pacemaker_remote(node) {
                node_state::remote_node(self.plan, node);
                self.remote_attrs(node, state);
            }
            self.plan.nodes[node].flags |= NodeFlags::UNPACKED;
            lrm::node(self.plan, node, range, &mut self.stop_needed);
            any = true;
        }
        any
    }

    /// Returns true where all that the node's history depends on is known.
    fn is_due(&self, node: NodeIdx) -> bool {
        let plan = &*self.plan;
        let started = |rsc: RscIdx| plan.rscs[rsc].orig_role == Role::Started;
        let facts = &plan.facts;
        let lock = facts.options.has(ClusterFlags::SHUTDOWN_LOCK);
        let remote = facts.nodes[node].remote;
        if facts.is_guest(node) {
            remote.is_some_and(|r| started(r) && facts.rscs[r].launcher.is_some_and(started))
        } else if facts.is_pacemaker_remote(node) {
            remote.is_some_and(|r| lock || started(r))
        } else {
            lock || facts.options.has(ClusterFlags::FENCING_ENABLED) || plan.nodes[node].online
        }
    }

    /// Reads what a remote node's state says beside its history.
    ///
    /// # Source
    /// `unpack_handle_remote_attrs()`.
    fn remote_attrs(&mut self, node: NodeIdx, state: ElementRef<'_>) {
        let plan = &mut *self.plan;
        let maintenance =
            state.attr("node_in_maintenance").and_then(|v| v.trim().parse::<i64>().ok());
        let flags = &mut plan.nodes[node].flags;
        flags.set(NodeFlags::REMOTE_MAINT, maintenance.is_some_and(|m| m != 0));
        if !flags.contains(NodeFlags::REMOTE_RESET) {
            flags.insert(NodeFlags::SEEN);
            plan.nodes[node].unclean = false;
        }
        let transient = state.child("transient_attributes");
        nodes::add_attrs(plan, node, transient, self.dc, Overwrite::Yes);
        if plan.is_shutdown_requested(node) {
            plan.nodes[node].shutdown = true;
        }
        let attrs = &plan.facts.nodes[node].attrs;
        let value = |name: &str| attrs.get(name).and_then(boolean::parse);
        let unmanaged =
            plan.facts.nodes[node].remote.is_some_and(|r| !plan.rscs[r].has(RscFlags::MANAGED));
        let standby = value("standby") == Some(true);
        let in_maintenance = value("maintenance") == Some(true) || unmanaged;
        let discovery = attrs.get("resource-discovery-enabled").map(boolean::parse);
        let ignored =
            plan.facts.is_remote(node) && !plan.facts.options.has(ClusterFlags::FENCING_ENABLED);
        if standby {
            plan.nodes[node].flags |= NodeFlags::STANDBY;
        }
        if in_maintenance {
            plan.nodes[node].maintenance = true;
        }
        if discovery.is_some_and(|d| d != Some(true)) && !ignored {
            plan.nodes[node].flags -= NodeFlags::PROBES_ALLOWED;
        }
    }
}

/// Stops the connections of remote nodes that shut down, and decides on nodes without history.
fn settle_remote_nodes(plan: &mut Plan) {
    for node in plan.facts.node_order.clone() {
        if !plan.facts.is_pacemaker_remote(node) {
            continue;
        }
        if let (true, Some(remote)) = (plan.nodes[node].shutdown, plan.facts.nodes[node].remote) {
            plan.rscs[remote].next_role = Role::Stopped;
        }
        if !plan.nodes[node].has(NodeFlags::UNPACKED) {
            node_state::remote_node(plan, node);
        }
    }
}
