//! Resources: primitives, templates, groups, clones and their operations.

use super::{AttrSet, Pair};

/// Whether a [`Primitive`] is a resource or a template for resources.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PrimitiveKind {
    /// `primitive`
    Primitive,
    /// `rsc_template`
    Template,
}

/// What runs a primitive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Agent {
    /// `@TEMPLATE`
    Template(String),
    /// `[CLASS:[PROVIDER:]]TYPE`, as written.
    Name(String),
}

impl Agent {
    /// Returns true where a text is `[CLASS:[PROVIDER:]]TYPE`: of three parts at most, the last not
    /// empty.
    pub(crate) fn is_name(text: &str) -> bool {
        text.split(':').count() <= 3 && !text.ends_with(':') && !text.is_empty()
    }

    /// Returns crm's sentence about a text that is no name.
    pub(crate) fn not_a_name(text: &str) -> String {
        format!("bad resource type specification {text}")
    }
}

/// `primitive ID AGENT …` or `rsc_template ID AGENT …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Primitive {
    /// Resource or template.
    pub kind: PrimitiveKind,
    /// The id.
    pub id: String,
    /// What runs it.
    pub agent: Agent,
    /// `description=`
    pub description: Option<String>,
    /// Sets and operations in order.
    pub body: Vec<BodyItem>,
}

/// One part of a primitive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BodyItem {
    /// `params`, `meta` or `utilization`
    Set(AttrSet),
    /// Operations that follow each other.
    Operations(Operations),
}

/// `[operations $id=ID] op …`
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Operations {
    /// `$id=`
    pub id: Option<String>,
    /// `$id-ref=`
    pub id_ref: Option<String>,
    /// The operations in order.
    pub ops: Vec<Op>,
}

/// `op NAME KEY=VALUE …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Op {
    /// The operation's name.
    pub name: String,
    /// The pairs after the name. Those that the schema knows become attributes, the rest
    /// instance attributes.
    pub pairs: Vec<Pair>,
    /// A description printed on a line of its own, as crm does in addition to the pair.
    pub description: Option<String>,
    /// `op_params` and `op_meta` in order.
    pub sets: Vec<AttrSet>,
}

/// `group ID RSC …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The id.
    pub id: String,
    /// The members in order.
    pub members: Vec<String>,
    /// `description=`
    pub description: Option<String>,
    /// `params` and `meta` in order.
    pub sets: Vec<AttrSet>,
}

/// Which element a `Clone` becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloneKind {
    /// `clone`
    Clone,
    /// `ms`: the `master` element of old CIBs.
    Ms,
}

/// `clone ID RSC …` or `ms ID RSC …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clone {
    /// Clone or ms.
    pub kind: CloneKind,
    /// The id.
    pub id: String,
    /// The resource inside; text always names one, a CIB may hold several or none.
    pub members: Vec<String>,
    /// `description=`
    pub description: Option<String>,
    /// `params` and `meta` in order.
    pub sets: Vec<AttrSet>,
}

/// `monitor RSC[:ROLE] INTERVAL[:TIMEOUT]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Monitor {
    /// The primitive.
    pub rsc: String,
    /// Role or instance number.
    pub role: Option<String>,
    /// Time between two runs, as written; empty where none is (`:20s`).
    pub interval: String,
    /// Time limit, as written.
    pub timeout: Option<String>,
}
