//! Actions on Pacemaker Remote nodes, and the connections they need.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_remote.c`.

use super::graph::{ActionFlags as F, ActionIdx};
use super::key::Task;
use crate::facts::{ClusterFlags, NodeFlags, Role, RscFlags};
use crate::index::{Idx as _, NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::{End, RelationFlags as R};

/// State of a remote node's connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Connection {
    Unknown,
    Alive,
    Resting,
    Failed,
    Stopped,
}

impl Plan {
    /// # Source
    /// `get_remote_node_state()`
    fn connection_state(&self, node: NodeIdx) -> Connection {
        let Some(remote) = self.facts.nodes[node].remote else { return Connection::Unknown };
        let state = &self.rscs[remote];
        let host = self.current_node(remote);
        if state.next_role == Role::Stopped || state.assigned.is_none() {
            if host.is_some_and(|host| self.nodes[host].unclean) {
                return Connection::Failed;
            }
            if !state.has(RscFlags::FAILED) {
                return Connection::Stopped;
            }
            if state.next_role == Role::Stopped
                && self.facts.rscs[remote].remote_reconnect_ms > 0
                && self.nodes[node].has(NodeFlags::REMOTE_FENCED)
                && !self.is_shutdown_requested(node)
            {
                return Connection::Unknown;
            }
            return Connection::Failed;
        }
        let Some(host) = host else { return Connection::Unknown };
        if self.nodes[host].unclean
            || !self.nodes[host].online
            || (state.active.len() > 1
                && state.partial_migration_source.is_some()
                && state.partial_migration_target.is_some())
        {
            return Connection::Resting;
        }
        Connection::Alive
    }

    /// Returns true where the connection of a remote node is beyond recovery.
    ///
    /// # Source
    /// `pcmk__is_failed_remote_node()`
    pub(super) fn is_failed_remote_node(&self, node: NodeIdx) -> bool {
        self.facts.is_remote(node)
            && self.facts.nodes[node].remote.is_some()
            && self.connection_state(node) == Connection::Failed
    }

    /// Orders actions on remote nodes relative to their connections.
    ///
    /// # Source
    /// `pcmk__order_remote_connection_actions()`
    pub fn order_remote_connection_actions(&mut self) {
        if !self.cluster_has(ClusterFlags::HAVE_REMOTE_NODES) {
            return;
        }
        for at in (0..self.actions.actions.len()).rev() {
            let action = ActionIdx::new(at);
            let state = &self.actions[action];
            let (task, Some(rsc)) = (state.task, state.rsc) else { continue };
            if self.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION) && task == Task::ClearFailcount {
                self.order(End::action_of(rsc, action), End::task(rsc, Task::Start), R::ORDERED);
                continue;
            }
            let Some(node) = state.node.filter(|n| self.facts.is_pacemaker_remote(*n)) else {
                continue;
            };
            let Some(remote) = self.facts.nodes[node].remote else { continue };
            if state.is(F::PSEUDO) {
                continue;
            }
            if task == Task::Start {
                let stops: Vec<ActionIdx> =
                    self.actions.of_rsc(rsc).iter().rev().copied().collect();
                for stop in stops {
                    if self.actions[stop].task == Task::Stop
                        && self.actions[stop].node != Some(node)
                    {
                        self.order(
                            End::task(remote, Task::Start),
                            End::action_of(rsc, stop),
                            R::ORDERED,
                        );
                    }
                }
            }
            match self.facts.rscs[remote].launcher {
                Some(launcher) => self.order_on_guest(action, task, node, remote, launcher),
                None => self.order_on_remote(action, task, node, remote),
            }
        }
    }

    fn start_then(&mut self, first: RscIdx, then: ActionIdx, extra: R) {
        let flags = R::GUEST_ALLOWED | R::UNRUNNABLE_FIRST_BLOCKS | extra;
        self.order(End::task(first, Task::Start), End::action(then), flags);
    }

    fn then_stop(&mut self, first: ActionIdx, then: RscIdx, extra: R) {
        let flags = R::GUEST_ALLOWED | extra;
        self.order(End::action(first), End::task(then, Task::Stop), flags);
    }

    /// # Source
    /// `apply_remote_ordering()`
    fn order_on_remote(&mut self, action: ActionIdx, task: Task, node: NodeIdx, remote: RscIdx) {
        let state = self.connection_state(node);
        match task {
            Task::Start | Task::Promote => {
                let failed = state == Connection::Failed;
                let extra = if failed { R::FIRST_IMPLIES_THEN } else { R::empty() };
                self.start_then(remote, action, extra);
            }
            Task::Stop | Task::MigrateTo | Task::MigrateFrom => {
                if state == Connection::Failed {
                    let reason = "resources are active but connection is unrecoverable";
                    self.fence_node(node, reason, false);
                } else if state == Connection::Alive || self.rscs[remote].next_role == Role::Stopped
                {
                    self.then_stop(action, remote, R::THEN_IMPLIES_FIRST);
                } else {
                    self.start_then(remote, action, R::empty());
                }
            }
            Task::Demote => {
                if matches!(state, Connection::Resting | Connection::Unknown) {
                    self.start_then(remote, action, R::empty());
                }
            }
            _ if self.is_recurring(action) => {
                self.start_then(remote, action, R::FIRST_IMPLIES_THEN);
            }
            _ => {
                let host = self.current_node(remote);
                if task == Task::Monitor && state == Connection::Failed {
                    let reason = "resources are in unknown state and connection is unrecoverable";
                    self.fence_node(node, reason, false);
                }
                if host.is_some() && state == Connection::Stopped {
                    self.then_stop(action, remote, R::UNRUNNABLE_FIRST_BLOCKS);
                } else {
                    self.start_then(remote, action, R::empty());
                }
            }
        }
    }

    /// # Source
    /// `apply_launcher_ordering()`
    fn order_on_guest(
        &mut self,
        action: ActionIdx,
        task: Task,
        node: NodeIdx,
        remote: RscIdx,
        launcher: RscIdx,
    ) {
        let failed = self.rsc_has(launcher, RscFlags::FAILED);
        if failed {
            self.fence_node(node, "container failed", false);
        }
        match task {
            Task::Start | Task::Promote => {
                self.start_then(launcher, action, R::FIRST_IMPLIES_THEN);
                self.start_then(remote, action, R::empty());
            }
            Task::Stop | Task::MigrateTo | Task::MigrateFrom | Task::Demote => {
                if !failed {
                    self.then_stop(action, remote, R::empty());
                }
            }
            _ if self.is_recurring(action) => {
                let is_known = matches!(task, Task::Monitor | Task::Notify | Task::Notified);
                if is_known {
                    self.start_then(remote, action, R::FIRST_IMPLIES_THEN);
                }
            }
            _ => self.start_then(remote, action, R::empty()),
        }
    }

    /// Returns the cluster node whose controller performs an action on a remote node.
    ///
    /// # Source
    /// `pcmk__connection_host_for_action()`
    pub(crate) fn connection_host(&self, action: ActionIdx) -> Option<NodeIdx> {
        let state = &self.actions[action];
        let node = state.node.filter(|n| self.facts.is_pacemaker_remote(*n))?;
        if state.task == Task::Fence {
            return None;
        }
        let remote = self.facts.nodes[node].remote?;
        let (began, ended) = (self.current_node(remote), self.rscs[remote].assigned);
        let is_partial = self.facts.rscs[remote].launcher.is_none()
            && self.rscs[remote].partial_migration_target.is_some();
        let (Some(began), Some(ended)) = (began, ended) else { return began.or(ended) };
        let task = match (state.task, state.meta.get("notify_operation")) {
            (Task::Notify, Some(about)) => Task::known(about).unwrap_or(Task::Notify),
            (task, _) => task,
        };
        let by_old = matches!(
            task,
            Task::Cancel | Task::Stop | Task::Demote | Task::MigrateFrom | Task::MigrateTo
        );
        Some(if by_old && !is_partial { began } else { ended })
    }
}
