//! Alerts: programs called at events.

use crate::cib::Cib;
use crate::names;
use crate::view::view;
use crate::xml::ElementRef;

view! {
    /// One alert.
    Alert(names::ALERT) {
        /// Returns the program's path.
        path = names::PATH;
        /// Returns the description.
        description = names::DESCRIPTION;
    }
}

view! {
    /// One recipient of an alert.
    Recipient(names::RECIPIENT) {
        /// Returns the recipient as handed to the program.
        value = names::VALUE;
        /// Returns the description.
        description = names::DESCRIPTION;
    }
}

impl<'a> Alert<'a> {
    /// Returns the recipients in document order.
    pub fn recipients(self) -> impl Iterator<Item = Recipient<'a>> {
        self.0.children().filter_map(Recipient::cast)
    }

    /// Returns the element that says which events count; all but attribute changes where missing.
    pub fn select(self) -> Option<ElementRef<'a>> {
        self.0.child(names::SELECT)
    }
}

impl Cib {
    /// Returns the alerts in document order.
    pub fn all_alerts(&self) -> impl Iterator<Item = Alert<'_>> {
        self.alerts().into_iter().flat_map(|s| s.children().filter_map(Alert::cast))
    }
}
