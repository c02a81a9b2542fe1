//! Ticket constraints.

use crate::names;
use crate::view::view;

view! {
    /// What runs only while a ticket is granted: `<rsc_ticket>`.
    TicketConstraint(names::RSC_TICKET) {
        /// Returns the ticket's name.
        ticket = names::TICKET;
        /// Returns the resource's id.
        rsc = names::RSC;
        /// Returns the role that needs the ticket, as written.
        rsc_role = names::RSC_ROLE;
        /// Returns what happens when the ticket is lost (`stop demote fence freeze`).
        loss_policy = names::LOSS_POLICY;
    }
}
