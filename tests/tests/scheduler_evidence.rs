//! Evidence equals results: over all cases of the reference suite, each score that the suite's
//! listing expects is the sum of the contributions recorded for it, added up here in their order;
//! and every result keeps the scheduler's laws.

use std::collections::BTreeSet;

use conformance::case::{Case, cases};
use conformance::prerequisite::shared;
use conformance::ratchet::Ratchet;
use policy::check::check;
use policy::render::scores::{Evidence, lines};
use policy::simulate::execute;
use policy::trace::{Replay, TraceLine};
use policy::{Options, Plan};

/// What cases are judged by that do not say: 1 July 2026.
const NOW: i64 = 1_782_864_000;

/// Returns the lines of a listing without white space, sorted.
fn normal(text: &str) -> Vec<String> {
    let squeeze = |line: &str| line.split_whitespace().collect::<String>();
    let mut lines: Vec<String> = text.lines().map(squeeze).filter(|l| !l.is_empty()).collect();
    lines.sort();
    lines
}

/// Returns the score listing made of the recorded contributions alone: each line says what they
/// add up to at its place in the trace.
fn rebuilt(plan: &mut Plan) -> String {
    let mut replay = Replay::default();
    for (at, line) in plan.trace.lines.iter_mut().enumerate() {
        match line {
            TraceLine::Score { rsc, node, score, .. } => {
                // A score nothing contributed to is told by one that no listing has.
                *score = replay.score(*rsc, *node).unwrap_or(-7_777);
            }
            TraceLine::Promotion { rsc, score, .. } => {
                // Without a node an instance has no say in promotion: the listing shows its
                // present priority.
                *score = replay.promotion(*rsc).unwrap_or(*score);
            }
            other => replay.advance(at, other),
        }
    }
    lines(plan, Evidence::SCORES).join("\n")
}

fn is_explained(case: &Case, data: &std::path::Path) -> Result<(), String> {
    let (cib, options) = case.load(data, NOW)?;
    let mut plan = policy::schedule(&cib, &options).plan;
    let path = data.join("scores").join(format!("{}.scores", case.name));
    let want = normal(&std::fs::read_to_string(path).map_err(|e| e.to_string())?);
    let got = normal(&rebuilt(&mut plan));
    if want == got {
        return Ok(());
    }
    let wrong = got.iter().find(|line| !want.contains(line));
    Err(format!("{}: {}", case.name, wrong.map_or("other lines", |line| line)))
}

#[test]
fn contributions_add_up_to_every_score_the_suite_expects() {
    let Some(data) = shared("data/scheduler") else { return };
    let ratchet = Ratchet::open("scheduler-evidence");
    let mut passing = BTreeSet::new();
    for case in cases(&data) {
        match is_explained(&case, &data) {
            Ok(()) => {
                passing.insert(case.name);
            }
            Err(message) => eprintln!("{message}"),
        }
    }
    let verdict = ratchet.judge(&passing);
    eprintln!("{} of 852 cases explained, {} required", passing.len(), ratchet.len());
    assert!(verdict.lost.is_empty(), "not explained any more: {:?}", verdict.lost);
}

/// Where the reference's own expected result breaks a law: case, law, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

fn violations(case: &Case, data: &std::path::Path) -> Vec<String> {
    let Ok((cib, options)) = case.load(data, NOW) else { return vec!["unreadable".to_owned()] };
    let scheduled = policy::schedule(&cib, &options);
    let mut found = Vec::new();
    for violation in check(&scheduled.plan, &scheduled.transition) {
        let law = violation.law.name();
        if !EXCEPTIONS.iter().any(|(name, of, _)| *name == case.name && *of == law) {
            found.push(format!("{}: {violation}", case.name));
        }
    }
    found
}

#[test]
fn every_result_keeps_the_laws() {
    let Some(data) = shared("data/scheduler") else { return };
    let found: Vec<String> = cases(&data).iter().flat_map(|case| violations(case, &data)).collect();
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
}

/// Returns how many transitions it takes until nothing is left to do, or `None` where twelve do not
/// suffice.
fn transitions_to_rest(case: &Case, data: &std::path::Path) -> Option<usize> {
    let (mut cib, options) = case.load(data, NOW).ok()?;
    let options = Options { trace: false, ..options };
    for count in 0..12 {
        let scheduled = policy::schedule(&cib, &options);
        if scheduled.transition.synapses.is_empty() {
            return Some(count);
        }
        let simulation = execute(&scheduled.plan, &cib, &scheduled.transition, &[], NOW);
        cib = simulation.cib;
    }
    None
}

#[test]
fn carrying_out_transitions_comes_to_rest() {
    let Some(data) = shared("data/scheduler") else { return };
    let ratchet = Ratchet::open("scheduler-rest");
    let mut passing = BTreeSet::new();
    for case in cases(&data) {
        if transitions_to_rest(&case, &data).is_some() {
            passing.insert(case.name);
        }
    }
    let verdict = ratchet.judge(&passing);
    eprintln!("{} of 852 cases come to rest, {} required", passing.len(), ratchet.len());
    assert!(verdict.lost.is_empty(), "never come to rest any more: {:?}", verdict.lost);
}
