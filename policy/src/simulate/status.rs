//! The status section with an index, so that each simulated result is written in constant time.

use std::collections::HashMap;

use cib_model::Cib;
use cib_model::xml::{ElementRef, Tree, XmlId};

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
    histories: Vec<History>,
    by_rsc: HashMap<String, usize>,
}

struct History {
    element: XmlId,
    /// Highest call number so far.
    call: i32,
    /// Further elements with the same id.
    duplicates: Vec<XmlId>,
    /// Whether it had duplicates when the simulation began.
    ambiguous: bool,
}

impl History {
    fn new(element: XmlId) -> Self {
        History { element, call: 0, duplicates: Vec::new(), ambiguous: false }
    }
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
            entry.histories.push(History::new(element));
            entry.by_rsc.insert(resource.id.clone(), entry.histories.len() - 1);
            entry.histories.len() - 1
        });
        for duplicate in std::mem::take(&mut entry.histories[history].duplicates) {
            merge_operations(cib, duplicate, entry.histories[history].element);
        }
        HistoryKey { node: node.0, history, element: entry.histories[history].element }
    }

    /// Returns true where the node has a history under this id.
    pub(super) fn has_resource(&self, node: NodeKey, rsc: &str) -> bool {
        self.nodes[node.0].by_rsc.contains_key(rsc)
    }

    /// Returns a call number above all that the history holds.
    pub(super) fn next_call(&mut self, key: HistoryKey) -> i32 {
        let history = &mut self.nodes[key.node].histories[key.history];
        if history.ambiguous {
            // COMPAT(pacemaker 3.x, pcmk_injections.c find_resource_xml()): where two histories
            // have the id, neither is found; the new one that is made instead begins at 1, and is
            // merged into the first.
            return 1;
        }
        // History may hold any number.
        history.call = history.call.saturating_add(1);
        history.call
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

    /// Writes whether a node is there; one that left has neither history nor transient attributes.
    pub(super) fn set_presence(
        &mut self,
        cib: &mut Cib,
        name: &str,
        presence: Presence,
        origin: &str,
    ) {
        let key = self.ensure_node(cib, name, None);
        if presence == Presence::Left {
            self.forget(cib, key);
        }
        let state = self.nodes[key.0].element;
        let tree = cib.tree_mut();
        for (attr, value) in presence.attrs() {
            tree.set_attr(state, attr, value);
        }
        tree.set_attr(state, "crm-debug-origin", origin);
    }

    fn forget(&mut self, cib: &mut Cib, node: NodeKey) {
        let entry = &mut self.nodes[node.0];
        entry.histories.clear();
        entry.by_rsc.clear();
        let children = cib.tree().element(entry.element).into_iter().flat_map(ElementRef::children);
        let gone: Vec<XmlId> = children
            .filter(|c| matches!(c.name(), "lrm" | "transient_attributes"))
            .map(ElementRef::xml_id)
            .collect();
        for element in gone {
            cib.tree_mut().detach(element);
        }
    }

    /// Returns the id of a node's state.
    pub(super) fn node_id(&self, cib: &Cib, node: NodeKey) -> String {
        let state = cib.tree().element(self.nodes[node.0].element);
        state.and_then(ElementRef::id).unwrap_or_default().to_owned()
    }
}

/// Whether a node is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Presence {
    /// It is a member.
    Member,
    /// It left in good order, or was fenced.
    Left,
    /// It should be a member and is not.
    Lost,
}

impl Presence {
    fn attrs(self) -> [(&'static str, &'static str); 4] {
        let (in_ccm, crmd, join) = match self {
            Presence::Member => ("true", "online", "member"),
            Presence::Left => ("false", "offline", "down"),
            Presence::Lost => ("false", "online", "member"),
        };
        [("in_ccm", in_ccm), ("crmd", crmd), ("join", join), ("expected", join)]
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
            let position = entry.histories.len();
            let id = resource.id().unwrap_or_default();
            let first = *entry.by_rsc.entry(id.to_owned()).or_insert(position);
            if first == position {
                entry.histories.push(History { call, ..History::new(resource.xml_id()) });
            } else {
                entry.histories[first].ambiguous = true;
                entry.histories[first].duplicates.push(resource.xml_id());
            }
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

/// Adds the entries of one history to another; entries with an id that is there are updated.
fn merge_operations(cib: &mut Cib, from: XmlId, into: XmlId) {
    let entries = |cib: &Cib, history: XmlId| -> Vec<(Option<String>, XmlId)> {
        let element = cib.tree().element(history);
        let entries = element.into_iter().flat_map(|h| h.children_named("lrm_rsc_op"));
        entries.map(|e| (e.id().map(str::to_owned), e.xml_id())).collect()
    };
    let held = entries(cib, into);
    for (id, entry) in entries(cib, from) {
        let Some(source) = cib.tree().element(entry) else { continue };
        let mut copy = Tree::new(source.name().to_owned());
        let root = copy.root_id();
        copy.set_attrs(root, source);
        match held.iter().find(|(held_id, _)| *held_id == id) {
            Some((_, target)) => cib.tree_mut().set_attrs(*target, copy.root()),
            None => {
                cib.tree_mut().append_copy(into, copy.root());
            }
        }
    }
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

/// Finds or makes a child; a new one takes its parent's id, where it has one, but for the list of
/// resources.
pub(super) fn ensure_child(cib: &mut Cib, parent: XmlId, name: &'static str) -> XmlId {
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
