//! Pacemaker's scheduler cases: each is scheduled and simulated, and what comes out is compared
//! with the reference by the reference's own rules.
//!
//! One test a case and artefact. `ratchets/scheduler-ARTEFACT.txt` lists the cases that pass: one of
//! them that fails is a failure. A case that is not listed cannot fail; where it passes, it is
//! reported at the end, and `RATCHET=write` adds it. With `SCHEDULER_KEEP=DIR` what came out is
//! written there.

#![expect(clippy::print_stdout, reason = "the counts are what a run of the suite is for")]

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cib_model::Cib;
use cib_model::time::DateTime;
use conformance::prerequisite::shared;
use conformance::ratchet::Ratchet;
use libtest_mimic::{Arguments, Failed, Trial};
use policy::Options;
use policy::render::{dot, graph_xml, report, scores, summary::SummaryWidths};

const ARTEFACTS: [&str; 4] = ["summary", "exp", "dot", "scores"];

/// One row of `cases.tsv`.
#[derive(Clone)]
struct Case {
    name: String,
    /// Value of `-t`, where the case has one.
    date: Option<String>,
}

/// What one case gave, by artefact.
type Outcome = BTreeMap<&'static str, String>;

fn main() {
    let args = Arguments::from_args();
    let Some(data) = shared("data/scheduler") else { return };
    let ratchets: BTreeMap<&str, Ratchet> =
        ARTEFACTS.iter().map(|a| (*a, Ratchet::open(&format!("scheduler-{a}")))).collect();
    let passing: Arc<Mutex<BTreeMap<&str, BTreeSet<String>>>> = Arc::default();
    let ratchets = Arc::new(ratchets);
    let trials = cases(&data)
        .into_iter()
        .map(|case| trial(case, data.clone(), Arc::clone(&ratchets), Arc::clone(&passing)))
        .collect();
    let conclusion = libtest_mimic::run(&args, trials);
    report_ratchets(&ratchets, &passing, args.filter.is_none() && !args.list);
    conclusion.exit();
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

fn cases(data: &Path) -> Vec<Case> {
    let table = std::fs::read_to_string(data.join("cases.tsv")).unwrap_or_default();
    let row = |line: &str| {
        let mut fields = line.split('\t');
        let name = fields.next()?.to_owned();
        let date = fields.next().and_then(|a| a.strip_prefix("-t "));
        Some(Case { name, date: date.map(|d| d.trim_matches('"').to_owned()) })
    };
    table.lines().skip(1).filter_map(row).collect()
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
    let path = data.join("xml").join(format!("{}.xml", case.name));
    let text = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
    let cib = Cib::read(&text).map_err(|e| e.to_string())?;
    let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let execution = cib.root().attr("execution-date").and_then(|d| d.parse::<i64>().ok());
    let wall = wall.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(0));
    let given =
        case.date.as_deref().map(|date| DateTime::parse(date, DateTime::from_epoch(wall, 0)));
    let given = given.transpose().map_err(|e| e.to_string())?.map(DateTime::epoch_s);
    let now = given.or(execution).unwrap_or(wall);
    let options = Options { now, sanitized: true, trace: true };
    let warning = report::schema_warning(&cib).map(|w| format!("{w}\n")).unwrap_or_default();
    let date = match (&case.date, execution) {
        (Some(date), _) => format!("Setting effective cluster time: {date}\n"),
        (None, Some(time)) => {
            format!("Using the original execution date of: {}\n", DateTime::from_epoch(time, 0))
        }
        (None, None) => String::new(),
    };
    let mut plan = policy::unpack::run(&cib, &options);
    let status = report::current_status(&plan);
    let transition = policy::schedule_plan(&mut plan);
    let exp = graph_xml::graph_xml(&transition);
    let dot = dot::dot(&plan, dot::DotStyle::default());
    let scores = scores::scores(&plan);
    let summary = report::summary(&mut plan, &mut SummaryWidths::default());
    let simulation = report::execute(&plan, &cib, &transition, &[]);
    let execution = report::execution(&simulation);
    let revised = report::revised_status(&simulation, &options);
    let summary = format!("{warning}{date}{status}\n{summary}\n{execution}\n{date}{revised}");
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
