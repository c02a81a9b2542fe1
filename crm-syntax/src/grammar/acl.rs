//! `role`, `user`, `acl_target`, `acl_group`.

use nom::Parser;
use nom::combinator::opt;

use super::{Res, Tokens, description, identifier, initial_id, required, word_as};
use crate::ast::{
    AclPrincipal, AclRole, AclUser, Object, Right, RightKind, Specification, UserItem,
};

/// What a specification may begin with.
pub(crate) const KEYS: [&str; 7] =
    ["xpath", "ref", "reference", "tag", "type", "attr", "attribute"];
/// Shortcuts for XPath expressions: name, then the parts; each part's placeholder is `@@`.
pub(crate) const SHORTCUTS: [(&str, &[&str]); 10] = [
    ("meta", &["//primitive[@id='@@']/meta_attributes", "/nvpair[@name='@@']"]),
    ("params", &["//primitive[@id='@@']/instance_attributes", "/nvpair[@name='@@']"]),
    ("utilization", &["//primitive[@id='@@']/utilization"]),
    ("location", &["//rsc_location[@id='cli-prefer-@@' and @rsc='@@']"]),
    ("property", &["//crm_config/cluster_property_set", "/nvpair[@name='@@']"]),
    ("nodeattr", &["//nodes/node/instance_attributes", "/nvpair[@name='@@']"]),
    ("nodeutil", &["//nodes/node/utilization", "[@uname='@@']"]),
    ("node", &["//nodes/node", "[@uname='@@']"]),
    ("status", &["/cib/status"]),
    ("cib", &["/cib"]),
];

fn specification(text: &str) -> Option<Specification> {
    let (key, value) = match text.split_once(':') {
        Some((key, value)) => (key, Some(value)),
        None => (text, None),
    };
    let known = KEYS.contains(&key) || SHORTCUTS.iter().any(|(name, _)| *name == key);
    known.then(|| Specification {
        key: key.to_owned(),
        value: value.filter(|v| !v.is_empty()).map(String::from),
    })
}

/// Reads a right. `is_named` where it may have an id and a description, as roles may.
fn right(input: Tokens<'_>, is_named: bool) -> Res<'_, Right> {
    let (input, kind) = required(
        word_as("read, write or deny", RightKind::from_word),
        "Expected (read|write|deny)",
    )(input)?;
    let (mut input, mut id, mut text) = (input, None, None);
    if is_named {
        (input, id) = initial_id(input)?;
        (input, text) = description(input)?;
    }
    let mut specs = Vec::new();
    while let (rest, Some(spec)) =
        opt(word_as("xpath:, ref:, type:, attr: or a shortcut", specification)).parse(input)?
    {
        let shortcut = SHORTCUTS.iter().find(|(name, _)| *name == spec.key);
        let ends_in_colon = input.peek().is_some_and(|text| text.ends_with(':'));
        if spec.value.is_none() && ends_in_colon {
            return Err(input.fail("Expected <type>:<spec>"));
        }
        if spec.value.is_none() {
            match shortcut {
                Some((name, parts)) if parts.first().is_some_and(|p| p.contains("@@")) => {
                    let text = format!("Missing argument to ACL shortcut {name}");
                    return Err(rest.fail(text));
                }
                None => return Err(rest.fail("Expected <type>:<spec>")),
                Some(_) => {}
            }
        }
        if !is_named && !is_eligible(&specs, &spec) {
            break;
        }
        specs.push(spec);
        input = rest;
    }
    let is = |keys: &[&str]| specs.iter().any(|s| keys.contains(&s.key.as_str()));
    if is(&["attr", "attribute"]) && !is(&["type", "tag"]) && !has_xpath(&specs) {
        let text = "attribute is only valid in combination with tag/object-type";
        return Err(input.fail(text));
    }
    Ok((input, Right { kind, id, description: text, specs }))
}

/// Returns true where a right of a user may have one more specification: an XPath, or a reference
/// and a tag, then an attribute.
///
/// **Source:** crmsh `_remove_spec()` (parse.py).
fn is_eligible(before: &[Specification], next: &Specification) -> bool {
    let kind = |spec: &Specification| match spec.key.as_str() {
        "ref" => 1,
        "tag" => 2,
        "attribute" => 3,
        "reference" | "type" | "attr" => 4,
        _ => 0,
    };
    let next = kind(next);
    let mut kinds = before.iter().map(kind);
    next != 4
        && kinds.all(|kind| match kind {
            0 => next == 3,
            1 | 2 => next != 0 && next != kind,
            _ => false,
        })
}

/// Old roles may join an attribute to an XPath or a reference.
fn has_xpath(specs: &[Specification]) -> bool {
    specs.iter().any(|s| !matches!(s.key.as_str(), "attr" | "attribute"))
}

pub(super) fn role(input: Tokens<'_>) -> Res<'_, Object> {
    let (input, id) = identifier(input)?;
    let (input, description) = description(input)?;
    let mut rights = Vec::new();
    let mut input = input;
    while !input.is_empty() {
        let (rest, found) = right(input, true)?;
        rights.push(found);
        input = rest;
    }
    Ok((input, Object::AclRole(AclRole { id: id.to_owned(), description, rights })))
}

pub(super) fn user(input: Tokens<'_>) -> Res<'_, Object> {
    let (mut input, id) = identifier(input)?;
    let mut items = Vec::new();
    let role = |text: &str| {
        let (key, id) = text.split_once(':')?;
        (key.eq_ignore_ascii_case("role") && !id.is_empty()).then(|| UserItem::Role(id.to_owned()))
    };
    while !input.is_empty() {
        let (rest, found) = opt(word_as("role:", role)).parse(input)?;
        let (rest, item) = match found {
            Some(item) => (rest, item),
            None => right(input, false).map(|(rest, right)| (rest, UserItem::Right(right)))?,
        };
        items.push(item);
        input = rest;
    }
    let id = id.to_owned();
    Ok((input, Object::AclUser(AclUser { id, description: None, items })))
}

pub(super) fn principal(is_group: bool) -> impl Fn(Tokens<'_>) -> Res<'_, Object> {
    move |input| {
        let (mut input, id) = identifier(input)?;
        let (id, mut roles) = (id.to_owned(), Vec::new());
        while !input.is_empty() {
            let (rest, role) = identifier(input)?;
            roles.push(role.to_owned());
            input = rest;
        }
        Ok((input, Object::AclPrincipal(AclPrincipal { is_group, id, description: None, roles })))
    }
}
