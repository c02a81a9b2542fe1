//! Rules: `rule [$id=ID|$id-ref=ID] [[$]role=ROLE] [SCORE:] EXPRESSION {and|or EXPRESSION}`.

use nom::Parser;
use nom::combinator::opt;
use nom::sequence::preceded;

use super::{
    IdSpec, Res, Tokens, after_name, any_word, id_spec, identifier, keyword, many, required,
    score_text, word_as,
};
use crate::ast::{BoolOp, DateExpression, Expression, Pair, Rule, RuleContent};

/// Duration and date specification keys; `yearsdays` is crm's own spelling.
pub(crate) const DATE_KEYS: [&str; 9] = [
    "hours",
    "monthdays",
    "weekdays",
    "yearsdays",
    "months",
    "weeks",
    "years",
    "weekyears",
    "moon",
];
/// Range ends.
pub(crate) const RANGE_KEYS: [&str; 2] = ["start", "end"];

const BINARY: [&str; 6] = ["lt", "gt", "lte", "gte", "eq", "ne"];
const UNARY: [&str; 2] = ["defined", "not_defined"];
const TYPES: [&str; 4] = ["string", "integer", "number", "version"];

/// Reads rules, as many as there are.
pub(super) fn rules(input: Tokens<'_>) -> Res<'_, Vec<Rule>> {
    many(preceded(keyword("rule"), rule_body)).parse(input)
}

fn rule_body(input: Tokens<'_>) -> Res<'_, Rule> {
    let (input, spec) = opt(id_spec()).parse(input)?;
    let role = |text| after_name(text, "$role").or_else(|| after_name(text, "role"));
    let (input, role) =
        opt(word_as("$role=", move |t| role(t).filter(|r| !r.is_empty()).map(String::from)))
            .parse(input)?;
    let id = match spec {
        Some(IdSpec::Ref(id)) => {
            return Ok((input, Rule { id: None, role, content: RuleContent::Ref(id) }));
        }
        Some(IdSpec::Id(id)) => Some(id),
        None => None,
    };
    let (input, score) = opt(score_text("SCORE:")).parse(input)?;
    let (input, (bool_op, expressions)) = joined(input)?;
    let content = RuleContent::Own { score: score.map(String::from), bool_op, expressions };
    Ok((input, Rule { id, role, content }))
}

fn joined(input: Tokens<'_>) -> Res<'_, (Option<BoolOp>, Vec<Expression>)> {
    let (mut input, first) = expression(input)?;
    let mut expressions = vec![first];
    let mut joined_by: Option<BoolOp> = None;
    let op = |text: &str| match text.to_ascii_lowercase().as_str() {
        "and" => Some(BoolOp::And),
        "or" => Some(BoolOp::Or),
        _ => None,
    };
    while let (rest, Some(found)) = opt(word_as("and", op)).parse(input)? {
        match joined_by {
            Some(before) if before != found => {
                let (before, found) = (before.as_str(), found.as_str());
                let text = format!("Mixing bool ops not allowed: {before} != {found}");
                return Err(input.fail_near_following(text));
            }
            _ => joined_by = Some(found),
        }
        let (rest, next) = expression(rest)?;
        expressions.push(next);
        input = rest;
    }
    expressions.shrink_to_fit();
    Ok((input, (joined_by, expressions)))
}

fn expression(input: Tokens<'_>) -> Res<'_, Expression> {
    if let (rest, Some(_)) = opt(keyword("date")).parse(input)? {
        return date(rest).map(|(rest, date)| (rest, Expression::Date(date)));
    }
    let unary = |text: &str| UNARY.into_iter().find(|op| text.eq_ignore_ascii_case(op));
    if let (rest, Some(_)) = opt(word_as("defined", unary)).parse(input)? {
        let operation = input.peek().unwrap_or_default().to_owned();
        let (rest, attribute) = identifier(rest)?;
        return Ok((rest, Expression::Unary { operation, attribute: attribute.to_owned() }));
    }
    let (input, attribute) = identifier(input)?;
    let (input, (value_type, operation)) = required(
        word_as("lt, gt, lte, gte, eq or ne", binary),
        "Expected ((string|integer|number|version):)?(lt|gt|lte|gte|eq|ne)",
    )(input)?;
    let (input, value) = any_word(input)?;
    let (source, value) = sourced(value);
    let attribute = attribute.to_owned();
    Ok((input, Expression::Binary { attribute, value_type, operation, value, source }))
}

fn binary(text: &str) -> Option<(Option<String>, String)> {
    let (value_type, operation) = match text.split_once(':') {
        Some((value_type, operation)) => (Some(value_type), operation),
        None => (None, text),
    };
    let known = |list: &[&str], word: &str| list.iter().any(|w| word.eq_ignore_ascii_case(w));
    let is = known(&BINARY, operation) && value_type.is_none_or(|t| known(&TYPES, t));
    is.then(|| (value_type.map(String::from), operation.to_owned()))
}

/// Splits `SOURCE{VALUE}`.
fn sourced(text: &str) -> (Option<String>, String) {
    let found =
        text.strip_suffix('}').and_then(|inner| inner.split_once('{')).filter(|(source, value)| {
            !source.is_empty()
                && !value.is_empty()
                && !source.contains(|c: char| c.is_whitespace() || c == '}')
                && !value.contains(char::is_whitespace)
        });
    match found {
        Some((source, value)) => (Some(source.to_owned()), value.to_owned()),
        None => (None, text.to_owned()),
    }
}

fn date(input: Tokens<'_>) -> Res<'_, DateExpression> {
    let op = |text: &str| {
        ["in_range", "in", "gt", "lt", "date_spec", "spec"]
            .into_iter()
            .find(|op| text.eq_ignore_ascii_case(op))
    };
    let word = input.peek();
    let (input, op) = required(
        word_as("lt, gt, in or spec", op),
        "Expected (in_range|gt|lt|date_spec|spec|in)$",
    )(input)?;
    // COMPAT(crmsh, match_date()): `lt` and `gt` may be written in any case, the others not
    if !matches!(op, "lt" | "gt") && word != Some(op) {
        let word = word.unwrap_or_default();
        let text = format!("Unknown date operation '{word}', please upgrade crmsh");
        return Err(input.fail(text));
    }
    match op {
        "lt" | "gt" => {
            let (input, date) = any_word(input)?;
            let date = date.to_owned();
            Ok((
                input,
                if op == "lt" { DateExpression::Before(date) } else { DateExpression::After(date) },
            ))
        }
        "in" | "in_range" => {
            let (input, pairs) = keyed(input, true)?;
            if pairs.len() < 2 {
                return Err(input.fail("Expected at least 2 name-value pairs"));
            }
            Ok((input, DateExpression::InRange(pairs)))
        }
        _ => {
            let (input, pairs) = keyed(input, false)?;
            if pairs.is_empty() {
                return Err(input.fail("Expected at least one name-value pair"));
            }
            Ok((input, DateExpression::Spec(pairs)))
        }
    }
}

/// Reads `KEY=VALUE` or `KEY` for the keys of dates.
fn keyed(input: Tokens<'_>, with_range: bool) -> Res<'_, Vec<Pair>> {
    let known =
        move |key: &str| DATE_KEYS.contains(&key) || (with_range && RANGE_KEYS.contains(&key));
    let read = move |text: &str| match text.split_once('=') {
        Some((key, value)) if known(key) && !value.is_empty() => Some(Pair::new(key, value)),
        None if known(text) => Some(Pair::new(text, "")),
        _ => None,
    };
    many(word_as(if with_range { "start=" } else { "hours=" }, read)).parse(input)
}
