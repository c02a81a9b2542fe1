//! How the instances of a clone are shown: one by one, or as names of nodes.
//!
//! **Source:** pacemaker `lib/pengine/clone.c` (`pe__clone_default()`).

use cib_model::Role;

use crate::facts::RscFlags;
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::state::When;

/// How an instance is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InstanceKind {
    /// With a line of its own.
    Alone,
    /// Not at all, or among the stopped ones.
    Hidden,
    /// As the name of the node where it is promoted.
    Promoted(NodeIdx),
    /// As the name of the node where it is started.
    Started(NodeIdx),
}

/// Returns how `instance` of `clone` is shown. `pending`: a pending action is worth a line.
pub fn instance_kind(plan: &Plan, clone: RscIdx, instance: RscIdx, pending: bool) -> InstanceKind {
    let partly = plan.is_active(instance, false);
    if plan.rsc_has(clone, RscFlags::UNIQUE) {
        let shown = partly || !plan.rsc_has(clone, RscFlags::REMOVED);
        return if shown { InstanceKind::Alone } else { InstanceKind::Hidden };
    }
    let action = plan.rscs[instance].pending_action.as_deref();
    if pending && action.is_some_and(|action| action != "probe") {
        return InstanceKind::Alone;
    }
    if !partly {
        return InstanceKind::Hidden;
    }
    let unusual = plan.any_has(instance, RscFlags::REMOVED)
        || !all_have(plan, instance, RscFlags::MANAGED)
        || plan.any_has(instance, RscFlags::FAILED);
    if unusual || !plan.is_active(instance, true) {
        return InstanceKind::Alone;
    }
    match plan.location(instance, When::Current) {
        None => InstanceKind::Alone,
        Some(node) if !plan.nodes[node].online && plan.nodes[node].unclean => InstanceKind::Alone,
        Some(node) if plan.role(instance, When::Current) > Role::Unpromoted => {
            InstanceKind::Promoted(node)
        }
        Some(node) => InstanceKind::Started(node),
    }
}

fn all_have(plan: &Plan, rsc: RscIdx, flag: RscFlags) -> bool {
    plan.rsc_has(rsc, flag) && plan.rscs[rsc].children.iter().all(|c| all_have(plan, *c, flag))
}
