//! Which member of a view becomes DC (designated controller).
//!
//! **Source:** pacemaker `daemons/controld/controld_election.c`, `lib/cluster/election.c`.
//! **Differs:** there are no votes: every member has the same states in the same order and takes
//! the same decision. A DC in office goes before members that are not, so that a merge does not
//! move the office without need; Pacemaker compares CPU time instead.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::message::MemberState;
use crate::group::NodeId;

/// Returns the member that is to be DC; `None` for no members.
///
/// # Order
/// Not leaving, lower feature set, longest in office, longer uptime (whole seconds), smaller name
/// (letters' case ignored), lower node id.
pub fn elect(states: &BTreeMap<NodeId, MemberState>) -> Option<NodeId> {
    states.values().min_by(|a, b| compare(a, b)).map(|s| s.node)
}

fn compare(a: &MemberState, b: &MemberState) -> Ordering {
    a.leaving
        .cmp(&b.leaving)
        .then_with(|| feature_set(&a.feature_set).cmp(&feature_set(&b.feature_set)))
        .then_with(|| b.tenure_ms.cmp(&a.tenure_ms))
        .then_with(|| (b.uptime_ms / 1000).cmp(&(a.uptime_ms / 1000)))
        .then_with(|| a.name.to_lowercase().cmp(&b.name.to_lowercase()))
        .then_with(|| a.node.cmp(&b.node))
}

/// Splits a feature set into its numbers; what is no number counts as 0.
fn feature_set(text: &str) -> Vec<u32> {
    text.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(node: NodeId, name: &str, set: &str, tenure_ms: u64, uptime_ms: u64) -> MemberState {
        MemberState {
            node,
            name: name.to_owned(),
            feature_set: set.to_owned(),
            tenure_ms,
            uptime_ms,
            ..MemberState::default()
        }
    }

    fn check(members: &[MemberState], expected: NodeId) {
        let states = members.iter().map(|m| (m.node, m.clone())).collect();
        assert_eq!(elect(&states), Some(expected), "{members:?}");
    }

    #[test]
    fn order_of_criteria() {
        let old = member(3, "c", "3.9.1", 0, 0);
        let new = member(1, "a", "3.20.5", 9000, 9000);
        check(&[old.clone(), new.clone()], 3);
        let office = member(2, "b", "3.20.5", 10, 0);
        let longer = member(1, "a", "3.20.5", 0, 9000);
        check(&[office.clone(), longer.clone()], 2);
        check(&[longer.clone(), member(3, "B", "3.20.5", 0, 8000)], 1);
        check(&[member(1, "b", "3", 0, 900), member(2, "A", "3", 0, 100)], 2);
        let leaving = MemberState { leaving: true, ..old };
        check(&[leaving, new], 1);
    }

    #[test]
    fn nobody_elects_nobody() {
        assert_eq!(elect(&BTreeMap::new()), None);
    }
}
