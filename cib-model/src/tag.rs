//! Tags: names for lists of objects.

use crate::cib::Cib;
use crate::names;
use crate::view::view;
use crate::xml::ElementRef;

view! {
    /// One tag.
    Tag(names::TAG) {}
}

impl<'a> Tag<'a> {
    /// Returns the ids of the tagged objects in document order.
    pub fn object_ids(self) -> impl DoubleEndedIterator<Item = &'a str> {
        self.0.children_named(names::OBJ_REF).filter_map(ElementRef::id)
    }
}

impl Cib {
    /// Returns the tags in document order.
    pub fn all_tags(&self) -> impl DoubleEndedIterator<Item = Tag<'_>> {
        self.tags().into_iter().flat_map(|s| s.children().filter_map(Tag::cast))
    }
}
