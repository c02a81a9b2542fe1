//! Which nodes and resources are to be shown: `--node` and `--resource`, by name or by tag.
//!
//! **Source:** pacemaker `lib/pengine/utils.c` (`pe__build_node_name_list()`,
//! `pe__build_rsc_list()`), the `is_filtered` methods of `native.c`, `group.c`, `clone.c`,
//! `bundle.c`.

use policy::Plan;
use policy::facts::{RscFlags, Variant};
use policy::index::{NodeIdx, RscIdx};

/// What passes.
pub(super) struct Filter {
    /// Names of nodes; `None` = all.
    nodes: Option<Vec<String>>,
    /// Ids of resources; `None` = all.
    rscs: Option<Vec<String>>,
}

impl Filter {
    /// Looks up what was asked for. What is neither a name nor a tag lets nothing pass.
    pub(super) fn of(plan: &Plan, node: Option<&str>, rsc: Option<&str>) -> Filter {
        let tag = |id: &str| -> Vec<String> {
            let refs = plan.facts.tags.get(id).unwrap_or_default();
            refs.iter().map(ToString::to_string).collect()
        };
        let nodes = node.filter(|n| *n != "*").map(|name| {
            if let Some(node) = plan.facts.node_by_name(name) {
                return vec![plan.facts.nodes[node].name.to_string()];
            }
            // A tag holds the ids of nodes.
            let ids = tag(name);
            let nodes = plan.facts.nodes.iter().filter(|n| ids.iter().any(|id| **id == *n.id));
            nodes.map(|node| node.name.to_string()).collect()
        });
        let rscs = rsc.filter(|r| *r != "*").map(|id| {
            let exact = plan.facts.rscs.iter().any(|r| *r.id == *id || *r.xml_id == *id);
            if exact { vec![id.to_owned()] } else { tag(id) }
        });
        Filter { nodes, rscs }
    }

    /// Returns true where everything passes on the side of resources.
    fn all_rscs(&self) -> bool {
        self.rscs.is_none()
    }

    /// Returns true where the node is to be shown.
    pub(super) fn node(&self, name: &str) -> bool {
        let named = |list: &Vec<String>| list.iter().any(|n| n.eq_ignore_ascii_case(name));
        self.nodes.as_ref().is_none_or(named)
    }

    /// Returns true where a resource of this id is to be shown.
    pub(super) fn id(&self, id: &str) -> bool {
        self.rscs.as_ref().is_none_or(|list| list.iter().any(|known| known == id))
    }

    /// Returns true where the resource is asked for by its own name.
    pub(super) fn names(&self, plan: &Plan, rsc: RscIdx) -> bool {
        let id = &plan.facts.rscs[rsc].id;
        self.id(printable_id(plan, rsc)) || (id.contains(':') && self.id(id))
    }

    /// Returns true where the resource is to be shown; `parent`: also where what holds it is.
    pub(super) fn rsc(&self, plan: &Plan, rsc: RscIdx, parent: bool) -> bool {
        if self.all_rscs() {
            return true;
        }
        let facts = &plan.facts.rscs[rsc];
        let any = |list: &[RscIdx]| list.iter().any(|child| self.rsc(plan, *child, false));
        match facts.variant() {
            Variant::Primitive => {
                let own = self.id(printable_id(plan, rsc)) || self.id(&facts.id);
                own || (parent && facts.parent.is_some() && {
                    let top = plan.facts.top(rsc);
                    top != rsc && self.rsc(plan, top, false)
                })
            }
            Variant::Group => {
                let top = plan.facts.top_below_bundle(rsc);
                (parent && self.id(printable_id(plan, top)))
                    || self.names(plan, rsc)
                    || any(&plan.rscs[rsc].children)
            }
            Variant::Clone => {
                let child = facts.clone_facts().map_or("", |clone| &clone.child_id);
                self.id(printable_id(plan, rsc)) || self.id(child) || any(&plan.rscs[rsc].children)
            }
            Variant::Bundle => {
                let replicas = facts.bundle_facts().map_or(&[][..], |bundle| &bundle.replicas);
                self.id(printable_id(plan, rsc))
                    || replicas.iter().any(|replica| any(&replica.parts().collect::<Vec<_>>()))
            }
        }
    }

    /// Returns true for a resource that is active, and on no node that is to be shown.
    pub(super) fn is_elsewhere(&self, plan: &Plan, rsc: RscIdx) -> bool {
        plan.is_active(rsc, false) && !self.runs_on_any(plan, rsc)
    }

    /// Returns true where the resource is active on a node that is to be shown.
    pub(super) fn runs_on_any(&self, plan: &Plan, rsc: RscIdx) -> bool {
        let shown = |node: &NodeIdx| self.node(&plan.facts.nodes[*node].name);
        self.nodes.is_none() || plan.rscs[rsc].active.iter().any(shown)
    }

    /// Returns true where a member of a group is to be shown; `parent`: the group was asked for.
    pub(super) fn member(&self, plan: &Plan, child: RscIdx, parent: bool, inactive: bool) -> bool {
        let passes = self.rsc(plan, child, false);
        let seen = inactive || plan.is_active(child, false);
        (passes && (!self.all_rscs() || seen)) || (parent && seen)
    }

    /// Returns those of `rscs` that are asked for, or whose holder is.
    pub(super) fn of_list(&self, plan: &Plan, rscs: &[RscIdx]) -> Vec<RscIdx> {
        let passes = |rsc: &RscIdx| {
            let parent = plan.facts.rscs[*rsc].parent;
            self.id(printable_id(plan, *rsc))
                || parent.is_some_and(|parent| self.id(printable_id(plan, parent)))
        };
        rscs.iter().copied().filter(passes).collect()
    }
}

/// Returns the id that is shown: without the instance's number where that says nothing.
pub(super) fn printable_id(plan: &Plan, rsc: RscIdx) -> &str {
    let facts = &plan.facts.rscs[rsc];
    if plan.rsc_has(rsc, RscFlags::UNIQUE) { &facts.id } else { &facts.xml_id }
}
