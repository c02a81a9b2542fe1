//! Hints: what crm takes without a word although it is probably not meant.
//!
//! **Source:** crmsh joins continued lines without a blank, lets a quote begin inside a word, and
//! takes a word alone for a pair without value.

use std::collections::HashSet;

use crate::ast::{AlertItem, AttrSet, BodyItem, BundleItem, Object, Pair, PropertyItem};
use crate::diag::{Code, Diagnostic};
use crate::expect::closest;
use crate::lexer::LogicalLine;
use crate::token::Word;

/// Words that open a section, for words that are nearly one.
pub(crate) const SECTIONS: &[&str] = &[
    "params",
    "meta",
    "utilization",
    "operations",
    "op_params",
    "op_meta",
    "attributes",
    "description=",
];

/// Most hints of one kind for one statement: each costs more room than the word that it is about.
const HINTS_MAX: usize = 100;

/// Returns the hints for one statement, in the order of their places.
pub(crate) fn hints(
    source: &str,
    line: &LogicalLine<'_>,
    words: &[Word<'_>],
    object: &Object,
    number: usize,
) -> Vec<Diagnostic> {
    if matches!(object, Object::Xml(_)) {
        return Vec::new();
    }
    let mut found = joined(line, number);
    let stray = words.iter().filter_map(|word| stray_quote(source, word, number));
    found.extend(stray.take(HINTS_MAX));
    let alone = bare_names(object);
    if !alone.is_empty() {
        let is_alone = |word: &&Word<'_>| alone.contains(&*word.text);
        let alone = words.iter().skip(2).filter(is_alone).take(HINTS_MAX);
        found.extend(alone.map(|word| bare_word(word, number)));
    }
    found.sort_by_key(|hint| hint.span);
    found
}

/// Continuation inside a word.
fn joined(line: &LogicalLine<'_>, number: usize) -> Vec<Diagnostic> {
    let text: &str = &line.text;
    let inside = |at: &usize| {
        let (before, after) = text.split_at_checked(*at).unwrap_or((text, ""));
        let ends = |c: char| !c.is_whitespace();
        before.ends_with(ends) && after.starts_with(ends)
    };
    line.seams()
        .filter(inside)
        .take(HINTS_MAX)
        .map(|at| {
            let start = text[..at].rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
            let end = text[at..].find(char::is_whitespace).map_or(text.len(), |blank| at + blank);
            let word: String = text[start..end].chars().take(80).collect();
            let message = format!("`{word}` is one word: the lines are joined without a blank");
            Diagnostic::hint(Code::JoinedLines, message)
                .at(line.source_span(start, end), Some(number))
                .with_help(Some("Put a blank before the backslash.".to_owned()))
        })
        .collect()
}

/// A quote that begins inside a word and takes in a blank.
fn stray_quote(source: &str, word: &Word<'_>, number: usize) -> Option<Diagnostic> {
    if !word.text.contains(' ') {
        return None;
    }
    let raw = source.get(word.span.start..word.span.end)?;
    let quote = raw.find(['"', '\''])?;
    let is_inside = raw[..quote].ends_with(|c: char| c.is_alphanumeric());
    let message = "a quote inside a word takes in everything up to the next quote";
    is_inside.then(|| {
        Diagnostic::hint(Code::StrayQuote, message)
            .at(word.span, Some(number))
            .with_help(Some("Put the whole value into quotes.".to_owned()))
    })
}

fn bare_word(word: &Word<'_>, number: usize) -> Diagnostic {
    let text: &str = &word.text;
    let help = match closest(text, SECTIONS.iter().copied()) {
        Some(known) => format!("Did you mean `{known}`?"),
        None => format!("Write `{text}=VALUE`."),
    };
    Diagnostic::hint(Code::BareWord, format!("`{text}` is taken for a name without a value"))
        .at(word.span, Some(number))
        .with_help(Some(help))
}

/// Names of pairs without a value.
fn bare_names(object: &Object) -> HashSet<&str> {
    let mut sets: Vec<&AttrSet> = Vec::new();
    let mut pairs: Vec<&Pair> = Vec::new();
    match object {
        Object::Node(node) => sets.extend(&node.sets),
        Object::Primitive(primitive) => {
            for item in &primitive.body {
                match item {
                    BodyItem::Set(set) => sets.push(set),
                    BodyItem::Operations(operations) => {
                        pairs.extend(operations.ops.iter().flat_map(|op| &op.pairs));
                        sets.extend(operations.ops.iter().flat_map(|op| &op.sets));
                    }
                }
            }
        }
        Object::Group(group) => sets.extend(&group.sets),
        Object::Clone(clone) => sets.extend(&clone.sets),
        Object::Bundle(bundle) => sets.extend(bundle.items.iter().filter_map(|item| match item {
            BundleItem::Set(set) => Some(set),
            _ => None,
        })),
        Object::Property(set) => pairs.extend(set.items.iter().filter_map(|item| match item {
            PropertyItem::Pair(pair) => Some(pair),
            PropertyItem::Rule(_) => None,
        })),
        Object::Alert(alert) => sets.extend(alert.items.iter().filter_map(|item| match item {
            AlertItem::Set(set) => Some(set),
            _ => None,
        })),
        _ => {}
    }
    pairs.extend(sets.into_iter().flat_map(|set| &set.pairs));
    let alone = pairs.into_iter().filter_map(|pair| match pair {
        Pair::Value { name, value: None, .. } => Some(name.as_str()),
        _ => None,
    });
    alone.collect()
}

#[cfg(test)]
mod tests {
    use crate::text::{Mode, parse};

    fn check(text: &str, expected: &[(&str, &str)]) {
        let parsed = parse(text, Mode::Load);
        let hints: Vec<(&str, &str)> = parsed
            .statements
            .iter()
            .flat_map(|s| &s.hints)
            .map(|h| {
                let span = h.span.unwrap();
                (&text[span.start..span.end], h.advice.help.as_deref().unwrap_or_default())
            })
            .collect();
        assert_eq!(hints, expected, "{text}");
    }

    #[test]
    fn of_a_thousand_words_alone_no_more_is_told_than_anybody_reads() {
        let names: String = (0..1_000).map(|number| format!(" a{number}")).collect();
        let parsed = parse(&format!("primitive p Dummy params{names}"), Mode::Load);
        assert_eq!(parsed.statements[0].hints.len(), super::HINTS_MAX);
    }

    #[test]
    fn what_crm_takes_without_a_word_is_hinted_at() {
        check("primitive p Dummy params a=b", &[]);
        check("primitive p Dummy parms a=b", &[("parms", "Did you mean `params`?")]);
        check(
            "primitive p Dummy params ip 10.0.0.1",
            &[("ip", "Write `ip=VALUE`."), ("10.0.0.1", "Write `10.0.0.1=VALUE`.")],
        );
        check(
            "primitive p Dummy\\\n  params a=b",
            &[("Dummy\\\n  params", "Put a blank before the backslash.")],
        );
        check("primitive p Dummy \\\n  params a=b\\\n", &[]);
        check(
            "primitive p Dummy description=it's params a='b",
            &[("description=it's params a='b", "Put the whole value into quotes.")],
        );
        check("primitive p Dummy description=\"it's right\" params a='b c'", &[]);
    }
}
