//! The walkthrough typed at a command line, on a file as the cluster of 2015 had it: both listings
//! to the byte, and nothing lost for a service that is not installed.

use conformance::prerequisite::workspace;
use conformance::program::Desk;

const START: &str = r#"<cib crm_feature_set="3.0.7" validate-with="pacemaker-1.2" epoch="1" num_updates="0" admin_epoch="0"><configuration><crm_config><cluster_property_set id="cib-bootstrap-options"><nvpair id="cib-bootstrap-options-dc-version" name="dc-version" value="1.1.10-42f2063"/><nvpair id="cib-bootstrap-options-cluster-infrastructure" name="cluster-infrastructure" value="corosync"/></cluster_property_set></crm_config><nodes><node id="739835698" uname="ha-asterisk-1"/><node id="739835699" uname="ha-asterisk-2"/></nodes><resources/><constraints/></configuration><status/></cib>"#;

fn fixture(name: &str) -> String {
    let path = workspace().join("fixtures/walkthrough").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn the_walkthrough_shows_both_listings() {
    let desk = Desk::new(START);
    let run = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let said = desk.crm(&words);
        assert_eq!((said.code, said.out.as_str()), (0, ""), "{line}: {}", said.err);
        let only_warnings = said.err.lines().all(|l| l.starts_with("WARNING: "));
        assert!(only_warnings, "{line}: {}", said.err);
    };
    run("configure property stonith-enabled=false");
    run("configure property no-quorum-policy=ignore");
    run("configure rsc_defaults resource-stickiness=100");
    assert_eq!(desk.shown(), fixture("listing1.classic.txt"));
    run(
        "configure primitive HA-Asterisk-IP ocf:heartbeat:IPaddr2 params ip=44.24.255.49 cidr_netmask=32 op monitor interval=30s",
    );
    run("configure primitive HA-Asterisk-Service lsb:asterisk op monitor interval=30s");
    run("configure colocation Service-With-IP INFINITY: HA-Asterisk-Service HA-Asterisk-IP");
    run("configure order Service-After-IP mandatory: HA-Asterisk-IP HA-Asterisk-Service");
    assert_eq!(desk.shown(), fixture("listing2.classic.txt"));
}

#[test]
fn a_missing_agent_is_a_warning_and_the_change_stays() {
    let desk = Desk::new(START);
    let said = desk.crm(&["configure", "primitive", "s", "lsb:no-such-service"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (0, "WARNING: lsb:no-such-service: got no meta-data, does this RA exist?\n")
    );
    assert!(desk.shown().contains("primitive s lsb:no-such-service"));
}

#[test]
fn each_dialect_can_be_asked_for() {
    let desk = Desk::new(START);
    let node = |style: &str| {
        let said = desk.crm(&["--style", style, "configure", "show", "ha-asterisk-1"]);
        (said.code, said.out)
    };
    assert_eq!(node("classic"), (0, "node $id=\"739835698\" ha-asterisk-1\n".to_owned()));
    assert_eq!(node("modern"), (0, "node 739835698: ha-asterisk-1\n".to_owned()));
    assert_eq!(node("auto"), node("classic"));
}
