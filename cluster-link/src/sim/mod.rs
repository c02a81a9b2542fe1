//! A simulated cluster that tries to break [`crate::group::link`], reproducibly.
//!
//! [`run`] plays one seed: nodes start, cables are cut (in groups, in pairs, one way), sessions are
//! reset, datagrams are lost, doubled and reordered, programs are killed, lose their disk, pause,
//! say goodbye, or keep the link up while they take part in nothing; then all is mended, and all
//! nodes must come together. [`history`] holds what must be true. Equal seeds play equally.
//!
//! Reading order: `rng`, [`history`], `world`, this file.

mod rng;
mod world;

pub mod history;

pub use rng::Rng;
pub use world::{Defect, World};

use crate::group::ViewId;
use history::Run;

/// What is played.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scenario {
    /// Number of nodes, 1 to 16.
    pub nodes: usize,
    /// How long things are broken, ms of virtual time.
    pub chaos_ms: u64,
    /// Mean time between two faults, ms.
    pub fault_every_ms: u64,
    /// The token time, ms.
    pub token_ms: u64,
    /// A deliberate defect.
    pub defect: Defect,
}

impl Scenario {
    /// The standard storm for a number of nodes.
    pub fn storm(nodes: usize) -> Self {
        let defect = Defect::None;
        Self { nodes, chaos_ms: 20_000, fault_every_ms: 250, token_ms: 400, defect }
    }
}

/// What one seed gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Views installed, over all nodes.
    pub views: usize,
    /// Messages delivered, over all nodes.
    pub deliveries: usize,
    /// Tickets declared uncertain.
    pub uncertain: usize,
    /// Time from the mending of everything to one view of all nodes, ms.
    pub heal_ms: u64,
}

impl std::ops::AddAssign for Tally {
    /// Sums; of the times the greatest.
    fn add_assign(&mut self, other: Self) {
        let Self { views, deliveries, uncertain, heal_ms } = other;
        self.views += views;
        self.deliveries += deliveries;
        self.uncertain += uncertain;
        self.heal_ms = self.heal_ms.max(heal_ms);
    }
}

/// Plays one seed.
///
/// # Errors
/// The first promise that was broken, in words.
pub fn run(seed: u64, scenario: &Scenario) -> Result<Tally, String> {
    let mut world = World::new(seed, scenario.nodes, scenario.token_ms, scenario.defect);
    world.timer_delay = scenario.token_ms / 4;
    let mut fault_at = 0;
    while world.now < scenario.chaos_ms {
        while world.step(fault_at)? {}
        fault(&mut world);
        fault_at = world.now + 1 + world.rng.below(2 * scenario.fault_every_ms);
    }
    let heal_ms = heal(&mut world, scenario)?;
    last_words(&mut world)?;
    history::check(&world.runs)?;
    let sum = |count: fn(&Run) -> usize| world.runs.iter().map(count).sum();
    Ok(Tally {
        views: sum(|r| r.views.len()),
        deliveries: sum(|r| r.delivered.values().map(Vec::len).sum()),
        uncertain: sum(|r| r.uncertain.len()),
        heal_ms,
    })
}

/// Breaks or mends something, or submits messages.
fn fault(world: &mut World) {
    let n = world.hosts.len();
    let (a, b) = (world.rng.index(n), world.rng.index(n));
    match world.rng.below(40) {
        0..=5 => {
            let wiped = world.rng.chance(10);
            world.start(a, wiped);
        }
        6 => world.kill(a, false),
        7 => world.kill(a, true),
        8 => world.leave(a),
        9 | 10 => {
            // Two groups.
            let side = world.rng.below(1 << n);
            set_cables(world, |x, y| (side >> x & 1) == (side >> y & 1));
        }
        11 | 12 => set_cables(world, |_, _| true),
        13 | 14 if a != b => {
            let open = !world.open[a][b];
            world.open[a][b] = open;
            world.open[b][a] = open;
            world.cables_changed();
        }
        15 if a != b => {
            world.open[a][b] = !world.open[a][b];
            world.cables_changed();
        }
        16 | 17 if a != b => world.reset(a, b),
        18 => world.pause(a, true),
        19 | 20 => world.pause(a, false),
        21 if world.hosts[a].engine.is_some() => world.hosts[a].mute = true,
        22 | 23 => unmute(world, a),
        24 => world.loss = [0, 1, 10, 40][world.rng.index(4)],
        25..=27 => {
            for host in 0..n {
                world.start(host, false);
            }
        }
        28 | 29 => world.send(a, b),
        _ => {
            for _ in 0..=world.rng.below(8) {
                let (host, padding) = (world.rng.index(n), world.rng.index(200));
                world.submit(host, padding);
            }
        }
    }
}

fn set_cables(world: &mut World, open: impl Fn(usize, usize) -> bool) {
    for (x, row) in world.open.iter_mut().enumerate() {
        for (y, cable) in row.iter_mut().enumerate() {
            *cable = open(x, y);
        }
    }
    world.cables_changed();
}

/// A program that works again has lost what it did not send: its sessions end.
fn unmute(world: &mut World, host: usize) {
    if std::mem::take(&mut world.hosts[host].mute) {
        for peer in 0..world.hosts.len() {
            if peer != host {
                world.reset(host, peer);
            }
        }
    }
}

/// P6: once everything works, all nodes come together; returns how long that took, ms.
fn heal(world: &mut World, scenario: &Scenario) -> Result<u64, String> {
    let n = world.hosts.len();
    set_cables(world, |_, _| true);
    world.loss = 0;
    world.timer_delay = 0;
    for host in 0..n {
        world.pause(host, false);
        unmute(world, host);
        world.start(host, false);
    }
    let begin = world.now;
    // Exclusions last at most 16 consensus times.
    let patience = 100 * scenario.token_ms * (n as u64 + 2);
    // A round that began before the mending, and the exclusions that it ends in, take up to four
    // times the token of so many nodes.
    let lasting = 5 * scenario.token_ms.max(world.token_effective_ms());
    let mut since = None;
    loop {
        world.play(50)?;
        match common_view(world) {
            None => since = None,
            Some(view) if since.is_none_or(|(_, known)| known != view) => {
                since = Some((world.now, view));
            }
            Some(_) => {}
        }
        // What was under way may still end the first common view; one that lasts is it.
        if let Some((at, _)) = since.filter(|(at, _)| world.now >= at + lasting) {
            return Ok(at - begin);
        }
        if world.now > begin + patience {
            let views: Vec<_> =
                world.hosts.iter().map(|h| world.runs[h.run].views.last()).collect();
            return Err(format!("P6: no common view {patience} ms after the mending: {views:?}"));
        }
    }
}

/// The view that all nodes are in, of all nodes.
fn common_view(world: &World) -> Option<ViewId> {
    let n = world.hosts.len();
    let view = |h: &world::Host| world.runs[h.run].views.last().filter(|v| v.members.len() == n);
    let first = world.hosts.first().and_then(view).map(|v| v.id)?;
    world.hosts.iter().all(|h| view(h).is_some_and(|v| v.id == first)).then_some(first)
}

/// Every ticket of a living node comes back, and each node's new message reaches all.
fn last_words(world: &mut World) -> Result<(), String> {
    let n = world.hosts.len();
    let words: Vec<_> = (0..n).filter_map(|host| world.submit(host, 0)).collect();
    if words.len() < n {
        return Err("a message was not taken although all is well".to_owned());
    }
    let before = common_view(world);
    world.play(3000)?;
    if common_view(world) != before {
        return Err("P6: the common view did not last".to_owned());
    }
    for host in &world.hosts {
        let run = &world.runs[host.run];
        let back = |t: &&u64| run.own.contains(t) || run.uncertain.contains(t);
        if let Some(ticket) = run.submitted.iter().find(|t| !back(t)) {
            return Err(format!("node {}: ticket {ticket} never came back", run.node));
        }
        let delivered: Vec<_> = run.delivered.values().flatten().collect();
        if let Some(word) = words.iter().find(|w| !delivered.contains(w)) {
            return Err(format!("node {}: {word:?} was not delivered", run.node));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
