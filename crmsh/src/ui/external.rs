//! Running the cluster's own programs: arguments as a list, never through a shell.

use std::process::{Command, Stdio};

use cluster_link::client::Client;

use crate::exit::{Failure, Outcome};
use crate::shell::Shell;

impl Shell {
    /// Runs a program with the user's own streams.
    ///
    /// # Errors
    /// It is not installed, or failed after it said why.
    pub(crate) fn external(&mut self, program: &str, args: &[&str]) -> Outcome {
        if self.settings.regression {
            self.console.line(&format!(".EXT {program} {}", args.join(" ")));
        }
        self.console.flush();
        let status = Command::new(program).args(args).stdin(Stdio::inherit()).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(Failure::Told),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Failure::Plain(format!("{program} not available, check your installation")))
            }
            Err(error) => Err(Failure::Plain(format!("{program}: {error}"))),
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

    /// Runs one of our own tools, or the installed program of that name.
    pub(crate) fn tool(&mut self, name: &str, args: &[String]) -> Outcome {
        if let Some(exit) = crate::tools::run(name, args, &mut self.console) {
            return if exit == crate::exit::Exit::OK { Ok(()) } else { Err(Failure::Told) };
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.external(name, &args)
    }

    /// Runs a program and returns what it wrote to stdout.
    ///
    /// # Errors
    /// It is not installed, or failed.
    pub(crate) fn output_of(&mut self, program: &str, args: &[&str]) -> Result<Vec<u8>, Failure> {
        self.console.debug(format!("running {program} {}", args.join(" ")));
        let output = Command::new(program)
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
