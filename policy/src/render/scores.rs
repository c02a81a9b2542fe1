//! The listing of evidence: every score that was looked at, and what became of capacities.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c` (`node-weight`, `promotion-score`,
//! `node-capacity`, `resource-util`).

use std::fmt::Write as _;

use crate::facts::AttrMap;
use crate::plan::Plan;
use crate::scores::score_text;
use crate::trace::TraceLine;

/// Which evidence is listed. It is recorded where [`crate::Options::trace`] is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Evidence {
    /// Scores of resources on nodes.
    pub scores: bool,
    /// Capacities of nodes and what resources take of them.
    pub utilization: bool,
}

impl Evidence {
    /// Scores alone.
    pub const SCORES: Evidence = Evidence { scores: true, utilization: false };

    /// Returns true where there is something to list.
    pub fn any(self) -> bool {
        self.scores || self.utilization
    }

    fn shows(self, line: &TraceLine) -> bool {
        match line {
            TraceLine::Score { .. } | TraceLine::Promotion { .. } => self.scores,
            TraceLine::Capacity { .. } | TraceLine::Utilization { .. } => self.utilization,
            TraceLine::Contribution(_)
            | TraceLine::TakenBack { .. }
            | TraceLine::Implied { .. } => false,
        }
    }
}

/// Returns the evidence asked for, in the order in which it came up.
pub(super) fn shown(plan: &Plan, evidence: Evidence) -> impl Iterator<Item = &TraceLine> {
    plan.trace.lines.iter().filter(move |line| evidence.shows(line))
}

/// Returns one line for each piece of evidence, without bullets.
pub fn lines(plan: &Plan, evidence: Evidence) -> Vec<String> {
    shown(plan, evidence).map(|line| text(plan, line)).collect()
}

fn text(plan: &Plan, line: &TraceLine) -> String {
    let rsc_id = |rsc| &plan.facts.rscs[rsc].id;
    let name = |node| &plan.facts.nodes[node].name;
    match line {
        TraceLine::Score { stage, rsc, node, score } => {
            let (stage, score) = (stage.text(), score_text(*score));
            format!("{stage}: {} allocation score on {}: {score}", rsc_id(*rsc), name(*node))
        }
        TraceLine::Promotion { rsc, node, score } => {
            let place = match node {
                Some(node) => format!("on {}", name(*node)),
                None => "(inactive)".to_owned(),
            };
            format!("{} promotion score {place}: {}", rsc_id(*rsc), score_text(*score))
        }
        TraceLine::Capacity { comment, node, amounts } => {
            format!("{comment}: {} capacity:{}", name(*node), amounts_text(amounts))
        }
        TraceLine::Utilization { rsc, node } => {
            let amounts = amounts_text(&plan.facts.rscs[*rsc].utilization);
            let (id, name) = (rsc_id(*rsc), name(*node));
            format!("{UTILIZATION_STAGE}: {id} utilization on {name}:{amounts}")
        }
        // What made the scores is told by `why`.
        TraceLine::Contribution(_) | TraceLine::TakenBack { .. } | TraceLine::Implied { .. } => {
            String::new()
        }
    }
}

/// The reference's name of the step in which capacity is taken.
pub(super) const UTILIZATION_STAGE: &str = "pcmk__assign_resource";

fn amounts_text(amounts: &AttrMap) -> String {
    let mut out = String::new();
    for (name, amount) in amounts.iter() {
        let _ = write!(out, " {name}={amount}");
    }
    out
}
