//! Cluster status as text: node list and resource list.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c` (`node_list_text()`, `resource_list()`),
//! `native.c`, `group.c`, `clone.c`, `bundle.c` (their text messages).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cib_model::Role;

use super::instance::{InstanceKind, instance_kind};
use super::node_list::{NodeLists, is_shown_alone};
use super::rsc_line::{Shown, exit_text, primitive_line};
use crate::facts::{ClusterFlags, NodeFlags, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::health;
use crate::unpack::compare_node_names;

/// What a status text shows beside the usual.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StatusStyle {
    /// Actions that are pending.
    pub pending: bool,
}

/// Returns the banner and the counts that stand before the first status, with a blank line between
/// them; empty where there is nothing to say.
pub fn notices(plan: &Plan) -> String {
    let mut out = String::new();
    if plan.facts.options.has(ClusterFlags::IN_MAINTENANCE) {
        out.push_str("\n              *** Resource management is DISABLED ***\n");
        out.push_str("  The cluster will not attempt to start, stop or recover services\n");
    }
    let counts = counts(plan);
    if counts.disabled > 0 || counts.blocked > 0 {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(
            out,
            "{} of {} resource instances DISABLED and {} BLOCKED from further action due to \
             failure",
            counts.disabled, counts.total, counts.blocked
        );
    }
    out
}

/// Numbers of resource instances.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// All, removed ones that are stopped left out.
    pub total: u32,
    /// Those that their target role keeps from running or being promoted.
    pub disabled: u32,
    /// Those that a failure blocks.
    pub blocked: u32,
}

/// Counts resource instances.
///
/// # Source
/// `pe__count_common()`, `pe__count_bundle()`.
pub fn counts(plan: &Plan) -> Counts {
    let mut found = Counts::default();
    for &rsc in &plan.facts.top {
        count(plan, rsc, &mut found);
    }
    found
}

fn count(plan: &Plan, rsc: RscIdx, found: &mut Counts) {
    let state = &plan.rscs[rsc];
    if let Some(bundle) = plan.facts.rscs[rsc].bundle_facts() {
        for replica in &bundle.replicas {
            for part in replica.parts() {
                count(plan, part, found);
            }
        }
    } else if !state.children.is_empty() {
        for &child in &state.children {
            count(plan, child, found);
        }
    } else if !state.has(RscFlags::REMOVED) || state.orig_role > Role::Stopped {
        found.total += 1;
        found.disabled += u32::from(is_disabled(plan, rsc));
        found.blocked += u32::from(state.has(RscFlags::BLOCKED));
    }
}

/// Returns true where the target role keeps the resource from running or being promoted.
///
/// # Source
/// `pe__resource_is_disabled()`.
pub fn is_disabled(plan: &Plan, rsc: RscIdx) -> bool {
    match plan.facts.rscs[rsc].meta.get("target-role").and_then(Role::parse) {
        Some(Role::Stopped) => true,
        Some(Role::Unpromoted) => {
            plan.rscs[plan.facts.top_below_bundle(rsc)].has(RscFlags::PROMOTABLE)
        }
        _ => false,
    }
}

/// Returns the node list and the resource list, indented below a heading.
pub fn status(plan: &Plan, style: StatusStyle) -> String {
    let mut out = String::new();
    nodes(plan, &mut out);
    if !out.is_empty() {
        out.push('\n');
    }
    Lister { plan, style, out: &mut out }.resources();
    out
}

/// Returns how a node's state reads.
///
/// # Source
/// `node_text_status()`.
pub fn node_status(plan: &Plan, node: NodeIdx) -> &'static str {
    let state = &plan.nodes[node];
    if state.unclean {
        return match (state.online, state.pending) {
            (true, _) => "UNCLEAN (online)",
            (false, true) => "UNCLEAN (pending)",
            (false, false) => "UNCLEAN (offline)",
        };
    }
    if state.pending {
        "pending"
    } else if state.has(NodeFlags::FAIL_STANDBY) && state.online {
        "standby (on-fail)"
    } else if state.has(NodeFlags::STANDBY) {
        match (state.online, state.running.is_empty()) {
            (false, _) => "OFFLINE (standby)",
            (true, true) => "standby",
            (true, false) => "standby (with active resources)",
        }
    } else if state.maintenance {
        if state.online { "maintenance" } else { "OFFLINE (maintenance)" }
    } else if state.online {
        "online"
    } else {
        "OFFLINE"
    }
}

fn nodes(plan: &Plan, out: &mut String) {
    if plan.facts.node_order.is_empty() {
        return;
    }
    out.push_str("  * Node List:\n");
    let mut lists = NodeLists::default();
    for &node in &plan.facts.node_order {
        if is_shown_alone(plan, node) {
            let name = &plan.facts.nodes[node].name;
            let health = health::of_node(plan, node);
            let (guest, remote) = (plan.facts.is_guest(node), plan.facts.is_remote(node));
            let kind = match (guest, remote) {
                (true, _) => "GuestNode",
                (_, true) => "RemoteNode",
                _ => "Node",
            };
            let health = match health {
                ..0 => " (health is RED)",
                0 => " (health is YELLOW)",
                _ => "",
            };
            let _ = writeln!(out, "    * {kind} {name}: {}{health}", node_status(plan, node));
            continue;
        }
        lists.add(plan, node);
    }
    for line in lists.lines() {
        let _ = writeln!(out, "    * {line}");
    }
}

struct Lister<'a> {
    plan: &'a Plan,
    style: StatusStyle,
    out: &'a mut String,
}

impl Lister<'_> {
    fn has(&self, rsc: RscIdx, flag: RscFlags) -> bool {
        self.plan.rscs[rsc].has(flag)
    }

    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{:indent$}* {text}", "", indent = 2 * depth);
    }

    fn resources(&mut self) {
        self.line(1, "Full List of Resources:");
        let before = self.out.len();
        for &rsc in &self.plan.facts.top {
            if self.has(rsc, RscFlags::REMOVED) && !self.plan.is_active(rsc, true) {
                continue;
            }
            self.resource(rsc, 2);
        }
        if self.out.len() == before {
            self.line(2, "No resources");
        }
    }

    fn resource(&mut self, rsc: RscIdx, depth: usize) {
        match self.plan.facts.rscs[rsc].variant() {
            Variant::Primitive => {
                let name = self.printable_id(rsc).to_owned();
                let node = self.plan.current_node(rsc).or(self.plan.rscs[rsc].pending_node);
                self.primitive(rsc, &name, node, depth);
            }
            Variant::Group => self.group(rsc, depth),
            Variant::Clone => self.clone(rsc, depth),
            Variant::Bundle => self.bundle(rsc, depth),
        }
    }

    fn printable_id(&self, rsc: RscIdx) -> &str {
        let facts = &self.plan.facts.rscs[rsc];
        if self.has(rsc, RscFlags::UNIQUE) { &facts.id } else { &facts.xml_id }
    }

    fn primitive(&mut self, rsc: RscIdx, name: &str, node: Option<NodeIdx>, depth: usize) {
        let meta = &self.plan.facts.rscs[rsc].meta;
        if meta.get("internal_rsc").and_then(cib_model::boolean::parse) == Some(true) {
            return;
        }
        let pending = self.style.pending;
        let shown = Shown { name, node, pending, place: true, description: false };
        let text = primitive_line(self.plan, rsc, &shown);
        self.line(depth, &text);
    }

    fn state_attrs(&self, rsc: RscIdx, attrs: &mut Vec<&'static str>) {
        if is_disabled(self.plan, rsc) {
            attrs.push("disabled");
        }
        if self.has(rsc, RscFlags::MAINTENANCE) {
            attrs.push("maintenance");
        } else if !self.has(rsc, RscFlags::MANAGED) {
            attrs.push("unmanaged");
        }
    }

    fn group(&mut self, rsc: RscIdx, depth: usize) {
        let mut attrs = Vec::new();
        self.state_attrs(rsc, &mut attrs);
        let id = &self.plan.facts.rscs[rsc].id;
        let attrs =
            if attrs.is_empty() { String::new() } else { format!(" ({})", attrs.join(", ")) };
        self.line(depth, &format!("Resource Group: {id}{attrs}:"));
        for &member in &self.plan.rscs[rsc].children {
            self.resource(member, depth + 1);
        }
    }

    fn clone_header(&self, rsc: RscIdx) -> String {
        let mut attrs = Vec::new();
        if self.has(rsc, RscFlags::PROMOTABLE) {
            attrs.push("promotable");
        }
        if self.has(rsc, RscFlags::UNIQUE) {
            attrs.push("unique");
        }
        self.state_attrs(rsc, &mut attrs);
        let facts = &self.plan.facts.rscs[rsc];
        let child = facts.clone_facts().map_or("", |c| &c.child_id);
        let attrs =
            if attrs.is_empty() { String::new() } else { format!(" ({})", attrs.join(", ")) };
        format!("Clone Set: {} [{child}]{attrs}:", facts.id)
    }

    fn names(&self, nodes: &mut [NodeIdx]) -> String {
        let facts = &self.plan.facts;
        crate::glib::list_sort(nodes, &mut |a: &NodeIdx, b: &NodeIdx| {
            compare_node_names(&facts.nodes[*a].name, &facts.nodes[*b].name)
        });
        nodes.iter().map(|n| &*facts.nodes[*n].name).collect::<Vec<_>>().join(" ")
    }

    fn clone(&mut self, rsc: RscIdx, depth: usize) {
        let header = self.clone_header(rsc);
        self.line(depth, &header);
        let (mut promoted, mut started) = (Vec::new(), Vec::new());
        for &instance in &self.plan.rscs[rsc].children {
            match instance_kind(self.plan, rsc, instance, self.style.pending) {
                InstanceKind::Alone => self.resource(instance, depth + 1),
                InstanceKind::Hidden => {}
                InstanceKind::Promoted(node) => promoted.push(node),
                InstanceKind::Started(node) => started.push(node),
            }
        }
        if !promoted.is_empty() {
            let names = self.names(&mut promoted);
            self.line(depth + 1, &format!("Promoted: [ {names} ]"));
        }
        let role = self.configured_role(rsc);
        if !started.is_empty() {
            let names = self.names(&mut started);
            let word = match (self.has(rsc, RscFlags::PROMOTABLE), role) {
                (true, Some(Role::Unpromoted)) => "Unpromoted (target-role)",
                (true, _) => "Unpromoted",
                (false, _) => "Started",
            };
            self.line(depth + 1, &format!("{word}: [ {names} ]"));
        }
        let active = promoted.len() + started.len();
        self.stopped_instances(rsc, active, role, depth + 1);
    }

    /// Returns the clone's target role, or its first instance's.
    fn configured_role(&self, rsc: RscIdx) -> Option<Role> {
        let role = |rsc: RscIdx| self.plan.facts.rscs[rsc].meta.get("target-role");
        let first = self.plan.rscs[rsc].children.first();
        role(rsc).or_else(|| role(*first?)).and_then(Role::parse)
    }

    fn stopped_instances(&mut self, rsc: RscIdx, active: usize, role: Option<Role>, depth: usize) {
        let plan = self.plan;
        let max = plan.facts.rscs[rsc].clone_facts().map_or(0, |c| c.clone_max);
        if self.has(rsc, RscFlags::UNIQUE) || usize::try_from(max).unwrap_or(0) <= active {
            return;
        }
        let table = &plan.scores.allowed[rsc];
        let mut nodes: Vec<NodeIdx> = table.nodes().collect();
        if nodes.is_empty() {
            // An opt-in cluster has no table before constraints have been applied.
            nodes = plan.rscs[rsc].probed.iter().map(|(n, _)| *n).collect();
        }
        let mut by_state: BTreeMap<String, Vec<NodeIdx>> = BTreeMap::new();
        for node in nodes {
            if plan.rscs[rsc].active.contains(&node) {
                continue;
            }
            let state = match super::rsc_line::failed_probe(plan, rsc, Some(node)) {
                Some(entry) => format!("Stopped ({})", exit_text(entry.rc)),
                None if role == Some(Role::Stopped) => "Stopped (disabled)".to_owned(),
                None => "Stopped".to_owned(),
            };
            by_state.entry(state).or_default().push(node);
        }
        for (state, mut nodes) in by_state {
            let names = self.names(&mut nodes);
            self.line(depth, &format!("{state}: [ {names} ]"));
        }
    }

    fn bundle(&mut self, rsc: RscIdx, depth: usize) {
        let facts = &self.plan.facts.rscs[rsc];
        let Some(bundle) = facts.bundle_facts() else { return };
        let set = if bundle.nreplicas > 1 { " set" } else { "" };
        let unique = if self.has(rsc, RscFlags::UNIQUE) { " (unique)" } else { "" };
        let managed = if self.has(rsc, RscFlags::MAINTENANCE) {
            " (maintenance)"
        } else if self.has(rsc, RscFlags::MANAGED) {
            ""
        } else {
            " (unmanaged)"
        };
        let header =
            format!("Container bundle{set}: {} [{}]{unique}{managed}:", facts.id, bundle.image);
        self.line(depth, &header);
        for replica in &bundle.replicas {
            let shown = replica.child.unwrap_or(replica.container);
            let mut name =
                self.printable_id(replica.remote.unwrap_or(replica.container)).to_owned();
            if let Some(ip) = &replica.ipaddr {
                let _ = write!(name, " ({ip})");
            }
            let node = self.plan.current_node(replica.container);
            self.primitive(shown, &name, node, depth + 1);
        }
    }
}
