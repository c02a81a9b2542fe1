//! `crm demo`: the two-node walkthrough, typed command by command on a cluster made for it.
//!
//! Two daemons on this machine form a cluster on the embedded engine; the document's commands are
//! typed one after another; the node that runs the service dies; the other takes over; the dead
//! node returns and nothing moves; a third node joins. Every step is checked, and the exit code is
//! 0 only where every check held.

mod agents;
mod checks;
pub mod client;
mod cluster;
mod namespace;
mod node;
mod options;
mod place;
pub mod service;
mod walkthrough;

use std::io::Write;

pub use options::{Engine, Options};

/// Why the demo could not go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A step's outcome is not what the document says.
    #[error("{step}: {found}")]
    Step {
        /// Which step.
        step: String,
        /// What was found instead.
        found: String,
    },
    /// The machine refused something the demo needs.
    #[error("{what}: {source}")]
    Machine {
        /// What was asked of the machine.
        what: String,
        /// Its answer.
        #[source]
        source: std::io::Error,
    },
    /// A program that the demo runs failed.
    #[error("{command} failed: {stderr}")]
    Program {
        /// The command line.
        command: String,
        /// What it said.
        stderr: String,
    },
}

/// Result of a demo step.
pub type Result<T> = std::result::Result<T, DemoError>;

/// Runs the whole walkthrough and tells it to `out`.
///
/// # Errors
/// The first step that did not hold. The cluster is taken down first, unless `options.keep`.
pub fn run(options: &Options, out: &mut dyn Write) -> Result<()> {
    if let Some(work) = &options.stop {
        return cluster::stop_kept(work);
    }
    let mut cluster = cluster::Cluster::prepare(options, out)?;
    let outcome = walkthrough::run(&mut cluster, options, out);
    if options.keep && outcome.is_ok() {
        return cluster.keep(out);
    }
    if outcome.is_err() {
        cluster.tell_logs(out);
    }
    cluster.stop();
    outcome
}

fn machine(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> DemoError {
    let what = what.into();
    move |source| DemoError::Machine { what, source }
}

fn tell(out: &mut dyn Write, text: &str) -> Result<()> {
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(machine("writing the output"))
}
