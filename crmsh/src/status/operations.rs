//! History: operations, fail counts, failed actions, in the layout of 2.1.5.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c`, `failed_action`, `resource_history`.

use std::fmt::Write as _;

use cib_model::xml::ElementRef;

use super::model::{Model, lrm_resources, meta, number, operations};
use crate::ui::localtime::ctime;

/// `-f`: the section of fail counts; its title stands even where nothing failed.
pub(super) fn migration(model: &Model<'_>) -> String {
    let mut text = String::from("Migration Summary:\n");
    for node in model.nodes.iter().filter(|n| n.online) {
        let Some(state) = node.state else { continue };
        let mut lines = String::new();
        for resource in lrm_resources(state) {
            let id = resource.id().unwrap_or_default();
            let (count, last) = node.failures(id);
            if count == "0" && last.is_none() {
                continue;
            }
            let _infallible = write!(
                lines,
                "    * {id}: migration-threshold={} fail-count={count}",
                threshold(model, id)
            );
            if let Some(last) = last {
                let _infallible = write!(lines, " last-failure='{}'", ctime(last));
            }
            lines.push('\n');
        }
        if !lines.is_empty() {
            let _infallible = write!(text, "  * Node: {}:\n{lines}", node.name);
        }
    }
    text
}

fn threshold<'a>(model: &Model<'a>, id: &str) -> &'a str {
    let element = model.cib.find(id.split(':').next().unwrap_or(id));
    element.and_then(|e| meta(e, "migration-threshold")).unwrap_or("1000000")
}

/// `-o`: the operations that were run, node by node.
pub(super) fn text(model: &Model<'_>) -> String {
    let mut text = String::from("Operations:\n");
    let states = model.cib.status().into_iter().flat_map(|s| s.children_named("node_state"));
    for state in states {
        let Some(node) = model.nodes.iter().find(|n| Some(n.id) == state.id() && n.online) else {
            continue;
        };
        let mut lines = String::new();
        for resource in lrm_resources(state) {
            let id = resource.id().unwrap_or_default();
            let history: String = shown_operations(resource)
                .into_iter()
                .map(|op| format!("      * {}\n", operation(op)))
                .collect();
            if !history.is_empty() {
                let _infallible = write!(
                    lines,
                    "    * {id}: migration-threshold={}:\n{history}",
                    threshold(model, id)
                );
            }
        }
        if !lines.is_empty() {
            let _infallible = write!(text, "  * Node: {}:\n{lines}", node.name);
        }
    }
    text
}

/// Leaves out probes that found nothing, as crm_mon does.
pub(super) fn shown_operations(resource: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    operations(resource)
        .into_iter()
        .filter(|op| {
            let probe = op.attr("operation") == Some("monitor") && number(*op, "interval") == 0;
            let absent = probe && matches!(number(*op, "rc-code"), 7 | 193);
            !absent && op.attr("operation") != Some("notify")
        })
        .collect()
}

fn operation(op: ElementRef<'_>) -> String {
    let mut line = format!(
        "({}) {}:",
        op.attr("call-id").unwrap_or("-1"),
        op.attr("operation").unwrap_or_default()
    );
    let interval = number(op, "interval");
    if interval > 0 {
        let _infallible = write!(line, " interval=\"{interval}ms\"");
    }
    let changed = number(op, "last-rc-change");
    let rc = number(op, "rc-code");
    let _infallible = write!(
        line,
        " last-rc-change=\"{}\" exec-time=\"{}ms\" queue-time=\"{}ms\" rc={rc} ({})",
        ctime(changed),
        number(op, "exec-time"),
        number(op, "queue-time"),
        rc_text(rc)
    );
    line
}

/// Returns the word for an agent's exit code.
pub(super) fn rc_text(rc: i64) -> &'static str {
    match rc {
        0 => "ok",
        1 => "error",
        2 => "invalid parameter",
        3 => "unimplemented feature",
        4 => "insufficient privileges",
        5 => "not installed",
        6 => "not configured",
        7 => "not running",
        8 => "promoted",
        9 => "promoted (failed)",
        190 => "degraded",
        191 => "promoted (degraded)",
        193 => "pending",
        _ => "unknown",
    }
}

/// The section of failed actions; empty where nothing failed.
pub(super) fn failed(model: &Model<'_>) -> String {
    let mut text = String::new();
    let states = model.cib.status().into_iter().flat_map(|s| s.children_named("node_state"));
    for state in states {
        let Some(node) = model.nodes.iter().find(|n| Some(n.id) == state.id()) else { continue };
        for resource in lrm_resources(state) {
            for op in failures(resource) {
                let _infallible = writeln!(
                    text,
                    "  * {}",
                    failure(resource.id().unwrap_or_default(), op, node.name)
                );
            }
        }
    }
    if text.is_empty() { text } else { format!("Failed Resource Actions:\n{text}") }
}

/// Returns the operations of a resource that did not end as they should.
pub(super) fn failures(resource: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    operations(resource).into_iter().filter(|op| is_failure(*op))
}

fn is_failure(op: ElementRef<'_>) -> bool {
    let task = op.attr("operation").unwrap_or_default();
    let (rc, status) = (number(op, "rc-code"), number(op, "op-status"));
    if status == -1 || rc == 193 {
        return false;
    }
    let key = op.attr("transition-key").unwrap_or_default();
    let expected = key.split(':').nth(2).and_then(|c| c.parse::<i64>().ok()).unwrap_or(0);
    let last_failure = op.id().is_some_and(|id| id.contains("_last_failure_"));
    let probe = task == "monitor" && number(op, "interval") == 0;
    let benign = probe && matches!(rc, 0 | 5 | 7 | 8);
    rc != expected
        && !benign
        && (last_failure || task != "monitor" || number(op, "interval") > 0)
        && !(rc == 0 && status == 0)
}

fn failure(resource: &str, op: ElementRef<'_>, node: &str) -> String {
    let task = op.attr("operation").unwrap_or_default();
    let interval = number(op, "interval");
    let what = if interval > 0 {
        format!("{resource} {} {task}", interval_text(interval))
    } else {
        format!("{resource} {task}")
    };
    let reason = op.attr("exit-reason").filter(|r| !r.is_empty());
    let why = |word: &str| match reason {
        Some(reason) => format!("{word} ({reason})"),
        None => word.to_owned(),
    };
    let outcome = match number(op, "op-status") {
        2 => match reason {
            Some(reason) => format!("could not be executed (Timed Out: {reason})"),
            None => "could not be executed (Timed Out)".to_owned(),
        },
        0 | 4 => format!("returned {}", why(&format!("'{}'", rc_text(number(op, "rc-code"))))),
        _ => format!("could not be executed ({})", why("Error")),
    };
    let mut line = format!("{what} on {node} {outcome}");
    let at = number(op, "last-rc-change");
    if at > 0 {
        let _infallible = write!(line, " at {}", ctime(at));
    }
    let took = number(op, "exec-time");
    if took > 0 {
        let _infallible = write!(line, " after {}", duration(took));
    }
    line
}

/// Writes milliseconds as `5s-interval` or `1m30s-interval`.
fn interval_text(ms: i64) -> String {
    let (minutes, seconds, rest) = (ms / 60_000, ms / 1000 % 60, ms % 1000);
    let mut text = String::new();
    if minutes > 0 {
        let _infallible = write!(text, "{minutes}m");
    }
    match (seconds, rest) {
        (0, 0) => {}
        (s, 0) => {
            let _infallible = write!(text, "{s}s");
        }
        (s, r) => {
            let _infallible = write!(text, "{s}.{r:03}s");
        }
    }
    format!("{text}-interval")
}

fn duration(ms: i64) -> String {
    match (ms / 1000, ms % 1000) {
        (0, ms) => format!("{ms}ms"),
        (s, 0) => format!("{s}s"),
        (s, ms) => format!("{s}.{ms:03}s"),
    }
}
