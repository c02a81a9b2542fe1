//! Tickets, and constraints that keep resources off nodes.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c`, `ticket_list`, `ban_list`.

use std::fmt::Write as _;

use cib_model::Cib;
use cib_model::xml::ElementRef;

use super::model::is_true;

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
pub(super) fn bans(cib: &Cib) -> String {
    let mut text = String::new();
    for ban in cib.constraints().into_iter().flat_map(ElementRef::children) {
        let is_ban = ban.name() == "rsc_location"
            && ban.attr("score").is_some_and(|s| s.eq_ignore_ascii_case("-INFINITY"));
        if let (true, Some(id), Some(rsc), Some(node)) =
            (is_ban, ban.id(), ban.attr("rsc"), ban.attr("node"))
        {
            let _infallible = writeln!(text, "  * {id}\tprevents {rsc} from running on {node}");
        }
    }
    if text.is_empty() { text } else { format!("Negative Location Constraints:\n{text}") }
}
