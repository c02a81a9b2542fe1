//! Tickets, and constraints that keep resources off nodes.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c`, `ticket_list`, `ban_list`.

use std::fmt::Write as _;

use cib_model::Cib;
use cib_model::xml::ElementRef;

use policy::index::NodeIdx;
use policy::{ClusterStatus, Plan};

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

/// A constraint that keeps a resource off a node.
pub(super) struct Ban<'a> {
    pub(super) id: &'a str,
    pub(super) rsc: &'a str,
    pub(super) node: NodeIdx,
    /// Only its promotion is forbidden.
    pub(super) promoted_only: bool,
}

impl<'a> Ban<'a> {
    /// Returns those of resources that are to be shown.
    pub(super) fn all(cib: &'a Cib, plan: &Plan, filter: &Filter) -> Vec<Ban<'a>> {
        let constraints = cib.constraints().into_iter().flat_map(ElementRef::children);
        let read = |ban: ElementRef<'a>| {
            let score = ban.attr("score")?;
            let (id, rsc) = (ban.id()?, ban.attr("rsc")?);
            let node = plan.facts.node_by_name(ban.attr("node")?)?;
            let known = filter.rsc(plan, plan.facts.rsc_by_history_id(rsc)?, true);
            let role = ban.attr("role").unwrap_or_default();
            let promoted_only = ["promoted", "master"].contains(&&*role.to_ascii_lowercase());
            let is_ban = ban.name() == "rsc_location" && score.eq_ignore_ascii_case("-INFINITY");
            (is_ban && known).then_some(Ban { id, rsc, node, promoted_only })
        };
        constraints.filter_map(read).collect()
    }
}

/// The section of constraints with minus infinity; empty where there is none.
pub(super) fn bans(cib: &Cib, status: &ClusterStatus, shown: &Shown, filter: &Filter) -> String {
    let mut text = String::new();
    for ban in Ban::all(cib, &status.plan, filter) {
        let node = display_name(status, ban.node, shown.detail);
        let how = if ban.promoted_only { "becoming promoted" } else { "running" };
        let (id, rsc) = (ban.id, ban.rsc);
        let _infallible = writeln!(text, "  * {id}\tprevents {rsc} from {how} on {node}");
    }
    if text.is_empty() { text } else { format!("Negative Location Constraints:\n{text}") }
}
