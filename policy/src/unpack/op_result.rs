//! What one entry of the history says of a resource's state.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c` (`unpack_rsc_op()`, `remap_operation()`,
//! `update_resource_state()`, `process_pending_action()`, `unpack_rsc_op_failure()`).

use cib_model::Role;

use super::history::{is_masked_probe, is_probe};
use super::location;
use crate::actions::{Need, Task};
use crate::facts::{ClusterFlags, ExecStatus, FailedOp, HistoryEntry, OnFail, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::MINUS_INFINITY;
use crate::trace::Reason;

/// Highest exit status that is one.
const EXIT_MAX: i32 = 255;

/// Reads the entries of one resource on one node, oldest first.
pub(super) struct OpReader<'a> {
    pub(super) plan: &'a mut Plan,
    pub(super) rsc: RscIdx,
    pub(super) node: NodeIdx,
    /// Position in `Facts::history`.
    pub(super) history: usize,
    /// Response to the worst failure that counts.
    pub(super) on_fail: OnFail,
    /// The last failure seen.
    pub(super) last_failure: Option<HistoryEntry>,
}

/// An entry, with its result as it is understood.
pub(super) struct Op<'e> {
    pub(super) entry: &'e HistoryEntry,
    pub(super) position: usize,
    pub(super) status: ExecStatus,
    pub(super) rc: i32,
}

impl<'a> OpReader<'a> {
    pub(super) fn new(plan: &'a mut Plan, rsc: RscIdx, node: NodeIdx, history: usize) -> Self {
        OpReader { plan, rsc, node, history, on_fail: OnFail::Ignore, last_failure: None }
    }

    pub(super) fn role(&mut self) -> &mut Role {
        &mut self.plan.rscs[self.rsc].orig_role
    }

    pub(super) fn has(&self, flag: RscFlags) -> bool {
        self.plan.rscs[self.rsc].has(flag)
    }

    /// Returns true where a probe's failure counts as "not running".
    pub(super) fn is_masked(&self, entry: &HistoryEntry) -> bool {
        !self.plan.is_bundled(self.rsc) && is_masked_probe(entry)
    }

    /// Applies one entry.
    pub(super) fn read(&mut self, entry: &HistoryEntry, position: usize) {
        const RELEVANT: [&str; 8] = [
            "monitor",
            "start",
            "stop",
            "promote",
            "demote",
            "migrate_to",
            "migrate_from",
            "asyncmon",
        ];
        let bad_status = matches!(entry.status, ExecStatus::Unknown | ExecStatus::Cancelled);
        if entry.id.is_empty()
            || !RELEVANT.contains(&&*entry.task)
            || bad_status
            || !(0..=EXIT_MAX).contains(&entry.rc)
        {
            return;
        }
        let mut op = Op { entry, position, status: entry.status, rc: entry.rc };
        let expired = self.check_expiry(&op);
        let old_rc = op.rc;
        self.remap(&mut op, expired);
        if expired && self.is_done_as_expired(&op, old_rc) {
            return;
        }
        if self.is_masked(entry) {
            self.mask_probe_failure(&op);
            return;
        }
        match op.status {
            ExecStatus::Pending => self.pending(&op),
            ExecStatus::Done => self.update_state(&op, op.rc),
            _ => self.failure(&op),
        }
    }

    /// Returns the resource whose placement a failure concerns: the clone for its anonymous
    /// instances.
    fn placed(&self) -> RscIdx {
        if self.has(RscFlags::UNIQUE) {
            self.rsc
        } else {
            self.plan.facts.top_below_bundle(self.rsc)
        }
    }

    fn ban(&mut self, rsc: RscIdx) {
        location::on_node(self.plan, rsc, self.node, MINUS_INFINITY, Reason::FailedOperation);
    }

    fn mask_probe_failure(&mut self, op: &Op<'_>) {
        let placed = self.placed();
        self.update_state(op, op.entry.target_rc);
        self.record_failed(op);
        self.ban(placed);
    }

    /// Handles a result that is neither pending nor done.
    fn failure(&mut self, op: &Op<'_>) {
        let placed = self.placed();
        let entry = op.entry;
        if op.status == ExecStatus::NotConnected
            && self.plan.facts.is_pacemaker_remote(self.node)
            && let Some(remote) = self.plan.facts.nodes[self.node].remote
            && self.plan.rscs[remote].has(RscFlags::MANAGED)
        {
            self.plan.rscs[remote].flags |= RscFlags::FAILED | RscFlags::STOP_IF_FAILED;
        }
        let (response, fail_role) = self.configured_response(entry);
        if op.status == ExecStatus::NotInstalled {
            if response == OnFail::Ignore {
                self.on_fail = OnFail::Ban;
            }
            self.ban(placed);
            self.apply_failure(op, response, fail_role);
            return;
        }
        let is_container_stop = response == OnFail::RestartContainer && &*entry.task == "stop";
        if response == OnFail::Ignore || is_container_stop {
            self.update_state(op, entry.target_rc);
            self.plan.rscs[self.rsc].flags |= RscFlags::IGNORE_FAILURE;
            self.record_failed(op);
            if response == OnFail::RestartContainer && self.on_fail <= OnFail::Restart {
                self.on_fail = response;
            }
            return;
        }
        self.apply_failure(op, response, fail_role);
        match op.status {
            ExecStatus::ErrorHard => self.ban(placed),
            ExecStatus::ErrorFatal => {
                location::everywhere(self.plan, placed, MINUS_INFINITY, Reason::FatalFailure);
            }
            _ => {}
        }
    }

    fn configured_response(&mut self, entry: &HistoryEntry) -> (OnFail, Role) {
        let (rsc, task, interval_ms) = (self.rsc, &*entry.task, entry.interval_ms);
        let op = self.plan.find_op(rsc, task, interval_ms, true);
        let meta = self.plan.op_meta(rsc, Some(self.node), task, interval_ms, op);
        let response = self.plan.op_on_fail(rsc, task, interval_ms, meta.get("on-fail"));
        (response, self.plan.role_after_failure(rsc, task, response))
    }

    /// Remembers a failure for display; one per operation and node, online nodes only.
    pub(super) fn record_failed(&mut self, op: &Op<'_>) {
        if !self.plan.nodes[self.node].online {
            return;
        }
        let facts = &self.plan.facts;
        let known = facts.failed.iter().any(|failed| {
            failed.node == self.node && facts.failed_entry(failed).key == op.entry.key
        });
        if known {
            return;
        }
        let (node, rsc, history, entry) = (self.node, self.rsc, self.history, op.position);
        self.plan.facts.failed.push(FailedOp { node, rsc, history, entry });
    }

    /// Understands the result by what was expected.
    fn remap(&mut self, op: &mut Op<'_>, expired: bool) {
        let entry = op.entry;
        let effective = match op.rc {
            190 => 0,
            191 => 8,
            rc => rc,
        };
        if effective != op.rc {
            op.rc = effective;
            let node = &self.plan.nodes[self.node];
            if !expired && (!node.shutdown || node.online) {
                self.record_failed(op);
            }
        }
        if self.is_masked(entry) && (op.status != ExecStatus::Done || op.rc != 7) {
            op.status = ExecStatus::Done;
            op.rc = 7;
        }
        match op.status {
            ExecStatus::Done | ExecStatus::Error => {}
            ExecStatus::NoFenceDevice | ExecStatus::NoSecrets => {
                op.status = ExecStatus::ErrorHard;
                return;
            }
            _ => return,
        }
        op.status = if entry.target_rc >= 0 && op.rc == entry.target_rc {
            ExecStatus::Done
        } else {
            ExecStatus::Error
        };
        self.remap_by_rc(op, expired);
    }

    fn remap_by_rc(&mut self, op: &mut Op<'_>, expired: bool) {
        let entry = op.entry;
        let probe = is_probe(entry);
        match op.rc {
            0 if probe && entry.target_rc == 7 => op.status = ExecStatus::Done,
            0 => {}
            7 => {
                if probe || entry.target_rc == op.rc || !self.has(RscFlags::MANAGED) {
                    op.status = ExecStatus::Done;
                    *self.role() = Role::Stopped;
                    self.on_fail = OnFail::Ignore;
                    self.plan.rscs[self.rsc].next_role = Role::Unknown;
                }
            }
            8 => {
                if probe && op.rc != entry.target_rc {
                    op.status = ExecStatus::Done;
                }
                if !expired || op.rc == entry.target_rc {
                    *self.role() = Role::Promoted;
                }
            }
            9 => {
                if !expired {
                    *self.role() = Role::Promoted;
                }
                op.status = ExecStatus::Error;
            }
            6 => op.status = ExecStatus::ErrorFatal,
            3 if entry.interval_ms > 0 => op.status = ExecStatus::NotSupported,
            2..=5 => {
                if !expired {
                    self.block_if_unrecoverable(entry);
                }
                op.status = ExecStatus::ErrorHard;
            }
            _ => {
                if op.status == ExecStatus::Done {
                    op.status = ExecStatus::Error;
                }
            }
        }
    }

    fn block_if_unrecoverable(&mut self, entry: &HistoryEntry) {
        if &*entry.task == "stop" && !self.plan.can_fence(Some(self.node)) {
            self.plan.rscs[self.rsc].flags -= RscFlags::MANAGED;
            self.plan.rscs[self.rsc].flags |= RscFlags::BLOCKED;
        }
    }

    /// Takes over what a successful operation says of the role.
    fn update_state(&mut self, op: &Op<'_>, rc: i32) {
        let entry = op.entry;
        let mut clears_failure = false;
        if rc == 5 || self.is_masked(entry) {
            *self.role() = Role::Stopped;
        } else if rc == 7 {
            clears_failure = true;
        } else {
            match &*entry.task {
                "monitor" => {
                    clears_failure =
                        self.last_failure.as_ref().is_some_and(|last| last.key == entry.key);
                    self.set_active_if_not();
                }
                "start" | "migrate_from" => {
                    *self.role() = Role::Started;
                    clears_failure = true;
                }
                "stop" => {
                    *self.role() = Role::Stopped;
                    clears_failure = true;
                }
                "promote" => {
                    *self.role() = Role::Promoted;
                    clears_failure = true;
                }
                "demote" => {
                    clears_failure = self.on_fail == OnFail::Demote;
                    *self.role() = Role::Unpromoted;
                }
                "migrate_to" => self.migrate_to_success(entry),
                _ => self.set_active_if_not(),
            }
        }
        if clears_failure {
            self.clear_past_failure();
        }
    }

    fn clear_past_failure(&mut self) {
        let keeps = match self.on_fail {
            OnFail::Stop | OnFail::Ban | OnFail::StandbyNode | OnFail::FenceNode => true,
            OnFail::ResetRemote => self.plan.facts.rscs[self.rsc].remote_reconnect_ms != 0,
            _ => false,
        };
        if !keeps {
            self.on_fail = OnFail::Ignore;
            self.plan.rscs[self.rsc].next_role = Role::Unknown;
        }
    }

    fn set_active(&mut self) {
        let top = self.plan.facts.top_below_bundle(self.rsc);
        let promotable = self.plan.rscs[top].has(RscFlags::PROMOTABLE);
        *self.role() = if promotable { Role::Unpromoted } else { Role::Started };
    }

    fn set_active_if_not(&mut self) {
        if *self.role() < Role::Started {
            self.set_active();
        }
    }

    fn pending(&mut self, op: &Op<'_>) {
        let entry = op.entry;
        if self.failure_is_newer(entry) {
            return;
        }
        match &*entry.task {
            "start" => {
                self.plan.rscs[self.rsc].flags |= RscFlags::START_PENDING;
                self.set_active();
            }
            "promote" => *self.role() = Role::Promoted,
            "migrate_to" if self.plan.nodes[self.node].unclean => {
                let target = entry.migrate_target.as_deref();
                if let Some(target) = target.and_then(|t| self.plan.facts.node_by_name(t)) {
                    self.plan.ensure_once(self.rsc, Task::Stop, Some(target), Need::Required);
                }
            }
            _ => {}
        }
        let state = &mut self.plan.rscs[self.rsc];
        if state.pending_action.is_none() && !is_probe(entry) {
            state.pending_action = Some((&*entry.task).into());
            state.pending_node = Some(self.node);
        }
    }

    /// Returns true where the last failure is of the same operation and newer.
    fn failure_is_newer(&self, entry: &HistoryEntry) -> bool {
        let Some(last) = &self.last_failure else { return false };
        last.task == entry.task
            && last.interval_ms == entry.interval_ms
            && matches!(
                (entry.last_rc_change, last.last_rc_change),
                (Some(this), Some(failure)) if failure >= this
            )
    }

    fn apply_failure(&mut self, op: &Op<'_>, response: OnFail, fail_role: Role) {
        let entry = op.entry;
        self.last_failure = Some(entry.clone());
        let symmetric = self.plan.facts.options.has(ClusterFlags::SYMMETRIC_CLUSTER);
        if symmetric || op.rc != 5 {
            self.record_failed(op);
        }
        self.on_fail = self.on_fail.max(response);
        match &*entry.task {
            "stop" => self.ban(self.rsc),
            "migrate_to" => self.migrate_to_failure(entry),
            "migrate_from" => self.migrate_from_failure(entry),
            "promote" => *self.role() = Role::Promoted,
            "demote" if response == OnFail::Block => {
                *self.role() = Role::Promoted;
                self.plan.rscs[self.rsc].next_role = Role::Stopped;
            }
            "demote" if op.rc == 7 => *self.role() = Role::Stopped,
            "demote" => *self.role() = Role::Unpromoted,
            _ => {}
        }
        if is_probe(entry) && op.rc == 5 {
            *self.role() = Role::Stopped;
        } else {
            self.set_active_if_not();
        }
        let next = &mut self.plan.rscs[self.rsc].next_role;
        if fail_role != Role::Started && *next < fail_role {
            *next = fail_role;
        }
        if fail_role == Role::Stopped {
            let top = self.plan.facts.top_below_bundle(self.rsc);
            let banned = if self.plan.is_anonymous_clone(top) { top } else { self.rsc };
            location::ban_everywhere(self.plan, banned, Reason::FatalFailure);
        }
    }
}
