//! `schema`, `upgrade`.

use cib_model::names::VALIDATE_WITH;
use cib_model::operation::{Author, Operation, Target, perform};
use cib_model::upgrade::Weight;
use cib_model::validate::SchemaVersion;
use cib_model::validate::schema::{check, check_as};
use cib_model::xml::Dialect;

use crate::backend::Change;
use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::session::told;
use crate::shell::Shell;

/// `configure schema`
pub(super) const SCHEMA: Command = Command {
    name: "schema",
    signature: "[schema_st]",
    usage: "schema [<schema>]",
    summary: "Show or change the schema",
    skill: Skill::Administrator,
    run: schema,
    ..Command::BASE
};

/// `configure upgrade`
pub(super) const UPGRADE: Command = Command {
    name: "upgrade",
    signature: "[force]",
    usage: "upgrade force",
    summary: "Bring the configuration to the newest schema",
    skill: Skill::Administrator,
    complete: &[Complete::Words(&["force"])],
    run: upgrade,
    ..Command::BASE
};

fn schema(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let cib = shell.session.cib().map_err(told)?;
    let current = cib.schema().unwrap_or("none").to_owned();
    let Some(wanted) = call.arg(0) else {
        shell.console.line(&current);
        return Ok(());
    };
    if wanted == current {
        shell.console.info(format!("already using schema {wanted}"));
        return Ok(());
    }
    let Some(version) = SchemaVersion::named(wanted) else {
        return Err(Failure::plain(format!("schema {wanted} does not exist")));
    };
    // What is wrong by either schema is no reason to stay.
    let known: Vec<String> =
        check(cib).into_iter().map(|finding| without_schema(&finding.message)).collect();
    let new: Vec<String> = check_as(cib, version)
        .into_iter()
        .map(|finding| finding.message)
        .filter(|message| !known.contains(&without_schema(message)))
        .collect();
    if !new.is_empty() {
        for message in new {
            shell.console.error(message);
        }
        return Err(Failure::plain(format!(
            "Schema {wanted} conflicts with current configuration"
        )));
    }
    shell.edit_tree(|cib| {
        let root = cib.tree().root_id();
        cib.tree_mut().set_attr(root, VALIDATE_WITH, wanted);
        Ok(())
    })
}

/// Returns what a finding says, whichever schema says so.
fn without_schema(message: &str) -> String {
    message.split(" in pacemaker-").next().unwrap_or_default().to_owned()
}

fn upgrade(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    if call.arg(0).is_some_and(|word| word != "force") {
        return Err(Failure::refused("Expected 'force' or no argument"));
    }
    if call.arg(0).is_none() && !shell.settings.force {
        return Err(Failure::refused("'force' option is required"));
    }
    if shell.session.has_changes() {
        return Err(Failure::refused("changes are pending: commit or refresh first"));
    }
    let backend = shell.session.backend();
    // A cluster of Pacemaker's upgrades itself, to the schema that all its nodes know.
    if backend.is_cluster() && backend.socket().is_none() {
        shell.external("cibadmin", &["--upgrade", "--force"])?;
    } else {
        upgrade_here(shell)?;
    }
    shell.session.forget();
    let now = shell.session.cib().map_err(told)?.schema().unwrap_or("none").to_owned();
    shell.console.info(format!("Current schema version is {now}"));
    Ok(())
}

/// Upgrades what the session works on, and tells what of it may matter.
fn upgrade_here(shell: &mut Shell) -> Outcome {
    let base = shell.session.cib().map_err(told)?.clone();
    let mut wanted = base.clone();
    let operation = Operation::Upgrade(SchemaVersion::LATEST);
    let done = perform(&mut wanted, operation, Target::Whole, &Author::default(), Dialect::Pcmk3)
        .map_err(|error| Failure::plain(error.to_string()))?;
    shell.session.backend().commit(&Change::exact(&base, &wanted)).map_err(told)?;
    let report = done.upgrade.unwrap_or_default();
    for change in report.changes {
        match change.weight {
            Weight::Warning => shell.console.warning(change.message),
            Weight::Info => shell.console.info(change.message),
            Weight::Debug | Weight::Silent => {}
        }
    }
    if let Some(obstacle) = report.obstacle {
        shell.console.warning(obstacle.to_string());
    }
    Ok(())
}
