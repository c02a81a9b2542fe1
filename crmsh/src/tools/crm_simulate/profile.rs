//! `--profile`: how long planning takes for each CIB of a folder.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_simulate.c` (`pcmk__profile_dir()`).
//! **Differs:** a file that is no CIB is left out; the reference aborts on it.

use std::io;
use std::path::{Path, PathBuf};

use super::input::{self, Effective};
use super::options::{Options, Source};

/// Plans for every CIB of the folder, `--repeat` times each. Returns paths and seconds of CPU time,
/// sorted by file name.
pub(super) fn run(options: &Options, folder: &Path) -> io::Result<Vec<(String, f64)>> {
    let mut timings = Vec::new();
    for path in cibs(folder)? {
        let Ok(mut cib) = input::read(&Source::File(path.clone())) else { continue };
        let start = cpu_time_s();
        if input::bring_up(&mut cib).is_err() {
            continue;
        }
        for _ in 0..options.repeat.max(0) {
            let now = Effective::of(options.set_datetime.as_deref(), &cib).time;
            let how =
                policy::Options { now, trace: options.evidence().any(), ..Default::default() };
            policy::schedule(&cib, &how);
        }
        timings.push((path.display().to_string(), cpu_time_s() - start));
    }
    Ok(timings)
}

/// Returns the regular files `*.xml` that are not hidden.
fn cibs(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        if path.extension().is_some_and(|e| e == "xml") && !hidden && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Returns the CPU time that this process has used, in seconds.
fn cpu_time_s() -> f64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    std::time::Duration::try_from(used).unwrap_or_default().as_secs_f64()
}
