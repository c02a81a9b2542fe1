//! Things a schema accepts and nobody means.

use std::collections::BTreeSet;

use crate::cib::Cib;
use crate::constraint::Constraint;
use crate::node::Node;
use crate::nvset::{self, NvSetKind};
use crate::options::{self, cluster};
use crate::resource::Resource;
use crate::validate::{Code, Finding, Severity, lifecycle, refs};
use crate::xml::ElementRef;

/// Returns all findings: references and ids first, then the rest.
pub fn lint(cib: &Cib) -> Vec<Finding> {
    let mut findings = refs::check(cib);
    findings.extend(beyond_references(cib));
    findings
}

/// Returns what [`lint`] finds beside references and ids.
pub(super) fn beyond_references(cib: &Cib) -> Vec<Finding> {
    let mut findings = Vec::new();
    options(cib, &mut findings);
    nodes(cib, &mut findings);
    containers(cib, &mut findings);
    fencing(cib, &mut findings);
    lifecycle::operations(cib, &mut findings);
    lifecycle::removed(cib, &mut findings);
    findings
}

pub(super) fn warning(element: ElementRef<'_>, code: Code, message: String) -> Finding {
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

/// Returns the value of a cluster option that counts.
pub(super) fn cluster_option<'a>(cib: &'a Cib, name: &str) -> Option<&'a str> {
    let section = cib.crm_config()?;
    let option = options::find(cluster::OPTIONS, name)?;
    option.effective(|name| {
        nvset::sets(cib, section, NvSetKind::ClusterPropertySet)
            .flat_map(nvset::NvSet::pairs)
            .find(|pair| pair.name(cib) == Some(name))
            .and_then(|pair| pair.value(cib))
    })
}

/// Returns true where nodes may be fenced.
pub(super) fn is_fencing_enabled(cib: &Cib) -> bool {
    cluster_option(cib, "fencing-enabled").and_then(crate::boolean::parse) != Some(false)
}

/// Says where a failed node cannot be fenced.
fn fencing(cib: &Cib, findings: &mut Vec<Finding>) {
    let Some(section) = cib.crm_config().or_else(|| cib.configuration()) else { return };
    let members = cib.all_nodes().filter(|node| !node.is_remote()).count();
    let has_device = cib.all_resources().any(|rsc| match rsc {
        Resource::Primitive(rsc) => rsc.agent(cib).is_some_and(crate::resource::Agent::is_fencing),
        _ => false,
    });
    let has_watchdog = cluster_option(cib, "fencing-watchdog-timeout")
        .is_some_and(|timeout| crate::interval::interval_ms(Some(timeout)) > 0);
    let message = match (is_fencing_enabled(cib), has_device || has_watchdog) {
        (true, false) if cib.all_resources().next().is_some() => {
            "no fencing device is configured and fencing is enabled: no resource will start"
                .to_owned()
        }
        (false, _) if members > 1 => format!(
            "fencing is disabled and there are {members} nodes: where one stops answering, both \
             sides may run the same resources"
        ),
        _ => return,
    };
    findings.push(warning(section, Code::NoFencing, message));
}

fn nodes(cib: &Cib, findings: &mut Vec<Finding>) {
    if cib.all_nodes().next().is_none() {
        return;
    }
    // Pacemaker finds nodes by name without regard to case.
    let names = cib.all_nodes().map(Node::name).chain(implied_nodes(cib));
    let known: BTreeSet<String> = names.map(str::to_lowercase).collect();
    let is_replica = |node: &str| {
        node.rmatch_indices('-').any(|(at, _)| {
            let bundle = node.get(..at).and_then(|id| cib.resource(id));
            matches!(bundle, Some(Resource::Bundle(_)))
        })
    };
    for constraint in cib.all_constraints() {
        let Constraint::Location(location) = constraint else { continue };
        let unknown = |node: &&str| !known.contains(&node.to_lowercase()) && !is_replica(node);
        if let Some(node) = location.node().filter(unknown) {
            let message =
                format!("{} names the node {node}, which is not configured", location.id());
            findings.push(warning(location.element(), Code::UnknownNode, message));
        }
    }
}

/// Returns the names of nodes that a resource brings: remote connections and guests.
fn implied_nodes(cib: &Cib) -> impl Iterator<Item = &str> {
    cib.all_resources().flat_map(|rsc| {
        let kind = NvSetKind::MetaAttributes;
        let guest = nvset::plain_value(cib, rsc.element(), kind, "remote-node");
        [Some(rsc.id()), guest].into_iter().flatten()
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
        let expected = [
            (Code::BadOptionValue, "p1"),
            (Code::UnknownNode, "m"),
            (Code::EmptyContainer, "g"),
            (Code::NoFencing, ""),
        ];
        assert_eq!(codes, expected.map(|(code, id)| (code, id.to_owned())));
        assert!(lint(&Cib::empty()).is_empty());
    }
}
