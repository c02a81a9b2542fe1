//! Text to statements: the parser's entrance.
//!
//! Parsing never fails: it gives the statements that could be read and a diagnostic for each that
//! could not.
//!
//! ```
//! use crm_syntax::ast::Object;
//! use crm_syntax::text::{Mode, parse};
//!
//! let text = "primitive ip IPaddr2 params ip=10.0.0.1\nlocation l ip high n1\n";
//! let parsed = parse(text, Mode::Load);
//! let Object::Primitive(ip) = &parsed.statements[0].object else { panic!() };
//! assert_eq!(ip.id, "ip");
//! let error = &parsed.diagnostics[0];
//! let span = error.span.unwrap();
//! assert_eq!((error.line, &text[span.start..span.end]), (Some(2), "high"));
//! ```

use std::borrow::Cow;
use std::cell::RefCell;

use cib_model::xml;

use crate::ast::Object;
use crate::diag::{Code, Diagnostic};
use crate::error::Failure;
pub use crate::grammar::Mode;
use crate::grammar::{Furthest, Tokens, is_score, statement};
use crate::lexer::{self, LogicalLine};
use crate::lint;
use crate::token::{Span, Word};

/// One statement and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// What it says.
    pub object: Object,
    /// The comment lines directly above it, `#` included (load texts only).
    pub comments: Vec<String>,
    /// Number of its logical line, from 1 (comments count); `None` for argv.
    pub line: Option<usize>,
    /// Its range in the text.
    pub span: Span,
    /// What is probably not meant.
    pub hints: Vec<Diagnostic>,
    /// Its text, and how that is cut into words.
    source: LogicalLine<'static>,
    mode: Mode,
}

/// What a text says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parsed {
    /// The statements that could be read, in order.
    pub statements: Vec<Statement>,
    /// What could not, in order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Most mistakes of one kind that are told of one text: nobody reads more, and each costs more room
/// than the line that it is about.
pub const MISTAKES_MAX: usize = 10_000;

/// Reads a text: logical lines, comments, statements. After [`MISTAKES_MAX`] mistakes the rest is
/// left unread.
pub fn parse(text: &str, mode: Mode) -> Parsed {
    let mut parsed = Parsed::default();
    // A list that doubles is there twice for a while, and statements are most of what is read.
    parsed.statements.reserve_exact(lexer::statements_at_most(text));
    let mut comments: Vec<String> = Vec::new();
    let mut hints = 0;
    for (index, line) in lexer::logical_lines(text).enumerate() {
        if parsed.diagnostics.len() >= MISTAKES_MAX {
            break;
        }
        if line.is_comment() {
            if mode == Mode::Load {
                parsed.diagnostics.extend(unwritable(&line, index + 1));
                comments.push(line.text.into_owned());
            }
            continue;
        }
        match parse_line(text, line, index + 1, mode) {
            Ok(Some(mut statement)) => {
                hints += statement.hints.len();
                if hints > MISTAKES_MAX {
                    statement.hints.clear();
                }
                statement.comments = std::mem::take(&mut comments);
                parsed.statements.push(statement);
            }
            Ok(None) => {}
            Err(diagnostic) => parsed.diagnostics.push(diagnostic),
        }
    }
    parsed
}

/// Reads bytes as text, for [`parse`]. A byte order mark goes; a line may end in CR LF.
///
/// Comments of old files may be in other encodings: what is no UTF-8 in them becomes replacement
/// characters. In a statement it is an error, since the value would be another one; so the text
/// must not be loaded where there are diagnostics.
pub fn decode(bytes: &[u8]) -> (String, Vec<Diagnostic>) {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut text = String::new();
    let mut broken: Vec<(usize, u8)> = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(&chunk.valid().replace("\r\n", "\n"));
        if let [first, ..] = chunk.invalid() {
            broken.push((text.len(), *first));
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    let mut diagnostics = Vec::new();
    if broken.is_empty() {
        return (text, diagnostics);
    }
    for (index, line) in lexer::logical_lines(&text).enumerate() {
        let is_inside = |(at, _): &&(usize, u8)| (line.span.start..line.span.end).contains(at);
        if let Some((at, byte)) = broken.iter().find(is_inside).filter(|_| !line.is_comment()) {
            let span = Span::new(*at, at + char::REPLACEMENT_CHARACTER.len_utf8());
            let message = format!("the byte 0x{byte:02x} is no UTF-8 text");
            let error = Diagnostic::error(Code::Character, message).at(span, Some(index + 1));
            diagnostics.push(error);
        }
    }
    (text, diagnostics)
}

/// Reads one command. Newlines in it are white space, or part of a value in quotes.
pub fn parse_command(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    match parse_line(text, lexer::single_line(text), 1, Mode::Create) {
        Ok(statement) => parsed.statements.extend(statement),
        Err(diagnostic) => parsed.diagnostics.push(diagnostic),
    }
    parsed
}

/// Reads one command given as words, as a shell hands them over.
///
/// As crm does, the words are first joined to a line: a word with a blank in it is put into
/// quotes (`"`, or `'` where it holds `"`; not at all where it holds both), then the line is read.
///
/// # Errors
/// The diagnostic where the words are no statement.
pub fn parse_words(words: &[String]) -> Result<Option<Statement>, Diagnostic> {
    let line = join_words(words);
    let mut parsed = parse(&line, Mode::Create);
    if let Some(diagnostic) = parsed.diagnostics.pop() {
        return Err(Diagnostic { line: None, ..diagnostic });
    }
    Ok(parsed.statements.pop().map(|s| Statement { line: None, ..s }))
}

/// Joins words to the line that crm would read from them.
pub fn join_words(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let has = |c: char| word.contains(c);
        if !has(' ') || (has('"') && has('\'')) {
            word.clone()
        } else if has('"') {
            format!("'{word}'")
        } else {
            format!("\"{word}\"")
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

fn parse_line(
    source: &str,
    line: LogicalLine<'_>,
    number: usize,
    mode: Mode,
) -> Result<Option<Statement>, Diagnostic> {
    if let Some(diagnostic) = unwritable(&line, number) {
        return Err(diagnostic);
    }
    let words = words_of(&line, mode).map_err(|error| unclosed(&line, error, number))?;
    let Some(first) = words.first() else { return Ok(None) };
    let object = match statement(Tokens::new(&words, None), mode) {
        None => return Err(unknown_command(&words, first, number)),
        Some(Err(_)) => return Err(explain(&words, mode, line.span, number)),
        Some(Ok(object)) => object,
    };
    if let Object::Xml(element) = &object {
        xml::read(element)
            .map_err(|error| broken_xml(&line, &words, element, &error, mode, number))?;
    }
    let hints = lint::hints(source, &line, &words, &object, number);
    drop(words);
    Ok(Some(Statement {
        hints,
        object,
        comments: Vec::new(),
        line: Some(number),
        span: line.span,
        source: line.into_owned(),
        mode,
    }))
}

/// Cuts a statement's line into the words that the grammar reads.
fn words_of<'l>(line: &'l LogicalLine<'_>, mode: Mode) -> Result<Vec<Word<'l>>, lexer::LexError> {
    if is_raw(line, mode) {
        return Ok(lexer::keyword_and_rest(line));
    }
    let mut words = lexer::words(line)?;
    if mode == Mode::Create {
        drop_id_key(&mut words);
    }
    Ok(words)
}

/// Returns true where XML follows that is taken as it stands.
fn is_raw(line: &LogicalLine<'_>, mode: Mode) -> bool {
    mode == Mode::Load && line.text.starts_with("xml")
}

/// Says that a quote is not closed: at the one that probably lacks its end, else at the last one.
fn unclosed(line: &LogicalLine<'_>, error: lexer::LexError, number: usize) -> Diagnostic {
    let last = error.span();
    let diagnostic = Diagnostic::error(Code::UnclosedQuote, error.to_string());
    match lexer::stray_quote(line) {
        Some(stray) if matches!(error, lexer::LexError::NoClosingQuotation(_)) => diagnostic
            .at(stray, Some(number))
            .with_label(last, "the last quote begins here")
            .with_help(Some("Close the quote at the end of its value.".to_owned())),
        _ => diagnostic.at(last, Some(number)),
    }
}

/// Says what is wrong with an `xml` statement's element, at its place where that is known.
fn broken_xml(
    line: &LogicalLine<'_>,
    words: &[Word<'_>],
    element: &str,
    error: &xml::ReadError,
    mode: Mode,
    number: usize,
) -> Diagnostic {
    // A byte order mark is passed over uncounted, so that the place may be inside a character.
    let offset = element.floor_char_boundary(error.offset);
    let start = line.text.len() - element.len();
    let span = match words.get(1) {
        Some(_) if is_raw(line, mode) => {
            let next = element.get(offset..).and_then(|rest| rest.chars().next());
            let length = next.map_or(0, char::len_utf8);
            line.source_span(start + offset, start + offset + length)
        }
        word => word.map_or(line.span, |word| word.span),
    };
    let text = format!("XML error at byte {offset}: {}", error.message);
    Diagnostic::error(Code::Xml, sentence_of(words, None, &text, None)).at(span, Some(number))
}

/// Refuses what no CIB can hold, because XML cannot: most control characters.
fn unwritable(line: &LogicalLine<'_>, number: usize) -> Option<Diagnostic> {
    let (found, span) = lexer::unwritable(line)?;
    let message = format!("XML cannot hold the character U+{:04X}", u32::from(found));
    Some(Diagnostic::error(Code::Character, message).at(span, Some(number)))
}

/// Reads one line that is known to be a statement; `None` where it is not.
pub(crate) fn parse_object(text: &str) -> Option<Object> {
    let mut lines = lexer::logical_lines(text);
    let line = lines.next().filter(|_| lines.next().is_none())?;
    let words = lexer::words(&line).ok()?;
    statement(Tokens::new(&words, None), Mode::Load)?.ok()
}

/// Reads a statement that does not follow its grammar once more, to say why.
fn explain(words: &[Word<'_>], mode: Mode, whole: Span, number: usize) -> Diagnostic {
    let furthest = RefCell::new(Furthest::default());
    let failure = match statement(Tokens::new(words, Some(&furthest)), mode) {
        Some(Err(failure)) => failure,
        Some(Ok(_)) | None => Failure::default(),
    };
    syntax_error(words, &failure, &furthest.into_inner(), whole, Some(number))
}

/// At the prompt an object's id may be written `id=NAME`; a first pair `id=…` of a property set is
/// taken for one too.
fn drop_id_key(words: &mut [Word<'_>]) {
    let [keyword, id, ..] = words else { return };
    let is_object = !keyword.is("xml");
    if let Some(name) = id.text.strip_prefix("id=").filter(|_| is_object) {
        id.text = name.to_owned().into();
    }
}

fn unknown_command(words: &[Word<'_>], first: &Word<'_>, number: usize) -> Diagnostic {
    let line = joined(words);
    let message = format!(
        "syntax: Unknown command near <{}> parsing '{line}'",
        first.text.to_ascii_lowercase()
    );
    let help = crate::expect::closest_statement(&first.text);
    Diagnostic::error(Code::UnknownCommand, message)
        .at(first.span, Some(number))
        .with_help(help.map(|word| format!("Did you mean `{word}`?")))
}

/// Joins words with blanks; the first is in lower case, as crm shows it.
fn joined(words: &[Word<'_>]) -> String {
    let mut line = String::with_capacity(words.iter().map(|word| word.text.len() + 1).sum());
    for (index, word) in words.iter().enumerate() {
        if index == 0 {
            line.push_str(&word.text.to_ascii_lowercase());
        } else {
            line.push(' ');
            line.push_str(&word.text);
        }
    }
    line
}

fn syntax_error(
    words: &[Word<'_>],
    failure: &Failure,
    furthest: &Furthest,
    whole: Span,
    number: Option<usize>,
) -> Diagnostic {
    let shown = words.len() - usize::from(failure.without_last && words.len() > 1);
    let texts = words.get(..shown).unwrap_or(words);
    let sentence = failure.sentence.as_ref();
    let text = sentence.map_or_else(|| expected_text(&failure.expected), |s| s.text.clone());
    let near = match sentence.and_then(|s| s.near.as_deref()) {
        Some(near) => Some(near),
        None => texts.get(failure.at).map(|word| word.text.as_ref()),
    };
    let context = sentence.and_then(|s| s.context);
    let code = sentence.and_then(|sentence| sentence.whole);
    let message = if code.is_some() { text } else { sentence_of(texts, context, &text, near) };
    let end = words.last().map_or(whole.end, |w| w.span.end);
    let span = words.get(failure.at).map_or(Span::new(end, end), |w| w.span);
    let mut diagnostic = Diagnostic::error(code.unwrap_or(Code::Syntax), message).at(span, number);
    if furthest.at == failure.at {
        diagnostic.advice.expected = furthest.expected.iter().map(|e| (*e).to_owned()).collect();
    }
    let wrong = words.get(failure.at).map_or("", |w| w.text.as_ref());
    let keyword = words.first().map_or("", |w| w.text.as_ref());
    let meant: Option<Cow<'_, str>> = match crate::expect::of_part(keyword, wrong) {
        Some((part, choices)) => {
            diagnostic.advice.expected = choices.iter().map(|c| (*c).to_owned()).collect();
            crate::expect::closest(part, choices.iter().copied()).map(Cow::Borrowed)
        }
        None if furthest.expected.contains(&"SCORE:") && is_score(wrong) => {
            Some(Cow::Owned(format!("{wrong}:")))
        }
        None => crate::expect::closest(wrong, furthest.expected.iter().copied())
            .or_else(|| crate::expect::closest(wrong, lint::SECTIONS.iter().copied()))
            .map(Cow::Borrowed),
    };
    diagnostic.advice.help = meant.map(|word| format!("Did you mean `{word}`?"));
    diagnostic.advice.subject = texts.get(1).map(|id| id.text.to_string());
    diagnostic
}

fn expected_text(expected: &[&str]) -> String {
    format!("Expected {}", expected.join(" or "))
}

/// Builds crm's sentence for a syntax error.
///
/// **Source:** crmsh `syntax_err()` (log.py).
fn sentence_of(
    words: &[Word<'_>],
    context: Option<&str>,
    text: &str,
    near: Option<&str>,
) -> String {
    let line = joined(words);
    let first = words.first().map(|word| word.text.as_ref());
    let keyword = first.unwrap_or_default().to_ascii_lowercase();
    let context = context.unwrap_or(&keyword);
    match near {
        Some(near) if !near.is_empty() => {
            let near = if first == Some(near) { keyword.as_str() } else { near };
            format!("syntax in {context}: {text} near <{near}> parsing '{line}'")
        }
        _ => format!("syntax in {context}: {text} parsing '{line}'"),
    }
}

impl Statement {
    /// Makes a syntax error that came to light only when the statement was applied.
    pub(crate) fn syntax_error(&self, text: &str, near: Option<usize>) -> Diagnostic {
        let words = self.words();
        let word = near.and_then(|index| words.get(index));
        let near_text = word.map(|word| word.text.as_ref());
        let span = word.map_or(self.span, |word| word.span);
        Diagnostic::error(Code::Syntax, sentence_of(&words, None, text, near_text))
            .at(span, self.line)
    }

    /// Returns the words from the third on, one by one: what an object says after its kind and id.
    pub(crate) fn later_words(&self) -> impl Iterator<Item = Word<'_>> {
        // XML that is taken as it stands is the second word.
        let line = (!is_raw(&self.source, self.mode)).then_some(&self.source);
        line.into_iter().flat_map(lexer::each_word).map_while(Result::ok).skip(2)
    }

    /// Cuts the statement into its words once more: hardly anybody asks for them.
    pub fn words(&self) -> Vec<Word<'_>> {
        words_of(&self.source, self.mode).unwrap_or_default()
    }

    /// Returns the statement's first word in lower case.
    pub fn keyword(&self) -> String {
        self.words().first().map(|word| word.text.to_ascii_lowercase()).unwrap_or_default()
    }

    /// Returns what may follow these words, as far as the grammar knows.
    pub fn expected_after(words: &[String], mode: Mode) -> Vec<&'static str> {
        crate::expect::after(words, mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_nothing_but_mistakes_is_not_read_to_its_end() {
        let parsed = parse(&"foo\n".repeat(MISTAKES_MAX + 5), Mode::Load);
        assert_eq!(parsed.diagnostics.len(), MISTAKES_MAX);
    }

    #[test]
    fn every_statement_that_fails_is_reported_with_its_place() {
        let text = "# a comment\n\
                    primitive p Dummy params a=b ops\n\
                    primitve q Dummy\n\
                    location l p 100 n1\n\
                    node n1 \\\n  attributes a=\"b\n\
                    order o Mandatory: p q\n";
        let parsed = parse(text, Mode::Load);
        let found: Vec<(Option<usize>, &str, &str)> = parsed
            .diagnostics
            .iter()
            .map(|d| {
                let span = d.span.unwrap();
                (d.line, &text[span.start..span.end], d.message.as_str())
            })
            .collect();
        assert_eq!(
            found,
            [
                (
                    Some(3),
                    "primitve",
                    "syntax: Unknown command near <primitve> parsing 'primitve q Dummy'"
                ),
                (
                    Some(4),
                    "100",
                    "syntax in location: expected <score>: <node> or <rule> [<rule> ...] \
                     near <100> parsing 'location l p 100 n1'"
                ),
                (Some(5), "\"b", "No closing quotation"),
            ]
        );
        assert_eq!(parsed.diagnostics[0].advice.help.as_deref(), Some("Did you mean `primitive`?"));
        assert!(parsed.diagnostics[1].advice.expected.iter().any(|e| e == "SCORE:"));
        assert_eq!(parsed.statements.len(), 2);
        assert_eq!(parsed.statements[0].comments, ["# a comment"]);
    }

    #[test]
    fn what_xml_cannot_hold_is_refused() {
        let text = "primitive p Dummy params a=\"x\u{1}y\"\n# c\u{0}\nprimitive q Dummy\n";
        let found = |mode| {
            let parsed = parse(text, mode);
            let places = parsed.diagnostics.iter().map(|d| (d.line, d.span.unwrap()));
            let places = places.map(|(line, s)| (line, text[s.start..s.end].to_owned()));
            (places.collect::<Vec<_>>(), parsed.statements.len())
        };
        let (first, second) = ((Some(1), "\u{1}".to_owned()), (Some(2), "\u{0}".to_owned()));
        assert_eq!(found(Mode::Load), (vec![first.clone(), second], 1));
        // At the prompt a comment is nothing.
        assert_eq!(found(Mode::Create), (vec![first], 1));
    }

    #[test]
    fn words_are_quoted_again_as_crm_does() {
        let join =
            |words: &[&str]| join_words(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        assert_eq!(join(&["p", "a=b c", "d=\"e f"]), "p \"a=b c\" 'd=\"e f'");
        let words = ["primitive", "p", "Dummy", "params", "k=a\"b"].map(String::from);
        assert_eq!(parse_words(&words).unwrap_err().message, "No closing quotation");
    }
}
