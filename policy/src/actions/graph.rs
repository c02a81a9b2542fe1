//! The action graph: every action the scheduler considers, and the relations between them.
//!
//! **Source:** pacemaker `include/crm/common/actions_internal.h` (`struct pcmk__action`),
//! `lib/pengine/pe_actions.c` (lists and finders), `lib/pengine/utils.c` (`order_actions()`).
//! **Shape:** append-only. An action's index never changes; its id is the index + 1, so creation
//! order is Pacemaker's numbering. C prepends to its lists: here they are pushed and read backwards.

use rustc_hash::FxHashMap;

use super::key::{ActionKey, Task, TaskNames};
use super::meta::{Meta, Params};
use crate::facts::Requires;
use crate::index::{Idx as _, IndexVec, NodeIdx, RscIdx};
use crate::relations::RelationFlags;

crate::define_idx! {
    /// An action; creation order is Pacemaker's action id minus one.
    pub struct ActionIdx;
}

bitflags::bitflags! {
    /// State of an action while it is scheduled; each name is the C name after `pcmk__action_`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct ActionFlags: u32 {
        /// Needs no agent: done as soon as its inputs are.
        const PSEUDO = 1 << 0;
        /// Can be done.
        const RUNNABLE = 1 << 1;
        /// Need not be done.
        const OPTIONAL = 1 << 2;
        /// Is in the graph even if optional.
        const ALWAYS_IN_GRAPH = 1 << 3;
        /// Its own instance attributes have been evaluated.
        const ATTRS_EVALUATED = 1 << 4;
        /// May be part of a live migration.
        const MIGRATABLE = 1 << 7;
        /// Is in the graph.
        const ADDED_TO_GRAPH = 1 << 8;
        /// Is a stop that aborts a dangling migration.
        const MIGRATION_ABORT = 1 << 11;
        /// Is a recurring action that must be scheduled again even if active.
        const RESCHEDULE = 1 << 13;
        /// Its inputs are sorted and each is there once.
        const INPUTS_DEDUPLICATED = 1 << 15;
        /// Can be done on the DC instead of its node.
        const ON_DC = 1 << 16;
    }
}

/// Where an action is kept and found again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ActionName {
    /// By key, among the actions of its resource.
    Resource(ActionKey),
    /// By its whole text, among the cluster's actions.
    Cluster(Box<str>),
}

/// One action under consideration.
#[derive(Clone, Debug)]
pub struct Action {
    /// Key or name (`uuid` in C).
    pub name: ActionName,
    /// What is done. Differs from the key's task for cancellations and notifications.
    pub task: Task,
    /// For cancellations, the task that is cancelled.
    pub cancel_task: Option<Task>,
    /// The resource, `None` for the cluster's own actions.
    pub rsc: Option<RscIdx>,
    /// Where; `None` for pseudo-actions and for actions of unassigned resources.
    pub node: Option<NodeIdx>,
    /// State.
    pub flags: ActionFlags,
    /// What must hold before it may run.
    pub needs: Requires,
    /// Why it is needed, in words for the administrator.
    pub reason: Option<String>,
    /// Abort priority; 0 unless raised.
    pub priority: i32,
    /// Meta-attributes (`CRM_meta_*` in the graph).
    pub meta: Meta,
    /// The `<op>` it is configured by.
    pub op: Option<cib_model::xml::XmlId>,
    /// The action's own instance attributes.
    pub extra: Params,
    /// Number of runnable inputs with `MIN_RUNNABLE` found in this visit.
    pub runnable_before: u32,
    /// Number of them that is needed; 0 = the rule does not apply.
    pub required_runnable_before: u32,
    previous_of_key: Option<ActionIdx>,
    previous_of_task: Option<ActionIdx>,
}

impl Action {
    /// Returns true where all of `flags` are set.
    pub fn is(&self, flags: ActionFlags) -> bool {
        self.flags.contains(flags)
    }

    /// Returns the key of a resource's action.
    pub fn key(&self) -> Option<ActionKey> {
        match &self.name {
            ActionName::Resource(key) => Some(*key),
            ActionName::Cluster(_) => None,
        }
    }

    /// Returns true where the key reads `…_stop_0`.
    pub fn is_stop_key(&self) -> bool {
        self.key() == Some(ActionKey::once(Task::Stop))
    }

    /// Sets the reason: always where `overwrite`, else only the first time.
    pub fn set_reason(&mut self, reason: Option<&str>, overwrite: bool) {
        if self.reason.is_none() || overwrite {
            self.reason = reason.map(str::to_owned);
        }
    }
}

/// One end of a relation: the other action and what the relation means.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// The other action.
    pub peer: ActionIdx,
    /// Meaning. Each end has its own copy; only the `before` end's is changed later.
    pub flags: RelationFlags,
    /// Whether the graph waits for it.
    pub graphed: bool,
}

/// Actions and relations.
#[derive(Clone, Debug, Default)]
pub struct ActionGraph {
    /// All actions, in creation order.
    pub actions: IndexVec<ActionIdx, Action>,
    /// Names of the tasks not known in advance.
    pub task_names: TaskNames,
    before: IndexVec<ActionIdx, Vec<Edge>>,
    after: IndexVec<ActionIdx, Vec<Edge>>,
    of_rsc: Vec<Vec<ActionIdx>>,
    by_key: FxHashMap<(RscIdx, ActionKey), ActionIdx>,
    by_task: FxHashMap<(RscIdx, Task), ActionIdx>,
    by_name: FxHashMap<Box<str>, ActionIdx>,
    pairs: FxHashMap<(ActionIdx, ActionIdx), RelationFlags>,
    /// Grows with every change of an action.
    changes: u64,
    collective_flags: FxHashMap<(ActionIdx, Option<NodeIdx>), (u64, ActionFlags)>,
    pub(super) meta_cache: super::op_config::MetaCache,
    pub(super) digest_cache: super::digest::DigestCache,
    pub(super) notifications: super::notify::Notifications,
}

impl std::ops::Index<ActionIdx> for ActionGraph {
    type Output = Action;

    fn index(&self, idx: ActionIdx) -> &Action {
        &self.actions[idx]
    }
}

impl std::ops::IndexMut<ActionIdx> for ActionGraph {
    fn index_mut(&mut self, idx: ActionIdx) -> &mut Action {
        self.changes += 1;
        &mut self.actions[idx]
    }
}

impl ActionGraph {
    /// Returns the action's number in the transition, from 1.
    pub fn id(action: ActionIdx) -> u32 {
        u32::try_from(action.index() + 1).unwrap_or(u32::MAX)
    }

    /// Appends a new, runnable action. Finding an existing one first is the caller's duty.
    pub fn push(
        &mut self,
        name: ActionName,
        task: Task,
        rsc: Option<RscIdx>,
        node: Option<NodeIdx>,
    ) -> ActionIdx {
        let idx = ActionIdx::new(self.actions.len());
        let previous_of_key = match (&name, rsc) {
            (ActionName::Resource(key), Some(rsc)) => {
                if self.of_rsc.len() <= rsc.index() {
                    self.of_rsc.resize_with(rsc.index() + 1, Vec::new);
                }
                self.of_rsc[rsc.index()].push(idx);
                self.by_key.insert((rsc, *key), idx)
            }
            (ActionName::Cluster(text), _) => {
                self.by_name.insert(text.to_ascii_lowercase().into(), idx)
            }
            (ActionName::Resource(_), None) => None,
        };
        let previous_of_task = rsc.and_then(|rsc| self.by_task.insert((rsc, task), idx));
        self.changes += 1;
        self.before.push(Vec::new());
        self.after.push(Vec::new());
        self.actions.push(Action {
            name,
            task,
            cancel_task: None,
            rsc,
            node,
            flags: ActionFlags::RUNNABLE,
            needs: Requires::Nothing,
            reason: None,
            priority: 0,
            meta: Meta::default(),
            op: None,
            extra: Params::default(),
            runnable_before: 0,
            required_runnable_before: 0,
            previous_of_key,
            previous_of_task,
        })
    }

    /// Changes what an action does; it keeps its key.
    pub(crate) fn set_task(&mut self, action: ActionIdx, task: Task) {
        let old = self.actions[action].task;
        let Some(rsc) = self.actions[action].rsc.filter(|_| old != task) else { return };
        let next = self.actions[action].previous_of_task;
        self.relink(rsc, old, |other| other <= action, next);
        // Among those of its new task it stands by its age.
        let mut older = self.by_task.get(&(rsc, task)).copied();
        while let Some(other) = older.filter(|other| *other > action) {
            older = self.actions[other].previous_of_task;
        }
        self.relink(rsc, task, |other| other < action, Some(action));
        let state = &mut self[action];
        state.previous_of_task = older;
        state.task = task;
    }

    /// Replaces the rest of a task's list, from where `past` first holds, by what begins at `rest`.
    fn relink(
        &mut self,
        rsc: RscIdx,
        task: Task,
        past: impl Fn(ActionIdx) -> bool,
        rest: Option<ActionIdx>,
    ) {
        let mut newer = None;
        let mut at = self.by_task.get(&(rsc, task)).copied();
        while let Some(other) = at.filter(|other| !past(*other)) {
            newer = at;
            at = self.actions[other].previous_of_task;
        }
        match (newer, rest) {
            (Some(newer), _) => self.actions[newer].previous_of_task = rest,
            (None, Some(rest)) => {
                self.by_task.insert((rsc, task), rest);
            }
            (None, None) => {
                self.by_task.remove(&(rsc, task));
            }
        }
    }

    /// Clears flags of an action; nothing counts as changed where none is set.
    pub(crate) fn clear(&mut self, action: ActionIdx, flags: ActionFlags) {
        if self.actions[action].flags.intersects(flags) {
            self[action].flags.remove(flags);
        }
    }

    /// Returns the flags of a collective's action as they were found last, unless an action has
    /// changed since.
    pub(crate) fn known_flags(
        &self,
        action: ActionIdx,
        node: Option<NodeIdx>,
    ) -> Option<ActionFlags> {
        let (changes, flags) = self.collective_flags.get(&(action, node))?;
        (*changes == self.changes).then_some(*flags)
    }

    /// Returns how often actions have changed.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Keeps the flags of a collective's action, found when actions had changed `since` times.
    pub(crate) fn keep_flags(
        &mut self,
        action: ActionIdx,
        node: Option<NodeIdx>,
        since: u64,
        flags: ActionFlags,
    ) {
        self.collective_flags.insert((action, node), (since, flags));
    }

    /// Returns the actions of `rsc`, oldest first.
    pub fn of_rsc(&self, rsc: RscIdx) -> &[ActionIdx] {
        self.of_rsc.get(rsc.index()).map_or(&[], |list| list)
    }

    /// Returns the cluster's action called `name` (without case).
    pub fn cluster_action(&self, name: &str) -> Option<ActionIdx> {
        match self.by_name.get(name) {
            Some(found) => Some(*found),
            None => self.by_name.get(name.to_ascii_lowercase().as_str()).copied(),
        }
    }

    /// Returns the actions of `rsc` with `key`, newest first.
    pub fn newest_first(
        &self,
        rsc: RscIdx,
        key: ActionKey,
    ) -> impl Iterator<Item = ActionIdx> + '_ {
        let newest = self.by_key.get(&(rsc, key)).copied();
        std::iter::successors(newest, |idx| self.actions[*idx].previous_of_key)
    }

    /// Returns the newest action of `rsc` with `key`, on `node` where one is given.
    ///
    /// # Source
    /// `find_first_action()`
    pub fn find_first(
        &self,
        rsc: RscIdx,
        key: ActionKey,
        node: Option<NodeIdx>,
    ) -> Option<ActionIdx> {
        self.newest_first(rsc, key).find(|a| node.is_none() || self.actions[*a].node == node)
    }

    /// Returns the newest action of `rsc` that does `task`, whatever its key.
    ///
    /// # Source
    /// `find_first_action()` by task
    pub fn find_task(&self, rsc: RscIdx, task: Task, node: Option<NodeIdx>) -> Option<ActionIdx> {
        let newest = self.by_task.get(&(rsc, task)).copied();
        std::iter::successors(newest, |idx| self.actions[*idx].previous_of_task)
            .find(|idx| node.is_none() || self.actions[*idx].node == node)
    }

    /// Returns the actions of `rsc` with `key` on exactly `node`, oldest first.
    ///
    /// # Source
    /// `find_actions_exact()`
    pub fn find_exact(&self, rsc: RscIdx, key: ActionKey, node: NodeIdx) -> Vec<ActionIdx> {
        let mut found: Vec<_> =
            self.newest_first(rsc, key).filter(|a| self.actions[*a].node == Some(node)).collect();
        found.reverse();
        found
    }

    /// Returns the actions of `rsc` with `key`, oldest first; where `node` is given, those on it,
    /// and actions without a node **are put on it** and returned too.
    ///
    /// # Source
    /// `find_actions()`
    pub fn adopt(&mut self, rsc: RscIdx, key: ActionKey, node: Option<NodeIdx>) -> Vec<ActionIdx> {
        let mut found = Vec::new();
        let mut next = self.by_key.get(&(rsc, key)).copied();
        while let Some(idx) = next {
            let action = &mut self.actions[idx];
            next = action.previous_of_key;
            if node.is_some() {
                // COMPAT(pacemaker 3.x, pe_actions.c find_actions()): the finder assigns.
                self.changes += u64::from(action.node.is_none());
                action.node = action.node.or(node);
                if action.node != node {
                    continue;
                }
            }
            found.push(idx);
        }
        found.reverse();
        found
    }

    /// Returns the action that `ensure` would use: the oldest of [`Self::adopt`].
    pub(crate) fn adopt_first(
        &mut self,
        rsc: RscIdx,
        key: ActionKey,
        node: Option<NodeIdx>,
    ) -> Option<ActionIdx> {
        let mut first = None;
        let mut next = self.by_key.get(&(rsc, key)).copied();
        while let Some(idx) = next {
            let action = &mut self.actions[idx];
            next = action.previous_of_key;
            if node.is_some() {
                self.changes += u64::from(action.node.is_none());
                action.node = action.node.or(node);
                if action.node != node {
                    continue;
                }
            }
            first = Some(idx);
        }
        first
    }

    /// Orders `first` before `then`. Returns false where nothing is added: no flags, or a relation
    /// of the two that shares one. Nothing waits for itself (two entries of one node ask for that;
    /// the reference stops with an assertion).
    ///
    /// # Source
    /// `order_actions()`
    pub fn order(&mut self, first: ActionIdx, then: ActionIdx, flags: RelationFlags) -> bool {
        if flags.is_empty() || first == then {
            return false;
        }
        let known = self.pairs.entry((first, then)).or_default();
        if known.intersects(flags) {
            return false;
        }
        *known |= flags;
        self.after[first].push(Edge { peer: then, flags, graphed: false });
        self.before[then].push(Edge { peer: first, flags, graphed: false });
        true
    }

    /// Returns the inputs of `action` in push order: C's list reads them backwards.
    pub fn before(&self, action: ActionIdx) -> &[Edge] {
        &self.before[action]
    }

    /// Returns the inputs of `action` for change, in push order.
    pub fn before_mut(&mut self, action: ActionIdx) -> &mut Vec<Edge> {
        &mut self.before[action]
    }

    /// Returns the actions that wait for `action`, in push order: C's list reads them backwards.
    pub fn after(&self, action: ActionIdx) -> &[Edge] {
        &self.after[action]
    }
}
