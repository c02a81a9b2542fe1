//! The sections of a simulation's text, as `crm_simulate` prints them.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_simulate.c` (`pcmk__simulate()`).

use std::collections::HashSet;
use std::fmt::Write as _;

use cib_model::Cib;

use super::status_text::{self, StatusStyle};
use super::summary::{SummaryWidths, transition_summary};
use crate::Options;
use crate::graph::Transition;
use crate::plan::Plan;
use crate::simulate::{self, Fault, Simulation};
use crate::unpack;

/// Returns what is said first of a CIB that asks not to be validated.
pub fn schema_warning(cib: &Cib) -> Option<&'static str> {
    (cib.root().attr("validate-with") == Some("none")).then_some(
        "Schema validation of configuration is disabled (support for validate-with set to \
         \"none\" is deprecated and will be removed in a future release)",
    )
}

/// Returns the section of the cluster's status before anything is done, with the banner and the
/// counts above it.
pub fn current_status(plan: &Plan) -> String {
    let status = status_text::status(plan, StatusStyle { pending: true });
    format!("{}Current cluster status:\n{status}", status_text::preamble(plan))
}

/// Returns the section "Transition Summary".
pub fn summary(plan: &mut Plan, widths: &mut SummaryWidths) -> String {
    let mut out = String::from("Transition Summary:\n");
    for line in transition_summary(plan, widths) {
        let _ = writeln!(out, "  * {line}");
    }
    out
}

/// Runs the transition and returns what came of it. What is recorded is newer than all history: the
/// present time, or that of the newest entry where the CIB is judged by an earlier time.
pub fn execute(plan: &Plan, cib: &Cib, transition: &Transition, faults: &[Fault]) -> Simulation {
    let mut names: HashSet<&str> = HashSet::new();
    for (rsc, facts) in plan.facts.rscs.iter_enumerated() {
        names.insert(&facts.id);
        names.extend(plan.rscs[rsc].history_id.as_deref());
    }
    let entries = plan.facts.history.iter().flat_map(|history| history.entries.iter());
    let newest = entries.filter_map(|entry| entry.last_rc_change).max().unwrap_or(0);
    let now = plan.facts.now.max(newest);
    simulate::run(cib, transition, faults, &|name| names.contains(name), now)
}

/// Returns the section "Executing Cluster Transition".
pub fn execution(simulation: &Simulation) -> String {
    let mut out = String::from("Executing Cluster Transition:\n");
    for event in &simulation.events {
        let _ = writeln!(out, "  * {event}");
    }
    out
}

/// Returns the section of the cluster's status after the transition.
pub fn revised_status(simulation: &Simulation, options: &Options) -> String {
    let plan = unpack::run(&simulation.cib, options);
    let status = status_text::status(&plan, StatusStyle::default());
    format!("Revised Cluster Status:\n{status}")
}
