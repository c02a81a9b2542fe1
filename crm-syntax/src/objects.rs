//! The objects of a configuration: all of them, what stands in containers, what constraints name.

use cib_model::cib::Cib;
use cib_model::xml::ElementRef;

use crate::kind::ObjectKind;

/// Attributes of a constraint that name a resource.
pub(crate) const REFERENCES: [&str; 4] = ["rsc", "with-rsc", "first", "then"];

/// Returns the names of all nodes, sorted.
pub(crate) fn node_names(cib: &Cib) -> Vec<String> {
    let nodes = cib.nodes().into_iter().flat_map(|nodes| nodes.children_named("node"));
    let mut names: Vec<String> =
        nodes.filter_map(|node| node.attr("uname").map(str::to_owned)).collect();
    names.sort();
    names
}

/// Returns the members of a constraint's resource sets, in their order.
pub(crate) fn set_members(constraint: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    constraint.children_named("resource_set").flat_map(|set| set.children_named("resource_ref"))
}

/// Returns the resources that a constraint names, each as often as it does.
pub(crate) fn references(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    let is_constraint = element.name().starts_with("rsc_");
    let simple = REFERENCES
        .into_iter()
        .filter(move |_| is_constraint)
        .filter_map(move |name| element.attr(name));
    let sets = set_members(element).filter(move |_| is_constraint).filter_map(ElementRef::id);
    simple.chain(sets)
}

/// Returns every object of a configuration in document order, those inside containers too.
pub(crate) fn objects(configuration: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    configuration
        .children()
        .flat_map(|section| {
            let own = (section.name() == "fencing-topology").then_some(section);
            own.into_iter().chain(section.children().flat_map(with_members))
        })
        .filter(|element| ObjectKind::of(*element).is_some())
}

/// An object and the resources inside it.
fn with_members(element: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    let mut found = vec![element];
    let is_container = ObjectKind::of(element).is_some_and(ObjectKind::is_container);
    if is_container {
        found.extend(element.children().filter(|c| is_member(*c)).flat_map(with_members));
    }
    found
}

/// Returns true for a resource that stands in a container.
pub(crate) fn is_member(element: ElementRef<'_>) -> bool {
    matches!(element.name(), "primitive" | "group")
}
