//! Sets of name=value pairs: `params`, `meta`, `utilization`, `attributes`, `property` …

use super::Rule;

/// Which element a set becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetKind {
    /// `params`, `attributes` or `op_params`: instance_attributes
    Instance,
    /// `meta` or `op_meta`: meta_attributes
    Meta,
    /// `utilization`
    Utilization,
}

impl SetKind {
    /// Returns the element's name.
    pub fn tag(self) -> &'static str {
        match self {
            SetKind::Instance => "instance_attributes",
            SetKind::Meta => "meta_attributes",
            SetKind::Utilization => "utilization",
        }
    }

    /// Returns the kind of the element called `tag`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Some(match tag {
            "instance_attributes" => SetKind::Instance,
            "meta_attributes" => SetKind::Meta,
            "utilization" => SetKind::Utilization,
            _ => return None,
        })
    }
}

/// One set of pairs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttrSet {
    /// Which element it becomes.
    pub kind: SetKind,
    /// `$id=`: the set's own id.
    pub id: Option<String>,
    /// `$id-ref=`: the set that stands for this one; everything else is empty then.
    pub id_ref: Option<String>,
    /// `SCORE:`, as written.
    pub score: Option<String>,
    /// The rules that must pass.
    pub rules: Vec<Rule>,
    /// The pairs in order.
    pub pairs: Vec<Pair>,
}

impl AttrSet {
    /// Makes an empty set.
    pub fn new(kind: SetKind) -> Self {
        AttrSet { kind, id: None, id_ref: None, score: None, rules: Vec::new(), pairs: Vec::new() }
    }
}

/// One pair.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pair {
    /// `NAME=VALUE`, or `NAME` alone, or `$ID:NAME=VALUE`.
    Value {
        /// The pair's own id, where written.
        id: Option<String>,
        /// The name.
        name: String,
        /// The value; `None` where only the name is written.
        value: Option<String>,
    },
    /// `@ID` or `@ID:NAME`: a pair that stands elsewhere.
    Ref {
        /// The other pair's id.
        id_ref: String,
        /// The name it takes here, where written.
        name: Option<String>,
    },
}

impl Pair {
    /// Makes `name=value`.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Pair::Value { id: None, name: name.into(), value: Some(value.into()) }
    }

    /// Returns the name, where there is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Pair::Value { name, .. } => Some(name),
            Pair::Ref { name, .. } => name.as_deref(),
        }
    }

    /// Returns the value, where there is one.
    pub fn value(&self) -> Option<&str> {
        match self {
            Pair::Value { value, .. } => value.as_deref(),
            Pair::Ref { .. } => None,
        }
    }
}

/// Which section a property set belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PropertyKind {
    /// `property`
    Property,
    /// `rsc_defaults`
    RscDefaults,
    /// `op_defaults`
    OpDefaults,
}

impl PropertyKind {
    /// Returns the id that a set gets where none is written.
    pub fn default_id(self) -> &'static str {
        match self {
            PropertyKind::Property => "cib-bootstrap-options",
            PropertyKind::RscDefaults => "rsc-options",
            PropertyKind::OpDefaults => "op-options",
        }
    }

    /// Returns the set's element name.
    pub fn tag(self) -> &'static str {
        match self {
            PropertyKind::Property => "cluster_property_set",
            PropertyKind::RscDefaults | PropertyKind::OpDefaults => "meta_attributes",
        }
    }
}

/// `property [ID:] NAME=VALUE …` and its siblings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PropertySet {
    /// Which section it belongs to.
    pub kind: PropertyKind,
    /// The set's id, where written.
    pub id: Option<String>,
    /// `$id-ref=`
    pub id_ref: Option<String>,
    /// Rules and pairs in order.
    pub items: Vec<PropertyItem>,
}

/// One line of a property set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PropertyItem {
    /// A rule.
    Rule(Rule),
    /// A pair.
    Pair(Pair),
}
