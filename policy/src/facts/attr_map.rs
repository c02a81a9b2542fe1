//! Name-value tables: meta-attributes, node attributes, parameters.

/// Entries of a table that is searched from end to end.
const SHORT: usize = 16;

/// Names with values, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttrMap {
    entries: Vec<(Box<str>, Box<str>)>,
}

impl AttrMap {
    /// Makes an empty table.
    pub fn new() -> Self {
        Self::default()
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(n, _)| (**n).cmp(name))
    }

    /// Returns the value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        // In a short table most names differ in length already: looking at each is cheaper than
        // ordering some.
        let found = if self.entries.len() <= SHORT {
            self.entries.iter().find(|(n, _)| **n == *name)
        } else {
            self.position(name).ok().and_then(|i| self.entries.get(i))
        };
        found.map(|(_, value)| &**value)
    }

    /// Returns true where `name` has a value.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets the value, replacing an older one.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.position(name) {
            Ok(i) => self.entries[i].1 = value.into(),
            Err(i) => self.entries.insert(i, (name.into(), value.into())),
        }
    }

    /// Sets the value unless there is one already.
    pub fn set_default(&mut self, name: &str, value: &str) {
        if let Err(i) = self.position(name) {
            self.entries.insert(i, (name.into(), value.into()));
        }
    }

    /// Removes `name` and returns its value.
    pub fn remove(&mut self, name: &str) -> Option<Box<str>> {
        self.position(name).ok().map(|i| self.entries.remove(i).1)
    }

    /// Returns names and values in name order (byte order).
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.entries.iter().map(|(n, v)| (&**n, &**v))
    }

    /// Returns the names that begin with `prefix`, with their values, in name order.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let from = self.entries.partition_point(|(n, _)| **n < *prefix);
        self.entries
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(move |(n, _)| n.starts_with(prefix))
            .map(|(n, v)| (&**n, &**v))
    }

    /// Gives back room that no name took.
    pub(crate) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
    }

    /// Returns the number of names.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns true where the table is empty.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
