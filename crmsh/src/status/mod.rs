//! What the cluster does, as the CIB's status section tells it, and its layouts.
//!
//! Reading order: [`model`] reads the CIB, `classic` writes it as text. `modern` writes what the
//! scheduler reads: `filter`, `node_list`, `resource_list`, `operations`.

mod brief;
mod classic;
mod filter;
pub mod header;
mod lists;
pub mod model;
mod modern;
mod node_list;
mod operations;
mod resource_list;
mod simple;
mod xml;
mod xml_resources;

use cib_model::Cib;
use cib_model::xml::ElementRef;

pub use classic::text as classic_text;
pub use modern::{resource_lines, resource_list, text as modern_text};
pub use simple::text as simple_text;
pub use xml::{Frame, resource_tree, text as xml_text};

use model::Model;

/// What is to be shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// `-A`: node attributes.
    pub attributes: bool,
    /// `-f`: fail counts.
    pub failcounts: bool,
    /// `-r`: resources that do not run too.
    pub inactive: bool,
    /// `-n`: resources below their nodes.
    pub by_node: bool,
    /// `-o`: the operations' history.
    pub operations: bool,
    /// `-t`: times of the operations.
    pub timing: bool,
    /// `-R`: details such as node ids.
    pub detail: bool,
    /// `-D`: no summary above.
    pub no_headers: bool,
    /// No list of nodes.
    pub no_nodes: bool,
    /// No list of resources.
    pub no_resources: bool,
    /// No failed actions.
    pub no_failures: bool,
    /// `-c`: tickets.
    pub tickets: bool,
    /// `-L`: constraints that keep resources off nodes.
    pub bans: bool,
    /// `-b`: counts per agent instead of a line for each resource.
    pub brief: bool,
    /// Say nothing where no resource is to be listed.
    pub no_summary: bool,
    /// Only this node, or the nodes with this tag.
    pub node: Option<String>,
    /// Only this resource, or the resources with this tag.
    pub resource: Option<String>,
}

/// Returns the nodes where a resource, or a part of it, is active; true where it is promoted.
pub fn running(cib: &Cib, element: ElementRef<'_>) -> Vec<(String, bool)> {
    let model = Model::of(cib);
    let mut found = Vec::new();
    for primitive in element.descendants().filter(|e| e.name() == "primitive") {
        let Some(id) = primitive.id() else { continue };
        for instance in model.instances_of(id) {
            for node in &instance.nodes {
                found.push((node.clone(), instance.role == model::Role::Promoted));
            }
        }
    }
    found
}
