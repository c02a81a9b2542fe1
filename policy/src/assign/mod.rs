//! Phase 6, `assign_resources()`: which resource goes to which node.
//!
//! Reading order: `node_order` (which node is better), `placed` (putting a resource somewhere),
//! `primitive`, `group`, `colocation` (what an assigned primary means for its dependents).

mod colocation;
mod group;
mod node_order;
mod placed;
mod primitive;

pub(crate) use placed::Force;

use crate::facts::{RscFlags, Variant};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

impl Plan {
    /// Assigns all resources: remote connections first, then the others in the scheduler's order.
    ///
    /// # Source
    /// `assign_resources()`
    pub(crate) fn assign_resources(&mut self) {
        let top = self.facts.top.clone();
        let is_connection =
            |plan: &Plan, rsc: RscIdx| plan.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION);
        for &rsc in &top {
            if is_connection(self, rsc) {
                let target = self.rscs[rsc].partial_migration_target;
                self.assign(rsc, target, true);
            }
        }
        for rsc in top {
            if !is_connection(self, rsc) {
                self.assign(rsc, None, true);
            }
        }
    }

    /// Assigns a resource and all below it; returns its node. `prefer` wins among equals;
    /// `stop_if_fail` is false while a placement is only tried.
    ///
    /// # Source
    /// `assign()` methods
    pub(crate) fn assign(
        &mut self,
        rsc: RscIdx,
        prefer: Option<NodeIdx>,
        stop_if_fail: bool,
    ) -> Option<NodeIdx> {
        match self.variant(rsc) {
            Variant::Primitive => self.assign_primitive(rsc, prefer, stop_if_fail),
            Variant::Group => self.assign_group(rsc, prefer, stop_if_fail),
            Variant::Clone | Variant::Bundle => None,
        }
    }
}
