//! `node [ID:|$id=ID] UNAME[:TYPE] [description=TEXT] [[attributes] …] [utilization …]`

use super::attrs::{Keywords, SECTIONS, sets};
use super::{Res, Tokens, description, initial_id, required, word_as};
use crate::ast::{Node, Object, SetKind};

const KEYWORDS: Keywords =
    &[("attributes", SetKind::Instance), ("utilization", SetKind::Utilization)];
const TYPES: [&str; 4] = ["normal", "member", "ping", "remote"];

pub(super) fn node(input: Tokens<'_>) -> Res<'_, Object> {
    let (input, id) = initial_id(input)?;
    let read = |text: &str| {
        let (uname, node_type) = match text.split_once(':') {
            None => (text, None),
            Some((uname, node_type)) => {
                let known = TYPES.iter().any(|t| t.eq_ignore_ascii_case(node_type));
                (uname, Some(node_type.to_owned()).filter(|_| known))
            }
        };
        let complete = node_type.is_some() || !text.contains(':');
        (!uname.is_empty() && complete).then(|| (uname.to_owned(), node_type))
    };
    let (input, (uname, node_type)) =
        required(word_as("uname[:type]", read), "Expected uname[:type]")(input)?;
    let (input, description) = description(input)?;
    let (input, sets) = sets(KEYWORDS, SetKind::Instance, SECTIONS)(input)?;
    Ok((input, Object::Node(Node { id, uname, node_type, description, sets })))
}
