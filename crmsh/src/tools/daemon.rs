//! `cluster-linkd`: one node's daemon.

use std::ffi::OsString;

use crate::console::Console;
use crate::exit::Exit;

/// Runs the daemon until it is told to stop.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    console.flush();
    Exit::from_code(cluster_link::daemon::run(argv.iter().map(OsString::from)))
}
