//! The kinds of objects: their words, their elements, where they live and how they are ordered.
//!
//! **Source:** crmsh `cib_object_map` (cibconfig.py), `_sort_cli_order` (xmlutil.py).

use cib_model::xml::ElementRef;

use crate::style::Style;

/// The kind of an object of a configuration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ObjectKind {
    /// `node`
    Node,
    /// `rsc_template`
    Template,
    /// `primitive`
    Primitive,
    /// `bundle`
    Bundle,
    /// `group`
    Group,
    /// `ms`
    Ms,
    /// `clone`
    Clone,
    /// `tag`
    Tag,
    /// `location`
    Location,
    /// `colocation`
    Colocation,
    /// `order`
    Order,
    /// `rsc_ticket`
    Ticket,
    /// `fencing_topology`
    FencingTopology,
    /// `property`
    Property,
    /// `rsc_defaults`
    RscDefaults,
    /// `op_defaults`
    OpDefaults,
    /// `role`
    AclRole,
    /// `acl_target`
    AclTarget,
    /// `acl_group`
    AclGroup,
    /// `user`
    AclUser,
    /// `alert`
    Alert,
}

/// Keyword, element, section.
type Row = (ObjectKind, &'static str, &'static str, &'static str);

const TABLE: [Row; 21] = [
    (ObjectKind::Node, "node", "node", "nodes"),
    (ObjectKind::Template, "rsc_template", "template", "resources"),
    (ObjectKind::Primitive, "primitive", "primitive", "resources"),
    (ObjectKind::Bundle, "bundle", "bundle", "resources"),
    (ObjectKind::Group, "group", "group", "resources"),
    (ObjectKind::Ms, "ms", "master", "resources"),
    (ObjectKind::Clone, "clone", "clone", "resources"),
    (ObjectKind::Tag, "tag", "tag", "tags"),
    (ObjectKind::Location, "location", "rsc_location", "constraints"),
    (ObjectKind::Colocation, "colocation", "rsc_colocation", "constraints"),
    (ObjectKind::Order, "order", "rsc_order", "constraints"),
    (ObjectKind::Ticket, "rsc_ticket", "rsc_ticket", "constraints"),
    (ObjectKind::FencingTopology, "fencing_topology", "fencing-topology", "configuration"),
    (ObjectKind::Property, "property", "cluster_property_set", "crm_config"),
    (ObjectKind::RscDefaults, "rsc_defaults", "meta_attributes", "rsc_defaults"),
    (ObjectKind::OpDefaults, "op_defaults", "meta_attributes", "op_defaults"),
    (ObjectKind::AclRole, "role", "acl_role", "acls"),
    (ObjectKind::AclTarget, "acl_target", "acl_target", "acls"),
    (ObjectKind::AclGroup, "acl_group", "acl_group", "acls"),
    (ObjectKind::AclUser, "user", "acl_user", "acls"),
    (ObjectKind::Alert, "alert", "alert", "alerts"),
];

/// Whose ids an object's id differs from. Names of machines and of users are theirs alone: another
/// object may have the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Namespace {
    Nodes,
    Users,
    Objects,
}

impl Namespace {
    /// Returns the one of elements with this name.
    pub(crate) fn of(tag: &str) -> Self {
        match tag {
            "node" => Namespace::Nodes,
            "acl_target" => Namespace::Users,
            _ => Namespace::Objects,
        }
    }
}

impl ObjectKind {
    pub(crate) fn namespace(self) -> Namespace {
        Namespace::of(self.tag())
    }

    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.0 == self).unwrap_or(&TABLE[0])
    }

    /// Returns crm's word for the kind: `primitive`, `ms`, `rsc_ticket` …
    pub fn keyword(self) -> &'static str {
        self.row().1
    }

    /// Returns the element's name.
    pub fn tag(self) -> &'static str {
        self.row().2
    }

    /// Returns the name of the section that holds the kind, a child of `configuration`;
    /// `configuration` itself for the fencing topology.
    pub fn section(self) -> &'static str {
        self.row().3
    }

    /// Returns the kind that crm calls `keyword`.
    pub fn from_keyword(keyword: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == keyword).map(|row| row.0)
    }

    /// Returns the kind of an element of a CIB; `None` where it is no object.
    pub fn of(element: ElementRef<'_>) -> Option<Self> {
        let tag = element.name();
        if tag == "meta_attributes" {
            return match element.parent()?.name() {
                "rsc_defaults" => Some(ObjectKind::RscDefaults),
                "op_defaults" => Some(ObjectKind::OpDefaults),
                _ => None,
            };
        }
        TABLE.iter().find(|row| row.2 == tag).map(|row| row.0)
    }

    /// Returns the place of the kind's bucket in a listing.
    pub fn rank(self, style: Style) -> u8 {
        use ObjectKind as K;
        match style {
            Style::Classic => match self {
                K::Node => 0,
                K::Template => 1,
                K::Primitive => 2,
                K::Group => 3,
                K::Ms => 4,
                K::Clone => 5,
                K::Location => 6,
                K::Colocation => 7,
                K::Order => 8,
                K::Ticket => 9,
                K::FencingTopology => 10,
                K::Property => 11,
                K::RscDefaults => 12,
                K::OpDefaults => 13,
                K::AclRole => 14,
                K::AclUser => 15,
                // kinds that crm 1.2.6 does not know, in the order of later versions
                K::Bundle => 16,
                K::Tag => 17,
                K::AclTarget => 18,
                K::AclGroup => 19,
                K::Alert => 20,
            },
            Style::Modern => match self {
                K::Node => 0,
                K::Template => 1,
                K::Primitive => 2,
                K::Bundle => 3,
                K::Group => 4,
                K::Ms => 5,
                K::Clone => 6,
                K::Tag => 7,
                K::Location | K::Colocation | K::Order => 8,
                K::Ticket | K::FencingTopology => 9,
                K::Property => 10,
                K::RscDefaults => 11,
                K::OpDefaults => 12,
                K::AclRole => 13,
                K::AclTarget | K::AclGroup | K::AclUser => 14,
                K::Alert => 15,
            },
        }
    }

    /// Returns true for resources, templates included.
    pub fn is_resource(self) -> bool {
        matches!(
            self,
            ObjectKind::Primitive | ObjectKind::Template | ObjectKind::Group | ObjectKind::Clone
        ) || matches!(self, ObjectKind::Ms | ObjectKind::Bundle)
    }

    /// Returns true for resources that hold others.
    pub fn is_container(self) -> bool {
        matches!(self, ObjectKind::Group | ObjectKind::Clone | ObjectKind::Ms | ObjectKind::Bundle)
    }

    /// Returns true for constraints.
    pub fn is_constraint(self) -> bool {
        matches!(
            self,
            ObjectKind::Location | ObjectKind::Colocation | ObjectKind::Order | ObjectKind::Ticket
        )
    }

    /// Returns true for property sets and defaults.
    pub fn is_property(self) -> bool {
        matches!(self, ObjectKind::Property | ObjectKind::RscDefaults | ObjectKind::OpDefaults)
    }
}

/// Returns the id by which crm knows an object: `id`, the uname of a node without one, and
/// `fencing_topology` for the topology.
pub fn object_id(element: ElementRef<'_>) -> Option<&str> {
    if element.name() == "fencing-topology" {
        return Some("fencing_topology");
    }
    element.id().or_else(|| element.attr("uname"))
}

/// Returns true where `id` may be the id of an object that is not a node.
pub(crate) fn is_valid_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && id.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
}
