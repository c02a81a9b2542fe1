//! Resources: what is configured and what state they are in.

use bitflags::bitflags;
use cib_model::xml::XmlId;

use super::{AttrMap, OpTable, Role};
use crate::index::{NodeIdx, RscIdx};

/// Closed set of resource variants; ordered as the reference compares them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Variant {
    /// One agent.
    Primitive,
    /// Members started in order on one node.
    Group,
    /// Several instances of one primitive or group.
    Clone,
    /// Replicas of a container.
    Bundle,
}

/// `multiple-active`: what to do where a resource is active more often than it may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MultiplyActive {
    /// Stop everywhere, start once.
    #[default]
    StopStart,
    /// Stop everywhere and leave stopped.
    StopOnly,
    /// Do nothing.
    Block,
    /// Stop all but the expected instance.
    StopUnexpected,
}

/// What only groups have.
#[derive(Debug, Clone)]
pub struct GroupFacts {
    /// `ordered`.
    pub ordered: bool,
    /// `collocated`.
    pub colocated: bool,
}

/// What only clones have.
#[derive(Debug, Clone, Default)]
pub struct CloneFacts {
    /// `clone-max`.
    pub clone_max: i32,
    /// `clone-node-max`.
    pub clone_node_max: i32,
    /// `promoted-max`.
    pub promoted_max: i32,
    /// `promoted-node-max`.
    pub promoted_node_max: i32,
    /// `interleave`.
    pub interleave: bool,
    /// `ordered`.
    pub ordered: bool,
    /// The instances' configuration element.
    pub child_xml: Option<XmlId>,
    /// Id of the cloned resource.
    pub child_id: Box<str>,
    /// Instances made so far, removed ones included.
    pub total_clones: u32,
}

/// What only bundles have.
#[derive(Debug, Clone, Default)]
pub struct BundleFacts {
    /// `promoted-max`.
    pub promoted_max: i32,
    /// `replicas`.
    pub nreplicas: u32,
    /// `replicas-per-host`.
    pub nreplicas_per_host: u32,
    /// Container technology: `docker`, `podman`.
    pub agent: Box<str>,
    /// Image.
    pub image: Box<str>,
    /// The clone inside; `None` where the bundle has no primitive.
    pub child: Option<RscIdx>,
    /// Replicas by offset.
    pub replicas: Vec<ReplicaFacts>,
}

/// One replica of a bundle.
#[derive(Debug, Clone)]
pub struct ReplicaFacts {
    /// From 0.
    pub offset: u32,
    /// IP address, or `None`.
    pub ipaddr: Option<Box<str>>,
    /// The container.
    pub container: RscIdx,
    /// The IP address resource.
    pub ip: Option<RscIdx>,
    /// The instance inside.
    pub child: Option<RscIdx>,
    /// The connection.
    pub remote: Option<RscIdx>,
    /// The node the container is.
    pub node: Option<NodeIdx>,
}

impl ReplicaFacts {
    /// Returns its resources in the order in which they are shown: address, instance, container,
    /// connection.
    pub fn parts(&self) -> impl Iterator<Item = RscIdx> {
        [self.ip, self.child, Some(self.container), self.remote].into_iter().flatten()
    }
}

/// Variant-specific facts.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "one a variant")]
pub enum VariantFacts {
    Primitive,
    Group(GroupFacts),
    Clone(Box<CloneFacts>),
    Bundle(Box<BundleFacts>),
}

/// One resource as configured.
#[derive(Debug, Clone)]
pub struct RscFacts {
    /// Id, with `:N` for clone instances.
    pub id: Box<str>,
    /// Id in the configuration, without `:N`.
    pub xml_id: Box<str>,
    /// Element in `Facts::config`, template expanded; `None` for removed resources.
    pub xml: Option<XmlId>,
    /// First `operations` element in `Facts::config`.
    pub ops_xml: Option<XmlId>,
    /// The same by name and interval, where they are many.
    pub(crate) op_table: Option<OpTable>,
    /// Variant and its own facts.
    pub kind: VariantFacts,
    /// Agent class; empty for collectives.
    pub class: Box<str>,
    /// Agent provider.
    pub provider: Option<Box<str>>,
    /// Agent type; empty for collectives.
    pub agent: Box<str>,
    /// Parent.
    pub parent: Option<RscIdx>,
    /// Instance number as text (the internal `clone` attribute).
    pub clone_number: Option<Box<str>>,
    /// Meta-attributes, all levels merged, rules evaluated.
    pub meta: AttrMap,
    /// Utilization.
    pub utilization: AttrMap,
    /// `resource-stickiness`, ±1,000,000.
    pub stickiness: i32,
    /// `migration-threshold`; 1,000,000 = none.
    pub ban_after_failures: i32,
    /// Failures expire after this, ms; 0 = never.
    pub failure_expiration_ms: u32,
    /// Retry interval of remote connections, ms; 0 = none.
    pub remote_reconnect_ms: u32,
    /// `multiple-active`.
    pub multiply_active: MultiplyActive,
    /// The resource this one is inside of (`container`).
    pub launcher: Option<RscIdx>,
    /// Resources launched by this one.
    pub launched: Vec<RscIdx>,
}

impl RscFacts {
    /// Returns the variant.
    pub fn variant(&self) -> Variant {
        match self.kind {
            VariantFacts::Primitive => Variant::Primitive,
            VariantFacts::Group(_) => Variant::Group,
            VariantFacts::Clone(_) => Variant::Clone,
            VariantFacts::Bundle(_) => Variant::Bundle,
        }
    }

    /// Returns true for primitives.
    pub fn is_primitive(&self) -> bool {
        self.variant() == Variant::Primitive
    }

    /// Returns true for clones and bundles.
    pub fn is_clone_or_bundle(&self) -> bool {
        self.variant() >= Variant::Clone
    }

    /// Returns the facts of a clone.
    pub fn clone_facts(&self) -> Option<&CloneFacts> {
        match &self.kind {
            VariantFacts::Clone(facts) => Some(facts),
            _ => None,
        }
    }

    /// Returns the facts of a clone for change; unpack only.
    pub fn clone_facts_mut(&mut self) -> Option<&mut CloneFacts> {
        match &mut self.kind {
            VariantFacts::Clone(facts) => Some(facts),
            _ => None,
        }
    }

    /// Returns the facts of a group.
    pub fn group_facts(&self) -> Option<&GroupFacts> {
        match &self.kind {
            VariantFacts::Group(facts) => Some(facts),
            _ => None,
        }
    }

    /// Returns the facts of a bundle.
    pub fn bundle_facts(&self) -> Option<&BundleFacts> {
        match &self.kind {
            VariantFacts::Bundle(facts) => Some(facts),
            _ => None,
        }
    }
}

bitflags! {
    /// **Source:** `enum pcmk__rsc_flags`, same stems.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct RscFlags: u32 {
        /// Removed from the configuration.
        const REMOVED = 1;
        /// Managed by the cluster.
        const MANAGED = 1 << 1;
        /// Blocked from further action.
        const BLOCKED = 1 << 2;
        /// Removed, and was launched by another.
        const REMOVED_LAUNCHED = 1 << 3;
        /// Clone notifications enabled.
        const NOTIFY = 1 << 4;
        /// Not an anonymous clone instance.
        const UNIQUE = 1 << 5;
        /// A fence device.
        const FENCE_DEVICE = 1 << 6;
        /// Can be promoted.
        const PROMOTABLE = 1 << 7;
        /// Not yet assigned.
        const UNASSIGNED = 1 << 8;
        /// Being assigned.
        const ASSIGNING = 1 << 9;
        /// Its node scores are being changed.
        const UPDATING_NODES = 1 << 10;
        /// Actions to restart it are being made.
        const RESTARTING = 1 << 11;
        /// Must be stopped, not demoted, where failed.
        const STOP_IF_FAILED = 1 << 12;
        /// A reload has been scheduled.
        const RELOAD = 1 << 13;
        /// Remote connection that may run on a remote node.
        const REMOTE_NESTING_ALLOWED = 1 << 14;
        /// `critical`.
        const CRITICAL = 1 << 15;
        /// Failed.
        const FAILED = 1 << 16;
        /// Mark for loop detection.
        const DETECT_LOOP = 1 << 17;
        /// A remote connection.
        const IS_REMOTE_CONNECTION = 1 << 18;
        /// Has a pending start in its history.
        const START_PENDING = 1 << 19;
        /// Probed only on nodes marked exclusive.
        const EXCLUSIVE_PROBES = 1 << 20;
        /// Multiply active with `stop_unexpected`.
        const STOP_UNEXPECTED = 1 << 22;
        /// Allowed to live-migrate.
        const MIGRATABLE = 1 << 23;
        /// Has a failure that is ignored.
        const IGNORE_FAILURE = 1 << 24;
        /// Implicit container of a bundle replica.
        const REPLICA_CONTAINER = 1 << 25;
        /// It, its node or the cluster is in maintenance mode.
        const MAINTENANCE = 1 << 26;
        /// Needs quorum to start.
        const NEEDS_QUORUM = 1 << 28;
        /// Needs fencing before recovery.
        const NEEDS_FENCING = 1 << 29;
        /// Needs unfencing before start.
        const NEEDS_UNFENCING = 1 << 30;
    }
}

/// State of a resource, a column that phases go on writing.
#[derive(Debug, Clone, Default)]
pub struct RscState {
    /// Flags.
    pub flags: RscFlags,
    /// Children in their present order: clone instances are re-sorted by assignment.
    pub children: Vec<RscIdx>,
    /// Instance id in the history where it differs.
    pub history_id: Option<Box<str>>,
    /// `priority`, or what promotion makes of it.
    pub priority: i32,
    /// Priority for promotion on the assigned node.
    pub promotion_priority: i32,
    /// Role at the start of the transition.
    pub orig_role: Role,
    /// Role at the end of the transition.
    pub next_role: Role,
    /// Task of the pending action in the history.
    pub pending_action: Option<Box<str>>,
    /// Node where that action is pending.
    pub pending_node: Option<NodeIdx>,
    /// When the shutdown lock began, epoch seconds; 0 = none.
    pub lock_time: i64,
    /// Node it is shutdown-locked to.
    pub lock_node: Option<NodeIdx>,
    /// Nodes where it is (or may be) active, in the order found.
    pub active: Vec<NodeIdx>,
    /// Nodes where its state is known, with the role found there.
    pub probed: Vec<(NodeIdx, Role)>,
    /// Source of a migration that is half done.
    pub partial_migration_source: Option<NodeIdx>,
    /// Target of a migration that is half done.
    pub partial_migration_target: Option<NodeIdx>,
    /// Sources where a stop is still needed after a migration.
    pub dangling_migration_sources: Vec<NodeIdx>,
    /// Node it is assigned to.
    pub assigned: Option<NodeIdx>,
    /// Score of that node when it was chosen.
    pub assigned_score: i32,
    /// Whether a promotable clone's promotion scores have been added.
    pub promotion_added: bool,
    /// Whether a promotable clone's instances have been sorted for promotion.
    pub promotion_constrained: bool,
}

impl RscState {
    /// Returns true where all of `flags` are set.
    pub fn has(&self, flags: RscFlags) -> bool {
        self.flags.contains(flags)
    }

    /// Returns true where its state on `node` is known.
    pub fn is_probed(&self, node: NodeIdx) -> bool {
        self.probed.iter().any(|(n, _)| *n == node)
    }
}
