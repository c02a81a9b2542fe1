//! `property`, `get_property`.
//!
//! **Source:** crmsh `ui_configure.py`, `do_property()`, `do_get_property()`.

use crate::commands::{Invocation, overridden};
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::session::told;
use crate::shell::Shell;
use crate::status::model::{is_true, property};
use crate::ui::column::multicolumn;

/// `configure property`
pub(super) const PROPERTY: Command = Command {
    name: "property",
    signature: "[args ...]",
    usage: "property [<set_id>:] [rule ...] <option>=<value> ...",
    summary: "Set cluster options",
    help: "Without arguments the known options are listed.",
    skill: Skill::Administrator,
    complete: &[Complete::Property],
    run: set,
    ..Command::BASE
};

/// `configure get_property`
pub(super) const GET_PROPERTY: Command = Command {
    name: "get_property",
    aliases: &["get-property", "show-property"],
    signature: "[args ...]",
    usage: "get_property [-t|--true] <name> [<name>...]",
    summary: "Show the value of a cluster option, or its default",
    skill: Skill::Administrator,
    complete: &[Complete::Property],
    run: get,
    ..Command::BASE
};

fn set(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    if call.args.is_empty() {
        let names: Vec<String> = DEFAULTS.iter().map(|(n, _)| (*n).to_owned()).collect();
        shell.console.print(&multicolumn(&names));
        return Ok(());
    }
    if call.arg(0).is_some_and(|a| a.starts_with("maintenance-mode=")) {
        override_maintenance(shell)?;
    }
    super::object::define(shell, call)
}

/// Asks about what nodes and resources say of maintenance themselves.
fn override_maintenance(shell: &mut Shell) -> Outcome {
    let cib = shell.session.cib().map_err(told)?;
    let ids = |name| {
        cib.nodes().into_iter().flat_map(move |n| n.children().filter_map(move |e| e.attr(name)))
    };
    let nodes: Vec<String> = ids("id").chain(ids("uname")).map(str::to_owned).collect();
    let mut found = overridden::of_resources(cib, "maintenance", &nodes);
    found.extend(overridden::of_nodes(cib, "maintenance"));
    let gone = shell.choose_overridden(found);
    if gone.is_empty() {
        return Ok(());
    }
    shell.edit_tree(|cib| {
        overridden::remove(cib, &gone);
        Ok(())
    })
}

fn get(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let truth = call.args.iter().any(|a| a == "-t" || a == "--true");
    let names = call.args.iter().filter(|a| *a != "-t" && *a != "--true");
    let cib = shell.session.cib().map_err(told)?;
    let mut lines = Vec::new();
    let mut missing = Vec::new();
    for name in names {
        let default = DEFAULTS.iter().find(|(n, _)| n == name).map(|(_, value)| *value);
        match property(cib, name).or(default.filter(|d| !d.is_empty())) {
            Some(value) if truth => lines.push(is_true(value).to_string()),
            Some(value) => lines.push(value.to_owned()),
            None if truth => lines.push("false".to_owned()),
            None => missing.push(format!("configure.get_property: {name}: Property not set")),
        }
    }
    for line in lines {
        shell.console.line(&line);
    }
    for text in &missing {
        shell.console.error(text);
    }
    if missing.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

/// Cluster options with their defaults in Pacemaker 2.1 and 3.0; empty where there is none.
pub(crate) const DEFAULTS: &[(&str, &str)] = &[
    ("batch-limit", "0"),
    ("cluster-delay", "60s"),
    ("cluster-infrastructure", ""),
    ("cluster-ipc-limit", "500"),
    ("cluster-name", ""),
    ("cluster-recheck-interval", "15min"),
    ("concurrent-fencing", "true"),
    ("crmd-finalization-timeout", "30min"),
    ("crmd-integration-timeout", "3min"),
    ("crmd-transition-delay", "0s"),
    ("dc-deadtime", "20s"),
    ("dc-version", ""),
    ("election-timeout", "2min"),
    ("enable-acl", "false"),
    ("enable-startup-probes", "true"),
    ("fence-reaction", "stop"),
    ("have-watchdog", "false"),
    ("join-finalization-timeout", "30min"),
    ("join-integration-timeout", "3min"),
    ("load-threshold", "80%"),
    ("maintenance-mode", "false"),
    ("migration-limit", "-1"),
    ("no-quorum-policy", "stop"),
    ("node-action-limit", "0"),
    ("node-health-base", "0"),
    ("node-health-green", "0"),
    ("node-health-red", "-INFINITY"),
    ("node-health-strategy", "none"),
    ("node-health-yellow", "0"),
    ("node-pending-timeout", "0"),
    ("pe-error-series-max", "-1"),
    ("pe-input-series-max", "4000"),
    ("pe-warn-series-max", "5000"),
    ("placement-strategy", "default"),
    ("priority-fencing-delay", "0"),
    ("remove-after-stop", "false"),
    ("shutdown-escalation", "20min"),
    ("shutdown-lock", "false"),
    ("shutdown-lock-limit", "0"),
    ("start-failure-is-fatal", "true"),
    ("startup-fencing", "true"),
    ("stonith-action", "reboot"),
    ("stonith-enabled", "true"),
    ("stonith-max-attempts", "10"),
    ("stonith-timeout", "60s"),
    ("stonith-watchdog-timeout", "0"),
    ("stop-all-resources", "false"),
    ("stop-orphan-actions", "true"),
    ("stop-orphan-resources", "true"),
    ("symmetric-cluster", "true"),
    ("transition-delay", "0s"),
];
