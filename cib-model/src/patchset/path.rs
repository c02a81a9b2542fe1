//! The paths of patchsets: `/cib/configuration/resources/primitive[@id='x']`.

use crate::names;
use crate::xml::{Child, ElementRef, Tree, XmlId};

/// Returns an element's path: each level's name, with its id where it has one.
pub fn element_path(element: ElementRef<'_>) -> String {
    let mut levels: Vec<ElementRef<'_>> =
        std::iter::successors(Some(element), |e| e.parent()).collect();
    levels.reverse();
    let mut path = String::new();
    for level in levels {
        step(&mut path, level.name(), level.id());
    }
    path
}

/// Appends one level.
pub(super) fn step(path: &mut String, name: &str, id: Option<&str>) {
    path.push('/');
    path.push_str(name);
    if let Some(id) = id {
        path.push_str("[@id='");
        path.push_str(id);
        path.push_str("']");
    }
}

/// Returns the node at `path`. `position` picks the comment where the path ends in one.
pub fn find(tree: &Tree, path: &str, position: Option<usize>) -> Option<XmlId> {
    let mut steps = steps(path).peekable();
    let (name, id) = steps.next()?;
    let root = tree.root();
    if root.name() != name || id.is_some_and(|id| root.id() != Some(id)) {
        return None;
    }
    let mut at = root.xml_id();
    while let Some((name, id)) = steps.next() {
        let position = position.filter(|_| steps.peek().is_none());
        at = child(tree.element(at)?, name, id, position)?;
    }
    Some(at)
}

fn child(
    parent: ElementRef<'_>,
    name: &str,
    id: Option<&str>,
    position: Option<usize>,
) -> Option<XmlId> {
    parent.child_ids().iter().copied().enumerate().find_map(|(at, xml_id)| {
        let fits = match parent.tree().node(xml_id)? {
            Child::Element(e) => e.name() == name && id.is_none_or(|id| e.id() == Some(id)),
            Child::Comment(_) => {
                name == names::COMMENT && position.is_none_or(|position| position == at)
            }
            Child::Text(_) | Child::CData(_) => false,
        };
        fits.then_some(xml_id)
    })
}

/// Splits a path into names and ids. A `/` inside quotes belongs to the id.
pub(super) fn steps(path: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = path;
    std::iter::from_fn(move || {
        rest = rest.strip_prefix('/')?;
        let mut quoted = false;
        let end = rest
            .find(|c: char| {
                quoted ^= c == '\'';
                c == '/' && !quoted
            })
            .unwrap_or(rest.len());
        let (level, after) = rest.split_at(end);
        rest = after;
        Some(match level.split_once("[@id='") {
            Some((name, id)) => (name, Some(id.strip_suffix("']").unwrap_or(id))),
            None => (level, None),
        })
    })
}
