//! Attributes of nodes in a running cluster by `crm_attribute` and its shorthands.

use conformance::daemon::Cluster;

fn tool<'a>(name: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    ["tool", name].iter().chain(words).copied().collect()
}

fn attribute<'a>(words: &[&'a str]) -> Vec<&'a str> {
    tool("crm_attribute", words)
}

#[test]
fn attributes_that_go_with_a_reboot_and_attributes_that_last() {
    let mut cluster = Cluster::new(1);
    cluster.start(1, &["--engine", "local"]);
    cluster.joined(1, 1);
    for (lifetime, scope) in [("reboot", "status"), ("forever", "nodes")] {
        let of = |words: &[&'static str]| -> Vec<&'static str> {
            attribute(&["-N", "n1", "-l", lifetime, "-n", "color"])
                .into_iter()
                .chain(words.iter().copied())
                .collect()
        };
        let (code, said) = cluster.crm(1, &of(&["-G"]));
        assert_eq!(code, 105, "{lifetime}: {said}");
        cluster.crm_ok(1, &of(&["-v", "blue"]));
        let said = cluster.crm_ok(1, &of(&["-G"]));
        assert_eq!(said.trim_end(), format!("scope={scope} name=color value=blue"));
        cluster.crm_ok(1, &of(&["-v", "3"]));
        cluster.crm_ok(1, &of(&["-v", "value+=4"]));
        assert_eq!(cluster.crm_ok(1, &of(&["-Gq"])).trim_end(), "7", "{lifetime}");
        cluster.crm_ok(1, &of(&["-D"]));
        let (code, said) = cluster.crm(1, &of(&["-G"]));
        assert_eq!(code, 105, "{lifetime}: {said}");
    }
}

#[test]
fn a_pattern_and_a_node_that_is_not_named() {
    let mut cluster = Cluster::new(1);
    cluster.start(1, &["--engine", "local"]);
    cluster.joined(1, 1);
    for name in ["fail-a", "fail-b", "other"] {
        cluster.crm_ok(1, &attribute(&["-l", "reboot", "-n", name, "-v", "1"]));
    }
    cluster.crm_ok(1, &attribute(&["-l", "reboot", "-P", "^fail-", "-v", "9"]));
    let said = cluster.crm_ok(1, &attribute(&["-l", "reboot", "-G"]));
    assert!(said.contains("name=fail-a value=9\n"), "{said}");
    assert!(said.contains("name=fail-b value=9\n"), "{said}");
    assert!(said.contains("name=other value=1\n"), "{said}");
    cluster.crm_ok(1, &attribute(&["-l", "reboot", "-P", "^fail-", "-D"]));
    let said = cluster.crm_ok(1, &attribute(&["-l", "reboot", "-G"]));
    assert!(!said.contains("fail-") && said.contains("name=other"), "{said}");
    let (code, said) =
        cluster.crm(1, &attribute(&["-l", "reboot", "-N", "n9", "-n", "a", "-v", "1"]));
    assert_eq!(code, 105, "{said}");
    assert!(said.contains("Could not map name=n9 to a UUID"), "{said}");
}

#[test]
fn standby_and_options_of_the_cluster() {
    let mut cluster = Cluster::new(1);
    cluster.start(1, &["--engine", "local"]);
    cluster.joined(1, 1);
    let standby = |words: &[&'static str]| tool("crm_standby", words);
    assert_eq!(
        cluster.crm_ok(1, &standby(&["-G"])).trim_end(),
        "scope=status name=standby value=off"
    );
    cluster.crm_ok(1, &standby(&["-v", "on"]));
    assert_eq!(cluster.crm_ok(1, &standby(&["-Gq"])).trim_end(), "on");
    let shown = cluster.crm_ok(1, &["node", "show"]);
    assert!(shown.contains("standby"), "{shown}");
    cluster.crm_ok(1, &standby(&["-D"]));
    assert_eq!(cluster.crm_ok(1, &standby(&["-Gq"])).trim_end(), "off");

    cluster.crm_ok(1, &attribute(&["-n", "cluster-delay", "-v", "70s"]));
    let said = cluster.crm_ok(1, &attribute(&["-n", "cluster-delay", "-Gq"]));
    assert_eq!(said.trim_end(), "70s");
    let (code, said) = cluster.crm(1, &attribute(&["-n", "cluster-delay", "-D"]));
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("Deleted crm_config option: id=cib-bootstrap-options-cluster-delay"),
        "{said}"
    );
}
