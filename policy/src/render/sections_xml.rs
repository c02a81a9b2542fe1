//! Node attributes, fail counts and failed actions as XML.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c` (`node_attribute_xml()`,
//! `resource_history_xml()`, `failed_action_xml()`).

use cib_model::xml::{Tree, XmlId};

use super::element::append_all;
use super::rsc_line::exit_text;
use super::sections::{self, Attribute, RscFailures, TimeTexts, exec_status_text};
use crate::facts::HistoryEntry;
use crate::plan::Plan;

/// Adds the attributes of each online node that has any; nothing where none has.
pub(super) fn attributes(plan: &Plan, tree: &mut Tree, parent: XmlId) {
    let nodes = sections::attributes(plan);
    if nodes.is_empty() {
        return;
    }
    let list = tree.append(parent, "node_attributes");
    for (node, attributes) in nodes {
        let at = tree.append_with(list, "node", &[("name", &plan.facts.nodes[node].name)]);
        for Attribute { name, value, expected } in attributes {
            let expected = expected.map(|e| e.to_string());
            let pairs =
                [("name", Some(name)), ("value", Some(value)), ("expected", expected.as_deref())];
            append_all(tree, at, "attribute", &pairs);
        }
    }
}

/// Adds the fail counts of each online node; nothing where none is online.
pub(super) fn fail_counts(plan: &Plan, times: TimeTexts<'_>, tree: &mut Tree, parent: XmlId) {
    let Some(nodes) = sections::fail_counts(plan) else { return };
    let list = tree.append(parent, "node_history");
    for (node, resources) in nodes {
        let at = tree.append_with(list, "node", &[("name", &plan.facts.nodes[node].name)]);
        for RscFailures { rsc, id, count } in resources {
            let threshold = plan.facts.rscs[rsc].ban_after_failures.to_string();
            let failures = count.count.to_string();
            let last = (count.last_failure > 0).then(|| (times.local)(count.last_failure));
            let pairs = [
                ("id", Some(id)),
                ("orphan", Some("false")),
                ("removed", Some("false")),
                ("migration-threshold", Some(&*threshold)),
                ("fail-count", Some(&*failures)),
                ("last-failure", last.as_deref()),
            ];
            append_all(tree, at, "resource_history", &pairs);
        }
    }
}

/// Adds the failed actions; nothing where there are none.
pub(super) fn failures(plan: &Plan, times: TimeTexts<'_>, tree: &mut Tree, parent: XmlId) {
    let failed = sections::failures(plan);
    if failed.is_empty() {
        return;
    }
    let list = tree.append(parent, "failures");
    for (node, entry) in failed {
        failure(node, entry, times, tree, list);
    }
}

fn failure(node: &str, entry: &HistoryEntry, times: TimeTexts<'_>, tree: &mut Tree, list: XmlId) {
    let (rc, call) = (entry.rc.to_string(), entry.call_id.to_string());
    let pairs = [
        ("op_key", &*entry.key),
        ("node", node),
        ("exitstatus", exit_text(entry.rc)),
        ("exitreason", entry.exit_reason.as_deref().unwrap_or("none")),
        ("exitcode", &*rc),
        ("call", &*call),
        ("status", exec_status_text(entry.status)),
    ];
    let at = tree.append_with(list, "failure", &pairs);
    let Some(when) = entry.last_rc_change.filter(|when| *when > 0) else { return };
    tree.set_attr(at, "last-rc-change", (times.zoned)(when));
    for (name, value) in [("queued", entry.queue_time_ms), ("exec", entry.exec_time_ms)] {
        if let Some(value) = value {
            tree.set_attr(at, name, value.to_string());
        }
    }
    tree.set_attr(at, "interval", entry.interval_ms.to_string());
    tree.set_attr(at, "task", &*entry.task);
}
