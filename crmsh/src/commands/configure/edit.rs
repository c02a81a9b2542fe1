//! `edit` and `filter`: objects as text through another program.
//!
//! What the user wrote is never thrown away by a mistake in it: the editor opens again with the
//! same text as long as the user wants.
//!
//! **Source:** crmsh `cibconfig.py`, `CibObjectSet.edit()`, `filter()`.

use std::io::Write;
use std::process::{Command as Process, Stdio};

use crm_syntax::text::{Mode, decode};
use crm_syntax::{Filter, ObjectEntry, select};

use super::file::objects_of;
use crate::commands::Invocation;
use crate::diag::{LISTING, Source};
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::session::told;
use crate::shell::Shell;

/// `configure edit`
pub(super) const EDIT: Command = Command {
    name: "edit",
    signature: "[args ...]",
    usage: "edit [xml] [<id>...]",
    summary: "Edit objects with an editor",
    skill: Skill::Administrator,
    complete: &[Complete::Object],
    run: edit,
    ..Command::BASE
};

/// `configure filter`
pub(super) const FILTER: Command = Command {
    name: "filter",
    signature: "filterprog [args ...]",
    usage: "filter <prog> [xml] [<id>...]",
    summary: "Change objects with a program",
    help: "The program reads the objects as text and writes them changed, for example\n\n    \
           filter \"sed 's/100:/200:/'\" loc1",
    skill: Skill::Administrator,
    complete: &[Complete::Nothing, Complete::Object],
    run: filter,
    ..Command::BASE
};

/// The objects that are handed out.
struct Chosen {
    entries: Vec<ObjectEntry>,
    text: String,
    xml: bool,
}

/// How the objects are handed out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Broken into lines, with their comments: for people.
    Broken,
    /// One line an object, without comments: for programs.
    Flat,
}

fn choose(shell: &mut Shell, args: &[String], shape: Shape) -> Result<Chosen, Failure> {
    let (xml, words) = match args {
        [first, rest @ ..] if first == "xml" => (true, rest),
        words => (false, words),
    };
    let style = shell.style()?;
    let sort = shell.config.is_true("core.sort_elements");
    let plain = Filter { sort, release: shell.release(), ..Filter::plain() };
    let filter = Filter { flat: shape == Shape::Flat, ..plain }.with_words(words);
    let cib = shell.session.cib().map_err(told)?;
    let shown = if xml {
        crm_syntax::show_xml(cib, &filter)
    } else {
        crm_syntax::show(cib, style, &filter)
    };
    let entries = select(cib, style, &filter);
    let text = shown.map_err(|d| shell.refuse(&d))?;
    let mut entries = entries.map_err(|d| shell.refuse(&d))?;
    // objects are changed in the order in which they are named
    entries.sort_by_key(|entry| words.iter().position(|id| *id == entry.id));
    Ok(Chosen { entries, text, xml })
}

/// Takes a changed text in: objects in it replace their old selves, those that vanished go.
fn take(shell: &mut Shell, chosen: &Chosen, text: &str) -> Outcome {
    let text = if chosen.xml { objects_of(text, "edit")? } else { text.to_owned() };
    let source = Source { name: LISTING, text: &text };
    shell.edit_cib(Mode::Load, source, |editor| editor.edit(&text, &chosen.entries))?;
    shell.session.drop_if_unchanged();
    Ok(())
}

fn edit(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let automated = std::env::var_os("EDITOR").is_some_and(|e| !e.is_empty());
    if !shell.can_ask() && !automated {
        shell.console.info("edit not allowed in batch mode");
        return Err(Failure::Told);
    }
    let chosen = choose(shell, call.args, Shape::Broken)?;
    let mut text = chosen.text.clone();
    loop {
        let changed = in_editor(shell, &text)?;
        if changed.trim() == chosen.text.trim() {
            return Ok(());
        }
        match take(shell, &chosen, &changed) {
            Ok(()) => return Ok(()),
            Err(failure) if !shell.can_ask() => return Err(failure),
            Err(failure) => {
                let question = "Edit or discard changes (yes to edit, no to discard)?";
                if !shell.confirm(question) {
                    return Err(failure);
                }
                text = changed;
            }
        }
    }
}

/// Lets the user edit a text in a file of its own, and returns what became of it.
fn in_editor(shell: &mut Shell, text: &str) -> Result<String, Failure> {
    let failed = |e: std::io::Error| Failure::plain(format!("edit: {e}"));
    let dir = tempfile::Builder::new().prefix("crmsh_").tempdir().map_err(failed)?;
    let path = dir.path().join("edit.pcmk");
    let program = shell.editor();
    let first = program.split_whitespace().next().unwrap_or_default();
    let is_vi = first.rsplit('/').next().is_some_and(|n| n.starts_with("vi"));
    let marker = if is_vi { "# vim: set filetype=pcmk:\n" } else { "" };
    std::fs::write(&path, format!("{text}{marker}")).map_err(failed)?;
    shell.edit_file(&path)?;
    let changed = std::fs::read_to_string(&path).map_err(failed)?;
    Ok(changed.replace("# vim: set filetype=pcmk:\n", ""))
}

impl Shell {
    /// Returns the user's editor: the option, else `EDITOR`, else vi.
    fn editor(&self) -> String {
        let set = self.config.get("core.editor");
        if !set.is_empty() {
            return set.to_owned();
        }
        std::env::var("EDITOR").ok().filter(|e| !e.is_empty()).unwrap_or_else(|| "vi".to_owned())
    }

    /// Lets the user edit a file.
    pub(crate) fn edit_file(&mut self, path: &std::path::Path) -> Outcome {
        let program = self.editor();
        self.console.flush();
        // EDITOR may be a phrase for the shell, as in `sed -ie '$ a …'`.
        let status = Process::new("sh")
            .args(["-c", &format!("{program} \"$1\""), "sh"])
            .arg(path)
            .status()
            .map_err(|e| Failure::plain(format!("edit: {e}")))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::plain(format!("edit: {program} failed")))
        }
    }
}

fn filter(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let program = call.required(0);
    let chosen = choose(shell, call.args.get(1..).unwrap_or_default(), Shape::Flat)?;
    let (changed, broken) = decode(&through(program, &chosen.text)?);
    if !broken.is_empty() {
        shell.report(&broken, Source { name: LISTING, text: &changed });
        return Err(Failure::Told);
    }
    take(shell, &chosen, &changed)
}

/// Pipes a text through a program of the shell.
fn through(program: &str, text: &str) -> Result<Vec<u8>, Failure> {
    let failed = |e: std::io::Error| Failure::plain(format!("{program}: {e}"));
    let mut child = Process::new("sh")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut pipe = child.stdin.take();
    let text = text.to_owned();
    let writer = std::thread::spawn(move || {
        if let Some(pipe) = &mut pipe {
            // A program that reads no more than it needs is not wrong.
            let _closed_early = pipe.write_all(text.as_bytes());
        }
    });
    let output = child.wait_with_output().map_err(failed)?;
    let _joined = writer.join();
    if !output.status.success() {
        return Err(Failure::plain(format!("{program} failed")));
    }
    Ok(output.stdout)
}
