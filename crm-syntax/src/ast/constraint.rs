//! Constraints: location, colocation, order, rsc_ticket and their resource sets.

use super::Rule;

/// `RSC[:QUALIFIER]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RscRef {
    /// The resource.
    pub rsc: String,
    /// Role, action or instance number, as written.
    pub qualifier: Option<String>,
}

/// One resource set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ResourceSet {
    /// Whether the members follow each other.
    pub sequential: bool,
    /// Whether all members are needed.
    pub require_all: bool,
    /// Role or action of all members.
    pub qualifier: Option<String>,
    /// The members in order.
    pub refs: Vec<String>,
}

/// What a colocation, order or ticket constrains.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Members {
    /// Two resources (one for a ticket).
    Simple(Vec<RscRef>),
    /// Resource sets.
    Sets(Vec<ResourceSet>),
}

/// What a location places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LocationTarget {
    /// One resource.
    Rsc(String),
    /// All resources whose id matches: `/REGEX/`.
    Pattern(String),
    /// `{ … }`
    Sets(Vec<ResourceSet>),
}

/// `SCORE: NODE [role=ROLE]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preference {
    /// The score, as written, without colon.
    pub score: String,
    /// The node.
    pub node: String,
    /// The role, where it is written after the node.
    pub role: Option<String>,
}

/// `location ID TARGET …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    /// The id.
    pub id: String,
    /// What is placed.
    pub target: LocationTarget,
    /// `role=`, `resource-discovery=` and whatever else stands before the score, in order.
    pub attrs: Vec<(String, String)>,
    /// `SCORE: NODE`, where there is no rule. Boxed, as it would make every statement larger.
    pub preference: Option<Box<Preference>>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// `colocation ID SCORE: A B …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Colocation {
    /// The id.
    pub id: String,
    /// The score, as written, without colon; `None` only where a CIB has none.
    pub score: Option<String>,
    /// Who is placed with whom.
    pub members: Members,
    /// `node-attribute=`
    pub node_attribute: Option<String>,
}

/// `order ID [KIND:] A B …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// The id.
    pub id: String,
    /// Kind or score, as written, without colon.
    pub kind: Option<String>,
    /// What comes first, what then.
    pub members: Members,
    /// `symmetrical=`, as written.
    pub symmetrical: Option<String>,
}

/// `rsc_ticket ID TICKET: RSC …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ticket {
    /// The id.
    pub id: String,
    /// The ticket.
    pub ticket: String,
    /// The resources that depend on it.
    pub members: Members,
    /// `loss-policy=`
    pub loss_policy: Option<String>,
}
