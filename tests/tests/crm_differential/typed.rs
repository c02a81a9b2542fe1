//! Lines typed at the prompt: each is taken or refused by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

use cib_model::cib::Cib;
use conformance::lines::first_difference;
use crm_syntax::agents::NoAgents;
use crm_syntax::diag::{Diagnostic, Severity};
use crm_syntax::style::Style;
use crm_syntax::text::Mode;
use crm_syntax::{Editor, Filter, LoadMethod, Options, show, show_xml};

use crate::generator::{Generator, file};
use crate::oracle::{Answer, Judgement, Oracle};
use crate::relation::{
    Relation, is_a_reference, is_for_all_nodes, is_second_of_its_name, named, names_its_set_late,
    of_the_language, relation, repeats_a_reference,
};
use crate::shown::{by_id, hollow, without};
use crate::{START, has_crm, rounds};

pub(crate) fn message(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
        Severity::Hint => "HINT",
    };
    format!("{level}: {}", diagnostic.message)
}

pub(crate) fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// Lines of a seed.
const LINES: usize = 300;

/// Lines from which a text to load is chosen; less than half of them fit together.
const OF_A_TEXT: usize = 450;

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

/// Returns the last line with those before it that a backslash joins to it.
fn joined(lines: &[String]) -> String {
    let Some((last, before)) = lines.split_last() else { return String::new() };
    let is_continued = |line: &&String| line.ends_with('\\');
    let parts = before.iter().rev().take_while(is_continued).count();
    let parts = before[before.len() - parts..].iter().filter_map(|line| line.strip_suffix('\\'));
    parts.chain([&**last]).collect()
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
        let mut lines = Generator::new(seed, true).statements(LINES);
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        let (own, theirs) = loop {
            let theirs = oracle.judge(START, &lines);
            let own = oracle.own_judgement(START, &lines);
            assert_eq!(own.answers.len(), lines.len(), "CRM_SEED={seed}: we have stopped");
            let stopped = theirs.answers.last().is_some_and(|answer| answer.crashed);
            assert!(stopped || theirs.answers.len() == lines.len(), "CRM_SEED={seed}: crm ended");
            let mut dropped = Vec::new();
            let mut found = String::new();
            for (at, (said, answer)) in own.answers.iter().zip(&theirs.answers).enumerate() {
                match relation(&joined(&lines[..=at]), said, answer) {
                    Relation::Equal => {}
                    Relation::Listed(rule) => *rules.entry(rule).or_default() += 1,
                    Relation::Dropped(rule) => {
                        *rules.entry(rule).or_default() += 1;
                        dropped.push(at);
                    }
                    Relation::Unlike => {
                        let line = joined(&lines[..=at]);
                        let told = of_the_language(&line, answer);
                        let verdicts = [said.failed, answer.failed];
                        let said = &said.messages;
                        let _ = write!(
                            found,
                            "{line}\n  failed {verdicts:?}\n  ours   {said:?}\n  crm's  {told:?}\n"
                        );
                    }
                }
            }
            if dropped.is_empty() {
                if !found.is_empty() {
                    differences.push(format!("CRM_SEED={seed}\n{found}"));
                }
                break (own, theirs);
            }
            for at in dropped.into_iter().rev() {
                lines.remove(at);
            }
        };
        keep("lines.crm", &lines.join("\n"));
        differences.extend(difference(&by_id(&own.xml), &by_id(&theirs.xml), "XML", seed));
        let hollow = Cib::read(&own.xml).map(|cib| hollow(&cib)).unwrap_or_default();
        let (shown, listing) = (without(&own.listing, &hollow), without(&theirs.listing, &hollow));
        differences.extend(difference(&shown, &listing, "listing", seed));
        let counted: Vec<String> = rules.iter().map(|(rule, n)| format!("{n} × {rule}")).collect();
        let line = format!("typed {seed}: {} lines; {}", lines.len(), counted.join("; "));
        let _ = writeln!(std::io::stderr().lock(), "{line}");
        judged += lines.len();
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(judged >= 1_300 || seeds() < 5, "only {judged} objects were judged");
}

/// Returns the lines of which a text can be made that we load.
fn loadable(mut lines: Vec<String>) -> Vec<String> {
    // crm repeats levels for the nodes that were there before the text, here also for those in it;
    // and it makes a pair of a set's name that stands late, two of one that is referred to twice
    // and of several nodes with one name it takes another for the first
    let is_listed: [fn(&str) -> bool; 5] = [
        is_for_all_nodes,
        names_its_set_late,
        repeats_a_reference,
        is_a_reference,
        is_second_of_its_name,
    ];
    lines.retain(|line| !is_listed.iter().any(|is| is(line)));
    // crm refuses a user that has the name of another object
    let (mut users, mut others) = (BTreeSet::new(), BTreeSet::new());
    lines.retain(|line| {
        let Some((name, is_user)) = named(line) else { return true };
        let (own, other) = if is_user { (&mut users, &others) } else { (&mut others, &users) };
        let is_first = !other.contains(&name);
        own.insert(name);
        is_first
    });
    loop {
        let Err(mut errors) = load(&lines.join("\n")) else { return lines };
        // what names a line that goes may come back with another
        let names_another = |e: &Diagnostic| e.message.contains("references a resource");
        if !errors.iter().all(names_another) {
            errors.retain(|e| !names_another(e));
        }
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

/// Returns true where crm ended with a traceback, or left the load because it cannot read what it
/// has printed.
fn has_stopped(judgement: &Judgement) -> bool {
    let mut said = judgement.answers.iter().flat_map(|answer| &answer.messages);
    judgement.xml.is_empty() || said.any(|m| m.contains("configure.load: No closing quotation"))
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
        let made = Generator::new(seed + 1_000_000, true).for_a_text().statements(OF_A_TEXT);
        let (mut lines, mut stopped) = (loadable(made), 0);
        let (text, said, cib, theirs) = loop {
            let text = file(seed, &lines);
            let theirs = loaded_by_crm(&oracle, &text);
            if has_stopped(&theirs) {
                let at = first_crash(&oracle, seed, &lines);
                stopped += 1;
                assert!(stopped < OF_A_TEXT / 20, "CRM_SEED={seed}: crm stops everywhere");
                lines.remove(at);
                lines = loadable(lines);
                continue;
            }
            let (said, cib) = load(&text).unwrap();
            break (text, said, cib, theirs);
        };
        keep("text.crm", &text);
        let answer = theirs.answers.first().unwrap();
        let said = said.into_iter().filter(|m| is_compared(m)).collect();
        let (said, told) = (of_agents_once(said), of_agents_once(without_rereading(answer)));
        if answer.failed || said != told {
            differences.push(format!("CRM_SEED={seed}\n ours {said:?}\n crm's {told:?}"));
        }
        let xml = show_xml(&cib, &Filter::default()).unwrap();
        differences.extend(difference(&by_id(&xml), &by_id(&theirs.xml), "loaded XML", seed));
        let shown = show(&cib, Style::Modern, &Filter::default()).unwrap();
        let hollow = hollow(&cib);
        let (shown, listing) = (without(&shown, &hollow), without(&theirs.listing, &hollow));
        differences.extend(difference(&shown, &listing, "loaded listing", seed));
        let line = lines.len();
        let line = format!("loaded {seed}: {line} of {OF_A_TEXT} lines, crm stopped at {stopped}");
        let _ = writeln!(std::io::stderr().lock(), "{line}");
        judged += lines.len();
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(judged >= 700 || seeds() < 5, "only {judged} objects were judged");
}

/// References: crm looks them up before it makes what they name.
fn is_compared(message: &str) -> bool {
    !["Reference not found", "Ambiguous reference"].iter().any(|text| message.contains(text))
}

/// Returns what crm says to a load that it takes, without what it says of its own text where it
/// reads that once more or can only show it as XML, and of agents that are not here.
fn without_rereading(answer: &Answer) -> Vec<String> {
    let is_of_reread = |m: &String| {
        m.starts_with("ERROR: syntax in ")
            || m.ends_with("got no meta-data, does this RA exist?")
            || m.ends_with(": unknown rsc_location format")
    };
    let kept = answer.messages.iter().filter(|m| is_compared(m) && !is_of_reread(m));
    kept.cloned().collect()
}

/// Leaves one of the warnings of agents' names, which crm says as often as it reads the statement.
fn of_agents_once(mut messages: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    messages.retain(|m| !m.starts_with("WARNING: ra class") || seen.insert(m.clone()));
    messages
}

/// Says how two texts differ.
fn difference(ours: &str, theirs: &str, what: &str, seed: u64) -> Option<String> {
    first_difference(ours, theirs).map(|text| format!("{what} after CRM_SEED={seed}, {text}"))
}
