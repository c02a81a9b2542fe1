//! Side by side with an installed crm 4.4.1: the same generated statements give the same XML and
//! the same listing, and so do CIBs that others made.
//!
//! crm takes half a second to start, so a run is one load and one show. `CRM_DIFFERENTIAL=N`
//! sets the number of rounds (default 1); the seed of a round is its number. A round of foreign
//! CIBs is five of the scheduler's cases.

use std::path::Path;
use std::process::Command;

use cib_model::cib::Cib;
use cib_model::xml::{Dialect, Layout, write_element};
use conformance::prerequisite::{programs, shared, skip};
use crm_syntax::agents::NoAgents;
use crm_syntax::style::Style;
use crm_syntax::text::Mode;
use crm_syntax::{Editor, Filter, LoadMethod, Options, show};

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

/// A small generator of numbers, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len())]
    }
}

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

/// Compares two texts; a difference is shown as the lines that one has and the other has not.
fn same(ours: &str, theirs: &str, context: &str) {
    if ours == theirs {
        return;
    }
    let only = |a: &str, b: &str| -> String {
        let b: Vec<&str> = b.lines().collect();
        a.lines().filter(|line| !b.contains(line)).flat_map(|line| [line, "\n"]).collect()
    };
    let (more, less) = (only(ours, theirs), only(theirs, ours));
    let at = ours.lines().zip(theirs.lines()).position(|(a, b)| a != b);
    panic!("{context}\nonly ours:\n{more}\nonly crm's:\n{less}\nfirst at line {at:?}");
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

fn rounds() -> usize {
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
    let (stride, mut compared) = (files.len() / (5 * rounds()).min(files.len()), 0);
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
        let text = statements(&mut Dice(seed.try_into().unwrap()));
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
