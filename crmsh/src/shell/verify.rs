//! Checking pending changes before they are written.
//!
//! **Source:** crmsh `cibconfig.py`, `semantic_check()` of each object class.
//! **Differs:** an agent that is not installed here is a warning.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use cib_model::Cib;
use cib_model::options::{OptionInfo, cluster, operation, resource};
use cib_model::resource::{Agent, Resource};
use cib_model::validate::{self, AgentMetadata, Code, Severity, schema};
use cib_model::xml::ElementRef;
use crm_syntax::kind::ObjectKind;
use crm_syntax::style::Style;

use super::{Shell, relax_ng};
use crate::agents::Agents;
use crate::commands::resource::is_resource;
use crate::exit::Failure;
use crate::session::told;

/// What the checks came to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Verdict {
    /// Nothing, or only warnings.
    Clean,
    /// Errors that `force` may override.
    Errors,
    /// Something the cluster would refuse or misunderstand in any case.
    Fatal,
}

/// Findings of our own beyond which the installed schema is not asked too: xmllint takes minutes to
/// list tens of thousands.
const SECOND_OPINION_MAX: usize = 1_000;

/// How far the agents' word counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// As far as crm looks.
    AsCrm,
    /// The types of values too.
    Full,
}

impl Depth {
    fn has(self, code: Code) -> bool {
        self == Depth::Full || code != Code::BadParameterValue
    }
}

/// One thing that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Finding {
    verdict: Verdict,
    text: String,
}

impl Finding {
    fn warning(text: String) -> Finding {
        Finding { verdict: Verdict::Clean, text }
    }

    fn error(text: String) -> Finding {
        Finding { verdict: Verdict::Errors, text }
    }
}

impl Shell {
    /// Checks the objects that the pending changes touch and prints what was found. Whether the
    /// schema is still followed, the place that they are written to says.
    pub(crate) fn verify_changes(&mut self) -> Result<Verdict, Failure> {
        let touched = self.session.touched().map_err(told)?;
        self.verify(|id| touched.contains(id), Depth::AsCrm)
    }

    /// Checks all objects as crm does, and the schema, and prints what was found.
    pub(crate) fn verify_all(&mut self) -> Result<Verdict, Failure> {
        let departures = schema::check(self.session.cib().map_err(told)?);
        if departures.is_empty() || self.config.get("core.check_frequency") == "never" {
            return self.verify(|_| true, Depth::AsCrm);
        }
        for found in &departures {
            self.console.error(found.sentence());
        }
        Ok(self.verify(|_| true, Depth::AsCrm)?.max(Verdict::Errors))
    }

    /// Checks all objects and prints what was found: what crm checks, then the schema, options,
    /// fencing, what the agents at hand say of their parameters, and Pacemaker's own schema where
    /// it is installed.
    pub(crate) fn verify_full(&mut self) -> Result<Verdict, Failure> {
        let verdict = self.verify(|_| true, Depth::Full)?;
        if self.config.get("core.check_frequency") == "never" {
            return Ok(verdict);
        }
        let cib = self.session.cib().map_err(told)?;
        let mut findings = validate::check(cib);
        let asks = findings.len() <= SECOND_OPINION_MAX;
        let second = asks.then(|| relax_ng::opinion(cib)).flatten();
        let second = second.map(|opinion| (opinion, schema::check(cib).is_empty()));
        // Names of things that are missing have been told already.
        findings.retain(|f| !matches!(f.code, Code::UnknownNode | Code::DanglingReference));
        let mut worst = verdict;
        for found in findings {
            let text = found.sentence();
            match found.severity {
                Severity::Warning => self.console.warning(&text),
                Severity::Error => {
                    self.console.error(&text);
                    worst = worst.max(Verdict::Errors);
                }
            }
        }
        let second = second.map_or(Verdict::Clean, |(said, here)| self.tell_second(&said, here));
        Ok(worst.max(second))
    }

    /// Prints what the installed schema says of the CIB, where that is not what was found here.
    fn tell_second(&mut self, said: &relax_ng::Opinion, conforms_here: bool) -> Verdict {
        let schema = &said.schema;
        match (conforms_here, said.departures.is_empty()) {
            (true, false) => {
                for why in &said.departures {
                    self.console.error(format!("{schema}: {why}"));
                }
                Verdict::Errors
            }
            (false, true) => {
                self.console.warning(format!("{schema} has nothing against it"));
                Verdict::Clean
            }
            _ => Verdict::Clean,
        }
    }

    fn verify(
        &mut self,
        concerns: impl Fn(&str) -> bool,
        depth: Depth,
    ) -> Result<Verdict, Failure> {
        if self.config.get("core.check_frequency") == "never" {
            return Ok(Verdict::Clean);
        }
        let agents = self.agents();
        let relaxed = self.config.get("core.check_mode") == "relaxed";
        let ignore_missing = self.config.is_true("core.ignore_missing_metadata");
        let classic = self.style()? == Style::Classic;
        let cib = self.session.cib().map_err(told)?;
        let mut findings = Vec::new();
        let mut known = KnownAgents::new(&agents);
        let nodes = node_names(cib);
        let mut entries = crm_syntax::list(cib);
        entries.retain(|e| concerns(&e.id));
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        for entry in &entries {
            let Some(element) = cib.tree().element(entry.at) else { continue };
            if is_resource(element) && !classic {
                meta_attributes(element, &mut findings);
            }
            match entry.kind {
                ObjectKind::Primitive | ObjectKind::Template => {
                    agent(cib, element, &agents, ignore_missing, &mut findings);
                    let told = known.check(cib, &entry.id).into_iter();
                    let told = told.filter(|f| depth.has(f.code));
                    findings.extend(told.map(|f| {
                        let text = if classic { classic_words(&f.message) } else { f.message };
                        match f.severity {
                            Severity::Warning => Finding::warning(text),
                            Severity::Error => Finding::error(text),
                        }
                    }));
                }
                // crm 1.2 says nothing about the members of containers
                _ if classic => {}
                ObjectKind::Location => location(cib, element, &nodes, &mut findings),
                ObjectKind::Colocation | ObjectKind::Order | ObjectKind::Ticket => {
                    references(cib, element, &mut findings);
                }
                ObjectKind::FencingTopology => topology(cib, element, &nodes, &mut findings),
                ObjectKind::Property | ObjectKind::RscDefaults | ObjectKind::OpDefaults => {
                    properties(entry.kind, element, &mut findings);
                }
                _ => {}
            }
        }
        let mut worst = Verdict::Clean;
        let mut seen = BTreeSet::new();
        for finding in findings {
            if !seen.insert(finding.text.clone()) {
                continue;
            }
            if finding.verdict == Verdict::Clean {
                self.console.warning(&finding.text);
            } else {
                self.console.error(&finding.text);
                let counts = finding.verdict == Verdict::Fatal || !relaxed;
                worst = worst.max(if counts { finding.verdict } else { Verdict::Clean });
            }
        }
        Ok(worst)
    }

    /// Returns what is pending as a diff of the shown text.
    pub(crate) fn pending_diff(&mut self) -> String {
        let Ok(style) = self.style() else { return String::new() };
        let filter = self.filter(&[]);
        let shown = |cib: &Cib| crm_syntax::show(cib, style, &filter).unwrap_or_default();
        let Ok(old) = self.session.base().map(shown) else { return String::new() };
        let Ok(new) = self.session.cib().map(shown) else { return String::new() };
        crate::session::diff::unified(&old, &new, "cib", "pending")
    }
}

/// What the agents that are installed here say of themselves; each is asked once.
struct KnownAgents<'a> {
    agents: &'a Agents,
    metadata: BTreeMap<String, Option<AgentMetadata>>,
}

impl<'a> KnownAgents<'a> {
    fn new(agents: &'a Agents) -> Self {
        KnownAgents { agents, metadata: BTreeMap::new() }
    }

    /// Checks a primitive or template against its agent; anything else, or one with an agent that
    /// is not here, is right.
    fn check(&mut self, cib: &Cib, id: &str) -> Vec<validate::Finding> {
        if let Some(template) = cib.template(id) {
            let metadata = template.agent().and_then(|agent| self.metadata(agent));
            let check = |known| validate::agent::check_template(cib, template, known);
            return metadata.map(check).unwrap_or_default();
        }
        let Some(Resource::Primitive(primitive)) = cib.resource(id) else { return Vec::new() };
        let metadata = primitive.agent(cib).and_then(|agent| self.metadata(agent));
        let check = |known| validate::agent::check(cib, primitive, known);
        metadata.map(check).unwrap_or_default()
    }

    fn metadata(&mut self, agent: Agent<'_>) -> Option<&AgentMetadata> {
        let metadata = self.metadata.entry(agent.to_string()).or_insert_with(|| {
            let text = self.agents.metadata(agent.class, agent.provider, agent.kind)?;
            AgentMetadata::read(&text)
        });
        metadata.as_ref()
    }
}

/// Returns what crm 1.2.6 says of an agent's parameter.
fn classic_words(modern: &str) -> String {
    modern.replace('"', "").replace(" is not known", " does not exist")
}

fn agent(
    cib: &Cib,
    element: ElementRef<'_>,
    agents: &Agents,
    ignore_missing: bool,
    findings: &mut Vec<Finding>,
) {
    let id = element.id().unwrap_or_default();
    if let Some(template) = element.attr("template") {
        if cib.find(template).is_none_or(|t| t.name() != "template") {
            findings.push(Finding::error(format!("{template}: no such resource template")));
        }
        return;
    }
    let (class, provider) = (element.attr("class").unwrap_or_default(), element.attr("provider"));
    let kind = element.attr("type").unwrap_or_default();
    if !ignore_missing && agents.exists(class, provider, kind) == Some(false) {
        let parts: Vec<&str> = [Some(class), provider, Some(kind)].into_iter().flatten().collect();
        findings.push(Finding::warning(format!(
            "{}: got no meta-data, does this RA exist?",
            parts.join(":")
        )));
    }
    operations(id, element, findings);
}

/// Checks the names of a resource's meta attributes.
fn meta_attributes(element: ElementRef<'_>, findings: &mut Vec<Finding>) {
    let id = element.id().unwrap_or_default();
    let own = match element.name() {
        "clone" | "master" => resource::CLONE,
        "group" => resource::GROUP,
        _ => &[],
    };
    for set in element.children_named("meta_attributes") {
        names(id, set, &[resource::OPTIONS, own], &OTHER_META, findings);
    }
}

/// Checks the names of properties and defaults. Property sets with another id than the cluster's
/// own are of agents.
fn properties(kind: ObjectKind, set: ElementRef<'_>, findings: &mut Vec<Finding>) {
    let id = set.id().unwrap_or_default();
    match kind {
        ObjectKind::Property if id != "cib-bootstrap-options" => {}
        ObjectKind::Property => names(id, set, &[cluster::OPTIONS], &OTHER_PROPERTIES, findings),
        ObjectKind::OpDefaults => {
            names(id, set, &[operation::OPTIONS], &["description", "name"], findings);
        }
        _ => names(id, set, &[resource::OPTIONS], &OTHER_META, findings),
    }
}

/// Warns of the names of a set that are in no table.
fn names(
    id: &str,
    set: ElementRef<'_>,
    tables: &[&[OptionInfo]],
    others: &[&str],
    findings: &mut Vec<Finding>,
) {
    let options = || tables.iter().copied().flatten();
    for name in set.children_named("nvpair").filter_map(|pair| pair.attr("name")) {
        let is_known = others.contains(&name)
            || options().any(|option| option.name == name || option.legacy == Some(name));
        if !is_known {
            findings.push(Finding::warning(format!("{id}: unknown attribute '{name}'")));
        }
    }
}

/// Properties that the cluster itself sets.
const OTHER_PROPERTIES: [&str; 4] =
    ["dc-version", "cluster-infrastructure", "last-lrm-refresh", "cluster-name"];

/// Meta attributes that no option table has, and that crm lets pass.
const OTHER_META: [&str; 3] = ["description", "resource-failure-stickiness", "restart-type"];

/// Checks the intervals of a resource's operations.
fn operations(id: &str, element: ElementRef<'_>, findings: &mut Vec<Finding>) {
    let ops = element.children_named("operations").flat_map(|o| o.children_named("op"));
    for op in ops {
        let name = op.attr("name").unwrap_or_default();
        let interval = op.attr("interval").unwrap_or("0");
        let zero = interval.trim_end_matches(|c: char| c.is_ascii_alphabetic()) == "0";
        if matches!(name, "start" | "stop" | "promote" | "demote") && !zero {
            findings.push(Finding::warning(format!(
                "{id}: Specified interval for {name} is {interval}, it must be 0"
            )));
        }
    }
}

/// Returns the names and ids of all nodes.
fn node_names(cib: &Cib) -> HashSet<&str> {
    let nodes = cib.nodes().into_iter().flat_map(|nodes| nodes.children_named("node"));
    nodes.flat_map(|node| [node.attr("uname"), node.id()]).flatten().collect()
}

fn location(
    cib: &Cib,
    element: ElementRef<'_>,
    nodes: &HashSet<&str>,
    findings: &mut Vec<Finding>,
) {
    let id = element.id().unwrap_or_default();
    let uname_tests = element
        .descendants()
        .filter(|e| e.name() == "expression" && e.attr("attribute") == Some("#uname"))
        .filter_map(|e| e.attr("value"));
    for node in element.attr("node").into_iter().chain(uname_tests) {
        let known = nodes.contains(node) || cib.find(node).is_some_and(|e| e.name() == "primitive");
        if !known {
            findings.push(Finding::warning(format!("{id}: referenced node {node} does not exist")));
        }
    }
    references(cib, element, findings);
}

/// Checks the resources that a constraint names.
fn references(cib: &Cib, element: ElementRef<'_>, findings: &mut Vec<Finding>) {
    let id = element.id().unwrap_or_default();
    let own = ["rsc", "with-rsc", "first", "then"].into_iter().filter_map(|a| element.attr(a));
    let in_sets =
        element.descendants().filter(|e| e.name() == "resource_ref").filter_map(ElementRef::id);
    for rsc in own.chain(in_sets) {
        let Some(found) = cib.find(rsc) else {
            findings.push(Finding::warning(format!("{id}: resource {rsc} does not exist")));
            continue;
        };
        let parent = found.parent().filter(|p| is_resource(*p));
        match parent.map(ElementRef::name) {
            // an order or a preference for a member means what it says
            Some("group") if element.name() != "rsc_colocation" => {}
            Some("group") => findings.push(Finding::warning(format!(
                "{id}: resource {rsc} is grouped, constraints should apply to the group"
            ))),
            Some(_) => findings.push(Finding::warning(format!(
                "{id}: resource {rsc} ambiguous, apply constraints to container"
            ))),
            None => {}
        }
    }
}

fn topology(
    cib: &Cib,
    element: ElementRef<'_>,
    nodes: &HashSet<&str>,
    findings: &mut Vec<Finding>,
) {
    for level in element.children_named("fencing-level") {
        if let Some(target) = level.attr("target")
            && !nodes.contains(target)
        {
            findings
                .push(Finding::warning(format!("fencing_topology: target {target} not a node")));
        }
        for device in level.attr("devices").unwrap_or_default().split(',') {
            match cib.find(device) {
                None => findings.push(Finding::warning(format!(
                    "fencing_topology: resource {device} does not exist"
                ))),
                Some(e) if e.attr("class") != Some("stonith") && e.attr("template").is_none() => {
                    findings.push(Finding::warning(format!(
                        "fencing_topology: resource {device} not a stonith resource"
                    )));
                }
                Some(_) => {}
            }
        }
    }
}
