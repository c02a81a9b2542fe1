//! What the configuration makes of recorded actions: restarts, reloads, cancellations, cleaning.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_actions.c`
//! (`pcmk__handle_rsc_config_changes()`, `pcmk__check_action_config()`), `pcmk_scheduler.c`
//! (`check_params()`, `clear_failcounts_if_removed()`), `pcmk_sched_resource.c`
//! (`pcmk__rsc_agent_changed()`).

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::digest::{DigestVerdict, OpDigests};
use super::ensure::Need;
use super::graph::ActionFlags as F;
use super::key::{ActionKey, Task};
use crate::facts::{ClusterFlags, HistoryEntry, LrmResource, RscFlags};
use crate::index::{Idx as _, NodeIdx, RscIdx};
use crate::plan::{ParamCheck, Plan};
use crate::relations::{End, RelationFlags as R};
use crate::unpack::failcount::FailCountKind;
use crate::unpack::history::active_window;

/// Why an entry's parameters are compared only after assignment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckFor {
    /// A recorded action that is still in effect.
    Active,
    /// A recorded failure.
    LastFailure,
}

impl Plan {
    /// Compares all recorded actions with the configuration.
    ///
    /// # Source
    /// `pcmk__handle_rsc_config_changes()`
    pub fn handle_rsc_config_changes(&mut self) {
        let history = std::mem::take(&mut self.facts.history);
        let by_id = self.primitives_by_id();
        let mut of_node: Vec<Vec<usize>> = vec![Vec::new(); self.facts.nodes.len()];
        for (at, lrm) in history.iter().enumerate() {
            if let Some(node) = lrm.node.filter(|_| !lrm.entries.is_empty()) {
                of_node[node.index()].push(at);
            }
        }
        for node in self.facts.node_order.clone() {
            if !self.nodes[node].maintenance && !self.is_node_available(node) {
                continue;
            }
            // The reference looks here by name: a node that was renamed has no history yet.
            if !self.facts.history_by_node.contains_key(&self.facts.nodes[node].name) {
                continue;
            }
            for &at in &of_node[node.index()] {
                let lrm = &history[at];
                for &rsc in by_id.get(&lrm.id).map_or(&[][..], Vec::as_slice) {
                    self.check_rsc_history(lrm, at, rsc, node);
                }
            }
        }
        self.facts.history = history;
    }

    /// Returns the primitives by each id they are known by here or in the history, last in list
    /// order first.
    ///
    /// # Source
    /// `pcmk__rscs_matching_id()`
    fn primitives_by_id(&self) -> FxHashMap<Box<str>, Vec<RscIdx>> {
        let mut found = FxHashMap::default();
        for &top in self.facts.top.iter().rev() {
            self.collect_by_id(top, &mut found);
        }
        found
    }

    fn collect_by_id(&self, rsc: RscIdx, found: &mut FxHashMap<Box<str>, Vec<RscIdx>>) {
        for &child in self.rscs[rsc].children.iter().rev() {
            self.collect_by_id(child, found);
        }
        if !self.is_primitive(rsc) {
            return;
        }
        let id = &self.facts.rscs[rsc].id;
        found.entry(id.clone()).or_default().push(rsc);
        if let Some(other) = self.rscs[rsc].history_id.as_ref().filter(|other| *other != id) {
            found.entry(other.clone()).or_default().push(rsc);
        }
    }

    /// # Source
    /// `process_rsc_history()`
    fn check_rsc_history(&mut self, lrm: &LrmResource, at: usize, rsc: RscIdx, node: NodeIdx) {
        if self.rsc_has(rsc, RscFlags::REMOVED) {
            let top = self.facts.top_below_bundle(rsc);
            if !self.is_anonymous_clone(top) {
                self.schedule_cleanup(rsc, node);
            }
            return;
        }
        let is_active = self.rscs[rsc].active.contains(&node);
        if self.agent_changed(lrm, rsc, node, is_active) {
            self.schedule_cleanup(rsc, node);
        }
        if !is_active {
            return;
        }
        let (start, stop) = active_window(lrm);
        if start < stop {
            return;
        }
        let maintained = self.rsc_has(rsc, RscFlags::MAINTENANCE) || self.nodes[node].maintenance;
        for (offset, &position) in (0_i64..).zip(&lrm.sorted) {
            let Some(entry) = lrm.entries.get(position).filter(|_| offset >= start) else {
                continue;
            };
            let mut entry = Cow::Borrowed(entry);
            if lrm.rescheduled.contains(&position) {
                // COMPAT(pacemaker 3.x, unpack.c): an expired failure of a recurring action is
                // made to look like a change of parameters that needs a restart.
                entry.to_mut().op_restart_digest = Some("calculated-failure-timeout".into());
            }
            let task = self.actions.task_names.task(&entry.task);
            if entry.interval_ms > 0 && maintained {
                let recorded = (entry.interval_ms, entry.call_id);
                self.cancel_recorded(rsc, task, recorded, node);
            } else if entry.interval_ms > 0
                || matches!(task, Task::Monitor | Task::Start | Task::Promote | Task::MigrateFrom)
            {
                if self.needs_bundle_remote_name(rsc) {
                    let check = CheckFor::Active;
                    self.param_checks.push(ParamCheck {
                        rsc,
                        node,
                        history: at,
                        entry: position,
                        check,
                    });
                } else {
                    self.check_active_entry(rsc, node, &entry);
                }
            }
        }
    }

    fn check_active_entry(&mut self, rsc: RscIdx, node: NodeIdx, entry: &HistoryEntry) {
        if self.check_action_config(rsc, node, entry) && self.has_failed(node, rsc) {
            self.clear_failcount(rsc, node);
        }
    }

    fn has_failed(&mut self, node: NodeIdx, rsc: RscIdx) -> bool {
        let kind = FailCountKind { effective: true, launched: false };
        self.fail_count(node, rsc, kind, None).count != 0
    }

    /// Compares what had to wait for assignment.
    ///
    /// # Source
    /// `check_params()`
    pub fn check_deferred_params(&mut self) {
        let checks = std::mem::take(&mut self.param_checks);
        let history = std::mem::take(&mut self.facts.history);
        for check in checks {
            let entry = history.get(check.history).and_then(|h| h.entries.get(check.entry));
            let Some(entry) = entry else { continue };
            match check.check {
                CheckFor::Active => self.check_active_entry(check.rsc, check.node, entry),
                CheckFor::LastFailure => {
                    let digests = self.compare_digest(check.rsc, entry, check.node);
                    if matches!(digests.verdict, DigestVerdict::Mismatch | DigestVerdict::Restart) {
                        self.clear_failcount(check.rsc, check.node);
                    }
                }
            }
        }
        self.facts.history = history;
    }

    /// Clears the fail counts of removed resources.
    ///
    /// # Source
    /// `clear_failcounts_if_removed()`
    pub fn clear_removed_failcounts(&mut self) {
        if !self.cluster_has(ClusterFlags::STOP_REMOVED_RESOURCES) {
            return;
        }
        for rsc in self.facts.top.clone() {
            if !self.rsc_has(rsc, RscFlags::REMOVED) {
                continue;
            }
            for node in self.facts.node_order.clone() {
                if self.nodes[node].online && self.has_failed(node, rsc) {
                    let clear = self.clear_failcount(rsc, node);
                    self.order(End::action(clear), End::task(rsc, Task::Stop), R::ORDERED);
                }
            }
        }
    }

    /// Returns true where the agent differs from the recorded one; an active resource is then
    /// stopped.
    ///
    /// # Source
    /// `pcmk__rsc_agent_changed()`
    fn agent_changed(
        &mut self,
        lrm: &LrmResource,
        rsc: RscIdx,
        node: NodeIdx,
        is_active: bool,
    ) -> bool {
        let facts = &self.facts.rscs[rsc];
        let changes = usize::from(facts.agent != lrm.agent)
            + usize::from(facts.class != lrm.class)
            + usize::from(facts.provider != lrm.provider);
        for _ in 0..changes {
            self.trigger_unfencing(Some(rsc), Some(node), "Device definition changed", None);
        }
        if changes > 0 && is_active {
            self.ensure_once(rsc, Task::Stop, Some(node), Need::Required);
            self.rscs[rsc].flags |= RscFlags::START_PENDING;
        }
        changes > 0
    }

    /// Compares one recorded action with the configuration and schedules what follows from a
    /// difference; returns true where there is one.
    ///
    /// # Source
    /// `pcmk__check_action_config()`
    fn check_action_config(&mut self, rsc: RscIdx, node: NodeIdx, entry: &HistoryEntry) -> bool {
        let interval_ms = entry.interval_ms;
        if interval_ms > 0 && self.find_op(rsc, &entry.task, interval_ms, false).is_none() {
            if self.cluster_has(ClusterFlags::CANCEL_REMOVED_ACTIONS) {
                let task = self.actions.task_names.task(&entry.task);
                self.cancel_recorded(rsc, task, (interval_ms, entry.call_id), node);
            }
            return true;
        }
        let digests = self.compare_digest(rsc, entry, node);
        if self.is_only_private_changed(entry, &digests) {
            let task = task_for_digest(&entry.task, interval_ms);
            let magic = entry.transition_magic.as_deref().unwrap_or("(null)");
            self.trace.note(format!(
                "Only 'private' parameters to {}-interval {task} for {} on {} changed: {magic}",
                readable_interval(interval_ms),
                self.facts.rscs[rsc].id,
                self.facts.nodes[node].name,
            ));
            return false;
        }
        match digests.verdict {
            DigestVerdict::Match => false,
            DigestVerdict::Restart => {
                self.force_restart(rsc, &entry.task, interval_ms, node);
                true
            }
            DigestVerdict::Unknown | DigestVerdict::Mismatch => {
                if interval_ms > 0 {
                    self.reschedule_recurring(rsc, &entry.task, interval_ms, node);
                } else if entry.op_restart_digest.is_some() {
                    let reason = "Device parameters changed (reload)";
                    self.trigger_unfencing(Some(rsc), Some(node), reason, None);
                    self.schedule_reload(rsc, node);
                } else {
                    self.force_restart(rsc, &entry.task, interval_ms, node);
                }
                true
            }
        }
    }

    /// # Source
    /// `only_sanitized_changed()`
    fn is_only_private_changed(&self, entry: &HistoryEntry, digests: &OpDigests) -> bool {
        self.cluster_has(ClusterFlags::SANITIZED)
            && digests.verdict != DigestVerdict::Match
            && entry.op_secure_digest.is_some()
            && digests.secure.as_deref() == entry.op_secure_digest.as_deref()
    }

    fn force_restart(&mut self, rsc: RscIdx, task: &str, interval_ms: u32, node: NodeIdx) {
        let task = self.actions.task_names.task(task_for_digest(task, interval_ms));
        let key = ActionKey::recurring(task, interval_ms);
        let required = self.ensure_action(rsc, key, task, None, Need::Required);
        self.actions[required].set_reason(Some("resource definition change"), true);
        self.trigger_unfencing(Some(rsc), Some(node), "Device parameters changed", None);
    }

    fn schedule_reload(&mut self, rsc: RscIdx, node: NodeIdx) {
        if !self.rsc_has(rsc, RscFlags::MANAGED) || self.rsc_has(rsc, RscFlags::FAILED) {
            return;
        }
        if self.rsc_has(rsc, RscFlags::START_PENDING) {
            self.ensure_once(rsc, Task::Stop, Some(node), Need::Required);
            return;
        }
        self.rscs[rsc].flags |= RscFlags::RELOAD;
        let reload = self.ensure_once(rsc, Task::ReloadAgent, Some(node), Need::Required);
        self.actions[reload].set_reason(Some("resource definition change"), false);
        for undo in [Task::Stop, Task::Demote] {
            self.order(
                End::action(reload),
                End::task(rsc, undo),
                R::ORDERED | R::THEN_CANCELS_FIRST,
            );
        }
    }

    /// # Source
    /// `pcmk__reschedule_recurring()`
    fn reschedule_recurring(&mut self, rsc: RscIdx, task: &str, interval_ms: u32, node: NodeIdx) {
        let reason = "Device parameters changed (reschedule)";
        self.trigger_unfencing(Some(rsc), Some(node), reason, None);
        let task = self.actions.task_names.task(task);
        let key = ActionKey::recurring(task, interval_ms);
        let op = self.ensure_action(rsc, key, task, Some(node), Need::Optional);
        self.actions[op].flags |= F::RESCHEDULE;
    }
}

fn task_for_digest(task: &str, interval_ms: u32) -> &str {
    match task {
        "monitor" | "migrate_from" | "promote" if interval_ms == 0 => "start",
        other => other,
    }
}

/// Returns an interval as `1m10s`, `500ms`, `0s`.
///
/// # Source
/// `pcmk__readable_interval()`
fn readable_interval(interval_ms: u32) -> String {
    if interval_ms == 0 {
        return "0s".to_owned();
    }
    let mut rest = interval_ms;
    let mut text = String::new();
    for (unit_ms, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m")] {
        if rest >= unit_ms {
            text.push_str(&format!("{}{unit}", rest / unit_ms));
            rest %= unit_ms;
        }
    }
    if rest > 0 {
        text.push_str(&(rest / 1000).to_string());
        if !rest.is_multiple_of(1000) {
            text.push_str(&format!(".{:03}", rest % 1000));
        }
        text.push('s');
    }
    text
}
