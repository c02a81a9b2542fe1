//! Orderings that are asked for before the actions exist.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_ordering.c` (`pcmk__new_ordering()`).
//! **Shape:** kept in creation order, which is the order in which they are applied.

use super::RelationFlags;
use crate::actions::{ActionIdx, ActionKey, Task};
use crate::index::RscIdx;

/// One end of an ordering: an action, or the actions of a resource that have a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct End {
    /// The resource; filled in from the action where there is one.
    pub rsc: Option<RscIdx>,
    /// Key of the resource's actions meant; `None` where an action is given.
    pub key: Option<ActionKey>,
    /// The action meant.
    pub action: Option<ActionIdx>,
}

impl End {
    /// Means the actions of `rsc` with `key`.
    pub fn key(rsc: RscIdx, key: ActionKey) -> Self {
        Self { rsc: Some(rsc), key: Some(key), action: None }
    }

    /// Means the actions of `rsc` that do `task` once.
    pub fn task(rsc: RscIdx, task: Task) -> Self {
        Self::key(rsc, ActionKey::once(task))
    }

    /// Means `action`.
    pub fn action(action: ActionIdx) -> Self {
        Self { rsc: None, key: None, action: Some(action) }
    }
}

/// "`first`, then `then`", with what that implies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PendingOrdering {
    /// What comes first.
    pub first: End,
    /// What comes after it.
    pub then: End,
    /// What it implies.
    pub flags: RelationFlags,
}
