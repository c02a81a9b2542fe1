//! Words to syntax tree: nom parsers over [`Tokens`], one file a statement family.
//!
//! Reading order: this file (the token stream and the smallest parsers), `attrs` and `rule`
//! (shared by many statements), then `node`, `resource`, `bundle`, `set`, `constraint`,
//! `property`, `fencing`, `acl`, `tag`, `alert`, last `statement` (dispatch).
//!
//! **Source:** crmsh 4.4.1 `parse.py`; the sentences of failures are crm's own.
//! **Differs:** a section keyword must be the whole word; crm takes any word that begins with one.

mod acl;
mod alert;
mod attrs;
mod bundle;
mod constraint;
mod fencing;
mod node;
mod property;
mod resource;
mod rule;
mod set;
mod statement;
mod tag;

use std::cell::RefCell;

use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Input, Needed, Parser};

use crate::diag::Code;
use crate::error::{Failure, Sentence};
use crate::token::Word;

pub(crate) use self::acl::SHORTCUTS as ACL_SHORTCUTS;
pub(crate) use self::constraint::{
    ACTIONS, KINDS, LOSS_POLICIES, ROLES, canonical, is_instance, is_score,
};
pub(crate) use self::rule::RANGE_KEYS;
pub(crate) use self::set::boolean;
pub(crate) use self::statement::statement;

/// Which of crm's two input paths a statement takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mode {
    /// A command: one-shot, prompt or stdin. An object that exists is an error, comments are lost.
    Create,
    /// A text as a whole: load, edit, filter. An object that exists is replaced.
    Load,
}

/// What could have stood at the furthest word that any parser tried.
#[derive(Default, Debug)]
pub(crate) struct Furthest {
    /// Index of that word.
    pub(crate) at: usize,
    /// What was tried there, each once, in the order of trial.
    pub(crate) expected: Vec<&'static str>,
}

/// The rest of a statement's words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokens<'a> {
    words: &'a [Word<'a>],
    at: usize,
    /// Where what is tried is noted; `None` where nobody will ask.
    furthest: Option<&'a RefCell<Furthest>>,
}

/// Result of a parser over words.
pub(crate) type Res<'a, O> = IResult<Tokens<'a>, O, Failure>;

impl<'a> Tokens<'a> {
    /// Makes the stream of a whole statement.
    pub(crate) fn new(words: &'a [Word<'a>], furthest: Option<&'a RefCell<Furthest>>) -> Self {
        Tokens { words, at: 0, furthest }
    }

    /// Index of the next word in its statement.
    pub(crate) fn at(self) -> usize {
        self.at
    }

    /// The next word's text.
    fn peek(self) -> Option<&'a str> {
        self.words.first().map(|w| w.text.as_ref())
    }

    fn is_empty(self) -> bool {
        self.words.is_empty()
    }

    fn len(self) -> usize {
        self.words.len()
    }

    /// The rest without its last word.
    fn without_last(self) -> Self {
        let words = self.words.split_last().map_or(self.words, |(_, rest)| rest);
        Tokens { words, ..self }
    }

    fn texts(self) -> impl Iterator<Item = &'a str> + Clone {
        self.words.iter().map(|w| w.text.as_ref())
    }

    /// Notes what was tried here (`this, this or that`) and makes a failure that an alternative may
    /// avoid.
    fn wanted(self, what: &'static str) -> nom::Err<Failure> {
        let Some(furthest) = self.furthest else {
            return nom::Err::Error(Failure::default());
        };
        let mut furthest = furthest.borrow_mut();
        if self.at > furthest.at {
            furthest.at = self.at;
            furthest.expected.clear();
        }
        if self.at == furthest.at {
            for one in what.split(", ").flat_map(|part| part.split(" or ")) {
                if !furthest.expected.contains(&one) {
                    furthest.expected.push(one);
                }
            }
        }
        drop(furthest);
        nom::Err::Error(Failure::expected(self.at, what))
    }

    /// Makes a failure for good, with crm's sentence.
    fn fail(self, sentence: impl Into<String>) -> nom::Err<Failure> {
        nom::Err::Failure(Failure::sentence(self.at, sentence))
    }

    /// Makes a failure for good at the next word, in words of its own.
    fn fail_in_words(self, code: Code, text: String) -> nom::Err<Failure> {
        let sentence = Some(Sentence { text, context: None, near: None, whole: Some(code) });
        nom::Err::Failure(Failure { at: self.at, sentence, ..Failure::default() })
    }

    /// Makes a failure for good at the next word, with a sentence in which crm names the word after
    /// it.
    fn fail_near_following(self, text: String) -> nom::Err<Failure> {
        let following = self.words.get(1).map(|word| word.text.as_ref().to_owned());
        let near = Some(following.unwrap_or_default());
        let sentence = Some(Sentence { text, context: None, near, whole: None });
        nom::Err::Failure(Failure { at: self.at, sentence, ..Failure::default() })
    }
}

impl<'a> Input for Tokens<'a> {
    type Item = &'a Word<'a>;
    type Iter = std::slice::Iter<'a, Word<'a>>;
    type IterIndices = std::iter::Enumerate<Self::Iter>;

    fn input_len(&self) -> usize {
        self.words.len()
    }

    fn take(&self, index: usize) -> Self {
        Tokens { words: self.words.get(..index).unwrap_or(self.words), ..*self }
    }

    fn take_from(&self, index: usize) -> Self {
        Tokens {
            words: self.words.get(index..).unwrap_or_default(),
            at: self.at + index.min(self.words.len()),
            furthest: self.furthest,
        }
    }

    fn take_split(&self, index: usize) -> (Self, Self) {
        (self.take_from(index), self.take(index))
    }

    fn position<P: Fn(Self::Item) -> bool>(&self, predicate: P) -> Option<usize> {
        self.words.iter().position(predicate)
    }

    fn iter_elements(&self) -> Self::Iter {
        self.words.iter()
    }

    fn iter_indices(&self) -> Self::IterIndices {
        self.words.iter().enumerate()
    }

    fn slice_index(&self, count: usize) -> Result<usize, Needed> {
        if count <= self.words.len() {
            Ok(count)
        } else {
            Err(Needed::new(count - self.words.len()))
        }
    }
}

impl<'a> ParseError<Tokens<'a>> for Failure {
    fn from_error_kind(input: Tokens<'a>, _: ErrorKind) -> Self {
        Failure { at: input.at(), ..Failure::default() }
    }

    fn append(_: Tokens<'a>, _: ErrorKind, other: Self) -> Self {
        other
    }

    /// The furthest failure wins; at the same word what was expected is merged.
    fn or(mut self, other: Self) -> Self {
        match other.at.cmp(&self.at) {
            std::cmp::Ordering::Greater => other,
            std::cmp::Ordering::Less => self,
            std::cmp::Ordering::Equal => {
                self.expected.extend(other.expected);
                self.sentence = self.sentence.or(other.sentence);
                self
            }
        }
    }
}

/// Reads the next word where `read` makes something of it.
///
/// COMPAT(crmsh, `try_match()`): an empty word (`""`) is never anything but a free text.
fn word_as<'a, O>(
    what: &'static str,
    read: impl Fn(&'a str) -> Option<O>,
) -> impl Parser<Tokens<'a>, Output = O, Error = Failure> {
    move |input: Tokens<'a>| match input.peek().filter(|text| !text.is_empty()).and_then(&read) {
        Some(out) => Ok((input.take_from(1), out)),
        None => Err(input.wanted(what)),
    }
}

/// Reads as many as follow, into a list without room to spare: all statements of a text are held at
/// once.
fn many<'a, O>(
    one: impl Parser<Tokens<'a>, Output = O, Error = Failure>,
) -> impl Parser<Tokens<'a>, Output = Vec<O>, Error = Failure> {
    nom::multi::many0(one).map(|mut all| {
        all.shrink_to_fit();
        all
    })
}

/// Reads the next word where `accept` holds.
fn word_if<'a>(
    what: &'static str,
    accept: impl Fn(&str) -> bool,
) -> impl Parser<Tokens<'a>, Output = &'a str, Error = Failure> {
    word_as(what, move |text| accept(text).then_some(text))
}

/// Reads a keyword, whatever its case.
fn keyword<'a>(word: &'static str) -> impl Parser<Tokens<'a>, Output = &'a str, Error = Failure> {
    word_if(word, move |text| text.eq_ignore_ascii_case(word))
}

/// Reads any word.
fn any_word(input: Tokens<'_>) -> Res<'_, &str> {
    if let Some(text) = input.peek() {
        return Ok((input.take_from(1), text));
    }
    let _ = input.wanted("value");
    Err(input.fail("Unexpected end of line"))
}

/// Makes a failure of `parser` final, with crm's sentence.
fn required<'a, O>(
    mut parser: impl Parser<Tokens<'a>, Output = O, Error = Failure>,
    sentence: &'static str,
) -> impl FnMut(Tokens<'a>) -> Res<'a, O> {
    move |input| match parser.parse(input) {
        Err(nom::Err::Error(_)) => Err(input.fail(sentence)),
        other => other,
    }
}

/// Reads an object's id or another identifier: a letter, digit or `_#$-` first, no `=`.
fn identifier(input: Tokens<'_>) -> Res<'_, &str> {
    let is = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric() || "_#$-".contains(c))
            && !text.contains('=')
    };
    required(word_if("identifier", is), "Expected identifier")(input)
}

/// Reads a resource's id: a letter or `_#$` first, no `=`.
fn resource_id(input: Tokens<'_>) -> Res<'_, &str> {
    let is = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || "_#$".contains(c))
            && !text.contains('=')
    };
    required(word_if("resource", is), "Expected resource")(input)
}

/// Takes `name=` off the front, whatever the name's case.
fn after_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = text.split_once('=')?;
    key.eq_ignore_ascii_case(name).then_some(value)
}

/// Reads `description=TEXT` if it comes next.
fn description(input: Tokens<'_>) -> Res<'_, Option<String>> {
    let read = |text| after_name(text, "description").filter(|v| !v.is_empty()).map(String::from);
    nom::combinator::opt(word_as("description=", read)).parse(input)
}

/// Reads `SCORE:`, any text without a colon before its one colon.
fn score_text<'a>(
    what: &'static str,
) -> impl Parser<Tokens<'a>, Output = &'a str, Error = Failure> {
    word_as(what, |text| {
        text.strip_suffix(':').filter(|score| !score.is_empty() && !score.contains(':'))
    })
}

/// Reads `$id=ID` or `ID:` at the start of a node, property set or permission.
fn initial_id(input: Tokens<'_>) -> Res<'_, Option<String>> {
    let is_new = |id: &&str| {
        !id.is_empty() && id.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    };
    let read = |text: &str| {
        let old = after_name(text, "$id");
        old.or_else(|| text.strip_suffix(':').filter(is_new)).map(String::from)
    };
    nom::combinator::opt(word_as("ID:", read)).parse(input)
}

/// What names a set: its own id, or a reference to another's.
#[derive(Clone, PartialEq, Eq, Debug)]
enum IdSpec {
    Id(String),
    Ref(String),
}

/// Reads `$id=ID` or `$id-ref=ID`.
fn id_spec<'a>() -> impl Parser<Tokens<'a>, Output = IdSpec, Error = Failure> {
    word_as("$id=", |text| {
        after_name(text, "$id")
            .map(|id| IdSpec::Id(id.to_owned()))
            .or_else(|| after_name(text, "$id-ref").map(|id| IdSpec::Ref(id.to_owned())))
    })
}
