//! `move`, `ban`, `clear`: constraints that an administrator puts in the way for a while.
//!
//! **Source:** pacemaker `tools/crm_resource_ban.c` for the elements and their ids.

use cib_model::Cib;
use cib_model::xml::{ElementRef, XmlId};

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::session::told;
use crate::shell::Shell;

const PLACEMENT: Command = Command {
    signature: "rsc [args ...]",
    skill: Skill::Administrator,
    wait: true,
    complete: &[Complete::Resource, Complete::Node],
    ..Command::BASE
};

/// `resource move`
pub(super) const MOVE: Command = Command {
    name: "move",
    aliases: &["migrate"],
    usage: "move <rsc> [<node>] [<lifetime>] [force]",
    summary: "Move a resource to another node",
    help: "Adds a constraint that prefers the node with INFINITY; `clear` removes it. A lifetime,\n\
           such as PT10M, ends it by itself. Without a node, `force` bans the node where the\n\
           resource runs.",
    run: |shell, call| place(shell, call, Way::Prefer),
    ..PLACEMENT
};

/// `resource ban`
pub(super) const BAN: Command = Command {
    name: "ban",
    usage: "ban <rsc> [<node>] [<lifetime>] [force]",
    summary: "Keep a resource off a node",
    run: |shell, call| place(shell, call, Way::Ban),
    ..PLACEMENT
};

/// `resource clear`
pub(super) const CLEAR: Command = Command {
    name: "clear",
    aliases: &["unmove", "unban", "unmigrate"],
    signature: "rsc",
    usage: "clear <rsc>",
    summary: "Remove what move and ban left",
    run: clear,
    ..PLACEMENT
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Prefer,
    Ban,
}

impl Way {
    fn score(self) -> &'static str {
        if self == Way::Prefer { "INFINITY" } else { "-INFINITY" }
    }
}

/// What is asked, read from the arguments.
struct Asked {
    node: Option<String>,
    lifetime: Option<String>,
}

fn place(shell: &mut Shell, call: &Invocation<'_>, way: Way) -> Outcome {
    let rsc = call.required(0).to_owned();
    let asked = read_arguments(shell, call, way)?;
    let cib = shell.session.cib().map_err(told)?;
    if super::find(cib, &rsc).is_none() {
        shell.console.complain(&format!(
            "crm_resource: {}\nError performing operation: No such object",
            super::find::missing(&rsc)
        ));
        return Err(Failure::Told);
    }
    let (way, node) = match asked.node.clone() {
        Some(node) => (way, node),
        None => (Way::Ban, current_node(shell, &rsc)?),
    };
    let end = match &asked.lifetime {
        Some(lifetime) => Some(end_of(shell, lifetime)?),
        None => None,
    };
    if way == Way::Ban {
        let id = format!("cli-ban-{rsc}-on-{node}");
        shell.console.complain(&format!(
            "WARNING: Creating rsc_location constraint '{id}' with a score of -INFINITY for \
             resource {rsc} on {node}.\n\tThis will prevent {rsc} from running on {node} until the \
             constraint is removed using the clear option or by editing the CIB with an \
             appropriate tool\n\tThis will be the case even if {node} is the last node in the cluster"
        ));
    }
    shell.change_now(|cib| {
        if way == Way::Prefer {
            remove(cib, &rsc);
        }
        add(cib, &rsc, &node, way, end.as_deref());
        Ok::<(), Failure>(())
    })?;
    if shell.is_classic() {
        return Ok(());
    }
    let what = call_name(call);
    match &asked.node {
        Some(node) => {
            shell.console.info(format!("{what} constraint created for {rsc} to {node}"));
        }
        None => shell.console.info(format!("{what} constraint created for {rsc}")),
    }
    shell.console.info(format!("Use `crm resource clear {rsc}` to remove this constraint"));
    Ok(())
}

fn call_name(call: &Invocation<'_>) -> &'static str {
    if call.command.name == "move" { "Move" } else { "Ban" }
}

fn read_arguments(shell: &mut Shell, call: &Invocation<'_>, way: Way) -> Result<Asked, Failure> {
    let mut rest: Vec<&str> = call.args.iter().skip(1).map(String::as_str).collect();
    let before = rest.len();
    rest.retain(|a| *a != "force");
    let force = rest.len() != before || shell.settings.force;
    let cib = shell.session.cib().map_err(told)?;
    let is_node = |name: &str| crate::commands::node::find(cib, name).is_some();
    let usage = || Failure::Refused(format!("usage: {}", call.command.usage));
    let (node, lifetime) = match rest.as_slice() {
        [] => (None, None),
        [one] if is_node(one) => (Some(*one), None),
        [one] if looks_like_lifetime(one) => (None, Some(*one)),
        [one] => return Err(Failure::Refused(format!("Not our node: {one}"))),
        [node, lifetime] if is_node(node) => (Some(*node), Some(*lifetime)),
        [node, _] => return Err(Failure::Refused(format!("Not our node: {node}"))),
        _ => return Err(usage()),
    };
    if way == Way::Prefer && node.is_none() && !force {
        return Err(Failure::refused(
            "No target node: Move requires either a target node or 'force'",
        ));
    }
    Ok(Asked { node: node.map(str::to_owned), lifetime: lifetime.map(str::to_owned) })
}

fn looks_like_lifetime(word: &str) -> bool {
    word.starts_with(['P', 'p']) || word.starts_with(|c: char| c.is_ascii_digit())
}

/// Finds the one node where a resource runs, by the history in the CIB.
fn current_node(shell: &mut Shell, rsc: &str) -> Result<String, Failure> {
    let cib = shell.session.cib().map_err(told)?;
    let nodes = super::status::active_nodes(cib, rsc);
    match nodes.as_slice() {
        [node] => Ok(node.clone()),
        nodes => {
            let text = format!(
                "crm_resource: Resource '{rsc}' not moved: active in {} locations.\n\
                 To prevent '{rsc}' from running on a specific location, specify a node.",
                nodes.len()
            );
            shell.console.complain(&text);
            Err(Failure::Told)
        }
    }
}

/// Computes when a lifetime ends, as text for the CIB.
fn end_of(shell: &mut Shell, lifetime: &str) -> Result<String, Failure> {
    let end = crate::ui::clock::end_of_lifetime(lifetime).ok_or_else(|| {
        Failure::Refused(format!("lifetime {lifetime} is no ISO 8601 duration or date"))
    })?;
    shell.console.line(&format!("Migration will take effect until: {end}"));
    Ok(end)
}

fn add(cib: &mut Cib, rsc: &str, node: &str, way: Way, end: Option<&str>) {
    let id = match way {
        Way::Prefer => format!("cli-prefer-{rsc}"),
        Way::Ban => format!("cli-ban-{rsc}-on-{node}"),
    };
    let section = cib.ensure_section(cib_model::Section::Constraints);
    let old = cib.find(&id).map(ElementRef::xml_id);
    let tree = cib.tree_mut();
    if let Some(old) = old {
        tree.detach(old);
    }
    let location = tree.append(section, "rsc_location");
    for (name, value) in [("id", id.as_str()), ("rsc", rsc), ("role", "Started")] {
        tree.set_attr(location, name, value);
    }
    let Some(end) = end else {
        tree.set_attr(location, "node", node);
        tree.set_attr(location, "score", way.score());
        return;
    };
    let stem = if way == Way::Prefer { "cli-prefer" } else { "cli-ban" };
    let tail = if way == Way::Prefer { rsc.to_owned() } else { format!("{rsc}-on-{node}") };
    let rule = tree.append(location, "rule");
    for (name, value) in [
        ("id", format!("{stem}-rule-{tail}")),
        ("score", way.score().to_owned()),
        ("boolean-op", "and".to_owned()),
    ] {
        tree.set_attr(rule, name, value);
    }
    let expression = tree.append(rule, "expression");
    for (name, value) in [
        ("id", format!("{stem}-expr-{tail}")),
        ("attribute", "#uname".to_owned()),
        ("operation", "eq".to_owned()),
        ("value", node.to_owned()),
        ("type", "string".to_owned()),
    ] {
        tree.set_attr(expression, name, value);
    }
    let date = tree.append(rule, "date_expression");
    for (name, value) in [
        ("id", format!("{stem}-lifetime-end-{tail}")),
        ("operation", "lt".to_owned()),
        ("end", end.to_owned()),
    ] {
        tree.set_attr(date, name, value);
    }
}

/// Removes the constraints that `move` and `ban` made for a resource.
fn remove(cib: &mut Cib, rsc: &str) {
    let made_by_us = |e: ElementRef<'_>| {
        let id = e.id().unwrap_or_default();
        e.name() == "rsc_location"
            && e.attr("rsc") == Some(rsc)
            && (id == format!("cli-prefer-{rsc}")
                || id == format!("cli-standby-{rsc}")
                || id.starts_with(&format!("cli-ban-{rsc}-on-")))
    };
    let found: Vec<XmlId> = cib
        .constraints()
        .into_iter()
        .flat_map(ElementRef::children)
        .filter(|e| made_by_us(*e))
        .map(ElementRef::xml_id)
        .collect();
    for id in found {
        cib.tree_mut().detach(id);
    }
}

fn clear(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let rsc = call.required(0);
    if super::find(shell.session.cib().map_err(told)?, rsc).is_none() {
        shell.console.complain(&format!(
            "crm_resource: {}\nError performing operation: No such object",
            super::find::missing(rsc)
        ));
        return Err(Failure::Told);
    }
    shell.change_now(|cib| {
        remove(cib, rsc);
        Ok::<(), Failure>(())
    })?;
    if !shell.is_classic() {
        shell.console.info(format!("Removed migration constraints for {rsc}"));
    }
    Ok(())
}
