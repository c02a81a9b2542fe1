//! History entries as XML text: what an action of this node leaves in the CIB.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_injections.c`, `pcmk__create_history_xml()`.

use cib_model::xml::{Dialect, Layout, Tree, write};

use crate::executor::{ActionRequest, ActionResult, OpStatus};

/// Exit code of what has not ended.
const RC_PENDING: i32 = 193;

/// Returns the `<lrm_resource>` of an operation that begins.
pub(super) fn pending(request: &ActionRequest, node: &str, epoch_s: i64) -> String {
    let result = ActionResult {
        request: request.clone(),
        call_id: -1,
        rc: RC_PENDING,
        op_status: OpStatus::Pending,
        exit_reason: String::new(),
        last_rc_change_s: epoch_s,
        exec_ms: 0,
        queue_ms: 0,
    };
    self::result(&result, node)
}

/// Returns the `<lrm_resource>` of an operation whose result never came.
pub(super) fn lost(request: &ActionRequest, node: &str, epoch_s: i64) -> String {
    let result = ActionResult {
        request: request.clone(),
        call_id: -1,
        rc: 1,
        op_status: OpStatus::Timeout,
        exit_reason: format!("Controller on {node} did not return result in time"),
        last_rc_change_s: epoch_s,
        exec_ms: 0,
        queue_ms: 0,
    };
    self::result(&result, node)
}

/// Returns the `<lrm_resource>` of an operation that ended.
pub(super) fn result(result: &ActionResult, node: &str) -> String {
    let request = &result.request;
    let agent = &request.agent;
    let mut tree = Tree::new("lrm_resource");
    let root = tree.root_id();
    tree.set_attr(root, "id", request.rsc.as_str());
    tree.set_attr(root, "class", agent.class.as_str());
    if let Some(provider) = &agent.provider {
        tree.set_attr(root, "provider", provider.as_str());
    }
    tree.set_attr(root, "type", agent.kind.as_str());
    let key = format!("{}_{}_{}", request.rsc, request.action, request.interval_ms);
    let once = request.interval_ms == 0;
    let last = match request.action.as_str() {
        "migrate_to" | "migrate_from" => key.clone(),
        _ if once => format!("{}_last_0", request.rsc),
        _ => key.clone(),
    };
    let target = super::invocation::TransitionKey::parse(&request.transition_key);
    let failed =
        result.op_status != OpStatus::Pending && result.rc != target.map_or(0, |k| k.target_rc);
    let mut ids = Vec::new();
    if failed {
        ids.push(format!("{}_last_failure_0", request.rsc));
    }
    if !failed || once {
        ids.push(last);
    }
    for id in ids {
        entry(&mut tree, &id, &key, result, node);
    }
    write(&tree, Layout::Compact, Dialect::Pcmk3)
}

fn entry(tree: &mut Tree, id: &str, key: &str, result: &ActionResult, node: &str) {
    let request = &result.request;
    let status = result.op_status as i8;
    let root = tree.root_id();
    let at = tree.append(root, "lrm_rsc_op");
    let transition = &request.transition_key;
    for (name, value) in [
        ("id", id.to_owned()),
        ("operation_key", key.to_owned()),
        ("operation", request.action.clone()),
        ("crm-debug-origin", "controld_update_resource_history".to_owned()),
        ("crm_feature_set", crate::FEATURE_SET.to_owned()),
        ("transition-key", transition.clone()),
        ("transition-magic", format!("{status}:{};{transition}", result.rc)),
        ("exit-reason", result.exit_reason.clone()),
        ("on_node", node.to_owned()),
        ("call-id", result.call_id.to_string()),
        ("rc-code", result.rc.to_string()),
        ("op-status", status.to_string()),
        ("interval", request.interval_ms.to_string()),
        ("last-rc-change", result.last_rc_change_s.to_string()),
        ("exec-time", result.exec_ms.to_string()),
        ("queue-time", result.queue_ms.to_string()),
    ] {
        tree.set_attr(at, name, value);
    }
}
