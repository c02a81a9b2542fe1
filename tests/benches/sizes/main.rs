//! Inputs of 1 and 10 MB in many shapes: CPU time and peak memory of the whole program, as
//! `/usr/bin/time` counts them, and how both grow.
//!
//! `cargo bench -p conformance --bench sizes` prints the table that docs/benchmarks.md holds; after
//! `--` stand parts of the names of shapes. `CRM_BINARY` names a program that is built already. A run
//! that takes more than [`CPU_LIMIT_S`] or more than 8 GB is ended, and named.

#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]

mod shapes;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use conformance::binary::crm_release;
use conformance::prerequisite::programs;
use shapes::{EMPTY, SHAPES, Shape};

const SIZES: [usize; 2] = [1_000_000, 10_000_000];
const CPU_LIMIT_S: u32 = 120;
/// Ends what takes too much, and counts the rest.
const CLOCK: &str = "ulimit -t $0 -v 8388608; exec /usr/bin/time -f '%U %S %M' -o \"$@\"";

/// What one run took.
struct Cost {
    cpu_s: f64,
    peak_mb: f64,
    /// How it ended where that is no end of its own, or with a panic.
    trouble: Option<String>,
}

fn once(folder: &Path, program: &Path, shape: &Shape, size: usize) -> Cost {
    let input = folder.join("input");
    fs::write(&input, (shape.make)(size)).expect("the input is written");
    for name in ["cib.xml", "old.xml"] {
        fs::write(folder.join(name), EMPTY).expect("a CIB is written");
    }
    if shape.is_cib {
        fs::copy(&input, folder.join("cib.xml")).expect("a CIB is copied");
    }
    let report = folder.join("time.txt");
    let said = folder.join("said.txt");
    let output = File::create(&said).expect("a file");
    let status = Command::new("bash")
        .args(["-c", CLOCK, &CPU_LIMIT_S.to_string()])
        .arg(&report)
        .arg(program)
        .args(shape.words)
        .current_dir(folder)
        .env("CIB_file", folder.join("cib.xml"))
        .env("COROSYNC_MAIN_CONFIG_FILE", &input)
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(output.try_clone().expect("a file"))
        .stderr(output)
        .status()
        .expect("bash runs");
    let report = fs::read_to_string(&report).unwrap_or_default();
    let numbers: Vec<f64> = report
        .lines()
        .last()
        .unwrap_or_default()
        .split(' ')
        .filter_map(|n| n.parse().ok())
        .collect();
    let [user, system, peak_kb] = numbers[..] else {
        let trouble = Some(format!("ended ({status})"));
        return Cost { cpu_s: f64::NAN, peak_mb: f64::NAN, trouble };
    };
    let said = fs::read(&said).unwrap_or_default();
    let is_panic = said.windows(8).any(|part| part == b"panicked");
    let is_signal = report.contains("signal") || status.code().is_none_or(|code| code > 128);
    let trouble = match (is_panic, is_signal) {
        (true, _) => Some("panic".to_owned()),
        (_, true) => Some(format!("ended ({status})")),
        _ => None,
    };
    Cost { cpu_s: user + system, peak_mb: peak_kb / 1024.0, trouble }
}

fn main() {
    if !programs(&["time", "bash"]) {
        return;
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let ours = std::env::var_os("CRM_BINARY").map_or_else(crm_release, PathBuf::from);
    let folder = tempfile::tempdir().expect("a temporary folder");
    println!("| shape | 1 MB: CPU s | MB | 10 MB: CPU s | MB | |");
    println!("|---|---|---|---|---|---|");
    for shape in SHAPES {
        let is_wanted = |part: &String| shape.name.contains(part.as_str());
        if !wanted.is_empty() && !wanted.iter().any(is_wanted) {
            continue;
        }
        let [small, large] = SIZES.map(|size| once(folder.path(), &ours, shape, size));
        let trouble = small.trouble.or(large.trouble).unwrap_or_default();
        println!(
            "| {} | {:.2} | {:.0} | {:.2} | {:.0} | {trouble} |",
            shape.name, small.cpu_s, small.peak_mb, large.cpu_s, large.peak_mb
        );
    }
}
