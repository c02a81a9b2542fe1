//! Sets of names and values, and the rules that say when they count.

use super::part::{element, one_of};

element! {
    /// A set: `instance_attributes`, `meta_attributes`, `utilization`, `cluster_property_set`.
    NvSet = "cluster_property_set" | "meta_attributes" | "instance_attributes" | "utilization" {
        must {}
        may {
            /// Its id; missing where it is a reference.
            id = "id";
            /// The set it stands for.
            id_ref = "id-ref";
            /// The set with the highest counts first.
            score = "score";
        }
        many {
            /// Names and values.
            nvpair: NvPair = "nvpair";
        }
        one {
            /// When the set counts.
            rule: Rule = "rule";
        }
    }
}

element! {
    /// One name with its value.
    NvPair = "nvpair" {
        must {}
        may {
            /// Its id; missing where it is a reference.
            id = "id";
            /// The pair it stands for.
            id_ref = "id-ref";
            /// The name.
            name = "name";
            /// The value.
            value = "value";
        }
        many {}
        one {}
    }
}

element! {
    /// A rule: conditions joined by `and` or `or`.
    Rule = "rule" {
        must {}
        may {
            /// Its id; missing where it is a reference.
            id = "id";
            /// The rule it stands for.
            id_ref = "id-ref";
            /// What it is worth where it holds.
            score = "score";
            /// The node attribute that says what it is worth.
            score_attribute = "score-attribute";
            /// `and` (the default) or `or`.
            boolean_op = "boolean-op";
            /// The role it is for.
            role = "role";
        }
        many {
            /// The conditions.
            conditions: Condition = "";
        }
        one {}
    }
}

one_of! {
    /// A condition of a rule.
    Condition {
        /// A rule inside.
        Rule(Rule) = "rule";
        /// A node attribute.
        Expression(Expression) = "expression";
        /// A time.
        Date(DateExpression) = "date_expression";
        /// The agent of a resource.
        Rsc(RscExpression) = "rsc_expression";
        /// An operation.
        Op(OpExpression) = "op_expression";
    }
}

element! {
    /// A comparison of a node attribute.
    Expression = "expression" {
        must {
            /// Its id.
            id = "id";
            /// The attribute.
            attribute = "attribute";
            /// `lt`, `gt`, `lte`, `gte`, `eq`, `ne`, `defined`, `not_defined`.
            operation = "operation";
        }
        may {
            /// What it is compared with.
            value = "value";
            /// `string`, `integer`, `number`, `version`.
            kind = "type";
            /// `literal`, `param`, `meta`.
            value_source = "value-source";
        }
        many {}
        one {}
    }
}

element! {
    /// A comparison of the time.
    DateExpression = "date_expression" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// `gt`, `lt`, `in_range`, `date_spec`.
            operation = "operation";
            /// From when, ISO 8601.
            start = "start";
            /// Until when, ISO 8601.
            end = "end";
        }
        many {}
        one {
            /// How long from `start`.
            duration: Duration = "duration";
            /// Which times.
            date_spec: DateSpec = "date_spec";
        }
    }
}

element! {
    /// A length of time.
    Duration = "duration" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// Years.
            years = "years";
            /// Months.
            months = "months";
            /// Weeks.
            weeks = "weeks";
            /// Days.
            days = "days";
            /// Hours.
            hours = "hours";
            /// Minutes.
            minutes = "minutes";
            /// Seconds.
            seconds = "seconds";
            /// Accepted by old schemas, without effect.
            monthdays = "monthdays";
            /// Accepted by old schemas, without effect.
            weekdays = "weekdays";
            /// Accepted by old schemas, without effect.
            yearsdays = "yearsdays";
            /// Accepted by old schemas, without effect.
            weekyears = "weekyears";
            /// Accepted by old schemas, without effect.
            moon = "moon";
        }
        many {}
        one {}
    }
}

element! {
    /// Which times: each a number or a range.
    DateSpec = "date_spec" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// Years.
            years = "years";
            /// Months, 1 to 12.
            months = "months";
            /// Days of the month, 1 to 31.
            monthdays = "monthdays";
            /// Hours, 0 to 23.
            hours = "hours";
            /// Minutes, 0 to 59.
            minutes = "minutes";
            /// Seconds, 0 to 59.
            seconds = "seconds";
            /// Days of the year.
            yeardays = "yeardays";
            /// Misspelt in old schemas, without effect.
            yearsdays = "yearsdays";
            /// Years of weeks.
            weekyears = "weekyears";
            /// Weeks of the year.
            weeks = "weeks";
            /// Days of the week, 1 (Monday) to 7.
            weekdays = "weekdays";
            /// Phase of the moon, 0 (new) to 7; gone in schema 4.0.
            moon = "moon";
        }
        many {}
        one {}
    }
}

element! {
    /// The agent of a resource.
    RscExpression = "rsc_expression" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// Class of the agent.
            class = "class";
            /// Provider of the agent.
            provider = "provider";
            /// Name of the agent.
            kind = "type";
        }
        many {}
        one {}
    }
}

element! {
    /// An operation.
    OpExpression = "op_expression" {
        must {
            /// Its id.
            id = "id";
            /// The operation's name.
            name = "name";
        }
        may {
            /// The operation's interval.
            interval = "interval";
        }
        many {}
        one {}
    }
}
