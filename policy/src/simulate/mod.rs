//! Simulation: a transition executed against a CIB value, as if every agent did what was asked.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_simulate.c`, `pcmk_graph_consumer.c`,
//! `pcmk_injections.c`.
//! **Differs:** the reference reads and rewrites the whole CIB for each action and scans all
//! synapses for each confirmation; here the tree is changed in place through an index, and a
//! synapse is looked at when its last input completes.

//!
//! Reading order: `inject` (changes before scheduling), `order` (what runs when), `record` and
//! `status` (what is written).

mod inject;
mod order;
mod record;
mod status;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use cib_model::Cib;

pub use inject::{
    ATTRIBUTE_PATH, Injected, Injections, Modification, NodeEvent, TicketEvent, inject,
};
pub use order::{Event, Fault, Simulation, run};

use crate::graph::Transition;
use crate::plan::Plan;

/// Runs the transition that was planned for `cib`. Results are recorded as of `recorded_s` (seconds
/// since 1970), or as of the newest entry of the history where that is later, so that they are
/// newer than all history.
pub fn execute(
    plan: &Plan,
    cib: &Cib,
    transition: &Transition,
    faults: &[Fault],
    recorded_s: i64,
) -> Simulation {
    let mut names: HashSet<&str> = HashSet::new();
    for (rsc, facts) in plan.facts.rscs.iter_enumerated() {
        names.insert(&facts.id);
        names.extend(plan.rscs[rsc].history_id.as_deref());
    }
    let entries = plan.facts.history.iter().flat_map(|history| history.entries.iter());
    let newest = entries.filter_map(|entry| entry.last_rc_change).max().unwrap_or(0);
    run(cib, transition, faults, &|name| names.contains(name), recorded_s.max(newest))
}
