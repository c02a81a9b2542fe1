//! The one door to the world: sockets, processes, files and clocks.
//!
//! Reading order: `process` (one child process), `agent_ocf`, `agent_lsb`, `agent_systemd` (what to
//! run for each class), `agent` (all running agents), `agent_table` (agents that outlive a daemon),
//! `clock`, `agent_driver` (the executor on this node), `net` (the embedded group),
//! `disk` and `authkey`, `state` (files), `logger`, `user` and `ipc` (clients), `engine` (which node
//! of which cluster), `driver` (one node).

#![expect(clippy::disallowed_methods, reason = "this is the door to processes, files and clocks")]

pub mod agent;
pub mod agent_driver;
pub mod agent_lsb;
pub mod agent_ocf;
pub mod agent_systemd;
mod agent_table;
pub mod authkey;
pub mod clock;
pub mod disk;
pub mod driver;
pub mod engine;
pub mod ipc;
pub mod logger;
pub mod net;
pub mod process;
pub mod state;
mod user;
