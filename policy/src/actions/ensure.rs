//! Finding an action or making it, with everything that follows from asking for it.
//!
//! **Source:** pacemaker `lib/pengine/pe_actions.c` (`custom_action()`, `get_pseudo_op()`,
//! `pe__new_rsc_pseudo_action()`).

use std::sync::Arc;

use super::graph::{ActionFlags, ActionIdx, ActionName};
use super::key::{ActionKey, Task};
use super::meta::Meta;
use crate::facts::{AttrMap, ClusterFlags, NoQuorumPolicy, NodeFlags, Requires, Role, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::unpack::nvset;
use crate::unpack::rule::RuleInput;

/// Whether an action that is asked for must be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// It must be done.
    Required,
    /// It may be needed.
    Optional,
}

impl Need {
    /// Returns `Optional` where `optional`.
    pub fn optional_if(optional: bool) -> Self {
        if optional { Self::Optional } else { Self::Required }
    }
}

impl Plan {
    /// Finds or makes an action of a resource.
    ///
    /// An existing action that has the key and no node is put on `node`. Asking makes a managed
    /// resource's action required where `need` says so, decides anew whether it can be run, and
    /// may order the fencing of a node where a stop cannot be run.
    ///
    /// # Source
    /// `custom_action()`
    pub fn ensure_action(
        &mut self,
        rsc: RscIdx,
        key: ActionKey,
        task: Task,
        node: Option<NodeIdx>,
        need: Need,
    ) -> ActionIdx {
        let action = match self.actions.adopt_first(rsc, key, node) {
            Some(action) => action,
            None => self.new_rsc_action(rsc, key, task, node, need),
        };
        self.update_optional(action, need);
        self.evaluate_action_params(action);
        self.update_runnable(action);
        action
    }

    /// Finds or makes the action that does `task` once.
    pub fn ensure_once(
        &mut self,
        rsc: RscIdx,
        task: Task,
        node: Option<NodeIdx>,
        need: Need,
    ) -> ActionIdx {
        self.ensure_action(rsc, ActionKey::once(task), task, node, need)
    }

    /// Finds or makes an action of the cluster itself.
    pub fn ensure_cluster_action(
        &mut self,
        name: &str,
        task: Task,
        node: Option<NodeIdx>,
        need: Need,
    ) -> ActionIdx {
        let known = self.actions.cluster_action(name).filter(|known| {
            let action = &mut self.actions[*known];
            if node.is_some() {
                action.node = action.node.or(node);
            }
            node.is_none() || action.node == node
        });
        let action = known.unwrap_or_else(|| {
            let name = ActionName::Cluster(name.into());
            let action = self.actions.push(name, task, None, node);
            self.actions[action].flags.set(ActionFlags::OPTIONAL, need == Need::Optional);
            action
        });
        if need == Need::Required {
            self.actions[action].flags.remove(ActionFlags::OPTIONAL);
        }
        action
    }

    /// Finds or makes a pseudo-action of the cluster; a new one is optional and runnable.
    ///
    /// # Source
    /// `get_pseudo_op()`
    pub fn ensure_pseudo(&mut self, name: &str) -> ActionIdx {
        if let Some(known) = self.actions.cluster_action(name) {
            return known;
        }
        let task = self.actions.task_names.task(name);
        let action = self.ensure_cluster_action(name, task, None, Need::Optional);
        self.actions[action].flags |= ActionFlags::PSEUDO | ActionFlags::RUNNABLE;
        action
    }

    /// Finds or makes a pseudo-action of a collective.
    ///
    /// # Source
    /// `pe__new_rsc_pseudo_action()`
    pub fn ensure_rsc_pseudo(
        &mut self,
        rsc: RscIdx,
        key: ActionKey,
        task: Task,
        need: Need,
        runnable: bool,
    ) -> ActionIdx {
        let action = self.ensure_action(rsc, key, task, None, need);
        self.actions[action].flags |= ActionFlags::PSEUDO;
        if runnable {
            self.actions[action].flags |= ActionFlags::RUNNABLE;
        }
        action
    }

    /// Makes the action that clears a resource's fail count on a node.
    ///
    /// # Source
    /// `pe__clear_failcount()`
    pub fn clear_failcount(&mut self, rsc: RscIdx, node: NodeIdx) -> ActionIdx {
        let clear = self.ensure_once(rsc, Task::ClearFailcount, Some(node), Need::Required);
        self.actions[clear].meta.set("op_no_wait", "true");
        clear
    }

    /// Makes the action that clears a resource's history on a node in the CIB.
    ///
    /// # Source
    /// `pe__clear_resource_history()`
    pub fn clear_history(&mut self, rsc: RscIdx, node: NodeIdx) -> ActionIdx {
        self.ensure_once(rsc, Task::LrmDelete, Some(node), Need::Required)
    }

    fn new_rsc_action(
        &mut self,
        rsc: RscIdx,
        key: ActionKey,
        task: Task,
        node: Option<NodeIdx>,
        need: Need,
    ) -> ActionIdx {
        let name: Box<str> = self.actions.task_names.name(task).into();
        let mut op = self.find_op(rsc, &name, key.interval_ms, true);
        if op.is_none() && key.notify.is_some() {
            op = self.find_notify_op(rsc);
        }
        let meta = self.op_meta(rsc, node, &name, key.interval_ms, op);
        let needs = self.op_requires(rsc, &name);
        let action = self.actions.push(ActionName::Resource(key), task, Some(rsc), node);
        let new = &mut self.actions[action];
        new.meta = Meta::new(meta);
        new.needs = needs;
        new.op = op;
        new.flags.set(ActionFlags::OPTIONAL, need == Need::Optional);
        new.flags.set(ActionFlags::ON_DC, task == Task::LrmDelete);
        action
    }

    fn update_optional(&mut self, action: ActionIdx, need: Need) {
        let state = &self.actions[action];
        let unmanaged = state.rsc.is_some_and(|rsc| !self.rsc_has(rsc, RscFlags::MANAGED))
            && state.node.is_some()
            && !state.is(ActionFlags::PSEUDO)
            && state.meta.get("interval").is_none();
        if unmanaged {
            self.actions[action].flags |= ActionFlags::OPTIONAL;
        } else if need == Need::Required {
            self.actions[action].flags.remove(ActionFlags::OPTIONAL);
        }
    }

    /// Evaluates the instance attributes of the action's own `<op>`, once its node is known.
    fn evaluate_action_params(&mut self, action: ActionIdx) {
        let state = &self.actions[action];
        let (Some(node), Some(op)) = (state.node, state.op) else { return };
        if state.is(ActionFlags::ATTRS_EVALUATED) {
            return;
        }
        self.actions[action].flags |= ActionFlags::ATTRS_EVALUATED;
        let params = self.op_params(Some(op), node);
        if !params.is_empty() {
            self.actions[action].extra = Arc::new(params);
        }
    }

    /// Returns an operation's own instance attributes on a node.
    ///
    /// # Source
    /// `pcmk__unpack_action_rsc_params()`
    pub(super) fn op_params(
        &mut self,
        op: Option<cib_model::xml::XmlId>,
        node: NodeIdx,
    ) -> AttrMap {
        let mut params = AttrMap::new();
        let Some(op) = op.and_then(|op| self.facts.config.element(op)) else { return params };
        let input = RuleInput {
            now: self.facts.now,
            node_attrs: Some(&self.facts.nodes[node].attrs),
            ..RuleInput::default()
        };
        let change = nvset::unpack(op, "instance_attributes", &input, None, &mut params);
        if let Some(time) = change {
            self.recheck_at(time);
        }
        params
    }

    /// # Source
    /// `update_resource_action_runnable()`
    fn update_runnable(&mut self, action: ActionIdx) {
        let state = &self.actions[action];
        let (Some(rsc), task, needs) = (state.rsc, state.task, state.needs) else { return };
        let on_dc = state.is(ActionFlags::ON_DC);
        if state.is(ActionFlags::PSEUDO) {
            return;
        }
        let Some(node) = state.node else {
            self.actions[action].flags.remove(ActionFlags::RUNNABLE);
            return;
        };
        let is_guest = self.facts.is_guest(node);
        let node_state = &self.nodes[node];
        if !on_dc && !node_state.online && (!is_guest || node_state.has(NodeFlags::REMOTE_RESET)) {
            let unclean = node_state.unclean;
            self.actions[action].flags.remove(ActionFlags::RUNNABLE);
            if self.rsc_has(rsc, RscFlags::MANAGED) && task == Task::Stop && !unclean {
                self.fence_node(node, "stop is unrunnable", false);
            }
        } else if !on_dc && node_state.pending {
            self.actions[action].flags.remove(ActionFlags::RUNNABLE);
        } else if needs == Requires::Nothing {
            let runnable = !is_guest || self.can_fence(Some(node));
            self.actions[action].set_reason(None, true);
            self.actions[action].flags.set(ActionFlags::RUNNABLE, runnable);
        } else {
            self.update_runnable_by_quorum(action, rsc);
        }
    }

    fn update_runnable_by_quorum(&mut self, action: ActionIdx, rsc: RscIdx) {
        let block = match self.effective_quorum_policy(rsc) {
            NoQuorumPolicy::Stop => Some("no quorum"),
            NoQuorumPolicy::Freeze => {
                let state = &self.rscs[rsc];
                let raised = state.next_role > state.orig_role;
                if raised || !self.is_active(rsc, true) {
                    Some("quorum freeze")
                } else {
                    return;
                }
            }
            _ => None,
        };
        let state = &mut self.actions[action];
        state.flags.set(ActionFlags::RUNNABLE, block.is_none());
        if block.is_some() {
            state.set_reason(block, true);
        }
    }

    fn effective_quorum_policy(&mut self, rsc: RscIdx) -> NoQuorumPolicy {
        let policy = self.facts.options.no_quorum_policy;
        if self.cluster_has(ClusterFlags::QUORATE) {
            return NoQuorumPolicy::Ignore;
        }
        if policy != NoQuorumPolicy::Demote {
            return policy;
        }
        match self.rscs[rsc].orig_role {
            Role::Promoted | Role::Unpromoted => {
                if self.rscs[rsc].next_role > Role::Unpromoted {
                    self.set_next_role(rsc, Role::Unpromoted);
                }
                NoQuorumPolicy::Ignore
            }
            _ => NoQuorumPolicy::Stop,
        }
    }
}
