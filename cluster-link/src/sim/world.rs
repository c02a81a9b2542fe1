//! Nodes, sessions, datagrams and cables, in virtual time.
//!
//! A session between two nodes keeps the order of its messages and loses none until it ends, like
//! TCP; while a cable is cut either way it stalls. Datagrams get lost, doubled and reordered.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use super::history::{self, MessageId, Run};
use super::rng::Rng;
use crate::group::link::wire::{self, Heartbeat, Message};
use crate::group::link::{LinkNode, Output, Settings};
use crate::group::{Event, Member, NodeId, Ticket};

/// Wall clock at time 0, ms; epochs of nodes without state begin there.
const CLOCK: u64 = 1_000_000;

/// Each so many-th message goes through its bytes.
const CODED_EVERY: u64 = 16;

/// A deliberate defect, to see that the checkers find it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Defect {
    /// None.
    #[default]
    None,
    /// Epochs are not durable, and restarts begin at 0.
    ForgetEpoch,
    /// Installations lose the last message that the receiver lacks.
    ShortFlush,
}

/// What happens at a time.
#[derive(Clone, Debug)]
enum Happening {
    Wake { node: usize, at: u64 },
    Dial { low: usize, high: usize },
    Up { node: usize, peer: usize, session: u64, incarnation: u64 },
    Down { node: usize, peer: usize, session: u64, gone: bool },
    Arrive { from: usize, to: usize, session: u64 },
    Datagram { from: usize, to: usize, incarnation: u64, heartbeat: Heartbeat },
}

impl Happening {
    /// The node whose program must run for it.
    fn node(&self) -> Option<usize> {
        match self {
            Self::Wake { node, .. } | Self::Up { node, .. } | Self::Down { node, .. } => {
                Some(*node)
            }
            Self::Arrive { to, .. } | Self::Datagram { to, .. } => Some(*to),
            Self::Dial { .. } => None,
        }
    }
}

/// One end of a session, and what is on its way to that end.
#[derive(Clone, Debug, Default)]
struct End {
    session: u64,
    up: bool,
    /// Reset, though this end has not noticed: nothing passes any more.
    torn: bool,
    last_arrival: u64,
    on_the_way: VecDeque<Message>,
}

/// A node's host, disk and program.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) engine: Option<LinkNode>,
    pub(super) run: usize,
    disk: u64,
    incarnation: u64,
    tickets: u64,
    wake: Option<u64>,
    /// Stopped by a signal: what happens meanwhile waits.
    pub(super) paused: bool,
    waiting: VecDeque<Happening>,
    /// Sends heartbeats only.
    pub(super) mute: bool,
}

/// The simulated cluster.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) rng: Rng,
    pub(super) now: u64,
    pub(super) hosts: Vec<Host>,
    /// `open[a][b]`: packets from a reach b.
    pub(super) open: Vec<Vec<bool>>,
    /// By (from, to): the end at `to`.
    ends: BTreeMap<(usize, usize), End>,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    serial: u64,
    sessions: u64,
    coded: u64,
    /// Percent of datagrams lost.
    pub(super) loss: u64,
    /// Timers may come so much later, ms.
    pub(super) timer_delay: u64,
    defect: Defect,
    token_ms: u64,
    /// What all runs of all nodes were told.
    pub runs: Vec<Run>,
    broken: Option<String>,
}

fn id_of(host: usize) -> NodeId {
    u32::try_from(host + 1).unwrap_or(u32::MAX)
}

fn host_of(node: NodeId) -> usize {
    (node as usize).saturating_sub(1)
}

impl World {
    /// Makes `n` hosts with node ids 1 to `n`, none of them started.
    pub fn new(seed: u64, n: usize, token_ms: u64, defect: Defect) -> Self {
        let host = Host {
            engine: None,
            run: 0,
            disk: 0,
            incarnation: 0,
            tickets: 0,
            wake: None,
            paused: false,
            waiting: VecDeque::new(),
            mute: false,
        };
        let mut world = Self {
            rng: Rng::new(seed),
            now: 0,
            hosts: vec![host; n],
            open: vec![vec![true; n]; n],
            ends: BTreeMap::new(),
            queue: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            serial: 0,
            sessions: 0,
            coded: 0,
            loss: 0,
            timer_delay: 0,
            defect,
            token_ms,
            runs: Vec::new(),
            broken: None,
        };
        for low in 0..n {
            for high in low + 1..n {
                world.after(1, Happening::Dial { low, high });
            }
        }
        world
    }

    /// The token time of all these nodes, ms.
    pub(super) fn token_effective_ms(&self) -> u64 {
        self.settings(0).token_effective_ms()
    }

    fn settings(&self, host: usize) -> Settings {
        let node = id_of(host);
        let incarnation = self.hosts[host].incarnation;
        let local = Member { node, name: format!("n{node}"), incarnation };
        let peers = (0..self.hosts.len()).filter(|h| *h != host).map(id_of).collect();
        let token_coefficient_ms = self.token_ms / 2;
        Settings { token_ms: self.token_ms, token_coefficient_ms, ..Settings::new(local, peers) }
    }

    /// Starts the program of a host; `wiped`: its disk was lost.
    pub fn start(&mut self, host: usize, wiped: bool) {
        if self.hosts[host].engine.is_some() {
            return;
        }
        let slot = &mut self.hosts[host];
        if wiped || slot.disk == 0 {
            slot.disk = CLOCK + self.now;
        }
        if self.defect == Defect::ForgetEpoch {
            slot.disk = 0;
        }
        slot.incarnation += 1;
        slot.tickets = 0;
        slot.run = self.runs.len();
        slot.wake = None;
        let (disk, incarnation) = (slot.disk, slot.incarnation);
        self.runs.push(Run::new(id_of(host), incarnation));
        match LinkNode::new(self.settings(host), disk, self.now) {
            Ok(engine) => self.hosts[host].engine = Some(engine),
            Err(error) => self.broken = Some(error.to_string()),
        }
        self.act(host);
    }

    /// Kills the program; where not `power`, the host's kernel tells the peers.
    pub fn kill(&mut self, host: usize, power: bool) {
        self.hosts[host].engine = None;
        self.hosts[host].waiting.clear();
        self.hosts[host].paused = false;
        self.hosts[host].mute = false;
        for peer in 0..self.hosts.len() {
            if let Some(end) = self.ends.get_mut(&(peer, host)) {
                end.up = false;
                end.on_the_way.clear();
            }
            let reachable = self.open[host][peer] && self.open[peer][host];
            if peer != host && !power && reachable {
                let session = self.ends.get(&(host, peer)).map_or(0, |e| e.session);
                let delay = 1 + self.rng.below(20);
                self.after(delay, Happening::Down { node: peer, peer: host, session, gone: true });
            }
        }
    }

    /// Says goodbye, and ends the program once that is sent.
    pub fn leave(&mut self, host: usize) {
        if self.hosts[host].paused {
            return;
        }
        if let Some(engine) = &mut self.hosts[host].engine {
            engine.leave();
            self.act(host);
            // What is on its way still arrives; then the peers see the end of the session.
            self.hosts[host].engine = None;
            for peer in 0..self.hosts.len() {
                let end = self.ends.get(&(host, peer));
                let (session, last) = end.map_or((0, 0), |e| (e.session, e.last_arrival));
                let down = Happening::Down { node: peer, peer: host, session, gone: true };
                if peer != host && self.open[host][peer] && self.open[peer][host] {
                    self.after(last.saturating_sub(self.now) + 1, down);
                }
                if let Some(end) = self.ends.get_mut(&(peer, host)) {
                    end.up = false;
                    end.on_the_way.clear();
                }
            }
        }
    }

    /// Stops or continues the program as SIGSTOP and SIGCONT do.
    pub fn pause(&mut self, host: usize, paused: bool) {
        self.hosts[host].paused = paused && self.hosts[host].engine.is_some();
        if !self.hosts[host].paused {
            for happening in std::mem::take(&mut self.hosts[host].waiting) {
                self.happen(happening);
            }
        }
    }

    /// Ends the session between two hosts: what is on its way is lost.
    pub fn reset(&mut self, a: usize, b: usize) {
        for (node, peer) in [(a, b), (b, a)] {
            if let Some(end) = self.ends.get_mut(&(peer, node)) {
                end.on_the_way.clear();
                end.torn = true;
                let session = end.session;
                let delay = 1 + self.rng.below(50);
                self.after(delay, Happening::Down { node, peer, session, gone: false });
            }
        }
    }

    /// Lets messages that stalled on a cut cable go on.
    pub fn cables_changed(&mut self) {
        let pairs: Vec<(usize, usize)> = self.ends.keys().copied().collect();
        for (from, to) in pairs {
            let waiting = self.ends.get(&(from, to)).map_or(0, |e| e.on_the_way.len());
            for _ in 0..waiting {
                self.schedule_arrival(from, to);
            }
        }
    }

    /// Submits a message on a host; returns its name where it was taken.
    pub fn submit(&mut self, host: usize, padding: usize) -> Option<MessageId> {
        let slot = &mut self.hosts[host];
        let engine = slot.engine.as_mut().filter(|_| !slot.paused)?;
        slot.tickets += 1;
        let ticket = slot.tickets;
        let id = (id_of(host), slot.incarnation, ticket);
        let taken = engine.submit(self.now, Ticket(ticket), history::body(id, padding)).is_ok();
        if taken {
            self.runs[slot.run].submitted.insert(ticket);
        }
        self.act(host);
        taken.then_some(id)
    }

    /// Sends a message from a host to another.
    pub fn send(&mut self, host: usize, to: usize) {
        let slot = &mut self.hosts[host];
        let Some(engine) = slot.engine.as_mut().filter(|_| !slot.paused) else { return };
        slot.tickets += 1;
        let body = history::body((id_of(host), slot.incarnation, slot.tickets), 0);
        let _ = engine.send_to(id_of(to), body);
        self.act(host);
    }

    /// Cuts the cable between two hosts.
    pub fn cut(&mut self, a: usize, b: usize) {
        self.open[a][b] = false;
        self.open[b][a] = false;
    }

    /// Lets a program send heartbeats and nothing else.
    pub fn set_mute(&mut self, host: usize) {
        self.hosts[host].mute = true;
    }

    /// Lets time pass, ms.
    ///
    /// # Errors
    /// A broken promise.
    pub fn play(&mut self, ms: u64) -> Result<(), String> {
        let until = self.now + ms;
        while self.step(until)? {}
        Ok(())
    }

    /// Makes what happens next happen, at the latest at `until`; returns false where nothing does.
    ///
    /// # Errors
    /// A broken promise.
    pub fn step(&mut self, until: u64) -> Result<bool, String> {
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        let Some(Reverse((at, serial))) = self.queue.peek().copied().filter(|q| q.0.0 <= until)
        else {
            self.now = self.now.max(until);
            return Ok(false);
        };
        self.queue.pop();
        self.now = self.now.max(at);
        if let Some(happening) = self.happenings.remove(&serial) {
            match happening.node() {
                Some(node) if self.hosts[node].paused => {
                    self.hosts[node].waiting.push_back(happening);
                }
                _ => self.happen(happening),
            }
        }
        Ok(true)
    }

    fn after(&mut self, delay: u64, happening: Happening) {
        self.serial += 1;
        self.queue.push(Reverse((self.now + delay, self.serial)));
        self.happenings.insert(self.serial, happening);
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.now;
        match happening {
            Happening::Dial { low, high } => self.dial(low, high),
            Happening::Wake { node, at } => {
                let slot = &mut self.hosts[node];
                if slot.wake == Some(at) {
                    slot.wake = None;
                    if let Some(engine) = &mut slot.engine {
                        engine.handle_timeout(now);
                    }
                    self.act(node);
                }
            }
            Happening::Up { node, peer, session, incarnation } => {
                self.up(node, peer, session, incarnation);
            }
            Happening::Down { node, peer, session, gone } => self.down(node, peer, session, gone),
            Happening::Arrive { from, to, session } => self.arrive(from, to, session),
            Happening::Datagram { from, to, incarnation, heartbeat } => {
                let known = self.hosts[from].incarnation == incarnation;
                if let Some(engine) = self.hosts[to].engine.as_mut().filter(|_| known) {
                    engine.handle_heartbeat(now, id_of(from), &heartbeat);
                    self.act(to);
                }
            }
        }
    }

    /// The lower node dials where it has no session.
    fn dial(&mut self, low: usize, high: usize) {
        let delay = 50 + self.rng.below(100);
        self.after(delay, Happening::Dial { low, high });
        let ready = |h: &Host| h.engine.is_some() && !h.paused;
        let cable = self.open[low][high] && self.open[high][low];
        let dialled = self.ends.get(&(high, low)).is_some_and(|e| e.up);
        if !cable || dialled || !ready(&self.hosts[low]) || !ready(&self.hosts[high]) {
            return;
        }
        self.sessions += 1;
        let session = self.sessions;
        for (node, peer) in [(low, high), (high, low)] {
            let old = self.ends.get(&(peer, node)).filter(|e| e.up).map(|e| e.session);
            if let Some(old) = old {
                self.down(node, peer, old, false);
            }
            let delay = 1 + self.rng.below(10);
            let last_arrival = self.now + delay;
            let end = End { session, up: true, last_arrival, ..End::default() };
            self.ends.insert((peer, node), end);
            let incarnation = self.hosts[peer].incarnation;
            self.after(delay, Happening::Up { node, peer, session, incarnation });
        }
    }

    fn up(&mut self, node: usize, peer: usize, session: u64, incarnation: u64) {
        let current = self.ends.get(&(peer, node)).is_some_and(|e| e.session == session && e.up);
        if let Some(engine) = self.hosts[node].engine.as_mut().filter(|_| current) {
            let name = format!("n{}", id_of(peer));
            engine.handle_session_up(self.now, id_of(peer), incarnation, &name);
            self.act(node);
        }
    }

    fn down(&mut self, node: usize, peer: usize, session: u64, gone: bool) {
        let Some(end) = self.ends.get_mut(&(peer, node)).filter(|e| e.session == session) else {
            return;
        };
        if !end.up && !gone {
            return;
        }
        end.up = false;
        end.on_the_way.clear();
        // The kernel of a restarted program does not say that it is gone.
        let gone = gone && self.hosts[peer].engine.is_none();
        if let Some(engine) = &mut self.hosts[node].engine {
            engine.handle_session_down(self.now, id_of(peer), gone);
            self.act(node);
        }
    }

    fn schedule_arrival(&mut self, from: usize, to: usize) {
        let latency = if self.rng.chance(5) { self.rng.below(80) } else { self.rng.below(4) };
        let at = self.now + 1 + latency;
        if let Some(end) = self.ends.get_mut(&(from, to)) {
            end.last_arrival = end.last_arrival.max(at);
            let (delay, session) = (end.last_arrival - self.now, end.session);
            self.after(delay, Happening::Arrive { from, to, session });
        }
    }

    fn arrive(&mut self, from: usize, to: usize, session: u64) {
        if !self.open[from][to] || !self.open[to][from] {
            return; // stalls until the cable is whole
        }
        let Some(end) = self.ends.get_mut(&(from, to)).filter(|e| e.session == session) else {
            return;
        };
        if !end.up {
            // The kernel there knows of no such session and says so.
            if self.hosts[to].engine.is_none() {
                return;
            }
            self.after(1, Happening::Down { node: from, peer: to, session, gone: false });
            return;
        }
        let Some(message) = end.on_the_way.pop_front() else { return };
        if let Some(engine) = &mut self.hosts[to].engine {
            engine.handle_message(self.now, id_of(from), message);
            self.act(to);
        }
    }

    /// Does what the engine of a host wants.
    fn act(&mut self, host: usize) {
        while let Some(output) = self.hosts[host].engine.as_mut().and_then(LinkNode::poll_output) {
            match output {
                Output::Persist(epoch) => self.hosts[host].disk = epoch,
                Output::Send(node, message) => self.transmit(host, host_of(node), message),
                Output::SendAll(nodes, message) => {
                    for node in nodes {
                        self.transmit(host, host_of(node), message.clone());
                    }
                }
                Output::Heartbeat(heartbeat) => self.beat(host, &heartbeat),
                Output::Disconnect(node) => self.disconnect(host, host_of(node)),
                Output::Event(event) => self.tell(host, &event),
            }
        }
        let due = self.hosts[host].engine.as_ref().and_then(LinkNode::poll_timeout);
        if let Some(due) = due.filter(|d| self.hosts[host].wake.is_none_or(|w| *d < w)) {
            let delay = if self.rng.chance(3) { self.rng.below(self.timer_delay) } else { 0 };
            self.hosts[host].wake = Some(due);
            let at = due.saturating_sub(self.now).max(1) + delay;
            self.after(at, Happening::Wake { node: host, at: due });
        }
    }

    fn tell(&mut self, host: usize, event: &Event) {
        let run = self.hosts[host].run;
        if let Err(broken) = self.runs[run].record(event) {
            self.broken.get_or_insert(broken);
        }
    }

    fn transmit(&mut self, from: usize, to: usize, mut message: Message) {
        if self.hosts[from].mute && !matches!(message, Message::Heartbeat(_)) {
            return;
        }
        if let (Message::Install(install), Defect::ShortFlush) = (&mut message, self.defect) {
            install.missing.pop();
        }
        // The sender's end must know of the session.
        let mine = self.ends.get(&(to, from)).filter(|e| e.up).map(|e| e.session);
        let theirs = self.ends.get_mut(&(from, to)).filter(|e| Some(e.session) == mine);
        let Some(end) = theirs.filter(|e| !e.torn) else { return };
        self.coded += 1;
        if self.coded.is_multiple_of(CODED_EVERY) {
            match wire::decode(&wire::encode(&message)) {
                Ok(Some(decoded)) => message = decoded,
                other => self.broken = Some(format!("wire: {other:?} of {message:?}")),
            }
        }
        end.on_the_way.push_back(message);
        self.schedule_arrival(from, to);
    }

    fn beat(&mut self, from: usize, heartbeat: &Heartbeat) {
        let incarnation = self.hosts[from].incarnation;
        for to in (0..self.hosts.len()).filter(|to| *to != from) {
            self.transmit(from, to, Message::Heartbeat(heartbeat.clone()));
            let copies = if self.rng.chance(self.loss) {
                0
            } else if self.rng.chance(2) {
                2
            } else {
                1
            };
            for _ in 0..copies {
                if self.open[from][to] {
                    let late = self.rng.chance(5);
                    let delay = 1 + self.rng.below(if late { 300 } else { 5 });
                    let heartbeat = heartbeat.clone();
                    self.after(delay, Happening::Datagram { from, to, incarnation, heartbeat });
                }
            }
        }
    }

    fn disconnect(&mut self, host: usize, peer: usize) {
        if let Some(end) = self.ends.get_mut(&(peer, host)) {
            end.up = false;
            end.on_the_way.clear();
        }
        let cable = self.open[host][peer] && self.open[peer][host];
        if let Some(session) = self.ends.get(&(host, peer)).filter(|_| cable).map(|e| e.session) {
            let delay = 1 + self.rng.below(30);
            self.after(delay, Happening::Down { node: peer, peer: host, session, gone: false });
        }
    }
}
