//! Instances of clones and replicas of bundles: their state, and what orderings mean for them.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_instances.c` (all but assignment).

use crate::actions::{ActionFlags as F, ActionIdx, ActionKey, Need, NotifyType, Task};
use crate::assign::{Force, OnFailure};
use crate::facts::{RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::{Changed, RelationFlags as R, Update};
use crate::scores::INFINITY;
use crate::state::When;

bitflags::bitflags! {
    /// What the instances of a collective do in this transition.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    struct InstanceState: u8 {
        const STARTING = 1;
        const STOPPING = 2;
        /// The same instance stops and starts.
        const RESTARTING = 4;
        const ACTIVE = 8;
    }
}

impl Plan {
    /// Returns what counts as a collective's instances: a clone's children, a bundle's containers.
    pub(crate) fn instances(&self, rsc: RscIdx) -> Vec<RscIdx> {
        match self.facts.rscs[rsc].bundle_facts() {
            Some(bundle) => bundle.replicas.iter().map(|r| r.container).collect(),
            None => self.rscs[rsc].children.clone(),
        }
    }

    fn check_instance_state(&self, instance: RscIdx, state: &mut InstanceState) {
        if *state == InstanceState::all() {
            return;
        }
        if !self.is_primitive(instance) {
            for &child in &self.rscs[instance].children {
                self.check_instance_state(child, state);
            }
            return;
        }
        let mut mine = InstanceState::empty();
        mine.set(InstanceState::ACTIVE, !self.rscs[instance].active.is_empty());
        for &action in self.actions.of_rsc(instance).iter().rev() {
            let action = &self.actions[action];
            if action.is(F::OPTIONAL) {
                continue;
            }
            if action.task == Task::Start && action.is(F::RUNNABLE) {
                mine |= InstanceState::STARTING;
            } else if action.task == Task::Stop && action.flags.intersects(F::PSEUDO | F::RUNNABLE)
            {
                mine |= InstanceState::STOPPING;
            }
        }
        if mine.contains(InstanceState::STARTING | InstanceState::STOPPING) {
            mine |= InstanceState::RESTARTING;
        }
        *state |= mine;
    }

    /// Makes the actions of all instances, then the collective's own.
    ///
    /// # Source
    /// `pcmk__create_instance_actions()`
    pub(crate) fn create_instance_actions(&mut self, rsc: RscIdx, instances: &[RscIdx]) {
        let mut state = InstanceState::empty();
        for &instance in instances {
            self.create_actions_of(instance);
            self.check_instance_state(instance, &mut state);
        }
        let starting = Need::optional_if(!state.contains(InstanceState::STARTING));
        let stopping = Need::optional_if(!state.contains(InstanceState::STOPPING));
        let mut pseudo = |task: Task, need: Need, runnable: bool| {
            self.ensure_rsc_pseudo(rsc, ActionKey::once(task), task, need, runnable)
        };
        let start = pseudo(Task::Start, starting, true);
        let started = pseudo(Task::Running, starting, false);
        let up = state.intersects(InstanceState::ACTIVE | InstanceState::STARTING);
        self.actions[started].priority = INFINITY;
        if up {
            self.actions[started].flags |= F::RUNNABLE;
        }
        let mut pseudo = |task: Task, need: Need, runnable: bool| {
            self.ensure_rsc_pseudo(rsc, ActionKey::once(task), task, need, runnable)
        };
        let stop = pseudo(Task::Stop, stopping, true);
        let stopped = pseudo(Task::Stopped, stopping, true);
        self.actions[stopped].priority = INFINITY;
        if !state.contains(InstanceState::RESTARTING) {
            self.actions[stop].flags |= F::MIGRATABLE;
        }
        if self.is_clone(rsc) {
            self.create_clone_notifications(rsc, (start, started), (stop, stopped));
        }
    }

    /// Returns true where an instance is on `node`, in its own sense.
    fn instance_matches(&self, instance: RscIdx, node: NodeIdx, when: When) -> bool {
        !self.is_blocked_anywhere(instance) && self.location(instance, when) == Some(node)
    }

    /// Returns true where the resource or one of its members is blocked.
    ///
    /// # Source
    /// `is_set_recursive()` with any
    pub(crate) fn is_blocked_anywhere(&self, rsc: RscIdx) -> bool {
        self.rsc_has(rsc, RscFlags::BLOCKED)
            || self.rscs[rsc].children.iter().any(|c| self.is_blocked_anywhere(*c))
    }

    /// Returns the instance of `rsc` that is where `match_rsc` is, or may be.
    ///
    /// # Source
    /// `pcmk__find_compatible_instance()` without role and node attribute
    pub(crate) fn compatible_instance(
        &self,
        match_rsc: RscIdx,
        rsc: RscIdx,
        when: When,
    ) -> Option<RscIdx> {
        let instances = self.instances(rsc);
        let on = |node: NodeIdx| {
            instances.iter().copied().find(|i| self.instance_matches(*i, node, when))
        };
        if let Some(node) = self.location(match_rsc, when) {
            return on(node);
        }
        self.sorted_nodes(&self.scores.allowed[match_rsc], None).into_iter().find_map(on)
    }

    /// Returns the instance's action that corresponds to the collective's.
    ///
    /// # Source
    /// `find_instance_action()`
    fn instance_action(
        &self,
        action: ActionIdx,
        instance: RscIdx,
        task: Task,
        node: Option<NodeIdx>,
        is_first: bool,
    ) -> Option<ActionIdx> {
        let action_task = self.actions[action].task;
        let inside = if is_first {
            !matches!(action_task, Task::Stop | Task::Stopped)
        } else {
            use Task::{Demote, Demoted, Promote, Promoted};
            matches!(action_task, Promote | Promoted | Demote | Demoted)
        };
        let contained = if inside { self.resource_in_container(instance) } else { None };
        match contained {
            Some(contained) => self.actions.find_task(contained, task, None),
            None => self.actions.find_task(instance, task, node),
        }
    }

    /// Returns the resource inside a bundle replica's container.
    ///
    /// # Source
    /// `pe__get_rsc_in_container()`
    pub(crate) fn resource_in_container(&self, container: RscIdx) -> Option<RscIdx> {
        let parent = self.facts.rscs[container].parent?;
        let bundle = self.facts.rscs[parent].bundle_facts()?;
        bundle.replicas.iter().find(|r| r.container == container)?.child
    }

    /// Returns the task that members do for a collective's action.
    ///
    /// # Source
    /// `orig_action_name()`
    fn original_task(&self, rsc: RscIdx, action: ActionIdx) -> Task {
        let state = &self.actions[action];
        let task = match state.key() {
            Some(key) if key.notify.is_some() => key.task,
            _ => state.task,
        };
        match self.rscs[rsc].children.first() {
            Some(child) if self.is_primitive(*child) => task.atomic(),
            _ => task,
        }
    }

    fn can_interleave(&self, update: Update) -> bool {
        let (first, then) = (&self.actions[update.first], &self.actions[update.then]);
        let (Some(first_rsc), Some(then_rsc)) = (first.rsc, then.rsc) else { return false };
        if first_rsc == then_rsc
            || self.variant(first_rsc) < Variant::Clone
            || self.variant(then_rsc) < Variant::Clone
        {
            return false;
        }
        let goes_down = then.key().is_some_and(|key| {
            key == ActionKey::once(Task::Stop) || key == ActionKey::once(Task::Demote)
        });
        self.is_interleaved(if goes_down { first_rsc } else { then_rsc })
    }

    /// Returns true where the collective's instances are related one by one.
    pub(crate) fn is_interleaved(&self, rsc: RscIdx) -> bool {
        let interleave = self.facts.rscs[rsc].meta.get("interleave");
        interleave.and_then(cib_model::boolean::parse) == Some(true)
    }

    pub(super) fn update_ordered_instances(&mut self, update: Update) -> Changed {
        let Some(then_rsc) = self.actions[update.then].rsc else { return Changed::empty() };
        if self.can_interleave(update) {
            return self.update_interleaved(then_rsc, update);
        }
        let mut changed = self.update_ordered_base(update);
        let task = self.actions[update.then].task;
        for instance in self.instances(then_rsc) {
            let Some(then) = self.actions.find_task(instance, task, update.node) else { continue };
            if !self.action_flags(instance, then, update.node).contains(F::RUNNABLE) {
                continue;
            }
            let made = self.update_ordered(instance, Update { then, ..update });
            if made.contains(Changed::THEN) {
                let after: Vec<_> = self.actions.after(then).iter().rev().map(|e| e.peer).collect();
                for follower in after {
                    self.update_for_orderings(follower);
                }
            }
            changed |= made;
        }
        changed
    }

    fn update_interleaved(&mut self, then_rsc: RscIdx, update: Update) -> Changed {
        let mut changed = Changed::empty();
        let Some(first_rsc) = self.actions[update.first].rsc else { return changed };
        let first_task = self.original_task(first_rsc, update.first);
        let then_task = self.actions[update.then].task;
        let key = self.actions[update.first].key();
        let is_current = key == Some(ActionKey::once(Task::Stopped))
            || key == Some(ActionKey::once(Task::Demoted))
            || key == Some(ActionKey::notify(NotifyType::ConfirmedPost, Task::Stopped))
            || key == Some(ActionKey::notify(NotifyType::ConfirmedPost, Task::Demoted))
            || key == Some(ActionKey::notify(NotifyType::Post, Task::Stopped))
            || key == Some(ActionKey::notify(NotifyType::Post, Task::Demoted));
        let when = if is_current { When::Current } else { When::Next };
        for then_instance in self.instances(then_rsc) {
            let Some(first_instance) = self.compatible_instance(then_instance, first_rsc, when)
            else {
                let mandatory = R::UNRUNNABLE_FIRST_BLOCKS | R::FIRST_IMPLIES_THEN;
                if !is_current
                    && update.relation.intersects(mandatory)
                    && self.place(then_instance, None, Force::Yes, OnFailure::Stop)
                {
                    changed |= Changed::THEN;
                }
                continue;
            };
            let first =
                self.instance_action(update.first, first_instance, first_task, update.node, true);
            let Some(first) = first else { continue };
            let then =
                self.instance_action(update.then, then_instance, then_task, update.node, false);
            let Some(then) = then else { continue };
            if self.actions.order(first, then, update.relation) {
                changed |= Changed::FIRST | Changed::THEN;
            }
            let flags = self.action_flags(first_instance, first, update.node);
            changed |= self.update_ordered(then_instance, Update { first, then, flags, ..update });
        }
        changed
    }

    /// Returns the flags of a collective's action by those of its instances.
    ///
    /// # Source
    /// `pcmk__collective_action_flags()`
    pub(super) fn collective_action_flags(
        &mut self,
        rsc: RscIdx,
        action: ActionIdx,
        instances: &[RscIdx],
        node: Option<NodeIdx>,
    ) -> F {
        let mut any_runnable = false;
        let mut flags = F::OPTIONAL | F::RUNNABLE | F::PSEUDO;
        let task = self.original_task(rsc, action);
        for &instance in instances {
            let instance_node = node.filter(|_| self.is_primitive(instance));
            let Some(found) = self.actions.find_task(instance, task, instance_node) else {
                continue;
            };
            let instance_flags = self.action_flags(instance, found, node);
            if flags.contains(F::OPTIONAL) && !instance_flags.contains(F::OPTIONAL) {
                flags.remove(F::OPTIONAL);
                self.actions.clear(action, F::OPTIONAL);
            }
            any_runnable |= instance_flags.contains(F::RUNNABLE);
        }
        if !any_runnable {
            flags.remove(F::RUNNABLE);
            if node.is_none() {
                self.actions.clear(action, F::RUNNABLE);
            }
        }
        flags
    }
}
