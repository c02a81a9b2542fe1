//! Lines from a file or a pipe: comments, continuation, mistakes, the commit at the end; and
//! changes that meet the changes of others.

use conformance::program::{Desk, SMALL};

const LINES: &str = "\
# a comment
primitive d1 systemd:x \\
  op monitor interval=10s

location l1 d1 100: n1
bogus x
location l2 d1 50: n2
";

#[test]
fn a_failed_line_stops_nothing_and_is_told_by_the_exit_code() {
    let run = |desk: &Desk, way: &str| match way {
        "pipe" => desk.crm_reading(&["configure"], LINES),
        "dash" => desk.crm_reading(&["-f", "-", "configure"], LINES),
        _ => {
            desk.write("lines.crm", &format!("configure\n{LINES}"));
            desk.crm(&["-f", "lines.crm"])
        }
    };
    for way in ["pipe", "dash", "file"] {
        let desk = Desk::new(SMALL);
        let said = run(&desk, way);
        assert_eq!(said.code, 1, "{way}");
        assert!(said.err.contains("ERROR: configure.bogus: No such command\n"), "{}", said.err);
        let shown = desk.shown();
        assert!(shown.contains("primitive d1 systemd:x \\\n\top monitor interval=10s\n"));
        assert!(shown.contains("location l1 d1 100: n1\nlocation l2 d1 50: n2\n"), "{shown}");
    }
}

#[test]
fn a_load_is_all_or_nothing() {
    let desk = Desk::new(SMALL);
    let before = desk.read("cib.xml");
    desk.write("bad.crm", "primitive d2 systemd:x\nlocation l3 d3 100: n1");
    let said = desk.crm(&["configure", "load", "update", "bad.crm"]);
    assert_eq!(said.code, 1);
    assert_eq!(said.err, "ERROR: 2: constraint l3 references a resource d3 which doesn't exist\n");
    assert_eq!(desk.read("cib.xml"), before);
    let text = "primitive d2 systemd:x\r\nlocation l3 d2 100: n1";
    let said = desk.crm_reading(&["configure", "load", "update", "-"], text);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(desk.shown().contains("location l3 d2 100: n1\n"));
}

#[test]
fn what_is_saved_can_be_loaded() {
    let desk = Desk::new(SMALL);
    desk.crm(&["configure", "save", "all.crm"]);
    let other = Desk::new(SMALL);
    other.write("all.crm", &desk.read("all.crm"));
    assert_eq!(other.crm(&["configure", "erase"]).code, 0);
    assert_eq!(other.crm(&["configure", "load", "replace", "all.crm"]).code, 0);
    assert_eq!(other.shown(), desk.shown());
}

#[test]
fn an_editor_changes_objects() {
    let desk = Desk::new(SMALL);
    desk.crm(&["configure", "location", "l1", "p", "100:", "n1"]);
    let mut command = desk.command(&["configure", "edit", "l1"]);
    let status = command.env("EDITOR", "sed -i s/100:/77:/").status().unwrap();
    assert!(status.success());
    assert!(desk.shown().contains("location l1 p 77: n1\n"));
    let said = desk.crm(&["configure", "filter", "sed s/77/88/", "l1"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(desk.shown().contains("location l1 p 88: n1\n"));
    assert_eq!(desk.crm(&["configure", "edit"]).out, "INFO: edit not allowed in batch mode\n");
}

/// An editor in whose hands another administrator's `change` is committed, before it does `edit`.
fn meanwhile(desk: &Desk, change: &str, edit: &str) -> (bool, String) {
    let crm = conformance::binary::crm().display().to_string();
    desk.write(
        "editor",
        &format!("#!/bin/sh\n{crm} configure {change} || exit 9\n{edit} \"$1\"\n"),
    );
    let mut command = desk.command(&["configure", "edit", "l1"]);
    command.env("EDITOR", format!("sh {}", desk.path("editor").display()));
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn two_changes_of_different_objects_are_both_kept() {
    let desk = Desk::new(SMALL);
    desk.crm(&["configure", "location", "l1", "p", "100:", "n1"]);
    let (ok, err) = meanwhile(&desk, "location l2 p 5: n2", "sed -i s/100:/77:/");
    assert!(ok, "{err}");
    let shown = desk.shown();
    assert!(shown.contains("location l1 p 77: n1\nlocation l2 p 5: n2\n"), "{shown}");
}

#[test]
fn two_changes_of_one_object_are_a_conflict_that_names_it() {
    let desk = Desk::new(SMALL);
    desk.crm(&["configure", "location", "l1", "p", "100:", "n1"]);
    let (ok, err) = meanwhile(&desk, "filter 'sed s/100:/5:/' l1", "sed -i s/100:/77:/");
    assert!(!ok);
    assert!(err.contains("CIB changed in the meantime: won't touch it!"), "{err}");
    assert!(err.contains("both changed l1"), "{err}");
    assert!(desk.shown().contains("location l1 p 5: n1\n"));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let desk = Desk::new(SMALL);
    let line = format!("{} configure show | head -1", conformance::binary::crm().display());
    let mut command = std::process::Command::new("sh");
    let output = command
        .args(["-c", &line])
        .env("CIB_file", desk.path("cib.xml"))
        .env("HOME", desk.path(""))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "node 1: n1\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
