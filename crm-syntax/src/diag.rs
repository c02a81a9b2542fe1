//! Diagnostics: facts about the user's text or configuration, as values.
//!
//! A diagnostic carries crm's own sentence as its message, so that a front end can print exactly
//! what users and their scripts know, and beside it the place, what was expected and advice.

use serde::Serialize;

use crate::token::Span;

/// How serious a diagnostic is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Read as crm reads it, but probably not what was meant. crm says nothing; shown where the
    /// full form of diagnostics is asked for.
    Hint,
    /// Something was done that the user should know (`INFO:`).
    Info,
    /// Accepted, but doubtful (`WARNING:`).
    Warning,
    /// Refused (`ERROR:`).
    Error,
}

/// What kind of fact a diagnostic states. The text of a code is stable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum Code {
    /// A quote is opened and never closed.
    #[serde(rename = "crm-syntax/unclosed-quote")]
    UnclosedQuote,
    /// A character that XML cannot hold, or a byte that is no text.
    #[serde(rename = "crm-syntax/character")]
    Character,
    /// The first word is no statement.
    #[serde(rename = "crm-syntax/unknown-command")]
    UnknownCommand,
    /// The statement does not follow its grammar.
    #[serde(rename = "crm-syntax/syntax")]
    Syntax,
    /// An XML element inside the text is not well formed or not an object.
    #[serde(rename = "crm-syntax/xml")]
    Xml,
    /// An id has characters that an id may not have.
    #[serde(rename = "crm-syntax/invalid-id")]
    InvalidId,
    /// An id is taken.
    #[serde(rename = "crm-syntax/id-in-use")]
    IdInUse,
    /// The same object stands twice in one text.
    #[serde(rename = "crm-syntax/duplicate")]
    Duplicate,
    /// An object that is named does not exist.
    #[serde(rename = "crm-syntax/no-such-object")]
    NoSuchObject,
    /// A resource cannot be a child where it is named.
    #[serde(rename = "crm-syntax/child")]
    Child,
    /// An `id-ref` names no id, or several.
    #[serde(rename = "crm-syntax/reference")]
    Reference,
    /// A resource agent's provider is unknown.
    #[serde(rename = "crm-syntax/agent")]
    Agent,
    /// A role's name was converted to the one the schema knows.
    #[serde(rename = "crm-syntax/role-converted")]
    RoleConverted,
    /// Another object was changed because of this one.
    #[serde(rename = "crm-syntax/side-effect")]
    SideEffect,
    /// Two lines are joined inside a word.
    #[serde(rename = "crm-syntax/joined-lines")]
    JoinedLines,
    /// A quote in the middle of a word joins words.
    #[serde(rename = "crm-syntax/stray-quote")]
    StrayQuote,
    /// A word alone stands where `NAME=VALUE` is usual.
    #[serde(rename = "crm-syntax/bare-word")]
    BareWord,
    /// A parameter's name was corrected to the agent's own spelling.
    #[serde(rename = "crm-syntax/parameter-renamed")]
    ParameterRenamed,
}

/// A place with a note.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// What helps to mend what a diagnostic says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Advice {
    /// Further places.
    pub labels: Vec<Label>,
    /// What could have stood at the place; empty where nothing is known.
    pub expected: Vec<String>,
    /// A full sentence.
    pub help: Option<String>,
    /// The id of the object concerned.
    pub subject: Option<String>,
}

/// One fact about a text or a configuration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Diagnostic {
    /// The kind of fact.
    pub code: Code,
    /// How serious it is.
    pub severity: Severity,
    /// crm's own sentence, without level word and without line number.
    pub message: String,
    /// The number of the logical line in its text, from 1; `None` for argv and for objects.
    pub line: Option<usize>,
    /// The place the fact is about.
    pub span: Option<Span>,
    /// Everything beyond the sentence and its place; boxed, as errors travel in results.
    #[serde(flatten)]
    pub advice: Box<Advice>,
}

impl Diagnostic {
    /// Makes a diagnostic with a message and nothing else.
    pub fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        let message = message.into();
        Diagnostic { code, severity, message, line: None, span: None, advice: Box::default() }
    }

    /// Makes an error.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// Makes a warning.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// Makes a note.
    pub fn info(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Info, message)
    }

    /// Makes a hint.
    pub fn hint(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Hint, message)
    }

    /// Adds the object concerned.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.advice.subject = Some(subject.into());
        self
    }

    /// Adds advice, a full sentence.
    #[must_use]
    pub fn with_help(mut self, help: Option<String>) -> Self {
        self.advice.help = help;
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.advice.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, span: Span, line: Option<usize>) -> Self {
        self.span = Some(span);
        self.line = line;
        self
    }
}

impl std::fmt::Display for Diagnostic {
    /// Writes crm's sentence.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
