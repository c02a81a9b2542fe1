//! Marks resources as active on nodes.
//!
//! **Source:** pacemaker `lib/pengine/native.c` (`native_add_running()`).

use cib_model::Role;

use super::location;
use crate::facts::{MultiplyActive, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::INFINITY;
use crate::trace::Reason;

/// Marks `rsc` (and what it is part of) as active on `node`.
pub(super) fn add(plan: &mut Plan, rsc: RscIdx, node: NodeIdx, failed: bool) {
    if plan.rscs[rsc].active.contains(&node) {
        return;
    }
    plan.rscs[rsc].active.push(node);
    let is_primitive = plan.facts.rscs[rsc].is_primitive();
    if is_primitive {
        plan.nodes[node].running.push(rsc);
        add_priority(plan, rsc, node, failed);
        if plan.nodes[node].maintenance {
            plan.rscs[rsc].flags -= RscFlags::MANAGED;
            plan.rscs[rsc].flags |= RscFlags::MAINTENANCE;
        }
    }
    let parent = plan.facts.rscs[rsc].parent;
    if !plan.rscs[rsc].has(RscFlags::MANAGED) {
        location::on_node(plan, rsc, node, INFINITY, Reason::Unmanaged);
        let mut at = parent;
        while let Some(ancestor) = at {
            plan.rscs[ancestor].active.push(node);
            at = plan.facts.rscs[ancestor].parent;
        }
        return;
    }
    if is_primitive && is_multiply_active(plan, rsc) {
        match plan.facts.rscs[rsc].multiply_active {
            MultiplyActive::StopOnly => location::ban_everywhere(plan, rsc, Reason::MultiplyActive),
            MultiplyActive::Block => block(plan, rsc),
            MultiplyActive::StopStart | MultiplyActive::StopUnexpected => {}
        }
    }
    if let Some(parent) = parent {
        add(plan, parent, node, false);
    }
}

fn is_multiply_active(plan: &Plan, rsc: RscIdx) -> bool {
    let active = plan.active_node(rsc);
    let count = if plan.rscs[rsc].has(RscFlags::NEEDS_FENCING) { active.all } else { active.clean };
    count > 1
}

fn block(plan: &mut Plan, rsc: RscIdx) {
    let mut blocked = vec![rsc];
    if let Some(parent) = plan.facts.rscs[rsc].parent {
        let facts = &plan.facts.rscs[parent];
        if matches!(facts.variant(), Variant::Group | Variant::Bundle)
            && facts.multiply_active == MultiplyActive::Block
        {
            blocked.extend(&plan.rscs[parent].children);
        }
    }
    for rsc in blocked {
        plan.rscs[rsc].flags -= RscFlags::MANAGED;
        plan.rscs[rsc].flags |= RscFlags::BLOCKED;
    }
}

/// Adds the resource's priority to that of the node, and of the hosts of a guest.
fn add_priority(plan: &mut Plan, rsc: RscIdx, node: NodeIdx, failed: bool) {
    let state = &plan.rscs[rsc];
    if state.priority == 0 || failed {
        return;
    }
    let priority = state.priority + i32::from(state.orig_role == Role::Promoted);
    plan.nodes[node].priority += priority;
    let launcher = plan.facts.nodes[node].remote.and_then(|r| plan.facts.rscs[r].launcher);
    if let Some(launcher) = launcher {
        for &host in &plan.rscs[launcher].active {
            plan.nodes[host].priority += priority;
        }
    }
}
