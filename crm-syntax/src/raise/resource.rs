//! Nodes and resources.

use cib_model::xml::ElementRef;

use super::{RaiseContext, filled, id_of, is_default, owned};
use crate::ast::{
    Agent, BodyItem, Bundle, BundleItem, Clone, CloneKind, Container, Group, Node, Object, Op,
    Operations, Pair, Primitive, PrimitiveKind,
};
use crate::style::Style;

/// Returns true for a resource inside a container.
fn is_member(element: ElementRef<'_>) -> bool {
    matches!(element.name(), "primitive" | "group")
}

fn members(element: ElementRef<'_>) -> Vec<String> {
    element.children().filter(|child| is_member(*child)).map(id_of).collect()
}

fn pairs(element: ElementRef<'_>, skip: &[&str]) -> Vec<Pair> {
    element
        .attrs()
        .filter(|(name, _)| !skip.contains(name))
        .map(|(name, value)| Pair::new(name, value))
        .collect()
}

impl RaiseContext {
    pub(super) fn node(&self, element: ElementRef<'_>) -> Option<Object> {
        let uname = element.attr("uname")?.to_owned();
        let shown = |t: &&str| !is_default("node", "type", t);
        Some(Object::Node(Node {
            id: owned(element.id().filter(|id| *id != uname)),
            uname,
            node_type: owned(filled(element, "type").filter(shown)),
            description: owned(filled(element, "description")),
            sets: self.sets(element)?,
        }))
    }

    pub(super) fn primitive(&self, element: ElementRef<'_>) -> Option<Object> {
        let kind = match element.name() {
            "template" => PrimitiveKind::Template,
            _ => PrimitiveKind::Primitive,
        };
        // a CIB may hold one list of operations
        if self.style == Style::Modern && element.children_named("operations").nth(1).is_some() {
            return None;
        }
        let template = filled(element, "template");
        let agent = match template.filter(|_| kind == PrimitiveKind::Primitive) {
            Some(template) => Agent::Template(template.to_owned()),
            None => Agent::Name(self.agent(element)?),
        };
        let mut body = Vec::new();
        for child in element.children() {
            body.push(match child.name() {
                "operations" => BodyItem::Operations(self.operations(child)?),
                _ => BodyItem::Set(self.set(child)?),
            });
        }
        let description = owned(filled(element, "description"));
        Some(Object::Primitive(Primitive { kind, id: id_of(element), agent, description, body }))
    }

    /// Names an agent. Modern leaves out `ocf:heartbeat:`, and the class of an OCF agent without
    /// provider.
    fn agent(&self, element: ElementRef<'_>) -> Option<String> {
        let agent_type = element.attr("type")?;
        let class = filled(element, "class");
        let provider = filled(element, "provider");
        let elided = self.style == Style::Modern
            && ((class == Some("ocf") && element.attr("provider").is_none())
                || provider == Some("heartbeat"));
        let parts = [class, provider].into_iter().flatten().filter(|_| !elided);
        Some(parts.chain([agent_type]).collect::<Vec<_>>().join(":"))
    }

    fn operations(&self, element: ElementRef<'_>) -> Option<Operations> {
        let ops: Option<Vec<Op>> = element.children().map(|child| self.op(child)).collect();
        Some(Operations {
            id: owned(filled(element, "id")),
            id_ref: owned(filled(element, "id-ref")),
            ops: ops?,
        })
    }

    fn op(&self, element: ElementRef<'_>) -> Option<Op> {
        if element.name() != "op" {
            return None;
        }
        let mut op = Op {
            name: filled(element, "name")?.to_owned(),
            pairs: pairs(element, &["name", "id"]),
            description: None,
            sets: self.sets(element)?,
        };
        match self.style {
            Style::Modern => op.description = owned(filled(element, "description")),
            Style::Classic => {
                for set in std::mem::take(&mut op.sets) {
                    if set.kind != crate::ast::SetKind::Instance || set.id_ref.is_some() {
                        return None;
                    }
                    op.pairs.extend(set.pairs);
                }
            }
        }
        Some(op)
    }

    pub(super) fn group(&self, element: ElementRef<'_>) -> Option<Object> {
        Some(Object::Group(Group {
            id: id_of(element),
            members: members(element),
            description: owned(filled(element, "description")),
            sets: self.sets(element)?,
        }))
    }

    pub(super) fn clone_resource(&self, element: ElementRef<'_>) -> Option<Object> {
        let kind = if element.name() == "master" { CloneKind::Ms } else { CloneKind::Clone };
        Some(Object::Clone(Clone {
            kind,
            id: id_of(element),
            members: members(element),
            description: owned(filled(element, "description")),
            sets: self.sets(element)?,
        }))
    }

    pub(super) fn bundle(&self, element: ElementRef<'_>) -> Option<Object> {
        // COMPAT(crmsh 4.4.1, match_arguments()): `meta` takes the container's keyword for a pair
        let meta = element.children().position(|c| c.name() == "meta_attributes");
        let is_container = |tag: &str| matches!(tag, "docker" | "podman" | "rkt");
        let container = element.children().position(|c| is_container(c.name()));
        if meta.is_some() && meta < container {
            return None;
        }
        let mut items = Vec::new();
        for child in element.children() {
            items.push(match child.name() {
                "primitive" => BundleItem::Primitive(id_of(child)),
                "docker" | "podman" | "rkt" | "network" | "storage" => {
                    BundleItem::Container(Container {
                        tag: child.name().to_owned(),
                        pairs: pairs(child, &[]),
                        mappings: child
                            .children()
                            .map(|mapping| (mapping.name().to_owned(), pairs(mapping, &[])))
                            .collect(),
                    })
                }
                _ => BundleItem::Set(self.set(child)?),
            });
        }
        let description = owned(filled(element, "description"));
        Some(Object::Bundle(Bundle { id: id_of(element), description, items }))
    }
}
