//! Entries written for each kind of result.

use cib_model::xml::{self, Dialect, Layout};

use super::*;
use crate::executor::AgentSpec;

const WRITER: Writer<'_> =
    Writer { node_id: "1", node_name: "alice", feature_set: "3.20.5", origin: ORIGIN_RESULT };

const METADATA: &str = r#"<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="lab"><version>1.1</version><parameters>
<parameter name="start_sleep" reloadable="0"/><parameter name="stop_sleep"/>
<parameter name="mon_sleep"/><parameter name="hot" reloadable="1"/><parameter name="passwd" reloadable="1"/>
</parameters><actions><action name="start"/><action name="reload-agent"/></actions></resource-agent>"#;

fn result(action: &str, interval_ms: u32, rc: i32, target_rc: i32) -> ActionResult {
    ActionResult {
        request: ActionRequest {
            rsc: "r".to_owned(),
            agent: AgentSpec {
                class: "ocf".to_owned(),
                provider: Some("rig".to_owned()),
                kind: "lab".to_owned(),
            },
            action: action.to_owned(),
            interval_ms,
            timeout_ms: 20_000,
            start_delay_ms: 0,
            params: Vec::new(),
            meta: Vec::new(),
            transition_key: format!("3:4:{target_rc}:uuid"),
        },
        call_id: 6,
        rc,
        op_status: OpStatus::Done,
        exit_reason: "why".to_owned(),
        last_rc_change_s: 1_795_339_635,
        exec_ms: 185,
        queue_ms: 2,
    }
}

/// The entries of a result, one a line.
fn entries(result: &ActionResult) -> Vec<String> {
    let digests = OpDigests::of(&result.request, None);
    let tree = status_update(result, &WRITER, &digests);
    let ops = tree.root().descendants().filter(|element| element.name() == "lrm_rsc_op");
    ops.map(|op| xml::write_element(op, Layout::Compact, Dialect::Pcmk3)).collect()
}

fn ids(result: &ActionResult) -> Vec<String> {
    let id = |entry: &String| entry.split('"').nth(1).unwrap().to_owned();
    entries(result).iter().map(id).collect()
}

#[test]
fn a_start_is_written_like_pacemaker_writes_it() {
    let result = result("start", 0, 0, 0);
    let digests = OpDigests::of(&result.request, None);
    let tree = status_update(&result, &WRITER, &digests);
    assert_eq!(
        xml::write(&tree, Layout::Pretty, Dialect::Pcmk3),
        "<status>\n  \
         <node_state id=\"1\" uname=\"alice\" crm-debug-origin=\"controld_update_resource_history\">\n    \
         <lrm id=\"1\">\n      \
         <lrm_resources>\n        \
         <lrm_resource id=\"r\" class=\"ocf\" provider=\"rig\" type=\"lab\">\n          \
         <lrm_rsc_op id=\"r_last_0\" operation_key=\"r_start_0\" operation=\"start\" \
         crm-debug-origin=\"controld_update_resource_history\" crm_feature_set=\"3.20.5\" \
         transition-key=\"3:4:0:uuid\" transition-magic=\"0:0;3:4:0:uuid\" exit-reason=\"\" \
         on_node=\"alice\" call-id=\"6\" rc-code=\"0\" op-status=\"0\" interval=\"0\" \
         last-rc-change=\"1795339635\" exec-time=\"185\" queue-time=\"2\" \
         op-digest=\"f2317cad3d54cec5d7d7aa7d0bf35cf8\"/>\n        \
         </lrm_resource>\n      </lrm_resources>\n    </lrm>\n  </node_state>\n</status>\n"
    );
}

#[test]
fn ids_depend_on_kind_and_outcome() {
    assert_eq!(ids(&result("monitor", 0, 7, 7)), ["r_last_0"]);
    assert_eq!(ids(&result("monitor", 30_000, 0, 0)), ["r_monitor_30000"]);
    assert_eq!(ids(&result("monitor", 30_000, 7, 0)), ["r_last_failure_0"]);
    assert_eq!(ids(&result("start", 0, 1, 0)), ["r_last_failure_0", "r_last_0"]);
    assert_eq!(ids(&result("migrate_to", 0, 1, 0)), ["r_migrate_to_0"]);
    let mut notify = result("notify", 0, 1, 0);
    notify.request.meta = vec![
        ("notify_type".to_owned(), "pre".to_owned()),
        ("notify_operation".to_owned(), "stop".to_owned()),
    ];
    assert_eq!(ids(&notify), ["r_pre_notify_stop_0"]);
    assert!(entries(&notify)[0].contains("rc-code=\"0\""), "errors of notifications are ignored");
}

#[test]
fn only_failures_keep_their_reason() {
    assert!(entries(&result("monitor", 0, 7, 7))[0].contains("exit-reason=\"\""));
    assert!(entries(&result("start", 0, 1, 0))[1].contains("exit-reason=\"why\""));
    let timeout = ActionResult { op_status: OpStatus::Timeout, ..result("start", 0, 1, 0) };
    assert!(entries(&timeout)[0].contains("transition-magic=\"2:1;3:4:0:uuid\""));
}

#[test]
fn a_reload_is_a_start_and_a_failed_one_a_monitor() {
    assert!(entries(&result("reload-agent", 0, 0, 0))[0].contains("operation=\"start\""));
    let failed = ActionResult { op_status: OpStatus::Error, ..result("reload-agent", 0, 1, 0) };
    assert!(entries(&failed)[0].contains("operation_key=\"r_monitor_0\""));
}

#[test]
fn what_is_about_to_run_is_recorded_and_overwritten() {
    let request = result("start", 0, 0, 0).request;
    let before = pending(&request, 77).unwrap();
    let entry = &entries(&before)[0];
    for part in ["call-id=\"-1\"", "rc-code=\"193\"", "op-status=\"-1\"", "\"-1:193;3:4:0:uuid\""] {
        assert!(entry.contains(part), "{part} in {entry}");
    }
    let digests = OpDigests::of(&request, None);
    let mut tree = status_update(&before, &WRITER, &digests);
    let resource = tree
        .root()
        .descendants()
        .find(|element| element.name() == "lrm_resource")
        .unwrap()
        .xml_id();
    record(&mut tree, resource, &result("start", 0, 1, 0), &WRITER, &digests);
    let ids: Vec<_> =
        tree.element(resource).unwrap().children().filter_map(xml::ElementRef::id).collect();
    assert_eq!(ids, ["r_last_0", "r_last_failure_0"]);
    assert_eq!(pending(&ActionRequest { action: "notify".to_owned(), ..request.clone() }, 7), None);
    let meta = vec![("record_pending".to_owned(), "false".to_owned())];
    assert_eq!(pending(&ActionRequest { meta, ..request }, 7), None);
}

#[test]
fn digests_see_parameters_reloadable_and_private_ones_apart() {
    let metadata = AgentMetadata::parse(METADATA).unwrap();
    assert_eq!(metadata.reload, Reload::Agent);
    let mut request = result("start", 0, 0, 0).request;
    let digests = OpDigests::of(&request, Some(&metadata));
    let (list, restart) = digests.restart.clone().unwrap();
    assert_eq!(list, "  mon_sleep stop_sleep start_sleep  ");
    assert_eq!(restart, "f2317cad3d54cec5d7d7aa7d0bf35cf8");
    assert_eq!(digests.secure.clone().unwrap().0, "  passwd  ");
    request.params = vec![
        ("hot".to_owned(), "a".to_owned()),
        ("crm_feature_set".to_owned(), "3.16.1".to_owned()),
    ];
    let hot = OpDigests::of(&request, Some(&metadata));
    assert_eq!(hot.all, "30c79c2cdecbb4bd617fb45c486a28ed");
    assert_eq!(hot.restart, digests.restart, "a reloadable parameter does not restart");
    request.params.push(("passwd".to_owned(), "secret".to_owned()));
    let secret = OpDigests::of(&request, Some(&metadata));
    assert_ne!(secret.all, hot.all);
    assert_eq!(secret.secure.unwrap().1, hot.all);
    request.interval_ms = 5_000;
    assert_eq!(OpDigests::of(&request, Some(&metadata)).restart, None);
}

#[test]
fn fail_counts_follow_the_action() {
    let change = |result: &ActionResult, fatal| {
        fail_count_change(result, fatal).and_then(|change| change.count)
    };
    let monitor = result("monitor", 5_000, 7, 0);
    assert_eq!(
        change(&monitor, true),
        Some(("fail-count-r#monitor_5000".to_owned(), Increment::One))
    );
    assert_eq!(change(&result("start", 0, 1, 0), true).unwrap().1, Increment::Infinity);
    assert_eq!(change(&result("start", 0, 1, 0), false).unwrap().1, Increment::One);
    assert_eq!(change(&result("stop", 0, 1, 0), false).unwrap().1, Increment::Infinity);
    assert_eq!(change(&result("monitor", 0, 0, 7), true), None, "probes do not count");
    assert_eq!(change(&result("monitor", 5_000, 0, 0), true), None);
    let mut ignored = monitor.clone();
    ignored.request.meta = vec![("on_fail".to_owned(), "ignore".to_owned())];
    let change = fail_count_change(&ignored, true).unwrap();
    assert_eq!((change.count, change.last_failure.as_str()), (None, "last-failure-r#monitor_5000"));
    assert_eq!(Increment::One.apply(None), "1");
    assert_eq!(Increment::One.apply(Some("999999")), "INFINITY");
    assert_eq!(Increment::One.apply(Some("INFINITY")), "INFINITY");
}
