//! From the action graph to a transition. Reading order: `transition` (what comes out), then how
//! it is built.

pub mod transition;

pub use transition::{
    ActionId, ActionKind, ActionRef, GraphAction, GraphResource, Synapse, Transition,
};
