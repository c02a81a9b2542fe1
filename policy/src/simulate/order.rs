//! The order in which a transition's actions run, and what is told of each.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;

use cib_model::Cib;

use super::inject::{leading_number, write_attribute};
use super::record::{Failure, Recorder, SetAttribute};
use crate::graph::{ActionKind, GraphAction, Synapse, Transition};

/// Priority of synapses that run although an action failed.
const ALWAYS: i32 = 1_000_000;

/// One thing that the simulation did, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A pseudo-action.
    Pseudo {
        /// Its operation key.
        key: String,
        /// The node it is for.
        node: Option<String>,
    },
    /// A resource agent's operation.
    Resource {
        /// The resource as the configuration knows it.
        rsc: String,
        /// The operation.
        operation: String,
        /// ms; 0 = once.
        interval_ms: u32,
        /// Where.
        node: String,
    },
    /// A transient node attribute was set, as part of the failure just told.
    Attribute {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// Id of the node's state.
        node_id: String,
    },
    /// The operation just told failed, as a [`Fault`] wished.
    Failed {
        /// Number of the action.
        action: u32,
        /// The exit code.
        rc: i32,
    },
    /// The cluster's own action.
    Cluster {
        /// What.
        task: String,
        /// The resource, where there is one.
        rsc: Option<String>,
        /// Where.
        node: Option<String>,
    },
    /// A node was fenced.
    Fencing {
        /// `reboot`, `off` or `on`.
        operation: String,
        /// The node.
        target: String,
    },
}

/// One line of the section "Executing Cluster Transition", without its bullet.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Pseudo { key, node: None } => write!(f, "Pseudo action:   {key}"),
            Event::Pseudo { key, node: Some(node) } => {
                write!(f, "Pseudo action:   {key} on {node}")
            }
            Event::Resource { rsc, operation, interval_ms: 0, node } => {
                write!(f, "Resource action: {rsc:<15} {operation} on {node}")
            }
            Event::Resource { rsc, operation, interval_ms, node } => {
                write!(f, "Resource action: {rsc:<15} {operation}={interval_ms} on {node}")
            }
            Event::Failed { action, rc } => {
                write!(f, "Pretending action {action} failed with rc={rc}")
            }
            Event::Attribute { name, value, node_id } => write_attribute(f, name, value, node_id),
            Event::Cluster { task, rsc, node } => {
                write!(f, "Cluster action:  {task}")?;
                if let Some(rsc) = rsc {
                    write!(f, " for {rsc}")?;
                }
                write!(f, " on {}", node.as_deref().unwrap_or_default())
            }
            Event::Fencing { operation, target } => write!(f, "Fencing {target} ({operation})"),
        }
    }
}

/// A wish that an operation fails: `RSC_OPERATION_INTERVAL@NODE=RC`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// `RSC_OPERATION_INTERVAL@NODE`, compared without regard to case.
    pub operation: String,
    /// The exit code instead of the expected one; `None` where the wish has no number.
    pub rc: Option<i32>,
}

impl Fault {
    /// Reads a wish; one without `=` matches no operation.
    pub fn parse(spec: &str) -> Fault {
        match spec.split_once('=') {
            Some((operation, rc)) => {
                Fault { operation: operation.to_owned(), rc: leading_number(rc) }
            }
            None => Fault { operation: String::new(), rc: None },
        }
    }
}

/// What came of a simulated transition.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The CIB afterwards.
    pub cib: Cib,
    /// What was done, in order.
    pub events: Vec<Event>,
    /// What could not be done as wished, one sentence each.
    pub errors: Vec<String>,
    /// True where every action that was not skipped ran; false for a transition that stalls.
    pub complete: bool,
}

/// Runs `transition` against a copy of `cib`.
///
/// `knows` tells whether the configuration or the history knows a resource by that name; `now_s`
/// is written as the time of every result (seconds since 1970).
///
/// # Order
/// Passes over the synapses by id; in a pass each synapse whose inputs are complete runs at once.
pub fn run(
    cib: &Cib,
    transition: &Transition,
    faults: &[Fault],
    knows: &dyn Fn(&str) -> bool,
    now_s: i64,
) -> Simulation {
    let mut run = Run {
        transition,
        faults,
        knows,
        recorder: Recorder::new(cib.clone(), now_s),
        events: Vec::new(),
        errors: Vec::new(),
        failed: false,
    };
    let complete = run.all();
    let Run { recorder, events, errors, .. } = run;
    Simulation { cib: recorder.finish(), events, errors, complete }
}

struct Run<'a> {
    transition: &'a Transition,
    faults: &'a [Fault],
    knows: &'a dyn Fn(&str) -> bool,
    recorder: Recorder,
    events: Vec<Event>,
    errors: Vec<String>,
    failed: bool,
}

impl Run<'_> {
    /// Returns false where the transition stalls.
    fn all(&mut self) -> bool {
        let synapses = &self.transition.synapses;
        let dependents = dependents(synapses);
        let mut waiting: Vec<usize> = synapses.iter().map(|s| s.inputs.len()).collect();
        let ready = (0..synapses.len()).filter(|i| waiting[*i] == 0);
        let mut this_pass: BinaryHeap<Reverse<usize>> = ready.map(Reverse).collect();
        let mut next_pass = BinaryHeap::new();
        let mut ran = 0;
        let mut skipped = 0;
        while let Some(Reverse(index)) = this_pass.pop() {
            let synapse = &synapses[index];
            if self.failed
                && synapse.action.reference.kind != ActionKind::Pseudo
                && synapse.priority < ALWAYS
            {
                skipped += 1;
            } else {
                ran += 1;
                let succeeded = self.perform(&synapse.action);
                let id = synapse.action.reference.id as usize;
                for &dependent in dependents.get(id).map_or(&[][..], Vec::as_slice) {
                    // A synapse that waits for a failed action never runs.
                    waiting[dependent] -= usize::from(succeeded);
                    if waiting[dependent] == 0 {
                        let pass = if dependent > index { &mut this_pass } else { &mut next_pass };
                        pass.push(Reverse(dependent));
                    }
                }
            }
            if this_pass.is_empty() {
                std::mem::swap(&mut this_pass, &mut next_pass);
            }
        }
        self.failed || ran + skipped == synapses.len()
    }

    /// Returns false where the action failed.
    fn perform(&mut self, action: &GraphAction) -> bool {
        let reference = &action.reference;
        match reference.kind {
            ActionKind::Pseudo => {
                let (key, node) = (reference.operation_key.clone(), reference.on_node.clone());
                self.events.push(Event::Pseudo { key, node });
                true
            }
            ActionKind::Cluster if reference.operation == "stonith" => {
                let operation = action.meta("stonith_action").unwrap_or_default().to_owned();
                let target = reference.on_node.clone().unwrap_or_default();
                if !operation.eq_ignore_ascii_case("on") {
                    self.recorder.fenced(&target);
                }
                self.events.push(Event::Fencing { operation, target });
                true
            }
            ActionKind::Cluster => {
                let rsc = action.resource.as_ref().map(|r| r.id.clone());
                let (task, node) = (reference.operation.clone(), reference.on_node.clone());
                self.events.push(Event::Cluster { task, rsc, node });
                true
            }
            ActionKind::Resource => self.perform_operation(action),
        }
    }

    fn perform_operation(&mut self, action: &GraphAction) -> bool {
        let reference = &action.reference;
        let Some(resource) = &action.resource else { return true };
        let node = reference.on_node.clone().unwrap_or_default();
        // The history prefers the configuration's name, the report the instance's where only that
        // is known.
        let known_long = resource.long_id.as_deref().filter(|_| !(self.knows)(&resource.id));
        let rsc = known_long.filter(|long| (self.knows)(long)).unwrap_or(&resource.id).to_owned();
        let operation = reference.operation.clone();
        let unrecorded = ["delete", "meta-data"].iter().any(|o| operation.eq_ignore_ascii_case(o));
        let interval_ms = if unrecorded { 0 } else { action.interval_ms() };
        let told = Event::Resource { rsc: rsc.clone(), operation, interval_ms, node };
        self.events.push(told);
        if unrecorded {
            return true;
        }
        let fault = self.fault(action, &rsc, &resource.id);
        let failure = fault.as_ref().map(|(name, rc)| Failure {
            name,
            rc: *rc,
            fatal: match &*reference.operation {
                "start" => self.transition.start_failure_is_fatal,
                operation => operation == "stop",
            },
        });
        let set = self.recorder.operation(action, resource, &rsc, failure);
        if let Some((_, rc)) = fault {
            self.events.push(Event::Failed { action: reference.id, rc });
            self.failed = true;
        }
        self.events.extend(set.into_iter().map(|SetAttribute { name, value, node_id }| {
            Event::Attribute { name, value, node_id }
        }));
        failure.is_none()
    }

    /// Returns the name of the resource and the exit code of the first wish that names the
    /// operation.
    fn fault(
        &mut self,
        action: &GraphAction,
        rsc: &str,
        config_name: &str,
    ) -> Option<(String, i32)> {
        let reference = &action.reference;
        let node = reference.on_node.as_deref().unwrap_or_default();
        for fault in self.faults {
            let names = |name: &&&str| {
                let interval = action.interval_ms();
                let key = format!("{name}_{}_{interval}@{node}", reference.operation);
                key.eq_ignore_ascii_case(&fault.operation)
            };
            let Some(name) = [rsc, config_name].iter().find(names).copied() else { continue };
            match fault.rc {
                Some(rc) => return Some((name.to_owned(), rc)),
                None => self.errors.push(format!(
                    "Invalid failed operation '{}' (result code must be integer)",
                    fault.operation
                )),
            }
        }
        None
    }
}

/// Lists, by action id, the synapses that wait for the action.
fn dependents(synapses: &[Synapse]) -> Vec<Vec<usize>> {
    let ids = synapses.iter().map(|s| s.action.reference.id as usize);
    let mut lists = vec![Vec::new(); ids.max().map_or(0, |max| max + 1)];
    for (index, synapse) in synapses.iter().enumerate() {
        for input in &synapse.inputs {
            if let Some(list) = lists.get_mut(input.id as usize) {
                list.push(index);
            }
        }
    }
    lists
}
