//! Seeds in number, directed scenarios, and the proof that the checkers see.

use super::*;

/// Seeds for each number of nodes: `LINK_SEEDS`, else 500 in CI and 50 on a developer's machine.
fn seeds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a test's size, not the simulator's")]
    let [seeds, ci] = ["LINK_SEEDS", "CI"].map(|name| std::env::var(name).unwrap_or_default());
    seeds.parse().unwrap_or(if ci == "true" { 500 } else { 50 })
}

fn storm(nodes: usize, seeds: u64) {
    let scenario = Scenario::storm(nodes);
    let mut sum = Tally::default();
    for seed in 0..seeds {
        match run(seed, &scenario) {
            Ok(tally) => sum += tally,
            Err(broken) => panic!("seed {seed}, {nodes} nodes: {broken}"),
        }
    }
    println!("{nodes} nodes, {seeds} seeds: {sum:?}");
    assert!(sum.views > 0 && sum.deliveries > 0, "{sum:?}");
}

#[test]
fn two_nodes_in_a_storm_keep_every_promise() {
    storm(2, seeds());
}

#[test]
fn three_nodes_in_a_storm_keep_every_promise() {
    storm(3, seeds());
}

#[test]
fn five_nodes_in_a_storm_keep_every_promise() {
    storm(5, seeds());
}

#[test]
fn sixteen_nodes_in_a_storm_keep_every_promise() {
    storm(16, (seeds() / 50).max(1));
}

/// Returns how many of `seeds` storms break a promise, and the first broken one.
fn breaks(defect: Defect, seeds: u64) -> (u64, String) {
    let scenario = Scenario { defect, ..Scenario::storm(3) };
    let broken: Vec<String> = (0..seeds).filter_map(|seed| run(seed, &scenario).err()).collect();
    (broken.len() as u64, broken.first().cloned().unwrap_or_default())
}

#[test]
fn an_epoch_that_is_not_durable_is_found() {
    let (count, first) = breaks(Defect::ForgetEpoch, 20);
    assert!(count > 10, "only {count} of 20: {first}");
    assert!(first.starts_with('P'), "{first}");
}

#[test]
fn a_flush_that_forgets_a_message_is_found() {
    let (count, first) = breaks(Defect::ShortFlush, 100);
    assert!(count > 0, "{first}");
}

#[test]
fn equal_seeds_play_equally() {
    let scenario = Scenario::storm(3);
    assert_eq!(run(7, &scenario), run(7, &scenario));
}
