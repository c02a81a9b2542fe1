//! Node health.
//!
//! **Source:** pacemaker `lib/pengine/pe_health.c`, `lib/pacemaker/pcmk_sched_nodes.c`
//! (`pcmk__apply_node_health()`).

use cib_model::Score;
use cib_model::score::HealthScores;

use super::add_scores;
use crate::index::NodeIdx;
use crate::plan::Plan;

/// What the health colours and the nodes' attributes count for.
#[derive(Clone, Copy, Debug)]
pub struct HealthPolicy {
    /// Scores of the colours.
    pub scores: HealthScores,
    /// Score every node begins with.
    pub base: i32,
}

/// Returns the configured policy, or `None` where health does not matter.
pub fn policy(plan: &Plan) -> Option<HealthPolicy> {
    let table = &plan.facts.options.table;
    let score = |name: &str| table.get(name).and_then(|v| Score::parse(v).ok()).unwrap_or_default();
    let fixed = |red: Score, yellow: Score| HealthPolicy {
        scores: HealthScores { red, yellow, green: Score::ZERO },
        base: 0,
    };
    let strategy = table.get("node-health-strategy").unwrap_or("none").to_ascii_lowercase();
    let configured = HealthScores {
        red: score("node-health-red"),
        yellow: score("node-health-yellow"),
        green: score("node-health-green"),
    };
    match strategy.as_str() {
        "migrate-on-red" => Some(fixed(Score::MINUS_INFINITY, Score::ZERO)),
        "only-green" => Some(fixed(Score::MINUS_INFINITY, Score::MINUS_INFINITY)),
        "progressive" => {
            Some(HealthPolicy { scores: configured, base: score("node-health-base").value() })
        }
        "custom" => Some(HealthPolicy { scores: configured, base: 0 }),
        _ => None,
    }
}

/// Returns the sum of a node's health attributes and `base`.
///
/// # Source
/// `pe__sum_node_health_scores()`.
pub fn sum(plan: &Plan, node: NodeIdx, policy: &HealthPolicy) -> i32 {
    let attrs = &plan.facts.nodes[node].attrs;
    attrs.with_prefix("#health").fold(policy.base, |sum, (_, value)| {
        let score = Score::parse_with(value, &policy.scores).unwrap_or_default();
        add_scores(sum, score.value())
    })
}

/// Returns the node's colour: 1 = green, 0 = yellow, −1 = red.
///
/// # Source
/// `pe__node_health()`.
pub fn of_node(plan: &Plan, node: NodeIdx) -> i32 {
    let Some(policy) = policy(plan) else { return 1 };
    let mut health = 1;
    for (_, value) in plan.facts.nodes[node].attrs.with_prefix("#health") {
        if value.eq_ignore_ascii_case("red") {
            return -1;
        }
        if value.eq_ignore_ascii_case("yellow") {
            health = 0;
            continue;
        }
        let Ok(score) = Score::parse_with(value, &policy.scores) else { continue };
        if score <= policy.scores.red {
            return -1;
        }
        if score <= policy.scores.yellow && policy.scores.yellow != policy.scores.green {
            health = 0;
        }
    }
    health
}
