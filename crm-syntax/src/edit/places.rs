//! Where in its words a statement names what an error is about.

use std::collections::{HashMap, HashSet};

use crate::diag::Diagnostic;
use crate::text::Statement;
use crate::token::Span;

impl Diagnostic {
    /// Adds the place, where there is none yet: the word that names the subject, or the statement.
    pub(super) fn at_statement(mut self, statement: &Statement) -> Self {
        let is_named = |text: &str| {
            let subject = self.advice.subject.as_deref().unwrap_or_default();
            let before = text.strip_suffix(subject).filter(|_| !subject.is_empty());
            before.is_some_and(|before| before.is_empty() || before.ends_with(['=', '@', '$']))
        };
        if self.span.is_none() {
            let words = statement.words();
            let word = words.iter().skip(1).find(|word| is_named(&word.text));
            self.span = Some(word.map_or(statement.span, |word| word.span));
        }
        self.line = self.line.or(statement.line);
        self
    }
}

/// Adds the places to errors about one statement: its words are read once for all of them.
pub(super) fn all_at_statement(
    mut errors: Vec<Diagnostic>,
    statement: &Statement,
) -> Vec<Diagnostic> {
    let subjects: Vec<Box<str>> = match errors.as_slice() {
        [] | [_] => Vec::new(),
        many => many.iter().filter_map(|e| e.advice.subject.as_deref().map(Box::from)).collect(),
    };
    let places = places(statement, &subjects);
    for error in errors.iter_mut().filter(|error| error.span.is_none()) {
        error.span = error.advice.subject.as_deref().and_then(|s| places.get(s).copied());
    }
    errors.into_iter().map(|error| error.at_statement(statement)).collect()
}

/// Returns where a statement names each of these resources first.
pub(super) fn places<'m>(statement: &Statement, names: &'m [Box<str>]) -> HashMap<&'m str, Span> {
    let mut places = HashMap::new();
    if names.is_empty() {
        return places;
    }
    let names: HashSet<&str> = names.iter().map(AsRef::as_ref).collect();
    for word in statement.later_words() {
        let name = word.text.trim_matches(['(', ')', '[', ']']).split(':').next();
        if let Some(name) = names.get(name.unwrap_or_default()) {
            places.entry(*name).or_insert(word.span);
        }
    }
    places
}
