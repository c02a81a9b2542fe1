//! `resource status`, `resource locate`: where resources run.
//!
//! **Source:** pacemaker `tools/crm_resource_print.c`.

use cib_model::Cib;
use cib_model::xml::ElementRef;

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::told;
use crate::shell::Shell;

/// `resource status`
pub(super) const STATUS: Command = Command {
    name: "status",
    aliases: &["show", "list"],
    signature: "[resources ...]",
    usage: "status [<rsc> ...]",
    summary: "Show resources, or where some of them run",
    complete: &[Complete::Resource],
    run: status,
    ..Command::BASE
};

/// `resource locate`
pub(super) const LOCATE: Command = Command {
    name: "locate",
    signature: "[resources ...]",
    usage: "locate <rsc> [<rsc> ...]",
    summary: "Show where resources run",
    complete: &[Complete::Resource],
    run: locate,
    ..Command::BASE
};

fn status(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    if call.args.is_empty() {
        let cib = shell.session.cib().map_err(told)?;
        let status = policy::status(cib, &policy::Options::default());
        shell.console.print(&crate::status::resource_list(&status.plan));
        return Ok(());
    }
    locate(shell, call)
}

fn locate(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    if call.args.is_empty() {
        return Err(Failure::refused("Expected at least one resource as argument"));
    }
    let mut outcome = Ok(());
    for rsc in call.args {
        let cib = shell.session.cib().map_err(told)?;
        let Some(element) = super::find(cib, rsc) else {
            let text = format!(
                "crm_resource: {}\nError performing operation: No such object",
                super::find::missing(rsc)
            );
            shell.console.complain(&text);
            outcome = Err(Failure::Told);
            continue;
        };
        let lines = located(cib, element, rsc);
        if lines.is_empty() {
            shell.console.complain(&format!("resource {rsc} is NOT running"));
        }
        shell.console.print(&lines);
    }
    outcome
}

fn located(cib: &Cib, element: ElementRef<'_>, rsc: &str) -> String {
    let mut lines = String::new();
    for (node, promoted) in crate::status::running(cib, element) {
        let role = if promoted { " Promoted" } else { "" };
        lines.push_str(&format!("resource {rsc} is running on: {node}{role}\n"));
    }
    lines
}

/// Returns the nodes where a resource is active.
pub(super) fn active_nodes(cib: &Cib, rsc: &str) -> Vec<String> {
    let Some(element) = super::find(cib, rsc) else { return Vec::new() };
    let mut nodes: Vec<String> =
        crate::status::running(cib, element).into_iter().map(|(node, _)| node).collect();
    nodes.sort();
    nodes.dedup();
    nodes
}
