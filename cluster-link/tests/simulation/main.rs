//! Several nodes in one process: replica and controller over a simulated group, with agents that
//! are played and a clock that jumps. One seed, one course of events.
//!
//! Reading order: `random`, `network` (the group), `agents`, `planner` (a scheduler for one kind of
//! resource), `world` (all together), `check` (what must hold), `script` (fixtures/link), `seeds`.

#![expect(clippy::disallowed_methods, reason = "the bans are the core's, a test reads its scripts")]

mod agents;
mod check;
mod network;
mod planner;
mod random;
mod script;
mod seeds;
mod world;
