//! The policy engine: a pure function from the CIB and a time to a transition.
//!
//! What it is not: it does no I/O, reads no clock and no environment, starts no thread, prints
//! nothing and never depends on the order of a hash table.

#![forbid(unsafe_code)]

pub mod graph;
