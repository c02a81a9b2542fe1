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
        [topic] if topic.eq_ignore_ascii_case("overview") => everything(),
        [topic] if topics::find(topic).is_some() => topics::find(topic).unwrap_or_default(),
        words => described(shell.level(), words)
            .or_else(|| described(&super::LEVEL, words))
            .ok_or_else(|| {
                Failure::Refused(format!(
                    "No help found for '{}'! 'overview' lists all help entries",
                    words.join(" ")
                ))
            })?,
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

/// Lists the topics, and the commands of all levels.
fn everything() -> String {
    fn add(text: &mut String, path: &str, level: &'static Level) {
        if !path.is_empty() {
            let _infallible = write!(text, "\n{path}: {}\n\n{}", level.summary, commands(level));
        }
        for below in level.levels {
            add(text, format!("{path} {}", below.name).trim_start(), below);
        }
    }
    let mut text = format!("{}\nCommands:\n\n{}", topics::list(), commands(&super::LEVEL));
    add(&mut text, "", &super::LEVEL);
    text
}

fn row(name: &str, summary: &str) -> String {
    format!("    {name:<18}{summary}\n")
}

fn commands(level: &Level) -> String {
    let shown = level.commands.iter().filter(|c| !c.name.starts_with('_'));
    shown.map(|c| row(c.name, c.summary)).collect()
}

fn overview(level: &'static Level) -> String {
    let mut text = format!("{}\n", level.summary);
    if !level.help.is_empty() {
        let _infallible = write!(text, "\n{}\n", level.help);
    }
    let commands = commands(level);
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
