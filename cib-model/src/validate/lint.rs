//! Things a schema accepts and nobody means.

use crate::cib::Cib;
use crate::constraint::Constraint;
use crate::nvset::{self, NvSetKind};
use crate::options::{self, cluster};
use crate::resource::Resource;
use crate::validate::{Code, Finding, Severity, refs};
use crate::xml::ElementRef;

/// Returns all findings: references and ids first, then the rest.
pub fn lint(cib: &Cib) -> Vec<Finding> {
    let mut findings = refs::check(cib);
    options(cib, &mut findings);
    nodes(cib, &mut findings);
    containers(cib, &mut findings);
    findings
}

fn warning(element: ElementRef<'_>, code: Code, message: String) -> Finding {
    Finding {
        severity: Severity::Warning,
        code,
        element: element.xml_id(),
        object: element.id().unwrap_or_default().to_owned(),
        message,
    }
}

fn options(cib: &Cib, findings: &mut Vec<Finding>) {
    let Some(section) = cib.crm_config() else { return };
    for set in nvset::sets(cib, section, NvSetKind::ClusterPropertySet) {
        for pair in set.pairs() {
            let (Some(name), Some(value)) = (pair.name(cib), pair.value(cib)) else { continue };
            let Some(option) = options::find(cluster::OPTIONS, name) else { continue };
            if !option.accepts(value) {
                let default = option.default.unwrap_or("no value");
                let message =
                    format!("'{value}' is no value of {name}: the cluster uses {default}");
                findings.push(warning(pair.element(), Code::BadOptionValue, message));
            }
        }
    }
}

fn nodes(cib: &Cib, findings: &mut Vec<Finding>) {
    if cib.all_nodes().next().is_none() {
        return;
    }
    for constraint in cib.all_constraints() {
        let Constraint::Location(location) = constraint else { continue };
        let unknown = |node: &&str| cib.node(node).is_none() && !is_implied_node(cib, node);
        if let Some(node) = location.node().filter(unknown) {
            let message =
                format!("{} names the node {node}, which is not configured", location.id());
            findings.push(warning(location.element(), Code::UnknownNode, message));
        }
    }
}

/// Returns true for a node that a resource brings: a remote connection, a guest, a replica of a
/// bundle.
fn is_implied_node(cib: &Cib, name: &str) -> bool {
    let guest = |rsc: Resource<'_>| {
        nvset::plain_value(cib, rsc.element(), NvSetKind::MetaAttributes, "remote-node")
            == Some(name)
    };
    cib.resource(name).is_some()
        || cib.all_resources().any(|rsc| match rsc {
            Resource::Bundle(bundle) => {
                name.strip_prefix(bundle.id()).is_some_and(|rest| rest.starts_with('-'))
            }
            Resource::Primitive(_) => guest(rsc),
            _ => false,
        })
}

fn containers(cib: &Cib, findings: &mut Vec<Finding>) {
    for resource in cib.all_resources() {
        let must_hold = matches!(resource, Resource::Group(_) | Resource::Clone(_));
        if must_hold && resource.members().next().is_none() {
            let message = format!("{} holds no resource", resource.id());
            findings.push(warning(resource.element(), Code::EmptyContainer, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lint;
    use crate::Cib;
    use crate::validate::Code;

    #[test]
    fn warnings() {
        let cib = Cib::read(
            r#"<cib><configuration>
            <crm_config><cluster_property_set id="p"><nvpair id="p1" name="batch-limit" value="many"/><nvpair id="p2" name="own" value="x"/></cluster_property_set></crm_config>
            <nodes><node id="1" uname="n1"/></nodes>
            <resources><group id="g"/><primitive id="a"/></resources>
            <constraints><rsc_location id="l" rsc="a" node="N1"/><rsc_location id="m" rsc="a" node="n2"/></constraints>
            </configuration></cib>"#,
        )
        .unwrap();
        let codes: Vec<_> = lint(&cib).into_iter().map(|f| (f.code, f.object)).collect();
        let expected =
            [(Code::BadOptionValue, "p1"), (Code::UnknownNode, "m"), (Code::EmptyContainer, "g")];
        assert_eq!(codes, expected.map(|(code, id)| (code, id.to_owned())));
        assert!(lint(&Cib::empty()).is_empty());
    }
}
