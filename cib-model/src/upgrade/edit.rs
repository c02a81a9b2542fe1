//! What the transforms do to the tree, and how they tell of it.

use super::{Change, Weight};
use crate::xml::{ElementRef, Tree, XmlId};

/// Why a transform cannot be done.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) String);

/// The changes made so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    changes: Vec<Change>,
}

impl Log {
    /// Notes what is about to be done to an element.
    pub(super) fn tell(&mut self, weight: Weight, element: ElementRef<'_>, message: String) {
        let id = std::iter::successors(Some(element), |e| e.parent()).find_map(ElementRef::id);
        self.changes.push(Change {
            weight,
            element: element.name().to_owned(),
            id: id.unwrap_or_default().to_owned(),
            message,
        });
    }

    pub(super) fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }
}

/// Returns every element that is so, in document order.
pub(super) fn elements(tree: &Tree, is_so: impl Fn(ElementRef<'_>) -> bool) -> Vec<XmlId> {
    tree.root().descendants().filter(|e| is_so(*e)).map(ElementRef::xml_id).collect()
}

/// Returns every element of a name, in document order.
pub(super) fn named(tree: &Tree, name: &str) -> Vec<XmlId> {
    elements(tree, |element| element.name() == name)
}

/// Returns true for a set that counts whatever the rules say.
pub(super) fn is_without_rule(set: ElementRef<'_>) -> bool {
    set.child("rule").is_none()
}

/// Returns true for the element of a name that has such an attribute.
pub(super) fn is(element: ElementRef<'_>, name: &str, attribute: &str, value: &str) -> bool {
    element.name() == name && element.attr(attribute) == Some(value)
}

/// Replaces all attributes.
pub(super) fn replace_attrs(tree: &mut Tree, id: XmlId, attrs: Vec<(String, String)>) {
    let old: Vec<String> = tree
        .element(id)
        .map(|e| e.attrs().map(|(n, _)| n.to_owned()).collect())
        .unwrap_or_default();
    for name in old {
        tree.remove_attr(id, &name);
    }
    for (name, value) in attrs {
        tree.set_attr(id, name, value);
    }
}

/// Takes all children out of an element.
pub(super) fn empty(tree: &mut Tree, id: XmlId) {
    tree.set_children(id, Vec::new());
}

/// Returns the ids of all children, comments included.
pub(super) fn children(tree: &Tree, id: XmlId) -> Vec<XmlId> {
    tree.element(id).map(|e| e.child_ids().to_vec()).unwrap_or_default()
}

/// Returns how many children stand in an element.
pub(super) fn count(tree: &Tree, id: XmlId) -> usize {
    tree.element(id).map_or(0, |e| e.child_ids().len())
}

/// Returns an element's place among all children of its parent, and that parent.
pub(super) fn place(tree: &Tree, id: XmlId) -> Option<(XmlId, usize)> {
    let parent = tree.parent_of(id)?;
    let at = tree.element(parent)?.child_ids().iter().position(|child| *child == id)?;
    Some((parent, at))
}

/// Copies a node with all below it to a place among all children of `parent`.
pub(super) fn copy(tree: &mut Tree, parent: XmlId, at: usize, source: XmlId) -> Option<XmlId> {
    let mut part = Tree::new("part");
    let root = part.root_id();
    let taken = part.insert_node_copy(root, 0, tree, source)?;
    tree.insert_node_copy(parent, at, &part, taken)
}

/// Moves a node to the end of an element.
pub(super) fn move_to(tree: &mut Tree, parent: XmlId, node: XmlId) {
    let at = count(tree, parent);
    tree.attach(parent, at, node);
}
