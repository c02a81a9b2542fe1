//! Clones and their instances.
//!
//! **Source:** pacemaker `lib/pengine/clone.c` (`clone_unpack()`, `pe__create_clone_child()`).

use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

use cib_model::xml::ElementRef;
use cib_model::{Score, boolean};

use super::resources::{Unpacker, Unusable, index_tree};
use crate::facts::{AttrMap, CloneFacts, RscFlags, VariantFacts};
use crate::index::RscIdx;
use crate::plan::Plan;

fn number(meta: &AttrMap, name: &str, legacy: Option<&str>, default: i32) -> i32 {
    let value = meta.get(name).or_else(|| legacy.and_then(|l| meta.get(l)));
    match value {
        None => default,
        Some(value) => Score::parse(value).map_or(0, Score::value).max(0),
    }
}

/// Most instances a clone is given, unless the cluster has more nodes than that.
///
/// COMPAT(pacemaker 3.x, clone.c clone_unpack()): the reference makes up to 1,000,000, which takes
/// it hours and all memory.
pub(super) const INSTANCES_MAX: i32 = 1_000;

impl Unpacker<'_> {
    pub(super) fn clone(&mut self, rsc: RscIdx, element: ElementRef<'_>) -> Result<(), Unusable> {
        let plan = &mut *self.plan;
        let node_count = i32::try_from(plan.facts.nodes.len()).unwrap_or(i32::MAX);
        let promotable = plan.rscs[rsc].has(RscFlags::PROMOTABLE);
        let unique = plan.rscs[rsc].has(RscFlags::UNIQUE);
        let facts = &mut plan.facts.rscs[rsc];
        let meta = &facts.meta;
        let on = |name: &str| meta.get(name).and_then(boolean::parse).unwrap_or(false);
        let mut clone = CloneFacts {
            clone_max: number(meta, "clone-max", None, node_count.max(1)),
            clone_node_max: number(meta, "clone-node-max", None, 1),
            interleave: on("interleave"),
            ordered: on("ordered"),
            ..CloneFacts::default()
        };
        let most = INSTANCES_MAX.max(node_count);
        if clone.clone_max > most {
            plan.diagnostics.warn(format!(
                "Using {most} instances of {} instead of clone-max {}",
                facts.id, clone.clone_max
            ));
            clone.clone_max = most;
        }
        if promotable {
            clone.promoted_max = number(meta, "promoted-max", Some("master-max"), 1);
            clone.promoted_node_max = number(meta, "promoted-node-max", Some("master-node-max"), 1);
        }
        if !unique && clone.clone_node_max > 1 {
            plan.diagnostics.error(format!(
                "Ignoring clone-node-max of {} for {} because anonymous clones support only one \
                 instance per node",
                clone.clone_node_max, facts.id
            ));
            clone.clone_node_max = 1;
        }
        let Some(child) = element.children().find(|c| matches!(c.name(), "primitive" | "group"))
        else {
            plan.diagnostics.error(format!("{} has nothing to clone", facts.id));
            return Err(Unusable);
        };
        clone.child_xml = Some(child.xml_id());
        clone.child_id = child.id().unwrap_or_default().into();
        let max = clone.clone_max;
        facts.kind = VariantFacts::Clone(Box::new(clone));
        facts.meta.set_default("resource-stickiness", "1");
        facts.meta.set("globally-unique", boolean::text(unique));
        for _ in 0..max.max(1) {
            self.instance(rsc).ok_or(Unusable)?;
            // Reading the first instance may have made the clone anonymous, and smaller.
            let clone = self.plan.facts.rscs[rsc].clone_facts();
            if clone.is_some_and(|c| i64::from(c.total_clones) >= i64::from(max.max(1))) {
                break;
            }
        }
        Ok(())
    }

    /// Adds the next instance; one more than `clone-max` is marked as removed.
    pub(super) fn instance(&mut self, clone: RscIdx) -> Option<RscIdx> {
        let config = Arc::clone(&self.plan.facts.config);
        let facts = self.plan.facts.rscs[clone].clone_facts()?;
        let child = facts.child_xml.and_then(|id| config.element(id))?;
        let (count, max) = (facts.total_clones, facts.clone_max);
        let removed = i64::from(count) >= i64::from(max);
        let instance = self.resource(child, Some(clone), Some(&count.to_string())).ok()?;
        if let Some(facts) = self.plan.facts.rscs[clone].clone_facts_mut() {
            facts.total_clones += 1;
        }
        self.plan.rscs[clone].children.push(instance);
        if removed {
            mark_removed(self.plan, instance);
        }
        self.plan.facts.rscs[instance].meta.set("clone-max", &max.to_string());
        Some(instance)
    }

    /// Limits a clone of an agent that cannot be globally unique to one instance a node.
    ///
    /// # Source
    /// `pe__force_anon()`.
    pub(super) fn force_anonymous(&mut self, clone: RscIdx) {
        let nodes = i32::try_from(self.plan.facts.nodes.len()).unwrap_or(i32::MAX);
        let message = format!(
            "Ignoring globally-unique for {} because its resources can be used only as anonymous \
             clones",
            self.plan.facts.rscs[clone].id
        );
        self.plan.diagnostics.warn(message);
        if let Some(facts) = self.plan.facts.rscs[clone].clone_facts_mut() {
            facts.clone_node_max = 1;
            facts.clone_max = facts.clone_max.min(nodes);
        }
    }
}

fn mark_removed(plan: &mut Plan, rsc: RscIdx) {
    plan.rscs[rsc].flags |= RscFlags::REMOVED;
    for child in plan.rscs[rsc].children.clone() {
        mark_removed(plan, child);
    }
}

/// Adds an instance for history that fits none of the configured ones, and returns it.
///
/// # Source
/// `create_anonymous_removed_instance()`.
pub(super) fn removed_instance(plan: &mut Plan, clone: RscIdx) -> Option<RscIdx> {
    let (bundles, invalid) = (FxHashMap::default(), FxHashSet::default());
    let mut unpacker = Unpacker { plan, bundles: &bundles, invalid: &invalid };
    let instance = unpacker.instance(clone)?;
    index_tree(plan, instance);
    Some(instance)
}
