//! Fencing topology, access control, tags, alerts, XML.

use std::collections::HashMap;

use cib_model::xml::{self, Tree, XmlId};

use super::{Lower, Refusal, root, set_some};
use crate::ast::{
    AclPrincipal, AclRole, AclUser, Alert, AlertItem, FencingTarget, FencingTopology, Recipient,
    Right, Selector, Specification, Tag, UserItem,
};
use crate::grammar::ACL_SHORTCUTS;

/// Levels that a topology may come to: those without a target multiply by the nodes.
const LEVELS_MAX: usize = 100_000;

impl Lower<'_> {
    /// Lowers the topology. Levels without a target are repeated for every node there is now.
    pub(super) fn topology(&mut self, topology: &FencingTopology) -> Result<Tree, Refusal> {
        let (mut tree, top) = root("fencing-topology", &[]);
        // one counter a target; attribute targets share the counter of their attribute
        let mut counts: HashMap<String, u32> = HashMap::new();
        let is_for_all = matches!(topology.levels.first(), Some((FencingTarget::AllNodes, _)));
        if is_for_all {
            let (levels, nodes) = (topology.levels.len(), self.world.node_names().len());
            if levels.saturating_mul(nodes) > LEVELS_MAX {
                let what = format!("{levels} levels for {nodes} nodes are more than {LEVELS_MAX}");
                return Err(Refusal::Syntax(what, None));
            }
            for node in self.world.node_names() {
                for (_, devices) in &topology.levels {
                    let target = FencingTarget::Node(node.clone());
                    level(&mut tree, top, &mut counts, &target, devices);
                }
            }
        } else {
            for (target, devices) in &topology.levels {
                level(&mut tree, top, &mut counts, target, devices);
            }
        }
        Ok(tree)
    }

    pub(super) fn acl_role(&mut self, role: &AclRole) -> Result<Tree, Refusal> {
        let (mut tree, top) = root("acl_role", &[("id", &role.id)]);
        set_some(&mut tree, top, "description", role.description.as_deref());
        for right in &role.rights {
            if self.schema.has_acl_permissions() {
                permission(&mut tree, top, right)?;
            } else {
                old_right(&mut tree, top, right)?;
            }
        }
        Ok(tree)
    }

    pub(super) fn acl_user(user: &AclUser) -> Result<Tree, Refusal> {
        let (mut tree, top) = root("acl_user", &[("id", &user.id)]);
        set_some(&mut tree, top, "description", user.description.as_deref());
        for item in &user.items {
            match item {
                UserItem::Role(id) => {
                    let element = tree.append(top, "role_ref");
                    tree.set_attr(element, "id", id.as_str());
                }
                UserItem::Right(right) => old_right(&mut tree, top, right)?,
            }
        }
        Ok(tree)
    }

    pub(super) fn acl_principal(principal: &AclPrincipal) -> Tree {
        let tag = if principal.is_group { "acl_group" } else { "acl_target" };
        let (mut tree, top) = root(tag, &[("id", &principal.id)]);
        set_some(&mut tree, top, "description", principal.description.as_deref());
        for role in &principal.roles {
            let element = tree.append(top, "role");
            tree.set_attr(element, "id", role.as_str());
        }
        tree
    }

    pub(super) fn tag(tag: &Tag) -> Tree {
        let (mut tree, top) = root("tag", &[("id", &tag.id)]);
        for id in &tag.refs {
            let element = tree.append(top, "obj_ref");
            tree.set_attr(element, "id", id.as_str());
        }
        tree
    }

    pub(super) fn alert(&mut self, alert: &Alert) -> Tree {
        let (mut tree, top) = root("alert", &[("id", &alert.id), ("path", &alert.path)]);
        set_some(&mut tree, top, "description", alert.description.as_deref());
        let mut recipients = 0;
        for item in &alert.items {
            match item {
                AlertItem::Set(set) => self.set(&mut tree, top, set),
                AlertItem::Select(selectors) => select(&mut tree, top, selectors),
                AlertItem::Recipient(recipient) => {
                    recipients += 1;
                    let id = format!("{}-recipient-{recipients}", alert.id);
                    self.recipient(&mut tree, top, &id, recipient);
                }
            }
        }
        tree
    }

    fn recipient(&mut self, tree: &mut Tree, top: XmlId, id: &str, recipient: &Recipient) {
        let element = tree.append(top, "recipient");
        tree.set_attr(element, "id", id);
        tree.set_attr(element, "value", recipient.value.as_str());
        set_some(tree, element, "description", recipient.description.as_deref());
        self.sets(tree, element, &recipient.sets);
    }
}

fn level(
    tree: &mut Tree,
    top: XmlId,
    counts: &mut HashMap<String, u32>,
    target: &FencingTarget,
    devices: &str,
) {
    let counter = match target {
        FencingTarget::AllNodes => "",
        FencingTarget::Node(text)
        | FencingTarget::Attribute(text, _)
        | FencingTarget::Pattern(text) => text,
    };
    let index = counts.entry(counter.to_owned()).or_insert(0);
    *index += 1;
    let element = tree.append(top, "fencing-level");
    if let FencingTarget::Node(node) = target {
        tree.set_attr(element, "target", node.as_str());
    }
    tree.set_attr(element, "index", index.to_string());
    tree.set_attr(element, "devices", devices);
    match target {
        FencingTarget::Attribute(name, value) => {
            tree.set_attr(element, "target-attribute", name.as_str());
            tree.set_attr(element, "target-value", value.as_str());
        }
        FencingTarget::Pattern(pattern) => {
            tree.set_attr(element, "target-pattern", pattern.as_str());
        }
        FencingTarget::AllNodes | FencingTarget::Node(_) => {}
    }
}

/// Expands a shortcut to its XPath; `None` where it is none or has too many arguments.
pub(crate) fn expand_shortcut(spec: &Specification) -> Option<String> {
    let (_, parts) = ACL_SHORTCUTS.iter().find(|(name, _)| *name == spec.key)?;
    let Some(value) = &spec.value else { return parts.first().map(|p| (*p).to_owned()) };
    let mut parts = parts.iter().peekable();
    let mut xpath = String::new();
    for argument in value.split(':') {
        if let Some(fixed) = parts.next_if(|part| !part.contains("@@")) {
            xpath.push_str(fixed);
        }
        xpath.push_str(&parts.next()?.replace("@@", argument));
    }
    Some(xpath)
}

/// Splits a right into permissions: XPath, reference, type; each becomes one element.
fn permission(tree: &mut Tree, top: XmlId, right: &Right) -> Result<(), Refusal> {
    let mut found: HashMap<&'static str, String> = HashMap::new();
    for spec in &right.specs {
        let name = match spec.key.as_str() {
            "xpath" => "xpath",
            "ref" | "reference" => "reference",
            "tag" | "type" => "object-type",
            "attr" | "attribute" => "attribute",
            _ => {
                let xpath = expand_shortcut(spec).ok_or_else(|| bad_spec(spec))?;
                found.insert("xpath", xpath);
                continue;
            }
        };
        found.insert(name, spec.value.clone().unwrap_or_default());
    }
    for name in ["xpath", "reference", "object-type"] {
        let Some(value) = found.get(name) else { continue };
        let element = tree.append(top, "acl_permission");
        tree.set_attr(element, "kind", right.kind.as_str());
        set_some(tree, element, "id", right.id.as_deref());
        set_some(tree, element, "description", right.description.as_deref());
        tree.set_attr(element, name, value.as_str());
        if name == "object-type" {
            set_some(tree, element, "attribute", found.get("attribute").map(String::as_str));
        }
    }
    if found.contains_key("attribute") && !found.contains_key("object-type") {
        let text = "attribute is only valid in combination with tag/object-type";
        return Err(Refusal::Syntax(text.to_owned(), None));
    }
    Ok(())
}

fn bad_spec(spec: &Specification) -> Refusal {
    let value = spec.value.as_deref().unwrap_or_default();
    Refusal::Syntax(format!("Unknown arguments: {}:{value}", spec.key), None)
}

/// Lowers a right of the access lists before schema 2.0.
fn old_right(tree: &mut Tree, top: XmlId, right: &Right) -> Result<(), Refusal> {
    let element = tree.append(top, right.kind.as_str());
    for spec in &right.specs {
        let name = match spec.key.as_str() {
            "xpath" => "xpath",
            "ref" | "reference" => "ref",
            "tag" | "type" => "tag",
            "attr" | "attribute" => "attribute",
            _ => {
                let xpath = expand_shortcut(spec).ok_or_else(|| bad_spec(spec))?;
                tree.set_attr(element, "xpath", xpath);
                continue;
            }
        };
        tree.set_attr(element, name, spec.value.as_deref().unwrap_or_default());
    }
    Ok(())
}

fn select(tree: &mut Tree, top: XmlId, selectors: &[Selector]) {
    if selectors.is_empty() {
        return;
    }
    let element = tree.append(top, "select");
    for selector in selectors {
        match selector {
            Selector::Nodes => tree.append(element, "select_nodes"),
            Selector::Fencing => tree.append(element, "select_fencing"),
            Selector::Resources => tree.append(element, "select_resources"),
            Selector::Attributes(names) => {
                let attributes = tree.append(element, "select_attributes");
                for name in names {
                    let attribute = tree.append(attributes, "attribute");
                    tree.set_attr(attribute, "name", name.as_str());
                }
                attributes
            }
        };
    }
}

/// Reads an element given as text.
pub(super) fn xml(text: &str) -> Result<Tree, Refusal> {
    let tree = xml::read(text).map_err(|e| Refusal::Syntax(e.to_string(), None))?;
    let tag = tree.root().name();
    let is_defaults = matches!(tag, "rsc_defaults" | "op_defaults" | "meta_attributes" | "op");
    if !is_defaults && crate::kind::ObjectKind::of(tree.root()).is_none() {
        return Err(Refusal::Syntax(format!("Element {tag} not recognized"), None));
    }
    Ok(tree)
}
