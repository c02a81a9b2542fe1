//! The `cib` level: shadow CIBs.
//!
//! **Source:** crmsh `ui_cib.py`.

mod export;

use cib_model::Cib;

use super::Invocation;
use crate::backend::{Change, FileBackend, Method, Place, ShadowError, open};
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Level, Skill};
use crate::session::told;
use crate::shell::Shell;
use crate::ui::column::multicolumn;

/// The level.
pub static LEVEL: Level = Level {
    name: "cib",
    summary: "Work on copies of the configuration",
    help: "A shadow CIB is a copy to work on: nothing reaches the cluster until it is committed.",
    commands: &[&COMMIT, &DELETE, &DIFF, &export::EXPORT, &IMPORT, &LIST, &NEW, &RESET, &USE],
    levels: &[],
    enter: None,
    leave: None,
};

const SHADOW: Command =
    Command { skill: Skill::Administrator, complete: &[Complete::Shadow], ..Command::BASE };

const NEW: Command = Command {
    name: "new",
    signature: "[args ...]",
    usage: "new [<cib>] [withstatus] [force] [empty]",
    summary: "Make a shadow CIB and use it",
    help: "The copy is of the CIB in use; `empty` makes an empty one. `force` replaces a shadow CIB\n\
           of the same name.",
    run: new,
    ..SHADOW
};

const USE: Command = Command {
    name: "use",
    signature: "[name] [withstatus]",
    usage: "use [<cib>] [withstatus]",
    summary: "Go on with a shadow CIB, or with the live one",
    run: use_cib,
    ..SHADOW
};

const LIST: Command =
    Command { name: "list", usage: "list", summary: "List the shadow CIBs", run: list, ..SHADOW };

const DELETE: Command = Command {
    name: "delete",
    signature: "name",
    usage: "delete <cib>",
    summary: "Delete a shadow CIB",
    run: delete,
    ..SHADOW
};

const RESET: Command = Command {
    name: "reset",
    signature: "name",
    usage: "reset <cib>",
    summary: "Copy the live configuration to a shadow CIB",
    run: reset,
    ..SHADOW
};

const COMMIT: Command = Command {
    name: "commit",
    signature: "[name]",
    usage: "commit [<cib>]",
    summary: "Bring a shadow CIB into the cluster",
    wait: true,
    run: commit,
    ..SHADOW
};

const DIFF: Command = Command {
    name: "diff",
    usage: "diff",
    summary: "Show how the shadow CIB in use differs from the live one",
    run: diff,
    ..SHADOW
};

const IMPORT: Command = Command {
    name: "import",
    signature: "infile [name]",
    usage: "import <file> [<cib>]",
    summary: "Make a shadow CIB of a file",
    run: import,
    ..SHADOW
};

/// Tells which shadow CIB is in use.
fn in_use(shell: &mut Shell) -> Option<String> {
    Some(shell.session.cib_name()).filter(|name| name != "live")
}

/// Says what was done; crm 1.2 does not name the command.
fn note(shell: &mut Shell, command: &str, text: &str) {
    let head = if shell.is_classic() { String::new() } else { format!("cib.{command}: ") };
    shell.console.info(format!("{head}{text}"));
}

fn refused(error: &ShadowError) -> Failure {
    match error {
        ShadowError::Exists(_) => Failure::plain(error.to_string()),
        _ => Failure::refused(error.to_string()),
    }
}

fn live(shell: &Shell) -> Result<Cib, Failure> {
    open(&Place::Live, shell.session.shadows()).query().map_err(told)
}

fn new(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let (mut name, mut force, mut empty) = (None, shell.settings.force, false);
    for word in call.args {
        match word.as_str() {
            "force" | "--force" => force = true,
            "empty" => empty = true,
            "withstatus" => {}
            word if name.is_none() => name = Some(word.to_owned()),
            word => return Err(Failure::refused(format!("unexpected argument {word}"))),
        }
    }
    let name = name.unwrap_or_else(|| format!("__crmshell.{}", std::process::id()));
    let content = if empty { Cib::empty() } else { shell.session.base().map_err(told)?.clone() };
    match shell.session.shadows().create(&name, &content, force) {
        Ok(()) => {}
        Err(error @ ShadowError::Exists(_)) => {
            shell.console.complain(&error.to_string());
            return Err(Failure::Told);
        }
        Err(error) => return Err(refused(&error)),
    }
    note(shell, "new", &format!("{name} shadow CIB created"));
    shell.session.go_to(Place::Shadow(name));
    Ok(())
}

fn use_cib(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let place = match call.arg(0) {
        None | Some("live") => Place::Live,
        Some(name) => {
            shell.session.shadows().open(name).map_err(|e| refused(&e))?;
            Place::Shadow(name.to_owned())
        }
    };
    if shell.session.has_changes()
        && !shell.confirm("All changes will be dropped. Do you want to proceed?")
    {
        return Err(Failure::Told);
    }
    shell.session.go_to(place);
    Ok(())
}

fn list(shell: &mut Shell, _: &Invocation<'_>) -> Outcome {
    let names = shell.session.shadows().list();
    shell.console.print(&multicolumn(&names));
    Ok(())
}

fn delete(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let name = call.required(0);
    if in_use(shell).as_deref() == Some(name) {
        return Err(Failure::refused(format!("{name} shadow CIB is in use")));
    }
    shell.session.shadows().delete(name).map_err(|e| refused(&e))?;
    note(shell, "delete", &format!("{name} shadow CIB deleted"));
    Ok(())
}

fn reset(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let name = call.required(0);
    shell.session.shadows().open(name).map_err(|e| refused(&e))?;
    let content = live(shell)?;
    shell.session.shadows().create(name, &content, true).map_err(|e| refused(&e))?;
    if in_use(shell).as_deref() == Some(name) {
        shell.session.forget();
    }
    note(shell, "reset", &format!("copied live CIB to {name}"));
    Ok(())
}

fn commit(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let name = match call.arg(0) {
        Some(name) => name.to_owned(),
        None => in_use(shell).ok_or_else(|| Failure::refused("there is nothing to commit"))?,
    };
    if shell.session.has_changes() && in_use(shell).as_deref() == Some(&*name) {
        shell.commit(Method::Patch, false)?;
    }
    let shadow = shell.session.shadows().open(&name).map_err(|e| refused(&e))?;
    let wanted = crate::backend::Backend::query(&shadow).map_err(told)?;
    let target = open(&Place::Live, shell.session.shadows());
    let base = target.query().map_err(told)?;
    let change = Change {
        base: &base,
        base_text: None,
        wanted: &wanted,
        method: Method::Replace,
        force: true,
    };
    target.commit(&change).map_err(|e| Failure::plain(e.to_string()))?;
    if in_use(shell).is_none() {
        shell.session.forget();
    }
    note(shell, "commit", &format!("committed '{name}' shadow CIB to the cluster"));
    Ok(())
}

fn diff(shell: &mut Shell, _: &Invocation<'_>) -> Outcome {
    if in_use(shell).is_none() {
        shell.console.complain("No active shadow configuration defined");
        return Ok(());
    }
    let old = live(shell)?;
    let new = shell.session.base().map_err(told)?;
    let text = |cib: &Cib| {
        cib.configuration()
            .map(|c| {
                cib_model::xml::write_element(
                    c,
                    cib_model::xml::Layout::Pretty,
                    cib_model::xml::Dialect::Pcmk3,
                )
            })
            .unwrap_or_default()
    };
    let shown = crate::session::diff::unified(&text(&old), &text(new), "live", "shadow");
    crate::shell::pager::page(shell, &shown);
    Ok(())
}

fn import(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let file = call.required(0);
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".xml").to_owned();
    let name = call.arg(1).map_or(stem, str::to_owned);
    let content = crate::backend::Backend::query(&FileBackend::new(file, "file")).map_err(told)?;
    let force = shell.settings.force;
    shell.session.shadows().create(&name, &content, force).map_err(|e| refused(&e))?;
    shell.session.go_to(Place::Shadow(name));
    Ok(())
}
