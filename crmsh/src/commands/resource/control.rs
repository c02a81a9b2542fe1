//! What only a running cluster can do: `cleanup`, `refresh`, `restart`, `failcount`, …

use super::meta::set_all;
use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::shell::Shell;

const CONTROL: Command = Command {
    signature: "[rsc] [node] [force]",
    wait: true,
    complete: &[Complete::Resource, Complete::Node, Complete::Words(&["force"])],
    ..Command::BASE
};

/// `resource cleanup`
pub(super) const CLEANUP: Command = Command {
    name: "cleanup",
    usage: "cleanup [<rsc>] [<node>] [force]",
    summary: "Forget failures of resources",
    skill: Skill::Administrator,
    run: |shell, call| history(shell, call, "--cleanup"),
    ..CONTROL
};

/// `resource refresh`
pub(super) const REFRESH: Command = Command {
    name: "refresh",
    aliases: &["reprobe"],
    usage: "refresh [<rsc>] [<node>] [force]",
    summary: "Forget the history of resources and look again",
    run: |shell, call| history(shell, call, "--refresh"),
    ..CONTROL
};

/// `resource restart`
pub(super) const RESTART: Command = Command {
    name: "restart",
    signature: "[resources ...]",
    usage: "restart <rsc> [<rsc> ...]",
    summary: "Stop resources and start them again",
    wait: true,
    complete: &[Complete::Resource],
    run: restart,
    ..Command::BASE
};

/// `resource operations`
pub(super) const OPERATIONS: Command = Command {
    name: "operations",
    signature: "[resource] [node]",
    usage: "operations [<rsc>] [<node>]",
    summary: "Show the operations that were run",
    complete: &[Complete::Resource, Complete::Node],
    run: |shell, call| {
        let mut args = vec!["-O"];
        for (option, value) in ["-r", "-N"].into_iter().zip(call.args) {
            args.extend([option, value.as_str()]);
        }
        shell.external("crm_resource", &args)
    },
    ..Command::BASE
};

/// `resource scores`
pub(super) const SCORES: Command = Command {
    name: "scores",
    usage: "scores",
    summary: "Show the scheduler's scores",
    run: |shell, _| shell.simulate(vec!["-s".to_owned()]),
    ..Command::BASE
};

/// `resource failcount`
pub(super) const FAILCOUNT: Command = Command {
    name: "failcount",
    signature: "rsc cmd node [value] [operation] [interval]",
    usage: "failcount <rsc> set <node> <value> [operation] [interval]\n\
            failcount <rsc> delete <node>\nfailcount <rsc> show <node>",
    summary: "Set, delete or show a fail count",
    complete: &[Complete::Resource, Complete::Words(&["set", "delete", "show"]), Complete::Node],
    run: failcount,
    ..CONTROL
};

/// `resource secret`
pub(super) const SECRET: Command = Command {
    name: "secret",
    signature: "rsc cmd param [value]",
    usage: "secret <rsc> set <param> <value>\nsecret <rsc> {stash|unstash|delete|show|check} <param>",
    summary: "Keep a parameter out of the CIB",
    skill: Skill::Administrator,
    complete: &[
        Complete::Resource,
        Complete::Words(&["set", "stash", "unstash", "delete", "show", "check"]),
        Complete::Nothing,
    ],
    run: secret,
    ..CONTROL
};

fn history(shell: &mut Shell, call: &Invocation<'_>, action: &str) -> Outcome {
    let mut words: Vec<&str> = call.args.iter().map(String::as_str).collect();
    let force = words.contains(&"force") || shell.settings.force;
    words.retain(|w| *w != "force");
    if let Some(mut client) = shell.daemon()? {
        let only_failed = action == "--cleanup" && !force;
        client
            .cleanup(words.first().copied(), words.get(1).copied(), only_failed)
            .map_err(|e| Failure::plain(e.to_string()))?;
        return Ok(());
    }
    let mut args = vec![action];
    for (option, value) in ["--resource", "--node"].into_iter().zip(words) {
        args.extend([option, value]);
    }
    args.extend(force.then_some("--force"));
    shell.external("crm_resource", &args)
}

fn restart(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    if call.args.is_empty() {
        return Err(Failure::refused("Expected at least one resource as argument"));
    }
    let names = call.args.join(", ");
    shell.console.info(format!("ordering {names} to stop"));
    set_all(shell, call.args, "target-role", "Stopped")?;
    shell.wait_settled("stop")?;
    shell.console.info(format!("ordering {names} to start"));
    set_all(shell, call.args, "target-role", "Started")
}

fn failcount(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let (rsc, command, node) = (call.required(0), call.required(1), call.required(2));
    let operation: Vec<&str> = ["-n", "-I"]
        .into_iter()
        .zip(call.args.iter().skip(4))
        .flat_map(|(option, value)| [option, value.as_str()])
        .collect();
    match (command, call.arg(3)) {
        ("show" | "get", None) => shell.external("crm_failcount", &["-G", "-r", rsc, "-N", node]),
        ("delete", None) => shell.external("crm_failcount", &["-D", "-r", rsc, "-N", node]),
        ("set", Some(value)) => {
            if value != "INFINITY" && value.parse::<u32>().is_err() {
                return Err(Failure::refused(
                    "value should be a non-negative integer or 'INFINITY'",
                ));
            }
            let name = match operation.as_slice() {
                [_, op, _, seconds] => {
                    let ms = if *seconds == "0" { "0".to_owned() } else { format!("{seconds}000") };
                    format!("fail-count-{rsc}#{op}_{ms}")
                }
                _ => format!("fail-count-{rsc}"),
            };
            let args = ["-t", "status", "-n", name.as_str(), "-N", node, "-v", value];
            shell.external("crm_attribute", &args)
        }
        _ => Err(Failure::bad_usage("failcount", call.args, "")),
    }
}

fn secret(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let (rsc, command, param) = (call.required(0), call.required(1), call.required(2));
    match (command, call.arg(3)) {
        ("set", Some(value)) => shell.external("cibsecret", &["set", rsc, param, value]),
        ("show" | "get", None) => shell.external("cibsecret", &["get", rsc, param]),
        ("stash" | "unstash" | "delete" | "check", None) => {
            shell.external("cibsecret", &[command, rsc, param])
        }
        ("set", None) => {
            Err(Failure::bad_usage("secret", call.args, "Missing value argument to set"))
        }
        _ => Err(Failure::bad_usage("secret", call.args, "")),
    }
}
