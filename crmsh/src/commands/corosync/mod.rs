//! The `corosync` level: the membership's configuration file.
//!
//! **Source:** crmsh `ui_corosync.py`.

use std::fs;

use super::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Level};
use crate::shell::Shell;

/// The level.
pub static LEVEL: Level = Level {
    name: "corosync",
    summary: "Look at the membership's configuration",
    help: "The file is /etc/corosync/corosync.conf, or what COROSYNC_MAIN_CONFIG_FILE names.",
    commands: &[&GET, &RELOAD, &SHOW],
    levels: &[],
    enter: None,
    leave: None,
};

const GET: Command = Command {
    name: "get",
    signature: "path",
    usage: "get <section>.<name>",
    summary: "Show a value",
    run: get,
    ..Command::BASE
};

const RELOAD: Command = Command {
    name: "reload",
    usage: "reload",
    summary: "Make the running cluster read the file again",
    run: reload,
    ..Command::BASE
};

const SHOW: Command =
    Command { name: "show", usage: "show", summary: "Show the file", run: show, ..Command::BASE };

fn read() -> Result<String, Failure> {
    let path = std::env::var("COROSYNC_MAIN_CONFIG_FILE")
        .ok()
        .filter(|p| !p.is_empty())
        .unwrap_or_else(|| "/etc/corosync/corosync.conf".to_owned());
    fs::read_to_string(&path).map_err(|e| Failure::Refused(format!("{path}: {e}")))
}

fn show(shell: &mut Shell, _: &Invocation<'_>) -> Outcome {
    let text = read()?;
    crate::shell::pager::page(shell, &text);
    Ok(())
}

fn get(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let wanted = call.required(0);
    let text = read()?;
    let mut place: Vec<&str> = Vec::new();
    let mut found = false;
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(name) = line.strip_suffix('{') {
            place.push(name.trim());
        } else if line == "}" {
            place.pop();
        } else if let Some((name, value)) = line.split_once(':') {
            let path = place.iter().copied().chain([name.trim()]).collect::<Vec<_>>().join(".");
            if path == wanted {
                shell.console.line(value.trim());
                found = true;
            }
        }
    }
    if found { Ok(()) } else { Err(Failure::Told) }
}

fn reload(shell: &mut Shell, _: &Invocation<'_>) -> Outcome {
    if let Some(mut client) = shell.daemon()? {
        return client.reload().map_err(|e| Failure::Refused(e.to_string()));
    }
    shell.external("corosync-cfgtool", &["-R"])
}
