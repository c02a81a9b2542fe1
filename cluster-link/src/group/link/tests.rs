//! One thing happens to a quiet cluster: what each node sees, and how soon.

use crate::group::LeaveReason;
use crate::sim::{Defect, World};

const TOKEN_MS: u64 = 1000;

/// Starts `n` nodes at once and waits for their view.
fn quiet(seed: u64, n: usize) -> World {
    let mut world = World::new(seed, n, TOKEN_MS, Defect::None);
    for host in 0..n {
        world.start(host, false);
    }
    world.play(TOKEN_MS / 2).expect("no promise is broken");
    for run in &world.runs {
        assert_eq!(run.views.len(), 1, "seed {seed}, node {}: one view at once", run.node);
        assert_eq!(run.views[0].members.len(), n, "seed {seed}, node {}", run.node);
    }
    world
}

/// Plays for a time, then returns what each of the first `n` runs but `without` saw after its first
/// view: the member counts, and who left why.
fn seen(world: &mut World, ms: u64, without: usize) -> Vec<Vec<(usize, Vec<LeaveReason>)>> {
    let n = world.runs.len();
    world.play(ms).expect("no promise is broken");
    let others = world.runs.iter().take(n).enumerate().filter(|(i, _)| *i != without);
    let brief =
        |v: &crate::group::View| (v.members.len(), v.left.iter().map(|l| l.1).collect::<Vec<_>>());
    others.map(|(_, run)| run.views.iter().skip(1).map(brief).collect()).collect()
}

/// The time within which all must have noticed a silent death, for `n` nodes.
fn suspicion_ms(n: usize) -> u64 {
    let token = TOKEN_MS + TOKEN_MS / 2 * (n as u64 - 2);
    token + token / 4
}

#[test]
fn a_node_without_power_is_lost_after_the_token_time_and_nobody_else_is() {
    for n in 2..=6 {
        for seed in 0..20 {
            let mut world = quiet(seed, n);
            let victim = usize::try_from(seed).expect("small") % n;
            world.kill(victim, true);
            for views in seen(&mut world, suspicion_ms(n), victim) {
                assert_eq!(views, [(n - 1, vec![LeaveReason::Lost])], "seed {seed}, {n} nodes");
            }
        }
    }
}

#[test]
fn a_killed_daemon_is_lost_at_once() {
    for n in 2..=6 {
        for seed in 0..20 {
            let mut world = quiet(seed, n);
            let victim = usize::try_from(seed).expect("small") % n;
            world.kill(victim, false);
            for views in seen(&mut world, 200, victim) {
                assert_eq!(views, [(n - 1, vec![LeaveReason::Lost])], "seed {seed}, {n} nodes");
            }
        }
    }
}

#[test]
fn a_goodbye_is_no_loss() {
    for n in 2..=6 {
        for seed in 0..20 {
            let mut world = quiet(seed, n);
            let victim = usize::try_from(seed).expect("small") % n;
            world.leave(victim);
            for views in seen(&mut world, 200, victim) {
                assert_eq!(views, [(n - 1, vec![LeaveReason::Left])], "seed {seed}, {n} nodes");
            }
        }
    }
}

#[test]
fn a_session_that_is_reset_expels_nobody() {
    for seed in 0..50 {
        let mut world = quiet(seed, 3);
        world.reset(0, 2);
        for views in seen(&mut world, 2 * TOKEN_MS, 3) {
            for (members, left) in views {
                assert_eq!((members, left.len()), (3, 0), "seed {seed}");
            }
        }
    }
}

#[test]
fn a_cut_between_two_of_three_ends_in_two_stable_groups() {
    for seed in 0..20 {
        let mut world = quiet(seed, 3);
        world.cut(0, 1);
        world.play(10 * TOKEN_MS).expect("no promise is broken");
        let settled: Vec<_> = world.runs.iter().map(|r| r.views.len()).collect();
        let last = |i: usize| {
            let view = world.runs[i].views.last().expect("a view");
            view.members.iter().map(|m| m.node).collect::<Vec<_>>()
        };
        assert_eq!([last(0), last(1), last(2)], [vec![1, 3], vec![2], vec![1, 3]], "seed {seed}");
        world.play(20 * TOKEN_MS).expect("no promise is broken");
        let later: Vec<_> = world.runs.iter().map(|r| r.views.len()).collect();
        assert_eq!(later, settled, "seed {seed}: no view without need");
    }
}

#[test]
fn a_node_that_takes_part_in_nothing_is_left_out_and_the_rest_go_on() {
    for seed in 0..20 {
        let mut world = quiet(seed, 3);
        // It sends heartbeats only; a reset session makes a round necessary.
        world.set_mute(2);
        world.reset(0, 1);
        world.play(10 * TOKEN_MS).expect("no promise is broken");
        for host in [0, 1] {
            let view = world.runs[host].views.last().expect("a view");
            let members: Vec<_> = view.members.iter().map(|m| m.node).collect();
            assert_eq!(members, [1, 2], "seed {seed}");
        }
        let word = world.submit(0, 0).expect("room");
        world.play(TOKEN_MS).expect("no promise is broken");
        let got = world.runs[1].delivered.values().flatten().any(|id| *id == word);
        assert!(got, "seed {seed}");
    }
}

#[test]
fn a_stopped_daemon_is_expelled_and_joins_again_when_it_continues() {
    for seed in 0..20 {
        let mut world = quiet(seed, 3);
        world.pause(0, true);
        world.play(4 * TOKEN_MS).expect("no promise is broken");
        assert_eq!(world.runs[1].views.last().map(|v| v.members.len()), Some(2), "seed {seed}");
        world.pause(0, false);
        world.play(4 * TOKEN_MS).expect("no promise is broken");
        for run in &world.runs {
            assert_eq!(run.views.last().map(|v| v.members.len()), Some(3), "seed {seed}");
        }
        // It never took itself for the only survivor.
        let sizes: Vec<_> = world.runs[0].views.iter().map(|v| v.members.len()).collect();
        assert!(sizes.iter().all(|s| *s == 3), "seed {seed}: {sizes:?}");
    }
}

#[test]
fn a_node_that_starts_late_joins_without_waiting_for_one_that_is_off() {
    for seed in 0..20 {
        let mut world = World::new(seed, 3, TOKEN_MS, Defect::None);
        world.start(1, false);
        world.play(4 * TOKEN_MS).expect("no promise is broken");
        assert_eq!(world.runs[0].views.len(), 1, "alone after the join time");
        world.start(0, false);
        world.play(TOKEN_MS / 2).expect("no promise is broken");
        for run in &world.runs {
            assert_eq!(run.views.last().map(|v| v.members.len()), Some(2), "seed {seed}");
        }
        assert_eq!(world.runs[1].views.len(), 1, "seed {seed}: the first view is the common one");
    }
}
