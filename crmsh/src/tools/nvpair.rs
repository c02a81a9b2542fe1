//! Pairs of name and value in the CIB, as the tools find and name them.

use cib_model::xml::{ElementRef, Tree};

use super::reply::set;

/// Returns the pairs at and below an element, of this id and name where they are given, in document
/// order.
pub(super) fn below<'c>(
    top: ElementRef<'c>,
    id: Option<&str>,
    name: Option<&str>,
) -> impl Iterator<Item = ElementRef<'c>> {
    top.descendants().filter(move |element| {
        element.name() == "nvpair"
            && id.is_none_or(|id| element.id() == Some(id))
            && name.is_none_or(|name| element.attr("name") == Some(name))
    })
}

/// Makes what names a pair.
pub(super) fn named(id: Option<&str>, name: &str) -> Tree {
    let mut tree = Tree::new("nvpair");
    let root = tree.root_id();
    if let Some(id) = id {
        set(&mut tree, root, &[("id", id)]);
    }
    set(&mut tree, root, &[("name", name)]);
    tree
}

/// Lists pairs that cannot be told apart by their name.
pub(super) fn several(found: &[ElementRef<'_>], name: &str) -> Vec<String> {
    let shown = |pair: &ElementRef<'_>| {
        let value = pair.attr("value").unwrap_or("(null)");
        format!("  Value: {value} \t(id={})", pair.id().unwrap_or("(null)"))
    };
    let head = format!("Multiple attributes match name={name}");
    std::iter::once(head).chain(found.iter().map(shown)).collect()
}
