//! The `crm` binary that tests and benches run.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::prerequisite::workspace;

/// Returns the debug binary, building it where needed.
///
/// # Panics
/// Where cargo cannot build it.
pub fn crm() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build(&[])).clone()
}

/// Returns the release binary, building it where needed.
///
/// # Panics
/// Where cargo cannot build it.
pub fn crm_release() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build(&["--release"])).clone()
}

fn build(profile: &[&str]) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "-p", "crmsh", "--bin", "crm"]).args(profile);
    command.arg("--message-format=json").current_dir(workspace());
    let built = command.stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(built.status.success(), "cargo build failed");
    let text = String::from_utf8_lossy(&built.stdout);
    let messages = text.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok());
    let executables =
        messages.filter_map(|m| m.get("executable")?.as_str().map(PathBuf::from)).next_back();
    executables.expect("cargo names the binary it built")
}
