//! The table of a suite's command lines.

use std::collections::BTreeMap;
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

/// Variables of the environment: what they are set to, or that they are taken away.
pub type Variables = BTreeMap<String, Option<String>>;

/// Commands that share a CIB or an environment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// `shadow`: an empty shadow CIB; `shadow folder`: a place for one; else a file, beside the table
    /// or of the reference's data, and `CIB_file` names a copy of it.
    pub cib: Option<String>,
    /// The environment of all that is run.
    #[serde(default)]
    pub env: Variables,
    /// Run before the commands.
    #[serde(default)]
    pub setup: Vec<String>,
    /// The commands.
    pub tests: Vec<Step>,
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
    /// The environment of the command and of what is run before it.
    #[serde(default)]
    pub env: Variables,
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
