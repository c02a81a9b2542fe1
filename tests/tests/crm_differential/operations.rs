//! Random sequences of edit commands, applied to the same CIB by both programs: messages of each
//! command, and the CIB that is left.

use std::io::Write as _;

use cib_model::cib::Cib;
use conformance::lines::first_difference;
use crm_syntax::agents::NoAgents;
use crm_syntax::diag::{Diagnostic, Severity};
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, parse};
use crm_syntax::{Editor, Filter, LoadMethod, Options, Position, list, show, show_xml};

use crate::dice::Dice;
use crate::oracle::Oracle;
use crate::relation::of_the_language;
use crate::shown::{by_id, hollow, without};
use crate::typed::{keep, message, number};
use crate::{START, has_crm, rounds};

const BASE: &str = "\
rsc_template t1 Dummy op monitor interval=9
primitive a Dummy params x=1 y=2 op monitor interval=10s
primitive b Dummy meta target-role=Started
primitive c Dummy
primitive d Dummy
primitive e Dummy
primitive f @t1
primitive h Dummy
primitive i Dummy
primitive j Dummy
primitive k Dummy
group g a b c
clone cl d
ms m e
location l1 a 100: node1
location l2 i rule -inf: #uname eq node2
colocation c1 inf: i j
colocation c2 inf: a ( i j ) k
colocation c3 inf: h i
order o1 i j
order o2 Mandatory: [ i j ] h
order o3 g cl m
order o4 h k
rsc_ticket k1 T: i j
tag tg i j h
property stonith-enabled=false
rsc_defaults resource-stickiness=100
fencing_topology st1 st2
";

/// One command of the configure level.
enum Command {
    Typed(String),
    Delete(Vec<String>),
    Rename(String, String),
    Add(String, String, Option<(bool, String)>),
    Remove(String, String),
    Load(LoadMethod, String),
}

impl Command {
    fn text(&self, number: usize) -> String {
        match self {
            Command::Typed(line) => line.clone(),
            Command::Delete(ids) => format!("delete {}", ids.join(" ")),
            Command::Rename(old, new) => format!("rename {old} {new}"),
            Command::Add(group, member, None) => format!("modgroup {group} add {member}"),
            Command::Add(group, member, Some((after, other))) => {
                let side = if *after { "after" } else { "before" };
                format!("modgroup {group} add {member} {side} {other}")
            }
            Command::Remove(group, member) => format!("modgroup {group} remove {member}"),
            Command::Load(method, _) => {
                let method = match method {
                    LoadMethod::Update => "update",
                    LoadMethod::Replace => "replace",
                    LoadMethod::Push => "push",
                };
                format!("load {method} file{number}")
            }
        }
    }

    fn apply(&self, cib: &mut Cib) -> Vec<Diagnostic> {
        let mode = if matches!(self, Command::Load(..)) { Mode::Load } else { Mode::Create };
        let options = Options { mode, ..Options::new(Style::Modern, &NoAgents) };
        let mut editor = Editor::new(cib, &options);
        let outcome = match self {
            Command::Typed(line) => {
                let parsed = parse(line, Mode::Create);
                match parsed.statements.first() {
                    Some(statement) => editor.apply(statement),
                    None => Err(parsed.diagnostics),
                }
            }
            Command::Delete(ids) => editor.delete(ids),
            Command::Rename(old, new) => editor.rename(old, new),
            Command::Add(group, member, place) => {
                let position = match place {
                    None => Position::Last,
                    Some((true, other)) => Position::After(other),
                    Some((false, other)) => Position::Before(other),
                };
                editor.group_add(group, member, position)
            }
            Command::Remove(group, member) => editor.group_remove(group, member),
            Command::Load(method, text) => editor.load(text, *method),
        };
        outcome.unwrap_or_else(|errors| errors)
    }
}

/// Chooses the next command from what the CIB holds now.
fn next(dice: &mut Dice, cib: &Cib, number: usize) -> Command {
    let all = list(cib);
    let of = |kinds: &[&str]| -> Vec<String> {
        let is = |e: &&crm_syntax::ObjectEntry| kinds.contains(&e.kind.keyword());
        all.iter().filter(is).map(|e| e.id.clone()).collect()
    };
    let resources = of(&["primitive", "group", "clone", "ms"]);
    let primitives = of(&["primitive"]);
    let groups = of(&["group"]);
    let objects: Vec<String> = all
        .iter()
        .filter(|e| !matches!(e.kind.keyword(), "node" | "property" | "rsc_defaults"))
        .map(|e| e.id.clone())
        .collect();
    let any = |dice: &mut Dice, list: &[String]| {
        if list.is_empty() { "nothing".to_owned() } else { dice.draw(list) }
    };
    let (r, s, t) = (any(dice, &resources), any(dice, &resources), any(dice, &resources));
    match dice.roll(20) {
        0..=2 => Command::Delete(vec![any(dice, &objects)]),
        3 => Command::Delete(vec![any(dice, &objects), any(dice, &objects)]),
        // crm leaves tags, templates and fencing levels behind that name the old id
        4 | 5 => Command::Rename(
            any(dice, &of(&["group", "clone", "ms", "order", "colocation"])),
            format!("n{number}"),
        ),
        6 | 7 => Command::Add(any(dice, &groups), any(dice, &primitives), None),
        8 => {
            let place = Some((dice.once_in(2), any(dice, &primitives)));
            Command::Add(any(dice, &groups), any(dice, &primitives), place)
        }
        // crm leaves an empty group behind
        9 => match (any(dice, &groups), any(dice, &primitives)) {
            (group, _) if members(cib, &group) == 1 => Command::Delete(vec![group]),
            (group, member) => Command::Remove(group, member),
        },
        10 => Command::Typed(format!(
            "group n{number} {} {}",
            any(dice, &primitives),
            any(dice, &primitives)
        )),
        // of anything else crm makes a clone without members
        11 => {
            Command::Typed(format!("clone n{number} {}", any(dice, &of(&["primitive", "group"]))))
        }
        12 => Command::Typed(format!("primitive n{number} Dummy op monitor interval={number}")),
        13 => Command::Typed(format!("colocation n{number} inf: {r} ( {s} {t} )")),
        14 => Command::Typed(format!("order n{number} {r} {s}:stop {t}")),
        15 => Command::Typed(format!("location n{number} {r} {number}: node1")),
        16 => Command::Typed(format!("monitor {} {number}s:5s", any(dice, &primitives))),
        17 => {
            Command::Typed(format!("property no-quorum-policy=v{number} stonith-enabled=x{number}"))
        }
        18 => {
            let text = edited(dice, cib, number);
            Command::Load(LoadMethod::Update, text)
        }
        _ => {
            let text = edited(dice, cib, number);
            let method = if dice.once_in(2) { LoadMethod::Push } else { LoadMethod::Replace };
            Command::Load(method, text)
        }
    }
}

/// Returns how many members a group has.
fn members(cib: &Cib, group: &str) -> usize {
    cib.find(group).map_or(0, |group| group.children_named("primitive").count())
}

/// Returns a listing of the CIB with values changed.
fn edited(dice: &mut Dice, cib: &Cib, number: usize) -> String {
    let shown = show(cib, Style::Modern, &Filter::plain()).unwrap();
    let changed = match dice.roll(6) {
        0 => shown.replace("x=1", &format!("x=v{number} z={number}")),
        1 => shown.replace("interval=10s", &format!("interval={number}s timeout=5")),
        2 => shown.replace("target-role=Started", "target-role=Stopped"),
        3 => shown.replace("Mandatory:", "Optional:"),
        4 => shown.replace("stickiness=100", "stickiness=5 migration-threshold=2"),
        _ => shown.replace(" inf: ", " 50: "),
    };
    format!("# round {number}\n{changed}")
}

#[test]
fn edit_commands_do_alike() {
    let oracle = Oracle::new();
    if !has_crm(oracle.folder()) {
        return;
    }
    let first = number("CRM_SEED", 0);
    let mut differences = Vec::new();
    for seed in first..first + number("CRM_SEEDS", 4 * rounds()) {
        let mut dice = Dice::new(seed + 77);
        let mut cib = Cib::read(START).unwrap();
        let mut said: Vec<Vec<String>> = Vec::new();
        let mut lines: Vec<String> = Vec::new();
        let mut hold = |command: &Command, cib: &mut Cib, lines: &mut Vec<String>| {
            if let Command::Load(_, text) = command {
                std::fs::write(oracle.path(&format!("file{}", lines.len())), text).unwrap();
            }
            lines.push(command.text(lines.len()));
            let told = command.apply(cib);
            let told = told.iter().filter(|d| d.severity > Severity::Hint).map(message);
            said.push(told.collect());
        };
        for line in BASE.lines() {
            hold(&Command::Typed(line.to_owned()), &mut cib, &mut lines);
        }
        for step in 0..40 {
            let command = next(&mut dice, &cib, step);
            hold(&command, &mut cib, &mut lines);
        }
        let theirs = oracle.judge(START, &lines);
        let unlike =
            lines.iter().zip(&said).zip(&theirs.answers).find_map(|((line, ours), answer)| {
                let told: Vec<String> = if line.starts_with("modgroup") {
                    answer.messages.clone()
                } else {
                    let mut told = of_the_language(line, answer);
                    // the library does not speak for the shell
                    told.retain(|m| !m.contains(" is deprecated"));
                    told
                };
                let (mut a, mut b) = (ours.clone(), told.clone());
                // on the way to an empty CIB crm reports what goes, and misses what is gone already
                if line.starts_with("load replace") {
                    for told in [&mut a, &mut b] {
                        told.retain(|message| !is_of_erasing(message));
                    }
                }
                a.sort();
                b.sort();
                (a != b || answer.crashed)
                    .then(|| format!("{line}\n  ours  {ours:?}\n  crm's {told:?}"))
            });
        keep("operations.crm", &lines.join("\n"));
        if let Some(text) = unlike {
            differences.push(format!("CRM_SEED={seed}: {text}"));
            continue;
        }
        let xml = show_xml(&cib, &Filter::default()).unwrap();
        let (mut own, mut crms) = (by_id(&xml), by_id(&theirs.xml));
        if lines.iter().any(|line| line.starts_with("load replace")) {
            (own, crms) = (unnumbered(&own), unnumbered(&crms));
        }
        if let Some(text) = first_difference(&own, &crms) {
            differences.push(format!("XML after CRM_SEED={seed}, {text}"));
        }
        let shown = show(&cib, Style::Modern, &Filter::default()).unwrap();
        let hollow = hollow(&cib);
        let (shown, listing) = (without(&shown, &hollow), without(&theirs.listing, &hollow));
        if let Some(text) = first_difference(&shown, &listing) {
            differences.push(format!("listing after CRM_SEED={seed}, {text}"));
        }
        let _ = writeln!(std::io::stderr().lock(), "operations {seed}: {} commands", lines.len());
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Returns true for what is said of an object on the way out.
fn is_of_erasing(message: &str) -> bool {
    message.starts_with("INFO: modified ")
        || message.starts_with("INFO: constraint ") && message.ends_with(" updated")
        || message.starts_with("INFO: hanging ")
        || message.starts_with("ERROR: object ") && message.ends_with(" does not exist")
}

/// Takes the numbers off the ids of resource sets: crm does not free all ids of what `load replace`
/// deletes, and goes on counting.
fn unnumbered(xml: &str) -> String {
    let line = |line: &str| match line.rsplit_once('-') {
        Some((head, _)) if line.contains("<resource_set") => format!("{head}\n"),
        _ => format!("{line}\n"),
    };
    xml.lines().map(line).collect()
}
