//! Lints crm configurations in CI: `lint_crm FILE…`. Exit code 1 where there is an error.

#![expect(clippy::disallowed_methods, reason = "the library reads no file, a program does")]
#![expect(clippy::print_stdout, reason = "findings are what the program is for")]

use std::process::ExitCode;

use cib_model::Cib;
use cib_model::validate::{self, Severity};
use crm_syntax::agents::NoAgents;
use crm_syntax::style::Style;
use crm_syntax::{Editor, LoadMethod, Options};

fn main() -> Result<ExitCode, std::io::Error> {
    let mut errors = 0;
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path)?;
        let mut cib = Cib::empty();
        let options = Options::new(Style::Modern, &NoAgents);
        // All or nothing: what cannot be read is told with its place, and nothing is loaded.
        if let Err(diagnostics) = Editor::new(&mut cib, &options).load(&text, LoadMethod::Update) {
            for found in &diagnostics {
                println!("{path}:{}: error: {}", found.line.unwrap_or(1), found.message);
            }
            errors += diagnostics.len();
            continue;
        }
        for found in validate::check(&cib) {
            let (object, message) = (&found.object, &found.message);
            println!("{path}: {:?} in '{object}': {message}", found.severity);
            errors += usize::from(found.severity == Severity::Error);
        }
    }
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
