//! Constraints and resource sets.

use super::Printer;
use crate::ast::{
    Colocation, Location, LocationTarget, Members, Order, ResourceSet, RscRef, Ticket,
};
use crate::style::Style;

fn rsc_ref(item: &RscRef) -> String {
    match &item.qualifier {
        Some(qualifier) => format!("{}:{qualifier}", item.rsc),
        None => item.rsc.clone(),
    }
}

impl Printer<'_> {
    pub(super) fn location(&self, location: &Location) -> Vec<String> {
        let mut words = vec!["location".to_owned(), location.id.clone()];
        words.push(match &location.target {
            LocationTarget::Rsc(rsc) => rsc.clone(),
            LocationTarget::Pattern(pattern) => format!("/{pattern}/"),
            LocationTarget::Sets(sets) => format!("{{ {} }}", self.resource_sets(sets).join(" ")),
        });
        let (described, attrs): (Vec<_>, Vec<_>) =
            location.attrs.iter().partition(|(name, _)| name == "description");
        words.extend(attrs.into_iter().map(|(name, value)| format!("{name}={value}")));
        if let Some(preference) = &location.preference {
            words.push(format!("{}: {}", preference.score, preference.node));
        }
        let rules = location.rules.iter().map(|rule| format!("rule {}", self.rule(rule)));
        let described = described.into_iter().map(|(name, value)| self.words.assign(name, value));
        std::iter::once(words.join(" ")).chain(described).chain(rules).collect()
    }

    pub(super) fn colocation(&self, colocation: &Colocation) -> String {
        let mut words = vec!["colocation".to_owned(), colocation.id.clone()];
        words.extend(colocation.score.iter().map(|score| format!("{score}:")));
        words.extend(self.members(&colocation.members, 2));
        let attribute = colocation.node_attribute.iter();
        words.extend(attribute.map(|name| format!("node-attribute={name}")));
        words.join(" ")
    }

    pub(super) fn order(&self, order: &Order) -> String {
        let mut words = vec!["order".to_owned(), order.id.clone()];
        words.extend(order.kind.iter().map(|kind| format!("{kind}:")));
        words.extend(self.members(&order.members, 2));
        words.extend(order.symmetrical.iter().map(|text| format!("symmetrical={text}")));
        words.join(" ")
    }

    pub(super) fn ticket(&self, ticket: &Ticket) -> String {
        let mut words =
            vec!["rsc_ticket".to_owned(), ticket.id.clone(), format!("{}:", ticket.ticket)];
        words.extend(self.members(&ticket.members, 1));
        words.extend(ticket.loss_policy.iter().map(|text| format!("loss-policy={text}")));
        words.join(" ")
    }

    /// Sets with no more members than the simple form are marked, so that they read back as sets.
    fn members(&self, members: &Members, simple: usize) -> Vec<String> {
        match members {
            Members::Simple(refs) => refs.iter().map(rsc_ref).collect(),
            Members::Sets(sets) => {
                let mut words = self.resource_sets(sets);
                let count: usize = sets.iter().map(|set| set.refs.len()).sum();
                let is_plain = sets.last().is_some_and(|set| set.sequential && set.require_all);
                // COMPAT(crmsh): a ticket's set is marked whatever its flags
                if count <= simple && (is_plain || simple == 1) {
                    words.insert(0, "_rsc_set_".to_owned());
                }
                words
            }
        }
    }

    fn resource_sets(&self, sets: &[ResourceSet]) -> Vec<String> {
        let mut words = Vec::new();
        for set in sets {
            let (open, close) = match (set.require_all, set.sequential) {
                (false, _) => ("[", "]"),
                (true, false) => ("(", ")"),
                (true, true) => ("", ""),
            };
            words.push(open.to_owned());
            words.extend(set.refs.iter().map(|rsc| match &set.qualifier {
                Some(qualifier) => format!("{rsc}:{qualifier}"),
                None => rsc.clone(),
            }));
            if !set.require_all && set.sequential {
                words.push(match self.style {
                    Style::Modern => "sequential=true".to_owned(),
                    Style::Classic => "sequential=\"true\"".to_owned(),
                });
            }
            words.push(close.to_owned());
        }
        words.retain(|word| !word.is_empty());
        words
    }
}
