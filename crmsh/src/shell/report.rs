//! Printing diagnostics: crm's own sentence, the place in the source, or JSON.

use crm_syntax::diag::{Diagnostic, Severity};
use crm_syntax::style::Release;

use super::Shell;
use crate::args::DiagnosticsArg;
use crate::console::Level;
use crate::diag::{COMMAND, LISTING, Source, full, json};

impl Shell {
    /// Prints diagnostics in the form that was chosen.
    pub(crate) fn report(&mut self, diagnostics: &[Diagnostic], source: Source<'_>) {
        for diagnostic in diagnostics {
            match self.settings.diagnostics {
                DiagnosticsArg::Json => {
                    let line = json::render(diagnostic, source);
                    self.console.complain(&line);
                }
                DiagnosticsArg::Full => {
                    self.tell_diagnostic(diagnostic, source);
                    let text = full::render(diagnostic, source);
                    if !text.is_empty() {
                        self.console.complain(&text);
                    }
                }
                // crm has no hints
                DiagnosticsArg::Crm if diagnostic.severity == Severity::Hint => {}
                DiagnosticsArg::Crm => self.tell_diagnostic(diagnostic, source),
            }
        }
    }

    fn tell_diagnostic(&mut self, diagnostic: &Diagnostic, source: Source<'_>) {
        let level = match diagnostic.severity {
            Severity::Info => Level::Info,
            Severity::Hint | Severity::Warning => Level::Warning,
            Severity::Error => Level::Error,
        };
        let number = self.number_of(diagnostic, source);
        let input_line = self.console.line_number();
        self.console.set_line(number);
        self.console.message(level, &diagnostic.message);
        self.console.set_line(input_line);
    }

    /// Returns the number that stands before a message: the line of the text it is about, or under
    /// `-R` the line of the input.
    ///
    /// **Source:** crmsh `log.py`, `line_number()`: 4.4 counts the lines of every text, 5.1 those
    /// of a text that goes through a filter, and only for what the parser finds.
    fn number_of(&self, diagnostic: &Diagnostic, source: Source<'_>) -> Option<u64> {
        let input_line = self.console.line_number();
        let line = diagnostic.line.and_then(|l| u64::try_from(l).ok());
        let message = &diagnostic.message;
        let is_syntax = message.starts_with("syntax") || message.contains(" listed more than once");
        let is_listing = source.name == LISTING;
        match (self.release(), source.name, input_line) {
            (_, COMMAND, _) => input_line,
            _ if is_listing && is_syntax => line.or(Some(1)),
            (Release::Four, _, _) if is_listing && !self.is_classic() => None,
            (_, LISTING, _) | (Release::Five, _, Some(_)) => input_line,
            _ => line,
        }
    }
}
