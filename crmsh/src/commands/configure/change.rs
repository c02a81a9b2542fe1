//! Changing the CIB in memory through the language, and telling what came of it.

use cib_model::Cib;
use crm_syntax::diag::Diagnostic;
use crm_syntax::text::Mode;
use crm_syntax::{Editor, Options};

use crate::diag::Source;
use crate::exit::{Failure, Outcome};
use crate::session::told;
use crate::shell::Shell;

/// What a change of the CIB reports.
pub(crate) type Change = crm_syntax::Outcome;

impl Shell {
    /// Runs a change of the CIB in memory and prints what it reports.
    ///
    /// # Errors
    /// The change was refused, or the CIB cannot be read; nothing is changed then.
    pub(crate) fn edit_cib(
        &mut self,
        mode: Mode,
        source: Source<'_>,
        change: impl FnOnce(&mut Editor<'_>) -> Change,
    ) -> Outcome {
        let style = self.style()?;
        let agents = self.agents();
        let had_changes = self.session.has_changes();
        let ordered = !self.config.is_true("core.sort_elements");
        if ordered {
            self.session.load().map_err(told)?;
            self.session.note_order();
        }
        let release = self.release();
        let (cib, index) = self.session.cib_to_edit().map_err(told)?;
        let options = Options { style, mode, agents: &agents, release };
        let mut editor = match index {
            Some(index) => Editor::resume(cib, &options, index),
            None => Editor::new(cib, &options),
        };
        let result = change(&mut editor);
        let index = editor.into_index();
        match result {
            Ok(notes) => {
                self.session.keep_index(index);
                if ordered {
                    self.session.note_order();
                }
                self.report(&notes, source);
                Ok(())
            }
            Err(diagnostics) => {
                if !had_changes {
                    self.session.drop_changes();
                }
                self.report(&diagnostics, source);
                Err(Failure::Told)
            }
        }
    }

    /// Runs a change of the CIB in memory that needs no language.
    pub(crate) fn edit_tree<T>(
        &mut self,
        change: impl FnOnce(&mut Cib) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let had_changes = self.session.has_changes();
        let result = change(self.session.cib_mut().map_err(told)?);
        if result.is_err() && !had_changes {
            self.session.drop_changes();
        }
        result
    }

    /// Prints one diagnostic of a listing and fails.
    pub(crate) fn refuse(&mut self, diagnostic: &Diagnostic) -> Failure {
        let source = Source { name: crate::diag::COMMAND, text: "" };
        self.report(std::slice::from_ref(diagnostic), source);
        Failure::Told
    }
}

/// Writes words as a line that splits into the same words again.
pub(super) fn line_of(words: &[&str]) -> String {
    let plain = |w: &str| !w.is_empty() && !w.contains([' ', '\t', '\n', '\r', '"', '\'', '\\']);
    let quoted: Vec<String> = words
        .iter()
        .map(|word| {
            if plain(word) {
                (*word).to_owned()
            } else {
                format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
            }
        })
        .collect();
    quoted.join(" ")
}
