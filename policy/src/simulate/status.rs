//! The status section with an index, so that each simulated result is written in constant time.

use std::collections::HashMap;

use cib_model::Cib;
use cib_model::xml::{ElementRef, XmlId};

use crate::graph::GraphResource;

/// Position of a node state in the index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NodeKey(usize);

/// One resource's history on one node.
#[derive(Clone, Copy, Debug)]
pub(super) struct HistoryKey {
    node: usize,
    history: usize,
    /// The `<lrm_resource>`.
    pub(super) element: XmlId,
}

struct NodeEntry {
    element: XmlId,
    histories: Vec<(XmlId, i32)>,
    by_rsc: HashMap<String, usize>,
}

/// What is where in the status section.
pub(super) struct StatusIndex {
    nodes: Vec<NodeEntry>,
    by_name: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
}

impl StatusIndex {
    /// Reads the status section once.
    pub(super) fn of(cib: &Cib) -> Self {
        let mut index =
            StatusIndex { nodes: Vec::new(), by_name: HashMap::new(), by_id: HashMap::new() };
        let states = cib.root().child("status").map(|s| s.children_named("node_state"));
        for state in states.into_iter().flatten() {
            let key = index.nodes.len();
            index.nodes.push(NodeEntry::of(state));
            if let Some(name) = state.attr("uname") {
                index.by_name.entry(name.to_owned()).or_insert(key);
            }
            if let Some(id) = state.id() {
                index.by_id.entry(id.to_owned()).or_insert(key);
            }
        }
        index
    }

    /// Finds or makes the state of a node.
    pub(super) fn ensure_node(&mut self, cib: &mut Cib, name: &str, uuid: Option<&str>) -> NodeKey {
        if let Some(key) = self.by_name.get(name) {
            return NodeKey(*key);
        }
        let uuid = uuid.map_or_else(|| configured_id(cib, name), str::to_owned);
        if let Some(key) = self.by_id.get(&uuid).copied() {
            // The state was written before the name was known.
            cib.tree_mut().set_attr(self.nodes[key].element, "uname", name);
            self.by_name.insert(name.to_owned(), key);
            return NodeKey(key);
        }
        let held = cib.root().child("status").map(ElementRef::xml_id);
        let root = cib.root().xml_id();
        let tree = cib.tree_mut();
        let status = held.unwrap_or_else(|| tree.append(root, "status"));
        let element = tree.append(status, "node_state");
        tree.set_attr(element, "id", uuid.as_str());
        tree.set_attr(element, "uname", name);
        let key = self.nodes.len();
        self.nodes.push(NodeEntry { element, histories: Vec::new(), by_rsc: HashMap::new() });
        self.by_name.insert(name.to_owned(), key);
        self.by_id.insert(uuid, key);
        NodeKey(key)
    }

    /// Finds the history of a resource under either of its names, or makes one under the name that
    /// the configuration prefers.
    pub(super) fn ensure_resource(
        &mut self,
        cib: &mut Cib,
        node: NodeKey,
        rsc: &str,
        resource: &GraphResource,
    ) -> HistoryKey {
        let entry = &mut self.nodes[node.0];
        let held = entry.by_rsc.get(rsc).or_else(|| entry.by_rsc.get(&resource.id)).copied();
        let history = held.unwrap_or_else(|| {
            let element = append_resource(cib, entry.element, resource);
            entry.histories.push((element, 0));
            entry.by_rsc.insert(resource.id.clone(), entry.histories.len() - 1);
            entry.histories.len() - 1
        });
        HistoryKey { node: node.0, history, element: entry.histories[history].0 }
    }

    /// Returns a call number above all that the history holds.
    pub(super) fn next_call(&mut self, key: HistoryKey) -> i32 {
        let call = &mut self.nodes[key.node].histories[key.history].1;
        *call += 1;
        *call
    }

    /// Returns a transient attribute's value.
    pub(super) fn transient(&self, cib: &Cib, node: NodeKey, name: &str) -> Option<String> {
        let state = cib.tree().element(self.nodes[node.0].element)?;
        let sets = state.child("transient_attributes")?.children_named("instance_attributes");
        let mut pairs = sets.flat_map(|set| set.children_named("nvpair").collect::<Vec<_>>());
        pairs.find(|p| p.attr("name") == Some(name))?.attr("value").map(str::to_owned)
    }

    /// Sets a transient attribute, making what it needs.
    pub(super) fn set_transient(&mut self, cib: &mut Cib, node: NodeKey, name: &str, value: &str) {
        let state = self.nodes[node.0].element;
        let attributes = ensure_child(cib, state, "transient_attributes");
        let set = ensure_child(cib, attributes, "instance_attributes");
        let held = cib.tree().element(set).and_then(|s| {
            s.children_named("nvpair")
                .find(|p| p.attr("name") == Some(name))
                .map(ElementRef::xml_id)
        });
        let set_id =
            cib.tree().element(set).and_then(ElementRef::id).unwrap_or_default().to_owned();
        let tree = cib.tree_mut();
        let pair = held.unwrap_or_else(|| {
            let pair = tree.append(set, "nvpair");
            tree.set_attr(pair, "id", format!("{set_id}-{name}"));
            tree.set_attr(pair, "name", name);
            pair
        });
        tree.set_attr(pair, "value", value);
    }

    /// Marks a node as fenced and forgets its history and transient attributes.
    pub(super) fn down(&mut self, cib: &mut Cib, name: &str, origin: &str) {
        let key = self.ensure_node(cib, name, None);
        let entry = &mut self.nodes[key.0];
        entry.histories.clear();
        entry.by_rsc.clear();
        let state = entry.element;
        let gone: Vec<XmlId> = cib
            .tree()
            .element(state)
            .map(|s| s.children().filter(|c| matches!(c.name(), "lrm" | "transient_attributes")))
            .into_iter()
            .flatten()
            .map(ElementRef::xml_id)
            .collect();
        let tree = cib.tree_mut();
        for element in gone {
            tree.detach(element);
        }
        let down =
            [("in_ccm", "false"), ("crmd", "offline"), ("join", "down"), ("expected", "down")];
        for (attr, value) in down {
            tree.set_attr(state, attr, value);
        }
        tree.set_attr(state, "crm-debug-origin", origin);
    }
}

impl NodeEntry {
    fn of(state: ElementRef<'_>) -> Self {
        let mut entry =
            NodeEntry { element: state.xml_id(), histories: Vec::new(), by_rsc: HashMap::new() };
        let resources = state.child("lrm").and_then(|l| l.child("lrm_resources"));
        for resource in resources.into_iter().flat_map(|r| r.children_named("lrm_resource")) {
            let calls =
                resource.children().filter_map(|op| op.attr("call-id")?.parse::<i32>().ok());
            let call = calls.max().unwrap_or(0).max(0);
            if let Some(id) = resource.id() {
                entry.by_rsc.entry(id.to_owned()).or_insert(entry.histories.len());
            }
            entry.histories.push((resource.xml_id(), call));
        }
        entry
    }
}

fn configured_id(cib: &Cib, name: &str) -> String {
    let nodes = cib.root().child("configuration").and_then(|c| c.child("nodes"));
    let mut listed = nodes.into_iter().flat_map(|n| n.children_named("node"));
    let id = listed.find(|n| n.attr("uname") == Some(name)).and_then(ElementRef::id);
    id.unwrap_or(name).to_owned()
}

fn append_resource(cib: &mut Cib, state: XmlId, resource: &GraphResource) -> XmlId {
    let lrm = ensure_child(cib, state, "lrm");
    let container = ensure_child(cib, lrm, "lrm_resources");
    let tree = cib.tree_mut();
    let element = tree.append(container, "lrm_resource");
    tree.set_attr(element, "id", resource.id.as_str());
    let agent =
        [("class", &resource.class), ("provider", &resource.provider), ("type", &resource.kind)];
    for (name, value) in agent {
        if let Some(value) = value {
            tree.set_attr(element, name, value.as_str());
        }
    }
    element
}

/// Finds or makes a child; a new one takes its parent's id, but for the list of resources.
fn ensure_child(cib: &mut Cib, parent: XmlId, name: &'static str) -> XmlId {
    let held = cib.tree().element(parent).and_then(|p| p.child(name)).map(ElementRef::xml_id);
    if let Some(held) = held {
        return held;
    }
    let id = cib.tree().element(parent).and_then(ElementRef::id).map(str::to_owned);
    let tree = cib.tree_mut();
    let element = tree.append(parent, name);
    if let Some(id) = id.filter(|_| name != "lrm_resources") {
        tree.set_attr(element, "id", id);
    }
    element
}
