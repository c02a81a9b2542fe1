//! Running the cluster's own programs: arguments as a list, never through a shell.

use std::process::{Command, Stdio};

use cluster_link::client::Client;

use super::Shell;
use crate::exit::{Failure, Outcome};

impl Shell {
    /// Runs a program with the user's own streams.
    ///
    /// # Errors
    /// It is not installed, or failed after it said why.
    pub(crate) fn external(&mut self, program: &str, args: &[&str]) -> Outcome {
        if self.settings.regression {
            self.console.line(&format!(".EXT {program} {}", args.join(" ")));
        }
        let mut command = self.session.program(program);
        command.args(args);
        self.run_program(program, command)
    }

    fn run_program(&mut self, name: &str, mut command: Command) -> Outcome {
        self.console.flush();
        match command.stdin(Stdio::inherit()).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(Failure::Told),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Failure::Plain(format!("{name} not available, check your installation")))
            }
            Err(error) => Err(Failure::Plain(format!("{name}: {error}"))),
        }
    }

    /// Waits until the cluster has done what follows from a change.
    ///
    /// # Errors
    /// There is no cluster to wait for.
    pub(crate) fn wait_settled(&mut self, _what: &str) -> Outcome {
        if !self.session.backend().is_cluster() {
            self.console.warning("can't find DC");
            return Err(Failure::Told);
        }
        if let Some(mut client) = self.daemon()? {
            let limit = std::time::Duration::from_mins(10);
            return client.wait_idle(limit).map_err(|e| Failure::Plain(e.to_string()));
        }
        self.external("crm_resource", &["--wait"])
    }

    /// Runs one of our own tools. A tool goes by the environment: where the session does not, it runs
    /// as a program with an environment of its own.
    pub(crate) fn tool(&mut self, name: &str, args: &[String]) -> Outcome {
        if self.session.goes_by_environment()
            && let Some(exit) = crate::tools::run(name, args, &mut self.console)
        {
            return if exit == crate::exit::Exit::OK { Ok(()) } else { Err(Failure::Told) };
        }
        let own = std::env::current_exe().map_err(|e| Failure::Plain(format!("{name}: {e}")))?;
        let mut command = self.session.program(own);
        command.args(["tool", name]).args(args);
        self.run_program(name, command)
    }

    /// Runs a program and returns what it wrote to stdout.
    ///
    /// # Errors
    /// It is not installed, or failed.
    pub(crate) fn output_of(&mut self, program: &str, args: &[&str]) -> Result<Vec<u8>, Failure> {
        self.console.debug(format!("running {program} {}", args.join(" ")));
        let output = self
            .session
            .program(program)
            .args(args)
            .stdin(Stdio::null())
            .output()
            .map_err(|e| Failure::Plain(format!("{program}: {e}")))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Failure::Plain(format!("{program}: {}", said.trim_end())))
    }

    /// Connects to our own daemon, where that is what the session works on.
    pub(crate) fn daemon(&mut self) -> Result<Option<Client>, Failure> {
        let Some(socket) = self.session.backend().socket() else { return Ok(None) };
        Client::connect(socket, "crm").map(Some).map_err(|e| Failure::Plain(e.to_string()))
    }
}
