//! What may follow: keywords for completion and for error messages.

use std::borrow::Cow;
use std::cell::RefCell;

use crate::grammar::{ACTIONS, Furthest, KINDS, LOSS_POLICIES, Mode, ROLES, Tokens, statement};
use crate::token::{Span, Word};

/// The words that begin a statement, in the order of crm's help.
pub const STATEMENTS: [&str; 26] = [
    "node",
    "primitive",
    "rsc_template",
    "group",
    "clone",
    "ms",
    "master",
    "bundle",
    "monitor",
    "location",
    "colocation",
    "collocation",
    "order",
    "rsc_ticket",
    "property",
    "rsc_defaults",
    "op_defaults",
    "fencing_topology",
    "fencing-topology",
    "role",
    "user",
    "acl_target",
    "acl_group",
    "tag",
    "alert",
    "xml",
];

/// Returns what could stand after `words`, as the grammar names it: keywords, `NAME=VALUE`, …
pub fn after(words: &[String], mode: Mode) -> Vec<&'static str> {
    if words.is_empty() {
        return STATEMENTS.to_vec();
    }
    let words: Vec<Word<'_>> = words
        .iter()
        .map(|text| Word { text: Cow::Borrowed(text.as_str()), span: Span::default() })
        .collect();
    let furthest = RefCell::new(Furthest::default());
    let _ = statement(Tokens::new(&words, Some(&furthest)), mode);
    let found = furthest.into_inner();
    if found.at == words.len() { found.expected } else { Vec::new() }
}

/// Returns the part of a constraint's word that can be only one of a few, where it is none of them,
/// and what it can be: the action in `rsc:action`, the value in `loss-policy=value`, …
pub(crate) fn of_part<'w>(
    keyword: &str,
    word: &'w str,
) -> Option<(&'w str, &'static [&'static str])> {
    let keyword = keyword.to_ascii_lowercase();
    let (part, choices) = match word.split_once('=') {
        Some((name, value)) => (value, of_attribute(&keyword, name)?),
        None => of_qualified(&keyword, word.split_once(':')?)?,
    };
    let is_choice = choices.iter().any(|choice| choice.eq_ignore_ascii_case(part));
    (!is_choice).then_some((part, choices))
}

fn of_attribute(keyword: &str, name: &str) -> Option<&'static [&'static str]> {
    match (keyword, name) {
        ("rsc_ticket", "loss-policy") => Some(&LOSS_POLICIES),
        ("order", "symmetrical" | "sequential" | "require-all")
        | ("colocation" | "collocation", "sequential") => Some(&["true", "false"]),
        _ => None,
    }
}

fn of_qualified<'w>(
    keyword: &str,
    (first, second): (&'w str, &'w str),
) -> Option<(&'w str, &'static [&'static str])> {
    match (keyword, second) {
        ("order", "") => Some((first, &KINDS)),
        ("order", action) => Some((action, &ACTIONS)),
        (_, "") => None,
        ("colocation" | "collocation" | "rsc_ticket" | "monitor", role) => Some((role, &ROLES)),
        _ => None,
    }
}

/// Returns the statement word that is at most two edits away from `word`.
pub(crate) fn closest_statement(word: &str) -> Option<&'static str> {
    closest(word, STATEMENTS.into_iter())
}

/// Returns the one of `known` that is at most two edits away from `word`, and less than half of
/// it; the first of several. Two letters that changed places are one edit.
pub(crate) fn closest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    // what is far longer than any name is no misspelt name
    if word.is_empty() || word.len() > 64 {
        return None;
    }
    let word = word.to_ascii_lowercase();
    known
        .filter(|known| known.len().abs_diff(word.len()) <= 2)
        .map(|known| (strsim::osa_distance(&word, known), known))
        .filter(|(edits, known)| (1..=2).contains(edits) && 2 * edits < known.len())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_what_the_grammar_tries() {
        let words = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        let found = after(&words("primitive p Dummy params a=b"), Mode::Create);
        for keyword in ["NAME=VALUE", "params", "meta", "utilization", "op", "operations"] {
            assert!(found.contains(&keyword), "{keyword} in {found:?}");
        }
        assert_eq!(closest_statement("primitve"), Some("primitive"));
        assert_eq!(closest_statement("gorup"), Some("group"));
        assert_eq!(closest_statement("frobnicate"), None);
        assert_eq!(closest("nad", ["and", "rule"].into_iter()), Some("and"));
        assert!(after(&[], Mode::Create).contains(&"primitive"));
    }
}
