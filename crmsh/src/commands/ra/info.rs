//! `ra info`: an agent's metadata as text.
//!
//! **Source:** crmsh `ra.py`, `RAInfo.meta_pretty()`.

use std::fmt::Write as _;

use cib_model::xml::{Child, ElementRef, Tree, read};

use crate::agents::Agents;
use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::shell::Shell;

/// `ra info`
pub(super) const INFO: Command = Command {
    name: "info",
    aliases: &["meta"],
    signature: "[args ...]",
    usage: "info [<class>:[<provider>:]]<type>\ninfo <type> <class> [<provider>]",
    summary: "Show what an agent says of itself",
    skill: Skill::Administrator,
    complete: &[Complete::Agent],
    run,
    ..Command::BASE
};

fn run(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let agents = shell.agents();
    let (class, provider, kind) = match call.args {
        [name] => named(&agents, name),
        [kind, class] => (class.clone(), None, kind.clone()),
        [kind, class, provider] => (class.clone(), Some(provider.clone()), kind.clone()),
        args => {
            return Err(Failure::Refused(format!(
                "Expected 1 to 3 arguments ({} given)",
                args.len()
            )));
        }
    };
    let provider = match (class.as_str(), provider) {
        ("ocf", None) => {
            crm_syntax::agents::AgentLookup::providers(&agents, &kind).into_iter().next()
        }
        (_, provider) => provider,
    };
    let shown = [Some(class.as_str()), provider.as_deref(), Some(kind.as_str())]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(":");
    let missing = || Failure::Plain(format!("{shown}: got no meta-data, does this RA exist?"));
    let text = agents.metadata(&class, provider.as_deref(), &kind).ok_or_else(missing)?;
    let tree = read(&text).map_err(|e| Failure::Plain(format!("{shown}: {e}")))?;
    let page = described(&tree, &shown);
    crate::ui::pager::page(shell, &page);
    Ok(())
}

fn named(agents: &Agents, name: &str) -> (String, Option<String>, String) {
    let parts: Vec<&str> = name.split(':').collect();
    match parts.as_slice() {
        [class, provider, kind] => {
            ((*class).to_owned(), Some((*provider).to_owned()), (*kind).to_owned())
        }
        [class, kind] => ((*class).to_owned(), None, (*kind).to_owned()),
        _ => {
            let class = if name.starts_with("fence_") {
                "stonith"
            } else if crm_syntax::agents::AgentLookup::providers(agents, name).is_empty()
                && agents.exists("systemd", None, name) == Some(true)
            {
                "systemd"
            } else {
                "ocf"
            };
            (class.to_owned(), None, name.to_owned())
        }
    }
}

fn content(element: ElementRef<'_>) -> String {
    let text: String = element
        .all_children()
        .filter_map(|c| match c {
            Child::Text(t) | Child::CData(t) => Some(t),
            _ => None,
        })
        .collect();
    text.trim().to_owned()
}

fn child_text(element: ElementRef<'_>, name: &str) -> String {
    element.child(name).map(content).unwrap_or_default()
}

fn described(tree: &Tree, name: &str) -> String {
    let root = tree.root();
    let mut text =
        format!("{} ({name})\n\n{}\n", child_text(root, "shortdesc"), child_text(root, "longdesc"));
    let parameters: Vec<ElementRef<'_>> = root
        .child("parameters")
        .into_iter()
        .flat_map(|p| p.children_named("parameter").collect::<Vec<_>>())
        .collect();
    if !parameters.is_empty() {
        text.push_str("\nParameters (*: required, []: default):\n\n");
        for parameter in parameters {
            one_parameter(&mut text, parameter);
        }
    }
    let actions: Vec<String> = root
        .child("actions")
        .into_iter()
        .flat_map(|a| a.children_named("action").collect::<Vec<_>>())
        .filter(|a| {
            let name = a.attr("name").unwrap_or_default();
            ["start", "stop", "promote", "demote", "monitor"].contains(&name)
        })
        .map(one_action)
        .collect();
    if !actions.is_empty() {
        let _infallible =
            write!(text, "\nOperations' defaults (advisory minimum):\n\n{}", actions.concat());
    }
    text
}

fn one_parameter(text: &mut String, parameter: ElementRef<'_>) {
    let name = parameter.attr("name").unwrap_or_default();
    let required = parameter.attr("required").is_some_and(|r| r == "1" || r == "true");
    let content_el = parameter.child("content");
    let kind = content_el.and_then(|c| c.attr("type")).unwrap_or("string");
    let default = content_el.and_then(|c| c.attr("default")).filter(|d| !d.is_empty());
    let mut notes = String::new();
    if kind != "string" {
        let _infallible = write!(notes, ", {kind}");
    }
    if let Some(default) = default {
        let _infallible = write!(notes, ", [{default}]");
    }
    let mark = if required { "*" } else { "" };
    let _infallible = writeln!(
        text,
        "{name}{mark} ({}): {}",
        notes.trim_start_matches(", "),
        child_text(parameter, "shortdesc")
    );
    for line in child_text(parameter, "longdesc").lines() {
        let _infallible = writeln!(text, "    {}", line.trim());
    }
    text.push('\n');
}

fn one_action(action: ElementRef<'_>) -> String {
    let mut line = format!("    {:<14}", action.attr("name").unwrap_or_default());
    for name in ["timeout", "interval", "role"] {
        if let Some(value) = action.attr(name).filter(|v| *v != "0" && *v != "0s") {
            let _infallible = write!(line, "{name}={value} ");
        }
    }
    format!("{}\n", line.trim_end())
}
