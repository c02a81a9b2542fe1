//! The table of a suite's command lines.

use std::path::PathBuf;

use serde::Deserialize;

use crate::prerequisite::workspace;

/// A command or a group of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// A group.
    Group(Box<Group>),
    /// A command.
    Case(Box<Case>),
}

/// Commands that share a CIB.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// `shadow`: an empty shadow CIB; else the file beside the table that `CIB_file` names.
    pub cib: String,
    /// Run before the commands.
    #[serde(default)]
    pub setup: Vec<String>,
    /// The commands.
    pub tests: Vec<Case>,
}

/// One command and what surrounds it; commands are in the shell's language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name in the reference.
    pub test: String,
    /// The command.
    pub command: String,
    /// The CIB after it belongs to what is compared.
    #[serde(default)]
    pub update_cib: bool,
    /// Run before it.
    #[serde(default)]
    pub setup: Vec<String>,
    /// A command whose output is the standard input.
    pub stdin_of: Option<String>,
}

/// Returns the file `name` of the tables' folder.
pub fn path(name: &str) -> PathBuf {
    workspace().join("fixtures/command_lines").join(name)
}

/// Reads the table of a suite.
///
/// # Panics
/// Where it is missing or malformed.
pub fn load(suite: &str) -> Vec<Step> {
    let path = path(&format!("{suite}.json"));
    let text = std::fs::read_to_string(&path);
    let text = text.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
