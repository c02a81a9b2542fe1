//! Runs programs and keeps their user time, of which bash tells milliseconds, and their peak memory,
//! of which GNU `time` tells.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs its arguments, output thrown away, and writes their user time in seconds to the file `$USER_S`.
const CLOCK: &str = r#"TIMEFORMAT=%3U; { time "$@" >/dev/null 2>&1; } 2>"$USER_S""#;

/// A program with the arguments it always gets.
pub(crate) struct Program {
    path: PathBuf,
    args: Vec<String>,
}

impl Program {
    /// Makes a program of its path and first arguments.
    pub(crate) fn new(path: &Path, args: &[&str]) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Self { path: path.to_owned(), args }
    }

    /// Runs it once on a CIB; `None` where it was stopped by its time limit.
    fn once(&self, args: &[&str], cib: &Path) -> Option<(f64, u64)> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (user_s, peak_kb) = (folder.path().join("user"), folder.path().join("peak"));
        let mut command = Command::new("bash");
        command.args(["-c", CLOCK, "bash", "time", "-f", "%M", "-o"]).arg(&peak_kb);
        command.arg(&self.path).args(&self.args).args(args).env("USER_S", &user_s);
        command.env("CIB_file", cib).env("CIB_shadow_dir", folder.path());
        if args.first().is_some_and(|first| matches!(*first, "-R" | "-S")) {
            command.arg("-x").arg(cib);
        }
        let status = command.stdin(Stdio::null()).status().expect("bash runs");
        if status.code() == Some(124) {
            return None;
        }
        assert!(
            status.success(),
            "{} {args:?} on {}: {status}",
            self.path.display(),
            cib.display()
        );
        let told = |path| std::fs::read_to_string(path).expect("the clocks tell");
        let peak = told(peak_kb);
        Some((told(user_s).trim().parse().ok()?, peak.lines().last()?.parse().ok()?))
    }
}

/// What several runs of one program took.
#[derive(Default)]
pub(crate) struct Run {
    user_s: Vec<f64>,
    peak_kb: u64,
    timed_out: bool,
}

impl Run {
    fn add(&mut self, once: Option<(f64, u64)>) {
        match once {
            Some((user_s, peak_kb)) => {
                self.user_s.push(user_s);
                self.peak_kb = self.peak_kb.max(peak_kb);
            }
            None => self.timed_out = true,
        }
    }

    /// Returns the median user time, s; `None` where a run was stopped by its limit.
    pub(crate) fn user_s(&self) -> Option<f64> {
        let mut sorted = self.user_s.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().filter(|_| !self.timed_out)
    }

    /// Returns the least user time, s, which other work on the machine disturbs least.
    pub(crate) fn least_user_s(&self) -> Option<f64> {
        self.user_s.iter().copied().min_by(f64::total_cmp).filter(|_| !self.timed_out)
    }

    /// Returns the peak of resident memory, MB.
    pub(crate) fn peak_mb(&self) -> Option<u64> {
        (!self.timed_out).then_some(self.peak_kb / 1024)
    }
}

/// Runs one program `runs` times.
pub(crate) fn repeat(program: &Program, args: &[&str], cib: &Path, runs: usize) -> Run {
    let mut run = Run::default();
    for _ in 0..runs.max(1) {
        run.add(program.once(args, cib));
    }
    run
}

/// Runs two programs in turn, `runs` times each.
pub(crate) fn pair(
    us: &Program,
    them: &Program,
    args: &[&str],
    cib: &Path,
    runs: usize,
) -> (Run, Run) {
    let (mut ours, mut theirs) = (Run::default(), Run::default());
    for _ in 0..runs.max(1) {
        ours.add(us.once(args, cib));
        theirs.add(them.once(args, cib));
    }
    (ours, theirs)
}
