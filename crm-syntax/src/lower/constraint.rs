//! Constraints and resource sets.

use cib_model::xml::{Tree, XmlId};

use super::{Lower, Refusal, root, score, set_some};
use crate::ast::{
    Colocation, Location, LocationTarget, Members, Order, ResourceSet, RscRef, Ticket,
};
use crate::grammar::{KINDS, boolean, canonical, is_instance, is_score};
use crate::style::Style;

/// Attribute names of the two sides of a simple constraint.
type Sides = &'static [Side];

struct Side {
    rsc: &'static str,
    qualifier: &'static str,
    instance: &'static str,
}

const fn side(rsc: &'static str, qualifier: &'static str, instance: &'static str) -> Side {
    Side { rsc, qualifier, instance }
}

const COLOCATION: Sides = &[
    side("rsc", "rsc-role", "rsc-instance"),
    side("with-rsc", "with-rsc-role", "with-rsc-instance"),
];
const ORDER: Sides = &[
    side("first", "first-action", "first-instance"),
    side("then", "then-action", "then-instance"),
];
const TICKET: Sides = &[side("rsc", "rsc-role", "rsc-instance")];

impl Lower<'_> {
    pub(super) fn location(&mut self, location: &Location) -> Tree {
        let (mut tree, top) = root("rsc_location", &[("id", &location.id)]);
        match &location.target {
            LocationTarget::Rsc(rsc) => tree.set_attr(top, "rsc", rsc.as_str()),
            LocationTarget::Pattern(pattern) => {
                tree.set_attr(top, "rsc-pattern", pattern.as_str());
            }
            LocationTarget::Sets(sets) => self.resource_sets(&mut tree, top, "role", sets),
        }
        for (name, value) in &location.attrs {
            let value = self.pair_value(name, value);
            tree.set_attr(top, name.clone(), value);
        }
        if let Some(preference) = &location.preference {
            let (name, value) = score(&preference.score);
            tree.set_attr(top, name, value);
            tree.set_attr(top, "node", preference.node.as_str());
            if let Some(role) = &preference.role {
                let role = self.role(role);
                tree.set_attr(top, "role", role);
            }
        }
        for rule in &location.rules {
            self.rule(&mut tree, top, rule);
        }
        tree
    }

    pub(super) fn colocation(&mut self, colocation: &Colocation) -> Tree {
        let (mut tree, top) = root("rsc_colocation", &[("id", &colocation.id)]);
        if let Some(text) = &colocation.score {
            let (name, value) = score(text);
            tree.set_attr(top, name, value);
        }
        let node_attribute = colocation.node_attribute.as_deref();
        if self.style == Style::Modern {
            // COMPAT(crmsh 2.0 to 5.1): the attribute's name is folded to lower case
            let folded = node_attribute.map(str::to_lowercase);
            set_some(&mut tree, top, "node-attribute", folded.as_deref());
        }
        self.members(&mut tree, top, COLOCATION, "role", &colocation.members);
        if self.style == Style::Classic {
            set_some(&mut tree, top, "node-attribute", node_attribute);
        }
        tree
    }

    pub(super) fn order(&mut self, order: &Order) -> Result<Tree, Refusal> {
        let (mut tree, top) = root("rsc_order", &[("id", &order.id)]);
        if let Some(text) = &order.kind {
            let (name, value) = self.kind(text)?;
            tree.set_attr(top, name, value);
        }
        let symmetrical = order.symmetrical.as_deref();
        if self.style == Style::Modern {
            let canonised = symmetrical.map(|text| {
                let yes = boolean(text).unwrap_or(false);
                if yes { "true" } else { "false" }
            });
            set_some(&mut tree, top, "symmetrical", canonised);
        }
        self.members(&mut tree, top, ORDER, "action", &order.members);
        if self.style == Style::Classic {
            set_some(&mut tree, top, "symmetrical", symmetrical);
        }
        Ok(tree)
    }

    /// Reads what stands before an ordering's resources: a kind or a score.
    fn kind(&self, text: &str) -> Result<(&'static str, String), Refusal> {
        let invalid = || Refusal::Syntax(format!("Invalid kind: {text}"), Some(3));
        match self.style {
            Style::Modern => {
                if let Some(kind) = canonical(text, &KINDS) {
                    return Ok(("kind", kind.to_owned()));
                }
                if !is_score(text) {
                    return Err(invalid());
                }
                let kind = if text == "0" { "Optional" } else { "Mandatory" };
                Ok(("kind", kind.to_owned()))
            }
            Style::Classic => {
                // COMPAT(crmsh 1.2.6): `mandatory` and `advisory` in lower case are scores, the
                // kinds are recognised after that
                if matches!(text, "mandatory" | "advisory") || is_score(text) {
                    return Ok(score(text));
                }
                let kind = canonical(text, &KINDS).ok_or_else(invalid)?;
                Ok(("kind", kind.to_owned()))
            }
        }
    }

    pub(super) fn ticket(&mut self, ticket: &Ticket) -> Tree {
        let (mut tree, top) = root("rsc_ticket", &[("id", &ticket.id), ("ticket", &ticket.ticket)]);
        let loss_policy = ticket.loss_policy.as_deref();
        if self.style == Style::Modern {
            set_some(&mut tree, top, "loss-policy", loss_policy);
        }
        self.members(&mut tree, top, TICKET, "role", &ticket.members);
        if self.style == Style::Classic {
            set_some(&mut tree, top, "loss-policy", loss_policy);
        }
        tree
    }

    fn members(
        &mut self,
        tree: &mut Tree,
        top: XmlId,
        sides: Sides,
        qualifier: &'static str,
        members: &Members,
    ) {
        match members {
            Members::Simple(refs) => {
                for (side, rsc_ref) in sides.iter().zip(refs) {
                    self.rsc_ref(tree, top, side, qualifier, rsc_ref);
                }
            }
            Members::Sets(sets) => self.resource_sets(tree, top, qualifier, sets),
        }
    }

    fn rsc_ref(
        &mut self,
        tree: &mut Tree,
        top: XmlId,
        side: &Side,
        kind: &'static str,
        rsc_ref: &RscRef,
    ) {
        tree.set_attr(top, side.rsc, rsc_ref.rsc.as_str());
        match &rsc_ref.qualifier {
            None => {}
            Some(text) if is_instance(text) => tree.set_attr(top, side.instance, text.as_str()),
            Some(text) => {
                let text = if kind == "role" { self.role(text) } else { text.clone() };
                tree.set_attr(top, side.qualifier, text);
            }
        }
    }

    fn resource_sets(
        &mut self,
        tree: &mut Tree,
        top: XmlId,
        kind: &'static str,
        sets: &[ResourceSet],
    ) {
        for set in sets {
            let element = tree.append(top, "resource_set");
            // COMPAT(crmsh 1.2.6): the id comes first; it is filled in later
            if self.style == Style::Classic {
                tree.set_attr(element, "id", "");
            }
            if !set.require_all {
                tree.set_attr(element, "require-all", "false");
            }
            if !set.sequential {
                tree.set_attr(element, "sequential", "false");
            }
            if let Some(text) = &set.qualifier {
                let text = if kind == "role" { self.role(text) } else { text.clone() };
                tree.set_attr(element, kind, text);
            }
            for rsc in &set.refs {
                let member = tree.append(element, "resource_ref");
                tree.set_attr(member, "id", rsc.as_str());
            }
        }
    }
}
