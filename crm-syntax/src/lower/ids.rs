//! Ids for elements that have none: taken over from the old element, or made from a prefix.
//!
//! **Source:** crmsh `fix_node_ids()` (cibconfig.py), `idmgmt.py`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use cib_model::xml::{ElementRef, Tree, XmlId};

use rustc_hash::{FxHashMap, FxHashSet};

use super::counterpart::Counterparts;
use crate::style::Style;

/// A set of ids. Only their hashes are kept, as a text of parameters makes more of ids than it holds
/// itself: two ids with the same hash, one pair in 10^19, are taken for one, and a new id gets a
/// number that it does not need.
#[derive(Clone, Debug, Default)]
struct IdSet(FxHashSet<u64>);

impl IdSet {
    fn contains(&self, id: &str) -> bool {
        self.0.contains(&hash_of(id))
    }

    fn insert(&mut self, id: &str) {
        self.0.insert(hash_of(id));
    }
}

fn hash_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// The ids in use, with the number of elements that bear each.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdRegistry {
    used: IdSet,
    /// How many elements more than one bear an id, by its hash; only in a CIB with clashing ids.
    more: FxHashMap<u64, u32>,
    /// The lowest number, by what it is added to, that is not known to be in use.
    numbers: RefCell<HashMap<Box<str>, u64>>,
    makes_none: bool,
}

impl IdRegistry {
    /// A registry for comparing an element with its own text: an id that would have to be made is
    /// left empty, since a new one never is what the element has.
    pub(crate) fn of_nothing_new() -> Self {
        IdRegistry { makes_none: true, ..IdRegistry::default() }
    }

    /// Returns true where an element bears `id`.
    pub(crate) fn is_used(&self, id: &str) -> bool {
        self.used.contains(id)
    }

    /// Returns how many elements bear `id`.
    pub(crate) fn count(&self, id: &str) -> usize {
        let hash = hash_of(id);
        let more = self.more.get(&hash).map_or(0, |more| *more as usize);
        if self.used.0.contains(&hash) { 1 + more } else { 0 }
    }

    /// Returns the lowest number with which no element bears `base`.
    fn lowest_number(&self, base: &str) -> u64 {
        let mut numbers = self.numbers.borrow_mut();
        let number = numbers.entry(base.into()).or_default();
        while self.is_used(&format!("{base}-{number}")) {
            *number += 1;
        }
        *number
    }

    /// Returns `base`, or `base` with a number where it is in use.
    pub(crate) fn free(&self, base: String) -> String {
        free(base, |id| self.is_used(id))
    }

    pub(crate) fn add(&mut self, id: &str) {
        let hash = hash_of(id);
        if !self.used.0.insert(hash) {
            *self.more.entry(hash).or_default() += 1;
        }
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.numbers.get_mut().clear();
        let hash = hash_of(id);
        match self.more.get_mut(&hash).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => {
                self.used.0.remove(&hash);
            }
        }
    }

    /// Adds the ids of an element and of all below it.
    pub(crate) fn add_all(&mut self, element: ElementRef<'_>) {
        for id in element.descendants().filter(|e| defines(e.name())).filter_map(ElementRef::id) {
            self.add(id);
        }
    }

    /// Adds the ids of a resource; those of the resources inside it are in use already.
    pub(crate) fn add_all_but_members(&mut self, element: ElementRef<'_>) {
        self.for_own(element, Self::add);
    }

    /// Removes the ids of a resource; those of the resources inside it stay in use.
    pub(crate) fn remove_all_but_members(&mut self, element: ElementRef<'_>) {
        self.for_own(element, Self::remove);
    }

    fn for_own(&mut self, element: ElementRef<'_>, change: fn(&mut Self, &str)) {
        if let Some(id) = element.id().filter(|_| defines(element.name())) {
            change(self, id);
        }
        for child in element.children() {
            if !matches!(child.name(), "primitive" | "group") {
                self.for_own(child, change);
            }
        }
    }

    /// Removes the ids of an element and of all below it.
    pub(crate) fn remove_all(&mut self, element: ElementRef<'_>) {
        for id in element.descendants().filter(|e| defines(e.name())).filter_map(ElementRef::id) {
            self.remove(id);
        }
    }
}

/// Returns false for elements whose `id` names another element or a user.
pub(crate) fn defines(tag: &str) -> bool {
    !matches!(tag, "resource_ref" | "obj_ref" | "role_ref" | "role" | "acl_target" | super::MEMBER)
}

/// Returns true for elements that need no id.
fn is_idless(tag: &str) -> bool {
    matches!(
        tag,
        "operations"
            | "fencing-topology"
            | "network"
            | "docker"
            | "podman"
            | "rkt"
            | "storage"
            | "select"
    ) || tag.starts_with("select_")
}

fn suffix(tag: &str) -> &'static str {
    match tag {
        "instance_attributes" => "instance_attributes",
        "meta_attributes" => "meta_attributes",
        "utilization" => "utilization",
        "operations" => "ops",
        "rule" => "rule",
        "expression" | "date_expression" => "expression",
        "duration" => "duration",
        "date_spec" => "date_spec",
        "read" => "read",
        "write" => "write",
        "deny" => "deny",
        _ => "",
    }
}

/// Fills in the ids that are missing in `tree`, an object as lowered.
///
/// `old` is the element it replaces; what matches there gives its id. New ids are unique against
/// `registry` and among each other; nothing is added to the registry.
pub(crate) fn fill(
    tree: &mut Tree,
    old: Option<ElementRef<'_>>,
    style: Style,
    registry: &IdRegistry,
) {
    let prefix = match tree.root().name() {
        "fencing-topology" => "fencing",
        "node" => "node",
        _ => "",
    };
    let counterparts = Counterparts::default();
    let mut filler = Filler { style, registry, made: None, counterparts, next: HashMap::new() };
    filler.element(tree, tree.root_id(), old, prefix);
}

/// Adds a number where an id is in use: `-0`, `-1` …
fn free(base: String, is_used: impl Fn(&str) -> bool) -> String {
    if !is_used(&base) {
        return base;
    }
    let mut number = 0_u64;
    loop {
        let id = format!("{base}-{number}");
        if !is_used(&id) {
            return id;
        }
        number += 1;
    }
}

struct Filler<'r> {
    style: Style,
    registry: &'r IdRegistry,
    /// Ids of the new element; collected when the first new id is made.
    made: Option<IdSet>,
    counterparts: Counterparts,
    /// The next number to try for a base that was in use, so that a thousand ids of one base cost
    /// no more than a thousand times one.
    next: HashMap<String, u64>,
}

impl Filler<'_> {
    /// Recurses as deep as a lowered object nests, which is a handful of levels; XML given as text
    /// is bounded by its reader.
    fn element(&mut self, tree: &mut Tree, id: XmlId, old: Option<ElementRef<'_>>, prefix: &str) {
        let Some(element) = tree.element(id) else { return };
        let counterpart = old.and_then(|old| self.counterparts.find(element, old));
        if let Some(new) = self.new_id(element, counterpart, prefix) {
            tree.set_attr(id, "id", new);
        }
        let Some(element) = tree.element(id).filter(|e| !e.child_ids().is_empty()) else { return };
        let tag = element.name();
        let is_flat = self.style == Style::Classic && matches!(tag, "rule" | "date_expression");
        let next = if tag == "node" { element.attr("uname") } else { element.id() };
        let next = next.filter(|_| !is_flat).unwrap_or(prefix).to_owned();
        let children: Vec<XmlId> = element.children().map(ElementRef::xml_id).collect();
        for child in children {
            self.element(tree, child, counterpart.or(old), &next);
        }
    }

    /// Returns the id that an element gets; `None` where it has one or needs none.
    fn new_id(
        &mut self,
        element: ElementRef<'_>,
        counterpart: Option<ElementRef<'_>>,
        prefix: &str,
    ) -> Option<String> {
        if !defines(element.name()) || element.attr("id-ref").is_some() {
            return None;
        }
        let own = element.id().filter(|id| !id.is_empty());
        let inherited = counterpart.and_then(ElementRef::id);
        let Some(found) = own.or(inherited).or_else(|| element.attr("uname")) else {
            let fresh = (!is_idless(element.name())).then(|| self.fresh(element, prefix))?;
            self.note(&fresh);
            return Some(fresh);
        };
        if let Some(counterpart) = counterpart.filter(|_| inherited == Some(found)) {
            self.counterparts.take(counterpart);
        }
        self.note(found);
        own.is_none().then(|| found.to_owned())
    }

    /// Remembers an id of the new element, where new ids are made.
    fn note(&mut self, id: &str) {
        if let Some(made) = &mut self.made {
            made.insert(id);
        }
    }

    /// Makes a new id.
    fn fresh(&mut self, element: ElementRef<'_>, prefix: &str) -> String {
        if self.registry.makes_none {
            return String::new();
        }
        let is_number = !prefix.is_empty() && prefix.chars().all(|c| c.is_ascii_digit());
        let numbered;
        let prefix = if is_number && element.name() != "node" && self.style == Style::Modern {
            numbered = format!("num-{prefix}");
            &numbered
        } else {
            prefix
        };
        let name = element.attr("name").unwrap_or("None");
        let base = match element.name() {
            "nvpair" => format!("{prefix}-{name}"),
            "op" => match element.attr("interval").filter(|i| !i.is_empty()) {
                Some(interval) => format!("{prefix}-{name}-{interval}"),
                None => format!("{prefix}-{name}"),
            },
            tag => match suffix(tag) {
                "" => prefix.to_owned(),
                suffix => format!("{prefix}-{suffix}"),
            },
        };
        let made = self.made.get_or_insert_with(|| {
            let all = element.tree().root().descendants();
            let ids = all.filter(|e| defines(e.name())).filter_map(ElementRef::id);
            IdSet(ids.filter(|id| !id.is_empty()).map(hash_of).collect())
        });
        let registry = self.registry;
        let is_used = |id: &str| registry.is_used(id) || made.contains(id);
        if !is_used(&base) {
            return base;
        }
        // ids that were in use stay so while this element is filled
        let lowest = || registry.lowest_number(&base);
        let number = self.next.entry(base.clone()).or_insert_with(lowest);
        loop {
            let id = format!("{base}-{number}");
            *number += 1;
            if !is_used(&id) {
                return id;
            }
        }
    }
}
