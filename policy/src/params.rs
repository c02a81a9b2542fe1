//! Instance attributes of resources, evaluated for a node.
//!
//! **Source:** pacemaker `lib/pengine/complex.c` (`pe_rsc_params()`, `get_rsc_attributes()`),
//! `lib/pacemaker/pcmk_sched_remote.c` (`pcmk__substitute_remote_addr()`).

use rustc_hash::FxHashMap;
use std::sync::Arc;

use crate::facts::AttrMap;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::unpack::nvset;
use crate::unpack::rule::RuleInput;

/// Parameters that were evaluated already.
#[derive(Debug, Default)]
pub struct ParamCache {
    tables: FxHashMap<(RscIdx, Option<NodeIdx>), Arc<AttrMap>>,
}

impl Plan {
    /// Returns the resource's parameters on `node` (`None`: where no node is known yet).
    pub fn rsc_params(&mut self, rsc: RscIdx, node: Option<NodeIdx>) -> Arc<AttrMap> {
        if let Some(known) = self.params.tables.get(&(rsc, node)) {
            return Arc::clone(known);
        }
        let (values, next_change) = self.evaluate_params(rsc, node);
        if let Some(time) = next_change {
            self.recheck_at(time);
        }
        let values = Arc::new(values);
        self.params.tables.insert((rsc, node), Arc::clone(&values));
        values
    }

    /// Evaluates a resource's parameters on `node`; returns them and when (epoch seconds) they may
    /// be others.
    pub(crate) fn evaluate_params(
        &self,
        rsc: RscIdx,
        node: Option<NodeIdx>,
    ) -> (AttrMap, Option<i64>) {
        let mut values = AttrMap::new();
        let attrs = node.map(|n| &self.facts.nodes[n].attrs);
        let mut at = Some(rsc);
        let mut next_change: Option<i64> = None;
        while let Some(rsc) = at {
            let facts = &self.facts.rscs[rsc];
            if let Some(xml) = facts.xml.and_then(|xml| self.facts.config.element(xml)) {
                let input =
                    RuleInput { now: self.facts.now, node_attrs: attrs, ..RuleInput::default() };
                let change = nvset::unpack(xml, "instance_attributes", &input, None, &mut values);
                next_change = next_change.into_iter().chain(change).min();
            }
            at = facts.parent;
        }
        (values, next_change)
    }

    /// Overrides a parameter of a resource where no node is known.
    pub(crate) fn set_param(&mut self, rsc: RscIdx, name: &str, value: &str) {
        let mut changed = (*self.rsc_params(rsc, None)).clone();
        changed.set(name, value);
        self.params.tables.insert((rsc, None), Arc::new(changed));
    }

    /// Replaces the address `#uname` of a bundle's connection by that of the container's node.
    pub(crate) fn substitute_remote_addr(&mut self, rsc: RscIdx, node: NodeIdx) {
        let params = self.rsc_params(rsc, Some(node));
        if params.get("addr") != Some("#uname") {
            return;
        }
        let base = self.rsc_params(rsc, None);
        if let Some(addr) = base.get("addr") {
            let mut changed = (*params).clone();
            changed.set("addr", addr);
            self.params.tables.insert((rsc, Some(node)), Arc::new(changed));
        }
    }
}
