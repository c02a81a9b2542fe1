//! History: operations, fail counts, failed actions, in the layout of 2.1.5.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c`, `failed_action`, `resource_history`.

use std::fmt::Write as _;

use cib_model::Cib;
use cib_model::xml::ElementRef;
use policy::ClusterStatus;
use policy::facts::{ExecStatus, HistoryEntry, Variant};
use policy::index::{NodeIdx, RscIdx};
use policy::render::exit_text;
use policy::status::is_masked_probe;

use super::Shown;
use super::filter::{Filter, printable_id};
use super::model::{Model, lrm_resources, number, operations};
use super::node_list::display_name;
use crate::ui::localtime::ctime;

/// The history of all nodes, as one display wants it.
pub(super) struct History<'a> {
    pub(super) model: &'a Model<'a>,
    pub(super) status: &'a mut ClusterStatus,
    pub(super) shown: &'a Shown,
    pub(super) filter: &'a Filter,
}

impl<'a> History<'a> {
    /// `-f`: the section of fail counts; its title stands even where nothing failed.
    pub(super) fn fail_counts(&mut self) -> String {
        self.section("Migration Summary:\n", |this, node, rsc, id, _| {
            let failures = this.status.fail_count(node, rsc);
            if failures.count <= 0 {
                return String::new();
            }
            let count = if failures.count >= 1_000_000 {
                "INFINITY".to_owned()
            } else {
                failures.count.to_string()
            };
            let mut line = format!("    * {id}: {} fail-count={count}", this.threshold(rsc));
            if failures.last_failure > 0 {
                let _infallible = write!(line, " last-failure='{}'", ctime(failures.last_failure));
            }
            line + "\n"
        })
    }

    /// `-o`: the operations that were run, node by node.
    pub(super) fn operations(&mut self) -> String {
        let words = exit_words(self.model.cib);
        self.section("Operations:\n", |this, _, rsc, id, resource| {
            let lines: String = shown_operations(resource)
                .into_iter()
                .map(|op| format!("      * {}\n", operation(op, this.shown.timing, words)))
                .collect();
            if lines.is_empty() {
                return lines;
            }
            format!("    * {id}: {}:\n{lines}", this.threshold(rsc))
        })
    }

    fn section(
        &mut self,
        title: &str,
        one: impl Fn(&mut Self, NodeIdx, RscIdx, &str, ElementRef<'_>) -> String,
    ) -> String {
        let mut text = title.to_owned();
        for (state, node) in self.nodes() {
            let mut lines = String::new();
            for (resource, rsc) in self.resources(state) {
                lines += &one(self, node, rsc, resource.id().unwrap_or_default(), resource);
            }
            if !lines.is_empty() {
                let name = display_name(self.status, node, self.shown.detail);
                let _infallible = write!(text, "  * Node: {name}:\n{lines}");
            }
        }
        text
    }

    /// Returns the states of members that are to be shown, in document order.
    pub(super) fn nodes(&self) -> Vec<(ElementRef<'a>, NodeIdx)> {
        let plan = &self.status.plan;
        let cib: &'a Cib = self.model.cib;
        let states = cib.status().into_iter().flat_map(|s| s.children_named("node_state"));
        let known = |state: ElementRef<'a>| {
            let name = state.attr("uname").or(state.id())?;
            let node =
                plan.facts.node_by_id(state.id()?).or_else(|| plan.facts.node_by_name(name))?;
            let shown = plan.nodes[node].online && self.filter.node(name);
            shown.then_some((state, node))
        };
        states.filter_map(known).collect()
    }

    /// Returns the resources of a node's history that are to be shown.
    pub(super) fn resources(&self, state: ElementRef<'a>) -> Vec<(ElementRef<'a>, RscIdx)> {
        let known = |resource: ElementRef<'a>| Some((resource, self.wanted(resource.id()?)?));
        lrm_resources(state).filter_map(known).collect()
    }

    /// Finds a resource of the history that is to be shown; members of groups only by their own
    /// name or the group's.
    fn wanted(&self, id: &str) -> Option<RscIdx> {
        let plan = &self.status.plan;
        let rsc = plan.facts.rscs.iter_enumerated().find(|(_, r)| *r.id == *id || *r.xml_id == *id);
        let rsc = rsc.map(|(rsc, _)| rsc)?;
        let top = plan.facts.top_below_bundle(rsc);
        let wanted = if plan.variant(top) == Variant::Group {
            self.filter.id(printable_id(plan, rsc)) || self.filter.id(printable_id(plan, top))
        } else {
            self.filter.rsc(plan, rsc, true)
        };
        wanted.then_some(rsc)
    }

    fn threshold(&self, rsc: RscIdx) -> String {
        let threshold = self.status.plan.facts.rscs[rsc].ban_after_failures;
        format!("migration-threshold={threshold}")
    }
}

/// Returns an operation's name; a monitor that does not recur is a probe.
pub(super) fn task(op: ElementRef<'_>) -> &str {
    match op.attr("operation").unwrap_or_default() {
        "monitor" if number(op, "interval") == 0 => "probe",
        task => task,
    }
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

fn operation(op: ElementRef<'_>, timing: bool, words: Words) -> String {
    let mut line = format!("({}) {}", op.attr("call-id").unwrap_or("-1"), task(op));
    let interval = number(op, "interval");
    if timing || interval > 0 {
        line.push(':');
    }
    if interval > 0 {
        let _infallible = write!(line, " interval=\"{interval}ms\"");
    }
    if !timing {
        return line;
    }
    let changed = number(op, "last-rc-change");
    let rc = number(op, "rc-code");
    let _infallible = write!(
        line,
        " last-rc-change=\"{}\" exec-time=\"{}ms\" queue-time=\"{}ms\" rc={rc} ({})",
        ctime(changed),
        number(op, "exec-time"),
        number(op, "queue-time"),
        words(i32::try_from(rc).unwrap_or(-1))
    );
    line
}

/// Words for exit codes.
type Words = fn(i32) -> &'static str;

/// Returns the words of the Pacemaker that wrote the CIB: 3.x has others than 2.x.
pub(super) fn exit_words(cib: &Cib) -> Words {
    let set = cib.root().attr("crm_feature_set").unwrap_or_default();
    let mut parts = set.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if version >= (3, 20) { exit_text } else { |rc| rc_text(i64::from(rc)) }
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
pub(super) fn failed(
    model: &Model<'_>,
    status: &ClusterStatus,
    shown: &Shown,
    filter: &Filter,
) -> String {
    let words = exit_words(model.cib);
    let facts = &status.plan.facts;
    let mut text = String::new();
    for failed in status.failures().filter(|failed| !is_masked_probe(failed.entry)) {
        let node = &facts.nodes[failed.node].name;
        let rsc = failed.entry.key.rsplitn(3, '_').nth(2).unwrap_or_default();
        if filter.node(node) && filter.id(rsc) {
            let line = if shown.detail {
                technical(failed.entry, node, words)
            } else {
                friendly(failed.entry, rsc, node, words)
            };
            let _infallible = writeln!(text, "  * {line}");
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

fn friendly(entry: &HistoryEntry, rsc: &str, node: &str, words: Words) -> String {
    let task = match (&*entry.task, entry.interval_ms) {
        ("monitor", 0) => "probe",
        (task, _) => task,
    };
    let mut line = format!("{rsc} ");
    if entry.interval_ms > 0 {
        let _infallible = write!(line, "{} ", interval_text(i64::from(entry.interval_ms)));
    }
    let _infallible = write!(line, "{task} on {node}");
    let reason = entry.exit_reason.as_deref().filter(|reason| !reason.is_empty());
    if entry.status == ExecStatus::Done {
        let _infallible = write!(line, " returned '{}'", words(entry.rc));
        if let Some(reason) = reason {
            let _infallible = write!(line, " ({reason})");
        }
    } else {
        let _infallible = write!(line, " could not be executed ({}", status_text(entry.status));
        if let Some(reason) = reason {
            let _infallible = write!(line, ": {reason}");
        }
        line.push(')');
    }
    if let Some(at) = entry.last_rc_change {
        let _infallible = write!(line, " at {}", ctime(at));
    }
    if let Some(took) = entry.exec_time_ms.filter(|took| *took > 0) {
        let _infallible = write!(line, " after {}", duration(i64::from(took)));
    }
    line
}

fn technical(entry: &HistoryEntry, node: &str, words: Words) -> String {
    let mut line = format!(
        "{} on {node} '{}' ({}): call={}, status='{}'",
        entry.key,
        words(entry.rc),
        entry.rc,
        entry.call_id,
        status_text(entry.status)
    );
    if let Some(reason) = entry.exit_reason.as_deref().filter(|reason| !reason.is_empty()) {
        let _infallible = write!(line, ", exitreason='{reason}'");
    }
    if let Some(at) = entry.last_rc_change {
        let _infallible = write!(line, ", last-rc-change='{}'", ctime(at));
    }
    for (name, time) in [("queued", entry.queue_time_ms), ("exec", entry.exec_time_ms)] {
        if let Some(time) = time {
            let _infallible = write!(line, ", {name}={time}ms");
        }
    }
    line
}

/// Returns the words for how an agent's run ended.
pub(super) fn status_text(status: ExecStatus) -> &'static str {
    match status {
        ExecStatus::Pending => "pending",
        ExecStatus::Done => "complete",
        ExecStatus::Cancelled => "Cancelled",
        ExecStatus::Timeout => "Timed Out",
        ExecStatus::NotSupported => "NOT SUPPORTED",
        ExecStatus::Error => "Error",
        ExecStatus::ErrorHard => "Hard error",
        ExecStatus::ErrorFatal => "Fatal error",
        ExecStatus::NotInstalled => "Not installed",
        ExecStatus::NotConnected => "Internal communication failure",
        ExecStatus::Invalid => "Cannot execute now",
        ExecStatus::NoFenceDevice => "No fence device",
        ExecStatus::NoSecrets => "CIB secrets unavailable",
        ExecStatus::Unknown => "UNKNOWN!",
    }
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
