//! The commands every level has: `cd`, `help`, `ls`, `quit`, `up`.
//!
//! **Source:** crmsh `command.py`, class `UI`.

use super::Invocation;
use crate::commands::root::help;
use crate::exit::{Exit, Outcome};
use crate::registry::{self, Command, Complete, Leaving};
use crate::shell::Shell;

/// The table of these commands.
pub const COMMANDS: &[&Command] = &[&CD, &help::COMMAND, &LS, &QUIT, &UP];

/// Tells whether a command is one of these; their other names are as good as the first.
pub fn is_common(name: &str) -> bool {
    COMMANDS.iter().any(|c| c.name == name)
}

/// Tells whether the words that follow a level need no cluster.
pub fn is_idle(rest: &[String]) -> bool {
    let first = rest.first().map(String::as_str);
    matches!(first, Some("help" | "?" | "-h" | "--help" | "ls"))
        || rest.iter().any(|w| w == "--help")
}

const CD: Command = Command {
    name: "cd",
    signature: "[optarg]",
    usage: "cd [<path>]",
    summary: "Go to another level",
    help: "Walks a path of level names joined by slashes; `..` is the level above. Without a path\n\
           it goes up one level.\n\nExamples:\n\n    cd ..\n    cd ../configure\n    cd configure/ra",
    complete: &[Complete::Place],
    run: |shell, call| shell.change_place(call.arg(0).unwrap_or("..")),
    ..Command::BASE
};

const LS: Command = Command {
    name: "ls",
    usage: "ls",
    summary: "List levels and commands",
    help: "Shows what can be typed at this level.",
    run: ls,
    ..Command::BASE
};

const QUIT: Command = Command {
    name: "quit",
    aliases: &["bye", "exit"],
    usage: "quit",
    summary: "Leave the shell",
    help: "Leaves crm. Where changes are pending, they are shown and asked for first.",
    run: |shell, _| shell.quit(Exit::OK),
    ..Command::BASE
};

const UP: Command = Command {
    name: "up",
    aliases: &["end", "back"],
    usage: "up",
    summary: "Go back to the level above",
    help: "Leaves this level. Leaving configure with changes pending asks for them first.",
    run: up,
    ..Command::BASE
};

fn up(shell: &mut Shell, _: &Invocation<'_>) -> Outcome {
    let outcome = shell.up(Leaving::Asked);
    shell.stay_here();
    outcome
}

fn ls(shell: &mut Shell, _: &Invocation<'_>) -> Outcome {
    let mut names = registry::complete_names(shell.level());
    if !shell.at_root() {
        names.insert(0, "..");
    }
    let width = names.iter().map(|n| n.len()).max().unwrap_or(0).max(16) + 2;
    let rows = names.len().div_ceil(3);
    for row in 0..rows {
        let line: String = names
            .iter()
            .skip(row)
            .step_by(rows.max(1))
            .map(|name| format!("{name:<width$} "))
            .collect();
        shell.console.line(&line);
    }
    Ok(())
}
