//! The text of Pacemaker 2.1.5 and 3.x.
//!
//! What is said of nodes and resources comes from the scheduler's own reading of the CIB.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c`, `tools/crm_mon.c`.

use std::fmt::Write as _;

use cib_model::Cib;
use cib_model::xml::ElementRef;
use policy::index::RscIdx;
use policy::{ClusterStatus, Options, Plan};

use super::filter::Filter;
use super::header::Summary;
use super::model::{Model, Node};
use super::operations::History;
use super::resource_list::Lister;
use super::{Shown, lists, node_list, operations};

/// Returns the whole display; `now` in seconds since 1970.
pub fn text(cib: &Cib, shown: &Shown, now: i64) -> String {
    let model = Model::of(cib);
    let mut status = policy::status(cib, &Options { now, ..Options::default() });
    let filter = Filter::of(&status.plan, shown.node.as_deref(), shown.resource.as_deref());
    let mut parts: Vec<String> = Vec::new();
    if !shown.no_headers {
        parts.push(summary(&facts(&model, &status, now), &status, shown));
    }
    if !shown.no_nodes {
        parts.push(node_list::section(&status, shown, &filter));
    }
    if !shown.no_resources {
        let (plan, filter) = (&status.plan, &filter);
        parts.push(Lister { plan, shown, filter, below_node: false }.section());
    }
    if shown.attributes {
        parts.push(attributes(&status, shown, &filter));
    }
    if shown.operations || shown.failcounts {
        let mut history = History { model: &model, status: &mut status, shown, filter: &filter };
        parts.push(if shown.operations { history.operations() } else { history.fail_counts() });
    }
    if !shown.no_failures {
        parts.push(operations::failed(&model, &status, shown, &filter));
    }
    if shown.tickets {
        parts.push(lists::tickets(cib));
    }
    if shown.bans {
        parts.push(lists::bans(cib, &status, shown, &filter));
    }
    parts.retain(|p| !p.is_empty());
    parts.join("\n")
}

/// The summary's facts, counted as the scheduler counts.
pub(super) fn facts(model: &Model<'_>, status: &ClusterStatus, now: i64) -> Summary {
    let counts = status.counts();
    let number = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    Summary {
        nodes: status.nodes().len(),
        resources: number(counts.total),
        disabled: number(counts.disabled),
        blocked: number(counts.blocked),
        ..Summary::of(model, now)
    }
}

fn summary(facts: &Summary, status: &ClusterStatus, shown: &Shown) -> String {
    let mut text = String::from("Cluster Summary:\n");
    let mut row = |line: String| text.push_str(&format!("  * {line}\n"));
    row(format!("Stack: {}", facts.stack));
    row(match &facts.dc {
        Some((name, id)) => {
            let quorum = if facts.quorate { "with quorum" } else { "WITHOUT quorum" };
            let id = if shown.detail { format!(" ({id})") } else { String::new() };
            let mixed = if is_mixed(status) { "MIXED-VERSION " } else { "" };
            let version = &facts.version;
            format!("Current DC: {name}{id} (version {version}) - {mixed}partition {quorum}")
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

/// Tells whether the members' versions differ.
pub(super) fn is_mixed(status: &ClusterStatus) -> bool {
    let mut sets = status.nodes().iter().filter_map(|node| node_list::feature_set(status, *node));
    let first = sets.next();
    sets.any(|set| Some(set) != first)
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

/// Returns what `crm_resource --list` prints.
pub fn resource_list(plan: &Plan) -> String {
    let shown = Shown { inactive: true, ..Shown::default() };
    let filter = Filter::of(plan, None, None);
    Lister { plan, shown: &shown, filter: &filter, below_node: false }.section()
}

/// Returns what a list says of a resource, or of each primitive in it, without marks of a list.
pub fn resource_lines(plan: &Plan, rsc: RscIdx) -> Vec<String> {
    let children = &plan.rscs[rsc].children;
    if !children.is_empty() {
        return children.iter().flat_map(|child| resource_lines(plan, *child)).collect();
    }
    let shown = Shown { inactive: true, ..Shown::default() };
    let filter = Filter::of(plan, None, None);
    let text = Lister { plan, shown: &shown, filter: &filter, below_node: false }.resource(rsc, 0);
    text.lines().map(|line| line.trim_start().trim_start_matches("* ").to_owned()).collect()
}

/// Returns `class:provider:type`, from the template where the resource has one.
pub(super) fn agent(cib: &Cib, element: ElementRef<'_>) -> String {
    let source = element.attr("template").and_then(|t| cib.find(t)).unwrap_or(element);
    let parts = ["class", "provider", "type"];
    parts.iter().filter_map(|n| source.attr(n)).collect::<Vec<_>>().join(":")
}

fn attributes(status: &ClusterStatus, shown: &Shown, filter: &Filter) -> String {
    let mut text = String::new();
    for &node in status.nodes() {
        let name = &status.plan.facts.nodes[node].name;
        let mut all = status.attributes(node).peekable();
        if !status.plan.nodes[node].online || !filter.node(name) || all.peek().is_none() {
            continue;
        }
        let _infallible =
            writeln!(text, "  * Node: {}:", node_list::display_name(status, node, shown.detail));
        for (name, value) in all {
            let _infallible = write!(text, "    * {name:<32}\t: {value:<10}");
            let number = value.parse::<i64>().unwrap_or(0);
            match expected_connectivity(&status.plan, name) {
                Some(_) if number <= 0 => text.push_str("\t> Connectivity is lost"),
                Some(expected) if number < expected => {
                    let _infallible =
                        write!(text, "\t> Connectivity is degraded (Expected={expected})");
                }
                _ => {}
            }
            text.push('\n');
        }
    }
    if text.is_empty() { text } else { format!("Node Attributes:\n{text}") }
}

/// Returns what an attribute would be where all hosts answer, for one that a ping resource sets.
///
/// # Source
/// `add_extra_info()`.
pub(super) fn expected_connectivity(plan: &Plan, attribute: &str) -> Option<i64> {
    let pings = plan.facts.rscs.iter_enumerated().filter(|(_, rsc)| {
        rsc.agent.eq_ignore_ascii_case("ping") || rsc.agent.eq_ignore_ascii_case("pingd")
    });
    for (rsc, _) in pings {
        let Some(xml) = plan.facts.rsc_xml(rsc) else { continue };
        let value = |name: &str| {
            let pairs = xml
                .children_named("instance_attributes")
                .flat_map(|set| set.children_named("nvpair"));
            let found = pairs.into_iter().find(|pair| pair.attr("name") == Some(name));
            found.and_then(|pair| pair.attr("value").map(str::to_owned))
        };
        let name = value("name").unwrap_or_else(|| "pingd".to_owned());
        if name.eq_ignore_ascii_case(attribute) {
            let hosts = value("host_list").map_or(0, |hosts| hosts.split(' ').count());
            let multiplier = value("multiplier").and_then(|m| m.parse().ok()).unwrap_or(1);
            return Some(i64::try_from(hosts).unwrap_or(0) * multiplier);
        }
    }
    None
}
