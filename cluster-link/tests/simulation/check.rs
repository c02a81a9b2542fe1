//! What must hold: while things move, and when they have come to rest.

use std::collections::BTreeSet;

use cluster_link::group::NodeId;

use crate::world::World;

/// No resource is started while it is active or starting on another node of the same view.
pub(crate) fn start_is_allowed(world: &World, node: NodeId, rsc: &str) {
    let view = |n: NodeId| {
        let cores = world.hosts[&n].node.as_ref()?;
        cores.replica().view().map(|v| v.id)
    };
    for (other, host) in world.hosts.iter().filter(|(n, _)| **n != node) {
        if view(*other) != view(node) {
            continue;
        }
        let there = host.agents.active.contains(rsc) || host.agents.starting().any(|r| r == rsc);
        assert!(
            !there,
            "{rsc} is started on n{node} while it is on n{other}; last lines:\n{}",
            tail(world)
        );
    }
}

/// Members of a view have one DC and one CIB, and nothing runs twice among them.
pub(crate) fn at_rest(world: &World) {
    for members in world.network.components() {
        let mut digests = BTreeSet::new();
        let mut dcs = BTreeSet::new();
        let mut active = BTreeSet::new();
        for &node in &members {
            let Some(cores) = &world.hosts[&node].node else { continue };
            assert!(cores.replica().is_joined(), "n{node} has not joined\n{}", tail(world));
            assert_eq!(cores.replica().outstanding(), 0, "n{node} waits\n{}", tail(world));
            digests.insert((cores.replica().version(), cores.replica().digest()));
            dcs.extend(cores.dc());
            for rsc in &world.hosts[&node].agents.active {
                let first = active.insert(rsc.clone());
                assert!(first, "{rsc} is active twice in {members:?}\n{}", tail(world));
            }
        }
        assert!(digests.len() <= 1, "members {members:?} differ: {digests:?}\n{}", tail(world));
        let dc = dcs.first().copied();
        assert!(
            dcs.len() <= 1 && dc.is_none_or(|dc| members.contains(&dc)),
            "members {members:?} have DCs {dcs:?}\n{}",
            tail(world)
        );
    }
}

fn tail(world: &World) -> String {
    let from = world.log.len().saturating_sub(60);
    world.log[from..].join("\n")
}
