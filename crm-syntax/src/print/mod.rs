//! Syntax tree to text, in the layout of either dialect.
//!
//! An object is a head and further lines. [`Layout`] joins them: broken over lines for people, on
//! one line for reading back. What the two dialects write differently is behind [`Words`].
//!
//! **Source:** crmsh 4.4.1 and 1.2.6 `cliformat.py`, `_repr_cli_head()` (cibconfig.py).

mod classic;
mod constraint;
mod modern;
mod other;
mod resource;
mod rule;

use crate::ast::{AttrSet, Object, Pair, PropertyItem, SetKind};
use crate::style::{Release, Style};

/// How the lines of an object are joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Layout {
    /// Backslash, newline, tab.
    Broken,
    /// A blank.
    Flat,
}

impl Layout {
    fn join(self, lines: &[String]) -> String {
        match self {
            Layout::Broken => lines.join(" \\\n\t"),
            Layout::Flat => lines.join(" "),
        }
    }
}

/// What the dialects write differently.
trait Words {
    /// A value with the quotes it needs.
    fn quoted(&self, value: &str) -> String;
    /// The head of a node or property set: how its id is named.
    fn head_id(&self, id: &str) -> String;
    /// The word for a date range.
    fn in_range(&self) -> &'static str;
    /// The word for a date specification.
    fn date_spec(&self) -> &'static str;

    /// `NAME=VALUE`
    fn assign(&self, name: &str, value: &str) -> String {
        [name, "=", &self.quoted(value)].concat()
    }
}

/// Prints objects in one dialect.
pub(crate) struct Printer<'a> {
    words: &'static dyn Words,
    style: Style,
    release: Release,
    /// Globs: values of matching names are printed as `******`.
    obscure: &'a [String],
}

impl<'a> Printer<'a> {
    /// Makes a printer that hides the values of names that match a glob in `obscure`.
    pub(crate) fn new(style: Style, obscure: &'a [String]) -> Self {
        let words: &'static dyn Words = match style {
            Style::Classic => &classic::Classic,
            Style::Modern => &modern::Modern,
        };
        Printer { words, style, release: Release::default(), obscure }
    }

    /// Takes the layout of a release.
    pub(crate) fn of_release(mut self, release: Release) -> Self {
        self.release = release;
        self
    }

    /// Prints one object, without newline at the end.
    pub(crate) fn object(&self, object: &Object, layout: Layout) -> String {
        layout.join(&self.lines(object, layout))
    }

    fn lines(&self, object: &Object, layout: Layout) -> Vec<String> {
        match object {
            Object::Node(node) => self.node(node),
            Object::Primitive(primitive) => self.primitive(primitive),
            Object::Group(group) => self.group(group),
            Object::Clone(clone) => self.clone_resource(clone),
            Object::Bundle(bundle) => self.bundle(bundle, layout),
            Object::Location(location) => self.location(location),
            Object::Colocation(colocation) => vec![self.colocation(colocation)],
            Object::Order(order) => vec![self.order(order)],
            Object::Ticket(ticket) => vec![self.ticket(ticket)],
            Object::Property(set) => {
                let keyword = object.kind().map_or("property", |kind| kind.keyword());
                let id = set.id.as_deref().unwrap_or(set.kind.default_id());
                let head = format!("{keyword} {}", self.words.head_id(id));
                let items = set.items.iter().map(|item| match item {
                    PropertyItem::Rule(rule) => format!("rule {}", self.rule(rule)),
                    PropertyItem::Pair(pair) => self.pair(pair),
                });
                std::iter::once(head).chain(items).collect()
            }
            Object::FencingTopology(topology) => Self::topology(topology),
            Object::AclRole(role) => self.acl_role(role),
            Object::AclUser(user) => self.acl_user(user),
            Object::AclPrincipal(principal) => self.acl_principal(principal),
            Object::Tag(tag) => vec![format!("tag {} {}", tag.id, tag.refs.join(" "))],
            Object::Alert(alert) => self.alert(alert),
            Object::Monitor(_) => Vec::new(),
            Object::Xml(text) => vec![format!("xml {text}")],
        }
    }

    fn description(&self, description: Option<&String>) -> Option<String> {
        description.map(|text| self.words.assign("description", text))
    }

    /// `NAME=VALUE`, `NAME` or `@ID`
    fn pair(&self, pair: &Pair) -> String {
        match pair {
            Pair::Ref { id_ref, name: Some(name) } => format!("@{id_ref}:{name}"),
            Pair::Ref { id_ref, name: None } => format!("@{id_ref}"),
            Pair::Value { name, value: None, .. } => name.clone(),
            Pair::Value { name, value: Some(_), .. } if self.is_obscured(name) => {
                self.words.assign(name, "******")
            }
            Pair::Value { id, name, value: Some(value) } => {
                let pair = self.words.assign(name, value);
                id.as_ref().map_or_else(|| pair.clone(), |id| format!("${id}:{pair}"))
            }
        }
    }

    /// `NAME=VALUE` that is an attribute of an element: nothing of it is hidden.
    fn attribute(&self, pair: &Pair) -> String {
        match pair {
            Pair::Value { id: None, name, value: Some(value) } => self.words.assign(name, value),
            _ => self.pair(pair),
        }
    }

    fn is_obscured(&self, name: &str) -> bool {
        self.obscure.iter().any(|glob| crate::glob::matches(glob, name))
    }

    /// A set on one line, after the keyword for its kind.
    fn set(&self, keyword: &str, set: &AttrSet) -> String {
        let mut parts = vec![keyword.to_owned()];
        parts.extend(set.id.iter().map(|id| self.words.assign("$id", id)));
        parts.extend(set.id_ref.iter().map(|id| self.words.assign("$id-ref", id)));
        parts.extend(set.score.iter().map(|score| format!("{score}:")));
        parts.extend(set.rules.iter().map(|rule| format!("rule {}", self.rule(rule))));
        parts.extend(set.pairs.iter().map(|pair| self.pair(pair)));
        parts.join(" ")
    }

    /// Sets of a resource: `params`, `meta`, `utilization`.
    fn resource_set(&self, set: &AttrSet) -> String {
        let keyword = match set.kind {
            SetKind::Instance => "params",
            SetKind::Meta => "meta",
            SetKind::Utilization => "utilization",
        };
        self.set(keyword, set)
    }
}
