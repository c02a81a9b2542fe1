//! `primitive`, `rsc_template`, `group`, `clone`, `ms`, `monitor`.

use nom::Parser;
use nom::combinator::opt;

use super::attrs::{Keywords, PARAMS_META, SECTIONS, implicit_set, keyword_set, pairs, sets};
use super::{
    IdSpec, Res, Tokens, description, id_spec, identifier, keyword, many, required, resource_id,
    word_as, word_if,
};
use crate::ast::{
    Agent, BodyItem, Clone, CloneKind, Group, Monitor, Object, Op, Operations, Primitive,
    PrimitiveKind, SetKind,
};
use crate::diag::Code;

const BODY: Keywords = &[
    ("params", SetKind::Instance),
    ("meta", SetKind::Meta),
    ("utilization", SetKind::Utilization),
];
const OP: Keywords = &[("op_params", SetKind::Instance), ("op_meta", SetKind::Meta)];

pub(super) fn primitive(kind: PrimitiveKind) -> impl Fn(Tokens<'_>) -> Res<'_, Object> {
    move |input| {
        let (input, id) = identifier(input)?;
        let template = |text: &str| match text.strip_prefix('@') {
            Some(name) if kind == PrimitiveKind::Primitive && !name.is_empty() => {
                Some(Agent::Template(name.to_owned()))
            }
            _ => None,
        };
        let name = |text: &str| Some(Agent::Name(text.to_owned()));
        let at_agent = input;
        let (input, template) = opt(word_as("@template", template)).parse(input)?;
        let (input, agent) = match template {
            Some(agent) => (input, agent),
            None => {
                required(word_as("[class:[provider:]]type", name), "Expected resource type")(input)?
            }
        };
        if let Agent::Name(name) = &agent
            && !Agent::is_name(name)
        {
            return Err(at_agent.fail_in_words(Code::Agent, Agent::not_a_name(name)));
        }
        let (input, description) = description(input)?;
        let (input, body) = body(input)?;
        let id = id.to_owned();
        Ok((input, Object::Primitive(Primitive { kind, id, agent, description, body })))
    }
}

fn body(input: Tokens<'_>) -> Res<'_, Vec<BodyItem>> {
    let (input, first) = implicit_set(SetKind::Instance, input)?;
    let (input, rest) = many(nom::branch::alt((
        keyword_set(BODY, SECTIONS).map(BodyItem::Set),
        operations.map(BodyItem::Operations),
    )))
    .parse(input)?;
    Ok((input, first.map(BodyItem::Set).into_iter().chain(rest).collect()))
}

/// `[operations $id=ID] {op …}`, one of them at least.
fn operations(input: Tokens<'_>) -> Res<'_, Operations> {
    let mut operations = Operations::default();
    let (input, named) = opt(keyword("operations")).parse(input)?;
    let (input, ops) = if named.is_some() {
        let (input, spec) = required(id_spec(), "Expected $id-ref=<id> or $id=<id>")(input)?;
        match spec {
            IdSpec::Id(id) => operations.id = Some(id),
            IdSpec::Ref(id) => operations.id_ref = Some(id),
        }
        many(op).parse(input)?
    } else {
        nom::multi::many1(op).parse(input)?
    };
    operations.ops = ops;
    Ok((input, operations))
}

/// `op NAME {KEY=VALUE} {op_params …|op_meta …}`
fn op(input: Tokens<'_>) -> Res<'_, Op> {
    let (input, _) = keyword("op").parse(input)?;
    let (input, name) = identifier(input)?;
    let (input, pairs) = pairs(SECTIONS)(input)?;
    let (input, sets) = sets(OP, SetKind::Instance, SECTIONS)(input)?;
    Ok((input, Op { name: name.to_owned(), pairs, description: None, sets }))
}

pub(super) fn group(input: Tokens<'_>) -> Res<'_, Object> {
    let (mut input, id) = identifier(input)?;
    let mut members: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let is_member = |text: &str| {
        !text.is_empty()
            && !text.contains('=')
            && !text.eq_ignore_ascii_case("params")
            && !text.eq_ignore_ascii_case("meta")
    };
    while let (rest, Some(member)) = opt(word_if("resource", is_member)).parse(input)? {
        if !seen.insert(member) {
            let text = format!("child {member} listed more than once in group {id}");
            return Err(input.fail_near_following(text));
        }
        members.push(member.to_owned());
        input = rest;
    }
    members.shrink_to_fit();
    let (input, description) = description(input)?;
    let (input, sets) = sets(PARAMS_META, SetKind::Instance, SECTIONS)(input)?;
    Ok((input, Object::Group(Group { id: id.to_owned(), members, description, sets })))
}

pub(super) fn clone(kind: CloneKind) -> impl Fn(Tokens<'_>) -> Res<'_, Object> {
    move |input| {
        let (input, id) = identifier(input)?;
        let (input, member) = resource_id(input)?;
        let (input, description) = description(input)?;
        let (input, sets) = sets(PARAMS_META, SetKind::Instance, SECTIONS)(input)?;
        let (id, members) = (id.to_owned(), vec![member.to_owned()]);
        Ok((input, Object::Clone(Clone { kind, id, members, description, sets })))
    }
}

/// Reads `VALUE[:VALUE]`.
pub(super) fn split<'a>(
    what: &'static str,
    input: Tokens<'a>,
) -> Res<'a, (&'a str, Option<&'a str>)> {
    let read = |text: &'a str| match text.split_once(':') {
        None => Some((text, None)),
        Some((a, b)) if !b.contains(':') => Some((a, Some(b).filter(|b| !b.is_empty()))),
        Some(_) => None,
    };
    required(word_as(what, read), "Expected value[:value]")(input)
}

pub(super) fn monitor(start: Tokens<'_>) -> Res<'_, Object> {
    let (input, (rsc, role)) = split("resource[:role]", start)?;
    if let Some(role) = role
        && !super::constraint::is_role(role)
        && !super::constraint::is_instance(role)
    {
        let sentence = format!("Invalid role '{role}' for resource '{rsc}'");
        return Err(start.fail_near_following(sentence));
    }
    let (input, (interval, timeout)) = split("interval[:timeout]", input)?;
    let monitor = Monitor {
        rsc: rsc.to_owned(),
        role: role.map(String::from),
        interval: interval.to_owned(),
        timeout: timeout.map(String::from),
    };
    Ok((input, Object::Monitor(monitor)))
}
