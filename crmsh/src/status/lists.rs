//! Tickets, and constraints that keep resources off nodes.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c`, `ticket_list`, `ban_list`.

use std::fmt::Write as _;

use cib_model::Cib;
use cib_model::xml::ElementRef;

use policy::ClusterStatus;

use super::Shown;
use super::filter::Filter;
use super::model::is_true;
use super::node_list::display_name;

/// The section of tickets; empty where there is none.
pub(super) fn tickets(cib: &Cib) -> String {
    let mut text = String::new();
    let states = cib
        .status()
        .into_iter()
        .flat_map(|s| s.children_named("tickets"))
        .flat_map(|t| t.children_named("ticket_state"));
    for state in states {
        let id = state.id().unwrap_or_default();
        let granted = state.attr("granted").is_some_and(is_true);
        let word = if granted { "granted" } else { "revoked" };
        let standby = if state.attr("standby").is_some_and(is_true) { " [standby]" } else { "" };
        let _infallible = writeln!(text, "  * {id}\t{word}{standby}");
    }
    if text.is_empty() { text } else { format!("Tickets:\n{text}") }
}

/// The section of constraints with minus infinity; empty where there is none.
pub(super) fn bans(cib: &Cib, status: &ClusterStatus, shown: &Shown, filter: &Filter) -> String {
    let mut text = String::new();
    for ban in cib.constraints().into_iter().flat_map(ElementRef::children) {
        let is_ban = ban.name() == "rsc_location"
            && ban.attr("score").is_some_and(|s| s.eq_ignore_ascii_case("-INFINITY"));
        if let (true, Some(id), Some(rsc), Some(node)) =
            (is_ban, ban.id(), ban.attr("rsc"), ban.attr("node"))
        {
            let facts = &status.plan.facts;
            let known = facts.rsc_by_id(rsc).is_some_and(|rsc| filter.rsc(&status.plan, rsc, true));
            let Some(at) = facts.node_by_name(node).filter(|_| known) else { continue };
            let node = display_name(status, at, shown.detail);
            let promoted = ban.attr("role").is_some_and(|role| {
                role.eq_ignore_ascii_case("promoted") || role.eq_ignore_ascii_case("master")
            });
            let how = if promoted { "becoming promoted" } else { "running" };
            let _infallible = writeln!(text, "  * {id}\tprevents {rsc} from {how} on {node}");
        }
    }
    if text.is_empty() { text } else { format!("Negative Location Constraints:\n{text}") }
}
