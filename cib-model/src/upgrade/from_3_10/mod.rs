//! From schema 3.10 to 4.0: what Pacemaker 3 no longer reads is said in words that it knows, or
//! dropped with a warning.
//!
//! Reading order, which is that of the steps: `references` (every `id-ref` written out; at the end
//! they are made again), `sets` (sets in the order in which they count, options renamed, options
//! said twice), `nodes` (ping nodes), `resources` (masters; classes and containers that are gone),
//! `locations` (one rule for each constraint), `lifetime`, `constraints` (those of dropped
//! resources).
//!
//! **Source:** pacemaker `xml/upgrade-3.10-0.xsl` to `-4.xsl`, `-99.xsl`.

mod constraints;
mod lifetime;
mod locations;
mod nodes;
mod references;
mod resources;
mod sets;

use super::Weight;
use super::edit::{Log, Refusal, elements};
use crate::names;
use crate::validate::SchemaVersion;
use crate::xml::Tree;

/// The schema that the transform leads out of.
pub(super) const FROM: SchemaVersion = SchemaVersion::new(3, 10);

/// What the ids of new elements begin with.
const PREFIX: &str = "pcmk__3_10_upgrade-";

/// Marks, while the transform runs, the elements that stood in the CIB (1) and those that were
/// written out or made (0, or no mark).
const ORIGINAL: &str = "original";

pub(super) fn transform(tree: &mut Tree, log: &mut Log) -> Result<(), Refusal> {
    references::write_out(tree)?;
    let root = tree.root_id();
    tree.set_attr(root, names::VALIDATE_WITH, "pacemaker-4.0");

    sets::sort(tree);
    sets::options(tree, log);
    nodes::fencing_levels(tree, log);

    sets::said_twice(tree, log);
    let pings = nodes::pings(tree, log);
    resources::masters(tree, log);
    locations::split(tree, log);
    nodes::ban(tree, &pings);

    lifetime::unfold(tree, log);

    let dropped = resources::drop(tree, log);
    sets::dropped_options(tree, log);
    constraints::drop(tree, &dropped, log);

    references::rights(tree, log);
    references::take_back(tree);
    if log.has_changes() {
        warn_of_rights(tree, log);
    }
    Ok(())
}

/// Access rights by path may point elsewhere now.
fn warn_of_rights(tree: &Tree, log: &mut Log) {
    let by_path = elements(tree, |e| e.name() == "acl_permission" && e.attr("xpath").is_some());
    if !by_path.is_empty() {
        log.tell(
            Weight::Warning,
            tree.root(),
            "CIB syntax changes may invalidate ACLs that use \"xpath\". It is strongly \
             recommended to run \"cibadmin --upgrade\" and then examine the updated CIB carefully \
             to ensure ACLs still match the desired intent."
                .to_owned(),
        );
    }
}
