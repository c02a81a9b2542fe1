//! Our `crm_diff` and `cibadmin` beside Pacemaker's, on generated changes of the scheduler suite's
//! CIBs.

mod changes;
mod operations;
mod tools;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use conformance::prerequisite::shared;

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

/// Runs every case on two threads; all have to agree. `LAWS_SEED=NUMBER` plays other changes.
fn agree(files: &[PathBuf], case: impl Fn(u64, &Path) -> Result<(), String> + Sync) {
    let seed = std::env::var("LAWS_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = 1_000_u64.wrapping_mul(seed.unwrap_or(0));
    let (next, differences) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(at) else { return };
                    if let Err(difference) = case(seed.wrapping_add(at as u64), file) {
                        let difference = format!("{at} {}: {difference}", file.display());
                        differences.lock().unwrap().push(difference);
                    }
                }
            });
        }
    });
    let differences = differences.into_inner().unwrap();
    let count = (differences.len(), files.len());
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{}",
        count.0,
        count.1,
        differences.join("\n")
    );
}
