//! Puts the engine's wishes into effect: the loop of the network thread.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc;

use super::datagram::{DATAGRAM_SIZE_MAX, Datagrams, Rejected, Tag};
use super::epoch::EpochFile;
use super::keys::{AUTHKEY_LEN_MIN, Keys};
use super::links::{Input, Links};
use super::report::{self, Reporter};
use super::session::{Greeting, SessionError, Terms};
use super::{LinkConfig, LinkError, Load, Peer};
use crate::group::link::quorum::QuorumConfig;
use crate::group::link::wire::{self, Heartbeat, Message};
use crate::group::link::{LinkNode, Output, Settings, SettingsError};
use crate::group::{Event, MESSAGE_SIZE_MAX, Member, NODES_MAX, NodeId, Notice, Severity, Ticket};
use crate::io::clock::Clock;

/// The user is slow while so many bytes of events wait for it.
const EVENTS_BYTES_SLOW: usize = 2 * MESSAGE_SIZE_MAX;
/// What an event weighs beside its message.
const EVENT_WEIGHT: usize = 128;
/// Inputs that may wait for the driver; then sessions are not read.
const INPUTS_MAX: usize = 256;
/// How long a goodbye may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// What the user wants.
#[derive(Debug)]
pub(super) enum Command {
    Submit(Ticket, Vec<u8>),
    Direct(NodeId, Vec<u8>),
    Peers(Vec<Peer>, QuorumConfig),
    Leave,
}

/// What an event that waits for the user counts.
pub(super) fn weight(event: &Event) -> usize {
    match event {
        Event::Deliver { message, .. } | Event::Direct { message, .. } => {
            EVENT_WEIGHT + message.len()
        }
        _ => EVENT_WEIGHT,
    }
}

/// Is this list of peers one that the engine can work with?
pub(super) fn check_peers(local: NodeId, peers: &[Peer]) -> Result<(), SettingsError> {
    if peers.len() >= NODES_MAX {
        return Err(SettingsError::TooManyNodes(peers.len() + 1));
    }
    let twice = |i: usize, p: &Peer| {
        p.node == local || peers.iter().take(i).any(|other| other.node == p.node)
    };
    match peers.iter().enumerate().find(|(i, p)| twice(*i, p)) {
        Some((_, peer)) => Err(SettingsError::DuplicateNode(peer.node)),
        None => Ok(()),
    }
}

/// Everything that is made before the thread starts, so that errors are the caller's.
pub(super) struct Driver {
    runtime: tokio::runtime::Runtime,
    parts: Parts,
}

struct Parts {
    config: LinkConfig,
    terms: Terms,
    datagrams: Datagrams,
    node: LinkNode,
    clock: Clock,
    epoch: EpochFile,
    listener: std::net::TcpListener,
    udp: std::net::UdpSocket,
    events: mpsc::UnboundedSender<Event>,
    commands: mpsc::UnboundedReceiver<Command>,
    load: Arc<Load>,
}

impl Driver {
    pub(super) fn prepare(
        config: LinkConfig,
        events: mpsc::UnboundedSender<Event>,
        commands: mpsc::UnboundedReceiver<Command>,
        load: Arc<Load>,
    ) -> Result<Self, LinkError> {
        if config.cluster_name.len() > 255 {
            return Err(LinkError::ClusterName(config.cluster_name.len()));
        }
        if let Some(short) = config.authkey.as_ref().filter(|k| k.len() < AUTHKEY_LEN_MIN) {
            return Err(LinkError::AuthkeyTooShort(short.len()));
        }
        check_peers(config.local.node, &config.peers)?;
        let clock = Clock::new();
        let clock_ms = wall_ms();
        let (tag, salt) = dice()?;
        let incarnation = clock_ms << 12 | salt & 0xfff;
        let state = |source| LinkError::State { path: config.state_dir.clone(), source };
        let (epoch, used) = EpochFile::open(&config.state_dir, clock_ms).map_err(state)?;
        let node = LinkNode::new(settings(&config, incarnation), used, clock.now().mono_ms)?;
        let (listener, udp) = bind(config.local.address)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(LinkError::System)?;
        let keys = Keys::new(config.authkey.as_deref(), &config.cluster_name);
        let Peer { node: local, name, .. } = config.local.clone();
        let terms = Terms {
            local,
            cluster: config.cluster_name.clone(),
            psk: keys.session(),
            greeting: Greeting { node: local, name, incarnation, tag },
        };
        let datagrams = Datagrams::new(local, tag, keys);
        let parts = Parts {
            config,
            terms,
            datagrams,
            node,
            clock,
            epoch,
            listener,
            udp,
            events,
            commands,
            load,
        };
        Ok(Self { runtime, parts })
    }

    /// The thread's life.
    pub(super) fn run(self) {
        let Self { runtime, parts } = self;
        runtime.block_on(async move {
            if let Ok((mut running, commands, inputs)) = Running::new(parts) {
                running.run(commands, inputs).await;
            }
        });
    }
}

fn wall_ms() -> u64 {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since_1970.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX) & (u64::MAX >> 13))
}

/// Returns a tag for this run's datagrams, and a number.
fn dice() -> Result<(Tag, u64), LinkError> {
    let (mut tag, mut number) = (Tag::default(), [0; 8]);
    let failed = |e: getrandom::Error| LinkError::System(e.into());
    getrandom::fill(&mut tag).map_err(failed)?;
    getrandom::fill(&mut number).map_err(failed)?;
    Ok((tag, u64::from_be_bytes(number)))
}

fn settings(config: &LinkConfig, incarnation: u64) -> Settings {
    let Peer { node, name, .. } = config.local.clone();
    Settings {
        local: Member { node, name, incarnation },
        peers: config.peers.iter().map(|p| p.node).collect(),
        token_ms: config.token_ms,
        token_coefficient_ms: config.token_coefficient_ms,
        consensus_ms: config.consensus_ms,
        join_ms: config.join_ms,
        quorum: config.quorum.clone(),
    }
}

fn bind(address: SocketAddr) -> Result<(std::net::TcpListener, std::net::UdpSocket), LinkError> {
    let listen = || {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let udp = std::net::UdpSocket::bind(address)?;
        udp.set_nonblocking(true)?;
        Ok((listener, udp))
    };
    listen().map_err(|source| LinkError::Listen { address, source })
}

/// The state of the loop.
struct Running {
    node: LinkNode,
    links: Links,
    datagrams: Datagrams,
    udp: UdpSocket,
    clock: Clock,
    epoch: EpochFile,
    events: mpsc::UnboundedSender<Event>,
    load: Arc<Load>,
    reporter: Reporter,
    cluster: String,
    port: u16,
    slow: bool,
}

type Wired = (Running, mpsc::UnboundedReceiver<Command>, mpsc::Receiver<Input>);

impl Running {
    fn new(parts: Parts) -> std::io::Result<Wired> {
        let Parts { config, terms, mut datagrams, node, clock, epoch, events, load, .. } = parts;
        let (inputs_in, inputs) = mpsc::channel(INPUTS_MAX);
        let listener = TcpListener::from_std(parts.listener)?;
        let udp = UdpSocket::from_std(parts.udp)?;
        let mut links = Links::new(terms, inputs_in, Arc::clone(&load.frames));
        links.set_peers(clock.now().mono_ms, &config.peers);
        datagrams.set_peers(config.peers.iter().map(|p| p.node));
        links.listen(listener);
        let mut this = Self {
            node,
            links,
            datagrams,
            udp,
            clock,
            epoch,
            events,
            load,
            reporter: Reporter::default(),
            cluster: config.cluster_name,
            port: config.local.address.port(),
            slow: false,
        };
        if config.authkey.is_none() && !config.peers.is_empty() {
            this.say(report::no_authkey());
        }
        Ok((this, parts.commands, inputs))
    }

    fn now(&self) -> u64 {
        self.clock.now().mono_ms
    }

    async fn run(
        &mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        mut inputs: mpsc::Receiver<Input>,
    ) {
        let mut datagram = vec![0; DATAGRAM_SIZE_MAX];
        loop {
            self.links.dial_due(self.now());
            self.act();
            let due = self.node.poll_timeout().into_iter().chain(self.links.next_dial()).min();
            let due = self.clock.instant(due.unwrap_or(u64::MAX >> 24));
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Leave) => return self.leave(inputs).await,
                    Some(command) => self.command(command),
                    None => return,
                },
                Some(input) = inputs.recv() => self.input(input),
                Ok((len, _)) = self.udp.recv_from(&mut datagram) => {
                    self.datagram(datagram.get(..len).unwrap_or_default());
                }
                () = tokio::time::sleep_until(due) => {}
            }
            let now = self.now();
            if self.node.poll_timeout().is_some_and(|due| now >= due) {
                self.node.handle_timeout(now);
            }
            self.watch_backlog();
        }
    }

    /// Says goodbye. Peers end their sessions when they have read it; until then this node reads
    /// on, because closing with something unread would tear the goodbye up.
    async fn leave(&mut self, mut inputs: mpsc::Receiver<Input>) {
        self.node.leave();
        self.act();
        tokio::select! {
            () = self.links.finish(FAREWELL) => {}
            () = async { while inputs.recv().await.is_some() {} } => {}
        }
    }

    fn command(&mut self, command: Command) {
        let now = self.now();
        match command {
            Command::Submit(ticket, message) => {
                if self.node.submit(now, ticket, message).is_err() {
                    self.tell(Event::Uncertain(vec![ticket]));
                }
            }
            Command::Direct(node, message) => {
                self.load.directs.fetch_sub(message.len(), Ordering::Relaxed);
                // The user learns of the member's departure by the view that follows.
                let _ = self.node.send_to(node, message);
            }
            Command::Peers(peers, quorum) => self.set_peers(now, &peers, &quorum),
            Command::Leave => {}
        }
    }

    fn set_peers(&mut self, now: u64, peers: &[Peer], quorum: &QuorumConfig) {
        let nodes: Vec<NodeId> = peers.iter().map(|p| p.node).collect();
        self.datagrams.set_peers(nodes.iter().copied());
        for node in self.links.set_peers(now, peers) {
            self.node.handle_session_down(now, node, true);
        }
        if let Err(error) = self.node.set_peers(now, nodes, quorum) {
            let message = format!("the changed node list is not used: {error}");
            self.say(Notice { severity: Severity::Error, node: None, message, remedy: None });
        }
    }

    fn input(&mut self, input: Input) {
        let now = self.now();
        match input {
            Input::Session(session) => {
                let node = session.peer.node;
                self.links.dialled(now, node);
                let Some((greeting, replaced)) = self.links.begin(*session) else { return };
                if replaced {
                    self.node.handle_session_down(now, node, false);
                }
                self.datagrams.greeted(node, greeting.tag);
                self.node.handle_session_up(now, node, greeting.incarnation, &greeting.name);
            }
            Input::NoSession { peer, error, dialled } => {
                if let Some(node) = peer.filter(|_| dialled) {
                    self.links.dialled(now, node);
                }
                self.no_session(peer, &error);
            }
            Input::Frame(node, number, frame) if self.links.is_current(node, number) => {
                match wire::decode(&frame) {
                    Ok(Some(message)) => self.node.handle_message(now, node, message),
                    Ok(None) => {}
                    Err(error) => {
                        self.say(report::broken(node, &self.who(node), &error));
                        self.links.end(node);
                        self.node.handle_session_down(now, node, false);
                    }
                }
            }
            Input::Heard(node, number) if self.links.is_current(node, number) => {
                self.node.handle_heard(now, node);
                self.watch_datagrams(now, node);
            }
            Input::Ended(node, number) if self.links.is_current(node, number) => {
                self.links.ended(now, node);
                self.node.handle_session_down(now, node, false);
            }
            Input::Frame(..) | Input::Heard(..) | Input::Ended(..) => {}
        }
    }

    fn who(&self, node: NodeId) -> String {
        let peer = self.links.peer(node);
        peer.map_or_else(|| format!("node {node}"), |p| report::peer(p.node, &p.name, p.address))
    }

    fn no_session(&mut self, peer: Option<NodeId>, error: &SessionError) {
        let who = peer.map_or_else(|| "somebody".to_owned(), |node| self.who(node));
        if let Some(notice) = report::no_session(peer, &who, &self.cluster, error) {
            self.say(notice);
        }
    }

    /// Says it where a peer is heard by TCP for long and never by UDP.
    fn watch_datagrams(&mut self, now: u64, node: NodeId) {
        if self.datagrams.is_late(now, node) {
            self.say(report::no_datagrams(node, &self.who(node), self.port));
        }
    }

    fn datagram(&mut self, datagram: &[u8]) {
        let now = self.now();
        match self.datagrams.open(now, datagram) {
            Ok((from, message)) => {
                if let Ok(Some(Message::Heartbeat(heartbeat))) = wire::decode(&message) {
                    self.node.handle_heartbeat(now, from, &heartbeat);
                }
            }
            // The session's handshake says it with a remedy.
            Err(Rejected::Key(_) | Rejected::Stale(_) | Rejected::Foreign) => {}
        }
    }

    /// Does what the engine wants.
    fn act(&mut self) {
        while let Some(output) = self.node.poll_output() {
            match output {
                Output::Persist(epoch) => self.persist(epoch),
                Output::Send(node, message) => {
                    self.links.send(node, Arc::from(wire::encode(&message)));
                }
                Output::SendAll(nodes, message) => {
                    let frame: Arc<[u8]> = Arc::from(wire::encode(&message));
                    for node in nodes {
                        self.links.send(node, Arc::clone(&frame));
                    }
                }
                Output::Heartbeat(heartbeat) => self.beat(heartbeat),
                Output::Disconnect(node) => {
                    self.links.end(node);
                }
                Output::Event(event) => self.tell(event),
            }
        }
    }

    fn persist(&mut self, epoch: u64) {
        if let Err(error) = self.epoch.ensure(epoch) {
            // The wall clock outbids what is lost, so membership goes on.
            self.say(report::no_epoch(&error));
        }
    }

    fn beat(&mut self, heartbeat: Heartbeat) {
        let frame: Arc<[u8]> = Arc::from(wire::encode(&Message::Heartbeat(heartbeat)));
        let peers: Vec<(NodeId, SocketAddr)> =
            self.links.peers().map(|p| (p.node, p.address)).collect();
        for (node, address) in peers {
            if let Some(datagram) = self.datagrams.seal(node, &frame) {
                // A full buffer or a cut cable loses it, as the network may.
                let _ = self.udp.try_send_to(&datagram, address);
            }
            self.links.send(node, Arc::clone(&frame));
        }
    }

    fn tell(&mut self, event: Event) {
        self.load.events.fetch_add(weight(&event), Ordering::Relaxed);
        let _ = self.events.send(event);
    }

    fn say(&mut self, notice: Notice) {
        if let Some(notice) = self.reporter.once(self.now(), notice) {
            self.tell(Event::Notice(notice));
        }
    }

    fn watch_backlog(&mut self) {
        let slow = self.load.events.load(Ordering::Relaxed) > EVENTS_BYTES_SLOW;
        if slow != self.slow {
            self.slow = slow;
            self.node.set_slow(slow);
        }
    }
}
