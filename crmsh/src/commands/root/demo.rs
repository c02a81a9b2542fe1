//! `crm demo`: see [`crate::demo`].

use clap::Parser;

use crate::commands::Invocation;
use crate::demo::{self, Options};
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::shell::Shell;

/// The entry in the registry.
pub const COMMAND: Command = Command {
    name: "demo",
    signature: "[args ...]",
    usage: "demo [--keep] [--loopback] [--token <ms>] [--crashes <n>] | demo --stop <dir>",
    summary: "Run the two-node walkthrough on a cluster made for it",
    help: "Two daemons on this machine form a cluster; the walkthrough's commands are typed one by\n\
           one, a node dies, the other takes over, the dead node returns. Every step is checked.",
    complete: &[Complete::Words(&["--keep", "--stop", "--loopback", "--token", "--crashes"])],
    run,
    ..Command::BASE
};

fn run(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let words = std::iter::once("crm demo").chain(call.args.iter().map(String::as_str));
    let options = match Options::try_parse_from(words) {
        Ok(options) => options,
        Err(error) if error.use_stderr() => {
            shell.console.complain(error.render().to_string().trim_end());
            return Err(Failure::Told);
        }
        Err(help) => {
            shell.console.print(&help.render().to_string());
            return Ok(());
        }
    };
    demo::run(&options, shell.console.out()).map_err(|error| Failure::plain(error.to_string()))
}
