//! Words and where they stand in the source text.

use std::borrow::Cow;

use serde::Serialize;

/// A half-open byte range of the source text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
pub struct Span {
    /// Byte offset of the first byte.
    pub start: usize,
    /// Byte offset after the last byte.
    pub end: usize,
}

impl Span {
    /// Returns the range `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    /// Returns the smallest range that holds both.
    #[must_use]
    pub fn join(self, other: Span) -> Self {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One word of a statement: quotes taken off, escapes resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word<'a> {
    /// What the word says.
    pub text: Cow<'a, str>,
    /// Where it stands in the source, quotes included. A word that a continuation splits spans
    /// both lines.
    pub span: Span,
}

impl Word<'_> {
    /// Returns true where the word is `keyword`, whatever the case.
    pub fn is(&self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword)
    }
}
