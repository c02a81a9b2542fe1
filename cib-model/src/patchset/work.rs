//! A document while it is patched.
//!
//! Children are looked up in an index, and lists of children are written once, at the end: the cost
//! of a patchset is that of its changes and of the lists they touch, not their product.

use std::collections::{BTreeMap, HashMap};

use super::path::steps;
use super::siblings::Siblings;
use crate::xml::{ElementRef, Tree, XmlId};

/// Creations and moves wait until everything else is done: that is [`Work::finish`].
#[derive(Debug)]
pub(super) struct Work<'t> {
    tree: &'t mut Tree,
    /// The children of the elements that paths led through.
    siblings: BTreeMap<XmlId, Siblings>,
    /// What comes to stand below an element, with its position there.
    placed: BTreeMap<XmlId, Vec<(usize, XmlId)>>,
}

impl<'t> Work<'t> {
    pub(super) fn new(tree: &'t mut Tree) -> Self {
        Work { tree, siblings: BTreeMap::new(), placed: BTreeMap::new() }
    }

    /// Returns the node at `path`. `position` picks the comment where the path ends in one.
    pub(super) fn find(&mut self, path: &str, position: Option<usize>) -> Option<XmlId> {
        let mut steps = steps(path).peekable();
        let (name, id) = steps.next()?;
        let root = self.tree.root();
        if root.name() != name || id.is_some_and(|id| root.id() != Some(id)) {
            return None;
        }
        let mut at = root.xml_id();
        while let Some((name, id)) = steps.next() {
            let position = position.filter(|_| steps.peek().is_none());
            self.tree.element(at)?;
            let indexed = self.siblings.entry(at).or_insert_with(|| Siblings::of(self.tree, at));
            at = indexed.find(self.tree, name, id, position)?;
        }
        Some(at)
    }

    /// Takes a node that was found out of the document.
    pub(super) fn delete(&mut self, id: XmlId) {
        let Some(siblings) = self.tree.parent_of(id).and_then(|p| self.siblings.get_mut(&p)) else {
            return;
        };
        siblings.remove(id);
        self.tree.orphan(id);
    }

    /// Copies a node, to stand at `position` below `parent`.
    pub(super) fn create(&mut self, parent: XmlId, position: usize, source: &Tree, id: XmlId) {
        if let Some(made) = self.tree.copy_unlisted(Some(parent), source, id) {
            self.placed.entry(parent).or_default().push((position, made));
        }
    }

    /// Takes a node that was found to another position below its parent.
    pub(super) fn place(&mut self, id: XmlId, position: usize) {
        let Some(parent) = self.tree.parent_of(id) else { return };
        if let Some(siblings) = self.siblings.get_mut(&parent) {
            siblings.move_to_end(self.tree, id);
        }
        self.placed.entry(parent).or_default().push((position, id));
    }

    /// Gives a node that was found the attributes of another.
    pub(super) fn set_attrs(&mut self, id: XmlId, result: ElementRef<'_>) {
        let called = |tree: &Tree| tree.element(id).and_then(ElementRef::id).map(str::to_owned);
        let before = called(self.tree);
        self.tree.set_attrs(id, result);
        if called(self.tree) != before
            && let Some(parent) = self.tree.parent_of(id)
            && let Some(siblings) = self.siblings.remove(&parent)
        {
            self.tree.set_children(parent, siblings.left().collect());
        }
    }

    /// Writes the lists of children: what stayed, and in between what was placed.
    pub(super) fn finish(self) {
        let Work { tree, siblings, mut placed } = self;
        for (parent, siblings) in siblings {
            let placed = placed.remove(&parent).unwrap_or_default();
            let children = merge(tree, parent, siblings.left(), placed);
            tree.set_children(parent, children);
        }
        for (parent, placed) in placed {
            let stayed = tree.element(parent).map(ElementRef::child_ids).unwrap_or_default();
            let children = merge(tree, parent, stayed.iter().copied(), placed);
            tree.set_children(parent, children);
        }
    }
}

/// Puts what was placed at its positions among what stayed, in the order of the positions.
fn merge(
    tree: &Tree,
    parent: XmlId,
    stayed: impl Iterator<Item = XmlId>,
    mut placed: Vec<(usize, XmlId)>,
) -> Vec<XmlId> {
    placed.sort_by_key(|(position, _)| *position);
    // Moved more than once, a node stays where it was moved last; deleted after that, it is gone.
    let last: HashMap<XmlId, usize> = placed.iter().enumerate().map(|(at, p)| (p.1, at)).collect();
    let mut stayed = stayed.filter(|id| !last.contains_key(id));
    let mut children = Vec::new();
    for (at, (position, id)) in placed.into_iter().enumerate() {
        if tree.parent_of(id) != Some(parent) || last.get(&id) != Some(&at) {
            continue;
        }
        let missing = position.saturating_sub(children.len());
        children.extend(stayed.by_ref().take(missing));
        children.push(id);
    }
    children.extend(stayed);
    children
}
