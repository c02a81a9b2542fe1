//! References between objects: who names whom, and what is named but missing.

use crate::cib::Cib;
use crate::fencing::FencingLevel;
use crate::names;
use crate::resource::Resource;
use crate::validate::{Code, FINDINGS_MAX, Finding, Severity};
use crate::xml::{ElementRef, XmlId};

/// What a reference may lead to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RefKind {
    /// An element of the same name (`id-ref`).
    SameElement,
    /// A template.
    Template,
    /// A resource, template or tag.
    Constrained,
    /// A resource.
    Resource,
    /// An ACL role.
    AclRole,
    /// Anything with an id.
    Any,
}

/// One reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reference<'a> {
    /// The element that refers.
    pub from: ElementId<'a>,
    /// The attribute that holds the reference.
    pub attr: &'static str,
    /// The id referred to.
    pub target: &'a str,
    /// What it may lead to.
    pub kind: RefKind,
}

/// An element by place and by the id a user knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ElementId<'a> {
    /// The element.
    pub xml_id: XmlId,
    /// Its id, or that of the nearest element around it that defines one.
    pub object: &'a str,
}

/// Returns the attributes of an element that refer to others.
fn attrs(element: ElementRef<'_>) -> &'static [(&'static str, RefKind)] {
    const CONSTRAINED: RefKind = RefKind::Constrained;
    match element.name() {
        names::PRIMITIVE => &[(names::TEMPLATE, RefKind::Template)],
        names::RSC_LOCATION | names::RSC_TICKET => &[(names::RSC, CONSTRAINED)],
        names::RSC_COLOCATION => &[(names::RSC, CONSTRAINED), (names::WITH_RSC, CONSTRAINED)],
        names::RSC_ORDER => &[(names::FIRST, CONSTRAINED), (names::THEN, CONSTRAINED)],
        names::RESOURCE_REF => &[(names::ID, CONSTRAINED)],
        names::OBJ_REF => &[(names::ID, RefKind::Any)],
        names::ROLE | names::ROLE_REF => &[(names::ID, RefKind::AclRole)],
        names::ACL_PERMISSION => &[(names::REFERENCE, RefKind::Any)],
        names::READ | names::WRITE | names::DENY => &[(names::REF, RefKind::Any)],
        _ => &[],
    }
}

fn owner(element: ElementRef<'_>) -> ElementId<'_> {
    let named = |e: ElementRef<'_>| !crate::cib::is_reference(e);
    let object = std::iter::successors(Some(element), |e| e.parent())
        .filter(|e| named(*e))
        .find_map(ElementRef::id)
        .unwrap_or_default();
    ElementId { xml_id: element.xml_id(), object }
}

/// Returns every reference of the configuration in document order.
pub fn references(cib: &Cib) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    for element in cib.configuration().into_iter().flat_map(ElementRef::descendants) {
        let by_id_ref = [(names::ID_REF, RefKind::SameElement)];
        for (attr, kind) in by_id_ref.iter().chain(attrs(element)).copied() {
            if let Some(target) = element.attr(attr) {
                found.push(Reference { from: owner(element), attr, target, kind });
            }
        }
        let devices = FencingLevel::cast(element).into_iter().flat_map(FencingLevel::devices);
        found.extend(devices.map(|target| Reference {
            from: owner(element),
            attr: names::DEVICES,
            target,
            kind: RefKind::Resource,
        }));
    }
    found
}

/// Returns the references to one id, in document order.
pub fn referrers<'a>(cib: &'a Cib, id: &str) -> Vec<Reference<'a>> {
    references(cib).into_iter().filter(|reference| reference.target == id).collect()
}

/// Returns whether the reference leads to what it may lead to.
fn is_resolved(cib: &Cib, reference: &Reference<'_>) -> bool {
    let Reference { from, attr: _, target, kind } = *reference;
    let from = cib.tree().element(from.xml_id);
    cib.find_all(target).any(|found| match kind {
        RefKind::SameElement => from.is_some_and(|from| from.name() == found.name()),
        RefKind::Template => found.name() == names::TEMPLATE,
        RefKind::Constrained => {
            Resource::cast(found).is_some() || matches!(found.name(), names::TEMPLATE | names::TAG)
        }
        RefKind::Resource => Resource::cast(found).is_some(),
        RefKind::AclRole => found.name() == names::ACL_ROLE,
        RefKind::Any => true,
    })
}

/// Returns true for elements that must not have one id. Names of nodes and of users are theirs
/// alone: another element may have the same.
fn is_namesake(a: ElementRef<'_>, b: ElementRef<'_>) -> bool {
    let is_apart = |e: ElementRef<'_>| matches!(e.name(), names::NODE | names::ACL_TARGET);
    a.name() == b.name() || (!is_apart(a) && !is_apart(b))
}

/// Returns what is wrong with ids and references: duplicates first, then dangling references,
/// each in document order; the first 10,000.
pub fn check(cib: &Cib) -> Vec<Finding> {
    let mut findings = Vec::new();
    for element in cib.definitions() {
        if findings.len() >= FINDINGS_MAX {
            break;
        }
        let id = element.id().unwrap_or_default();
        let first = cib.find_all(id).find(|other| is_namesake(*other, element));
        if let Some(first) = first.filter(|first| first.xml_id() != element.xml_id()) {
            findings.push(Finding {
                severity: Severity::Error,
                code: Code::DuplicateId,
                element: element.xml_id(),
                object: id.to_owned(),
                message: format!(
                    "the id {id} of <{}> is that of a <{}> before it",
                    element.name(),
                    first.name()
                ),
            });
        }
    }
    for reference in references(cib) {
        if findings.len() >= FINDINGS_MAX {
            break;
        }
        if is_resolved(cib, &reference) {
            continue;
        }
        let Reference { from, attr, target, kind } = reference;
        let wanted = match kind {
            RefKind::SameElement => "element",
            RefKind::Template => "template",
            RefKind::Constrained | RefKind::Resource => "resource",
            RefKind::AclRole => "ACL role",
            RefKind::Any => "object",
        };
        findings.push(Finding {
            severity: Severity::Error,
            code: Code::DanglingReference,
            element: from.xml_id,
            object: from.object.to_owned(),
            message: format!(
                "{} refers by {attr} to the {wanted} {target}, which does not exist",
                from.object
            ),
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{check, referrers};
    use crate::Cib;

    #[test]
    fn what_is_named_must_exist() {
        let cib = Cib::read(
            r#"<cib><configuration>
            <resources>
              <template id="t"/><primitive id="a" template="t"/><primitive id="b" template="zz"/>
              <primitive id="c"><meta_attributes id-ref="m"/><operations id="a"/></primitive>
            </resources>
            <constraints>
              <rsc_location id="l" rsc="a"/><rsc_colocation id="k" rsc="t" with-rsc="gone"/>
              <rsc_order id="o"><resource_set id="s"><resource_ref id="a"/><resource_ref id="l"/></resource_set></rsc_order>
            </constraints>
            <fencing-topology><fencing-level id="f" devices="a, dev"/></fencing-topology>
            <acls><acl_role id="r"/><acl_target id="u"><role id="r"/><role id="q"/></acl_target></acls>
            </configuration></cib>"#,
        )
        .unwrap();
        let said: Vec<_> = check(&cib).into_iter().map(|f| f.message).collect();
        assert_eq!(
            said,
            [
                "the id a of <operations> is that of a <primitive> before it",
                "b refers by template to the template zz, which does not exist",
                "c refers by id-ref to the element m, which does not exist",
                "k refers by with-rsc to the resource gone, which does not exist",
                "s refers by id to the resource l, which does not exist",
                "f refers by devices to the resource dev, which does not exist",
                "u refers by id to the ACL role q, which does not exist",
            ]
        );
        let who: Vec<_> = referrers(&cib, "a").iter().map(|r| r.from.object).collect();
        assert_eq!(who, ["l", "s", "f"]);
    }
}
