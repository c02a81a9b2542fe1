//! `crm_shadow`: copies of the configuration to work on.
//!
//! **Source:** pacemaker `tools/crm_shadow.c`.
//! **Differs:** a name with a slash is refused.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use cib_model::operation::{Operation, ReplaceVersions, Target, perform};
use cib_model::xml::{Dialect, Layout, write};
use cib_model::{Cib, Section};
use clap::Parser;

use super::cib_place::{CibPlace, SHADOW_FOLDER, Sentences, exit_of, words_of};
use super::patch_text;
use super::reply::{Common, Reply, Stop, answer, element};
use crate::backend::{Place, ShadowError, Shadows, read_file};
use crate::console::Console;
use crate::exit::Exit;

/// Work on a copy of the configuration
///
/// Tools that find `CIB_shadow` in their environment read and change the copy of that name.
#[derive(Parser, Clone, Debug, Default)]
#[command(args_override_self = true, name = "crm_shadow", disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the reference")]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Print the name of the copy in use
    #[arg(short = 'w', long)]
    which: bool,
    /// Print the copy in use
    #[arg(short = 'p', long)]
    display: bool,
    /// Print how the copy in use differs from the cluster's configuration
    #[arg(short = 'd', long)]
    diff: bool,
    /// Print where the copy in use is
    #[arg(short = 'F', long)]
    file: bool,
    /// Make a copy of the cluster's configuration
    #[arg(short = 'c', long, value_name = "NAME")]
    create: Option<String>,
    /// Make an empty configuration
    #[arg(short = 'e', long, value_name = "NAME")]
    create_empty: Option<String>,
    /// Put a copy in the place of the cluster's configuration
    #[arg(short = 'C', long, value_name = "NAME")]
    commit: Option<String>,
    /// Delete a copy
    #[arg(short = 'D', long, value_name = "NAME")]
    delete: Option<String>,
    /// Open the copy in use in `EDITOR`
    #[arg(short = 'E', long)]
    edit: bool,
    /// Make a copy anew of the cluster's configuration
    #[arg(short = 'r', long, value_name = "NAME")]
    reset: Option<String>,
    /// Use another copy
    #[arg(short = 's', long, value_name = "NAME")]
    switch: Option<String>,
    /// Go on where it is dangerous
    #[arg(short = 'f', long)]
    force: bool,
    /// Start no shell
    #[arg(short = 'b', long)]
    batch: bool,
    /// Commit the status too
    #[arg(short = 'a', long)]
    all: bool,
    /// The schema of an empty configuration
    #[arg(short = 'v', long, value_name = "SCHEMA")]
    validate_with: Option<String>,
}

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("crm_shadow", argv, console, |options: &Options| &options.common, work)
}

/// How the tool begins its sentences.
const SENTENCES: Sentences = Sentences {
    unreachable: "Could not connect to CIB",
    failed: "Could not query the non-shadow CIB",
};

fn work(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let desk = Desk { options, shadows: Shadows::new(SHADOW_FOLDER) };
    if options.which {
        let name = in_use()?;
        return Ok(show(reply, &name, None, &name));
    }
    if options.file {
        let name = in_use()?;
        let path = desk.path(&name)?.display().to_string();
        return Ok(show(reply, &name, Some(&path), &path));
    }
    if options.display {
        return desk.display(reply);
    }
    if options.diff {
        return desk.diff(reply);
    }
    if options.edit {
        return desk.edit();
    }
    if let Some(name) = &options.commit {
        return desk.commit(name);
    }
    if let Some(name) = &options.create {
        return desk.create(name, false, reply);
    }
    if let Some(name) = &options.create_empty {
        return desk.create_empty(name, reply);
    }
    if let Some(name) = &options.reset {
        return desk.create(name, true, reply);
    }
    if let Some(name) = &options.delete {
        return desk.delete(name, reply);
    }
    if let Some(name) = &options.switch {
        return desk.switch(name, reply);
    }
    Err(Stop::new(Exit::TOOL_USAGE, "Must specify a query or command option"))
}

/// Returns the copy in use, where there is one.
fn active() -> Option<String> {
    std::env::var("CIB_shadow").ok()
}

fn in_use() -> Result<String, Stop> {
    active().ok_or_else(|| Stop::new(Exit::NO_SUCH, "No active shadow configuration defined"))
}

/// Shows a copy's name, and its file where it is given; `text` is that for a person.
fn show(reply: &mut Reply<'_>, name: &str, file: Option<&str>, text: &str) -> Exit {
    reply.info(text);
    let mut attrs = vec![("instance", name)];
    attrs.extend(file.map(|file| ("file", file)));
    reply.element(&element("shadow", &attrs));
    Exit::OK
}

fn instruct(reply: &mut Reply<'_>, text: &str) {
    reply.info(text);
    reply.text_element("instruction", text);
}

/// What is in danger.
#[derive(Clone, Copy)]
enum Danger {
    Shadow,
    Cluster,
}

impl Danger {
    fn stop(self, exit: Exit, reason: &str) -> Stop {
        let what = match self {
            Danger::Shadow => "shadow file",
            Danger::Cluster => "cluster",
        };
        Stop::new(
            exit,
            format!(
                "{reason}.\nTo prevent accidental destruction of the {what}, the --force flag is \
                 required in order to proceed."
            ),
        )
    }

    /// As [`Danger::stop`], and tells where the copy `name` is not the one in use.
    fn stop_for(self, name: &str, reason: &str) -> Stop {
        let reason = match active().filter(|active| active != name) {
            Some(active) => format!(
                "{reason}.\nAdditionally, the supplied shadow instance ({name}) is not the same as \
                 the active one ({active})"
            ),
            None => reason.to_owned(),
        };
        self.stop(Exit::TOOL_USAGE, &reason)
    }
}

struct Desk<'o> {
    options: &'o Options,
    shadows: Shadows,
}

impl Desk<'_> {
    fn path(&self, name: &str) -> Result<PathBuf, Stop> {
        if name.is_empty() || name.contains('/') {
            let text =
                format!("'{name}': a shadow instance's name may not be empty or hold a slash");
            return Err(Stop::new(Exit::TOOL_USAGE, text));
        }
        Ok(self.shadows.path(name))
    }

    /// Returns the path of a copy that is there.
    fn existing(&self, name: &str) -> Result<PathBuf, Stop> {
        let path = self.path(name)?;
        match fs::metadata(&path) {
            Ok(_) => Ok(path),
            Err(error) => {
                let (exit, why) = reason(&error);
                let text = format!("Could not access shadow instance '{name}': {why}");
                Err(Stop::new(exit, text))
            }
        }
    }

    fn read(&self, name: &str) -> Result<Cib, Stop> {
        let path = self.existing(name)?;
        parsed(&path)
    }

    fn display(&self, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        let name = in_use()?;
        let text = write(self.read(&name)?.tree(), Layout::Pretty, Dialect::Pcmk3);
        reply.info(text.trim_end());
        reply.document_in(&element("shadow", &[("instance", &name)]), "content", &text);
        Ok(Exit::OK)
    }

    fn diff(&self, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        let name = in_use()?;
        let path = self.existing(&name)?;
        let real = cluster().query()?;
        let shadow = parsed(&path)?;
        let Some(patch) = real.diff(&shadow) else {
            reply.element(&element("shadow", &[("instance", &name)]));
            return Ok(Exit::OK);
        };
        for line in patch_text::lines(&patch) {
            reply.info(&line);
        }
        let text = patch.write(Layout::Pretty, Dialect::Pcmk3);
        reply.document_in(&element("shadow", &[("instance", &name)]), "xml-patchset", &text);
        Ok(Exit::FAILED)
    }

    fn edit(&self) -> Result<Exit, Stop> {
        let path = self.existing(&in_use()?)?;
        let Some(editor) = std::env::var_os("EDITOR") else {
            return Err(Stop::new(Exit::NOT_CONFIGURED, "No value for EDITOR defined"));
        };
        let ended = Command::new(&editor).arg(&path).status();
        let status = ended.map_err(|error| {
            let (editor, path) = (editor.display(), path.display());
            Stop::new(Exit::OS_FILE, format!("Could not invoke EDITOR ({editor} {path}): {error}"))
        })?;
        Ok(exit_of_child(status))
    }

    fn commit(&self, name: &str) -> Result<Exit, Stop> {
        if !self.options.force {
            let reason = "The commit command overwrites the active cluster configuration";
            return Err(Danger::Cluster.stop_for(name, reason));
        }
        let path = self.existing(name)?;
        let place = cluster();
        place.query_all()?;
        let shadow = parsed(&path)?;
        let whole = self.options.all;
        let input = if whole { Some(shadow.root()) } else { shadow.configuration() };
        let Some(input) = input else {
            let text =
                format!("Could not commit shadow instance '{name}' to the CIB: Invalid argument");
            return Err(Stop::new(Exit::FAILED, text));
        };
        let target = if whole { Target::Whole } else { Target::Section(Section::Configuration) };
        place.change(|cib, author| {
            let operation = Operation::Replace { input, versions: ReplaceVersions::Managed };
            perform(cib, operation, target, author, Dialect::Pcmk3).map(|_| ()).map_err(|error| {
                let why = words_of(&error);
                let text = format!("Could not commit shadow instance '{name}' to the CIB: {why}");
                Stop::new(exit_of(&error), text)
            })
        })?;
        Ok(Exit::OK)
    }

    fn create(&self, name: &str, again: bool, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        let path = self.path(name)?;
        if again && !self.options.force {
            let reason = "The reset command overwrites the active shadow configuration";
            return Err(Danger::Shadow.stop_for(name, reason));
        }
        self.refuse_existing(name, &path)?;
        let cib = cluster().query()?;
        self.write(name, &cib, if again { "reset" } else { "create" })?;
        self.set_up(name, "A new shadow instance was created. To begin using it", reply)
    }

    fn create_empty(&self, name: &str, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        let path = self.path(name)?;
        self.refuse_existing(name, &path)?;
        let empty = Cib::empty();
        let cib = match self.options.validate_with.as_deref() {
            Some(schema) => Cib::empty_with(empty.feature_set().unwrap_or_default(), schema),
            None => empty,
        };
        reply.info(&format!("Created new {} configuration", cib.schema().unwrap_or_default()));
        self.write(name, &cib, "create")?;
        self.set_up(name, "A new shadow instance was created. To begin using it", reply)
    }

    fn refuse_existing(&self, name: &str, path: &Path) -> Result<(), Stop> {
        if self.options.force || !path.exists() {
            return Ok(());
        }
        let reason = format!("A shadow instance '{name}' already exists");
        Err(Danger::Shadow.stop(Exit::CANNOT_CREATE, &reason))
    }

    fn write(&self, name: &str, cib: &Cib, task: &str) -> Result<(), Stop> {
        self.shadows.create(name, cib, true).map_err(|error| {
            let (exit, why) = match &error {
                ShadowError::File { source, .. } => reason(source),
                other => (Exit::FAILED, other.to_string()),
            };
            Stop::new(exit, format!("Could not {task} the shadow instance '{name}': {why}"))
        })
    }

    fn delete(&self, name: &str, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        if !self.options.force {
            let reason = "The delete command removes the specified shadow file";
            return Err(Danger::Shadow.stop_for(name, reason));
        }
        self.path(name)?;
        match self.shadows.delete(name) {
            Ok(()) | Err(ShadowError::Missing(_)) => {}
            Err(error) => {
                let (exit, why) = match &error {
                    ShadowError::File { source, .. } => reason(source),
                    other => (Exit::FAILED, other.to_string()),
                };
                let text = format!("Could not remove shadow instance '{name}': {why}");
                return Err(Stop::new(exit, text));
            }
        }
        if active().as_deref() == Some(name) {
            let ours = std::env::var("PS1").is_ok_and(|prompt| prompt == prompt_of(name));
            let text = if ours {
                LEAVE
            } else {
                "Remember to unset the CIB_shadow variable by entering the following into your \
                 shell:\n\tunset CIB_shadow"
            };
            instruct(reply, text);
        }
        Ok(Exit::OK)
    }

    fn switch(&self, name: &str, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        self.existing(name)?;
        self.set_up(name, "To switch to the named shadow instance", reply)
    }

    /// Starts a shell that works on the copy, or says how to use it.
    fn set_up(&self, name: &str, how: &str, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        let prompt = prompt_of(name);
        let is_set = std::env::var("PS1").is_ok_and(|set| set == prompt);
        if is_set && active().as_deref() == Some(name) {
            return Ok(Exit::OK);
        }
        let shell = std::env::var("SHELL").ok().filter(|_| !self.options.batch);
        let Some(shell) = shell else {
            let text =
                format!("{how}, enter the following into your shell:\n\texport CIB_shadow={name}");
            instruct(reply, &text);
            return Ok(Exit::OK);
        };
        reply.info("Setting up shadow instance");
        instruct(reply, LEAVE);
        reply.flush();
        let mut command = Command::new(&shell);
        if shell == "bash" || shell.ends_with("/bash") {
            command.args(["--norc", "--noprofile"]);
        }
        let ended = command.env("PS1", &prompt).env("CIB_shadow", name).status();
        let status = ended.map_err(|error| {
            let (exit, why) = reason(&error);
            Stop::new(exit, format!("Failed to launch shell '{shell}': {why}"))
        })?;
        Ok(exit_of_child(status))
    }
}

const LEAVE: &str = "Press Ctrl+D to exit the crm_shadow shell";

/// Returns the prompt of a shell that works on a copy.
fn prompt_of(name: &str) -> String {
    let shown: String = name.chars().take(40).collect();
    format!("shadow[{shown}] # ")
}

/// Opens the cluster's configuration, or the file that stands for it.
fn cluster() -> CibPlace {
    CibPlace::at(&Place::Live, None, SENTENCES)
}

fn parsed(path: &Path) -> Result<Cib, Stop> {
    read_file(path).map_err(|_| {
        let text = format!("Could not parse XML from input file '{}'", path.display());
        Stop::new(Exit::NO_INPUT, text)
    })
}

/// Returns the exit code and the system's words for an error.
fn reason(error: &io::Error) -> (Exit, String) {
    match error.kind() {
        io::ErrorKind::NotFound => (Exit::NO_SUCH, "No such file or directory".to_owned()),
        io::ErrorKind::PermissionDenied => (Exit::NO_PERMISSION, "Permission denied".to_owned()),
        _ => (Exit::OS_ERROR, error.to_string()),
    }
}

fn exit_of_child(status: std::process::ExitStatus) -> Exit {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(Exit::FAILED, Exit::from_code)
}
