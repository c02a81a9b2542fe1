//! crmsh's own regression testcases: what each command of a script prints.
//!
//! A script's expected output echoes its input as `.INP:` lines; what follows until the next is
//! that command's output. Commands of the configure level run here; what the language does not
//! decide (semantic checks, deprecation warnings, external commands) is not compared. Each command
//! whose output agrees is a name of the ratchet.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use cib_model::cib::Cib;
use conformance::prerequisite::shared;
use conformance::ratchet::Ratchet;
use crm_syntax::agents::AgentLookup;
use crm_syntax::diag::{Diagnostic, Severity};
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, parse};
use crm_syntax::{Editor, Filter, Options, Outcome, Position, select, show};

const CASES: [&str; 9] =
    ["acl", "bugs", "bundle", "commit", "confbasic", "delete", "edit", "newfeatures", "rset"];

/// The agents that the scripts name without provider.
struct Agents;

impl AgentLookup for Agents {
    fn providers(&self, agent_type: &str) -> Vec<String> {
        let both = matches!(agent_type, "Dummy" | "SysInfo");
        let names: &[&str] = if both { &["heartbeat", "pacemaker"] } else { &["heartbeat"] };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}

struct Script<'a> {
    cib: Cib,
    options: Options<'a>,
    sort: bool,
}

impl Script<'_> {
    /// Runs one command; `None` where it is not the language's.
    fn run(&mut self, number: usize, line: &str) -> Option<String> {
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ids = |from: usize| -> Vec<String> {
            words.iter().skip(from).map(|w| (*w).to_owned()).collect()
        };
        match words.as_slice() {
            ["erase"] => self.edit(number, |e| Ok(e.erase())),
            ["erase", "nodes"] => self.edit(number, |e| {
                e.erase_nodes();
                Ok(Vec::new())
            }),
            ["show", "changed" | "xml", ..] => None,
            ["show", ..] => {
                let filter = self.filter(&ids(1), false);
                match show(&self.cib, self.options.style, &filter) {
                    Ok(text) => Some(text),
                    Err(error) => Some(format!("ERROR: {number}: {error}\n")),
                }
            }
            ["delete" | "rm", ..] => self.edit(number, |e| e.delete(&ids(1))),
            ["rename", old, new] => self.edit(number, |e| e.rename(old, new)),
            ["modgroup", group, "add", member] => {
                self.edit(number, |e| e.group_add(group, member, Position::Last))
            }
            ["modgroup", group, "add", member, "after", other] => {
                self.edit(number, |e| e.group_add(group, member, Position::After(other)))
            }
            ["modgroup", group, "add", member, "before", other] => {
                self.edit(number, |e| e.group_add(group, member, Position::Before(other)))
            }
            ["modgroup", group, "remove", member] => {
                self.edit(number, |e| e.group_remove(group, member))
            }
            ["set", path, value] => {
                let (rsc, name) = path.split_once('.')?;
                let pair = self
                    .cib
                    .find(rsc)?
                    .descendants()
                    .find(|e| e.name() == "nvpair" && e.attr("name") == Some(name))?;
                let pair = pair.xml_id();
                self.cib.tree_mut().set_attr(pair, "value", *value);
                Some(String::new())
            }
            ["filter", program, ..] => Some(self.pipe(number, program, &ids(2))),
            _ => self.statement(number, line),
        }
    }

    fn filter(&self, words: &[String], flat: bool) -> Filter {
        Filter { sort: self.sort, flat, ..Filter::plain() }.with_words(words)
    }

    fn edit(
        &mut self,
        number: usize,
        change: impl FnOnce(&mut Editor<'_>) -> Outcome,
    ) -> Option<String> {
        let outcome = change(&mut Editor::new(&mut self.cib, &self.options));
        Some(report(Some(number), &outcome))
    }

    fn pipe(&mut self, number: usize, program: &str, ids: &[String]) -> String {
        let filter = self.filter(ids, true);
        let style = self.options.style;
        let mut listed = match select(&self.cib, style, &filter) {
            Ok(listed) => listed,
            Err(error) => return format!("ERROR: {number}: {error}\n"),
        };
        // objects are changed in the order in which they are named
        listed.sort_by_key(|entry| ids.iter().position(|id| *id == entry.id));
        let text = show(&self.cib, style, &filter).unwrap();
        let mut child = Command::new("sh")
            .args(["-c", program])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let edited = String::from_utf8(output.stdout).unwrap();
        let outcome = Editor::new(&mut self.cib, &self.options).edit(&edited, &listed);
        report(None, &outcome)
    }

    fn statement(&mut self, number: usize, line: &str) -> Option<String> {
        let first = line.split_whitespace().next().unwrap_or_default();
        if !crm_syntax::expect::STATEMENTS.contains(&first) {
            return None;
        }
        let mut parsed = parse(line, Mode::Create);
        if !parsed.diagnostics.is_empty() {
            return Some(report(Some(number), &Err(parsed.diagnostics)));
        }
        let statement = parsed.statements.pop()?;
        self.edit(number, |e| e.apply(&statement))
    }
}

fn words(line: &str) -> Vec<String> {
    let first = crm_syntax::lexer::logical_lines(line).next();
    let words = first.as_ref().map(crm_syntax::lexer::words);
    words
        .and_then(Result::ok)
        .map(|words| words.into_iter().map(|w| w.text.into_owned()).collect())
        .unwrap_or_default()
}

fn report(number: Option<usize>, outcome: &Outcome) -> String {
    let (Ok(diagnostics) | Err(diagnostics)) = outcome;
    let line = |diagnostic: &Diagnostic| {
        let level = match diagnostic.severity {
            Severity::Hint => return String::new(),
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        };
        match number.or(diagnostic.line) {
            Some(number) => format!("{level}: {number}: {diagnostic}\n"),
            None => format!("{level}: {diagnostic}\n"),
        }
    };
    diagnostics.iter().map(line).collect()
}

/// Drops what is not the language's: warnings, checks, notes on aliases.
fn compared(text: &str) -> String {
    let is_other = |line: &str| {
        line.starts_with("WARNING")
            || line.starts_with('.')
            || line.contains(" is accepted as ")
            || line.contains("got no meta-data")
            || line.contains("Reference not found")
            || line.starts_with("Traceback")
            || (line.starts_with("    ")
                && (line.contains("self.") || line.contains("raise ") || line.contains("context.")))
            || line.starts_with("ValueError")
    };
    text.lines().filter(|line| !is_other(line)).map(|line| anonymous(line) + "\n").collect()
}

/// Takes the line number and the command's name, which are the shell's, off a message, and makes
/// an indent a tab (one script was recorded with blanks).
fn anonymous(line: &str) -> String {
    if let Some((level, rest)) = line.split_once(": ")
        && matches!(level, "INFO" | "ERROR")
    {
        let rest = rest.split_once(": ").map_or(rest, |(number, after)| {
            if number.parse::<u32>().is_ok() { after } else { rest }
        });
        let rest = rest.strip_prefix("configure.modgroup: ").unwrap_or(rest);
        return format!("{level}: {rest}");
    }
    match line.trim_start() {
        text if text.len() < line.len() && !text.starts_with('<') => format!("\t{text}"),
        _ => line.to_owned(),
    }
}

/// Runs one script; returns the commands that agree, each as `VERSION/CASE NUMBER COMMAND`, and
/// how many were compared.
fn run_case(folder: &Path, version: &str, case: &str) -> (BTreeSet<String>, usize) {
    let text = std::fs::read_to_string(folder.join(format!("{case}.exp"))).unwrap();
    let style = if version == "1.2.6" { Style::Classic } else { Style::Modern };
    let mut cib = match style {
        Style::Classic => Cib::empty_with("3.0.7", "pacemaker-1.2"),
        Style::Modern => Cib::empty(),
    };
    // every script starts from a sample configuration that has one node
    let sample = parse("node node1", Mode::Create).statements;
    crm_syntax::apply(&mut cib, &sample[0], &Options::new(style, &Agents)).unwrap();
    let mut script = Script { cib, options: Options::new(style, &Agents), sort: true };
    let (mut passing, mut compared_count) = (BTreeSet::new(), 0);
    for (index, piece) in text.split(".INP: ").skip(1).enumerate() {
        let (line, expected) = piece.split_once('\n').unwrap_or((piece, ""));
        let (expected, number) = (compared(expected), index + 1);
        if line.starts_with("sort_elements") || line.starts_with("sort-elements") {
            script.sort = !line.ends_with("false") && !line.ends_with("no");
        }
        let Some(found) = script.run(number, line) else { continue };
        let found = compared(&found);
        if found.is_empty() && expected.is_empty() {
            continue;
        }
        compared_count += 1;
        if found == expected {
            let start: Vec<&str> = line.split_whitespace().take(3).collect();
            passing.insert(format!("{version}/{case} {number} {}", start.join(" ")));
        } else if std::env::var_os("CRM_TESTCASES_SHOW").is_some() {
            let mut out = std::io::stderr().lock();
            let _ = writeln!(out, "--- {version}/{case} {number}: {line}\nexpected:\n{expected}");
            let _ = writeln!(out, "found:\n{found}");
        }
    }
    (passing, compared_count)
}

#[test]
fn regression_scripts_print_what_crm_prints() {
    let mut passing = BTreeSet::new();
    let mut count = 0;
    for version in ["1.2.6", "4.4.1"] {
        let Some(folder) = shared(&format!("data/crmsh/{version}")) else { return };
        for case in CASES {
            if folder.join(format!("{case}.exp")).exists() {
                let (names, compared) = run_case(&folder, version, case);
                passing.extend(names);
                count += compared;
            }
        }
    }
    let verdict = Ratchet::open("crm_testcases").judge(&passing);
    let gained = verdict.gained.len();
    let _ = writeln!(
        std::io::stderr().lock(),
        "crmsh testcases: {} of {count} commands with output agree, {gained} newly",
        passing.len()
    );
    assert_eq!(verdict.lost, Vec::<String>::new());
}
