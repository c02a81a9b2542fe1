//! The configuration as plain structs, for JSON, YAML and programs that want fields.
//!
//! A [`Configuration`] is read from a CIB and written back as one. The keys are the CIB's own names
//! of elements and attributes, values are text as the CIB holds it. What the structs do not cover
//! (comments, attributes no schema has) is named in [`Typed::uncovered`]; all else comes back, in the
//! same order among elements of one kind.
//!
//! ```
//! use cib_model::Cib;
//! use cib_model::typed::{Configuration, Resource};
//!
//! let cib = Cib::read(
//!     r#"<cib><configuration><crm_config/><nodes/><resources>
//!          <primitive id="ip" class="ocf" provider="heartbeat" type="IPaddr2"/>
//!        </resources><constraints/></configuration></cib>"#,
//! )?;
//! let typed = Configuration::read(&cib);
//! assert!(typed.uncovered.is_empty());
//! let Resource::Primitive(ip) = &typed.configuration.resources[0] else { panic!() };
//! assert_eq!(ip.kind.as_deref(), Some("IPaddr2"));
//! let again = Configuration::read(&typed.configuration.to_cib(&cib));
//! assert_eq!(again.configuration, typed.configuration);
//! # Ok::<(), cib_model::xml::ReadError>(())
//! ```
//!
//! Reading order: this file, `part` (how a struct stands for an element), `nvset` (sets, rules),
//! `resource`, `constraint`, `other`.

mod constraint;
mod nvset;
mod other;
mod part;
mod resource;

pub use constraint::{
    Colocation, Constraint, Lifetime, Location, Order, ResourceRef, ResourceSet, TicketConstraint,
};
pub use nvset::{
    Condition, DateExpression, DateSpec, Duration, Expression, NvPair, NvSet, OpExpression,
    RscExpression, Rule,
};
pub use other::{
    Acl, AclGroup, AclPermission, AclRole, AclTarget, AclUser, Alert, Empty, FencingLevel, ObjRef,
    OldPermission, OldRight, Recipient, RoleRef, Select, SelectAttribute, SelectAttributes, Tag,
};
pub use resource::{
    Bundle, BundleNetwork, Clone, Container, Engine, Group, Node, Op, Operations, PortMapping,
    Primitive, Resource, Storage, StorageMapping, Template,
};

use serde::{Deserialize, Serialize};

use self::part::{ChildField, Part, Seen};
use crate::cib::{Cib, Section};
use crate::names;
use crate::xml::{ElementRef, XmlId};

/// The whole configuration of a cluster: everything below `<configuration>`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Configuration {
    /// Cluster options.
    pub crm_config: Vec<NvSet>,
    /// Nodes with their attributes.
    pub nodes: Vec<Node>,
    /// Resources and templates.
    pub resources: Vec<Resource>,
    /// Constraints.
    pub constraints: Vec<Constraint>,
    /// Defaults of resource meta attributes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rsc_defaults: Vec<NvSet>,
    /// Defaults of operations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub op_defaults: Vec<NvSet>,
    /// Fencing levels.
    #[serde(rename = "fencing-topology", skip_serializing_if = "Vec::is_empty")]
    pub fencing_topology: Vec<FencingLevel>,
    /// Tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// Access rights.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acls: Vec<Acl>,
    /// Alerts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Alert>,
}

/// What [`Configuration::read`] gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Typed {
    /// The configuration.
    pub configuration: Configuration,
    /// What it does not hold, in document order.
    pub uncovered: Vec<Uncovered>,
}

/// Something of a CIB that the structs have no field for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Uncovered {
    /// The element in which it stands.
    pub element: XmlId,
    /// What it is: `@attribute`, `<element>`, `text` or `comment`; `@attribute missing` where a field
    /// must have a value and the element has none.
    pub what: String,
}

impl Configuration {
    /// Reads the configuration of a CIB.
    pub fn read(cib: &Cib) -> Typed {
        let mut seen = Seen::default();
        let configuration = Configuration {
            crm_config: section(cib, Section::CrmConfig, &mut seen),
            nodes: section(cib, Section::Nodes, &mut seen),
            resources: section(cib, Section::Resources, &mut seen),
            constraints: section(cib, Section::Constraints, &mut seen),
            rsc_defaults: section(cib, Section::RscDefaults, &mut seen),
            op_defaults: section(cib, Section::OpDefaults, &mut seen),
            fencing_topology: section(cib, Section::FencingTopology, &mut seen),
            tags: section(cib, Section::Tags, &mut seen),
            acls: section(cib, Section::Acls, &mut seen),
            alerts: section(cib, Section::Alerts, &mut seen),
        };
        for child in cib.configuration().into_iter().flat_map(ElementRef::children) {
            if Section::named(child.name()).is_none() {
                seen.child(child);
            }
        }
        Typed { configuration, uncovered: seen.uncovered }
    }

    /// Makes a CIB with this configuration; versions, schema and status are those of `around`.
    #[must_use]
    pub fn to_cib(&self, around: &Cib) -> Cib {
        let mut cib = around.clone();
        let old = cib.configuration().map(ElementRef::xml_id);
        let root = cib.tree().root_id();
        let position = old.and_then(|old| cib.root().child_ids().iter().position(|id| *id == old));
        if let Some(old) = old {
            cib.tree_mut().detach(old);
        }
        cib.tree_mut().insert(root, position.unwrap_or(0), names::CONFIGURATION);
        write_section(&mut cib, Section::CrmConfig, names::CLUSTER_PROPERTY_SET, &self.crm_config);
        write_parts(&mut cib, Section::Nodes, &self.nodes, true);
        write_parts(&mut cib, Section::Resources, &self.resources, true);
        write_parts(&mut cib, Section::Constraints, &self.constraints, true);
        write_section(&mut cib, Section::RscDefaults, names::META_ATTRIBUTES, &self.rsc_defaults);
        write_section(&mut cib, Section::OpDefaults, names::META_ATTRIBUTES, &self.op_defaults);
        write_parts(&mut cib, Section::FencingTopology, &self.fencing_topology, false);
        write_parts(&mut cib, Section::Tags, &self.tags, false);
        write_parts(&mut cib, Section::Acls, &self.acls, false);
        write_parts(&mut cib, Section::Alerts, &self.alerts, false);
        cib
    }

    /// Returns the JSON schema of the structs.
    pub fn json_schema() -> schemars::Schema {
        schemars::schema_for!(Configuration)
    }
}

fn section<T: Part>(cib: &Cib, section: Section, seen: &mut Seen) -> Vec<T> {
    let Some(element) = cib.section(section) else { return Vec::new() };
    seen.rest(element, &[], &|name| T::fits(name));
    Vec::<T>::read(element, T::fits, seen)
}

fn write_parts<T: Part>(cib: &mut Cib, section: Section, parts: &[T], is_always: bool) {
    if parts.is_empty() && !is_always {
        return;
    }
    let parent = cib.ensure_section(section);
    for part in parts {
        part.write(cib.tree_mut(), parent, "");
    }
}

/// Writes sets, whose element is called as the section wants it.
fn write_section(cib: &mut Cib, section: Section, tag: &'static str, sets: &[NvSet]) {
    if sets.is_empty() && section != Section::CrmConfig {
        return;
    }
    let parent = cib.ensure_section(section);
    for set in sets {
        set.write(cib.tree_mut(), parent, tag);
    }
}

#[cfg(test)]
mod tests;
