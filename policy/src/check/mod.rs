//! Laws that every result of scheduling keeps, checked without the scheduler's own code.
//!
//! Reading order: [`Law`], `order` (who runs before whom in a transition), `graph_laws` (what holds
//! on any input), `outcome` (where resources are once a transition is through), `cluster_laws`.
//!
//! **Invariant:** reads facts and the finished transition; nothing here is used by a phase of
//! scheduling, so a mistake there is not repeated here.

mod cluster_laws;
mod graph_laws;
mod order;
mod outcome;

use std::fmt;

use crate::graph::Transition;
use crate::plan::Plan;

/// A law of transitions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Law {
    /// No action waits for itself, however far around; unless configured orderings demand it.
    Acyclic,
    /// Steps are numbered without gaps, no action is there twice, and each waits for actions the
    /// scheduler made, each once, in ascending order. Holds on any input.
    WellFormed,
    /// What an action waits for is in the transition. Where it is not, the transition ends there,
    /// unfinished: the reference makes such ones of configurations that contradict themselves.
    TriggerExists,
    /// An instance that is stopped and started is stopped first.
    StopBeforeStart,
    /// Nothing is done on an unclean node before it is fenced.
    FencingFirst,
    /// No clone or bundle has more instances than `clone-max`, `clone-node-max`, `promoted-max`
    /// and their kin allow.
    InstanceLimit,
    /// A primitive that is no clone's instance is active once at most.
    UniqueActive,
    /// An action that is needed and cannot be done says why.
    BlockedReason,
    /// Members of an ordered group start in order and stop in reverse.
    GroupOrder,
    /// A migration is whole: the move away, the arrival after it, the end of the old place last.
    MigrationComplete,
}

impl Law {
    /// Returns the law's name in reports and lists of exceptions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acyclic => "acyclic",
            Self::WellFormed => "well-formed",
            Self::TriggerExists => "trigger-exists",
            Self::StopBeforeStart => "stop-before-start",
            Self::FencingFirst => "fencing-first",
            Self::InstanceLimit => "instance-limit",
            Self::UniqueActive => "unique-active",
            Self::BlockedReason => "blocked-reason",
            Self::GroupOrder => "group-order",
            Self::MigrationComplete => "migration-complete",
        }
    }

    /// Returns true where the law holds whatever the CIB says.
    pub fn is_unconditional(self) -> bool {
        self == Self::WellFormed
    }
}

/// A law that a result breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Which.
    pub law: Law,
    /// The action (`db_start_0 on node1`), resource or node that breaks it.
    pub subject: String,
    /// How, in words.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.law.name(), self.subject, self.message)
    }
}

/// Returns the laws that `transition`, made from `plan`, breaks.
///
/// # Order
/// By law, then by place in the transition or in the list of resources.
pub fn check(plan: &Plan, transition: &Transition) -> Vec<Violation> {
    let order = order::Order::new(plan, transition);
    let mut found = Vec::new();
    graph_laws::check(&order, &mut found);
    if found.is_empty() {
        // Without a sound order nothing can be said of who runs first.
        cluster_laws::check(plan, &order, &mut found);
        outcome::check(plan, &order, &mut found);
    }
    found.sort_by_key(|violation| violation.law);
    found
}
