//! `start`, `stop`, `manage`, `unmanage`, `maintenance`, `promote`, `demote`: what is asked of a
//! resource, as meta attributes.
//!
//! **Source:** crmsh `ui_resource.py`, `set_deep_meta_attr()`.

use cib_model::Cib;
use cib_model::xml::{ElementRef, XmlId};

use super::find::{controlled, is_promotable, named};
use crate::commands::Invocation;
use crate::commands::attribute_call::name_is_sane;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::attributes::{self, SetKind};
use crate::session::told;
use crate::shell::Shell;

const MANY: Command = Command {
    signature: "[resources ...]",
    wait: true,
    complete: &[Complete::Resource],
    ..Command::BASE
};
const ONE: Command = Command { signature: "rsc", complete: &[Complete::Resource], ..Command::BASE };

/// `resource start`
pub(super) const START: Command = Command {
    name: "start",
    usage: "start <rsc> [<rsc> ...]",
    summary: "Start resources",
    run: |shell, call| set_many(shell, call, "target-role", "Started"),
    ..MANY
};

/// `resource stop`
pub(super) const STOP: Command = Command {
    name: "stop",
    usage: "stop <rsc> [<rsc> ...]",
    summary: "Stop resources",
    run: |shell, call| set_many(shell, call, "target-role", "Stopped"),
    ..MANY
};

/// `resource manage`
pub(super) const MANAGE: Command = Command {
    name: "manage",
    usage: "manage <rsc>",
    summary: "Let the cluster manage a resource",
    run: |shell, call| set_one(shell, call.required(0), "is-managed", "true"),
    ..ONE
};

/// `resource unmanage`
pub(super) const UNMANAGE: Command = Command {
    name: "unmanage",
    usage: "unmanage <rsc>",
    summary: "Leave a resource as it is, but keep monitoring it",
    run: |shell, call| set_one(shell, call.required(0), "is-managed", "false"),
    ..ONE
};

/// `resource maintenance`
pub(super) const MAINTENANCE: Command = Command {
    name: "maintenance",
    signature: "resource [on_off]",
    usage: "maintenance <resource> [on|off|true|false]",
    summary: "Leave a resource as it is, without monitoring",
    wait: true,
    complete: &[Complete::Resource, Complete::Words(&["on", "off"])],
    run: maintenance,
    ..Command::BASE
};

/// `resource promote`
pub(super) const PROMOTE: Command = Command {
    name: "promote",
    usage: "promote <rsc>",
    summary: "Promote a resource",
    wait: true,
    run: |shell, call| set_role(shell, call.required(0), ["Promoted", "Master"]),
    ..ONE
};

/// `resource demote`
pub(super) const DEMOTE: Command = Command {
    name: "demote",
    usage: "demote <rsc>",
    summary: "Demote a resource",
    wait: true,
    run: |shell, call| set_role(shell, call.required(0), ["Unpromoted", "Slave"]),
    ..ONE
};

fn maintenance(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let value = match call.arg(1).map(str::to_lowercase).as_deref() {
        None | Some("on" | "true" | "yes" | "1") => "true",
        Some("off" | "false" | "no" | "0") => "false",
        Some(_) => return Err(Failure::bad_usage("maintenance", call.args, "")),
    };
    set_one(shell, call.required(0), "maintenance", value)
}

fn set_one(shell: &mut Shell, rsc: &str, name: &str, value: &str) -> Outcome {
    set_all(shell, &[rsc.to_owned()], name, value)
}

fn set_many(shell: &mut Shell, call: &Invocation<'_>, name: &str, value: &str) -> Outcome {
    if call.args.is_empty() {
        return Err(Failure::refused("Expected at least one resource as argument"));
    }
    set_all(shell, call.args, name, value)
}

/// Sets a meta attribute of each resource, or of what controls it.
pub(super) fn set_all(shell: &mut Shell, ids: &[String], name: &str, value: &str) -> Outcome {
    for id in ids {
        if !name_is_sane(id) {
            return Err(Failure::Plain(format!("{id}: bad name")));
        }
    }
    let mut questions = Vec::new();
    {
        let cib = shell.session.cib().map_err(told)?;
        for id in ids {
            for rsc in named(cib, id)? {
                questions.extend(doubts(cib, rsc, name));
            }
        }
    }
    let manage = shell.config.get("core.manage_children").to_owned();
    let mut remove = Vec::new();
    for doubt in questions {
        let asked = doubt.about_children.then_some(manage.as_str());
        let yes = match asked {
            Some("always") => true,
            Some("never") => false,
            _ => shell.confirm(&doubt.question),
        };
        if yes {
            remove.push((doubt.owner, doubt.name));
        }
    }
    shell.change_now(|cib| {
        let mut gone = Vec::new();
        for (owner, name) in &remove {
            if let Some(owner) = cib.find(owner).map(ElementRef::xml_id) {
                gone.extend(attributes::delete(cib, owner, SetKind::Meta, name, true));
            }
        }
        let freed: Vec<String> = gone.into_iter().map(|w| w.set).collect();
        for id in ids {
            for rsc in named(cib, id)? {
                set_deep_meta(cib, rsc, name, value, &freed);
            }
        }
        Ok(())
    })
}

/// Sets a meta attribute where it takes effect: on the resource, or on the container above it,
/// whose children lose their own.
///
/// COMPAT(crmsh 5.1, `set_deep_meta_attr_node()`): `freed` are ids of sets that the same command
/// removed; a new set does not take them.
fn set_deep_meta(cib: &mut Cib, rsc: XmlId, name: &str, value: &str, freed: &[String]) {
    let Some(element) = cib.tree().element(rsc) else { return };
    let target = controlled(element);
    let (at, id) = (target.xml_id(), target.id().unwrap_or_default().to_owned());
    if matches!(target.name(), "clone" | "master") {
        let children: Vec<XmlId> =
            target.children().filter(|c| super::is_resource(*c)).map(ElementRef::xml_id).collect();
        for child in children {
            attributes::delete(cib, child, SetKind::Meta, name, true);
        }
    }
    attributes::remove_empty(cib, at);
    let mut set = format!("{id}-meta_attributes");
    if freed.contains(&set) {
        set.push_str("-0");
    }
    attributes::set(cib, at, SetKind::Meta, &set, name, value);
}

/// One question about an attribute that stands in the way.
struct Doubt {
    owner: String,
    name: String,
    question: String,
    about_children: bool,
}

fn doubts(cib: &Cib, rsc: XmlId, name: &str) -> Vec<Doubt> {
    let Some(target) = cib.tree().element(rsc).map(controlled) else { return Vec::new() };
    let conflicting = match name {
        "maintenance" => Some("is-managed"),
        "is-managed" => Some("maintenance"),
        _ => None,
    };
    let has = |e: ElementRef<'_>, n: &str| attributes::get(e, SetKind::Meta, n).is_some();
    let id = |e: ElementRef<'_>| e.id().unwrap_or_default().to_owned();
    let grouped = target.name() == "group" || target.children().any(|c| c.name() == "group");
    let mut all = Vec::new();
    let children = target.descendants().filter(|e| e.name() == "primitive" && grouped);
    for child in children {
        if let Some(other) = conflicting.filter(|c| has(child, c)) {
            let question = format!(
                "'{name}' conflicts with '{other}' attribute. Remove '{other}' for child resource {}?",
                id(child)
            );
            all.push(Doubt {
                owner: id(child),
                name: other.into(),
                question,
                about_children: true,
            });
        }
        if has(child, name) {
            let question =
                format!("Do you want to override '{name}' for child resource {}?", id(child));
            all.push(Doubt { owner: id(child), name: name.into(), question, about_children: true });
        }
    }
    if let Some(other) = conflicting.filter(|c| has(target, c)) {
        let question = format!(
            "'{name}' conflicts with '{other}' attribute. Remove '{other}' for resource {}?",
            id(target)
        );
        all.push(Doubt { owner: id(target), name: other.into(), question, about_children: false });
    }
    all
}

fn set_role(shell: &mut Shell, id: &str, [new, old]: [&'static str; 2]) -> Outcome {
    let cib = shell.session.cib().map_err(told)?;
    if !super::find(cib, id).is_some_and(is_promotable) {
        return Err(Failure::Plain(format!("{id} is not a promotable resource")));
    }
    let role = if schema_knows_promoted(cib) { new } else { old };
    let written = shell.change_now(|cib| {
        let at = super::require(cib, id)?;
        let set = format!("{id}-meta_attributes");
        Ok(attributes::set(cib, at, SetKind::Meta, &set, "target-role", role))
    })?;
    shell.console.line(&format!(
        "Set '{id}' option: id={} set={} name=target-role value={role}",
        written.id, written.set
    ));
    Ok(())
}

/// Tells whether the schema has the roles Promoted and Unpromoted: 3.7 and later.
fn schema_knows_promoted(cib: &Cib) -> bool {
    let number = cib.schema().and_then(|s| s.strip_prefix("pacemaker-"));
    let parts = number.and_then(|n| n.split_once('.'));
    let parsed = parts.and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)));
    parsed.is_none_or(|version| version >= (3, 7))
}
