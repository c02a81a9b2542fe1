//! The one static table of levels and commands.
//!
//! Dispatch, help, `ls`, completion and the argument counts all come from it; nothing is built at
//! start-up.
//!
//! **Source:** crmsh `command.py`; the tree is that of crmsh 5.1.

mod find;
mod signature;

pub use find::{Child, complete_names, find};
pub use signature::Arity;

use crate::commands::Invocation;
use crate::exit::Outcome;
use crate::shell::Shell;

/// A place in the tree: `configure`, `resource`, …
pub struct Level {
    /// Name as typed.
    pub name: &'static str,
    /// One line for `help`.
    pub summary: &'static str,
    /// The text of `help LEVEL`, after the summary.
    pub help: &'static str,
    /// Commands, sorted by name.
    pub commands: &'static [&'static Command],
    /// Levels below, sorted by name.
    pub levels: &'static [&'static Level],
    /// Called before the first command is run in the level; a failure keeps the user out.
    pub enter: Option<fn(&mut Shell) -> Outcome>,
    /// Called when the level is left.
    pub leave: Option<fn(&mut Shell, Leaving) -> Outcome>,
}

/// How a level is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaving {
    /// The level was only passed through on the way to one command.
    Transit,
    /// The user, or the end of the input, left it.
    Asked,
}

/// Who may run a command, by the option `core.skill_level`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Skill {
    /// Everybody.
    #[default]
    Operator,
    /// Changes to the configuration.
    Administrator,
    /// ACLs and tests.
    Expert,
}

impl Skill {
    /// Reads the option's value.
    pub fn from_word(word: &str) -> Skill {
        match word {
            "expert" => Skill::Expert,
            "administrator" => Skill::Administrator,
            _ => Skill::Operator,
        }
    }

    /// Returns the option's value.
    pub fn word(self) -> &'static str {
        match self {
            Skill::Operator => "operator",
            Skill::Administrator => "administrator",
            Skill::Expert => "expert",
        }
    }
}

/// One command of a level.
pub struct Command {
    /// Name as typed.
    pub name: &'static str,
    /// Old names; using one prints a warning and works.
    pub aliases: &'static [&'static str],
    /// The arguments as error messages show them: `rsc [node] [args ...]`; counts come from it.
    pub signature: &'static str,
    /// The lines after "usage:", without the command's name on continuation lines.
    pub usage: &'static str,
    /// One imperative line for `help`.
    pub summary: &'static str,
    /// The text of `help LEVEL COMMAND`, after the summary.
    pub help: &'static str,
    /// Least skill level.
    pub skill: Skill,
    /// True where `-w` waits for the cluster after it.
    pub wait: bool,
    /// What may stand at each argument's place; the last entry repeats.
    pub complete: &'static [Complete],
    /// Does it.
    pub run: fn(&mut Shell, &Invocation<'_>) -> Outcome,
}

impl Command {
    /// The parts most commands share, for `..Command::BASE`.
    pub const BASE: Command = Command {
        name: "",
        aliases: &[],
        signature: "",
        usage: "",
        summary: "",
        help: "",
        skill: Skill::Operator,
        wait: false,
        complete: &[],
        run: |_, _| Ok(()),
    };

    /// Returns how many arguments the command takes.
    pub fn arity(&self) -> Arity {
        Arity::of(self.signature)
    }
}

/// What may stand at the place of an argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Complete {
    /// Nothing can be offered.
    Nothing,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A resource.
    Resource,
    /// A group.
    Group,
    /// A node.
    Node,
    /// Any configuration object.
    Object,
    /// A shadow CIB.
    Shadow,
    /// A resource agent, `class:provider:type` in parts.
    Agent,
    /// A resource agent class.
    AgentClass,
    /// A cluster property with `=`.
    Property,
    /// A level or command (help).
    Topic,
    /// A place for `cd`.
    Place,
    /// An option `section.name`.
    Setting,
    /// What the configure language allows next.
    Language,
}
