//! `param`, `meta`, `utilization`: one attribute of a resource.
//!
//! **Source:** pacemaker `tools/crm_resource_runtime.c`, `cli_resource_update_attribute()`.

use crate::commands::Invocation;
use crate::commands::attribute_call::{AttributeCall, Task};
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::session::attributes::{self, SetKind};
use crate::session::told;
use crate::shell::Shell;

const ATTRIBUTE: Command = Command {
    signature: "rsc cmd attr [value]",
    skill: Skill::Administrator,
    wait: true,
    complete: &[Complete::Resource, Complete::Words(&["set", "delete", "show"]), Complete::Nothing],
    ..Command::BASE
};

/// `resource param`
pub(super) const PARAM: Command = Command {
    name: "param",
    signature: "rsc cmd param [value]",
    usage: "param <rsc> set <param> <value>\nparam <rsc> delete <param>\nparam <rsc> show <param>",
    summary: "Set, delete or show a parameter",
    run: |shell, call| run(shell, call, SetKind::Instance),
    ..ATTRIBUTE
};

/// `resource meta`
pub(super) const META: Command = Command {
    name: "meta",
    usage: "meta <rsc> set <attr> <value>\nmeta <rsc> delete <attr>\nmeta <rsc> show <attr>",
    summary: "Set, delete or show a meta attribute",
    run: |shell, call| run(shell, call, SetKind::Meta),
    ..ATTRIBUTE
};

/// `resource utilization`
pub(super) const UTILIZATION: Command = Command {
    name: "utilization",
    usage: "utilization <rsc> set <attr> <value>\nutilization <rsc> delete <attr>\n\
            utilization <rsc> show <attr>",
    summary: "Set, delete or show a utilization",
    run: |shell, call| run(shell, call, SetKind::Utilization),
    ..ATTRIBUTE
};

fn run(shell: &mut Shell, call: &Invocation<'_>, kind: SetKind) -> Outcome {
    let asked = AttributeCall::read(call)?;
    let (id, name) = (asked.owner.as_str(), asked.name.as_str());
    if super::find(shell.session.cib().map_err(told)?, id).is_none() {
        shell.console.complain(&format!(
            "crm_resource: {}\nError performing operation: No such object",
            super::find::missing(id)
        ));
        return Err(Failure::Told);
    }
    match &asked.task {
        Task::Set(value) => {
            let written = shell.change_now(|cib| {
                let at = super::require(cib, id)?;
                let set = format!("{id}-{}", kind.tag());
                Ok(attributes::set(cib, at, kind, &set, name, value))
            })?;
            shell.console.line(&format!(
                "Set '{id}' option: id={} set={} name={name} value={value}",
                written.id, written.set
            ));
        }
        Task::Delete => {
            let gone = shell.change_now(|cib| {
                let at = super::require(cib, id)?;
                Ok(attributes::delete(cib, at, kind, name, false))
            })?;
            for written in gone {
                shell
                    .console
                    .line(&format!("Deleted '{id}' option: id={} name={name}", written.id));
            }
        }
        Task::Show => {
            let cib = shell.session.cib().map_err(told)?;
            let value = super::find(cib, id).and_then(|e| attributes::get(e, kind, name));
            match value.map(str::to_owned) {
                Some(value) => shell.console.line(&value),
                None => {
                    // crm_resource's exit code is 6 here, but crmsh's answer is 0.
                    shell.console.complain(&format!("Attribute '{name}' not found for '{id}'"));
                }
            }
        }
    }
    Ok(())
}
