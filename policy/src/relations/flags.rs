//! What one action means for another: the flags of a relation.
//!
//! **Source:** pacemaker `include/crm/common/action_relation_internal.h`; each name is the C name
//! after `pcmk__ar_`.

bitflags::bitflags! {
    /// What the relation "first, then" implies. Empty = no relation (any more).
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct RelationFlags: u32 {
        /// The actions are ordered; alone: only if both happen.
        const ORDERED = 1 << 0;
        /// Applies only if `first` cannot be part of a live migration.
        const IF_FIRST_UNMIGRATABLE = 1 << 1;
        /// If `then` is required, so is `first`; it loses migratable with `then`.
        const THEN_IMPLIES_FIRST = 1 << 4;
        /// If `first` is required, so is `then`.
        const FIRST_IMPLIES_THEN = 1 << 5;
        /// As `THEN_IMPLIES_FIRST`, where `then` is of a promoted instance.
        const PROMOTED_THEN_IMPLIES_FIRST = 1 << 6;
        /// `first` is runnable only if `then` is runnable and migratable.
        const UNMIGRATABLE_THEN_BLOCKS = 1 << 7;
        /// `then` is runnable and migratable only if `first` is runnable.
        const UNRUNNABLE_FIRST_BLOCKS = 1 << 8;
        /// If `first` is unrunnable, `then` becomes a real, unmigratable action.
        const FIRST_ELSE_THEN = 1 << 9;
        /// If `first` is required, so is `then` of the instance on the same node.
        const FIRST_IMPLIES_SAME_NODE_THEN = 1 << 10;
        /// Container start before its connection's probe: void where `first` is unrunnable and
        /// its resource active, else ordered and blocking.
        const NESTED_REMOTE_PROBE = 1 << 11;
        /// Restarts, and stops of consecutive group members.
        const INTERMEDIATE_STOP = 1 << 12;
        /// In either order, not at the same time (done as `first` then `then`).
        const SERIALIZE = 1 << 14;
        /// Applies only if the actions are on the same node.
        const IF_ON_SAME_NODE = 1 << 15;
        /// If `then` is required, `first` is in the graph.
        const THEN_IMPLIES_FIRST_GRAPHED = 1 << 16;
        /// If `first` is required and runnable, `then` is in the graph.
        const FIRST_IMPLIES_THEN_GRAPHED = 1 << 17;
        /// Configured as asymmetric.
        const ASYMMETRIC = 1 << 20;
        /// Applies if on the same node (for `migrate_to`: the target).
        const IF_ON_SAME_NODE_OR_TARGET = 1 << 21;
        /// `then` is runnable if a certain number of `first` instances are.
        const MIN_RUNNABLE = 1 << 22;
        /// Applies only if `first` is required and on the same node as `then`.
        const IF_REQUIRED_ON_SAME_NODE = 1 << 23;
        /// Applies even if `first` runs on the guest node that `then` creates.
        const GUEST_ALLOWED = 1 << 24;
        /// If `then` becomes required, `first` becomes optional.
        const THEN_CANCELS_FIRST = 1 << 25;
    }
}
