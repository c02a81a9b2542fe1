//! The group of one: no network, no peers, every message is delivered at once.
//!
//! For a cluster of one node, for tests, and as the shortest statement of what [`Group`] promises.

use std::collections::VecDeque;

use super::{
    Event, Group, MESSAGE_SIZE_MAX, Member, NodeId, QuorumInfo, SendError, Ticket, View, ViewId,
};

/// Bytes and messages that may wait for [`Group::next`].
const QUEUE_BYTES_MAX: usize = 4 * MESSAGE_SIZE_MAX;
const QUEUE_LEN_MAX: usize = 4096;

/// A group whose only member is this node.
#[derive(Debug)]
pub struct LocalGroup {
    node: NodeId,
    view: ViewId,
    tickets: u64,
    queue: VecDeque<Event>,
    queued_bytes: usize,
}

impl LocalGroup {
    /// Makes the group; its first events are the view of one member and the quorum.
    ///
    /// `epoch` must be greater than that of the node's last run, where anybody compares view ids.
    pub fn new(member: Member, epoch: u64) -> Self {
        let node = member.node;
        let view = ViewId { epoch, coordinator: node };
        let first = View {
            id: view,
            members: vec![member],
            with_me: vec![node],
            joined: vec![node],
            left: Vec::new(),
        };
        let quorum =
            QuorumInfo { quorate: true, expected: 1, total: 1, quorum: 1, ..QuorumInfo::default() };
        let queue = VecDeque::from([Event::View(first), Event::Quorum(quorum)]);
        Self { node, view, tickets: 0, queue, queued_bytes: 0 }
    }

    fn take(&mut self, message: &[u8]) -> Result<(), SendError> {
        if message.len() > MESSAGE_SIZE_MAX {
            return Err(SendError::TooLarge(message.len()));
        }
        if self.queue.len() >= QUEUE_LEN_MAX || self.queued_bytes + message.len() > QUEUE_BYTES_MAX
        {
            return Err(SendError::Busy);
        }
        self.queued_bytes += message.len();
        Ok(())
    }
}

impl Group for LocalGroup {
    async fn next(&mut self) -> Option<Event> {
        // Nobody can submit while `self` is borrowed here, so an empty queue stays empty.
        let Some(event) = self.queue.pop_front() else { return std::future::pending().await };
        if let Event::Deliver { message, .. } | Event::Direct { message, .. } = &event {
            self.queued_bytes -= message.len();
        }
        Some(event)
    }

    fn submit(&mut self, message: Vec<u8>) -> Result<Ticket, SendError> {
        self.take(&message)?;
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let (view, from) = (self.view, self.node);
        self.queue.push_back(Event::Deliver { view, from, ticket: Some(ticket), message });
        Ok(ticket)
    }

    fn send_to(&mut self, node: NodeId, message: Vec<u8>) -> Result<(), SendError> {
        if node != self.node {
            return Err(SendError::NotMember(node));
        }
        self.take(&message)?;
        self.queue.push_back(Event::Direct { from: node, message });
        Ok(())
    }

    fn local(&self) -> NodeId {
        self.node
    }

    async fn leave(self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group() -> LocalGroup {
        LocalGroup::new(Member { node: 7, name: "n7".into(), incarnation: 3 }, 5)
    }

    #[tokio::test]
    async fn it_conforms() {
        super::super::conformance::run(vec![group()]).await;
    }

    #[tokio::test]
    async fn first_comes_the_view_then_the_quorum_then_messages_in_order() {
        let mut group = group();
        let first = group.submit(b"one".to_vec()).expect("submit");
        group.send_to(7, b"two".to_vec()).expect("send");
        let id = ViewId { epoch: 5, coordinator: 7 };
        assert!(matches!(group.next().await, Some(Event::View(view)) if view.id == id));
        assert!(matches!(group.next().await, Some(Event::Quorum(info)) if info.quorate));
        let message = b"one".to_vec();
        let deliver = Event::Deliver { view: id, from: 7, ticket: Some(first), message };
        assert_eq!(group.next().await, Some(deliver));
        let direct = Event::Direct { from: 7, message: b"two".to_vec() };
        assert_eq!(group.next().await, Some(direct));
    }

    #[test]
    fn refuses_strangers_giants_and_floods() {
        let mut group = group();
        assert_eq!(group.send_to(8, Vec::new()), Err(SendError::NotMember(8)));
        let size = MESSAGE_SIZE_MAX + 1;
        assert_eq!(group.submit(vec![0; size]), Err(SendError::TooLarge(size)));
        let taken = (0..10_000).take_while(|_| group.submit(vec![0; 8]).is_ok()).count();
        assert!((1000..10_000).contains(&taken), "{taken} messages were queued");
        assert_eq!(group.submit(Vec::new()), Err(SendError::Busy));
    }
}
