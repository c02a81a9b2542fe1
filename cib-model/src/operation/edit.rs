//! What each operation does to the tree.
//!
//! **Source:** pacemaker `lib/cib/cib_ops.c`; `lib/common/xml_element.c`, `update_xe()`,
//! `pcmk__xe_update_match()`, `pcmk__xe_replace_match()`, `pcmk__xe_delete_match()`.

use super::held::Held;
use super::{OperationError, Target};
use crate::cib::{Cib, Section};
use crate::names;
use crate::number;
use crate::score::Score;
use crate::version::CibVersion;
use crate::xml::{Child, ElementRef, Tree, XmlId};

/// How a merge treats what is missing and what looks like a sum.
#[derive(Clone, Copy)]
pub(super) struct Merge {
    pub(super) can_create: bool,
    pub(super) score_update: bool,
}

/// Returns the part of the input that belongs to the target: of a whole CIB, the section.
fn part<'a>(input: ElementRef<'a>, target: Target<'_>) -> Result<ElementRef<'a>, OperationError> {
    let Target::Section(section) = target else { return Ok(input) };
    if input.name() != names::CIB {
        return Ok(input);
    }
    let holder =
        if section.is_in_configuration() { input.child(names::CONFIGURATION) } else { Some(input) };
    holder.and_then(|e| e.child(section.name())).ok_or(OperationError::Invalid)
}

fn section_of(target: Target<'_>) -> Option<Section> {
    match target {
        Target::Section(section) => Some(section),
        _ => None,
    }
}

pub(super) fn create(
    cib: &mut Cib,
    input: ElementRef<'_>,
    target: Target<'_>,
) -> Result<(), OperationError> {
    if let Target::Matches { ids, .. } = target {
        let parent = *ids.first().ok_or(OperationError::NotFound)?;
        cib.tree_mut().append_copy(parent, input);
        return Ok(());
    }
    let input = part(input, target)?;
    if input.name() == names::CIB {
        return modify(cib, input, target, Merge { can_create: true, score_update: false });
    }
    let section = section_of(target).ok_or(OperationError::Invalid)?;
    let parent = cib.section(section).ok_or(OperationError::Invalid)?.xml_id();
    if input.name() == section.name() {
        add(cib.tree_mut(), parent, &input.children().collect::<Vec<_>>())
    } else {
        add(cib.tree_mut(), parent, &[input])
    }
}

fn add(tree: &mut Tree, parent: XmlId, all: &[ElementRef<'_>]) -> Result<(), OperationError> {
    let mut held = Held::of(tree, parent, all.len());
    for new in all.iter().copied() {
        if held.namesake(tree, new).is_some() {
            return Err(OperationError::Exists {
                object_type: new.name().to_owned(),
                id: new.id().map(str::to_owned),
            });
        }
        let made = tree.append_copy(parent, new);
        held.add(tree, made);
    }
    Ok(())
}

pub(super) fn modify(
    cib: &mut Cib,
    input: ElementRef<'_>,
    target: Target<'_>,
    merge: Merge,
) -> Result<(), OperationError> {
    if let Target::Matches { ids, multiple } = target {
        let mut result = Err(OperationError::NotFound);
        for &top in ids {
            let Some(found) = matching(cib.tree(), top, input) else { continue };
            update(cib.tree_mut(), found, input, merge);
            result = Ok(());
            if !multiple {
                break;
            }
        }
        return result;
    }
    let input = part(input, target)?;
    let top = match section_of(target) {
        Some(section) => cib.ensure_section(section),
        None => cib.tree().root_id(),
    };
    if let Some(found) = matching(cib.tree(), top, input) {
        update(cib.tree_mut(), found, input, merge);
        return Ok(());
    }
    if !merge.can_create {
        return Err(OperationError::NotFound);
    }
    cib.tree_mut().append_copy(top, input);
    Ok(())
}

/// Returns the first element at or below `top` with the input's name and exactly its id.
fn matching(tree: &Tree, top: XmlId, input: ElementRef<'_>) -> Option<XmlId> {
    tree.element(top)?
        .descendants()
        .find(|e| e.name() == input.name() && e.id() == input.id())
        .map(ElementRef::xml_id)
}

/// Merges `input` into `target`: attributes are set, children matched by name and id (`id-ref`
/// where there is no id), missing ones added.
fn update(tree: &mut Tree, target: XmlId, input: ElementRef<'_>, merge: Merge) {
    let mut work = vec![(target, input)];
    while let Some((target, input)) = work.pop() {
        for (name, value) in input.attrs() {
            let value = match tree.element(target).and_then(|t| t.attr(name)) {
                Some(old) if merge.score_update => expanded(name, old, value),
                _ => value.to_owned(),
            };
            tree.set_attr(target, name.to_owned(), value);
        }
        let mut held = Held::of(tree, target, input.child_ids().len());
        for child in input.all_children() {
            match child {
                Child::Element(child) => {
                    let at = held.counterpart(tree, child).unwrap_or_else(|| {
                        let made = tree.append(target, child.name().to_owned());
                        // it has no id yet
                        held.add(tree, made);
                        made
                    });
                    work.push((at, child));
                }
                Child::Comment(text) => {
                    if !held.has_comment(tree, text) {
                        let made = tree.append_comment(target, text);
                        held.add(tree, made);
                    }
                }
                Child::Text(_) | Child::CData(_) => {}
            }
        }
    }
}

/// Computes `NAME++` and `NAME+=N` (the attribute's own name stands in the value).
fn expanded(name: &str, old: &str, value: &str) -> String {
    let Some(sum) = value.strip_prefix(name) else { return value.to_owned() };
    let old = number::leading(old).map_or(Score::ZERO, |(n, _)| Score::new(n));
    let add = if sum.starts_with("++") {
        Score::new(1)
    } else if let Some(text) = sum.strip_prefix("+=") {
        Score::parse(text).unwrap_or_default()
    } else {
        return value.to_owned();
    };
    (old + add).value().to_string()
}

pub(super) fn delete(
    cib: &mut Cib,
    input: ElementRef<'_>,
    target: Target<'_>,
) -> Result<(), OperationError> {
    let input = part(input, target)?;
    let section = section_of(target);
    let top = match section {
        Some(section) => cib.section(section),
        None => Some(cib.root()),
    };
    let Some(top) = top.map(ElementRef::xml_id) else { return Ok(()) };
    if section.is_some_and(|section| section.name() == input.name()) {
        for child in input.children() {
            delete_match(cib.tree_mut(), top, child);
        }
    } else {
        delete_match(cib.tree_mut(), top, input);
    }
    Ok(())
}

/// Removes the first element below `top` that has the name and all attributes of `search`.
fn delete_match(tree: &mut Tree, top: XmlId, search: ElementRef<'_>) {
    let found = tree.element(top).and_then(|top| {
        top.descendants().skip(1).find(|e| {
            e.name() == search.name()
                && search.attrs().all(|(name, value)| e.attr(name) == Some(value))
        })
    });
    if let Some(found) = found.map(ElementRef::xml_id) {
        tree.detach(found);
    }
}

pub(super) fn delete_matches(cib: &mut Cib, target: Target<'_>) -> Result<(), OperationError> {
    let Target::Matches { ids, multiple } = target else { return Err(OperationError::Invalid) };
    let count = if multiple { ids.len() } else { 1 };
    let root = cib.tree().root_id();
    // Backwards, so that what lies inside goes before what holds it.
    for id in ids.iter().take(count).rev() {
        if *id == root {
            return Err(OperationError::Invalid);
        }
        cib.tree_mut().detach(*id);
    }
    Ok(())
}

pub(super) fn replace(
    cib: &mut Cib,
    input: ElementRef<'_>,
    target: Target<'_>,
) -> Result<(), OperationError> {
    if let Target::Matches { ids, multiple } = target {
        if ids.is_empty() {
            return Err(OperationError::NotFound);
        }
        for &id in ids.iter().take(if multiple { ids.len() } else { 1 }) {
            let Some(parent) = cib.tree().parent_of(id) else { return replace_whole(cib, input) };
            // The replacement goes last, as in Pacemaker.
            cib.tree_mut().detach(id);
            cib.tree_mut().append_copy(parent, input);
        }
        return Ok(());
    }
    let input = part(input, target)?;
    if input.name() == names::CIB {
        return replace_whole(cib, input);
    }
    let top = match section_of(target).filter(|section| section.name() != input.name()) {
        Some(section) => cib.section(section).ok_or(OperationError::NotFound)?,
        None => cib.root(),
    };
    let found = top
        .descendants()
        .skip(1)
        .find(|e| e.name() == input.name() && input.id().is_none_or(|id| e.id() == Some(id)));
    let found = found.ok_or(OperationError::NotFound)?.xml_id();
    let tree = cib.tree_mut();
    let parent = tree.parent_of(found).ok_or(OperationError::Invalid)?;
    let position = tree
        .element(parent)
        .and_then(|p| p.child_ids().iter().position(|id| *id == found))
        .unwrap_or(usize::MAX);
    tree.detach(found);
    tree.insert_copy(parent, position, input);
    Ok(())
}

fn replace_whole(cib: &mut Cib, input: ElementRef<'_>) -> Result<(), OperationError> {
    if input.name() != names::CIB {
        return Err(OperationError::Invalid);
    }
    if CibVersion::of(input) < cib.version() {
        return Err(OperationError::OldData);
    }
    let mut tree = Tree::new(names::CIB);
    let root = tree.root_id();
    tree.set_attrs(root, input);
    for (position, id) in input.child_ids().iter().enumerate() {
        tree.insert_node_copy(root, position, input.tree(), *id);
    }
    *cib = Cib::from_tree(tree).map_err(|_| OperationError::Invalid)?;
    Ok(())
}

pub(super) fn erase(cib: &mut Cib) {
    let version = cib.version();
    let empty = Cib::empty();
    let mut tree = Tree::new(names::CIB);
    let root = tree.root_id();
    // An empty CIB with what the old one had written over it: that is the attributes' order.
    tree.set_attrs(root, empty.root());
    for (name, value) in cib.root().attrs() {
        tree.set_attr(root, name.to_owned(), value);
    }
    for child in empty.root().children() {
        tree.append_copy(root, child);
    }
    if let Ok(erased) = Cib::from_tree(tree) {
        *cib = erased;
    }
    let admin_epoch = version.admin_epoch.saturating_add(1);
    cib.set_version(CibVersion { admin_epoch, ..version });
}
