//! The syntax tree: what a statement says, before ids, defaults and the schema come in.
//!
//! The same tree is made from text (`grammar`) and from a CIB (`raise`), and is turned into XML
//! (`lower`) and into text (`print`). It holds scores, roles and times as they are written.

pub mod acl;
pub mod alert;
pub mod attrs;
pub mod bundle;
pub mod constraint;
pub mod fencing;
pub mod node;
pub mod resource;
pub mod rule;

pub use acl::{AclPrincipal, AclRole, AclUser, Right, RightKind, Specification, UserItem};
pub use alert::{Alert, AlertItem, Recipient, Selector};
pub use attrs::{AttrSet, Pair, PropertyItem, PropertyKind, PropertySet, SetKind};
pub use bundle::{Bundle, BundleItem, Container};
pub use constraint::{
    Colocation, Location, LocationTarget, Members, Order, Preference, ResourceSet, RscRef, Ticket,
};
pub use fencing::{FencingTarget, FencingTopology};
pub use node::Node;
pub use resource::{
    Agent, BodyItem, Clone, CloneKind, Group, Monitor, Op, Operations, Primitive, PrimitiveKind,
};
pub use rule::{BoolOp, DateExpression, Expression, Rule, RuleContent};

use crate::kind::ObjectKind;

/// One object as a statement says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Object {
    /// `node`
    Node(Node),
    /// `primitive` and `rsc_template`
    Primitive(Primitive),
    /// `group`
    Group(Group),
    /// `clone` and `ms`
    Clone(Clone),
    /// `bundle`
    Bundle(Bundle),
    /// `location`
    Location(Location),
    /// `colocation`
    Colocation(Colocation),
    /// `order`
    Order(Order),
    /// `rsc_ticket`
    Ticket(Ticket),
    /// `property`, `rsc_defaults`, `op_defaults`
    Property(PropertySet),
    /// `fencing_topology`
    FencingTopology(FencingTopology),
    /// `role`
    AclRole(AclRole),
    /// `user`
    AclUser(AclUser),
    /// `acl_target` and `acl_group`
    AclPrincipal(AclPrincipal),
    /// `tag`
    Tag(Tag),
    /// `alert`
    Alert(Alert),
    /// `monitor`: adds an operation to a primitive
    Monitor(Monitor),
    /// `xml`: an element as it is, not yet read
    Xml(String),
}

/// `tag ID REF …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag {
    /// The tag's id.
    pub id: String,
    /// The ids it holds, in order.
    pub refs: Vec<String>,
}

impl Object {
    /// Returns the kind; `None` for `monitor` and `xml`.
    pub fn kind(&self) -> Option<ObjectKind> {
        Some(match self {
            Object::Node(_) => ObjectKind::Node,
            Object::Primitive(p) => match p.kind {
                PrimitiveKind::Primitive => ObjectKind::Primitive,
                PrimitiveKind::Template => ObjectKind::Template,
            },
            Object::Group(_) => ObjectKind::Group,
            Object::Clone(c) => match c.kind {
                CloneKind::Clone => ObjectKind::Clone,
                CloneKind::Ms => ObjectKind::Ms,
            },
            Object::Bundle(_) => ObjectKind::Bundle,
            Object::Location(_) => ObjectKind::Location,
            Object::Colocation(_) => ObjectKind::Colocation,
            Object::Order(_) => ObjectKind::Order,
            Object::Ticket(_) => ObjectKind::Ticket,
            Object::Property(p) => match p.kind {
                PropertyKind::Property => ObjectKind::Property,
                PropertyKind::RscDefaults => ObjectKind::RscDefaults,
                PropertyKind::OpDefaults => ObjectKind::OpDefaults,
            },
            Object::FencingTopology(_) => ObjectKind::FencingTopology,
            Object::AclRole(_) => ObjectKind::AclRole,
            Object::AclUser(_) => ObjectKind::AclUser,
            Object::AclPrincipal(p) => {
                if p.is_group {
                    ObjectKind::AclGroup
                } else {
                    ObjectKind::AclTarget
                }
            }
            Object::Tag(_) => ObjectKind::Tag,
            Object::Alert(_) => ObjectKind::Alert,
            Object::Monitor(_) | Object::Xml(_) => return None,
        })
    }
}
