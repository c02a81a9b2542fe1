//! `tag NAME[:] REF …`

use super::{Res, Tokens, required, resource_id, word_as};
use crate::ast::{Object, Tag};

pub(super) fn tag(input: Tokens<'_>) -> Res<'_, Object> {
    let name = |text: &str| {
        let name = text.strip_suffix(':').unwrap_or(text);
        let is = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && !name.contains(|c: char| c.is_whitespace() || c == ':');
        is.then(|| name.to_owned())
    };
    let (mut input, id) = required(word_as("tag name", name), "Expected tag name")(input)?;
    let mut refs = Vec::new();
    while !input.is_empty() {
        let (rest, found) = resource_id(input)?;
        refs.push(found.to_owned());
        input = rest;
    }
    if refs.is_empty() {
        return Err(input.fail("Expected at least one resource"));
    }
    Ok((input, Object::Tag(Tag { id, refs })))
}
