//! One binary: a link with a tool's name is that tool, and so is `crm tool NAME`.

use std::process::{Command, Output};

use conformance::binary::crm;
use conformance::program::{Desk, SMALL};

/// A tool, words that it answers without a cluster, and a part of the answer.
const TOOLS: [(&str, &[&str], &str); 13] = [
    ("crm_mon", &["-1"], "2 nodes configured"),
    ("crm_simulate", &["-L"], "Current cluster status:"),
    ("cibadmin", &["-Q", "-o", "nodes"], "<node id=\"1\" uname=\"n1\"/>"),
    ("crm_attribute", &["-t", "nodes", "-N", "n1", "-G", "-n", "x", "-d", "7"], "name=x value=7"),
    ("crm_failcount", &["-G", "-r", "a", "-N", "n1"], "name=fail-count-a value=0"),
    ("crm_master", &["--help"], "the promotion score of a resource"),
    ("crm_resource", &["-L"], "Full List of Resources:"),
    ("crm_shadow", &["--help"], "Work on a copy of the configuration"),
    ("crm_standby", &["-G", "-N", "n1"], "name=standby value=off"),
    ("crm_ticket", &["-t", "a", "-G", "granted", "-d", "no"], "no"),
    ("crmadmin", &["-N"], "cluster node: n1 (1)"),
    ("crm_verify", &["--help"], "Check a configuration for errors"),
    ("cluster-linkd", &["--help"], "cluster-linkd: runs one node of a cluster"),
];

fn run(desk: &Desk, command: &mut Command) -> Output {
    command.env("CIB_file", desk.path("cib.xml")).env("HOME", desk.path(""));
    command.output().expect("crm runs")
}

#[test]
fn a_link_and_crm_tool_are_the_same_program() {
    let desk = Desk::new(SMALL);
    for (name, words, part) in TOOLS {
        let link = desk.path(name);
        std::os::unix::fs::symlink(crm(), &link).expect("a link");
        let linked = run(&desk, Command::new(&link).args(words));
        let called = run(&desk, Command::new(crm()).args(["tool", name]).args(words));
        let text = String::from_utf8_lossy(&linked.stdout);
        assert!(linked.status.success() && text.contains(part), "{name}: {linked:?}");
        assert_eq!(linked.status, called.status, "{name}");
        // Only the time of the display differs.
        let without_times = |output: &Output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let kept = text.lines().filter(|line| !line.contains("Last updated"));
            kept.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(without_times(&linked), without_times(&called), "{name}");
    }
}

#[test]
fn a_name_that_is_no_tool_is_named() {
    let desk = Desk::new(SMALL);
    let said = desk.crm(&["tool", "crm_bogus"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("no tool called crm_bogus"), "{}", said.err);
}

/// Where no daemon runs, `cibadmin` is asked for Pacemaker's CIB: it may be this program.
#[test]
fn a_link_called_cibadmin_does_not_ask_itself_for_ever() {
    let desk = Desk::new(SMALL);
    std::os::unix::fs::symlink(crm(), desk.path("cibadmin")).expect("a link");
    let mut command = desk.command(&["configure", "show"]);
    command.env_remove("CIB_file").env("PATH", desk.path("")).env("CRM_SOCKET", "");
    let output = command.output().expect("crm runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Transport endpoint is not connected"), "{said}");
}
