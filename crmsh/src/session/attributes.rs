//! Setting single attributes in the CIB, with the ids Pacemaker's own tools give.
//!
//! **Source:** pacemaker `tools/crm_resource_runtime.c`, `cli_resource_update_attribute()`, and
//! `lib/cib/cib_attrs.c`.

use cib_model::Cib;
use cib_model::xml::{ElementRef, XmlId};

/// Which kind of attribute set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetKind {
    /// Parameters of the agent; attributes of a node.
    Instance,
    /// Meta attributes.
    Meta,
    /// Utilization.
    Utilization,
}

impl SetKind {
    /// Returns the element's name.
    pub fn tag(self) -> &'static str {
        match self {
            SetKind::Instance => "instance_attributes",
            SetKind::Meta => "meta_attributes",
            SetKind::Utilization => "utilization",
        }
    }
}

/// Where a value was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// Id of the nvpair.
    pub id: String,
    /// Id of its set.
    pub set: String,
}

/// Returns the nvpairs called `name` in an object's own sets of this kind.
pub fn find<'a>(
    owner: ElementRef<'a>,
    kind: SetKind,
    name: &'a str,
) -> impl Iterator<Item = ElementRef<'a>> {
    owner
        .children_named(kind.tag())
        .flat_map(|set| set.children_named("nvpair"))
        .filter(move |pair| pair.attr("name") == Some(name))
}

/// Returns an attribute's value.
pub fn get<'a>(owner: ElementRef<'a>, kind: SetKind, name: &'a str) -> Option<&'a str> {
    find(owner, kind, name).next()?.attr("value")
}

/// Sets an attribute: in place where it is, else in the object's first set, else in a new one
/// called `set_id`.
pub fn set(
    cib: &mut Cib,
    owner: XmlId,
    kind: SetKind,
    set_id: &str,
    name: &str,
    value: &str,
) -> Written {
    let tree = cib.tree();
    let Some(element) = tree.element(owner) else {
        return Written { id: String::new(), set: String::new() };
    };
    let found: Vec<XmlId> = find(element, kind, name).map(ElementRef::xml_id).collect();
    let first_set = element.children_named(kind.tag()).find(|s| s.attr("id-ref").is_none());
    // another object may have the id, as after a rename
    let set_name = match first_set.and_then(ElementRef::id) {
        Some(id) => id.to_owned(),
        None => free_id(cib, set_id),
    };
    if let Some(first) = found.first().and_then(|id| tree.element(*id)) {
        let written = Written {
            id: first.id().unwrap_or_default().to_owned(),
            set: first.parent().and_then(ElementRef::id).unwrap_or_default().to_owned(),
        };
        for id in found {
            cib.tree_mut().set_attr(id, "value", value);
        }
        return written;
    }
    let id = free_id(cib, &sanitised(&format!("{set_name}-{name}")));
    let set = first_set_or_new(cib, owner, kind, &set_name);
    let tree = cib.tree_mut();
    let pair = tree.append(set, "nvpair");
    tree.set_attr(pair, "id", id.as_str());
    tree.set_attr(pair, "name", name);
    tree.set_attr(pair, "value", value);
    Written { id, set: set_name }
}

/// Removes an attribute; a set that has become empty goes with it where `prune` says so. Returns
/// what was removed.
pub fn delete(cib: &mut Cib, owner: XmlId, kind: SetKind, name: &str, prune: bool) -> Vec<Written> {
    let Some(element) = cib.tree().element(owner) else { return Vec::new() };
    let mut gone = Vec::new();
    let mut detach = Vec::new();
    for pair in find(element, kind, name) {
        let set = pair.parent();
        gone.push(Written {
            id: pair.id().unwrap_or_default().to_owned(),
            set: set.and_then(ElementRef::id).unwrap_or_default().to_owned(),
        });
        let only = set.is_some_and(|s| s.children().count() == 1);
        detach.push(match set {
            Some(set) if prune && only => set.xml_id(),
            _ => pair.xml_id(),
        });
    }
    for id in detach {
        cib.tree_mut().detach(id);
    }
    gone
}

/// Removes the sets that hold nothing, of an object and what is in it.
///
/// **Source:** crmsh `xmlutil.py`, `is_emptynvpairs()`.
pub fn remove_empty(cib: &mut Cib, owner: XmlId) {
    let kinds = [SetKind::Instance, SetKind::Meta, SetKind::Utilization];
    let is_empty = |e: &ElementRef<'_>| {
        kinds.iter().any(|k| k.tag() == e.name())
            && e.attr("id-ref").is_none()
            && e.children().next().is_none()
    };
    let Some(element) = cib.tree().element(owner) else { return };
    let gone: Vec<XmlId> = element.descendants().filter(is_empty).map(ElementRef::xml_id).collect();
    for id in gone {
        cib.tree_mut().detach(id);
    }
}

/// Returns `wanted`, or `wanted-0`, `wanted-1`, … where the id is taken.
pub fn free_id(cib: &Cib, wanted: &str) -> String {
    let mut id = wanted.to_owned();
    let mut tried = 0_u32;
    while cib.find(&id).is_some() {
        id = format!("{wanted}-{tried}");
        tried += 1;
    }
    id
}

fn sanitised(id: &str) -> String {
    id.chars().map(|c| if c.is_alphanumeric() || "_.-".contains(c) { c } else { '.' }).collect()
}

/// Returns the object's first own set, or a new one before its member resources.
fn first_set_or_new(cib: &mut Cib, owner: XmlId, kind: SetKind, id: &str) -> XmlId {
    let Some(element) = cib.tree().element(owner) else { return owner };
    if let Some(set) = element.children_named(kind.tag()).find(|s| s.attr("id-ref").is_none()) {
        return set.xml_id();
    }
    let members = ["primitive", "group", "clone", "master"];
    let before = element
        .child_ids()
        .iter()
        .position(|c| cib.tree().element(*c).is_some_and(|e| members.contains(&e.name())))
        .unwrap_or(element.child_ids().len());
    let tree = cib.tree_mut();
    let set = tree.insert(owner, before, kind.tag());
    tree.set_attr(set, "id", id);
    set
}

#[cfg(test)]
mod tests {
    use super::*;
    use cib_model::xml::{Dialect, Layout};

    fn cib() -> Cib {
        Cib::read(
            r#"<cib><configuration><resources><group id="g"><primitive id="a"/></group>
               </resources></configuration></cib>"#,
        )
        .unwrap()
    }

    #[test]
    fn an_id_that_another_object_has_is_not_taken() {
        let text = r#"<cib><configuration><resources><primitive id="b"><meta_attributes
            id="a-meta_attributes"/></primitive><primitive id="a"/></resources></configuration></cib>"#;
        let mut cib = Cib::read(text).unwrap();
        let a = cib.find("a").unwrap().xml_id();
        let written = set(&mut cib, a, SetKind::Meta, "a-meta_attributes", "x", "1");
        assert_eq!(written.set, "a-meta_attributes-0");
    }

    #[test]
    fn a_new_set_stands_before_the_members() {
        let mut cib = cib();
        let g = cib.find("g").unwrap().xml_id();
        let written = set(&mut cib, g, SetKind::Meta, "g-meta_attributes", "x", "1");
        assert_eq!(written.id, "g-meta_attributes-x");
        set(&mut cib, g, SetKind::Meta, "g-meta_attributes", "x", "2");
        let text = cib.write(Layout::Compact, Dialect::Pcmk3);
        assert!(
            text.contains(concat!(
                r#"<group id="g"><meta_attributes id="g-meta_attributes">"#,
                r#"<nvpair id="g-meta_attributes-x" name="x" value="2"/></meta_attributes>"#,
                r#"<primitive id="a"/></group>"#
            )),
            "{text}"
        );
    }

    #[test]
    fn deleting_says_what_went() {
        let mut cib = cib();
        let a = cib.find("a").unwrap().xml_id();
        set(&mut cib, a, SetKind::Instance, "s", "k", "v");
        assert_eq!(delete(&mut cib, a, SetKind::Instance, "zz", true), []);
        let gone = delete(&mut cib, a, SetKind::Instance, "k", true);
        assert_eq!(gone, [Written { id: "s-k".into(), set: "s".into() }]);
        assert!(cib.find("s").is_none());
    }
}
