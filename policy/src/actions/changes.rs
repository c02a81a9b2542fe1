//! What happens to each resource: the decision that the transition summary tells.
//!
//! Looking for the actions of a resource puts those without a node on the node asked for, and the
//! graph is built after that; so this is a phase, and rendering the summary changes nothing.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_actions.c` (`pcmk__output_actions()`),
//! `pcmk_sched_resource.c` (`pcmk__output_resource_actions()`), `pcmk_output.c`
//! (`rsc_action_default()`).

use super::{ActionFlags as F, ActionIdx, ActionKey, Task};
use crate::facts::{Role, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

/// What happens to a resource.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "named by the text")]
pub enum ChangeKind {
    Start,
    Stop,
    Restart,
    Reload,
    Recover,
    Move,
    Migrate,
    Promote,
    Demote,
    Repromote,
}

impl ChangeKind {
    /// Returns the word of the transition summary.
    pub fn text(self) -> &'static str {
        match self {
            ChangeKind::Start => "Start",
            ChangeKind::Stop => "Stop",
            ChangeKind::Restart => "Restart",
            ChangeKind::Reload => "Reload",
            ChangeKind::Recover => "Recover",
            ChangeKind::Move => "Move",
            ChangeKind::Migrate => "Migrate",
            ChangeKind::Promote => "Promote",
            ChangeKind::Demote => "Demote",
            ChangeKind::Repromote => "Re-promote",
        }
    }
}

/// One thing that happens to one resource. At least one of `origin` and `destination` is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// What.
    pub kind: ChangeKind,
    /// The primitive.
    pub rsc: RscIdx,
    /// Where it was.
    pub origin: Option<NodeIdx>,
    /// Where it will be.
    pub destination: Option<NodeIdx>,
    /// The action that tells whether it can be done.
    pub action: ActionIdx,
    /// The action that tells why.
    pub source: ActionIdx,
}

/// The actions that decide what a resource's change is.
#[derive(Clone, Copy)]
struct Found {
    start: Option<ActionIdx>,
    stop: Option<ActionIdx>,
    promote: Option<ActionIdx>,
    demote: Option<ActionIdx>,
}

/// A change whose actions may be missing.
struct Draft {
    kind: ChangeKind,
    origin: Option<NodeIdx>,
    destination: Option<NodeIdx>,
    action: Option<ActionIdx>,
    source: Option<ActionIdx>,
}

impl Plan {
    /// Decides what is told of each resource, in the order of the transition summary.
    pub(crate) fn find_changes(&mut self) {
        for at in 0..self.facts.top.len() {
            self.find_changes_of(self.facts.top[at]);
        }
    }

    fn find_changes_of(&mut self, rsc: RscIdx) {
        if self.variant(rsc) == Variant::Bundle {
            for replica in self.replicas(rsc) {
                let parts = [replica.ip, Some(replica.container), replica.remote, replica.child];
                for part in parts.into_iter().flatten() {
                    self.find_changes_of(part);
                }
            }
        } else if self.rscs[rsc].children.is_empty() {
            self.find_changes_of_primitive(rsc);
        } else {
            for child in self.rscs[rsc].children.clone() {
                self.find_changes_of(child);
            }
        }
    }

    fn find_changes_of_primitive(&mut self, rsc: RscIdx) {
        let next = self.rscs[rsc].assigned;
        let mut current = None;
        if !self.rscs[rsc].active.is_empty() {
            current = self.current_node(rsc);
            if self.rscs[rsc].orig_role == Role::Stopped {
                // COMPAT(pacemaker 3.x, pcmk_sched_resource.c pcmk__output_resource_actions()):
                // what is active without a role counts as started from here on.
                self.rscs[rsc].orig_role = Role::Started;
            }
        }
        if (current.is_none() && (next.is_none() || self.rsc_has(rsc, RscFlags::REMOVED)))
            || !self.rsc_has(rsc, RscFlags::MANAGED)
        {
            return;
        }
        let found = self.adopt_deciding_actions(rsc, current, next);
        if self.rscs[rsc].orig_role == self.rscs[rsc].next_role {
            self.find_change_in_role(rsc, found, (current, next));
        } else {
            self.find_change_of_role(rsc, found, (current, next));
        }
    }

    fn adopt_once(&mut self, rsc: RscIdx, task: Task, node: Option<NodeIdx>) -> Option<ActionIdx> {
        self.actions.adopt_first(rsc, ActionKey::once(task), node)
    }

    fn adopt_deciding_actions(
        &mut self,
        rsc: RscIdx,
        current: Option<NodeIdx>,
        next: Option<NodeIdx>,
    ) -> Found {
        let start = self.adopt_once(rsc, Task::Start, next);
        let start_node = current.filter(|_| self.action_is(start, F::RUNNABLE));
        let mut stop = self.adopt_once(rsc, Task::Stop, start_node);
        if stop.is_none() && self.rsc_has(rsc, RscFlags::STOP_UNEXPECTED) {
            stop = self.adopt_once(rsc, Task::Stop, None);
        }
        let promote = self.adopt_once(rsc, Task::Promote, next);
        let demote = self.adopt_once(rsc, Task::Demote, next);
        Found { start, stop, promote, demote }
    }

    fn action_is(&self, action: Option<ActionIdx>, flag: F) -> bool {
        action.is_some_and(|action| self.actions[action].is(flag))
    }

    fn is_required(&self, action: Option<ActionIdx>) -> bool {
        action.is_some() && !self.action_is(action, F::OPTIONAL)
    }

    /// The role stays as it is.
    fn find_change_in_role(
        &mut self,
        rsc: RscIdx,
        found: Found,
        (current, next): (Option<NodeIdx>, Option<NodeIdx>),
    ) {
        if next.is_none() {
            return;
        }
        let migrate = self.adopt_once(rsc, Task::MigrateFrom, next);
        let Found { start, stop, promote, demote } = found;
        let failed = self.rsc_has(rsc, RscFlags::FAILED);
        let moves = current.is_some() && current != next;
        let mut draft = Draft {
            kind: ChangeKind::Restart,
            origin: current,
            destination: next,
            action: start,
            source: None,
        };
        if current.is_some() && self.action_is(migrate, F::RUNNABLE) {
            draft.kind = ChangeKind::Migrate;
        } else if self.rsc_has(rsc, RscFlags::RELOAD) {
            draft.kind = ChangeKind::Reload;
        } else if !self.is_required(start) {
            if !self.is_required(demote) || !self.is_required(promote) {
                return;
            }
            draft.kind = ChangeKind::Repromote;
            (draft.action, draft.source) = (promote, demote);
        } else if !self.action_is(start, F::RUNNABLE) {
            draft.kind = ChangeKind::Stop;
            draft.destination = None;
            (draft.action, draft.source) = (stop, self.reasoned(stop).or(start));
        } else if moves {
            draft.kind = if failed { ChangeKind::Recover } else { ChangeKind::Move };
            draft.action = stop;
        } else if failed {
            draft.kind = ChangeKind::Recover;
            draft.destination = None;
            draft.action = stop;
        }
        self.add_change(rsc, &draft);
    }

    /// The role changes.
    fn find_change_of_role(
        &mut self,
        rsc: RscIdx,
        found: Found,
        (current, next): (Option<NodeIdx>, Option<NodeIdx>),
    ) {
        let Found { start, stop, promote, demote } = found;
        let state = &self.rscs[rsc];
        let (orig_role, next_role) = (state.orig_role, state.next_role);
        let cannot_start = start.is_some() && !self.action_is(start, F::RUNNABLE);
        if stop.is_some() && (next_role == Role::Stopped || cannot_start) {
            self.find_stops(rsc, start);
            return;
        }
        let moves = current.is_some() && next.is_some() && current != next;
        let recovers = stop.is_some() && state.has(RscFlags::FAILED | RscFlags::STOP_IF_FAILED);
        let (kind, action, source) = if recovers {
            (ChangeKind::Recover, stop, start)
        } else if moves {
            (ChangeKind::Move, stop, None)
        } else if state.has(RscFlags::RELOAD) {
            (ChangeKind::Reload, start, None)
        } else if self.is_required(stop) {
            (ChangeKind::Restart, start, None)
        } else if orig_role == Role::Promoted {
            (ChangeKind::Demote, demote, None)
        } else if next_role == Role::Promoted {
            (ChangeKind::Promote, promote, None)
        } else if orig_role == Role::Stopped && next_role > Role::Stopped {
            (ChangeKind::Start, start, None)
        } else {
            return;
        };
        let draft = Draft { kind, origin: current, destination: next, action, source };
        self.add_change(rsc, &draft);
    }

    /// It stops wherever it is active.
    fn find_stops(&mut self, rsc: RscIdx, start: Option<ActionIdx>) {
        for node in self.rscs[rsc].active.clone() {
            let stop = self.adopt_once(rsc, Task::Stop, Some(node));
            let draft = Draft {
                kind: ChangeKind::Stop,
                origin: Some(node),
                destination: None,
                action: stop,
                source: self.reasoned(stop).or(start),
            };
            self.add_change(rsc, &draft);
        }
    }

    /// Returns the action where it has a reason.
    fn reasoned(&self, action: Option<ActionIdx>) -> Option<ActionIdx> {
        action.filter(|action| self.actions[*action].reason.is_some())
    }

    fn add_change(&mut self, rsc: RscIdx, draft: &Draft) {
        let &Draft { kind, origin, destination, action, source } = draft;
        let Some(action) = action.or(source) else { return };
        let source = source.unwrap_or(action);
        self.changes.push(Change { kind, rsc, origin, destination, action, source });
    }
}
