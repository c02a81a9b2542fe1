//! Questions about resources and nodes that every phase asks.
//!
//! **Source:** pacemaker `lib/pengine/{complex,native,group,clone,bundle}.c` (`active_node()`,
//! `state()`, `active()`, `location()` methods), `lib/pacemaker/pcmk_sched_nodes.c`.

use crate::facts::{ClusterFlags, NodeFlags, Role, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

/// Which end of the transition is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// Where things are now.
    Current,
    /// Where they will be.
    Next,
}

/// Where a resource is active.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ActiveNode {
    /// The node that counts as its current one.
    pub node: Option<NodeIdx>,
    /// Number of nodes where it is active.
    pub all: u32,
    /// Number of those that are online and clean.
    pub clean: u32,
}

impl Plan {
    /// Returns true where all of `flags` are set on the resource.
    pub fn rsc_has(&self, rsc: RscIdx, flags: RscFlags) -> bool {
        self.rscs[rsc].flags.contains(flags)
    }

    /// Returns true where the cluster option or condition holds.
    pub fn cluster_has(&self, flag: ClusterFlags) -> bool {
        self.facts.options.has(flag)
    }

    /// Returns the variant of a resource.
    pub fn variant(&self, rsc: RscIdx) -> Variant {
        self.facts.rscs[rsc].variant()
    }

    /// Returns true for primitives.
    pub fn is_primitive(&self, rsc: RscIdx) -> bool {
        self.variant(rsc) == Variant::Primitive
    }

    /// Returns true for a clone.
    pub fn is_clone(&self, rsc: RscIdx) -> bool {
        self.variant(rsc) == Variant::Clone
    }

    /// Returns true where `rsc` is an anonymous clone.
    pub fn is_anonymous_clone(&self, rsc: RscIdx) -> bool {
        self.is_clone(rsc) && !self.rsc_has(rsc, RscFlags::UNIQUE)
    }

    /// Returns true for a bundle and for everything inside one.
    ///
    /// # Source
    /// `pcmk__is_bundled()`
    pub fn is_bundled(&self, rsc: RscIdx) -> bool {
        let mut at = Some(rsc);
        while let Some(parent) = at {
            if self.variant(parent) == Variant::Bundle {
                return true;
            }
            at = self.facts.rscs[parent].parent;
        }
        false
    }

    /// Returns where a resource is active: its current node and how many there are.
    ///
    /// # Source
    /// `active_node()`, `pe__bundle_active_node()`
    pub fn active_node(&self, rsc: RscIdx) -> ActiveNode {
        let mut found = ActiveNode::default();
        if self.variant(rsc) != Variant::Bundle {
            for &node in &self.rscs[rsc].active {
                self.count_active_node(rsc, node, &mut found);
            }
            return found;
        }
        let replicas = self.facts.rscs[rsc].bundle_facts().map_or(&[][..], |b| &b.replicas);
        let active: Vec<RscIdx> = replicas
            .iter()
            .map(|r| r.container)
            .filter(|c| !self.rscs[*c].active.is_empty())
            .collect();
        if let [container] = active[..] {
            return self.active_node(container);
        }
        let mut seen: Vec<NodeIdx> = Vec::new();
        for container in active {
            for &node in &self.rscs[container].active {
                if !seen.contains(&node) {
                    seen.push(node);
                    self.count_active_node(rsc, node, &mut found);
                }
            }
        }
        found
    }

    fn count_active_node(&self, rsc: RscIdx, node: NodeIdx, found: &mut ActiveNode) {
        let is_happy = |n: NodeIdx| self.nodes[n].online && !self.nodes[n].unclean;
        found.all += 1;
        found.clean += u32::from(is_happy(node));
        if let Some(source) = self.rscs[rsc].partial_migration_source {
            if node == source {
                found.node = Some(node);
            }
        } else if !self.rsc_has(rsc, RscFlags::NEEDS_FENCING)
            && is_happy(node)
            && found.node.is_none_or(|n| !is_happy(n))
        {
            found.node = Some(node);
        }
        found.node = found.node.or(Some(node));
    }

    /// Returns the node that counts as the resource's current one.
    pub fn current_node(&self, rsc: RscIdx) -> Option<NodeIdx> {
        self.active_node(rsc).node
    }

    /// Returns the resource's role; of a collective the highest of its members' (a bundle has
    /// none).
    pub fn role(&self, rsc: RscIdx, when: When) -> Role {
        match (self.variant(rsc), when) {
            (Variant::Primitive, When::Current) => self.rscs[rsc].orig_role,
            (Variant::Primitive, When::Next) => self.rscs[rsc].next_role,
            (Variant::Bundle, _) => Role::Unknown,
            _ => {
                let children = self.rscs[rsc].children.iter();
                children.map(|c| self.role(*c, when)).max().unwrap_or_default()
            }
        }
    }

    /// Returns true where the resource is active: all of its members where `all`, else any.
    pub fn is_active(&self, rsc: RscIdx, all: bool) -> bool {
        match self.variant(rsc) {
            Variant::Primitive => self.rscs[rsc].active.iter().any(|n| {
                let node = &self.nodes[*n];
                node.unclean || node.online || !self.rsc_has(rsc, RscFlags::MANAGED)
            }),
            Variant::Group => {
                let children = &self.rscs[rsc].children;
                let active = children.iter().filter(|c| self.is_active(**c, all)).count();
                active > 0 && (!all || active == children.len())
            }
            Variant::Clone => {
                for &child in &self.rscs[rsc].children {
                    if self.is_active(child, all) != all {
                        return !all;
                    }
                }
                all
            }
            Variant::Bundle => self.is_bundle_active(rsc, all),
        }
    }

    fn is_bundle_active(&self, rsc: RscIdx, all: bool) -> bool {
        let Some(bundle) = self.facts.rscs[rsc].bundle_facts() else { return all };
        for replica in &bundle.replicas {
            for part in replica.parts() {
                if self.is_active(part, all) != all {
                    return !all;
                }
            }
        }
        all
    }

    /// Returns the nodes of a resource or its members: those where it is active, or those it is
    /// assigned to.
    ///
    /// # Order
    /// As found; of collectives by member, each node once.
    pub fn nodes_of(&self, rsc: RscIdx, when: When) -> Vec<NodeIdx> {
        let state = &self.rscs[rsc];
        if state.children.is_empty() {
            return match when {
                When::Current => state.active.clone(),
                When::Next => state.assigned.into_iter().collect(),
            };
        }
        let mut nodes = Vec::new();
        for &child in &state.children {
            for node in self.nodes_of(child, when) {
                if !nodes.contains(&node) {
                    nodes.push(node);
                }
            }
        }
        nodes
    }

    /// Returns the resource's node where it has exactly one.
    ///
    /// # Source
    /// `location()` methods
    pub fn location(&self, rsc: RscIdx, when: When) -> Option<NodeIdx> {
        match self.nodes_of(rsc, when)[..] {
            [node] => Some(node),
            _ => None,
        }
    }

    /// Returns true where the node can run resources, whatever their scores.
    ///
    /// # Source
    /// `pcmk__node_available()` without score and guest checks
    pub fn is_node_available(&self, node: NodeIdx) -> bool {
        let state = &self.nodes[node];
        state.online
            && !state.shutdown
            && !state.unclean
            && !state.maintenance
            && !state.has(NodeFlags::STANDBY)
    }

    /// Returns true where the node is a guest whose launcher is assigned nowhere.
    pub fn is_guest_homeless(&self, node: NodeIdx) -> bool {
        self.guest_launcher(node).is_some_and(|l| self.location(l, When::Next).is_none())
    }

    /// Returns the resource that launches a guest or bundle node; `None` for other nodes.
    pub fn guest_launcher(&self, node: NodeIdx) -> Option<RscIdx> {
        self.facts.nodes[node].remote.and_then(|remote| self.facts.rscs[remote].launcher)
    }

    /// Returns a node's attributes as they are shown, by name: implicit ones, fail counts, and what
    /// the cluster keeps for itself left out.
    ///
    /// # Source
    /// `filter_attr_list()`
    pub(crate) fn shown_attributes(&self, node: NodeIdx) -> impl Iterator<Item = (&str, &str)> {
        const HIDDEN: [&str; 6] =
            ["fail-count", "last-failure", "shutdown", "terminate", "standby", "#"];
        let attrs = self.facts.nodes[node].attrs.iter();
        attrs.filter(|(name, _)| !HIDDEN.iter().any(|prefix| name.starts_with(prefix)))
    }

    /// Returns true where the resource is active on `node` and nowhere else.
    pub fn is_running_on_only(&self, rsc: RscIdx, node: Option<NodeIdx>) -> bool {
        matches!(self.rscs[rsc].active[..], [only] if Some(only) == node)
    }

    /// Returns true where a shutdown of the node was asked for.
    pub fn is_shutdown_requested(&self, node: NodeIdx) -> bool {
        self.facts.nodes[node].attrs.get("shutdown").is_some_and(|v| v != "0")
    }

    /// Sets the role at the end of the transition.
    pub fn set_next_role(&mut self, rsc: RscIdx, role: Role) {
        self.rscs[rsc].next_role = role;
    }
}
