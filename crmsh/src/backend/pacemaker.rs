//! A live Pacemaker, through its own stable command lines.
//!
//! **Source:** crmsh `cibconfig.py`: `cibadmin -Ql` reads, `cibadmin -p -P` takes a patch,
//! `cibadmin -p -R` a configuration.

use std::io::Write;
use std::process::{Command, Stdio};

use cib_model::Cib;
use cib_model::xml::{Dialect, Layout, write_element};

use super::{Backend, BackendError, Change, Method, Refused};

/// Set for the `cibadmin` that is asked: where that is this program under Pacemaker's name, it must
/// not ask again.
const ASKED: &str = "CRM_ASKED_AS_PACEMAKER";

/// The cluster this machine belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct PacemakerBackend;

impl Backend for PacemakerBackend {
    fn name(&self) -> &'static str {
        "live"
    }

    fn is_cluster(&self) -> bool {
        true
    }

    fn query(&self) -> Result<Cib, BackendError> {
        let output = cibadmin()?
            .arg("-Ql")
            .stdin(Stdio::null())
            .output()
            .map_err(|e| BackendError::Unreachable(format!("cibadmin: {e}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(BackendError::Unreachable(said.trim_end().to_owned()));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        Cib::read(&text).map_err(|error| BackendError::Xml {
            path: "cibadmin -Ql".to_owned(),
            message: error.to_string(),
        })
    }

    fn commit(&self, change: &Change<'_>) -> Result<(), BackendError> {
        let current = self.query()?;
        match change.method {
            Method::Replace => replace(&current, change),
            Method::Patch | Method::Exact => patch(&current, change),
        }
    }
}

fn cibadmin() -> Result<Command, BackendError> {
    if std::env::var_os(ASKED).is_some() {
        return Err(BackendError::Unreachable("no daemon runs, and no Pacemaker".to_owned()));
    }
    let mut command = Command::new("cibadmin");
    command.env(ASKED, "1");
    Ok(command)
}

fn patch(current: &Cib, change: &Change<'_>) -> Result<(), BackendError> {
    let next = super::merge::onto(current, change)?;
    // Versions are the cluster's to raise; the patch says only what changes, of the status too.
    let Some(mut patch) = current.diff(&next) else { return Ok(()) };
    patch.remove_versions();
    let text = patch.write(Layout::Pretty, Dialect::Pcmk3);
    pipe("-P", change.force, &text, "patch")
}

fn replace(current: &Cib, change: &Change<'_>) -> Result<(), BackendError> {
    let next = super::merge::onto(current, change)?;
    let Some(configuration) = next.configuration() else { return Ok(()) };
    let text = write_element(configuration, Layout::Pretty, Dialect::Pcmk3);
    pipe("-R", change.force, &text, "replace")
}

/// Hands a document to `cibadmin -p OPTION`.
fn pipe(option: &str, force: bool, document: &str, task: &'static str) -> Result<(), BackendError> {
    let unreachable = |e: std::io::Error| BackendError::Unreachable(format!("cibadmin: {e}"));
    let mut command = cibadmin()?;
    command.args(["-p", option]).args(force.then_some("--force"));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(unreachable)?;
    if let Some(mut pipe) = child.stdin.take() {
        pipe.write_all(document.as_bytes()).map_err(unreachable)?;
    }
    let output = child.wait_with_output().map_err(unreachable)?;
    if output.status.success() {
        return Ok(());
    }
    Err(BackendError::Refused(Refused {
        task,
        code: output.status.code().unwrap_or(-1),
        text: String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
    }))
}
