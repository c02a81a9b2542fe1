//! Resource sets of constraints.

use crate::boolean;
use crate::names;
use crate::view::view;
use crate::xml::ElementRef;

view! {
    /// Several resources at one place of a constraint: `<resource_set>`.
    ResourceSet(names::RESOURCE_SET) {
        /// Returns the id of the set this one stands for.
        id_ref = names::ID_REF;
        /// Returns the role as written.
        role = names::ROLE;
        /// Returns the action as written.
        action = names::ACTION;
        /// Returns the score as written.
        score_text = names::SCORE;
        /// Returns the kind as written.
        kind = names::KIND;
        /// Returns the older way to say `sequential` (`group`).
        ordering = names::ORDERING;
    }
}

impl<'a> ResourceSet<'a> {
    /// Returns the members' ids in document order.
    pub fn resource_ids(self) -> impl DoubleEndedIterator<Item = &'a str> {
        self.0.children_named(names::RESOURCE_REF).filter_map(ElementRef::id)
    }

    /// Returns whether the members depend on each other in order (true where not said).
    pub fn is_sequential(self) -> bool {
        self.flag(names::SEQUENTIAL)
    }

    /// Returns whether all members are needed (true where not said).
    pub fn requires_all(self) -> bool {
        self.flag(names::REQUIRE_ALL)
    }

    fn flag(self, name: &str) -> bool {
        self.0.attr(name).and_then(boolean::parse).unwrap_or(true)
    }
}
