//! XML to syntax tree: what a CIB element says in the crm language.
//!
//! Raising loses what the language has no words for; `representable` notices that.
//! Attributes at their default (`sequential="true"`, `boolean-op="and"` …) count as absent, as
//! crm drops them from the CIB it reads.
//!
//! **Source:** crmsh 4.4.1 `_repr_cli_head()`, `_repr_cli_child()` (cibconfig.py), `cliformat.py`;
//! 1.2.6 for classic.

mod attrs;
mod constraint;
mod other;
mod resource;
mod rule;

use std::collections::HashSet;

use cib_model::xml::{ElementRef, Tree};

use crate::ast::Object;
use crate::kind::ObjectKind;
use crate::style::Style;

/// What raising needs to know about the configuration around.
#[derive(Debug)]
pub(crate) struct RaiseContext {
    pub(crate) style: Style,
    /// Element name and id of everything that an `id-ref` names.
    referenced: HashSet<(Box<str>, Box<str>)>,
    pub(crate) node_count: usize,
}

impl RaiseContext {
    /// Looks through a CIB.
    pub(crate) fn of(tree: &Tree, style: Style) -> Self {
        let mut context = RaiseContext { style, referenced: HashSet::new(), node_count: 0 };
        let Some(configuration) = tree.root().child("configuration") else { return context };
        for element in configuration.descendants() {
            if let Some(id_ref) = element.attr("id-ref") {
                context.referenced.insert((element.name().into(), id_ref.into()));
            }
        }
        let nodes = configuration.child("nodes");
        context.node_count = nodes.map_or(0, |nodes| nodes.children_named("node").count());
        context
    }

    fn is_referenced(&self, tag: &str, id: &str) -> bool {
        !self.referenced.is_empty() && self.referenced.contains(&(tag.into(), id.into()))
    }

    /// Raises one object; `None` where the language cannot name its parts at all.
    pub(crate) fn object(&self, element: ElementRef<'_>) -> Option<Object> {
        use ObjectKind as K;
        match ObjectKind::of(element)? {
            K::Node => self.node(element),
            K::Primitive | K::Template => self.primitive(element),
            K::Group => self.group(element),
            K::Clone | K::Ms => self.clone_resource(element),
            K::Bundle => self.bundle(element),
            K::Location => self.location(element),
            K::Colocation => Self::colocation(element),
            K::Order => Self::order(element),
            K::Ticket => Self::ticket(element),
            K::Property | K::RscDefaults | K::OpDefaults => self.property(element),
            K::FencingTopology => self.topology(element),
            K::AclRole => self.acl_role(element),
            K::AclUser => self.acl_user(element),
            K::AclTarget | K::AclGroup => Some(Self::acl_principal(element)),
            K::Tag => Some(Self::tag(element)),
            K::Alert => self.alert(element),
        }
    }
}

/// Returns an attribute that is there and not empty.
fn filled<'a>(element: ElementRef<'a>, name: &str) -> Option<&'a str> {
    element.attr(name).filter(|value| !value.is_empty())
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// Returns the id, or the uname.
fn id_of(element: ElementRef<'_>) -> String {
    crate::kind::object_id(element).unwrap_or_default().to_owned()
}

/// Returns what stands before a colon: the score with `inf` for infinity, or the attribute.
fn score(element: ElementRef<'_>) -> Option<String> {
    match filled(element, "score") {
        Some(score) => Some(score.replace("INFINITY", "inf")),
        None => owned(filled(element, "score-attribute")),
    }
}

/// Returns true where an attribute stands at the default that crm drops.
pub(crate) fn is_default(tag: &str, name: &str, value: &str) -> bool {
    matches!(
        (tag, name, value),
        ("node", "type", "normal")
            | ("resource_set", "sequential" | "require-all", "true")
            | ("rule", "boolean-op", "and")
            | ("expression", "type", "string")
    )
}
