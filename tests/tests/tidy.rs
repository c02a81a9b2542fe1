//! Style that no compiler checks: file sizes, opening words, forbidden words.
//!
//! Function length is clippy's (`too_many_lines`, 70).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use conformance::prerequisite::workspace;

/// Code lines of one file without its inline tests: the hard stop.
const FILE_LINES_MAX: usize = 1_000;
/// At most 1 file in 20 may be longer.
const FILE_LINES_P95: usize = 700;
/// Half of all files are at most this long.
const FILE_LINES_MEDIAN: usize = 250;
/// Inline tests move to `foo/tests.rs` beyond this.
const INLINE_TEST_LINES_MAX: usize = 200;

fn tracked(suffixes: &[&str]) -> Vec<PathBuf> {
    let root = workspace();
    let args = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let listed = Command::new("git").args(args).current_dir(&root).output();
    let names: Vec<String> = match listed {
        Ok(out) if out.status.success() => {
            String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect()
        }
        _ => panic!("tidy needs a git checkout: `git ls-files` failed"),
    };
    let wanted = |n: &String| suffixes.iter().any(|s| n.ends_with(s));
    names.into_iter().filter(wanted).map(|n| root.join(n)).filter(|p| p.is_file()).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Counts the code lines before and from the inline test module on.
fn code_and_tests(text: &str) -> (usize, usize) {
    let code = |lines: &[&str]| {
        let counts = |l: &&&str| !l.trim().is_empty() && !l.trim_start().starts_with("//");
        lines.iter().filter(counts).count()
    };
    let lines: Vec<&str> = text.lines().collect();
    let starts_tests = |pair: &[&str]| {
        pair[0].trim() == "#[cfg(test)]" && pair[1].trim_end().ends_with("mod tests {")
    };
    let at = lines.windows(2).position(starts_tests).unwrap_or(lines.len());
    (code(&lines[..at]), code(&lines[at..]))
}

#[test]
fn files_stay_small() {
    let mut sizes = Vec::new();
    let mut wrong = Vec::new();
    for path in tracked(&[".rs"]) {
        let (code, tests) = code_and_tests(&read(&path));
        if code > FILE_LINES_MAX {
            wrong.push(format!("{}: {code} code lines, at most {FILE_LINES_MAX}", path.display()));
        }
        if tests > INLINE_TEST_LINES_MAX {
            wrong.push(format!("{}: {tests} lines of inline tests; move them", path.display()));
        }
        sizes.push(code);
    }
    sizes.sort_unstable();
    let at = |part: usize| sizes[(sizes.len() - 1) * part / 100];
    if at(50) > FILE_LINES_MEDIAN {
        wrong.push(format!("the median file has {} code lines", at(50)));
    }
    if at(95) > FILE_LINES_P95 {
        wrong.push(format!("the 95th percentile file has {} code lines", at(95)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is() {
    let unsaid: Vec<String> = tracked(&[".rs"])
        .iter()
        .filter(|p| !read(p).starts_with("//!") && !read(p).starts_with("#!"))
        .map(|p| p.display().to_string())
        .collect();
    assert!(unsaid.is_empty(), "no opening `//!`:\n{}", unsaid.join("\n"));
}

#[test]
fn nothing_unfinished_and_nothing_foreign() {
    // Assembled here so that this file does not contain the words.
    let words = [
        ["to", "do!("].concat(),
        ["unimple", "mented!("].concat(),
        ["#[ig", "nore"].concat(),
        ["FIX", "ME"].concat(),
        ["XX", "X:"].concat(),
        ["/wo", "rk/"].concat(),
        ["thread::", "sleep"].concat(),
    ];
    let mut found = Vec::new();
    for path in tracked(&[".rs", ".md", ".toml", "run"]) {
        if path.file_name().is_some_and(|n| n == "clippy.toml") {
            continue;
        }
        for (number, line) in read(&path).lines().enumerate() {
            for word in words.iter().filter(|w| line.contains(w.as_str())) {
                found.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn modules_have_names_with_a_meaning() {
    let banned = ["utils.rs", "util.rs", "helpers.rs", "helper.rs", "misc.rs", "common.rs"];
    let found: Vec<String> = tracked(&[".rs"])
        .iter()
        .filter(|p| p.file_name().is_some_and(|n| banned.iter().any(|b| n == *b)))
        .map(|p| p.display().to_string())
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
