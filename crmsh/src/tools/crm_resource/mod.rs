//! `crm_resource`: what resources there are, where they run, and their parameters.
//!
//! **Source:** pacemaker `tools/crm_resource.c`, `crm_resource_print.c`, `crm_resource_runtime.c`.
//! **Differs:** what is not here ends with `not supported here` and exit code 3; `--query-xml` shows
//! of a collective the states of its primitives.

mod options;
mod parameter;

use std::time::Duration;

use cib_model::Cib;
use cib_model::nvset::{NvSetKind, plain_value};
use cib_model::resource::Resource;
use cib_model::xml::{Dialect, ElementRef, Layout, write_element};
use cluster_link::client::{Client, ClientError};
use policy::Plan;
use policy::facts::{Role, RscFlags, Variant};
use policy::index::RscIdx;

use self::options::Options;
use self::parameter::{Desk, Holder};
use super::cib_place::{CibPlace, Sentences};
use super::reply::{Reply, Stop, answer, element};
use super::result_codes::exit_text;
use crate::agents::Agents;
use crate::console::Console;
use crate::exit::Exit;
use crate::status;
use crate::ui::clock;

/// How the tool begins its sentences.
const SENTENCES: Sentences =
    Sentences { unreachable: "Could not connect to the CIB", failed: "Error performing operation" };
/// Where OCF agents are, unless the environment says otherwise.
const OCF_ROOT: &str = "/usr/lib/ocf";
/// How long `--wait` waits without a limit of its own.
const WAIT_LIMIT: Duration = Duration::from_hours(1);

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("crm_resource", argv, console, |options: &Options| &options.common, work)
}

/// A failure that the exit code's own words tell.
fn failed(exit: Exit) -> Stop {
    Stop::new(exit, format!("Error performing operation: {}", exit_text(exit.code())))
}

fn work(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    if let Some(name) = options.absent.given() {
        let text = format!("--{name} is not supported here");
        return Err(Stop::new(Exit::UNIMPLEMENTED, text));
    }
    if let Some(exit) = agents(options, reply) {
        return exit;
    }
    let place = CibPlace::open(None, SENTENCES);
    if options.cleanup || options.refresh || options.wait {
        return in_cluster(options, &place, reply);
    }
    let cib = place.query()?;
    let how = policy::Options { now: clock::now(), ..policy::Options::default() };
    let read = policy::status(&cib, &how);
    let plan = &read.plan;
    let needs_rsc = options.query_xml
        || options.query_xml_raw
        || options.locate
        || options.get_parameter.is_some()
        || options.set_parameter.is_some()
        || options.delete_parameter.is_some();
    if !needs_rsc {
        return Ok(list(options, plan, reply));
    }
    let Some(asked) = options.resource.as_deref() else {
        return Err(Stop::new(Exit::TOOL_USAGE, "Must supply a resource id with -r"));
    };
    let Some(rsc) = find(plan, asked) else {
        let why = failed(Exit::NO_SUCH).text;
        return Err(Stop::new(Exit::NO_SUCH, format!("Resource '{asked}' not found\n{why}")));
    };
    let own = &*plan.facts.rscs[rsc].xml_id;
    let desk = |name| Desk { options, place: &place, rsc: own, name };
    if let Some(name) = &options.set_parameter {
        let value = options.parameter_value.as_deref().filter(|value| !value.is_empty());
        let text = "You need to supply a value with the -v option";
        return desk(name).set(value.ok_or_else(|| Stop::new(Exit::TOOL_USAGE, text))?, reply);
    }
    if let Some(name) = &options.delete_parameter {
        return desk(name).delete(reply);
    }
    if let Some(name) = &options.get_parameter {
        return Ok(parameter(options, &cib, plan, rsc, name, reply));
    }
    if options.locate {
        return Ok(locate(options, plan, rsc, asked, reply));
    }
    query(options, &cib, plan, rsc, reply)
}

/// Finds a resource by its id, that of an instance included; of instances with one id in the CIB the
/// first.
fn find(plan: &Plan, id: &str) -> Option<RscIdx> {
    let named = plan.facts.rsc_by_id(id);
    named.or_else(|| all(plan).find(|rsc| &*plan.facts.rscs[*rsc].xml_id == id))
}

/// Returns all resources, those in others included, in the order of the CIB.
fn all(plan: &Plan) -> impl Iterator<Item = RscIdx> {
    plan.facts.rscs.indices()
}

fn list(options: &Options, plan: &Plan, reply: &mut Reply<'_>) -> Exit {
    if options.list_raw {
        for rsc in all(plan).filter(|rsc| plan.variant(*rsc) == Variant::Primitive) {
            reply.info(&plan.facts.rscs[rsc].id);
        }
        return Exit::OK;
    }
    if reply.is_xml() {
        reply.element(&status::resource_tree(plan, "resources", None));
    } else {
        reply.print(&status::resource_list(plan));
    }
    Exit::OK
}

fn query(
    options: &Options,
    cib: &Cib,
    plan: &Plan,
    rsc: RscIdx,
    reply: &mut Reply<'_>,
) -> Result<Exit, Stop> {
    let as_written = cib.resource(&plan.facts.rscs[rsc].xml_id).map(Resource::element);
    let element = if options.query_xml_raw { as_written } else { plan.facts.rsc_xml(rsc) };
    let element = element.or(as_written).ok_or_else(|| failed(Exit::NO_SUCH))?;
    let text = write_element(element, Layout::Pretty, Dialect::Pcmk3);
    for line in status::resource_lines(plan, rsc) {
        reply.info(&line);
    }
    reply.info("Resource XML:");
    reply.print(&text);
    let around = status::resource_tree(plan, "resource_config", Some(rsc));
    reply.document_in(&around, "xml", &text);
    Ok(Exit::OK)
}

/// Tells where a resource runs, of a clone each instance.
fn locate(options: &Options, plan: &Plan, rsc: RscIdx, asked: &str, reply: &mut Reply<'_>) -> Exit {
    let facts = &plan.facts.rscs[rsc];
    let top = plan.facts.top(rsc);
    let is_clone = |rsc| plan.variant(rsc) == Variant::Clone;
    let means_all = is_clone(top)
        && !plan.rsc_has(rsc, RscFlags::UNIQUE)
        && *facts.xml_id == *asked
        && *facts.id != *asked;
    let instances = match (is_clone(rsc), means_all) {
        (true, _) => plan.rscs[rsc].children.clone(),
        (_, true) => plan.rscs[top].children.clone(),
        _ => vec![rsc],
    };
    let mut found = Vec::new();
    // The last instance is told of first, as Pacemaker does.
    for instance in instances.into_iter().rev() {
        let promoted = plan.rscs[instance].orig_role == Role::Promoted;
        for node in places(plan, instance).into_iter().rev() {
            let node = &*plan.facts.nodes[node].name;
            let attrs: &[_] = if promoted { &[("state", "promoted")] } else { &[] };
            found.push((element("node", attrs), node.to_owned()));
            let role = if promoted { " Promoted" } else { "" };
            if options.quiet {
                reply.info(node);
            } else {
                reply.info(&format!("resource {asked} is running on: {node}{role}"));
            }
        }
    }
    if found.is_empty() && !options.quiet && !reply.is_xml() {
        reply.error(&format!("resource {asked} is NOT running"));
    }
    reply.texts(&element("nodes", &[("resource", asked)]), &found);
    Exit::OK
}

/// Returns the nodes where a resource, or something in it, is active.
fn places(plan: &Plan, rsc: RscIdx) -> Vec<policy::index::NodeIdx> {
    let mut found = plan.rscs[rsc].active.clone();
    for &child in &plan.rscs[rsc].children {
        for node in places(plan, child) {
            if !found.contains(&node) {
                found.push(node);
            }
        }
    }
    found
}

fn parameter(
    options: &Options,
    cib: &Cib,
    plan: &Plan,
    rsc: RscIdx,
    name: &str,
    reply: &mut Reply<'_>,
) -> Exit {
    let facts = &plan.facts.rscs[rsc];
    let element = cib.resource(&facts.xml_id).map(Resource::element);
    let value = match Holder::of(options) {
        Holder::Element => element.and_then(|element| element.attr(name)),
        Holder::Sets("meta_attributes") => facts.meta.get(name),
        Holder::Sets("utilization") => facts.utilization.get(name),
        Holder::Sets(_) => element.and_then(|element| own_or_of_template(cib, element, name)),
    };
    let Some(value) = value else {
        // As in Pacemaker, this is no failure.
        reply.error(&format!("Attribute '{name}' not found for '{}'", facts.id));
        return Exit::OK;
    };
    reply.info(value);
    Exit::OK
}

fn own_or_of_template<'c>(cib: &'c Cib, rsc: ElementRef<'c>, name: &str) -> Option<&'c str> {
    let of = |owner| plain_value(cib, owner, NvSetKind::InstanceAttributes, name);
    of(rsc).or_else(|| of(cib.find(rsc.attr("template")?)?))
}

/// Answers what is asked about the agents of this machine; none where that is not.
fn agents(options: &Options, reply: &mut Reply<'_>) -> Option<Result<Exit, Stop>> {
    let agents = Agents::new(OCF_ROOT);
    if options.list_standards {
        let all = agents.classes();
        return Some(names("standards", "standard", all.into_iter().map(str::to_owned), reply));
    }
    if options.list_ocf_providers {
        return Some(names("providers", "provider", agents.ocf_providers().into_iter(), reply));
    }
    if let Some(spec) = &options.list_agents {
        let (standard, provider) = match spec.split_once(':') {
            Some((standard, provider)) => (standard, Some(provider)),
            None => (spec.as_str(), None),
        };
        let found = agents.list(standard, provider);
        if found.is_empty() {
            let text = format!("No agents found for {spec}");
            return Some(Err(Stop::new(Exit::NO_SUCH, text)));
        }
        return Some(names("agents", "agent", found.into_iter(), reply));
    }
    let spec = options.show_metadata.as_deref()?;
    let (standard, provider, kind) = agents.resolve(spec);
    let text = agents.metadata(&standard, provider.as_deref(), &kind);
    Some(match text {
        Some(text) => {
            reply.document("metadata", &text);
            Ok(Exit::OK)
        }
        None => Err(Stop::new(Exit::FAILED, format!("Metadata query for {spec} failed"))),
    })
}

fn names(
    list: &'static str,
    item: &'static str,
    names: impl Iterator<Item = String>,
    reply: &mut Reply<'_>,
) -> Result<Exit, Stop> {
    let items: Vec<_> = names.map(|name| (element(item, &[]), name)).collect();
    for (_, name) in &items {
        reply.info(name);
    }
    reply.texts(&element(list, &[]), &items);
    Ok(Exit::OK)
}

/// Does what only a running cluster can.
fn in_cluster(options: &Options, place: &CibPlace, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let Some(socket) = place.socket() else {
        let text = "This is not supported here without a daemon";
        return Err(Stop::new(Exit::UNIMPLEMENTED, text));
    };
    let broken = |error: ClientError| place.not_done(&error);
    let mut client = Client::connect(socket, "crm_resource").map_err(broken)?;
    if options.wait {
        let given = options.timeout.as_deref().map(cib_model::interval::parse_interval_ms);
        let limit = match given {
            Some(Ok(ms)) => Duration::from_millis(ms.into()),
            Some(Err(_)) => {
                return Err(Stop::new(Exit::TOOL_USAGE, "Error parsing option --timeout"));
            }
            None => WAIT_LIMIT,
        };
        client.wait_idle(limit).map_err(broken)?;
        return Ok(Exit::OK);
    }
    let (rsc, node) = (options.resource.as_deref(), options.node.as_deref());
    client.cleanup(rsc, node, options.cleanup).map_err(broken)?;
    let (rsc, node) = (rsc.unwrap_or("all resources"), node.unwrap_or("all nodes"));
    if !options.quiet {
        reply.info(&format!("Cleaned up {rsc} on {node}"));
    }
    Ok(Exit::OK)
}
