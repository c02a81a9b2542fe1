//! Levels of what the daemon says. Cores return log lines as commands; only the daemon writes them.

use std::fmt;
use std::str::FromStr;

/// How important a line is, most important first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Something needs a person.
    Error,
    /// Something is not as it should be.
    Warning,
    /// The cluster's life: members, DC, actions.
    Notice,
    /// Details of normal operation.
    Info,
    /// For developers.
    Debug,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
            Level::Info => "info",
            Level::Debug => "debug",
        })
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "error" => Ok(Level::Error),
            "warning" => Ok(Level::Warning),
            "notice" => Ok(Level::Notice),
            "info" => Ok(Level::Info),
            "debug" => Ok(Level::Debug),
            _ => Err(format!("`{text}` is no level: error, warning, notice, info or debug")),
        }
    }
}
