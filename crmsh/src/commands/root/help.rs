//! `help [LEVEL] [COMMAND]`, `help TOPIC`.
//!
//! The texts live with the commands in the registry; this file finds and lays them out.

use std::fmt::Write as _;

use super::topics;
use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{self, Child, Command, Complete, Level};
use crate::shell::Shell;

/// The entry in the registry.
pub const COMMAND: Command = Command {
    name: "help",
    aliases: &["?", "-h", "--help"],
    signature: "[args ...]",
    usage: "help [<level>] [<command>] | help <topic>",
    summary: "Show help",
    help: "Without arguments, lists what can be done at this level. A level lists its commands,\n\
           a command shows its usage. Topics start with a capital letter; `help Topics` lists them.",
    complete: &[Complete::Topic],
    run,
    ..Command::BASE
};

fn run(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let text = match call.args {
        [] => overview(shell.level()),
        [topic] if topic == "Topics" => topics::list(),
        [topic] if topics::find(topic).is_some() => topics::find(topic).unwrap_or_default(),
        words => described(shell.level(), words)
            .or_else(|| described(&super::LEVEL, words))
            .ok_or_else(|| Failure::Refused(format!("No help found for '{}'", words.join(" "))))?,
    };
    crate::shell::pager::page(shell, &text);
    Ok(())
}

fn described(start: &'static Level, words: &[String]) -> Option<String> {
    let mut level = start;
    for (at, word) in words.iter().enumerate() {
        match registry::find(level, word)? {
            Child::Level(below) => level = below,
            Child::Command(command) => {
                return (at + 1 == words.len()).then(|| command_text(command));
            }
        }
    }
    Some(overview(level))
}

fn command_text(command: &Command) -> String {
    let mut text = format!("{}\n", command.summary);
    if !command.help.is_empty() {
        let _infallible = write!(text, "\n{}\n", command.help);
    }
    if !command.usage.is_empty() {
        let usage = command.usage.replace('\n', "\n    ");
        let _infallible = write!(text, "\nUsage:\n\n    {usage}\n");
    }
    if !command.aliases.is_empty() {
        let _infallible = write!(text, "\nAlso accepted as: {}\n", command.aliases.join(", "));
    }
    text
}

fn overview(level: &'static Level) -> String {
    let mut text = format!("{}\n", level.summary);
    if !level.help.is_empty() {
        let _infallible = write!(text, "\n{}\n", level.help);
    }
    let row = |name: &str, summary: &str| format!("    {name:<18}{summary}\n");
    let commands: String = level
        .commands
        .iter()
        .filter(|c| !c.name.starts_with('_'))
        .map(|c| row(c.name, c.summary))
        .collect();
    if !commands.is_empty() {
        let _infallible = write!(text, "\nCommands:\n\n{commands}");
    }
    let levels: String = level.levels.iter().map(|l| row(l.name, l.summary)).collect();
    if !levels.is_empty() {
        let _infallible = write!(text, "\nLevels:\n\n{levels}");
    }
    let common: String =
        crate::commands::parts::COMMANDS.iter().map(|c| row(c.name, c.summary)).collect();
    let _infallible = write!(text, "\nEverywhere:\n\n{common}");
    text
}
