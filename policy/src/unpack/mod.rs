//! Phase 1, `cluster_status()`: from the CIB to facts.
//!
//! Reading order: `expand` and `bundle_xml` (the working copy of the configuration), `rule` and
//! `nvset` (values), `config`, `nodes`, `resources` with `clones` and `bundles`, `location`; then
//! `status` (the passes), `node_state`, `history` (entries and their age), `lrm` (whose history it
//! is), `op_result` with `expiry` and `migration` (what an entry says), `rsc_state` and `running`
//! (what that means), `failcount`.

mod bundle_xml;
mod bundles;
mod clones;
mod config;
mod expand;
mod expiry;
pub mod failcount;
pub(crate) mod history;
pub(crate) mod location;
pub(crate) mod lrm;
mod migration;
mod node_state;
mod nodes;
pub(crate) mod nvset;
mod op_result;
mod resources;
mod rsc_state;
pub(crate) mod rule;
mod running;
mod status;

use rustc_hash::FxHashSet;
use std::sync::Arc;

use cib_model::Cib;
use cib_model::xml::ElementRef;

use crate::Options;
use crate::diagnostics::Diagnostics;
use crate::facts::{ClusterFlags, Facts, IdRefs};
use crate::plan::Plan;
use crate::trace::Trace;

pub use nodes::compare_node_names;

/// Reads the CIB into a fresh plan.
pub fn run(cib: &Cib, options: &Options) -> Plan {
    let mut diagnostics = Diagnostics::default();
    let expanded = expand::run(cib.root(), &mut diagnostics);
    let configuration = expanded.tree.root().child("configuration");
    let (mut cluster, next_change) =
        config::run(cib.root(), configuration, options.now, &mut diagnostics);
    cluster.flags.set(ClusterFlags::SANITIZED, options.sanitized);
    let section = |name: &str| configuration.and_then(|c| c.child(name)).map(ElementRef::xml_id);
    let (op_defaults, rsc_defaults) = (section("op_defaults"), section("rsc_defaults"));
    let facts = Facts {
        now: options.now,
        options: cluster,
        feature_set: cib.root().attr("crm_feature_set").map(Into::into),
        config: Arc::new(expanded.tree),
        op_defaults,
        rsc_defaults,
        templates: expanded.templates,
        tags: IdRefs::default(),
        ..Facts::default()
    };
    let mut plan = Plan { facts, diagnostics, ..Plan::default() };
    plan.trace = Trace { enabled: options.trace, ..Trace::default() };
    if let Some(time) = next_change {
        plan.recheck_at(time);
    }
    nodes::run(&mut plan, cib.root(), &expanded.remote_nodes);
    let invalid: FxHashSet<_> = expanded.invalid.into_iter().collect();
    resources::run(&mut plan, &expanded.bundles, &invalid);
    plan.facts.tags = tags(&plan.facts);
    status::run(&mut plan, cib.root());
    plan
}

/// Reads the tags.
fn tags(facts: &Facts) -> IdRefs {
    let mut tags = IdRefs::default();
    let section = facts.config.root().child("configuration").and_then(|c| c.child("tags"));
    for tag in section.into_iter().flat_map(|s| s.children_named("tag")) {
        let Some(id) = tag.id() else { continue };
        for reference in tag.children_named("obj_ref").filter_map(ElementRef::id) {
            tags.add(id, reference);
        }
    }
    tags
}
