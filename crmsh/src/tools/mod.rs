//! The Pacemaker tools and the daemon, chosen by the name the binary is called by.

mod attribute_shorthand;
mod cib_place;
mod cibadmin;
mod crm_attribute;
mod crm_diff;
mod crm_error;
pub(crate) mod crm_mon;
mod crm_resource;
mod crm_rule;
mod crm_shadow;
mod crm_simulate;
mod crm_ticket;
mod crm_verify;
mod crmadmin;
mod daemon;
mod demo;
mod iso8601;
mod latest_schema;
mod node_name;
mod nvpair;
mod patch_text;
mod reply;
mod result_codes;

use crate::console::Console;
use crate::exit::Exit;

/// Runs the tool called `name`; `None` where there is no such tool.
pub fn run(name: &str, argv: &[String], console: &mut Console) -> Option<Exit> {
    let tool = TOOLS.iter().find(|(n, _)| *n == name).map(|(_, run)| run)?;
    Some(tool(argv, console))
}

type Tool = fn(&[String], &mut Console) -> Exit;

/// Every tool by name, sorted.
const TOOLS: &[(&str, Tool)] = &[
    ("cibadmin", cibadmin::run),
    ("cluster-linkd", daemon::run),
    ("crm_attribute", crm_attribute::run),
    ("crm_diff", crm_diff::run),
    ("crm_error", crm_error::run),
    ("crm_failcount", attribute_shorthand::failcount),
    ("crm_master", attribute_shorthand::promotion_score),
    ("crm_mon", crm_mon::run),
    ("crm_resource", crm_resource::run),
    ("crm_rule", crm_rule::run),
    ("crm_shadow", crm_shadow::run),
    ("crm_simulate", crm_simulate::run),
    ("crm_standby", attribute_shorthand::standby),
    ("crm_ticket", crm_ticket::run),
    ("crm_verify", crm_verify::run),
    ("crmadmin", crmadmin::run),
    ("demo-client", demo::client),
    ("demo-service", demo::service),
    ("iso8601", iso8601::run),
];

/// Puts a program's name before its arguments, as clap wants them.
fn with_name<'a>(name: &'a str, argv: &'a [String]) -> impl Iterator<Item = &'a str> + Clone {
    std::iter::once(name).chain(argv.iter().map(String::as_str))
}

/// Prints what clap says of a command line: help, or what is wrong with it.
fn usage(error: &clap::Error, console: &mut Console) -> Exit {
    let text = error.render().to_string();
    if error.use_stderr() {
        console.complain(text.trim_end());
        Exit::TOOL_USAGE
    } else {
        console.print(&text);
        Exit::OK
    }
}

/// The answer to `--version`: the Pacemaker whose tools these follow, then our own version.
fn version_text() -> String {
    format!("Pacemaker 2.1.5 (compatible)\nVersion {}\n", env!("CARGO_PKG_VERSION"))
}
