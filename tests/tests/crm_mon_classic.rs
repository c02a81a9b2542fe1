//! `crm_mon -A1f` as Pacemaker 1.1.10 laid it out, for a CIB that a 1.1.10 wrote: the display in the
//! walkthrough, and one with resources, attributes, a fail count and a failed action.
//!
//! The texts are those of `tools/crm_mon.c` of that release; the first line holds the present time.

use std::process::Command;

use conformance::binary::crm;
use conformance::prerequisite::workspace;

fn displays_as_recorded(name: &str) {
    let folder = workspace().join("fixtures/crm_mon");
    let mut command = Command::new(crm());
    command.args(["tool", "crm_mon", "-A1f"]).env("TZ", "UTC");
    let said = command.env("CIB_file", folder.join(format!("{name}.xml"))).output().unwrap();
    assert!(said.status.success(), "{said:?}");
    let text = String::from_utf8(said.stdout).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    assert!(first.starts_with("Last updated: "), "{first}");
    let expected = std::fs::read_to_string(folder.join(format!("{name}.1.1.10.txt"))).unwrap();
    assert_eq!(rest, expected);
}

#[test]
fn the_cluster_of_the_walkthrough_before_anything_is_configured() {
    displays_as_recorded("empty");
}

#[test]
fn resources_attributes_fail_counts_and_failed_actions() {
    displays_as_recorded("running");
}
