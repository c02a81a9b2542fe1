//! The `options` level: the user's preferences.
//!
//! A one-shot `crm options …` that sets something saves the user's file, as crmsh does.
//!
//! **Source:** crmsh `ui_options.py`.

use super::Invocation;
use crate::config::{self, Layer};
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Leaving, Level};
use crate::shell::Shell;

/// The level.
pub static LEVEL: Level = Level {
    name: "options",
    summary: "User preferences",
    help: "Preferences are kept in ~/.config/crm/crm.conf. Called as one command line, a change is\n\
           saved at once; in the shell, `save` keeps it.",
    commands: &[
        &named("add-quotes", &["add_quotes"], "{yes|no}", "Put quotes around words with blanks"),
        &named(
            "check-frequency",
            &["check_frequency"],
            "{always|on-verify|never}",
            "Choose when to check",
        ),
        &named(
            "check-mode",
            &["check_mode"],
            "{strict|relaxed}",
            "Choose whether errors block a commit",
        ),
        &named("colorscheme", &[], "<colors>", "Accepted for old scripts; set color.* instead"),
        &named("editor", &[], "<program>", "Choose the editor"),
        &named(
            "manage-children",
            &["manage_children"],
            "{ask|never|always}",
            "Choose what happens to members",
        ),
        &named("output", &[], "{plain|color|color-always|uppercase}", "Choose how to print"),
        &named("pager", &[], "<program>", "Choose the pager"),
        &RESET,
        &SAVE,
        &SET,
        &SHOW,
        &named(
            "skill-level",
            &["skill_level"],
            "{operator|administrator|expert}",
            "Choose which commands to allow",
        ),
        &named("sort-elements", &["sort_elements"], "{yes|no}", "Sort objects or keep their order"),
        &named("user", &[], "[<user>]", "Choose the user who runs cluster commands"),
        &named("wait", &[], "{yes|no}", "Wait for the cluster after each change"),
    ],
    levels: &[],
    enter: None,
    leave: Some(leave),
};

const fn named(
    name: &'static str,
    aliases: &'static [&'static str],
    usage: &'static str,
    summary: &'static str,
) -> Command {
    Command { name, aliases, signature: "value", usage, summary, run: set_named, ..Command::BASE }
}

const SET: Command = Command {
    name: "set",
    signature: "option value",
    usage: "set <section>.<option> <value>",
    summary: "Set an option",
    complete: &[Complete::Setting, Complete::Nothing],
    run: |shell, call| set(shell, call.required(0), call.required(1)),
    ..Command::BASE
};

const SHOW: Command = Command {
    name: "show",
    aliases: &["list"],
    signature: "[option]",
    usage: "show [all | <option>]",
    summary: "Show the options that are set, one option, or all",
    complete: &[Complete::Setting],
    run: show,
    ..Command::BASE
};

const SAVE: Command = Command {
    name: "save",
    usage: "save",
    summary: "Keep the options for later runs",
    run: |shell, _| save(shell),
    ..Command::BASE
};

const RESET: Command = Command {
    name: "reset",
    usage: "reset",
    summary: "Go back to the saved options",
    run: reset,
    ..Command::BASE
};

fn set_named(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let value = call.required(0);
    match call.command.name {
        "colorscheme" => Ok(()),
        "output" => set(shell, "color.style", value),
        name => set(shell, &format!("core.{}", name.replace('-', "_")), value),
    }
}

fn set(shell: &mut Shell, name: &str, value: &str) -> Outcome {
    shell
        .config
        .set(name, value, Layer::User)
        .map_err(|error| Failure::Refused(error.to_string()))?;
    shell.options_changed = true;
    shell.choose_colours();
    Ok(())
}

fn reset(shell: &mut Shell, _: &Invocation<'_>) -> Outcome {
    let reset = shell.config.reset();
    shell.choose_colours();
    reset.map_err(|e| Failure::plain(e.to_string()))
}

fn show(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let wanted = call.arg(0);
    let names: Vec<String> = match wanted {
        None => shell.config.configured(),
        Some("all") => config::names().collect(),
        Some(part) => {
            config::names().filter(|n| n.starts_with(part) || n.ends_with(part)).collect()
        }
    };
    if names.is_empty()
        && let Some(part) = wanted
    {
        return Err(Failure::Refused(format!("no option called {part}")));
    }
    let text: String = names.iter().map(|n| format!("{n} = {}\n", shell.config.get(n))).collect();
    crate::shell::pager::page(shell, &text);
    Ok(())
}

fn save(shell: &mut Shell) -> Outcome {
    let saved = shell.config.save();
    shell.options_changed = false;
    saved.map(|_| ()).map_err(|e| Failure::plain(format!("cannot save the options: {e}")))
}

fn leave(shell: &mut Shell, how: Leaving) -> Outcome {
    let one_shot = how == Leaving::Transit && !shell.settings.interactive;
    if one_shot && shell.options_changed { save(shell) } else { Ok(()) }
}
