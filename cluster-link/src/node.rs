//! One node: replica and controller put together, without sockets, processes, files or clocks.
//!
//! Feed it with `handle_*`, perform what [`Node::poll_command`] says in that order, and call
//! [`Node::handle_timeout`] at [`Node::poll_timeout`] at the latest. The executor stands beside it:
//! its commands are among the node's, its results are fed back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cib_model::xml::{Dialect, ElementRef, Layout, Tree, write};

use crate::attrs::{AttributeUpdate, AttributeValue};
use crate::controller::message::Direct;
use crate::controller::{self, Controller, Scheduler, Settings, Started};
use crate::executor::{ActionRequest, ActionResult, AgentSpec, Now};
use crate::group::{Event, NodeId, Notice, Severity};
use crate::history::AgentMetadata;
use crate::log::Level;
use crate::protocol::{ClientEvent, ClientRequest, NodeInfo, Refusal, Reply};
use crate::replica::access;
use crate::replica::apply::{ApplyError, Change};
use crate::replica::join::Loss;
use crate::replica::message::decode;
use crate::replica::request::{Operation, Origin, RequestId};
use crate::replica::version::CibVersion;
use crate::replica::{Identity, Output, Replica};
use crate::status::node_state;

/// Names one request of a client for the driver.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClientToken {
    /// The connection.
    pub connection: u64,
    /// The request's id on it.
    pub id: u64,
}

/// What the node wants done, in order.
#[derive(Debug)]
pub enum Command {
    /// Submit this to the group.
    Broadcast(Vec<u8>),
    /// Send this to one node.
    SendTo(NodeId, Vec<u8>),
    /// Save [`Node::cib`] before performing what follows.
    Persist,
    /// Save a CIB that was given up for the cluster's.
    SaveConflict {
        /// Its text.
        cib: String,
        /// Its version.
        version: CibVersion,
    },
    /// Keep the CIB that a transition was made from.
    SavePolicyInput {
        /// The transition's number.
        transition: u32,
        /// The CIB.
        cib: Box<Tree>,
    },
    /// Keep what runs here for the next daemon of this node ([`Settings::started`]), before
    /// performing what follows.
    SaveStarted(Vec<Started>),
    /// Give the executor an action.
    Execute(Box<ActionRequest>),
    /// Cancel an operation in the executor.
    Cancel {
        /// The resource.
        rsc: String,
        /// Its operation.
        action: String,
        /// ms.
        interval_ms: u32,
    },
    /// Forget a resource in the executor.
    ForgetResource(String),
    /// Answer a client.
    Reply(ClientToken, Result<Reply, Refusal>),
    /// Tell subscribed connections.
    Notify(Vec<u64>, ClientEvent),
    /// Leave the group and end.
    Leave,
    /// Say something.
    Log(Level, String),
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asker {
    /// Name of the program.
    pub client: String,
    /// Name of the user.
    pub user: String,
    /// Names of the user's groups.
    pub groups: Vec<String>,
    /// The time as local text, for `cib-last-written`.
    pub time_text: String,
}

/// One node's cores.
pub struct Node {
    me: Identity,
    replica: Replica,
    controller: Controller,
    /// Clients by the request that answers them.
    waiting: BTreeMap<RequestId, ClientToken>,
    idle_waiting: BTreeMap<u64, ClientToken>,
    next_ticket: u64,
    subscribers: BTreeSet<u64>,
    out: VecDeque<Command>,
}

impl Node {
    /// Begins with the CIB from disk.
    pub fn new(
        me: Identity,
        settings: Settings,
        cib: &Tree,
        scheduler: Box<dyn Scheduler>,
        now: Now,
    ) -> Self {
        Node {
            replica: Replica::new(me.clone(), cib),
            controller: Controller::new(me.clone(), settings, scheduler, now),
            me,
            waiting: BTreeMap::new(),
            idle_waiting: BTreeMap::new(),
            next_ticket: 1,
            subscribers: BTreeSet::new(),
            out: VecDeque::new(),
        }
    }

    /// Returns the CIB.
    pub fn cib(&self) -> &Tree {
        self.replica.cib()
    }

    /// Returns the replica.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Returns the DC in office.
    pub fn dc(&self) -> Option<NodeId> {
        self.controller.dc()
    }

    /// Takes an event of the group.
    pub fn handle_event(&mut self, event: Event, now: Now) {
        match &event {
            Event::View(view) => self.controller.handle_view(view),
            Event::Quorum(quorum) => {
                self.controller.handle_quorum(quorum.clone(), &mut self.replica, now);
            }
            Event::Direct { from, message } => self.direct(*from, message, now),
            Event::Notice(notice) => self.out.push_back(notice_line(notice)),
            Event::Deliver { .. } | Event::Uncertain(_) => {}
        }
        let standing = self.controller.standing(now);
        self.replica.handle_event(event, standing);
        self.settle(now);
    }

    /// Takes a result of the executor.
    pub fn handle_result(&mut self, result: ActionResult, now: Now) {
        self.controller.handle_result(result, &mut self.replica, now);
        self.settle(now);
    }

    /// Takes an agent's meta-data.
    pub fn handle_metadata(&mut self, agent: &AgentSpec, metadata: AgentMetadata) {
        self.controller.handle_metadata(agent, metadata);
    }

    /// Tells that time has passed.
    pub fn handle_timeout(&mut self, now: Now) {
        self.settle(now);
    }

    /// Begins a clean stop; [`Command::Leave`] follows when everything here has stopped.
    pub fn handle_shutdown(&mut self, now: Now) {
        self.controller.handle_shutdown(&mut self.replica, now);
        self.settle(now);
    }

    /// Takes the list of configured nodes (number and name) after it changed.
    pub fn handle_configured(&mut self, configured: Vec<(NodeId, String)>, now: Now) {
        self.controller.handle_configured(configured, &mut self.replica, now);
        self.settle(now);
    }

    /// Forgets a connection that is closed.
    pub fn handle_disconnect(&mut self, connection: u64) {
        self.waiting.retain(|_, token| token.connection != connection);
        self.idle_waiting.retain(|_, token| token.connection != connection);
        self.subscribers.remove(&connection);
    }

    /// Takes a client's request; exactly one [`Command::Reply`] for `token` follows.
    pub fn handle_client(
        &mut self,
        token: ClientToken,
        request: ClientRequest,
        asker: Asker,
        now: Now,
    ) {
        let result = self.answer(token, request, asker, now);
        if let Some(result) = result.transpose() {
            self.out.push_back(Command::Reply(token, result));
        }
        self.settle(now);
    }

    /// Takes the next thing to be done.
    pub fn poll_command(&mut self) -> Option<Command> {
        self.out.pop_front()
    }

    /// Returns when [`Node::handle_timeout`] is next needed (monotonic ms).
    pub fn poll_timeout(&self) -> Option<u64> {
        self.controller.poll_timeout()
    }

    fn direct(&mut self, from: NodeId, message: &[u8], now: Now) {
        match decode::<Direct>(message) {
            Ok(message) => self.controller.handle_direct(from, message, &mut self.replica, now),
            Err(e) => {
                let text = format!("ignoring a message of node {from}: {e}");
                self.out.push_back(Command::Log(Level::Warning, text));
            }
        }
    }

    /// Answers at once, or `None` where the answer comes later.
    fn answer(
        &mut self,
        token: ClientToken,
        request: ClientRequest,
        asker: Asker,
        now: Now,
    ) -> Result<Option<Reply>, Refusal> {
        let origin = Origin {
            node: self.me.name.clone(),
            client: asker.client,
            user: asker.user,
            groups: asker.groups,
            time_s: now.epoch_s,
            time_text: asker.time_text,
        };
        match request {
            ClientRequest::NodeInfo => return Ok(Some(Reply::NodeInfo(Box::new(self.info())))),
            ClientRequest::Subscribe => {
                self.subscribers.insert(token.connection);
                return Ok(Some(Reply::Done));
            }
            ClientRequest::Shutdown => {
                self.controller.handle_shutdown(&mut self.replica, now);
                return Ok(Some(Reply::Done));
            }
            // The driver answers this itself: files are not the cores' affair.
            ClientRequest::Reload => return Ok(Some(Reply::Done)),
            _ if !self.replica.is_joined() => return Err(Refusal::NotJoined),
            ClientRequest::Query => return self.query(&origin).map(Some),
            ClientRequest::Version => {
                let (version, digest) = (self.replica.version(), self.replica.digest());
                return Ok(Some(Reply::Version { version, digest }));
            }
            ClientRequest::Apply { operation } => {
                self.ask(token, vec![Operation::Cib(operation)], &origin);
            }
            ClientRequest::Cleanup { rsc, node, only_failed } => {
                let nodes = self.nodes_named(node.as_deref())?;
                let operations = cleanup(self.cib(), &nodes, rsc.as_deref(), only_failed);
                if operations.is_empty() {
                    return Ok(Some(Reply::Done));
                }
                self.ask(token, operations, &origin);
            }
            ClientRequest::SetAttributes { node, updates } => {
                let name = node.unwrap_or_else(|| self.me.name.clone());
                let nodes = self.nodes_named(Some(&name))?;
                let node = *nodes.first().ok_or(Refusal::NoSuchNode(name))?;
                self.ask(token, vec![Operation::Attributes { node, updates }], &origin);
            }
            ClientRequest::WaitIdle => {
                let ticket = self.next_ticket;
                self.next_ticket += 1;
                self.idle_waiting.insert(ticket, token);
                self.replica.submit(Operation::WaitIdle { ticket }, origin);
            }
        }
        Ok(None)
    }

    /// Returns what the asker may read of the CIB.
    fn query(&self, origin: &Origin) -> Result<Reply, Refusal> {
        let readable = access::readable(self.cib(), origin).map_err(Refusal::Cib)?;
        Ok(Reply::Cib {
            xml: write(&readable, Layout::Compact, Dialect::Pcmk3),
            version: self.replica.version(),
            digest: self.replica.digest(),
        })
    }

    /// Submits operations; the last one's result answers the client.
    fn ask(&mut self, token: ClientToken, operations: Vec<Operation>, origin: &Origin) {
        let mut last = None;
        for operation in operations {
            last = Some(self.replica.submit(operation, origin.clone()));
        }
        if let Some(id) = last {
            self.waiting.insert(id, token);
        }
    }

    /// Numbers of the node with that name, or of all nodes that have a state.
    fn nodes_named(&self, name: Option<&str>) -> Result<Vec<NodeId>, Refusal> {
        let states = self.cib().root().child("status").into_iter();
        let states = states.flat_map(|s| s.children_named("node_state"));
        let nodes: Vec<NodeId> = states
            .filter(|s| name.is_none_or(|name| s.attr("uname") == Some(name)))
            .filter_map(|s| s.id()?.parse().ok())
            .collect();
        match name {
            Some(name) if nodes.is_empty() => Err(Refusal::NoSuchNode(name.to_owned())),
            _ => Ok(nodes),
        }
    }

    fn info(&self) -> NodeInfo {
        let quorum = self.controller.quorum().cloned().unwrap_or_default();
        let view = self.replica.view();
        let members = view.map(|v| v.members.as_slice()).unwrap_or_default();
        NodeInfo {
            node: self.me.node,
            name: self.me.name.clone(),
            incarnation: self.me.incarnation,
            feature_set: self.me.feature_set.clone(),
            joined: self.replica.is_joined(),
            leaving: self.controller.is_leaving(),
            dc: self.controller.dc(),
            members: members.iter().map(|m| (m.node, m.name.clone())).collect(),
            view_epoch: view.map_or(0, |v| v.id.epoch),
            quorate: quorum.quorate,
            expected_votes: quorum.expected,
            total_votes: quorum.total,
            quorum: quorum.quorum,
            two_node: quorum.two_node,
            waiting_for_all: quorum.waiting_for_all,
            version: self.replica.version(),
            digest: self.replica.digest(),
            alarms: Vec::new(),
        }
    }

    /// Lets replica and controller work until neither has anything to say.
    fn settle(&mut self, now: Now) {
        loop {
            while let Some(output) = self.replica.poll_output() {
                self.route(output, now);
            }
            self.controller.advance(&mut self.replica, now);
            let mut quiet = true;
            while let Some(command) = self.controller.poll_command() {
                quiet = false;
                self.pass_on(command);
            }
            if quiet && !self.replica.has_output() {
                return;
            }
        }
    }

    fn route(&mut self, output: Output, now: Now) {
        match output {
            Output::Broadcast(message) => self.out.push_back(Command::Broadcast(message)),
            Output::Persist => self.out.push_back(Command::Persist),
            Output::SaveConflict { cib, loss, version, winner } => {
                let how = match loss {
                    Loss::SameVersion => "has the same version and other content",
                    Loss::Diverged | Loss::None => "is newer and not known to descend from it",
                };
                let text = format!(
                    "this node's CIB {version} gives way to that of node {winner}, which {how}; \
                     it is kept as a cib.conflict file in the state directory"
                );
                self.out.push_back(Command::Log(Level::Error, text));
                self.out.push_back(Command::SaveConflict { cib, version });
            }
            Output::Joined(decision) => {
                self.controller.handle_joined(*decision, &mut self.replica, now);
                self.notify();
            }
            Output::Dc(node) => {
                self.controller.handle_dc(node, &mut self.replica, now);
                self.ask_idle_again(now);
            }
            Output::Executed { id, result } => self.executed(id, result, now),
            Output::Malformed { from, reason } => {
                let text = format!("ignoring a message of node {from}: {reason}");
                self.out.push_back(Command::Log(Level::Warning, text));
            }
        }
    }

    fn executed(&mut self, id: RequestId, result: Result<Change, ApplyError>, now: Now) {
        self.controller.handle_executed(id, &result, &mut self.replica, now);
        let changed = result.as_ref().is_ok_and(|c| !matches!(c, Change::Nothing));
        if let Some(token) = self.waiting.remove(&id) {
            let reply = match result {
                Ok(_) => Ok(Reply::Applied { version: self.replica.version() }),
                Err(error) => Err(Refusal::Cib(error)),
            };
            self.out.push_back(Command::Reply(token, reply));
        }
        if changed {
            self.notify();
        }
    }

    fn notify(&mut self) {
        if !self.subscribers.is_empty() {
            let event = ClientEvent::Changed { version: self.replica.version() };
            let connections = self.subscribers.iter().copied().collect();
            self.out.push_back(Command::Notify(connections, event));
        }
    }

    /// A new DC knows nothing of who waits.
    fn ask_idle_again(&mut self, now: Now) {
        let origin = Origin { time_s: now.epoch_s, ..Origin::default() };
        let tickets: Vec<u64> = self.idle_waiting.keys().copied().collect();
        for ticket in tickets {
            self.replica.submit(Operation::WaitIdle { ticket }, origin.clone());
        }
    }

    fn pass_on(&mut self, command: controller::Command) {
        use controller::Command as From;
        let command = match command {
            From::SendTo(node, message) => Command::SendTo(node, message),
            From::SaveStarted(started) => Command::SaveStarted(started),
            From::Execute(request) => Command::Execute(request),
            From::Cancel { rsc, action, interval_ms } => {
                Command::Cancel { rsc, action, interval_ms }
            }
            From::ForgetResource(rsc) => Command::ForgetResource(rsc),
            From::SavePolicyInput { transition, cib } => {
                Command::SavePolicyInput { transition, cib }
            }
            From::Leave => Command::Leave,
            From::Log(level, text) => Command::Log(level, text),
            From::Idle(ticket) => match self.idle_waiting.remove(&ticket) {
                Some(token) => Command::Reply(token, Ok(Reply::Done)),
                None => return,
            },
        };
        self.out.push_back(command);
    }
}

fn notice_line(notice: &Notice) -> Command {
    let level = match notice.severity {
        Severity::Info => Level::Info,
        Severity::Warning => Level::Warning,
        Severity::Error => Level::Error,
    };
    let remedy = notice.remedy.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
    Command::Log(level, format!("{}{remedy}", notice.message))
}

/// Operations that forget a resource's (or all) history and fail counts on nodes.
fn cleanup(cib: &Tree, nodes: &[NodeId], rsc: Option<&str>, only_failed: bool) -> Vec<Operation> {
    let mut operations = Vec::new();
    for &node in nodes {
        let resources = node_state(cib, node)
            .and_then(|s| s.child("lrm"))
            .and_then(|l| l.child("lrm_resources"));
        let Some(resources) = resources else { continue };
        for resource in resources.children() {
            let Some(id) = resource.id().filter(|id| rsc.is_none_or(|rsc| rsc == *id)) else {
                continue;
            };
            if only_failed && !has_failed(resource) {
                continue;
            }
            let updates = ["fail-count", "last-failure"].map(|prefix| AttributeUpdate {
                name: format!("{prefix}-{id}#"),
                value: AttributeValue::DeletePrefix,
            });
            operations.push(Operation::Attributes { node, updates: updates.to_vec() });
            operations.push(Operation::Forget { node, rsc: Some(id.to_owned()), entry: None });
        }
    }
    operations
}

fn has_failed(resource: ElementRef<'_>) -> bool {
    resource.children().any(|e| e.id().is_some_and(|id| id.contains("_last_failure_")))
}
