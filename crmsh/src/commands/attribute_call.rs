//! The form `OWNER {set|delete|show} NAME [VALUE]` that several commands share.
//!
//! **Source:** crmsh `ui_utils.py`, `manage_attr()`: `NAME=VALUE` in one word is accepted too.

use super::Invocation;
use crate::exit::Failure;

/// What is to be done with an attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Task {
    /// Give it this value.
    Set(String),
    /// Take it away.
    Delete,
    /// Print it.
    Show,
}

/// One call, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct AttributeCall {
    /// The node or resource.
    pub(crate) owner: String,
    /// The attribute.
    pub(crate) name: String,
    /// What to do.
    pub(crate) task: Task,
}

impl AttributeCall {
    /// Reads the arguments of a call.
    pub(crate) fn read(call: &Invocation<'_>) -> Result<AttributeCall, Failure> {
        let bad = |why: &str| Err(Failure::bad_usage(call.command.name, call.args, why));
        let (owner, word, mut name) = (call.required(0), call.required(1), call.required(2));
        let mut value = call.arg(3);
        if let Some((left, right)) = name.split_once('=')
            && !left.is_empty()
            && !right.is_empty()
        {
            (name, value) = (left, Some(right));
        }
        let task = match (word, value) {
            ("set", Some(value)) => Task::Set(value.to_owned()),
            ("set", None) => return bad("Missing value argument to set"),
            ("delete" | "show" | "get", Some(_)) => {
                return bad(&format!("Too many arguments to {word}"));
            }
            ("delete", None) => Task::Delete,
            ("show" | "get", None) => Task::Show,
            _ => return bad(&format!("'{word}'")),
        };
        if !name_is_sane(owner) || !name_is_sane(name) {
            let wrong = if name_is_sane(owner) { name } else { owner };
            return bad(&format!("Expected valid name, got '{wrong}'"));
        }
        Ok(AttributeCall { owner: owner.to_owned(), name: name.to_owned(), task })
    }
}

/// Tells whether a name may be handed on; crmsh forbids what a shell would interpret.
pub(crate) fn name_is_sane(name: &str) -> bool {
    !name.is_empty() && !name.contains(['\'', '`', '$', '"', ';', '|', '&', '<', '>', '\n'])
}
