//! Which objects the crm language can express; the others are shown as `xml …`.
//!
//! An object is representable where its text, read again with the element's ids at hand, gives the
//! same element. That is the test crm itself makes on everything it shows, so the same objects
//! come out as XML.
//!
//! **Source:** crmsh `cli_use_validate()` (cibconfig.py), `xml_equals_unordered()` (xmlutil.py).
//! **Differs:** text that crm would crash on (a value that ends in a backslash) counts as not
//! representable.

use cib_model::xml::{Child, ElementRef, Tree};

use crate::agents::NoAgents;
use crate::ast::Object;
use crate::diag::Diagnostic;
use crate::kind::{is_valid_id, object_id};
use crate::lower::ids::{IdRegistry, fill};
use crate::lower::{Lower, MEMBER, World};
use crate::print::{Layout, Printer};
use crate::raise::{RaiseContext, is_default};
use crate::schema::Schema;
use crate::style::Release;
use crate::text::parse_object;

/// Decides over the objects of one configuration.
pub(crate) struct Guard<'a> {
    pub(crate) context: &'a RaiseContext,
    pub(crate) schema: Schema,
    pub(crate) node_names: &'a [String],
}

/// References stand for themselves while an element is compared with its own text.
struct AsWritten<'a>(&'a [String]);

impl World for AsWritten<'_> {
    fn resolve_id_ref(&self, _: &str, id_ref: &str) -> (String, Option<Diagnostic>) {
        (id_ref.to_owned(), None)
    }

    fn node_names(&self) -> &[String] {
        self.0
    }
}

impl Guard<'_> {
    /// Returns what `element` says in the crm language, `None` where it has no words for it.
    pub(crate) fn raise(&self, element: ElementRef<'_>) -> Option<Object> {
        let has_name = |id| element.name() == "node" || is_valid_id(id);
        if !object_id(element).is_none_or(has_name) {
            return None;
        }
        let object = self.context.object(element)?;
        let text = Printer::new(self.context.style, &[]).object(&object, Layout::Flat);
        if !text.is_ascii() || text.contains('\n') || has_lost_comments(element) {
            return None;
        }
        let read = parse_object(&text)?;
        let world = AsWritten(self.node_names);
        let mut lower = Lower {
            style: self.context.style,
            release: Release::default(),
            schema: self.schema,
            agents: &NoAgents,
            world: &world,
            notes: Vec::new(),
        };
        let mut tree: Tree = lower.object(&read).ok()?;
        fill(&mut tree, Some(element), self.context.style, &IdRegistry::of_nothing_new());
        (same_in_order(element, tree.root()) || equal(element, tree.root())).then_some(object)
    }
}

/// Returns true where comments stand too deep for the text to carry them.
fn has_lost_comments(element: ElementRef<'_>) -> bool {
    let is_comment = |child: &Child<'_>| matches!(child, Child::Comment(_));
    let own = element.all_children().any(|child| match child {
        Child::Comment(text) => text.trim().contains('\n'),
        _ => false,
    });
    let is_part = |e: &ElementRef<'_>| !is_resource(e.name());
    let mut parts: Vec<ElementRef<'_>> = element.children().filter(is_part).collect();
    while let Some(part) = parts.pop() {
        if part.all_children().any(|child| is_comment(&child)) {
            return true;
        }
        parts.extend(part.children());
    }
    own
}

fn is_resource(tag: &str) -> bool {
    matches!(tag, "primitive" | "group" | MEMBER)
}

/// Returns true where a new element says what the old one says, comments included, as a listing
/// shows them; the names of member resources in it stand for the members.
pub(crate) fn is_unchanged(old: ElementRef<'_>, new: ElementRef<'_>) -> bool {
    let comments = |element: ElementRef<'_>| -> Vec<String> {
        let own = element.all_children().filter_map(|child| match child {
            Child::Comment(text) => {
                Some(text.trim().trim_start_matches('#').trim_start().to_owned())
            }
            _ => None,
        });
        own.collect()
    };
    equal(old, new) && comments(old) == comments(new)
}

/// Returns true where two elements are [`equal`] with their children in the same order, which
/// needs no sorting; false says nothing.
fn same_in_order(a: ElementRef<'_>, b: ElementRef<'_>) -> bool {
    let told = |e: ElementRef<'_>| {
        let is_told = |(name, value): &(&str, &str)| !is_default(e.name(), name, value);
        e.attrs().filter(is_told).count()
    };
    let has = |(name, value): (&str, &str)| {
        b.attr(name) == Some(value) || is_default(a.name(), name, value)
    };
    a.name() == b.name()
        && told(a) == told(b)
        && a.attrs().all(has)
        && a.children().count() == b.children().count()
        && a.children().zip(b.children()).all(|(a, b)| {
            if b.name() == MEMBER {
                is_resource(a.name()) && a.id() == b.id()
            } else {
                same_in_order(a, b)
            }
        })
}

/// Compares two elements: attributes as sets, children in any order except in resource sets and
/// among member resources. Attributes at their default count as absent.
fn equal(a: ElementRef<'_>, b: ElementRef<'_>) -> bool {
    if a.name() != b.name() || attrs(a) != attrs(b) {
        return false;
    }
    let mut left: Vec<ElementRef<'_>> = a.children().collect();
    let mut right: Vec<ElementRef<'_>> = b.children().collect();
    if left.len() != right.len() {
        return false;
    }
    if a.name() != "resource_set" {
        left.sort_by_cached_key(|e| sort_key(*e));
        right.sort_by_cached_key(|e| sort_key(*e));
    }
    left.into_iter().zip(right).all(|(a, b)| {
        if b.name() == MEMBER { is_resource(a.name()) && a.id() == b.id() } else { equal(a, b) }
    })
}

fn attrs(element: ElementRef<'_>) -> Vec<(&str, &str)> {
    let tag = element.name();
    let mut attrs: Vec<_> =
        element.attrs().filter(|(name, value)| !is_default(tag, name, value)).collect();
    attrs.sort_unstable();
    attrs
}

/// Member resources sort alike, so that their order counts.
fn sort_key(element: ElementRef<'_>) -> (u8, String, Vec<(&str, &str)>) {
    match element.name() {
        tag if is_resource(tag) => (1, String::new(), Vec::new()),
        tag => (0, tag.to_owned(), attrs(element)),
    }
}
