//! `alert ID PATH [description=TEXT] {attributes …|meta …|select …|to …}`

use nom::Parser;
use nom::combinator::opt;

use super::attrs::{Keywords, keyword_set};
use super::{Res, Tokens, any_word, description, identifier, keyword, many, required, word_if};
use crate::ast::{Alert, AlertItem, Object, Recipient, Selector, SetKind};

const SETS: Keywords = &[("attributes", SetKind::Instance), ("meta", SetKind::Meta)];
const STOP: &[&str] = &["attributes", "meta", "to", "select", "rule"];
const RECIPIENT_STOP: &[&str] = &["attributes", "meta", "to", "rule"];
const BRACED_STOP: &[&str] = &["attributes", "meta", "to", "}", "rule"];

pub(super) fn alert(input: Tokens<'_>) -> Res<'_, Object> {
    let (input, id) = identifier(input)?;
    let (input, path) = required(word_if("path", |_| true), "Expected path")(input)?;
    let (mut input, description) = description(input)?;
    let mut items = Vec::new();
    while !input.is_empty() {
        let (rest, item) = item(input)?;
        items.push(item);
        input = rest;
    }
    let (id, path) = (id.to_owned(), path.to_owned());
    Ok((input, Object::Alert(Alert { id, path, description, items })))
}

fn item(input: Tokens<'_>) -> Res<'_, AlertItem> {
    if let (rest, Some(set)) = opt(keyword_set(SETS, STOP)).parse(input)? {
        return Ok((rest, AlertItem::Set(set)));
    }
    if let (rest, Some(_)) = opt(keyword("select")).parse(input)? {
        return many(selector).map(AlertItem::Select).parse(rest);
    }
    let (input, _) = required(keyword("to"), "Expected to")(input)?;
    recipient(input).map(|(rest, recipient)| (rest, AlertItem::Recipient(recipient)))
}

fn selector(input: Tokens<'_>) -> Res<'_, Selector> {
    let named = nom::branch::alt((
        keyword("nodes").map(|_| Selector::Nodes),
        keyword("fencing").map(|_| Selector::Fencing),
        keyword("resources").map(|_| Selector::Resources),
    ))
    .parse(input);
    if named.is_ok() {
        return named;
    }
    let (input, _) = keyword("attributes").parse(input)?;
    let (mut input, _) = keyword("{").parse(input)?;
    let mut names = Vec::new();
    while input.peek() != Some("}") {
        let (rest, name) = identifier(input)?;
        names.push(name.to_owned());
        input = rest;
    }
    Ok((nom::Input::take_from(&input, 1), Selector::Attributes(names)))
}

fn recipient(input: Tokens<'_>) -> Res<'_, Recipient> {
    let (input, brace) = opt(keyword("{")).parse(input)?;
    let braced = brace.is_some();
    let (input, value) = any_word(input)?;
    let (input, description) = description(input)?;
    let stop = if braced { BRACED_STOP } else { RECIPIENT_STOP };
    let (input, sets) = many(keyword_set(SETS, stop)).parse(input)?;
    let input = if braced { required(keyword("}"), "Expected }")(input)?.0 } else { input };
    Ok((input, Recipient { braced, value: value.to_owned(), description, sets }))
}
