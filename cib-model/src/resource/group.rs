//! Groups.

use crate::names;
use crate::resource::Primitive;
use crate::view::view;

view! {
    /// Primitives that run on one node and start in order: `<group>`.
    Group(names::GROUP) {
        /// Returns the description.
        description = names::DESCRIPTION;
    }
}

impl<'a> Group<'a> {
    /// Returns the members in start order.
    pub fn members(self) -> impl DoubleEndedIterator<Item = Primitive<'a>> {
        self.0.children().filter_map(Primitive::cast)
    }
}
