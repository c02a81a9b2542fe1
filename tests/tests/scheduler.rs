//! Pacemaker's scheduler cases: each is scheduled and simulated, and what comes out is compared
//! with the reference by the reference's own rules.
//!
//! One test a case, with all its artefacts. `ratchets/scheduler-ARTEFACT.txt` lists the cases that
//! must pass, which are all of them. With `SCHEDULER_KEEP=DIR` what came out is
//! written there.

#![expect(clippy::print_stdout, reason = "the counts are what a run of the suite is for")]

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cib_model::time::DateTime;
use conformance::case::{self, Case, cases};
use conformance::prerequisite::shared;
use conformance::ratchet::Ratchet;
use libtest_mimic::{Arguments, Failed, Trial};
use policy::render::report::{Report, StatusSections, StatusTitle, TextReport, TimeTexts};
use policy::render::{dot, graph_xml, scores};
use policy::{simulate, unpack};

const ARTEFACTS: [&str; 4] = ["summary", "exp", "dot", "scores"];

/// What one case gave, by artefact.
type Outcome = BTreeMap<&'static str, String>;

fn main() {
    let args = Arguments::from_args();
    let Some(data) = shared("data/scheduler") else { return };
    let ratchets: BTreeMap<&str, Ratchet> =
        ARTEFACTS.iter().map(|a| (*a, Ratchet::open(&format!("scheduler-{a}")))).collect();
    let passing: Arc<Mutex<BTreeMap<&str, BTreeSet<String>>>> = Arc::default();
    let ratchets = Arc::new(ratchets);
    let cases = cases(&data);
    let mut trials = vec![all_required(&cases, Arc::clone(&ratchets))];
    trials.extend(
        cases
            .into_iter()
            .map(|case| trial(case, data.clone(), Arc::clone(&ratchets), Arc::clone(&passing))),
    );
    let conclusion = libtest_mimic::run(&args, trials);
    report_ratchets(&ratchets, &passing, args.filter.is_none() && !args.list);
    conclusion.exit();
}

/// Every case of the table is required, in every artefact.
fn all_required(cases: &[Case], ratchets: Arc<BTreeMap<&'static str, Ratchet>>) -> Trial {
    let names: Vec<String> = cases.iter().map(|case| case.name.clone()).collect();
    Trial::test("every_case_is_required", move || {
        let missing = ratchets.iter().flat_map(|(artefact, ratchet)| {
            let free = names.iter().filter(|name| !ratchet.requires(name));
            free.map(move |name| format!("{name}.{artefact}"))
        });
        let missing: Vec<String> = missing.collect();
        if missing.is_empty() && !names.is_empty() {
            Ok(())
        } else {
            Err(Failed::from(format!("{} cases, not required: {missing:?}", names.len())))
        }
    })
}

fn report_ratchets(
    ratchets: &BTreeMap<&str, Ratchet>,
    passing: &Mutex<BTreeMap<&str, BTreeSet<String>>>,
    complete: bool,
) {
    let passing = passing.lock().unwrap();
    let mut all: Option<BTreeSet<String>> = None;
    for (artefact, ratchet) in ratchets {
        let names = passing.get(artefact).cloned().unwrap_or_default();
        all =
            Some(all.map_or_else(|| names.clone(), |a| a.intersection(&names).cloned().collect()));
        let verdict = ratchet.judge(&names);
        let gained = verdict.gained.len();
        println!("{artefact}: {} pass, {} required, {gained} gained", names.len(), ratchet.len());
    }
    println!("all four: {}", all.unwrap_or_default().len());
    if complete {
        println!("add gained cases with RATCHET=write");
    }
}

fn trial(
    case: Case,
    data: PathBuf,
    ratchets: Arc<BTreeMap<&'static str, Ratchet>>,
    passing: Arc<Mutex<BTreeMap<&'static str, BTreeSet<String>>>>,
) -> Trial {
    Trial::test(case.name.clone(), move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| run(&case, &data)));
        let mut lost = Vec::new();
        for artefact in ARTEFACTS {
            let good = match &outcome {
                Ok(Ok(outcome)) => judge(&case, &data, artefact, &outcome[artefact]),
                _ => false,
            };
            if good {
                let mut passing = passing.lock().unwrap();
                passing.entry(artefact).or_default().insert(case.name.clone());
            } else if ratchets[artefact].requires(&case.name) {
                lost.push(artefact);
            }
        }
        match (outcome, lost.is_empty()) {
            (_, true) => Ok(()),
            (Ok(Err(message)), false) => Err(Failed::from(message)),
            (Err(_), false) => Err(Failed::from("panicked")),
            (_, false) => Err(Failed::from(format!("differs from the reference: {lost:?}"))),
        }
    })
}

/// Runs a case as `crm_simulate -x FILE -S` and `-sSQ -D -G` would.
fn run(case: &Case, data: &Path) -> Result<Outcome, String> {
    let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let wall = wall.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(0));
    let (cib, options) = case.load(data, wall)?;
    let execution = case::execution_date(&cib);
    let date = match (&case.date, execution) {
        (Some(date), _) => Some(format!("Setting effective cluster time: {date}")),
        (None, Some(time)) => {
            Some(format!("Using the original execution date of: {}", DateTime::from_epoch(time, 0)))
        }
        (None, None) => None,
    };
    let unread = |_: i64| String::new();
    let times = TimeTexts { local: &unread, zoned: &unread };
    let mut report = TextReport::new(false, false, times);
    if cib.schema() == Some("none") {
        report.info(
            "Schema validation of configuration is disabled (support for validate-with set to \
             \"none\" is deprecated and will be removed in a future release)",
        );
    }
    date.iter().for_each(|date| report.info(date));
    let mut plan = unpack::run(&cib, &options);
    report.notices(&plan);
    report.status(StatusTitle::Current, &plan, StatusSections::default());
    let transition = policy::schedule_plan(&mut plan);
    let exp = graph_xml::graph_xml(&transition);
    let dot = dot::dot(&plan, dot::DotStyle::default());
    let scores = scores::lines(&plan, scores::Evidence::SCORES).join("\n");
    report.summary(&plan);
    let simulation = simulate::execute(&plan, &cib, &transition, &[], options.now);
    report.execution(&simulation.events);
    date.iter().for_each(|date| report.info(date));
    let revised = unpack::run(&simulation.cib, &options);
    report.status(StatusTitle::Revised, &revised, StatusSections::default());
    let summary = report.take();
    let outcome =
        BTreeMap::from([("summary", summary), ("exp", exp), ("dot", dot), ("scores", scores)]);
    if let Some(keep) = std::env::var_os("SCHEDULER_KEEP") {
        for (artefact, text) in &outcome {
            let path = Path::new(&keep).join(format!("{}.{artefact}", case.name));
            std::fs::write(path, text).map_err(|e| e.to_string())?;
        }
    }
    Ok(outcome)
}

/// Compares by the reference suite's rules: white space and blank lines never matter, two volatile
/// graph attributes are dropped, dot lines are a set, score lines a multiset.
fn judge(case: &Case, data: &Path, artefact: &str, got: &str) -> bool {
    let path = data.join(artefact).join(format!("{}.{artefact}", case.name));
    let want = std::fs::read_to_string(path).unwrap_or_default();
    normal(artefact, &want) == normal(artefact, got)
}

fn normal(artefact: &str, text: &str) -> Vec<String> {
    let squeeze = |line: &str| line.split_whitespace().collect::<String>();
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| match artefact {
            "exp" => squeeze(&without(&without(line, "crm_feature_set"), "batch-limit")),
            _ => squeeze(line),
        })
        .filter(|line| !line.is_empty())
        .collect();
    match artefact {
        "scores" => lines.sort(),
        "dot" if lines.len() > 2 => {
            let last = lines.len() - 1;
            let middle: BTreeSet<String> = lines.drain(1..last).collect();
            let close = lines.pop();
            lines.extend(middle);
            lines.extend(close);
        }
        _ => {}
    }
    lines
}

/// Drops ` NAME="…"` from a line.
fn without(line: &str, name: &str) -> String {
    let Some(start) = line.find(&format!("{name}=\"")) else { return line.to_owned() };
    let value = start + name.len() + 2;
    let end = line[value..].find('"').map_or(line.len(), |e| value + e + 1);
    format!("{}{}", &line[..start], &line[end..])
}
