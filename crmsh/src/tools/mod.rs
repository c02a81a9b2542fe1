//! The Pacemaker tools and the daemon, chosen by the name the binary is called by.

mod demo;

use crate::console::Console;
use crate::exit::Exit;

/// Runs the tool called `name`; `None` where there is no such tool.
pub fn run(name: &str, argv: &[String], console: &mut Console) -> Option<Exit> {
    let tool = TOOLS.iter().find(|(n, _)| *n == name).map(|(_, run)| run)?;
    Some(tool(argv, console))
}

type Tool = fn(&[String], &mut Console) -> Exit;

/// Every tool by name.
const TOOLS: &[(&str, Tool)] = &[("demo-client", demo::client), ("demo-service", demo::service)];
