//! The operation history as typed entries, and which of two is newer.
//!
//! **Source:** pacemaker `lib/pengine/pe_actions.c` (`pe__is_newer_op()`), `unpack.c`
//! (`find_lrm_op()`, `unknown_on_node()`, `calculate_active_ops()`).

use std::cmp::Ordering;
use std::sync::Arc;

use cib_model::xml::ElementRef;
use rustc_hash::FxHashSet;

use crate::facts::{ExecStatus, Facts, HistoryEntry, LrmResource};
use crate::glib::list_sort;

fn number(text: Option<&str>) -> Option<i64> {
    text.and_then(|t| t.trim().parse().ok())
}

/// Splits `action:transition:target-rc:uuid`.
struct TransitionKey<'a> {
    transition: i64,
    target_rc: i32,
    uuid: &'a str,
}

impl<'a> TransitionKey<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(4, ':');
        number(parts.next())?;
        let transition = number(parts.next())?;
        let target_rc = i32::try_from(number(parts.next())?).ok()?;
        let uuid = parts.next().filter(|u| !u.is_empty())?;
        Some(TransitionKey { transition, target_rc, uuid: uuid.get(..36).unwrap_or(uuid) })
    }

    /// Reads the key inside a `transition-magic` (`status:rc;key`).
    fn of_magic(text: &'a str) -> Option<Self> {
        let (_, key) = text.split_once(';')?;
        Self::parse(key)
    }
}

/// Texts that many entries share, each kept once.
#[derive(Default)]
pub(super) struct Texts {
    known: FxHashSet<Arc<str>>,
}

impl Texts {
    fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.known.insert(Arc::clone(&new));
        new
    }
}

/// Reads the entries below one `lrm_resource`.
pub(super) fn read(element: ElementRef<'_>, texts: &mut Texts) -> LrmResource {
    let entries: Vec<HistoryEntry> =
        element.children_named("lrm_rsc_op").map(|op| entry(op, texts)).collect();
    let sorted = sorted(&entries);
    LrmResource {
        node: None,
        id: element.id().unwrap_or_default().into(),
        rsc: None,
        class: element.attr("class").unwrap_or_default().into(),
        provider: element.attr("provider").map(Into::into),
        agent: element.attr("type").unwrap_or_default().into(),
        container: element.attr("container").map(Into::into),
        shutdown_lock: number(element.attr("shutdown-lock")).unwrap_or(0),
        attrs: element
            .attrs()
            .filter(|(name, _)| !matches!(*name, "id" | "class" | "provider" | "type"))
            .map(|(n, v)| (n.into(), v.into()))
            .collect(),
        entries: Arc::new(entries),
        sorted,
        rescheduled: Vec::new(),
    }
}

fn entry(op: ElementRef<'_>, texts: &mut Texts) -> HistoryEntry {
    let mut found = HistoryEntry {
        id: Box::default(),
        task: Arc::default(),
        key: Box::default(),
        interval_ms: 0,
        call_id: -1,
        rc: -1,
        status: ExecStatus::Unknown,
        target_rc: -1,
        transition_magic: None,
        on_node: None,
        exit_reason: None,
        last_rc_change: None,
        exec_time_ms: None,
        queue_time_ms: None,
        op_digest: None,
        op_restart_digest: None,
        op_force_restart: None,
        op_secure_digest: None,
        op_secure_params: None,
        feature_set: None,
        migrate_source: None,
        migrate_target: None,
    };
    let mut key = None;
    for (name, value) in op.attrs() {
        let int = || number(Some(value));
        let ms = || int().and_then(|n| u32::try_from(n).ok());
        let text = || Some(value.into());
        match name {
            "id" => found.id = value.into(),
            "operation_key" => key = text(),
            "operation" => found.task = texts.share(value),
            "interval" => found.interval_ms = ms().unwrap_or(0),
            "call-id" => found.call_id = int().unwrap_or(-1),
            "rc-code" => found.rc = int().and_then(|n| i32::try_from(n).ok()).unwrap_or(-1),
            "op-status" => {
                found.status = int().map_or(ExecStatus::Unknown, ExecStatus::from_number);
            }
            "transition-key" => {
                found.target_rc = TransitionKey::parse(value).map_or(-1, |key| key.target_rc);
            }
            "transition-magic" => found.transition_magic = text(),
            "on_node" => found.on_node = Some(texts.share(value)),
            "exit-reason" => found.exit_reason = text(),
            "last-rc-change" => found.last_rc_change = int(),
            "exec-time" => found.exec_time_ms = ms(),
            "queue-time" => found.queue_time_ms = ms(),
            "op-digest" => found.op_digest = Some(texts.share(value)),
            "op-restart-digest" => found.op_restart_digest = text(),
            "op-force-restart" => found.op_force_restart = text(),
            "op-secure-digest" => found.op_secure_digest = text(),
            "op-secure-params" => found.op_secure_params = text(),
            "crm_feature_set" => found.feature_set = Some(texts.share(value)),
            "migrate_source" => found.migrate_source = text(),
            "migrate_target" => found.migrate_target = text(),
            _ => {}
        }
    }
    found.key = key.unwrap_or_else(|| found.id.clone());
    found
}

/// Returns the entries' positions, oldest first.
fn sorted(entries: &[HistoryEntry]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..entries.len()).rev().collect();
    list_sort(&mut order, &mut |a, b| newer(&entries[*a], &entries[*b]));
    order
}

/// Compares the age of two entries: `Greater` where `a` is newer, `Equal` where nothing tells.
pub(super) fn newer(a: &HistoryEntry, b: &HistoryEntry) -> Ordering {
    let same_node = match (&a.on_node, &b.on_node) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a.is_none() && b.is_none(),
    };
    if (same_node && a.id == b.id) || (a.call_id == -1 && b.call_id == -1) {
        return Ordering::Equal;
    }
    if same_node && a.call_id >= 0 && a.call_id < b.call_id {
        return Ordering::Less;
    }
    if same_node && b.call_id >= 0 && a.call_id > b.call_id {
        return Ordering::Greater;
    }
    if a.call_id >= 0 && b.call_id >= 0 && (!same_node || a.call_id == b.call_id) {
        let (time_a, time_b) = (a.last_rc_change.unwrap_or(-1), b.last_rc_change.unwrap_or(-1));
        return if time_a >= 0 && time_a < time_b {
            Ordering::Less
        } else if time_b >= 0 && time_a > time_b {
            Ordering::Greater
        } else {
            Ordering::Equal
        };
    }
    newer_by_transition(a, b)
}

/// Compares where one of the two is pending: its call id says nothing.
fn newer_by_transition(a: &HistoryEntry, b: &HistoryEntry) -> Ordering {
    fn key(entry: &HistoryEntry) -> Option<TransitionKey<'_>> {
        entry.transition_magic.as_deref().and_then(TransitionKey::of_magic)
    }
    let (Some(key_a), Some(key_b)) = (key(a), key(b)) else { return Ordering::Equal };
    let (id_a, id_b) = (key_a.transition, key_b.transition);
    if !key_a.uuid.eq_ignore_ascii_case(key_b.uuid) || id_a == id_b {
        return if b.call_id == -1 {
            Ordering::Less
        } else if a.call_id == -1 {
            Ordering::Greater
        } else {
            Ordering::Equal
        };
    }
    // A transition id of -1 is a shutdown: it always comes last.
    if (id_a >= 0 && id_a < id_b) || id_b == -1 { Ordering::Less } else { Ordering::Greater }
}

/// Returns where the active part of a sorted history begins, and its last successful stop; −1 =
/// nowhere.
pub(crate) fn active_window(history: &LrmResource) -> (i64, i64) {
    let (mut start, mut stop) = (-1_i64, -1_i64);
    let (mut implied_monitor, mut implied_clone) = (-1_i64, -1_i64);
    for (counter, &at) in (0_i64..).zip(&history.sorted) {
        let entry = &history.entries[at];
        match &*entry.task {
            "stop" if entry.status == ExecStatus::Done => stop = counter,
            "start" | "migrate_from" => start = counter,
            "monitor" if implied_monitor <= stop => {
                if matches!(entry.rc, 0 | 8) {
                    implied_monitor = counter;
                }
            }
            "promote" | "demote" => implied_clone = counter,
            _ => {}
        }
    }
    if start == -1 {
        start = if implied_clone == -1 { implied_monitor } else { implied_clone };
    }
    (start, stop)
}

/// Returns true for a probe: a monitor that does not recur.
pub(crate) fn is_probe(entry: &HistoryEntry) -> bool {
    &*entry.task == "monitor" && entry.interval_ms == 0
}

/// Returns true for a failed probe that only says that the resource cannot run there.
///
/// # Source
/// `pcmk_xe_mask_probe_failure()`.
pub fn is_masked_probe(entry: &HistoryEntry) -> bool {
    is_probe(entry) && (matches!(entry.rc, 2 | 5) || entry.status == ExecStatus::NotInstalled)
}

impl Facts {
    /// Returns the history of the resource called `id` on the node called `node_name`.
    pub(crate) fn lrm_resource(&self, id: &str, node_name: &str) -> Option<&LrmResource> {
        let at = self.history_by_node.get(node_name)?.get(id)?;
        self.history.get(*at)
    }

    /// Returns the first entry of an operation; for migrations, the one with that peer.
    pub(super) fn find_op_entry(
        &self,
        id: &str,
        task: &str,
        node_name: &str,
        peer: Option<&str>,
    ) -> Option<&HistoryEntry> {
        self.lrm_resource(id, node_name)?.entries.iter().find(|entry| {
            let recorded = match task {
                "migrate_to" => &entry.migrate_target,
                "migrate_from" => &entry.migrate_source,
                _ => return &*entry.task == task,
            };
            &*entry.task == task && peer.is_none_or(|p| recorded.as_deref() == Some(p))
        })
    }

    /// Returns true where nothing is known of the resource on the node.
    pub(super) fn unknown_on_node(&self, id: &str, node_name: &str) -> bool {
        const OCF_UNKNOWN: i32 = 193;
        !self
            .lrm_resource(id, node_name)
            .is_some_and(|history| history.entries.iter().any(|e| e.rc != OCF_UNKNOWN))
    }

    /// Returns true where a start, stop or migration on the node is newer than `than`.
    pub(super) fn non_monitor_after(&self, id: &str, node_name: &str, than: &HistoryEntry) -> bool {
        let Some(history) = self.lrm_resource(id, node_name) else { return false };
        history.entries.iter().any(|entry| {
            matches!(&*entry.task, "start" | "stop" | "migrate_to" | "migrate_from")
                && newer(entry, than) == Ordering::Greater
        })
    }

    /// Returns true where a monitor after `than` found the resource not running on the node.
    fn monitor_not_running_after(&self, id: &str, node_name: &str, than: &HistoryEntry) -> bool {
        self.find_op_entry(id, "monitor", node_name, None).is_some_and(|monitor| {
            monitor.rc == 7
                && monitor.status == ExecStatus::Done
                && newer(monitor, than) == Ordering::Greater
        })
    }

    /// Returns true where the node's state is newer than the migration.
    pub(super) fn newer_state_after_migrate(
        &self,
        id: &str,
        node_name: &str,
        migrate_to: Option<&HistoryEntry>,
        migrate_from: Option<&HistoryEntry>,
    ) -> bool {
        let Some(mut entry) = migrate_from.or(migrate_to) else { return false };
        let is_source =
            entry.migrate_source.as_deref().is_some_and(|s| s.eq_ignore_ascii_case(node_name));
        if let (true, Some(to), true) = (migrate_from.is_some(), migrate_to, is_source) {
            entry = to;
        }
        self.non_monitor_after(id, node_name, entry)
            || self.monitor_not_running_after(id, node_name, entry)
    }
}

/// Returns true where `entry` is a failure of the operation.
///
/// # Source
/// `is_matched_failure()`.
pub(super) fn is_matched_failure(
    rsc_id: &str,
    op_name: &str,
    interval_ms: u32,
    entry: &HistoryEntry,
) -> bool {
    if entry.interval_ms != interval_ms || !entry.task.eq_ignore_ascii_case(op_name) {
        return false;
    }
    entry.id.eq_ignore_ascii_case(&format!("{rsc_id}_last_failure_0"))
        || (entry.id.eq_ignore_ascii_case(&format!("{rsc_id}_{op_name}_{interval_ms}"))
            && entry.rc != entry.target_rc)
}
