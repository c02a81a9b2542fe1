//! `set PATH VALUE`: one value in an object.
//!
//! **Source:** crmsh `ui_configure.py`, `do_set()`.

use cib_model::Cib;
use cib_model::xml::{ElementRef, XmlId};

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::shell::Shell;

/// `configure set`
pub(super) const SET: Command = Command {
    name: "set",
    signature: "path value",
    usage: "set <path> <value>\n\n  path :: id.[op_type.][interval.]name",
    summary: "Set one value of an object",
    skill: Skill::Administrator,
    complete: &[Complete::Object, Complete::Nothing],
    run,
    ..Command::BASE
};

fn run(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let (path, value) = (call.required(0), call.required(1));
    let parts: Vec<&str> = path.split('.').collect();
    shell.edit_tree(|cib| {
        let refuse = |text: String| Failure::Refused(text);
        let (target, name) = match parts.as_slice() {
            [id, name] => (only_pair(cib, id, name, path)?, *name),
            [id, op, name] => (only_operation(cib, id, op)?, *name),
            [id, op, interval, name] => (operation_at(cib, id, op, interval)?, *name),
            _ => {
                return Err(refuse(format!(
                    "Invalid path: \"{path}\"; Valid path: \"id.[op_type.][interval.]name\""
                )));
            }
        };
        if parts.len() == 2 {
            cib.tree_mut().set_attr(target, "value", value);
            return Ok(());
        }
        let time = matches!(name, "interval" | "timeout");
        let value = if time && value.parse::<u64>().is_ok() {
            format!("{value}s")
        } else {
            value.to_owned()
        };
        let tree = cib.tree_mut();
        if let ("interval", [id, op, ..]) = (name, parts.as_slice()) {
            tree.set_attr(target, "id", format!("{id}-{op}-{value}"));
        }
        tree.set_attr(target, name.to_owned(), value);
        Ok(())
    })
}

fn object<'a>(cib: &'a Cib, id: &str) -> Result<ElementRef<'a>, Failure> {
    cib.find(id)
        .or_else(|| crate::commands::node::find(cib, id))
        .ok_or_else(|| Failure::Refused(format!("Object {id} not found")))
}

fn only_pair(cib: &Cib, id: &str, name: &str, path: &str) -> Result<XmlId, Failure> {
    let found: Vec<XmlId> = object(cib, id)?
        .descendants()
        .filter(|e| e.name() == "nvpair" && e.attr("name") == Some(name))
        .map(ElementRef::xml_id)
        .collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::Refused(format!("Attribute not found: {path}"))),
        many => Err(Failure::Refused(format!(
            "Expected 1 attribute named {name}, found {}",
            many.len()
        ))),
    }
}

fn operations<'a>(
    cib: &'a Cib,
    id: &str,
    op: &'a str,
) -> Result<impl Iterator<Item = ElementRef<'a>>, Failure> {
    Ok(object(cib, id)?
        .children_named("operations")
        .flat_map(|o| o.children_named("op"))
        .filter(move |o| o.attr("name") == Some(op)))
}

fn only_operation(cib: &Cib, id: &str, op: &str) -> Result<XmlId, Failure> {
    let mut found = operations(cib, id, op)?;
    let first = found.next().ok_or_else(|| {
        Failure::Refused(format!("Operation \"{op}\" not found for resource {id}"))
    })?;
    if found.next().is_some() {
        return Err(Failure::Refused(format!("Should specify interval of {op}")));
    }
    Ok(first.xml_id())
}

fn operation_at(cib: &Cib, id: &str, op: &str, interval: &str) -> Result<XmlId, Failure> {
    let bare = interval.strip_suffix('s').unwrap_or(interval);
    let wanted = format!("{bare}s");
    operations(cib, id, op)?
        .find(|o| o.attr("interval").is_some_and(|i| i == bare || i == wanted || i == interval))
        .map(ElementRef::xml_id)
        .ok_or_else(|| {
            Failure::Refused(format!(
                "Operation \"{op}\" interval \"{wanted}\" not found for resource {id}"
            ))
        })
}
