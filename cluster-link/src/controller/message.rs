//! Messages between the DC and one node.

use serde::{Deserialize, Serialize};

use super::invocation::Invocation;

/// What goes to one node alone.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direct {
    /// The DC asks a node to run an action of its transition.
    Invoke(Box<Invocation>),
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
