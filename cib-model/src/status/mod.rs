//! The status: node states, operation history, fail counts, tickets.
//!
//! Reading order: [`node_state`], [`history`], [`transition_key`], [`failcount`], [`ticket`].

pub mod failcount;
pub mod history;
pub mod node_state;
pub mod ticket;
pub mod transition_key;

pub use history::{LrmResource, LrmRscOp, OpStatus, OperationResult};
pub use node_state::{NodeState, NodeStateUpdate, Presence};
pub use ticket::TicketState;
pub use transition_key::{TransitionKey, TransitionMagic};

use crate::cib::Cib;
use crate::names;
use crate::xml::ElementRef;

impl Cib {
    /// Returns the node states in document order.
    pub fn node_states(&self) -> impl DoubleEndedIterator<Item = NodeState<'_>> {
        self.status().into_iter().flat_map(|s| s.children().filter_map(NodeState::cast))
    }

    /// Returns the state of the node with this id.
    pub fn node_state(&self, id: &str) -> Option<NodeState<'_>> {
        self.node_states().find(|state| state.id() == id)
    }

    /// Returns the tickets' states in document order.
    pub fn ticket_states(&self) -> impl Iterator<Item = TicketState<'_>> {
        self.status()
            .into_iter()
            .flat_map(|s| s.children_named(names::TICKETS))
            .flat_map(ElementRef::children)
            .filter_map(TicketState::cast)
    }
}
