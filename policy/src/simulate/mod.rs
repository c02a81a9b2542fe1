//! Simulation: a transition executed against a CIB value, as if every agent did what was asked.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_simulate.c`, `pcmk_graph_consumer.c`,
//! `pcmk_injections.c`.
//! **Differs:** the reference reads and rewrites the whole CIB for each action and scans all
//! synapses for each confirmation; here the tree is changed in place through an index, and a
//! synapse is looked at when its last input completes.

mod order;
mod record;
mod status;

#[cfg(test)]
mod tests;

pub use order::{Event, Fault, Simulation, run};
