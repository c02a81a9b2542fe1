//! What a resource's history on a node means for the resource and the node.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c` (`process_rsc_state()`).

use cib_model::Role;

use super::location;
use super::running;
use crate::actions::{ActionFlags, Need, Task};
use crate::facts::{ClusterFlags, NodeFlags, OnFail, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::MINUS_INFINITY;
use crate::trace::Reason;

const FAILED_STOP: RscFlags = RscFlags::FAILED.union(RscFlags::STOP_IF_FAILED);

/// Applies the role found on the node and the response to failures.
pub(super) fn process(
    plan: &mut Plan,
    rsc: RscIdx,
    node: NodeIdx,
    on_fail: OnFail,
    stop_needed: &mut Vec<RscIdx>,
) {
    let known_active = plan.rscs[rsc].orig_role > Role::Stopped;
    mark_probed(plan, rsc, node);
    let down = !plan.nodes[node].online && !plan.nodes[node].maintenance;
    if known_active && down && plan.rscs[rsc].has(RscFlags::MANAGED) {
        recover_from_dead_node(plan, rsc, node);
    }
    let failed = on_fail != OnFail::Ignore;
    // Nothing more to do for what is on an unclean node: fencing comes first.
    let on_fail = if plan.nodes[node].unclean { OnFail::Ignore } else { on_fail };
    respond(plan, rsc, node, on_fail, known_active, stop_needed);
    if plan.rscs[rsc].has(RscFlags::FAILED | RscFlags::IS_REMOTE_CONNECTION)
        && let Some(remote) = plan.facts.node_by_name(&plan.facts.rscs[rsc].id)
        && plan.nodes[remote].unclean
    {
        plan.nodes[remote].flags |= NodeFlags::SEEN;
    }
    if known_active {
        running::add(plan, rsc, node, failed);
        match on_fail {
            OnFail::Ignore => {}
            OnFail::Demote | OnFail::Block => plan.rscs[rsc].flags |= RscFlags::FAILED,
            _ => plan.rscs[rsc].flags |= FAILED_STOP,
        }
    } else if plan.rscs[rsc].history_id.as_deref().is_some_and(|id| id.contains(':')) {
        // COMPAT(pacemaker 3.x, process_rsc_state()): histories before 1.1.8 had instance numbers.
        plan.rscs[rsc].history_id = None;
    } else {
        let key = crate::actions::ActionKey::once(Task::Stop);
        for stop in plan.actions.find_exact(rsc, key, node) {
            plan.actions[stop].flags |= ActionFlags::OPTIONAL;
        }
    }
    let state = &mut plan.rscs[rsc];
    if state.orig_role == Role::Stopped
        && !state.active.is_empty()
        && state.partial_migration_target.is_some()
        && state.partial_migration_source == Some(node)
    {
        state.orig_role = Role::Started;
    }
}

fn mark_probed(plan: &mut Plan, rsc: RscIdx, node: NodeIdx) {
    let role = plan.rscs[rsc].orig_role;
    if role == Role::Unknown {
        return;
    }
    let mut at = Some(rsc);
    while let Some(rsc) = at {
        if !plan.rscs[rsc].is_probed(node) {
            plan.rscs[rsc].probed.push((node, role));
        }
        if plan.rscs[rsc].has(RscFlags::UNIQUE) {
            break;
        }
        at = plan.facts.rscs[rsc].parent;
    }
}

/// Fences a node that is down with something managed on it.
fn recover_from_dead_node(plan: &mut Plan, rsc: RscIdx, node: NodeIdx) {
    let id = plan.facts.rscs[rsc].id.clone();
    let mut reason = format!("{id} is thought to be active there");
    if plan.facts.is_guest(node) {
        plan.rscs[rsc].flags |= FAILED_STOP;
    } else if !plan.facts.options.has(ClusterFlags::FENCING_ENABLED) {
        return;
    } else if plan.facts.is_remote(node)
        && plan.facts.nodes[node].remote.is_some_and(|r| !plan.rscs[r].has(RscFlags::FAILED))
    {
        // Fencing then depends on whether the connection starts elsewhere.
        plan.nodes[node].flags -= NodeFlags::SEEN;
        reason = format!(
            "{id} is active there (fencing will be revoked if remote connection can be \
             re-established elsewhere)"
        );
    }
    plan.fence_node(node, &reason, false);
}

fn respond(
    plan: &mut Plan,
    rsc: RscIdx,
    node: NodeIdx,
    on_fail: OnFail,
    known_active: bool,
    stop_needed: &mut Vec<RscIdx>,
) {
    let stop = |plan: &mut Plan, rsc: RscIdx| {
        plan.ensure_once(rsc, Task::Stop, Some(node), Need::Required);
    };
    match on_fail {
        OnFail::Ignore => {}
        OnFail::Demote => {
            plan.rscs[rsc].flags |= RscFlags::FAILED;
            plan.ensure_once(rsc, Task::Demote, Some(node), Need::Required);
        }
        OnFail::FenceNode => {
            let reason = format!("{} failed there", plan.facts.rscs[rsc].id);
            plan.fence_node(node, &reason, false);
        }
        OnFail::StandbyNode => {
            plan.nodes[node].flags |= NodeFlags::STANDBY | NodeFlags::FAIL_STANDBY;
        }
        OnFail::Block => {
            plan.rscs[rsc].flags -= RscFlags::MANAGED;
            plan.rscs[rsc].flags |= RscFlags::BLOCKED;
        }
        OnFail::Ban => location::on_node(plan, rsc, node, MINUS_INFINITY, Reason::OnFailBan),
        OnFail::Stop => plan.rscs[rsc].next_role = Role::Stopped,
        OnFail::Restart => {
            if known_active {
                plan.rscs[rsc].flags |= FAILED_STOP;
                stop(plan, rsc);
            }
        }
        OnFail::RestartContainer => {
            plan.rscs[rsc].flags |= FAILED_STOP;
            match plan.facts.rscs[rsc].launcher {
                // The container may be on another node, which is not known yet.
                Some(launcher) if plan.is_bundled(rsc) => stop_needed.push(launcher),
                Some(launcher) => stop(plan, launcher),
                None if known_active => stop(plan, rsc),
                None => {}
            }
        }
        OnFail::ResetRemote => {
            plan.rscs[rsc].flags |= FAILED_STOP;
            reset_remote(plan, rsc);
            if known_active {
                stop(plan, rsc);
            }
            if plan.facts.rscs[rsc].remote_reconnect_ms > 0 {
                plan.rscs[rsc].next_role = Role::Stopped;
            }
        }
    }
}

fn reset_remote(plan: &mut Plan, rsc: RscIdx) {
    if !plan.facts.options.has(ClusterFlags::FENCING_ENABLED)
        || !plan.rscs[rsc].has(RscFlags::IS_REMOTE_CONNECTION)
    {
        return;
    }
    let Some(node) = plan.facts.node_by_name(&plan.facts.rscs[rsc].id) else { return };
    if plan.facts.is_remote(node) && !plan.nodes[node].has(NodeFlags::REMOTE_FENCED) {
        plan.fence_node(node, "remote connection is unrecoverable", false);
    }
}
