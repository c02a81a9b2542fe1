//! Resource sets: `a b`, `( a b )`, `[ a b ]`, `a:Role`, `sequential=…`, `require-all=…`.
//!
//! **Source:** crmsh `ResourceSet` (parse.py). A change of role or action opens a new set.

use super::Tokens;
use super::constraint::canonical_qualifier;
use crate::ast::ResourceSet;
use crate::error::{Failure, Sentence};

/// What a member's qualifier means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum QualifierKind {
    Role,
    Action,
}

impl QualifierKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            QualifierKind::Role => "role",
            QualifierKind::Action => "action",
        }
    }
}

struct Builder {
    kind: QualifierKind,
    done: Vec<ResourceSet>,
    refs: Vec<String>,
    qualifier: String,
    opened: Option<char>,
    sequential: bool,
    require_all: bool,
}

/// Reads all words of `input` as resource sets.
pub(super) fn resource_sets(
    kind: QualifierKind,
    input: Tokens<'_>,
) -> Result<Vec<ResourceSet>, nom::Err<Failure>> {
    let mut builder = Builder {
        kind,
        done: Vec::new(),
        refs: Vec::new(),
        qualifier: String::new(),
        opened: None,
        sequential: true,
        require_all: true,
    };
    let mut last = "";
    for (index, text) in input.texts().enumerate() {
        for piece in split_brackets(text).into_iter().flatten() {
            last = piece;
            builder.word(piece).map_err(|message| {
                // crm names no word where a qualifier is wrong
                let near = if message.starts_with("Invalid") { "" } else { piece };
                failure(input.at() + index, kind, message, near)
            })?;
        }
    }
    if builder.opened.is_some() {
        let at = input.at() + input.len();
        return Err(failure(at, kind, "Unmatched opening bracket".to_owned(), last));
    }
    builder.save();
    Ok(builder.done)
}

fn failure(at: usize, kind: QualifierKind, text: String, near: &str) -> nom::Err<Failure> {
    let sentence =
        Sentence { text, context: Some(kind.as_str()), near: Some(near.to_owned()), whole: None };
    nom::Err::Failure(Failure { at, sentence: Some(sentence), ..Failure::default() })
}

/// Takes a bracket off the front or the end of a name.
fn split_brackets(text: &str) -> [Option<&str>; 2] {
    let is_bracket = |piece: &str| matches!(piece, "(" | "[" | ")" | "]");
    if let Some((first, rest)) = text.split_at_checked(1)
        && matches!(first, "(" | "[")
        && !rest.is_empty()
    {
        return [Some(first), Some(rest)];
    }
    if let Some((rest, last)) = text.len().checked_sub(1).and_then(|at| text.split_at_checked(at))
        && matches!(last, ")" | "]")
        && !rest.is_empty()
        && is_bracket(last)
    {
        return [Some(rest), Some(last)];
    }
    [Some(text), None]
}

impl Builder {
    fn word(&mut self, word: &str) -> Result<(), String> {
        match word {
            "_rsc_set_" => Ok(()),
            "(" | "[" => self.open(word),
            ")" | "]" => self.close(word),
            _ if word.contains('=') => self.attribute(word),
            _ => self.member(word),
        }
    }

    fn open(&mut self, bracket: &str) -> Result<(), String> {
        self.save();
        if self.opened.is_some() {
            return Err("Cannot nest resource sets".to_owned());
        }
        self.sequential = false;
        if bracket == "[" {
            self.require_all = false;
        }
        self.opened = bracket.chars().next();
        Ok(())
    }

    fn close(&mut self, bracket: &str) -> Result<(), String> {
        if self.refs.is_empty() {
            return Err("Empty resource set".to_owned());
        }
        self.save();
        match (self.opened, bracket) {
            (None, _) => return Err("Unmatched closing bracket".to_owned()),
            (Some('('), ")") | (Some('['), "]") => {}
            _ => return Err("Mismatched closing bracket".to_owned()),
        }
        self.sequential = true;
        self.require_all = true;
        self.opened = None;
        Ok(())
    }

    fn attribute(&mut self, word: &str) -> Result<(), String> {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        if value.contains('=') {
            return Err(format!("Extra = in {word}"));
        }
        let field = match key {
            "sequential" => &mut self.sequential,
            "require-all" => &mut self.require_all,
            _ => return Err("Unknown attribute".to_owned()),
        };
        *field = boolean(value).ok_or_else(|| format!("Not a boolean: {value}"))?;
        Ok(())
    }

    fn member(&mut self, word: &str) -> Result<(), String> {
        let (rsc, qualifier) = match word.split_once(':') {
            None => (word, String::new()),
            Some((rsc, text)) if !text.contains(':') => {
                let known = canonical_qualifier(self.kind, text);
                (rsc, known.ok_or_else(|| format!("Invalid {} for {word}", self.kind.as_str()))?)
            }
            Some(_) => return Err(format!("Invalid {} for {word}", self.kind.as_str())),
        };
        if qualifier != self.qualifier {
            self.save();
            self.qualifier = qualifier;
        }
        self.refs.push(rsc.to_owned());
        Ok(())
    }

    fn save(&mut self) {
        if self.refs.is_empty() {
            return;
        }
        let qualifier = std::mem::take(&mut self.qualifier);
        self.done.push(ResourceSet {
            sequential: self.sequential,
            require_all: self.require_all,
            qualifier: Some(qualifier).filter(|q| !q.is_empty()),
            refs: std::mem::take(&mut self.refs),
        });
    }
}

/// Reads a boolean as crm does.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Some(true),
        "no" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}
