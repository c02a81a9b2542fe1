//! `delete`, `rename`, `modgroup`, `erase`.

use crm_syntax::Position;
use crm_syntax::text::Mode;

use crate::commands::Invocation;
use crate::diag::{COMMAND, LISTING, Source};
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::session::told;
use crate::shell::Shell;

const NO_SOURCE: Source<'_> = Source { name: COMMAND, text: "" };

/// `configure delete`
pub(super) const DELETE: Command = Command {
    name: "delete",
    aliases: &["rm"],
    signature: "[args ...]",
    usage: "delete [-f|--force] <id> [<id>...]",
    summary: "Delete objects",
    help: "What names a deleted object goes with it, or is changed, and is reported. A resource that\n\
           runs is stopped first only with --force.",
    skill: Skill::Administrator,
    complete: &[Complete::Object],
    run: delete,
    ..Command::BASE
};

/// `configure rename`
pub(super) const RENAME: Command = Command {
    name: "rename",
    signature: "old_id new_id",
    usage: "rename <old_id> <new_id>",
    summary: "Rename an object and what names it",
    skill: Skill::Administrator,
    complete: &[Complete::Object, Complete::Nothing],
    run: rename,
    ..Command::BASE
};

/// `configure modgroup`
pub(super) const MODGROUP: Command = Command {
    name: "modgroup",
    signature: "group_id subcmd prim_id [args ...]",
    usage: "modgroup <id> add <id> [after <id>|before <id>]\nmodgroup <id> remove <id>",
    summary: "Add a member to a group, or take one out",
    skill: Skill::Administrator,
    complete: &[
        Complete::Group,
        Complete::Words(&["add", "remove"]),
        Complete::Resource,
        Complete::Words(&["after", "before"]),
        Complete::Resource,
    ],
    run: modgroup,
    ..Command::BASE
};

/// `configure erase`
pub(super) const ERASE: Command = Command {
    name: "erase",
    signature: "[nodes]",
    usage: "erase [nodes]",
    summary: "Delete everything but the nodes, or the nodes",
    skill: Skill::Administrator,
    complete: &[Complete::Words(&["nodes"])],
    run: erase,
    ..Command::BASE
};

fn delete(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let forced = call.args.iter().any(|a| a == "-f" || a == "--force") || shell.settings.force;
    let ids: Vec<String> =
        call.args.iter().filter(|a| *a != "-f" && *a != "--force").cloned().collect();
    if ids.is_empty() {
        return Err(Failure::refused("Expected at least one argument (0 given)"));
    }
    // as in crm, one that cannot be deleted does not hold up the others
    let (mut outcome, mut found) = (Ok(()), Vec::new());
    for id in ids {
        let complaint = if !is_object(shell.session.cib().map_err(told)?, &id) {
            format!("object {id} does not exist")
        } else if !forced && is_running(shell, &id)? {
            format!("resource {id} is running, can't delete it")
        } else {
            found.push(id);
            continue;
        };
        if !forced {
            shell.console.error(complaint);
            outcome = Err(Failure::Told);
        }
    }
    if !found.is_empty() {
        shell.edit_cib(Mode::Create, NO_SOURCE, |editor| editor.delete(&found))?;
    }
    outcome
}

fn is_object(cib: &cib_model::Cib, id: &str) -> bool {
    crm_syntax::list(cib).iter().any(|o| o.id == id || o.uname.as_deref() == Some(id))
}

/// Tells whether a cluster runs a resource that it also manages.
fn is_running(shell: &mut Shell, id: &str) -> Result<bool, Failure> {
    let cib = shell.session.cib().map_err(told)?;
    let Some(element) = crate::commands::resource::find(cib, id) else { return Ok(false) };
    let managed =
        crate::status::model::meta(element, "is-managed").is_none_or(crate::status::model::is_true);
    Ok(managed && !crate::status::running(cib, element).is_empty())
}

fn rename(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let (old, new) = (call.required(0), call.required(1));
    if is_running(shell, old)? {
        return Err(Failure::plain(format!("cannot rename a running resource ({old})")));
    }
    shell.edit_cib(Mode::Create, NO_SOURCE, |editor| editor.rename(old, new))
}

fn modgroup(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let (group, task, member) = (call.required(0), call.required(1), call.required(2));
    let rest: Vec<&str> = call.args.iter().skip(3).map(String::as_str).collect();
    let position = match (task, rest.as_slice()) {
        ("add" | "remove", []) => Position::Last,
        ("add", ["after", other]) => Position::After(other),
        ("add", ["before", other]) => Position::Before(other),
        ("add", ["after" | "before", more @ ..]) => {
            return Err(Failure::Refused(format!(
                "Expected 'after|before <id>' ({} arguments given)",
                more.len() + 1
            )));
        }
        ("add", [word, ..]) => {
            return Err(Failure::Refused(format!("Expected after|before (found {word})")));
        }
        ("remove", [..]) => return Err(Failure::Refused(format!("Expected add (found {task})"))),
        _ => return Err(Failure::Plain(format!("modgroup subcommand {task} unknown"))),
    };
    check_group(shell, group, member, task, position)?;
    // the language writes the group anew from its text
    let source = Source { name: LISTING, text: "" };
    shell.edit_cib(Mode::Create, source, |editor| {
        if task == "add" {
            editor.group_add(group, member, position)
        } else {
            editor.group_remove(group, member)
        }
    })
}

/// Refuses what names no group, or a member that the group does not have.
fn check_group(
    shell: &mut Shell,
    id: &str,
    member: &str,
    task: &str,
    position: Position<'_>,
) -> Outcome {
    let cib = shell.session.cib().map_err(told)?;
    let Some(group) = cib.find(id) else {
        return Err(Failure::Refused(format!("group {id} does not exist")));
    };
    if group.name() != "group" {
        return Err(Failure::Refused(format!("element {id} is not a group")));
    }
    let wanted = match position {
        Position::After(other) | Position::Before(other) => Some(other),
        Position::Last if task == "remove" => Some(member),
        Position::Last => None,
    };
    let has = |name: &str| group.children_named("primitive").any(|p| p.id() == Some(name));
    match wanted.filter(|name| !has(name)) {
        Some(name) => Err(Failure::Refused(format!("{name} is not member of {id}"))),
        None => Ok(()),
    }
}

fn erase(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let nodes = match call.arg(0) {
        None => false,
        Some("nodes") => true,
        Some(other) => return Err(Failure::Refused(format!("Expected 'nodes' (found '{other}')"))),
    };
    shell.edit_cib(Mode::Create, NO_SOURCE, |editor| {
        if nodes {
            editor.erase_nodes();
            return Ok(Vec::new());
        }
        Ok(editor.erase())
    })
}
