//! Which actions and inputs become part of the transition, and in which order.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_graph_producer.c`, `pcmk_sched_actions.c`
//! (`pcmk__deduplicate_action_inputs()`).
//! **Invariant:** an action's place depends on when it is looked at: what is added later is not
//! known as added when an earlier action's inputs are chosen, as in C.

use super::transition::{Synapse, Transition};
use crate::actions::{ActionFlags as F, ActionGraph, ActionIdx, Task};
use crate::facts::{ClusterFlags, NodeFlags, RscFlags, Variant};
use crate::index::{BitSet, Idx as _, RscIdx};
use crate::plan::Plan;
use crate::relations::RelationFlags as R;

impl Plan {
    /// Builds the transition from all actions and relations.
    ///
    /// # Order
    /// Resources in list order with their members; then what belongs to no resource, newest first.
    ///
    /// # Source
    /// `pcmk__create_graph()`
    pub fn create_graph(&mut self) -> Transition {
        let mut transition = self.new_transition();
        for rsc in self.facts.top.clone() {
            self.add_rsc(rsc, &mut transition);
        }
        if self.facts.nodes.indices().any(|node| self.maintenance_change(node).is_some()) {
            let update = self.ensure_pseudo("maintenance_nodes");
            self.actions[update].flags |= F::ALWAYS_IN_GRAPH;
        }
        for at in (0..self.actions.actions.len()).rev() {
            self.add_action(ActionIdx::new(at), &mut transition);
        }
        transition.synapses.shrink_to_fit();
        transition
    }

    fn new_transition(&self) -> Transition {
        let options = &self.facts.options.table;
        let get = |name: &str, default: &str| options.get(name).unwrap_or(default).to_owned();
        let limit = options.get("migration-limit");
        Transition {
            id: 1,
            cluster_delay: get("cluster-delay", "60s"),
            fencing_timeout: get("fencing-timeout", "60s"),
            start_failure_is_fatal: self.cluster_has(ClusterFlags::START_FAILURE_FATAL),
            batch_limit: get("batch-limit", "0"),
            migration_limit: limit
                .filter(|l| l.trim().parse::<i64>().is_ok_and(|l| l > 0))
                .map(str::to_owned),
            recheck_by: self.recheck_by,
            synapses: Vec::with_capacity(self.actions.actions.len()),
        }
    }

    /// # Source
    /// `add_actions_to_graph()` methods
    fn add_rsc(&mut self, rsc: RscIdx, transition: &mut Transition) {
        match self.variant(rsc) {
            Variant::Bundle => {
                if let Some(child) = self.bundled_clone(rsc) {
                    self.add_rsc(child, transition);
                }
                for replica in self.replicas(rsc) {
                    if let Some(remote) = replica.remote {
                        self.note_bundle_address(remote);
                    }
                    for part in
                        [replica.ip, Some(replica.container), replica.remote].into_iter().flatten()
                    {
                        self.add_rsc(part, transition);
                    }
                }
                return;
            }
            Variant::Clone => {
                for action in self.newest_actions(rsc) {
                    self.action_flags(rsc, action, None);
                }
                self.create_notifications(rsc);
                for child in self.rscs[rsc].children.clone() {
                    self.add_rsc(child, transition);
                }
            }
            Variant::Primitive | Variant::Group => {}
        }
        for action in self.newest_actions(rsc) {
            self.add_action(action, transition);
        }
        for child in self.rscs[rsc].children.clone() {
            self.add_rsc(child, transition);
        }
    }

    fn newest_actions(&self, rsc: RscIdx) -> Vec<ActionIdx> {
        self.actions.of_rsc(rsc).iter().rev().copied().collect()
    }

    fn add_action(&mut self, action: ActionIdx, transition: &mut Transition) {
        if !self.actions[action].is(F::INPUTS_DEDUPLICATED) {
            self.actions.deduplicate_inputs(action);
            self.actions[action].flags |= F::INPUTS_DEDUPLICATED;
        }
        if self.actions[action].is(F::ADDED_TO_GRAPH) || !self.belongs_in_graph(action) {
            return;
        }
        self.actions[action].flags |= F::ADDED_TO_GRAPH;
        let rsc_priority = self.actions[action].rsc.map_or(0, |rsc| self.rscs[rsc].priority);
        let priority = rsc_priority.max(self.actions[action].priority).max(0);
        let id = u32::try_from(transition.synapses.len()).unwrap_or(u32::MAX);
        let graph_action = self.graph_action(action);
        let mut inputs = Vec::new();
        for at in 0..self.actions.before(action).len() {
            if self.is_graph_input(action, at) {
                self.actions.before_mut(action)[at].graphed = true;
                let peer = self.actions.before(action)[at].peer;
                inputs.push(self.action_ref(peer));
            }
        }
        transition.synapses.push(Synapse { id, priority, action: graph_action, inputs });
    }

    /// Returns true where an action can and must be done.
    ///
    /// # Source
    /// `should_add_action_to_graph()`
    fn belongs_in_graph(&self, action: ActionIdx) -> bool {
        let state = &self.actions[action];
        if !state.is(F::RUNNABLE) || (state.is(F::OPTIONAL) && !state.is(F::ALWAYS_IN_GRAPH)) {
            return false;
        }
        if let Some(rsc) = state.rsc
            && !self.rsc_has(rsc, RscFlags::MANAGED)
            && state.task != Task::Monitor
            && state.meta.get("interval").is_none_or(|interval| interval == "0")
        {
            return false;
        }
        if state.is(F::PSEUDO) || matches!(state.task, Task::Fence | Task::Shutdown) {
            return true;
        }
        let Some(node) = state.node else { return false };
        let is_live_guest =
            self.facts.is_guest(node) && !self.nodes[node].has(NodeFlags::REMOTE_RESET);
        state.is(F::ON_DC)
            || is_live_guest
            || (self.nodes[node].online && !self.nodes[node].unclean)
    }

    /// Returns true where the graph waits for the input at position `at`; some relations are
    /// **voided** by looking at them.
    ///
    /// # Source
    /// `should_add_input_to_graph()`
    fn is_graph_input(&mut self, action: ActionIdx, at: usize) -> bool {
        let edge = self.actions.before(action)[at];
        let (flags, input) = (edge.flags, &self.actions[edge.peer]);
        if edge.graphed {
            return true;
        }
        if flags.is_empty() {
            return false;
        }
        let soft = R::THEN_IMPLIES_FIRST_GRAPHED | R::FIRST_IMPLIES_THEN_GRAPHED | R::ORDERED;
        let blocking = R::MIN_RUNNABLE | R::UNMIGRATABLE_THEN_BLOCKS;
        if !input.is(F::RUNNABLE) && (soft.contains(flags) || flags.intersects(blocking)) {
            return false;
        }
        if input.is(F::MIGRATABLE)
            && (flags.contains(R::IF_FIRST_UNMIGRATABLE)
                || (flags == R::ORDERED && input.is_stop_key()))
        {
            return false;
        }
        if flags == R::IF_ON_SAME_NODE_OR_TARGET || flags == R::IF_REQUIRED_ON_SAME_NODE {
            let keeps = self.is_on_wanted_node(action, edge.peer, flags) && !input.is(F::OPTIONAL);
            if !keeps {
                self.actions.before_mut(action)[at].flags = R::empty();
            }
            return keeps;
        }
        let rsc = self.actions[action].rsc;
        if let Some(input_rsc) = input.rsc.filter(|r| Some(*r) != rsc)
            && self.rsc_has(input_rsc, RscFlags::FAILED)
            && !self.rsc_has(input_rsc, RscFlags::MANAGED)
            && input.is_stop_key()
            && rsc.is_some_and(|rsc| self.is_clone(rsc))
        {
            return false;
        }
        !input.is(F::OPTIONAL)
            || input.flags.intersects(F::ALWAYS_IN_GRAPH | F::ADDED_TO_GRAPH)
            || self.belongs_in_graph(edge.peer)
    }

    fn is_on_wanted_node(&self, action: ActionIdx, input: ActionIdx, flags: R) -> bool {
        let (state, input) = (&self.actions[action], &self.actions[input]);
        if flags == R::IF_REQUIRED_ON_SAME_NODE {
            return input.node.is_none() || state.node.is_none() || input.node == state.node;
        }
        match state.rsc.filter(|_| state.task == Task::MigrateTo) {
            Some(rsc) => input.node.is_some() && input.node == self.rscs[rsc].assigned,
            None => input.node.is_some() && input.node == state.node,
        }
    }

    /// Returns true where following the input at `at` leads back to `action`.
    ///
    /// # Source
    /// `pcmk__graph_has_loop()`
    pub(crate) fn graph_has_loop(&mut self, action: ActionIdx, at: usize) -> bool {
        if !self.is_graph_input(action, at) {
            return false;
        }
        let mut seen = BitSet::<ActionIdx>::default();
        let mut stack = vec![self.actions.before(action)[at].peer];
        while let Some(next) = stack.pop() {
            if next == action {
                return true;
            }
            if !seen.insert(next) {
                continue;
            }
            for input in 0..self.actions.before(next).len() {
                if self.is_graph_input(next, input) {
                    stack.push(self.actions.before(next)[input].peer);
                }
            }
        }
        false
    }
}

impl ActionGraph {
    /// Sorts an action's inputs by number, each once with the flags of all its relations.
    fn deduplicate_inputs(&mut self, action: ActionIdx) {
        let edges = self.before_mut(action);
        // C sorts a list that is newest first, stably.
        edges.reverse();
        edges.sort_by_key(|edge| edge.peer);
        edges.dedup_by(|later, kept| {
            let same = later.peer == kept.peer;
            if same {
                kept.flags |= later.flags;
                kept.graphed |= later.graphed;
            }
            same
        });
    }
}
