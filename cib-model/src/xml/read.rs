//! Reads XML text into a [`Tree`].
//!
//! White space between elements is dropped, as Pacemaker does when it reads a CIB. A document type
//! that only names itself, as agents' metadata has one, is passed over; one that defines entities
//! is refused. Nesting is bounded, and every error names its byte offset.

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};

use super::name::Name;
use super::texts::Part;
use super::tree::{Attr, Tree, XmlId};

/// Deepest nesting that is read; a real CIB stays below 20.
const DEPTH_MAX: usize = 512;

/// Most attributes of one element; a real one has a handful. Each is compared with those before it.
const ATTRS_MAX: usize = 1_024;

/// Why a text is not a tree. Nothing is kept of a text that fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("XML error at byte {offset}: {message}")]
pub struct ReadError {
    /// Byte offset from the start of the text.
    pub offset: usize,
    /// What was found there.
    pub message: String,
}

/// Reads one XML document.
///
/// # Errors
/// [`ReadError`] where the text is not well formed, holds a character that XML forbids (also as a
/// reference), has no or several roots, defines entities in a document type, repeats an attribute,
/// gives an element more than 1,024 of them, or nests deeper than 512 elements.
pub fn read(text: &str) -> Result<Tree, ReadError> {
    check_chars(text)?;
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::for_text(text.len());
    let mut stack: Vec<XmlId> = Vec::new();
    // Text comes in pieces, one for each reference in it; joined one by one they would be copied
    // again and again.
    let mut pending = String::new();
    let mut attrs = Vec::new();
    loop {
        let at = position(&reader);
        let event = reader.read_event().map_err(|e| {
            fail(usize::try_from(reader.error_position()).unwrap_or(at), &e.to_string())
        })?;
        if !pending.is_empty() && !matches!(event, Event::Text(_) | Event::GeneralRef(_)) {
            add_text(&mut tree, &stack, &pending, at)?;
            pending.clear();
        }
        match event {
            Event::Start(start) => {
                let id = open(&mut tree, &stack, &start, &mut attrs, at)?;
                if stack.len() >= DEPTH_MAX {
                    return Err(fail(at, "elements are nested too deeply"));
                }
                stack.push(id);
            }
            Event::Empty(start) => {
                open(&mut tree, &stack, &start, &mut attrs, at)?;
            }
            Event::End(_) => {
                stack.pop();
            }
            Event::Text(text) => pending.push_str(text.as_ref()),
            Event::GeneralRef(name) => {
                let text = match name.resolve_char_ref() {
                    Ok(Some(c)) if is_char(c) => c.to_string(),
                    Ok(Some(c)) => return Err(fail(at, &no_char(c))),
                    Ok(None) => resolve_predefined_entity(name.as_ref())
                        .ok_or_else(|| {
                            fail(at, &format!("unknown entity &{};", name.as_ref() as &str))
                        })?
                        .to_owned(),
                    Err(e) => return Err(fail(at, &e.to_string())),
                };
                pending.push_str(&text);
            }
            Event::Comment(text) => {
                if let Some(parent) = stack.last() {
                    tree.append_comment(*parent, text.as_ref() as &str);
                }
            }
            Event::CData(text) => match stack.last() {
                Some(parent) => {
                    tree.append_cdata(*parent, text.as_ref() as &str);
                }
                None => return Err(fail(at, "text outside the root element")),
            },
            Event::DocType(name) if (name.as_ref() as &str).contains('[') => {
                return Err(fail(at, "a document type with definitions is refused"));
            }
            Event::DocType(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    if !stack.is_empty() {
        return Err(fail(text.len(), "the document ends inside an element"));
    }
    if !tree.has_root() {
        return Err(fail(text.len(), "no root element"));
    }
    tree.shrink();
    Ok(tree)
}

/// Returns false for characters that XML 1.0 forbids, also as references (section 2.2, `Char`):
/// control characters other than tab and the ends of lines, U+FFFE, U+FFFF.
pub fn is_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Looks for forbidden characters: first, in whole blocks and without a branch for each byte, for
/// the control characters and for what begins U+FFFE and U+FFFF.
fn check_chars(text: &str) -> Result<(), ReadError> {
    const BLOCK_BYTES: usize = 64;
    let suspicious = |b: u8| matches!(b, 0..=8 | 11 | 12 | 14..=31 | 0xef);
    let mut blocks = text.as_bytes().chunks(BLOCK_BYTES);
    if !blocks.any(|block| block.iter().fold(false, |any, &b| any | suspicious(b))) {
        return Ok(());
    }
    match text.char_indices().find(|(_, c)| !is_char(*c)) {
        Some((offset, c)) => Err(fail(offset, &no_char(c))),
        None => Ok(()),
    }
}

/// Returns true for what may name an element or an attribute (XML 1.0, section 2.3).
pub fn is_name(name: &str) -> bool {
    let is_start = |c: char| c == '_' || c == ':' || c.is_alphabetic();
    let is_rest = |c: char| is_start(c) || c.is_alphanumeric() || "-.\u{b7}".contains(c);
    name.starts_with(is_start) && name.chars().all(is_rest)
}

/// Makes the name of an element or attribute. One that is known needs no look at its characters.
fn read_name(tree: &mut Tree, text: &str, at: usize) -> Result<Name, ReadError> {
    let name = tree.store_name(text);
    if matches!(name, Name::Known(_)) || is_name(text) {
        return Ok(name);
    }
    Err(fail(at, &format!("{text:?} is no name")))
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn fail(offset: usize, message: &str) -> ReadError {
    ReadError { offset, message: message.to_owned() }
}

/// Adds an element. `attrs` is a list that is used again and again.
fn open(
    tree: &mut Tree,
    stack: &[XmlId],
    start: &BytesStart<'_>,
    attrs: &mut Vec<Attr>,
    at: usize,
) -> Result<XmlId, ReadError> {
    let parent = stack.last().copied();
    if parent.is_none() && tree.has_root() {
        return Err(fail(at, "a second root element"));
    }
    let name = read_name(tree, start.name().as_ref(), at)?;
    attrs.clear();
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|e| fail(at, &e.to_string()))?;
        if attrs.len() == ATTRS_MAX {
            return Err(fail(at, "an element has too many attributes"));
        }
        let name = read_name(tree, attribute.key.as_ref(), at)?;
        if attrs.iter().any(|(other, _)| *other == name) {
            return Err(fail(
                at,
                &format!("duplicated attribute `{}`", attribute.key.as_ref() as &str),
            ));
        }
        let value = attr_value(tree, &attribute.value).map_err(|m| fail(at, &m))?;
        attrs.push((name, value));
    }
    Ok(tree.push_whole(parent, name, attrs))
}

/// Normalises an attribute value as XML 1.0 section 3.3.3 says: literal white space becomes a
/// blank, character references keep theirs.
fn attr_value(tree: &mut Tree, raw: &str) -> Result<Part, String> {
    if !raw.bytes().any(|b| matches!(b, b'&' | b'\n' | b'\t' | b'\r')) {
        return Ok(tree.store(raw));
    }
    let spaced = raw.replace("\r\n", "\n").replace(['\n', '\t', '\r'], " ");
    let value = unescape(&spaced).map_err(|e| e.to_string())?;
    match value.chars().find(|c| !is_char(*c)) {
        Some(c) => Err(no_char(c)),
        None => Ok(tree.store(&value)),
    }
}

fn no_char(c: char) -> String {
    format!("the character {c:?} may not stand in XML")
}

fn add_text(tree: &mut Tree, stack: &[XmlId], text: &str, at: usize) -> Result<(), ReadError> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let Some(parent) = stack.last() else {
        return Err(fail(at, "text outside the root element"));
    };
    tree.append_text(*parent, text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_to_no_character_is_refused() {
        for text in ["<a>x&#11;y</a>", "<a b=\"x&#11;y\"/>", "<a>&#xFFFE;</a>"] {
            let error = read(text).unwrap_err();
            assert!(error.message.contains("may not stand in XML"), "{text}: {error}");
        }
        assert!(read("<a b=\"&#9;&#xA;\">&#13;x</a>").is_ok());
    }

    #[test]
    fn a_document_type_is_passed_over_unless_it_defines_something() {
        let named = read("<?xml version=\"1.0\"?>\n<!DOCTYPE a SYSTEM \"a.dtd\">\n<a/>").unwrap();
        assert_eq!(named.root().name(), "a");
        let error = read("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>").unwrap_err();
        assert_eq!(error.message, "a document type with definitions is refused");
    }
}
