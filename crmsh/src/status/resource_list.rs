//! The list of resources.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c` (`resource_list()`), `native.c`, `group.c`,
//! `clone.c`, `bundle.c`: their default messages.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cib_model::Role;
use policy::Plan;
use policy::facts::{RscFlags, Variant};
use policy::index::{NodeIdx, RscIdx};
use policy::render::exit_text;
use policy::render::instance::{InstanceKind, instance_kind};
use policy::render::rsc_line::{Shown as Line, failed_probe, primitive_line};
use policy::render::status_text::is_disabled;
use policy::unpack::compare_node_names;

use super::Shown;
use super::brief;
use super::filter::{Filter, printable_id};

/// Writes lists of resources as one display wants them.
pub(super) struct Lister<'a> {
    pub(super) plan: &'a Plan,
    pub(super) shown: &'a Shown,
    pub(super) filter: &'a Filter,
    /// Below a node: nodes are not named.
    pub(super) below_node: bool,
}

impl Lister<'_> {
    /// Returns the section; empty where all was said below the nodes.
    pub(super) fn section(&self) -> String {
        let shown = self.shown;
        if shown.by_node && !shown.inactive {
            return String::new();
        }
        let title = match (shown.by_node, shown.inactive) {
            (true, _) => "Inactive Resources",
            (_, true) => "Full List of Resources",
            _ => "Active Resources",
        };
        let mut body = String::new();
        let brief = shown.brief && !shown.by_node;
        if brief {
            let rscs = self.filter.of_list(self.plan, &self.plan.facts.top);
            body += &brief::lines(self.plan, &rscs, shown.inactive, true, 1);
        }
        for &rsc in &self.plan.facts.top {
            if self.is_listed(rsc, brief) {
                body += &self.resource(rsc, 1);
            }
        }
        if body.is_empty() {
            body = match (shown.no_summary, shown.by_node, shown.inactive) {
                (true, ..) if !brief => return String::new(),
                (true, ..) => String::new(),
                (_, true, _) => "  * No inactive resources\n".to_owned(),
                (_, _, true) => "  * No resources\n".to_owned(),
                _ => "  * No active resources\n".to_owned(),
            };
        }
        format!("{title}:\n{body}")
    }

    fn is_listed(&self, rsc: RscIdx, brief: bool) -> bool {
        let plan = self.plan;
        let (active, partly) = (plan.is_active(rsc, true), plan.is_active(rsc, false));
        if plan.rsc_has(rsc, RscFlags::REMOVED) && !active {
            false
        } else if self.shown.by_node {
            !active
        } else if brief && plan.is_primitive(rsc) {
            false
        } else if partly {
            self.filter.runs_on_any(plan, rsc)
        } else {
            self.shown.inactive
        }
    }

    /// Returns a resource with what is in it; empty where nothing of it is to be shown.
    pub(super) fn resource(&self, rsc: RscIdx, depth: usize) -> String {
        self.filtered(rsc, depth, self.filter)
    }

    fn filtered(&self, rsc: RscIdx, depth: usize, filter: &Filter) -> String {
        if !filter.rsc(self.plan, rsc, true) {
            return String::new();
        }
        match self.plan.variant(rsc) {
            Variant::Primitive => {
                let node = self.plan.current_node(rsc).or(self.plan.rscs[rsc].pending_node);
                self.primitive(rsc, printable_id(self.plan, rsc), node, depth)
            }
            Variant::Group => self.group(rsc, depth, filter),
            Variant::Clone => self.clone(rsc, depth, filter),
            Variant::Bundle => self.bundle(rsc, depth, filter),
        }
    }

    fn has(&self, rsc: RscIdx, flag: RscFlags) -> bool {
        self.plan.rsc_has(rsc, flag)
    }

    fn primitive(&self, rsc: RscIdx, name: &str, node: Option<NodeIdx>, depth: usize) -> String {
        let meta = &self.plan.facts.rscs[rsc].meta;
        let internal = meta.get("internal_rsc").and_then(cib_model::boolean::parse) == Some(true);
        if internal && !self.shown.detail {
            return String::new();
        }
        let line = Line {
            name,
            node,
            pending: true,
            place: !self.below_node,
            description: self.shown.detail,
        };
        item(depth, &primitive_line(self.plan, rsc, &line))
    }

    /// Returns the flags behind a container's name, in brackets.
    fn flags(&self, rsc: RscIdx, mut flags: Vec<String>) -> String {
        if is_disabled(self.plan, rsc) {
            flags.push("disabled".to_owned());
        }
        if self.has(rsc, RscFlags::MAINTENANCE) {
            flags.push("maintenance".to_owned());
        } else if !self.has(rsc, RscFlags::MANAGED) {
            flags.push("unmanaged".to_owned());
        }
        if flags.is_empty() { String::new() } else { format!(" ({})", flags.join(", ")) }
    }

    fn description(&self, rsc: RscIdx) -> String {
        let xml = self.plan.facts.rsc_xml(rsc).filter(|_| self.shown.detail);
        let text = xml.and_then(|xml| xml.attr("description").map(|text| format!(" ({text})")));
        text.unwrap_or_default()
    }

    fn group(&self, rsc: RscIdx, depth: usize, filter: &Filter) -> String {
        let plan = self.plan;
        let children = &plan.rscs[rsc].children;
        let mut body = String::new();
        if self.shown.brief {
            let rscs = filter.of_list(plan, children);
            if !rscs.is_empty() {
                body = brief::lines(plan, &rscs, true, !self.below_node, depth + 1);
            }
        } else {
            let parent = filter.names(plan, rsc);
            for &child in children {
                if filter.member(plan, child, parent, self.shown.inactive) {
                    body += &self.filtered(child, depth + 1, filter);
                }
            }
        }
        if body.is_empty() {
            return body;
        }
        let partly = !plan.is_active(rsc, true) && plan.is_active(rsc, false);
        let idle = children.iter().filter(|child| !plan.is_active(**child, true)).count();
        let mut flags = Vec::new();
        if partly && idle > 0 && !self.shown.inactive {
            flags.push(format!("{idle} member{} inactive", if idle == 1 { "" } else { "s" }));
        }
        let title = format!(
            "Resource Group: {}{}{}:",
            plan.facts.rscs[rsc].id,
            self.flags(rsc, flags),
            self.description(rsc)
        );
        item(depth, &title) + &body
    }

    fn clone(&self, rsc: RscIdx, depth: usize, filter: &Filter) -> String {
        let plan = self.plan;
        let everything = filter.names(plan, rsc);
        let all = Filter::of(plan, None, None);
        let (mut body, mut promoted, mut started) = (String::new(), Vec::new(), Vec::new());
        for &child in &plan.rscs[rsc].children {
            if filter.is_elsewhere(plan, child) || !filter.rsc(plan, child, everything) {
                continue;
            }
            match self.instance(rsc, child) {
                InstanceKind::Alone => body += &self.filtered(child, depth + 1, &all),
                InstanceKind::Hidden => {}
                InstanceKind::Promoted(node) => promoted.push(node),
                InstanceKind::Started(node) => started.push(node),
            }
        }
        let mut bare = false;
        if !self.shown.detail {
            body += &self.running(rsc, &mut promoted, &mut started, depth + 1);
            if self.shown.inactive {
                let active = promoted.len() + started.len();
                let stopped = self.stopped(rsc, active, depth + 1);
                bare = stopped.is_empty() && active == 0;
                body += &stopped;
            }
        }
        if body.is_empty() && !bare {
            return body;
        }
        let mut flags = Vec::new();
        if self.has(rsc, RscFlags::PROMOTABLE) {
            flags.push("promotable".to_owned());
        }
        if self.has(rsc, RscFlags::UNIQUE) {
            flags.push("unique".to_owned());
        }
        let facts = &plan.facts.rscs[rsc];
        let child = facts.clone_facts().map_or("", |c| &c.child_id);
        let (flags, text) = (self.flags(rsc, flags), self.description(rsc));
        item(depth, &format!("Clone Set: {} [{child}]{flags}{text}:", facts.id)) + &body
    }

    /// Returns how an instance of a clone is shown.
    fn instance(&self, clone: RscIdx, instance: RscIdx) -> InstanceKind {
        if self.shown.detail {
            return InstanceKind::Alone;
        }
        instance_kind(self.plan, clone, instance, true)
    }

    /// Returns the nodes' names, sorted, as `[ a b ]`; `None` where none is to be shown.
    fn names(&self, nodes: &mut Vec<NodeIdx>) -> Option<String> {
        let facts = &self.plan.facts;
        nodes.retain(|node| self.filter.node(&facts.nodes[*node].name));
        nodes.sort_by(|a, b| compare_node_names(&facts.nodes[*a].name, &facts.nodes[*b].name));
        let names: Vec<&str> = nodes.iter().map(|n| &*facts.nodes[*n].name).collect();
        (!names.is_empty()).then(|| format!("[ {} ]", names.join(" ")))
    }

    fn running(
        &self,
        rsc: RscIdx,
        promoted: &mut Vec<NodeIdx>,
        started: &mut Vec<NodeIdx>,
        depth: usize,
    ) -> String {
        let mut text = String::new();
        if let Some(names) = self.names(promoted) {
            text += &item(depth, &format!("Promoted: {names}"));
        }
        let word = match (self.has(rsc, RscFlags::PROMOTABLE), self.configured_role(rsc)) {
            (true, Some(Role::Unpromoted)) => "Unpromoted (target-role)",
            (true, _) => "Unpromoted",
            (false, _) => "Started",
        };
        if let Some(names) = self.names(started) {
            text += &item(depth, &format!("{word}: {names}"));
        }
        text
    }

    /// Returns the clone's target role, or its first instance's.
    fn configured_role(&self, rsc: RscIdx) -> Option<Role> {
        let role = |rsc: RscIdx| self.plan.facts.rscs[rsc].meta.get("target-role");
        let first = self.plan.rscs[rsc].children.first();
        role(rsc).or_else(|| role(*first?)).and_then(Role::parse)
    }

    fn stopped(&self, rsc: RscIdx, active: usize, depth: usize) -> String {
        let plan = self.plan;
        let max = plan.facts.rscs[rsc].clone_facts().map_or(0, |c| c.clone_max);
        if self.has(rsc, RscFlags::UNIQUE) || usize::try_from(max).unwrap_or(0) <= active {
            return String::new();
        }
        let mut nodes: Vec<NodeIdx> = plan.scores.allowed[rsc].nodes().collect();
        if nodes.is_empty() {
            nodes = plan.rscs[rsc].probed.iter().map(|(node, _)| *node).collect();
        }
        let disabled = self.configured_role(rsc) == Some(Role::Stopped);
        let mut by_state: BTreeMap<String, Vec<NodeIdx>> = BTreeMap::new();
        for node in nodes.into_iter().filter(|node| !plan.rscs[rsc].active.contains(node)) {
            let state = match failed_probe(plan, rsc, Some(node)) {
                Some(entry) => format!("Stopped ({})", exit_text(entry.rc)),
                None if disabled => "Stopped (disabled)".to_owned(),
                None => "Stopped".to_owned(),
            };
            by_state.entry(state).or_default().push(node);
        }
        let mut text = String::new();
        for (state, mut nodes) in by_state {
            if let Some(names) = self.names(&mut nodes) {
                text += &item(depth, &format!("{state}: {names}"));
            }
        }
        text
    }

    fn bundle(&self, rsc: RscIdx, depth: usize, filter: &Filter) -> String {
        let plan = self.plan;
        let facts = &plan.facts.rscs[rsc];
        let Some(bundle) = facts.bundle_facts() else { return String::new() };
        let everything = filter.id(&facts.id);
        let mut body = String::new();
        for replica in &bundle.replicas {
            if filter.is_elsewhere(plan, replica.container) {
                continue;
            }
            let parts: Vec<RscIdx> =
                replica.parts().filter(|part| filter.rsc(plan, *part, everything)).collect();
            if parts.is_empty() {
                continue;
            }
            if self.shown.detail || !everything {
                if bundle.replicas.len() > 1 {
                    body += &item(depth + 1, &format!("Replica[{}]", replica.offset));
                }
                let detailed = Shown { detail: true, ..self.shown.clone() };
                let inner = Lister { shown: &detailed, ..*self };
                body += &parts
                    .iter()
                    .map(|p| inner.filtered(*p, depth + 2, filter))
                    .collect::<String>();
                continue;
            }
            let shown = replica.child.unwrap_or(replica.container);
            let named = replica.remote.unwrap_or(replica.container);
            let mut name = printable_id(plan, named).to_owned();
            if let Some(ip) = &replica.ipaddr {
                let _infallible = write!(name, " ({ip})");
            }
            body += &self.primitive(shown, &name, plan.current_node(replica.container), depth + 1);
        }
        if body.is_empty() {
            return body;
        }
        let set = if bundle.nreplicas > 1 { " set" } else { "" };
        let unique = if self.has(rsc, RscFlags::UNIQUE) { " (unique)" } else { "" };
        let managed = if self.has(rsc, RscFlags::MAINTENANCE) {
            " (maintenance)"
        } else if self.has(rsc, RscFlags::MANAGED) {
            ""
        } else {
            " (unmanaged)"
        };
        let (id, image, text) = (&facts.id, &bundle.image, self.description(rsc));
        let title = format!("Container bundle{set}: {id} [{image}]{unique}{text}{managed}:");
        item(depth, &title) + &body
    }
}

/// Returns one line of a list.
pub(super) fn item(depth: usize, text: &str) -> String {
    format!("{:indent$}* {text}\n", "", indent = 2 * depth)
}
