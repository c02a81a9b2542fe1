//! `cibadmin` on a CIB in a file: the same operation leaves the same CIB and ends the same way.

use cib_model::Cib;
use cib_model::xml::{Dialect, ElementRef, Layout, write_element};
use conformance::lines::first_difference;
use conformance::mutation::Dice;

use crate::agree;
use crate::changes::{changed, prepared};
use crate::tools::{Bench, as_theirs, unversioned};

const SECTIONS: [&str; 7] =
    ["configuration", "crm_config", "nodes", "resources", "constraints", "status", "tags"];

/// Returns one element with an id, and the name of the section it stands in.
fn part<'a>(cib: &'a Cib, dice: &mut Dice) -> Option<(ElementRef<'a>, &'a str)> {
    let sections: Vec<_> = [cib.crm_config(), cib.nodes(), cib.resources(), cib.constraints()]
        .into_iter()
        .flatten()
        .collect();
    let parts: Vec<_> = sections
        .iter()
        .flat_map(|section| section.descendants().skip(1).map(|e| (e, section.name())))
        .filter(|(e, _)| e.id().is_some())
        .collect();
    dice.pick(&parts).copied()
}

fn text(element: ElementRef<'_>) -> String {
    write_element(element, Layout::Compact, Dialect::Pcmk2)
}

/// The element without its children.
fn shell(element: ElementRef<'_>, change: Option<(&str, &str)>) -> String {
    let mut tree = cib_model::xml::Tree::new(element.name().to_owned());
    let root = tree.root_id();
    tree.set_attrs(root, element);
    if let Some((name, value)) = change {
        tree.set_attr(root, name.to_owned(), value);
    }
    text(tree.root())
}

/// A generated command line; the input of those that have one is in the file `input`.
fn command(cib: &Cib, dice: &mut Dice, bench: &Bench) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut say = |list: &[&str]| words.extend(list.iter().map(|word| (*word).to_owned()));
    let Some((element, section)) = part(cib, dice) else { return vec!["--query".to_owned()] };
    let other = changed(cib, dice);
    let id = element.id().unwrap_or_default();
    let number = dice.below(100);
    let mut input = String::new();
    match dice.below(16) {
        0 => say(&["--bump"]),
        1 => say(&["--erase", "--force"]),
        2 => {
            input = format!("<primitive id=\"new{number}\" class=\"lsb\" type=\"x\"/>");
            say(&["--create", "-o", "resources"]);
        }
        3 => {
            // What exists is not created again.
            input = text(element);
            say(&["--create", "-o", section]);
        }
        4 => {
            input = shell(element, Some(("description", "it's <new>")));
            say(&["--modify", "-o", section]);
        }
        5 => {
            input = format!("<primitive id=\"new{number}\" class=\"lsb\" type=\"x\"/>");
            say(&["--modify", "-o", "resources"]);
            if number.is_multiple_of(2) {
                say(&["--allow-create"]);
            }
        }
        6 => {
            input = shell(element, None);
            say(&["--delete", "-o", section]);
        }
        7 => {
            input = format!("<{} id=\"nowhere\"/>", element.name());
            say(&["--delete", "-o", section]);
        }
        8 => say(&["--delete", "--xpath", &format!("//{}[@id='{id}']", element.name())]),
        9 => say(&["--delete-all", "--force", "--xpath", &format!("//{}", element.name())]),
        10 => {
            input = text(other.root());
            say(&["--replace"]);
        }
        11 => {
            let section = SECTIONS[1 + number % 4];
            let all = other.configuration().and_then(|c| c.child(section));
            input = all.map(text).unwrap_or_default();
            say(&["--replace", "-o", section]);
        }
        12 => {
            input = shell(element, Some(("description", "replaced")));
            say(&["--replace", "--xpath", &format!("//{}[@id='{id}']", element.name())]);
        }
        13 => say(&["--query", "--xpath", &format!("//*[@id='{id}']")]),
        14 => say(&["--query", "--xpath", &format!("//{}", element.name()), "--node-path"]),
        _ => say(&["--query", "-o", SECTIONS[number % SECTIONS.len()]]),
    }
    if !input.is_empty() {
        bench.write("input", &input);
        words.extend(["-x", "input"].map(str::to_owned));
    }
    words
}

#[test]
fn the_same_operation() {
    agree(&["cibadmin"], |seed, file| {
        let bench = Bench::new();
        let cib = prepared(file);
        let words = command(&cib, &mut Dice::new(seed), &bench);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let [ours, theirs] = bench.both_change("cibadmin", &words, &cib);
        if ours.0.code != theirs.0.code {
            return Err(format!("{words:?}: exit code {}, theirs {}", ours.0.code, theirs.0.code));
        }
        // Pacemaker 2 does not count an element made by --modify as a change of the configuration,
        // and has the versions of an erased CIB in another order; Pacemaker 3 does as ours.
        let is_old = words.contains(&"--allow-create") || words.contains(&"--erase");
        let left = |xml: &str| if is_old { unversioned(xml) } else { xml.to_owned() };
        // What fails is printed as XML by Pacemaker 2 only.
        let said = words.contains(&"--query").then(|| as_theirs(&ours.0.out));
        let said = said.and_then(|said| first_difference(&said, &theirs.0.out));
        match said.or_else(|| first_difference(&left(&ours.1), &left(&theirs.1))) {
            Some(difference) => Err(format!("{words:?}:\n{difference}")),
            None => Ok(()),
        }
    });
}
