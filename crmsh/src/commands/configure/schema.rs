//! `schema`, `upgrade`.

use cib_model::names::VALIDATE_WITH;

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

/// The newest schema that this program knows, as major and minor number.
const NEWEST: (u32, u32) = (4, 0);

fn schema(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let Some(wanted) = call.arg(0) else {
        let shown = shell.session.cib().map_err(told)?.schema().unwrap_or("none").to_owned();
        shell.console.line(&shown);
        return Ok(());
    };
    let supported = parse(wanted).is_some_and(|v| v >= (1, 0) && v <= NEWEST);
    if !supported {
        return Err(Failure::plain(format!("schema {wanted} is not supported")));
    }
    shell.edit_tree(|cib| {
        let root = cib.tree().root_id();
        cib.tree_mut().set_attr(root, VALIDATE_WITH, wanted);
        Ok(())
    })
}

fn parse(schema: &str) -> Option<(u32, u32)> {
    let (major, minor) = schema.strip_prefix("pacemaker-")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn upgrade(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    if call.arg(0) != Some("force") && !shell.settings.force {
        return Err(Failure::refused("'force' option is required"));
    }
    if shell.session.has_changes() {
        return Err(Failure::refused("changes are pending: commit or refresh first"));
    }
    shell.external("cibadmin", &["--upgrade", "--force"])?;
    shell.session.forget();
    let now = shell.session.cib().map_err(told)?.schema().unwrap_or("none").to_owned();
    shell.console.info(format!("Current schema version is {now}"));
    Ok(())
}
