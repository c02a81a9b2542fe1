//! What waits for probes: starts, restarts, and whatever waits for a stop.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_probes.c` (`pcmk__order_probes()`).
//! **Differs:** C clears a mark on every action after each probe's walk; here each walk has a
//! number, and an action remembers the last walk that saw it.

use super::RelationFlags as R;
use crate::actions::{ActionFlags as F, ActionIdx, ActionKey, Edge, Task};
use crate::facts::Variant;
use crate::index::{Idx as _, RscIdx};
use crate::plan::Plan;
use crate::state::When;

/// Which walk saw an action last.
#[derive(Default)]
struct Walks {
    seen: Vec<u32>,
    current: u32,
}

impl Walks {
    fn begin(&mut self) {
        self.current += 1;
    }

    /// Returns true the first time a walk meets `action`.
    fn enter(&mut self, action: ActionIdx) -> bool {
        let at = action.index();
        if self.seen.len() <= at {
            self.seen.resize(at + 1, 0);
        }
        std::mem::replace(&mut self.seen[at], self.current) != self.current
    }
}

impl Plan {
    pub(super) fn order_probes(&mut self) {
        let mut walks = Walks::default();
        for rsc in self.facts.top.clone() {
            self.order_probes_of(rsc, &mut walks);
        }
        self.order_probes_before_stops();
    }

    /// # Source
    /// `add_start_restart_orderings_for_rsc()`
    fn order_probes_of(&mut self, rsc: RscIdx, walks: &mut Walks) {
        if !self.is_primitive(rsc) {
            for child in self.rscs[rsc].children.clone() {
                self.order_probes_of(child, walks);
            }
            return;
        }
        let mut probes: Vec<_> =
            self.actions.newest_first(rsc, ActionKey::once(Task::Monitor)).collect();
        probes.reverse();
        for probe in probes {
            let after: Vec<Edge> = self.actions.after(probe).iter().rev().copied().collect();
            for then in after {
                self.order_starts_after_probe(probe, then);
                walks.begin();
                self.order_restarts_after_probe(probe, then.peer, walks);
            }
        }
    }

    /// # Source
    /// `add_start_orderings_for_probe()`
    fn order_starts_after_probe(&mut self, probe: ActionIdx, after: Edge) {
        let (Some(probe_rsc), Some(after_rsc)) =
            (self.actions[probe].rsc, self.actions[after.peer].rsc)
        else {
            return;
        };
        if self.variant(after_rsc) <= Variant::Group
            || self.actions[probe].is(F::RUNNABLE)
            || after.flags.contains(R::UNRUNNABLE_FIRST_BLOCKS)
            || self.facts.top_below_bundle(probe_rsc) != after_rsc
            || self.actions[after.peer].task != Task::Start
        {
            return;
        }
        let followers: Vec<ActionIdx> =
            self.actions.after(after.peer).iter().rev().map(|e| e.peer).collect();
        for then in followers {
            let Some(then_rsc) = self.actions[then].rsc else { continue };
            if self.rscs[then_rsc].active.is_empty()
                && self.facts.top_below_bundle(then_rsc) == after_rsc
                && self.actions[then].task == Task::Start
            {
                self.actions.order(probe, then, R::ORDERED | R::UNRUNNABLE_FIRST_BLOCKS);
            }
        }
    }

    /// Orders a probe before the stops of everything that its outcome may restart.
    ///
    /// # Source
    /// `add_restart_orderings_for_probe()`
    fn order_restarts_after_probe(
        &mut self,
        probe: ActionIdx,
        first: ActionIdx,
        walks: &mut Walks,
    ) {
        let Some(probe_rsc) = self.actions[probe].rsc else { return };
        if !self.is_primitive(probe_rsc) || self.actions[probe].task != Task::Monitor {
            return;
        }
        let mut stack = vec![first];
        while let Some(after) = stack.pop() {
            if !walks.enter(after) {
                continue;
            }
            let after_rsc = self.actions[after].rsc;
            if let Some(rsc) = after_rsc.filter(|r| self.is_primitive(*r) && *r != probe_rsc) {
                self.order_probe_before_undoing(probe, after, rsc);
            }
            self.push_restart_followers(probe_rsc, after, after_rsc, &mut stack);
        }
    }

    fn order_probe_before_undoing(&mut self, probe: ActionIdx, after: ActionIdx, rsc: RscIdx) {
        let undo = match self.actions[after].task {
            Task::Start => Task::Stop,
            Task::Promote => Task::Demote,
            _ => return,
        };
        let mut actions: Vec<_> = self.actions.newest_first(rsc, ActionKey::once(undo)).collect();
        actions.reverse();
        for then in actions {
            if !self.actions[then].is(F::PSEUDO) {
                self.actions.order(probe, then, R::ORDERED);
            }
        }
    }

    fn push_restart_followers(
        &self,
        probe_rsc: RscIdx,
        after: ActionIdx,
        after_rsc: Option<RscIdx>,
        stack: &mut Vec<ActionIdx>,
    ) {
        let collective = after_rsc.filter(|r| self.variant(*r) > Variant::Group);
        let interleaved = collective.filter(|r| self.is_interleaved(*r));
        let compatible =
            interleaved.and_then(|r| self.compatible_instance(probe_rsc, r, When::Next));
        // The stack is taken from its end: pushing oldest first visits newest first, as C does.
        for edge in self.actions.after(after) {
            if !edge.flags.contains(R::FIRST_IMPLIES_THEN) {
                let (Some(rsc), Some(chained)) = (after_rsc, self.actions[edge.peer].rsc) else {
                    continue;
                };
                if self.variant(rsc) < Variant::Group
                    || self.facts.rscs[probe_rsc].parent == Some(rsc)
                    || self.variant(chained) > Variant::Group
                    || self.facts.rscs[chained].parent != Some(rsc)
                    || (interleaved.is_some() && compatible != Some(chained))
                {
                    continue;
                }
            }
            stack.push(edge.peer);
        }
    }

    /// # Source
    /// `add_probe_orderings_for_stops()`
    fn order_probes_before_stops(&mut self) {
        for at in 0..self.orderings.len() {
            let ordering = self.orderings[at];
            let (Some(rsc), flags) = (ordering.first.rsc, ordering.flags) else { continue };
            if flags.is_empty() || Some(rsc) == ordering.then.rsc {
                continue;
            }
            let stop = Some(ActionKey::once(Task::Stop));
            let is_stop = |end: super::End| match end.action {
                Some(action) => self.actions[action].task == Task::Stop,
                None => end.key == stop,
            };
            if !is_stop(ordering.first) {
                continue;
            }
            if ordering.then.rsc.is_some()
                && self.facts.rscs[rsc].launcher == ordering.then.rsc
                && is_stop(ordering.then)
            {
                continue;
            }
            let mut order_flags =
                R::ORDERED | (flags & (R::IF_FIRST_UNMIGRATABLE | R::IF_ON_SAME_NODE));
            if flags == R::IF_REQUIRED_ON_SAME_NODE || flags == R::IF_ON_SAME_NODE_OR_TARGET {
                order_flags = flags;
            }
            self.order_probes_like(rsc, ordering.then, order_flags);
        }
    }

    fn order_probes_like(&mut self, rsc: RscIdx, then: super::End, flags: R) {
        let mut probes: Vec<_> =
            self.actions.newest_first(rsc, ActionKey::once(Task::Monitor)).collect();
        if probes.is_empty() {
            return;
        }
        probes.reverse();
        let mut thens = Vec::new();
        match (then.action, then.rsc, then.key) {
            (Some(action), ..) => thens.push(action),
            (None, Some(rsc), Some(key)) => {
                thens.extend(self.actions.newest_first(rsc, key));
                thens.reverse();
            }
            _ => {}
        }
        for &probe in &probes {
            for &then in &thens {
                if probe != then && self.is_probe_needed_before(probe, then) {
                    self.actions.order(probe, then, flags);
                }
            }
        }
    }

    /// # Source
    /// `probe_needed_before_action()`
    fn is_probe_needed_before(&self, probe: ActionIdx, then: ActionIdx) -> bool {
        let (probe, then) = (&self.actions[probe], &self.actions[then]);
        match then.task {
            Task::Fence if probe.node.is_some() && probe.node == then.node => {
                !then.meta.get("stonith_action").is_some_and(|op| op.eq_ignore_ascii_case("on"))
            }
            Task::Shutdown if probe.node.is_some() && then.node.is_some() => {
                probe.node == then.node
            }
            _ => true,
        }
    }
}
