//! Membership, replication, controller and executor: what runs a CIB on one node.
//!
//! The cores are sans-IO state machines: they take events and the time, and return commands. Only
//! `io/` may touch sockets, processes, files and clocks.
//!
//! Reading order: [`group`] (members and order), [`executor`] (agents), [`status`] and
//! [`attrs`] (the CIB's status section), [`replica`] (one CIB on all members), [`controller`] (the DC and each node's part), [`node`] (the cores of one
//! node put together), [`protocol`] (what clients may ask).

#![deny(unsafe_code)]

pub mod attrs;
pub mod client;
pub mod config;
pub mod controller;
pub mod daemon;
pub mod executor;
pub mod group;
pub mod history;
pub mod io;
pub mod log;
pub mod node;
pub mod protocol;
pub mod replica;
pub mod scheduler;
pub mod sim;
pub mod status;

/// The feature set whose behaviour this daemon has: Pacemaker 3.0's.
pub const FEATURE_SET: &str = "3.20.5";
/// What the DC writes as `dc-version`: the Pacemaker whose scheduler `policy` equals.
pub const DC_VERSION: &str = "3.0.2-0a519a6e6b";
