//! Groups: members' actions, their orderings, and the group's own pseudo-actions.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_group.c`.

use crate::actions::{ActionFlags as F, ActionIdx, ActionKey, Need, Task};
use crate::constraints::ColocationFlags;
use crate::facts::RscFlags;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::{Changed, RelationFlags as R, Update};
use crate::scores::INFINITY;

/// What a member's orderings depend on, from member to member.
struct Members {
    ordered: bool,
    colocated: bool,
    promotable: bool,
    last_active: Option<RscIdx>,
    previous: Option<RscIdx>,
}

impl Plan {
    /// Makes the actions of all members, then the group's own.
    pub(crate) fn create_group_actions(&mut self, rsc: RscIdx) {
        for member in self.rscs[rsc].children.clone() {
            self.create_actions_of(member);
        }
        let mut tasks = vec![Task::Start, Task::Running, Task::Stop, Task::Stopped];
        let promotable = self.facts.rscs[rsc].meta.get("promotable");
        if promotable.and_then(cib_model::boolean::parse) == Some(true) {
            tasks.extend([Task::Demote, Task::Demoted, Task::Promote, Task::Promoted]);
        }
        for task in tasks {
            self.ensure_rsc_pseudo(rsc, ActionKey::once(task), task, Need::Optional, true);
        }
    }

    pub(super) fn group_action_flags(
        &mut self,
        rsc: RscIdx,
        action: ActionIdx,
        node: Option<NodeIdx>,
    ) -> F {
        let mut flags = F::OPTIONAL | F::RUNNABLE | F::PSEUDO;
        let action_task = self.actions[action].task;
        for member in self.rscs[rsc].children.clone() {
            let task = if self.is_primitive(member) { action_task.atomic() } else { action_task };
            if let Some(member_action) = self.actions.find_task(member, task, node) {
                let member_flags = self.action_flags(member, member_action, node);
                if flags.contains(F::OPTIONAL) && !member_flags.contains(F::OPTIONAL) {
                    flags.remove(F::OPTIONAL);
                    self.actions.clear(action, F::OPTIONAL);
                }
                if task != action_task
                    && flags.contains(F::RUNNABLE)
                    && !member_flags.contains(F::RUNNABLE)
                {
                    flags.remove(F::RUNNABLE);
                    self.actions.clear(action, F::RUNNABLE);
                }
            } else if !matches!(task, Task::Stop | Task::Demote) {
                flags.remove(F::RUNNABLE);
            }
        }
        flags
    }

    pub(super) fn update_ordered_group(&mut self, update: Update) -> Changed {
        let mut changed = self.update_ordered_base(update);
        let Some(rsc) = self.actions[update.then].rsc else { return changed };
        let task = self.actions[update.then].task;
        for member in self.rscs[rsc].children.clone() {
            if let Some(then) = self.actions.find_task(member, task, update.node) {
                changed |= self.update_ordered(member, Update { then, ..update });
            }
        }
        changed
    }

    /// Orders a group's actions and those of its members.
    pub(crate) fn group_internal_constraints(&mut self, rsc: RscIdx) {
        self.order_tasks((rsc, Task::Stop), (rsc, Task::Stopped), R::UNRUNNABLE_FIRST_BLOCKS);
        self.order_tasks((rsc, Task::Stopped), (rsc, Task::Start), R::ORDERED);
        self.order_tasks((rsc, Task::Start), (rsc, Task::Running), R::UNRUNNABLE_FIRST_BLOCKS);
        let top = self.facts.top_below_bundle(rsc);
        let (ordered, colocated) =
            self.facts.rscs[rsc].group_facts().map_or((true, true), |g| (g.ordered, g.colocated));
        let mut members = Members {
            ordered,
            colocated,
            promotable: self.rsc_has(top, RscFlags::PROMOTABLE),
            last_active: None,
            previous: None,
        };
        for member in self.rscs[rsc].children.clone() {
            self.member_internal_constraints(rsc, member, &members);
            let is_active = |m: RscIdx| !self.rscs[m].active.is_empty();
            if is_active(member) {
                if members.ordered
                    && members.previous.is_some_and(|previous| !is_active(previous))
                    && let Some(last) = members.last_active.filter(|last| is_active(*last))
                {
                    self.order_tasks((member, Task::Stop), (last, Task::Stop), R::ORDERED);
                }
                members.last_active = Some(member);
            }
            members.previous = Some(member);
        }
    }

    fn member_internal_constraints(&mut self, group: RscIdx, member: RscIdx, m: &Members) {
        let mut down = R::THEN_IMPLIES_FIRST_GRAPHED;
        let mut post_down = R::FIRST_IMPLIES_THEN_GRAPHED;
        self.internal_constraints(member);
        match m.previous {
            None if m.ordered => {
                down |= R::ORDERED;
                post_down = R::FIRST_IMPLIES_THEN;
            }
            Some(previous) if m.colocated => {
                let flags = if self.rsc_has(member, RscFlags::CRITICAL) {
                    ColocationFlags::INFLUENCE
                } else {
                    ColocationFlags::empty()
                };
                self.new_internal_colocation("#group-members", INFINITY, member, previous, flags);
            }
            _ => {}
        }
        let complete =
            R::UNRUNNABLE_FIRST_BLOCKS | R::FIRST_IMPLIES_THEN | R::FIRST_IMPLIES_THEN_GRAPHED;
        if m.promotable {
            self.order_tasks((group, Task::Demote), (member, Task::Demote), down);
            self.order_tasks((member, Task::Demote), (group, Task::Demoted), post_down);
            self.order_tasks((member, Task::Promote), (group, Task::Promoted), complete);
            self.order_tasks(
                (group, Task::Promote),
                (member, Task::Promote),
                R::THEN_IMPLIES_FIRST_GRAPHED,
            );
        }
        self.order_tasks((group, Task::Stop), (member, Task::Stop), down);
        self.order_tasks((member, Task::Stop), (group, Task::Stopped), post_down);
        self.order_tasks(
            (group, Task::Start),
            (member, Task::Start),
            R::THEN_IMPLIES_FIRST_GRAPHED,
        );
        self.order_tasks((member, Task::Start), (group, Task::Running), complete);
        self.order_member_after_previous(group, member, m);
    }

    fn order_member_after_previous(&mut self, group: RscIdx, member: RscIdx, m: &Members) {
        let implies = R::FIRST_IMPLIES_THEN | R::UNRUNNABLE_FIRST_BLOCKS;
        let Some(previous) = m.previous.filter(|_| m.ordered) else {
            let flags =
                if m.ordered { R::empty() } else { implies | R::THEN_IMPLIES_FIRST_GRAPHED };
            self.order_tasks((group, Task::Start), (member, Task::Start), flags);
            if m.promotable {
                self.order_tasks((group, Task::Promote), (member, Task::Promote), flags);
            }
            return;
        };
        self.order_tasks((previous, Task::Start), (member, Task::Start), implies);
        self.order_tasks(
            (member, Task::Stop),
            (previous, Task::Stop),
            R::ORDERED | R::INTERMEDIATE_STOP,
        );
        if !self.rscs[member].active.is_empty() && self.rscs[previous].active.is_empty() {
            self.order_tasks(
                (member, Task::Stop),
                (previous, Task::Start),
                R::THEN_IMPLIES_FIRST | R::UNRUNNABLE_FIRST_BLOCKS,
            );
        }
        if m.promotable {
            self.order_tasks((previous, Task::Promote), (member, Task::Promote), implies);
            self.order_tasks((member, Task::Demote), (previous, Task::Demote), R::ORDERED);
        }
    }
}
