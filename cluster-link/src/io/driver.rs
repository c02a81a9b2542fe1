//! Runs one node: feeds its cores from group, executor, clients and clock, and does what they say.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use cib_model::Cib;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::agent_driver::{AgentDriver, AgentEvent};
use super::agent_ocf;
use super::clock::{Clock, ctime_utc};
use super::disk::CibSaver;
use super::ipc::{IpcEvent, IpcServer};
use super::logger::Logger;
use super::state::StateDir;
use crate::executor::{ActionRequest, AgentSpec};
use crate::group::{Event, Group, NodeId, Notice, SendError, Severity};
use crate::history::{AgentMetadata, needs_metadata};
use crate::log::Level;
use crate::node::{Asker, ClientToken, Command, Node};
use crate::protocol::{ClientRequest, Refusal, Reply};

/// Pause before a message is submitted again that the group was too busy for.
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// Alarms that are remembered; older ones are in the log.
const ALARMS_MAX: usize = 20;

/// Why a node that ran ended badly.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// Signals cannot be received: the node did not begin.
    #[error("cannot receive signals: {0}")]
    Signals(#[from] std::io::Error),
    /// The group engine stopped by itself. Resources run on.
    #[error("the group engine has stopped: resources run on; start the daemon again")]
    Group,
    /// The node left, but the disk does not have its configuration.
    #[error("{problem}; the configuration is in {kept}: copy it to cib.xml, remove cib.xml.sig")]
    Unsaved {
        /// What is wrong with the disk.
        problem: String,
        /// Where the configuration is kept instead.
        kept: String,
    },
}

/// One running node.
pub struct Driver<G: Group> {
    node: Node,
    group: G,
    agents: AgentDriver,
    ipc: IpcServer,
    state: StateDir,
    saver: CibSaver,
    log: Logger,
    clock: Clock,
    reload: Reload<G>,
    /// Messages that wait until the group takes them.
    outgoing: VecDeque<Vec<u8>>,
    metadata: (mpsc::Sender<Metadata>, mpsc::Receiver<Metadata>),
    asked_metadata: BTreeSet<String>,
    /// What was last said of saving the CIB.
    unsaved: Option<String>,
    alarms: Vec<String>,
    /// Why nodes that answer are no members.
    strangers: BTreeMap<NodeId, String>,
    leaving: bool,
}

/// An agent's meta-data, where it has any.
type Metadata = (AgentSpec, Option<AgentMetadata>);

/// What a node is put together from.
pub struct Parts<G: Group> {
    /// The cores.
    pub node: Node,
    /// The group engine.
    pub group: G,
    /// The executor.
    pub agents: AgentDriver,
    /// The clients' socket.
    pub ipc: IpcServer,
    /// Where what is kept beside the CIB goes.
    pub state: StateDir,
    /// Where the CIB is kept.
    pub saver: CibSaver,
    /// What needs a person already.
    pub alarms: Vec<String>,
    /// Where lines go.
    pub log: Logger,
    /// The clock that the node was made with.
    pub clock: Clock,
    /// Reads corosync.conf again.
    pub reload: Reload<G>,
}

/// Reads corosync.conf again, hands its nodes to the group and returns them, or says why not.
pub type Reload<G> = Box<dyn FnMut(&mut G) -> Result<Vec<(NodeId, String)>, String> + Send>;

enum Wake {
    Group(Option<Event>),
    Agent(AgentEvent),
    Client(IpcEvent),
    Metadata(Metadata),
    Stop,
    Time,
}

impl<G: Group> Driver<G> {
    /// Puts a node together.
    pub fn new(parts: Parts<G>) -> Self {
        let Parts { node, group, agents, ipc, state, saver, alarms, log, clock, reload } = parts;
        Driver {
            node,
            group,
            agents,
            ipc,
            state,
            saver,
            log,
            clock,
            reload,
            outgoing: VecDeque::new(),
            metadata: mpsc::channel(64),
            asked_metadata: BTreeSet::new(),
            unsaved: None,
            alarms,
            strangers: BTreeMap::new(),
            leaving: false,
        }
    }

    /// Runs until the node has left, or its group engine has stopped.
    ///
    /// SIGTERM and SIGINT begin a clean stop. Running agents are left alone in any case.
    ///
    /// # Errors
    /// [`DriverError`].
    pub async fn run(mut self) -> Result<(), DriverError> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        for (rsc, action) in self.agents.adopt() {
            let text = format!("{action} of {rsc} still runs since before this daemon started");
            self.log.line(Level::Notice, &text);
        }
        while !self.leaving {
            match self.wake(&mut terminate, &mut interrupt).await {
                Wake::Group(Some(event)) => self.group_event(event),
                Wake::Group(None) => {
                    self.log.line(Level::Error, "the group engine has stopped: ending");
                    return Err(DriverError::Group);
                }
                Wake::Agent(event) => self.agent_event(event),
                Wake::Client(event) => self.client_event(event),
                Wake::Metadata((agent, Some(metadata))) => {
                    self.node.handle_metadata(&agent, metadata);
                }
                Wake::Metadata((_, None)) => {}
                Wake::Stop => self.node.handle_shutdown(self.clock.now()),
                Wake::Time => self.node.handle_timeout(self.clock.now()),
            }
            self.perform();
        }
        self.log.line(Level::Notice, "leaving the cluster");
        self.group.leave().await;
        self.ipc.flush().await;
        match self.saver.finish() {
            None => Ok(()),
            Some((problem, cib)) => {
                let kept = self.ipc.keep_beside("unsaved-cib.xml", &cib);
                Err(DriverError::Unsaved { problem, kept })
            }
        }
    }

    async fn wake(&mut self, terminate: &mut Signal, interrupt: &mut Signal) -> Wake {
        let save = self.saver.poll_timeout();
        let due = self.node.poll_timeout().into_iter().chain(save).min();
        let busy = (!self.outgoing.is_empty()).then(|| Instant::now() + BUSY_PAUSE);
        let at = due.map(|at_ms| self.clock.instant(at_ms)).into_iter().chain(busy).min();
        let timer = async {
            match at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = self.group.next() => Wake::Group(event),
            event = self.agents.next() => Wake::Agent(event),
            event = self.ipc.next() => Wake::Client(event),
            Some(metadata) = self.metadata.1.recv() => Wake::Metadata(metadata),
            _ = terminate.recv() => Wake::Stop,
            _ = interrupt.recv() => Wake::Stop,
            () = timer => Wake::Time,
        }
    }

    fn group_event(&mut self, event: Event) {
        match &event {
            Event::View(view) => {
                // What was not submitted is as uncertain as what was: the replica sends it again.
                self.outgoing.clear();
                let is_member = |node: &NodeId| view.members.iter().any(|m| m.node == *node);
                self.strangers.retain(|node, _| !is_member(node));
            }
            Event::Notice(Notice {
                severity: Severity::Error, node: Some(node), message, ..
            }) => {
                self.strangers.insert(*node, message.clone());
            }
            _ => {}
        }
        self.node.handle_event(event, self.clock.now());
    }

    fn agent_event(&mut self, event: AgentEvent) {
        match event {
            AgentEvent::Result(result) => self.node.handle_result(*result, self.clock.now()),
            AgentEvent::Output { operation, stdout, stderr } => {
                for text in [stdout, stderr].iter().flat_map(|text| text.lines()) {
                    self.log.line(Level::Info, &format!("{operation}: {text}"));
                }
            }
        }
    }

    fn client_event(&mut self, event: IpcEvent) {
        match event {
            IpcEvent::Closed(connection) => self.node.handle_disconnect(connection),
            IpcEvent::Request { connection, call, peer } => {
                let now = self.clock.now();
                let token = ClientToken { connection, id: call.id };
                let is_for_root =
                    matches!(call.request, ClientRequest::Shutdown | ClientRequest::Reload);
                if is_for_root && !peer.privileged {
                    return self.ipc.answer(connection, call.id, Err(Refusal::NotPrivileged));
                }
                if call.request == ClientRequest::Shutdown {
                    let user = &peer.user;
                    let text = format!("{} (user {user}) asks this node to stop", call.client);
                    self.log.line(Level::Notice, &text);
                }
                let time_text = ctime_utc(now.epoch_s);
                let (user, groups) = (peer.user, peer.groups);
                let asker = Asker { client: call.client, user, groups, time_text };
                if call.request == ClientRequest::Reload {
                    return self.reload(token);
                }
                self.node.handle_client(token, call.request, asker, now);
            }
        }
    }

    fn reload(&mut self, token: ClientToken) {
        let result = match (self.reload)(&mut self.group) {
            Ok(configured) => {
                self.log.line(Level::Notice, "corosync.conf was read again");
                self.node.handle_configured(configured, self.clock.now());
                Ok(Reply::Done)
            }
            Err(reason) => {
                self.log.line(Level::Error, &format!("corosync.conf is not taken: {reason}"));
                Err(Refusal::Conf(reason))
            }
        };
        self.ipc.answer(token.connection, token.id, result);
    }

    fn perform(&mut self) {
        while let Some(command) = self.node.poll_command() {
            self.perform_one(command);
        }
        self.saver.handle_timeout(self.clock.now().mono_ms);
        self.tell_of_saving();
        self.submit();
    }

    fn perform_one(&mut self, command: Command) {
        match command {
            Command::Broadcast(message) => self.outgoing.push_back(message),
            Command::SendTo(node, message) => {
                if let Err(e) = self.group.send_to(node, message) {
                    self.log.line(Level::Info, &format!("message to node {node}: {e}"));
                }
            }
            Command::Persist => self.save(),
            Command::SaveConflict { cib, version } => match self.state.save_conflict(&cib) {
                Ok(path) => {
                    let text = format!("CIB {version} is kept as {}", path.display());
                    self.log.line(Level::Warning, &text);
                    self.alarm(text);
                }
                Err(e) => self.log.line(Level::Error, &e.to_string()),
            },
            Command::SavePolicyInput { transition, cib } => {
                if let Err(e) = self.state.save_policy_input(transition, &cib) {
                    self.log.line(Level::Warning, &e.to_string());
                }
            }
            Command::SaveStarted(started) => {
                if let Err(e) = self.state.save_started(&started) {
                    self.log.line(Level::Warning, &e.to_string());
                }
            }
            Command::Execute(request) => self.execute(*request),
            Command::Cancel { rsc, action, interval_ms } => {
                self.agents.cancel(&rsc, &action, interval_ms);
            }
            Command::ForgetResource(rsc) => self.agents.forget(&rsc),
            Command::Reply(token, mut result) => {
                if let Ok(Reply::NodeInfo(info)) = &mut result {
                    info.alarms = self.alarms();
                }
                self.ipc.answer(token.connection, token.id, result);
            }
            Command::Notify(connections, event) => {
                for connection in connections {
                    self.ipc.notify(connection, event.clone());
                }
            }
            Command::Leave => self.leaving = true,
            Command::Log(level, text) => self.log.line(level, &text),
        }
    }

    fn execute(&mut self, request: ActionRequest) {
        let agent = request.agent.clone();
        if agent.class == "ocf"
            && needs_metadata(&request)
            && self.asked_metadata.insert(agent.to_string())
        {
            let (paths, sender) = (self.agents.paths().clone(), self.metadata.0.clone());
            tokio::spawn(async move {
                let text = agent_ocf::metadata(&agent, &paths).await.ok();
                let metadata = text.and_then(|text| AgentMetadata::parse(&text).ok());
                let _ = sender.send((agent, metadata)).await;
            });
        }
        self.agents.request(request);
    }

    fn alarm(&mut self, text: String) {
        if self.alarms.len() == ALARMS_MAX {
            self.alarms.remove(0);
        }
        self.alarms.push(text);
    }

    fn alarms(&self) -> Vec<String> {
        let all = self.alarms.iter().chain(self.strangers.values()).chain(&self.unsaved);
        all.cloned().collect()
    }

    /// Saves the CIB; a failure is repeated with growing pauses and never stops the cluster.
    fn save(&mut self) {
        if let Ok(cib) = Cib::from_tree(self.node.cib().clone()) {
            self.saver.handle_cib(cib, None, self.clock.now().mono_ms);
        }
        self.tell_of_saving();
    }

    fn tell_of_saving(&mut self) {
        let problem = self.saver.problem();
        if problem == self.unsaved.as_deref() {
            return;
        }
        match problem {
            Some(problem) => self.log.line(Level::Error, problem),
            None => self.log.line(Level::Notice, "the configuration is saved again"),
        }
        self.unsaved = problem.map(str::to_owned);
    }

    fn submit(&mut self) {
        while let Some(message) = self.outgoing.front() {
            match self.group.submit(message.clone()) {
                Ok(_) => {}
                Err(SendError::Busy) => return,
                Err(e) => self.log.line(Level::Error, &format!("broadcast: {e}")),
            }
            self.outgoing.pop_front();
        }
    }
}
