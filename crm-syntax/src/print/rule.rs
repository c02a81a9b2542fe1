//! Rules and expressions.

use super::Printer;
use crate::ast::{BoolOp, DateExpression, Expression, Pair, Rule, RuleContent};

impl Printer<'_> {
    /// A rule without the word `rule`.
    pub(super) fn rule(&self, rule: &Rule) -> String {
        let mut parts = Vec::new();
        parts.extend(rule.id.iter().map(|id| self.words.assign("$id", id)));
        let (score, bool_op, expressions) = match &rule.content {
            RuleContent::Ref(id_ref) => {
                parts.push(self.words.assign("$id-ref", id_ref));
                return parts.join(" ");
            }
            RuleContent::Own { score, bool_op, expressions } => (score, bool_op, expressions),
        };
        parts.extend(rule.role.iter().map(|role| self.words.assign("$role", role)));
        parts.extend(score.iter().map(|score| format!("{score}:")));
        let joint = format!(" {} ", bool_op.unwrap_or(BoolOp::And).as_str());
        let texts: Vec<String> = expressions.iter().map(|e| self.expression(e)).collect();
        parts.push(texts.join(&joint));
        parts.join(" ")
    }

    fn expression(&self, expression: &Expression) -> String {
        match expression {
            Expression::Unary { operation, attribute } => format!("{operation} {attribute}"),
            Expression::Binary { attribute, value_type, operation, value, source } => {
                let operation = match value_type {
                    Some(value_type) => format!("{value_type}:{operation}"),
                    None => operation.clone(),
                };
                match source {
                    Some(source) => format!("{attribute} {operation} {source}{{{value}}}"),
                    None => format!("{attribute} {operation} {value}"),
                }
            }
            Expression::Date(date) => self.date(date),
        }
    }

    fn date(&self, date: &DateExpression) -> String {
        let listed = |word: &str, pairs: &[Pair]| {
            let pairs: Vec<String> = pairs.iter().map(|pair| self.attribute(pair)).collect();
            format!("date {word} {}", pairs.join(" "))
        };
        match date {
            DateExpression::Before(end) => format!("date lt {}", self.words.quoted(end)),
            DateExpression::After(start) => format!("date gt {}", self.words.quoted(start)),
            DateExpression::InRange(pairs) => listed(self.words.in_range(), pairs),
            DateExpression::Spec(pairs) => listed(self.words.date_spec(), pairs),
        }
    }
}
