//! Pacemaker's command line suites through our binary: one runner for every tool.
//!
//! `fixtures/command_lines/SUITE.json` says which command lines a suite runs in which
//! environment, `../shared/data/pacemaker-cli/regression.SUITE.exp` what they print. A block (one
//! command: what it prints, its exit code, the CIB after it) passes where both are equal once what
//! differs from run to run is taken out ([`normal`]). `tests/ratchets/cli-SUITE.txt` names the
//! blocks that must pass.
//!
//! With `CLI_KEEP=DIR` the blocks that differ are written to `DIR/SUITE.exp` and `DIR/SUITE.out`.
//!
//! **Source:** pacemaker `cts/cts-cli.in` (how it runs, what it takes out).

pub mod case;
pub mod normal;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::prerequisite::shared;
use crate::ratchet::Ratchet;

/// What one suite gave.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The blocks in order.
    pub blocks: Vec<Block>,
}

/// One command of a suite.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// The test's name, with ` #2` where it is the second of that name.
    pub name: String,
    /// The lines of the reference.
    pub expected: Vec<String>,
    /// Our lines.
    pub found: Vec<String>,
}

impl Block {
    /// Returns true where the lines are equal.
    pub fn passes(&self) -> bool {
        self.expected == self.found
    }
}

/// Runs a suite and judges it by its ratchet; skipped loudly without the reference data.
///
/// # Panics
/// Where a block that passed before differs now, or the suite's table does not fit the reference.
#[expect(clippy::print_stdout, reason = "the count is what a run of a suite is for")]
pub fn judge(suite: &str) {
    let Some(data) = shared("data/pacemaker-cli") else { return };
    let report = run(suite, &data);
    keep(suite, &report);
    let passing: BTreeSet<String> =
        report.blocks.iter().filter(|b| b.passes()).map(|b| b.name.clone()).collect();
    println!("{suite}: {} of {} blocks are equal", passing.len(), report.blocks.len());
    let verdict = Ratchet::open(&format!("cli-{suite}")).judge(&passing);
    if !verdict.gained.is_empty() {
        println!("{suite}: newly equal: {:#?}", verdict.gained);
    }
    let lost: Vec<&Block> =
        report.blocks.iter().filter(|b| verdict.lost.contains(&b.name)).collect();
    let known = verdict.lost.iter().all(|name| report.blocks.iter().any(|b| b.name == *name));
    assert!(known, "the ratchet names what is not in the suite: {:?}", verdict.lost);
    assert!(lost.is_empty(), "{suite}: blocks that were equal differ: {lost:#?}");
}

/// Runs a suite; `data` is the folder of the expected outputs.
///
/// # Panics
/// Where the suite's table is missing or names a block that the reference has not.
pub fn run(suite: &str, data: &Path) -> Report {
    let path = data.join(format!("regression.{suite}.exp"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{suite}: {e}"));
    let mut expected = blocks(&text);
    let found = run::suite(&case::load(suite), data);
    let mut report = Report::default();
    for (name, lines) in found {
        let wanted = expected.remove(&name);
        let wanted = wanted.unwrap_or_else(|| panic!("{suite}: the reference has no '{name}'"));
        report.blocks.push(Block { name, expected: wanted, found: normal::lines(&lines) });
    }
    assert!(expected.is_empty(), "{suite}: not in the table: {:?}", expected.keys());
    report
}

/// Splits a reference output into blocks. What stands before a `Begin` line belongs to it.
fn blocks(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    let mut lines: Vec<String> = Vec::new();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("=#=#=#= Begin test: ") {
            rest.trim_end_matches(" =#=#=#=").clone_into(&mut name);
        } else if line.starts_with("=#=#=#= End test: ") {
            let code = line.rsplit_once(" (").map_or("", |(_, rest)| rest);
            lines.push(format!("exit code {}", code.trim_end_matches(") =#=#=#=")));
        } else if line.starts_with("* Passed: ") || line.starts_with("* Failed (") {
            all.insert(unique(&name, &all), normal::lines(&std::mem::take(&mut lines)));
        } else {
            lines.push(line.to_owned());
        }
    }
    all
}

/// Returns the name, numbered where `taken` has it already.
fn unique<T>(name: &str, taken: &BTreeMap<String, T>) -> String {
    let mut at = 1;
    let mut made = name.to_owned();
    while taken.contains_key(&made) {
        at += 1;
        made = format!("{name} #{at}");
    }
    made
}

fn keep(suite: &str, report: &Report) {
    let Some(dir) = std::env::var_os("CLI_KEEP") else { return };
    let side = |lines: fn(&Block) -> &[String]| -> String {
        let differing = report.blocks.iter().filter(|b| !b.passes());
        differing.map(|b| format!("=== {}\n{}\n", b.name, lines(b).join("\n"))).collect()
    };
    let written = std::fs::create_dir_all(&dir)
        .and_then(|()| {
            std::fs::write(Path::new(&dir).join(format!("{suite}.exp")), side(|b| &b.expected))
        })
        .and_then(|()| {
            std::fs::write(Path::new(&dir).join(format!("{suite}.out")), side(|b| &b.found))
        });
    assert!(written.is_ok(), "{}: {written:?}", Path::new(&dir).display());
}
