//! From schema 1.3 to 2.0: access rights.
//!
//! A user's rights of 1.x, given by roles or on the spot, become a target with roles; `read`,
//! `write` and `deny` become permissions.
//!
//! **Source:** pacemaker `xml/upgrade-1.3-0.xsl`.

use super::Weight;
use super::edit::{Log, children, elements, empty, place, replace_attrs};
use crate::names;
use crate::validate::SchemaVersion;
use crate::xml::{ElementRef, Tree, XmlId};

/// The schema that the transform leads out of.
pub(super) const FROM: SchemaVersion = SchemaVersion::new(1, 3);

pub(super) fn transform(tree: &mut Tree, log: &mut Log) {
    let root = tree.root_id();
    tree.set_attr(root, names::VALIDATE_WITH, "pacemaker-2.0");
    for user in elements(tree, |e| e.name() == "acl_user") {
        user_becomes_target(tree, user, log);
    }
    for reference in elements(tree, |e| e.name() == "role_ref") {
        tree.rename(reference, "role");
    }
    for right in elements(tree, is_right) {
        right_becomes_permission(tree, right, log);
    }
}

fn is_right(element: ElementRef<'_>) -> bool {
    matches!(element.name(), "read" | "write" | "deny")
}

/// A user with roles keeps them. One with rights of its own gets a role that holds them.
fn user_becomes_target(tree: &mut Tree, user: XmlId, log: &mut Log) {
    let Some(element) = tree.element(user) else { return };
    let id = element.id().unwrap_or_default().to_owned();
    let has_roles = element.child("role_ref").is_some();
    let has_rights = element.children().any(is_right);
    log.tell(Weight::Silent, element, format!("ACLs: {id}: acl_user becomes acl_target"));
    tree.rename(user, "acl_target");
    if has_roles {
        return;
    }
    let rights = children(tree, user);
    empty(tree, user);
    if !has_rights {
        return;
    }
    let auto = format!("auto-{id}");
    tree.append_with(user, "role", &[("id", &auto)]);
    let Some((parent, at)) = place(tree, user) else { return };
    let role = tree.insert(parent, at + 1, "acl_role");
    tree.set_attr(role, "id", auto);
    for (at, right) in rights.into_iter().enumerate() {
        tree.attach(role, at, right);
    }
}

fn right_becomes_permission(tree: &mut Tree, right: XmlId, log: &mut Log) {
    let Some(element) = tree.element(right) else { return };
    let owned = |name: &str| element.attr(name).map(str::to_owned);
    let mut attrs: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, value: Option<String>| {
        attrs.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("id", owned("id"));
    put("kind", Some(element.name().to_owned()));
    let attribute = owned("attribute");
    let mut told = None;
    if let Some(reference) = owned("ref") {
        put("reference", Some(reference));
        told = Some("@attribute cannot accompany @ref for upgrade-1.3.xsl purposes, ignoring");
    } else if let Some(tag) = owned("tag") {
        put("object-type", Some(tag));
        put("attribute", attribute.clone());
        told =
            Some("@attribute (with @tag) handling generalized a bit for upgrade-1.3.xsl purposes");
    } else if let Some(attribute) = &attribute {
        put("xpath", Some(format!("{}[@{attribute}]", owned("xpath").unwrap_or_default())));
        told = Some(
            "@attribute (with @xpath) handling generalized a bit for upgrade-1.3.xsl purposes",
        );
    } else {
        put("xpath", owned("xpath"));
    }
    if let (Some(told), Some(_)) = (told, &attribute) {
        log.tell(Weight::Warning, element, format!("ACLs: {told}"));
    }
    replace_attrs(tree, right, attrs);
    empty(tree, right);
    tree.rename(right, "acl_permission");
}
