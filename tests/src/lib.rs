//! Shared pieces of the conformance tests: where the reference data is, what is skipped and how
//! loudly, and the ratchets.

#![forbid(unsafe_code)]

pub mod binary;
pub mod case;
pub mod cli;
pub mod cluster;
pub mod daemon;
pub mod evaltest;
pub mod lines;
pub mod mutation;
pub mod old_cib;
pub mod prerequisite;
pub mod program;
pub mod ratchet;
pub mod threads;
