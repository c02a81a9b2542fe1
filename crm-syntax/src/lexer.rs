//! Text to words: logical lines, then words with quotes and escapes resolved.
//!
//! **Source:** crmsh `lines2cli()` (utils.py) for continuation, POSIX shell words as Python's
//! `shlex.split()` cuts them for quotes.
//! **Shape:** the pieces of all [`LogicalLine`]s with what stands between them give the text back;
//! spans always point into the original text.

use std::borrow::Cow;

use cib_model::xml::is_char;
use nom::branch::alt;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::{anychar, char};
use nom::combinator::{opt, recognize};
use nom::multi::{fold_many0, many0};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Offset, Parser};

use crate::token::{Span, Word};

/// One statement's text: a physical line, or several joined where one ends in a backslash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogicalLine<'a> {
    /// The joined text, trimmed; continuation joins without a blank, as crm does.
    pub text: Cow<'a, str>,
    /// The range of the text it was made from: first to last byte of the trimmed lines.
    pub span: Span,
    /// Where each piece of `text` comes from: (offset in `text`, offset in the source), rising. Empty
    /// where it is one piece.
    pieces: Vec<(usize, usize)>,
}

impl<'a> LogicalLine<'a> {
    /// Makes a line of one piece of the source.
    fn new(start: usize, piece: &'a str) -> Self {
        let span = Span::new(start, start + piece.trim_end().len());
        LogicalLine { text: piece.into(), span, pieces: Vec::new() }
    }

    /// Adds the next physical line.
    fn join(&mut self, start: usize, piece: &str) {
        if self.pieces.is_empty() {
            self.pieces.push((0, self.span.start));
        }
        let text = self.text.to_mut();
        self.pieces.push((text.len(), start));
        text.push_str(piece);
        if !piece.is_empty() {
            self.span.end = start + piece.trim_end().len();
        }
    }

    fn trimmed(mut self) -> Self {
        match &mut self.text {
            Cow::Borrowed(text) => *text = text.trim_end(),
            Cow::Owned(text) => text.truncate(text.trim_end().len()),
        }
        self
    }

    /// Returns the line with a text of its own.
    pub(crate) fn into_owned(self) -> LogicalLine<'static> {
        let text = Cow::Owned(self.text.into_owned());
        LogicalLine { text, span: self.span, pieces: self.pieces }
    }

    /// Returns the source range of `start..end` of the joined text.
    pub fn source_span(&self, start: usize, end: usize) -> Span {
        let last = end.saturating_sub(1).max(start);
        Span::new(self.source_offset(start), self.source_offset(last) + (end - last))
    }

    /// Returns the offsets in the joined text at which a new line begins.
    pub(crate) fn seams(&self) -> impl Iterator<Item = usize> + '_ {
        self.pieces.iter().skip(1).map(|(joined, _)| *joined)
    }

    fn source_offset(&self, offset: usize) -> usize {
        let at = self.pieces.partition_point(|(joined, _)| *joined <= offset);
        self.pieces
            .get(at.saturating_sub(1))
            .map_or(self.span.start + offset, |(joined, source)| source + (offset - joined))
    }

    /// Returns true where the line is a comment.
    pub fn is_comment(&self) -> bool {
        self.text.starts_with('#')
    }
}

/// Takes a text as one line, whatever newlines are in it.
pub(crate) fn single_line(text: &str) -> LogicalLine<'_> {
    LogicalLine { text: text.into(), span: Span::new(0, text.len()), pieces: Vec::new() }
}

/// Cuts a text into logical lines; empty ones are dropped.
pub fn logical_lines(text: &str) -> impl Iterator<Item = LogicalLine<'_>> {
    let mut offset = 0;
    let mut physical = text.split('\n').map(move |line| {
        let trimmed = line.trim();
        let start = offset + (line.len() - line.trim_start().len());
        offset += line.len() + 1;
        let kept = trimmed.trim_end_matches('\\');
        (start, kept, kept.len() < trimmed.len())
    });
    std::iter::from_fn(move || {
        let mut joined: Option<LogicalLine<'_>> = None;
        for (start, piece, goes_on) in physical.by_ref() {
            match &mut joined {
                Some(line) => line.join(start, piece),
                None if piece.is_empty() => {}
                None => joined = Some(LogicalLine::new(start, piece)),
            }
            if joined.is_some() && !goes_on {
                break;
            }
        }
        joined.map(LogicalLine::trimmed)
    })
}

/// Returns how many logical lines that are no comment a text has, or some more: without joining any.
pub(crate) fn statements_at_most(text: &str) -> usize {
    let mut is_continued = false;
    let begins = |line: &&str| {
        let begins = !is_continued && !line.is_empty() && !line.starts_with('#');
        is_continued = line.ends_with('\\');
        begins
    };
    text.split('\n').map(str::trim).filter(begins).count()
}

/// Why a line cannot be cut into words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LexError {
    /// A quote is opened and never closed; the range reaches from the quote to the line's end.
    #[error("No closing quotation")]
    NoClosingQuotation(Span),
    /// The line ends in a backslash that escapes nothing.
    #[error("No escaped character")]
    NoEscapedCharacter(Span),
}

impl LexError {
    /// Returns the place.
    pub fn span(self) -> Span {
        match self {
            LexError::NoClosingQuotation(span) | LexError::NoEscapedCharacter(span) => span,
        }
    }
}

/// Cuts a logical line into words.
///
/// `'…'` is literal; inside `"…"` a backslash escapes `"` and `\` only; outside quotes it escapes
/// anything.
///
/// # Errors
/// [`LexError`] where a quote is not closed.
pub fn words<'l>(line: &'l LogicalLine<'_>) -> Result<Vec<Word<'l>>, LexError> {
    // No word is moved to a longer list: a list that doubles is there twice for a while.
    // A quoted word counts for as many as there are in it.
    let pieces = line.text.as_bytes().split(|byte| is_blank(char::from(*byte)));
    let mut words = Vec::with_capacity(pieces.filter(|piece| !piece.is_empty()).count());
    for word in each_word(line) {
        words.push(word?);
    }
    Ok(words)
}

/// Cuts a logical line into words one by one, as [`words`] does; nothing follows an error.
pub(crate) fn each_word<'l>(
    line: &'l LogicalLine<'_>,
) -> impl Iterator<Item = Result<Word<'l>, LexError>> {
    let whole: &str = &line.text;
    let mut rest = whole.trim_start_matches(is_blank);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = whole.offset(rest);
        let (after, text) = word(rest).unwrap_or((rest, Cow::Borrowed("")));
        if !(after.is_empty() || after.starts_with(is_blank)) {
            rest = "";
            let span = line.source_span(whole.offset(after), whole.len());
            return Some(Err(if after.starts_with('\\') {
                LexError::NoEscapedCharacter(span)
            } else {
                LexError::NoClosingQuotation(span)
            }));
        }
        rest = after.trim_start_matches(is_blank);
        Some(Ok(Word { text, span: line.source_span(start, whole.offset(after)) }))
    })
}

/// Cuts a line with XML in it: the keyword, then the rest as it stands, white space included.
///
/// **Differs:** crm cuts at white space and joins with one blank, inside values too.
pub fn keyword_and_rest<'l>(line: &'l LogicalLine<'_>) -> Vec<Word<'l>> {
    let whole: &str = &line.text;
    let end = whole.find(char::is_whitespace).unwrap_or(whole.len());
    let (keyword, rest) = whole.split_at(end);
    let rest = rest.trim_start();
    [(0, keyword), (whole.len() - rest.len(), rest)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(start, text)| Word {
            text: text.into(),
            span: line.source_span(start, start + text.len()),
        })
        .collect()
}

/// Returns the first quote that has no end of its own: what it holds ends in `=`, so the quote that
/// ends it was meant to begin the next value.
pub(crate) fn stray_quote(line: &LogicalLine<'_>) -> Option<Span> {
    let text: &str = &line.text;
    let (mut open, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match (c, open) {
            ('"', _) if escaped => {}
            ('"', None) => open = Some(at),
            ('"', Some(start)) => {
                let inside = text.get(start + 1..at).unwrap_or_default();
                if inside.ends_with('=') && inside.contains(is_blank) {
                    let length = text.get(start..).and_then(|rest| rest.find(is_blank));
                    return Some(line.source_span(start, start + length.unwrap_or(1)));
                }
                open = None;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// Returns where a character stands that no XML document can hold.
pub(crate) fn unwritable(line: &LogicalLine<'_>) -> Option<(char, Span)> {
    let (at, found) = line.text.char_indices().find(|(_, c)| !is_char(*c))?;
    Some((found, line.source_span(at, at + found.len_utf8())))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_plain(c: char) -> bool {
    !is_blank(c) && !matches!(c, '\'' | '"' | '\\')
}

/// One word; stops at a blank, at the end, or at a quote or backslash that has no end.
fn word(input: &str) -> IResult<&str, Cow<'_, str>> {
    let (rest, plain) = take_while(is_plain).parse(input)?;
    if rest.is_empty() || rest.starts_with(is_blank) {
        return Ok((rest, Cow::Borrowed(plain)));
    }
    let piece = alt((
        take_while1(is_plain).map(Cow::Borrowed),
        delimited(char('\''), take_while(|c| c != '\''), char('\'')).map(Cow::Borrowed),
        delimited(char('"'), quoted, char('"')),
        preceded(char('\\'), recognize(anychar)).map(Cow::Borrowed),
    ));
    let (rest, text) = fold_many0(piece, String::new, |mut text, piece: Cow<'_, str>| {
        text.push_str(&piece);
        text
    })
    .parse(input)?;
    Ok((rest, Cow::Owned(text)))
}

/// The inside of double quotes.
fn quoted(input: &str) -> IResult<&str, Cow<'_, str>> {
    let (rest, plain) = take_while(|c| !matches!(c, '"' | '\\')).parse(input)?;
    if !rest.starts_with('\\') {
        return Ok((rest, Cow::Borrowed(plain)));
    }
    let escaped = alt((char('"'), char('\\')));
    let (rest, pieces) = many0(alt((
        take_while1(|c| !matches!(c, '"' | '\\')).map(Cow::Borrowed),
        preceded(char('\\'), escaped).map(|c| Cow::Owned(c.to_string())),
        recognize((char('\\'), opt(nom::character::complete::none_of("\"\\")))).map(Cow::Borrowed),
    )))
    .parse(input)?;
    Ok((rest, Cow::Owned(pieces.concat())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Result<Vec<String>, LexError> {
        let mut all = Vec::new();
        for line in logical_lines(text) {
            all.extend(words(&line)?.into_iter().map(|w| w.text.into_owned()));
        }
        Ok(all)
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(cut(text).unwrap(), expected, "{text}");
    }

    #[test]
    fn statements_are_counted_without_joining_lines() {
        for (text, count) in [
            ("", 0),
            ("a\n\n  # c\nb", 2),
            ("a \\\n b \\\n\n# c \\\n d\ne \\", 2),
            ("a \\\n# b\nc\n", 2),
        ] {
            let lines = logical_lines(text).filter(|line| !line.is_comment());
            assert_eq!((lines.count(), statements_at_most(text)), (count, count), "{text:?}");
        }
        assert_eq!(statements_at_most("\\\na"), 1);
    }

    #[test]
    fn quotes_and_escapes_follow_posix_words() {
        check(r#"a 'b c' "d e" f\ g"#, &["a", "b c", "d e", "f g"]);
        check(r#"k="a\"b" k='a"b' k=it\'s"#, &["k=a\"b", "k=a\"b", "k=it's"]);
        check(r#"k="a\\b" k="a\b" "" ''"#, &["k=a\\b", "k=a\\b", "", ""]);
        check("a #b", &["a", "#b"]);
        assert!(matches!(cut("k=\"a"), Err(LexError::NoClosingQuotation(_))));
        assert!(matches!(cut("k='a"), Err(LexError::NoClosingQuotation(_))));
    }

    #[test]
    fn continuation_joins_without_a_blank() {
        check("a \\\n\tb\\\nc", &["a", "bc"]);
        check("a \\\\\\\n b", &["a", "b"]);
        check("a \\", &["a"]);
        check("\n \n a\n", &["a"]);
    }

    #[test]
    fn spans_point_into_the_source() {
        let text = "  primitive p \\\n    \"D\"ummy\nnode n";
        let lines: Vec<LogicalLine<'_>> = logical_lines(text).collect();
        let found: Vec<&str> = lines
            .iter()
            .flat_map(|l| words(l).unwrap().into_iter().map(|w| w.span).collect::<Vec<_>>())
            .map(|s| &text[s.start..s.end])
            .collect();
        assert_eq!(found, ["primitive", "p", "\"D\"ummy", "node", "n"]);
        assert_eq!(&text[lines[0].span.start..lines[0].span.end], "primitive p \\\n    \"D\"ummy");
    }
}
