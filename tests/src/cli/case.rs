//! The table of a suite's command lines.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::prerequisite::workspace;

/// Commands in the shell's language; in JSON one string or several.
pub type Commands = Vec<String>;
/// Variables to set, or to unset.
pub type Env = BTreeMap<String, Option<String>>;

/// A command or a group of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// A group.
    Group(Box<Group>),
    /// A command.
    Case(Box<Case>),
}

/// Commands that share an environment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The shadow CIB to work on: `none` (only its folder), `empty`, `copy` (of the current CIB).
    pub shadow: Option<String>,
    /// Schema of the shadow CIB.
    pub validate_with: Option<String>,
    /// Variables.
    #[serde(default)]
    pub env: Env,
    /// A file of which a copy becomes `CIB_file`.
    pub cib_file: Option<String>,
    /// What stands in `CIB_file`.
    pub cib_text: Option<String>,
    /// Run before the commands.
    #[serde(default)]
    pub setup: Commands,
    /// Run after them.
    #[serde(default)]
    pub teardown: Commands,
    /// The commands.
    pub tests: Vec<Step>,
}

/// One command and what surrounds it.
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
    /// The command gets a copy of the CIB, changed by `setup`, on its standard input.
    #[serde(default)]
    pub replaces: bool,
    /// Run before it.
    #[serde(default)]
    pub setup: Commands,
    /// Run after it.
    #[serde(default)]
    pub teardown: Commands,
    /// Standard input.
    pub stdin: Option<String>,
    /// A command whose output is the standard input.
    pub stdin_of: Option<String>,
    /// A file that is the standard input.
    pub stdin_file: Option<String>,
    /// Variables.
    #[serde(default)]
    pub env: Env,
}

/// Reads the table of a suite.
///
/// # Panics
/// Where it is missing or malformed.
pub fn load(suite: &str) -> Vec<Step> {
    let path = workspace().join(format!("tests/cases/pacemaker-cli/{suite}.json"));
    let text = std::fs::read_to_string(&path);
    let text = text.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
