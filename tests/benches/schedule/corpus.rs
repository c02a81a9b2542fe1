//! All scheduler cases of the reference in one process: read the XML, schedule, write the graph.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cib_model::Cib;
use conformance::prerequisite::shared;
use policy::render::graph_xml::graph_xml;

/// Prints the table.
pub(crate) fn run(runs: usize) {
    let Some(folder) = shared("data/scheduler/xml") else { return };
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder is read")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "xml"))
        .collect();
    files.sort();
    let texts: Vec<String> = files.iter().filter_map(|f| std::fs::read_to_string(f).ok()).collect();
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for _ in 0..runs.max(1) {
        let begun = cpu_s();
        let bytes: usize = texts.iter().map(|text| schedule(text)).sum();
        assert!(bytes > 0, "graphs are written");
        ours.push(cpu_s() - begun);
        theirs.push(profile(&folder));
    }
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    let (us, them) = (ours[ours.len() / 2], theirs[theirs.len() / 2]);
    println!("\n### {} cases in one process: read, schedule, write the graph\n", texts.len());
    println!("| ours, CPU s | `crm_simulate --profile`, user s a repetition | times faster |");
    println!("|---|---|---|\n| {us:.3} | {them:.2} | {:.1} |", them / us);
}

fn schedule(text: &str) -> usize {
    let Ok(cib) = Cib::read(text) else { return 0 };
    let date = cib.root().attr("execution-date").and_then(|date| date.parse().ok());
    let options = policy::Options { now: date.unwrap_or(1_700_000_000), ..Default::default() };
    graph_xml(&policy::schedule(&cib, &options).transition).len()
}

/// CPU time of this thread, s.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    let ns: u64 = text.split(' ').next().and_then(|ns| ns.parse().ok()).expect("a number");
    std::time::Duration::from_nanos(ns).as_secs_f64()
}

/// User time of one more repetition of the reference's own profile run, s: reading files and
/// checking them against the schema is done once and cancels out.
fn profile(folder: &Path) -> f64 {
    const MORE: u32 = 4;
    let user_s = |repeat: u32| {
        let home = tempfile::tempdir().expect("a temporary folder");
        let told = home.path().join("time");
        let mut command = Command::new("time");
        command.args(["-f", "%U", "-o"]).arg(&told).args(["crm_simulate", "--profile"]).arg(folder);
        command.args(["--repeat", &repeat.to_string()]).env("CIB_shadow_dir", home.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().expect("time runs");
        let text = std::fs::read_to_string(&told).expect("time tells");
        text.lines().last().and_then(|line| line.parse::<f64>().ok()).expect("a number")
    };
    (user_s(1 + MORE) - user_s(1)) / f64::from(MORE)
}
