//! Why actions are needed, and what keeps them from being done.

use std::fmt;

use crate::actions::{ActionFlags, ActionIdx, Task};
use crate::facts::{NodeFlags, RscFlags};
use crate::index::NodeIdx;
use crate::plan::Plan;
use crate::relations::RelationFlags;

/// What an action became through another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ActionChange {
    /// It has to be done.
    Required,
    /// It cannot be done.
    Blocked,
    /// It cannot be part of a live migration.
    Unmigratable,
}

/// What keeps an action that is needed from being done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Blocker {
    /// Its resource is assigned to no node.
    NoNode,
    /// Its resource may not be touched.
    Unmanaged,
    /// Its resource is blocked: `on-fail=block`, or a failed stop without fencing.
    FailureBlock,
    /// The state of its node.
    Node(NodeIdx, NodeTrouble),
    /// An ordering: this action comes first, and cannot be done.
    First(ActionIdx),
    /// It is part of a migration, and this action cannot be: stop and start take its place.
    NoMigration(ActionIdx),
    /// In the reference's words: `no quorum`, `quorum freeze`, …
    Because(String),
}

/// What is wrong with a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NodeTrouble {
    /// Must be fenced first.
    Unclean,
    /// Not a member.
    Offline,
    /// Has not joined yet.
    Pending,
    /// Leaves the cluster.
    ShuttingDown,
    /// In maintenance mode.
    Maintenance,
    /// In standby mode.
    Standby,
    /// In standby mode because of `on-fail=standby`.
    FailStandby,
    /// A guest on a host that cannot be fenced, so it may still be active there.
    Unfenceable,
}

impl fmt::Display for NodeTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unclean => "unclean",
            Self::Offline => "offline",
            Self::Pending => "pending",
            Self::ShuttingDown => "shutting down",
            Self::Maintenance => "in maintenance",
            Self::Standby => "in standby",
            Self::FailStandby => "in standby (on-fail)",
            Self::Unfenceable => "a guest whose host cannot be fenced",
        })
    }
}

impl Plan {
    /// Returns what keeps a node from running resources; `None` where nothing does.
    pub fn node_trouble(&self, node: NodeIdx) -> Option<NodeTrouble> {
        let state = &self.nodes[node];
        Some(if state.unclean {
            NodeTrouble::Unclean
        } else if state.pending {
            NodeTrouble::Pending
        } else if !state.online {
            NodeTrouble::Offline
        } else if state.shutdown {
            NodeTrouble::ShuttingDown
        } else if state.maintenance {
            NodeTrouble::Maintenance
        } else if state.has(NodeFlags::FAIL_STANDBY) {
            NodeTrouble::FailStandby
        } else if state.has(NodeFlags::STANDBY) {
            NodeTrouble::Standby
        } else {
            return None;
        })
    }

    /// Returns what keeps an action from being done, the nearest cause first; empty for an action
    /// that can be done.
    pub fn blockers(&self, idx: ActionIdx) -> Vec<Blocker> {
        let action = &self.actions[idx];
        let mut found = Vec::new();
        let Some(rsc) = action.rsc else { return found };
        let unmanaged = !self.rsc_has(rsc, RscFlags::MANAGED) && action.task != Task::Monitor;
        if unmanaged {
            let failed = self.rsc_has(rsc, RscFlags::BLOCKED);
            found.push(if failed { Blocker::FailureBlock } else { Blocker::Unmanaged });
        } else if action.is(ActionFlags::RUNNABLE) {
            return found;
        }
        let needs_place = matches!(action.task, Task::Start | Task::Promote | Task::Monitor);
        let homeless = needs_place && self.is_primitive(rsc) && self.rscs[rsc].assigned.is_none();
        match action.node {
            None if !action.is(ActionFlags::PSEUDO) => found.push(Blocker::NoNode),
            _ if homeless => found.push(Blocker::NoNode),
            Some(node) if self.facts.is_guest(node) && !self.can_fence(Some(node)) => {
                found.push(Blocker::Node(node, NodeTrouble::Unfenceable));
            }
            Some(node) => {
                let state = &self.nodes[node];
                if let Some(trouble) = self.node_trouble(node)
                    && (!state.online || state.pending || state.unclean)
                {
                    found.push(Blocker::Node(node, trouble));
                }
            }
            None => {}
        }
        for edge in self.actions.before(idx) {
            let blocks = RelationFlags::UNRUNNABLE_FIRST_BLOCKS
                | RelationFlags::ASYMMETRIC
                | RelationFlags::MIN_RUNNABLE
                | RelationFlags::INTERMEDIATE_STOP;
            let blocker = Blocker::First(edge.peer);
            if edge.flags.intersects(blocks)
                && !self.actions[edge.peer].is(ActionFlags::RUNNABLE)
                && !found.contains(&blocker)
            {
                found.push(blocker);
            }
        }
        for edge in self.actions.after(idx) {
            if edge.flags.contains(RelationFlags::UNMIGRATABLE_THEN_BLOCKS)
                && !self.actions[edge.peer].is(ActionFlags::MIGRATABLE | ActionFlags::RUNNABLE)
            {
                found.push(Blocker::NoMigration(edge.peer));
            }
        }
        found.extend(action.reason.clone().map(Blocker::Because));
        found
    }

    /// Returns an action's name: `db start on node1`.
    pub fn action_text(&self, idx: ActionIdx) -> String {
        let action = &self.actions[idx];
        let mut task = self.actions.task_names.name(action.task).to_owned();
        if let Some(key) = action.key().filter(|key| key.interval_ms > 0) {
            task = format!("{task}[{}ms]", key.interval_ms);
        } else if action.task == Task::Monitor {
            "probe".clone_into(&mut task);
        }
        let node = action.node.map(|node| format!(" on {}", self.facts.nodes[node].name));
        let node = node.unwrap_or_default();
        match action.rsc {
            Some(rsc) => format!("{} {task}{node}", self.facts.rscs[rsc].id),
            None => format!("{task}{node}"),
        }
    }

    /// Returns a blocker in words.
    pub fn blocker_text(&self, blocker: &Blocker) -> String {
        match blocker {
            Blocker::NoNode => "assigned to no node".to_owned(),
            Blocker::Unmanaged => "unmanaged".to_owned(),
            Blocker::FailureBlock => "blocked by a failure".to_owned(),
            Blocker::Node(node, trouble) => {
                format!("{} is {trouble}", self.facts.nodes[*node].name)
            }
            Blocker::First(first) => format!("{} cannot be done", self.action_text(*first)),
            Blocker::NoMigration(action) => {
                format!("{} cannot be part of a migration", self.action_text(*action))
            }
            Blocker::Because(reason) => reason.clone(),
        }
    }
}
