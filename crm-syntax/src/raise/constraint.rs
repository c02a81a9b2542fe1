//! Constraints and resource sets.

use cib_model::xml::ElementRef;

use super::{RaiseContext, filled, id_of, owned, score};
use crate::ast::{
    Colocation, Location, LocationTarget, Members, Object, Order, Preference, ResourceSet, RscRef,
    Rule, Ticket,
};
use crate::grammar::boolean;
use crate::style::Style;

impl RaiseContext {
    pub(super) fn location(&self, element: ElementRef<'_>) -> Option<Object> {
        let has_sets = element.child("resource_set").is_some();
        let target = if let Some(rsc) = element.attr("rsc") {
            LocationTarget::Rsc(rsc.to_owned())
        } else if self.style == Style::Classic {
            return None;
        } else if let Some(pattern) = element.attr("rsc-pattern") {
            LocationTarget::Pattern(pattern.to_owned())
        } else if has_sets {
            LocationTarget::Sets(resource_sets(element, "role")?)
        } else {
            return None;
        };
        // a description has a line of its own, which is read before rules only
        let has_node = element.attr("node").is_some();
        let described = (self.style == Style::Modern && !has_node).then_some("description");
        let attrs: Vec<(String, String)> = ["role", "resource-discovery"]
            .into_iter()
            .chain(described)
            .filter_map(|name| Some((name.to_owned(), element.attr(name)?.to_owned())))
            .collect();
        if self.style == Style::Classic && !attrs.is_empty() {
            return None;
        }
        let preference = element.attr("node").map(|node| {
            let score = score(element).unwrap_or_default();
            Box::new(Preference { score, node: node.to_owned(), role: None })
        });
        let rules: Option<Vec<Rule>> =
            element.children_named("rule").map(|rule| self.rule(rule)).collect();
        Some(Object::Location(Location {
            id: id_of(element),
            target,
            attrs,
            preference,
            rules: rules?,
        }))
    }

    pub(super) fn colocation(element: ElementRef<'_>) -> Option<Object> {
        let sides = [("rsc", "rsc-role", "rsc-instance"), WITH_RSC];
        Some(Object::Colocation(Colocation {
            id: id_of(element),
            score: score(element),
            members: members(element, &sides, "role")?,
            node_attribute: owned(filled(element, "node-attribute")),
        }))
    }

    pub(super) fn order(element: ElementRef<'_>) -> Option<Object> {
        let sides =
            [("first", "first-action", "first-instance"), ("then", "then-action", "then-instance")];
        Some(Object::Order(Order {
            id: id_of(element),
            kind: score(element).or_else(|| owned(filled(element, "kind"))),
            members: members(element, &sides, "action")?,
            symmetrical: owned(filled(element, "symmetrical")),
        }))
    }

    pub(super) fn ticket(element: ElementRef<'_>) -> Option<Object> {
        Some(Object::Ticket(Ticket {
            id: id_of(element),
            ticket: element.attr("ticket")?.to_owned(),
            members: members(element, &[("rsc", "rsc-role", "rsc-instance")], "role")?,
            loss_policy: owned(filled(element, "loss-policy")),
        }))
    }
}

const WITH_RSC: Side = ("with-rsc", "with-rsc-role", "with-rsc-instance");

/// Attribute names of one side: resource, role or action, instance.
type Side = (&'static str, &'static str, &'static str);

fn members(element: ElementRef<'_>, sides: &[Side], qualifier: &str) -> Option<Members> {
    if element.child("resource_set").is_some() {
        return Some(Members::Sets(resource_sets(element, qualifier)?));
    }
    let refs: Option<Vec<RscRef>> = sides
        .iter()
        .map(|(rsc, qualifier, instance)| {
            Some(RscRef {
                rsc: element.attr(rsc)?.to_owned(),
                qualifier: owned(filled(element, qualifier).or(filled(element, instance))),
            })
        })
        .collect();
    Some(Members::Simple(refs?))
}

fn resource_sets(element: ElementRef<'_>, qualifier: &str) -> Option<Vec<ResourceSet>> {
    element
        .children_named("resource_set")
        .map(|set| {
            let flag = |name| match set.attr(name) {
                None => Some(true),
                Some(text) => boolean(text),
            };
            let action = filled(set, "action").filter(|_| qualifier == "action");
            Some(ResourceSet {
                sequential: flag("sequential")?,
                require_all: flag("require-all")?,
                qualifier: owned(action.or(filled(set, "role"))),
                refs: set.children_named("resource_ref").map(id_of).collect(),
            })
        })
        .collect()
}
