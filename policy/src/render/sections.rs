//! Sections of a status beside nodes and resources: node attributes, fail counts, failed actions.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c` (`node_attribute_list()`, `node_summary()`,
//! `failed_action_list()` and the messages below them).

use std::fmt::Write as _;

use super::rsc_line::exit_text;
use crate::facts::{ExecStatus, HistoryEntry, NodeFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::unpack::failcount::FailCount;
use crate::unpack::history::is_masked_probe;

/// A node attribute to be shown.
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    /// Best value, where the attribute counts hosts that a ping resource reaches.
    pub(super) expected: Option<i64>,
}

/// The fail count of one resource.
pub(super) struct RscFailures<'a> {
    pub(super) rsc: RscIdx,
    /// Id in the history.
    pub(super) id: &'a str,
    pub(super) count: FailCount,
}

/// How times (seconds since 1970) are written; the reader's zone is not known here.
#[derive(Clone, Copy)]
pub struct TimeTexts<'a> {
    /// As C's `ctime()` does.
    pub local: &'a dyn Fn(i64) -> String,
    /// As date, time and zone.
    pub zoned: &'a dyn Fn(i64) -> String,
}

/// Returns the attributes of each online node that has any, by name.
pub(super) fn attributes(plan: &Plan) -> Vec<(NodeIdx, Vec<Attribute<'_>>)> {
    let online = plan.facts.node_order.iter().filter(|node| plan.nodes[**node].online);
    online
        .map(|&node| {
            let shown = plan.shown_attributes(node);
            let attribute = |(name, value)| {
                let expected = expected(plan, node, &plan.nodes[node].running, name);
                Attribute { name, value, expected }
            };
            (node, shown.map(attribute).collect::<Vec<_>>())
        })
        .filter(|(_, list)| !list.is_empty())
        .collect()
}

/// Returns the value that an attribute has where a ping resource reaches all of its hosts.
///
/// # Source
/// `add_extra_info()`
fn expected(plan: &Plan, node: NodeIdx, rscs: &[RscIdx], attribute: &str) -> Option<i64> {
    rscs.iter().find_map(|&rsc| {
        let below = expected(plan, node, &plan.rscs[rsc].children, attribute);
        if below.is_some() {
            return below;
        }
        let agent = &plan.facts.rscs[rsc].agent;
        if !agent.eq_ignore_ascii_case("ping") && !agent.eq_ignore_ascii_case("pingd") {
            return None;
        }
        let (params, _) = plan.evaluate_params(rsc, Some(node));
        if !params.get("name").unwrap_or("pingd").eq_ignore_ascii_case(attribute) {
            return None;
        }
        let hosts = params.get("host_list").map_or(0, |hosts| hosts.split(' ').count());
        let multiplier = params.get("multiplier").and_then(|m| m.trim().parse::<i64>().ok());
        let hosts = i64::try_from(hosts).unwrap_or(i64::MAX);
        Some(hosts.saturating_mul(multiplier.unwrap_or(1)))
    })
}

/// Returns the fail counts of each online node's resources, nodes in the order of their history;
/// `None` where no node is online.
pub(super) fn fail_counts(plan: &Plan) -> Option<Vec<(NodeIdx, Vec<RscFailures<'_>>)>> {
    let seen = |node: &NodeIdx| {
        plan.nodes[*node].online && plan.nodes[*node].flags.contains(NodeFlags::SEEN)
    };
    plan.facts.node_order.iter().find(|node| seen(node))?;
    let mut nodes: Vec<(NodeIdx, Vec<RscFailures<'_>>)> = Vec::new();
    for history in &plan.facts.history {
        let online = history.node.filter(|node| plan.nodes[*node].online);
        let Some(node) = online else { continue };
        let Some(rsc) = plan.facts.rsc_by_history_id(&history.id) else { continue };
        let count = plan.recorded_fail_count(node, rsc);
        if count.count <= 0 {
            continue;
        }
        let failures = RscFailures { rsc, id: &history.id, count };
        match nodes.iter_mut().find(|(n, _)| *n == node) {
            Some((_, list)) => list.push(failures),
            None => nodes.push((node, vec![failures])),
        }
    }
    Some(nodes)
}

/// Returns the failed actions with their nodes' names; probes that only say that a resource cannot
/// run somewhere are left out.
pub(super) fn failures(plan: &Plan) -> Vec<(&str, &HistoryEntry)> {
    let facts = &plan.facts;
    facts
        .failed
        .iter()
        .map(|failed| (&*facts.nodes[failed.node].name, facts.failed_entry(failed)))
        .filter(|(_, entry)| !is_masked_probe(entry))
        .collect()
}

/// Returns the section "Node Attributes" with the blank line above it.
pub(super) fn attributes_text(plan: &Plan) -> String {
    let nodes = attributes(plan);
    if nodes.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n  * Node Attributes:\n");
    for (node, list) in nodes {
        let _ = writeln!(out, "    * Node: {}:", plan.facts.nodes[node].name);
        for Attribute { name, value, expected } in list {
            let number = value.trim().parse::<i64>().unwrap_or(0);
            let note = match expected {
                Some(_) if number <= 0 => "\t: Connectivity is lost".to_owned(),
                Some(expected) if number < expected => {
                    format!("\t: Connectivity is degraded (Expected={expected})")
                }
                _ => String::new(),
            };
            let _ = writeln!(out, "      * {name:<32}\t: {value:<10}{note}");
        }
    }
    out
}

/// Returns the sections "Migration Summary" and "Failed Resource Actions", each with the blank
/// line above it.
pub(super) fn failcounts_text(plan: &Plan, times: TimeTexts<'_>) -> String {
    let mut out = String::new();
    if let Some(nodes) = fail_counts(plan) {
        out.push_str("\n  * Migration Summary:\n");
        for (node, list) in nodes {
            let _ = writeln!(out, "    * Node: {}:", plan.facts.nodes[node].name);
            for RscFailures { rsc, id, count } in list {
                let threshold = plan.facts.rscs[rsc].ban_after_failures;
                let _ = write!(out, "      * {id}: migration-threshold={threshold}");
                let _ = write!(out, " fail-count={}", count.count);
                if count.last_failure > 0 {
                    let _ = write!(out, " last-failure='{}'", (times.local)(count.last_failure));
                }
                out.push('\n');
            }
        }
    }
    let failed = failures(plan);
    if !failed.is_empty() {
        out.push_str("\n  * Failed Resource Actions:\n");
        for (node, entry) in failed {
            let _ = writeln!(out, "    * {}", failed_action(node, entry, times));
        }
    }
    out
}

/// # Source
/// `failed_action_technical()`
fn failed_action(node: &str, entry: &HistoryEntry, times: TimeTexts<'_>) -> String {
    let mut out = format!(
        "{} on {node} '{}' ({}): call={}, status='{}'",
        entry.key,
        exit_text(entry.rc),
        entry.rc,
        entry.call_id,
        exec_status_text(entry.status),
    );
    if let Some(reason) = entry.exit_reason.as_deref().filter(|r| !r.is_empty()) {
        let _ = write!(out, ", exitreason='{reason}'");
    }
    if let Some(when) = entry.last_rc_change {
        let _ = write!(out, ", last-rc-change='{}'", (times.local)(when));
    }
    for (name, value) in [("queued", entry.queue_time_ms), ("exec", entry.exec_time_ms)] {
        if let Some(value) = value {
            let _ = write!(out, ", {name}={value}ms");
        }
    }
    out
}

/// Returns the words for an execution status.
pub(super) fn exec_status_text(status: ExecStatus) -> &'static str {
    match status {
        ExecStatus::Pending => "Pending",
        ExecStatus::Done => "Done",
        ExecStatus::Cancelled => "Cancelled",
        ExecStatus::Timeout => "Timed out",
        ExecStatus::NotSupported => "Unsupported",
        ExecStatus::Error => "Error",
        ExecStatus::ErrorHard => "Hard error",
        ExecStatus::ErrorFatal => "Fatal error",
        ExecStatus::NotInstalled => "Not installed",
        ExecStatus::NotConnected => "Internal communication failure",
        ExecStatus::Invalid => "Cannot execute now",
        ExecStatus::NoFenceDevice => "No fence device",
        ExecStatus::NoSecrets => "CIB secrets unavailable",
        ExecStatus::Unknown => "Unrecognized status (bug?)",
    }
}
