//! Syntax tree to XML: elements, attributes in the dialect's order, roles and scores canonised.
//!
//! Reading order: this file, `attrs`, `rule`, `resource`, `constraint`, `other`; ids are filled in
//! afterwards by `ids`. Nothing here changes a CIB: an object becomes a tree of its own.
//!
//! **Source:** crmsh 4.4.1 `parse.py` for modern, 1.2.6 `cibconfig.py` (`mkxml…`) for classic.

mod attrs;
mod constraint;
mod counterpart;
pub(crate) mod ids;
mod other;
mod resource;
mod rule;

use cib_model::xml::{Tree, XmlId};

use crate::agents::AgentLookup;
use crate::ast::Object;
use crate::diag::{Code, Diagnostic};
use crate::schema::Schema;
use crate::style::{Release, Style};

/// Stands in a lowered container for a resource that exists elsewhere; its `id` names it.
pub(crate) const MEMBER: &str = "crmsh-ref";

/// What lowering needs to know about the configuration around.
pub(crate) trait World {
    /// Turns what follows `$id-ref=` into the id of an element: an object's id means its first
    /// element called `tag`. The diagnostic says where that fails.
    fn resolve_id_ref(&self, tag: &str, id_ref: &str) -> (String, Option<Diagnostic>);

    /// Returns the names of all nodes, sorted.
    fn node_names(&self) -> &[String];
}

/// Why an object cannot be lowered.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Refusal {
    /// crm reports it as a syntax error: the sentence's middle and the word it is near.
    Syntax(String, Option<usize>),
    /// Anything else.
    Other(Diagnostic),
}

/// Lowers objects one after the other.
pub(crate) struct Lower<'a> {
    pub(crate) style: Style,
    pub(crate) release: Release,
    pub(crate) schema: Schema,
    pub(crate) agents: &'a dyn AgentLookup,
    pub(crate) world: &'a dyn World,
    /// What the user should know.
    pub(crate) notes: Vec<Diagnostic>,
}

impl Lower<'_> {
    /// Lowers one object.
    pub(crate) fn object(&mut self, object: &Object) -> Result<Tree, Refusal> {
        match object {
            Object::Node(node) => Ok(self.node(node)),
            Object::Primitive(primitive) => self.primitive(primitive),
            Object::Group(group) => Ok(self.group(group)),
            Object::Clone(clone) => Ok(self.clone_resource(clone)),
            Object::Bundle(bundle) => Ok(self.bundle(bundle)),
            Object::Location(location) => Ok(self.location(location)),
            Object::Colocation(colocation) => Ok(self.colocation(colocation)),
            Object::Order(order) => self.order(order),
            Object::Ticket(ticket) => Ok(self.ticket(ticket)),
            Object::Property(set) => Ok(self.property(set)),
            Object::FencingTopology(topology) => self.topology(topology),
            Object::AclRole(role) => self.acl_role(role),
            Object::AclUser(user) => Self::acl_user(user),
            Object::AclPrincipal(principal) => Ok(Self::acl_principal(principal)),
            Object::Tag(tag) => Ok(Self::tag(tag)),
            Object::Alert(alert) => Ok(self.alert(alert)),
            Object::Monitor(monitor) => Ok(self.monitor(monitor)),
            Object::Xml(text) => other::xml(text),
        }
    }

    fn resolve(&mut self, tag: &str, id_ref: &str) -> String {
        let (id, note) = self.world.resolve_id_ref(tag, id_ref);
        self.notes.extend(note);
        id
    }

    /// Converts a role's name to the one the schema knows.
    ///
    /// **Source:** crmsh `handle_role_for_ocf_1_1()` (utils.py). Classic leaves it alone.
    fn role(&mut self, role: &str) -> String {
        if self.style == Style::Classic || self.schema.has_promoted_roles() {
            return role.to_owned();
        }
        let old = match role {
            "Promoted" => "Master",
            "Unpromoted" => "Slave",
            other => return other.to_owned(),
        };
        self.notes.push(Diagnostic::warning(
            Code::RoleConverted,
            format!(
                "Convert \"{role}\" to \"{old}\" since the current schema version is old and not \
                 upgraded yet. Please consider \"crm configure upgrade force\""
            ),
        ));
        old.to_owned()
    }
}

/// Makes a tree whose root has these attributes.
fn root(tag: &'static str, attrs: &[(&'static str, &str)]) -> (Tree, XmlId) {
    let mut tree = Tree::new(tag);
    let id = tree.root_id();
    for (name, value) in attrs {
        tree.set_attr(id, *name, *value);
    }
    (tree, id)
}

/// Sets an attribute where there is a value.
fn set_some(tree: &mut Tree, id: XmlId, name: &'static str, value: Option<&str>) {
    if let Some(value) = value {
        tree.set_attr(id, name, value);
    }
}

/// Reads a score: the attribute it belongs to and its canonical value.
///
/// `mandatory` and `advisory` are words for INFINITY and 0; what is neither number nor infinity
/// names a node attribute.
fn score(text: &str) -> (&'static str, String) {
    match text.to_ascii_lowercase().as_str() {
        "advisory" => return ("score", "0".to_owned()),
        "mandatory" => return ("score", "INFINITY".to_owned()),
        _ => {}
    }
    if !crate::grammar::is_score(text) {
        return ("score-attribute", text.to_owned());
    }
    let digits = text.trim_start_matches(['+', '-']);
    let sign = text.strip_suffix(digits).unwrap_or_default();
    if digits.starts_with(|c: char| c.is_ascii_digit()) {
        ("score", text.to_owned())
    } else {
        ("score", format!("{sign}INFINITY"))
    }
}
