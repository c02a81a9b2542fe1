//! Lists of hundreds of names lose and change them as short ones do, and no list is too long or too
//! deep.

use cib_model::Cib;
use cib_model::xml::{Dialect, Layout};
use crm_syntax::agents::NoAgents;
use crm_syntax::style::Style;
use crm_syntax::{Editor, Filter, LoadMethod, Options, show};

fn editor(cib: &mut Cib) -> Editor<'_> {
    Editor::new(cib, &Options::new(Style::Modern, &NoAgents))
}

fn loaded(text: &str) -> Cib {
    let mut cib = Cib::empty();
    editor(&mut cib).load(text, LoadMethod::Update).unwrap();
    cib
}

fn shown(cib: &Cib) -> String {
    show(cib, Style::Modern, &Filter::plain()).unwrap()
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{prefix}{n:03}")).collect()
}

fn primitives(names: &[String]) -> String {
    names.iter().map(|name| format!("primitive {name} ocf:heartbeat:Dummy\n")).collect()
}

/// Deletes what is named, all at once or one after the other, and returns what was said.
fn delete(cib: &mut Cib, ids: &[String], at_once: usize) -> Vec<String> {
    let chunks = ids.chunks(at_once);
    let said = chunks.map(|ids| editor(cib).delete(ids).unwrap());
    said.flatten().map(|note| note.message).collect()
}

#[test]
fn many_objects_leave_lists_as_each_alone_does() {
    let all = names("p", 60);
    let halves = (all[..20].join(" "), all[20..].join(" "));
    let text = primitives(&all)
        + &format!("order o Mandatory: {} ( {} )\n", halves.0, halves.1)
        + &format!("colocation c inf: [ {} ] x\nprimitive x ocf:heartbeat:Dummy\n", all.join(" "))
        + &format!("tag t {}\ntag u t\n", all.join(" "))
        + &format!("order twice Mandatory: ( {0} ) p000 ( {0} )\n", all[30..].join(" "));
    let whole = loaded(&text);
    for count in [1, 10, 43, 44, 45, 57, 58, 59, 60] {
        // the order that many are deleted in
        let gone: Vec<String> = all[..count].iter().rev().cloned().collect();
        let (mut one_by_one, mut together) = (whole.clone(), whole.clone());
        let said = delete(&mut one_by_one, &gone, 1);
        assert_eq!(delete(&mut together, &gone, count), said, "{count}");
        assert_eq!(
            together.write(Layout::Pretty, Dialect::Pcmk3),
            one_by_one.write(Layout::Pretty, Dialect::Pcmk3),
            "{count}"
        );
        assert!(gone.iter().all(|name| !shown(&together).contains(name.as_str())), "{count}");
    }
}

#[test]
fn a_container_takes_over_what_names_its_members() {
    let all = names("p", 40);
    let text = primitives(&all)
        + &format!("primitive x ocf:heartbeat:Dummy\norder o Mandatory: {} x y\n", all.join(" "))
        + "primitive y ocf:heartbeat:Dummy\n"
        + &format!("order none Mandatory: {}\n", all.join(" "));
    let mut cib = loaded(&text);
    let group = format!("group g {}", all.join(" "));
    let notes = editor(&mut cib).load(&group, LoadMethod::Update).unwrap();
    let said: Vec<String> = notes.into_iter().map(|note| note.message).collect();
    assert_eq!(said.len(), 80);
    assert_eq!(
        said[..2],
        ["modified order:o from p000 to g", "modified order:none from p000 to g"]
    );
    let listing = shown(&cib);
    assert!(listing.contains("order o Mandatory: g x y\n"), "{listing}");
    assert!(!listing.contains("order none"), "{listing}");
}

#[test]
fn tags_of_tags_go_however_deep_they_are() {
    const DEPTH: usize = 20_000;
    let tags: String = (1..DEPTH).map(|n| format!("tag t{n} t{}\n", n - 1)).collect();
    let text = format!("primitive p ocf:heartbeat:Dummy\ntag t0 p\n{tags}");
    let mut cib = loaded(&text);
    let said = delete(&mut cib, &["p".to_owned()], 1);
    assert_eq!(said.len(), DEPTH);
    assert_eq!(said[0], format!("hanging tag:t{} deleted", DEPTH - 1));
    assert_eq!(shown(&cib), "");
    let mut cib = loaded(&text);
    editor(&mut cib).erase();
    assert_eq!(shown(&cib), "");
}

#[test]
fn levels_that_multiply_beyond_reason_are_refused_at_their_line() {
    let nodes: String = names("n", 400).iter().map(|name| format!("node {name}\n")).collect();
    let levels = |count| format!("fencing_topology {}\n", names("st", count).join(" "));
    let mut cib = loaded(&nodes);
    let errors = editor(&mut cib).load(&levels(251), LoadMethod::Update).unwrap_err();
    assert!(errors[0].message.contains("251 levels for 400 nodes"), "{}", errors[0].message);
    assert_eq!(errors[0].line, Some(1));
    assert_eq!(cib.fencing_topology().map_or(0, |all| all.child_ids().len()), 0);
    editor(&mut cib).load(&levels(250), LoadMethod::Update).unwrap();
    assert_eq!(cib.fencing_topology().unwrap().child_ids().len(), 100_000);
}

#[test]
fn monitors_by_the_thousand_are_each_compared_with_the_others() {
    let lines: Vec<String> = (1..3_000).map(|n| format!("monitor a {n}s\n")).collect();
    let text = format!("primitive a ocf:heartbeat:Dummy\n{}", lines.concat());
    let mut cib = loaded(&text);
    let errors = editor(&mut cib).load("monitor a 2999000ms\n", LoadMethod::Update).unwrap_err();
    assert_eq!(errors[0].message, "a already has a monitor op with interval 2999000ms");
    let two = "monitor a 5000s\nmonitor a 5000s\n";
    let errors = editor(&mut cib).load(two, LoadMethod::Update).unwrap_err();
    assert_eq!(errors[0].line, Some(2));
}
