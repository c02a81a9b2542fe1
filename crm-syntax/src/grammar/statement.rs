//! Dispatch: the first word chooses the parser; what it leaves over is an error.

use super::property::EmptyValues;
use super::{
    Mode, Res, Tokens, acl, alert, bundle, constraint, fencing, node, property, resource, tag,
};
use crate::ast::{CloneKind, Object, PrimitiveKind, PropertyKind};
use crate::error::Failure;

/// Reads one statement from all its words.
///
/// Returns `None` where the first word begins no statement.
pub(crate) fn statement(input: Tokens<'_>, mode: Mode) -> Option<Result<Object, Failure>> {
    let keyword = input.peek()?.to_ascii_lowercase();
    let min_args = match keyword.as_str() {
        "fencing_topology" | "fencing-topology" => 0,
        "node" | "property" | "rsc_defaults" | "op_defaults" | "xml" => 1,
        _ => 2,
    };
    let parser = parser(&keyword, mode)?;
    if input.len() <= min_args {
        let text = format!("Expected at least {min_args} arguments");
        return Some(Err(Failure::sentence(input.at(), text)));
    }
    Some(run(&parser, nom::Input::take_from(&input, 1)))
}

type Boxed = Box<dyn for<'a> Fn(Tokens<'a>) -> Res<'a, Object>>;

fn parser(keyword: &str, mode: Mode) -> Option<Boxed> {
    let empty = if mode == Mode::Load { EmptyValues::Taken } else { EmptyValues::Refused };
    Some(match keyword {
        "node" => Box::new(node::node),
        "primitive" => Box::new(resource::primitive(PrimitiveKind::Primitive)),
        "rsc_template" => Box::new(resource::primitive(PrimitiveKind::Template)),
        "group" => Box::new(resource::group),
        "clone" => Box::new(resource::clone(CloneKind::Clone)),
        "ms" | "master" => Box::new(resource::clone(CloneKind::Ms)),
        "bundle" => Box::new(bundle::bundle),
        "monitor" => Box::new(resource::monitor),
        "location" => Box::new(constraint::location),
        "colocation" | "collocation" => Box::new(constraint::colocation),
        "order" => Box::new(constraint::order),
        "rsc_ticket" => Box::new(constraint::ticket),
        "property" => Box::new(property::property(PropertyKind::Property, empty)),
        "rsc_defaults" => Box::new(property::property(PropertyKind::RscDefaults, empty)),
        "op_defaults" => Box::new(property::property(PropertyKind::OpDefaults, empty)),
        "fencing_topology" | "fencing-topology" => Box::new(fencing::topology),
        "role" => Box::new(acl::role),
        "user" => Box::new(acl::user),
        "acl_target" => Box::new(acl::principal(false)),
        "acl_group" => Box::new(acl::principal(true)),
        "tag" => Box::new(tag::tag),
        "alert" => Box::new(alert::alert),
        "xml" => Box::new(xml),
        _ => return None,
    })
}

fn run(parser: &Boxed, input: Tokens<'_>) -> Result<Object, Failure> {
    match parser(input) {
        Ok((rest, object)) if rest.is_empty() => Ok(object),
        Ok((rest, _)) => {
            let left: Vec<&str> = rest.texts().collect();
            let text = format!("Unknown arguments: {}", left.join(" "));
            Err(Failure::sentence(rest.at(), text))
        }
        Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => Err(failure),
        Err(nom::Err::Incomplete(_)) => {
            Err(Failure::sentence(input.at() + input.len(), "Unexpected end of line"))
        }
    }
}

/// Takes the rest as an XML element; it is read when it is applied.
#[expect(clippy::unnecessary_wraps, reason = "a parser like the others")]
fn xml(input: Tokens<'_>) -> Res<'_, Object> {
    let words: Vec<&str> = input.texts().collect();
    Ok((nom::Input::take_from(&input, input.len()), Object::Xml(words.join(" "))))
}
