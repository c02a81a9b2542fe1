//! Rules and expressions.

use cib_model::xml::ElementRef;

use super::{RaiseContext, filled, is_default, owned, score};
use crate::ast::{BoolOp, DateExpression, Expression, Pair, Rule, RuleContent};
use crate::grammar::RANGE_KEYS;
use crate::style::Style;

impl RaiseContext {
    pub(super) fn rule(&self, element: ElementRef<'_>) -> Option<Rule> {
        let id = element.id().filter(|id| {
            !id.is_empty() && (self.style == Style::Classic || self.is_referenced("rule", id))
        });
        if id.is_none()
            && let Some(id_ref) = filled(element, "id-ref")
        {
            let content = RuleContent::Ref(id_ref.to_owned());
            return Some(Rule { id: None, role: None, content });
        }
        let bool_op = match element.attr("boolean-op") {
            None | Some("and") => BoolOp::And,
            Some("or") => BoolOp::Or,
            Some(_) => return None,
        };
        let shown = |score: &String| self.style == Style::Classic || score != "inf";
        let score = score(element)?;
        let expressions: Option<Vec<Expression>> = element.children().map(expression).collect();
        let content = RuleContent::Own {
            score: Some(score).filter(shown),
            bool_op: Some(bool_op),
            expressions: expressions.filter(|list| !list.is_empty())?,
        };
        Some(Rule { id: owned(id), role: owned(filled(element, "role")), content })
    }
}

fn expression(element: ElementRef<'_>) -> Option<Expression> {
    match element.name() {
        "date_expression" => date(element).map(Expression::Date),
        "expression" => {
            let operation = element.attr("operation")?.to_owned();
            let attribute = element.attr("attribute")?.to_owned();
            let Some(value) = filled(element, "value") else {
                return Some(Expression::Unary { operation, attribute });
            };
            let shown = |t: &&str| !is_default("expression", "type", t);
            Some(Expression::Binary {
                attribute,
                value_type: owned(filled(element, "type").filter(shown)),
                operation,
                value: value.to_owned(),
                source: owned(filled(element, "value-source").filter(|s| *s != "literal")),
            })
        }
        _ => None,
    }
}

fn date(element: ElementRef<'_>) -> Option<DateExpression> {
    let operation = element.attr("operation")?;
    match operation {
        "lt" => return Some(DateExpression::Before(element.attr("end")?.to_owned())),
        "gt" => return Some(DateExpression::After(element.attr("start")?.to_owned())),
        "in_range" | "date_spec" => {}
        _ => return None,
    }
    let mut pairs = Vec::new();
    if operation == "in_range" {
        for name in RANGE_KEYS {
            pairs.extend(element.attr(name).map(|value| Pair::new(name, value)));
        }
    }
    for child in element.children() {
        if matches!(child.name(), "duration" | "date_spec") {
            let own = child.attrs().filter(|(name, _)| *name != "id");
            pairs.extend(own.map(|(name, value)| Pair::new(name, value)));
        }
    }
    Some(if operation == "in_range" {
        DateExpression::InRange(pairs)
    } else {
        DateExpression::Spec(pairs)
    })
}
