//! `node standby`, `online`, `maintenance`, `ready`.

use cib_model::Cib;

use crate::commands::{Invocation, overridden};
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::attributes::{self, SetKind};
use crate::shell::Shell;
use crate::shell::prompt::host_name;

/// `node standby`
pub(super) const STANDBY: Command = Command {
    name: "standby",
    signature: "[args ...]",
    usage: "standby [--all | <node> ...] [reboot|forever]",
    summary: "Take nodes out of service",
    help: "Resources move away. With `reboot` the node is back in service after a restart of the\n\
           cluster on it; `forever`, the default, holds until `online`.",
    wait: true,
    complete: &[Complete::Node],
    run: standby,
    ..Command::BASE
};

/// `node online`
pub(super) const ONLINE: Command = Command {
    name: "online",
    signature: "[args ...]",
    usage: "online [--all | <node> ...]",
    summary: "Put nodes back in service",
    wait: true,
    complete: &[Complete::Node],
    run: online,
    ..Command::BASE
};

/// `node maintenance`
pub(super) const MAINTENANCE: Command = Command {
    name: "maintenance",
    signature: "[node]",
    usage: "maintenance [<node>]",
    summary: "Leave the resources of a node alone",
    wait: true,
    complete: &[Complete::Node],
    run: |shell, call| set_maintenance(shell, call.arg(0), "true"),
    ..Command::BASE
};

/// `node ready`
pub(super) const READY: Command = Command {
    name: "ready",
    signature: "[node]",
    usage: "ready [<node>]",
    summary: "Manage the resources of a node again",
    wait: true,
    complete: &[Complete::Node],
    run: |shell, call| set_maintenance(shell, call.arg(0), "off"),
    ..Command::BASE
};

fn standby(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let (nodes, lifetime) = match call.args {
        [nodes @ .., last] if ["reboot", "forever"].contains(&last.as_str()) => {
            (nodes, last.as_str())
        }
        nodes => (nodes, "forever"),
    };
    let nodes = super::chosen(shell, nodes)?;
    shell.change_now(|cib| {
        for node in &nodes {
            if lifetime == "reboot" {
                let (state, id) = require_state(cib, node)?;
                let holder = transient(cib, state, &id);
                let set = format!("status-{id}");
                attributes::set(cib, holder, SetKind::Instance, &set, "standby", "on");
            } else {
                let (element, id) = super::require(cib, node)?;
                if let Ok((state, id)) = require_state(cib, node) {
                    let holder = transient(cib, state, &id);
                    attributes::delete(cib, holder, SetKind::Instance, "standby", true);
                }
                let set = format!("nodes-{id}");
                attributes::set(cib, element, SetKind::Instance, &set, "standby", "on");
            }
        }
        Ok(())
    })?;
    tell(shell, "standby", &nodes);
    Ok(())
}

fn online(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let nodes = super::chosen(shell, call.args)?;
    shell.change_now(|cib| {
        for node in &nodes {
            let (element, id) = super::require(cib, node)?;
            switch_off(cib, element, &format!("nodes-{id}"));
            if let Ok((state, id)) = require_state(cib, node) {
                let holder = transient(cib, state, &id);
                switch_off(cib, holder, &format!("status-{id}"));
            }
        }
        Ok::<(), Failure>(())
    })?;
    tell(shell, "online", &nodes);
    Ok(())
}

/// Says what was done, which crm 1.2 does not.
fn tell(shell: &mut Shell, what: &str, nodes: &[String]) {
    if shell.is_classic() {
        return;
    }
    for node in nodes {
        shell.console.info(format!("{what} node {node}"));
    }
}

fn switch_off(cib: &mut Cib, holder: cib_model::xml::XmlId, set: &str) {
    let is_on = cib
        .tree()
        .element(holder)
        .is_some_and(|e| attributes::get(e, SetKind::Instance, "standby").is_some());
    if is_on {
        attributes::set(cib, holder, SetKind::Instance, set, "standby", "off");
    }
}

fn set_maintenance(shell: &mut Shell, node: Option<&str>, value: &str) -> Outcome {
    let node = node.map_or_else(host_name, str::to_owned);
    let gone = shell.overridden_on_node(&node, "maintenance")?;
    shell.change_now(|cib| {
        overridden::remove(cib, &gone);
        let (element, id) = super::require(cib, &node)?;
        let set = format!("nodes-{id}");
        attributes::set(cib, element, SetKind::Instance, &set, "maintenance", value);
        Ok(())
    })
}

/// Finds a node's state in the status section.
pub(super) fn require_state(
    cib: &Cib,
    node: &str,
) -> Result<(cib_model::xml::XmlId, String), Failure> {
    let (_, id) = super::require(cib, node)?;
    let state = cib
        .status()
        .into_iter()
        .flat_map(|s| s.children_named("node_state"))
        .find(|s| s.id() == Some(&id) || s.attr("uname") == Some(node))
        .ok_or_else(|| Failure::plain(format!("Node '{node}' has no status in the CIB")))?;
    Ok((state.xml_id(), id))
}

/// Returns the element that holds a node's transient attributes, making it where missing.
pub(super) fn transient(
    cib: &mut Cib,
    state: cib_model::xml::XmlId,
    id: &str,
) -> cib_model::xml::XmlId {
    let found = cib.tree().element(state).and_then(|s| s.child("transient_attributes"));
    if let Some(found) = found {
        return found.xml_id();
    }
    let tree = cib.tree_mut();
    let holder = tree.append(state, "transient_attributes");
    tree.set_attr(holder, "id", id);
    holder
}
