//! The policy engine: a pure function from the CIB and a time to a transition.
//!
//! What it is not: it does no I/O, reads no clock and no environment, starts no thread, prints
//! nothing and never depends on the order of a hash table.

#![forbid(unsafe_code)]

pub mod actions;
mod assign;
pub mod check;
pub mod constraints;
mod diagnose;
pub mod diagnostics;
pub mod facts;
pub mod glib;
pub mod graph;
pub mod index;
pub mod params;
pub mod plan;
pub mod relations;
pub mod render;
pub mod schedule;
pub mod scores;
pub mod simulate;
pub mod state;
pub mod status;
pub mod trace;
pub mod unpack;
mod variant;

pub use diagnose::diagnose;
pub use plan::Plan;
pub use schedule::{Scheduled, schedule, schedule_plan};
pub use status::{ClusterStatus, status};

/// The feature set whose scheduler this is.
pub const FEATURE_SET: &str = "3.20.5";

/// What a run is told beside the CIB.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Time that rules and expiries are judged by, seconds since the epoch.
    pub now: i64,
    /// Whether sensitive values are masked in the CIB, so that only public digests can be compared
    /// (`crm_simulate -x`).
    pub sanitized: bool,
    /// Whether scores are recorded in the trace.
    pub trace: bool,
}
