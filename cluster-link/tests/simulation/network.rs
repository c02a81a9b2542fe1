//! The group as its contract allows it to behave: members of a view deliver the same messages in
//! one order; a view's end loses what nobody has delivered, and direct messages at will.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cluster_link::group::{Event, LeaveReason, Member, NodeId, QuorumInfo, View, ViewId};

use crate::random::Random;

/// One view in existence: what was ordered in it, and how far each member is.
struct Channel {
    id: ViewId,
    members: BTreeSet<NodeId>,
    ordered: Vec<(NodeId, Vec<u8>)>,
    delivered: BTreeMap<NodeId, usize>,
}

#[derive(Default)]
struct Port {
    incarnation: u64,
    outgoing: VecDeque<Vec<u8>>,
    incoming: VecDeque<Event>,
    channel: Option<usize>,
    last_members: BTreeMap<NodeId, u64>,
}

pub(crate) struct Network {
    nodes: usize,
    ports: BTreeMap<NodeId, Port>,
    /// Which side of the cut each node is on.
    side: BTreeMap<NodeId, u32>,
    channels: Vec<Channel>,
    epoch: u64,
}

impl Network {
    pub(crate) fn new(nodes: usize) -> Self {
        Network {
            nodes,
            ports: BTreeMap::new(),
            side: BTreeMap::new(),
            channels: Vec::new(),
            epoch: 0,
        }
    }

    pub(crate) fn name(node: NodeId) -> String {
        format!("n{node}")
    }

    /// A node's daemon starts.
    pub(crate) fn attach(&mut self, node: NodeId, incarnation: u64, random: &mut Random) {
        self.ports.insert(node, Port { incarnation, ..Port::default() });
        self.reform(LeaveReason::Lost, random);
    }

    /// A node's daemon is gone.
    pub(crate) fn detach(&mut self, node: NodeId, reason: LeaveReason, random: &mut Random) {
        self.ports.remove(&node);
        self.reform(reason, random);
    }

    /// Cuts the network: nodes hear each other on the same side only.
    pub(crate) fn cut(&mut self, sides: &[(NodeId, u32)], random: &mut Random) {
        self.side = sides.iter().copied().collect();
        self.reform(LeaveReason::Lost, random);
    }

    pub(crate) fn submit(&mut self, node: NodeId, message: Vec<u8>) {
        if let Some(port) = self.ports.get_mut(&node) {
            port.outgoing.push_back(message);
        }
    }

    pub(crate) fn send_to(&mut self, from: NodeId, to: NodeId, message: Vec<u8>) {
        let channel = self.ports.get(&from).and_then(|p| p.channel);
        if let Some(port) = self.ports.get_mut(&to)
            && port.channel == channel
        {
            port.incoming.push_back(Event::Direct { from, message });
        }
    }

    pub(crate) fn take(&mut self, node: NodeId) -> Option<Event> {
        self.ports.get_mut(&node)?.incoming.pop_front()
    }

    /// Nodes that hear each other.
    pub(crate) fn components(&self) -> Vec<Vec<NodeId>> {
        let mut sides: BTreeMap<u32, Vec<NodeId>> = BTreeMap::new();
        for node in self.ports.keys() {
            sides.entry(self.side.get(node).copied().unwrap_or(0)).or_default().push(*node);
        }
        sides.into_values().collect()
    }

    /// Moves something on; false where nothing is under way.
    pub(crate) fn step(&mut self, random: &mut Random) -> bool {
        let mut moves: Vec<(NodeId, bool)> = Vec::new();
        for (node, port) in &self.ports {
            let Some(channel) = port.channel.and_then(|c| self.channels.get(c)) else { continue };
            if !port.outgoing.is_empty() {
                moves.push((*node, true));
            }
            if channel.delivered[node] < channel.ordered.len() {
                moves.push((*node, false));
            }
        }
        if moves.is_empty() {
            return false;
        }
        let (node, order) = *random.pick(&moves);
        let port = self.ports.get_mut(&node).unwrap();
        let channel = &mut self.channels[port.channel.unwrap()];
        if order {
            channel.ordered.push((node, port.outgoing.pop_front().unwrap()));
        } else {
            deliver(channel, node, port);
        }
        true
    }

    pub(crate) fn has_input(&self) -> Vec<NodeId> {
        let waiting = self.ports.iter().filter(|(_, p)| !p.incoming.is_empty());
        waiting.map(|(node, _)| *node).collect()
    }

    /// Ends all views whose members no longer hear each other exactly, and begins new ones.
    fn reform(&mut self, reason: LeaveReason, random: &mut Random) {
        for members in self.components() {
            let same = members.iter().all(|node| {
                let channel = self.ports[node].channel.and_then(|c| self.channels.get(c));
                channel.is_some_and(|c| c.members.iter().eq(members.iter()))
                    && self.ports[node]
                        .last_members
                        .iter()
                        .all(|(n, i)| self.ports.get(n).is_some_and(|p| p.incarnation == *i))
            });
            if !same {
                self.begin_view(&members, reason, random);
            }
        }
    }

    fn begin_view(&mut self, members: &[NodeId], reason: LeaveReason, random: &mut Random) {
        self.epoch += 1;
        let id = ViewId { epoch: self.epoch, coordinator: members[0] };
        let old: BTreeMap<NodeId, Option<usize>> =
            members.iter().map(|n| (*n, self.ports[n].channel)).collect();
        self.flush(members, random);
        let list: Vec<Member> = members
            .iter()
            .map(|node| Member {
                node: *node,
                name: Self::name(*node),
                incarnation: self.ports[node].incarnation,
            })
            .collect();
        let now: BTreeMap<NodeId, u64> = list.iter().map(|m| (m.node, m.incarnation)).collect();
        let channel = self.channels.len();
        for &node in members {
            let port = self.ports.get_mut(&node).unwrap();
            let before = std::mem::replace(&mut port.last_members, now.clone());
            let with_me = |n: &NodeId| old[n].is_some() && old[n] == old[&node];
            let mut with: Vec<NodeId> = members.iter().copied().filter(with_me).collect();
            if !with.contains(&node) {
                with.push(node);
            }
            let view = View {
                id,
                members: list.clone(),
                with_me: with,
                joined: now
                    .iter()
                    .filter(|(n, i)| before.get(n) != Some(i))
                    .map(|(n, _)| *n)
                    .collect(),
                left: before
                    .keys()
                    .filter(|n| !now.contains_key(n))
                    .map(|n| (*n, reason))
                    .collect(),
            };
            port.channel = Some(channel);
            port.incoming.push_back(Event::View(view));
            let total = u32::try_from(members.len()).unwrap();
            let expected = u32::try_from(self.nodes).unwrap();
            let quorum = expected / 2 + 1;
            port.incoming.push_back(Event::Quorum(QuorumInfo {
                quorate: total >= quorum,
                expected,
                total,
                quorum,
                ..QuorumInfo::default()
            }));
        }
        self.channels.push(Channel {
            id,
            members: members.iter().copied().collect(),
            ordered: Vec::new(),
            delivered: members.iter().map(|n| (*n, 0)).collect(),
        });
    }

    /// Members that go on together deliver the same; what is left unordered or unseen may be lost.
    fn flush(&mut self, members: &[NodeId], random: &mut Random) {
        let channels: BTreeSet<usize> =
            members.iter().filter_map(|n| self.ports[n].channel).collect();
        for at in channels {
            let channel = &mut self.channels[at];
            let together: Vec<NodeId> =
                members.iter().copied().filter(|n| self.ports[n].channel == Some(at)).collect();
            let least = together.iter().map(|n| channel.delivered[n]).max().unwrap_or(0);
            let cut = least + random.below(channel.ordered.len() - least + 1);
            for node in together {
                let port = self.ports.get_mut(&node).unwrap();
                while channel.delivered[&node] < cut {
                    deliver(channel, node, port);
                }
                if random.below(2) == 0 {
                    port.outgoing.clear();
                }
                if random.below(4) == 0 {
                    port.incoming.retain(|e| !matches!(e, Event::Direct { .. }));
                }
            }
        }
    }
}

fn deliver(channel: &mut Channel, node: NodeId, port: &mut Port) {
    let at = channel.delivered[&node];
    let (from, message) = channel.ordered[at].clone();
    port.incoming.push_back(Event::Deliver { view: channel.id, from, ticket: None, message });
    channel.delivered.insert(node, at + 1);
}
