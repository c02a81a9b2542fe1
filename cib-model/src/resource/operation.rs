//! Operations of a resource: `<op>`.

use crate::cib::Cib;
use crate::interval;
use crate::names;
use crate::view::view;
use crate::xml::ElementRef;

view! {
    /// One configured operation.
    Operation(names::OP) {
        /// Returns the operation's name (`monitor`, `start`…).
        name = names::NAME;
        /// Returns the interval as written.
        interval = names::INTERVAL;
        /// Returns the timeout as written.
        timeout = names::TIMEOUT;
        /// Returns the role as written.
        role = names::ROLE;
        /// Returns what happens on failure, as written.
        on_fail = names::ON_FAIL;
        /// Returns the delay of the first run, as written.
        start_delay = names::START_DELAY;
        /// Returns the time the interval counts from, as written.
        interval_origin = names::INTERVAL_ORIGIN;
        /// Returns whether the operation is run, as written.
        enabled = names::ENABLED;
    }
}

impl Operation<'_> {
    /// Returns the interval in ms; 0 where missing or unreadable.
    pub fn interval_ms(self) -> u32 {
        interval::interval_ms(self.interval())
    }

    /// Returns false where `enabled` says so.
    pub fn is_enabled(self) -> bool {
        self.enabled().and_then(crate::boolean::parse).unwrap_or(true)
    }
}

/// Returns the operations of a primitive or template, references resolved, in document order.
pub(crate) fn of<'a>(cib: &'a Cib, owner: ElementRef<'a>) -> impl Iterator<Item = Operation<'a>> {
    owner
        .children_named(names::OPERATIONS)
        .filter_map(move |list| cib.resolve(list))
        .flat_map(|list| list.children_named(names::OP))
        .filter_map(move |op| cib.resolve(op).and_then(Operation::cast))
}
