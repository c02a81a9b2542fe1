//! crmsh's own regression suite, run as its driver runs it, through the real `crm`.
//!
//! Each testcase's output is compared line by line with the expected one; lines that begin with
//! `.` (what external programs were called) are not compared, nor are those the suite itself leaves
//! out. How many lines differ may only fall: `tests/ratchets/crm_regression.txt` has one
//! `RELEASE/TESTCASE COUNT` a line. `CRM_REGRESSION_SHOW=RELEASE/TESTCASE` shows them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cib_model::xml::ElementRef;
use conformance::evaltest::{Driver, ERAS, Era};
use conformance::lines::{Difference, comparable, differences};
use conformance::prerequisite::{programs, shared, workspace};
use conformance::program::Desk;

/// The testcases that need no cluster.
const CASES: [&str; 17] = [
    "acl",
    "bugs",
    "bundle",
    "commit",
    "confbasic",
    "confbasic-xml",
    "delete",
    "edit",
    "file",
    "newfeatures",
    "node",
    "options",
    "ra",
    "resource",
    "rset",
    "rset-xml",
    "shadow",
];

/// The file that the testcase `bugs` loads; the suite keeps it beside its driver.
const UNORDERED: &str = "node node1\nop_defaults timeout=60s\ngroup g1 gr1 gr2\ngroup g2 gr3\n\
    group g3 gr4\nprimitive gr1 Dummy\nprimitive gr2 Dummy\nprimitive gr3 Dummy\n\
    primitive gr4 Dummy\nlocation loc1 g1 rule 200: #uname eq node1\n";

/// Runs a testcase; returns the lines that differ.
fn judge(folder: &Path, era: Era, case: &str) -> Vec<Difference> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    let advised = workspace().join("fixtures/agents/advised");
    // what an agent says of itself is compared with the installed one's words
    let agents = if case == "ra" { PathBuf::from("/usr/lib/ocf") } else { advised };
    let stonith =
        if era.release == "5.1" { "" } else { "primitive st stonith:null params hostlist=node1\n" };
    let unordered = format!("{UNORDERED}{stonith}");
    let mut driver = Driver::new(era, &agents, &[("bugs-test.txt", &unordered)]);
    let found = driver.evaluate(&read(case));
    let found = without_excluded(&found, &[&read("common.excl"), &read(&format!("{case}.excl"))]);
    let left_out = |line: &str| is_left_out(case, line);
    let expected = as_filtered(case, &read(&format!("{case}.exp")));
    let found = as_filtered(case, &found);
    if expected.lines().take(2).any(|l| l.starts_with("<cib")) {
        // the suite asks crm_diff, which knows no order of attributes, nor of elements with ids
        return differences(&canonical(&expected), &canonical(&found));
    }
    differences(&comparable(&expected, left_out), &comparable(&found, left_out))
}

/// What the testcase's filter program does to the output.
fn as_filtered(case: &str, text: &str) -> String {
    if case != "ra" {
        return text.to_owned();
    }
    // of the providers only two count; the filter makes an empty line of a program's call
    let text = text.replace("providers IPaddr2\n\n", "providers IPaddr2\n");
    let text = text.replace("providers IPaddr\n\n", "providers IPaddr\n");
    let line = |line: &str| {
        let state = line.starts_with("state (string, [");
        let of_providers = line.split_whitespace().any(|w| w == "heartbeat");
        match line.find(", [").zip(line.find("]):")) {
            Some((from, to)) if state => format!("{}, [state-file{}", &line[..from], &line[to..]),
            _ if of_providers && !line.starts_with('.') => {
                let known = |w: &&str| matches!(*w, "heartbeat" | "pacemaker");
                line.split_whitespace().filter(known).collect::<Vec<_>>().join(" ")
            }
            _ => line.to_owned(),
        }
    };
    text.lines().map(|l| line(l) + "\n").collect()
}

/// Writes a CIB's elements, one a line with its attributes in order, siblings with ids in order.
fn canonical(text: &str) -> Vec<String> {
    let Ok(tree) = cib_model::xml::read(text) else {
        return text.lines().map(str::to_owned).collect();
    };
    let mut lines = Vec::new();
    element_lines(tree.root(), 0, &mut lines);
    lines
}

fn element_lines(element: ElementRef<'_>, depth: usize, lines: &mut Vec<String>) {
    let mut attrs: Vec<String> =
        element.attrs().map(|(name, value)| format!(" {name}={value:?}")).collect();
    attrs.sort();
    let attrs = if element.name() == "cib" { String::new() } else { attrs.concat() };
    lines.push(format!("{}{}{attrs}", "\t".repeat(depth), element.name()));
    let mut children: Vec<ElementRef<'_>> = element.children().collect();
    if !matches!(element.name(), "resource_set" | "group") {
        children.sort_by_key(|c| (c.name().to_owned(), c.id().unwrap_or_default().to_owned()));
    }
    for child in children {
        element_lines(child, depth + 1, lines);
    }
}

/// What the testcases' own filter programs take out.
fn is_left_out(case: &str, line: &str) -> bool {
    // the suite's list of what is not compared has this pattern too, for tracebacks
    let traceback = line.starts_with(' ') && line.trim_start().starts_with("File \"");
    traceback || (case == "confbasic-xml" && line.contains("WARNING"))
}

/// Takes out the lines that the suite's `.excl` files name.
fn without_excluded(text: &str, patterns: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("patterns");
    let joined: String = patterns.iter().flat_map(|p| p.lines()).filter(|l| !l.is_empty()).fold(
        String::new(),
        |mut all, line| {
            let _ = writeln!(all, "{line}");
            all
        },
    );
    fs::write(&file, joined).unwrap();
    let mut child = Command::new("grep")
        .args(["-E", "-v", "-f"])
        .arg(&file)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let text = text.to_owned();
    let writer = std::thread::spawn(move || pipe.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn ratchet_path() -> PathBuf {
    workspace().join("tests/ratchets/crm_regression.txt")
}

fn read_ratchet() -> BTreeMap<String, usize> {
    let text = fs::read_to_string(ratchet_path()).unwrap_or_default();
    let entry = |line: &str| {
        let (name, count) = line.split_once(' ')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    text.lines().filter_map(entry).collect()
}

fn show(name: &str, found: &[Difference]) {
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "--- {name}");
    for difference in found {
        let _ = match difference {
            Difference::Missing(line) => writeln!(out, "-{line}"),
            Difference::Extra(line) => writeln!(out, "+{line}"),
        };
    }
}

#[test]
fn testcases_print_what_crmsh_prints() {
    if !programs(&["grep", "sed", "sh"]) {
        return;
    }
    let wanted = std::env::var("CRM_REGRESSION_SHOW").unwrap_or_default();
    let allowed = read_ratchet();
    let (mut counts, mut worse) = (BTreeMap::new(), Vec::new());
    for era in ERAS {
        let Some(folder) = shared(&format!("data/crmsh/{}", era.release)) else { return };
        for case in CASES {
            let name = format!("{}/{case}", era.release);
            let skipped = !wanted.is_empty() && !name.contains(&wanted);
            if skipped || !folder.join(case).exists() {
                continue;
            }
            let found = judge(&folder, era, case);
            if !wanted.is_empty() {
                show(&name, &found);
            }
            if allowed.get(&name).is_some_and(|most| found.len() > *most) {
                show(&name, &found);
                worse.push(name.clone());
            }
            counts.insert(name, found.len());
        }
    }
    let table: String = counts.iter().fold(String::new(), |mut text, (name, count)| {
        let _ = writeln!(text, "{name} {count}");
        text
    });
    let _ = writeln!(std::io::stderr().lock(), "lines that differ:\n{table}");
    if std::env::var_os("RATCHET").is_some_and(|v| v == "write") && wanted.is_empty() {
        let least = |(name, count): (&String, &usize)| {
            let most = allowed.get(name).copied().unwrap_or(usize::MAX);
            format!("{name} {}\n", (*count).min(most))
        };
        fs::write(ratchet_path(), counts.iter().map(least).collect::<String>()).unwrap();
    }
    assert_eq!(worse, Vec::<String>::new(), "these differ in more lines than before");
}

/// The four small tests that work on a CIB file.
#[test]
fn a_cib_file_becomes_what_crmsh_makes_of_it() {
    let Some(folder) = shared("data/crmsh/cibtests") else { return };
    let base = fs::read_to_string(folder.join("shadow.base")).unwrap();
    for number in 1..=4 {
        let read =
            |end: &str| fs::read_to_string(folder.join(format!("{number:03}.{end}"))).unwrap();
        let desk = Desk::new(&base);
        let said = desk.crm_reading(&[], &read("input"));
        assert_eq!(said.code, 0, "{number}: {}{}", said.out, said.err);
        let (expected, found) = (canonical(&read("exp.xml")), canonical(&desk.read("cib.xml")));
        assert_eq!(differences(&expected, &found), [], "{number}");
    }
}
