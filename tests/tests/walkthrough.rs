//! The user's document from the first line to the last: `crm demo` in each of its places.

use std::process::{Command, Output};

use conformance::binary::crm;
use conformance::prerequisite::{programs, root};

fn demo(args: &[&str]) -> Output {
    Command::new(crm()).arg("demo").args(args).output().expect("crm runs")
}

fn assert_whole(output: &Output) {
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.ends_with("Every step was checked.\n"), "{text}\n{errors}");
    let listings = text.matches("byte for byte the document's listing").count();
    assert_eq!(listings, 2, "{text}");
}

#[test]
fn the_document_works_on_loopback_with_stand_in_agents() {
    let output = demo(&["--loopback"]);
    assert_whole(&output);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Stand-in agents"), "stand-ins are named: {text}");
}

#[test]
fn the_document_works_in_namespaces_with_the_real_address_agent() {
    if root() && programs(&["ip", "nsenter"]) {
        assert_whole(&demo(&[]));
    }
}

#[test]
fn the_document_works_on_two_real_corosync_nodes() {
    if root() && programs(&["ip", "nsenter", "corosync", "corosync-cfgtool"]) {
        assert_whole(&demo(&["--engine", "corosync"]));
    }
}
