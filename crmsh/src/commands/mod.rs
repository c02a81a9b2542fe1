//! What the commands do: one folder a level, one file a command or family of commands.
//!
//! Every command is a `const` of type [`crate::registry::Command`] beside the function it runs.

mod attribute_call;
pub mod cib;
pub mod configure;
pub mod corosync;
pub mod maintenance;
pub mod node;
pub mod options;
pub(crate) mod overridden;
pub mod parts;
pub mod ra;
pub mod resource;
pub mod root;
pub mod template;

use crate::registry::Command;

/// One call of a command.
pub struct Invocation<'a> {
    /// The entry in the registry.
    pub command: &'static Command,
    /// The word the user typed, which may be an old or a shortened name.
    pub typed: &'a str,
    /// What stands after it.
    pub args: &'a [String],
}

impl<'a> Invocation<'a> {
    /// Returns the argument at `position`, counted from 0.
    pub fn arg(&self, position: usize) -> Option<&'a str> {
        self.args.get(position).map(String::as_str)
    }

    /// Returns the argument at `position`, which the command's signature demands; empty without it.
    pub fn required(&self, position: usize) -> &'a str {
        self.arg(position).unwrap_or_default()
    }
}

/// Writes `name=value` as the configure language does: quoted where it must be.
pub(crate) fn nvpair_text(name: &str, value: &str) -> String {
    let plain = !value.is_empty()
        && value.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if plain {
        format!("{name}={value}")
    } else {
        format!("{name}=\"{}\"", value.replace('"', "\\\""))
    }
}
