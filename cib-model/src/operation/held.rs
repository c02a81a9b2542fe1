//! What an element holds, looked up for one or for many.

use std::collections::{HashMap, HashSet};

use crate::names;
use crate::xml::{Child, ElementRef, Tree, XmlId};

/// For so many the children are looked through each time; for more, once.
const FEW: usize = 16;

/// An element's name, and its id, or what it refers to by `id-ref`; the name alone finds the first.
type Key = (Box<str>, Option<(&'static str, Box<str>)>);

/// The children of one element.
pub(super) struct Held {
    parent: XmlId,
    tables: Option<Tables>,
}

#[derive(Default)]
struct Tables {
    elements: HashMap<Key, XmlId>,
    comments: HashSet<Box<str>>,
}

/// What finds an element among others of its name.
type Mark<'a> = Option<(&'static str, &'a str)>;

/// Returns the element's id, or its `id-ref` where it has none.
fn id_or_reference(element: ElementRef<'_>) -> Mark<'_> {
    [names::ID, names::ID_REF].into_iter().find_map(|name| Some((name, element.attr(name)?)))
}

impl Held {
    /// What `parent` holds, to be asked for `wanted` times.
    pub(super) fn of(tree: &Tree, parent: XmlId, wanted: usize) -> Self {
        let is_asked_often = wanted > FEW;
        let element = tree.element(parent).filter(|_| is_asked_often);
        Held { parent, tables: element.map(Tables::of) }
    }

    /// Returns the first child with the element's name and id, or `id-ref` where it has no id, or
    /// with the name alone where it has neither.
    pub(super) fn counterpart(&self, tree: &Tree, element: ElementRef<'_>) -> Option<XmlId> {
        self.find(tree, element, id_or_reference(element))
    }

    /// Returns the first child with the element's name and id, or the name alone where it has none.
    pub(super) fn namesake(&self, tree: &Tree, element: ElementRef<'_>) -> Option<XmlId> {
        self.find(tree, element, element.id().map(|id| (names::ID, id)))
    }

    fn find(&self, tree: &Tree, element: ElementRef<'_>, mark: Mark<'_>) -> Option<XmlId> {
        if let Some(tables) = &self.tables {
            return tables.elements.get(&key(element, mark)).copied();
        }
        let fits =
            |held: &ElementRef<'_>| mark.is_none_or(|(name, value)| held.attr(name) == Some(value));
        let mut children = tree.element(self.parent)?.children_named(element.name());
        children.find(fits).map(ElementRef::xml_id)
    }

    /// Returns true where the comment is held.
    pub(super) fn has_comment(&self, tree: &Tree, text: &str) -> bool {
        if let Some(tables) = &self.tables {
            return tables.comments.contains(text);
        }
        let is_it = |child: Child<'_>| matches!(child, Child::Comment(held) if held == text);
        tree.element(self.parent).is_some_and(|parent| parent.all_children().any(is_it))
    }

    /// Remembers a child that has been added as it is.
    pub(super) fn add(&mut self, tree: &Tree, child: XmlId) {
        if let (Some(tables), Some(child)) = (&mut self.tables, tree.node(child)) {
            tables.add(child);
        }
    }
}

impl Tables {
    fn of(parent: ElementRef<'_>) -> Self {
        let mut tables = Tables::default();
        parent.all_children().for_each(|child| tables.add(child));
        tables
    }

    fn add(&mut self, child: Child<'_>) {
        match child {
            Child::Element(element) => {
                let marks = [names::ID, names::ID_REF];
                let marks = marks.into_iter().filter_map(|name| Some((name, element.attr(name)?)));
                for mark in marks.map(Some).chain([None]) {
                    self.elements.entry(key(element, mark)).or_insert(element.xml_id());
                }
            }
            Child::Comment(text) => {
                self.comments.insert(text.into());
            }
            Child::Text(_) | Child::CData(_) => {}
        }
    }
}

fn key(element: ElementRef<'_>, mark: Mark<'_>) -> Key {
    (element.name().into(), mark.map(|(name, value)| (name, value.into())))
}
