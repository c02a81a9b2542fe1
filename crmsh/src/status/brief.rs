//! `-b`: how many resources of each agent are active, instead of a line for each.
//!
//! **Source:** pacemaker `lib/pengine/native.c`, `pe__rscs_brief_output()`.

use std::collections::BTreeMap;

use policy::Plan;
use policy::facts::RscFlags;
use policy::index::{NodeIdx, RscIdx};
use policy::unpack::compare_node_names;

use super::resource_list::item;

/// Returns the lines for the primitives among `rscs`; `all` tells how many there are and names
/// agents without an active resource; `place` names the nodes.
pub(super) fn lines(plan: &Plan, rscs: &[RscIdx], all: bool, place: bool, depth: usize) -> String {
    let mut total: BTreeMap<String, usize> = BTreeMap::new();
    let mut active: BTreeMap<(String, NodeIdx), usize> = BTreeMap::new();
    for &rsc in rscs.iter().filter(|rsc| plan.is_primitive(**rsc)) {
        let agent = agent(plan, rsc);
        *total.entry(agent.clone()).or_default() += 1;
        for &node in &plan.rscs[rsc].active {
            let state = &plan.nodes[node];
            if state.online || state.unclean || !plan.rsc_has(rsc, RscFlags::MANAGED) {
                *active.entry((agent.clone(), node)).or_default() += 1;
            }
        }
    }
    let mut text = String::new();
    for (agent, total) in &total {
        let mut nodes: Vec<(&NodeIdx, &usize)> =
            active.iter().filter(|((a, _), _)| a == agent).map(|((_, n), c)| (n, c)).collect();
        let name = |node: &NodeIdx| &*plan.facts.nodes[*node].name;
        nodes.sort_by(|a, b| compare_node_names(name(a.0), name(b.0)));
        for (node, count) in &nodes {
            let of = if all { format!("/{total}") } else { String::new() };
            let place = if place { name(node) } else { "" };
            text += &item(depth, &format!("{count}{of}\t({agent}):\tActive {place}"));
        }
        if all && nodes.is_empty() {
            text += &item(depth, &format!("0/{total}\t({agent}):\tActive"));
        }
    }
    text
}

/// Returns `class:provider:type`.
pub(super) fn agent(plan: &Plan, rsc: RscIdx) -> String {
    let facts = &plan.facts.rscs[rsc];
    let provider = facts.provider.as_deref().filter(|_| facts.class.eq_ignore_ascii_case("ocf"));
    let provider = provider.map_or_else(String::new, |provider| format!(":{provider}"));
    format!("{}{provider}:{}", facts.class, facts.agent)
}
