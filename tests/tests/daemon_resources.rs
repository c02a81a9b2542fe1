//! Resources under a real daemon: adopted after it was killed, agents that are missing or hang,
//! failover and a third node on loopback.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use conformance::daemon::{Cluster, until};

const ALONE: [&str; 2] = ["--engine", "local"];

fn configure(cluster: &Cluster, node: u8, lines: &[&str]) {
    cluster.crm_ok(node, &["configure", "property", "stonith-enabled=false"]);
    cluster.crm_ok(node, &["configure", "property", "no-quorum-policy=ignore"]);
    cluster.crm_ok(node, &["configure", "rsc_defaults", "resource-stickiness=100"]);
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        cluster.crm_ok(node, &words);
    }
    cluster.idle(node);
}

/// An OCF agent and an init script.
const SERVICES: [&str; 2] = [
    "configure primitive a ocf:test:service op monitor interval=30s",
    "configure primitive lsbservice lsb:lsbservice op monitor interval=30s",
];

/// Their resources.
const SERVICES_RUN: [&str; 2] = ["a", "lsbservice"];

#[test]
fn resources_of_a_killed_daemon_run_on_and_the_next_adopts_them() {
    let mut cluster = Cluster::new(1);
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    configure(&cluster, 1, &SERVICES);
    let before = SERVICES_RUN.map(|name| cluster.service(1, name));
    assert!(before.iter().all(Option::is_some), "{before:?}");
    cluster.kill(1);
    assert_eq!(SERVICES_RUN.map(|name| cluster.service(1, name)), before, "they outlive it");
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    cluster.idle(1);
    assert_eq!(SERVICES_RUN.map(|name| cluster.service(1, name)), before, "the same processes");
    for name in SERVICES_RUN {
        let calls = |action| cluster.calls(1, &format!("{action} {name}"));
        assert_eq!((calls("start"), calls("stop")), (1, 0), "{name}");
        let status = cluster.crm_ok(1, &["status"]);
        assert!(status.contains("Started n1"), "{status}");
    }
}

#[test]
fn a_resource_is_stopped_with_the_parameters_it_was_started_with() {
    let mut cluster = Cluster::new(1);
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    let line = "configure primitive a ocf:test:service params place=old op monitor interval=30s";
    configure(&cluster, 1, &[line]);
    assert!(cluster.service(1, "old").is_some());
    configure(&cluster, 1, &["configure set a.place new"]);
    assert_eq!(cluster.service(1, "old"), None, "{}", cluster.log(1));
    assert!(cluster.service(1, "new").is_some(), "{}", cluster.log(1));
    // A resource that is not configured any more has no other parameters.
    cluster.crm_ok(1, &["--force", "configure", "delete", "a"]);
    cluster.idle(1);
    assert_eq!(cluster.service(1, "new"), None, "{}", cluster.log(1));
}

/// The ledger holds parameters of resources, which may be passwords.
#[test]
fn a_ledger_that_cannot_be_read_is_told_and_a_new_one_is_its_owners_alone() {
    let mut cluster = Cluster::new(1);
    let ledger = cluster.node_path(1, "state/started.json");
    fs::create_dir_all(cluster.node_path(1, "state")).unwrap();
    fs::write(&ledger, "[{").unwrap();
    cluster.start(1, &ALONE);
    let line = cluster.wait_for_line(1, "started.json");
    assert!(line.contains("error") && line.contains("cannot read"), "{line}");
    cluster.joined(1, 1);
    configure(&cluster, 1, &SERVICES[..1]);
    assert!(fs::read_to_string(&ledger).unwrap().contains("\"rsc\": \"a\""));
    assert_eq!(fs::metadata(&ledger).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_daemon_that_is_back_before_the_token_is_lost_keeps_its_resources_in_a_cluster() {
    let mut cluster = Cluster::new(2);
    cluster.configure(2, "    token: 20000\n");
    cluster.start(1, &[]);
    cluster.start(2, &[]);
    cluster.joined(1, 2);
    configure(&cluster, 1, &SERVICES[..1]);
    let node = if cluster.service(1, "a").is_some() { 1 } else { 2 };
    let process = cluster.service(node, "a");
    assert!(process.is_some());
    let before = cluster.joined(node, 2);
    cluster.kill(node);
    cluster.start(node, &[]);
    // The peer sees the new daemon in the old one's place, and never a cluster without it.
    let again = until("the new daemon is a member", || {
        let info = cluster.client(node).node_info().ok()?;
        (info.joined && info.members.len() == 2).then_some(info)
    });
    assert!(again.incarnation > before.incarnation);
    cluster.idle(node);
    assert_eq!(cluster.service(node, "a"), process, "{}", cluster.log(3 - node));
    assert_eq!(cluster.service(3 - node, "a"), None);
    assert_eq!(cluster.calls(node, "start a") + cluster.calls(3 - node, "start a"), 1);
    assert_eq!(cluster.calls(node, "stop a"), 0);
}

#[test]
fn failover_rejoin_third_node_and_clean_stop() {
    let mut cluster = Cluster::new(3);
    cluster.configure(2, "    token: 1000\n");
    cluster.start(1, &[]);
    cluster.start(2, &[]);
    cluster.joined(1, 2);
    configure(&cluster, 1, &SERVICES[..1]);
    let crashed = if cluster.service(1, "a").is_some() { 1 } else { 2 };
    let survivor = 3 - crashed;
    cluster.power_off(crashed);
    cluster.joined(survivor, 1);
    cluster.idle(survivor);
    let process = cluster.service(survivor, "a");
    assert!(process.is_some(), "no-quorum-policy=ignore: {}", cluster.log(survivor));

    cluster.start(crashed, &[]);
    cluster.joined(crashed, 2);
    cluster.idle(crashed);
    assert_eq!(cluster.service(survivor, "a"), process, "stickiness");
    assert_eq!(cluster.service(crashed, "a"), None);

    cluster.configure(3, "    token: 1000\n");
    for node in [1, 2] {
        cluster.crm_ok(node, &["corosync", "reload"]);
    }
    cluster.start(3, &[]);
    cluster.joined(3, 3);
    cluster.idle(3);
    assert_eq!(cluster.service(survivor, "a"), process, "nothing moves");
    until("equal CIBs", || {
        let versions = [1, 2, 3].map(|node| cluster.client(node).version().ok());
        versions.iter().all(|version| *version == versions[0]).then_some(())
    });

    assert!(cluster.client(survivor).shutdown().is_ok());
    assert!(cluster.wait_for_end(survivor).success());
    cluster.joined(3, 2);
    cluster.idle(3);
    let running = [1, 2, 3].map(|node| cluster.service(node, "a").is_some());
    assert_eq!(running.iter().filter(|runs| **runs).count(), 1, "{running:?}");
    assert_eq!(cluster.service(survivor, "a"), None);
}

#[test]
fn an_agent_that_is_missing_is_told_and_everything_else_runs() {
    let mut cluster = Cluster::new(1);
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    configure(&cluster, 1, &SERVICES[..1]);
    let said = cluster.crm_ok(1, &["configure", "primitive", "gone", "ocf:test:missing"]);
    assert!(said.contains("missing"), "{said}");
    cluster.idle(1);
    let line = cluster.wait_for_line(1, "result of gone_monitor_0");
    assert!(line.contains("rc=5") && line.contains("resource.d/test/missing"), "{line}");
    let status = cluster.crm_ok(1, &["status"]);
    let line = "gone\t(ocf:test:missing):\t Stopped (Not installed)";
    assert!(status.contains(line), "{status}");
    assert!(cluster.service(1, "a").is_some());
    cluster.crm_ok(1, &["configure", "delete", "--force", "gone"]);
    cluster.idle(1);
    assert!(!cluster.crm_ok(1, &["configure", "show"]).contains("gone"));
}

#[test]
fn an_agent_that_hangs_is_killed_at_its_timeout_and_its_resource_recovered() {
    let mut cluster = Cluster::new(1);
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    std::fs::write(cluster.node_path(1, "hang-start"), "").expect("a file");
    configure(
        &cluster,
        1,
        &["configure primitive slow ocf:test:service op start timeout=1s interval=0"],
    );
    let status = cluster.crm_ok(1, &["status"]);
    for part in ["slow start on n1", "Timed Out: Resource agent did not complete within 1s"] {
        assert!(status.contains(part), "no {part:?} in {status}");
    }
    assert!(status.contains("Stopped"), "{status}");
    assert_eq!(cluster.calls(1, "start slow"), 1);
    std::fs::remove_file(cluster.node_path(1, "hang-start")).expect("a file");
    cluster.crm_ok(1, &["resource", "cleanup", "slow"]);
    cluster.idle(1);
    assert!(cluster.service(1, "slow").is_some());
    assert!(cluster.crm_ok(1, &["status"]).contains("Started n1"));
}
