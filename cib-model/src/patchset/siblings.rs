//! Finding children by name and id among many, while some go away and others come.
//!
//! Asking a list again for every change would cost its length each time; here a list is indexed
//! once, when first asked, and written back when all changes are known.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::iter::once;

use super::positions::Positions;
use crate::names;
use crate::xml::{Child, ElementRef, Tree, XmlId};

/// The children of one element: in places which stay when others go.
#[derive(Debug)]
pub(super) struct Siblings {
    /// A node in each place; `None` where it went.
    places: Vec<Option<XmlId>>,
    place_of: HashMap<XmlId, usize>,
    /// The places of a name, and of a name with an id, by the hash of both: whoever is found there
    /// is asked for his name.
    by_key: HashMap<u64, VecDeque<usize>>,
    hasher: RandomState,
    /// Which of the first places still count; later ones are of nodes that were moved to the end.
    counted: Positions,
}

impl Siblings {
    /// Indexes the children of `parent`.
    pub(super) fn of(tree: &Tree, parent: XmlId) -> Self {
        let ids = tree.element(parent).map(ElementRef::child_ids).unwrap_or_default();
        let mut siblings = Siblings {
            places: Vec::with_capacity(ids.len()),
            place_of: HashMap::with_capacity(ids.len()),
            by_key: HashMap::new(),
            hasher: RandomState::new(),
            counted: Positions::new(ids.len()),
        };
        for id in ids {
            siblings.push(tree, *id);
        }
        siblings
    }

    fn push(&mut self, tree: &Tree, id: XmlId) {
        let place = self.places.len();
        self.places.push(Some(id));
        self.place_of.insert(id, place);
        let Some((name, id)) = tree.node(id).and_then(called) else { return };
        for id in once(None).chain(id.map(Some)) {
            let key = self.hasher.hash_one((name, id));
            self.by_key.entry(key).or_default().push_back(place);
        }
    }

    /// Returns the first node of this name, and this id where one is given; where `position` is
    /// given, a comment that is there.
    pub(super) fn find(
        &mut self,
        tree: &Tree,
        name: &str,
        id: Option<&str>,
        position: Option<usize>,
    ) -> Option<XmlId> {
        if let (names::COMMENT, Some(position)) = (name, position) {
            let there = self.counted.at(position).and_then(|place| *self.places.get(place)?);
            if there.and_then(|there| tree.node(there)).is_some_and(is_comment) {
                return there;
            }
        }
        let places = self.by_key.get_mut(&self.hasher.hash_one((name, id)))?;
        // Those that went are passed over once, not at every search.
        while self.places.get(*places.front()?).copied().flatten().is_none() {
            places.pop_front();
        }
        places.iter().filter_map(|place| *self.places.get(*place)?).find(|found| {
            let (found_name, found_id) = tree.node(*found).and_then(called).unwrap_or_default();
            found_name == name && (id.is_none() || found_id == id)
        })
    }

    /// Takes a node away.
    pub(super) fn remove(&mut self, id: XmlId) {
        if let Some(place) = self.place_of.remove(&id)
            && let Some(node) = self.places.get_mut(place)
        {
            *node = None;
            self.counted.skip(place);
        }
    }

    /// Takes a node from its place and puts it at the end.
    pub(super) fn move_to_end(&mut self, tree: &Tree, id: XmlId) {
        self.remove(id);
        self.push(tree, id);
    }

    /// Returns the nodes that are left, in order.
    pub(super) fn left(self) -> impl Iterator<Item = XmlId> {
        self.places.into_iter().flatten()
    }
}

/// Returns the name and id that a path calls a node by; `None` for text.
fn called(node: Child<'_>) -> Option<(&str, Option<&str>)> {
    match node {
        Child::Element(element) => Some((element.name(), element.id())),
        Child::Comment(_) => Some((names::COMMENT, None)),
        Child::Text(_) | Child::CData(_) => None,
    }
}

fn is_comment(node: Child<'_>) -> bool {
    matches!(node, Child::Comment(_))
}
