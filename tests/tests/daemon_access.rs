//! The CIB of a running cluster by `cibadmin`: who may read and change what, and its upgrade.

use conformance::daemon::Cluster;
use conformance::prerequisite::{programs, root};

/// A resource with a secret, and rights: `nobody` sees all but secrets and may stop resources.
const RESOURCE: &str = r#"<primitive id="web" class="ocf" provider="test" type="service">
  <instance_attributes id="web-i"><nvpair id="web-p" name="password" value="geheim"/></instance_attributes>
  <meta_attributes id="web-m"><nvpair id="web-r" name="target-role" value="Started"/></meta_attributes>
</primitive>"#;
const RIGHTS: &str = r#"<acls>
  <acl_role id="operator">
    <acl_permission id="see" kind="read" xpath="/cib"/>
    <acl_permission id="stop" kind="write" xpath="//nvpair[@name='target-role']"/>
    <acl_permission id="secret" kind="deny" xpath="//nvpair[@name='password']"/>
  </acl_role>
  <acl_target id="nobody"><role id="operator"/></acl_target>
</acls>"#;

fn cibadmin<'a>(words: &[&'a str]) -> Vec<&'a str> {
    ["tool", "cibadmin"].iter().chain(words).copied().collect()
}

/// The change of `target-role` that an operator may make.
const STOPPED: &str = r#"<primitive id="web"><meta_attributes id="web-m"><nvpair id="web-r" value="Stopped"/></meta_attributes></primitive>"#;

#[test]
fn a_user_sees_and_changes_what_the_rights_say() {
    if !root() || !programs(&["setpriv", "crm_verify"]) {
        return;
    }
    let mut cluster = Cluster::new(1);
    cluster.start(1, &["--engine", "local"]);
    cluster.joined(1, 1);
    cluster.crm_ok(1, &cibadmin(&["-C", "-o", "resources", "-X", RESOURCE]));
    cluster.crm_ok(1, &cibadmin(&["-M", "-c", "-o", "acls", "-X", RIGHTS]));
    let run =
        |user: &str, group: &str, words: &[&str]| cluster.crm_as(user, group, 1, &cibadmin(words));

    let (code, seen) = run("nobody", "haclient", &["-Q"]);
    assert_eq!(code, 0, "rights count once they are switched on: {seen}");
    assert!(seen.contains("geheim"), "{seen}");
    cluster.crm_ok(1, &["configure", "property", "enable-acl=true"]);

    let (code, seen) = run("nobody", "haclient", &["-Q"]);
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("id=\"web\"") && !seen.contains("geheim"), "{seen}");
    let before = cluster.client(1).version().unwrap();
    for forbidden in [
        &["-D", "-o", "resources", "-X", "<primitive id='web'/>"][..],
        &["-C", "-o", "resources", "-X", "<primitive id='x' class='lsb' type='y'/>"],
        &["-M", "-o", "acls", "-X", "<acl_permission id='secret' kind='read'/>"],
        &["-E", "--force"],
    ] {
        let (code, said) = run("nobody", "haclient", forbidden);
        assert_eq!(code, 4, "{forbidden:?}: {said}");
        assert!(said.contains("Permission denied"), "{forbidden:?}: {said}");
    }
    for tool in [
        &["tool", "crm_resource", "--refresh", "-r", "web"][..],
        &["tool", "crm_failcount", "--delete", "-r", "web", "-N", "n1"],
        &["tool", "crm_attribute", "-l", "reboot", "-N", "n1", "-n", "x", "-v", "1"],
    ] {
        let (code, said) = cluster.crm_as("nobody", "haclient", 1, tool);
        assert_eq!(code, 4, "{tool:?}: {said}");
        assert!(said.contains("Permission denied"), "{tool:?}: {said}");
    }
    assert_eq!(cluster.client(1).version().unwrap(), before, "nothing has changed");
    let (code, said) = run("nobody", "haclient", &["-M", "-o", "resources", "-X", STOPPED]);
    assert_eq!(code, 0, "{said}");
    let now = cluster.crm_ok(1, &cibadmin(&["-Q"]));
    assert!(now.contains("value=\"Stopped\"") && now.contains("geheim"), "{now}");
    assert!(now.contains("update-user=\"nobody\""), "{now}");
}

#[test]
fn who_has_no_rights_sees_nothing_and_who_is_no_administrator_is_not_served() {
    if !root() || !programs(&["setpriv", "crm_verify"]) {
        return;
    }
    let mut cluster = Cluster::new(1);
    cluster.start(1, &["--engine", "local"]);
    cluster.joined(1, 1);
    cluster.crm_ok(1, &["configure", "property", "enable-acl=true"]);
    for (user, group) in [("daemon", "haclient"), ("nobody", "nogroup")] {
        let (code, said) = cluster.crm_as(user, group, 1, &cibadmin(&["-Q"]));
        assert_eq!(code, 4, "{user}: {said}");
        assert!(said.contains("Permission denied") && !said.contains("<cib"), "{user}: {said}");
    }
    let (code, said) = cluster.crm_as("daemon", "haclient", 1, &["cluster", "stop"]);
    assert_ne!(code, 0, "{said}");
    cluster.joined(1, 1);
}

#[test]
fn an_upgrade_of_a_running_cluster_reaches_every_node() {
    let mut cluster = Cluster::new(2);
    for node in [1, 2] {
        cluster.start(node, &[]);
    }
    cluster.joined(1, 2);
    cluster.joined(2, 2);
    cluster.idle(1);
    let old = ["-M", "-X", r#"<cib validate-with="pacemaker-2.10"/>"#];
    cluster.crm_ok(1, &cibadmin(&old));
    let stickiness = r#"<cluster_property_set id="old"><nvpair id="old-s" name="default-resource-stickiness" value="100"/></cluster_property_set>"#;
    cluster.crm_ok(1, &cibadmin(&["-C", "-o", "crm_config", "-X", stickiness]));
    let (code, said) = cluster.crm(2, &cibadmin(&["--upgrade"]));
    assert_eq!(code, 107, "{said}");
    let said = cluster.crm_ok(2, &cibadmin(&["--upgrade", "--force", "-VV"]));
    assert!(said.contains("moving default-resource-stickiness under rsc_defaults"), "{said}");
    cluster.idle(1);
    for node in [1, 2] {
        let cib = cluster.crm_ok(node, &cibadmin(&["-Q"]));
        assert!(cib.contains("validate-with=\"pacemaker-4.0\""), "n{node}: {cib}");
        let defaults = cluster.crm_ok(node, &cibadmin(&["-Q", "-o", "rsc_defaults"]));
        assert!(
            defaults.contains("name=\"resource-stickiness\" value=\"100\""),
            "n{node}: {defaults}"
        );
    }
    let versions = [1, 2].map(|node| cluster.client(node).version().unwrap());
    assert_eq!(versions[0], versions[1]);
    let said = cluster.crm_ok(1, &cibadmin(&["--upgrade", "--force"]));
    assert!(said.contains("Upgrade unnecessary"), "{said}");
}
