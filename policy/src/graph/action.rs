//! One action as the graph tells it: identity, resource, attributes.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_graph_producer.c` (`create_graph_action()`), the
//! `add_graph_meta()` methods, `pcmk_sched_remote.c` (`pcmk__add_guest_meta_to_xml()`).

use super::transition::{ActionKind, ActionRef, GraphAction, GraphResource};
use crate::actions::{
    Action, ActionFlags as F, ActionGraph, ActionIdx, ActionKey, ActionName, NotifyType, Task,
    meta_name,
};
use crate::facts::{NodeFlags, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

/// Attributes under construction: the first value of a name stays.
#[derive(Default)]
struct Attributes {
    /// Sorted by name.
    values: Vec<(String, String)>,
    params: Vec<(String, String)>,
}

impl Attributes {
    fn with_capacity(capacity: usize) -> Self {
        Attributes { values: Vec::with_capacity(capacity), params: Vec::new() }
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        // Most names come in order.
        match self.values.last() {
            Some((last, _)) if last.as_str() < name => Err(self.values.len()),
            None => Err(0),
            Some(_) => self.values.binary_search_by(|(n, _)| n.as_str().cmp(name)),
        }
    }

    fn add(&mut self, name: &str, value: &str) {
        if let Err(at) = self.position(name) {
            self.values.insert(at, (name.to_owned(), value.to_owned()));
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        match self.position(name) {
            Ok(at) => value.clone_into(&mut self.values[at].1),
            Err(at) => self.values.insert(at, (name.to_owned(), value.to_owned())),
        }
    }

    fn add_param(&mut self, name: &str, value: &str) {
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            self.params.push((name.to_owned(), value.to_owned()));
        } else {
            self.add(name, value);
        }
    }

    fn add_meta(&mut self, name: &str, value: &str) {
        if let Some(name) = meta_name(name)
            && let Err(at) = self.position(&name)
        {
            self.values.insert(at, (name, value.to_owned()));
        }
    }

    fn set_meta(&mut self, name: &str, value: &str) {
        if let Some(name) = meta_name(name) {
            self.set(&name, value);
        }
    }
}

impl Plan {
    /// Returns an action's key as text (`uuid` in C).
    pub fn action_key_text(&self, action: ActionIdx) -> String {
        let state = &self.actions[action];
        match (&state.name, state.rsc) {
            (ActionName::Cluster(name), _) => name.to_string(),
            (ActionName::Resource(key), rsc) => {
                let rsc = rsc.map_or("", |rsc| &*self.facts.rscs[rsc].id);
                key.text(rsc, &self.actions.task_names)
            }
        }
    }

    fn kind(state: &Action) -> ActionKind {
        match state.task {
            Task::Fence if !state.is(F::PSEUDO) => ActionKind::Cluster,
            Task::Shutdown | Task::ClearFailcount | Task::LrmDelete => ActionKind::Cluster,
            _ if state.is(F::PSEUDO) => ActionKind::Pseudo,
            _ => ActionKind::Resource,
        }
    }

    /// Returns true where the graph names the action's node.
    fn names_node(state: &Action) -> bool {
        matches!(state.task, Task::Fence | Task::Shutdown | Task::ClearFailcount | Task::LrmDelete)
            || !state.is(F::PSEUDO)
    }

    /// Returns the action's key with the resource's name in the history.
    ///
    /// # Source
    /// `clone_op_key()`
    fn history_key(&self, state: &Action, history_id: &str) -> String {
        let names = &self.actions.task_names;
        if state.task == Task::Notify {
            let kind = match state.meta.get("notify_type") {
                Some("pre") => NotifyType::Pre,
                _ => NotifyType::Post,
            };
            let about = state.meta.get("notify_operation").and_then(Task::known);
            return ActionKey::notify(kind, about.unwrap_or(Task::Notify)).text(history_id, names);
        }
        let interval = state.meta.get("interval").and_then(|v| v.parse().ok()).unwrap_or(0);
        let task = state.cancel_task.unwrap_or(state.task);
        ActionKey::recurring(task, interval).text(history_id, names)
    }

    /// Returns an action's identity.
    pub(super) fn action_ref(&self, action: ActionIdx) -> ActionRef {
        let state = &self.actions[action];
        let key = self.action_key_text(action);
        let history_id = state.rsc.and_then(|rsc| self.rscs[rsc].history_id.as_deref());
        let (operation_key, internal_operation_key) = match history_id {
            Some(history_id) => (self.history_key(state, history_id), Some(key)),
            None => (key, None),
        };
        let node = state.node.filter(|_| Self::names_node(state));
        let router = node.and_then(|_| self.connection_host(action));
        ActionRef {
            id: ActionGraph::id(action),
            kind: Self::kind(state),
            cib_only: state.task == Task::LrmDelete,
            operation: self.actions.task_names.name(state.task).to_owned(),
            operation_key,
            internal_operation_key,
            on_node: node.map(|n| self.facts.nodes[n].name.to_string()),
            on_node_uuid: node.map(|n| self.facts.nodes[n].id.to_string()),
            router_node: router.map(|n| self.facts.nodes[n].name.to_string()),
        }
    }

    /// Returns an action with all that is needed to perform it.
    pub(super) fn graph_action(&mut self, action: ActionIdx) -> GraphAction {
        let reference = self.action_ref(action);
        let attributes = self.attributes(action);
        let state = &self.actions[action];
        let rsc = state.rsc.filter(|_| !state.is(F::PSEUDO));
        let shutdown_lock = rsc.filter(|_| self.is_locking(action)).map(|r| self.rscs[r].lock_time);
        let maintenance = (state.task == Task::MaintenanceNodes
            || matches!(&state.name, ActionName::Cluster(n) if &**n == "maintenance_nodes"))
        .then(|| {
            let changes = self.facts.node_order.iter();
            changes.filter_map(|node| self.maintenance_change(*node)).collect()
        });
        GraphAction {
            reference,
            shutdown_lock,
            resource: rsc.map(|rsc| self.graph_resource(rsc)),
            attributes: attributes.values,
            params: attributes.params,
            downed: self.downed_nodes(action),
            maintenance,
        }
    }

    /// # Source
    /// `pcmk__action_locks_rsc_to_node()`
    fn is_locking(&self, action: ActionIdx) -> bool {
        let state = &self.actions[action];
        let (Some(rsc), Some(node)) = (state.rsc, state.node) else { return false };
        self.rscs[rsc].lock_node == Some(node)
            && (!self.nodes[node].shutdown || state.task == Task::Stop)
    }

    fn graph_resource(&self, rsc: RscIdx) -> GraphResource {
        let facts = &self.facts.rscs[rsc];
        let history_id = self.rscs[rsc].history_id.as_deref();
        let (id, long_id) = match history_id {
            Some(history_id) if self.rsc_has(rsc, RscFlags::REMOVED) => {
                (history_id, Some(&*facts.id))
            }
            _ if !self.rsc_has(rsc, RscFlags::UNIQUE) => {
                let other = history_id.filter(|h| *h != &*facts.xml_id);
                (&*facts.xml_id, Some(other.unwrap_or(&facts.id)))
            }
            _ => (&*facts.id, None),
        };
        let text = |value: &str| Some(value.to_owned()).filter(|v| !v.is_empty());
        GraphResource {
            element: "primitive".to_owned(),
            id: id.to_owned(),
            long_id: long_id.map(str::to_owned),
            class: text(&facts.class),
            provider: facts.provider.as_deref().and_then(text),
            kind: text(&facts.agent),
        }
    }

    /// # Source
    /// `add_action_attributes()`
    fn attributes(&mut self, action: ActionIdx) -> Attributes {
        let mut made = Attributes::with_capacity(12);
        made.add("crm_feature_set", crate::FEATURE_SET);
        let (rsc, node) = (self.actions[action].rsc, self.actions[action].node);
        for (name, value) in self.actions[action].extra.iter() {
            made.add(name, value);
        }
        if let Some(rsc) = rsc {
            if let Some(node) = node {
                self.rsc_params(rsc, Some(node));
                self.substitute_remote_addr(rsc, node);
                for (name, value) in self.rsc_params(rsc, Some(node)).iter() {
                    made.add_param(name, value);
                }
            } else if self.is_primitive(rsc) {
                for (name, value) in self.rsc_params(rsc, None).iter() {
                    made.add_param(name, value);
                }
            }
        }
        let state = &self.actions[action];
        let node = node.filter(|_| Self::names_node(state)).map(|node| &self.facts.nodes[node]);
        for (name, value) in state.meta.iter() {
            if node.is_none() || !matches!(name, "on_node" | "on_node_uuid") {
                made.add_meta(name, value);
            }
        }
        if let Some(node) = node {
            made.add("CRM_meta_on_node", &node.name);
            made.add("CRM_meta_on_node_uuid", &node.id);
        }
        let mut at = rsc;
        while let Some(rsc) = at {
            self.add_rsc_meta(rsc, &mut made);
            at = self.facts.rscs[rsc].parent;
        }
        if rsc.is_some() {
            self.add_guest_meta(action, &mut made);
        }
        made
    }

    /// # Source
    /// `pcmk__primitive_add_graph_meta()`, `pcmk__clone_add_graph_meta()`
    fn add_rsc_meta(&self, rsc: RscIdx, made: &mut Attributes) {
        let facts = &self.facts.rscs[rsc];
        match self.variant(rsc) {
            Variant::Primitive => {
                if let Some(number) = facts.clone_number.as_deref() {
                    made.set_meta("clone", number);
                }
                if let Some(remote_node) = facts.meta.get("remote-node") {
                    made.set_meta("remote-node", remote_node);
                }
                let mut at = Some(rsc);
                while let Some(level) = at {
                    if let Some(launcher) = self.facts.rscs[level].launcher {
                        made.set_meta("container", &self.facts.rscs[launcher].id);
                    }
                    at = self.facts.rscs[level].parent;
                }
                if let Some(ip) = facts.meta.get("external-ip") {
                    made.set("pcmk_external_ip", ip);
                }
            }
            Variant::Clone => {
                let Some(clone) = facts.clone_facts() else { return };
                let flag = |flag: RscFlags| if self.rsc_has(rsc, flag) { "true" } else { "false" };
                made.set_meta("globally-unique", flag(RscFlags::UNIQUE));
                made.set_meta("notify", flag(RscFlags::NOTIFY));
                made.set_meta("clone-max", &clone.clone_max.to_string());
                made.set_meta("clone-node-max", &clone.clone_node_max.to_string());
                if self.rsc_has(rsc, RscFlags::PROMOTABLE) {
                    for name in ["promoted-max", "master-max"] {
                        made.set_meta(name, &clone.promoted_max.to_string());
                    }
                    for name in ["promoted-node-max", "master-node-max"] {
                        made.set_meta(name, &clone.promoted_node_max.to_string());
                    }
                }
            }
            Variant::Group | Variant::Bundle => {}
        }
    }

    /// # Source
    /// `pcmk__add_guest_meta_to_xml()`
    fn add_guest_meta(&self, action: ActionIdx, made: &mut Attributes) {
        use Task::{Demote, Demoted, Monitor, Promote, Promoted, Running, Start, Stop, Stopped};
        let state = &self.actions[action];
        let launcher = state.node.and_then(|node| self.guest_launcher(node));
        let (Some(launcher), Some(rsc)) = (launcher, state.rsc) else { return };
        let task = match (state.task, state.meta.get("notify_operation")) {
            (Task::Notify | Task::Notified, Some(about)) => Task::known(about),
            (task, _) => Some(task),
        };
        let host = match task {
            Some(Stop | Stopped | Demote | Demoted) => self.current_node(launcher),
            Some(Start | Running | Monitor | Promote | Promoted) => self.rscs[launcher].assigned,
            _ => None,
        };
        if let Some(host) = host {
            if let Some(target) = self.facts.rscs[rsc].meta.get("container-attribute-target") {
                made.add_meta("container-attribute-target", target);
            }
            made.add_meta("physical-host", &self.facts.nodes[host].name);
        }
    }

    /// Returns the nodes that are gone once an action is done.
    ///
    /// # Source
    /// `add_downed_nodes()`
    fn downed_nodes(&self, action: ActionIdx) -> Option<Vec<String>> {
        let state = &self.actions[action];
        let node = state.node.filter(|_| Self::names_node(state))?;
        let id = |node: NodeIdx| self.facts.nodes[node].id.to_string();
        if state.task == Task::Shutdown {
            return Some(vec![id(node)]);
        }
        if state.task == Task::Fence {
            if !matches!(state.meta.get("stonith_action"), Some("off" | "reboot" | "poweroff")) {
                return None;
            }
            let mut downed = vec![id(node)];
            downed.extend(self.guests_on(node).into_iter().map(id));
            return Some(downed);
        }
        let rsc = state.rsc?;
        if !self.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION) || state.task != Task::Stop {
            return None;
        }
        let is_migrating = self.actions.before(action).iter().any(|edge| {
            let input = &self.actions[edge.peer];
            input.rsc == Some(rsc) && input.task == Task::MigrateFrom
        });
        (!is_migrating).then(|| vec![self.facts.rscs[rsc].id.to_string()])
    }

    /// Returns the guest nodes whose launchers are active on `host`.
    ///
    /// # Source
    /// `pe_foreach_guest_node()`
    fn guests_on(&self, host: NodeIdx) -> Vec<NodeIdx> {
        let mut guests = Vec::new();
        for &rsc in &self.nodes[host].running {
            if !self.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION)
                || self.facts.rscs[rsc].launcher.is_none()
            {
                continue;
            }
            if let Some(node) = self.facts.node_by_name(&self.facts.rscs[rsc].id) {
                guests.push(node);
            }
        }
        guests
    }

    /// Returns a remote node's id and whether it is in maintenance, where that changed.
    pub(super) fn maintenance_change(&self, node: NodeIdx) -> Option<(String, bool)> {
        let state = &self.nodes[node];
        let changed = self.facts.is_pacemaker_remote(node)
            && state.maintenance != state.has(NodeFlags::REMOTE_MAINT);
        changed.then(|| (self.facts.nodes[node].id.to_string(), state.maintenance))
    }

    /// Remembers the address of a bundle's connection now that its container's node is known.
    pub(super) fn note_bundle_address(&mut self, remote: RscIdx) {
        if let Some(name) = self.bundle_remote_name(remote) {
            self.set_param(remote, "addr", &name);
        }
    }
}
