//! The `node` level.
//!
//! **Source:** crmsh `ui_node.py`.

mod attribute;
mod control;
mod show;
mod standby;

use cib_model::Cib;
use cib_model::xml::{ElementRef, XmlId};

use crate::exit::Failure;
use crate::registry::Level;
use crate::shell::Shell;
use crate::shell::prompt::host_name;

/// The level.
pub static LEVEL: Level = Level {
    name: "node",
    summary: "Manage nodes",
    help: "Shows nodes, takes them out of service and back, and sets their attributes.",
    commands: &[
        &attribute::ATTRIBUTE,
        &control::CLEARSTATE,
        &control::DELETE,
        &control::FENCE,
        &standby::MAINTENANCE,
        &standby::ONLINE,
        &standby::READY,
        &show::SERVER,
        &show::SHOW,
        &standby::STANDBY,
        &show::STATUS,
        &attribute::STATUS_ATTR,
        &attribute::UTILIZATION,
    ],
    levels: &[],
    enter: None,
    leave: None,
};

/// Finds a node by name, or by id.
pub(crate) fn find<'a>(cib: &'a Cib, name: &str) -> Option<ElementRef<'a>> {
    let nodes = || cib.nodes().into_iter().flat_map(|n| n.children_named("node"));
    nodes()
        .find(|n| n.attr("uname") == Some(name))
        .or_else(|| nodes().find(|n| n.id() == Some(name)))
}

/// Returns the node's element and its id.
fn require(cib: &Cib, name: &str) -> Result<(XmlId, String), Failure> {
    let node =
        find(cib, name).ok_or_else(|| Failure::plain(format!("Node '{name}' not found in CIB")))?;
    Ok((node.xml_id(), node.id().unwrap_or(name).to_owned()))
}

/// Returns the nodes that the arguments name: all with `--all`, this machine without any.
fn chosen(shell: &mut Shell, args: &[String]) -> Result<Vec<String>, Failure> {
    if args.iter().any(|a| a == "--all") {
        let cib = shell.session.cib().map_err(|e| Failure::plain(e.to_string()))?;
        let nodes = cib.nodes().into_iter().flat_map(|n| n.children_named("node"));
        return Ok(nodes.filter_map(|n| n.attr("uname").map(str::to_owned)).collect());
    }
    if args.is_empty() { Ok(vec![host_name()]) } else { Ok(args.to_vec()) }
}
