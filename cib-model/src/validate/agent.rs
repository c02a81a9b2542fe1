//! What a resource agent says of itself, and whether a resource is configured accordingly.
//!
//! **Source:** the OCF resource agent API (metadata XML); crmsh `ra.py`, `sanity_check_params()`,
//! `sanity_check_ops()` for what is checked.

use crate::cib::Cib;
use crate::interval;
use crate::names;
use crate::nvset::{self, NvSetKind};
use crate::options;
use crate::resource::{Operation, Primitive, Template};
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

    /// Returns what the agent says of an action: of a monitor for a role only what it says of that.
    fn action(&self, name: &str, role: Option<&str>) -> Option<&Action> {
        let role = role.filter(|_| name == "monitor");
        self.actions
            .iter()
            .find(|a| a.name == name && (role.is_none() || a.role.as_deref() == role))
    }
}

/// Checks a primitive against what its agent says: operations that it does not have, intervals that
/// do not fit, timeouts below its advice, parameters that are missing, unknown or of the wrong type.
/// The sentences are crm's.
///
/// # Order
/// Operations (monitors first, as crm), missing parameters, set parameters in document order; of
/// these no more when 10,000 things have been found.
pub fn check(cib: &Cib, primitive: Primitive<'_>, metadata: &AgentMetadata) -> Vec<Finding> {
    of_element(cib, primitive.element(), primitive.operations(cib).collect(), metadata)
}

/// Checks a template in the same way; what it leaves out its primitives may set.
pub fn check_template(cib: &Cib, template: Template<'_>, metadata: &AgentMetadata) -> Vec<Finding> {
    of_element(cib, template.element(), template.operations(cib).collect(), metadata)
}

fn of_element(
    cib: &Cib,
    element: ElementRef<'_>,
    mut ops: Vec<Operation<'_>>,
    metadata: &AgentMetadata,
) -> Vec<Finding> {
    let mut checked = Checked { element, metadata, findings: Vec::new() };
    let is_fencing = checked.is_fencing();
    // The agent of a fencing device has neither: the cluster only notes them.
    let is_none_of_its = |name: &str| is_fencing && matches!(name, "start" | "stop");
    ops.retain(|op| !op.name().is_some_and(is_none_of_its));
    ops.sort_by_key(|op| op.name() != Some("monitor"));
    checked.monitors(&ops);
    let default = default_timeout(cib).map(|timeout| ("default", timeout));
    for op in &ops {
        checked.operation(*op, default);
    }
    for name in ["start", "stop"] {
        if !is_none_of_its(name) && !ops.iter().any(|op| op.name() == Some(name)) {
            checked.timeout(name, metadata.action(name, None), default, element);
        }
    }
    checked.parameters(cib);
    checked.findings
}

/// Returns the timeout that `op_defaults` sets.
fn default_timeout(cib: &Cib) -> Option<&str> {
    let sets = cib.op_defaults()?.children_named(names::META_ATTRIBUTES);
    let mut pairs = sets.flat_map(|set| set.children_named(names::NVPAIR));
    pairs.find(|pair| pair.attr(names::NAME) == Some(names::TIMEOUT))?.attr(names::VALUE)
}

struct Checked<'a> {
    /// A primitive or a template.
    element: ElementRef<'a>,
    metadata: &'a AgentMetadata,
    findings: Vec<Finding>,
}

impl<'a> Checked<'a> {
    fn id(&self) -> &'a str {
        self.element.id().unwrap_or_default()
    }

    fn is_fencing(&self) -> bool {
        self.element.attr(names::CLASS) == Some("stonith")
    }

    fn add(&mut self, severity: Severity, code: Code, element: ElementRef<'_>, text: &str) {
        let message = format!("{}: {text}", self.id());
        let object = self.id().to_owned();
        self.findings.push(Finding { severity, code, element: element.xml_id(), object, message });
    }

    /// Monitors are told apart by their interval: each has its own, and none has none.
    fn monitors(&mut self, ops: &[Operation<'_>]) {
        let mut intervals = Vec::new();
        for op in ops.iter().filter(|op| op.name() == Some("monitor")) {
            let Ok(ms) = interval::parse_interval_ms(op.interval().unwrap_or("0")) else {
                continue;
            };
            let text = if ms == 0 {
                "interval in monitor should be larger than 0"
            } else if intervals.contains(&ms) {
                "interval in monitor must be unique"
            } else {
                intervals.push(ms);
                continue;
            };
            let advised = self.metadata.action("monitor", op.role());
            let advised = advised.and_then(|a| a.interval.as_deref()).unwrap_or("None");
            let text = format!("{text}, advised is {advised}");
            self.add(Severity::Warning, Code::BadInterval, op.element(), &text);
        }
    }

    fn operation(&mut self, op: Operation<'_>, default: Option<(&str, &str)>) {
        let Some(name) = op.name() else { return };
        if !self.metadata.actions.iter().any(|action| action.name == name) {
            let text = format!("action '{name}' not found in Resource Agent meta-data");
            self.add(Severity::Warning, Code::UnknownAction, op.element(), &text);
            return;
        }
        let advised = self.metadata.action(name, op.role());
        let set = op.timeout().map(|timeout| ("specified", timeout)).or(default);
        self.timeout(name, advised, set, op.element());
    }

    /// Compares a timeout, and whose it is, with the agent's advice.
    fn timeout(
        &mut self,
        name: &str,
        advised: Option<&Action>,
        set: Option<(&str, &str)>,
        element: ElementRef<'_>,
    ) {
        let advised = advised.and_then(|action| action.timeout.as_deref());
        let Some(((kind, set), advised)) = set.zip(advised) else { return };
        let ms = |text| interval::parse_interval_ms(text).ok();
        if ms(set).zip(ms(advised)).is_some_and(|(set, advised)| set < advised) {
            let text =
                format!("{kind} timeout {set} for {name} is smaller than the advised {advised}");
            self.add(Severity::Warning, Code::ShortTimeout, element, &text);
        }
    }

    fn parameters(&mut self, cib: &Cib) {
        let template = self.element.attr(names::TEMPLATE).and_then(|t| cib.template(t));
        let owners = [Some(self.element), template.map(Template::element)];
        let pairs = || {
            owners
                .into_iter()
                .flatten()
                .flat_map(|owner| nvset::sets(cib, owner, NvSetKind::InstanceAttributes))
                .flat_map(nvset::NvSet::pairs)
                .filter_map(|pair| {
                    Some((pair.element(), pair.name(cib)?, pair.value(cib).unwrap_or_default()))
                })
        };
        let (metadata, is_fencing) = (self.metadata, self.is_fencing());
        let is_given = |name| is_fencing && matches!(name, "action" | "port");
        let is_whole = self.element.name() != names::TEMPLATE;
        let missing = metadata.parameters.iter().filter(|parameter| {
            let name = parameter.name.as_str();
            is_whole
                && parameter.is_required
                && !is_given(name)
                && !pairs().any(|(_, set, _)| set == name)
        });
        for parameter in missing {
            let text = format!("required parameter \"{}\" not defined", parameter.name);
            self.add(Severity::Error, Code::MissingParameter, self.element, &text);
        }
        for (element, name, value) in pairs() {
            if self.findings.len() >= super::FINDINGS_MAX {
                break;
            }
            self.parameter(element, name, value);
        }
    }

    /// Checks one parameter. Those that the cluster reads of fencing devices are known too, and
    /// those with which an administrator may trace any agent.
    fn parameter(&mut self, element: ElementRef<'_>, name: &str, value: &str) {
        let is_special = ["OCF_", "CRM_meta", "trace_", "$"].iter().any(|p| name.starts_with(p));
        let is_of_cluster =
            || self.is_fencing() && options::find(options::fencing::OPTIONS, name).is_some();
        match self.metadata.parameter(name) {
            None if is_special || is_of_cluster() => {}
            None => {
                let text = format!("parameter \"{name}\" is not known");
                self.add(Severity::Error, Code::UnknownParameter, element, &text);
            }
            Some(parameter) if !is_of_kind(&parameter.kind, value) => {
                let text = format!("'{value}' is no {} for parameter {name}", parameter.kind);
                self.add(Severity::Warning, Code::BadParameterValue, element, &text);
            }
            Some(_) => {}
        }
    }
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
    use super::{AgentMetadata, check, check_template};
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
                "a: specified timeout 5 for start is smaller than the advised 20s",
                "a: required parameter \"ip\" not defined",
                "a: 'wide' is no integer for parameter cidr_netmask",
                "a: parameter \"colour\" is not known",
            ]
        );
        assert_eq!(AgentMetadata::read("<cib/>"), None);
    }

    #[test]
    fn what_the_cluster_reads_of_fencing_devices_is_known_of_them_alone() {
        let metadata = AgentMetadata::read("<resource-agent name=\"x\"/>").unwrap();
        for (class, said) in [
            ("stonith", vec!["a: parameter \"alone\" is not known"]),
            (
                "lsb",
                vec![
                    "a: parameter \"pcmk_host_list\" is not known",
                    "a: parameter \"alone\" is not known",
                ],
            ),
        ] {
            let cib = Cib::read(&format!(
                r#"<cib><configuration><resources><primitive id="a" class="{class}" type="x">
                <instance_attributes id="s"><nvpair id="n" name="pcmk_host_list" value="b"/><nvpair id="o" name="alone"/></instance_attributes>
                </primitive></resources></configuration></cib>"#,
            ))
            .unwrap();
            let Some(Resource::Primitive(a)) = cib.resource("a") else {
                panic!("a is a primitive")
            };
            let found = check(&cib, a, &metadata).into_iter().map(|f| f.message);
            assert_eq!(found.collect::<Vec<_>>(), said);
        }
    }

    #[test]
    fn a_template_may_leave_parameters_to_its_primitives() {
        let metadata = AgentMetadata::read(
            r#"<resource-agent name="x"><parameters><parameter name="ip" required="1"/></parameters>
            <actions/></resource-agent>"#,
        );
        let cib = Cib::read(
            r#"<cib><configuration><resources><template id="t" class="ocf" provider="p" type="x">
            <instance_attributes id="s"><nvpair id="n" name="colour" value="blue"/></instance_attributes>
            </template></resources></configuration></cib>"#,
        )
        .unwrap();
        let said = check_template(&cib, cib.template("t").unwrap(), &metadata.unwrap());
        let said: Vec<String> = said.into_iter().map(|f| f.message).collect();
        assert_eq!(said, ["t: parameter \"colour\" is not known"]);
    }

    #[test]
    fn no_more_is_found_than_anybody_reads() {
        let metadata = AgentMetadata::read(
            r#"<resource-agent name="x"><parameters><parameter name="ip"/></parameters><actions/></resource-agent>"#,
        );
        let pairs: String = (0..crate::validate::FINDINGS_MAX + 5)
            .map(|n| format!(r#"<nvpair id="n{n}" name="n{n}" value="v"/>"#))
            .collect();
        let cib = Cib::read(&format!(
            r#"<cib><configuration><resources><template id="t" class="ocf" provider="p" type="x">
            <instance_attributes id="s">{pairs}</instance_attributes>
            </template></resources></configuration></cib>"#,
        ))
        .unwrap();
        let found = check_template(&cib, cib.template("t").unwrap(), &metadata.unwrap());
        assert_eq!(found.len(), crate::validate::FINDINGS_MAX);
    }
}
