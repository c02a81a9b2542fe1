//! `bundle ID [description=TEXT] {docker|podman|rkt … | network … | storage … | primitive RSC | meta …}`

use nom::Parser;
use nom::combinator::opt;

use super::attrs::{Keywords, keyword_set, pairs};
use super::{Res, Tokens, description, identifier, word_as};
use crate::ast::{Bundle, BundleItem, Container, Object, Pair, SetKind};

const META: Keywords = &[("meta", SetKind::Meta)];
const PARTS: [&str; 5] = ["docker", "podman", "rkt", "network", "storage"];
const STOP: &[&str] = &["docker", "podman", "rkt", "network", "storage", "meta", "primitive"];

pub(super) fn bundle(input: Tokens<'_>) -> Res<'_, Object> {
    let (input, id) = identifier(input)?;
    let (mut input, description) = description(input)?;
    let mut items = Vec::new();
    loop {
        let part = |text: &str| {
            PARTS.into_iter().chain(["primitive"]).find(|p| text.eq_ignore_ascii_case(p))
        };
        let (rest, found) =
            opt(word_as("docker, podman, network, storage or primitive", part)).parse(input)?;
        let (rest, item) = match found {
            Some("primitive") => primitive(rest)?,
            Some(part) => container(part, rest)?,
            None => match opt(keyword_set(META, STOP)).parse(input)? {
                (rest, Some(set)) => (rest, BundleItem::Set(set)),
                (_, None) => break,
            },
        };
        items.push(item);
        input = rest;
    }
    Ok((input, Object::Bundle(Bundle { id: id.to_owned(), description, items })))
}

fn primitive(input: Tokens<'_>) -> Res<'_, BundleItem> {
    let (rest, found) = pairs(STOP)(input)?;
    if let [Pair::Value { name, value: None, .. }] = found.as_slice() {
        return Ok((rest, BundleItem::Primitive(name.clone())));
    }
    let shown: Vec<String> = found
        .iter()
        .map(|p| format!("{}={}", p.name().unwrap_or(""), p.value().unwrap_or("")))
        .collect();
    Err(rest.fail(format!("Expected primitive reference, got {}", shown.join(", "))))
}

fn container<'a>(tag: &str, input: Tokens<'a>) -> Res<'a, BundleItem> {
    let (rest, found) = pairs(STOP)(input)?;
    let mut part = Container { tag: tag.to_owned(), pairs: Vec::new(), mappings: Vec::new() };
    for pair in found {
        match pair.name() {
            Some(name @ ("port-mapping" | "storage-mapping")) => {
                part.mappings.push((name.to_owned(), Vec::new()));
            }
            _ => match part.mappings.last_mut() {
                Some((_, pairs)) => pairs.push(pair),
                None => part.pairs.push(pair),
            },
        }
    }
    Ok((rest, BundleItem::Container(part)))
}
