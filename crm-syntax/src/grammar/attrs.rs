//! Sets of pairs: `[$id=ID] [SCORE:] {rule} {NAME=VALUE}`.

use nom::Parser;
use nom::combinator::opt;

use super::rule::rules;
use super::{IdSpec, Res, Tokens, id_spec, many, score_text, word_as, word_if};
use crate::ast::{AttrSet, Pair, SetKind};

/// The section keywords, which end a list of pairs.
pub(super) const SECTIONS: &[&str] = &[
    "params",
    "meta",
    "utilization",
    "operations",
    "op",
    "op_params",
    "op_meta",
    "rule",
    "attributes",
];

/// Keywords and the sets they open.
pub(super) type Keywords = &'static [(&'static str, SetKind)];

/// `params` and `meta`, for groups and clones.
pub(super) const PARAMS_META: Keywords = &[("params", SetKind::Instance), ("meta", SetKind::Meta)];

fn is_one_of(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Reads one pair; `stop` lists the words that are none. Where it is empty a name needs a value.
pub(super) fn pair<'a>(stop: &'static [&'static str]) -> impl Fn(Tokens<'a>) -> Res<'a, Pair> {
    move |input| {
        let read = |text: &'a str| {
            if is_one_of(text, stop) {
                return None;
            }
            reference(text)
                .or_else(|| with_id(text))
                .or_else(|| plain(text))
                .or_else(|| if stop.is_empty() { None } else { name_alone(text) })
        };
        word_as("NAME=VALUE", read).parse(input)
    }
}

/// `@ID` or `@ID:NAME`
fn reference(text: &str) -> Option<Pair> {
    let rest = text.strip_prefix('@')?;
    let (id, name) = match rest.split_once(':') {
        Some((id, name)) if !name.is_empty() => (id, Some(name.to_owned())),
        Some(_) => return None,
        None => (rest, None),
    };
    (!id.is_empty()).then(|| Pair::Ref { id_ref: id.to_owned(), name })
}

/// `$ID:NAME=VALUE` or `$ID=VALUE`
fn with_id(text: &str) -> Option<Pair> {
    let rest = text.strip_prefix('$')?;
    let (key, value) = match rest.find([':', '=']) {
        // the name may hold `=`: the value begins after the last one
        Some(at) if rest[at..].starts_with(':') => {
            rest.rsplit_once('=').filter(|(k, _)| k.len() > at)?
        }
        _ => rest.split_once('=')?,
    };
    let (id, name) = key.split_once(':').unwrap_or((key, key));
    if id.is_empty() || name.is_empty() {
        return None;
    }
    Some(Pair::Value {
        id: Some(id.to_owned()),
        name: name.to_owned(),
        value: Some(value.to_owned()),
    })
}

/// `NAME=VALUE`
fn plain(text: &str) -> Option<Pair> {
    let (name, value) = text.split_once('=')?;
    (!name.is_empty() && !name.starts_with(['@', '$'])).then(|| Pair::new(name, value))
}

/// `NAME`
fn name_alone(text: &str) -> Option<Pair> {
    let is_name = !text.is_empty() && !text.contains([':', '=']);
    is_name.then(|| Pair::Value { id: None, name: text.to_owned(), value: None })
}

/// Reads pairs until something else comes.
pub(super) fn pairs<'a>(
    stop: &'static [&'static str],
) -> impl FnMut(Tokens<'a>) -> Res<'a, Vec<Pair>> {
    move |input| many(pair(stop)).parse(input)
}

/// Reads what follows a section keyword.
pub(super) fn set_body<'a>(
    kind: SetKind,
    stop: &'static [&'static str],
) -> impl Fn(Tokens<'a>) -> Res<'a, AttrSet> {
    move |input| {
        let mut set = AttrSet::new(kind);
        let (input, spec) = opt(id_spec()).parse(input)?;
        match spec {
            Some(IdSpec::Ref(id)) => {
                set.id_ref = Some(id);
                return Ok((input, set));
            }
            Some(IdSpec::Id(id)) => set.id = Some(id),
            None => {}
        }
        let (input, score) = opt(score_text("SCORE:")).parse(input)?;
        set.score = score.map(String::from);
        let (input, rules) = rules(input)?;
        set.rules = rules;
        let (input, pairs) = pairs(stop)(input)?;
        set.pairs = pairs;
        Ok((input, set))
    }
}

/// Reads one set with its keyword.
pub(super) fn keyword_set<'a>(
    keywords: Keywords,
    stop: &'static [&'static str],
) -> impl Fn(Tokens<'a>) -> Res<'a, AttrSet> {
    move |input| {
        for (word, kind) in keywords {
            let found = word_if(word, |text| text.eq_ignore_ascii_case(word)).parse(input);
            if let Ok((rest, _)) = found {
                return set_body(*kind, stop)(rest);
            }
        }
        Err(nom::Err::Error(crate::error::Failure::expected(input.at(), "section")))
    }
}

/// Reads a first set whose keyword is left out; `None` where there is none.
pub(super) fn implicit_set(kind: SetKind, input: Tokens<'_>) -> Res<'_, Option<AttrSet>> {
    if input.is_empty() || input.peek().is_some_and(|text| is_one_of(text, SECTIONS)) {
        // `rule` opens a set too
        if !input.peek().is_some_and(|text| text.eq_ignore_ascii_case("rule")) {
            return Ok((input, None));
        }
    }
    let (rest, set) = set_body(kind, SECTIONS)(input)?;
    Ok(if set == AttrSet::new(kind) { (input, None) } else { (rest, Some(set)) })
}

/// Reads sets to the end of the list; the first may go without its keyword.
pub(super) fn sets<'a>(
    keywords: Keywords,
    implicit: SetKind,
    stop: &'static [&'static str],
) -> impl FnMut(Tokens<'a>) -> Res<'a, Vec<AttrSet>> {
    move |input| {
        let (input, first) = implicit_set(implicit, input)?;
        let (input, rest) = many(keyword_set(keywords, stop)).parse(input)?;
        Ok((input, first.into_iter().chain(rest).collect()))
    }
}
