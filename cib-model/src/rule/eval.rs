//! Asking a rule.
//!
//! **Source:** pacemaker `lib/common/rules.c`, `pcmk_evaluate_rule()`,
//! `pcmk__evaluate_attr_expression()`, `pcmk__cmp_by_type()`.

use std::cmp::Ordering;

use super::{AttributeExpression, Combine, Comparison, Condition, Rule, ValueSource, ValueType};
use crate::number;
use crate::time::DateTime;
use crate::version;

/// What a rule may ask about. What is not known stays `None`.
pub trait Facts {
    /// Returns the time, on the cluster's own clock.
    fn now(&self) -> DateTime;

    /// Returns an attribute of the node in question.
    fn node_attribute(&self, _name: &str) -> Option<&str> {
        None
    }

    /// Returns a parameter of the resource in question.
    fn parameter(&self, _name: &str) -> Option<&str> {
        None
    }

    /// Returns a meta-attribute of the resource in question.
    fn meta_attribute(&self, _name: &str) -> Option<&str> {
        None
    }

    /// Returns class, provider and type of the resource's agent.
    fn agent(&self) -> (Option<&str>, Option<&str>, Option<&str>) {
        (None, None, None)
    }

    /// Returns name and interval (ms) of the operation.
    fn operation(&self) -> Option<(&str, u32)> {
        None
    }

    /// Returns what `%NUMBER` stands for: a part of the resource's id that a pattern matched (0 is
    /// all of it). `None` where no pattern was used at all: then `%NUMBER` is left as it is.
    fn submatch(&self, _number: usize) -> Option<&str> {
        None
    }
}

/// What came of asking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Whether the rule holds.
    pub holds: bool,
    /// When the answer may change, as far as was asked.
    pub recheck_by: Option<DateTime>,
}

impl Rule<'_> {
    /// Asks the rule. Conditions are asked in order, and only until the answer is known.
    pub fn evaluate(&self, facts: &dyn Facts) -> Outcome {
        let mut recheck_by = None;
        let holds = self.holds(facts, &mut recheck_by);
        Outcome { holds, recheck_by }
    }

    /// As [`Self::evaluate`]; `recheck_by` is lowered to when the answer may change.
    pub fn holds(&self, facts: &dyn Facts, recheck_by: &mut Option<DateTime>) -> bool {
        let mut conditions = self.conditions.iter();
        let mut ask = |condition: &Condition<'_>| condition.holds(facts, recheck_by);
        match self.combine {
            _ if self.conditions.is_empty() => true,
            Combine::And => conditions.all(&mut ask),
            Combine::Or => conditions.any(&mut ask),
        }
    }
}

impl Condition<'_> {
    fn holds(&self, facts: &dyn Facts, recheck_by: &mut Option<DateTime>) -> bool {
        match self {
            Condition::Rule(rule) => rule.holds(facts, recheck_by),
            Condition::Attribute(expression) => expression.holds(facts),
            Condition::Date(expression) => {
                expression.holds(facts.now(), recheck_by).unwrap_or(false)
            }
            Condition::Resource { class, provider, kind } => {
                let (is_class, is_provider, is_kind) = facts.agent();
                [(class, is_class), (provider, is_provider), (kind, is_kind)]
                    .into_iter()
                    .all(|(wanted, is)| wanted.is_none() || *wanted == is)
            }
            Condition::Operation { name, interval_ms } => facts.operation().is_some_and(|op| {
                op.0 == *name && interval_ms.is_none_or(|interval_ms| op.1 == interval_ms)
            }),
            Condition::Invalid(_) => false,
        }
    }
}

impl AttributeExpression<'_> {
    fn holds(&self, facts: &dyn Facts) -> bool {
        let expanded = expand(self.attribute, facts);
        let actual = facts.node_attribute(expanded.as_deref().unwrap_or(self.attribute));
        let reference = match (self.source, self.value) {
            (_, None) => None,
            (ValueSource::Literal, value) => value,
            (ValueSource::Param, Some(name)) => facts.parameter(name),
            (ValueSource::Meta, Some(name)) => facts.meta_attribute(name),
        };
        let value_type =
            self.value_type.unwrap_or_else(|| default_type(self.comparison, actual, reference));
        let order = compare(actual, reference, value_type);
        let both = actual.is_some() && reference.is_some();
        match self.comparison {
            Comparison::Defined => actual.is_some(),
            Comparison::NotDefined => actual.is_none(),
            Comparison::Eq => order == Ordering::Equal,
            Comparison::Ne => order != Ordering::Equal,
            Comparison::Lt => both && order == Ordering::Less,
            Comparison::Lte => both && order != Ordering::Greater,
            Comparison::Gt => both && order == Ordering::Greater,
            Comparison::Gte => both && order != Ordering::Less,
        }
    }
}

fn default_type(
    comparison: Comparison,
    actual: Option<&str>,
    reference: Option<&str>,
) -> ValueType {
    match comparison {
        Comparison::Lt | Comparison::Lte | Comparison::Gt | Comparison::Gte => {
            let point = |text: Option<&str>| text.is_some_and(|text| text.contains('.'));
            if point(actual) || point(reference) { ValueType::Number } else { ValueType::Integer }
        }
        _ => ValueType::String,
    }
}

/// Compares two values; a missing one comes first. Values that are no numbers compare as text.
pub(super) fn compare(a: Option<&str>, b: Option<&str>, value_type: ValueType) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else { return a.is_some().cmp(&b.is_some()) };
    let text =
        || a.bytes().map(|c| c.to_ascii_lowercase()).cmp(b.bytes().map(|c| c.to_ascii_lowercase()));
    match value_type {
        ValueType::String => text(),
        ValueType::Integer => match (number::leading(a), number::leading(b)) {
            (Some((a, _)), Some((b, _))) => a.cmp(&b),
            _ => text(),
        },
        ValueType::Number => match (float(a), float(b)) {
            (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            _ => text(),
        },
        ValueType::Version => version::compare(a, b),
    }
}

/// Reads the longest decimal number at the start of a text.
fn float(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .take_while(|(_, c)| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'))
        .map(|(at, c)| at + c.len_utf8());
    let ends: Vec<usize> = end.collect();
    ends.into_iter().rev().find_map(|end| text.get(..end)?.parse().ok())
}

/// Puts the parts of the resource's id in the place of `%0`…`%9`; `None` where nothing changes.
fn expand(text: &str, facts: &dyn Facts) -> Option<String> {
    facts.submatch(0).filter(|_| text.contains('%'))?;
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let number = chars.peek().and_then(|next| next.to_digit(10)).filter(|_| c == '%');
        match number.and_then(|number| usize::try_from(number).ok()) {
            Some(number) => {
                chars.next();
                out.push_str(facts.submatch(number).unwrap_or_default());
            }
            None => out.push(c),
        }
    }
    Some(out)
}
