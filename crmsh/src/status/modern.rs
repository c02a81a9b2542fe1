//! The text of Pacemaker 2.1.5 and 3.x.
//!
//! **Source:** pacemaker `lib/pengine/{pe_output,native,clone,group}.c`.

use std::fmt::Write as _;

use cib_model::Cib;
use cib_model::xml::ElementRef;

use super::header::{Summary, is_disabled};
use super::model::{Instance, Model, Node, Role, is_true, meta};
use super::{Shown, lists, operations};

/// Returns the whole display; `now` in seconds since 1970.
pub fn text(cib: &Cib, shown: &Shown, now: i64) -> String {
    let model = Model::of(cib);
    let mut parts: Vec<String> = Vec::new();
    if !shown.no_headers {
        parts.push(summary(&Summary::of(&model, now)));
    }
    if shown.by_node {
        parts.push(nodes_with_resources(&model, shown));
    } else {
        if !shown.no_nodes {
            parts.push(node_list(&model, shown));
        }
        if !shown.no_resources {
            parts.push(resources(&model, shown));
        }
    }
    if shown.attributes {
        parts.push(attributes(&model));
    }
    if shown.operations {
        parts.push(operations::text(&model));
    } else if shown.failcounts {
        parts.push(operations::migration(&model));
    }
    if !shown.no_failures {
        parts.push(operations::failed(&model));
    }
    if shown.tickets {
        parts.push(lists::tickets(cib));
    }
    if shown.bans {
        parts.push(lists::bans(cib));
    }
    parts.retain(|p| !p.is_empty());
    parts.join("\n")
}

fn summary(facts: &Summary) -> String {
    let mut text = String::from("Cluster Summary:\n");
    let mut row = |line: String| text.push_str(&format!("  * {line}\n"));
    row(format!("Stack: {}", facts.stack));
    row(match &facts.dc {
        Some((name, _)) => {
            let quorum = if facts.quorate { "with quorum" } else { "WITHOUT quorum" };
            format!("Current DC: {name} (version {}) - partition {quorum}", facts.version)
        }
        None => "Current DC: NONE".to_owned(),
    });
    row(format!("Last updated: {}", facts.updated));
    if let Some(changed) = &facts.changed {
        let mut line = format!("Last change:  {}", changed.when);
        for (word, value) in
            [("by", &changed.user), ("via", &changed.client), ("on", &changed.origin)]
        {
            if let Some(value) = value {
                let _infallible = write!(line, " {word} {value}");
            }
        }
        row(line);
    }
    row(format!("{} configured", count(facts.nodes, "node")));
    let mut line = format!("{} configured", count(facts.resources, "resource instance"));
    line.push_str(&match (facts.disabled, facts.blocked) {
        (0, 0) => String::new(),
        (d, 0) => format!(" ({d} DISABLED)"),
        (0, b) => format!(" ({b} BLOCKED from further action due to failure)"),
        (d, b) => format!(" ({d} DISABLED, {b} BLOCKED from further action due to failure)"),
    });
    row(line);
    if facts.maintenance {
        text.push_str(
            "\n              *** Resource management is DISABLED ***\n  \
             The cluster will not attempt to start, stop or recover services\n",
        );
    }
    text
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Returns the word for a node that is not simply online or offline.
pub(super) fn odd_state(node: &Node<'_>) -> Option<&'static str> {
    if node.unclean {
        return Some(match (node.online, node.pending) {
            (true, _) => "UNCLEAN (online)",
            (_, true) => "UNCLEAN (pending)",
            _ => "UNCLEAN (offline)",
        });
    }
    if node.pending {
        return Some("pending");
    }
    match (node.standby, node.online, node.maintenance) {
        (true, true, _) => Some("standby"),
        (true, false, _) => Some("OFFLINE (standby)"),
        (false, true, true) => Some("maintenance"),
        (false, false, true) => Some("OFFLINE (maintenance)"),
        (false, _, false) => None,
    }
}

fn node_name(node: &Node<'_>, shown: &Shown) -> String {
    if shown.detail && node.name != node.id {
        format!("{} ({})", node.name, node.id)
    } else {
        node.name.to_owned()
    }
}

fn node_list(model: &Model<'_>, shown: &Shown) -> String {
    let mut text = String::from("Node List:\n");
    let (mut online, mut offline) = (Vec::new(), Vec::new());
    for node in &model.nodes {
        let name = node_name(node, shown);
        match odd_state(node) {
            Some(state) => {
                let _infallible = writeln!(text, "  * Node {name}: {state}");
            }
            None if node.online => online.push(name),
            None => offline.push(name),
        }
    }
    for (word, names) in [("Online", online), ("OFFLINE", offline)] {
        if !names.is_empty() {
            let _infallible = writeln!(text, "  * {word}: [ {} ]", names.join(" "));
        }
    }
    text
}

fn nodes_with_resources(model: &Model<'_>, shown: &Shown) -> String {
    let mut text = String::from("Node List:\n");
    for node in &model.nodes {
        let state = odd_state(node).unwrap_or(if node.online { "online" } else { "OFFLINE" });
        let _infallible = writeln!(text, "  * Node {}: {state}:", node_name(node, shown));
        text.push_str("    * Resources:\n");
        for primitive in primitives(model) {
            let Some(id) = primitive.id() else { continue };
            for instance in model.instances_of(id) {
                if instance.nodes.iter().any(|n| n == node.name) {
                    let line = described(model, primitive, Some(instance), Place::Omitted);
                    let _infallible = writeln!(text, "      * {line}");
                }
            }
        }
    }
    if shown.inactive {
        let idle: Vec<String> = primitives(model)
            .filter(|p| !is_active(model, *p))
            .map(|p| format!("  * {}\n", described(model, p, None, Place::Named)))
            .collect();
        text.push_str("\nInactive Resources:\n");
        text.push_str(&if idle.is_empty() {
            "  * No inactive resources\n".to_owned()
        } else {
            idle.concat()
        });
    }
    text
}

fn primitives<'a>(model: &Model<'a>) -> impl Iterator<Item = ElementRef<'a>> {
    model
        .cib
        .resources()
        .into_iter()
        .flat_map(ElementRef::descendants)
        .filter(|e| e.name() == "primitive")
}

fn is_active(model: &Model<'_>, element: ElementRef<'_>) -> bool {
    element
        .descendants()
        .filter(|e| e.name() == "primitive")
        .filter_map(ElementRef::id)
        .flat_map(|id| model.instances_of(id))
        .any(|i| !i.nodes.is_empty())
}

fn resources(model: &Model<'_>, shown: &Shown) -> String {
    let title = if shown.inactive { "Full List of Resources:\n" } else { "Active Resources:\n" };
    let body = resource_lines(model, shown.inactive);
    if body.is_empty() {
        let none = if shown.inactive { "No resources" } else { "No active resources" };
        return format!("{title}  * {none}\n");
    }
    format!("{title}{body}")
}

/// Returns what `crm_resource --list` prints.
pub fn resource_list(cib: &Cib) -> String {
    let model = Model::of(cib);
    let body = resource_lines(&model, true);
    if body.is_empty() {
        return "Full List of Resources:\n  * No resources\n".to_owned();
    }
    format!("Full List of Resources:\n{body}")
}

fn resource_lines(model: &Model<'_>, inactive: bool) -> String {
    let mut text = String::new();
    let top = model.cib.resources().into_iter().flat_map(ElementRef::children);
    for element in top.filter(|e| crate::commands::resource::is_resource(*e)) {
        if inactive || is_active(model, element) {
            one(&mut text, model, element, inactive, 1);
        }
    }
    text
}

fn one(
    text: &mut String,
    model: &Model<'_>,
    element: ElementRef<'_>,
    inactive: bool,
    depth: usize,
) {
    let indent = "  ".repeat(depth);
    let id = element.id().unwrap_or_default();
    match element.name() {
        "primitive" => {
            let instances = model.instances_of(id);
            let active = instances.iter().find(|i| !i.nodes.is_empty()).or(instances.first());
            if inactive || active.is_some_and(|i| !i.nodes.is_empty()) {
                let line = described(model, element, active, Place::Named);
                let _infallible = writeln!(text, "{indent}* {line}");
            }
        }
        "group" => {
            let _infallible = writeln!(text, "{indent}* Resource Group: {id}{}:", flags(element));
            for member in element.children().filter(|c| c.name() == "primitive") {
                one(text, model, member, inactive, depth + 1);
            }
        }
        "clone" | "master" => clone(text, model, element, inactive, &indent),
        _ => {
            let _infallible = writeln!(text, "{indent}* Container bundle: {id}");
        }
    }
}

/// Returns the flags behind a container's name.
fn flags(element: ElementRef<'_>) -> String {
    let mut all = Vec::new();
    let promotable = element.name() == "master"
        || (element.name() == "clone" && meta(element, "promotable").is_some_and(is_true));
    if promotable {
        all.push("promotable");
    }
    if meta(element, "globally-unique").is_some_and(is_true) {
        all.push("unique");
    }
    if meta(element, "maintenance").is_some_and(is_true) {
        all.push("maintenance");
    } else if meta(element, "is-managed").is_some_and(|v| !is_true(v)) {
        all.push("unmanaged");
    }
    if meta(element, "target-role").is_some_and(|r| r.eq_ignore_ascii_case("stopped")) {
        all.push("disabled");
    }
    if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
}

fn clone(
    text: &mut String,
    model: &Model<'_>,
    element: ElementRef<'_>,
    inactive: bool,
    indent: &str,
) {
    let id = element.id().unwrap_or_default();
    let child = element.children().find(|c| crate::commands::resource::is_resource(*c));
    let Some(child) = child else { return };
    let flags = flags(element);
    let promotable = flags.contains("promotable");
    let name = child.id().unwrap_or_default();
    let _infallible = writeln!(text, "{indent}* Clone Set: {id} [{name}]{flags}:");
    let mut by_role: [Vec<&str>; 2] = [Vec::new(), Vec::new()];
    let members: Vec<ElementRef<'_>> =
        child.descendants().filter(|e| e.name() == "primitive").collect();
    for node in &model.nodes {
        let roles: Vec<&Instance<'_>> = members
            .iter()
            .filter_map(|m| m.id())
            .flat_map(|m| model.instances_of(m))
            .filter(|i| i.nodes.iter().any(|n| n == node.name))
            .collect();
        for instance in roles.iter().filter(|i| i.failed) {
            let line = described(model, child, Some(instance), Place::Only(node.name));
            let _infallible = writeln!(text, "{indent}  * {line}");
        }
        if roles.is_empty() || roles.iter().any(|i| i.failed) {
            continue;
        }
        let promoted = roles.iter().any(|i| i.role == Role::Promoted);
        let list = usize::from(!promoted);
        if let Some(list) = by_role.get_mut(list) {
            list.push(node.name);
        }
    }
    let [promoted, started] = by_role;
    let idle: Vec<&str> = model
        .nodes
        .iter()
        .map(|n| n.name)
        .filter(|n| !promoted.contains(n) && !started.contains(n))
        .collect();
    let plain = if promotable { "Unpromoted" } else { "Started" };
    for (word, nodes) in [("Promoted", promoted), (plain, started)] {
        if !nodes.is_empty() {
            let _infallible = writeln!(text, "{indent}  * {word}: [ {} ]", nodes.join(" "));
        }
    }
    if inactive && !idle.is_empty() {
        let word = if is_disabled(element) { "Stopped (disabled)" } else { "Stopped" };
        let _infallible = writeln!(text, "{indent}  * {word}: [ {} ]", idle.join(" "));
    }
}

/// Where a resource's line names its node.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// All nodes where it is.
    Named,
    /// The line stands below its node.
    Omitted,
    /// This one.
    Only(&'a str),
}

/// Returns one resource's line without indent: `id<TAB>(agent):<TAB> state node (flags)`.
fn described(
    model: &Model<'_>,
    element: ElementRef<'_>,
    instance: Option<&Instance<'_>>,
    place: Place<'_>,
) -> String {
    let id = element.id().unwrap_or_default();
    let nodes: &[String] = instance.map_or(&[], |i| i.nodes.as_slice());
    let failed = instance.is_some_and(|i| i.failed);
    let role = match instance.map(|i| i.role) {
        Some(Role::Promoted) if !nodes.is_empty() => "Promoted",
        Some(_) if !nodes.is_empty() => "Started",
        _ => "Stopped",
    };
    let state = match (failed, role) {
        (true, "Promoted") => "FAILED Promoted",
        (true, _) => "FAILED",
        (false, role) => role,
    };
    let mut line = format!("{id}\t({}):\t {state}", agent(model.cib, element));
    match place {
        Place::Omitted => {}
        Place::Only(node) => {
            let _infallible = write!(line, " {node}");
        }
        Place::Named => match nodes {
            [] => {}
            [node] => {
                let _infallible = write!(line, " {node}");
            }
            many => {
                let _infallible = write!(line, " [ {} ]", many.join(" "));
            }
        },
    }
    let mut words = Vec::new();
    let unclean = |n: &String| model.node(n).is_some_and(|n| n.unclean);
    if nodes.iter().any(unclean) {
        words.push("UNCLEAN");
    }
    if is_disabled(element) {
        words.push("disabled");
    }
    if failed && instance.is_some_and(|i| i.blocked) {
        words.push("blocked");
    } else if nodes.iter().any(|n| model.node(n).is_some_and(|n| n.maintenance))
        || inherited(element, "maintenance").is_some_and(is_true)
    {
        words.push("maintenance");
    } else if inherited(element, "is-managed").is_some_and(|v| !is_true(v)) {
        words.push("unmanaged");
    }
    if !words.is_empty() {
        let _infallible = write!(line, " ({})", words.join(", "));
    }
    line
}

/// Returns a meta attribute of a resource or of what holds it.
fn inherited<'a>(element: ElementRef<'a>, name: &'a str) -> Option<&'a str> {
    let mut at = Some(element);
    while let Some(e) = at.filter(|e| crate::commands::resource::is_resource(*e)) {
        if let Some(value) = meta(e, name) {
            return Some(value);
        }
        at = e.parent();
    }
    None
}

/// Returns `class:provider:type`, from the template where the resource has one.
pub(super) fn agent(cib: &Cib, element: ElementRef<'_>) -> String {
    let source = element.attr("template").and_then(|t| cib.find(t)).unwrap_or(element);
    let parts = ["class", "provider", "type"];
    parts.iter().filter_map(|n| source.attr(n)).collect::<Vec<_>>().join(":")
}

fn attributes(model: &Model<'_>) -> String {
    let mut text = String::new();
    for node in model.nodes.iter().filter(|n| n.online) {
        let all = node.attributes();
        if all.is_empty() {
            continue;
        }
        let _infallible = writeln!(text, "  * Node: {}:", node.name);
        for (name, value) in all {
            let _infallible = writeln!(text, "    * {name:<32}\t: {value:<10}");
        }
    }
    if text.is_empty() { text } else { format!("Node Attributes:\n{text}") }
}
