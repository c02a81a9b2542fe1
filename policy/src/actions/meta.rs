//! Meta-attributes and parameters of actions: small tables, mostly shared.
//!
//! **Shape:** an action's meta-attributes come from its `<op>` and the defaults, the same for every
//! node and instance; that part is shared, and what an action adds is its own.

use std::borrow::Cow;
use std::sync::Arc;

use crate::facts::AttrMap;

/// A table that several owners share.
pub type Params = Arc<AttrMap>;

/// Meta-attributes of one action: a shared part, and its own values over it.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    shared: Arc<AttrMap>,
    own: Vec<(Cow<'static, str>, Box<str>)>,
}

impl Meta {
    /// Makes meta-attributes that begin as `shared`.
    pub fn new(shared: Arc<AttrMap>) -> Self {
        Self { shared, own: Vec::new() }
    }

    /// Returns the value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        let own = self.own.iter().find(|(n, _)| *n == name).map(|(_, v)| &**v);
        own.or_else(|| self.shared.get(name))
    }

    /// Sets `name`, replacing a value it has.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Box<str>>) {
        let name = name.into();
        let value = value.into();
        match self.own.iter_mut().find(|(n, _)| *n == name) {
            Some((_, slot)) => *slot = value,
            None => self.own.push((name, value)),
        }
    }

    /// Returns names and values, each name once, in no useful order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.own.iter().map(|(n, v)| (&**n, &**v));
        let covered = |name: &str| self.own.iter().any(|(n, _)| *n == name);
        let shared = self.shared.iter();
        own.chain(shared.filter(move |(n, _)| !covered(n)))
    }
}
