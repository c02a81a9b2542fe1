//! Rules.
//!
//! **Source:** pacemaker `lib/common/rules.c`.

use std::cmp::Ordering;

use cib_model::xml::ElementRef;

use crate::facts::AttrMap;

/// What a rule may ask about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RuleInput<'a> {
    /// Epoch seconds.
    pub(crate) now: i64,
    /// Attributes of the node in question.
    pub(crate) node_attrs: Option<&'a AttrMap>,
    /// Agent class.
    pub(crate) class: Option<&'a str>,
    /// Agent provider.
    pub(crate) provider: Option<&'a str>,
    /// Agent type.
    pub(crate) agent: Option<&'a str>,
    /// Operation name.
    pub(crate) op_name: Option<&'a str>,
    /// Operation interval, ms.
    pub(crate) op_interval_ms: u32,
    /// Parameters, for `value-source="param"`.
    pub(crate) params: Option<&'a AttrMap>,
    /// Meta-attributes, for `value-source="meta"`.
    pub(crate) meta: Option<&'a AttrMap>,
    /// Text and groups that `%0` … `%9` stand for.
    pub(crate) submatches: Option<&'a [String]>,
}

/// Returns whether `rule` passes; `next_change` is lowered to when that may change.
pub(crate) fn evaluate(
    rule: ElementRef<'_>,
    input: &RuleInput<'_>,
    next_change: &mut Option<i64>,
) -> bool {
    let all = match rule.attr("boolean-op") {
        Some(op) if op.eq_ignore_ascii_case("or") => false,
        Some(op) if op.eq_ignore_ascii_case("and") => true,
        Some(_) | None => true,
    };
    let mut any_condition = false;
    for condition in rule.children() {
        let passed = match condition.name() {
            "rule" => evaluate(condition, input, next_change),
            "expression" => attribute(condition, input),
            "rsc_expression" => resource(condition, input),
            "op_expression" => operation(condition, input),
            _ => continue,
        };
        any_condition = true;
        if passed != all {
            return passed;
        }
    }
    !any_condition || all
}

fn resource(condition: ElementRef<'_>, input: &RuleInput<'_>) -> bool {
    let agrees = |name: &str, actual: Option<&str>| {
        condition.attr(name).is_none_or(|wanted| actual == Some(wanted))
    };
    agrees("class", input.class)
        && agrees("provider", input.provider)
        && agrees("type", input.agent)
}

fn operation(condition: ElementRef<'_>, input: &RuleInput<'_>) -> bool {
    let interval = condition.attr("interval");
    condition.attr("name").is_some_and(|name| input.op_name == Some(name))
        && interval
            .is_none_or(|i| cib_model::interval::interval_ms(Some(i)) == input.op_interval_ms)
}

pub(crate) fn expand(text: &str, submatches: Option<&[String]>) -> String {
    let Some(submatches) = submatches else { return text.to_owned() };
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let digit = chars.peek().and_then(|d| d.to_digit(10));
        match (c, digit) {
            ('%', Some(digit)) => {
                chars.next();
                out.push_str(submatches.get(digit as usize).map_or("", String::as_str));
            }
            _ => out.push(c),
        }
    }
    out
}

fn attribute(condition: ElementRef<'_>, input: &RuleInput<'_>) -> bool {
    let (Some(name), Some(op)) = (condition.attr("attribute"), condition.attr("operation")) else {
        return false;
    };
    let name = expand(name, input.submatches);
    let actual = input.node_attrs.and_then(|attrs| attrs.get(&name));
    let value = condition.attr("value");
    match op.to_ascii_lowercase().as_str() {
        "defined" => return value.is_none() && actual.is_some(),
        "not_defined" => return value.is_none() && actual.is_none(),
        _ => {}
    }
    let Some(value) = value else { return false };
    let reference = match condition.attr("value-source") {
        Some("param") => input.params.and_then(|p| p.get(value)),
        Some("meta") => input.meta.and_then(|m| m.get(value)),
        _ => Some(value),
    };
    let order = compare(actual, reference, condition.attr("type"), op);
    match op.to_ascii_lowercase().as_str() {
        "eq" => order == Some(Ordering::Equal),
        "ne" => order != Some(Ordering::Equal),
        "lt" => order == Some(Ordering::Less),
        "gt" => order == Some(Ordering::Greater),
        "lte" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        "gte" => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        _ => false,
    }
}

/// Compares two values; `None` where one is missing.
fn compare(a: Option<&str>, b: Option<&str>, kind: Option<&str>, op: &str) -> Option<Ordering> {
    let (a, b) = (a?, b?);
    let ordering_op = ["lt", "gt", "lte", "gte"].iter().any(|o| o.eq_ignore_ascii_case(op));
    let kind = kind.unwrap_or(if !ordering_op {
        "string"
    } else if a.contains('.') || b.contains('.') {
        "number"
    } else {
        "integer"
    });
    let as_text = || a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase());
    Some(match kind {
        "integer" => match (integer(a), integer(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => as_text(),
        },
        "number" => match (a.trim().parse::<f64>(), b.trim().parse::<f64>()) {
            (Ok(a), Ok(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            _ => as_text(),
        },
        "version" => cib_model::version::compare(a, b),
        _ => as_text(),
    })
}

fn integer(text: &str) -> Option<i64> {
    let text = text.trim_start();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let number: i64 = digits.get(..end)?.parse().ok()?;
    Some(if text.starts_with('-') { -number } else { number })
}

/// Reads `YYYY-MM-DD HH:MM:SS` (UTC; `T` between, a trailing `Z` and missing parts allowed) as epoch
/// seconds.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches('Z');
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let mut parts = date.split('-').map(|p| p.parse::<i64>().ok());
    let year = parts.next()??;
    let (month, day) = (parts.next().unwrap_or(Some(1))?, parts.next().unwrap_or(Some(1))?);
    let mut clock = time.split(':').filter(|p| !p.is_empty()).map(|p| p.parse::<i64>().ok());
    let mut next = || clock.next().unwrap_or(Some(0));
    let seconds = next()? * 3600 + next()? * 60 + next()?;
    // Days since 1970 of a Gregorian date; years begin in March.
    let shifted = if month > 2 { year } else { year - 1 };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100
        + day_of_year
        - 719_468;
    Some(days * 86_400 + seconds)
}
