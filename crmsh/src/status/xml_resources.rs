//! The resources of the XML status.
//!
//! **Source:** pacemaker `lib/pengine/{native,group,clone,bundle}.c`, their XML messages.

use cib_model::xml::{Tree, XmlId};
use policy::Plan;
use policy::facts::{RscFlags, Variant};
use policy::index::RscIdx;
use policy::render::rsc_line::{displayable_role, pending_state};
use policy::render::status_text::is_disabled;

use super::brief::agent;
use super::filter::{Filter, printable_id};
use super::xml::{set, word};

/// Writes resources below an element.
pub(super) struct ResourceXml<'a> {
    pub(super) plan: &'a Plan,
    pub(super) filter: &'a Filter,
    /// What does not run is written too.
    pub(super) inactive: bool,
    /// Descriptions are written.
    pub(super) described: bool,
}

impl ResourceXml<'_> {
    /// Writes a resource with what is in it, as far as it is to be shown.
    pub(super) fn write(&self, tree: &mut Tree, at: XmlId, rsc: RscIdx) {
        self.filtered(tree, at, rsc, self.filter);
    }

    fn filtered(&self, tree: &mut Tree, at: XmlId, rsc: RscIdx, filter: &Filter) {
        if !filter.rsc(self.plan, rsc, true) {
            return;
        }
        match self.plan.variant(rsc) {
            Variant::Primitive => self.primitive(tree, at, rsc),
            Variant::Group => self.group(tree, at, rsc, filter),
            Variant::Clone => self.clone(tree, at, rsc, filter),
            Variant::Bundle => self.bundle(tree, at, rsc, filter),
        }
    }

    fn flag(&self, rsc: RscIdx, flag: RscFlags) -> &'static str {
        word(self.plan.rsc_has(rsc, flag))
    }

    fn primitive(&self, tree: &mut Tree, at: XmlId, rsc: RscIdx) {
        let plan = self.plan;
        let (facts, state) = (&plan.facts.rscs[rsc], &plan.rscs[rsc]);
        let role = pending_state(plan, rsc).unwrap_or_else(|| displayable_role(plan, rsc).text());
        let attrs = [
            ("id", printable_id(plan, rsc)),
            ("resource_agent", &agent(plan, rsc)),
            ("role", role),
        ];
        let at = set(tree, at, "resource", &attrs);
        if let Some(target) = facts.meta.get("target-role") {
            tree.set_attr(at, "target_role", target);
        }
        let removed = self.flag(rsc, RscFlags::REMOVED);
        let attrs = [
            ("active", word(plan.is_active(rsc, true))),
            ("orphaned", removed),
            ("removed", removed),
            ("blocked", self.flag(rsc, RscFlags::BLOCKED)),
            ("maintenance", self.flag(rsc, RscFlags::MAINTENANCE)),
            ("managed", self.flag(rsc, RscFlags::MANAGED)),
            ("failed", self.flag(rsc, RscFlags::FAILED)),
            ("failure_ignored", self.flag(rsc, RscFlags::IGNORE_FAILURE)),
            ("nodes_running_on", &state.active.len().to_string()),
        ];
        for (name, value) in attrs {
            tree.set_attr(at, name, value);
        }
        if state.pending_action.as_deref() == Some("monitor") {
            tree.set_attr(at, "pending", "Monitoring");
        }
        if let Some(node) = state.lock_node {
            tree.set_attr(at, "locked_to", &*plan.facts.nodes[node].name);
        }
        let xml = plan.facts.rsc_xml(rsc).filter(|_| self.described);
        if let Some(text) = xml.and_then(|xml| xml.attr("description").map(str::to_owned)) {
            tree.set_attr(at, "description", text);
        }
        for &node in &state.active {
            let (name, id) = (&plan.facts.nodes[node].name, &plan.facts.nodes[node].id);
            let cached = word(plan.nodes[node].online);
            set(tree, at, "node", &[("name", name), ("id", id), ("cached", cached)]);
        }
    }

    fn group(&self, tree: &mut Tree, at: XmlId, rsc: RscIdx, filter: &Filter) {
        let plan = self.plan;
        let parent = filter.names(plan, rsc);
        let children = &plan.rscs[rsc].children;
        let mut inside = None;
        for (index, &child) in children.iter().enumerate() {
            if !filter.member(plan, child, parent, self.inactive) {
                continue;
            }
            let at = *inside.get_or_insert_with(|| {
                let attrs = [
                    ("id", &*plan.facts.rscs[rsc].id),
                    ("number_resources", &(children.len() - index).to_string()),
                    ("maintenance", self.flag(rsc, RscFlags::MAINTENANCE)),
                    ("managed", self.flag(rsc, RscFlags::MANAGED)),
                    ("disabled", word(is_disabled(plan, rsc))),
                ];
                set(tree, at, "group", &attrs)
            });
            self.filtered(tree, at, child, filter);
        }
    }

    fn clone(&self, tree: &mut Tree, at: XmlId, rsc: RscIdx, filter: &Filter) {
        let plan = self.plan;
        let everything = filter.names(plan, rsc);
        let all = Filter::of(plan, None, None);
        let mut inside = None;
        for &child in &plan.rscs[rsc].children {
            if filter.is_elsewhere(plan, child) || !filter.rsc(plan, child, everything) {
                continue;
            }
            let at = *inside.get_or_insert_with(|| {
                let attrs = [
                    ("id", &*plan.facts.rscs[rsc].id),
                    ("multi_state", self.flag(rsc, RscFlags::PROMOTABLE)),
                    ("unique", self.flag(rsc, RscFlags::UNIQUE)),
                    ("maintenance", self.flag(rsc, RscFlags::MAINTENANCE)),
                    ("managed", self.flag(rsc, RscFlags::MANAGED)),
                    ("disabled", word(is_disabled(plan, rsc))),
                    ("failed", self.flag(rsc, RscFlags::FAILED)),
                    ("failure_ignored", self.flag(rsc, RscFlags::IGNORE_FAILURE)),
                ];
                let at = set(tree, at, "clone", &attrs);
                if let Some(role) = self.target_role(rsc) {
                    tree.set_attr(at, "target_role", role);
                }
                at
            });
            self.filtered(tree, at, child, &all);
        }
    }

    /// Returns the clone's target role, or its first instance's.
    fn target_role(&self, rsc: RscIdx) -> Option<&str> {
        let role = |rsc: RscIdx| self.plan.facts.rscs[rsc].meta.get("target-role");
        role(rsc).or_else(|| role(*self.plan.rscs[rsc].children.first()?))
    }

    fn bundle(&self, tree: &mut Tree, at: XmlId, rsc: RscIdx, filter: &Filter) {
        let plan = self.plan;
        let facts = &plan.facts.rscs[rsc];
        let Some(bundle) = facts.bundle_facts() else { return };
        let everything = filter.id(&facts.id);
        let mut inside = None;
        for replica in &bundle.replicas {
            let parts: Vec<RscIdx> =
                replica.parts().filter(|part| filter.rsc(plan, *part, everything)).collect();
            if filter.is_elsewhere(plan, replica.container) || parts.is_empty() {
                continue;
            }
            let at = *inside.get_or_insert_with(|| {
                let attrs = [
                    ("id", &*facts.id),
                    ("type", &*plan.facts.rscs[replica.container].agent),
                    ("image", &*bundle.image),
                    ("unique", self.flag(rsc, RscFlags::UNIQUE)),
                    ("maintenance", self.flag(rsc, RscFlags::MAINTENANCE)),
                    ("managed", self.flag(rsc, RscFlags::MANAGED)),
                    ("failed", self.flag(rsc, RscFlags::FAILED)),
                ];
                set(tree, at, "bundle", &attrs)
            });
            let at = set(tree, at, "replica", &[("id", &replica.offset.to_string())]);
            for part in parts {
                self.filtered(tree, at, part, filter);
            }
        }
    }

    /// Tells whether a resource of the top level is to be listed.
    pub(super) fn is_listed(&self, rsc: RscIdx, by_node: bool) -> bool {
        let plan = self.plan;
        let (active, partly) = (plan.is_active(rsc, true), plan.is_active(rsc, false));
        if plan.rsc_has(rsc, RscFlags::REMOVED) && !active {
            return false;
        }
        match (by_node, partly) {
            (true, _) => !active,
            (_, true) => self.filter.runs_on_any(plan, rsc),
            (_, false) => self.inactive,
        }
    }
}
