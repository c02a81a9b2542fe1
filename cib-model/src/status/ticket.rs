//! Tickets: permissions of one site of several.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c`, `unpack_ticket_state()`.

use crate::boolean;
use crate::names;
use crate::view::view;
use crate::xml::{Tree, XmlId};

view! {
    /// The state of one ticket: `<ticket_state>`.
    TicketState(names::TICKET_STATE) {
        /// Returns whether the ticket is granted, as written.
        granted_text = names::GRANTED;
        /// Returns when it was granted last (epoch seconds), as written.
        last_granted = names::LAST_GRANTED;
        /// Returns whether it is in standby, as written.
        standby_text = names::STANDBY;
    }
}

impl<'a> TicketState<'a> {
    /// Returns true where the ticket is granted.
    pub fn is_granted(self) -> bool {
        self.granted_text().and_then(boolean::parse).unwrap_or(false)
    }

    /// Returns true where the ticket is in standby.
    pub fn is_standby(self) -> bool {
        self.standby_text().and_then(boolean::parse).unwrap_or(false)
    }

    /// Returns all other attributes in document order.
    pub fn extra(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.attrs().filter(|(name, _)| {
            !matches!(*name, names::ID | names::GRANTED | names::LAST_GRANTED | names::STANDBY)
        })
    }
}

/// Returns the id of the ticket's state below `<tickets>` (which is `tickets`), making it where
/// missing.
pub fn ensure(tree: &mut Tree, tickets: XmlId, id: &str) -> XmlId {
    let found = tree.element(tickets).and_then(|section| {
        section.children_named(names::TICKET_STATE).find(|t| t.id() == Some(id))
    });
    if let Some(found) = found {
        return found.xml_id();
    }
    let made = tree.append(tickets, names::TICKET_STATE);
    tree.set_attr(made, names::ID, id);
    made
}
