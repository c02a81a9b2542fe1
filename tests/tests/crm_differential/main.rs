//! Side by side with an installed crm 4.4.1: the same generated statements are taken or refused
//! with the same words, give the same XML and the same listing; so do CIBs that others made.
//!
//! crm takes half a second to start, so it is asked about hundreds of lines at once.
//! `CRM_DIFFERENTIAL=N` sets the number of rounds; the seed of a round is its number. A round of
//! foreign CIBs is five of the scheduler's cases.

mod argv;
mod commands;
mod corpus;
mod dice;
mod filters;
mod generator;
mod operations;
mod oracle;
mod relation;
mod shown;
mod typed;
mod verdicts;

use std::path::Path;
use std::process::Command;

use cib_model::cib::Cib;
use cib_model::xml::{Dialect, Layout, write_element};
use conformance::lines::first_difference;
use conformance::prerequisite::{programs, shared, skip};
use crm_syntax::agents::NoAgents;
use crm_syntax::style::Style;
use crm_syntax::text::Mode;
use crm_syntax::{Editor, Filter, LoadMethod, Options, show};

use crate::dice::Dice;

const START: &str = r#"<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config/>
    <nodes>
      <node id="1" uname="node1"/>
      <node id="2" uname="node2"/>
    </nodes>
    <resources/>
    <constraints/>
  </configuration>
  <status/>
</cib>
"#;

/// Makes statements in the order in which crm creates them, so that ids come out alike.
fn statements(dice: &mut Dice) -> String {
    let values =
        ["1", "a.b", "\"x y\"", "\"it's\"", "/tmp/x", "a:b", "\"\"", "50%", "'q\"q'", "-1"];
    let ops = [
        "op monitor interval=10s",
        "op monitor interval=20 timeout=5s OCF_CHECK_LEVEL=10",
        "op start timeout=60 interval=0 on-fail=restart",
        "op stop timeout=9 interval=0s op_params z=w op_meta m=n",
    ];
    let rules = [
        "rule #uname eq node1",
        "rule 100: #uname eq node1 or #uname ne node2",
        "rule -inf: not_defined pingd or pingd number:lte 0",
        "rule $role=Promoted 50: date gt 2009-05-26",
        "rule 10: date in start=2009-05-26 end=2010-05-26",
        "rule 10: date spec hours=9-17 weekdays=1-5",
        "rule pingd: defined pingd and load lt param{cpu_load}",
    ];
    let mut text = String::new();
    for n in 10..30 {
        text.push_str(&format!("primitive p{n} Dummy"));
        for (section, chance) in [("params", 3), ("meta", 2), ("utilization", 4)] {
            if dice.roll(chance) == 0 {
                let (a, b) = (dice.pick(&values), dice.pick(&values));
                text.push_str(&format!(" {section} a{n}={a} b={b}"));
            }
        }
        if dice.roll(2) == 0 {
            text.push_str(&format!(" {}", dice.pick(&ops)));
        }
        text.push('\n');
    }
    text.push_str("group g1 p10 p11 meta target-role=Started\nclone c1 p12 meta interleave=true\n");
    text.push_str("tag t1 p13 p14\n");
    for n in 10..40 {
        let rsc = |dice: &mut Dice| format!("p{}", 13 + dice.roll(16));
        let (a, b, c) = (format!("p{}", 13 + n % 16), rsc(dice), "p29");
        let b = if a == b || b == c { "g1".to_owned() } else { b };
        let a = if a == c { "c1".to_owned() } else { a };
        let score = dice.pick(&["inf", "-inf", "100", "0", "mandatory"]);
        let kind = dice.pick(&["Mandatory: ", "Optional: ", "Serialize: ", "", "inf: ", "0: "]);
        let set = match dice.roll(4) {
            0 => format!("( {a} {b} ) {c}"),
            1 => format!("[ {a} {b} ] {c}"),
            2 => format!("{a} {b} {c}"),
            _ => format!("{a} {b}"),
        };
        text.push_str(&match dice.roll(5) {
            0 => format!("location k{n} {a} {score}: node1\n"),
            1 => format!("location k{n} {a} {}\n", dice.pick(&rules)),
            2 => format!("colocation k{n} {score}: {set}\n"),
            3 => format!("order k{n} {kind}{set}\n"),
            _ => format!("order k{n} {kind}{a}:start {b}:stop symmetrical=no\n"),
        });
    }
    text.push_str("property no-quorum-policy=ignore stonith-enabled=false\n");
    text.push_str("rsc_defaults resource-stickiness=100\nop_defaults timeout=60s\n");
    text
}

fn crm(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("crm")
        .args(args)
        .current_dir(folder)
        .env("CIB_file", folder.join("cib.xml"))
        .env("HOME", folder)
        .env_remove("CIB_shadow")
        .env("TERM", "dumb")
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn configuration(cib: &Cib) -> String {
    let configuration = cib.configuration().unwrap();
    write_element(configuration, Layout::Pretty, Dialect::default())
}

/// Compares two texts.
fn same(ours: &str, theirs: &str, context: &str) {
    if let Some(text) = first_difference(ours, theirs) {
        panic!("{context}\n{text}");
    }
}

/// Returns whether an installed crm can judge; says loudly why not.
fn has_crm(folder: &Path) -> bool {
    if !programs(&["crm", "cibadmin"]) {
        return false;
    }
    let is_known = crm(folder, &["--version"]).contains("4.4.");
    if !is_known {
        skip("the installed crm is not 4.4");
    }
    is_known
}

fn rounds() -> u64 {
    std::env::var("CRM_DIFFERENTIAL").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

#[test]
fn foreign_cibs_are_shown_alike() {
    let Some(cases) = shared("data/scheduler/xml") else { return };
    let folder = tempfile::tempdir().unwrap();
    if !has_crm(folder.path()) {
        return;
    }
    let mut files: Vec<_> =
        std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let wanted = usize::try_from(5 * rounds()).unwrap_or(usize::MAX).min(files.len());
    let (stride, mut compared) = (files.len() / wanted, 0);
    for file in files.iter().step_by(stride) {
        let text = std::fs::read_to_string(file).unwrap();
        std::fs::write(folder.path().join("cib.xml"), &text).unwrap();
        let listing = crm(folder.path(), &["configure", "show"]);
        // crm refuses CIBs of schemas it does not know; its warnings come first; where a comment
        // stands in XML it keeps the white space around it
        let (warnings, listing): (Vec<&str>, Vec<&str>) =
            listing.lines().partition(|line| line.contains("WARNING"));
        if listing.is_empty() || !warnings.is_empty() || listing.iter().any(|l| l.contains("<!--"))
        {
            continue;
        }
        let listing: String = listing.into_iter().flat_map(|line| [line, "\n"]).collect();
        let own = show(&Cib::read(&text).unwrap(), Style::Modern, &Filter::default()).unwrap();
        same(&own, &listing, &file.display().to_string());
        compared += 1;
    }
    assert!(compared > 0, "crm showed none of the CIBs");
}

#[test]
fn generated_statements_come_out_alike() {
    let folder = tempfile::tempdir().unwrap();
    if !has_crm(folder.path()) {
        return;
    }
    for seed in 0..rounds() {
        let text = statements(&mut Dice::new(seed));
        std::fs::write(folder.path().join("cib.xml"), START).unwrap();
        std::fs::write(folder.path().join("text.crm"), &text).unwrap();
        let said = crm(folder.path(), &["-F", "configure", "load", "update", "text.crm"]);
        let theirs = std::fs::read_to_string(folder.path().join("cib.xml")).unwrap();
        let theirs = Cib::read(&theirs).unwrap();
        let mut ours = Cib::read(START).unwrap();
        let options = Options { mode: Mode::Load, ..Options::new(Style::Modern, &NoAgents) };
        Editor::new(&mut ours, &options).load(&text, LoadMethod::Update).unwrap();
        let said = format!("seed {seed}: {said}\n{text}");
        same(&configuration(&ours), &configuration(&theirs), &said);
        let listing = crm(folder.path(), &["configure", "show"]);
        let own = show(&ours, Style::Modern, &Filter::default()).unwrap();
        same(&own, &listing, &said);
    }
}
