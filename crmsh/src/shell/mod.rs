//! The shell: where the user stands in the tree of levels, and one line at a time.
//!
//! Reading order: [`words`] splits a line, [`dispatch`] walks it through the registry and runs the
//! command, [`navigate`] enters and leaves levels, [`repl`] reads lines from a terminal or a file;
//! `verify` and `commit` bring pending changes in, [`confirm`] asks before that; `report` prints
//! diagnostics, `external` runs programs.

mod commit;
pub mod complete;
pub mod confirm;
pub mod dispatch;
mod external;
pub mod history;
pub mod line;
pub mod navigate;
pub mod pager;
pub mod prompt;
mod relax_ng;
pub mod repl;
mod report;
mod verify;
pub mod words;

pub(crate) use verify::Verdict;

use crm_syntax::style::{Release, Style};

use crate::agents::Agents;
use crate::args::StyleArg;
use crate::backend::{Place, Shadows};
use crate::commands;
use crate::config::Config;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::registry::Level;
use crate::session::{Session, told};

/// What the command line and the environment say about this run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `-F`: yes to every question, commit in spite of errors.
    pub force: bool,
    /// `-n`: no to every question.
    pub no: bool,
    /// A person can be asked: stdin is a terminal and the input is not a file.
    pub interactive: bool,
    /// Lines come from a file or a pipe.
    pub batch: bool,
    /// `-R`: print what crmsh's regression suite compares.
    pub regression: bool,
    /// `--diagnostics`.
    pub diagnostics: crate::args::DiagnosticsArg,
    /// `--style`, before the option and the environment.
    pub style: Option<crate::args::StyleArg>,
    /// `--output-as`.
    pub output_as: Option<String>,
}

/// One user's session: everything a command may touch.
pub struct Shell {
    /// Where text goes.
    pub console: Console,
    /// Options of the configuration files and `-o`.
    pub config: Config,
    /// The CIB being edited.
    pub session: Session,
    /// Options of this run.
    pub settings: Settings,
    /// The configuration that the template level works on; empty for none.
    pub template: String,
    /// True where the options level changed something that is not saved.
    pub options_changed: bool,
    stack: Vec<&'static Level>,
    mark: usize,
    in_transit: bool,
    line_number: u64,
    must_wait: bool,
    leaving: Option<Exit>,
}

impl Shell {
    /// Makes a shell that stands at the root.
    pub fn new(console: Console, config: Config, settings: Settings) -> Shell {
        let shadows = Shadows::new(config.get("path.crm_config"));
        Shell {
            session: Session::new(shadows),
            console,
            config,
            settings,
            template: String::new(),
            options_changed: false,
            stack: vec![&commands::root::LEVEL],
            mark: 1,
            in_transit: false,
            line_number: 0,
            must_wait: false,
            leaving: None,
        }
    }

    /// Returns the level the user stands in.
    pub fn level(&self) -> &'static Level {
        self.stack.last().copied().unwrap_or(&commands::root::LEVEL)
    }

    /// Returns the levels from below the root down to where the user stands.
    pub fn path(&self) -> &[&'static Level] {
        self.stack.get(1..).unwrap_or_default()
    }

    /// Returns true where the shell stands at the root.
    pub fn at_root(&self) -> bool {
        self.stack.len() <= 1
    }

    /// Returns the exit code, once `quit` was run.
    pub fn leaving(&self) -> Option<Exit> {
        self.leaving
    }

    /// Counts one line of batch input; messages carry the number under `-R`.
    pub fn count_line(&mut self) {
        self.line_number += 1;
        let shown = self.settings.regression.then_some(self.line_number);
        self.console.set_line(shown);
    }

    /// Returns the names completion may offer.
    pub fn known_names(&self) -> complete::Names {
        complete::Names::of(self.session.known(), self.session.shadows())
    }

    /// Goes on with a shadow CIB; what went wrong has been printed when this returns false.
    pub fn use_shadow(&mut self, name: &str) -> bool {
        match self.session.shadows().open(name) {
            Ok(_) => {
                self.session.go_to(Place::Shadow(name.to_owned()));
                true
            }
            Err(error) => {
                self.console.error(format!("cib.use: {error}"));
                false
            }
        }
    }

    /// Colours the level words of messages where the options want colours. crmsh's regression suite
    /// compares what it sees.
    pub fn choose_colours(&mut self) {
        self.console.set_colour(self.config.colours() && !self.settings.regression);
    }

    /// Returns the agents of this machine.
    pub fn agents(&self) -> Agents {
        Agents::new(self.config.get("path.ocf_root"))
    }

    /// Returns whose defaults the modern dialect writes.
    pub fn release(&self) -> Release {
        if self.config.get("core.release") == "5.1" { Release::Five } else { Release::Four }
    }

    /// Tells whether classic is written, as far as that is known without reading the CIB.
    pub fn is_classic(&self) -> bool {
        match self.chosen_style() {
            StyleArg::Classic => true,
            StyleArg::Modern => false,
            StyleArg::Auto => self.session.known().is_some_and(|cib| {
                let version = crate::status::model::property(cib, "dc-version");
                Style::of_dc_version(version) == Style::Classic
            }),
        }
    }

    fn chosen_style(&self) -> StyleArg {
        let word = std::env::var("CRM_STYLE").ok();
        self.settings
            .style
            .or_else(|| word.as_deref().and_then(StyleArg::from_word))
            .or_else(|| StyleArg::from_word(self.config.get("core.style")))
            .unwrap_or_default()
    }

    /// Returns the dialect that is written: what was asked for, else that of the CIB's age.
    ///
    /// # Errors
    /// The age is asked for, and the CIB cannot be read.
    pub fn style(&mut self) -> Result<Style, Failure> {
        match self.chosen_style() {
            StyleArg::Classic => Ok(Style::Classic),
            StyleArg::Modern => Ok(Style::Modern),
            StyleArg::Auto => {
                let cib = self.session.cib().map_err(told)?;
                Ok(Style::of_dc_version(crate::status::model::property(cib, "dc-version")))
            }
        }
    }
}
