//! `location`, `colocation`, `order`, `rsc_ticket`.

use nom::Parser;
use nom::combinator::opt;

use super::resource::split;
use super::rule::rules;
use super::set::{QualifierKind, resource_sets};
use super::{
    Res, Tokens, after_name, identifier, keyword, many, required, resource_id, score_text, word_as,
};
use crate::ast::{
    Colocation, Location, LocationTarget, Members, Object, Order, Preference, RscRef, Ticket,
};
use crate::error::Failure;

/// Role names of all schemas.
pub(crate) const ROLES: [&str; 6] =
    ["Stopped", "Started", "Promoted", "Unpromoted", "Master", "Slave"];
/// Action names of constraints.
pub(crate) const ACTIONS: [&str; 4] = ["start", "promote", "demote", "stop"];
/// What may become of a resource whose ticket is lost.
pub(crate) const LOSS_POLICIES: [&str; 4] = ["stop", "demote", "fence", "freeze"];
/// Kinds of orderings.
pub(crate) const KINDS: [&str; 3] = ["Optional", "Mandatory", "Serialize"];

/// Returns the spelling of `list` for `text`, whatever its case.
pub(crate) fn canonical(text: &str, list: &'static [&'static str]) -> Option<&'static str> {
    list.iter().copied().find(|known| known.eq_ignore_ascii_case(text))
}

pub(super) fn is_role(text: &str) -> bool {
    canonical(text, &ROLES).is_some()
}

pub(crate) fn is_instance(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

pub(super) fn canonical_qualifier(kind: QualifierKind, text: &str) -> Option<String> {
    match kind {
        QualifierKind::Role => canonical(text, &ROLES),
        QualifierKind::Action => canonical(text, &ACTIONS),
    }
    .map(String::from)
}

/// Reads a number or an infinity as crm takes it for a score: `[+-]?(digits|inf|infinity)`, the
/// words in one case throughout.
pub(crate) fn is_score(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(digits, "inf" | "infinity" | "INF" | "INFINITY") || is_instance(digits)
}

pub(super) fn location(input: Tokens<'_>) -> Res<'_, Object> {
    let (input, id) = identifier(input)?;
    let (input, target) = target(input)?;
    let attr = |text: &str| {
        let (name, value) = text.strip_prefix('$').unwrap_or(text).split_once('=')?;
        (!name.is_empty()).then(|| (name.to_owned(), value.to_owned()))
    };
    let (input, attrs) = many(word_as("role=", attr)).parse(input)?;
    let (input, score) = opt(score_text("SCORE:")).parse(input)?;
    let mut location =
        Location { id: id.to_owned(), target, attrs, preference: None, rules: Vec::new() };
    let input = if let Some(score) = score {
        let (input, node) = identifier(input)?;
        let role = |text: &str| {
            let role = after_name(text, "$role").or_else(|| after_name(text, "role"))?;
            (!role.is_empty()).then(|| role.to_owned())
        };
        let (input, role) = opt(word_as("role=", role)).parse(input)?;
        let (score, node) = (score.to_owned(), node.to_owned());
        location.preference = Some(Box::new(Preference { score, node, role }));
        input
    } else {
        let (input, rules) = rules(input)?;
        if rules.is_empty() {
            return Err(input.fail("expected <score>: <node> or <rule> [<rule> ...]"));
        }
        location.rules = rules;
        input
    };
    Ok((input, Object::Location(location)))
}

fn target(input: Tokens<'_>) -> Res<'_, LocationTarget> {
    let pattern = |text: &str| {
        let inner = text.strip_prefix('/')?.strip_suffix('/')?;
        (!inner.is_empty()).then(|| LocationTarget::Pattern(inner.to_owned()))
    };
    if let (rest, Some(target)) = opt(word_as("/pattern/", pattern)).parse(input)? {
        return Ok((rest, target));
    }
    if let (rest, Some(_)) = opt(keyword("{")).parse(input)? {
        let count = rest.texts().take_while(|text| *text != "}").count();
        let (after, inside) = nom::Input::take_split(&rest, count);
        let (after, _) = required(keyword("}"), "Expected }")(after)?;
        if count == 0 {
            return Err(after.fail("Empty resource set"));
        }
        let sets = resource_sets(QualifierKind::Role, inside)?;
        return Ok((after, LocationTarget::Sets(sets)));
    }
    let (input, rsc) = resource_id(input)?;
    Ok((input, LocationTarget::Rsc(rsc.to_owned())))
}

pub(super) fn colocation(input: Tokens<'_>) -> Res<'_, Object> {
    let (input, id) = identifier(input)?;
    let (input, score) = required(score_text("SCORE:"), "Expected <score>:")(input)?;
    let (input, node_attribute) =
        tail(input, |text| after_name(text, "node-attribute").filter(|v| !v.is_empty()));
    let (input, members) = members(QualifierKind::Role, 2, input, node_attribute.is_some())?;
    let (id, score) = (id.to_owned(), Some(score.to_owned()));
    Ok((input, Object::Colocation(Colocation { id, score, members, node_attribute })))
}

pub(super) fn order(input: Tokens<'_>) -> Res<'_, Object> {
    let (input, id) = identifier(input)?;
    let start = input;
    let (input, kind) = opt(score_text("KIND:")).parse(input)?;
    if let Some(kind) = kind
        && canonical(kind, &KINDS).is_none()
        && !is_score(kind)
        && !kind.eq_ignore_ascii_case("advisory")
    {
        return Err(start.fail_near_following(format!("Invalid kind: {kind}")));
    }
    let words = ["true", "false", "yes", "no", "on", "off"];
    let (input, symmetrical) = tail(input, |text| {
        let value = after_name(text, "symmetrical")?;
        words.iter().any(|w| w.eq_ignore_ascii_case(value)).then_some(value)
    });
    let (input, members) = members(QualifierKind::Action, 2, input, symmetrical.is_some())?;
    let (id, kind) = (id.to_owned(), kind.map(String::from));
    Ok((input, Object::Order(Order { id, kind, members, symmetrical })))
}

pub(super) fn ticket(input: Tokens<'_>) -> Res<'_, Object> {
    let (input, id) = identifier(input)?;
    let (input, ticket) = required(score_text("TICKET:"), "Expected <ticket-id>:")(input)?;
    let (input, loss_policy) = tail(input, |text| {
        let value = after_name(text, "loss-policy")?;
        LOSS_POLICIES.iter().any(|p| p.eq_ignore_ascii_case(value)).then_some(value)
    });
    let (input, members) = members(QualifierKind::Role, 1, input, loss_policy.is_some())?;
    let (id, ticket) = (id.to_owned(), ticket.to_owned());
    Ok((input, Object::Ticket(Ticket { id, ticket, members, loss_policy })))
}

/// Takes an attribute off the end, where it stands last.
fn tail<'a>(
    input: Tokens<'a>,
    read: impl Fn(&'a str) -> Option<&'a str>,
) -> (Tokens<'a>, Option<String>) {
    match input.texts().last().and_then(read) {
        Some(value) => (input.without_last(), Some(value.to_owned())),
        None => (input, None),
    }
}

fn members(
    kind: QualifierKind,
    simple: usize,
    input: Tokens<'_>,
    has_tail: bool,
) -> Res<'_, Members> {
    untold_members(kind, simple, input).map_err(|error| match error {
        nom::Err::Failure(failure) => {
            nom::Err::Failure(Failure { without_last: has_tail, ..failure })
        }
        other => other,
    })
}

fn untold_members(kind: QualifierKind, simple: usize, input: Tokens<'_>) -> Res<'_, Members> {
    if input.len() == simple {
        let mut refs = Vec::new();
        let mut rest = input;
        for _ in 0..simple {
            let (after, found) = rsc_ref(kind, rest)?;
            refs.push(found);
            rest = after;
        }
        return Ok((rest, Members::Simple(refs)));
    }
    let sets = resource_sets(kind, input)?;
    if sets.is_empty() {
        let one = format!("<rsc>[:<{}>]", kind.as_str());
        let all = vec![one; simple].join(" ");
        let end = nom::Input::take_from(&input, input.len());
        return Err(end.fail(format!("Expected {all} | resource_sets")));
    }
    Ok((nom::Input::take_from(&input, input.len()), Members::Sets(sets)))
}

fn rsc_ref(kind: QualifierKind, start: Tokens<'_>) -> Res<'_, RscRef> {
    let (input, (rsc, text)) = split("resource", start)?;
    let qualifier = text.map(|text| {
        let own = is_instance(text).then(|| text.to_owned());
        own.or_else(|| canonical_qualifier(kind, text)).ok_or_else(|| {
            start.fail_near_following(format!("Invalid {} '{text}' for '{rsc}'", kind.as_str()))
        })
    });
    let qualifier = qualifier.transpose()?;
    Ok((input, RscRef { rsc: rsc.to_owned(), qualifier }))
}
