//! Names of elements and attributes as the tree stores them: a number, which for a name that is not
//! known in advance is its place in a table of the tree's own.

use std::collections::HashMap;
use std::sync::Arc;

use crate::names;

/// Name of an element or attribute. In one tree, equal names are equal values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Name {
    /// Position in the table of [`names`].
    Known(u16),
    /// Position in the tree's [`Names`].
    Other(u32),
}

/// The names of one tree that are not known in advance, each stored once.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    texts: Vec<Arc<str>>,
    positions: HashMap<Arc<str>, u32>,
}

impl Names {
    /// Returns the name of a text, which is stored where it is new.
    pub(super) fn make(&mut self, text: &str) -> Name {
        if let Some(position) = names::position(text) {
            return Name::Known(position);
        }
        if let Some(position) = self.positions.get(text) {
            return Name::Other(*position);
        }
        let position = u32::try_from(self.texts.len()).expect("a CIB has under 2^32 names");
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.positions.insert(text, position);
        Name::Other(position)
    }

    /// Returns the name of a text; `None` where no element and no attribute is called so.
    pub(super) fn find(&self, text: &str) -> Option<Name> {
        if let Some(position) = names::position(text) {
            return Some(Name::Known(position));
        }
        self.positions.get(text).copied().map(Name::Other)
    }

    /// Returns the names that are equal to those of another tree, in their order.
    pub(super) fn make_all(&mut self, names: &Names) -> Vec<Name> {
        names.texts.iter().map(|text| self.make(text)).collect()
    }

    /// Returns the text of a name.
    pub(super) fn text(&self, name: Name) -> &str {
        match name {
            Name::Known(position) => names::at(position),
            Name::Other(position) => self.texts.get(position as usize).map_or("", AsRef::as_ref),
        }
    }
}
