//! What rules may ask about, and asking them.

use cib_model::rule::{Facts, Rule};
use cib_model::time::DateTime;
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

impl Facts for RuleInput<'_> {
    fn now(&self) -> DateTime {
        DateTime::from_epoch(self.now, 0)
    }

    fn node_attribute(&self, name: &str) -> Option<&str> {
        self.node_attrs?.get(name)
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.params?.get(name)
    }

    fn meta_attribute(&self, name: &str) -> Option<&str> {
        self.meta?.get(name)
    }

    fn agent(&self) -> (Option<&str>, Option<&str>, Option<&str>) {
        (self.class, self.provider, self.agent)
    }

    fn operation(&self) -> Option<(&str, u32)> {
        Some((self.op_name?, self.op_interval_ms))
    }

    fn submatch(&self, number: usize) -> Option<&str> {
        Some(self.submatches?.get(number).map_or("", String::as_str))
    }
}

/// Returns whether `rule` passes; `next_change` is lowered to when that may change (epoch
/// seconds).
pub(crate) fn evaluate(
    rule: ElementRef<'_>,
    input: &RuleInput<'_>,
    next_change: &mut Option<i64>,
) -> bool {
    let Some(rule) = Rule::read_resolved(rule) else { return false };
    let outcome = rule.evaluate(input);
    let change = outcome.recheck_by.map(DateTime::epoch_s);
    *next_change = next_change.iter().copied().chain(change).min();
    outcome.holds
}

/// Reads a date and time as epoch seconds; without an offset it is UTC.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    DateTime::parse(text, DateTime::from_epoch(0, 0)).ok().map(DateTime::epoch_s)
}

/// Replaces `%0` … `%9` by what a pattern matched; without a pattern they stay.
pub(crate) fn expand(text: &str, submatches: Option<&[String]>) -> String {
    let Some(submatches) = submatches else { return text.to_owned() };
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let digit = chars.peek().and_then(|d| d.to_digit(10)).filter(|_| c == '%');
        match digit {
            Some(digit) => {
                chars.next();
                out.push_str(submatches.get(digit as usize).map_or("", String::as_str));
            }
            None => out.push(c),
        }
    }
    out
}
