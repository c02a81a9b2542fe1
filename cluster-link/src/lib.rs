//! Membership, replication, controller and executor: what runs a CIB on one node.
//!
//! The cores are sans-IO state machines: they take events and the time, and return commands. Only
//! `io/` may touch sockets, processes, files and clocks.

#![deny(unsafe_code)]

pub mod executor;
pub mod group;
pub mod io;
