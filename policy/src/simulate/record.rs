//! Writes simulated results into the CIB's status section.

use cib_model::Cib;
use cib_model::status::failcount::FailedOperation;
use cib_model::status::history::OperationTimes;
use cib_model::status::{OpStatus, OperationResult, TransitionKey};
use cib_model::xml::Dialect;

use super::status::{NodeKey, Presence, StatusIndex};
use crate::graph::{GraphAction, GraphResource};

/// What stands in a key for "no transition asked for this".
const FAKE_UUID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
/// What the entries say of who wrote them.
const ORIGIN: &str = "crm_simulate";
/// What an agent says of a resource that is stopped.
const NOT_RUNNING: i32 = 7;

/// How an operation is to fail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure<'a> {
    /// The resource as the wish named it.
    pub(super) name: &'a str,
    /// The exit code.
    pub(super) rc: i32,
    /// Whether one failure is one too many.
    pub(super) fatal: bool,
}

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

    /// Records one operation of a transition: with the expected exit code, or with `failure`.
    /// Returns the attributes that a failure set.
    pub(super) fn operation(
        &mut self,
        action: &GraphAction,
        resource: &GraphResource,
        rsc: &str,
        failure: Option<Failure<'_>>,
    ) -> Vec<SetAttribute> {
        let reference = &action.reference;
        let node = reference.on_node.as_deref().unwrap_or_default();
        let uuid = match reference.router_node {
            Some(_) => Some(node),
            None => reference.on_node_uuid.as_deref(),
        };
        let state = self.ensure_node(node, uuid);
        let (operation, interval_ms) = (&*reference.operation, action.interval_ms());
        let set = failure.map(|Failure { name, rc, fatal }| {
            let failed = FailedOperation { rsc: name, operation, interval_ms };
            self.fail_count(state, &failed, rc, fatal)
        });
        let history = self.index.ensure_resource(&mut self.cib, state, rsc, resource);
        let call_id = self.index.next_call(history);
        let meta = |name: &str| action.meta(name).map(str::to_owned);
        let migrates = operation.starts_with("migrate_");
        let done = FailedOperation { rsc, operation, interval_ms };
        let mut result = OperationResult {
            rc: failure.map_or(action.target_rc(), |failure| failure.rc),
            exit_reason: Some("User-injected result".to_owned()),
            migration: meta("migrate_source").zip(meta("migrate_target")).filter(|_| migrates),
            notify: meta("notify_type").zip(meta("notify_operation")),
            digest: Some(digest(action)),
            ..self.result(resource, &done, node, call_id)
        };
        result.key.target_rc = action.target_rc();
        result.record(self.cib.tree_mut(), history.element);
        set.unwrap_or_default()
    }

    /// Raises a fail count as the result `rc` of an operation would, to infinity where that is
    /// `fatal`. Returns the attributes that were set.
    pub(super) fn fail_count(
        &mut self,
        state: NodeKey,
        failed: &FailedOperation<'_>,
        rc: i32,
        fatal: bool,
    ) -> Vec<SetAttribute> {
        if rc == 0 || (rc == NOT_RUNNING && failed.interval_ms == 0) {
            return Vec::new();
        }
        let held = self.index.transient(&self.cib, state, &failed.count_name());
        let count = held.and_then(|v| v.parse::<i32>().ok()).unwrap_or(0);
        let value = if fatal { "INFINITY".to_owned() } else { count.saturating_add(1).to_string() };
        let pairs =
            [(failed.count_name(), value), (failed.last_failure_name(), self.now_s.to_string())];
        let node_id = self.index.node_id(&self.cib, state);
        let set = pairs.map(|(name, value)| {
            self.index.set_transient(&mut self.cib, state, &name, &value);
            SetAttribute { name, value, node_id: node_id.clone() }
        });
        set.into()
    }

    /// Records a result that nobody asked for.
    ///
    /// # Errors
    /// What is missing to make a history for the resource. Nothing was recorded then.
    pub(super) fn injected(
        &mut self,
        state: NodeKey,
        node: &str,
        operation: &FailedOperation<'_>,
        resource: &GraphResource,
        rc: i32,
    ) -> Result<(), String> {
        if !self.index.has_resource(state, operation.rsc) {
            check_agent(resource, &self.index.node_id(&self.cib, state))?;
        }
        let history = self.index.ensure_resource(&mut self.cib, state, operation.rsc, resource);
        let call_id = self.index.next_call(history);
        let result = OperationResult {
            exit_reason: Some("Simulated action result".to_owned()),
            rc,
            ..self.result(resource, operation, node, call_id)
        };
        result.record(self.cib.tree_mut(), history.element);
        Ok(())
    }

    /// What all simulated results have in common: they are as expected.
    fn result(
        &self,
        resource: &GraphResource,
        operation: &FailedOperation<'_>,
        node: &str,
        call_id: i32,
    ) -> OperationResult {
        let key = TransitionKey {
            action: call_id,
            transition: -1,
            target_rc: 0,
            uuid: FAKE_UUID.to_owned(),
        };
        OperationResult {
            rsc: resource.id.clone(),
            operation: operation.operation.to_owned(),
            interval_ms: operation.interval_ms,
            call_id,
            rc: 0,
            op_status: OpStatus::Done,
            key,
            exit_reason: None,
            node: node.to_owned(),
            origin: ORIGIN.to_owned(),
            feature_set: crate::FEATURE_SET.to_owned(),
            times: Some(OperationTimes { last_rc_change_s: self.now_s, exec_ms: 0, queue_ms: 0 }),
            migration: None,
            notify: None,
            digest: None,
            restart: None,
            secure: None,
        }
    }

    /// Finds or makes the state of a node.
    pub(super) fn ensure_node(&mut self, node: &str, uuid: Option<&str>) -> NodeKey {
        self.index.ensure_node(&mut self.cib, node, uuid)
    }

    /// Records that a node was fenced: it is down and its history is gone.
    pub(super) fn fenced(&mut self, node: &str) {
        let origin = "simulate_fencing_action";
        self.index.set_presence(&mut self.cib, node, Presence::Left, origin);
    }

    /// Records whether a node is there.
    pub(super) fn presence(&mut self, node: &str, presence: Presence) {
        self.index.set_presence(&mut self.cib, node, presence, ORIGIN);
    }

    /// The CIB, for changes outside node states.
    pub(super) fn cib_mut(&mut self) -> &mut Cib {
        &mut self.cib
    }
}

/// Returns the digest of the action's parameters.
fn digest(action: &GraphAction) -> String {
    let params = action.attributes.iter().chain(&action.params);
    let params = params.map(|(name, value)| (name.as_str(), value.as_str()));
    let timeout = action.meta("timeout").filter(|_| action.interval_ms() > 0);
    cib_model::digest::operation(params, timeout, Dialect::Pcmk3)
}

/// A transient attribute that was set.
pub(super) struct SetAttribute {
    pub(super) name: String,
    pub(super) value: String,
    /// Id of the node's state.
    pub(super) node_id: String,
}

/// Returns what is missing to make a history for the resource.
///
/// # Source
/// `pcmk__inject_resource_history()`
fn check_agent(resource: &GraphResource, state: &str) -> Result<(), String> {
    let id = &resource.id;
    let (Some(class), Some(_)) = (&resource.class, &resource.kind) else {
        return Err(format!(
            "Resource {id} not found in the status section of {state} (supply class and type to \
             continue)"
        ));
    };
    let known = ["ocf", "stonith", "service", "systemd", "lsb"];
    if !known.iter().any(|k| k.eq_ignore_ascii_case(class)) {
        return Err(format!("Invalid class for {id}: {class}"));
    }
    if class.eq_ignore_ascii_case("ocf") && resource.provider.is_none() {
        return Err(format!("Please specify the provider for resource {id}"));
    }
    Ok(())
}
