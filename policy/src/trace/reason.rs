//! Who speaks for or against a node, and in which words.

use crate::constraints::{ColocationIdx, LocationIdx, LocationOrigin};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

/// Who changed a score.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// The node's own `score`; minus infinity for a node that is offline or shutting down.
    Node,
    /// `symmetric-cluster`: without a word against it, every node is allowed.
    SymmetricDefault,
    /// A location constraint, a rule of one, or node health.
    Location(LocationIdx),
    /// `resource-stickiness`, where the resource is active.
    Stickiness,
    /// Failed there as often as `migration-threshold` allows.
    MigrationThreshold,
    /// Other nodes are marked `resource-discovery=exclusive`.
    ExclusiveDiscovery,
    /// Locked to the node that is shutting down.
    ShutdownLock(NodeIdx),
    /// A ticket (position in `Facts::tickets`) is not granted, or in standby.
    Ticket(usize),
    /// Active there, and may not be touched.
    Unmanaged,
    /// Active on several nodes, with `multiple-active=stop_only`.
    MultiplyActive,
    /// An operation failed there in a way that can only be so again.
    FailedOperation,
    /// A fatal failure, or one that stops the resource everywhere.
    FatalFailure,
    /// `on-fail=ban`.
    OnFailBan,
    /// Not in the configuration any more.
    Removed,
    /// Is to be stopped: `target-role`, or what a failure demands.
    TargetStopped,
    /// As many instances as `clone-max` (bundle: `replicas`) allows are assigned already.
    InstanceLimit,
    /// The instance's node is not available, forbidden to the clone, or full
    /// (`clone-node-max`, bundle: `replicas-per-host`).
    InstancePlace,
    /// Not enough capacity for the resource's utilization.
    Capacity,
    /// A colocation, on behalf of the other resource.
    Colocation(ColocationIdx),
    /// Wishes of dependents never make an allowed node of a clone a forbidden one.
    KeptAllowed,
    /// The node's promotion score for the instance.
    PromotionScore,
    /// No promotion score is set.
    NoPromotionScore,
    /// What speaks for promoting an instance that is assigned there.
    Promotion(RscIdx),
    /// The role that is wanted of the instance.
    WantedRole,
    /// `priority`.
    Priority,
    /// Assigned to no node.
    Unassigned,
    /// Inside a bundle or guest: runs in its own container only.
    Container,
    /// Connections to remote nodes run on cluster nodes only.
    RemoteConnection,
}

impl Plan {
    /// Returns the reason in the words of the configuration: with the constraint's id, where there
    /// is one.
    pub fn reason_text(&self, reason: Reason) -> String {
        match reason {
            Reason::Location(idx) => {
                let location = &self.constraints.locations[idx];
                match &location.origin {
                    LocationOrigin::Constraint => format!("location {}", location.id),
                    LocationOrigin::Rule(of) => format!("location {of}, rule {}", location.id),
                    LocationOrigin::Health => format!("node health ({})", location.id),
                }
            }
            Reason::Colocation(idx) => {
                let colocation = &self.constraints.colocations[idx];
                let name = |rsc: RscIdx| &self.facts.rscs[rsc].id;
                format!(
                    "colocation {} ({} with {})",
                    colocation.id,
                    name(colocation.dependent),
                    name(colocation.primary)
                )
            }
            Reason::ShutdownLock(node) => {
                format!("shutdown-lock to {}", self.facts.nodes[node].name)
            }
            Reason::Ticket(ticket) => {
                let id = self.facts.tickets.get(ticket).map_or("", |t| &t.id);
                format!("ticket {id} not granted")
            }
            Reason::Promotion(instance) => format!("promotion of {}", self.facts.rscs[instance].id),
            other => other.fixed_text().to_owned(),
        }
    }
}

impl Reason {
    fn fixed_text(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::SymmetricDefault => "symmetric-cluster",
            Self::Stickiness => "stickiness",
            Self::MigrationThreshold => "migration-threshold reached",
            Self::ExclusiveDiscovery => "resource-discovery exclusive to other nodes",
            Self::Unmanaged => "unmanaged, active here",
            Self::MultiplyActive => "multiple-active=stop_only",
            Self::FailedOperation => "operation failed here",
            Self::FatalFailure => "fatal failure",
            Self::OnFailBan => "on-fail=ban",
            Self::Removed => "removed from the configuration",
            Self::TargetStopped => "is to be stopped",
            Self::InstanceLimit => "all instances assigned",
            Self::InstancePlace => "no room for an instance here",
            Self::Capacity => "not enough capacity",
            Self::KeptAllowed => "dependents cannot forbid it",
            Self::PromotionScore => "promotion score",
            Self::NoPromotionScore => "no promotion score",
            Self::WantedRole => "wanted role",
            Self::Priority => "priority",
            Self::Unassigned => "assigned nowhere",
            Self::Container => "runs in its own container",
            Self::RemoteConnection => "connection runs on cluster nodes",
            Self::Location(_) => "location",
            Self::Colocation(_) => "colocation",
            Self::ShutdownLock(_) => "shutdown-lock",
            Self::Ticket(_) => "ticket",
            Self::Promotion(_) => "promotion",
        }
    }
}
