//! Rules: `rule [$id=ID] [$role=ROLE] [SCORE:] EXPRESSION`.

use super::Pair;

/// One rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// `$id=`
    pub id: Option<String>,
    /// `$role=`
    pub role: Option<String>,
    /// What the rule says, here or elsewhere.
    pub content: RuleContent,
}

/// What a rule says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RuleContent {
    /// `$id-ref=`: another rule stands for this one.
    Ref(String),
    /// Its own expressions.
    Own {
        /// `SCORE:` as written; `None` where it is left out, which means INFINITY.
        score: Option<String>,
        /// How the expressions are joined; `None` where there is one only.
        bool_op: Option<BoolOp>,
        /// The expressions in order.
        expressions: Vec<Expression>,
    },
}

/// How the expressions of a rule are joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoolOp {
    /// All must hold.
    And,
    /// One must hold.
    Or,
}

impl BoolOp {
    /// Returns the keyword.
    pub fn as_str(self) -> &'static str {
        match self {
            BoolOp::And => "and",
            BoolOp::Or => "or",
        }
    }
}

/// One expression of a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expression {
    /// `defined ATTR` or `not_defined ATTR`
    Unary {
        /// The operation, as written.
        operation: String,
        /// The node attribute.
        attribute: String,
    },
    /// `ATTR [TYPE:]OP VALUE`
    Binary {
        /// The node attribute.
        attribute: String,
        /// `string`, `number`, `integer` or `version`, where written.
        value_type: Option<String>,
        /// The operation, as written.
        operation: String,
        /// The value.
        value: String,
        /// `SOURCE{VALUE}`: where the value is looked up.
        source: Option<String>,
    },
    /// `date …`
    Date(DateExpression),
}

/// A date expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DateExpression {
    /// `date lt DATE`
    Before(String),
    /// `date gt DATE`
    After(String),
    /// `date in start=… end=…`, or with a duration
    InRange(Vec<Pair>),
    /// `date spec hours=…`
    Spec(Vec<Pair>),
}
