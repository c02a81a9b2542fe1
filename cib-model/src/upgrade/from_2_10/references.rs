//! Sets that others refer to by `id-ref`: written out before the transform, so that it can change
//! each in its own place, and referred to again afterwards where it changed both alike.
//!
//! **Source:** pacemaker `xml/upgrade-2.10-0.xsl`, `upgrade-2.10-2.xsl`.

use std::collections::HashMap;

use super::super::Weight;
use super::super::edit::{Log, Refusal, children, copy, elements, empty, replace_attrs};
use crate::names;
use crate::xml::{Child, ElementRef, Tree, XmlId};

/// What the id of a set that was written out begins with, before the id of the set it referred to.
const SET_PREFIX: &str = "_cibtr-2_";

const SETS: [&str; 3] = ["cluster_property_set", "instance_attributes", "meta_attributes"];

/// The sets of a document by tag and id.
type Index = HashMap<(String, String), Vec<XmlId>>;

fn index(tree: &Tree) -> Index {
    let mut index = Index::new();
    for set in tree.root().descendants().filter(|e| SETS.contains(&e.name())) {
        if let Some(id) = set.id() {
            index.entry((set.name().to_owned(), id.to_owned())).or_default().push(set.xml_id());
        }
    }
    index
}

/// Puts a copy in the place of every reference to a set, with ids of its own.
pub(super) fn write_out(tree: &mut Tree) -> Result<(), Refusal> {
    let index = index(tree);
    let references =
        elements(tree, |e| SETS.contains(&e.name()) && e.attr(names::ID_REF).is_some());
    for reference in references {
        let Some(element) = tree.element(reference) else { continue };
        let name = element.name();
        let target = element.attr(names::ID_REF).unwrap_or_default().to_owned();
        let original = match index.get(&(name.to_owned(), target.clone())).map(Vec::as_slice) {
            Some([one]) => *one,
            found => {
                let how = if found.is_none() { "no" } else { "more than one" };
                return Err(Refusal(format!(
                    "<{name}> refers to {target}, and there is {how} <{name}> of that id"
                )));
            }
        };
        write_out_one(tree, reference, original, &target);
    }
    Ok(())
}

fn write_out_one(tree: &mut Tree, reference: XmlId, original: XmlId, target: &str) {
    let Some(source) = tree.element(original) else { return };
    let mut attrs = vec![("id".to_owned(), format!("{SET_PREFIX}{target}"))];
    attrs.extend(
        source.attrs().filter(|(n, _)| *n != "id").map(|(n, v)| (n.to_owned(), v.to_owned())),
    );
    replace_attrs(tree, reference, attrs);
    empty(tree, reference);
    for (at, child) in children(tree, original).into_iter().enumerate() {
        copy(tree, reference, at, child);
    }
    let prefix = format!("_{SET_PREFIX}{target}__");
    let inner: Vec<XmlId> = tree
        .element(reference)
        .into_iter()
        .flat_map(ElementRef::descendants)
        .skip(1)
        .map(ElementRef::xml_id)
        .collect();
    for part in inner {
        let old = tree.element(part).and_then(ElementRef::id).map(str::to_owned);
        if let Some(old) = old {
            tree.set_attr(part, "id", format!("{prefix}{old}"));
        }
    }
}

/// Refers again to the sets that still say what their copies say.
pub(super) fn take_back(tree: &mut Tree, log: &mut Log) -> Result<(), Refusal> {
    let index = index(tree);
    let copies = elements(tree, |e| {
        SETS.contains(&e.name()) && e.id().is_some_and(|id| id.starts_with(SET_PREFIX))
    });
    let mut same = Vec::new();
    for copy in copies {
        let Some(element) = tree.element(copy) else { continue };
        let name = element.name();
        let target = element.id().and_then(|id| id.strip_prefix(SET_PREFIX)).unwrap_or_default();
        match index.get(&(name.to_owned(), target.to_owned())).map(Vec::as_slice) {
            None => log.tell(
                Weight::Debug,
                element,
                format!(
                    "{name}: original element pointed to with @id-ref ({target}) disappeared \
                     during upgrade"
                ),
            ),
            Some([original]) => {
                if tree.element(*original).is_some_and(|original| says_the_same(original, element))
                {
                    same.push((copy, target.to_owned()));
                }
            }
            Some(_) => {
                return Err(Refusal(format!("there is more than one <{name}> of the id {target}")));
            }
        }
    }
    for (copy, target) in same {
        replace_attrs(tree, copy, vec![(names::ID_REF.to_owned(), target)]);
        empty(tree, copy);
    }
    Ok(())
}

/// Returns true where two elements differ in nothing but ids and comments.
fn says_the_same(a: ElementRef<'_>, b: ElementRef<'_>) -> bool {
    let mut work = vec![(a, b)];
    while let Some((a, b)) = work.pop() {
        let attrs = |e: ElementRef<'_>| -> Vec<(String, String)> {
            e.attrs()
                .filter(|(n, _)| *n != "id")
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .collect()
        };
        let (ours, theirs): (Vec<_>, Vec<_>) = (a.children().collect(), b.children().collect());
        if a.name() != b.name()
            || attrs(a) != attrs(b)
            || ours.len() != theirs.len()
            || text(a) != text(b)
        {
            return false;
        }
        work.extend(ours.into_iter().zip(theirs));
    }
    true
}

fn text(element: ElementRef<'_>) -> String {
    element
        .all_children()
        .filter_map(|child| match child {
            Child::Text(text) | Child::CData(text) => Some(text),
            _ => None,
        })
        .collect()
}
