//! Finding and making elements of the status section by tag and id.

use cib_model::xml::{ElementRef, Tree, XmlId};

/// Returns the child of `parent` called `name` whose `id` is `id`.
pub fn find_by_id<'a>(parent: ElementRef<'a>, name: &str, id: &str) -> Option<ElementRef<'a>> {
    parent.children_named(name).find(|c| c.id() == Some(id))
}

/// Returns the child of `parent` called `name` (and with that id), made where it is missing.
pub(crate) fn ensure_child(
    tree: &mut Tree,
    parent: XmlId,
    name: &'static str,
    id: Option<&str>,
) -> XmlId {
    let found = tree.element(parent).and_then(|p| match id {
        Some(id) => find_by_id(p, name, id),
        None => p.child(name),
    });
    if let Some(found) = found {
        return found.xml_id();
    }
    let made = tree.append(parent, name);
    if let Some(id) = id {
        tree.set_attr(made, "id", id);
    }
    made
}

/// Sets an attribute and returns whether its value changed.
pub(crate) fn set_attr(tree: &mut Tree, at: XmlId, name: &str, value: &str) -> bool {
    if tree.element(at).and_then(|e| e.attr(name)) == Some(value) {
        return false;
    }
    tree.set_attr(at, name.to_owned(), value);
    true
}

/// Gives the element at `at` exactly the attributes of `source`, in their order.
///
/// Returns whether anything changed.
pub(crate) fn set_all_attrs(tree: &mut Tree, at: XmlId, source: ElementRef<'_>) -> bool {
    let Some(old) = tree.element(at) else { return false };
    if old.attrs().eq(source.attrs()) {
        return false;
    }
    let names: Vec<String> = old.attrs().map(|(n, _)| n.to_owned()).collect();
    for name in names {
        tree.remove_attr(at, &name);
    }
    for (name, value) in source.attrs() {
        tree.set_attr(at, name.to_owned(), value);
    }
    true
}

/// Returns the `<node_state>` of a node.
pub fn node_state(cib: &Tree, node: u32) -> Option<ElementRef<'_>> {
    find_by_id(cib.root().child("status")?, "node_state", &node.to_string())
}

/// Returns the `<node_state>` of a node, made where it is missing.
pub(crate) fn ensure_node_state(cib: &mut Tree, node: u32) -> XmlId {
    let root = cib.root_id();
    let status = ensure_child(cib, root, "status", None);
    ensure_child(cib, status, "node_state", Some(&node.to_string()))
}

/// Copies a tree without the room that removed nodes still take in it.
pub(crate) fn compact(tree: &Tree) -> Tree {
    let root = tree.root();
    let mut made = Tree::new(root.name().to_owned());
    let at = made.root_id();
    for (name, value) in root.attrs() {
        made.set_attr(at, name.to_owned(), value);
    }
    for child in root.children() {
        made.append_copy(at, child);
    }
    made
}
