//! The text of Pacemaker 1.1.10.
//!
//! **Source:** pacemaker 1.1.10 `tools/crm_mon.c`, `lib/pengine/{native,clone,group}.c`.

use std::fmt::Write as _;

use cib_model::Cib;
use cib_model::resource::Resource;
use cib_model::xml::ElementRef;

use super::Shown;
use super::header::Summary;
use super::model::{Instance, Model, Role, is_true, lrm_resources, meta, number};
use super::modern::{agent, odd_state};
use crate::ui::localtime::ctime;

/// Returns the whole display; `now` in seconds since 1970.
pub fn text(cib: &Cib, shown: &Shown, now: i64) -> String {
    let model = Model::of(cib);
    let mut text = String::new();
    if !shown.no_headers {
        summary(&mut text, &Summary::of(&model, now));
    }
    nodes(&mut text, &model);
    if shown.inactive {
        text.push_str("\nFull list of resources:\n");
    }
    text.push('\n');
    for top in cib.top_resources() {
        resource(&mut text, &model, top.element(), shown.inactive, " ");
    }
    if shown.attributes {
        text.push_str("\nNode Attributes:\n");
        for node in model.nodes.iter().filter(|n| n.online) {
            let _infallible = writeln!(text, "* Node {}:", node.name);
            for (name, value) in node.attributes() {
                let _infallible = writeln!(text, "    + {name:<32}\t: {value:<10}");
            }
        }
    }
    if shown.failcounts {
        migration(&mut text, &model);
    }
    failed(&mut text, &model);
    text
}

fn summary(text: &mut String, facts: &Summary) {
    let _infallible = writeln!(text, "Last updated: {}", facts.updated);
    if let Some(changed) = &facts.changed {
        let _infallible = write!(text, "Last change: {}", changed.when);
        for (word, value) in
            [("by", &changed.user), ("via", &changed.client), ("on", &changed.origin)]
        {
            if let Some(value) = value {
                let _infallible = write!(text, " {word} {value}");
            }
        }
        text.push('\n');
    }
    if facts.stack != "unknown" {
        let _infallible = writeln!(text, "Stack: {}", facts.stack);
    }
    match &facts.dc {
        None => text.push_str("Current DC: NONE\n"),
        Some((name, id)) => {
            let shown = if name == id { name.clone() } else { format!("{name} ({id})") };
            let quorum = if facts.quorate { "with quorum" } else { "WITHOUT quorum" };
            let _infallible = writeln!(text, "Current DC: {shown} - partition {quorum}");
            let _infallible = writeln!(text, "Version: {}", facts.version);
        }
    }
    let _infallible = write!(
        text,
        "{} Nodes configured\n{} Resources configured\n\n\n",
        facts.nodes, facts.resources
    );
}

fn nodes(text: &mut String, model: &Model<'_>) {
    let (mut online, mut offline) = (String::new(), String::new());
    for node in &model.nodes {
        match odd_state(node) {
            Some(state) => {
                let shown = if node.name == node.id {
                    node.name.to_owned()
                } else {
                    format!("{} ({})", node.name, node.id)
                };
                let _infallible = writeln!(text, "Node {shown}: {state}");
            }
            None if node.online => {
                let _infallible = write!(online, " {}", node.name);
            }
            None => {
                let _infallible = write!(offline, " {}", node.name);
            }
        }
    }
    if !online.is_empty() {
        let _infallible = writeln!(text, "Online: [{online} ]");
    }
    if !offline.is_empty() {
        let _infallible = writeln!(text, "OFFLINE: [{offline} ]");
    }
}

fn resource(
    text: &mut String,
    model: &Model<'_>,
    element: ElementRef<'_>,
    inactive: bool,
    indent: &str,
) {
    let id = element.id().unwrap_or_default();
    let active = element
        .descendants()
        .filter_map(|e| (e.name() == "primitive").then_some(e.id()?))
        .flat_map(|id| model.instances_of(id))
        .any(|i| !i.nodes.is_empty());
    if !inactive && !active {
        return;
    }
    match element.name() {
        "primitive" => {
            let instances = model.instances_of(id);
            let chosen = instances.iter().find(|i| !i.nodes.is_empty()).or(instances.first());
            primitive(text, model, element, chosen, indent);
        }
        "group" => {
            let _infallible = writeln!(text, "{indent}Resource Group: {id}");
            for member in element.children().filter(|c| c.name() == "primitive") {
                resource(text, model, member, true, &format!("{indent}    "));
            }
        }
        "clone" | "master" => clone(text, model, element, indent),
        _ => {}
    }
}

fn primitive(
    text: &mut String,
    model: &Model<'_>,
    element: ElementRef<'_>,
    instance: Option<&Instance<'_>>,
    indent: &str,
) {
    let nodes: &[String] = instance.map_or(&[], |i| i.nodes.as_slice());
    let failed = instance.is_some_and(|i| i.failed);
    let state = match instance.map(|i| i.role) {
        _ if nodes.is_empty() => "Stopped",
        Some(Role::Promoted) => "Master",
        _ => "Started",
    };
    // 1.1.10 separates class and provider with two colons.
    let agent = agent(model.cib, element);
    let agent = match agent.split_once(':') {
        Some((class, rest)) if rest.contains(':') => format!("{class}::{rest}"),
        _ => agent,
    };
    let id = element.id().unwrap_or_default();
    let _infallible = write!(text, "{indent}{id}\t({agent}):\t");
    text.push_str(match (failed, state) {
        (true, "Master") => "Master FAILED ",
        (true, _) => "FAILED ",
        (false, "Master") => "Master ",
        (false, "Started") => "Started ",
        (false, _) => "Stopped ",
    });
    match nodes {
        [] => {}
        [node] => {
            let _infallible = write!(text, "{node} ");
        }
        many => {
            let _infallible = write!(text, "[ {} ]", many.join(" "));
        }
    }
    if meta(element, "is-managed").is_some_and(|v| !is_true(v)) {
        text.push_str("(unmanaged) ");
    }
    text.push('\n');
}

fn clone(text: &mut String, model: &Model<'_>, element: ElementRef<'_>, indent: &str) {
    let id = element.id().unwrap_or_default();
    let child = element.children().find(|c| Resource::cast(*c).is_some());
    let Some(child) = child else { return };
    let promotable = element.name() == "master" || meta(element, "promotable").is_some_and(is_true);
    let kind = if promotable { "Master/Slave Set" } else { "Clone Set" };
    let unique =
        if meta(element, "globally-unique").is_some_and(is_true) { " (unique)" } else { "" };
    let unmanaged =
        if meta(element, "is-managed").is_some_and(|v| !is_true(v)) { " (unmanaged)" } else { "" };
    let name = child.id().unwrap_or_default();
    let _infallible = writeln!(text, "{indent}{kind}: {id} [{name}]{unique}{unmanaged}");
    let role_on = |node: &str| {
        child
            .descendants()
            .filter_map(|e| (e.name() == "primitive").then_some(e.id()?))
            .flat_map(|id| model.instances_of(id))
            .filter(|i| i.nodes.iter().any(|n| n == node))
            .map(|i| i.role)
            .max()
    };
    let (mut masters, mut started, mut stopped) = (Vec::new(), Vec::new(), Vec::new());
    for node in &model.nodes {
        match role_on(node.name) {
            Some(Role::Promoted) => masters.push(node.name),
            Some(_) => started.push(node.name),
            None => stopped.push(node.name),
        }
    }
    let plain = if promotable { "Slaves" } else { "Started" };
    for (word, nodes) in [("Masters", masters), (plain, started), ("Stopped", stopped)] {
        if !nodes.is_empty() {
            let _infallible = writeln!(text, "{indent}    {word}: [ {} ]", nodes.join(" "));
        }
    }
}

fn migration(text: &mut String, model: &Model<'_>) {
    text.push_str("\nMigration summary:\n");
    for node in model.nodes.iter().filter(|n| n.online) {
        let _infallible = writeln!(text, "* Node {}: ", node.name);
        let Some(state) = node.state else { continue };
        for resource in lrm_resources(state) {
            let id = resource.id().unwrap_or_default();
            let (count, last) = node.failures(id);
            if count == "0" && last.is_none() {
                continue;
            }
            let element = model.cib.find(id.split(':').next().unwrap_or(id));
            let threshold = element.and_then(|e| meta(e, "migration-threshold"));
            let _infallible = write!(
                text,
                "   {id}: migration-threshold={} fail-count={count}",
                threshold.unwrap_or("1000000")
            );
            if let Some(last) = last {
                let _infallible = write!(text, " last-failure='{}'", ctime(last));
            }
            text.push('\n');
        }
    }
}

fn failed(text: &mut String, model: &Model<'_>) {
    let mut lines = String::new();
    for node in &model.nodes {
        let Some(state) = node.state else { continue };
        for resource in lrm_resources(state) {
            for op in super::operations::failures(resource) {
                let key = op
                    .attr("operation_key")
                    .map_or_else(|| op.id().unwrap_or_default().to_owned(), str::to_owned);
                // COMPAT(pacemaker 1.1.10, crm_mon.c): queued and exec stand swapped.
                let _infallible = write!(
                    lines,
                    "    {key} (node={}, call={}, rc={}, status={}, last-rc-change={}\n, queued={}ms, exec={}ms\n): {}\n",
                    node.name,
                    op.attr("call-id").unwrap_or("-1"),
                    number(op, "rc-code"),
                    if number(op, "op-status") == 2 { "Timed Out" } else { "complete" },
                    ctime(number(op, "last-rc-change")),
                    number(op, "exec-time"),
                    number(op, "queue-time"),
                    classic_rc(number(op, "rc-code"))
                );
            }
        }
    }
    if !lines.is_empty() {
        text.push_str("\nFailed actions:\n");
        text.push_str(&lines);
    }
}

fn classic_rc(rc: i64) -> &'static str {
    match rc {
        1 => "unknown error",
        2 => "invalid parameter",
        3 => "unimplemented feature",
        4 => "insufficient privileges",
        5 => "not installed",
        6 => "not configured",
        7 => "not running",
        8 => "master",
        9 => "master (failed)",
        0 => "ok",
        _ => "unknown exec error",
    }
}
