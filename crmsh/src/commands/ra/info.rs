//! `ra info`: an agent's metadata as text.
//!
//! **Source:** crmsh `ra.py`, `RAInfo.meta_pretty()`.

use cib_model::xml::{Child, ElementRef, Tree, read};

use crm_syntax::style::Release;

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
    let page = described(&tree, &shown, shell.release());
    crate::shell::pager::page(shell, &page);
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

/// Writes the whole text. crm 5 puts the name first, marks the headings and sorts the parameters.
fn described(tree: &Tree, name: &str, release: Release) -> String {
    let root = tree.root();
    let (title, mark) = (child_text(root, "shortdesc"), heading(release));
    let mut parts = vec![match release {
        Release::Four => format!("{title} ({name})"),
        Release::Five if title.is_empty() => name.to_owned(),
        Release::Five => format!("{name} - {title}"),
    }];
    parts.extend(Some(child_text(root, "longdesc")).filter(|text| !text.is_empty()));
    let mut parameters = items(root, "parameters", "parameter");
    if release == Release::Five {
        parameters.sort_by_key(|p| p.attr("name").unwrap_or_default());
    }
    if !parameters.is_empty() {
        let text: String = parameters.into_iter().map(|p| one_parameter(p, release)).collect();
        let text = text.trim_end();
        parts.push(format!("{mark}Parameters (*: required, []: default):\n\n{text}"));
    }
    let actions: Vec<String> =
        items(root, "actions", "action").into_iter().filter_map(one_action).collect();
    if !actions.is_empty() {
        let text = actions.join("\n");
        parts.push(format!("{mark}Operations' defaults (advisory minimum):\n\n{text}"));
    }
    format!("{}\n", parts.join("\n\n"))
}

fn heading(release: Release) -> &'static str {
    if release == Release::Five { "## " } else { "" }
}

fn items<'a>(root: ElementRef<'a>, list: &str, item: &'a str) -> Vec<ElementRef<'a>> {
    root.child(list).into_iter().flat_map(|l| l.children_named(item)).collect()
}

fn one_parameter(parameter: ElementRef<'_>, release: Release) -> String {
    let required = parameter.attr("required").is_some_and(|r| r == "1" || r == "true");
    let content = parameter.child("content");
    let kind = content.and_then(|c| c.attr("type")).filter(|k| !k.is_empty());
    let default = content.and_then(|c| c.attr("default")).filter(|d| !d.is_empty());
    let mut head = parameter.attr("name").unwrap_or_default().to_owned();
    if required {
        head.push('*');
    }
    if let Some(kind) = kind {
        let default = default.map(|d| format!(", [{d}]")).unwrap_or_default();
        head = format!("{head} ({kind}{default})");
    }
    let (short, long) = (child_text(parameter, "shortdesc"), child_text(parameter, "longdesc"));
    let mut lines = vec![format!("{head}: {short}")];
    if !long.is_empty() {
        lines.push(format!("    {}", long.replace('\n', "\n    ")));
    }
    if !long.is_empty() || release == Release::Five {
        lines.push(String::new());
    }
    lines.join("\n") + "\n"
}

/// Writes what an operation advises; `None` for those that nobody configures.
fn one_action(action: ElementRef<'_>) -> Option<String> {
    let name = action.attr("name").filter(|n| !matches!(*n, "" | "meta-data" | "validate-all"))?;
    let mut line = format!("    {name:<13}");
    for (name, value) in action.attrs().filter(|(n, v)| *n != "name" && !v.is_empty()) {
        line.push_str(&format!(" {name}={value}"));
    }
    Some(line)
}
