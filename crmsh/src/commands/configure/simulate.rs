//! `ptest`: what the cluster would do with the changes.

use cib_model::xml::{Dialect, Layout};

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::told;
use crate::shell::Shell;

/// `configure ptest`
pub(super) const PTEST: Command = Command {
    name: "ptest",
    aliases: &["simulate"],
    signature: "[args ...]",
    usage: "ptest [nograph] [v...] [scores] [utilization] [actions]",
    summary: "Show what the cluster would do with the changes",
    complete: &[Complete::Words(&["nograph", "scores", "utilization", "actions"])],
    run,
    ..Command::BASE
};

fn run(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let mut options = vec!["-S".to_owned()];
    for word in call.args {
        match word.as_str() {
            "nograph" | "actions" => {}
            "scores" => options.push("-s".to_owned()),
            "utilization" => options.push("-U".to_owned()),
            v if v.chars().all(|c| c == 'v') => {
                options.push(format!("-{}", v.to_uppercase()));
            }
            _ => return Err(Failure::bad_usage(call.command.name, call.args, "")),
        }
    }
    shell.simulate(options)
}

impl Shell {
    /// Runs `crm_simulate` on the CIB of the session, changes included.
    pub(crate) fn simulate(&mut self, mut options: Vec<String>) -> Outcome {
        let text = self.session.cib().map_err(told)?.write(Layout::Pretty, Dialect::Pcmk3);
        let failed = |e: std::io::Error| Failure::plain(format!("crm_simulate: {e}"));
        let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
        let path = file.path().to_string_lossy().into_owned();
        let mut args = vec!["-x".to_owned(), path];
        args.append(&mut options);
        self.tool("crm_simulate", &args)
    }
}
