//! Tables of views and what votequorum says of them.

use super::*;

/// Runs one node of `config` through views; each other member brings what `peers` says of it, by
/// default a vote and nothing else.
struct Run {
    votequorum: Votequorum,
    now: u64,
}

impl Run {
    fn new(local: NodeId, config: &QuorumConfig) -> Self {
        let (votequorum, _) = Votequorum::new(local, config).expect("valid options");
        Self { votequorum, now: 0 }
    }

    fn view(&mut self, members: &[NodeId]) -> QuorumInfo {
        self.view_with(members, NodeVotes { votes: 1, ..NodeVotes::default() })
    }

    /// All other members bring `peer`.
    fn view_with(&mut self, members: &[NodeId], peer: NodeVotes) -> QuorumInfo {
        let own = self.votequorum.node_votes();
        let local = self.votequorum.local;
        let votes = |node: &NodeId| (*node, if *node == local { own } else { peer });
        let members: Vec<_> = members.iter().map(votes).collect();
        self.votequorum.handle_view(self.now, &members)
    }
}

/// quorate, expected, total, quorum.
fn brief(info: &QuorumInfo) -> (bool, u32, u32, u32) {
    (info.quorate, info.expected, info.total, info.quorum)
}

#[test]
fn a_majority_of_the_configured_votes_is_needed() {
    let table: [(u32, u32, bool, u32); 8] = [
        (1, 1, true, 1),
        (2, 1, false, 2),
        (2, 2, true, 2),
        (3, 1, false, 2),
        (3, 2, true, 2),
        (4, 2, false, 3),
        (5, 3, true, 3),
        (16, 9, true, 9),
    ];
    for (configured, present, quorate, quorum) in table {
        let mut run = Run::new(1, &QuorumConfig::plain(1..=configured));
        let members: Vec<NodeId> = (1..=present).collect();
        let expected = (quorate, configured, present, quorum);
        assert_eq!(brief(&run.view(&members)), expected, "{present} of {configured}");
    }
}

#[test]
fn expected_votes_1_grows_with_the_second_node_and_never_shrinks() {
    // The 2015 walkthrough's file on two nodes, as seen on corosync 3.1.7.
    let config = QuorumConfig { expected_votes: Some(1), ..QuorumConfig::plain([1, 2]) };
    let mut run = Run::new(1, &config);
    assert_eq!(brief(&run.view(&[1])), (true, 1, 1, 1));
    assert_eq!(brief(&run.view(&[1, 2])), (true, 2, 2, 2));
    assert_eq!(brief(&run.view(&[1])), (false, 2, 1, 2));
    assert_eq!(brief(&run.view(&[1, 2])), (true, 2, 2, 2));
}

#[test]
fn two_node_waits_for_both_once_then_one_is_enough() {
    let config = QuorumConfig { two_node: true, ..QuorumConfig::plain([1, 2]) };
    let mut run = Run::new(1, &config);
    let alone = run.view(&[1]);
    assert_eq!(brief(&alone), (false, 2, 1, 1));
    assert!(alone.waiting_for_all && alone.two_node);
    let both = run.view(&[1, 2]);
    assert_eq!(brief(&both), (true, 2, 2, 1));
    assert!(!both.waiting_for_all);
    assert_eq!(brief(&run.view(&[1])), (true, 2, 1, 1));
}

#[test]
fn two_node_without_waiting_is_quorate_at_once() {
    let config =
        QuorumConfig { two_node: true, wait_for_all: Some(false), ..QuorumConfig::plain([1, 2]) };
    assert_eq!(brief(&Run::new(1, &config).view(&[1])), (true, 2, 1, 1));
}

#[test]
fn wait_for_all_is_cleared_by_a_quorate_peer_and_armed_again_when_quorum_is_lost() {
    let config = QuorumConfig { wait_for_all: Some(true), ..QuorumConfig::plain(1..=3) };
    let mut run = Run::new(1, &config);
    let two = run.view(&[1, 2]);
    assert!(!two.quorate && two.waiting_for_all, "{two:?}");
    let working = NodeVotes { votes: 1, expected: 3, quorate: true, waiting_for_all: false };
    let two = run.view_with(&[1, 2], working);
    assert!(two.quorate && !two.waiting_for_all, "{two:?}");
    let one = run.view(&[1]);
    assert!(!one.quorate && one.waiting_for_all, "{one:?}");
    let two = run.view(&[1, 2]);
    assert!(!two.quorate && two.waiting_for_all, "two of three do not do any more: {two:?}");
    assert!(run.view(&[1, 2, 3]).quorate);
}

#[test]
fn last_man_standing_follows_departures_down_to_two() {
    let config = QuorumConfig { last_man_standing: true, ..QuorumConfig::plain(1..=4) };
    let mut run = Run::new(1, &config);
    assert_eq!(brief(&run.view(&[1, 2, 3, 4])), (true, 4, 4, 3));
    assert_eq!(brief(&run.view(&[1, 2, 3])), (true, 4, 3, 3));
    assert_eq!(run.votequorum.poll_timeout(), Some(10_000));
    assert_eq!(run.votequorum.handle_timeout(9_999), None);
    run.now = 10_000;
    let later = run.votequorum.handle_timeout(10_000).expect("expected votes fall");
    assert_eq!(brief(&later), (true, 3, 3, 2));
    assert_eq!(brief(&run.view(&[1, 2])), (true, 3, 2, 2));
    let later = run.votequorum.handle_timeout(20_000).expect("expected votes fall");
    assert_eq!(brief(&later), (true, 2, 2, 2));
    assert_eq!(brief(&run.view(&[1])), (false, 2, 1, 2));
}

#[test]
fn the_tie_breaker_s_half_stays_quorate() {
    let plain = || QuorumConfig::plain(1..=4);
    let table: [(TieBreaker, &[NodeId], bool); 8] = [
        (TieBreaker::Off, &[1, 2], false),
        (TieBreaker::Lowest, &[1, 2], true),
        (TieBreaker::Lowest, &[2, 3], false),
        (TieBreaker::Highest, &[2, 4], true),
        (TieBreaker::Highest, &[1, 2], false),
        (TieBreaker::List(vec![3, 1]), &[2, 3], true),
        (TieBreaker::List(vec![3, 1]), &[1, 2], false),
        (TieBreaker::Lowest, &[1], false),
    ];
    for (auto_tie_breaker, half, quorate) in table {
        let config = QuorumConfig { auto_tie_breaker, ..plain() };
        let mut run = Run::new(half[0], &config);
        assert!(run.view(&[1, 2, 3, 4]).quorate);
        let info = run.view(half);
        assert_eq!(info.quorate, quorate, "{:?} {half:?}", config.auto_tie_breaker);
    }
}

#[test]
fn options_that_exclude_each_other_are_refused_or_said() {
    let odd = QuorumConfig {
        auto_tie_breaker: TieBreaker::Lowest,
        last_man_standing: true,
        ..QuorumConfig::plain(1..=3)
    };
    let refused = Votequorum::new(1, &odd).map(|_| ());
    assert_eq!(refused, Err(QuorumError::TieBreakerWithLastManStanding));
    let odd = QuorumConfig { last_man_standing: false, ..odd };
    let (_, notes) = Votequorum::new(1, &odd).expect("switched off");
    assert_eq!(notes.len(), 1);
    let both = QuorumConfig {
        two_node: true,
        auto_tie_breaker: TieBreaker::Lowest,
        ..QuorumConfig::plain(1..=2)
    };
    let (votequorum, notes) = Votequorum::new(1, &both).expect("switched off");
    assert!(!votequorum.info().two_node && notes.len() == 1);
}

#[test]
fn votes_of_a_heavy_node_count() {
    let mut config = QuorumConfig::plain(1..=3);
    config.votes.insert(1, 3);
    let mut run = Run::new(1, &config);
    assert_eq!(brief(&run.view(&[1])), (true, 5, 3, 3));
    let heavy = NodeVotes { votes: 3, ..NodeVotes::default() };
    let mut run = Run::new(2, &config);
    assert_eq!(brief(&run.view_with(&[2, 1], heavy)), (true, 5, 4, 3));
}
