//! `trace`, `untrace`: agents that write down what they do.
//!
//! An operation is traced by the parameter `trace_ra` of its own; an operation that is not
//! configured is added for it and goes again with it.
//!
//! **Source:** crmsh `ui_resource.py`, `do_trace()`, `do_untrace()`.

use cib_model::Cib;
use cib_model::interval::crm_msec;
use cib_model::xml::{ElementRef, XmlId};
use crm_syntax::style::Release;

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::attributes::free_id;
use crate::shell::Shell;

const OPERATIONS: &[&str] =
    &["probe", "monitor", "start", "stop", "promote", "demote", "notify", "migrate_to"];

/// `resource trace`
pub(super) const TRACE: Command = Command {
    name: "trace",
    signature: "rsc_id [args ...]",
    usage: "trace <rsc> [<op>] [<interval>] [<log-dir>]",
    summary: "Let an agent write down what it does",
    help: "Without an operation all that are configured are traced, and start and stop. `probe` is\n\
           the monitor operation that looks what runs at first.",
    complete: &[Complete::Resource, Complete::Words(OPERATIONS), Complete::Nothing],
    run: trace,
    ..Command::BASE
};

/// `resource untrace`
pub(super) const UNTRACE: Command = Command {
    name: "untrace",
    signature: "rsc_id [op] [interval]",
    usage: "untrace <rsc> [<op>] [<interval>]",
    summary: "Stop tracing an agent",
    complete: &[Complete::Resource, Complete::Words(OPERATIONS), Complete::Nothing],
    run: untrace,
    ..Command::BASE
};

/// Which operations are meant.
struct Asked<'a> {
    op: Option<&'a str>,
    interval: Option<&'a str>,
    dir: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn read(call: &Invocation<'a>) -> Result<Asked<'a>, Failure> {
        let mut asked = Asked { op: None, interval: None, dir: None };
        for word in call.args.iter().skip(1).map(String::as_str) {
            let slot = if word.starts_with('/') {
                &mut asked.dir
            } else if word.chars().all(|c| c.is_ascii_digit()) {
                &mut asked.interval
            } else {
                &mut asked.op
            };
            if slot.replace(word).is_some() {
                return Err(Failure::Refused(format!("usage: {}", call.command.usage)));
            }
        }
        if asked.op == Some("probe") {
            asked.op = Some("monitor");
            asked.interval = asked.interval.or(Some("0"));
        }
        Ok(asked)
    }
}

fn trace(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let rsc = call.required(0);
    let asked = Asked::read(call)?;
    let folder = format!("{}/trace_ra", shell.config.get("path.heartbeat_dir"));
    let always = shell.release() == Release::Five;
    let written = asked.dir.or(Some(folder.as_str()).filter(|_| always));
    let kind = shell.change_now(|cib| {
        let primitive = primitive(cib, rsc)?;
        let kind = primitive.attr("type").unwrap_or_default().to_owned();
        let at = primitive.xml_id();
        let existing = wanted(primitive, &asked);
        for name in missing(primitive, rsc, &asked, &existing)? {
            let op = add_operation(cib, at, rsc, name, asked.interval.unwrap_or("0"));
            set_trace(cib, op, written);
        }
        for op in existing {
            set_trace(cib, op, written);
        }
        Ok(kind)
    })?;
    let place = asked.dir.unwrap_or(&folder);
    let of = asked.op.map(|op| format!(":{op}")).unwrap_or_default();
    shell.console.info(format!("Trace for {rsc}{of} is written to {place}/{kind}"));
    let what = match asked.op {
        Some(op) if op != "monitor" => format!("the {op} operation"),
        _ => "non-monitor operations".to_owned(),
    };
    shell.console.info(format!("Trace set, restart {rsc} to trace {what}"));
    Ok(())
}

fn untrace(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let rsc = call.required(0);
    let asked = Asked::read(call)?;
    shell.change_now(|cib| {
        let primitive = primitive(cib, rsc)?;
        let found = wanted(primitive, &asked);
        match (asked.op, asked.interval) {
            (Some(op), None) if found.is_empty() => {
                return Err(Failure::Refused(format!("Operation {op} not found in {rsc}")));
            }
            (Some(op), Some(interval)) if found.is_empty() => {
                return Err(Failure::Refused(format!(
                    "Operation {op} with interval {interval} not found in {rsc}"
                )));
            }
            _ => {}
        }
        for op in found {
            remove_trace(cib, op);
        }
        Ok(())
    })?;
    let of = asked.op.map(|op| format!(" for operation {op}")).unwrap_or_default();
    shell.console.info(format!("Stop tracing {rsc}{of}"));
    Ok(())
}

fn primitive<'a>(cib: &'a Cib, rsc: &str) -> Result<ElementRef<'a>, Failure> {
    let found = cib.find(rsc).ok_or_else(|| Failure::Plain(missing_resource(rsc)))?;
    if found.name() == "primitive" {
        Ok(found)
    } else {
        Err(Failure::Plain(format!("element {rsc} is not a primitive resource")))
    }
}

fn missing_resource(rsc: &str) -> String {
    format!("resource {rsc} does not exist")
}

fn operations(primitive: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    primitive.children_named("operations").flat_map(|o| o.children_named("op"))
}

/// Returns the configured operations that are meant.
fn wanted(primitive: ElementRef<'_>, asked: &Asked<'_>) -> Vec<XmlId> {
    let fits = |op: &ElementRef<'_>| {
        let named = asked.op.is_none_or(|name| op.attr("name") == Some(name));
        let interval = op.attr("interval").unwrap_or("0");
        let timed = asked.interval.is_none_or(|wanted| crm_msec(wanted) == crm_msec(interval));
        named && timed
    };
    operations(primitive).filter(fits).map(ElementRef::xml_id).collect()
}

/// Returns the operations that are to be added.
fn missing<'a>(
    primitive: ElementRef<'_>,
    rsc: &str,
    asked: &Asked<'a>,
    existing: &[XmlId],
) -> Result<Vec<&'a str>, Failure> {
    let Some(op) = asked.op else {
        let has = |name: &str| operations(primitive).any(|o| o.attr("name") == Some(name));
        return Ok(["start", "stop"].into_iter().filter(|name| !has(name)).collect());
    };
    if !existing.is_empty() {
        return Ok(Vec::new());
    }
    match asked.interval {
        None if op == "monitor" => {
            Err(Failure::Refused(format!("No monitor operation configured for {rsc}")))
        }
        Some(interval) if !interval.trim_matches('0').is_empty() => Err(Failure::Refused(format!(
            "Operation {op} with interval {interval} not found in {rsc}"
        ))),
        _ => Ok(vec![op]),
    }
}

fn add_operation(cib: &mut Cib, primitive: XmlId, rsc: &str, name: &str, interval: &str) -> XmlId {
    let id = free_id(cib, &format!("{rsc}-{name}-{interval}"));
    let found = cib.tree().element(primitive).and_then(|p| p.child("operations"));
    let found = found.map(ElementRef::xml_id);
    let tree = cib.tree_mut();
    let operations = found.unwrap_or_else(|| tree.append(primitive, "operations"));
    let op = tree.append(operations, "op");
    for (attribute, value) in [("name", name), ("interval", interval), ("id", id.as_str())] {
        tree.set_attr(op, attribute, value);
    }
    op
}

/// Sets the parameters of a traced operation, which becomes the last of its resource.
fn set_trace(cib: &mut Cib, op: XmlId, dir: Option<&str>) {
    let Some(element) = cib.tree().element(op) else { return };
    let id = element.id().unwrap_or_default().to_owned();
    let parent = element.parent().map(ElementRef::xml_id);
    let set_id = format!("{id}-instance_attributes");
    let set = element.child("instance_attributes").map(ElementRef::xml_id);
    let set = set.unwrap_or_else(|| {
        let set = cib.tree_mut().append(op, "instance_attributes");
        cib.tree_mut().set_attr(set, "id", set_id.as_str());
        set
    });
    for (name, value) in [("trace_ra", Some("1")), ("trace_dir", dir)] {
        let Some(value) = value else { continue };
        let old = cib.tree().element(set).and_then(|s| {
            s.children_named("nvpair")
                .find(|p| p.attr("name") == Some(name))
                .map(ElementRef::xml_id)
        });
        let tree = cib.tree_mut();
        let pair = old.unwrap_or_else(|| tree.append(set, "nvpair"));
        tree.set_attr(pair, "name", name);
        tree.set_attr(pair, "value", value);
        if old.is_none() {
            tree.set_attr(pair, "id", format!("{set_id}-{name}"));
        }
    }
    if let Some(parent) = parent {
        cib.tree_mut().attach(parent, usize::MAX, op);
    }
}

/// Takes the parameters off; an operation that says nothing more goes.
fn remove_trace(cib: &mut Cib, op: XmlId) {
    let is_trace = |p: &ElementRef<'_>| matches!(p.attr("name"), Some("trace_ra" | "trace_dir"));
    let Some(element) = cib.tree().element(op) else { return };
    let Some(parent) = element.parent().map(ElementRef::xml_id) else { return };
    let mut gone: Vec<XmlId> = Vec::new();
    for set in element.children_named("instance_attributes") {
        let pairs: Vec<XmlId> =
            set.children_named("nvpair").filter(is_trace).map(ElementRef::xml_id).collect();
        if !pairs.is_empty() && pairs.len() == set.children().count() {
            gone.push(set.xml_id());
        } else {
            gone.extend(pairs);
        }
    }
    for id in gone {
        cib.tree_mut().detach(id);
    }
    cib.tree_mut().attach(parent, usize::MAX, op);
    let dummy = cib.tree().element(op).is_some_and(|e| {
        let interval = e.attr("interval").unwrap_or_default();
        let zero = crm_msec(interval) == Some(0);
        e.children().next().is_none() && e.attrs().count() == 3 && zero
    });
    if dummy {
        cib.tree_mut().detach(op);
        let empty = cib.tree().element(parent).is_some_and(|p| p.children().next().is_none());
        if empty {
            cib.tree_mut().detach(parent);
        }
    }
}
