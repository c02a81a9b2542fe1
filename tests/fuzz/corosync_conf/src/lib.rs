//! The module `cluster_link::config` alone: fuzzing it needs no network, no runtime and no ciphers.

#[path = "../../../../cluster-link/src/config/mod.rs"]
pub mod config;
