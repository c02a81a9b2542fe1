//! What the history looks like after each kind of result.

use super::{OpStatus, OperationResult, OperationTimes, RC_UNKNOWN};
use crate::status::TransitionKey;
use crate::xml::{Dialect, Layout, Tree, write};

fn result(operation: &str, interval_ms: u32, rc: i32) -> OperationResult {
    OperationResult {
        rsc: "A".into(),
        operation: operation.into(),
        interval_ms,
        call_id: 12,
        rc,
        op_status: OpStatus::Done,
        key: TransitionKey {
            action: 4,
            transition: 2,
            target_rc: 0,
            uuid: "0c1d8a49-4b4a-4a2c-8f5b-0f8d3f1f9a10".into(),
        },
        exit_reason: Some("broken".into()),
        node: "n1".into(),
        origin: "controld_update_resource_history".into(),
        feature_set: "3.20.5".into(),
        times: Some(OperationTimes { last_rc_change_s: 1_700_000_000, exec_ms: 20, queue_ms: 0 }),
        migration: None,
        notify: None,
        digest: Some("f2317cad3d54cec5d7d7aa7d0bf35cf8".into()),
        restart: None,
        secure: None,
    }
}

#[test]
fn a_started_resource() {
    let mut tree = Tree::new("lrm_resource");
    let root = tree.root_id();
    result("start", 0, 0).record(&mut tree, root);
    assert_eq!(
        write(&tree, Layout::Compact, Dialect::Pcmk3),
        concat!(
            r#"<lrm_resource><lrm_rsc_op id="A_last_0" operation_key="A_start_0" operation="start" "#,
            r#"crm-debug-origin="controld_update_resource_history" crm_feature_set="3.20.5" "#,
            r#"transition-key="4:2:0:0c1d8a49-4b4a-4a2c-8f5b-0f8d3f1f9a10" "#,
            r#"transition-magic="0:0;4:2:0:0c1d8a49-4b4a-4a2c-8f5b-0f8d3f1f9a10" exit-reason="" "#,
            r#"on_node="n1" call-id="12" rc-code="0" op-status="0" interval="0" "#,
            r#"last-rc-change="1700000000" exec-time="20" queue-time="0" "#,
            r#"op-digest="f2317cad3d54cec5d7d7aa7d0bf35cf8"/></lrm_resource>"#
        )
    );
}

#[test]
fn failures_go_to_their_own_entry() {
    assert_eq!(result("start", 0, 1).entry_ids(), ["A_last_failure_0", "A_last_0"]);
    assert_eq!(result("monitor", 5_000, 7).entry_ids(), ["A_last_failure_0"]);
    assert_eq!(result("monitor", 5_000, 0).entry_ids(), ["A_monitor_5000"]);
    assert_eq!(result("stop", 0, 0).entry_ids(), ["A_last_0"]);
    assert_eq!(result("migrate_to", 0, 1).entry_ids(), ["A_migrate_to_0"]);
    let pending = OperationResult {
        op_status: OpStatus::Pending,
        call_id: -1,
        ..result("start", 0, RC_UNKNOWN)
    };
    assert_eq!(pending.entry_ids(), ["A_last_0"]);
    let mut tree = Tree::new("lrm_resource");
    let root = tree.root_id();
    pending.record(&mut tree, root);
    result("start", 0, 1).record(&mut tree, root);
    let ids: Vec<_> = tree.root().children().map(|op| op.id().unwrap_or_default()).collect();
    assert_eq!(ids, ["A_last_0", "A_last_failure_0"], "the pending entry is updated in place");
    assert_eq!(tree.root().children().next().and_then(|op| op.attr("exit-reason")), Some("broken"));
}

#[test]
fn reloads_and_notifications() {
    assert_eq!(result("reload-agent", 0, 0).recorded_operation(), "start");
    let failed = OperationResult { op_status: OpStatus::Error, ..result("reload", 0, 1) };
    assert_eq!(failed.recorded_operation(), "monitor");
    let mut notify = result("notify", 0, 1);
    notify.notify = Some(("post".into(), "start".into()));
    assert_eq!(notify.entry_ids(), ["A_post_notify_start_0"]);
    let mut tree = Tree::new("lrm_resource");
    let root = tree.root_id();
    notify.record(&mut tree, root);
    assert_eq!(tree.root().children().next().and_then(|op| op.attr("rc-code")), Some("0"));
}
