//! Where the report goes, and in which format.
//!
//! **Source:** pacemaker `lib/common/output.c` (`pcmk__output_new()`), `cmdline.c`
//! (`pcmk__quote_cmdline()`).

use std::fs::File;
use std::io::Write as _;

use policy::render::exit_text;
use policy::render::report::{NoReport, Report, TextReport, TimeTexts, XmlReport};

use super::options::Options;
use super::{Refusal, os_exit, os_text};
use crate::console::Console;
use crate::exit::Exit;
use crate::ui::localtime::{ctime, zoned};

/// The report and its destination.
pub(super) struct Output<'a> {
    pub(super) report: Box<dyn Report + 'a>,
    format: Format,
    /// `None` is standard output.
    file: Option<File>,
    /// What went wrong, where the format tells it at the end.
    errors: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Text,
    Xml,
    None,
}

impl Output<'_> {
    /// Opens what the options ask for.
    pub(super) fn open(
        options: &Options,
        argv: &[String],
        _console: &Console,
    ) -> Result<Output<'static>, Refusal> {
        let name = options.output_as.as_str();
        let refuse = |why: &str, exit| {
            Refusal::new(format!("Error creating output format {name}: {why}"), exit).plain()
        };
        let times = TimeTexts { local: &ctime, zoned: &zoned };
        let (format, report): (Format, Box<dyn Report>) = match name {
            "text" => {
                let scores = options.evidence().scores;
                (Format::Text, Box::new(TextReport::new(options.quiet, scores, times)))
            }
            "xml" => {
                let request = quoted(argv);
                (Format::Xml, Box::new(XmlReport::new(&request, options.quiet, times)))
            }
            "none" => (Format::None, Box::new(NoReport)),
            _ => return Err(refuse("Unknown output format", Exit::NO_SUCH)),
        };
        let path = options.output_to.as_ref().filter(|path| path.as_os_str() != "-");
        let file = path
            .map(|path| File::create(path).map_err(|e| refuse(&os_text(&e), os_exit(&e))))
            .transpose()?;
        Ok(Output { report, format, file, errors: Vec::new() })
    }

    /// Prints what is complete.
    pub(super) fn flush(&mut self, console: &mut Console) {
        let text = self.report.take();
        self.print(&text, console);
    }

    fn print(&mut self, text: &str, console: &mut Console) {
        match &mut self.file {
            None => console.print(text),
            Some(file) => {
                if let Err(error) = file.write_all(text.as_bytes()) {
                    console.complain(&format!("crm_simulate: {}", os_text(&error)));
                }
            }
        }
    }

    /// Tells what went wrong without ending the run.
    pub(super) fn errors(&mut self, errors: Vec<String>, console: &mut Console) {
        if self.format == Format::Xml {
            self.errors.extend(errors);
            return;
        }
        self.flush(console);
        for error in errors {
            console.complain(&error);
        }
    }

    /// Answers the question for the version.
    pub(super) fn version(&mut self, console: &mut Console) {
        match self.format {
            Format::Text => self.print(&crate::tools::version_text(), console),
            Format::Xml => self.report.version("Pacemaker", env!("CARGO_PKG_VERSION")),
            Format::None => {}
        }
    }

    /// Ends the report.
    pub(super) fn finish(mut self, exit: Exit, console: &mut Console) -> Exit {
        let message = exit_words(exit);
        let text = self.report.finish(exit.code(), message, &self.errors);
        self.print(&text, console);
        exit
    }
}

/// Returns the words for an exit code of a tool.
///
/// # Source
/// `crm_exit_str()`
fn exit_words(exit: Exit) -> &'static str {
    match exit {
        Exit::TOOL_USAGE => "Incorrect usage",
        Exit::DATA => "Invalid data given",
        Exit::NO_INPUT => "Input file not available",
        Exit::IO => "I/O error occurred",
        Exit::CONFIG => "Invalid configuration",
        Exit::DISCONNECTED => "Not connected",
        Exit::NO_SUCH => "No such object",
        Exit::EXISTS => "Requested item already exists",
        other => exit_text(i32::from(other.code())),
    }
}

/// Returns the command line as a shell would read it.
fn quoted(argv: &[String]) -> String {
    let mut line = String::from("crm_simulate");
    for arg in argv {
        line.push(' ');
        let special = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '\\');
        if arg.is_empty() || arg.contains(special) {
            line.push_str(&format!("'{}'", arg.replace('\'', "'\\''")));
        } else {
            line.push_str(arg);
        }
    }
    line
}
