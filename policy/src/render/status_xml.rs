//! Cluster status as XML: node list and resource list.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c` (`node_xml()`), `native.c`, `group.c`, `clone.c`,
//! `bundle.c` (their XML messages).

use cib_model::xml::{Tree, XmlId};

use super::element::{append_all, word};
use super::rsc_line::{displayable_role, pending_state};
use super::status_text::is_disabled;
use crate::facts::{NodeFlags, NodeKind, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::health;

/// Adds the node list.
pub(super) fn nodes(plan: &Plan, tree: &mut Tree, parent: XmlId) {
    let list = tree.append(parent, "nodes");
    for &node in &plan.facts.node_order {
        self::node(plan, node, tree, list);
    }
}

fn node(plan: &Plan, node: NodeIdx, tree: &mut Tree, list: XmlId) {
    let (facts, state) = (&plan.facts.nodes[node], &plan.nodes[node]);
    let health = match health::of_node(plan, node) {
        ..0 => "red",
        0 => "yellow",
        _ => "green",
    };
    let running = state.running.len().to_string();
    let launcher = plan.guest_launcher(node).map(|launcher| &*plan.facts.rscs[launcher].id);
    let pairs = [
        ("name", Some(&*facts.name)),
        ("id", Some(&*facts.id)),
        ("online", Some(word(state.online))),
        ("standby", Some(word(state.has(NodeFlags::STANDBY)))),
        ("standby_onfail", Some(word(state.has(NodeFlags::FAIL_STANDBY)))),
        ("maintenance", Some(word(state.maintenance))),
        ("pending", Some(word(state.pending))),
        ("unclean", Some(word(state.unclean))),
        ("health", Some(health)),
        ("feature_set", feature_set(plan, node)),
        ("shutdown", Some(word(state.shutdown))),
        ("expected_up", Some(word(state.has(NodeFlags::EXPECTED_UP)))),
        ("is_dc", Some(word(plan.facts.dc == Some(node)))),
        ("resources_running", Some(&*running)),
        ("type", Some(if facts.kind == NodeKind::Remote { "remote" } else { "member" })),
        ("id_as_resource", launcher),
    ];
    append_all(tree, list, "node", &pairs);
}

/// Returns the feature set of a node that is fully up.
///
/// # Source
/// `get_node_feature_set()`
fn feature_set(plan: &Plan, node: NodeIdx) -> Option<&str> {
    let state = &plan.nodes[node];
    let up = state.online
        && state.has(NodeFlags::EXPECTED_UP)
        && plan.facts.nodes[node].kind == NodeKind::Cluster;
    // Nodes have told it since 3.15.1.
    up.then(|| plan.facts.nodes[node].attrs.get("#feature-set").unwrap_or("<3.15.1"))
}

/// Adds the resource list; `pending` shows actions under way. Nothing where there are no
/// resources.
pub(super) fn resources(plan: &Plan, pending: bool, tree: &mut Tree, parent: XmlId) {
    let removed =
        |rsc: &&RscIdx| plan.rsc_has(**rsc, RscFlags::REMOVED) && !plan.is_active(**rsc, true);
    let shown: Vec<RscIdx> = plan.facts.top.iter().filter(|rsc| !removed(rsc)).copied().collect();
    if shown.is_empty() {
        return;
    }
    let at = tree.append(parent, "resources");
    let mut lister = Lister { plan, pending, tree };
    for rsc in shown {
        lister.resource(rsc, at);
    }
}

struct Lister<'a> {
    plan: &'a Plan,
    pending: bool,
    tree: &'a mut Tree,
}

impl Lister<'_> {
    fn flag(&self, rsc: RscIdx, flag: RscFlags) -> &'static str {
        word(self.plan.rscs[rsc].has(flag))
    }

    fn resource(&mut self, rsc: RscIdx, at: XmlId) {
        match self.plan.facts.rscs[rsc].variant() {
            Variant::Primitive => self.primitive(rsc, at),
            Variant::Group => self.group(rsc, at),
            Variant::Clone => self.clone(rsc, at),
            Variant::Bundle => self.bundle(rsc, at),
        }
    }

    fn primitive(&mut self, rsc: RscIdx, at: XmlId) {
        let plan = self.plan;
        let (facts, state) = (&plan.facts.rscs[rsc], &plan.rscs[rsc]);
        let provider = facts.provider.as_deref().map(|p| format!(":{p}")).unwrap_or_default();
        let agent = format!("{}{provider}:{}", facts.class, facts.agent);
        let pending = pending_state(plan, rsc).filter(|_| self.pending);
        let monitoring = self.pending && state.pending_action.as_deref() == Some("monitor");
        let running_on = state.active.len().to_string();
        let id = if state.has(RscFlags::UNIQUE) { &facts.id } else { &facts.xml_id };
        let removed = self.flag(rsc, RscFlags::REMOVED);
        let pairs = [
            ("id", Some(&**id)),
            ("resource_agent", Some(&*agent)),
            ("role", Some(pending.unwrap_or(displayable_role(plan, rsc).text()))),
            ("target_role", facts.meta.get("target-role")),
            ("active", Some(word(plan.is_active(rsc, true)))),
            ("orphaned", Some(removed)),
            ("removed", Some(removed)),
            ("blocked", Some(self.flag(rsc, RscFlags::BLOCKED))),
            ("maintenance", Some(self.flag(rsc, RscFlags::MAINTENANCE))),
            ("managed", Some(self.flag(rsc, RscFlags::MANAGED))),
            ("failed", Some(self.flag(rsc, RscFlags::FAILED))),
            ("failure_ignored", Some(self.flag(rsc, RscFlags::IGNORE_FAILURE))),
            ("nodes_running_on", Some(&*running_on)),
            ("pending", monitoring.then_some("Monitoring")),
            ("locked_to", state.lock_node.map(|node| &*plan.facts.nodes[node].name)),
        ];
        let element = append_all(self.tree, at, "resource", &pairs);
        for &node in &state.active {
            let facts = &plan.facts.nodes[node];
            let cached = word(plan.nodes[node].online);
            let pairs = [("name", &*facts.name), ("id", &*facts.id), ("cached", cached)];
            self.tree.append_with(element, "node", &pairs);
        }
    }

    fn group(&mut self, rsc: RscIdx, at: XmlId) {
        let plan = self.plan;
        let children = &plan.rscs[rsc].children;
        if children.is_empty() {
            return;
        }
        let count = children.len().to_string();
        let pairs = [
            ("id", Some(&*plan.facts.rscs[rsc].id)),
            ("number_resources", Some(&*count)),
            ("maintenance", Some(self.flag(rsc, RscFlags::MAINTENANCE))),
            ("managed", Some(self.flag(rsc, RscFlags::MANAGED))),
            ("disabled", Some(word(is_disabled(plan, rsc)))),
        ];
        let element = append_all(self.tree, at, "group", &pairs);
        for &child in children {
            self.resource(child, element);
        }
    }

    fn clone(&mut self, rsc: RscIdx, at: XmlId) {
        let plan = self.plan;
        let children = &plan.rscs[rsc].children;
        if children.is_empty() {
            return;
        }
        let target_role = |rsc: RscIdx| plan.facts.rscs[rsc].meta.get("target-role");
        let first = children.first().and_then(|child| target_role(*child));
        let pairs = [
            ("id", Some(&*plan.facts.rscs[rsc].id)),
            ("multi_state", Some(self.flag(rsc, RscFlags::PROMOTABLE))),
            ("unique", Some(self.flag(rsc, RscFlags::UNIQUE))),
            ("maintenance", Some(self.flag(rsc, RscFlags::MAINTENANCE))),
            ("managed", Some(self.flag(rsc, RscFlags::MANAGED))),
            ("disabled", Some(word(is_disabled(plan, rsc)))),
            ("failed", Some(self.flag(rsc, RscFlags::FAILED))),
            ("failure_ignored", Some(self.flag(rsc, RscFlags::IGNORE_FAILURE))),
            ("target_role", target_role(rsc).or(first)),
        ];
        let element = append_all(self.tree, at, "clone", &pairs);
        for &child in children {
            self.resource(child, element);
        }
    }

    fn bundle(&mut self, rsc: RscIdx, at: XmlId) {
        let plan = self.plan;
        let Some(bundle) = plan.facts.rscs[rsc].bundle_facts() else { return };
        if bundle.replicas.is_empty() {
            return;
        }
        let pairs = [
            ("id", Some(&*plan.facts.rscs[rsc].id)),
            ("type", Some(&*bundle.agent)),
            ("image", Some(&*bundle.image)),
            ("unique", Some(self.flag(rsc, RscFlags::UNIQUE))),
            ("maintenance", Some(self.flag(rsc, RscFlags::MAINTENANCE))),
            ("managed", Some(self.flag(rsc, RscFlags::MANAGED))),
            ("failed", Some(self.flag(rsc, RscFlags::FAILED))),
        ];
        let element = append_all(self.tree, at, "bundle", &pairs);
        for replica in &bundle.replicas {
            let offset = replica.offset.to_string();
            let at = self.tree.append_with(element, "replica", &[("id", &offset)]);
            for part in replica.parts() {
                self.resource(part, at);
            }
        }
    }
}
