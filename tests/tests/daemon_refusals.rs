//! What a node's daemon refuses, and what it says: bad corosync.conf, bad keys, a second daemon.

#![expect(clippy::unwrap_used, reason = "a failure of the set-up is a failure of the test")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use conformance::daemon::Cluster;

/// Asserts the exit code and that all `parts` are said.
fn refused(said: &(i32, String), code: i32, parts: &[&str]) {
    let (found, text) = said;
    assert_eq!(*found, code, "{text}");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

/// Number of the line that holds `part`.
fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).unwrap() + 1
}

#[test]
fn an_unknown_directive_is_named_with_what_may_be_meant_and_ignored() {
    let mut cluster = Cluster::new(1);
    let text = cluster.configure(1, "    tokn: 1000\n");
    let place = format!("corosync.conf:{}: ", line_of(&text, "tokn"));
    cluster.start(1, &[]);
    let line = cluster.wait_for_line(1, "tokn");
    assert!(line.contains(&place) && line.contains("warning"), "{line}");
    assert!(line.contains("did you mean \"token\""), "{line}");
    cluster.joined(1, 1);
}

#[test]
fn a_daemon_that_goes_into_the_background_says_it_at_the_terminal_first() {
    let cluster = Cluster::new(1);
    let text = cluster.configure(1, "    tokn: 1000\n");
    let output = cluster.command(1, &[]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains(&format!("corosync.conf:{}: ", line_of(&text, "tokn"))), "{said}");
    // It serves its socket before the command returns.
    let info = cluster.joined(1, 1);
    assert_eq!(info.name, "n1");
    let second = cluster.command(1, &[]).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(69), "{said}");
    assert!(said.contains("a daemon for this node runs already"), "{said}");
    assert_eq!(cluster.joined(1, 1).incarnation, info.incarnation, "the first one runs on");
}

#[test]
fn a_malformed_line_is_named_with_its_place() {
    let cluster = Cluster::new(1);
    let text = cluster.configure(1, "    token 1000\n");
    let place = format!("corosync.conf:{}: ", line_of(&text, "token 1000"));
    let said = cluster.refused(1, &[]);
    refused(&said, 78, &[&place, "Line is not opening or closing section or key value"]);
    assert!(!cluster.node_path(1, "state/cib.xml").exists());
}

#[test]
fn a_value_that_is_no_number_is_named_with_its_place() {
    let cluster = Cluster::new(1);
    let text = cluster.configure(1, "    token: soon\n");
    let place = format!("corosync.conf:{}: ", line_of(&text, "soon"));
    refused(&cluster.refused(1, &[]), 78, &[&place, "soon"]);
}

#[test]
fn two_nodes_of_one_address_or_number_are_refused() {
    let cluster = Cluster::new(2);
    let text = cluster.configure(2, "");
    let (one, two) = (cluster.address(1), cluster.address(2));
    cluster.write_conf(1, &text.replace(&two, &one));
    let second = text.lines().enumerate().filter(|(_, l)| l.trim() == "node {").nth(1).unwrap();
    let place = format!("corosync.conf:{}: ", second.0 + 1);
    refused(&cluster.refused(1, &[]), 78, &[&place, &one]);
    cluster.write_conf(1, &text.replace("nodeid: 2", "nodeid: 1"));
    refused(&cluster.refused(1, &[]), 78, &[&place, "Nodeid 1 appears twice"]);
}

#[test]
fn a_missing_file_and_a_node_that_is_not_listed_are_named_with_a_remedy() {
    let cluster = Cluster::new(1);
    let said = cluster.refused(1, &["--node", "stranger"]);
    refused(&said, 78, &["lists no node called stranger", "add a node", "--node"]);
    fs::remove_file(cluster.node_path(1, "corosync.conf")).unwrap();
    refused(&cluster.refused(1, &[]), 78, &["corosync.conf", "No such file", "--conf"]);
    refused(&cluster.refused(1, &["--engine", "raft"]), 64, &["`raft` is no engine", "--help"]);
    refused(&cluster.refused(1, &["--tokn"]), 64, &["unknown option --tokn", "--help"]);
}

#[test]
fn a_second_daemon_of_a_node_is_refused_and_the_first_runs_on() {
    let mut cluster = Cluster::new(2);
    cluster.start(1, &[]);
    let first = cluster.joined(1, 1);
    let said = cluster.refused(1, &[]);
    refused(&said, 69, &["a daemon for this node runs already (process ", "--state-dir"]);
    // With a state directory of its own it finds the address taken.
    let other = cluster.node_path(1, "other").display().to_string();
    let said = cluster.refused(1, &["--state-dir", &other]);
    refused(&said, 1, &["cannot listen on", &cluster.address(1), "in use"]);
    // Without addresses it finds the socket taken.
    let said = cluster.refused(1, &["--state-dir", &other, "--engine", "local"]);
    refused(&said, 69, &["another daemon serves", "--socket"]);
    assert_eq!(cluster.joined(1, 1).incarnation, first.incarnation, "the first one runs on");
}

#[test]
fn a_key_is_needed_and_must_be_secret_and_keygen_makes_one() {
    let mut cluster = Cluster::new(2);
    let path = cluster.node_path(1, "authkey");
    fs::remove_file(&path).unwrap();
    let said = cluster.refused(1, &[]);
    refused(&said, 78, &[path.to_str().unwrap(), "No such file", "keygen"]);
    cluster.write_key(1, &[7; 20]);
    refused(&cluster.refused(1, &[]), 78, &["has 20 bytes", "128 to 4096", "keygen"]);
    cluster.write_key(1, &[7; 256]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    refused(&cluster.refused(1, &[]), 78, &["has mode 0644", "chmod 0400"]);
    fs::remove_file(&path).unwrap();
    let said = cluster.refused(1, &["keygen"]);
    refused(&said, 0, &[path.to_str().unwrap(), "copy it to every node"]);
    let key = fs::read(&path).unwrap();
    let said = cluster.refused(1, &["keygen"]);
    refused(&said, 73, &["exists already", "remove it first"]);
    assert_eq!(fs::read(&path).unwrap(), key, "a key in use is never overwritten");
    cluster.write_key(2, &key);
    cluster.start(1, &[]);
    cluster.start(2, &[]);
    cluster.joined(1, 2);
}

#[test]
fn a_node_with_another_key_stays_out_and_both_say_why() {
    let mut cluster = Cluster::new(2);
    cluster.write_key(2, &[8; 256]);
    cluster.start(1, &[]);
    cluster.start(2, &[]);
    for (node, other) in [(1, "n2"), (2, "n1")] {
        let line = cluster.wait_for_line(node, "has another authkey");
        assert!(line.contains(other) && line.contains("authkey of a working node"), "{line}");
        let members = cluster.joined(node, 1).members;
        assert_eq!(members.len(), 1, "{members:?}");
        let said = cluster.crm_ok(node, &["status"]);
        assert!(said.contains("has another authkey"), "the status says it too: {said}");
    }
}
