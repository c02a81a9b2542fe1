//! The old element that a new one stands for, whose id it takes over.
//!
//! **Source:** crmsh `lookup_node()` (xmlutil.py).

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash, Hasher};

use cib_model::xml::{ElementRef, XmlId};

/// Attributes by which a new element finds the old one.
fn match_attrs(tag: &str) -> &'static [&'static str] {
    match tag {
        "node" => &["uname"],
        "nvpair" => &["name"],
        "op" => &["name", "interval"],
        "rule" => &["score", "score-attribute", "role"],
        "expression" => &["attribute", "operation", "value"],
        "fencing-level" => &["target", "devices"],
        "alert" => &["path"],
        "recipient" => &["value"],
        _ => &[],
    }
}

/// So many children, or for so many new ones, are looked through one by one: a list would cost more.
const FEW: usize = 8;

/// The children of old elements by what they match, and which of them are taken.
#[derive(Debug, Default)]
pub(super) struct Counterparts {
    taken: HashSet<XmlId>,
    /// Children of the elements that were asked for, in document order, by the hash of what is
    /// compared: looking through all children for each new one would cost their number squared.
    children: HashMap<XmlId, HashMap<u64, VecDeque<XmlId>>>,
    hasher: RandomState,
}

impl Counterparts {
    /// Finds the first child of `old` that matches and whose id is not yet taken over.
    pub(super) fn find<'o>(
        &mut self,
        element: ElementRef<'_>,
        old: ElementRef<'o>,
    ) -> Option<ElementRef<'o>> {
        let id = element.id().filter(|id| !id.is_empty());
        let fits = |candidate: &ElementRef<'o>| {
            candidate.name() == element.name()
                && match_attrs(element.name())
                    .iter()
                    .all(|name| element.attr(name) == candidate.attr(name))
                && id.is_none_or(|id| candidate.id() == Some(id))
        };
        let are_few = |parent: ElementRef<'_>| parent.child_ids().len() <= FEW;
        if are_few(old) || element.parent().is_none_or(are_few) {
            let mut free = old.children().filter(|child| !self.taken.contains(&child.xml_id()));
            return free.find(fits);
        }
        let hasher = &self.hasher;
        let children = self.children.entry(old.xml_id()).or_insert_with(|| by_key(hasher, old));
        let found = children.get_mut(&key(hasher, element, id))?;
        while self.taken.contains(found.front()?) {
            found.pop_front();
        }
        let candidates = found.iter().filter(|at| !self.taken.contains(at));
        candidates.filter_map(|at| old.tree().element(*at)).find(fits)
    }

    /// The old element's id is taken over: no other new element finds it.
    pub(super) fn take(&mut self, old: ElementRef<'_>) {
        self.taken.insert(old.xml_id());
    }
}

/// Lists each child twice: by what it matches, and by that and its id.
fn by_key(hasher: &RandomState, old: ElementRef<'_>) -> HashMap<u64, VecDeque<XmlId>> {
    let mut children: HashMap<u64, VecDeque<XmlId>> = HashMap::new();
    for child in old.children() {
        children.entry(key(hasher, child, None)).or_default().push_back(child.xml_id());
        if let Some(id) = child.id() {
            children.entry(key(hasher, child, Some(id))).or_default().push_back(child.xml_id());
        }
    }
    children
}

fn key(hasher: &RandomState, element: ElementRef<'_>, id: Option<&str>) -> u64 {
    let mut hasher = hasher.build_hasher();
    element.name().hash(&mut hasher);
    for name in match_attrs(element.name()) {
        element.attr(name).hash(&mut hasher);
    }
    id.hash(&mut hasher);
    hasher.finish()
}
