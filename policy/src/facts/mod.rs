//! Facts: what the CIB says, read once.
//!
//! Reading order: [`attr_map`](AttrMap), [`options`](ClusterOptions),
//! [`node`](NodeFacts), [`resource`](RscFacts), [`history`](HistoryEntry), [`tag`](IdRefs).
//! Configuration is frozen after [`crate::unpack`]; [`NodeState`] and [`RscState`] are columns that
//! later phases go on writing, as in the reference.

mod attr_map;
mod failure;
mod history;
mod node;
mod op_table;
mod options;
mod resource;

mod tag;

use rustc_hash::FxHashMap;
use std::sync::Arc;

use cib_model::xml::{ElementRef, Tree, XmlId};

use crate::index::{IndexVec, NodeIdx, RscIdx};

pub use attr_map::AttrMap;
pub use cib_model::role::Role;
pub use failure::{OnFail, Requires};
pub use history::{ExecStatus, FailedOp, HistoryEntry, LrmResource};
pub use node::{NodeFacts, NodeFlags, NodeKind, NodeState, ProbeMode};
pub(crate) use op_table::{OpTable, is_enabled, op_interval};
pub use options::{ClusterFlags, ClusterOptions, NoQuorumPolicy, PlacementStrategy};
pub use resource::{
    BundleFacts, CloneFacts, GroupFacts, MultiplyActive, ReplicaFacts, RscFacts, RscFlags,
    RscState, Variant, VariantFacts,
};
pub use tag::{IdRefs, TicketFacts};

/// What the CIB says of the cluster, its nodes and its resources.
#[derive(Debug)]
pub struct Facts {
    /// Seconds since the epoch that rules and expiries are judged by.
    pub now: i64,
    /// Cluster options, with defaults filled in.
    pub options: ClusterOptions,
    /// The `crm_feature_set` of the CIB.
    pub feature_set: Option<Box<str>>,
    /// Working copy of the configuration: id-refs resolved, templates expanded, implicit resources
    /// of guests and bundles written out.
    pub config: Arc<Tree>,
    /// `op_defaults` in `config`.
    pub op_defaults: Option<XmlId>,
    /// `rsc_defaults` in `config`.
    pub rsc_defaults: Option<XmlId>,
    /// Nodes in creation order.
    pub nodes: IndexVec<NodeIdx, NodeFacts>,
    /// Node by its name in lower case.
    pub node_names: FxHashMap<Box<str>, NodeIdx>,
    /// Node by its id in lower case.
    pub node_ids: FxHashMap<Box<str>, NodeIdx>,
    /// Nodes in the reference's list order: by name, digit runs as numbers, case ignored.
    pub node_order: Vec<NodeIdx>,
    /// The node that is the DC.
    pub dc: Option<NodeIdx>,
    /// Resources in creation order.
    pub rscs: IndexVec<RscIdx, RscFacts>,
    /// Top-level resources in the scheduler's order: priority, then document order; removed ones
    /// last.
    pub top: Vec<RscIdx>,
    /// Resource by its id, instances with their `:N`.
    pub rsc_by_id: FxHashMap<Box<str>, RscIdx>,
    /// Resource by an id that only its history has.
    pub rsc_by_old_id: FxHashMap<Box<str>, RscIdx>,
    /// Template id to the resources made from it.
    pub templates: IdRefs,
    /// Tag id to the ids it lists.
    pub tags: IdRefs,
    /// Tickets by id, from constraints and status.
    pub tickets: Vec<TicketFacts>,
    /// History by node and resource, in document order.
    pub history: Vec<LrmResource>,
    /// Position in `history` by node name and history id.
    pub history_by_node: FxHashMap<Box<str>, FxHashMap<Box<str>, usize>>,
    /// Failures to show, in the order found; one per operation and node.
    pub failed: Vec<FailedOp>,
}

impl Default for Facts {
    fn default() -> Self {
        Facts {
            now: 0,
            options: ClusterOptions::default(),
            feature_set: None,
            config: Arc::new(Tree::new("working")),
            op_defaults: None,
            rsc_defaults: None,
            nodes: IndexVec::new(),
            node_names: FxHashMap::default(),
            node_ids: FxHashMap::default(),
            node_order: Vec::new(),
            dc: None,
            rscs: IndexVec::new(),
            top: Vec::new(),
            rsc_by_id: FxHashMap::default(),
            rsc_by_old_id: FxHashMap::default(),
            templates: IdRefs::default(),
            tags: IdRefs::default(),
            tickets: Vec::new(),
            history: Vec::new(),
            history_by_node: FxHashMap::default(),
            failed: Vec::new(),
        }
    }
}

impl Facts {
    /// Returns the configuration element of a resource (its template's content included), or
    /// `None` for a removed resource, which has none.
    pub fn rsc_xml(&self, rsc: RscIdx) -> Option<ElementRef<'_>> {
        self.config.element(self.rscs[rsc].xml?)
    }

    /// Returns the node called `name` (case ignored, as the reference does).
    pub fn node_by_name(&self, name: &str) -> Option<NodeIdx> {
        self.node_names.get(name.to_ascii_lowercase().as_str()).copied()
    }

    /// Returns the node with this id (case ignored).
    pub fn node_by_id(&self, id: &str) -> Option<NodeIdx> {
        self.node_ids.get(id.to_ascii_lowercase().as_str()).copied()
    }

    /// Makes a new node known by its name and id; of several with one name the first in list
    /// order is found.
    pub(crate) fn index_node(&mut self, node: NodeIdx) {
        let facts = &self.nodes[node];
        // New equals are listed before older ones, so the newest is found.
        self.node_names.insert(facts.name.to_ascii_lowercase().into(), node);
        self.node_ids.insert(facts.id.to_ascii_lowercase().into(), node);
    }

    /// Makes a resource known by its id; of several with one id the first is found.
    pub(crate) fn index_rsc(&mut self, rsc: RscIdx) {
        let id = self.rscs[rsc].id.clone();
        self.rsc_by_id.entry(id).or_insert(rsc);
    }

    /// Returns the resource with this exact id (instances with their `:N`).
    pub fn rsc_by_id(&self, id: &str) -> Option<RscIdx> {
        self.rsc_by_id.get(id).copied()
    }

    /// Returns the resource with this id, or the one whose history has it.
    ///
    /// # Source
    /// `pe_find_resource()`.
    pub fn rsc_by_history_id(&self, id: &str) -> Option<RscIdx> {
        self.rsc_by_id(id).or_else(|| self.rsc_by_old_id.get(id).copied())
    }

    /// Returns the history entry of a failure.
    pub fn failed_entry(&self, failed: &FailedOp) -> &HistoryEntry {
        &self.history[failed.history].entries[failed.entry]
    }

    /// Returns the position of the ticket, making it known where it is not.
    pub(crate) fn ensure_ticket(&mut self, id: &str) -> usize {
        if let Some(at) = self.tickets.iter().position(|t| *t.id == *id) {
            return at;
        }
        self.tickets.push(TicketFacts {
            id: id.into(),
            granted: false,
            standby: false,
            last_granted: -1,
            state: AttrMap::new(),
        });
        self.tickets.len() - 1
    }

    /// Returns the topmost ancestor, stopping below a bundle.
    ///
    /// # Source
    /// `uber_parent()`.
    pub fn top_below_bundle(&self, rsc: RscIdx) -> RscIdx {
        let mut rsc = rsc;
        while let Some(parent) = self.rscs[rsc].parent {
            if self.rscs[parent].variant() == Variant::Bundle {
                break;
            }
            rsc = parent;
        }
        rsc
    }

    /// Returns the topmost ancestor.
    pub fn top(&self, rsc: RscIdx) -> RscIdx {
        let mut rsc = rsc;
        while let Some(parent) = self.rscs[rsc].parent {
            rsc = parent;
        }
        rsc
    }

    /// Returns true where `ancestor` is above `rsc`.
    ///
    /// # Source
    /// `is_parent()`.
    pub fn is_ancestor(&self, rsc: RscIdx, ancestor: RscIdx) -> bool {
        let mut at = self.rscs[rsc].parent;
        while let Some(parent) = at {
            if parent == ancestor {
                return true;
            }
            at = self.rscs[parent].parent;
        }
        false
    }

    /// Returns true where the node is a guest or bundle node: its connection has a launcher.
    pub fn is_guest(&self, node: NodeIdx) -> bool {
        self.nodes[node].kind == NodeKind::Remote
            && self.nodes[node].remote.is_some_and(|r| self.rscs[r].launcher.is_some())
    }

    /// Returns true where the node is a remote node, not a guest.
    pub fn is_remote(&self, node: NodeIdx) -> bool {
        self.nodes[node].kind == NodeKind::Remote
            && self.nodes[node].remote.is_none_or(|r| self.rscs[r].launcher.is_none())
    }

    /// Returns true for remote, guest and bundle nodes.
    pub fn is_pacemaker_remote(&self, node: NodeIdx) -> bool {
        self.nodes[node].kind == NodeKind::Remote
    }
}
