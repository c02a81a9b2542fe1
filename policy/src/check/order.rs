//! Who runs before whom in a transition.

use std::collections::HashMap;

use crate::actions::ActionIdx;
use crate::graph::{ActionId, ActionKind, Synapse, Transition};
use crate::index::{Idx as _, RscIdx};
use crate::plan::Plan;

/// A transition with its inputs resolved to synapses.
#[derive(Debug)]
pub(super) struct Order<'a> {
    /// The transition's steps.
    pub(super) synapses: &'a [Synapse],
    by_action: HashMap<ActionId, usize>,
    by_step: HashMap<RscIdx, Vec<(&'a str, usize)>>,
    plan: &'a Plan,
}

impl<'a> Order<'a> {
    pub(super) fn new(plan: &'a Plan, transition: &'a Transition) -> Self {
        let synapses = &transition.synapses[..];
        let by_action =
            synapses.iter().enumerate().map(|(at, s)| (s.action.reference.id, at)).collect();
        let mut order = Order { synapses, by_action, by_step: HashMap::new(), plan };
        for (at, synapse) in synapses.iter().enumerate() {
            if let Some(rsc) = order.instance(synapse)
                && synapse.action.reference.kind == ActionKind::Resource
            {
                let operation = synapse.action.reference.operation.as_str();
                order.by_step.entry(rsc).or_default().push((operation, at));
            }
        }
        order
    }

    /// Returns what the plan knows of an action; `None` of one it never made.
    pub(super) fn action(&self, id: ActionId) -> Option<ActionIdx> {
        let at = usize::try_from(id).ok()?.checked_sub(1)?;
        (at < self.plan.actions.actions.len()).then(|| ActionIdx::new(at))
    }

    /// Returns the resource instance a step is for. The names in the step do not tell: instances
    /// of anonymous clones go by the names that their history has.
    pub(super) fn instance(&self, synapse: &Synapse) -> Option<RscIdx> {
        self.plan.actions[self.action(synapse.action.reference.id)?].rsc
    }

    /// Returns the positions of the steps in which an agent does `operation` for an instance.
    pub(super) fn steps(&self, rsc: RscIdx, operation: &str) -> Vec<usize> {
        let all = self.by_step.get(&rsc).into_iter().flatten();
        all.filter(|(name, _)| *name == operation).map(|(_, at)| *at).collect()
    }

    /// Returns the position of the synapse that runs an action.
    pub(super) fn position(&self, action: ActionId) -> Option<usize> {
        self.by_action.get(&action).copied()
    }

    /// Returns the positions of what the synapse waits for.
    pub(super) fn inputs(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.synapses[at].inputs.iter().filter_map(|input| self.position(input.id))
    }

    /// Returns, by position, what must be complete before the synapse at `at`, however far back.
    pub(super) fn ancestors(&self, at: usize) -> Vec<bool> {
        let mut seen = vec![false; self.synapses.len()];
        let mut stack: Vec<usize> = self.inputs(at).collect();
        while let Some(next) = stack.pop() {
            if !std::mem::replace(&mut seen[next], true) {
                stack.extend(self.inputs(next));
            }
        }
        seen
    }

    /// Returns a synapse that waits for itself, or `None` where there is none.
    pub(super) fn find_cycle(&self) -> Option<usize> {
        let mut waiting: Vec<usize> = vec![0; self.synapses.len()];
        let mut followers: Vec<Vec<usize>> = vec![Vec::new(); self.synapses.len()];
        for (at, count) in waiting.iter_mut().enumerate() {
            for input in self.inputs(at) {
                *count += 1;
                followers[input].push(at);
            }
        }
        let mut ready: Vec<usize> = (0..waiting.len()).filter(|at| waiting[*at] == 0).collect();
        while let Some(done) = ready.pop() {
            for &next in &followers[done] {
                waiting[next] -= 1;
                if waiting[next] == 0 {
                    ready.push(next);
                }
            }
        }
        waiting.iter().position(|inputs| *inputs > 0)
    }
}

/// Returns true where an agent does `operation`, once.
pub(super) fn is_agent(synapse: &Synapse, operation: &str) -> bool {
    let reference = &synapse.action.reference;
    reference.kind == ActionKind::Resource && reference.operation == operation
}

/// Returns an action's name for reports: its key, and its node.
pub(super) fn name(synapse: &Synapse) -> String {
    let reference = &synapse.action.reference;
    let key = reference.internal_operation_key.as_ref().unwrap_or(&reference.operation_key);
    match &reference.on_node {
        Some(node) => format!("{key} on {node}"),
        None => key.clone(),
    }
}
