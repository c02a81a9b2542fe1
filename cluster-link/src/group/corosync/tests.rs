//! The agreement on views, over a pretended corosync that keeps one order for each partition.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{LeaveReason, View};
use super::frame::Frame;
use super::*;

/// Some nodes, and which of them hear each other.
#[derive(Default)]
struct Net {
    nodes: BTreeMap<NodeId, Membership>,
    parts: Vec<BTreeSet<NodeId>>,
    ring: u64,
    seen: BTreeMap<NodeId, Vec<Event>>,
}

impl Net {
    fn new(nodes: &[NodeId]) -> Self {
        let mut net = Self::default();
        for node in nodes {
            net.start(*node);
        }
        net.split(&[nodes]);
        net
    }

    fn start(&mut self, node: NodeId) {
        let membership = Membership::new(node, format!("n{node}"), u64::from(node) * 10, 0);
        self.nodes.insert(node, membership);
        self.parts.push(BTreeSet::from([node]));
    }

    /// Makes these partitions, tells the configurations, and lets everybody talk.
    fn split(&mut self, parts: &[&[NodeId]]) {
        self.split_silently(parts);
        self.talk();
    }

    fn split_silently(&mut self, parts: &[&[NodeId]]) {
        self.ring += 4;
        let old = std::mem::take(&mut self.parts);
        self.parts = parts.iter().map(|part| part.iter().copied().collect()).collect();
        for part in &self.parts {
            for node in part {
                let before = old.iter().find(|old| old.contains(node)).cloned().unwrap_or_default();
                let membership = self.nodes.get_mut(node).unwrap();
                let members: Vec<_> = part.iter().map(|node| (*node, node + 1000)).collect();
                let left: Vec<_> =
                    before.difference(part).map(|node| (*node, LeaveReason::Lost)).collect();
                let joined: Vec<_> = part.difference(&before).copied().collect();
                membership.handle_ring(self.ring);
                membership.handle_configuration(&members, &left, &joined);
            }
        }
    }

    /// Delivers frames, partition by partition in one order, until nobody has any.
    fn talk(&mut self) {
        loop {
            let mut quiet = true;
            for part in self.parts.clone() {
                for node in &part {
                    let Some(frame) = self.nodes[node].frame_to_send() else { continue };
                    self.nodes.get_mut(node).unwrap().frame_sent();
                    quiet = false;
                    for to in &part {
                        self.nodes.get_mut(to).unwrap().handle_frame(*node, &frame);
                    }
                }
            }
            if quiet {
                break;
            }
        }
        for (node, membership) in &mut self.nodes {
            let events = std::iter::from_fn(|| membership.poll_event());
            self.seen.entry(*node).or_default().extend(events);
        }
    }

    fn views(&self, node: NodeId) -> Vec<&View> {
        let views = self.seen[&node].iter().filter_map(|event| match event {
            Event::View(view) => Some(view),
            _ => None,
        });
        views.collect()
    }

    fn view(&self, node: NodeId) -> &View {
        self.views(node).last().unwrap()
    }

    /// Delivered messages: sender and text.
    fn heard(&self, node: NodeId) -> Vec<(NodeId, String)> {
        let heard = self.seen[&node].iter().filter_map(|event| match event {
            Event::Deliver { from, message, .. } | Event::Direct { from, message } => {
                Some((*from, String::from_utf8_lossy(message).into_owned()))
            }
            _ => None,
        });
        heard.collect()
    }

    fn submit(&mut self, node: NodeId, text: &str) -> Ticket {
        self.nodes.get_mut(&node).unwrap().submit(text.as_bytes().to_vec()).unwrap()
    }
}

fn ids(view: &View) -> Vec<NodeId> {
    view.members.iter().map(|member| member.node).collect()
}

#[test]
fn members_agree_on_one_view_with_names() {
    let net = Net::new(&[3, 1, 2]);
    let view = net.view(1);
    assert_eq!(ids(view), [1, 2, 3]);
    assert_eq!(view.id.coordinator, 1);
    assert_eq!((view.members[2].name.as_str(), view.members[2].incarnation), ("n3", 30));
    assert_eq!(net.view(2).id, view.id);
    assert_eq!(net.view(3).id, view.id);
    assert_eq!(view.with_me, [1], "nobody shared an earlier view");
    assert_eq!(view.joined, [1, 2, 3]);
}

#[test]
fn messages_come_in_one_order_and_tickets_to_their_sender() {
    let mut net = Net::new(&[1, 2]);
    let ticket = net.submit(1, "a");
    net.submit(2, "b");
    net.submit(1, "c");
    net.nodes.get_mut(&1).unwrap().send_to(2, b"only you".to_vec()).unwrap();
    net.talk();
    let all: Vec<_> = net.heard(1);
    assert_eq!(all, [(1, "a".to_owned()), (2, "b".to_owned()), (1, "c".to_owned())]);
    let mut other = net.heard(2);
    other.retain(|(_, text)| text != "only you");
    assert_eq!(other, all);
    assert_eq!(net.heard(2).len(), 4);
    let tickets: Vec<_> = net.seen[&1]
        .iter()
        .filter_map(|event| match event {
            Event::Deliver { ticket, .. } => Some(*ticket),
            _ => None,
        })
        .collect();
    assert_eq!(tickets[..2], [Some(ticket), None]);
}

#[test]
fn a_partition_has_a_view_on_each_side_and_heals() {
    let mut net = Net::new(&[1, 2, 3]);
    let whole = net.view(1).id;
    net.split(&[&[1, 2], &[3]]);
    let small = net.view(1).clone();
    assert_eq!((ids(&small), small.with_me.clone()), (vec![1, 2], vec![1, 2]));
    assert_eq!(small.left, [(3, LeaveReason::Lost)]);
    assert_eq!(net.view(3).left.len(), 2);
    assert!(small.id > whole && net.view(3).id > whole && net.view(3).id != small.id);
    net.split(&[&[1, 2, 3]]);
    assert_eq!(net.view(3).id, net.view(1).id);
    assert!(net.view(1).id > small.id);
    assert_eq!(net.view(1).with_me, [1, 2]);
    assert_eq!(net.view(3).with_me, [3]);
    assert_eq!(net.view(3).joined, [1, 2]);
}

#[test]
fn who_left_and_came_back_before_a_view_did_not_come_with_us() {
    let mut net = Net::new(&[1, 2]);
    net.split_silently(&[&[1], &[2]]);
    net.split_silently(&[&[1, 2]]);
    net.talk();
    assert_eq!(net.views(1).len(), 2);
    assert_eq!(ids(net.view(1)), [1, 2]);
    assert_eq!(net.view(1).with_me, [1]);
    assert_eq!(net.view(2).with_me, [2]);
}

#[test]
fn messages_of_an_ended_view_are_uncertain_and_counted_by_nobody() {
    let mut net = Net::new(&[1, 2]);
    let ticket = net.submit(1, "lost");
    let frame = net.nodes[&1].frame_to_send().unwrap();
    net.nodes.get_mut(&1).unwrap().frame_sent();
    net.split_silently(&[&[1], &[2]]);
    net.split_silently(&[&[1, 2]]);
    // corosync delivers it late, in the new ring.
    for node in [1, 2] {
        net.nodes.get_mut(&node).unwrap().handle_frame(1, &frame);
    }
    net.talk();
    assert_eq!(net.heard(1), []);
    assert_eq!(net.heard(2), []);
    let uncertain: Vec<_> =
        net.seen[&1].iter().filter(|event| matches!(event, Event::Uncertain(_))).collect();
    assert_eq!(uncertain, [&Event::Uncertain(vec![ticket])]);
}

#[test]
fn messages_submitted_while_a_view_forms_are_delivered_in_it() {
    let mut net = Net::new(&[1, 2]);
    net.split_silently(&[&[1], &[2]]);
    net.submit(1, "early");
    net.nodes.get_mut(&1).unwrap().send_to(2, b"to one that is gone".to_vec()).unwrap();
    net.talk();
    assert_eq!(net.heard(1), [(1, "early".to_owned())]);
    assert_eq!(net.nodes.get_mut(&1).unwrap().send_to(2, Vec::new()), Err(SendError::NotMember(2)));
}

#[test]
fn quorum_follows_each_view_and_then_changes() {
    let mut net = Net::new(&[1]);
    let one = net.nodes.get_mut(&1).unwrap();
    assert!(one.wants_quorum());
    let info = QuorumInfo { quorate: true, total: 1, ..QuorumInfo::default() };
    one.handle_quorum(info.clone());
    one.handle_quorum(info.clone());
    assert_eq!(one.poll_event(), Some(Event::Quorum(info.clone())));
    assert_eq!(one.poll_event(), None, "no news");
    one.handle_quorum(QuorumInfo { quorate: false, ..info });
    assert!(matches!(one.poll_event(), Some(Event::Quorum(info)) if !info.quorate));
}

#[test]
fn epochs_grow_over_restarts() {
    let mut early = Membership::new(1, "n1".to_owned(), 7, 1 << 40);
    early.handle_configuration(&[(1, 5)], &[], &[1]);
    let hello = early.frame_to_send().unwrap();
    early.frame_sent();
    early.handle_frame(1, &hello);
    let Some(Event::View(view)) = early.poll_event() else { panic!() };
    assert_eq!(view.id.epoch, (1 << 40) + 1);
}

#[test]
fn a_member_of_another_version_is_named_once() {
    let mut net = Net::new(&[1]);
    let one = net.nodes.get_mut(&1).unwrap();
    one.handle_frame(9, &[77, 1, 2]);
    one.handle_frame(9, &[77]);
    one.handle_frame(8, &[]);
    let Some(Event::Notice(notice)) = one.poll_event() else { panic!() };
    assert_eq!(notice.message, "node 9 speaks version 77 of the protocol");
    assert!(matches!(one.poll_event(), Some(Event::Notice(_))));
    assert_eq!(one.poll_event(), None);
}

#[test]
fn frames_read_back_and_none_panics() {
    let view = super::super::ViewId { epoch: 8, coordinator: 2 };
    let frames = [
        Frame::Ordered { view, ticket: 5, message: b"m".to_vec() },
        Frame::Direct { view, to: 3, message: Vec::new() },
    ];
    for frame in frames {
        let bytes = frame.write();
        assert_eq!(Frame::read(&bytes), Ok(frame));
        for end in 0..bytes.len() {
            drop(Frame::read(&bytes[..end]));
        }
    }
}

#[test]
fn large_and_many_messages_are_refused() {
    let mut one = Membership::new(1, "n1".to_owned(), 7, 0);
    let large = super::super::MESSAGE_SIZE_MAX + 1;
    assert_eq!(one.submit(vec![0; large]), Err(SendError::TooLarge(large)));
    while one.submit(Vec::new()).is_ok() {}
    assert_eq!(one.submit(Vec::new()), Err(SendError::Busy));
}
