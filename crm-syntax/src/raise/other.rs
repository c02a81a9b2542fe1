//! Fencing topology, access control, tags, alerts.

use std::collections::{BTreeMap, HashMap};

use cib_model::xml::ElementRef;

use super::{RaiseContext, filled, id_of, owned};
use crate::ast::{
    AclPrincipal, AclRole, AclUser, Alert, AlertItem, FencingTarget, FencingTopology, Object,
    Recipient, Right, RightKind, Selector, SetKind, Specification, Tag, UserItem,
};
use crate::grammar::ACL_SHORTCUTS;
use crate::style::Style;

impl RaiseContext {
    /// Raises the topology: levels by target in order of first appearance, by index within.
    /// Where all nodes have the same levels the targets are left out.
    pub(super) fn topology(&self, element: ElementRef<'_>) -> Option<Object> {
        let mut order: Vec<FencingTarget> = Vec::new();
        let mut levels: HashMap<FencingTarget, BTreeMap<u32, &str>> = HashMap::new();
        for level in element.children_named("fencing-level") {
            let target = target(level)?;
            let index = level.attr("index")?.parse().ok()?;
            let entry = levels.entry(target.clone()).or_insert_with(|| {
                order.push(target);
                BTreeMap::new()
            });
            entry.insert(index, level.attr("devices")?);
        }
        let devices = |target: &FencingTarget| -> Vec<&str> {
            levels.get(target).map(|l| l.values().copied().collect()).unwrap_or_default()
        };
        let lists: Vec<Vec<&str>> = order.iter().map(devices).collect();
        let is_uniform = lists.first().is_some_and(|first| lists.iter().all(|list| list == first));
        let levels = match lists.first() {
            Some(first) if is_uniform && lists.len() == self.node_count => {
                first.iter().map(|d| (FencingTarget::AllNodes, (*d).to_owned())).collect()
            }
            _ => order
                .iter()
                .zip(&lists)
                .flat_map(|(target, list)| {
                    list.iter().map(move |d| (target.clone(), (*d).to_owned()))
                })
                .collect(),
        };
        Some(Object::FencingTopology(FencingTopology { levels }))
    }

    pub(super) fn acl_role(&self, element: ElementRef<'_>) -> Option<Object> {
        let rights: Option<Vec<Right>> = element
            .children()
            .map(|child| match child.name() {
                "acl_permission" => permission(child),
                _ => self.old_right(child),
            })
            .collect();
        let (id, description) = (id_of(element), owned(filled(element, "description")));
        Some(Object::AclRole(AclRole { id, description, rights: rights? }))
    }

    pub(super) fn acl_user(&self, element: ElementRef<'_>) -> Option<Object> {
        let items: Option<Vec<UserItem>> = element
            .children()
            .map(|child| match child.name() {
                "role_ref" => Some(UserItem::Role(child.id()?.to_owned())),
                _ => self.old_right(child).map(UserItem::Right),
            })
            .collect();
        let (id, description) = (id_of(element), owned(filled(element, "description")));
        Some(Object::AclUser(AclUser { id, description, items: items? }))
    }

    fn old_right(&self, element: ElementRef<'_>) -> Option<Right> {
        let mut specs = Vec::new();
        // COMPAT(crmsh 1.2.6): the order of a Python 2 dict
        let order = match self.style {
            Style::Classic => ["xpath", "tag", "ref", "attribute"],
            Style::Modern => ["xpath", "ref", "tag", "attribute"],
        };
        for name in order {
            if let Some(value) = filled(element, name) {
                specs.push(specification(name, value));
            }
        }
        // COMPAT(crmsh 1.2.6): prints `attribute` before `tag`, which it cannot read back
        let has = |key: &str| filled(element, key).is_some();
        if self.style == Style::Classic && has("attribute") && (has("tag") || has("ref")) {
            return None;
        }
        Some(Right {
            kind: RightKind::from_word(element.name())?,
            id: None,
            description: None,
            specs,
        })
    }

    pub(super) fn acl_principal(element: ElementRef<'_>) -> Object {
        Object::AclPrincipal(AclPrincipal {
            is_group: element.name() == "acl_group",
            id: id_of(element),
            description: owned(filled(element, "description")),
            roles: element.children_named("role").map(id_of).collect(),
        })
    }

    pub(super) fn tag(element: ElementRef<'_>) -> Object {
        Object::Tag(Tag { id: id_of(element), refs: element.children().map(id_of).collect() })
    }

    pub(super) fn alert(&self, element: ElementRef<'_>) -> Option<Object> {
        let is_set = |e: &ElementRef<'_>| SetKind::from_tag(e.name()).is_some();
        // braces are needed where a set of the alert's own follows a recipient
        let braced = element
            .children()
            .skip_while(|child| child.name() != "recipient")
            .any(|child| is_set(&child));
        let mut items = Vec::new();
        for child in element.children() {
            items.push(match child.name() {
                "select" => AlertItem::Select(select(child)?),
                "recipient" => AlertItem::Recipient(Recipient {
                    braced,
                    value: child.attr("value")?.to_owned(),
                    description: None,
                    sets: self.sets(child)?,
                }),
                _ => AlertItem::Set(self.set(child)?),
            });
        }
        Some(Object::Alert(Alert {
            id: id_of(element),
            path: element.attr("path")?.to_owned(),
            description: owned(filled(element, "description")),
            items,
        }))
    }
}

fn target(level: ElementRef<'_>) -> Option<FencingTarget> {
    let text = |name| level.attr(name).map(str::to_owned);
    if let Some(pattern) = text("target-pattern") {
        return Some(FencingTarget::Pattern(pattern));
    }
    if let Some(name) = text("target-attribute") {
        return Some(FencingTarget::Attribute(name, text("target-value")?));
    }
    text("target").map(FencingTarget::Node)
}

fn permission(element: ElementRef<'_>) -> Option<Right> {
    let mut specs = Vec::new();
    for (name, key) in
        [("xpath", "xpath"), ("reference", "ref"), ("attribute", "attr"), ("object-type", "type")]
    {
        if let Some(value) = element.attr(name) {
            specs.push(specification(key, value));
        }
    }
    Some(Right {
        kind: RightKind::from_word(element.attr("kind")?)?,
        id: None,
        description: owned(filled(element, "description")),
        specs,
    })
}

/// Names what a right is about; an XPath that a shortcut stands for becomes the shortcut.
fn specification(key: &str, value: &str) -> Specification {
    if key == "xpath"
        && let Some(found) = shortcut(value)
    {
        return found;
    }
    Specification { key: key.to_owned(), value: Some(value.to_owned()) }
}

fn shortcut(xpath: &str) -> Option<Specification> {
    for (name, parts) in ACL_SHORTCUTS {
        for count in 1..=parts.len() {
            let pattern: String = parts.iter().take(count).copied().collect();
            if let Some(mut arguments) = arguments(&pattern, xpath) {
                arguments.truncate(count);
                let value = Some(arguments.join(":")).filter(|v| !v.is_empty());
                return Some(Specification { key: name.to_owned(), value });
            }
        }
    }
    None
}

/// Matches a text with a pattern whose placeholders `@@` stand for ids.
fn arguments<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut pieces = pattern.split("@@");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut found = Vec::new();
    for piece in pieces {
        let is_id = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let end = rest.find(|c| !is_id(c)).unwrap_or(rest.len());
        let (id, after) = rest.split_at(end);
        if !id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        found.push(id);
        rest = after.strip_prefix(piece)?;
    }
    rest.is_empty().then_some(found)
}

fn select(element: ElementRef<'_>) -> Option<Vec<Selector>> {
    element
        .children()
        .map(|child| match child.name() {
            "select_nodes" => Some(Selector::Nodes),
            "select_fencing" => Some(Selector::Fencing),
            "select_resources" => Some(Selector::Resources),
            "select_attributes" => {
                let names = child.children().map(|c| owned(c.attr("name")));
                names.collect::<Option<Vec<String>>>().map(Selector::Attributes)
            }
            _ => None,
        })
        .collect()
}
