//! Failures that have expired.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c` (`check_operation_expiry()`,
//! `process_expired_result()`).

use cib_model::Role;

use super::failcount::FailCountKind;
use super::history::is_probe;
use super::op_result::{Op, OpReader};
use crate::actions::{DigestVerdict, Need};
use crate::facts::{ClusterFlags, ExecStatus, HistoryEntry, NodeFlags};
use crate::plan::ParamCheck;
use crate::relations::RelationFlags;

impl OpReader<'_> {
    /// Returns true where the entry is a failure that does not count any more; may make the
    /// action that clears the fail count.
    pub(super) fn check_expiry(&mut self, op: &Op<'_>) -> bool {
        let entry = op.entry;
        if op.status == ExecStatus::NotInstalled {
            return false;
        }
        let is_last_failure = entry.id.ends_with("_last_failure_0");
        let facts = &self.plan.facts.rscs[self.rsc];
        let reconnects = facts.remote_reconnect_ms > 0;
        let expiration_s = i64::from(facts.failure_expiration_ms.div_ceil(1000));
        let (mut expired, mut unexpired_count) = (false, 0);
        if let (true, Some(last_run)) = (expiration_s > 0, entry.last_rc_change) {
            let now = self.plan.facts.now;
            expired = now >= last_run + expiration_s && !self.ignores_timeout(entry);
            let kind = FailCountKind { effective: true, launched: false };
            let count = self.plan.fail_count(self.node, self.rsc, kind, Some(entry));
            unexpired_count = count.count;
            let recheck = count.last_failure + expiration_s + 1;
            if unexpired_count != 0 && now < recheck {
                self.plan.recheck_at(recheck);
            }
        }
        let mut clear = false;
        if expired {
            let kind = FailCountKind::default();
            let count = self.plan.fail_count(self.node, self.rsc, kind, Some(entry)).count;
            if count != 0 && unexpired_count == 0 {
                clear = true;
            } else if count != 0 {
                expired = false;
            } else if is_last_failure && reconnects {
                clear = true;
            }
        }
        if !expired && is_last_failure && self.parameters_changed(op) {
            clear = true;
        }
        if clear {
            self.clear_fail_count();
        }
        let normal_probe = is_probe(entry) && matches!(op.rc, 0 | 7 | 8 | 190 | 191);
        expired && !normal_probe
    }

    fn clear_fail_count(&mut self) {
        let clear = self.plan.clear_failcount(self.rsc, self.node);
        let fencing = self.plan.facts.options.has(ClusterFlags::FENCING_ENABLED);
        if !fencing || self.plan.facts.rscs[self.rsc].remote_reconnect_ms == 0 {
            return;
        }
        let id = &self.plan.facts.rscs[self.rsc].id;
        if let Some(remote) = self.plan.facts.node_by_name(id) {
            let fence = self.plan.fence_op(remote, None, Need::Optional, None, false);
            self.plan.actions.order(fence, clear, RelationFlags::FIRST_IMPLIES_THEN);
        }
    }

    /// Returns true where a failed monitor of a remote connection is kept until the node has been
    /// fenced.
    fn ignores_timeout(&self, entry: &HistoryEntry) -> bool {
        let facts = &self.plan.facts;
        facts.rscs[self.rsc].remote_reconnect_ms > 0
            && facts.options.has(ClusterFlags::FENCING_ENABLED)
            && entry.interval_ms != 0
            && entry.task.eq_ignore_ascii_case("monitor")
            && facts
                .node_by_name(&facts.rscs[self.rsc].id)
                .is_some_and(|n| !self.plan.nodes[n].has(NodeFlags::REMOTE_FENCED))
    }

    /// Returns true where the failure was with other parameters than those of now.
    fn parameters_changed(&mut self, op: &Op<'_>) -> bool {
        if !matches!(&*op.entry.task, "start" | "monitor") {
            return false;
        }
        if self.plan.needs_bundle_remote_name(self.rsc) {
            // The address is known only once the container has been assigned.
            self.plan.param_checks.push(ParamCheck {
                rsc: self.rsc,
                node: self.node,
                history: self.history,
                entry: op.position,
                check: crate::actions::CheckFor::LastFailure,
            });
            return false;
        }
        let verdict = self.plan.compare_digest(self.rsc, op.entry, self.node).verdict;
        !matches!(verdict, DigestVerdict::Match | DigestVerdict::Unknown)
    }

    /// Handles the result of an expired entry; returns true where nothing is left to do with it.
    pub(super) fn is_done_as_expired(&mut self, op: &Op<'_>, old_rc: i32) -> bool {
        let entry = op.entry;
        if self.is_masked(entry) && old_rc != entry.target_rc {
            if *self.role() <= Role::Stopped {
                *self.role() = Role::Unknown;
            }
            return true;
        }
        if op.rc == entry.target_rc {
            return false;
        }
        if entry.interval_ms == 0 {
            return true;
        }
        let node = &self.plan.nodes[self.node];
        if node.online && !node.unclean {
            self.plan.facts.history[self.history].rescheduled.push(op.position);
            return true;
        }
        false
    }
}
