//! Reads the grammar's notation and makes the patterns of one schema version.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::SchemaVersion;
use super::pattern::{self, Order, P, Pattern};
use super::value::Value;

/// The grammar of all versions. A definition is `name = pattern` and goes on to the next one.
///
/// `@name:type` is an attribute (any text without type; `"a|b"` lists words, `!"a|b"` what it may
/// not be), `name{…}` an element, a bare name another definition. `,` is all in this order, `&` all
/// in any order, `|` one of these, binding in this order; `?`, `*`, `+` as everywhere. `[1.2..3.4]`
/// before a part: only in these versions.
const TEXT: &str = include_str!("grammar.txt");

/// The patterns of one version.
#[derive(Debug)]
pub(super) struct Grammar {
    /// What may stand in an element, by the number in [`Pattern::Elem`].
    bodies: Vec<P>,
    root: P,
}

thread_local! {
    /// Made once: to read the notation takes longer than to check a small CIB.
    static MADE: RefCell<BTreeMap<SchemaVersion, Rc<Grammar>>> = const { RefCell::new(BTreeMap::new()) };
}

impl Grammar {
    /// Returns the grammar of a version.
    pub(super) fn of(version: SchemaVersion) -> Rc<Grammar> {
        if let Some(made) = MADE.with_borrow(|made| made.get(&version).cloned()) {
            return made;
        }
        let grammar = Rc::new(Self::make(version));
        MADE.with_borrow_mut(|made| made.insert(version, Rc::clone(&grammar)));
        grammar
    }

    fn make(version: SchemaVersion) -> Grammar {
        let source = Source::read(TEXT);
        let root = source.definition("root", version);
        let bodies = source.bodies.iter().map(|body| source.build(body, version)).collect();
        Grammar { bodies, root }
    }

    /// Returns what may stand in an element.
    pub(super) fn body(&self, number: usize) -> P {
        self.bodies.get(number).cloned().unwrap_or_else(pattern::never)
    }

    /// Returns what may stand in the elements of this name, wherever they stand.
    pub(super) fn bodies_of(&self, name: &str) -> impl Iterator<Item = P> {
        let mut numbers = BTreeSet::new();
        for pattern in self.bodies.iter().chain([&self.root]) {
            pattern.visit(&mut |part| {
                if let Pattern::Elem(own, number) = part
                    && *own == name
                {
                    numbers.insert(*number);
                }
            });
        }
        numbers.into_iter().map(|number| self.body(number))
    }

    /// Returns the pattern of the document.
    pub(super) fn root(&self) -> &P {
        &self.root
    }
}

enum Node {
    Any,
    Empty,
    Ref(&'static str),
    Attr(&'static str, Value),
    Elem(&'static str, usize),
    Choice(Vec<Node>),
    All(Order, Vec<Node>),
    Optional(Box<Node>),
    Many(Box<Node>),
    Several(Box<Node>),
    Since(SchemaVersion, SchemaVersion, Box<Node>),
}

#[derive(Default)]
struct Source {
    definitions: BTreeMap<&'static str, Node>,
    bodies: Vec<Node>,
}

impl Source {
    fn read(text: &'static str) -> Source {
        let mut source = Source::default();
        let mut reader = Reader { rest: text, bodies: Vec::new() };
        while let Some(name) = reader.word() {
            reader.take('=');
            let node = reader.choice();
            source.definitions.insert(name, node);
        }
        debug_assert!(reader.rest.trim().is_empty(), "grammar: {:.60}", reader.rest);
        source.bodies = reader.bodies;
        source
    }

    fn definition(&self, name: &str, version: SchemaVersion) -> P {
        let node = self.definitions.get(name);
        debug_assert!(node.is_some(), "the grammar does not define {name}");
        node.map_or_else(pattern::never, |node| self.build(node, version))
    }

    fn build(&self, node: &Node, version: SchemaVersion) -> P {
        match node {
            Node::Any => P::new(Pattern::Any),
            Node::Empty => pattern::empty(),
            Node::Ref(name) => self.definition(name, version),
            Node::Attr(name, value) => P::new(Pattern::Attr(name, *value)),
            Node::Elem(name, body) => P::new(Pattern::Elem(name, *body)),
            Node::Choice(parts) => pattern::choice(parts.iter().map(|n| self.build(n, version))),
            Node::All(order, parts) => {
                pattern::all(*order, parts.iter().map(|n| self.build(n, version)))
            }
            Node::Optional(part) => pattern::choice([self.build(part, version), pattern::empty()]),
            Node::Many(part) => pattern::many(self.build(part, version)),
            Node::Several(part) => {
                let part = self.build(part, version);
                pattern::all(Order::Fixed, [part.clone(), pattern::many(part)])
            }
            Node::Since(first, last, part) => {
                if (*first..=*last).contains(&version) {
                    self.build(part, version)
                } else {
                    pattern::never()
                }
            }
        }
    }
}

struct Reader {
    rest: &'static str,
    bodies: Vec<Node>,
}

impl Reader {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.rest = self.rest.get(wanted.len_utf8()..).unwrap_or_default();
        }
        found
    }

    fn word(&mut self) -> Option<&'static str> {
        self.peek()?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let end = self.rest.find(|c: char| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn quoted(&mut self) -> &'static str {
        self.take('"');
        let (text, rest) = self.rest.split_once('"').unwrap_or_default();
        self.rest = rest;
        text
    }

    /// Returns true where a new definition begins.
    fn is_definition(&self) -> bool {
        let mut ahead = Reader { rest: self.rest, bodies: Vec::new() };
        ahead.word().is_some() && ahead.peek() == Some('=')
    }

    fn choice(&mut self) -> Node {
        let mut parts = vec![self.mixed()];
        while self.take('|') {
            parts.push(self.mixed());
        }
        one(parts, Node::Choice)
    }

    fn mixed(&mut self) -> Node {
        let mut parts = vec![self.sequence()];
        while self.take('&') {
            parts.push(self.sequence());
        }
        one(parts, |parts| Node::All(Order::Free, parts))
    }

    fn sequence(&mut self) -> Node {
        let mut parts = vec![self.repeated()];
        while self.take(',') {
            parts.push(self.repeated());
        }
        one(parts, |parts| Node::All(Order::Fixed, parts))
    }

    fn repeated(&mut self) -> Node {
        if self.take('[') {
            return self.since();
        }
        let node = self.primary();
        if self.take('?') {
            Node::Optional(Box::new(node))
        } else if self.take('*') {
            Node::Many(Box::new(node))
        } else if self.take('+') {
            Node::Several(Box::new(node))
        } else {
            node
        }
    }

    fn since(&mut self) -> Node {
        let (range, rest) = self.rest.split_once(']').unwrap_or_default();
        self.rest = rest;
        let (first, last) = range.split_once("..").unwrap_or_default();
        let first = SchemaVersion::parse(first).unwrap_or(SchemaVersion::FIRST);
        let last = SchemaVersion::parse(last).unwrap_or(SchemaVersion::END);
        Node::Since(first, last, Box::new(self.repeated()))
    }

    fn primary(&mut self) -> Node {
        if self.take('(') {
            let node = self.choice();
            self.take(')');
            return node;
        }
        if self.take('@') {
            let name = self.word().unwrap_or_default();
            let value = if !self.take(':') {
                Value::Text
            } else if self.take('!') {
                Value::NoneOf(self.quoted())
            } else if self.peek() == Some('"') {
                Value::OneOf(self.quoted())
            } else {
                let kind = self.word().unwrap_or_default();
                let value = Value::named(kind);
                debug_assert!(value.is_some(), "the grammar's type {kind} is none");
                value.unwrap_or(Value::Text)
            };
            return Node::Attr(name, value);
        }
        debug_assert!(!self.is_definition(), "grammar: {:.60}", self.rest);
        match self.word() {
            Some("any") => Node::Any,
            Some("empty") | None => Node::Empty,
            Some(name) if self.take('{') => {
                let body = self.choice();
                self.take('}');
                self.bodies.push(body);
                Node::Elem(name, self.bodies.len() - 1)
            }
            Some(name) => Node::Ref(name),
        }
    }
}

fn one(mut parts: Vec<Node>, several: impl FnOnce(Vec<Node>) -> Node) -> Node {
    if parts.len() == 1 { parts.swap_remove(0) } else { several(parts) }
}
