//! Ticket constraints, applied as they are read.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_tickets.c`.

use cib_model::xml::ElementRef;

use super::unpack::{End, Unpack, Unusable};
use super::{LossPolicy, RscTicket};
use crate::facts::{AttrMap, ClusterFlags, Role, RscFlags, TicketFacts};
use crate::index::RscIdx;
use crate::plan::Plan;
use crate::scores::MINUS_INFINITY;
use crate::trace::Reason;
use crate::unpack::location;

impl Unpack<'_> {
    /// Reads `rsc_ticket`.
    pub(super) fn ticket(&mut self, constraint: ElementRef<'_>, id: &str) {
        let Some(name) = constraint.attr("ticket") else {
            self.plan.diagnostics.error(format!("Ignoring constraint '{id}' without ticket"));
            return;
        };
        let ticket = self.plan.ensure_ticket(name);
        let ends = [End { attr: "rsc", qualifier: "rsc-role" }];
        let Ok(sets) = self.sets(constraint, &ends, false) else { return };
        let policy = constraint.attr("loss-policy");
        if sets.is_empty() {
            self.simple_ticket(constraint, id, ticket, policy);
            return;
        }
        for set in &sets {
            let role = set.qualifier("role");
            for reference in &set.refs {
                let Ok(rsc) = self.expect_resource(&set.id, reference) else { return };
                // What is wrong has been said, and the other members still count.
                let _ = self.depend(&set.id, rsc, ticket, role, policy);
            }
        }
    }

    fn simple_ticket(
        &mut self,
        constraint: ElementRef<'_>,
        id: &str,
        ticket: usize,
        policy: Option<&str>,
    ) {
        let Some(name) = constraint.attr("rsc") else {
            self.plan.diagnostics.error(format!("Ignoring constraint '{id}' without resource"));
            return;
        };
        let Some(rsc) = self.resource(name) else {
            self.plan.diagnostics.error(format!(
                "Ignoring constraint '{id}' because resource '{name}' does not exist"
            ));
            return;
        };
        // What is wrong has been said.
        let _ = self.depend(id, rsc, ticket, constraint.attr("rsc-role"), policy);
    }

    /// # Source
    /// `rsc_ticket_new()`
    fn depend(
        &mut self,
        id: &str,
        rsc: RscIdx,
        ticket: usize,
        role: Option<&str>,
        policy: Option<&str>,
    ) -> Result<(), Unusable> {
        let role = self.role(id, role)?;
        let loss_policy = self.loss_policy(ticket, role, policy);
        let rsc_ticket = RscTicket { id: id.into(), ticket, role, loss_policy };
        self.plan.constraints.tickets_of[rsc].push(rsc_ticket.clone());
        self.plan.apply_ticket(rsc, &rsc_ticket);
        Ok(())
    }

    fn loss_policy(&mut self, ticket: usize, role: Role, text: Option<&str>) -> LossPolicy {
        let word = text.unwrap_or_default().to_ascii_lowercase();
        match word.as_str() {
            "fence" if self.plan.cluster_has(ClusterFlags::FENCING_ENABLED) => LossPolicy::Fence,
            "fence" => {
                let name = self.plan.facts.tickets[ticket].id.clone();
                self.plan.diagnostics.error(format!(
                    "Resetting 'loss-policy' for ticket '{name}' to 'stop' because fencing is not \
                     configured"
                ));
                LossPolicy::Stop
            }
            "freeze" => LossPolicy::Freeze,
            "demote" => LossPolicy::Demote,
            "stop" => LossPolicy::Stop,
            _ if role == Role::Promoted => LossPolicy::Demote,
            _ => LossPolicy::Stop,
        }
    }
}

impl Plan {
    fn ensure_ticket(&mut self, id: &str) -> usize {
        if let Some(at) = self.facts.tickets.iter().position(|t| *t.id == *id) {
            return at;
        }
        self.facts.tickets.push(TicketFacts {
            id: id.into(),
            granted: false,
            standby: false,
            last_granted: -1,
            state: AttrMap::new(),
        });
        self.facts.tickets.len() - 1
    }

    /// Does to a resource, or to all below it, what its ticket's state demands.
    ///
    /// # Source
    /// `constraints_for_ticket()`
    fn apply_ticket(&mut self, rsc: RscIdx, rsc_ticket: &RscTicket) {
        let ticket = &self.facts.tickets[rsc_ticket.ticket];
        let (granted, standby) = (ticket.granted, ticket.standby);
        if granted && !standby {
            return;
        }
        if !self.rscs[rsc].children.is_empty() {
            for child in self.rscs[rsc].children.clone() {
                self.apply_ticket(child, rsc_ticket);
            }
            return;
        }
        if granted || self.rscs[rsc].active.is_empty() {
            if rsc_ticket.role != Role::Promoted || rsc_ticket.loss_policy == LossPolicy::Stop {
                self.ban_everywhere(rsc, rsc_ticket.ticket);
            }
        } else {
            self.lose_ticket(rsc, rsc_ticket);
        }
    }

    fn lose_ticket(&mut self, rsc: RscIdx, rsc_ticket: &RscTicket) {
        let role = rsc_ticket.role;
        let concerned = role == Role::Unknown || role == self.rscs[rsc].orig_role;
        match rsc_ticket.loss_policy {
            LossPolicy::Stop => self.ban_everywhere(rsc, rsc_ticket.ticket),
            // A promoted role is taken away when promotion is decided.
            LossPolicy::Demote if role != Role::Promoted => {
                self.ban_everywhere(rsc, rsc_ticket.ticket);
            }
            LossPolicy::Fence if concerned => {
                self.ban_everywhere(rsc, rsc_ticket.ticket);
                for node in self.rscs[rsc].active.clone() {
                    self.fence_node(node, "deadman ticket was lost", false);
                }
            }
            LossPolicy::Freeze if concerned => {
                let flags = &mut self.rscs[rsc].flags;
                flags.remove(RscFlags::MANAGED);
                flags.insert(RscFlags::BLOCKED);
            }
            LossPolicy::Demote | LossPolicy::Fence | LossPolicy::Freeze => {}
        }
    }

    fn ban_everywhere(&mut self, rsc: RscIdx, ticket: usize) {
        location::everywhere(self, rsc, MINUS_INFINITY, Reason::Ticket(ticket));
    }

    /// Bans a resource everywhere where it may not be promoted for want of a ticket; for the
    /// time in which promotion is decided.
    ///
    /// # Source
    /// `pcmk__require_promotion_tickets()`
    pub(crate) fn require_promotion_tickets(&mut self, rsc: RscIdx) {
        for at in 0..self.constraints.tickets_of[rsc].len() {
            let rsc_ticket = &self.constraints.tickets_of[rsc][at];
            let ticket = &self.facts.tickets[rsc_ticket.ticket];
            if rsc_ticket.role == Role::Promoted && (!ticket.granted || ticket.standby) {
                let ticket = rsc_ticket.ticket;
                self.ban_everywhere(rsc, ticket);
            }
        }
    }
}
