//! Configured constraints, as plain data.
//!
//! Locations and colocations are kept here; orderings go to `relations::pending`, because most of
//! them come from elsewhere.

pub(crate) mod colocation;
mod location;
mod ordering;
mod ticket;
mod unpack;

use bitflags::bitflags;

pub use unpack::run;

use crate::facts::{ProbeMode, Role};
use crate::index::{IndexVec, NodeIdx, RscIdx};

crate::define_idx! {
    /// A location constraint, in creation order.
    pub struct LocationIdx;
}

crate::define_idx! {
    /// A colocation constraint, in creation order.
    pub struct ColocationIdx;
}

/// A preference of one resource for some nodes.
#[derive(Debug, Clone)]
pub struct Location {
    /// Id of the constraint, or of its rule.
    pub id: Box<str>,
    /// Resource.
    pub rsc: RscIdx,
    /// Applies only where the resource's next role is this; `Unknown` = always.
    pub role_filter: Role,
    /// Probing rule for the nodes.
    pub probe_mode: ProbeMode,
    /// Nodes with the score each gets, in the order in which they are applied.
    pub nodes: Vec<(NodeIdx, i32)>,
    /// Where it comes from.
    pub origin: LocationOrigin,
}

/// Where a location comes from, and so what its id is the id of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationOrigin {
    /// A constraint with a node and a score; the id is the constraint's.
    Constraint,
    /// A rule, of the constraint with this id; the id is the rule's.
    Rule(Box<str>),
    /// Node health; the id is the strategy.
    Health,
}

bitflags! {
    /// **Source:** `enum pcmk__coloc_flags`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct ColocationFlags: u8 {
        /// The dependent may influence where the primary is placed.
        const INFLUENCE = 1;
        /// Written in the configuration, not implied.
        const EXPLICIT = 2;
    }
}

/// A wish that one resource be where another is (or is not).
#[derive(Debug, Clone)]
pub struct Colocation {
    /// Constraint id.
    pub id: Box<str>,
    /// The resource that is moved (`rsc`).
    pub dependent: RscIdx,
    /// The resource that is followed (`with-rsc`).
    pub primary: RscIdx,
    /// Applies only to the dependent in this role; `Unknown` = any.
    pub dependent_role: Role,
    /// Applies only to the primary in this role; `Unknown` = any.
    pub primary_role: Role,
    /// Node attribute whose value must agree; `#uname` for the node itself.
    pub node_attribute: Box<str>,
    /// ±1,000,000, never 0.
    pub score: i32,
    /// Flags.
    pub flags: ColocationFlags,
}

/// All configured (and some implied) constraints.
#[derive(Debug, Default)]
pub struct Constraints {
    /// Locations in creation order; applied newest first.
    pub locations: IndexVec<LocationIdx, Location>,
    /// Per resource, its locations in creation order.
    pub locations_of: IndexVec<RscIdx, Vec<LocationIdx>>,
    /// Colocations in creation order.
    pub colocations: IndexVec<ColocationIdx, Colocation>,
    /// Per resource, colocations where it is the dependent, sorted as the reference sorts them.
    pub this_with: IndexVec<RscIdx, Vec<ColocationIdx>>,
    /// Per resource, colocations where it is the primary, sorted as the reference sorts them.
    pub with_this: IndexVec<RscIdx, Vec<ColocationIdx>>,
    /// Per resource, its tickets: ticket position in `Facts::tickets`, loss policy and role.
    pub tickets_of: IndexVec<RscIdx, Vec<RscTicket>>,
}

/// What happens to a resource when its ticket is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LossPolicy {
    /// Stop it.
    Stop,
    /// Demote it.
    Demote,
    /// Fence the nodes where it runs.
    Fence,
    /// Leave it, and do nothing with it.
    Freeze,
}

/// A ticket a resource depends on.
#[derive(Debug, Clone)]
pub struct RscTicket {
    /// Constraint id.
    pub id: Box<str>,
    /// Position in `Facts::tickets`.
    pub ticket: usize,
    /// Applies only in this role; `Unknown` = any.
    pub role: Role,
    /// Loss policy.
    pub loss_policy: LossPolicy,
}

impl Constraints {
    /// Makes the per-resource lists as long as there are resources.
    pub(crate) fn make_room(&mut self, rsc_count: usize) {
        while self.locations_of.len() < rsc_count {
            self.locations_of.push(Vec::new());
            self.this_with.push(Vec::new());
            self.with_this.push(Vec::new());
            self.tickets_of.push(Vec::new());
        }
    }
}
