//! Times our tools against the installed Pacemaker on CIBs of any size, in paired runs.
//!
//! `cargo bench -p conformance --bench schedule` prints the tables that docs/benchmarks.md holds.
//! Arguments after `--` choose: names of tables (`schedule simulate growth shapes corpus tools`),
//! `--kinds a,b`, `--sizes 1000x16,2000x16`, `--runs N`, `--long` (the runs in which the reference
//! takes minutes). Runs alternate (ours, theirs, ours, …), so that a machine that slows down slows
//! both.

#![expect(clippy::print_stdout, reason = "the tables are what a bench is for")]

mod arguments;
mod corpus;
mod generate;
mod measure;

use std::path::{Path, PathBuf};

use conformance::binary::crm_release;
use conformance::prerequisite::programs;

use arguments::{Arguments, Table};
use generate::Kind;
use measure::{Program, Run, pair, repeat};

/// That of the `crm` program: the corpus is scheduled in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seconds the reference may take in one run.
const LIMIT_S: u32 = 600;

struct Bench {
    arguments: Arguments,
    folder: tempfile::TempDir,
}

fn main() {
    if !programs(&["bash", "time", "timeout", "crm_simulate", "crm_mon", "cibadmin"]) {
        return;
    }
    let bench = Bench {
        arguments: Arguments::read(std::env::args().skip(1)),
        folder: tempfile::tempdir().expect("a temporary folder"),
    };
    for (table, run) in [
        (Table::Schedule, Bench::schedule as fn(&Bench)),
        (Table::Simulate, Bench::simulate),
        (Table::Growth, Bench::growth),
        (Table::Shapes, Bench::shapes),
        (Table::Corpus, |bench: &Bench| corpus::run(bench.arguments.runs)),
        (Table::Tools, Bench::tools),
    ] {
        if bench.arguments.wants(table) {
            run(&bench);
        }
    }
}

impl Bench {
    fn cib(&self, kind: Kind, n: usize, m: usize) -> PathBuf {
        let path = self.folder.path().join(format!("{}-{n}x{m}.xml", kind.name()));
        if !path.exists() {
            std::fs::write(&path, generate::cib(kind, n, m)).expect("the CIB is written");
        }
        path
    }

    fn ours(tool: &str) -> Program {
        Program::new(&crm_release(), &["tool", tool])
    }

    fn theirs(tool: &str) -> Program {
        let limit = LIMIT_S.to_string();
        Program::new(Path::new("timeout"), &[&limit, tool])
    }

    /// Runs one tool of both on one CIB and prints a row; `runs` of each.
    fn row(&self, name: &str, tool: &str, args: &[&str], cib: &Path, runs: usize) {
        let (us, them) = pair(&Self::ours(tool), &Self::theirs(tool), args, cib, runs);
        println!("| {name} | {} | {} | {} |", us.cells(), them.cells(), us.ratio(&them));
    }

    fn schedule(&self) {
        heading("Schedule only: `crm_simulate -R -G FILE`");
        let graph = self.folder.path().join("graph");
        let args = ["-R", "-G", graph.to_str().expect("a plain path")];
        let chosen = &self.arguments;
        for (kind, n, m, long) in [
            (Kind::Start, 1000, 16, false),
            (Kind::Mixed, 1000, 16, false),
            (Kind::Steady, 1000, 16, false),
            (Kind::Fail, 1000, 16, false),
            (Kind::Start, 2000, 16, true),
            (Kind::Steady, 5000, 32, true),
            (Kind::Start, 5000, 32, true),
        ] {
            if !chosen.includes(kind, n, m) || (long && !chosen.long) {
                continue;
            }
            let name = format!("{} {n}x{m}", kind.name());
            let runs = if long { 1 } else { chosen.runs };
            self.row(&name, "crm_simulate", &args, &self.cib(kind, n, m), runs);
        }
    }

    fn simulate(&self) {
        heading("With simulation: `crm_simulate -S`");
        for (kind, n, m, long) in [(Kind::Fail, 200, 16, false), (Kind::Fail, 1000, 16, true)] {
            if !self.arguments.includes(kind, n, m) || (long && !self.arguments.long) {
                continue;
            }
            let name = format!("{} {n}x{m}", kind.name());
            self.row(&name, "crm_simulate", &["-S"], &self.cib(kind, n, m), 1);
        }
    }

    fn shapes(&self) {
        heading("Unusual shapes: `crm_simulate -R -G FILE`");
        let graph = self.folder.path().join("graph");
        let args = ["-R", "-G", graph.to_str().expect("a plain path")];
        for (_, kind) in Kind::ALL.iter().skip(4) {
            for (n, m) in [(500, 16), (1000, 16)] {
                if self.arguments.includes(*kind, n, m) {
                    let name = format!("{} {n}x{m}", kind.name());
                    self.row(&name, "crm_simulate", &args, &self.cib(*kind, n, m), 1);
                }
            }
        }
    }

    /// How our time grows where the number of primitives doubles, again and again.
    fn growth(&self) {
        println!(
            "\n### Growth of ours, `crm_simulate -R -G FILE`: least user s, and times the last\n"
        );
        let sizes = [500, 1000, 2000, 4000, 8000];
        println!("| x16 | {} |", sizes.map(|n| n.to_string()).join(" | "));
        println!("|---|{}", "---|".repeat(sizes.len()));
        let graph = self.folder.path().join("graph");
        let args = ["-R", "-G", graph.to_str().expect("a plain path")];
        for (name, kind) in Kind::ALL {
            if !self.arguments.kind(kind) {
                continue;
            }
            let mut last: Option<f64> = None;
            let mut cells = Vec::new();
            for n in sizes {
                let cib = self.cib(kind, n, 16);
                let run = repeat(&Self::ours("crm_simulate"), &args, &cib, self.arguments.runs);
                let user_s = run.least_user_s().unwrap_or(f64::NAN);
                cells.push(match last {
                    Some(last) => format!("{user_s:.2} ({:.1}x)", user_s / last),
                    None => format!("{user_s:.2}"),
                });
                last = Some(user_s);
                std::fs::remove_file(cib).expect("the CIB is removed");
            }
            println!("| {name} | {} |", cells.join(" | "));
        }
    }

    fn tools(&self) {
        heading("Other tools on `steady 1000x16` (8 MB)");
        let cib = self.cib(Kind::Steady, 1000, 16);
        for (name, tool, args) in [
            ("`cibadmin -Q`", "cibadmin", &["-Q"][..]),
            ("`crm_mon -1`", "crm_mon", &["-1"]),
            ("`crm_mon -1 --output-as=xml`", "crm_mon", &["-1", "--output-as=xml"]),
        ] {
            self.row(name, tool, args, &cib, self.arguments.runs);
        }
    }
}

fn heading(title: &str) {
    println!("\n### {title}\n");
    println!("| input | ours, user s | MB | Pacemaker, user s | MB | times faster |");
    println!("|---|---|---|---|---|---|");
}

impl Run {
    fn cells(&self) -> String {
        match (self.user_s(), self.peak_mb()) {
            (Some(user_s), Some(mb)) => format!("{user_s:.2} | {mb}"),
            _ => format!("over {LIMIT_S} | –"),
        }
    }

    fn ratio(&self, them: &Run) -> String {
        match (self.user_s(), them.user_s()) {
            // GNU time counts in hundredths: less is told as one.
            (Some(us), Some(them)) => format!("{:.0}", them / us.max(0.01)),
            _ => "–".to_owned(),
        }
    }
}
