//! Orderings that are asked for before the actions exist.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_ordering.c` (`pcmk__new_ordering()`).
//! **Shape:** kept in creation order, which is the order in which they are applied.

use super::RelationFlags;
use crate::actions::{ActionIdx, ActionKey, Task};
use crate::facts::RscFlags;
use crate::index::RscIdx;
use crate::plan::Plan;

/// One end of an ordering: an action, or the actions of a resource that have a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct End {
    /// The resource; filled in from the action where there is one.
    pub rsc: Option<RscIdx>,
    /// Key of the resource's actions meant; `None` where an action is given.
    pub key: Option<ActionKey>,
    /// The action meant.
    pub action: Option<ActionIdx>,
}

impl End {
    /// Means the actions of `rsc` with `key`.
    pub fn key(rsc: RscIdx, key: ActionKey) -> Self {
        Self { rsc: Some(rsc), key: Some(key), action: None }
    }

    /// Means the actions of `rsc` that do `task` once.
    pub fn task(rsc: RscIdx, task: Task) -> Self {
        Self::key(rsc, ActionKey::once(task))
    }

    /// Means `action`, which counts as one of `rsc`.
    pub fn action_of(rsc: RscIdx, action: ActionIdx) -> Self {
        Self { rsc: Some(rsc), key: None, action: Some(action) }
    }

    /// Means `action`.
    pub fn action(action: ActionIdx) -> Self {
        Self { rsc: None, key: None, action: Some(action) }
    }
}

/// "`first`, then `then`", with what that implies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PendingOrdering {
    /// What comes first.
    pub first: End,
    /// What comes after it.
    pub then: End,
    /// What it implies.
    pub flags: RelationFlags,
}

impl Plan {
    /// Asks for an ordering, and for what it means for live migrations.
    ///
    /// # Source
    /// `pcmk__new_ordering()`
    pub fn order(&mut self, first: End, then: End, flags: RelationFlags) {
        let fill = |end: End| {
            let rsc = end.action.and_then(|action| self.actions[action].rsc);
            End { rsc: end.rsc.or(rsc), ..end }
        };
        let ordering = PendingOrdering { first: fill(first), then: fill(then), flags };
        self.orderings.push(ordering);
        self.order_migration_equivalents(ordering);
    }

    /// Asks for an ordering of two resources' actions.
    ///
    /// # Source
    /// `pcmk__order_resource_actions()`
    pub fn order_tasks(
        &mut self,
        first: (RscIdx, Task),
        then: (RscIdx, Task),
        flags: RelationFlags,
    ) {
        self.order(End::task(first.0, first.1), End::task(then.0, then.1), flags);
    }

    /// Returns the task an end is about, where it can matter for migrations.
    fn end_task(&self, end: End) -> Option<Task> {
        match (end.action, end.key) {
            (Some(action), _) => Some(self.actions[action].task),
            (None, Some(key)) if key.notify.is_none() => Some(key.task),
            _ => None,
        }
    }

    /// Orders the parts of a live migration as its start or stop would be.
    ///
    /// # Source
    /// `pcmk__order_migration_equivalents()`
    fn order_migration_equivalents(&mut self, ordering: PendingOrdering) {
        let (Some(first), Some(then)) = (ordering.first.rsc, ordering.then.rsc) else { return };
        if first == then
            || self.facts.is_ancestor(first, then)
            || self.facts.is_ancestor(then, first)
        {
            return;
        }
        let first_migratable = self.rsc_has(first, RscFlags::MIGRATABLE);
        let then_migratable = self.rsc_has(then, RscFlags::MIGRATABLE);
        if !first_migratable && !then_migratable {
            return;
        }
        let tasks = (self.end_task(ordering.first), self.end_task(ordering.then));
        let (Some(first_task), Some(then_task)) = tasks else { return };
        let mut flags = RelationFlags::ORDERED;
        match (first_task, then_task) {
            (Task::Start, Task::Start) => {
                if first_migratable && then_migratable {
                    self.order_tasks(
                        (first, Task::MigrateFrom),
                        (then, Task::MigrateTo),
                        RelationFlags::ORDERED,
                    );
                    flags |= RelationFlags::IF_FIRST_UNMIGRATABLE;
                }
                if then_migratable {
                    self.order_tasks((first, Task::Start), (then, Task::MigrateTo), flags);
                }
            }
            (Task::Stop | Task::Demote, Task::Stop) if then_migratable => {
                if first_migratable && first_task == Task::Stop {
                    flags |= RelationFlags::IF_FIRST_UNMIGRATABLE;
                }
                self.order_tasks((first, first_task), (then, Task::MigrateTo), flags);
                if self.rscs[then].partial_migration_target.is_some() {
                    self.order_tasks((first, first_task), (then, Task::MigrateFrom), flags);
                }
            }
            (Task::Promote, Task::Start) if then_migratable => {
                self.order_tasks((first, Task::Promote), (then, Task::MigrateTo), flags);
            }
            _ => {}
        }
    }
}
