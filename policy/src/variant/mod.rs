//! What each variant does differently: the flags of its actions and what orderings mean for them,
//! its internal orderings and its actions. Reading order: `group`, `instances` (clones and
//! bundles), `clone`, `bundle`.

mod bundle;
mod clone;
mod group;
mod instances;

use crate::actions::{ActionFlags, ActionIdx};
use crate::facts::Variant;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::{Changed, Update};

impl Plan {
    /// Returns an action's flags; a collective's come from its members (those on `node` if given),
    /// **and what they make impossible or required is noted on the action itself**.
    ///
    /// # Source
    /// `action_flags()` methods
    pub(crate) fn action_flags(
        &mut self,
        rsc: RscIdx,
        action: ActionIdx,
        node: Option<NodeIdx>,
    ) -> ActionFlags {
        let variant = self.variant(rsc);
        if variant == Variant::Primitive {
            return self.actions[action].flags;
        }
        if let Some(known) = self.actions.known_flags(action, node) {
            return known;
        }
        let since = self.actions.changes();
        let flags = self.collect_action_flags(rsc, action, node);
        if self.actions.changes() == since {
            self.actions.keep_flags(action, node, since, flags);
        }
        flags
    }

    fn collect_action_flags(
        &mut self,
        rsc: RscIdx,
        action: ActionIdx,
        node: Option<NodeIdx>,
    ) -> ActionFlags {
        match self.variant(rsc) {
            Variant::Primitive => self.actions[action].flags,
            Variant::Group => self.group_action_flags(rsc, action, node),
            Variant::Clone => {
                let instances = self.rscs[rsc].children.clone();
                self.collective_action_flags(rsc, action, &instances, node)
            }
            Variant::Bundle => self.bundle_action_flags(rsc, action, node),
        }
    }

    /// Applies one implication of an ordering by the rules of `rsc`, which is the first or the
    /// second action's resource.
    ///
    /// # Source
    /// `update_ordered_actions()` methods
    pub(crate) fn update_ordered(&mut self, rsc: RscIdx, update: Update) -> Changed {
        match self.variant(rsc) {
            Variant::Primitive => self.update_ordered_base(update),
            Variant::Group => self.update_ordered_group(update),
            Variant::Clone | Variant::Bundle => self.update_ordered_instances(update),
        }
    }
}
