//! `configure show`.

use crm_syntax::style::Release;
use crm_syntax::{Filter, list, show, show_xml};

use crate::commands::Invocation;
use crate::exit::Outcome;
use crate::registry::{Command, Complete, Skill};
use crate::session::told;
use crate::shell::Shell;
use crate::shell::pager::page;

/// `configure show`
pub(super) const SHOW: Command = Command {
    name: "show",
    signature: "[args ...]",
    usage: "show [xml] [<id> | <glob> | type:<type> | tag:<tag> | related:<id> | obscure:<glob>\n  \
            | and | or ...]\nshow [xml] changed",
    summary: "Show objects",
    help: "Without arguments all are shown. `and` joins two conditions; otherwise what fits any of\n\
           them is shown. `changed` shows what is not committed. Values of names that fit\n\
           core.obscure_pattern are hidden, or of those that fit obscure:<glob>.",
    skill: Skill::Administrator,
    complete: &[Complete::Object],
    run,
    ..Command::BASE
};

/// `configure _objects`: for the regression suite.
pub(super) const OBJECTS: Command = Command {
    name: "_objects",
    summary: "List the objects in memory",
    run: objects,
    ..Command::BASE
};

/// `configure _test`: for the regression suite.
pub(super) const TEST: Command =
    Command { name: "_test", summary: "Check the objects in memory", ..Command::BASE };

/// `configure _regtest`: for the regression suite.
pub(super) const REGTEST: Command = Command {
    name: "_regtest",
    signature: "param",
    summary: "Accepted for the regression suite",
    ..Command::BASE
};

fn run(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let xml = call.arg(0) == Some("xml");
    let words = call.args.get(usize::from(xml)..).unwrap_or_default();
    if shell.release() == Release::Five && words.iter().any(|w| w == "changed") {
        let diff = shell.pending_diff();
        page(shell, &diff);
        return Ok(());
    }
    let style = shell.style()?;
    let mut filter = shell.filter(words);
    if words.iter().any(|w| w == "changed") {
        filter.changed = shell.session.touched().map_err(told)?.into_iter().collect();
    }
    let cib = shell.session.cib().map_err(told)?;
    let shown = if xml { show_xml(cib, &filter) } else { show(cib, style, &filter) };
    match shown {
        Ok(text) => {
            page(shell, &text);
            if xml {
                shell.console.print("\n");
            }
            Ok(())
        }
        Err(diagnostic) => Err(shell.refuse(&diagnostic)),
    }
}

fn objects(shell: &mut Shell, _: &Invocation<'_>) -> Outcome {
    let cib = shell.session.cib().map_err(told)?;
    let text: String =
        list(cib).iter().map(|o| format!("{:>20} {}\n", o.id, o.kind.keyword())).collect();
    shell.console.print(&text);
    Ok(())
}

impl Shell {
    /// Returns the filter for the arguments of `show`.
    pub(crate) fn filter(&self, words: &[String]) -> Filter {
        let sort = self.config.is_true("core.sort_elements");
        let mut filter = Filter { sort, loadable: false, ..self.plain_filter() };
        let pattern = self.config.get("core.obscure_pattern");
        filter.obscure = pattern
            .split(['|', ' '])
            .filter(|p| !p.is_empty() && *p != "None")
            .map(str::to_owned)
            .collect();
        filter.with_words(words)
    }

    fn plain_filter(&self) -> Filter {
        let order = self.session.order().to_vec();
        Filter { release: self.release(), order, ..Filter::plain() }
    }

    /// Returns the objects as text that can be loaded again.
    pub(crate) fn plain_text(&mut self, words: &[String]) -> Result<String, crate::exit::Failure> {
        let style = self.style()?;
        let sort = self.config.is_true("core.sort_elements");
        let filter = Filter { sort, ..self.plain_filter() }.with_words(words);
        let shown = show(self.session.cib().map_err(told)?, style, &filter);
        shown.map_err(|d| self.refuse(&d))
    }
}
