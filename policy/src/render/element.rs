//! XML elements with attributes, as the output's renderers append them.

use cib_model::xml::{Tree, XmlId};

/// Appends an element with the attributes that have a value.
pub(super) fn append_all(
    tree: &mut Tree,
    parent: XmlId,
    name: &'static str,
    attrs: &[(&'static str, Option<&str>)],
) -> XmlId {
    let element = tree.append(parent, name);
    for (name, value) in attrs {
        if let Some(value) = value {
            tree.set_attr(element, *name, *value);
        }
    }
    element
}

/// Returns the word for a truth value.
pub(super) fn word(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}
