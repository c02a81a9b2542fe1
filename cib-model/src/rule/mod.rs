//! Rules: when something in the CIB counts.
//!
//! ```
//! use cib_model::Cib;
//! use cib_model::rule::{Facts, Rule};
//! use cib_model::time::DateTime;
//!
//! struct Here;
//! impl Facts for Here {
//!     fn now(&self) -> DateTime {
//!         DateTime::from_epoch(1_780_000_000, 0) // in May 2026
//!     }
//!     fn node_attribute(&self, name: &str) -> Option<&str> {
//!         (name == "site").then_some("east")
//!     }
//! }
//! let cib = Cib::read(
//!     r##"<cib><configuration><constraints><rsc_location id="l" rsc="a">
//!          <rule id="r" score="100"><expression id="e" attribute="site" operation="eq" value="east"/>
//!            <date_expression id="d" operation="gt" start="2026-01-01"/></rule>
//!        </rsc_location></constraints></configuration></cib>"##,
//! )?;
//! let rule = Rule::read(&cib, cib.find("r").unwrap()).unwrap();
//! assert!(rule.evaluate(&Here).holds);
//! # Ok::<(), cib_model::xml::ReadError>(())
//! ```
//!
//! Reading order: this file (the typed rule, read from XML), `eval`, `date`.
//!
//! **Source:** pacemaker `lib/common/rules.c`.

mod date;
mod eval;
#[cfg(test)]
mod tests;

pub use date::{Component, DateExpression, DateSpec, Phase};
pub use eval::{Facts, Outcome};

use crate::cib::Cib;
use crate::interval;
use crate::names;
use crate::xml::ElementRef;

/// How the conditions of a rule combine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Combine {
    /// All must hold.
    And,
    /// One must hold.
    Or,
}

/// A rule, read but not yet asked.
#[derive(Clone, Debug)]
pub struct Rule<'a> {
    /// Its id.
    pub id: &'a str,
    /// How the conditions combine.
    pub combine: Combine,
    /// The conditions in document order; none at all holds.
    pub conditions: Vec<Condition<'a>>,
}

/// One condition.
#[derive(Clone, Debug)]
pub enum Condition<'a> {
    /// A rule inside.
    Rule(Rule<'a>),
    /// About a node attribute.
    Attribute(AttributeExpression<'a>),
    /// About the time.
    Date(DateExpression<'a>),
    /// About the resource's agent.
    Resource {
        /// The class it must have.
        class: Option<&'a str>,
        /// The provider it must have.
        provider: Option<&'a str>,
        /// The type it must have.
        kind: Option<&'a str>,
    },
    /// About the operation.
    Operation {
        /// The name it must have.
        name: &'a str,
        /// The interval it must have, ms; any where `None`.
        interval_ms: Option<u32>,
    },
    /// Not readable; never holds.
    Invalid(Invalid),
}

/// Why a condition cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The id of the condition; empty where it has none.
    pub id: String,
    /// What is wrong, as the end of a sentence.
    pub reason: String,
}

/// How two values are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are the meaning")]
pub enum Comparison {
    Lt,
    Lte,
    Gt,
    Gte,
    Eq,
    Ne,
    Defined,
    NotDefined,
}

/// What the compared values are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are the meaning")]
pub enum ValueType {
    String,
    Integer,
    Number,
    Version,
}

/// Where the reference value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueSource {
    /// It is the value written.
    Literal,
    /// It is the resource's parameter of that name.
    Param,
    /// It is the resource's meta-attribute of that name.
    Meta,
}

/// Compares a node attribute.
#[derive(Clone, Copy, Debug)]
pub struct AttributeExpression<'a> {
    /// The attribute's name; `%0`…`%9` stand for parts of the resource's id.
    pub attribute: &'a str,
    /// How to compare.
    pub comparison: Comparison,
    /// The value, or the name of where it is; `None` for `defined` and `not_defined`.
    pub value: Option<&'a str>,
    /// What the value is.
    pub source: ValueSource,
    /// How to read both values; decided by comparison and values where `None`.
    pub value_type: Option<ValueType>,
}

impl<'a> Rule<'a> {
    /// Reads a rule, references resolved. `None` where a reference leads nowhere, the id is
    /// missing or `boolean-op` is no word: such a rule never holds.
    pub fn read(cib: &'a Cib, element: ElementRef<'a>) -> Option<Self> {
        Self::read_below(Some(cib), element, 0)
    }

    /// As [`Self::read`], for a tree in which references have been replaced by what they refer to.
    pub fn read_resolved(element: ElementRef<'a>) -> Option<Self> {
        Self::read_below(None, element, 0)
    }

    fn read_below(cib: Option<&'a Cib>, element: ElementRef<'a>, depth: usize) -> Option<Self> {
        /// Rules may refer to each other in a circle.
        const DEPTH_MAX: usize = 64;
        let element = match cib {
            Some(cib) => cib.resolve(element)?,
            None => element,
        };
        if depth >= DEPTH_MAX {
            return None;
        }
        let id = element.id().filter(|id| !id.is_empty())?;
        let combine = match element.attr(names::BOOLEAN_OP) {
            None => Combine::And,
            Some(op) if op.eq_ignore_ascii_case("and") => Combine::And,
            Some(op) if op.eq_ignore_ascii_case("or") => Combine::Or,
            Some(_) => return None,
        };
        let conditions = element.children().map(|c| Condition::read(cib, c, depth)).collect();
        Some(Rule { id, combine, conditions })
    }

    /// Returns the unreadable conditions, those of inner rules included.
    pub fn invalid(&self) -> Vec<&Invalid> {
        let mut found = Vec::new();
        for condition in &self.conditions {
            match condition {
                Condition::Invalid(invalid) => found.push(invalid),
                Condition::Rule(rule) => found.extend(rule.invalid()),
                _ => {}
            }
        }
        found
    }
}

impl<'a> Condition<'a> {
    fn read(cib: Option<&'a Cib>, element: ElementRef<'a>, depth: usize) -> Self {
        let invalid = |reason: &str| {
            let id = element.id().unwrap_or_default().to_owned();
            Condition::Invalid(Invalid { id, reason: reason.to_owned() })
        };
        if element.name() == names::RULE {
            return match Rule::read_below(cib, element, depth + 1) {
                Some(rule) => Condition::Rule(rule),
                None => invalid("the rule has no id, no known boolean-op or no target"),
            };
        }
        if element.id().is_none_or(str::is_empty) {
            return invalid("it has no id");
        }
        match element.name() {
            names::EXPRESSION => match AttributeExpression::read(element) {
                Ok(expression) => Condition::Attribute(expression),
                Err(reason) => invalid(&reason),
            },
            names::DATE_EXPRESSION => match DateExpression::read(element) {
                Ok(expression) => Condition::Date(expression),
                Err(reason) => invalid(&reason),
            },
            names::RSC_EXPRESSION => Condition::Resource {
                class: element.attr(names::CLASS),
                provider: element.attr(names::PROVIDER),
                kind: element.attr(names::TYPE),
            },
            names::OP_EXPRESSION => {
                let interval = element.attr(names::INTERVAL).map(interval::parse_interval_ms);
                match (element.attr(names::NAME), interval.transpose()) {
                    (Some(name), Ok(interval_ms)) => Condition::Operation { name, interval_ms },
                    (None, _) => invalid("it has no name"),
                    (_, Err(error)) => invalid(&error.to_string()),
                }
            }
            other => invalid(&format!("{other} is not a valid condition type")),
        }
    }
}

impl<'a> AttributeExpression<'a> {
    /// Reads an `<expression>`.
    fn read(element: ElementRef<'a>) -> Result<Self, String> {
        let attribute = element.attr(names::ATTRIBUTE).ok_or("attribute was not specified")?;
        let operation = element.attr(names::OPERATION).ok_or("it has no operation")?;
        let comparison = Comparison::parse(operation)
            .ok_or_else(|| format!("'{operation}' is not a valid operation"))?;
        let source = match element.attr(names::VALUE_SOURCE) {
            None => ValueSource::Literal,
            Some(text) => ValueSource::parse(text)
                .ok_or_else(|| format!("'{text}' is not a valid value-source"))?,
        };
        let value_type = match element.attr(names::TYPE) {
            None => None,
            Some(text) => Some(
                ValueType::parse(text).ok_or_else(|| format!("'{text}' is not a valid type"))?,
            ),
        };
        let value = element.attr(names::VALUE);
        match (comparison, value) {
            (Comparison::Defined | Comparison::NotDefined, Some(_)) => {
                Err(format!("value is not allowed when operation is {operation}"))
            }
            (Comparison::Defined | Comparison::NotDefined, None) | (_, Some(_)) => {
                Ok(AttributeExpression { attribute, comparison, value, source, value_type })
            }
            (_, None) => Err(format!("value is required when operation is {operation}")),
        }
    }
}

fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, value)| *value)
}

impl Comparison {
    /// Reads a comparison in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let words = [
            ("lt", Self::Lt),
            ("lte", Self::Lte),
            ("gt", Self::Gt),
            ("gte", Self::Gte),
            ("eq", Self::Eq),
            ("ne", Self::Ne),
            ("defined", Self::Defined),
            ("not_defined", Self::NotDefined),
        ];
        word(text, &words)
    }
}

impl ValueType {
    /// Reads a type in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let words = [
            ("string", Self::String),
            ("integer", Self::Integer),
            ("number", Self::Number),
            ("version", Self::Version),
        ];
        word(text, &words)
    }
}

impl ValueSource {
    /// Reads a source in any case.
    pub fn parse(text: &str) -> Option<Self> {
        word(text, &[("literal", Self::Literal), ("param", Self::Param), ("meta", Self::Meta)])
    }
}
