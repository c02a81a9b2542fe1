//! Patterns of attributes and child elements, and what is left of one when a part has been seen.
//!
//! A pattern is a regular expression with interleaving. Taking away an attribute or a child gives
//! the pattern of what must follow (its derivative); [`Pattern::Never`] is left where it did not
//! fit. This is the method of James Clark, "An algorithm for RELAX NG validation".

use std::rc::Rc;

use super::value::Value;

/// A shared pattern.
pub(super) type P = Rc<Pattern>;

/// What may stand in an element.
#[derive(PartialEq, Eq, Hash, Debug)]
pub(super) enum Pattern {
    /// Nothing more is needed.
    Empty,
    /// Nothing fits.
    Never,
    /// Everything fits.
    Any,
    /// One attribute.
    Attr(&'static str, Value),
    /// One child element; the number of its content.
    Elem(&'static str, usize),
    /// One of these.
    Choice(Vec<P>),
    /// All of these, children in this order.
    Seq(Vec<P>),
    /// All of these, in any order.
    Mixed(Vec<P>),
    /// Any number of these.
    Many(P),
}

/// Which of the two ways to hold all parts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Fixed,
    Free,
}

pub(super) fn empty() -> P {
    Rc::new(Pattern::Empty)
}

pub(super) fn never() -> P {
    Rc::new(Pattern::Never)
}

pub(super) fn choice(parts: impl IntoIterator<Item = P>) -> P {
    let mut kept: Vec<P> = Vec::new();
    for part in parts {
        match &*part {
            Pattern::Never => {}
            Pattern::Choice(inner) => {
                for one in inner.clone() {
                    push_new(&mut kept, one);
                }
            }
            _ => push_new(&mut kept, part),
        }
    }
    match kept.len() {
        0 => never(),
        1 => kept.swap_remove(0),
        _ => Rc::new(Pattern::Choice(kept)),
    }
}

fn push_new(kept: &mut Vec<P>, part: P) {
    if !kept.contains(&part) {
        kept.push(part);
    }
}

pub(super) fn all(order: Order, parts: impl IntoIterator<Item = P>) -> P {
    let mut kept: Vec<P> = Vec::new();
    for part in parts {
        match (&*part, order) {
            (Pattern::Never, _) => return part,
            (Pattern::Empty, _) => {}
            (Pattern::Seq(inner), Order::Fixed) | (Pattern::Mixed(inner), Order::Free) => {
                kept.extend(inner.iter().cloned());
            }
            _ => kept.push(part),
        }
    }
    match (kept.len(), order) {
        (0, _) => empty(),
        (1, _) => kept.swap_remove(0),
        (_, Order::Fixed) => Rc::new(Pattern::Seq(kept)),
        (_, Order::Free) => Rc::new(Pattern::Mixed(kept)),
    }
}

pub(super) fn many(part: P) -> P {
    match &*part {
        Pattern::Never | Pattern::Empty => empty(),
        _ => Rc::new(Pattern::Many(part)),
    }
}

impl Pattern {
    /// Returns true where nothing more is needed.
    pub(super) fn is_satisfied(&self) -> bool {
        match self {
            Pattern::Empty | Pattern::Any | Pattern::Many(_) => true,
            Pattern::Never | Pattern::Attr(..) | Pattern::Elem(..) => false,
            Pattern::Choice(parts) => parts.iter().any(|p| p.is_satisfied()),
            Pattern::Seq(parts) | Pattern::Mixed(parts) => parts.iter().all(|p| p.is_satisfied()),
        }
    }

    /// Visits every attribute and element of the pattern.
    pub(super) fn visit(&self, see: &mut dyn FnMut(&Pattern)) {
        match self {
            Pattern::Attr(..) | Pattern::Elem(..) => see(self),
            Pattern::Choice(parts) | Pattern::Seq(parts) | Pattern::Mixed(parts) => {
                for part in parts {
                    part.visit(see);
                }
            }
            Pattern::Many(part) => part.visit(see),
            Pattern::Empty | Pattern::Never | Pattern::Any => {}
        }
    }
}

/// Returns what is left of a pattern after an attribute.
pub(super) fn after_attr(pattern: &P, name: &str, value: &str) -> P {
    after(pattern, name, &|kind| kind.accepts(value))
}

/// Returns what is left of a pattern after an attribute, whatever its value.
pub(super) fn after_any_value(pattern: &P, name: &str) -> P {
    after(pattern, name, &|_| true)
}

fn after(pattern: &P, name: &str, accepts: &dyn Fn(Value) -> bool) -> P {
    match &**pattern {
        Pattern::Attr(own, kind) if *own == name && accepts(*kind) => empty(),
        Pattern::Any => pattern.clone(),
        Pattern::Choice(parts) => choice(parts.iter().map(|p| after(p, name, accepts))),
        Pattern::Seq(parts) => one_of(parts, Order::Fixed, |p| after(p, name, accepts)),
        Pattern::Mixed(parts) => one_of(parts, Order::Free, |p| after(p, name, accepts)),
        _ => never(),
    }
}

/// Takes the step in each part in turn; the other parts stay.
fn one_of(parts: &[P], order: Order, step: impl Fn(&P) -> P) -> P {
    choice(parts.iter().enumerate().filter_map(|(at, part)| {
        let left = step(part);
        let rest = |from, to| parts.iter().skip(from).take(to).cloned();
        (*left != Pattern::Never)
            .then(|| all(order, rest(0, at).chain([left]).chain(rest(at + 1, parts.len()))))
    }))
}

/// Returns what is left of a pattern after a child element.
pub(super) fn after_child(pattern: &P, name: &str, body: usize) -> P {
    match &**pattern {
        Pattern::Elem(own, number) if *own == name && *number == body => empty(),
        Pattern::Any => pattern.clone(),
        Pattern::Choice(parts) => choice(parts.iter().map(|p| after_child(p, name, body))),
        Pattern::Mixed(parts) => one_of(parts, Order::Free, |p| after_child(p, name, body)),
        Pattern::Many(part) => {
            let left = after_child(part, name, body);
            all(Order::Fixed, [left, pattern.clone()])
        }
        Pattern::Seq(parts) => {
            let reachable = parts.iter().take_while(|p| p.is_satisfied()).count() + 1;
            choice(parts.iter().take(reachable).enumerate().map(|(at, part)| {
                let left = after_child(part, name, body);
                all(Order::Fixed, [left].into_iter().chain(parts.iter().skip(at + 1).cloned()))
            }))
        }
        _ => never(),
    }
}

/// Returns a pattern when no attribute follows: what needs one is [`Pattern::Never`], or as if it
/// had been there where `forgive` says so.
pub(super) fn without_attrs(pattern: &P, forgive: bool) -> P {
    let inner = |p: &P| without_attrs(p, forgive);
    match &**pattern {
        Pattern::Attr(..) if forgive => empty(),
        Pattern::Attr(..) => never(),
        Pattern::Choice(parts) => choice(parts.iter().map(inner)),
        Pattern::Seq(parts) => all(Order::Fixed, parts.iter().map(inner)),
        Pattern::Mixed(parts) => all(Order::Free, parts.iter().map(inner)),
        _ => pattern.clone(),
    }
}

/// Names what is still needed: attributes as `name`, elements as `<name>`, alternatives joined by
/// "or".
pub(super) fn needed(pattern: &Pattern) -> Vec<String> {
    if pattern.is_satisfied() {
        return Vec::new();
    }
    match pattern {
        Pattern::Attr(name, _) => vec![(*name).to_owned()],
        Pattern::Elem(name, _) => vec![format!("<{name}>")],
        Pattern::Seq(parts) | Pattern::Mixed(parts) => {
            parts.iter().flat_map(|p| needed(p)).collect()
        }
        Pattern::Choice(parts) => {
            let all: Vec<Vec<String>> = parts.iter().map(|p| needed(p)).collect();
            // What needs more than another way is not worth telling.
            let is_least = |way: &&Vec<String>| {
                !all.iter().any(|o| o.len() < way.len() && o.iter().all(|part| way.contains(part)))
            };
            let mut ways: Vec<String> =
                all.iter().filter(is_least).map(|way| way.join(" and ")).collect();
            ways.dedup();
            vec![ways.join(" or ")]
        }
        _ => Vec::new(),
    }
}

/// Returns the types that an attribute may have.
pub(super) fn kinds_of(pattern: &P, name: &str) -> Vec<Value> {
    let mut kinds = Vec::new();
    pattern.visit(&mut |part| {
        if let Pattern::Attr(own, kind) = part
            && *own == name
            && !kinds.contains(kind)
        {
            kinds.push(*kind);
        }
    });
    kinds
}

/// Returns the number of what stands in a child element of this name.
pub(super) fn body_of(pattern: &P, name: &str) -> Option<usize> {
    let mut found = None;
    pattern.visit(&mut |part| {
        if let Pattern::Elem(own, body) = part
            && *own == name
            && found.is_none()
        {
            found = Some(*body);
        }
    });
    found
}
