//! What the scheduler has to say of the configuration, as values.

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing.
    Warning,
    /// Something was ignored or replaced.
    Error,
}

/// What a finding is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Matter {
    /// How the cluster is configured.
    Configuration,
    /// What state the cluster is in.
    State,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// What it is about.
    pub matter: Matter,
    /// Severity.
    pub severity: Severity,
    /// Text, in the reference's words where it has any.
    pub message: String,
}

/// Findings in the order they came up.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    /// Findings.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds an error.
    pub fn error(&mut self, message: impl Into<String>) {
        self.list.push(Diagnostic {
            matter: Matter::Configuration,
            severity: Severity::Error,
            message: message.into(),
        });
    }

    /// Adds an error that is not one of the configuration.
    pub fn state_error(&mut self, message: impl Into<String>) {
        self.list.push(Diagnostic {
            matter: Matter::State,
            severity: Severity::Error,
            message: message.into(),
        });
    }

    /// Adds a warning.
    pub fn warn(&mut self, message: impl Into<String>) {
        self.list.push(Diagnostic {
            matter: Matter::Configuration,
            severity: Severity::Warning,
            message: message.into(),
        });
    }
}
