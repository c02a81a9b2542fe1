//! Which nodes are shown with a line of their own, and the lists of the others.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c` (`node_list_text()`).

use crate::facts::NodeFlags;
use crate::index::NodeIdx;
use crate::plan::Plan;
use crate::scores::health;

/// Titles of the lists, in their order.
const TITLES: [&str; 5] = ["Online", "OFFLINE", "RemoteOnline", "RemoteOFFLINE", "GuestOnline"];

/// Returns true where there is more to say of a node than whether it is online.
pub fn is_shown_alone(plan: &Plan, node: NodeIdx) -> bool {
    let state = &plan.nodes[node];
    state.unclean
        || state.pending
        || (state.has(NodeFlags::FAIL_STANDBY) && state.online)
        || state.has(NodeFlags::STANDBY)
        || state.maintenance
        || health::of_node(plan, node) <= 0
}

/// Names of nodes that are simply online or offline, by kind of node.
#[derive(Debug, Default)]
pub struct NodeLists<'a>([Vec<&'a str>; TITLES.len()]);

impl<'a> NodeLists<'a> {
    /// Adds a node; a guest that is offline is in no list.
    pub fn add(&mut self, plan: &'a Plan, node: NodeIdx) {
        let (guest, remote) = (plan.facts.is_guest(node), plan.facts.is_remote(node));
        let list = match (plan.nodes[node].online, guest, remote) {
            (true, true, _) => 4,
            (true, _, true) => 2,
            (true, ..) => 0,
            (false, true, _) => return,
            (false, _, true) => 3,
            (false, ..) => 1,
        };
        self.0[list].push(&plan.facts.nodes[node].name);
    }

    /// Returns the lists that hold something, as `Online: [ a b ]`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let lists = TITLES.iter().zip(&self.0).filter(|(_, names)| !names.is_empty());
        lists.map(|(title, names)| format!("{title}: [ {} ]", names.join(" ")))
    }
}
