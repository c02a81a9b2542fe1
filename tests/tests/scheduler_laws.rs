//! Laws of scheduling on clusters made from seeds: every transition keeps them, also those after a
//! simulated one; the cluster comes to rest; names do not matter, nor does what is disabled.

use cib_model::Cib;
use cib_model::xml::{Dialect, Layout};
use conformance::cluster::Recipe;
use policy::check::{Law, check};
use policy::graph::Synapse;
use policy::render::graph_xml::graph_xml;
use policy::simulate::execute;
use policy::{Options, Scheduled, schedule};

/// 1 January 2026.
const NOW: i64 = 1_767_225_600;
const SEEDS: u64 = 300;

/// Where the reference makes the same transition: seed, law, and what it is about.
const AS_THE_REFERENCE: [(u64, Law, &str); 1] = [(
    128,
    Law::TriggerExists,
    "a group's restart whose starts a colocation blocked late: its monitors wait for them",
)];

fn plan(cib: &Cib) -> Scheduled {
    schedule(cib, &Options { now: NOW, sanitized: false, trace: false })
}

fn recipe(seed: u64, prefix: &str) -> Recipe<'_> {
    Recipe { seed, prefix, spare: false }
}

#[test]
fn transitions_keep_the_laws_until_nothing_is_left_to_do() {
    let mut broken = Vec::new();
    for seed in 0..SEEDS {
        let mut cib = recipe(seed, "rsc").cib();
        if let Some(folder) = std::env::var_os("CLUSTER_KEEP") {
            let path = std::path::Path::new(&folder).join(format!("{seed}.xml"));
            std::fs::write(path, cib.write(Layout::Pretty, Dialect::default())).expect("written");
        }
        let mut pending = Vec::new();
        for round in 0..12 {
            let scheduled = plan(&cib);
            let excused = |law: Law| {
                AS_THE_REFERENCE.iter().any(|(of, known, _)| (*of, *known) == (seed, law))
            };
            let violations = check(&scheduled.plan, &scheduled.transition);
            for violation in violations.iter().filter(|v| !excused(v.law)) {
                broken.push(format!("seed {seed}, transition {round}: {violation}"));
            }
            let key = |s: &Synapse| s.action.reference.operation_key.clone();
            pending = scheduled.transition.synapses.iter().map(key).collect();
            if pending.is_empty() {
                break;
            }
            cib = execute(&scheduled.plan, &cib, &scheduled.transition, &[], NOW).cib;
        }
        let stalls = AS_THE_REFERENCE.iter().any(|(of, _, _)| *of == seed);
        if !pending.is_empty() && !stalls {
            broken.push(format!("seed {seed}: never comes to rest: {pending:?}"));
        }
    }
    assert!(broken.is_empty(), "{} faults:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn renaming_resources_changes_nothing_but_names() {
    for seed in 0..SEEDS {
        let graph = |prefix: &str| graph_xml(&plan(&recipe(seed, prefix).cib()).transition);
        assert_eq!(
            graph("rsc").replace("rsc", "obj"),
            graph("obj").replace("rsc", "obj"),
            "{seed}"
        );
    }
}

#[test]
fn a_disabled_resource_moves_no_other() {
    for seed in 0..SEEDS {
        let places = |spare: bool| {
            let scheduled = plan(&Recipe { seed, prefix: "rsc", spare }.cib());
            let plan = scheduled.plan;
            let all = plan.facts.rscs.iter_enumerated().filter(|(_, f)| &*f.id != "zzz-spare");
            let name = |rsc| plan.rscs[rsc].assigned.map(|n| plan.facts.nodes[n].name.clone());
            all.map(|(rsc, facts)| (facts.id.clone(), name(rsc))).collect::<Vec<_>>()
        };
        assert_eq!(places(false), places(true), "seed {seed}");
    }
}
