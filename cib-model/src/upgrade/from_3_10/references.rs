//! Elements that refer to others by `id-ref`: written out at the beginning, so that every step sees
//! what they say, and made references again at the end.
//!
//! **Source:** pacemaker `xml/upgrade-3.10-0.xsl`, `-common.xsl`, `-99.xsl`.

use std::collections::{HashMap, HashSet};

use super::super::Weight;
use super::super::edit::{Log, Refusal, copy, elements, empty, place, replace_attrs};
use super::{ORIGINAL, PREFIX};
use crate::names;
use crate::xml::{ElementRef, Tree, XmlId};

/// Elements that writing out may make. References to what holds references grow with every round.
const MADE_MAX: usize = 1_000_000;

/// The elements with an id, by it, in document order.
type Index = HashMap<String, Vec<XmlId>>;

/// Puts copies in the place of references, and marks what stood there before.
///
/// # Errors
/// Where an element refers to itself or to what is around it, or where too much would be written.
pub(super) fn write_out(tree: &mut Tree) -> Result<(), Refusal> {
    let mut index = Index::new();
    for element in tree.root().descendants() {
        if let Some(id) = element.id() {
            index.entry(id.to_owned()).or_default().push(element.xml_id());
        }
    }
    let all = elements(tree, |_| true);
    // Written out in a copy: what is referred to is copied as it was.
    let source = tree.clone();
    let mut made = 0;
    for id in all {
        let reference = source.element(id).and_then(|e| e.attr(names::ID_REF));
        if reference.is_some() {
            let mut work = WriteOut { source: &source, index: &index, tree, made: &mut made };
            work.replace(id, id, &mut Vec::new())?;
        } else {
            tree.set_attr(id, ORIGINAL, "1");
        }
    }
    Ok(())
}

struct WriteOut<'a> {
    source: &'a Tree,
    index: &'a Index,
    tree: &'a mut Tree,
    made: &'a mut usize,
}

impl WriteOut<'_> {
    /// Replaces the element at `at`, a copy of the reference `of` of the source, by what that refers
    /// to. `around` are the elements that are being copied.
    fn replace(&mut self, at: XmlId, of: XmlId, around: &mut Vec<XmlId>) -> Result<(), Refusal> {
        let Some(reference) = self.source.element(of) else { return Ok(()) };
        let target = reference.attr(names::ID_REF).unwrap_or_default();
        let found = self.index.get(target).map(Vec::as_slice).unwrap_or_default();
        if reference.name() == "nvpair" && reference.attr("name").is_some() {
            self.named_pair(at, reference, found);
            return Ok(());
        }
        let Some((parent, mut position)) = place(self.tree, at) else { return Ok(()) };
        self.tree.detach(at);
        for original in found {
            self.copy(*original, parent, position, around)?;
            position += 1;
        }
        Ok(())
    }

    /// A pair that takes another's value under its own name gets an id of its own.
    fn named_pair(&mut self, at: XmlId, reference: ElementRef<'_>, found: &[XmlId]) {
        let mut attrs: Vec<(String, String)> = Vec::new();
        for original in found.iter().filter_map(|id| self.source.element(*id)) {
            attrs.extend(original.attrs().map(|(n, v)| (n.to_owned(), v.to_owned())));
        }
        let target = found.first().and_then(|id| self.source.element(*id)?.id());
        let name = reference.attr("name").unwrap_or_default();
        attrs.push((ORIGINAL.to_owned(), "0".to_owned()));
        attrs.push(("id".to_owned(), format!("{PREFIX}{}-{name}", target.unwrap_or_default())));
        attrs.push(("name".to_owned(), name.to_owned()));
        replace_attrs(self.tree, at, attrs);
    }

    fn copy(
        &mut self,
        original: XmlId,
        parent: XmlId,
        position: usize,
        around: &mut Vec<XmlId>,
    ) -> Result<(), Refusal> {
        let Some(element) = self.source.element(original) else { return Ok(()) };
        if around.contains(&original) {
            let id = element.id().unwrap_or_default();
            return Err(Refusal(format!("<{}> {id} refers to itself", element.name())));
        }
        *self.made += element.descendants().count();
        if *self.made > MADE_MAX {
            return Err(Refusal("references to references are too many to write out".to_owned()));
        }
        let copy = self.tree.insert_copy(parent, position, element);
        around.push(original);
        let parts: Vec<XmlId> = element.descendants().map(ElementRef::xml_id).collect();
        let copies: Vec<XmlId> = self
            .tree
            .element(copy)
            .into_iter()
            .flat_map(ElementRef::descendants)
            .map(ElementRef::xml_id)
            .collect();
        for (of, at) in parts.into_iter().zip(copies) {
            let is_reference =
                self.source.element(of).is_some_and(|e| e.attr(names::ID_REF).is_some());
            if is_reference {
                self.replace(at, of, around)?;
            } else {
                self.tree.set_attr(at, ORIGINAL, "0");
            }
        }
        around.pop();
        Ok(())
    }
}

/// Returns true for an element that stood in the CIB.
pub(super) fn is_original(element: ElementRef<'_>) -> bool {
    element.attr(ORIGINAL) == Some("1")
}

/// Marks an element and all below it as made.
pub(super) fn mark_made(tree: &mut Tree, top: XmlId) {
    let all: Vec<XmlId> = tree
        .element(top)
        .into_iter()
        .flat_map(ElementRef::descendants)
        .map(ElementRef::xml_id)
        .collect();
    for element in all {
        tree.set_attr(element, ORIGINAL, "0");
    }
}

/// Copies an element before the child of `parent` at `at`, as one that was made.
pub(super) fn copy_made(tree: &mut Tree, parent: XmlId, at: usize, source: XmlId) {
    if let Some(made) = copy(tree, parent, at, source) {
        mark_made(tree, made);
    }
}

/// Makes references of copies: of every element that stands elsewhere as it stood in the CIB, or
/// that stands before. The marks go.
pub(super) fn take_back(tree: &mut Tree) {
    let originals: HashSet<String> = tree
        .root()
        .descendants()
        .filter(|e| is_original(*e))
        .filter_map(|e| e.id().map(str::to_owned))
        .collect();
    let mut before: HashSet<String> = HashSet::new();
    let mut again = Vec::new();
    for element in tree.root().descendants() {
        let Some(id) = element.id() else { continue };
        if !is_original(element) && (originals.contains(id) || before.contains(id)) {
            again.push((element.xml_id(), id.to_owned()));
        }
        before.insert(id.to_owned());
    }
    for (copy, id) in again {
        replace_attrs(tree, copy, vec![(names::ID_REF.to_owned(), id)]);
        empty(tree, copy);
    }
    for element in elements(tree, |e| e.attr(ORIGINAL).is_some()) {
        tree.remove_attr(element, ORIGINAL);
    }
}

/// Access rights to elements that are gone apply to nothing.
///
/// The permission stays: others may refer to it.
pub(super) fn rights(tree: &mut Tree, log: &mut Log) {
    let ids: HashSet<String> =
        tree.root().descendants().filter_map(|e| e.id().map(str::to_owned)).collect();
    let dangling = elements(tree, |e| {
        e.name() == "acl_permission" && e.attr("reference").is_some_and(|to| !ids.contains(to))
    });
    for permission in dangling {
        let Some(element) = tree.element(permission) else { continue };
        let reference = element.attr("reference").unwrap_or_default();
        let message = format!("Permission for {reference} applies to nothing: that is gone");
        log.tell(Weight::Silent, element, message);
        tree.rename_attr(permission, "reference", "xpath");
        tree.set_attr(permission, "xpath", "/*[false()]");
    }
}
