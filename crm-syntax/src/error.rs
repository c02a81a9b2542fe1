//! How a grammar fails: the furthest place reached, what was expected there, and crm's sentence.

use crate::diag::Code;

/// One failure of a grammar parser.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Failure {
    /// Index of the word that could not be read; the number of words where the end came too soon.
    pub(crate) at: usize,
    /// What could have stood there.
    pub(crate) expected: Vec<&'static str>,
    /// crm's sentence, where the grammar has one for this place.
    pub(crate) sentence: Option<Sentence>,
    /// Whether the last word was taken off before; crm's sentence then goes without it.
    pub(crate) without_last: bool,
}

/// crm's words for a failure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sentence {
    /// The middle of the sentence: `Expected <score>:`.
    pub(crate) text: String,
    /// What stands after `syntax in` where it is not the statement's first word.
    pub(crate) context: Option<&'static str>,
    /// The word that stands in `near <…>` where it is not the one at [`Failure::at`].
    pub(crate) near: Option<String>,
    /// What the error is about where the text is the whole sentence, as crm says it before the
    /// syntax error itself.
    pub(crate) whole: Option<Code>,
}

impl Failure {
    /// A failure that another alternative may still avoid.
    pub(crate) fn expected(at: usize, what: &'static str) -> Self {
        Failure { at, expected: vec![what], ..Failure::default() }
    }

    /// A failure with crm's sentence.
    pub(crate) fn sentence(at: usize, text: impl Into<String>) -> Self {
        let sentence = Sentence { text: text.into(), context: None, near: None, whole: None };
        Failure { at, sentence: Some(sentence), ..Failure::default() }
    }
}
