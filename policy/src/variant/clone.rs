//! Clones: orderings among instances, actions, promotion, and where instances are probed.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_clone.c`, `pcmk_sched_promotable.c`.

use crate::actions::{ActionFlags as F, ActionKey, Need, Task};
use crate::facts::{ProbeMode, RscFlags};
use crate::glib::list_sort;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::RelationFlags as R;
use crate::scores::INFINITY;
use crate::state::When;

/// Returns the number after the last `:` (else `-`) of an instance's id.
fn instance_number(id: &str) -> i64 {
    let tail = id.rsplit_once(':').or_else(|| id.rsplit_once('-')).map_or("", |(_, tail)| tail);
    let digits = tail.find(|c: char| !c.is_ascii_digit()).map_or(tail, |end| &tail[..end]);
    digits.parse().unwrap_or(0)
}

impl Plan {
    /// Sorts a clone's instances by their number.
    ///
    /// # Source
    /// `pcmk__cmp_instance_number()`
    pub(crate) fn sort_instances_by_number(&mut self, rsc: RscIdx) {
        let children = std::mem::take(&mut self.rscs[rsc].children);
        let mut keyed: Vec<(i64, RscIdx)> =
            children.iter().map(|c| (instance_number(&self.facts.rscs[*c].id), *c)).collect();
        list_sort(&mut keyed, &mut |a, b| a.0.cmp(&b.0));
        self.rscs[rsc].children = keyed.into_iter().map(|(_, child)| child).collect();
    }

    pub(crate) fn create_clone_actions(&mut self, rsc: RscIdx) {
        let instances = self.rscs[rsc].children.clone();
        self.create_instance_actions(rsc, &instances);
        if self.rsc_has(rsc, RscFlags::PROMOTABLE) {
            self.create_promotable_actions(rsc);
        }
    }

    /// # Source
    /// `pcmk__create_promotable_actions()`
    fn create_promotable_actions(&mut self, rsc: RscIdx) {
        let (mut promoting, mut demoting) = (false, false);
        for instance in self.rscs[rsc].children.clone() {
            self.create_actions_of(instance);
            self.check_role_change(instance, &mut demoting, &mut promoting);
        }
        let mut pair = |task: Task, complete: Task, any: bool| {
            let need = Need::optional_if(!any);
            let action = self.ensure_rsc_pseudo(rsc, ActionKey::once(task), task, need, true);
            let done = self.ensure_rsc_pseudo(rsc, ActionKey::once(complete), complete, need, true);
            self.actions[done].priority = INFINITY;
            self.create_promotion_notification(rsc, task, (action, done));
        };
        pair(Task::Promote, Task::Promoted, promoting);
        pair(Task::Demote, Task::Demoted, demoting);
        let priority = self.rscs[rsc].priority;
        for instance in self.rscs[rsc].children.clone() {
            self.rscs[instance].priority = priority;
        }
    }

    /// # Source
    /// `check_for_role_change()`
    fn check_role_change(&self, rsc: RscIdx, demoting: &mut bool, promoting: &mut bool) {
        let children = &self.rscs[rsc].children;
        if !children.is_empty() {
            for &child in children {
                self.check_role_change(child, demoting, promoting);
            }
            return;
        }
        for &action in self.actions.of_rsc(rsc).iter().rev() {
            if *promoting && *demoting {
                return;
            }
            let action = &self.actions[action];
            if action.is(F::OPTIONAL) {
                continue;
            }
            *demoting |= action.task == Task::Demote;
            *promoting |= action.task == Task::Promote;
        }
    }

    /// Orders a clone's actions and those of its instances.
    pub(crate) fn clone_internal_constraints(&mut self, rsc: RscIdx) {
        self.order_tasks((rsc, Task::Stopped), (rsc, Task::Start), R::ORDERED);
        self.order_tasks((rsc, Task::Start), (rsc, Task::Running), R::UNRUNNABLE_FIRST_BLOCKS);
        self.order_tasks((rsc, Task::Stop), (rsc, Task::Stopped), R::UNRUNNABLE_FIRST_BLOCKS);
        let promotable = self.rsc_has(rsc, RscFlags::PROMOTABLE);
        if promotable {
            self.order_tasks((rsc, Task::Demoted), (rsc, Task::Stop), R::ORDERED);
            self.order_tasks(
                (rsc, Task::Running),
                (rsc, Task::Promote),
                R::UNRUNNABLE_FIRST_BLOCKS,
            );
        }
        let ordered = self.facts.rscs[rsc].clone_facts().is_some_and(|c| c.ordered);
        if ordered {
            self.sort_instances_by_number(rsc);
        }
        let instances = self.rscs[rsc].children.clone();
        for (at, &instance) in instances.iter().enumerate() {
            self.internal_constraints(instance);
            self.order_tasks(
                (rsc, Task::Start),
                (instance, Task::Start),
                R::UNRUNNABLE_FIRST_BLOCKS | R::THEN_IMPLIES_FIRST_GRAPHED,
            );
            self.order_tasks(
                (instance, Task::Start),
                (rsc, Task::Running),
                R::FIRST_IMPLIES_THEN_GRAPHED,
            );
            self.order_tasks(
                (rsc, Task::Stop),
                (instance, Task::Stop),
                R::THEN_IMPLIES_FIRST_GRAPHED,
            );
            self.order_tasks(
                (instance, Task::Stop),
                (rsc, Task::Stopped),
                R::FIRST_IMPLIES_THEN_GRAPHED,
            );
            if ordered {
                for &later in &instances[at + 1..] {
                    self.order_tasks((instance, Task::Start), (later, Task::Start), R::ORDERED);
                    self.order_tasks((later, Task::Stop), (instance, Task::Stop), R::ORDERED);
                }
            }
        }
        if promotable {
            self.order_promotable_instances(rsc, ordered);
        }
    }

    /// # Source
    /// `pcmk__order_promotable_instances()`
    fn order_promotable_instances(&mut self, rsc: RscIdx, ordered: bool) {
        self.promotable_restart_ordering(rsc);
        let mut previous = None;
        for instance in self.rscs[rsc].children.clone() {
            let (promote, demote) = (Task::Promote, Task::Demote);
            self.order_tasks((instance, demote), (instance, promote), R::ORDERED);
            self.order_tasks((rsc, promote), (instance, promote), R::ORDERED);
            self.order_tasks((instance, promote), (rsc, Task::Promoted), R::ORDERED);
            let last = previous.filter(|_| ordered);
            if let Some(last) = last {
                self.order_tasks((last, promote), (instance, promote), R::ORDERED);
            }
            self.order_tasks((rsc, demote), (instance, demote), R::THEN_IMPLIES_FIRST_GRAPHED);
            self.order_tasks(
                (instance, demote),
                (rsc, Task::Demoted),
                R::FIRST_IMPLIES_THEN_GRAPHED,
            );
            if let Some(last) = last {
                self.order_tasks((instance, demote), (last, demote), R::ORDERED);
            }
            previous = Some(instance);
        }
    }

    /// # Source
    /// `pcmk__promotable_restart_ordering()`
    pub(super) fn promotable_restart_ordering(&mut self, rsc: RscIdx) {
        use Task::{Demote, Demoted, Promote, Running, Start, Stop, Stopped};
        for (first, then) in [
            (Stopped, Start),
            (Stopped, Promote),
            (Demoted, Stop),
            (Demoted, Start),
            (Demoted, Promote),
            (Running, Promote),
            (Demote, Demoted),
        ] {
            self.order_tasks((rsc, first), (rsc, then), R::ORDERED);
        }
    }

    /// Makes the probes of a clone on a node: of every instance, or of one of an anonymous clone.
    ///
    /// # Source
    /// `pcmk__clone_create_probe()`
    pub(crate) fn create_clone_probe(&mut self, rsc: RscIdx, node: NodeIdx) -> bool {
        if self.rsc_has(rsc, RscFlags::EXCLUSIVE_PROBES) {
            let cell = self.scores.allowed[rsc].get(node);
            if cell.is_none_or(|cell| cell.probe_mode != ProbeMode::Exclusive) {
                self.scores.allowed[rsc].remove(node);
                return false;
            }
        }
        self.sort_instances_by_number(rsc);
        let instances = self.rscs[rsc].children.clone();
        if self.rsc_has(rsc, RscFlags::UNIQUE) {
            return self.probe_list(&instances, node);
        }
        let known = instances.iter().find(|i| self.is_probed_on(**i, node));
        let assigned = || instances.iter().find(|i| self.location(**i, When::Next) == Some(node));
        match known.or_else(assigned).or(instances.first()).copied() {
            Some(child) => self.create_probe(child, node),
            None => false,
        }
    }

    fn is_probed_on(&self, rsc: RscIdx, node: NodeIdx) -> bool {
        let state = &self.rscs[rsc];
        if state.children.is_empty() {
            state.is_probed(node)
        } else {
            state.children.iter().any(|c| self.is_probed_on(*c, node))
        }
    }
}
