//! No CIB makes the scheduler panic, hang or eat the machine: every case of the reference suite,
//! damaged by a seed, is scheduled, checked, rendered and simulated.
//!
//! 2,000 damaged CIBs in an ordinary run; `MUTATIONS=50000` runs more, `MUTATION_SEED=N` one alone.
//! A CIB that does not finish in two minutes is reported with its seed, and the run ends.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cib_model::Cib;
use cib_model::xml::{Dialect, ElementRef, Layout, Tree};
use conformance::case::{Case, cases};
use conformance::mutation::{Dice, damaged};
use conformance::prerequisite::{programs, shared};
use policy::Options;
use policy::check::{Law, Violation};
use policy::render::report::{Report, StatusSections, StatusTitle, TextReport, TimeTexts};
use policy::render::{dot, graph_xml, scores};
use policy::{simulate, unpack};

/// What all runs are judged by where a CIB does not say: 1 July 2026.
const NOW: i64 = 1_782_864_000;

/// Schedules and simulates; returns the laws that are broken.
fn run(cib: &Cib, options: &Options) -> Vec<Violation> {
    let unread = |_: i64| String::new();
    let mut report = TextReport::new(false, false, TimeTexts { local: &unread, zoned: &unread });
    let mut plan = unpack::run(cib, options);
    report.notices(&plan);
    report.status(StatusTitle::Current, &plan, StatusSections::default());
    let transition = policy::schedule_plan(&mut plan);
    graph_xml::graph_xml(&transition);
    dot::dot(&plan, dot::DotStyle::default());
    scores::lines(&plan, scores::Evidence::SCORES);
    report.summary(&plan);
    let simulation = simulate::execute(&plan, cib, &transition, &[], NOW);
    report.execution(&simulation.events);
    let revised = unpack::run(&simulation.cib, options);
    report.status(StatusTitle::Revised, &revised, StatusSections::default());
    policy::check::check(&plan, &transition)
}

fn one(seed: u64, cases: &[(Case, Cib, Options)]) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    let Some((case, cib, options)) = dice.pick(cases) else { return Ok(()) };
    let undamaged = cib;
    let cib = damaged(cib, &mut dice);
    if let Some(folder) = std::env::var_os("MUTATION_KEEP") {
        let path = std::path::Path::new(&folder).join(format!("{seed}.xml"));
        let text = cib_model::xml::write(cib.tree(), Layout::Pretty, Dialect::default());
        std::fs::write(path, text).map_err(|e| e.to_string())?;
    }
    let may_loop =
        || sequences(&cib) != sequences(undamaged) || reference_loops(&cib).unwrap_or_default();
    match catch_unwind(AssertUnwindSafe(|| run(&cib, options))) {
        Ok(broken) => {
            let broken: Vec<String> = broken
                .iter()
                .filter(|v| v.law.is_unconditional() || (v.law == Law::Acyclic && !may_loop()))
                .map(ToString::to_string)
                .collect();
            let message = format!("seed {seed} ({}): {}", case.name, broken.join("; "));
            if broken.is_empty() { Ok(()) } else { Err(message) }
        }
        Err(_) => Err(format!("seed {seed} ({}): panicked", case.name)),
    }
}

/// Returns what a configuration says of sequences. Orderings that contradict each other make a
/// transition that waits for itself, in the reference too: it ends as "terminated".
fn sequences(cib: &Cib) -> Vec<String> {
    let decides = ["rsc_order", "group", "clone", "bundle", "primitive", "tags", "template"];
    let all = cib.root().descendants().filter(|e| decides.contains(&e.name()));
    let compact = |e| cib_model::xml::write_element(e, Layout::Compact, Dialect::default());
    all.map(compact).collect()
}

/// Says whether the installed `crm_simulate` makes a transition of this CIB that waits for itself.
/// `None` where it is not installed, or makes none.
fn reference_loops(cib: &Cib) -> Option<bool> {
    if !programs(&["crm_simulate"]) {
        return None;
    }
    let folder = tempfile::tempdir().ok()?;
    let [input, output] = ["cib.xml", "graph.xml"].map(|name| folder.path().join(name));
    // It plans for no CIB that its schema refuses.
    let mut cib = cib.clone();
    let root = cib.tree().root_id();
    cib.tree_mut().set_attr(root, "validate-with", "none");
    std::fs::write(&input, cib.write(Layout::Pretty, Dialect::default())).ok()?;
    let mut command = Command::new("crm_simulate");
    command.arg("-x").arg(&input).arg("-G").arg(&output);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    let graph = cib_model::xml::read(&std::fs::read_to_string(&output).ok()?).ok()?;
    Some(loops(&graph))
}

/// Says whether some synapse of a graph can never run, as it waits for one that waits for it.
fn loops(graph: &Tree) -> bool {
    let ids = |list: Option<ElementRef<'_>>| -> Vec<String> {
        let actions = list.into_iter().flat_map(ElementRef::descendants);
        let ids = actions.filter(|e| e.name() != "trigger").filter_map(ElementRef::id);
        ids.map(str::to_owned).collect()
    };
    let synapses = graph.root().children_named("synapse");
    let mut waiting: BTreeMap<String, Vec<String>> = synapses
        .flat_map(|s| {
            let inputs = ids(s.child("inputs"));
            ids(s.child("action_set")).into_iter().map(move |id| (id, inputs.clone()))
        })
        .collect();
    loop {
        let can_run = |inputs: &[String]| inputs.iter().all(|id| !waiting.contains_key(id));
        let ready: Vec<String> = waiting
            .iter()
            .filter(|(_, inputs)| can_run(inputs))
            .map(|(id, _)| id.clone())
            .collect();
        if ready.is_empty() {
            return !waiting.is_empty();
        }
        waiting.retain(|id, _| !ready.contains(id));
    }
}

/// Ends the run where one CIB takes two minutes: a loop without end has no other way to show.
fn watch(current: Arc<AtomicU64>) {
    std::thread::spawn(move || {
        let mut last = u64::MAX;
        loop {
            std::thread::park_timeout(Duration::from_secs(120));
            let now = current.load(Ordering::Relaxed);
            if now == last {
                let text = format!("seed {now}: not finished after two minutes");
                let _ = writeln!(std::io::stderr().lock(), "{text}");
                std::process::abort();
            }
            last = now;
        }
    });
}

#[test]
fn damaged_cases_are_scheduled_without_a_panic_and_keep_the_laws_of_any_graph() {
    let Some(data) = shared("data/scheduler") else { return };
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    let seeds = match number("MUTATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => number("MUTATION_FROM").unwrap_or(0)..number("MUTATIONS").unwrap_or(2_000),
    };
    let cases: Vec<_> = cases(&data)
        .into_iter()
        .filter_map(|case| {
            let (cib, options) = case.load(&data, NOW).ok()?;
            Some((case, cib, options))
        })
        .collect();
    assert_eq!(cases.len(), 852);
    let current = Arc::new(AtomicU64::new(0));
    watch(Arc::clone(&current));
    let log = std::env::var_os("MUTATION_LOG");
    let mut bad = Vec::new();
    for seed in seeds {
        current.store(seed, Ordering::Relaxed);
        if let Some(path) = &log {
            let _ = std::fs::write(path, seed.to_string());
        }
        if let Err(message) = one(seed, &cases) {
            eprintln!("{message}");
            bad.push(message);
        }
    }
    assert!(bad.is_empty(), "{} of the damaged CIBs:\n{}", bad.len(), bad.join("\n"));
}
