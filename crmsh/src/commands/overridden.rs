//! Attributes of resources and nodes that stand in the way of one set above them: the user is asked
//! whether they go.
//!
//! **Source:** crmsh `ui_node.py`, `remove_redundant_attrs()`, `get_resources_on_nodes()`.

use cib_model::Cib;
use cib_model::xml::ElementRef;

use crate::exit::Failure;
use crate::session::attributes::{self, SetKind};
use crate::session::told;
use crate::shell::Shell;

/// An attribute to be asked about, and to be removed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Overridden {
    /// Id of the resource or node.
    owner: String,
    kind: SetKind,
    name: &'static str,
    question: String,
}

/// Returns the attributes of resources that `name` above them is to override, those of members
/// before those of their containers. `nodes`: resources that an administrator moved elsewhere do
/// not count.
pub(crate) fn of_resources(cib: &Cib, name: &'static str, nodes: &[String]) -> Vec<Overridden> {
    let is_elsewhere = |location: &ElementRef<'_>| {
        let node = location.attr("node").unwrap_or_default();
        location.name() == "rsc_location" && !nodes.iter().any(|n| n == node)
    };
    let constraints = cib.constraints().into_iter().flat_map(ElementRef::children);
    let elsewhere: Vec<String> = constraints
        .filter(is_elsewhere)
        .filter_map(|l| Some(l.id()?.replace("cli-prefer-", "")))
        .collect();
    let mut resources = Vec::new();
    for top in cib.resources().into_iter().flat_map(ElementRef::children) {
        members_first(top, &mut resources);
    }
    resources
        .into_iter()
        .filter(|r| !elsewhere.iter().any(|id| Some(id.as_str()) == r.id()))
        .flat_map(|r| conflicts(r, SetKind::Meta, name, r.id().unwrap_or_default()))
        .collect()
}

/// Returns the attributes of nodes that `name` above them is to override.
pub(crate) fn of_nodes(cib: &Cib, name: &'static str) -> Vec<Overridden> {
    let nodes = cib.nodes().into_iter().flat_map(|n| n.children_named("node"));
    nodes
        .flat_map(|n| conflicts(n, SetKind::Instance, name, n.attr("uname").unwrap_or_default()))
        .collect()
}

fn members_first<'a>(element: ElementRef<'a>, found: &mut Vec<ElementRef<'a>>) {
    for child in element.children() {
        members_first(child, found);
    }
    if matches!(element.name(), "primitive" | "group" | "clone") {
        found.push(element);
    }
}

fn conflicts(
    owner: ElementRef<'_>,
    kind: SetKind,
    name: &'static str,
    shown: &str,
) -> Vec<Overridden> {
    let other = match name {
        "maintenance" => Some("is-managed"),
        "is-managed" => Some("maintenance"),
        _ => None,
    };
    let has = |name: &str| attributes::get(owner, kind, name).is_some();
    let make = |name: &'static str, question: String| Overridden {
        owner: owner.id().unwrap_or_default().to_owned(),
        kind,
        name,
        question,
    };
    let mut found = Vec::new();
    if has(name) {
        found.push(make(name, format!("'{name}' attribute already exists in {shown}. Remove it?")));
    }
    if let Some(other) = other.filter(|o| has(o)) {
        let question = format!("'{other}' conflicts with '{name}' in {shown}. Remove it?");
        found.push(make(other, question));
    }
    found
}

impl Shell {
    /// Asks about each attribute, as the option `manage_children` wants it; returns those that go.
    pub(crate) fn choose_overridden(&mut self, all: Vec<Overridden>) -> Vec<Overridden> {
        match self.config.get("core.manage_children") {
            "always" => all,
            "never" => Vec::new(),
            _ => all.into_iter().filter(|o| self.confirm(&o.question)).collect(),
        }
    }

    /// Returns the attributes of resources on this node that go once `name` is set on the node.
    pub(crate) fn overridden_on_node(
        &mut self,
        node: &str,
        name: &'static str,
    ) -> Result<Vec<Overridden>, Failure> {
        let cib = self.session.cib().map_err(told)?;
        let all = of_resources(cib, name, &[node.to_owned()]);
        Ok(self.choose_overridden(all))
    }
}

/// Removes the attributes; sets that become empty go too.
pub(crate) fn remove(cib: &mut Cib, gone: &[Overridden]) {
    for attribute in gone {
        if let Some(owner) = cib.find(&attribute.owner).map(ElementRef::xml_id) {
            attributes::delete(cib, owner, attribute.kind, attribute.name, true);
        }
    }
}
