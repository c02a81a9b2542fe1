//! The status as XML, in the elements of Pacemaker 3.x, which has all those of 2.1 and more.
//!
//! What is said of nodes and resources comes from the scheduler's own reading of the CIB.
//!
//! **Source:** pacemaker `xml/api/crm_mon-*.rng`, `lib/pengine/pe_output.c`.

use cib_model::Cib;
use cib_model::xml::{Dialect, ElementRef, Layout, Tree, XmlId, write};
use policy::facts::NodeFlags;
use policy::index::{NodeIdx, RscIdx};
use policy::render::exit_text;
use policy::scores::health;
use policy::status::is_masked_probe;
use policy::{ClusterStatus, Options, Plan};

use super::filter::Filter;
use super::header::Summary;
use super::lists::Ban;
use super::model::{Model, number};
use super::modern::{expected_connectivity, facts, is_mixed};
use super::operations::{History, shown_operations, status_text, task};
use super::xml_resources::ResourceXml;
use super::{Shown, node_list};
use crate::ui::localtime::ctime;

/// What the document says of how it was made.
pub struct Frame<'a> {
    /// The root element is that of `--as-xml`.
    pub legacy: bool,
    /// The command line.
    pub request: &'a str,
}

/// Returns the document.
pub fn text(cib: &Cib, shown: &Shown, now: i64, frame: &Frame<'_>) -> String {
    let model = Model::of(cib);
    let mut status = policy::status(cib, &Options { now, ..Options::default() });
    let filter = Filter::of(&status.plan, shown.node.as_deref(), shown.resource.as_deref());
    let mut tree = Tree::new(if frame.legacy { "crm_mon" } else { "pacemaker-result" });
    let root = tree.root_id();
    if frame.legacy {
        tree.set_attr(root, "version", "2.1.5");
    } else {
        tree.set_attr(root, "api-version", "2.42");
        tree.set_attr(root, "request", frame.request);
    }
    if !shown.no_headers {
        summary(&mut tree, root, &facts(&model, &status, now), &status);
    }
    if !shown.no_nodes {
        nodes(&mut tree, root, &status, shown, &filter);
    }
    if !shown.no_resources {
        let list = tree.append(root, "resources");
        let writer =
            ResourceXml { plan: &status.plan, filter: &filter, inactive: true, described: false };
        for &rsc in &status.plan.facts.top {
            if writer.is_listed(rsc, shown.by_node) {
                writer.write(&mut tree, list, rsc);
            }
        }
    }
    if shown.attributes {
        attributes(&mut tree, root, &status, &filter);
    }
    if shown.operations || shown.failcounts {
        history(&mut tree, root, &model, &mut status, shown, &filter);
    }
    if !shown.no_failures {
        failures(&mut tree, root, &status, &filter);
    }
    if shown.bans {
        bans(&mut tree, root, cib, &status, &filter);
    }
    if !frame.legacy {
        set(&mut tree, root, "status", &[("code", "0"), ("message", "OK")]);
    }
    let body = write(&tree, Layout::Pretty, Dialect::Pcmk3);
    if frame.legacy { format!("<?xml version=\"1.0\"?>\n{body}") } else { body }
}

/// Returns the states of a resource, of all without one, inside an element called `name`.
pub fn resource_tree(plan: &Plan, name: &'static str, only: Option<RscIdx>) -> Tree {
    let mut tree = Tree::new(name);
    let root = tree.root_id();
    let filter = Filter::of(plan, None, None);
    let writer = ResourceXml { plan, filter: &filter, inactive: true, described: true };
    match only {
        Some(rsc) => writer.write(&mut tree, root, rsc),
        None => {
            for &rsc in &plan.facts.top {
                writer.write(&mut tree, root, rsc);
            }
        }
    }
    tree
}

/// Appends an element with attributes.
pub(super) fn set(
    tree: &mut Tree,
    parent: XmlId,
    name: &'static str,
    attrs: &[(&'static str, &str)],
) -> XmlId {
    let id = tree.append(parent, name);
    for (name, value) in attrs {
        tree.set_attr(id, *name, *value);
    }
    id
}

/// Writes a boolean.
pub(super) fn word(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

fn summary(tree: &mut Tree, root: XmlId, facts: &Summary, status: &ClusterStatus) {
    let at = tree.append(root, "summary");
    set(tree, at, "stack", &[("type", &facts.stack)]);
    match &facts.dc {
        Some((name, id)) => {
            let attrs = [
                ("present", "true"),
                ("version", &facts.version),
                ("name", name),
                ("id", id),
                ("with_quorum", word(facts.quorate)),
                ("mixed_version", word(is_mixed(status))),
            ];
            set(tree, at, "current_dc", &attrs)
        }
        None => set(tree, at, "current_dc", &[("present", "false")]),
    };
    set(tree, at, "last_update", &[("time", &facts.updated)]);
    if let Some(changed) = &facts.changed {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let attrs = [
            ("time", &*changed.when),
            ("user", &text(&changed.user)),
            ("client", &text(&changed.client)),
            ("origin", &text(&changed.origin)),
        ];
        set(tree, at, "last_change", &attrs);
    }
    set(tree, at, "nodes_configured", &[("number", &facts.nodes.to_string())]);
    let attrs = [
        ("number", &*facts.resources.to_string()),
        ("disabled", &facts.disabled.to_string()),
        ("blocked", &facts.blocked.to_string()),
    ];
    set(tree, at, "resources_configured", &attrs);
    let options = &status.plan.facts.options;
    let timeout = options.fencing_timeout_ms.to_string();
    let attrs = [
        ("fencing-enabled", word(facts.fencing)),
        ("fencing-timeout-ms", &timeout),
        ("symmetric-cluster", word(facts.symmetric)),
        ("no-quorum-policy", &facts.no_quorum),
        ("maintenance-mode", word(facts.maintenance)),
        ("stop-all-resources", word(facts.stop_all)),
        ("priority-fencing-delay-ms", &options.priority_fencing_delay_ms.to_string()),
        ("stonith-enabled", word(facts.fencing)),
        ("stonith-timeout-ms", &timeout),
    ];
    set(tree, at, "cluster_options", &attrs);
}

fn nodes(tree: &mut Tree, root: XmlId, status: &ClusterStatus, shown: &Shown, filter: &Filter) {
    let list = tree.append(root, "nodes");
    let plan = &status.plan;
    for &node in status.nodes() {
        if !filter.node(&plan.facts.nodes[node].name) {
            continue;
        }
        let at = one_node(tree, list, status, node);
        if shown.by_node {
            let writer = ResourceXml { plan, filter, inactive: true, described: true };
            for &rsc in &plan.nodes[node].running {
                writer.write(tree, at, rsc);
            }
        }
    }
}

fn one_node(tree: &mut Tree, list: XmlId, status: &ClusterStatus, node: NodeIdx) -> XmlId {
    let plan = &status.plan;
    let (facts, state) = (&plan.facts.nodes[node], &plan.nodes[node]);
    let health = match health::of_node(plan, node) {
        ..0 => "red",
        0 => "yellow",
        _ => "green",
    };
    let attrs = [
        ("name", &*facts.name),
        ("id", &*facts.id),
        ("online", word(state.online)),
        ("standby", word(state.has(NodeFlags::STANDBY))),
        ("standby_onfail", word(state.has(NodeFlags::FAIL_STANDBY))),
        ("maintenance", word(state.maintenance)),
        ("pending", word(state.pending)),
        ("unclean", word(state.unclean)),
        ("health", health),
    ];
    let at = set(tree, list, "node", &attrs);
    if let Some(set) = node_list::feature_set(status, node) {
        tree.set_attr(at, "feature_set", set);
    }
    let remote = plan.facts.is_pacemaker_remote(node);
    let attrs = [
        ("shutdown", word(state.shutdown)),
        ("expected_up", word(state.has(NodeFlags::EXPECTED_UP))),
        ("is_dc", word(plan.facts.dc == Some(node))),
        ("resources_running", &state.running.len().to_string()),
        ("type", if remote { "remote" } else { "member" }),
    ];
    for (name, value) in attrs {
        tree.set_attr(at, name, value);
    }
    if let Some(launcher) = plan.guest_launcher(node).filter(|_| plan.facts.is_guest(node)) {
        tree.set_attr(at, "id_as_resource", &*plan.facts.rscs[launcher].id);
    }
    at
}

fn attributes(tree: &mut Tree, root: XmlId, status: &ClusterStatus, filter: &Filter) {
    let plan = &status.plan;
    let mut list = None;
    for &node in status.nodes() {
        let name = &*plan.facts.nodes[node].name;
        let mut all = status.attributes(node).peekable();
        if !plan.nodes[node].online || !filter.node(name) || all.peek().is_none() {
            continue;
        }
        let list = *list.get_or_insert_with(|| tree.append(root, "node_attributes"));
        let at = set(tree, list, "node", &[("name", name)]);
        for (name, value) in all {
            let at = set(tree, at, "attribute", &[("name", name), ("value", value)]);
            if let Some(expected) = expected_connectivity(plan, name) {
                tree.set_attr(at, "expected", expected.to_string());
            }
        }
    }
}

fn history(
    tree: &mut Tree,
    root: XmlId,
    model: &Model<'_>,
    status: &mut ClusterStatus,
    shown: &Shown,
    filter: &Filter,
) {
    let mut list = None;
    let history = History { model, status, shown, filter };
    for (state, node) in history.nodes() {
        let list = *list.get_or_insert_with(|| tree.append(root, "node_history"));
        let mut at = None;
        for (resource, rsc) in history.resources(state) {
            let operations = shown_operations(resource);
            if operations.is_empty() {
                continue;
            }
            let name = history.status.plan.facts.nodes[node].name.clone();
            let at = *at.get_or_insert_with(|| set(tree, list, "node", &[("name", &name)]));
            let threshold = history.status.plan.facts.rscs[rsc].ban_after_failures.to_string();
            let attrs = [
                ("id", resource.id().unwrap_or_default()),
                ("orphan", "false"),
                ("removed", "false"),
                ("migration-threshold", &threshold),
            ];
            let entry = set(tree, at, "resource_history", &attrs);
            let failures = history.status.fail_count(node, rsc);
            if failures.count > 0 {
                tree.set_attr(entry, "fail-count", failures.count.to_string());
            }
            if failures.last_failure > 0 {
                tree.set_attr(entry, "last-failure", ctime(failures.last_failure));
            }
            for op in operations {
                operation(tree, entry, op);
            }
        }
    }
}

fn operation(tree: &mut Tree, entry: XmlId, op: ElementRef<'_>) {
    let rc = i32::try_from(number(op, "rc-code")).unwrap_or(-1);
    let attrs = [
        ("call", op.attr("call-id").unwrap_or("-1")),
        ("task", task(op)),
        ("rc", &rc.to_string()),
        ("rc_text", exit_text(rc)),
    ];
    let at = set(tree, entry, "operation_history", &attrs);
    if number(op, "interval") > 0 {
        tree.set_attr(at, "interval", format!("{}ms", number(op, "interval")));
    }
    if number(op, "last-rc-change") > 0 {
        tree.set_attr(at, "last-rc-change", ctime(number(op, "last-rc-change")));
    }
    for name in ["exec-time", "queue-time"] {
        if let Some(value) = op.attr(name) {
            tree.set_attr(at, name, format!("{value}ms"));
        }
    }
}

fn failures(tree: &mut Tree, root: XmlId, status: &ClusterStatus, filter: &Filter) {
    let mut list = None;
    for failed in status.failures().filter(|failed| !is_masked_probe(failed.entry)) {
        let entry = failed.entry;
        let node = &status.plan.facts.nodes[failed.node].name;
        let rsc = entry.key.rsplitn(3, '_').nth(2).unwrap_or_default();
        if !filter.node(node) || !filter.id(rsc) {
            continue;
        }
        let list = *list.get_or_insert_with(|| tree.append(root, "failures"));
        let attrs = [
            ("op_key", &*entry.key),
            ("node", node),
            ("exitstatus", exit_text(entry.rc)),
            ("exitreason", entry.exit_reason.as_deref().unwrap_or_default()),
            ("exitcode", &entry.rc.to_string()),
            ("call", &entry.call_id.to_string()),
            ("status", status_text(entry.status)),
        ];
        let at = set(tree, list, "failure", &attrs);
        if let Some(time) = entry.last_rc_change {
            tree.set_attr(at, "last-rc-change", ctime(time));
            let time = |time: Option<u32>| time.unwrap_or(0).to_string();
            tree.set_attr(at, "queued", time(entry.queue_time_ms));
            tree.set_attr(at, "exec", time(entry.exec_time_ms));
            tree.set_attr(at, "interval", entry.interval_ms.to_string());
            tree.set_attr(at, "task", &*entry.task);
        }
    }
}

fn bans(tree: &mut Tree, root: XmlId, cib: &Cib, status: &ClusterStatus, filter: &Filter) {
    let mut list = None;
    for ban in Ban::all(cib, &status.plan, filter) {
        let list = *list.get_or_insert_with(|| tree.append(root, "bans"));
        let node = &status.plan.facts.nodes[ban.node].name;
        let promoted = word(ban.promoted_only);
        let attrs = [
            ("id", ban.id),
            ("resource", ban.rsc),
            ("node", node),
            ("weight", "-1000000"),
            ("promoted-only", promoted),
            ("master_only", promoted),
        ];
        set(tree, list, "ban", &attrs);
    }
}
