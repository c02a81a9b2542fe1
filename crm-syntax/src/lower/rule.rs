//! Rules and expressions.

use cib_model::xml::{Tree, XmlId};

use super::{Lower, score, set_some};
use crate::ast::{BoolOp, DateExpression, Expression, Pair, Rule, RuleContent};
use crate::grammar::RANGE_KEYS;
use crate::style::Style;

impl Lower<'_> {
    /// Appends a rule to `parent`.
    pub(super) fn rule(&mut self, tree: &mut Tree, parent: XmlId, rule: &Rule) {
        let element = tree.append(parent, "rule");
        let role = rule.role.as_deref().map(|role| self.role(role));
        match &rule.content {
            RuleContent::Ref(id_ref) => {
                let id_ref = self.resolve("rule", id_ref);
                tree.set_attr(element, "id-ref", id_ref);
                set_some(tree, element, "role", role.as_deref());
            }
            RuleContent::Own { score: text, bool_op, expressions } => {
                set_some(tree, element, "id", rule.id.as_deref());
                set_some(tree, element, "role", role.as_deref());
                let (name, value) = score(text.as_deref().unwrap_or("INFINITY"));
                tree.set_attr(element, name, value);
                if *bool_op == Some(BoolOp::Or) {
                    tree.set_attr(element, "boolean-op", "or");
                }
                for expression in expressions {
                    self.expression(tree, element, expression);
                }
            }
        }
    }

    fn expression(&self, tree: &mut Tree, parent: XmlId, expression: &Expression) {
        if let Expression::Date(date) = expression {
            self.date(tree, parent, date);
            return;
        }
        let element = tree.append(parent, "expression");
        match expression {
            Expression::Unary { operation, attribute } => {
                let operation = operation.to_ascii_lowercase();
                tree.set_attr(element, "operation", operation);
                tree.set_attr(element, "attribute", attribute.as_str());
            }
            Expression::Binary { attribute, value_type, operation, value, source } => {
                let operation = operation.to_ascii_lowercase();
                let value_type = value_type.as_ref().map(|t| t.to_ascii_lowercase());
                match self.style {
                    Style::Modern => {
                        tree.set_attr(element, "operation", operation);
                        tree.set_attr(element, "attribute", attribute.as_str());
                        set_some(tree, element, "type", value_type.as_deref());
                    }
                    Style::Classic => {
                        tree.set_attr(element, "attribute", attribute.as_str());
                        set_some(tree, element, "type", value_type.as_deref());
                        tree.set_attr(element, "operation", operation);
                    }
                }
                tree.set_attr(element, "value", value.as_str());
                set_some(tree, element, "value-source", source.as_deref());
            }
            Expression::Date(_) => {}
        }
    }

    fn date(&self, tree: &mut Tree, parent: XmlId, date: &DateExpression) {
        let element = tree.append(parent, "date_expression");
        match date {
            DateExpression::Before(end) => {
                tree.set_attr(element, "operation", "lt");
                tree.set_attr(element, "end", end.as_str());
            }
            DateExpression::After(start) => {
                tree.set_attr(element, "operation", "gt");
                tree.set_attr(element, "start", start.as_str());
            }
            DateExpression::InRange(pairs) => {
                tree.set_attr(element, "operation", "in_range");
                self.date_pairs(tree, element, "duration", pairs);
            }
            DateExpression::Spec(pairs) => {
                tree.set_attr(element, "operation", "date_spec");
                self.date_pairs(tree, element, "date_spec", pairs);
            }
        }
    }

    fn date_pairs(&self, tree: &mut Tree, element: XmlId, tag: &'static str, pairs: &[Pair]) {
        let is_end = |pair: &Pair| pair.name().is_some_and(|name| RANGE_KEYS.contains(&name));
        let names = |key: &str| pairs.iter().any(|pair| pair.name() == Some(key));
        let only_ends = pairs.iter().all(is_end);
        // COMPAT(crmsh 4.4.1, set_date_expression()): an empty <duration/> where not exactly both
        // ends are given; 1.2.6 makes none where there is nothing to put in.
        let ends_suffice = match self.style {
            Style::Modern => names("start") && names("end"),
            Style::Classic => true,
        };
        let inner = (!(only_ends && ends_suffice)).then(|| tree.append(element, tag));
        for pair in pairs {
            let (Some(name), value) = (pair.name(), pair.value().unwrap_or_default()) else {
                continue;
            };
            match inner {
                Some(inner) if !is_end(pair) => tree.set_attr(inner, name.to_owned(), value),
                _ => tree.set_attr(element, name.to_owned(), value),
            }
        }
    }
}
