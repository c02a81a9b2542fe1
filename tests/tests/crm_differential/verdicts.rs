//! Statements loaded one at a time: what we refuse crm refuses, and the other way round.

use std::io::Write as _;

use crate::generator::Generator;
use crate::oracle::Oracle;
use crate::relation::{Relation, of_the_language, verdict};
use crate::typed::number;
use crate::{START, has_crm, rounds};

/// Statements of a seed.
const LINES: usize = 180;

/// A CIB with the first resources that the generator names.
fn base() -> String {
    let primitive = |n| format!("<primitive id=\"p{n}\" class=\"ocf\" provider=\"x\" type=\"y\"/>");
    let resources: String = (1..90).map(primitive).collect();
    START.replace("<resources/>", &format!("<resources>{resources}</resources>"))
}

#[test]
fn each_load_is_taken_or_refused_alike() {
    let oracle = Oracle::new();
    if !has_crm(oracle.folder()) {
        return;
    }
    let first = number("CRM_SEED", 0);
    let (base, mut differences) = (base(), Vec::new());
    let (mut refused, mut taken, mut stopped) = (0, 0, 0);
    for seed in first..first + number("CRM_SEEDS", rounds()) {
        let lines = Generator::new(seed + 2_000_000, true).for_a_text().statements(LINES);
        let loads: Vec<String> = (0..lines.len()).map(|n| format!("load update load{n}")).collect();
        for (n, line) in lines.iter().enumerate() {
            std::fs::write(oracle.path(&format!("load{n}")), line).unwrap();
        }
        let mut at = 0;
        while at < lines.len() {
            let theirs = oracle.judge(&base, &loads[at..]).answers;
            let own = oracle.own_judgement(&base, &loads[at..]).answers;
            assert!(!theirs.is_empty(), "crm has not begun");
            for (own, theirs) in own.iter().zip(&theirs) {
                let line = &lines[at];
                at += 1;
                match verdict(own, theirs) {
                    Relation::Dropped(_) => {
                        stopped += usize::from(theirs.crashed);
                        // what follows would be of another CIB
                        break;
                    }
                    Relation::Unlike => {
                        let (own, theirs) = (&own.messages, of_the_language(line, theirs));
                        differences.push(format!(
                            "CRM_SEED={seed}: {line}\n  ours  {own:?}\n  crm's {theirs:?}"
                        ));
                        break;
                    }
                    _ if own.failed => refused += 1,
                    _ => taken += 1,
                }
            }
        }
    }
    let line = format!("loads: {taken} taken, {refused} refused by both, crm stopped at {stopped}");
    let _ = writeln!(std::io::stderr().lock(), "{line}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(refused > 10 && taken > 40, "{line}");
}
