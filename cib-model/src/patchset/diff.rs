//! Finding what changed.
//!
//! **Source:** pacemaker `lib/common/xml.c`, `pcmk__xml_mark_changes()`; `patchset.c`,
//! `xml_create_patchset_v2()`.
//! **Differs:** children are matched by hash instead of pairwise. A comment is matched by its exact
//! text, and only where all siblings before it are matched in order: a patchset cannot say which
//! of several comments moves, so Pacemaker's own may move the wrong one.
//! Text that stands between elements is not compared: a CIB holds none.

use std::collections::{HashMap, HashSet};

use super::Patchset;
use super::path::step;
use super::positions::Positions;
use crate::names;
use crate::xml::{Child, ElementRef, Tree, XmlId};

/// Whether a change of the attributes' order alone is a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AttrOrder {
    /// It is: the result of applying is equal to the byte.
    #[default]
    Counts,
    /// It is not (`crm_diff`'s default).
    Ignored,
}

/// Compares two documents. Returns `None` where nothing changed; also where the roots' names
/// differ, which no patchset can say.
///
/// The versions are those of the documents (`1` where one is missing), the digest is not set.
pub fn diff(
    source: ElementRef<'_>,
    target: ElementRef<'_>,
    attr_order: AttrOrder,
) -> Option<Patchset> {
    if source.name() != target.name() {
        return None;
    }
    let mut tree = Tree::new(names::DIFF);
    let root = tree.root_id();
    tree.set_attr(root, names::FORMAT, "2");
    let version = tree.append(root, names::VERSION);
    for (side, name) in [(source, names::SOURCE), (target, names::TARGET)] {
        let made = tree.append(version, name);
        for name in [names::ADMIN_EPOCH, names::EPOCH, names::NUM_UPDATES] {
            tree.set_attr(made, name, side.attr(name).unwrap_or("1"));
        }
    }
    let mut search = Search { deleted: Vec::new(), attr_order };
    let mut path = String::new();
    step(&mut path, target.name(), target.id());
    let changes = search.element(source, target, &mut path);
    if search.deleted.is_empty() && changes.is_empty() {
        return None;
    }
    for (path, position) in &search.deleted {
        let change = add_change(&mut tree, "delete", path);
        if let Some(position) = position {
            tree.set_attr(change, names::POSITION, position.to_string());
        }
    }
    for change in changes {
        change.add_to(&mut tree);
    }
    Some(Patchset { tree })
}

fn add_change(tree: &mut Tree, operation: &str, path: &str) -> XmlId {
    let root = tree.root_id();
    let change = tree.append(root, names::CHANGE);
    tree.set_attr(change, names::OPERATION, operation);
    tree.set_attr(change, names::PATH, path);
    change
}

/// A change other than a deletion, in the order of the new document.
enum Found<'a> {
    Create { parent_path: String, position: usize, tree: &'a Tree, id: XmlId },
    Modify { path: String, attrs: Vec<AttrChange<'a>>, result: ElementRef<'a> },
    Move { path: String, position: usize },
}

struct AttrChange<'a> {
    name: &'a str,
    /// `None` = unset.
    value: Option<&'a str>,
}

impl Found<'_> {
    fn add_to(self, tree: &mut Tree) {
        match self {
            Found::Create { parent_path, position, tree: source, id } => {
                let change = add_change(tree, "create", &parent_path);
                tree.set_attr(change, names::POSITION, position.to_string());
                tree.insert_node_copy(change, 0, source, id);
            }
            Found::Move { path, position } => {
                let change = add_change(tree, "move", &path);
                tree.set_attr(change, names::POSITION, position.to_string());
            }
            Found::Modify { path, attrs, result } => {
                let change = add_change(tree, "modify", &path);
                let list = tree.append(change, names::CHANGE_LIST);
                for AttrChange { name, value } in attrs {
                    let made = tree.append(list, names::CHANGE_ATTR);
                    tree.set_attr(made, names::NAME, name);
                    tree.set_attr(made, names::OPERATION, value.map_or("unset", |_| "set"));
                    if let Some(value) = value {
                        tree.set_attr(made, names::VALUE, value);
                    }
                }
                let holder = tree.append(change, names::CHANGE_RESULT);
                tree.append_shell(holder, result);
            }
        }
    }
}

struct Search {
    deleted: Vec<(String, Option<usize>)>,
    attr_order: AttrOrder,
}

impl Search {
    /// Compares two elements known to be the same one, whose path is `path`. Deletions are listed
    /// in the order of the old document, everything else is returned in the order of the new one.
    fn element<'a>(
        &mut self,
        old: ElementRef<'a>,
        new: ElementRef<'a>,
        path: &mut String,
    ) -> Vec<Found<'a>> {
        let mut changes = Vec::new();
        let attrs = self.attrs(old, new);
        if !attrs.is_empty() {
            changes.push(Found::Modify { path: path.clone(), attrs, result: new });
        }
        let pairs = Pairs::of(old, new);
        let mut old_order = Positions::new(pairs.old_to_new.len());
        let below = self.old_children(old, new, &pairs, &mut old_order, path);
        // Siblings of the new element that count for the positions of those after them.
        let mut counted = 0;
        for (position, (&id, inside)) in new.child_ids().iter().zip(below).enumerate() {
            let Some(node) = new.tree().node(id) else { continue };
            let Some(old_position) = pairs.old_of(position) else {
                if !matches!(node, Child::Text(_) | Child::CData(_)) {
                    changes.push(Found::Create {
                        parent_path: path.clone(),
                        position,
                        tree: new.tree(),
                        id,
                    });
                }
                continue;
            };
            changes.extend(inside);
            let was_at = old_order.before(old_position);
            if was_at == counted {
                counted += 1;
                continue;
            }
            let mut moved = path.clone();
            match node {
                Child::Element(e) => step(&mut moved, e.name(), e.id()),
                _ => step(&mut moved, names::COMMENT, None),
            }
            changes.push(Found::Move { path: moved, position });
            // COMPAT(pacemaker 3.x, xml.c mark_child_moved): which side stops counting.
            if was_at > counted {
                old_order.skip(old_position);
                counted += 1;
            }
        }
        changes
    }

    /// Walks the old children: lists the deleted ones, compares the others, and returns what
    /// changed inside each new child.
    fn old_children<'a>(
        &mut self,
        old: ElementRef<'a>,
        new: ElementRef<'a>,
        pairs: &Pairs,
        old_order: &mut Positions,
        path: &mut String,
    ) -> Vec<Vec<Found<'a>>> {
        let mut below: Vec<Vec<Found<'a>>> = Vec::new();
        below.resize_with(pairs.new_to_old.len(), Vec::new);
        let mut gone = 0;
        for (position, &id) in old.child_ids().iter().enumerate() {
            let (was, new_position) = (old.tree().node(id), pairs.new_of(position));
            let length = path.len();
            match (was, new_position) {
                (Some(Child::Element(was)), Some(at)) => {
                    let is = new.child_ids().get(at).and_then(|id| new.tree().element(*id));
                    if let (Some(is), Some(slot)) = (is, below.get_mut(at)) {
                        step(path, was.name(), was.id());
                        *slot = self.element(was, is, path);
                    }
                }
                (Some(Child::Element(was)), None) => {
                    step(path, was.name(), was.id());
                    self.deleted.push((path.clone(), None));
                }
                (Some(Child::Comment(_)), None) => {
                    step(path, names::COMMENT, None);
                    self.deleted.push((path.clone(), Some(position - gone)));
                }
                _ => {}
            }
            path.truncate(length);
            if new_position.is_none() {
                old_order.skip(position);
                gone += 1;
            }
        }
        below
    }

    /// Compares attributes: changed and new ones in the new order, then removed ones.
    fn attrs<'a>(&self, old: ElementRef<'a>, new: ElementRef<'a>) -> Vec<AttrChange<'a>> {
        let was: Vec<(&str, &str)> = old.attrs().collect();
        let is: Vec<(&str, &str)> = new.attrs().collect();
        if was == is {
            return Vec::new();
        }
        let old_values: HashMap<&str, &str> = was.iter().copied().collect();
        let new_names: HashSet<&str> = is.iter().map(|(name, _)| *name).collect();
        let moved = match self.attr_order {
            AttrOrder::Ignored => HashSet::new(),
            AttrOrder::Counts => moved_attrs(&was, &is),
        };
        let set = is
            .iter()
            .filter(|(name, value)| old_values.get(name) != Some(value) || moved.contains(name))
            .map(|(name, value)| AttrChange { name, value: Some(value) });
        let unset = was
            .iter()
            .filter(|(name, _)| !new_names.contains(name))
            .map(|(name, _)| AttrChange { name, value: None });
        set.chain(unset).collect()
    }
}

/// Returns the unchanged attributes that Pacemaker would call moved.
fn moved_attrs<'a>(was: &[(&'a str, &str)], is: &[(&str, &str)]) -> HashSet<&'a str> {
    let (mut old_order, mut new_order) = (Positions::new(was.len()), Positions::new(is.len()));
    let places: HashMap<_, usize> = is.iter().enumerate().map(|(at, attr)| (*attr, at)).collect();
    let mut moved = HashSet::new();
    for (old_at, attr) in was.iter().enumerate() {
        let Some(&new_at) = places.get(attr) else { continue };
        let (old_position, new_position) = (old_order.before(old_at), new_order.before(new_at));
        if old_position != new_position {
            moved.insert(attr.0);
            if old_position > new_position {
                old_order.skip(old_at);
            } else {
                new_order.skip(new_at);
            }
        }
    }
    moved
}

/// Which children of two elements are the same ones.
struct Pairs {
    old_to_new: Vec<Option<usize>>,
    new_to_old: Vec<Option<usize>>,
}

/// What makes two children the same: elements by name and id, comments by place and text.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Element(&'a str, Option<&'a str>),
    Comment(usize, &'a str),
}

fn key(parent: ElementRef<'_>, position: usize, id: XmlId) -> Option<Key<'_>> {
    match parent.tree().node(id)? {
        Child::Element(e) => Some(Key::Element(e.name(), e.id())),
        Child::Comment(text) => Some(Key::Comment(position, text)),
        Child::Text(_) | Child::CData(_) => None,
    }
}

impl Pairs {
    fn of(old: ElementRef<'_>, new: ElementRef<'_>) -> Self {
        let (old_ids, new_ids) = (old.child_ids(), new.child_ids());
        let mut pairs =
            Pairs { old_to_new: vec![None; old_ids.len()], new_to_old: vec![None; new_ids.len()] };
        let old_key = |at: usize| key(old, at, *old_ids.get(at)?);
        let new_key = |at: usize| key(new, at, *new_ids.get(at)?);
        // Nearly always the children are the same in the same order. Text, which has no key, is
        // the same as any text.
        let common = (0..old_ids.len().min(new_ids.len()))
            .take_while(|at| old_key(*at) == new_key(*at))
            .count();
        for at in 0..common {
            pairs.join(at, at);
        }
        let mut waiting: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
        for at in (common..new_ids.len()).rev() {
            if let Some(key @ Key::Element(..)) = new_key(at) {
                waiting.entry(key).or_default().push(at);
            }
        }
        for at in common..old_ids.len() {
            if let Some(found) = old_key(at).and_then(|key| waiting.get_mut(&key)?.pop()) {
                pairs.join(at, found);
            }
        }
        pairs
    }

    fn join(&mut self, old: usize, new: usize) {
        if let (Some(a), Some(b)) = (self.old_to_new.get_mut(old), self.new_to_old.get_mut(new)) {
            *a = Some(new);
            *b = Some(old);
        }
    }

    fn new_of(&self, old: usize) -> Option<usize> {
        self.old_to_new.get(old).copied().flatten()
    }

    fn old_of(&self, new: usize) -> Option<usize> {
        self.new_to_old.get(new).copied().flatten()
    }
}
