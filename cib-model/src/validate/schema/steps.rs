//! Steps through patterns that have been taken before: a document repeats itself, and what is left
//! of a pattern is the same each time.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use rustc_hash::FxBuildHasher;

use super::pattern::{self, P, Pattern};
use super::value::Value;

/// Types that an attribute may have in one place; more are not told apart here.
const KINDS_MAX: usize = 64;

/// Every step taken so far, by the pattern it began at.
#[derive(Default)]
pub(super) struct Steps {
    /// By the address of the pattern, which its state keeps alive.
    states: HashMap<usize, State, FxBuildHasher>,
    /// Every pattern that was left by a step, once: what is left after the tenth child of many is
    /// what was left after the first.
    left: HashSet<P>,
}

/// What is known of one pattern. Names are those of the schema alone, which are few in one place:
/// the first that is equal is found faster than a hash is made.
struct State {
    pattern: P,
    attrs: Vec<(Box<str>, Attr)>,
    children: Vec<(Box<str>, usize, P)>,
    closed: Option<P>,
}

struct Attr {
    kinds: Rc<[Value]>,
    /// What is left, by which of the types accept the value: the pattern sees no more of it.
    left: Vec<(u64, P)>,
}

impl Steps {
    fn state(&mut self, pattern: &P) -> &mut State {
        self.states.entry(Rc::as_ptr(pattern).addr()).or_insert_with(|| State::new(pattern))
    }

    /// Returns the one pattern that stands for all that are equal to this one.
    fn only(&mut self, pattern: P) -> P {
        if let Some(known) = self.left.get(&pattern) {
            return Rc::clone(known);
        }
        self.left.insert(Rc::clone(&pattern));
        pattern
    }

    /// Returns the types that an attribute may have.
    pub(super) fn kinds(&mut self, pattern: &P, name: &str) -> Rc<[Value]> {
        let attr = self.state(pattern).attr(name);
        attr.map_or_else(|| Rc::from([]), |attr| Rc::clone(&attr.kinds))
    }

    /// Returns what is left of a pattern after an attribute.
    pub(super) fn after_attr(&mut self, pattern: &P, name: &str, value: &str) -> P {
        let Some(attr) =
            self.state(pattern).attr(name).filter(|attr| attr.kinds.len() <= KINDS_MAX)
        else {
            return pattern::after_attr(pattern, name, value);
        };
        let accepting = attr
            .kinds
            .iter()
            .rev()
            .fold(0, |bits: u64, kind| bits << 1 | u64::from(kind.accepts(value)));
        if let Some((_, left)) = attr.left.iter().find(|(seen, _)| *seen == accepting) {
            return Rc::clone(left);
        }
        let left = self.only(pattern::after_attr(pattern, name, value));
        if let Some(attr) = self.state(pattern).attr(name) {
            attr.left.push((accepting, Rc::clone(&left)));
        }
        left
    }

    /// Returns the number of what stands in a child element of this name, and what is left of the
    /// pattern after it; `None` where the pattern has no such child here.
    pub(super) fn after_child(&mut self, pattern: &P, name: &str) -> Option<(usize, P)> {
        let known = self.state(pattern).children.iter().find(|(child, ..)| **child == *name);
        if let Some((_, body, left)) = known {
            return Some((*body, Rc::clone(left)));
        }
        let body = pattern::body_of(pattern, name)?;
        let left = self.only(pattern::after_child(pattern, name, body));
        if *left == Pattern::Never {
            return None;
        }
        self.state(pattern).children.push((name.into(), body, Rc::clone(&left)));
        Some((body, left))
    }

    /// Returns what is left of a pattern when no attribute follows.
    pub(super) fn closed(&mut self, pattern: &P) -> P {
        if let Some(closed) = &self.state(pattern).closed {
            return Rc::clone(closed);
        }
        let closed = self.only(pattern::without_attrs(pattern, false));
        self.state(pattern).closed = Some(Rc::clone(&closed));
        closed
    }
}

impl State {
    fn new(pattern: &P) -> Self {
        State { pattern: Rc::clone(pattern), attrs: Vec::new(), children: Vec::new(), closed: None }
    }

    /// Returns what is known of an attribute that the pattern has.
    fn attr(&mut self, name: &str) -> Option<&mut Attr> {
        let known = self.attrs.iter().position(|(attr, _)| **attr == *name);
        let at = known.unwrap_or(self.attrs.len());
        if known.is_none() {
            let kinds = pattern::kinds_of(&self.pattern, name);
            if kinds.is_empty() {
                return None;
            }
            self.attrs.push((name.into(), Attr { kinds: kinds.into(), left: Vec::new() }));
        }
        self.attrs.get_mut(at).map(|(_, attr)| attr)
    }
}

#[cfg(test)]
mod tests {
    use super::{Steps, pattern};
    use crate::validate::schema::SchemaVersion;
    use crate::validate::schema::compile::Grammar;

    #[test]
    fn a_thousand_children_of_one_kind_leave_no_more_patterns_than_two() {
        let grammar = Grammar::of(SchemaVersion::ALL[0]);
        let body = grammar.bodies_of("instance_attributes").next().unwrap();
        let mut steps = Steps::default();
        let mut left = pattern::without_attrs(&body, true);
        for _ in 0..2 {
            left = steps.after_child(&left, "nvpair").unwrap().1;
        }
        let after_two = steps.left.len();
        for _ in 0..1_000 {
            left = steps.after_child(&left, "nvpair").unwrap().1;
        }
        assert_eq!(steps.left.len(), after_two);
    }
}
