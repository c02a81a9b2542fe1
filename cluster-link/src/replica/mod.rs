//! The replicated CIB: every member of a view executes the same requests in the same order.
//!
//! A request is broadcast and executed on delivery, by its sender too; the node that took it
//! answers the client. When a view begins, the members first agree on one CIB ([`join`]); requests
//! wait until then. A request that was sent but not delivered before the view ended is looked up
//! by its id in the winner's CIB and sent again only where it is not there.
//!
//! Reading order: [`request`], [`message`], [`apply`], [`operation`], [`access`], [`join`], then
//! this file.
//!
//! **Source:** pacemaker `daemons/based/based_callbacks.c`, `based_messages.c`.
//! **Invariant:** members of a view that have delivered the same messages have equal CIBs.

use std::collections::VecDeque;

use cib_model::xml::{Dialect, Layout, Tree, read, write};

use crate::group::{Event, NodeId, View};
use crate::status::compact;

pub mod access;
pub mod apply;
pub(crate) mod digest;
pub mod election;
pub mod join;
pub mod message;
pub mod operation;
pub mod request;
pub mod version;
pub mod view_key;

use apply::{Applied, ApplyError, Change};
use join::{Decision, Join, Loss, loss};
use message::{AppliedTable, Generation, MemberState, Ordered, Replacement, decode, encode};
use request::{Operation, Origin, Request, RequestId};
use version::CibVersion;
use view_key::ViewKey;

/// Configuration versions that are remembered to recognise ancestors.
const LINEAGE_MAX: usize = 200;
/// Refused requests that are remembered for each node.
const REFUSED_MAX: usize = 64;
/// Requests after which the room of removed elements is given back.
const COMPACT_AFTER: u32 = 4096;

/// What this node tells the others of itself.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The node's number.
    pub node: NodeId,
    /// The node's name.
    pub name: String,
    /// The run of its daemon.
    pub incarnation: u64,
    /// Its feature set.
    pub feature_set: String,
    /// How many actions it runs at once.
    pub job_limit: u32,
}

/// What only the controller knows of a member's state.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// ms since the daemon started.
    pub uptime_ms: u64,
    /// ms since it became DC; 0 where it is not.
    pub tenure_ms: u64,
    /// It has not been in a view with a DC since its daemon started.
    pub fresh: bool,
    /// The CIB does not have what this node knows of itself.
    pub unconfirmed: bool,
    /// It is leaving.
    pub leaving: bool,
}

/// What the replica wants done, in order.
#[derive(Debug)]
pub enum Output {
    /// Broadcast this message.
    Broadcast(Vec<u8>),
    /// Save the CIB before anything that follows.
    Persist,
    /// Save a CIB that was given up, and say so.
    SaveConflict {
        /// The CIB's text.
        cib: String,
        /// What happened.
        loss: Loss,
        /// Its version.
        version: CibVersion,
        /// The node whose CIB won.
        winner: NodeId,
    },
    /// A view's members have agreed on a CIB.
    Joined(Box<Decision>),
    /// A DC has taken office.
    Dc(NodeId),
    /// A request was executed.
    Executed {
        /// Which one.
        id: RequestId,
        /// What it did.
        result: Result<Change, ApplyError>,
    },
    /// A message that should not have come.
    Malformed {
        /// Who sent it.
        from: NodeId,
        /// What is wrong with it.
        reason: String,
    },
}

enum Phase {
    /// No view yet.
    Alone,
    /// Waiting for the members' states.
    Gathering(Join),
    /// Waiting for the winner's CIB.
    Replacing(View, Box<Decision>),
    /// The CIB is the cluster's.
    Joined(View),
}

/// One node's copy of the CIB and its part in keeping all copies equal.
pub struct Replica {
    me: Identity,
    cib: Tree,
    phase: Phase,
    applied: AppliedTable,
    lineage: VecDeque<Generation>,
    next_seq: u64,
    /// Requests of this node that have not been delivered, by number.
    outstanding: VecDeque<Request>,
    executed_since_compact: u32,
    out: VecDeque<Output>,
}

impl Replica {
    /// Begins with the CIB that was on disk; its status section and `dc-uuid` are dropped.
    pub fn new(me: Identity, cib: &Tree) -> Self {
        let mut cib = compact(cib);
        let root = cib.root_id();
        cib.remove_attr(root, "dc-uuid");
        let status = cib.root().child("status").map(cib_model::xml::ElementRef::xml_id);
        if let Some(status) = status {
            cib.detach(status);
        }
        cib.append(root, "status");
        let mut replica = Replica {
            me,
            cib,
            phase: Phase::Alone,
            applied: AppliedTable::default(),
            lineage: VecDeque::new(),
            next_seq: 1,
            outstanding: VecDeque::new(),
            executed_since_compact: 0,
            out: VecDeque::new(),
        };
        replica.remember_generation();
        replica
    }

    /// Returns the CIB as this node has it.
    pub fn cib(&self) -> &Tree {
        &self.cib
    }

    /// Returns the version of the CIB.
    pub fn version(&self) -> CibVersion {
        CibVersion::of(&self.cib)
    }

    /// Returns the replication digest of the CIB.
    pub fn digest(&self) -> String {
        digest::replication(&self.cib)
    }

    /// Returns whether this node's CIB is the cluster's.
    pub fn is_joined(&self) -> bool {
        matches!(self.phase, Phase::Joined(_))
    }

    /// Returns the current view.
    pub fn view(&self) -> Option<&View> {
        match &self.phase {
            Phase::Alone => None,
            Phase::Gathering(join) => Some(&join.view),
            Phase::Replacing(view, _) | Phase::Joined(view) => Some(view),
        }
    }

    /// Returns how many of this node's requests have not been executed yet.
    pub fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// Returns whether there is something to be done.
    pub fn has_output(&self) -> bool {
        !self.out.is_empty()
    }

    /// Takes the next thing to be done.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// Takes a request; it is broadcast at once, or when the view has agreed on a CIB.
    pub fn submit(&mut self, operation: Operation, origin: Origin) -> RequestId {
        let id =
            RequestId { node: self.me.node, incarnation: self.me.incarnation, seq: self.next_seq };
        self.next_seq += 1;
        let request = Request { id, origin, operation };
        if self.is_joined() {
            self.broadcast(&Ordered::Request(request.clone()));
        }
        self.outstanding.push_back(request);
        id
    }

    /// Announces that this node takes office as DC of the current view.
    pub fn announce_dc(&mut self) {
        if let Phase::Joined(view) = &self.phase {
            let message = Ordered::Dc { view: view.id.into(), node: self.me.node };
            self.broadcast(&message);
        }
    }

    /// Takes an event of the group. Quorum and direct messages are not the replica's affair.
    pub fn handle_event(&mut self, event: Event, standing: Standing) {
        match event {
            Event::View(view) => self.begin_view(view, standing),
            Event::Deliver { from, message, .. } => self.deliver(from, &message),
            // Whatever was not delivered before the view ended is uncertain; the requests
            // themselves say which that is.
            Event::Direct { .. } | Event::Quorum(_) | Event::Notice(_) | Event::Uncertain(_) => {}
        }
    }

    fn begin_view(&mut self, view: View, standing: Standing) {
        let state = MemberState {
            view: view.id.into(),
            node: self.me.node,
            name: self.me.name.clone(),
            incarnation: self.me.incarnation,
            version: self.version(),
            digest: self.digest(),
            config_digest: digest::configuration(&self.cib),
            fresh: standing.fresh,
            unconfirmed: standing.unconfirmed,
            feature_set: self.me.feature_set.clone(),
            uptime_ms: standing.uptime_ms,
            job_limit: self.me.job_limit,
            tenure_ms: standing.tenure_ms,
            leaving: standing.leaving,
            applied: self.applied.clone(),
        };
        self.phase = Phase::Gathering(Join::new(view));
        self.broadcast(&Ordered::State(state));
    }

    fn deliver(&mut self, from: NodeId, bytes: &[u8]) {
        match decode::<Ordered>(bytes) {
            Ok(Ordered::State(state)) if state.node == from => self.state(state),
            Ok(Ordered::State(_)) => self.malformed(from, "state of another node"),
            Ok(Ordered::Replace(replacement)) => self.replace(from, replacement),
            Ok(Ordered::Dc { view, node }) => {
                if self.is_joined() && self.view_key() == Some(view) {
                    self.out.push_back(Output::Dc(node));
                }
            }
            // Sent by a member that had not seen this view begin: it sends it again.
            Ok(Ordered::Request(request)) if self.is_joined() => self.request(request),
            Ok(Ordered::Request(_)) => {}
            Err(e) => self.malformed(from, &e.to_string()),
        }
    }

    fn state(&mut self, state: MemberState) {
        let Phase::Gathering(join) = &mut self.phase else { return };
        let Some(decision) = join.add(state) else { return };
        let view = join.view.clone();
        if !decision.replace {
            self.phase = Phase::Joined(view);
            self.joined(decision);
            return;
        }
        if decision.winner == self.me.node {
            let replacement = Replacement {
                view: view.id.into(),
                cib: write(&self.cib, Layout::Compact, Dialect::Pcmk3),
                lineage: self.lineage.iter().cloned().collect(),
            };
            self.broadcast(&Ordered::Replace(replacement));
        }
        self.phase = Phase::Replacing(view, Box::new(decision));
    }

    #[expect(clippy::needless_pass_by_value, reason = "a delivered message is used up")]
    fn replace(&mut self, from: NodeId, replacement: Replacement) {
        let Phase::Replacing(view, decision) = &self.phase else { return };
        if from != decision.winner || replacement.view != view.id.into() {
            return;
        }
        let (view, decision) = (view.clone(), (**decision).clone());
        if !decision.has_winners_cib(self.me.node) {
            match read(&replacement.cib) {
                Ok(cib) => self.take_over(cib, &replacement.lineage, &decision),
                // The view cannot be joined with this; the next one may bring a better winner.
                Err(e) => return self.malformed(from, &e.to_string()),
            }
        }
        self.phase = Phase::Joined(view);
        self.joined(decision);
    }

    fn take_over(&mut self, cib: Tree, lineage: &[Generation], decision: &Decision) {
        let states = (decision.states.get(&self.me.node), decision.states.get(&decision.winner));
        if let (Some(own), Some(winner)) = states {
            let loss = loss(own, winner, lineage);
            if loss != Loss::None {
                self.out.push_back(Output::SaveConflict {
                    cib: write(&self.cib, Layout::Pretty, Dialect::Pcmk3),
                    loss,
                    version: own.version,
                    winner: decision.winner,
                });
            }
        }
        self.cib = cib;
        self.lineage = lineage.iter().cloned().collect();
        self.out.push_back(Output::Persist);
    }

    fn joined(&mut self, decision: Decision) {
        self.applied = decision.applied();
        self.out.push_back(Output::Joined(Box::new(decision)));
        self.resolve_uncertain();
    }

    /// Answers requests that the agreed CIB contains already and sends the others again.
    fn resolve_uncertain(&mut self) {
        let known = self.applied.0.get(&self.me.node).cloned().unwrap_or_default();
        let mut again = VecDeque::new();
        for request in std::mem::take(&mut self.outstanding) {
            let done = known.incarnation == self.me.incarnation && request.id.seq <= known.last_seq;
            if !done {
                self.broadcast(&Ordered::Request(request.clone()));
                again.push_back(request);
                continue;
            }
            let refused = known.refused.iter().find(|(seq, _)| *seq == request.id.seq);
            let result = match refused {
                Some((_, error)) => Err(error.clone()),
                None => Ok(Change::Nothing),
            };
            self.out.push_back(Output::Executed { id: request.id, result });
        }
        self.outstanding = again;
    }

    #[expect(clippy::needless_pass_by_value, reason = "a delivered message is used up")]
    fn request(&mut self, request: Request) {
        let id = request.id;
        let known = self.applied.0.entry(id.node).or_default();
        if known.incarnation == id.incarnation && id.seq <= known.last_seq {
            return;
        }
        if known.incarnation != id.incarnation {
            *known = message::AppliedRequests {
                incarnation: id.incarnation,
                ..message::AppliedRequests::default()
            };
        }
        known.last_seq = id.seq;
        let result = if self.is_stale(&request) {
            Ok(Applied { config: false, change: Change::Nothing })
        } else {
            apply::execute(&mut self.cib, &request)
        };
        let known = self.applied.0.entry(id.node).or_default();
        if let Err(error) = &result {
            known.refused.push((id.seq, error.clone()));
            if known.refused.len() > REFUSED_MAX {
                known.refused.remove(0);
            }
        }
        if id.node == self.me.node && id.incarnation == self.me.incarnation {
            self.outstanding.retain(|r| r.id.seq > id.seq);
        }
        self.executed(id, result);
    }

    /// What a DC wrote about an earlier view must not undo what is known of this one.
    fn is_stale(&self, request: &Request) -> bool {
        match &request.operation {
            Operation::Membership(update) => Some(update.view) != self.view_key(),
            _ => false,
        }
    }

    fn executed(&mut self, id: RequestId, result: Result<Applied, ApplyError>) {
        if result.as_ref().is_ok_and(|a| a.config) {
            self.remember_generation();
            self.out.push_back(Output::Persist);
        }
        self.executed_since_compact += 1;
        if self.executed_since_compact >= COMPACT_AFTER {
            self.cib = compact(&self.cib);
            self.executed_since_compact = 0;
        }
        let result = result.map(|applied| applied.change);
        self.out.push_back(Output::Executed { id, result });
    }

    fn remember_generation(&mut self) {
        let version = self.version();
        self.lineage.push_back(Generation {
            admin_epoch: version.admin_epoch,
            epoch: version.epoch,
            digest: digest::configuration(&self.cib),
        });
        if self.lineage.len() > LINEAGE_MAX {
            self.lineage.pop_front();
        }
    }

    fn view_key(&self) -> Option<ViewKey> {
        self.view().map(|v| v.id.into())
    }

    fn broadcast(&mut self, message: &Ordered) {
        self.out.push_back(Output::Broadcast(encode(message)));
    }

    fn malformed(&mut self, from: NodeId, reason: &str) {
        self.out.push_back(Output::Malformed { from, reason: reason.to_owned() });
    }
}
