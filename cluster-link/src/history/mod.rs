//! The history of a resource in the CIB: results written as `lrm_rsc_op` entries.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_actions.c` `pcmk__create_history_xml()`;
//! `daemons/controld/controld_cib.c` `controld_update_resource_history()`,
//! `controld_record_pending_op()`.
//!
//! Reading order: `metadata` (an agent's parameters), `digest` (over the request's parameters),
//! `fail_count`, and the entries below.

mod digest;
mod fail_count;
mod metadata;

#[cfg(test)]
mod tests;

pub use digest::{OpDigests, needs_metadata};
pub use fail_count::{
    FailCountChange, Increment, fail_count_change, fail_count_name, last_failure_name,
};
pub use metadata::{AgentMetadata, AgentParam, Reload};

use cib_model::xml::{ElementRef, Tree, XmlId};

use crate::executor::{ActionRequest, ActionResult, OpStatus};

/// Code of an operation that has not ended.
const RC_UNKNOWN: i32 = 193;

/// Who writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Writer<'a> {
    /// Id of the node on which the operation ran.
    pub node_id: &'a str,
    /// Name of that node.
    pub node_name: &'a str,
    /// `crm_feature_set` for requests that carry none.
    pub feature_set: &'a str,
    /// `crm-debug-origin`; see [`ORIGIN_RESULT`] and [`ORIGIN_REFRESH`].
    pub origin: &'a str,
}

/// Origin of an entry written because of a result or a start.
pub const ORIGIN_RESULT: &str = "controld_update_resource_history";
/// Origin of an entry written again because a controller asked for all of them.
pub const ORIGIN_REFRESH: &str = "build_active_RAs";

/// Makes the result that stands for "is about to run".
///
/// Returns `None` for what is never recorded as pending: cancellations, deletions, notifications,
/// meta-data, and operations with `record-pending=false`.
pub fn pending(request: &ActionRequest, epoch_s: i64) -> Option<ActionResult> {
    let recorded = !matches!(
        request.action.as_str(),
        "cancel" | "delete" | "notify" | "meta-data" | "metadata" | "lrm_delete"
    );
    let wanted = request.meta_value("record_pending").or(request.meta_value("record-pending"));
    let wanted = wanted.and_then(cib_model::boolean::parse).unwrap_or(true);
    (recorded && wanted).then(|| ActionResult {
        request: request.clone(),
        call_id: -1,
        rc: RC_UNKNOWN,
        op_status: OpStatus::Pending,
        exit_reason: String::new(),
        last_rc_change_s: epoch_s,
        exec_ms: 0,
        queue_ms: 0,
    })
}

/// Builds the change that records a result: `status` with one `node_state` down to the entries.
///
/// It is to be merged into the CIB's status section (operation modify).
pub fn status_update(result: &ActionResult, writer: &Writer<'_>, digests: &OpDigests) -> Tree {
    let mut tree = Tree::new("status");
    let root = tree.root_id();
    let node_state = tree.append(root, "node_state");
    tree.set_attr(node_state, "id", writer.node_id);
    tree.set_attr(node_state, "uname", writer.node_name);
    tree.set_attr(node_state, "crm-debug-origin", writer.origin);
    let lrm = tree.append(node_state, "lrm");
    tree.set_attr(lrm, "id", writer.node_id);
    let resources = tree.append(lrm, "lrm_resources");
    append_resource(&mut tree, resources, result, writer, digests);
    tree
}

/// Appends an `lrm_resource` with the result's entries; returns it.
pub fn append_resource(
    tree: &mut Tree,
    resources: XmlId,
    result: &ActionResult,
    writer: &Writer<'_>,
    digests: &OpDigests,
) -> XmlId {
    let request = &result.request;
    let resource = tree.append(resources, "lrm_resource");
    tree.set_attr(resource, "id", request.rsc.as_str());
    tree.set_attr(resource, "class", request.agent.class.as_str());
    if let Some(provider) = &request.agent.provider {
        tree.set_attr(resource, "provider", provider.as_str());
    }
    tree.set_attr(resource, "type", request.agent.kind.as_str());
    if let Some(container) = request.meta_value("container") {
        tree.set_attr(resource, "container", container);
    }
    record(tree, resource, result, writer, digests);
    resource
}

/// Records a result in an `lrm_resource`: writes over entries of the same id, appends others.
///
/// A failed one-shot has two entries, `RSC_last_failure_0` and `RSC_last_0`; a failed recurring
/// operation only the former, so that its own entry keeps what it had.
pub fn record(
    tree: &mut Tree,
    resource: XmlId,
    result: &ActionResult,
    writer: &Writer<'_>,
    digests: &OpDigests,
) {
    let entry = Entry::of(result);
    let ids = entry.ids();
    for (at, id) in ids.iter().enumerate() {
        let known = tree.element(resource).and_then(|resource| {
            resource
                .children_named("lrm_rsc_op")
                .find(|op| op.id() == Some(id))
                .map(ElementRef::xml_id)
        });
        let op = known.unwrap_or_else(|| tree.append(resource, "lrm_rsc_op"));
        tree.set_attr(op, "id", id.as_str());
        entry.write(tree, op, writer);
        tree.set_attr(op, "op-digest", digests.all.as_str());
        // As in Pacemaker, only the last entry written carries what the meta-data add.
        if at + 1 == ids.len() {
            write_lists(tree, op, digests);
        }
    }
}

/// The code that was expected, from a transition key `ACTION:TRANSITION:TARGETRC:UUID`; 0 where the
/// key is not one.
pub fn target_rc(transition_key: &str) -> i32 {
    transition_key.split(':').nth(2).and_then(|rc| rc.parse().ok()).unwrap_or(0)
}

/// Says whether a result is a failure.
///
/// **Source:** `did_rsc_op_fail()`.
pub fn failed(result: &ActionResult, target_rc: i32) -> bool {
    match result.op_status {
        OpStatus::Cancelled | OpStatus::Pending => false,
        OpStatus::NotSupported | OpStatus::Timeout | OpStatus::Error => true,
        OpStatus::Done | OpStatus::ErrorHard | OpStatus::ErrorFatal | OpStatus::NotInstalled => {
            result.rc != target_rc
        }
    }
}

/// One result in the words of the history.
struct Entry<'a> {
    result: &'a ActionResult,
    /// The operation as recorded: a reload counts as a start.
    task: &'a str,
    rc: i32,
    op_status: OpStatus,
    failed: bool,
}

impl<'a> Entry<'a> {
    fn of(result: &'a ActionResult) -> Self {
        let request = &result.request;
        let task = match request.action.as_str() {
            "reload" | "reload-agent" if result.op_status == OpStatus::Done => "start",
            "reload" | "reload-agent" => "monitor",
            action => action,
        };
        let failed = failed(result, target_rc(&request.transition_key));
        // Errors of notifications are of no consequence, and not recorded.
        let ignored = task == "notify" && result.op_status != OpStatus::Pending;
        let (rc, op_status) =
            if ignored { (0, OpStatus::Done) } else { (result.rc, result.op_status) };
        Self { result, task, rc, op_status, failed }
    }

    fn key(&self) -> String {
        let request = &self.result.request;
        format!("{}_{}_{}", request.rsc, self.task, request.interval_ms)
    }

    /// Ids of the entries, in the order they are written.
    fn ids(&self) -> Vec<String> {
        let request = &self.result.request;
        let rsc = &request.rsc;
        match request.action.as_str() {
            "notify" => {
                let kind = request.meta_value("notify_type").unwrap_or("post");
                let task = request.meta_value("notify_operation").unwrap_or("n/a");
                vec![format!("{rsc}_{kind}_notify_{task}_0")]
            }
            "migrate_to" | "migrate_from" => vec![self.key()],
            _ if self.failed && request.is_recurring() => vec![format!("{rsc}_last_failure_0")],
            _ if self.failed => vec![format!("{rsc}_last_failure_0"), format!("{rsc}_last_0")],
            _ if request.is_recurring() => vec![self.key()],
            _ => vec![format!("{rsc}_last_0")],
        }
    }

    fn write(&self, tree: &mut Tree, op: XmlId, writer: &Writer<'_>) {
        let Self { result, task, rc, op_status, failed } = *self;
        let request = &result.request;
        let feature_set = request.params.iter().find(|(name, _)| name == "crm_feature_set");
        let feature_set = feature_set.map_or(writer.feature_set, |(_, value)| value.as_str());
        let status = op_status as i8;
        // Only what counts as a failure by itself keeps its reason.
        let keeps_reason = failed && !matches!(task, "notify" | "migrate_to" | "migrate_from");
        let reason = if keeps_reason { result.exit_reason.as_str() } else { "" };
        let key = request.transition_key.as_str();
        tree.set_attr(op, "operation_key", self.key());
        tree.set_attr(op, "operation", task);
        tree.set_attr(op, "crm-debug-origin", writer.origin);
        tree.set_attr(op, "crm_feature_set", feature_set);
        tree.set_attr(op, "transition-key", key);
        tree.set_attr(op, "transition-magic", format!("{status}:{rc};{key}"));
        tree.set_attr(op, "exit-reason", reason);
        tree.set_attr(op, "on_node", writer.node_name);
        tree.set_attr(op, "call-id", result.call_id.to_string());
        tree.set_attr(op, "rc-code", rc.to_string());
        tree.set_attr(op, "op-status", status.to_string());
        tree.set_attr(op, "interval", request.interval_ms.to_string());
        tree.set_attr(op, "last-rc-change", result.last_rc_change_s.to_string());
        tree.set_attr(op, "exec-time", result.exec_ms.to_string());
        tree.set_attr(op, "queue-time", result.queue_ms.to_string());
        if matches!(request.action.as_str(), "migrate_to" | "migrate_from") {
            for name in ["migrate_source", "migrate_target"] {
                if let Some(value) = request.meta_value(name) {
                    tree.set_attr(op, name, value);
                }
            }
        }
    }
}

fn write_lists(tree: &mut Tree, op: XmlId, digests: &OpDigests) {
    if let Some((list, digest)) = &digests.restart {
        tree.set_attr(op, "op-force-restart", list.as_str());
        tree.set_attr(op, "op-restart-digest", digest.as_str());
    }
    if let Some((list, digest)) = &digests.secure {
        tree.set_attr(op, "op-secure-params", list.as_str());
        tree.set_attr(op, "op-secure-digest", digest.as_str());
    }
}
