//! Structs and CIB: nothing that is covered gets lost.

use super::{Configuration, Resource};
use crate::Cib;
use crate::xml::{Dialect, Layout};

const CIB: &str = r#"<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="7" num_updates="1"><configuration><crm_config><cluster_property_set id="p"><nvpair id="p1" name="a" value="b"/></cluster_property_set></crm_config><nodes><node id="1" uname="n1"><utilization id="u"><nvpair id="u1" name="cpu" value="2"/></utilization></node></nodes><resources><clone id="c"><meta_attributes id="m"><nvpair id="m1" name="promotable" value="true"/></meta_attributes><group id="g"><primitive id="x" class="lsb" type="y"><operations id="o"><op id="o1" name="monitor" interval="10s" on-fail="fence"/></operations></primitive></group></clone><bundle id="b"><docker image="i" replicas="2"/><network control-port="3"/><storage><storage-mapping id="s" target-dir="/t" source-dir="/s"/></storage></bundle></resources><constraints><rsc_location id="l" rsc="c"><rule id="r" score="5" boolean-op="or"><expression id="e" attribute="a" operation="defined"/><rule id="r2" score="0"><date_expression id="d" operation="date_spec"><date_spec id="ds" hours="9-17"/></date_expression></rule></rule></rsc_location><rsc_order id="k" kind="Serialize"><resource_set id="rs" sequential="false"><resource_ref id="x"/><resource_ref id="b"/></resource_set></rsc_order></constraints><op_defaults><meta_attributes id="od"><nvpair id="od1" name="timeout" value="1s"/></meta_attributes></op_defaults><tags><tag id="t"><obj_ref id="x"/></tag></tags><acls><acl_target id="joe"><role id="ro"/></acl_target><acl_role id="ro"><acl_permission id="ap" kind="read" xpath="//x"/></acl_role></acls><alerts><alert id="al" path="/p"><recipient id="re" value="v"/><select><select_attributes><attribute id="sa" name="n"/></select_attributes><select_nodes/></select></alert></alerts></configuration><status/></cib>"#;

#[test]
fn structs_give_the_cib_back() {
    let cib = Cib::read(CIB).unwrap();
    let typed = Configuration::read(&cib);
    assert_eq!(typed.uncovered, []);
    let again = typed.configuration.to_cib(&cib);
    assert_eq!(again.write(Layout::Compact, Dialect::Pcmk3), CIB);
}

#[test]
fn json_gives_the_structs_back() {
    let typed = Configuration::read(&Cib::read(CIB).unwrap()).configuration;
    let json = serde_json::to_string_pretty(&typed).unwrap();
    assert!(json.contains(r#""on-fail": "fence""#), "{json}");
    assert!(json.contains(r#""element": "clone""#), "{json}");
    assert_eq!(serde_json::from_str::<Configuration>(&json).unwrap(), typed);
    let wrong = json.replace("\"on-fail\"", "\"onfail\"");
    let error = serde_json::from_str::<Configuration>(&wrong).unwrap_err().to_string();
    assert!(error.contains("onfail"), "{error}");
}

#[test]
fn yaml_gives_the_structs_back() {
    let typed = Configuration::read(&Cib::read(CIB).unwrap()).configuration;
    let yaml = serde_yaml_ng::to_string(&typed).unwrap();
    assert!(yaml.contains("element: clone"), "{yaml}");
    assert_eq!(serde_yaml_ng::from_str::<Configuration>(&yaml).unwrap(), typed);
}

#[test]
fn the_json_schema_names_every_section() {
    let schema = serde_json::to_value(Configuration::json_schema()).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    for section in ["crm_config", "resources", "constraints", "fencing-topology", "alerts"] {
        assert!(properties.contains_key(section), "{section}");
    }
}

#[test]
fn what_has_no_field_is_named() {
    let cib = Cib::read(
        r#"<cib><configuration><resources><!-- c --><primitive id="a" colour="blue"><thing/></primitive><group/></resources><more/></configuration></cib>"#,
    )
    .unwrap();
    let typed = Configuration::read(&cib);
    let what: Vec<&str> = typed.uncovered.iter().map(|u| u.what.as_str()).collect();
    assert_eq!(what, ["comment", "@colour", "<thing>", "@id missing", "<more>"]);
    assert!(matches!(&typed.configuration.resources[0], Resource::Primitive(a) if a.id == "a"));
}
