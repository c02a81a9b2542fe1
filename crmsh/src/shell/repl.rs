//! The loop that reads lines: from a person at a terminal, a pipe or a file.
//!
//! **Source:** crmsh `main.py`, `main_input_loop()`.

use std::borrow::Cow;
use std::io::{self, BufRead, IsTerminal};

use crm_syntax::text::decode;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{CompletionType, Config, Context, Editor, Helper, Highlighter, Hinter, Validator};

use super::line::LineJoiner;
use super::prompt::CONTINUATION;
use super::{Shell, complete, history};
use crate::diag::{COMMAND, Source};
use crate::exit::Exit;

impl Shell {
    /// Tells whether a person sits at the other end of stdin.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal()
    }

    /// Runs every line of `input`. A failed line does not stop the rest; at the end of the input
    /// the level is left, which commits.
    pub fn run_batch(&mut self, mut input: impl BufRead) -> Exit {
        let mut exit = Exit::OK;
        let mut joiner = LineJoiner::default();
        let (mut raw, mut is_broken) = (Vec::new(), false);
        loop {
            raw.clear();
            let more = input.read_until(b'\n', &mut raw);
            let logical = match more {
                Ok(0) => match joiner.finish() {
                    Some(rest) => rest,
                    None => break,
                },
                Ok(_) => {
                    let (text, broken) = decode(&raw);
                    let text = text.trim_end_matches(['\n', '\r']);
                    self.count_line();
                    if self.settings.regression {
                        self.console.line(&format!(".INP: {text}"));
                    }
                    is_broken |= !broken.is_empty();
                    self.report(&broken, Source { name: COMMAND, text });
                    match joiner.push(text) {
                        Some(_) if std::mem::take(&mut is_broken) => {
                            exit = Exit::FAILED;
                            continue;
                        }
                        Some(logical) => logical,
                        None => continue,
                    }
                }
                Err(error) => {
                    self.console.error(format!("cannot read the input: {error}"));
                    exit = Exit::FAILED;
                    break;
                }
            };
            if !self.run_line(&logical) {
                exit = Exit::FAILED;
            }
            if let Some(left) = self.leaving() {
                return if left == Exit::OK { exit } else { left };
            }
        }
        match self.quit(exit) {
            Ok(()) => self.leaving().unwrap_or(exit),
            Err(_) => Exit::FAILED,
        }
    }

    /// Talks with a person until he leaves.
    pub fn run_terminal(&mut self) -> Exit {
        let mut editor = match line_editor() {
            Ok(editor) => editor,
            Err(error) => {
                self.console.error(format!("cannot use the terminal: {error}"));
                return self.run_batch(io::stdin().lock());
            }
        };
        let history = history::path().filter(|path| history::secure(path).is_ok());
        if let Some(path) = &history {
            // An unreadable history is an empty history.
            let _unreadable = editor.load_history(path);
        }
        let exit = self.converse(&mut editor);
        if let Some(path) = &history
            && let Err(error) = editor.save_history(path)
        {
            self.console.warning(format!("cannot save the history: {error}"));
        }
        exit
    }

    fn converse(&mut self, editor: &mut Editor<ShellHelper, DefaultHistory>) -> Exit {
        let mut joiner = LineJoiner::default();
        loop {
            self.console.flush();
            let continued = joiner.is_continued();
            if !continued && let Some(helper) = editor.helper_mut() {
                helper.candidates = complete::Snapshot::of(self);
            }
            let read = if continued {
                editor.readline(CONTINUATION)
            } else {
                editor.readline(&(self.prompt(), self.styled_prompt()))
            };
            match read {
                Ok(text) => {
                    let Some(logical) = joiner.push(&text) else { continue };
                    if !logical.is_empty() {
                        // The history is a convenience; a line it refuses is simply not kept.
                        let _kept = editor.add_history_entry(&logical);
                    }
                    self.run_line(&logical);
                }
                Err(ReadlineError::Eof) => {
                    joiner.clear();
                    // "cancel" at the question leaves the user where he was.
                    let _cancelled = self.quit(Exit::OK);
                }
                Err(ReadlineError::Interrupted) => {
                    self.console.line("Ctrl-C, leaving");
                    let _cancelled = self.quit(Exit::FAILED);
                }
                Err(error) => {
                    self.console.error(format!("cannot read from the terminal: {error}"));
                    return Exit::FAILED;
                }
            }
            if let Some(exit) = self.leaving() {
                return exit;
            }
        }
    }
}

fn line_editor() -> rustyline::Result<Editor<ShellHelper, DefaultHistory>> {
    let config = Config::builder()
        .max_history_size(history::KEPT_LINES)?
        .completion_type(CompletionType::List)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(ShellHelper::default()));
    Ok(editor)
}

/// Gives rustyline the shell's completion and the colour of the prompt.
#[derive(Default, Helper, Hinter, Validator, Highlighter)]
struct ShellHelper {
    candidates: complete::Snapshot,
}

impl Completer for ShellHelper {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = line.get(..position).unwrap_or(line);
        let (start, found) = self.candidates.complete(typed);
        let pair = |word: Cow<'static, str>| {
            let tail = if word.ends_with(['=', ':']) { "" } else { " " };
            Pair { replacement: format!("{word}{tail}"), display: word.into_owned() }
        };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}
