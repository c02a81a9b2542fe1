//! Messages between the DC and one node.

use serde::{Deserialize, Serialize};

use super::invocation::Invocation;
use crate::replica::view_key::ViewKey;

/// What goes to one node alone.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direct {
    /// The DC asks a node to run an action of its transition.
    Invoke {
        /// The view in which the DC decided it; in any other it must not begin.
        view: ViewKey,
        /// The action.
        action: Box<Invocation>,
    },
    /// After a new view: has this action, sent in an earlier view, come? It must not begin later.
    Inquire {
        /// The action's transition key.
        transition_key: String,
    },
    /// The answer where it has not come.
    NotBegun {
        /// The action's transition key.
        transition_key: String,
    },
    /// A node confirms an action that leaves no history.
    Ack {
        /// The action's transition key.
        transition_key: String,
        /// Its result code.
        rc: i32,
    },
    /// The DC is idle: the answer to `WaitIdle`.
    Idle {
        /// The ticket.
        ticket: u64,
    },
}
