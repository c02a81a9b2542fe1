//! Steps through patterns that have been taken before: a document repeats itself, and what is left
//! of a pattern is the same each time.

use std::collections::HashMap;
use std::rc::Rc;

use super::pattern::{self, P, Pattern};
use super::value::Value;

/// Types that an attribute may have in one place; more are not told apart here.
const KINDS_MAX: usize = 64;

/// Every step taken so far, by the pattern it began at.
#[derive(Default)]
pub(super) struct Steps {
    /// By the address of the pattern, which its state keeps alive.
    states: HashMap<usize, State>,
}

struct State {
    pattern: P,
    attrs: HashMap<Box<str>, Attr>,
    children: HashMap<Box<str>, Option<(usize, P)>>,
    closed: Option<P>,
}

struct Attr {
    kinds: Rc<[Value]>,
    /// What is left, by which of the types accept the value: the pattern sees no more of it.
    left: Vec<(u64, P)>,
}

impl Steps {
    fn state(&mut self, pattern: &P) -> &mut State {
        self.states.entry(Rc::as_ptr(pattern).addr()).or_insert_with(|| State {
            pattern: Rc::clone(pattern),
            attrs: HashMap::new(),
            children: HashMap::new(),
            closed: None,
        })
    }

    /// Returns the types that an attribute may have.
    pub(super) fn kinds(&mut self, pattern: &P, name: &str) -> Rc<[Value]> {
        Rc::clone(&self.state(pattern).attr(name).kinds)
    }

    /// Returns what is left of a pattern after an attribute.
    pub(super) fn after_attr(&mut self, pattern: &P, name: &str, value: &str) -> P {
        let attr = self.state(pattern).attr(name);
        if attr.kinds.len() > KINDS_MAX {
            return pattern::after_attr(pattern, name, value);
        }
        let accepting = attr
            .kinds
            .iter()
            .rev()
            .fold(0, |bits: u64, kind| bits << 1 | u64::from(kind.accepts(value)));
        if let Some((_, left)) = attr.left.iter().find(|(seen, _)| *seen == accepting) {
            return Rc::clone(left);
        }
        let left = pattern::after_attr(pattern, name, value);
        attr.left.push((accepting, Rc::clone(&left)));
        left
    }

    /// Returns the number of what stands in a child element of this name, and what is left of the
    /// pattern after it; `None` where the pattern has no such child here.
    pub(super) fn after_child(&mut self, pattern: &P, name: &str) -> Option<(usize, P)> {
        let state = self.state(pattern);
        if let Some(known) = state.children.get(name) {
            return known.clone();
        }
        let step = pattern::body_of(pattern, name).and_then(|body| {
            let left = pattern::after_child(pattern, name, body);
            (*left != Pattern::Never).then_some((body, left))
        });
        state.children.insert(name.into(), step.clone());
        step
    }

    /// Returns what is left of a pattern when no attribute follows.
    pub(super) fn closed(&mut self, pattern: &P) -> P {
        let state = self.state(pattern);
        Rc::clone(state.closed.get_or_insert_with(|| pattern::without_attrs(pattern, false)))
    }
}

impl State {
    fn attr(&mut self, name: &str) -> &mut Attr {
        if !self.attrs.contains_key(name) {
            let kinds = pattern::kinds_of(&self.pattern, name).into();
            self.attrs.insert(name.into(), Attr { kinds, left: Vec::new() });
        }
        self.attrs.get_mut(name).expect("it has just been looked for")
    }
}
