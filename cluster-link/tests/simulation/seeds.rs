//! Random courses of events: crashes, kills, cuts, clean stops, configuration changes.

use std::collections::BTreeSet;

use cluster_link::group::NodeId;

use crate::check;
use crate::world::World;

/// Courses for each number of nodes: `LINK_SEEDS`, else 500 in CI and 50 on a developer's machine.
fn seeds() -> u64 {
    let [seeds, ci] = ["LINK_SEEDS", "CI"].map(|name| std::env::var(name).unwrap_or_default());
    seeds.parse().unwrap_or(if ci == "true" { 500 } else { 50 })
}

fn course(seed: u64, nodes: usize) {
    let mut world = World::new(nodes, seed, "ignore");
    let all: Vec<NodeId> = world.hosts.keys().copied().collect();
    for &node in &all {
        world.start(node);
    }
    world.advance(1_000);
    let mut resources = 0;
    for _ in 0..12 {
        let node = *world.random.pick(&all);
        let up = world.is_up(node);
        match world.random.below(10) {
            0 if up => world.crash(node),
            1 if up => world.kill(node),
            2 if up => world.shutdown(node),
            3 | 4 if !up => world.start(node),
            5 => {
                let sides: Vec<(NodeId, u32)> = all
                    .iter()
                    .map(|n| (*n, u32::try_from(world.random.below(2)).unwrap()))
                    .collect();
                world.network.cut(&sides, &mut world.random);
            }
            6 => world.network.cut(&[], &mut world.random),
            7 | 8 if up => {
                resources += 1;
                world.add_resource(node, &format!("r{resources}"));
            }
            _ => {}
        }
        let steps = world.random.below(400);
        world.run(steps);
    }
    heal(&mut world, &all);
}

/// Everybody comes back and hears everybody: then everything must be well.
fn heal(world: &mut World, all: &[NodeId]) {
    world.network.cut(&[], &mut world.random);
    world.advance(60_000);
    for &node in all {
        if !world.is_up(node) {
            world.start(node);
        }
    }
    world.advance(600_000);
    check::at_rest(world);
    let info = world.hosts[&all[0]].node.as_ref().unwrap();
    assert!(info.dc().is_some(), "no DC after healing");
    let wanted: BTreeSet<String> = info
        .cib()
        .root()
        .descendants()
        .filter(|e| e.name() == "primitive")
        .filter_map(|e| e.id().map(str::to_owned))
        .collect();
    let running: BTreeSet<String> =
        world.hosts.values().flat_map(|h| h.agents.active.iter().cloned()).collect();
    assert!(running.is_superset(&wanted), "{wanted:?} must run, {running:?} do");
}

fn courses(nodes: usize) {
    // One seed alone, to look into it.
    let only = std::env::var("SIMULATION_SEED").ok().map(|s| s.parse::<u64>().unwrap());
    for seed in only.map_or(0..seeds(), |seed| seed..seed + 1) {
        let result = std::panic::catch_unwind(|| course(seed, nodes));
        assert!(result.is_ok(), "seed {seed} with {nodes} nodes fails (see above)");
    }
}

/// Courses beyond CI's first 500 that found a fault once: a resource in no surviving configuration;
/// a node whose CIB was replaced in a view that ended before its history was written anew.
#[test]
fn five_nodes_in_courses_that_failed_once() {
    for seed in [1895, 2144] {
        course(seed, 5);
    }
}

#[test]
fn one_node() {
    courses(1);
}

#[test]
fn two_nodes() {
    courses(2);
}

#[test]
fn three_nodes() {
    courses(3);
}

#[test]
fn five_nodes() {
    courses(5);
}
