//! Fencing and unfencing: whether a node can be fenced, and the actions that do it.
//!
//! **Source:** pacemaker `lib/pengine/utils.c` (`pe_can_fence()`, `trigger_unfencing()`),
//! `lib/pengine/unpack.c` (`pe_fence_node()`), `lib/pengine/pe_actions.c` (`pe_fence_op()`).

use super::digest::DigestVerdict;
use super::ensure::Need;
use super::graph::{ActionFlags, ActionIdx};
use super::key::Task;
use crate::facts::{ClusterFlags, NoQuorumPolicy, NodeFlags, NodeKind, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::RelationFlags;

impl Plan {
    /// Returns true where the cluster could fence the node now (for a guest: its hosts).
    pub fn can_fence(&self, node: Option<NodeIdx>) -> bool {
        let Some(launcher) = node.and_then(|n| self.guest_launcher(n)) else {
            return self.can_fence_host(node);
        };
        // Hosts may be guests, and a damaged history may say that a guest runs on itself.
        let mut seen: Vec<NodeIdx> = node.into_iter().collect();
        let mut launchers = vec![launcher];
        while let Some(launcher) = launchers.pop() {
            for host in self.rscs[launcher].active.iter().copied() {
                if self.nodes[host].online || seen.contains(&host) {
                    continue;
                }
                seen.push(host);
                match self.guest_launcher(host) {
                    Some(launcher) => launchers.push(launcher),
                    None if self.can_fence_host(Some(host)) => {}
                    None => return false,
                }
            }
        }
        true
    }

    fn can_fence_host(&self, node: Option<NodeIdx>) -> bool {
        if !self.cluster_has(ClusterFlags::FENCING_ENABLED)
            || !self.cluster_has(ClusterFlags::HAVE_FENCING)
        {
            return false;
        }
        if self.cluster_has(ClusterFlags::QUORATE)
            || self.facts.options.no_quorum_policy == NoQuorumPolicy::Ignore
        {
            return true;
        }
        let Some(node) = node.filter(|n| self.nodes[*n].online) else { return false };
        match self.facts.nodes[node].remote {
            Some(remote)
                if self.facts.is_pacemaker_remote(node)
                    && !self.cluster_has(ClusterFlags::FENCE_REMOTE_NO_QUORUM) =>
            {
                self.scores.allowed[remote].nodes().all(|n| self.nodes[n].online)
            }
            _ => true,
        }
    }

    /// Marks a node for fencing (a guest for recovery of its launcher) and makes the action that
    /// may do it. Only the first reason is kept.
    ///
    /// # Source
    /// `pe_fence_node()`
    pub fn fence_node(&mut self, node: NodeIdx, reason: &str, priority_delay: bool) {
        let failed = RscFlags::FAILED | RscFlags::STOP_IF_FAILED;
        if let Some(launcher) = self.guest_launcher(node) {
            if !self.rsc_has(launcher, RscFlags::FAILED)
                && self.rsc_has(launcher, RscFlags::MANAGED)
            {
                self.nodes[node].flags |= NodeFlags::REMOTE_RESET;
                self.rscs[launcher].flags |= failed;
            }
        } else if let Some(connection) = self.dangling_guest_connection(node) {
            self.rscs[connection].flags |= failed;
        } else if self.facts.is_remote(node) {
            let connection = self.facts.nodes[node].remote;
            if connection.is_none_or(|rsc| self.rsc_has(rsc, RscFlags::MANAGED)) {
                self.nodes[node].flags |= NodeFlags::REMOTE_RESET;
            }
            self.nodes[node].unclean = true;
            self.fence_op(node, None, Need::Optional, Some(reason), false);
        } else if !self.nodes[node].unclean {
            self.nodes[node].unclean = true;
            self.fence_op(node, None, Need::Optional, Some(reason), priority_delay);
        }
    }

    /// Returns the connection of a guest node that was removed from the configuration but whose
    /// launcher it once had.
    ///
    /// # Source
    /// `is_dangling_guest_node()`
    fn dangling_guest_connection(&self, node: NodeIdx) -> Option<RscIdx> {
        let remote = self.facts.nodes[node].remote?;
        let is_dangling = self.facts.nodes[node].kind == NodeKind::Remote
            && self.facts.rscs[remote].launcher.is_none()
            && self.rsc_has(remote, RscFlags::REMOVED_LAUNCHED);
        is_dangling.then_some(remote)
    }

    /// Finds or makes the action that fences (`op`: `reboot`, `off`; `None` = the configured one)
    /// or unfences (`on`) a node. It becomes required only where the node can be fenced.
    ///
    /// # Source
    /// `pe_fence_op()`
    pub fn fence_op(
        &mut self,
        node: NodeIdx,
        op: Option<&str>,
        need: Need,
        reason: Option<&str>,
        priority_delay: bool,
    ) -> ActionIdx {
        let op = op.map_or_else(|| self.facts.options.fencing_action.to_string(), str::to_owned);
        let node_name = self.facts.nodes[node].name.clone();
        let name = format!("stonith-{node_name}-{op}");
        let mut need = need;
        let action = if let Some(known) = self.actions.cluster_action(&name) {
            known
        } else {
            let new = self.ensure_cluster_action(&name, Task::Fence, Some(node), Need::Optional);
            let meta = &mut self.actions[new].meta;
            meta.set("on_node", node_name);
            meta.set("on_node_uuid", self.facts.nodes[node].id.clone());
            meta.set("stonith_action", op);
            if self.cluster_has(ClusterFlags::ENABLE_UNFENCING)
                && self.add_unfencing_digests(new, node)
            {
                need = Need::Required;
            }
            new
        };
        let delay = "priority-fencing-delay";
        if self.facts.options.priority_fencing_delay_ms > 0
            && (priority_delay || self.actions[action].meta.get(delay).is_some())
        {
            let seconds = self.priority_delay(node).to_string();
            self.actions[action].meta.set(delay, seconds);
        }
        if need == Need::Required && self.can_fence(Some(node)) {
            self.actions[action].flags.remove(ActionFlags::OPTIONAL);
            self.actions[action].set_reason(reason, false);
        } else if reason.is_some() {
            self.actions[action].set_reason(reason, false);
        }
        action
    }

    /// Notes the digests of unfencing devices; returns true where a definition changed.
    fn add_unfencing_digests(&mut self, action: ActionIdx, node: NodeIdx) -> bool {
        let mut devices = Vec::new();
        for rsc in self.facts.top.clone() {
            self.collect_unfencing_devices(rsc, &mut devices);
        }
        let (mut all, mut secure, mut changed) = (String::new(), String::new(), false);
        for &device in devices.iter().rev() {
            let agent = self.facts.rscs[device].agent.clone();
            let digests = self.compare_fencing_digest(device, &agent, node);
            changed |= digests.verdict == DigestVerdict::Mismatch;
            let id = &self.facts.rscs[device].id;
            all.push_str(&format!("{id}:{agent}:{},", digests.all));
            let digest = digests.secure.as_deref().unwrap_or_default();
            secure.push_str(&format!("{id}:{agent}:{digest},"));
        }
        self.actions[action].meta.set("digests-all", all);
        self.actions[action].meta.set("digests-secure", secure);
        changed
    }

    fn collect_unfencing_devices(&self, rsc: RscIdx, found: &mut Vec<RscIdx>) {
        if !self.rscs[rsc].children.is_empty() {
            for &child in &self.rscs[rsc].children {
                self.collect_unfencing_devices(child, found);
            }
        } else if self.rsc_has(rsc, RscFlags::FENCE_DEVICE)
            && (self.rsc_has(rsc, RscFlags::NEEDS_UNFENCING)
                || self.facts.rscs[rsc]
                    .meta
                    .get("provides")
                    .is_some_and(|v| v.eq_ignore_ascii_case("unfencing")))
        {
            found.push(rsc);
        }
    }

    /// Returns the delay, s, that protects the half of the cluster with the higher priority.
    ///
    /// # Source
    /// `node_priority_fencing_delay()`
    fn priority_delay(&self, node: NodeIdx) -> u32 {
        let delay_ms = self.facts.options.priority_fencing_delay_ms;
        if self.facts.nodes[node].kind != NodeKind::Cluster || self.nodes[node].online {
            return 0;
        }
        let members = self.facts.nodes.iter_enumerated();
        let members: Vec<NodeIdx> =
            members.filter(|(_, n)| n.kind == NodeKind::Cluster).map(|(n, _)| n).collect();
        let online = members.iter().filter(|n| self.nodes[**n].online).count();
        let priorities = || members.iter().map(|n| self.nodes[*n].priority);
        let (top, lowest) = (priorities().max(), priorities().min());
        if online > members.len() / 2 || top == lowest || Some(self.nodes[node].priority) < top {
            return 0;
        }
        delay_ms.div_ceil(1000)
    }

    /// Asks for the unfencing of `node`, or of every usable node that `rsc` may run on.
    ///
    /// # Source
    /// `trigger_unfencing()`
    pub fn trigger_unfencing(
        &mut self,
        rsc: Option<RscIdx>,
        node: Option<NodeIdx>,
        reason: &str,
        dependency: Option<ActionIdx>,
    ) {
        if !self.cluster_has(ClusterFlags::ENABLE_UNFENCING)
            || rsc.is_some_and(|rsc| !self.rsc_has(rsc, RscFlags::FENCE_DEVICE))
        {
            return;
        }
        let is_usable = |plan: &Self, n: NodeIdx| {
            plan.nodes[n].online && !plan.nodes[n].unclean && !plan.nodes[n].shutdown
        };
        let nodes: Vec<NodeIdx> = match (node, rsc) {
            (Some(node), _) if is_usable(self, node) => vec![node],
            (_, Some(rsc)) => {
                self.scores.allowed[rsc].nodes().filter(|n| is_usable(self, *n)).collect()
            }
            _ => return,
        };
        for node in nodes {
            let unfence = self.fence_op(node, Some("on"), Need::Required, Some(reason), false);
            if let Some(dependency) = dependency {
                self.actions.order(unfence, dependency, RelationFlags::ORDERED);
            }
        }
    }

    /// Returns true where the node has been unfenced.
    ///
    /// # Source
    /// `pcmk__node_unfenced()`
    pub fn is_unfenced(&self, node: NodeIdx) -> bool {
        self.facts.nodes[node].attrs.get("#node-unfenced").is_some_and(|v| v != "0")
    }

    /// Orders an action of a resource after the unfencing of its node, where it needs that.
    ///
    /// # Source
    /// `pcmk__order_vs_unfencing()`
    pub fn order_vs_unfencing(
        &mut self,
        rsc: RscIdx,
        node: NodeIdx,
        action: ActionIdx,
        flags: RelationFlags,
    ) {
        let is_device = self.rsc_has(rsc, RscFlags::FENCE_DEVICE)
            && self.cluster_has(ClusterFlags::ENABLE_UNFENCING);
        if !is_device && !self.rsc_has(rsc, RscFlags::NEEDS_UNFENCING) {
            return;
        }
        let unfence = self.fence_op(node, Some("on"), Need::Optional, None, false);
        self.actions.order(unfence, action, flags);
        if !self.is_unfenced(node) {
            let task = self.actions.task_names.name(self.actions[action].task);
            let reason = format!("required by {} {task}", self.facts.rscs[rsc].id);
            self.trigger_unfencing(None, Some(node), &reason, None);
        }
    }
}
