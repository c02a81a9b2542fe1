//! `resource why`: what decided where a resource is to run. A command of ours: crmsh has none.

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::told;
use crate::shell::Shell;
use crate::ui::clock;

/// `resource why`
pub(super) const WHY: Command = Command {
    name: "why",
    signature: "rsc [node]",
    usage: "why <rsc> [<node>]",
    summary: "Show what decides where a resource runs",
    help: "Tells, for each node, what speaks for and against it (constraints by their ids, \
           stickiness, failures, node health …) and the score that comes of it; then which actions \
           are planned and why, and which are blocked and by what. Nothing is changed.",
    complete: &[Complete::Resource, Complete::Node],
    run: why,
    ..Command::BASE
};

fn why(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let cib = shell.session.cib().map_err(told)?;
    let execution = cib.root().attr("execution-date").and_then(|date| date.parse().ok());
    let now = execution.unwrap_or_else(clock::now);
    let options = policy::Options { now, sanitized: false, trace: true };
    let scheduled = policy::schedule(cib, &options);
    let facts = &scheduled.plan.facts;
    let name = call.args.first().map_or("", String::as_str);
    let Some(rsc) = facts.rsc_by_id(name) else {
        return Err(Failure::Plain(super::find::missing(name)));
    };
    let node = match call.args.get(1) {
        Some(name) => match facts.node_by_name(name) {
            Some(node) => Some(node),
            None => return Err(Failure::Plain(format!("Node '{name}' not found"))),
        },
        None => None,
    };
    let text = policy::render::why::why(&scheduled.plan, &scheduled.transition, rsc, node);
    shell.console.print(&text);
    Ok(())
}
