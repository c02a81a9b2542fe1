//! `node fence`, `clearstate`, `delete`: what only a running cluster can do.

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::told;
use crate::shell::Shell;
use crate::shell::prompt::host_name;

/// `node fence`
pub(super) const FENCE: Command = Command {
    name: "fence",
    signature: "node",
    usage: "fence <node>",
    summary: "Fence a node now",
    wait: true,
    complete: &[Complete::Node],
    run: fence,
    ..Command::BASE
};

/// `node clearstate`
pub(super) const CLEARSTATE: Command = Command {
    name: "clearstate",
    signature: "[node]",
    usage: "clearstate [<node>]",
    summary: "Tell the cluster that a node is certainly down",
    help: "Resources that ran there are started elsewhere. Where the node still runs them, data is\n\
           destroyed: make sure first.",
    wait: true,
    complete: &[Complete::Node],
    run: clearstate,
    ..Command::BASE
};

/// `node delete`
pub(super) const DELETE: Command = Command {
    name: "delete",
    signature: "node",
    usage: "delete <node>",
    summary: "Remove a node from the configuration",
    help: "The node must be down. Its entry, its status and its place in the membership are removed.",
    complete: &[Complete::Node],
    run: delete,
    ..Command::BASE
};

fn fence(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let node = call.required(0);
    if !shell.confirm(&format!("Fencing {node} will shut down the node and migrate any resources that are running on it! Do you want to fence {node}?")) {
        return Err(Failure::Told);
    }
    shell.external("stonith_admin", &["-F", node])
}

fn clearstate(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let node = call.arg(0).map_or_else(host_name, str::to_owned);
    if !shell.confirm(&format!("Do you really want to drop state for node {node}?")) {
        return Err(Failure::Told);
    }
    shell.external("stonith_admin", &["--confirm", &node])
}

fn delete(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let node = call.required(0).to_owned();
    let live = shell.session.backend().is_cluster();
    let known = super::find(shell.session.cib().map_err(told)?, &node).is_some();
    if !known {
        return Err(Failure::plain(format!("node {node} not found in the CIB")));
    }
    if live {
        shell.external("crm_node", &["--force", "-R", &node])?;
    }
    shell.change_now(|cib| {
        if let Ok((state, _)) = super::standby::require_state(cib, &node) {
            cib.tree_mut().detach(state);
        }
        let (element, _) = super::require(cib, &node)?;
        cib.tree_mut().detach(element);
        Ok::<(), Failure>(())
    })?;
    shell.console.info(format!("node {node} deleted"));
    Ok(())
}
