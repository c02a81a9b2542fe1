//! What becomes of old configurations, by examples.

use super::{Obstacle, Report, Weight, upgrade};
use crate::cib::Cib;
use crate::validate::SchemaVersion;
use crate::xml::{Dialect, Layout};

fn version(name: &str) -> SchemaVersion {
    SchemaVersion::named(name).unwrap()
}

/// Makes a CIB of a schema with these sections.
fn cib(schema: &str, sections: &str) -> Cib {
    let has = |name: &str| sections.contains(&format!("<{name}"));
    let mut text = String::new();
    for name in ["crm_config", "nodes", "resources", "constraints"] {
        if !has(name) {
            text.push_str(&format!("<{name}/>"));
        }
    }
    Cib::read(&format!(
        "<cib validate-with='{schema}' admin_epoch='0' epoch='1' num_updates='0'>\
         <configuration>{text}{sections}</configuration><status/></cib>"
    ))
    .unwrap()
}

/// Upgrades, and returns the configuration without the empty sections of [`cib`].
fn upgraded(schema: &str, to: &str, sections: &str) -> (String, Report) {
    let mut cib = cib(schema, sections);
    let report = upgrade(&mut cib, version(to));
    assert_eq!(report.obstacle, None);
    assert_eq!(cib.schema(), Some(to));
    let text = cib.write(Layout::Compact, Dialect::Pcmk3);
    let text = text.split_once("<configuration>").unwrap().1;
    let mut text = text.split_once("</configuration>").unwrap().0.to_owned();
    for name in ["crm_config", "nodes", "resources", "constraints"] {
        text = text.replace(&format!("<{name}/>"), "");
    }
    (text, report)
}

#[test]
fn rights_of_one_become_targets_and_roles() {
    let (text, _) = upgraded(
        "pacemaker-1.3",
        "pacemaker-2.0",
        r#"<acls><acl_role id="r"><read id="r1" tag="op"/></acl_role><acl_user id="u"><role_ref id="r"/></acl_user><acl_user id="v"><deny id="d" xpath="//status" attribute="x"/></acl_user></acls>"#,
    );
    assert_eq!(
        text,
        r#"<acls><acl_role id="r"><acl_permission id="r1" kind="read" object-type="op"/></acl_role><acl_target id="u"><role id="r"/></acl_target><acl_target id="v"><role id="auto-v"/></acl_target><acl_role id="auto-v"><acl_permission id="d" kind="deny" xpath="//status[@x]"/></acl_role></acls>"#
    );
}

#[test]
fn options_of_the_cluster_become_defaults() {
    let (text, report) = upgraded(
        "pacemaker-2.10",
        "pacemaker-3.0",
        r#"<crm_config><cluster_property_set id="o"><nvpair id="a" name="default-action-timeout" value="20s"/><nvpair id="b" name="no_quorum_policy" value="ignore"/></cluster_property_set><cluster_property_set id="gone"><nvpair id="c" name="expected-quorum-votes" value="2"/></cluster_property_set></crm_config>"#,
    );
    assert_eq!(
        text,
        r#"<crm_config><cluster_property_set id="o"><nvpair id="b" name="no-quorum-policy" value="ignore"/></cluster_property_set></crm_config><op_defaults><meta_attributes id="_2TO3_-op-defaults"><nvpair id="a" name="timeout" value="20s"/></meta_attributes></op_defaults>"#
    );
    let told: Vec<(Weight, &str)> =
        report.changes.iter().map(|change| (change.weight, change.id.as_str())).collect();
    assert_eq!(
        told,
        [(Weight::Debug, "a"), (Weight::Debug, "b"), (Weight::Info, "c"), (Weight::Info, "c")]
    );
}

#[test]
fn requires_of_an_operation_becomes_the_resources() {
    let (text, _) = upgraded(
        "pacemaker-2.10",
        "pacemaker-3.0",
        r#"<resources><primitive id="p" class="ocf" provider="x" type="y"><operations><op id="s" name="start" interval="0" requires="quorum"/><op id="m" name="monitor" interval="9"><instance_attributes id="i"><nvpair id="t" name="timeout" value="5"/><nvpair id="k" name="kept" value="1"/></instance_attributes></op></operations></primitive></resources>"#,
    );
    assert_eq!(
        text,
        r#"<resources><primitive id="p" class="ocf" provider="x" type="y"><operations><op id="s" name="start" interval="0"/><op id="m" name="monitor" interval="9"><instance_attributes id="i"><nvpair id="k" name="kept" value="1"/></instance_attributes><meta_attributes id="_2TO3_m-meta"><nvpair id="t" name="timeout" value="5"/></meta_attributes></op></operations><meta_attributes id="_2TO3_p-meta"><nvpair id="_2TO3_s-meta-requires" name="requires" value="quorum"/></meta_attributes></primitive></resources>"#
    );
}

#[test]
fn masters_become_promotable_clones_and_pings_members() {
    let (text, _) = upgraded(
        "pacemaker-3.10",
        "pacemaker-4.0",
        r#"<nodes><node id="1" uname="n" type="ping"/></nodes><resources><master id="m"><primitive id="p" class="ocf" provider="x" type="y"/></master></resources>"#,
    );
    assert_eq!(
        text,
        r#"<constraints><rsc_location id="pcmk__3_10_upgrade-ping-node-ban-n" rsc-pattern=".*" node="n" score="-INFINITY" resource-discovery="never"/></constraints><nodes><node id="1" uname="n" type="member"/></nodes><resources><clone id="m"><meta_attributes id="pcmk__3_10_upgrade-promotable-legacy-m-meta_attributes" score="INFINITY"><nvpair id="pcmk__3_10_upgrade-promotable-legacy-m-meta_attributes-promotable" name="promotable" value="true"/></meta_attributes><primitive id="p" class="ocf" provider="x" type="y"/></clone></resources>"#
    );
}

#[test]
fn resources_that_nothing_runs_go_with_their_constraints() {
    let (text, report) = upgraded(
        "pacemaker-3.10",
        "pacemaker-4.0",
        r#"<resources><group id="g"><primitive id="a" class="upstart" type="y"/></group><primitive id="b" class="lsb" type="y"/></resources><constraints><rsc_location id="l" rsc="g" node="n" score="1"/><rsc_order id="o"><resource_set id="s"><resource_ref id="a"/><resource_ref id="b"/></resource_set></rsc_order></constraints>"#,
    );
    assert_eq!(
        text,
        r#"<resources><primitive id="b" class="lsb" type="y"/></resources><constraints><rsc_order id="o"><resource_set id="s"><resource_ref id="b"/></resource_set></rsc_order></constraints>"#
    );
    let told = report.changes.iter().filter(|change| change.weight != Weight::Silent);
    assert_eq!(
        told.map(|change| change.message.as_str()).collect::<Vec<_>>(),
        ["Dropping group g because it would become empty"]
    );
}

#[test]
fn a_rule_of_several_becomes_a_location_of_its_own() {
    let (text, _) = upgraded(
        "pacemaker-3.10",
        "pacemaker-4.0",
        r#"<resources><primitive id="p" class="lsb" type="y"/></resources><constraints><rsc_location id="l"><resource_set id="s"><resource_ref id="p"/></resource_set><rule id="r1" score="1"><expression id="e1" attribute="a" operation="defined"/></rule><rule id="r2" score="2"><expression id="e2" attribute="b" operation="defined"/></rule></rsc_location></constraints>"#,
    );
    assert_eq!(
        text,
        r#"<resources><primitive id="p" class="lsb" type="y"/></resources><constraints><rsc_location id="pcmk__3_10_upgrade-l-1"><resource_set id="s"><resource_ref id="p"/></resource_set><rule id="r1" score="1"><expression id="e1" attribute="a" operation="defined"/></rule></rsc_location><rsc_location id="pcmk__3_10_upgrade-l-2"><resource_set id-ref="s"/><rule id="r2" score="2"><expression id="e2" attribute="b" operation="defined"/></rule></rsc_location></constraints>"#
    );
}

#[test]
fn the_ceiling_is_kept_and_the_newest_needs_no_look() {
    let mut old = cib("pacemaker-3.0", "");
    let report = upgrade(&mut old, version("pacemaker-3.4"));
    assert_eq!(
        (report.from, report.to),
        (Some(version("pacemaker-3.0")), Some(version("pacemaker-3.4")))
    );
    assert_eq!(old.schema(), Some("pacemaker-3.4"));
    let mut newest = cib("pacemaker-4.0", "<nonsense/>");
    assert_eq!(upgrade(&mut newest, SchemaVersion::LATEST).obstacle, None);
    let mut none = cib("none", "<nonsense/>");
    assert_eq!(upgrade(&mut none, SchemaVersion::LATEST), Report::default());
    assert_eq!(none.schema(), Some("none"));
}

#[test]
fn what_follows_no_schema_stays_as_it_is() {
    let mut odd = cib("pacemaker-2.3", "<nonsense/>");
    let before = odd.clone();
    let report = upgrade(&mut odd, SchemaVersion::LATEST);
    assert_eq!(report.obstacle, Some(Obstacle::NotValid(version("pacemaker-2.3"))));
    assert!(!report.is_raised() && odd.root().same_as(before.root()));
    let mut unknown = cib("pacemaker-9.9", "");
    assert_eq!(
        upgrade(&mut unknown, SchemaVersion::LATEST).obstacle,
        Some(Obstacle::UnknownSchema)
    );
}

#[test]
fn a_rule_that_refers_to_itself_stops_the_upgrade() {
    let mut odd = cib(
        "pacemaker-3.10",
        r#"<resources><master id="m"><primitive id="p" class="lsb" type="y"/></master></resources><constraints><rsc_location id="l" rsc="m"><rule id="r" score="1"><rule id-ref="r"/></rule></rsc_location></constraints>"#,
    );
    let report = upgrade(&mut odd, SchemaVersion::LATEST);
    assert!(matches!(report.obstacle, Some(Obstacle::Transform { .. })), "{report:?}");
    assert_eq!(odd.schema(), Some("pacemaker-3.10"));
}
