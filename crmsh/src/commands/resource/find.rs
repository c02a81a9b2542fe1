//! Finding resources in the CIB.

use cib_model::Cib;
use cib_model::xml::{ElementRef, XmlId};

use crate::exit::Failure;

/// Tells whether an element is a resource.
pub(crate) fn is_resource(element: ElementRef<'_>) -> bool {
    matches!(element.name(), "primitive" | "group" | "clone" | "master" | "bundle")
}

/// Finds a resource by id.
pub(crate) fn find<'a>(cib: &'a Cib, id: &str) -> Option<ElementRef<'a>> {
    cib.find(id).filter(|e| is_resource(*e))
}

/// Finds a resource by id, or fails as `crm_resource` does.
pub(crate) fn require(cib: &Cib, id: &str) -> Result<XmlId, Failure> {
    find(cib, id).map(ElementRef::xml_id).ok_or_else(|| Failure::Plain(missing(id)))
}

/// Returns `crm_resource`'s sentence for a resource that does not exist.
pub(crate) fn missing(id: &str) -> String {
    format!("Resource '{id}' not found")
}

/// Returns the resources a word names: itself, or the members of a tag.
pub(super) fn named(cib: &Cib, word: &str) -> Result<Vec<XmlId>, Failure> {
    let unknown = || Failure::Plain(format!("Resource not found: {word}"));
    let Some(element) = cib.find(word) else { return Err(unknown()) };
    let found: Vec<XmlId> = match element.name() {
        "tag" => element
            .children_named("obj_ref")
            .filter_map(|r| find(cib, r.id()?))
            .map(ElementRef::xml_id)
            .collect(),
        _ if is_resource(element) => vec![element.xml_id()],
        _ => Vec::new(),
    };
    if found.is_empty() { Err(unknown()) } else { Ok(found) }
}

/// Returns the topmost resource that holds this one; a member of a group stands for itself.
pub(super) fn controlled(element: ElementRef<'_>) -> ElementRef<'_> {
    let in_group = element.parent().is_some_and(|p| p.name() == "group");
    if element.name() == "primitive" && in_group {
        return element;
    }
    let mut top = element;
    while let Some(parent) = top.parent().filter(|p| is_resource(*p)) {
        top = parent;
    }
    top
}

/// Tells whether a resource has promotable instances.
pub(super) fn is_promotable(element: ElementRef<'_>) -> bool {
    let is_yes = |v: &str| matches!(v.to_lowercase().as_str(), "true" | "yes" | "on" | "1" | "y");
    element.name() == "master"
        || (element.name() == "clone"
            && crate::session::attributes::get(
                element,
                crate::session::attributes::SetKind::Meta,
                "promotable",
            )
            .is_some_and(is_yes))
}
