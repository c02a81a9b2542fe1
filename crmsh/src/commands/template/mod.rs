//! The `template` level below `configure`: configurations made from templates.
//!
//! **Source:** crmsh `ui_template.py`.

mod document;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crm_syntax::LoadMethod;
use crm_syntax::text::Mode;

use self::document::Draft;
use super::Invocation;
use crate::diag::Source;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Level, Skill};
use crate::shell::Shell;
use crate::ui::column::multicolumn;

/// The level.
pub static LEVEL: Level = Level {
    name: "template",
    summary: "Make configurations from templates",
    help: "`new` makes a configuration of one or more templates, `edit` fills in what is missing,\n\
           `apply` makes the objects. Nothing reaches the cluster before `commit`.",
    commands: &[&APPLY, &DELETE, &EDIT, &LIST, &LOAD, &NEW, &SHOW],
    levels: &[],
    enter: None,
    leave: None,
};

const TEMPLATE: Command = Command { skill: Skill::Administrator, ..Command::BASE };

const NEW: Command = Command {
    name: "new",
    signature: "name [args ...]",
    usage: "new [<config>] <template> [<template> ...] [params name=value ...]",
    summary: "Make a configuration from templates",
    run: new,
    ..TEMPLATE
};

const DELETE: Command = Command {
    name: "delete",
    signature: "name [force]",
    usage: "delete <config> [force]",
    summary: "Delete a configuration",
    run: delete,
    ..TEMPLATE
};

const LOAD: Command = Command {
    name: "load",
    signature: "[name]",
    usage: "load [<config>]",
    summary: "Work on a configuration",
    run: |shell, call| {
        if let Some(name) = call.arg(0) {
            existing(shell, Some(name))?;
        }
        call.arg(0).unwrap_or_default().clone_into(&mut shell.template);
        Ok(())
    },
    ..TEMPLATE
};

const EDIT: Command = Command {
    name: "edit",
    signature: "[name]",
    usage: "edit [<config>]",
    summary: "Edit a configuration",
    run: |shell, call| {
        let path = existing(shell, call.arg(0))?;
        shell.edit_file(&path)
    },
    ..TEMPLATE
};

const SHOW: Command = Command {
    name: "show",
    signature: "[name]",
    usage: "show [<config>]",
    summary: "Show the objects that a configuration makes",
    run: |shell, call| {
        let text = processed(shell, call.arg(0))?;
        shell.console.line(&text);
        Ok(())
    },
    ..Command::BASE
};

const APPLY: Command = Command {
    name: "apply",
    signature: "[args ...]",
    usage: "apply [replace|update] [<config>]",
    summary: "Make the objects of a configuration",
    complete: &[Complete::Words(&["replace", "update"])],
    run: apply,
    ..TEMPLATE
};

const LIST: Command = Command {
    name: "list",
    signature: "[templates]",
    usage: "list [configs|templates]",
    summary: "List configurations and templates",
    complete: &[Complete::Words(&["configs", "templates"])],
    run: list,
    ..Command::BASE
};

/// Returns the folder of the configurations: `~/.config/crm/crmconf`.
fn folder() -> PathBuf {
    crate::config::user_folder().join("crmconf")
}

fn path_of(name: &str) -> Result<PathBuf, Failure> {
    let sane = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(sane) {
        return Err(Failure::Plain(format!("{name}: bad name")));
    }
    Ok(folder().join(name))
}

/// Returns the file of a configuration, of the one in use where no name is given.
fn existing(shell: &Shell, name: Option<&str>) -> Result<PathBuf, Failure> {
    let name = name.unwrap_or(&shell.template);
    if name.is_empty() {
        return Err(Failure::plain("please load a config first"));
    }
    let path = path_of(name)?;
    if path.is_file() { Ok(path) } else { Err(Failure::Plain(format!("{name}: no such config"))) }
}

fn templates_folder(shell: &Shell) -> PathBuf {
    Path::new(shell.config.get("path.sharedir")).join("templates")
}

/// Reads a template: an installed one, else a built-in one.
fn template(shell: &mut Shell, name: &str) -> Result<String, String> {
    let path = templates_folder(shell).join(name);
    let installed = fs::read_to_string(&path);
    let text = match (installed, document::built_in(name)) {
        (Ok(text), _) => text,
        (Err(_), Some(text)) => text.to_owned(),
        (Err(error), None) => return Err(format!("open: {}: {error}", path.display())),
    };
    shell.console.info(format!("pulling in template {name}"));
    Ok(text)
}

fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = entries
        .filter(|e| e.path().is_file())
        .filter_map(|e| e.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

fn all_templates(shell: &Shell) -> Vec<String> {
    let mut names = names_in(&templates_folder(shell));
    names.extend(document::built_in_names().map(str::to_owned));
    names.sort();
    names.dedup();
    names
}

fn new(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let mut name = call.required(0).to_owned();
    let mut templates: Vec<&str> = Vec::new();
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let mut words = call.args.iter().skip(1).map(String::as_str);
    templates.extend(words.by_ref().take_while(|w| *w != "params"));
    for word in words {
        let Some((key, value)) = word.split_once('=') else {
            return Err(Failure::bad_usage("new", call.args, "expected name=value"));
        };
        values.insert(key.to_owned(), value.to_owned());
    }
    let only = name.clone();
    if templates.is_empty() {
        if !all_templates(shell).contains(&only) {
            return Err(Failure::plain("Expected template argument"));
        }
        templates.push(&only);
        let taken = |n: &String| path_of(n).is_ok_and(|p| p.exists());
        name = (0..1_000).map(|n| format!("{only}-{n}")).find(|n| !taken(n)).unwrap_or_default();
    }
    let path = path_of(&name)?;
    if path.exists() {
        return Err(Failure::Plain(format!("config {name} exists; delete it first")));
    }
    values.entry("id".to_owned()).or_insert_with(|| name.clone());
    let mut draft = Draft::default();
    for wanted in templates {
        let text = template(shell, wanted).map_err(Failure::Plain)?;
        draft.pull_in(&text, &mut |other| template(shell, other)).map_err(Failure::Plain)?;
    }
    let failed = |e: std::io::Error| Failure::Plain(format!("open: {e}"));
    fs::create_dir_all(folder()).map_err(failed)?;
    fs::write(path, draft.finish(&name, &values)).map_err(failed)?;
    shell.template = name;
    Ok(())
}

fn delete(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let name = call.required(0);
    let force = match call.arg(1) {
        None => false,
        Some("force" | "--force") => true,
        Some(_) => return Err(Failure::bad_usage("delete", call.args, "")),
    };
    let path = existing(shell, Some(name))?;
    if shell.template == name {
        let question =
            format!("Config {name} is currently in use. Do you really want to delete it?");
        if !force && !shell.confirm(&question) {
            return Err(Failure::Told);
        }
        shell.template.clear();
    }
    fs::remove_file(path).map_err(|e| Failure::Plain(format!("{name}: {e}")))
}

fn processed(shell: &mut Shell, name: Option<&str>) -> Result<String, Failure> {
    let path = existing(shell, name)?;
    let text = fs::read_to_string(path).map_err(|e| Failure::Plain(format!("open: {e}")))?;
    document::process(&text).map_err(|errors| {
        for error in errors {
            shell.console.error(error);
        }
        Failure::Told
    })
}

fn apply(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let (method, name) = match call.arg(0) {
        Some("replace") => (LoadMethod::Replace, call.arg(1)),
        Some("update") => (LoadMethod::Update, call.arg(1)),
        name => (LoadMethod::Replace, name),
    };
    let text = processed(shell, name)?;
    if method == LoadMethod::Replace
        && shell.settings.interactive
        && shell.session.has_changes()
        && !shell.confirm("This operation will erase all changes. Do you want to proceed?")
    {
        return Err(Failure::Told);
    }
    let source = Source { name: "template", text: &text };
    shell.edit_cib(Mode::Load, source, |editor| editor.load(&text, method))
}

fn list(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let (templates, configs) = (all_templates(shell), names_in(&folder()));
    match call.arg(0) {
        Some("templates") => shell.console.print(&multicolumn(&templates)),
        Some("configs") => shell.console.print(&multicolumn(&configs)),
        _ => {
            shell.console.line("Templates:");
            shell.console.print(&multicolumn(&templates));
            shell.console.line("\nConfigurations:");
            shell.console.print(&multicolumn(&configs));
        }
    }
    Ok(())
}
