//! Sentences of the schema check, and the versions they name.

use super::{SchemaVersion, check, check_as};
use crate::Cib;

fn cib(version: &str, configuration: &str) -> Cib {
    Cib::read(&format!(
        r#"<cib validate-with="{version}" admin_epoch="0" epoch="0" num_updates="0">
        <configuration><crm_config/><nodes/>{configuration}</configuration><status/></cib>"#
    ))
    .unwrap()
}

fn said(version: &str, configuration: &str) -> Vec<String> {
    check(&cib(version, configuration)).into_iter().map(|f| f.message).collect()
}

#[test]
fn an_empty_cib_follows_every_schema() {
    let cib = Cib::empty();
    for version in SchemaVersion::ALL {
        assert_eq!(check_as(&cib, version), [], "{version}");
    }
}

#[test]
fn what_departs_is_named_with_the_versions_that_have_it() {
    let resources = r#"<resources>
        <primitive id="a" class="ocf" type="Dummy"/>
        <primitive id="b" class="ocf" provider="x" type="y" template="a"/>
        <primitive id="c" class="upstart" type="y" colour="blue"/>
        <group id="g"><meta_attributes id="m"><nvpair id="n" name="k" value="v"/></meta_attributes></group>
        <bundle id="u"><rkt image="i" replicas="two"/><primitive id="i" class="lsb" type="x"/><thing/></bundle>
        <master id="ms">words<primitive id="q" class="lsb" type="x"/><primitive id="r" class="lsb" type="x"/></master>
        </resources>"#;
    let constraints = r#"<constraints>
        <rsc_colocation id="k" rsc="a" with-rsc="b" influence="yes" score="high"/>
        <rsc_location id="a" rsc="zz" node="n1"/>
        </constraints>"#;
    assert_eq!(
        said("pacemaker-3.5", &format!("{resources}{constraints}")),
        [
            "<primitive> needs provider",
            "<primitive> cannot have template beside its other attributes",
            "<primitive> has no attribute colour in pacemaker-3.5",
            "<group> needs <primitive>",
            "<rkt>: replicas is 'two', not a whole number",
            "<bundle> holds no <thing> in pacemaker-3.5",
            "<master> holds text",
            "<primitive> cannot stand here in <master>",
            "<rsc_colocation> has no attribute influence in pacemaker-3.5 (since pacemaker-3.6)",
            "<rsc_colocation>: score is 'high', not a whole number, INFINITY or -INFINITY",
            "the id a of <rsc_location> is that of a <primitive> before it",
            "<rsc_location> needs score",
            "<rsc_location> refers by rsc to zz, which is no id",
        ]
    );
    let old = said("pacemaker-4.0", &format!("{resources}<constraints/>"));
    for sentence in [
        "<primitive>: class is 'upstart', not ocf, or lsb, heartbeat, stonith, service, systemd",
        "<bundle> holds no <rkt> in pacemaker-4.0 (until pacemaker-3.10)",
        "<resources> holds no <master> in pacemaker-4.0 (until pacemaker-3.10)",
    ] {
        assert!(old.iter().any(|s| s == sentence), "{sentence} in {old:#?}");
    }
}

#[test]
fn the_one_value_that_is_wrong_is_named_where_others_would_do() {
    let cib = Cib::read(
        r#"<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="0" num_updates="0">
        <configuration><crm_config><cluster_property_set id="o">
        <nvpair name="expected-quorum-votes" value="2" id="set-1"/>
        <nvpair id="set-2" name="stonith_enabled" value="2"/>
        <nvpair id="set-4" name="cluster-infrastructure" value="cman"/>
        <nvpair id="set-3" name="d" value="2" id-ref="set-1"/>
        </cluster_property_set></crm_config><nodes/><resources/><constraints/></configuration>
        <status/></cib>"#,
    );
    let found = check(&cib.unwrap());
    let said: Vec<String> = found.iter().map(crate::validate::Finding::sentence).collect();
    assert_eq!(
        said,
        [
            "set-1: <nvpair>: name is 'expected-quorum-votes', not one that is still in use",
            "set-2: <nvpair>: name is 'stonith_enabled', not one that is still in use",
            "set-4: <nvpair>: value is 'cman', not one that is still in use",
            "set-3: <nvpair> cannot have id-ref beside its other attributes",
        ]
    );
}

#[test]
fn only_schemas_that_exist_are_followed() {
    let empty = "<resources/><constraints/>";
    assert_eq!(said("pacemaker-9.9", empty), ["pacemaker-9.9 is no schema (validate-with)"]);
    assert!(said("none", "<anything/>").is_empty());
}

#[test]
fn no_more_is_told_than_anybody_reads() {
    let mut cib = Cib::empty();
    let resources = cib.resources().unwrap().xml_id();
    for _ in 0..10_005 {
        cib.tree_mut().append(resources, "nonsense");
    }
    assert_eq!(super::check(&cib).len(), 10_000);
    assert!(!super::conforms(&cib, SchemaVersion::LATEST));
}
