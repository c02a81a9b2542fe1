//! Where options and attributes of one kind stand in the CIB: how they are found, and the elements
//! that make one that is not there.
//!
//! **Source:** pacemaker `lib/cib/cib_attrs.c`, `find_attr()`, `cib__update_node_attr()`.

use cib_model::xml::{ElementRef, Tree, XmlId};
use cib_model::{Cib, Section};

use super::super::node_name::KnownNode;
use super::super::nvpair;
use super::super::reply::set;

/// Whose attributes they are.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Owner {
    /// The section's own.
    Section,
    /// A node's that last.
    Node(KnownNode),
    /// A node's that go with its next reboot.
    State(String),
    /// All tickets', as they were long ago.
    Tickets,
}

/// Where to look.
#[derive(Clone, Debug)]
pub(super) struct Scope<'o> {
    /// What it is called in answers.
    pub(super) label: String,
    section: Section,
    owner: Owner,
    /// The element name of the sets.
    sets: &'static str,
    is_utilization: bool,
    /// The only set that counts.
    set_id: Option<&'o str>,
}

/// Returns true where attributes of this kind belong to a node.
pub(super) fn needs_node(kind: &str) -> bool {
    let of_cluster = ["crm_config", "tickets", "rsc_defaults", "op_defaults"];
    !of_cluster.iter().any(|name| kind.eq_ignore_ascii_case(name))
}

impl<'o> Scope<'o> {
    /// Returns the scope of a kind (a section's name, or `tickets`); `None` where there is no such
    /// section.
    pub(super) fn of(
        kind: &str,
        node: Option<&KnownNode>,
        is_utilization: bool,
        set_id: Option<&'o str>,
    ) -> Option<Scope<'o>> {
        let lower = kind.to_ascii_lowercase();
        let (section, owner, sets) = match lower.as_str() {
            "crm_config" => (Section::CrmConfig, Owner::Section, "cluster_property_set"),
            "rsc_defaults" => (Section::RscDefaults, Owner::Section, "meta_attributes"),
            "op_defaults" => (Section::OpDefaults, Owner::Section, "meta_attributes"),
            "tickets" => (Section::Status, Owner::Tickets, "instance_attributes"),
            "status" => (Section::Status, Owner::State(node?.id.clone()), "transient_attributes"),
            _ => (Section::named(kind)?, Owner::Node(node?.clone()), "instance_attributes"),
        };
        let sets = match owner {
            Owner::Node(_) if is_utilization => "utilization",
            _ => sets,
        };
        Some(Scope { label: kind.to_owned(), section, owner, sets, is_utilization, set_id })
    }

    /// Returns the section of the CIB.
    pub(super) fn section(&self) -> Section {
        self.section
    }

    /// Returns what answers call a thing of this scope.
    pub(super) fn noun(&self) -> &'static str {
        let is_option = self.owner == Owner::Tickets || self.section == Section::CrmConfig;
        if is_option { "option" } else { "attribute" }
    }

    /// Returns the pairs of this id and name, where they are given, in document order.
    pub(super) fn find<'c>(
        &self,
        cib: &'c Cib,
        id: Option<&str>,
        name: Option<&str>,
    ) -> Vec<ElementRef<'c>> {
        let Some(section) = cib.section(self.section) else { return Vec::new() };
        let owner = match &self.owner {
            Owner::Section => Some(section),
            Owner::Node(node) => below(section, "node", Some(&node.id)),
            Owner::State(id) => below(section, "node_state", Some(id)),
            Owner::Tickets => below(section, "tickets", None),
        };
        let is_set = |element: &ElementRef<'_>| {
            element.name() == self.sets && self.set_id.is_none_or(|id| element.id() == Some(id))
        };
        let sets = owner.into_iter().flat_map(ElementRef::descendants).filter(is_set);
        sets.flat_map(|set| nvpair::below(set, id, name)).collect()
    }

    /// Returns the id of the set that a new pair goes to.
    pub(super) fn set_id(&self) -> String {
        if let Some(id) = self.set_id {
            return id.to_owned();
        }
        let section = self.section.name();
        let of_node = |id: &str| {
            let kind = if self.is_utilization { "-utilization" } else { "" };
            format!("{section}-{id}{kind}")
        };
        match &self.owner {
            Owner::Section if self.section == Section::CrmConfig => {
                "cib-bootstrap-options".to_owned()
            }
            Owner::Section => format!("{section}-options"),
            Owner::Tickets => format!("{section}-tickets"),
            Owner::Node(node) => of_node(&node.id),
            Owner::State(id) => of_node(id),
        }
    }

    /// Makes a new pair inside what holds it, up to what the section has.
    pub(super) fn addition(&self, id: Option<&str>, name: &str, value: &str) -> Tree {
        let (mut tree, owner) = self.owner();
        let set_id = self.set_id();
        let element = if self.sets == "transient_attributes" {
            if self.is_utilization { "utilization" } else { "instance_attributes" }
        } else {
            self.sets
        };
        let holder = tree.append(owner, element);
        set(&mut tree, holder, &[("id", &set_id)]);
        let id = id.map_or_else(|| id_of(&set_id, name), str::to_owned);
        let pair = tree.append(holder, "nvpair");
        set(&mut tree, pair, &[("id", &id), ("name", name), ("value", value)]);
        tree
    }

    /// Makes what holds the sets.
    fn owner(&self) -> (Tree, XmlId) {
        let tree = match &self.owner {
            Owner::Section => Tree::new(self.section.name()),
            Owner::Node(node) if node.is_remote => {
                let mut tree = Tree::new(self.section.name());
                let root = tree.root_id();
                let at = tree.append(root, "node");
                let id = node.id.as_str();
                set(&mut tree, at, &[("type", "remote"), ("id", id), ("uname", id)]);
                return (tree, at);
            }
            Owner::Node(node) => super::super::reply::element("node", &[("id", &node.id)]),
            Owner::State(id) => {
                let mut tree = super::super::reply::element("node_state", &[("id", id)]);
                let root = tree.root_id();
                let at = tree.append(root, "transient_attributes");
                set(&mut tree, at, &[("id", id)]);
                return (tree, at);
            }
            Owner::Tickets => {
                let mut tree = Tree::new(self.section.name());
                let root = tree.root_id();
                let at = tree.append(root, "tickets");
                return (tree, at);
            }
        };
        let root = tree.root_id();
        (tree, root)
    }
}

/// Returns the first element of a name, and of an id where one is given, below `top`.
fn below<'a>(top: ElementRef<'a>, name: &str, id: Option<&str>) -> Option<ElementRef<'a>> {
    top.descendants()
        .skip(1)
        .find(|element| element.name() == name && id.is_none_or(|id| element.id() == Some(id)))
}

/// Returns the id of a new pair: what an XML id must not hold becomes `.`.
fn id_of(set: &str, name: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    format!("{set}-{name}").chars().map(|c| if allowed(c) { c } else { '.' }).collect()
}
