//! Seeds in number, directed scenarios, and the proof that the checkers see.

use super::*;

/// Seeds for each number of nodes: `LINK_SEEDS`, else 500.
fn seeds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a test's size, not the simulator's")]
    let seeds = std::env::var("LINK_SEEDS").ok();
    seeds.and_then(|s| s.parse().ok()).unwrap_or(500)
}

fn storm(nodes: usize) {
    let scenario = Scenario::storm(nodes);
    let mut sum = Tally::default();
    for seed in 0..seeds() {
        match run(seed, &scenario) {
            Ok(tally) => sum += tally,
            Err(broken) => panic!("seed {seed}, {nodes} nodes: {broken}"),
        }
    }
    println!("{nodes} nodes, {} seeds: {sum:?}", seeds());
    assert!(sum.views > 0 && sum.deliveries > 0 && sum.uncertain > 0, "{sum:?}");
}

#[test]
fn two_nodes_in_a_storm_keep_every_promise() {
    storm(2);
}

#[test]
fn three_nodes_in_a_storm_keep_every_promise() {
    storm(3);
}

#[test]
fn five_nodes_in_a_storm_keep_every_promise() {
    storm(5);
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
