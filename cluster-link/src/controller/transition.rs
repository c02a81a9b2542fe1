//! Executes a transition: which actions may run now, which are done, when it is over.
//!
//! A step (synapse) becomes ready when all its inputs are confirmed; a failed input counts only for
//! steps of priority INFINITY. Pseudo-actions are confirmed as they fire. An abort stops steps below
//! its priority from firing and never touches what runs.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_graph_consumer.c`.
//! **Differs:** each step counts the inputs it still waits for, so a confirmation costs its
//! dependants and not the whole graph.
//! **Shape:** all tables have one row for each synapse.

use std::collections::{BTreeMap, BTreeSet};

use policy::graph::{ActionId, ActionKind, GraphAction, Synapse, Transition};

/// Largest priority and score.
pub const INFINITY: i32 = 1_000_000;

/// How far a step has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// Inputs are missing, or a limit holds it back.
    Waiting,
    /// Sent out, not confirmed.
    Running,
    /// Confirmed.
    Done,
    /// Its node went away before it could run.
    Lost,
}

/// Why a transition stops firing actions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Abort {
    /// Steps below this priority do not fire any more.
    pub priority: i32,
    /// What happened, in Pacemaker's words.
    pub reason: String,
}

/// How a transition ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// Every step is done.
    Complete,
    /// It was aborted.
    Stopped,
    /// Steps are left that can never run: a bug in the graph.
    Terminated,
}

impl Ending {
    /// Returns the word that Pacemaker logs.
    pub fn name(self) -> &'static str {
        match self {
            Ending::Complete => "Complete",
            Ending::Stopped => "Stopped",
            Ending::Terminated => "Terminated",
        }
    }
}

/// Bounds on what runs at once.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Actions in the whole cluster; 0 = no bound.
    pub batch: u32,
    /// Actions on each node, by node name; missing = no bound.
    pub jobs: BTreeMap<String, u32>,
    /// Migrations to or from each node.
    pub migrations: Option<u32>,
    /// Added to each action's own timeout, ms.
    pub cluster_delay_ms: u64,
}

/// Counts for the log, as Pacemaker prints them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Steps that are done.
    pub complete: usize,
    /// Steps that run.
    pub pending: usize,
    /// Steps that an abort kept from firing.
    pub skipped: usize,
    /// Steps that could not fire.
    pub incomplete: usize,
}

/// One transition in execution.
#[derive(Debug)]
pub struct Execution {
    transition: Transition,
    limits: Limits,
    /// Row of each action.
    rows: BTreeMap<ActionId, usize>,
    /// Rows that wait for this row's action.
    dependents: Vec<Vec<usize>>,
    /// Inputs that are not confirmed.
    missing: Vec<usize>,
    steps: Vec<Step>,
    ready: BTreeSet<usize>,
    skipped: BTreeSet<usize>,
    running: BTreeSet<usize>,
    deadlines: BTreeSet<(u64, usize)>,
    /// When each running row's time is over.
    due: Vec<u64>,
    abort: Option<Abort>,
    ended: bool,
}

impl Execution {
    /// Prepares a transition; nothing fires before [`Execution::fire`].
    pub fn new(transition: Transition, limits: Limits) -> Self {
        let rows: BTreeMap<_, _> = transition
            .synapses
            .iter()
            .enumerate()
            .map(|(row, synapse)| (synapse.action.reference.id, row))
            .collect();
        let count = transition.synapses.len();
        let mut dependents = vec![Vec::new(); count];
        let mut missing = vec![0; count];
        for (row, synapse) in transition.synapses.iter().enumerate() {
            missing[row] = synapse.inputs.len();
            for input in &synapse.inputs {
                if let Some(&on) = rows.get(&input.id) {
                    dependents[on].push(row);
                }
            }
        }
        let ready = (0..count).filter(|row| missing[*row] == 0).collect();
        Execution {
            transition,
            limits,
            rows,
            dependents,
            missing,
            steps: vec![Step::Waiting; count],
            ready,
            skipped: BTreeSet::new(),
            running: BTreeSet::new(),
            deadlines: BTreeSet::new(),
            due: vec![0; count],
            abort: None,
            ended: false,
        }
    }

    /// Returns the transition.
    pub fn transition(&self) -> &Transition {
        &self.transition
    }

    /// Returns why the transition stops, where it does.
    pub fn abort(&self) -> Option<&Abort> {
        self.abort.as_ref()
    }

    /// Returns whether the end was reported.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Returns how many actions run.
    pub fn pending(&self) -> usize {
        self.running.len()
    }

    /// Returns the actions that run.
    pub fn running(&self) -> impl Iterator<Item = &GraphAction> {
        self.running.iter().filter_map(|row| self.action(*row))
    }

    /// Returns an action by its number.
    pub fn find(&self, id: ActionId) -> Option<&GraphAction> {
        self.action(*self.rows.get(&id)?)
    }

    /// Returns the priority of an action's step; 0 where there is none.
    pub fn priority(&self, id: ActionId) -> i32 {
        let row = self.rows.get(&id);
        row.and_then(|row| self.transition.synapses.get(*row)).map_or(0, |s| s.priority)
    }

    /// Returns whether an action was confirmed (also as failed).
    pub fn is_confirmed(&self, id: ActionId) -> bool {
        self.rows.get(&id).is_some_and(|row| self.steps[*row] == Step::Done)
    }

    /// Stops steps below `priority`. The highest priority and its reason stay.
    pub fn stop_below(&mut self, priority: i32, reason: &str) {
        if self.abort.as_ref().is_none_or(|a| a.priority < priority) {
            self.abort = Some(Abort { priority, reason: reason.to_owned() });
        }
    }

    /// Fires what may run now and returns the actions to be performed, in graph order.
    ///
    /// Pseudo-actions are confirmed here. Call it again after each confirmation.
    pub fn fire(&mut self, now_ms: u64) -> Vec<GraphAction> {
        let mut fired = Vec::new();
        let mut held_back = BTreeSet::new();
        while let Some(row) = self.ready.pop_first() {
            let Some(action) = self.action(row) else { continue };
            if action.reference.kind == ActionKind::Pseudo {
                self.steps[row] = Step::Running;
                self.complete(row, Outcome::Success);
                continue;
            }
            let priority = self.transition.synapses[row].priority;
            if self.abort.as_ref().is_some_and(|a| priority < a.priority) {
                self.skipped.insert(row);
                continue;
            }
            if !self.is_allowed(action) {
                held_back.insert(row);
                continue;
            }
            let deadline = now_ms.saturating_add(self.time_limit(action));
            let no_wait = action.meta("op_no_wait").is_some_and(is_true);
            fired.push(action.clone());
            self.steps[row] = Step::Running;
            if no_wait {
                self.complete(row, Outcome::Success);
            } else {
                self.running.insert(row);
                self.deadlines.insert((deadline, row));
                self.due[row] = deadline;
            }
        }
        self.ready = held_back;
        fired
    }

    /// Confirms an action. Returns false where it is unknown or was confirmed before.
    pub fn confirm(&mut self, id: ActionId, outcome: Outcome) -> bool {
        let Some(&row) = self.rows.get(&id) else { return false };
        if matches!(self.steps[row], Step::Done | Step::Lost) {
            return false;
        }
        self.ready.remove(&row);
        self.complete(row, outcome);
        true
    }

    /// Gives up every action of a node that is gone, but for its fencing.
    ///
    /// Returns whether there were any.
    pub fn lose_node(&mut self, node: &str) -> bool {
        let on_node = |synapse: &Synapse| {
            let at = &synapse.action.reference;
            let fencing = at.kind == ActionKind::Cluster && at.operation == "stonith";
            let there =
                at.on_node.as_deref() == Some(node) || at.router_node.as_deref() == Some(node);
            at.kind != ActionKind::Pseudo && !fencing && there
        };
        let rows: Vec<usize> = (0..self.steps.len())
            .filter(|row| matches!(self.steps[*row], Step::Waiting | Step::Running))
            .filter(|row| self.transition.synapses.get(*row).is_some_and(on_node))
            .collect();
        for &row in &rows {
            self.ready.remove(&row);
            self.complete(row, Outcome::Failure);
            self.steps[row] = Step::Lost;
        }
        !rows.is_empty()
    }

    /// Returns when the next action's time is over.
    pub fn deadline(&self) -> Option<u64> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Takes an action whose time is over; it is confirmed as failed.
    pub fn take_overdue(&mut self, now_ms: u64) -> Option<GraphAction> {
        let &(at, row) = self.deadlines.first()?;
        if at > now_ms {
            return None;
        }
        self.complete(row, Outcome::Failure);
        self.action(row).cloned()
    }

    /// Returns how the transition ended, once, when nothing runs and nothing more can fire.
    pub fn take_ending(&mut self) -> Option<Ending> {
        if self.ended || !self.running.is_empty() || !self.ready.is_empty() {
            return None;
        }
        self.ended = true;
        let counts = self.counts();
        Some(match (counts.incomplete, counts.skipped, &self.abort) {
            (0, 0, _) => Ending::Complete,
            (_, _, Some(_)) => Ending::Stopped,
            _ => Ending::Terminated,
        })
    }

    /// Counts steps by how far they have come.
    pub fn counts(&self) -> Counts {
        let complete = self.steps.iter().filter(|s| **s == Step::Done).count();
        let (pending, skipped) = (self.running.len(), self.skipped.len());
        let incomplete = self.steps.len() - complete - pending - skipped;
        Counts { complete, pending, skipped, incomplete }
    }

    fn action(&self, row: usize) -> Option<&GraphAction> {
        self.transition.synapses.get(row).map(|s| &s.action)
    }

    fn complete(&mut self, row: usize, outcome: Outcome) {
        self.running.remove(&row);
        self.skipped.remove(&row);
        self.deadlines.remove(&(self.due[row], row));
        self.steps[row] = Step::Done;
        for &dependent in &self.dependents[row] {
            let step = self.transition.synapses[dependent].priority;
            if outcome == Outcome::Failure && step < INFINITY {
                continue;
            }
            self.missing[dependent] = self.missing[dependent].saturating_sub(1);
            if self.missing[dependent] == 0 && self.steps[dependent] == Step::Waiting {
                self.ready.insert(dependent);
            }
        }
    }

    /// Own timeout and start delay, plus the time a message may take, ms.
    fn time_limit(&self, action: &GraphAction) -> u64 {
        let own = u64::from(action.timeout_ms());
        let own = if own == 0 { self.limits.cluster_delay_ms } else { own };
        let delay = action.meta("start_delay").and_then(|v| v.parse().ok()).unwrap_or(0);
        own.saturating_add(delay).saturating_add(self.limits.cluster_delay_ms)
    }

    fn is_allowed(&self, action: &GraphAction) -> bool {
        let limit = usize::try_from(self.limits.batch).unwrap_or(usize::MAX);
        if limit > 0 && self.running.len() >= limit {
            return false;
        }
        let Some(node) = action.reference.on_node.as_deref() else { return true };
        let count = |wanted: &dyn Fn(&GraphAction) -> bool| {
            let here = self.running().filter(|a| a.reference.on_node.as_deref() == Some(node));
            u32::try_from(here.filter(|a| wanted(a)).count()).unwrap_or(u32::MAX)
        };
        if action.reference.kind == ActionKind::Resource
            && self
                .limits
                .jobs
                .get(node)
                .is_some_and(|limit| count(&|a| a.reference.kind == ActionKind::Resource) >= *limit)
        {
            return false;
        }
        let migrates = |a: &GraphAction| {
            matches!(a.reference.operation.as_str(), "migrate_to" | "migrate_from")
        };
        !migrates(action) || self.limits.migrations.is_none_or(|limit| count(&migrates) < limit)
    }
}

/// How an action came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// As the scheduler expected.
    Success,
    /// Otherwise; what needs it must not run.
    Failure,
}

/// Reads a boolean as Pacemaker does.
pub(crate) fn is_true(text: &str) -> bool {
    ["true", "on", "yes", "y", "1"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
