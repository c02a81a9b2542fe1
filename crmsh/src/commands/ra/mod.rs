//! The `ra` level: resource agents of this machine.
//!
//! **Source:** crmsh `ui_ra.py`, `ra.py`.

mod info;

use super::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Level, Skill};
use crate::shell::Shell;
use crate::ui::column::multicolumn;

/// The level.
pub static LEVEL: Level = Level {
    name: "ra",
    summary: "Look at resource agents",
    help: "Shows which agents this machine has and what they say of themselves.",
    commands: &[&CLASSES, &info::INFO, &LIST, &PROVIDERS],
    levels: &[],
    enter: None,
    leave: None,
};

const CLASSES: Command = Command {
    name: "classes",
    usage: "classes",
    summary: "List classes and providers",
    run: classes,
    ..Command::BASE
};

const LIST: Command = Command {
    name: "list",
    signature: "class_ [provider_]",
    usage: "list <class> [<provider>]",
    summary: "List the agents of a class",
    skill: Skill::Administrator,
    complete: &[Complete::AgentClass],
    run: list,
    ..Command::BASE
};

const PROVIDERS: Command = Command {
    name: "providers",
    signature: "ra_type [ra_class]",
    usage: "providers <type> [<class>]",
    summary: "List the providers of an agent",
    skill: Skill::Administrator,
    run: providers,
    ..Command::BASE
};

fn classes(shell: &mut Shell, _: &Invocation<'_>) -> Outcome {
    let agents = shell.agents();
    for class in agents.classes() {
        if class == "ocf" {
            let line = format!("ocf / {}", agents.ocf_providers().join(" "));
            shell.console.line(&line);
        } else {
            shell.console.line(class);
        }
    }
    Ok(())
}

fn list(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let agents = shell.agents();
    let class = call.required(0);
    if !["lsb", "ocf", "service", "stonith", "systemd"].contains(&class) {
        return Err(Failure::Refused(format!("class {class} does not exist")));
    }
    if let Some(provider) = call.arg(1)
        && !agents.ocf_providers().iter().any(|p| p == provider)
    {
        return Err(Failure::Refused(format!("there is no provider {provider} for class {class}")));
    }
    let names = agents.list(class, call.arg(1));
    shell.console.print(&multicolumn(&names));
    Ok(())
}

fn providers(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let found = crm_syntax::agents::AgentLookup::providers(&shell.agents(), call.required(0));
    shell.console.line(&found.join(" "));
    Ok(())
}
