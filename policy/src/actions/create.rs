//! The actions a resource needs for its role and node.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_primitive.c`
//! (`pcmk__primitive_create_actions()`), `pcmk_sched_migration.c`.

use super::ensure::Need;
use super::graph::ActionFlags as F;
use super::key::Task;
use super::roles;
use crate::facts::{MultiplyActive, Role, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::RelationFlags as R;

impl Plan {
    /// Makes all actions of all resources, in the order of the resource list.
    pub fn create_actions(&mut self) {
        for rsc in self.facts.top.clone() {
            self.create_actions_of(rsc);
        }
    }

    /// Makes the actions of a resource and its members.
    pub(crate) fn create_actions_of(&mut self, rsc: RscIdx) {
        match self.variant(rsc) {
            Variant::Primitive => self.create_primitive_actions(rsc),
            Variant::Group => self.create_group_actions(rsc),
            Variant::Clone => self.create_clone_actions(rsc),
            Variant::Bundle => self.create_bundle_actions(rsc),
        }
    }

    fn create_primitive_actions(&mut self, rsc: RscIdx) {
        if self.rscs[rsc].next_role == Role::Unknown {
            let assigned = self.rscs[rsc].assigned.is_some();
            self.set_next_role(rsc, if assigned { Role::Started } else { Role::Stopped });
        }
        let active = self.active_node(rsc);
        let current = active.node;
        for source in self.rscs[rsc].dangling_migration_sources.clone() {
            let stop = self.ensure_once(rsc, Task::Stop, Some(source), Need::Required);
            self.actions[stop].flags |= F::MIGRATION_ABORT;
        }
        let assigned = self.rscs[rsc].assigned;
        let is_moving = current.is_some()
            && assigned.is_some()
            && current != assigned
            && self.rscs[rsc].next_role >= Role::Started;
        let mut need_stop = is_moving;
        let mut allow_migrate = is_moving && self.can_migrate(rsc, current);
        let (source, target) = {
            let state = &self.rscs[rsc];
            (state.partial_migration_source, state.partial_migration_target)
        };
        let continues = source.is_some()
            && target.is_some()
            && allow_migrate
            && active.all == 2
            && current == source
            && assigned == target;
        let mut multiply_active = false;
        if !continues {
            if source.is_some() || target.is_some() {
                need_stop = true;
                self.rscs[rsc].partial_migration_source = None;
                self.rscs[rsc].partial_migration_target = None;
                allow_migrate = false;
            } else if self.rsc_has(rsc, RscFlags::NEEDS_FENCING) {
                multiply_active = active.all > 1;
            } else {
                multiply_active = active.clean > 1;
            }
        }
        need_stop |= self.recover_multiply_active(rsc, multiply_active);
        if self.rsc_has(rsc, RscFlags::START_PENDING) {
            let start = self.ensure_once(rsc, Task::Start, assigned, Need::Optional);
            self.actions[start].flags |= F::ALWAYS_IN_GRAPH;
        }
        let mut need_promote = false;
        if is_moving {
            // Stopped by moving.
        } else if self.rsc_has(rsc, RscFlags::FAILED) {
            if self.rsc_has(rsc, RscFlags::STOP_IF_FAILED) {
                need_stop = true;
            } else {
                need_promote = self.rscs[rsc].next_role == Role::Promoted;
            }
        } else if self.rsc_has(rsc, RscFlags::BLOCKED) {
            need_stop = true;
        } else if self.rscs[rsc].orig_role > Role::Started
            && current.is_some()
            && assigned.is_some()
        {
            let start = self.ensure_once(rsc, Task::Start, assigned, Need::Optional);
            need_stop |= !self.actions[start].is(F::OPTIONAL);
        }
        self.create_restart_actions(rsc, current, need_stop, need_promote);
        self.create_role_actions(rsc);
        self.create_recurring_actions(rsc);
        if allow_migrate && let Some(current) = current {
            self.create_migration_actions(rsc, current);
        }
    }

    /// Returns true where a resource must be stopped because it is active too often.
    fn recover_multiply_active(&mut self, rsc: RscIdx, multiply_active: bool) -> bool {
        if !multiply_active {
            self.rscs[rsc].flags.remove(RscFlags::STOP_UNEXPECTED);
            return false;
        }
        let facts = &self.facts.rscs[rsc];
        let response = match facts.multiply_active {
            MultiplyActive::StopStart => "attempting recovery",
            MultiplyActive::StopOnly => "shutting it down",
            MultiplyActive::Block => "waiting for an administrator",
            MultiplyActive::StopUnexpected => "stopping unexpected instances",
        };
        let message = format!(
            "{} resource {} might be active on {} nodes ({response})",
            facts.class,
            facts.id,
            self.active_node(rsc).all
        );
        self.diagnostics.state_error(message);
        match self.facts.rscs[rsc].multiply_active {
            MultiplyActive::StopStart => true,
            MultiplyActive::StopUnexpected => {
                self.rscs[rsc].flags |= RscFlags::STOP_UNEXPECTED;
                true
            }
            MultiplyActive::StopOnly | MultiplyActive::Block => false,
        }
    }

    /// # Source
    /// `schedule_restart_actions()`
    fn create_restart_actions(
        &mut self,
        rsc: RscIdx,
        current: Option<NodeIdx>,
        need_stop: bool,
        need_promote: bool,
    ) {
        let orig_role = self.rscs[rsc].orig_role;
        let mut role = orig_role;
        self.rscs[rsc].flags |= RscFlags::RESTARTING;
        while role != Role::Stopped {
            let next = roles::next_role(role, Role::Stopped);
            let Some(step) = roles::step(role, next) else { break };
            self.take_step(step, rsc, current, Need::optional_if(!need_stop));
            role = next;
        }
        while orig_role <= self.rscs[rsc].next_role
            && role != orig_role
            && !self.rsc_has(rsc, RscFlags::BLOCKED)
        {
            let next = roles::next_role(role, orig_role);
            let required = need_stop || (next == Role::Promoted && need_promote);
            let Some(step) = roles::step(role, next) else { break };
            let assigned = self.rscs[rsc].assigned;
            self.take_step(step, rsc, assigned, Need::optional_if(!required));
            role = next;
        }
        self.rscs[rsc].flags.remove(RscFlags::RESTARTING);
    }

    /// # Source
    /// `schedule_role_transition_actions()`
    fn create_role_actions(&mut self, rsc: RscIdx) {
        let mut role = self.rscs[rsc].orig_role;
        while role != self.rscs[rsc].next_role {
            let next = roles::next_role(role, self.rscs[rsc].next_role);
            let Some(step) = roles::step(role, next) else { break };
            let assigned = self.rscs[rsc].assigned;
            self.take_step(step, rsc, assigned, Need::Required);
            role = next;
        }
    }

    /// # Source
    /// `pcmk__rsc_can_migrate()`
    fn can_migrate(&self, rsc: RscIdx, current: Option<NodeIdx>) -> bool {
        let state = &self.rscs[rsc];
        state.has(RscFlags::MIGRATABLE | RscFlags::MANAGED)
            && !state.flags.intersects(RscFlags::FAILED | RscFlags::START_PENDING)
            && current.is_some_and(|n| !self.nodes[n].unclean)
            && state.assigned.is_some_and(|n| !self.nodes[n].unclean)
    }

    /// Turns a stop and a start into a live migration.
    ///
    /// # Source
    /// `pcmk__create_migration_actions()`
    fn create_migration_actions(&mut self, rsc: RscIdx, current: NodeIdx) {
        let Some(assigned) = self.rscs[rsc].assigned else { return };
        let is_partial = self.rscs[rsc].partial_migration_target.is_some();
        let start = self.ensure_once(rsc, Task::Start, Some(assigned), Need::Optional);
        let stop = self.ensure_once(rsc, Task::Stop, Some(current), Need::Optional);
        let to = (!is_partial)
            .then(|| self.ensure_once(rsc, Task::MigrateTo, Some(current), Need::Optional));
        let from = self.ensure_once(rsc, Task::MigrateFrom, Some(assigned), Need::Optional);
        self.actions[start].flags |= F::MIGRATABLE | F::PSEUDO;
        self.actions[stop].flags |= F::MIGRATABLE;
        self.actions[from].flags |= F::MIGRATABLE;
        let needs = self.actions[start].needs;
        let blocks = R::ORDERED | R::UNMIGRATABLE_THEN_BLOCKS;
        if let Some(to) = to {
            self.actions[to].flags |= F::MIGRATABLE;
            self.actions[to].needs = needs;
            self.order_tasks((rsc, Task::Monitor), (rsc, Task::MigrateTo), R::ORDERED);
            self.order_tasks((rsc, Task::MigrateTo), (rsc, Task::MigrateFrom), blocks);
        } else {
            self.actions[from].needs = needs;
            self.order_tasks((rsc, Task::Monitor), (rsc, Task::MigrateFrom), R::ORDERED);
        }
        self.order_tasks((rsc, Task::MigrateFrom), (rsc, Task::Stop), blocks);
        self.order_tasks((rsc, Task::MigrateFrom), (rsc, Task::Start), blocks | R::FIRST_ELSE_THEN);
        let source_name = self.facts.nodes[current].name.clone();
        let target_name = self.facts.nodes[assigned].name.clone();
        for action in to.into_iter().chain([from]) {
            self.actions[action].meta.set("migrate_source", source_name.clone());
            self.actions[action].meta.set("migrate_target", target_name.clone());
        }
        if let Some(to) = to
            && !self.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION)
        {
            self.actions[to].meta.set("record-pending", "true");
        }
    }
}
