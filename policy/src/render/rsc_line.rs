//! One line about one primitive.
//!
//! **Source:** pacemaker `lib/pengine/native.c` (`pcmk__native_output_string()`), `utils.c`
//! (`pe__failed_probe_for_rsc()`), `lib/common/results.c` (`crm_exit_str()`).

use std::fmt::Write as _;

use cib_model::Role;

use crate::facts::{HistoryEntry, RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::unpack::history::is_masked_probe;

/// How a primitive is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its node.
    pub node: Option<NodeIdx>,
    /// Whether pending actions are shown.
    pub pending: bool,
    /// Whether nodes are named; below a node they are not.
    pub place: bool,
    /// Whether its description is shown; without a place it always is.
    pub description: bool,
}

/// Returns the words for an agent's exit status.
pub fn exit_text(rc: i32) -> &'static str {
    match rc {
        0 => "OK",
        1 => "Error occurred",
        2 => "Invalid parameter",
        3 => "Unimplemented",
        4 => "Insufficient privileges",
        5 => "Not installed",
        6 => "Not configured",
        7 => "Not running",
        8 => "Promoted",
        9 => "Failed in promoted role",
        124 => "Timeout occurred",
        189 => "Service active but might fail soon (degraded)",
        190 => "Service active but might fail soon",
        191 => "Service promoted but might fail soon",
        193 => "No exit status available",
        _ => "Unknown exit status",
    }
}

/// Returns the resource's failed probe on a node (on any where `None`) that only says that it
/// cannot run there.
pub fn failed_probe(plan: &Plan, rsc: RscIdx, node: Option<NodeIdx>) -> Option<&HistoryEntry> {
    let facts = &plan.facts;
    let top = facts.top_below_bundle(rsc);
    let id = match facts.rscs[top].clone_facts() {
        Some(clone) => &clone.child_id,
        None => &facts.rscs[rsc].id,
    };
    facts.failed.iter().map(|failed| facts.failed_entry(failed)).find(|entry| {
        is_masked_probe(entry)
            && entry
                .on_node
                .as_deref()
                .is_some_and(|on| node.is_none_or(|n| facts.nodes[n].name.eq_ignore_ascii_case(on)))
            && entry.key.rsplitn(3, '_').nth(2) == Some(&**id)
    })
}

/// Returns the word for an action under way that a state is shown by.
pub fn pending_state(plan: &Plan, rsc: RscIdx) -> Option<&'static str> {
    Some(match plan.rscs[rsc].pending_action.as_deref()? {
        "start" => "Starting",
        "stop" => "Stopping",
        "migrate_to" | "migrate_from" => "Migrating",
        "promote" => "Promoting",
        "demote" => "Demoting",
        _ => return None,
    })
}

/// Returns the role as shown: an active instance of a promotable clone is unpromoted.
pub fn displayable_role(plan: &Plan, rsc: RscIdx) -> Role {
    let role = plan.rscs[rsc].orig_role;
    let top = plan.facts.top_below_bundle(rsc);
    if role == Role::Started && plan.rscs[top].has(RscFlags::PROMOTABLE) {
        Role::Unpromoted
    } else {
        role
    }
}

/// Returns the line, without indent and line end.
pub fn primitive_line(plan: &Plan, rsc: RscIdx, shown: &Shown<'_>) -> String {
    let facts = &plan.facts.rscs[rsc];
    let state = &plan.rscs[rsc];
    debug_assert_eq!(facts.variant(), Variant::Primitive, "{}", facts.id);
    let several = state.active.len() > 1;
    let node = if several || !shown.place { None } else { shown.node.or(state.lock_node) };
    let provider = facts.provider.as_deref().filter(|_| facts.class.eq_ignore_ascii_case("ocf"));
    let mut out = format!("{}\t({}", shown.name, facts.class);
    if let Some(provider) = provider {
        let _ = write!(out, ":{provider}");
    }
    let _ = write!(out, ":{}):\t", facts.agent);
    if state.has(RscFlags::REMOVED) {
        out.push_str(" ORPHANED");
    }
    let role = displayable_role(plan, rsc);
    if state.has(RscFlags::FAILED) {
        out.push_str(" FAILED");
        if role > Role::Unpromoted {
            let _ = write!(out, " {}", role.text());
        }
    } else {
        let pending = pending_state(plan, rsc).filter(|_| shown.pending);
        let _ = write!(out, " {}", pending.unwrap_or(role.text()));
    }
    if let Some(node) = node {
        let _ = write!(out, " {}", plan.facts.nodes[node].name);
    }
    if role == Role::Stopped
        && let Some(probe) = failed_probe(plan, rsc, node)
    {
        let _ = write!(out, " ({}) ", exit_text(probe.rc));
    }
    let flags = flags(plan, rsc, node, shown.pending);
    if !flags.is_empty() {
        let _ = write!(out, " ({})", flags.join(", "));
    }
    if several || shown.description || !shown.place {
        let description =
            plan.facts.rsc_xml(rsc).and_then(|xml| xml.attr("description").map(str::to_owned));
        if let Some(description) = description {
            let _ = write!(out, " ({description})");
        }
    }
    if several && shown.place {
        let names: Vec<&str> = state.active.iter().map(|n| &*plan.facts.nodes[*n].name).collect();
        let _ = write!(out, " [ {} ]", names.join(" "));
    }
    out
}

fn flags(plan: &Plan, rsc: RscIdx, node: Option<NodeIdx>, pending: bool) -> Vec<String> {
    let state = &plan.rscs[rsc];
    let mut flags = Vec::new();
    let mut add = |flag: &str| flags.push(flag.to_owned());
    if node.is_some_and(|n| !plan.nodes[n].online && plan.nodes[n].unclean) {
        add("UNCLEAN");
    }
    if node.is_some() && node == state.lock_node {
        add("LOCKED");
    }
    if pending && state.pending_action.as_deref() == Some("monitor") {
        add("Monitoring");
    }
    if let Some(target) = plan.facts.rscs[rsc].meta.get("target-role") {
        let top = plan.facts.top_below_bundle(rsc);
        match Role::parse(target) {
            Some(Role::Stopped) => add("disabled"),
            Some(Role::Unpromoted) if plan.rscs[top].has(RscFlags::PROMOTABLE) => {
                add(&format!("target-role:{target}"));
            }
            _ => {}
        }
    }
    if state.has(RscFlags::BLOCKED) {
        add("blocked");
    } else if state.has(RscFlags::MAINTENANCE) {
        add("maintenance");
    } else if !state.has(RscFlags::MANAGED) {
        add("unmanaged");
    }
    if state.has(RscFlags::IGNORE_FAILURE) {
        add("failure ignored");
    }
    flags
}
