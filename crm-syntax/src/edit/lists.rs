//! Long lists that lose many names: sets of constraints and tags, when objects go by the thousand.
//!
//! A name that goes is only counted at first; the elements go together at the end. What is said of
//! the list on the way depends on how many names are left, and so comes out as if each had gone at
//! once.

use std::collections::{HashMap, HashSet};

use cib_model::xml::{ElementRef, XmlId};

use super::Editor;
use crate::objects::{REFERENCES, set_members};

/// Lists of fewer names are changed at once.
const LONG: usize = 16;

/// A list of which names have gone, though they stand there still.
#[derive(Debug)]
pub(super) struct Shrinking {
    mentions: HashMap<Box<str>, usize>,
    left: usize,
    gone: HashSet<Box<str>>,
}

/// Returns the elements of a constraint's sets or of a tag that name an object each.
fn mentions(list: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    let in_tag = (list.name() == "tag").then_some(list);
    set_members(list).chain(in_tag.into_iter().flat_map(|tag| tag.children_named("obj_ref")))
}

/// Returns true for a list of so many names that it is better changed once than for each of them.
pub(super) fn is_long(list: ElementRef<'_>) -> bool {
    let is_simple = REFERENCES.into_iter().any(|name| list.attr(name).is_some());
    !is_simple && mentions(list).nth(LONG).is_some()
}

impl Editor<'_> {
    /// Lets a long list forget a name later. Returns false where that must be done at once: the list
    /// is short, has come near its end, or does not have the name.
    pub(super) fn forgets_later(&mut self, list: XmlId, name: &str) -> bool {
        let known = self.shrinking.remove(&list);
        let long = || self.element(list).filter(|element| is_long(*element));
        let Some(mut tracked) = known.or_else(|| long().map(Shrinking::of)) else { return false };
        let count = tracked.mentions.get(name).copied().unwrap_or(0);
        if count > 0 && tracked.left - count > LONG {
            tracked.left -= count;
            tracked.mentions.remove(name);
            tracked.gone.insert(name.into());
            self.shrinking.insert(list, tracked);
            return true;
        }
        self.shrink(list, &tracked);
        false
    }

    /// Takes away what long lists have forgotten.
    pub(super) fn shrink_all(&mut self) {
        for (list, tracked) in std::mem::take(&mut self.shrinking) {
            self.shrink(list, &tracked);
        }
    }

    fn shrink(&mut self, list: XmlId, tracked: &Shrinking) {
        let Some(element) = self.cib.tree().element(list) else { return };
        if tracked.gone.is_empty() || element.parent().is_none() {
            return;
        }
        let is_gone = |e: &ElementRef<'_>| e.id().is_some_and(|id| tracked.gone.contains(id));
        let gone: HashSet<XmlId> =
            mentions(element).filter(is_gone).map(ElementRef::xml_id).collect();
        let sets: Vec<XmlId> =
            element.children_named("resource_set").map(ElementRef::xml_id).collect();
        self.index.remove(element);
        let mut empty = HashSet::new();
        for part in sets.into_iter().chain([list]) {
            let tree = self.cib.tree_mut();
            tree.retain_children(part, |child| !gone.contains(&child) && !empty.contains(&child));
            let element = self.cib.tree().element(part).filter(|_| part != list);
            if let Some(set) = element.filter(|set| set.child("resource_ref").is_none()) {
                self.index.ids.remove_all(set);
                empty.insert(part);
            }
        }
        if let Some(element) = self.cib.tree().element(list) {
            self.index.add(element);
        }
    }
}

impl Shrinking {
    fn of(list: ElementRef<'_>) -> Self {
        let mut counts: HashMap<Box<str>, usize> = HashMap::new();
        for name in mentions(list).filter_map(ElementRef::id) {
            *counts.entry(name.into()).or_default() += 1;
        }
        Shrinking { left: counts.values().sum(), mentions: counts, gone: HashSet::new() }
    }
}
