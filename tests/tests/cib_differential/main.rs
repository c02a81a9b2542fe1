//! Our `crm_diff`, `cibadmin` and `crm_verify` beside Pacemaker's, on generated changes of the
//! scheduler suite's CIBs.

mod changes;
mod operations;
mod rights;
mod tools;
mod verify;

use std::path::{Path, PathBuf};

use conformance::prerequisite::{programs, shared};
use conformance::threads::each;

/// How many cases each test has.
const CASES: usize = 200;
/// Larger files take a debug build too long.
const BYTES_MAX: u64 = 60_000;

/// The CIBs that cases start from, in an order that spreads over the suite.
fn corpus() -> Option<Vec<PathBuf>> {
    let dir = shared("data/scheduler/xml")?;
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|e| e == "xml"))
        .filter(|path| path.metadata().is_ok_and(|m| m.len() < BYTES_MAX))
        .collect();
    files.sort();
    let step = files.len() / CASES;
    Some(files.into_iter().step_by(step.max(1)).take(CASES).collect())
}

/// Runs every case, which asks these tools of Pacemaker, on two threads; all have to agree.
/// `LAWS_SEED=NUMBER` plays other changes.
fn agree(tools: &[&str], case: impl Fn(u64, &Path) -> Result<(), String> + Sync) {
    let Some(files) = corpus() else { return };
    if !programs(tools) {
        return;
    }
    let seed = std::env::var("LAWS_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = 1_000_u64.wrapping_mul(seed.unwrap_or(0));
    let found = each(&files, |at, file| case(seed.wrapping_add(at as u64), file).err());
    let differences: Vec<String> = files
        .iter()
        .enumerate()
        .zip(found)
        .filter_map(|((at, file), found)| Some(format!("{at} {}: {}", file.display(), found?)))
        .collect();
    let (count, all) = (differences.len(), files.len());
    assert!(differences.is_empty(), "{count} of {all} differ:\n{}", differences.join("\n"));
}
