//! Conditions on the time.
//!
//! **Source:** pacemaker `lib/common/rules.c`, `pcmk__evaluate_date_expression()`,
//! `pcmk__evaluate_date_spec()`, `pcmk__unpack_duration()`.

use crate::names;
use crate::number;
use crate::time::DateTime;
use crate::xml::ElementRef;

/// One condition on the time. Dates are kept as written: what they mean may depend on now.
#[derive(Clone, Debug)]
pub enum DateExpression<'a> {
    /// From `start` to `end`, both included.
    InRange {
        /// The start; open where `None`.
        start: Option<&'a str>,
        /// The end; open where `None`.
        end: Option<&'a str>,
        /// The length that stands for the end: components in the order they are added.
        duration: Option<Vec<(Component, i64)>>,
    },
    /// After `start`.
    Gt(&'a str),
    /// Before `end`.
    Lt(&'a str),
    /// On matching dates.
    Spec(DateSpec),
}

/// Where a time lies, seen from a condition on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Before the condition holds.
    Before,
    /// Inside a range that holds now.
    Within,
    /// After the condition held.
    After,
    /// On a date that fits a [`DateSpec`].
    Satisfied,
    /// A date in the condition is none.
    Undetermined,
}

/// A part of a duration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are the meaning")]
pub enum Component {
    Years,
    Months,
    Weeks,
    Days,
    Hours,
    Minutes,
    Seconds,
}

const COMPONENTS: [(&str, Component); 7] = [
    (names::YEARS, Component::Years),
    (names::MONTHS, Component::Months),
    (names::WEEKS, Component::Weeks),
    (names::DAYS, Component::Days),
    (names::HOURS, Component::Hours),
    (names::MINUTES, Component::Minutes),
    (names::SECONDS, Component::Seconds),
];

/// Ranges of parts of a date; those that stand must all fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateSpec {
    /// Which part ([`FIELDS`] index) must lie from where to where.
    ranges: Vec<(usize, Option<i64>, Option<i64>)>,
}

/// The parts in the order in which they are checked.
const FIELDS: [&str; 10] = [
    names::YEARS,
    names::MONTHS,
    names::MONTHDAYS,
    names::HOURS,
    names::MINUTES,
    names::SECONDS,
    names::YEARDAYS,
    names::WEEKYEARS,
    names::WEEKS,
    names::WEEKDAYS,
];

impl<'a> DateExpression<'a> {
    /// Reads a `<date_expression>`; `None` where it is malformed.
    pub fn of(element: ElementRef<'a>) -> Option<Self> {
        DateExpression::read(element).ok()
    }

    /// Returns where `now` lies.
    pub fn phase(&self, now: DateTime) -> Phase {
        let holds = self.holds(now, &mut None);
        let date = |text: &str| DateTime::parse(text, now).ok();
        match (self, holds) {
            (_, None) => Phase::Undetermined,
            (DateExpression::Spec(spec), _) => spec.phase(now),
            (_, Some(true)) => Phase::Within,
            (DateExpression::Gt(_), _) => Phase::Before,
            (DateExpression::Lt(_), _) => Phase::After,
            (DateExpression::InRange { start, .. }, _) => {
                let early = start.and_then(date).is_some_and(|start| now < start);
                if early { Phase::Before } else { Phase::After }
            }
        }
    }

    /// Reads a `<date_expression>`.
    pub(super) fn read(element: ElementRef<'a>) -> Result<Self, String> {
        let (start, end) = (element.attr(names::START), element.attr(names::END));
        let operation = element.attr(names::OPERATION).unwrap_or("in_range");
        let is = |word: &str| operation.eq_ignore_ascii_case(word);
        if is("in_range") {
            if start.is_none() && end.is_none() {
                return Err("in_range requires at least one of start or end".to_owned());
            }
            let duration = match (end, element.child(names::DURATION)) {
                (None, Some(duration)) => Some(components(duration)?),
                _ => None,
            };
            Ok(DateExpression::InRange { start, end, duration })
        } else if is("gt") {
            start.map(DateExpression::Gt).ok_or_else(|| "gt requires start".to_owned())
        } else if is("lt") {
            end.map(DateExpression::Lt).ok_or_else(|| "lt requires end".to_owned())
        } else if is("date_spec") {
            let spec = element.child(names::DATE_SPEC);
            let spec = spec.ok_or("date_spec operations require a date_spec subelement")?;
            DateSpec::read(spec).map(DateExpression::Spec)
        } else {
            Err(format!("'{operation}' is not a valid operation"))
        }
    }

    /// Returns whether the condition holds now; `None` where a date in it is none. `change` is
    /// lowered to when the answer may change.
    pub(super) fn holds(&self, now: DateTime, change: &mut Option<DateTime>) -> Option<bool> {
        let date = |text: &str| DateTime::parse(text, now).ok();
        match self {
            DateExpression::InRange { start, end, duration } => {
                let start = start.map(|text| date(text).ok_or(())).transpose().ok()?;
                let mut end = end.map(|text| date(text).ok_or(())).transpose().ok()?;
                if let Some(duration) = duration {
                    end = Some(add(start?, duration));
                }
                if let Some(start) = start.filter(|start| now < *start) {
                    lower(change, start);
                    return Some(false);
                }
                if end.is_some_and(|end| now > end) {
                    return Some(false);
                }
                if let Some(end) = end {
                    lower(change, end.add_seconds(1));
                }
                Some(true)
            }
            DateExpression::Gt(start) => {
                let start = date(start)?;
                if now <= start {
                    lower(change, start.add_seconds(1));
                }
                Some(now > start)
            }
            DateExpression::Lt(end) => {
                let end = date(end)?;
                if now < end {
                    lower(change, end);
                }
                Some(now < end)
            }
            DateExpression::Spec(spec) => Some(spec.matches(now)),
        }
    }
}

fn lower(change: &mut Option<DateTime>, to: DateTime) {
    if change.is_none_or(|held| to < held) {
        *change = Some(to);
    }
}

fn components(duration: ElementRef<'_>) -> Result<Vec<(Component, i64)>, String> {
    let mut parts = Vec::new();
    for (name, component) in COMPONENTS {
        let Some(text) = duration.attr(name) else { continue };
        let number = number::leading(text).filter(|(n, _)| i32::try_from(*n).is_ok());
        let (number, _) = number.ok_or_else(|| format!("'{text}' is not a valid {name}"))?;
        parts.push((component, number));
    }
    Ok(parts)
}

fn add(start: DateTime, duration: &[(Component, i64)]) -> DateTime {
    duration.iter().fold(start, |time, (component, number)| match component {
        Component::Years => time.add_years(*number),
        Component::Months => time.add_months(*number),
        Component::Weeks => time.add_days(number * 7),
        Component::Days => time.add_days(*number),
        Component::Hours => time.add_seconds(number * 3_600),
        Component::Minutes => time.add_seconds(number * 60),
        Component::Seconds => time.add_seconds(*number),
    })
}

impl DateSpec {
    fn read(element: ElementRef<'_>) -> Result<Self, String> {
        let mut ranges = Vec::new();
        for (field, name) in FIELDS.into_iter().enumerate() {
            let Some(text) = element.attr(name) else { continue };
            let (low, high) =
                range(text).ok_or_else(|| format!("'{text}' is not a valid range for {name}"))?;
            ranges.push((field, low, high));
        }
        Ok(DateSpec { ranges })
    }

    /// Returns whether the time, as its own clock shows it, lies in all ranges.
    pub fn matches(&self, time: DateTime) -> bool {
        self.phase(time) == Phase::Satisfied
    }

    /// Returns where the time lies: the first part that does not fit decides.
    pub fn phase(&self, time: DateTime) -> Phase {
        let ((month, day), (hour, minute, second)) = (time.month_day(), time.hms());
        let week = time.week_date();
        let values = [
            time.year(),
            month,
            day,
            hour,
            minute,
            second,
            time.year_day(),
            week.year,
            week.week,
            week.day,
        ];
        for (field, low, high) in &self.ranges {
            let Some(value) = values.get(*field) else { continue };
            if low.is_some_and(|low| *value < low) {
                return Phase::Before;
            }
            if high.is_some_and(|high| *value > high) {
                return Phase::After;
            }
        }
        Phase::Satisfied
    }
}

/// Reads `N`, `N-M`, `N-` or `-M`.
fn range(text: &str) -> Option<(Option<i64>, Option<i64>)> {
    let number = |text: &str| match number::leading(text) {
        _ if text.is_empty() => Some(None),
        Some((number, "")) => Some(Some(number)),
        _ => None,
    };
    match text.split_once('-') {
        None => number(text).filter(Option::is_some).map(|n| (n, n)),
        Some(("", "")) => None,
        Some((low, high)) => Some((number(low)?, number(high)?)),
    }
}
