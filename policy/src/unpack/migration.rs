//! What the history of migrations says of where a resource is.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c` (`unpack_migrate_to_success()`,
//! `unpack_migrate_to_failure()`, `unpack_migrate_from_failure()`).

use cib_model::Role;

use super::op_result::OpReader;
use super::running;
use crate::facts::{ExecStatus, HistoryEntry, RscFlags};
use crate::index::NodeIdx;

/// Names of a migration's two nodes.
struct Peers<'e> {
    source: &'e str,
    target: &'e str,
}

impl<'e> Peers<'e> {
    fn read(entry: &'e HistoryEntry) -> Option<Self> {
        Some(Peers {
            source: entry.migrate_source.as_deref()?,
            target: entry.migrate_target.as_deref()?,
        })
    }
}

impl OpReader<'_> {
    fn is_me(&self, name: &str) -> bool {
        self.plan.facts.nodes[self.node].name.eq_ignore_ascii_case(name)
    }

    fn online_node(&self, name: &str) -> Option<NodeIdx> {
        self.plan.facts.node_by_name(name).filter(|n| self.plan.nodes[*n].online)
    }

    fn fail_and_forbid_migration(&mut self) {
        let flags = &mut self.plan.rscs[self.rsc].flags;
        *flags |= RscFlags::FAILED | RscFlags::STOP_IF_FAILED;
        *flags -= RscFlags::MIGRATABLE;
    }

    pub(super) fn migrate_to_success(&mut self, entry: &HistoryEntry) {
        let Some(peers) = Peers::read(entry).filter(|p| self.is_me(p.source)) else { return };
        let facts = &self.plan.facts;
        let id = facts.rscs[self.rsc].id.clone();
        let source_newer = facts.non_monitor_after(&id, peers.source, entry);
        let from = facts.find_op_entry(&id, "migrate_from", peers.target, Some(peers.source));
        if from.is_some() && source_newer {
            return;
        }
        let (from_rc, from_status) =
            from.map_or((0, ExecStatus::Pending), |from| (from.rc, from.status));
        let target_newer = facts.newer_state_after_migrate(&id, peers.target, Some(entry), from);
        if source_newer && target_newer {
            return;
        }
        if from_rc == 0 && from_status == ExecStatus::Done {
            *self.role() = Role::Stopped;
            self.plan.rscs[self.rsc].dangling_migration_sources.insert(0, self.node);
            return;
        }
        *self.role() = Role::Started;
        let online_target = self.online_node(peers.target);
        let active_on_target = online_target.filter(|_| !target_newer);
        if from_status != ExecStatus::Pending {
            match active_on_target {
                Some(target) => running::add(self.plan, self.rsc, target, true),
                None => self.fail_and_forbid_migration(),
            }
            return;
        }
        if online_target.is_some() && self.plan.facts.unknown_on_node(&id, peers.target) {
            return;
        }
        if let Some(target) = active_on_target {
            let source = self.online_node(peers.source);
            running::add(self.plan, self.rsc, target, false);
            if source.is_some() {
                let state = &mut self.plan.rscs[self.rsc];
                state.partial_migration_target = Some(target);
                state.partial_migration_source = source;
            }
        } else if !source_newer {
            self.fail_and_forbid_migration();
        }
    }

    pub(super) fn migrate_to_failure(&mut self, entry: &HistoryEntry) {
        let Some(peers) = Peers::read(entry).filter(|p| self.is_me(p.source)) else { return };
        *self.role() = Role::Started;
        let facts = &self.plan.facts;
        let id = facts.rscs[self.rsc].id.clone();
        let from = facts
            .find_op_entry(&id, "migrate_from", peers.target, Some(peers.source))
            .filter(|from| from.rc == 0 && from.status == ExecStatus::Done);
        let active_on_target = !facts.unknown_on_node(&id, peers.target)
            && !facts.newer_state_after_migrate(&id, peers.target, Some(entry), from);
        if active_on_target {
            if let Some(target) = self.online_node(peers.target) {
                running::add(self.plan, self.rsc, target, false);
            }
        } else if !facts.non_monitor_after(&id, peers.source, entry) {
            self.plan.rscs[self.rsc].dangling_migration_sources.insert(0, self.node);
        }
    }

    pub(super) fn migrate_from_failure(&mut self, entry: &HistoryEntry) {
        let Some(peers) = Peers::read(entry).filter(|p| self.is_me(p.target)) else { return };
        *self.role() = Role::Started;
        let facts = &self.plan.facts;
        let id = facts.rscs[self.rsc].id.clone();
        let to = facts
            .find_op_entry(&id, "migrate_to", peers.source, Some(peers.target))
            .filter(|to| to.rc == 0 && to.status == ExecStatus::Done);
        if !facts.unknown_on_node(&id, peers.source)
            && !facts.newer_state_after_migrate(&id, peers.source, to, Some(entry))
            && let Some(source) = self.online_node(peers.source)
        {
            running::add(self.plan, self.rsc, source, true);
        }
    }
}
