//! All nodes, their network, their agents and the time.

use std::collections::BTreeMap;

use cib_model::xml::{Tree, read};
use cluster_link::controller::{Settings, Started};
use cluster_link::executor::{ActionRequest, Now};
use cluster_link::group::{LeaveReason, NodeId};
use cluster_link::log::Level;
use cluster_link::node::{Asker, ClientToken, Command, Node};
use cluster_link::protocol::{ClientRequest, Refusal, Reply};
use cluster_link::replica::Identity;
use cluster_link::replica::request::{CibOp, CibOperation};

use crate::agents::Agents;
use crate::check;
use crate::network::Network;
use crate::planner::Planner;
use crate::random::Random;

/// Steps after which a run counts as endless.
const STEPS_MAX: u32 = 200_000;

/// A machine: its services and disk outlive its daemon.
pub(crate) struct Host {
    pub(crate) node: Option<Node>,
    pub(crate) agents: Agents,
    disk: Tree,
    started: Vec<Started>,
    incarnation: u64,
}

pub(crate) struct World {
    pub(crate) hosts: BTreeMap<NodeId, Host>,
    pub(crate) network: Network,
    pub(crate) random: Random,
    pub(crate) now: Now,
    /// What the agents were asked, but for monitors: `n1 start db`.
    pub(crate) actions: Vec<String>,
    pub(crate) replies: BTreeMap<u64, Result<Reply, Refusal>>,
    pub(crate) log: Vec<String>,
    next_token: u64,
}

impl World {
    pub(crate) fn new(nodes: usize, seed: u64, policy: &str) -> Self {
        let config = format!(
            "<cib epoch=\"1\" num_updates=\"0\" admin_epoch=\"0\"><configuration><crm_config>\
             <cluster_property_set id=\"cib-bootstrap-options\"><nvpair id=\"q\" \
             name=\"no-quorum-policy\" value=\"{policy}\"/></cluster_property_set></crm_config>\
             <nodes/><resources/><constraints/></configuration></cib>"
        );
        let disk = read(&config).unwrap();
        let hosts = (1..=u32::try_from(nodes).unwrap())
            .map(|node| {
                let host = Host {
                    node: None,
                    agents: Agents::default(),
                    disk: disk.clone(),
                    started: Vec::new(),
                    incarnation: 0,
                };
                (node, host)
            })
            .collect();
        World {
            hosts,
            network: Network::new(nodes),
            random: Random::new(seed),
            now: Now { mono_ms: 1_000, epoch_s: 1_800_000_000 },
            actions: Vec::new(),
            replies: BTreeMap::new(),
            log: Vec::new(),
            next_token: 1,
        }
    }

    /// Starts a node's daemon.
    pub(crate) fn start(&mut self, node: NodeId) {
        let configured = self.hosts.keys().map(|n| (*n, Network::name(*n))).collect();
        let host = self.hosts.get_mut(&node).unwrap();
        assert!(host.node.is_none(), "node {node} runs already");
        host.incarnation += 1;
        let me = Identity {
            node,
            name: Network::name(node),
            incarnation: host.incarnation,
            feature_set: "3.20.5".to_owned(),
            job_limit: 4,
        };
        let settings = Settings {
            configured,
            cluster_name: "simulated".to_owned(),
            dc_version: "3.0.2".to_owned(),
            uuid: format!("{node:08}-0000-4000-8000-{:012}", host.incarnation),
            started: host.started.clone(),
        };
        host.node = Some(Node::new(me, settings, &host.disk, Box::new(Planner), self.now));
        let incarnation = host.incarnation;
        self.network.attach(node, incarnation, &mut self.random);
    }

    /// The daemon is killed; services stay as they are.
    pub(crate) fn kill(&mut self, node: NodeId) {
        let host = self.hosts.get_mut(&node).unwrap();
        host.node = None;
        host.agents.orphan();
        self.network.detach(node, LeaveReason::Lost, &mut self.random);
    }

    /// The machine loses its power.
    pub(crate) fn crash(&mut self, node: NodeId) {
        self.kill(node);
        self.hosts.get_mut(&node).unwrap().agents = Agents::default();
    }

    pub(crate) fn is_up(&self, node: NodeId) -> bool {
        self.hosts[&node].node.is_some()
    }

    /// Asks a node as a client would; the reply is in `replies` later.
    pub(crate) fn ask(&mut self, node: NodeId, request: ClientRequest) -> u64 {
        let token = self.next_token;
        self.next_token += 1;
        let now = self.now;
        if let Some(cores) = &mut self.hosts.get_mut(&node).unwrap().node {
            let asker = Asker { client: "test".to_owned(), ..Asker::default() };
            cores.handle_client(ClientToken { connection: 1, id: token }, request, asker, now);
            self.perform(node);
        }
        token
    }

    /// Adds a primitive through a node; false where the node cannot take it now.
    pub(crate) fn add_resource(&mut self, node: NodeId, rsc: &str) -> u64 {
        let xml =
            format!("<primitive id=\"{rsc}\" class=\"ocf\" provider=\"test\" type=\"played\"/>");
        let operation = CibOperation {
            op: CibOp::Create,
            section: Some("resources".to_owned()),
            xml,
            ..CibOperation::default()
        };
        self.ask(node, ClientRequest::Apply { operation })
    }

    pub(crate) fn shutdown(&mut self, node: NodeId) {
        let now = self.now;
        if let Some(cores) = &mut self.hosts.get_mut(&node).unwrap().node {
            cores.handle_shutdown(now);
            self.perform(node);
        }
    }

    /// Runs until nothing moves without the clock; agents' work counts as movement.
    pub(crate) fn settle(&mut self) {
        for _ in 0..STEPS_MAX {
            if self.step() {
                continue;
            }
            let Some(at) = self.hosts.values().filter_map(|h| h.agents.next()).min() else {
                return;
            };
            self.move_clock(at.max(self.now.mono_ms));
        }
        panic!(
            "the cluster does not come to rest: {:#?}",
            self.log.iter().rev().take(30).collect::<Vec<_>>()
        );
    }

    /// Lets time pass, with everything that comes due.
    pub(crate) fn advance(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        loop {
            self.settle();
            let timers = self.hosts.values().filter_map(|h| h.node.as_ref()?.poll_timeout());
            match timers.filter(|at| *at <= end).min() {
                Some(at) => self.move_clock(at.max(self.now.mono_ms + 1)),
                None => break,
            }
            for node in self.nodes() {
                self.tick(node);
            }
        }
        self.move_clock(end.max(self.now.mono_ms));
    }

    /// Takes up to `steps` steps.
    pub(crate) fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            if !self.step() {
                let next = self.hosts.values().filter_map(|h| h.agents.next()).min();
                let Some(at) = next else { return };
                self.move_clock(at.max(self.now.mono_ms));
            }
        }
    }

    fn nodes(&self) -> Vec<NodeId> {
        self.hosts.keys().copied().collect()
    }

    fn move_clock(&mut self, to: u64) {
        let passed = to.saturating_sub(self.now.mono_ms);
        self.now.mono_ms = to;
        self.now.epoch_s += i64::try_from(passed / 1000).unwrap();
    }

    fn tick(&mut self, node: NodeId) {
        let now = self.now;
        if let Some(cores) = &mut self.hosts.get_mut(&node).unwrap().node {
            cores.handle_timeout(now);
            self.perform(node);
        }
    }

    fn step(&mut self) -> bool {
        let due = |h: &Host| h.agents.next().is_some_and(|at| at <= self.now.mono_ms);
        let mut nodes: Vec<NodeId> =
            self.hosts.iter().filter(|(_, h)| due(h)).map(|(n, _)| *n).collect();
        let finished = nodes.len();
        nodes.extend(self.network.has_input());
        let moves = nodes.len();
        let choice = self.random.below(moves + 1);
        if choice == moves || moves == 0 {
            return self.network.step(&mut self.random) || self.pick(&nodes, finished, choice);
        }
        self.pick(&nodes, finished, choice)
    }

    fn pick(&mut self, nodes: &[NodeId], finished: usize, choice: usize) -> bool {
        let Some(&node) = nodes.get(choice.min(nodes.len().saturating_sub(1))) else {
            return false;
        };
        if choice < finished {
            self.finish(node);
        } else {
            self.input(node);
        }
        true
    }

    fn finish(&mut self, node: NodeId) {
        let now = self.now;
        let host = self.hosts.get_mut(&node).unwrap();
        for result in host.agents.finish(now, &mut self.random) {
            if let Some(cores) = &mut host.node {
                cores.handle_result(result, now);
            }
        }
        self.perform(node);
    }

    fn input(&mut self, node: NodeId) {
        let now = self.now;
        let Some(event) = self.network.take(node) else { return };
        if let Some(cores) = &mut self.hosts.get_mut(&node).unwrap().node {
            cores.handle_event(event, now);
        }
        self.perform(node);
    }

    fn perform(&mut self, node: NodeId) {
        loop {
            let host = self.hosts.get_mut(&node).unwrap();
            let Some(cores) = &mut host.node else { return };
            let Some(command) = cores.poll_command() else { return };
            match command {
                Command::Broadcast(message) => self.network.submit(node, message),
                Command::SendTo(to, message) => self.network.send_to(node, to, message),
                Command::Persist => host.disk = cores.cib().clone(),
                Command::SaveStarted(started) => host.started = started,
                Command::Execute(request) => self.execute(node, *request),
                Command::Reply(token, result) => {
                    self.replies.insert(token.id, result);
                }
                Command::Leave => {
                    self.hosts.get_mut(&node).unwrap().node = None;
                    self.network.detach(node, LeaveReason::Left, &mut self.random);
                }
                Command::Log(level, text) => self.note(node, level, &text),
                Command::SaveConflict { version, .. } => {
                    self.log.push(format!("n{node} keeps its CIB {version} as a conflict"));
                }
                Command::Cancel { .. }
                | Command::ForgetResource(_)
                | Command::Notify(..)
                | Command::SavePolicyInput { .. } => {}
            }
        }
    }

    fn note(&mut self, node: NodeId, level: Level, text: &str) {
        self.log.push(format!("{} n{node} {level} {text}", self.now.mono_ms));
    }

    fn execute(&mut self, node: NodeId, request: ActionRequest) {
        if request.action == "start" {
            check::start_is_allowed(self, node, &request.rsc);
        }
        if request.action != "monitor" {
            self.actions.push(format!("n{node} {} {}", request.action, request.rsc));
        }
        let host = self.hosts.get_mut(&node).unwrap();
        host.agents.request(request, self.now.mono_ms, &mut self.random);
    }
}
