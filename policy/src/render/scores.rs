//! The score listing: every score that was looked at, in order.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_output.c` (`node_weight`, `promotion_score`).

use std::fmt::Write as _;

use crate::plan::Plan;
use crate::scores::score_text;
use crate::trace::TraceLine;

/// Returns one line for each recorded score; scores are recorded where `Options::trace` is on.
pub fn scores(plan: &Plan) -> String {
    let mut out = String::new();
    for line in &plan.trace.lines {
        match line {
            TraceLine::Score { stage, rsc, node, score } => {
                let _ = writeln!(
                    out,
                    "{}: {} allocation score on {}: {}",
                    stage.text(),
                    plan.facts.rscs[*rsc].id,
                    plan.facts.nodes[*node].name,
                    score_text(*score)
                );
            }
            TraceLine::Promotion { rsc, node, score } => {
                let rsc = &plan.facts.rscs[*rsc].id;
                let place = match node {
                    Some(node) => format!("on {}", plan.facts.nodes[*node].name),
                    None => "(inactive)".to_owned(),
                };
                let score = score_text(*score);
                let _ = writeln!(out, "{rsc} promotion score {place}: {score}");
            }
        }
    }
    out
}
