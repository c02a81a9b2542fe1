//! `property`, `rsc_defaults`, `op_defaults`.

use nom::Parser;
use nom::combinator::opt;

use super::attrs::{SECTIONS, pair};
use super::rule::rules;
use super::{IdSpec, Res, Tokens, id_spec, initial_id, many};
use crate::ast::{Object, Pair, PropertyItem, PropertyKind, PropertySet};

/// Whether empty values and names alone are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EmptyValues {
    /// As in load text.
    Taken,
    /// As at the prompt.
    Refused,
}

pub(super) fn property(
    kind: PropertyKind,
    empty: EmptyValues,
) -> impl Fn(Tokens<'_>) -> Res<'_, Object> {
    move |input| {
        let (input, id) = initial_id(input)?;
        let mut set = PropertySet { kind, id, id_ref: None, items: Vec::new() };
        let input = if set.id.is_none()
            && let (rest, Some(spec)) = opt(id_spec()).parse(input)?
        {
            match spec {
                IdSpec::Id(id) => set.id = Some(id),
                IdSpec::Ref(id) => set.id_ref = Some(id),
            }
            rest
        } else {
            input
        };
        let (input, rules) = rules(input)?;
        let (input, pairs) = match empty {
            EmptyValues::Taken => many(pair(SECTIONS)).parse(input)?,
            EmptyValues::Refused => filled_pairs(input)?,
        };
        // COMPAT(crmsh 1.2): `property a=b $id=zz` names a set that has no name yet
        let is_unnamed = set.id.is_none() && set.id_ref.is_none();
        let (named, pairs): (Vec<Pair>, Vec<Pair>) =
            pairs.into_iter().partition(|pair| is_unnamed && is_trailing_id(pair));
        if let Some(Pair::Value { value: Some(id), .. }) = named.into_iter().next_back() {
            set.id = Some(id);
        }
        set.items = rules.into_iter().map(PropertyItem::Rule).collect();
        set.items.extend(pairs.into_iter().map(PropertyItem::Pair));
        Ok((input, Object::Property(set)))
    }
}

fn is_trailing_id(pair: &Pair) -> bool {
    matches!(pair, Pair::Value { id: Some(id), name, value: Some(_) } if id == "id" && name == "id")
}

fn filled_pairs(input: Tokens<'_>) -> Res<'_, Vec<Pair>> {
    let mut pairs = Vec::new();
    let mut input = input;
    while let (rest, Some(found)) = opt(pair(&[])).parse(input)? {
        if let Pair::Value { id: None, name, value: Some(value) } = &found
            && value.is_empty()
        {
            return Err(rest.fail(format!("Empty value for {name} is not allowed")));
        }
        pairs.push(found);
        input = rest;
    }
    Ok((input, pairs))
}
