//! What a resource agent says of itself, and whether a resource is configured accordingly.
//!
//! **Source:** the OCF resource agent API (metadata XML); crmsh `ra.py`, `sanity_check_params()`,
//! `sanity_check_ops()` for what is checked.

use crate::cib::Cib;
use crate::interval;
use crate::names;
use crate::nvset::{self, NvSetKind};
use crate::resource::Primitive;
use crate::validate::{Code, Finding, Severity};
use crate::xml::{self, ElementRef};

/// One parameter of an agent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type as written: `string`, `integer`, `boolean`, `time`, `select`…
    pub kind: String,
    /// Whether a resource must set it.
    pub is_required: bool,
    /// The value where a resource does not set it.
    pub default: Option<String>,
}

/// One action of an agent, with the times it advises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Action {
    /// `start`, `stop`, `monitor`…
    pub name: String,
    /// The shortest timeout that the agent advises, as written.
    pub timeout: Option<String>,
    /// The interval that the agent advises, as written.
    pub interval: Option<String>,
    /// The role a monitor is for.
    pub role: Option<String>,
}

/// What an agent says of itself.
///
/// ```
/// use cib_model::validate::AgentMetadata;
///
/// let metadata = AgentMetadata::read(
///     r#"<resource-agent name="x"><parameters>
///          <parameter name="ip" required="1"><content type="string"/></parameter>
///        </parameters><actions><action name="start" timeout="20s"/></actions></resource-agent>"#,
/// )
/// .unwrap();
/// assert!(metadata.parameter("ip").unwrap().is_required);
/// assert_eq!(metadata.actions[0].timeout.as_deref(), Some("20s"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AgentMetadata {
    /// The parameters, in the agent's order.
    pub parameters: Vec<Parameter>,
    /// The actions, in the agent's order.
    pub actions: Vec<Action>,
}

impl AgentMetadata {
    /// Reads metadata as `meta-data` prints it; `None` where that is no `<resource-agent>`.
    pub fn read(text: &str) -> Option<Self> {
        let tree = xml::read(text).ok()?;
        let root = tree.root();
        if root.name() != "resource-agent" {
            return None;
        }
        let section = |name| root.child(name).into_iter().flat_map(ElementRef::children);
        let owned = |e: ElementRef<'_>, name| e.attr(name).map(str::to_owned);
        let parameters = section("parameters").filter(|p| p.name() == "parameter").map(|p| {
            let content = p.child("content");
            let of_content = |name| content.and_then(|c| c.attr(name)).map(str::to_owned);
            Parameter {
                name: owned(p, names::NAME).unwrap_or_default(),
                kind: of_content(names::TYPE).unwrap_or_else(|| "string".to_owned()),
                is_required: p.attr("required") == Some("1") && p.attr("deprecated") != Some("1"),
                default: of_content("default"),
            }
        });
        let actions = section("actions").filter(|a| a.name() == "action").map(|a| Action {
            name: owned(a, names::NAME).unwrap_or_default(),
            timeout: owned(a, names::TIMEOUT),
            interval: owned(a, names::INTERVAL),
            role: owned(a, names::ROLE),
        });
        Some(AgentMetadata { parameters: parameters.collect(), actions: actions.collect() })
    }

    /// Returns the parameter called `name`.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.name == name)
    }

    /// Returns the timeout that the agent advises for an action.
    pub fn advised_timeout(&self, action: &str) -> Option<&str> {
        self.actions.iter().find(|a| a.name == action)?.timeout.as_deref()
    }
}

/// Checks a primitive against what its agent says: parameters that are missing, unknown or of the
/// wrong type, timeouts below the agent's advice.
///
/// # Order
/// Missing parameters, set parameters in document order, timeouts in document order.
pub fn check(cib: &Cib, primitive: Primitive<'_>, metadata: &AgentMetadata) -> Vec<Finding> {
    let id = primitive.id();
    let mut findings = Vec::new();
    let mut add = |severity, code, element: ElementRef<'_>, message| {
        findings.push(Finding {
            severity,
            code,
            element: element.xml_id(),
            object: id.to_owned(),
            message,
        });
    };
    let template = primitive.template().and_then(|t| cib.template(t));
    let owners: Vec<ElementRef<'_>> =
        [Some(primitive.element()), template.map(super::super::resource::Template::element)]
            .into_iter()
            .flatten()
            .collect();
    let pairs: Vec<(ElementRef<'_>, &str, &str)> = owners
        .iter()
        .flat_map(|owner| nvset::sets(cib, *owner, NvSetKind::InstanceAttributes))
        .flat_map(nvset::NvSet::pairs)
        .filter_map(|pair| Some((pair.element(), pair.name(cib)?, pair.value(cib)?)))
        .collect();
    for parameter in metadata.parameters.iter().filter(|p| p.is_required) {
        if !pairs.iter().any(|(_, name, _)| *name == parameter.name) {
            let message = format!("{id}: required parameter {} not defined", parameter.name);
            add(Severity::Error, Code::AgentParameter, primitive.element(), message);
        }
    }
    for (element, name, value) in pairs {
        let is_special =
            ["OCF_", "pcmk_", "CRM_meta", "trace_"].iter().any(|p| name.starts_with(p));
        match metadata.parameter(name) {
            None if is_special || metadata.parameters.is_empty() => {}
            None => {
                let message = format!("{id}: parameter {name} does not exist");
                add(Severity::Error, Code::AgentParameter, element, message);
            }
            Some(parameter) if !is_of_kind(&parameter.kind, value) => {
                let kind = &parameter.kind;
                let message = format!("{id}: '{value}' is no {kind} for parameter {name}");
                add(Severity::Warning, Code::AgentParameter, element, message);
            }
            Some(_) => {}
        }
    }
    for op in primitive.operations(cib) {
        let (Some(name), Some(timeout)) = (op.name(), op.timeout()) else { continue };
        let Some(advised) = metadata.advised_timeout(name) else { continue };
        let ms = |text| interval::parse_interval_ms(text).ok();
        if ms(timeout).zip(ms(advised)).is_some_and(|(set, advised)| set < advised) {
            let message = format!(
                "{id}: specified timeout {timeout} for {name} is smaller than the advised {advised}"
            );
            add(Severity::Warning, Code::ShortTimeout, op.element(), message);
        }
    }
    findings
}

fn is_of_kind(kind: &str, value: &str) -> bool {
    // Values may hold references that the agent or the cluster expands.
    match kind {
        _ if value.is_empty() || value.contains('$') => true,
        "integer" => value.trim().parse::<i64>().is_ok(),
        "boolean" => crate::boolean::parse(value).is_some() || matches!(value, "yes" | "no"),
        "time" | "second" => interval::parse_interval_ms(value).is_ok(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{AgentMetadata, check};
    use crate::Cib;
    use crate::resource::Resource;

    #[test]
    fn a_resource_beside_its_agent() {
        let metadata = AgentMetadata::read(
            r#"<?xml version="1.0"?><!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
            <resource-agent name="IPaddr2"><parameters>
            <parameter name="ip" required="1"><content type="string"/></parameter>
            <parameter name="cidr_netmask"><content type="integer" default=""/></parameter>
            </parameters><actions><action name="start" timeout="20s"/><action name="monitor" timeout="20s" interval="10s"/></actions></resource-agent>"#,
        );
        let cib = Cib::read(
            r#"<cib><configuration><resources><primitive id="a" class="ocf" provider="heartbeat" type="IPaddr2">
            <instance_attributes id="s"><nvpair id="n" name="cidr_netmask" value="wide"/><nvpair id="o" name="colour" value="blue"/></instance_attributes>
            <operations><op id="p" name="start" interval="0" timeout="5"/><op id="q" name="monitor" interval="10s" timeout="1min"/></operations>
            </primitive></resources></configuration></cib>"#,
        )
        .unwrap();
        let Some(Resource::Primitive(a)) = cib.resource("a") else { panic!("a is a primitive") };
        let said: Vec<String> =
            check(&cib, a, &metadata.unwrap()).into_iter().map(|f| f.message).collect();
        assert_eq!(
            said,
            [
                "a: required parameter ip not defined",
                "a: 'wide' is no integer for parameter cidr_netmask",
                "a: parameter colour does not exist",
                "a: specified timeout 5 for start is smaller than the advised 20s",
            ]
        );
        assert_eq!(AgentMetadata::read("<cib/>"), None);
    }
}
