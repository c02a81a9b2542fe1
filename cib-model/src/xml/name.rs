//! Names of elements and attributes as the tree stores them: a number where the name is known in
//! advance, else their text.

use std::borrow::Cow;

use crate::names;

/// Name of an element or attribute. A known name is always stored as its number, so equal names
/// are equal values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Name {
    /// Position in the table of [`names`].
    Known(u16),
    /// Any other name.
    Other(Box<str>),
}

impl Name {
    /// Makes the name of a text.
    pub(super) fn new(text: &str) -> Self {
        names::position(text).map_or_else(|| Name::Other(text.into()), Name::Known)
    }

    /// Returns the text.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Name::Known(position) => names::at(*position),
            Name::Other(text) => text,
        }
    }
}

impl From<Cow<'static, str>> for Name {
    fn from(text: Cow<'static, str>) -> Self {
        match names::position(&text) {
            Some(position) => Name::Known(position),
            None => Name::Other(text.into()),
        }
    }
}
