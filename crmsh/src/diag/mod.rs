//! Printing diagnostics: crm's own sentence, the place in the source, or JSON.

mod full;
mod json;

use crm_syntax::diag::{Diagnostic, Severity};

use crate::args::DiagnosticsArg;
use crate::console::Level;
use crate::shell::Shell;

/// The text that diagnostics speak about.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its name: a file's, or `command`.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
}

impl Shell {
    /// Prints diagnostics in the form that was chosen.
    pub(crate) fn report(&mut self, diagnostics: &[Diagnostic], source: Source<'_>) {
        for diagnostic in diagnostics {
            match self.settings.diagnostics {
                DiagnosticsArg::Json => {
                    let line = json::render(diagnostic);
                    self.console.complain(&line);
                }
                DiagnosticsArg::Full if diagnostic.span.is_some() => {
                    let text = full::render(diagnostic, source);
                    self.console.complain(text.trim_end());
                }
                _ => self.tell_diagnostic(diagnostic, source),
            }
        }
    }

    fn tell_diagnostic(&mut self, diagnostic: &Diagnostic, source: Source<'_>) {
        let level = match diagnostic.severity {
            Severity::Info => Level::Info,
            Severity::Warning => Level::Warning,
            Severity::Error => Level::Error,
        };
        let text = match diagnostic.line {
            Some(line) if source.name != COMMAND => format!("{line}: {}", diagnostic.message),
            _ => diagnostic.message.clone(),
        };
        self.console.message(level, &text);
    }
}

/// Name of the source of what was typed as a command.
pub(crate) const COMMAND: &str = "command";
