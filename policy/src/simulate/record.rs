//! Writes simulated results into the CIB's status section.

use cib_model::Cib;
use cib_model::status::failcount::FailedOperation;
use cib_model::status::history::OperationTimes;
use cib_model::status::{OpStatus, OperationResult, TransitionKey};

use super::status::{NodeKey, StatusIndex};
use crate::graph::{GraphAction, GraphResource};

/// What stands in a key for "no transition asked for this".
const FAKE_UUID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
/// What the entries say of who wrote them.
const ORIGIN: &str = "crm_simulate";
/// Feature set of the entries.
const FEATURE_SET: &str = "3.20.5";

/// A CIB that is being written to.
pub(super) struct Recorder {
    cib: Cib,
    index: StatusIndex,
    now_s: i64,
}

impl Recorder {
    pub(super) fn new(cib: Cib, now_s: i64) -> Self {
        let index = StatusIndex::of(&cib);
        Recorder { cib, index, now_s }
    }

    pub(super) fn finish(self) -> Cib {
        self.cib
    }

    /// Records one operation: the expected exit code, or `fault`.
    pub(super) fn operation(
        &mut self,
        action: &GraphAction,
        rsc: &str,
        resource: &GraphResource,
        fault: Option<i32>,
    ) {
        let reference = &action.reference;
        let node = reference.on_node.as_deref().unwrap_or_default();
        let uuid = match reference.router_node {
            Some(_) => Some(node),
            None => reference.on_node_uuid.as_deref(),
        };
        let state = self.index.ensure_node(&mut self.cib, node, uuid);
        if let Some(rc) = fault {
            self.fail_count(state, rsc, action, rc);
        }
        let history = self.index.ensure_resource(&mut self.cib, state, rsc, resource);
        let call_id = self.index.next_call(history);
        let target_rc = action.target_rc();
        let meta = |name: &str| action.meta(name).map(str::to_owned);
        let migrates = reference.operation.starts_with("migrate_");
        let result = OperationResult {
            rsc: resource.id.clone(),
            operation: reference.operation.clone(),
            interval_ms: action.interval_ms(),
            call_id,
            rc: fault.unwrap_or(target_rc),
            op_status: OpStatus::Done,
            key: TransitionKey {
                action: call_id,
                transition: -1,
                target_rc,
                uuid: FAKE_UUID.to_owned(),
            },
            exit_reason: Some("User-injected result".to_owned()),
            node: node.to_owned(),
            origin: ORIGIN.to_owned(),
            feature_set: FEATURE_SET.to_owned(),
            times: Some(OperationTimes { last_rc_change_s: self.now_s, exec_ms: 0, queue_ms: 0 }),
            migration: meta("migrate_source").zip(meta("migrate_target")).filter(|_| migrates),
            notify: meta("notify_type").zip(meta("notify_operation")),
            digest: None,
            restart: None,
            secure: None,
        };
        result.record(self.cib.tree_mut(), history.element);
    }

    fn fail_count(&mut self, state: NodeKey, rsc: &str, action: &GraphAction, rc: i32) {
        let operation = action.reference.operation.as_str();
        let interval_ms = action.interval_ms();
        if rc == 0 || (rc == 7 && interval_ms == 0) {
            return;
        }
        let infinite = matches!(operation, "start" | "stop");
        let name = FailedOperation { rsc, operation, interval_ms };
        let held = self.index.transient(&self.cib, state, &name.count_name());
        let count = held.and_then(|v| v.parse::<i32>().ok()).unwrap_or(0);
        let value = if infinite { "INFINITY".to_owned() } else { (count + 1).to_string() };
        self.index.set_transient(&mut self.cib, state, &name.count_name(), &value);
        let now = self.now_s.to_string();
        self.index.set_transient(&mut self.cib, state, &name.last_failure_name(), &now);
    }

    /// Records that a node was fenced: it is down and its history is gone.
    pub(super) fn fenced(&mut self, node: &str) {
        self.index.down(&mut self.cib, node, ORIGIN);
    }
}
