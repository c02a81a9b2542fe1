//! `fencing_topology {NODE: | attr:NAME=VALUE | pattern:REGEX | DEVICE[,DEVICE…]}`

use super::{Res, Tokens};
use crate::ast::{FencingTarget, FencingTopology, Object};

#[expect(clippy::unnecessary_wraps, reason = "a parser like the others")]
pub(super) fn topology(input: Tokens<'_>) -> Res<'_, Object> {
    let mut target = FencingTarget::AllNodes;
    let mut levels = Vec::new();
    for text in input.texts() {
        match read_target(text) {
            Some(found) => target = found,
            None => levels.push((target.clone(), text.to_owned())),
        }
    }
    let rest = nom::Input::take_from(&input, input.len());
    Ok((rest, Object::FencingTopology(FencingTopology { levels })))
}

fn read_target(text: &str) -> Option<FencingTarget> {
    let is_word = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    };
    match text.split_once(':') {
        Some((key, rest)) if key.eq_ignore_ascii_case("attr") && rest.contains('=') => {
            let (name, value) = rest.split_once('=')?;
            (is_word(name) && is_word(value))
                .then(|| FencingTarget::Attribute(name.to_owned(), value.to_owned()))
        }
        Some((key, rest)) if key.eq_ignore_ascii_case("pattern") && !rest.is_empty() => {
            Some(FencingTarget::Pattern(rest.to_owned()))
        }
        Some((node, "")) if !node.is_empty() => Some(FencingTarget::Node(node.to_owned())),
        _ => None,
    }
}
