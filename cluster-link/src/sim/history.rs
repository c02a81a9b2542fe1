//! What each run of a node was told, and what must hold over all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::{Event, NodeId, View, ViewId};

/// Names a message: who submitted it in which run, and its ticket.
pub type MessageId = (NodeId, u64, u64);

/// What one run of a node's daemon was told.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The node.
    pub node: NodeId,
    /// Its incarnation.
    pub incarnation: u64,
    /// Its views, in order.
    pub views: Vec<View>,
    /// What it delivered in each view, in order.
    pub delivered: BTreeMap<ViewId, Vec<MessageId>>,
    /// Tickets of its own that it submitted, got back, and was told to be uncertain.
    pub submitted: BTreeSet<u64>,
    /// Own tickets in the order of their delivery.
    pub own: Vec<u64>,
    /// Own tickets that were declared uncertain.
    pub uncertain: BTreeSet<u64>,
    /// The last direct message's number by sender and its incarnation.
    directs: BTreeMap<(NodeId, u64), u64>,
    quorum_due: bool,
}

/// Encodes the name of a message as its body, with padding.
pub fn body(id: MessageId, padding: usize) -> Vec<u8> {
    let mut body = Vec::with_capacity(20 + padding);
    body.extend_from_slice(&id.0.to_be_bytes());
    body.extend_from_slice(&id.1.to_be_bytes());
    body.extend_from_slice(&id.2.to_be_bytes());
    body.resize(20 + padding, b'.');
    body
}

fn id_of(body: &[u8]) -> Option<MessageId> {
    let (node, rest) = body.split_first_chunk::<4>()?;
    let (run, rest) = rest.split_first_chunk::<8>()?;
    let (ticket, _) = rest.split_first_chunk::<8>()?;
    Some((u32::from_be_bytes(*node), u64::from_be_bytes(*run), u64::from_be_bytes(*ticket)))
}

impl Run {
    /// Returns the run of a node that begins.
    pub fn new(node: NodeId, incarnation: u64) -> Self {
        Self { node, incarnation, ..Self::default() }
    }

    /// Takes what the engine said.
    ///
    /// # Errors
    /// A promise that this event alone breaks.
    pub fn record(&mut self, event: &Event) -> Result<(), String> {
        let who = format!("node {} run {}", self.node, self.incarnation);
        if self.quorum_due && !matches!(event, Event::Quorum(_) | Event::Notice(_)) {
            return Err(format!("{who}: no quorum after a view"));
        }
        match event {
            Event::View(view) => {
                self.begin(view).map_err(|e| format!("{who}: {e}"))?;
                self.views.push(view.clone());
                self.quorum_due = true;
            }
            Event::Quorum(_) => self.quorum_due = false,
            Event::Deliver { view, from, ticket, message } => {
                let id = id_of(message).ok_or("a message nobody sent")?;
                if self.views.last().map(|v| v.id) != Some(*view) || id.0 != *from {
                    return Err(format!("{who}: {id:?} from {from} delivered in {view:?}"));
                }
                let mine = id.0 == self.node && id.1 == self.incarnation;
                if ticket.map(|t| t.0) != mine.then_some(id.2) {
                    return Err(format!("{who}: {id:?} came with {ticket:?}"));
                }
                self.own.extend(ticket.map(|t| t.0));
                self.delivered.entry(*view).or_default().push(id);
            }
            Event::Direct { from, message } => {
                let id = id_of(message).ok_or("a message nobody sent")?;
                let member = self.views.last().is_some_and(|v| has(v, *from));
                let last = self.directs.insert((id.0, id.1), id.2);
                if !member || last.is_some_and(|l| l >= id.2) {
                    return Err(format!("{who}: direct {id:?} after {last:?}, member: {member}"));
                }
            }
            Event::Uncertain(tickets) => self.uncertain.extend(tickets.iter().map(|t| t.0)),
            Event::Notice(_) => {}
        }
        Ok(())
    }

    /// P1, and the view's own lists.
    fn begin(&self, view: &View) -> Result<(), String> {
        if !has(view, self.node) || !view.with_me.contains(&self.node) {
            return Err(format!("P1: not a member of {view:?}"));
        }
        let before: Vec<_> = self.views.last().map(|v| v.members.clone()).unwrap_or_default();
        let joined: Vec<_> =
            view.members.iter().filter(|m| !before.contains(m)).map(|m| m.node).collect();
        let left: Vec<_> =
            before.iter().filter(|m| !view.members.contains(m)).map(|m| m.node).collect();
        let said: Vec<_> = view.left.iter().map(|l| l.0).collect();
        if joined != view.joined || left != said {
            return Err(format!("joined {joined:?} left {left:?}, but told {view:?}"));
        }
        Ok(())
    }
}

fn has(view: &View, node: NodeId) -> bool {
    view.members.iter().any(|m| m.node == node)
}

/// Checks P1 to P5 over all runs of all nodes, oldest run of a node first.
///
/// # Errors
/// The first broken promise.
pub fn check(runs: &[Run]) -> Result<(), String> {
    ids_grow(runs)?;
    equal_ids_mean_equal_members(runs)?;
    one_order_in_a_view(runs)?;
    together_means_the_same_messages(runs)?;
    runs.iter().try_for_each(no_duplicates)
}

/// P1: ids grow on a node, across its runs too.
fn ids_grow(runs: &[Run]) -> Result<(), String> {
    let mut last: BTreeMap<NodeId, ViewId> = BTreeMap::new();
    for run in runs {
        for view in &run.views {
            if let Some(before) = last.insert(run.node, view.id)
                && before >= view.id
            {
                return Err(format!("P1: node {}: {before:?}, then {:?}", run.node, view.id));
            }
        }
    }
    Ok(())
}

/// P2.
fn equal_ids_mean_equal_members(runs: &[Run]) -> Result<(), String> {
    let mut members = BTreeMap::new();
    for view in runs.iter().flat_map(|r| &r.views) {
        let known = members.entry(view.id).or_insert(&view.members);
        if *known != &view.members {
            return Err(format!("P2: {:?}: {known:?} and {:?}", view.id, view.members));
        }
    }
    Ok(())
}

/// P3: of two members' messages in a view, one's are the beginning of the other's.
fn one_order_in_a_view(runs: &[Run]) -> Result<(), String> {
    let mut longest: BTreeMap<ViewId, &Vec<MessageId>> = BTreeMap::new();
    for (view, messages) in runs.iter().flat_map(|r| &r.delivered) {
        let known = longest.entry(*view).or_insert(messages);
        let common = known.len().min(messages.len());
        if known.get(..common) != messages.get(..common) {
            return Err(format!("P3: in {view:?}: {known:?} and {messages:?}"));
        }
        if messages.len() > known.len() {
            *known = messages;
        }
    }
    Ok(())
}

/// P4, and that `with_me` says who came along.
fn together_means_the_same_messages(runs: &[Run]) -> Result<(), String> {
    let none = Vec::new();
    let mut moves: BTreeMap<(ViewId, ViewId), (NodeId, &Vec<MessageId>)> = BTreeMap::new();
    let mut origins: BTreeMap<(ViewId, NodeId), Option<ViewId>> = BTreeMap::new();
    for run in runs {
        let mut before = None;
        for view in &run.views {
            origins.insert((view.id, run.node), before);
            if let Some(old) = before {
                let messages = run.delivered.get(&old).unwrap_or(&none);
                let (node, known) = moves.entry((old, view.id)).or_insert((run.node, messages));
                if *known != messages {
                    return Err(format!(
                        "P4: {old:?} to {:?}: node {node} {known:?}, node {} {messages:?}",
                        view.id, run.node
                    ));
                }
            }
            before = Some(view.id);
        }
    }
    for run in runs {
        for view in &run.views {
            let own = origins.get(&(view.id, run.node)).copied().flatten();
            for member in view.members.iter().filter(|m| m.node != run.node) {
                let Some(other) = origins.get(&(view.id, member.node)) else { continue };
                let together = own.is_some() && *other == own;
                if together != view.with_me.contains(&member.node) {
                    return Err(format!("with_me of node {} in {view:?} is wrong", run.node));
                }
            }
        }
    }
    Ok(())
}

/// P5, the order of each sender's messages, and that an uncertain ticket does not come back.
fn no_duplicates(run: &Run) -> Result<(), String> {
    let who = format!("node {} run {}", run.node, run.incarnation);
    let mut last: BTreeMap<(NodeId, u64), u64> = BTreeMap::new();
    for id in run.views.iter().filter_map(|v| run.delivered.get(&v.id)).flatten() {
        if last.insert((id.0, id.1), id.2).is_some_and(|before| before >= id.2) {
            return Err(format!("P5: {who}: {id:?} twice or out of its sender's"));
        }
    }
    if let Some(ticket) = run.own.iter().find(|t| run.uncertain.contains(t)) {
        return Err(format!("{who}: ticket {ticket} was uncertain and delivered"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Member, Ticket};

    fn view(epoch: u64, nodes: &[NodeId]) -> View {
        let member = |n: &NodeId| Member { node: *n, name: String::new(), incarnation: 1 };
        let members: Vec<Member> = nodes.iter().map(member).collect();
        let id = ViewId { epoch, coordinator: nodes[0] };
        View { id, members, with_me: nodes.to_vec(), joined: vec![], left: vec![] }
    }

    fn run(node: NodeId, views: &[View], delivered: &[(&View, &[MessageId])]) -> Run {
        let delivered = delivered.iter().map(|(v, m)| (v.id, m.to_vec())).collect();
        let mut views = views.to_vec();
        if let Some(first) = views.first_mut() {
            first.with_me = vec![node];
        }
        Run { views, delivered, ..Run::new(node, 1) }
    }

    fn broken(runs: &[Run]) -> String {
        check(runs).expect_err("must be found")[..2].to_owned()
    }

    #[test]
    fn each_broken_promise_is_found() {
        let (one, two) = (view(1, &[1, 2]), view(2, &[1, 2]));
        let (a, b): (MessageId, MessageId) = ((1, 1, 1), (2, 1, 1));
        let good = run(1, &[one.clone(), two.clone()], &[(&one, &[a, b])]);
        let along = run(2, &[one.clone(), two.clone()], &[(&one, &[a, b])]);
        assert_eq!(check(&[good.clone(), along]), Ok(()));
        let back = run(1, &[two.clone(), one.clone()], &[]);
        assert_eq!(broken(&[back]), "P1");
        let other = View { members: view(1, &[1, 3]).members, ..one.clone() };
        assert_eq!(broken(&[good.clone(), run(2, &[other], &[])]), "P2");
        assert_eq!(
            broken(&[good.clone(), run(2, std::slice::from_ref(&one), &[(&one, &[b, a])])]),
            "P3"
        );
        let short = run(2, &[one.clone(), two.clone()], &[(&one, &[a])]);
        assert_eq!(broken(&[good, short]), "P4");
        assert_eq!(broken(&[run(1, std::slice::from_ref(&one), &[(&one, &[a, a])])]), "P5");
    }

    #[test]
    fn a_view_without_its_node_and_a_foreign_ticket_are_found_at_once() {
        let mut run = Run::new(3, 1);
        assert!(run.record(&Event::View(view(1, &[1, 2]))).is_err());
        let mut run = Run::new(1, 1);
        let mut first = view(1, &[1, 2]);
        first.joined = vec![1, 2];
        run.record(&Event::View(first.clone())).expect("a good view");
        run.record(&Event::Quorum(crate::group::QuorumInfo::default())).expect("quorum");
        let ticket = Some(Ticket(1));
        let message = body((2, 1, 1), 0);
        let event = Event::Deliver { view: first.id, from: 2, ticket, message };
        assert!(run.record(&event).is_err());
    }
}
