//! History of one node: whose it is, and what follows from it.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c` (`unpack_node_lrm()`, `unpack_lrm_resource()`,
//! `unpack_find_resource()`, `find_anonymous_clone()`, `process_recurring()`).

use std::ops::Range;
use std::sync::Arc;

use cib_model::Role;

use super::history::active_window;
use super::location;
use super::op_result::OpReader;
use super::{clones, nodes, resources, rsc_state};
use crate::actions::{ActionKey, Need};
use crate::facts::{
    AttrMap, ClusterFlags, ExecStatus, MultiplyActive, NodeKind, RscFacts, RscFlags, Variant,
    VariantFacts,
};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::{INFINITY, MINUS_INFINITY};
use crate::trace::Reason;

/// Returns the id without its instance number.
///
/// # Source
/// `clone_strip()`.
pub(crate) fn base_name(id: &str) -> &str {
    match id.rfind(':') {
        Some(at) if at > 0 && id.as_bytes()[at + 1..].iter().all(u8::is_ascii_digit) => &id[..at],
        _ => id,
    }
}

/// Reads the part of the history that is below one node's state.
pub(super) fn node(
    plan: &mut Plan,
    node: NodeIdx,
    range: Range<usize>,
    stop_needed: &mut Vec<RscIdx>,
) {
    let mut found_removed_launched = false;
    for at in range.clone() {
        plan.facts.history[at].node = Some(node);
        if let Some(rsc) = resource(plan, node, at, stop_needed) {
            found_removed_launched |= plan.rscs[rsc].has(RscFlags::REMOVED_LAUNCHED);
        }
    }
    if found_removed_launched {
        for at in range {
            link_removed_launched(plan, at);
        }
    }
}

fn link_removed_launched(plan: &mut Plan, at: usize) {
    let history = &plan.facts.history[at];
    let launcher = history.container.as_deref().and_then(|id| plan.facts.rsc_by_id(id));
    let rsc = plan.facts.rsc_by_id(&history.id);
    let (Some(launcher), Some(rsc)) = (launcher, rsc) else { return };
    if plan.facts.rscs[rsc].launcher.is_some()
        || !plan.rscs[rsc].has(RscFlags::REMOVED_LAUNCHED)
        || resources::is_inside(plan, launcher, rsc)
    {
        return;
    }
    plan.facts.rscs[rsc].launcher = Some(launcher);
    plan.facts.rscs[launcher].launched.push(rsc);
}

fn resource(
    plan: &mut Plan,
    node: NodeIdx,
    at: usize,
    stop_needed: &mut Vec<RscIdx>,
) -> Option<RscIdx> {
    let id = plan.facts.history[at].id.clone();
    let has_entries = !plan.facts.history[at].entries.is_empty();
    let lock = plan.facts.options.has(ClusterFlags::SHUTDOWN_LOCK);
    if !has_entries && !lock {
        return None;
    }
    let rsc = match find(plan, node, &id) {
        Some(rsc) => rsc,
        None if !has_entries => return None,
        None => removed(plan, at),
    };
    plan.facts.history[at].rsc = Some(rsc);
    if lock {
        shutdown_lock(plan, rsc, node, at);
    }
    let saved_role = plan.rscs[rsc].orig_role;
    plan.rscs[rsc].orig_role = Role::Unknown;
    let entries = Arc::clone(&plan.facts.history[at].entries);
    let order = plan.facts.history[at].sorted.clone();
    let mut reader = OpReader::new(plan, rsc, node, at);
    for &position in &order {
        reader.read(&entries[position], position);
    }
    let on_fail = reader.on_fail;
    recurring(plan, rsc, node, at);
    rsc_state::process(plan, rsc, node, on_fail, stop_needed);
    if let Some(role) = resources::target_role(plan, rsc) {
        let next = plan.rscs[rsc].next_role;
        if next == Role::Unknown || role < next {
            plan.rscs[rsc].next_role = role;
        }
    }
    if saved_role > plan.rscs[rsc].orig_role {
        plan.rscs[rsc].orig_role = saved_role;
    }
    Some(rsc)
}

fn shutdown_lock(plan: &mut Plan, rsc: RscIdx, node: NodeIdx, at: usize) {
    let time = plan.facts.history[at].shutdown_lock;
    if time == 0 {
        return;
    }
    let limit_ms = plan.facts.options.shutdown_lock_ms;
    if limit_ms > 0 && plan.facts.now > time + i64::from(limit_ms.div_ceil(1000)) {
        plan.clear_history(rsc, node);
    } else {
        plan.rscs[rsc].lock_node = Some(node);
        plan.rscs[rsc].lock_time = time;
    }
}

/// Returns the resource that the history called `id` belongs to; may add a clone instance.
fn find(plan: &mut Plan, node: NodeIdx, id: &str) -> Option<RscIdx> {
    let (mut rsc, parent) = match plan.facts.rsc_by_history_id(id) {
        Some(rsc) if plan.facts.rscs[rsc].variant() > Variant::Primitive => return None,
        Some(rsc) => (Some(rsc), Some(plan.facts.top_below_bundle(rsc))),
        None => {
            let zero = plan.facts.rsc_by_history_id(&format!("{}:0", base_name(id)));
            match zero.filter(|z| !plan.rscs[*z].has(RscFlags::UNIQUE)) {
                Some(zero) => (Some(zero), Some(plan.facts.top_below_bundle(zero))),
                None => (None, None),
            }
        }
    };
    if let Some(parent) = parent.filter(|p| plan.is_anonymous_clone(*p)) {
        rsc = match plan.facts.rscs[parent].parent {
            Some(bundle) => bundle_replica(plan, bundle, node),
            None => anonymous_instance(plan, node, parent, base_name(id)),
        };
    }
    let rsc = rsc?;
    if *plan.facts.rscs[rsc].id != *id && plan.rscs[rsc].history_id.as_deref() != Some(id) {
        plan.rscs[rsc].history_id = Some(id.into());
        plan.facts.rsc_by_old_id.entry(id.into()).or_insert(rsc);
    }
    Some(rsc)
}

fn bundle_replica(plan: &Plan, bundle: RscIdx, node: NodeIdx) -> Option<RscIdx> {
    let facts = plan.facts.rscs[bundle].bundle_facts()?;
    facts.replicas.iter().find(|r| r.node == Some(node)).and_then(|r| r.child)
}

/// Returns the part of `instance` whose configured id is `id`.
fn find_in_instance(plan: &Plan, instance: RscIdx, id: &str) -> Option<RscIdx> {
    let facts = &plan.facts.rscs[instance];
    if *facts.id == *id || *facts.xml_id == *id {
        return Some(instance);
    }
    plan.rscs[instance].children.iter().find_map(|c| find_in_instance(plan, *c, id))
}

/// Returns where any part of `rsc` is active or an action is pending.
fn current_or_pending(plan: &Plan, rsc: RscIdx, found: &mut Vec<NodeIdx>) {
    let state = &plan.rscs[rsc];
    if state.children.is_empty() {
        for node in state.active.iter().copied().chain(state.pending_node) {
            if !found.contains(&node) {
                found.push(node);
            }
        }
    }
    for &child in &state.children {
        current_or_pending(plan, child, found);
    }
}

/// Returns the instance of an anonymous clone that the history on `node` belongs to.
///
/// # Source
/// `find_anonymous_clone()`.
fn anonymous_instance(plan: &mut Plan, node: NodeIdx, clone: RscIdx, id: &str) -> Option<RscIdx> {
    let mut found = None;
    let mut inactive = None;
    let mut skip_inactive = false;
    for &instance in &plan.rscs[clone].children {
        let mut locations = Vec::new();
        current_or_pending(plan, instance, &mut locations);
        if let Some(&first) = locations.first() {
            if first == node
                && let Some(rsc) = find_in_instance(plan, instance, id)
            {
                if plan.rscs[rsc].active.is_empty() {
                    found = Some(rsc);
                    break;
                }
                skip_inactive = true;
            }
        } else if !skip_inactive
            && inactive.is_none()
            && !plan.rscs[instance].has(RscFlags::BLOCKED)
        {
            inactive = find_in_instance(plan, instance, id)
                .filter(|rsc| plan.rscs[*rsc].pending_node.is_none_or(|pending| pending == node));
        }
    }
    if found.is_none() && !skip_inactive {
        found = inactive;
    }
    // An instance number is not spent on a node whose instance will never come back.
    let dead = !plan.nodes[node].online || plan.nodes[node].unclean;
    if let Some(rsc) = found
        && !plan.rscs[rsc].has(RscFlags::NEEDS_FENCING)
        && dead
        && !plan.facts.is_guest(node)
        && !is_universal(plan, clone)
    {
        found = None;
    }
    found.or_else(|| {
        let instance = clones::removed_instance(plan, clone)?;
        find_in_instance(plan, instance, id)
    })
}

/// Returns true where a clone has an instance for every node.
fn is_universal(plan: &Plan, clone: RscIdx) -> bool {
    let max = plan.facts.rscs[clone].clone_facts().map_or(0, |c| c.clone_max);
    usize::try_from(max).is_ok_and(|max| max == plan.facts.nodes.len())
}

/// Makes a resource of a history that belongs to none.
///
/// # Source
/// `create_fake_resource()`, `process_removed_resource()`.
fn removed(plan: &mut Plan, at: usize) -> RscIdx {
    let history = &plan.facts.history[at];
    let id = history.id.clone();
    let mut meta = AttrMap::new();
    meta.set("id", &id);
    let agent = [("class", Some(&history.class)), ("type", Some(&history.agent))];
    for (name, value) in agent.into_iter().chain([("provider", history.provider.as_ref())]) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            meta.set(name, value);
        }
    }
    for (name, value) in &history.attrs {
        meta.set_default(name, value);
    }
    let number = meta.get("clone").map(Box::from);
    let facts = RscFacts {
        id: id.clone(),
        xml_id: id.clone(),
        xml: None,
        ops_xml: None,
        op_table: None,
        kind: VariantFacts::Primitive,
        class: history.class.clone(),
        provider: history.provider.clone(),
        agent: history.agent.clone(),
        parent: None,
        clone_number: number,
        meta,
        utilization: AttrMap::new(),
        stickiness: 0,
        ban_after_failures: INFINITY,
        failure_expiration_ms: 0,
        remote_reconnect_ms: 0,
        multiply_active: MultiplyActive::StopStart,
        launcher: None,
        launched: Vec::new(),
    };
    let launched = history.container.is_some();
    let rsc = resources::add(plan, facts);
    let mut meta = std::mem::take(&mut plan.facts.rscs[rsc].meta);
    resources::meta_attributes(plan, rsc, None, &mut meta);
    plan.facts.rscs[rsc].meta = meta;
    resources::settings(plan, rsc, None);
    resources::finish(plan, rsc, None);
    plan.facts.index_rsc(rsc);
    if plan.rscs[rsc].has(RscFlags::IS_REMOTE_CONNECTION) {
        let node = plan
            .facts
            .node_by_name(&id)
            .unwrap_or_else(|| nodes::create(plan, &id, &id, NodeKind::Remote, 0));
        resources::link_remote_node(plan, rsc);
        plan.nodes[node].shutdown = true;
    }
    plan.rscs[rsc].flags |= RscFlags::REMOVED;
    if launched {
        plan.rscs[rsc].flags |= RscFlags::REMOVED_LAUNCHED;
    }
    plan.facts.top.push(rsc);
    if plan.facts.options.has(ClusterFlags::STOP_REMOVED_RESOURCES) {
        location::everywhere(plan, rsc, MINUS_INFINITY, Reason::Removed);
    } else {
        plan.rscs[rsc].flags -= RscFlags::MANAGED;
    }
    rsc
}

/// Makes optional actions of the recurring operations that are active.
fn recurring(plan: &mut Plan, rsc: RscIdx, node: NodeIdx, at: usize) {
    if !plan.nodes[node].online {
        return;
    }
    let (start, stop) = active_window(&plan.facts.history[at]);
    let entries = Arc::clone(&plan.facts.history[at].entries);
    let order = plan.facts.history[at].sorted.clone();
    for (counter, position) in (0_i64..).zip(order) {
        let entry = &entries[position];
        let is_old = (start < stop && counter <= stop) || counter < start;
        if is_old || entry.interval_ms == 0 || entry.status == ExecStatus::Pending {
            continue;
        }
        let task = plan.actions.task_names.task(&entry.task);
        let key = ActionKey::recurring(task, entry.interval_ms);
        plan.ensure_action(rsc, key, task, Some(node), Need::Optional);
    }
}
