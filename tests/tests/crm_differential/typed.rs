//! Lines typed at the prompt: each is taken or refused by itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use cib_model::cib::Cib;
use conformance::lines::first_difference;
use crm_syntax::agents::NoAgents;
use crm_syntax::diag::{Diagnostic, Severity};
use crm_syntax::kind::ObjectKind;
use crm_syntax::schema::Schema;
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, parse};
use crm_syntax::{Editor, Filter, LoadMethod, Options, show, show_xml};

use crate::generator::{Generator, file};
use crate::oracle::{Judgement, Oracle};
use crate::relation::{
    Relation, is_for_all_nodes, is_second_of_its_name, names_its_set_late, of_the_language,
    relation, repeats_a_reference,
};
use crate::shown::{by_id, hollow, without};
use crate::{START, has_crm, rounds};

/// What we make of lines: messages of each, the CIB afterwards.
fn ours(lines: &[String]) -> (Vec<Vec<String>>, Cib) {
    let mut cib = Cib::read(START).unwrap();
    let schema = Schema::named(cib.schema());
    let options = Options::new(Style::Modern, &NoAgents);
    let mut editor = Editor::new(&mut cib, &options);
    let said = lines
        .iter()
        .map(|line| {
            // the commands of the shell ask the schema first
            let word = line.split(' ').next().unwrap_or_default();
            if ObjectKind::from_keyword(word).is_some_and(|kind| !schema.has_kind(kind)) {
                return vec![format!("ERROR: {word} not supported by the RNG schema")];
            }
            let parsed = parse(line, Mode::Create);
            let mut all = parsed.diagnostics;
            for statement in &parsed.statements {
                match editor.apply(statement) {
                    Ok(notes) => all.extend(notes),
                    Err(errors) => all.extend(errors),
                }
            }
            all.iter().filter(|d| d.severity > Severity::Hint).map(message).collect()
        })
        .collect();
    (said, cib)
}

pub(crate) fn message(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
        Severity::Hint => "HINT",
    };
    format!("{level}: {}", diagnostic.message)
}

/// Gives a line the keyword that the shell would make of it.
fn canonical(line: String) -> String {
    let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
    let word = match word {
        "collocation" | "Colocation" => "colocation",
        "master" => "ms",
        "Property" => "property",
        "fencing-topology" => "fencing_topology",
        word => word,
    };
    format!("{word} {rest}")
}

pub(crate) fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// Lines of a seed.
const LINES: usize = 300;

/// Seeds of a run: both tests together judge more than 2,000 objects.
fn seeds() -> u64 {
    number("CRM_SEEDS", 5 * rounds())
}

/// Leaves what a round did in the folder `CRM_KEEP`, to look at.
pub(crate) fn keep(name: &str, text: &str) {
    if let Some(folder) = std::env::var_os("CRM_KEEP") {
        std::fs::write(std::path::PathBuf::from(folder).join(name), text).unwrap();
    }
}

#[test]
fn typed_lines_are_answered_alike() {
    let oracle = Oracle::new();
    if !has_crm(oracle.folder()) {
        return;
    }
    let first = number("CRM_SEED", 0);
    let mut differences: Vec<String> = Vec::new();
    let mut judged = 0;
    for seed in first..first + seeds() {
        let mut lines: Vec<String> =
            Generator::new(seed, true).statements(LINES).into_iter().map(canonical).collect();
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        let (theirs, cib) = loop {
            let theirs = oracle.judge(START, &lines);
            let (said, cib) = ours(&lines);
            let mut dropped = Vec::new();
            let mut found = String::new();
            for (at, answer) in theirs.answers.iter().enumerate() {
                match relation(&lines[at], &said[at], answer) {
                    Relation::Equal => {}
                    Relation::Listed(rule) => *rules.entry(rule).or_default() += 1,
                    Relation::Dropped(rule) => {
                        *rules.entry(rule).or_default() += 1;
                        dropped.push(at);
                    }
                    Relation::Unlike => {
                        let (line, said) = (&lines[at], &said[at]);
                        let answer = of_the_language(line, answer);
                        let _ = write!(found, "{line}\n  ours   {said:?}\n  crm's  {answer:?}\n");
                    }
                }
            }
            if dropped.is_empty() {
                if !found.is_empty() {
                    differences.push(format!("CRM_SEED={seed}\n{found}"));
                }
                break (theirs, cib);
            }
            for at in dropped.into_iter().rev() {
                lines.remove(at);
            }
        };
        keep("lines.crm", &lines.join("\n"));
        let xml = show_xml(&cib, Style::Modern, &Filter::default()).unwrap();
        let shown = show(&cib, Style::Modern, &Filter::default()).unwrap();
        differences.extend(difference(&by_id(&xml), &by_id(&theirs.xml), "XML", seed));
        let hollow = hollow(&cib);
        let (shown, listing) = (without(&shown, &hollow), without(&theirs.listing, &hollow));
        differences.extend(difference(&shown, &listing, "listing", seed));
        let counted: Vec<String> = rules.iter().map(|(rule, n)| format!("{n} × {rule}")).collect();
        let line = format!("typed {seed}: {} lines; {}", lines.len(), counted.join("; "));
        let _ = writeln!(std::io::stderr().lock(), "{line}");
        judged += lines.len();
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(judged >= 1_200 || seeds() < 5, "only {judged} objects were judged");
}

/// Returns the lines of which a text can be made that we load.
fn loadable(lines: Vec<String>) -> Vec<String> {
    let (said, _) = ours(&lines);
    let is_taken = |said: &Vec<String>| !said.iter().any(|m| m.starts_with("ERROR"));
    let taken = lines.into_iter().zip(said).filter(|(_, said)| is_taken(said));
    let mut lines: Vec<String> = taken.map(|(line, _)| line).collect();
    // crm repeats levels for the nodes that were there before the text, here also for those in it;
    // and it makes a pair of a set's name that stands late, two of one that is referred to twice
    // and of several nodes with one name it takes another for the first
    let is_listed: [fn(&str) -> bool; 4] =
        [is_for_all_nodes, names_its_set_late, repeats_a_reference, is_second_of_its_name];
    lines.retain(|line| !is_listed.iter().any(|is| is(line)));
    loop {
        let Err(errors) = load(&lines.join("\n")) else { return lines };
        let mut bad: Vec<usize> = errors.iter().filter_map(|e| e.line).collect();
        assert!(!bad.is_empty(), "{errors:?}");
        bad.sort_unstable();
        bad.dedup();
        for line in bad.into_iter().rev() {
            lines.remove(line - 1);
        }
    }
}

fn load(text: &str) -> Result<(Vec<String>, Cib), Vec<Diagnostic>> {
    let mut cib = Cib::read(START).unwrap();
    let options = Options { mode: Mode::Load, ..Options::new(Style::Modern, &NoAgents) };
    let notes = Editor::new(&mut cib, &options).load(text, LoadMethod::Update)?;
    let told = notes.iter().filter(|d| d.severity > Severity::Hint).map(message);
    Ok((told.collect(), cib))
}

fn loaded_by_crm(oracle: &Oracle, text: &str) -> Judgement {
    std::fs::write(oracle.path("text.crm"), text).unwrap();
    oracle.judge(START, &["load update text.crm".to_owned()])
}

/// Returns true where crm ended with a traceback, or left the load with one.
fn has_stopped(judgement: &Judgement) -> bool {
    let said = judgement.answers.iter().flat_map(|answer| &answer.messages);
    judgement.xml.is_empty() || said.into_iter().any(|m| m.contains("configure.load: "))
}

/// Finds the line at which crm stops with a traceback.
fn first_crash(oracle: &Oracle, seed: u64, lines: &[String]) -> usize {
    // the first `good` lines load, the first `bad` do not
    let (mut good, mut bad) = (0, lines.len());
    while bad - good > 1 {
        let middle = usize::midpoint(good, bad);
        let loads = !has_stopped(&loaded_by_crm(oracle, &file(seed, &lines[..middle])));
        if loads { good = middle } else { bad = middle }
    }
    bad - 1
}

/// Whole texts, with comments, continuation and either end of line.
#[test]
fn loaded_texts_come_out_alike() {
    let oracle = Oracle::new();
    if !has_crm(oracle.folder()) {
        return;
    }
    let first = number("CRM_SEED", 0);
    let mut differences: Vec<String> = Vec::new();
    let mut judged = 0;
    for seed in first..first + seeds() {
        let made = Generator::new(seed + 1_000_000, true).with_intervals().statements(LINES);
        let mut lines = loadable(made);
        let (text, said, cib, theirs) = loop {
            let text = file(seed, &lines);
            let theirs = loaded_by_crm(&oracle, &text);
            if has_stopped(&theirs) {
                let at = first_crash(&oracle, seed, &lines);
                lines.remove(at);
                lines = loadable(lines);
                continue;
            }
            let (said, cib) = load(&text).unwrap();
            break (text, said, cib, theirs);
        };
        keep("text.crm", &text);
        let Some(answer) = theirs.answers.first() else { continue };
        // crm looks references up before it makes what they name, and reads what it has printed once
        // more; a load that it refuses shows in the XML
        let is_kept = |m: &String| {
            ![
                "Reference not found",
                "ra class",
                "got no meta-data",
                "Ambiguous reference",
                "syntax in ",
            ]
            .iter()
            .any(|text| m.contains(text))
        };
        let told: Vec<String> = answer.messages.iter().filter(|m| is_kept(m)).cloned().collect();
        let said: Vec<String> = said.into_iter().filter(is_kept).collect();
        if answer.crashed || said != told {
            differences.push(format!("CRM_SEED={seed}\n ours {said:?}\n crm's {told:?}"));
        }
        let xml = show_xml(&cib, Style::Modern, &Filter::default()).unwrap();
        differences.extend(difference(&by_id(&xml), &by_id(&theirs.xml), "loaded XML", seed));
        let shown = show(&cib, Style::Modern, &Filter::default()).unwrap();
        let hollow = hollow(&cib);
        let (shown, listing) = (without(&shown, &hollow), without(&theirs.listing, &hollow));
        differences.extend(difference(&shown, &listing, "loaded listing", seed));
        let line = format!("loaded {seed}: {} of {LINES} lines", lines.len());
        let _ = writeln!(std::io::stderr().lock(), "{line}");
        judged += lines.len();
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(judged >= 900 || seeds() < 5, "only {judged} objects were judged");
}

/// Says how two texts differ.
fn difference(ours: &str, theirs: &str, what: &str, seed: u64) -> Option<String> {
    first_difference(ours, theirs).map(|text| format!("{what} after CRM_SEED={seed}, {text}"))
}
