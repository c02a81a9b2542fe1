//! Lines typed at the prompt: each is taken or refused by itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use cib_model::cib::Cib;
use cib_model::xml::{Dialect, ElementRef, Layout, write_element};
use conformance::lines::first_difference;
use crm_syntax::agents::NoAgents;
use crm_syntax::ast::{FencingTarget, Object};
use crm_syntax::diag::{Diagnostic, Severity};
use crm_syntax::kind::ObjectKind;
use crm_syntax::schema::Schema;
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, SourceWord, parse};
use crm_syntax::{Editor, Filter, LoadMethod, Options, show, show_xml};

use crate::generator::{Generator, file};
use crate::oracle::{Answer, Judgement, Oracle};
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

/// Returns true for `property a=b $id=c`: the set's name as crm 1.2 reads it; crm 4 makes a pair
/// `id=c` of it.
fn names_its_set_late(line: &str) -> bool {
    let statements = parse(line, Mode::Load).statements;
    statements.iter().any(|statement| {
        let late = |word: &SourceWord| word.text.to_ascii_lowercase().starts_with("$id=");
        let Object::Property(set) = &statement.object else { return false };
        set.id.is_some() && statement.words.iter().skip(2).any(late)
    })
}

/// Returns a message without the word it names and the line it repeats.
fn gist(message: &str) -> &str {
    let end = message.find(" near <").or_else(|| message.find(" parsing '"));
    &message[..end.unwrap_or(message.len())]
}

/// Returns crm's messages without what other parts than the language say, the repeated once.
pub(crate) fn of_the_language(line: &str, answer: &Answer) -> Vec<String> {
    let words = crm_syntax::lexer::logical_lines(line);
    let words = words.first().map(|l| crm_syntax::lexer::words(l).unwrap_or_default());
    let mut words: Vec<_> = words.unwrap_or_default().into_iter().map(|w| w.text).collect();
    // crm repeats the line without the `id=` of the id
    if let Some(id) = words.get_mut(1)
        && let Some(name) = id.strip_prefix("id=")
    {
        *id = name.to_owned().into();
    }
    let (whole, shorter) = (words.join(" "), words[..words.len().saturating_sub(1)].join(" "));
    let mut kept: Vec<String> = Vec::new();
    for message in &answer.messages {
        let is_of_shell = message.contains(" is deprecated")
            || message.contains("ra class")
            || message.contains(" is accepted as ")
            || message.contains("got no meta-data");
        // crm reads what it prints once more, and says so where it cannot
        let is_of_reread = message.split_once(" parsing '").is_some_and(|(_, quoted)| {
            let quoted = quoted.trim_end_matches('\'');
            let near = message.split_once(" near <").and_then(|(_, rest)| rest.split_once("> "));
            let is_part = |(near, _): (&str, &str)| {
                words.iter().all(|word| word.as_ref() != near)
                    && words.iter().any(|word| word.split(' ').any(|part| part == near))
            };
            near.is_some_and(is_part)
                || quoted != whole.trim_end_matches('\'')
                    && quoted != shorter.trim_end_matches('\'')
        });
        // crm says an error and goes on, each time it reads the reference; here it is a warning
        let message = match message.strip_prefix("ERROR: ") {
            Some(text) if is_reference(text) => format!("WARNING: {text}"),
            _ => message.clone(),
        };
        let again = message.starts_with("WARNING: ") && kept.contains(&message);
        if !is_of_shell && !is_of_reread && !again {
            kept.push(message);
        }
    }
    kept
}

fn is_reference(text: &str) -> bool {
    text.starts_with("Reference not found") || text.starts_with("Ambiguous reference")
}

/// How our answer relates to crm's.
enum Relation {
    Equal,
    /// Different by a rule of COMPATIBILITY.
    Listed(&'static str),
    /// Different by a rule, and what follows would be too.
    Dropped(&'static str),
    Unlike,
}

fn relation(line: &str, ours: &[String], theirs: &Answer) -> Relation {
    let answer = of_the_language(line, theirs);
    let ours: Vec<String> = ours.iter().filter(|m| !m.contains("ra class")).cloned().collect();
    if theirs.crashed {
        return Relation::Dropped("crm stops with a traceback");
    }
    let has = |list: &[String], text: &str| list.iter().any(|m| m.contains(text));
    // a warning about two references to the same id is one warning here and there
    let ours: Vec<String> = ours
        .iter()
        .enumerate()
        .filter(|(at, m)| !ours[..*at].contains(m))
        .map(|(_, m)| m.clone())
        .collect();
    if line.starts_with("monitor ") && has(&answer, "invalid object id") && answer.ends_with(&ours)
    {
        return Relation::Listed("two errors, the last one told");
    }
    let is_late = |list: &[String]| has(list, "Attribute order error");
    if is_late(&ours) && is_late(&answer) {
        return Relation::Listed("the same error, another word named");
    }
    if is_late(&answer) && has(&answer, ": interval must") {
        return Relation::Dropped("an operation without interval may have parameters");
    }
    if names_its_set_late(line) {
        return Relation::Dropped("`$id` after the pairs of a property set names the set");
    }
    if has(&ours, "may contain") && !has(&answer, "ERROR") {
        return Relation::Dropped("a container that names what is no resource is refused");
    }
    if has(&answer, "refers to missing object") && has(&ours, "ERROR") {
        return Relation::Dropped("a container that names a missing resource is refused");
    }
    // which of several constraints is named first is left to crm
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    if sorted(&ours) == sorted(&answer) {
        return Relation::Equal;
    }
    let is_error = |m: &&String| m.starts_with("ERROR");
    let errors = |list: &[String]| -> Vec<String> {
        list.iter().filter(is_error).map(|m| gist(m).to_owned()).collect()
    };
    if !errors(&ours).is_empty() && errors(&ours) == errors(&answer) {
        return Relation::Listed("the same error, another word named");
    }
    Relation::Unlike
}

/// Returns the objects of a configuration, sorted: in `show xml` crm puts a container that was
/// made in the same session where its first member stood.
pub(crate) fn by_id(xml: &str) -> String {
    let cib = Cib::read(&xml[xml.find("<cib").unwrap_or(0)..]).unwrap();
    let sections = cib.configuration().into_iter().flat_map(ElementRef::children);
    let mut objects: Vec<String> = sections
        .flat_map(ElementRef::children)
        .map(|object| write_element(object, Layout::Pretty, Dialect::default()))
        .collect();
    objects.sort();
    objects.concat()
}

/// Returns the objects that crm shows otherwise once it has read the CIB again, then as they are
/// shown here at once: constraints with an empty resource set, made by redirecting repeated
/// members, and property sets with a `=` in the name of a pair (text, then XML); nodes with
/// `type="normal"` (XML, then text).
pub(crate) fn hollow(cib: &Cib) -> Vec<String> {
    let nodes = cib.nodes().into_iter().flat_map(ElementRef::children);
    let normal = nodes.filter(|node| node.attr("type") == Some("normal"));
    let sections = ["crm_config", "rsc_defaults", "op_defaults"];
    let sets = cib.configuration().into_iter().flat_map(ElementRef::children);
    let sets = sets.filter(|s| sections.contains(&s.name())).flat_map(ElementRef::children);
    let unreadable = sets.filter(|set| {
        set.children().any(|pair| pair.attr("name").is_some_and(|name| name.contains('=')))
    });
    let constraints = cib.constraints().into_iter().flat_map(ElementRef::children);
    let is_hollow = |c: &ElementRef<'_>| {
        c.children_named("resource_set").any(|set| set.children().next().is_none())
    };
    let found = constraints.filter(is_hollow).chain(normal).chain(unreadable);
    found.filter_map(|element| element.id().map(str::to_owned)).collect()
}

/// Returns a listing without some objects; XML in it on one line each, as crm shows it where it
/// has given up the text for it in this session.
pub(crate) fn without(listing: &str, ids: &[String]) -> String {
    let marked = listing.replace(" \\\n", "\u{1}");
    let is_kept = |object: &&str| {
        !ids.iter().any(|id| {
            let node = object.strip_prefix("node ").map(|rest| rest.split(['\u{1}', ' ']).next());
            let set = object.split(['\u{1}', ' ']).nth(1).filter(|word| word.ends_with(':'));
            object.contains(&format!(" {id} "))
                || object.contains(&format!(" id=\"{id}\""))
                || object.starts_with(&format!("node $id=\"{id}\" "))
                || set.is_some_and(|word| word.trim_end_matches(':') == id)
                || node.flatten().is_some_and(|word| word.trim_end_matches(':') == id)
        })
    };
    let shown = |object: &str| {
        if object.starts_with("xml ") {
            let lines: Vec<&str> = object.split('\u{1}').map(str::trim_start).collect();
            return lines.join(" ") + "\n";
        }
        object.replace('\u{1}', " \\\n") + "\n"
    };
    let (mut kept, mut comments) = (String::new(), String::new());
    for object in marked.lines() {
        if object.starts_with('#') {
            comments.push_str(&shown(object));
            continue;
        }
        // comments stand above their object
        let above = std::mem::take(&mut comments);
        if is_kept(&object) {
            kept.push_str(&above);
            kept.push_str(&shown(object));
        }
    }
    kept + &comments
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
    // and it makes a pair of a set's name that stands late
    lines.retain(|line| !is_for_all_nodes(line) && !names_its_set_late(line));
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

/// Returns true for levels without a target.
fn is_for_all_nodes(line: &str) -> bool {
    parse(line, Mode::Load).statements.iter().any(|statement| {
        let Object::FencingTopology(topology) = &statement.object else { return false };
        topology.levels.iter().any(|(target, _)| *target == FencingTarget::AllNodes)
    })
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
