//! `crm configure` on a large configuration, ours and the installed crmsh in one paired run: CPU time
//! and peak memory, as `/usr/bin/time` counts them.
//!
//! `cargo bench -p conformance --bench configure_at_size` prints the table that docs/benchmarks.md
//! holds; `-- 20000` takes another number of primitives (crmsh is then left out: it would take hours).

#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use conformance::binary::crm_release;
use conformance::prerequisite::{programs, shared};

/// Runs of ours for one of theirs: `time` counts in hundredths of a second.
const RUNS: u32 = 20;

const EMPTY: &str = r#"<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0"><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>"#;

struct Case {
    name: &'static str,
    args: &'static [&'static str],
    /// Starts from an empty CIB instead of the large one.
    is_empty: bool,
    /// Gets the text on stdin.
    has_stdin: bool,
}

const CASES: [Case; 4] = [
    Case { name: "show", args: &["configure", "show"], is_empty: false, has_stdin: false },
    Case {
        name: "load replace FILE",
        args: &["configure", "load", "replace", "large.crm"],
        is_empty: true,
        has_stdin: false,
    },
    Case { name: "crm configure < FILE", args: &["configure"], is_empty: true, has_stdin: true },
    Case {
        name: "add one primitive",
        args: &["configure", "primitive", "extra", "ocf:heartbeat:Dummy"],
        is_empty: false,
        has_stdin: false,
    },
];

/// CPU seconds and peak memory in MB.
struct Cost {
    cpu_s: f64,
    peak_mb: f64,
}

fn once(folder: &Path, program: &Path, case: &Case) -> Cost {
    let cib = folder.join("cib.xml");
    if case.is_empty {
        fs::write(&cib, EMPTY).expect("the CIB is written");
    } else {
        fs::copy(folder.join("large.xml"), &cib).expect("the CIB is copied");
    }
    let stdin = match case.has_stdin {
        true => Stdio::from(File::open(folder.join("large.crm")).expect("the text is there")),
        false => Stdio::null(),
    };
    let report = folder.join("time.txt");
    let status = Command::new("/usr/bin/time")
        .args(["-f", "%U %S %M", "-o"])
        .arg(&report)
        .arg(program)
        .args(case.args)
        .current_dir(folder)
        .env("CIB_file", &cib)
        .env("HOME", folder)
        .stdin(stdin)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("time runs");
    assert!(status.success(), "{} {:?}: {status}", program.display(), case.args);
    let text = fs::read_to_string(&report).expect("time reports");
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    let [user, system, peak_kb] = numbers[..] else { panic!("time says {text}") };
    Cost { cpu_s: user + system, peak_mb: peak_kb / 1024.0 }
}

fn mean(costs: &[Cost]) -> Cost {
    let count = f64::from(u32::try_from(costs.len()).unwrap_or(u32::MAX));
    Cost {
        cpu_s: costs.iter().map(|c| c.cpu_s).sum::<f64>() / count,
        peak_mb: costs.iter().map(|c| c.peak_mb).fold(0.0, f64::max),
    }
}

fn prepare(folder: &Path, ours: &Path, tool: &Path, primitives: &str) {
    let made = Command::new("python3").arg(tool).args([primitives, "16"]).output();
    fs::write(folder.join("large.xml"), made.expect("python3 runs").stdout).expect("written");
    let shown = Command::new(ours)
        .args(["configure", "show"])
        .env("CIB_file", folder.join("large.xml"))
        .env("HOME", folder)
        .output()
        .expect("crm runs");
    fs::write(folder.join("large.crm"), shown.stdout).expect("written");
}

fn main() {
    let Some(tool) = shared("tools/gen_config_cib.py") else { return };
    if !programs(&["crm", "time", "python3"]) {
        return;
    }
    let wanted = std::env::args().skip(1).find(|word| word.parse::<u32>().is_ok());
    let primitives = wanted.as_deref().unwrap_or("2000");
    let ours = crm_release();
    let theirs = wanted.is_none().then(|| PathBuf::from("/usr/sbin/crm"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    prepare(folder, &ours, &tool, primitives);
    println!(
        "| {primitives} primitives: command | ours, CPU s | crmsh, CPU s | ratio | peak MB, ours / crmsh |"
    );
    println!("|---|---|---|---|---|");
    for case in &CASES {
        let half = || (0..RUNS / 2).map(|_| once(folder, &ours, case)).collect::<Vec<Cost>>();
        let mut costs = half();
        let other = theirs.as_ref().map(|crm| once(folder, crm, case));
        costs.extend(half());
        let us = mean(&costs);
        let name = case.name;
        match other {
            Some(them) => println!(
                "| {name} | {:.4} | {:.2} | {:.0} | {:.0} / {:.0} |",
                us.cpu_s,
                them.cpu_s,
                them.cpu_s / us.cpu_s,
                us.peak_mb,
                them.peak_mb
            ),
            None => println!("| {name} | {:.4} | | | {:.0} |", us.cpu_s, us.peak_mb),
        }
    }
}
