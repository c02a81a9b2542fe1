//! From the action graph to a transition. Reading order: `transition` (what comes out), `build`
//! (which actions and inputs are in it), `action` (how one is told).

mod action;
mod build;
pub mod transition;

pub use transition::{
    ActionId, ActionKind, ActionRef, GraphAction, GraphResource, Synapse, Transition,
};
