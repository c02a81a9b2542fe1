//! From schema 2.10 to 3.0: what Pacemaker 1.0 and heartbeat left behind gets the name, the place or
//! the end that later versions gave it.
//!
//! Reading order: `tables` (what becomes what), `references` (before and after: sets that others
//! refer to by `id-ref` are written out, and referred to again where they still say the same),
//! `simple` (nodes, colocations, cluster options), `resource` (primitives and templates),
//! `operation` (their operations).
//!
//! **Source:** pacemaker `xml/upgrade-2.10-0.xsl`, `-1.xsl`, `-2.xsl` (2.1.5: `upgrade-2.10.xsl`,
//! `-enter`, `-leave`).

mod operation;
mod references;
mod resource;
mod simple;
mod tables;

use super::edit::{Log, Refusal};
use crate::names;
use crate::validate::SchemaVersion;
use crate::xml::Tree;

/// The schema that the transform leads out of.
pub(super) const FROM: SchemaVersion = SchemaVersion::new(2, 10);

pub(super) fn transform(tree: &mut Tree, log: &mut Log) -> Result<(), Refusal> {
    references::write_out(tree)?;
    let root = tree.root_id();
    tree.set_attr(root, names::VALIDATE_WITH, "pacemaker-3.0");
    simple::cluster_options(tree, log);
    simple::nodes(tree, log);
    resource::resources(tree, log);
    simple::colocations(tree, log);
    references::take_back(tree, log)
}
