//! Listings and XML made comparable: order, and what crm shows otherwise within one session.

use cib_model::cib::Cib;
use cib_model::xml::{Dialect, ElementRef, Layout, write_element};

/// Returns the objects of a configuration, sorted: in `show xml` crm puts a container that was
/// made in the same session where its first member stood. A text that is no CIB (crm has stopped)
/// comes back as it is.
pub(crate) fn by_id(xml: &str) -> String {
    let Ok(cib) = Cib::read(&xml[xml.find("<cib").unwrap_or(0)..]) else { return xml.to_owned() };
    let sections = cib.configuration().into_iter().flat_map(ElementRef::children);
    let mut objects: Vec<String> = sections
        .flat_map(ElementRef::children)
        .map(|object| write_element(object, Layout::Pretty, Dialect::default()))
        .collect();
    objects.sort();
    objects.concat()
}

/// Returns the objects that crm shows otherwise once it has read the CIB again, then as they are
/// shown here at once: constraints with an empty resource set, made by redirecting repeated
/// members, and nodes and property sets with a part that has no words (text, then XML); nodes with
/// `type="normal"` (XML, then text); primitives with an operation without interval.
pub(crate) fn hollow(cib: &Cib) -> Vec<String> {
    let mut found = Vec::new();
    for section in cib.configuration().into_iter().flat_map(ElementRef::children) {
        found.extend(section.children().filter(|object| match section.name() {
            "nodes" => {
                object.attr("type") == Some("normal") || object.descendants().any(has_no_words)
            }
            "crm_config" | "rsc_defaults" | "op_defaults" => object.descendants().any(has_no_words),
            "constraints" => {
                object.children_named("resource_set").any(|set| set.children().next().is_none())
            }
            _ => false,
        }));
        let is_timeless = |e: ElementRef<'_>| e.name() == "op" && e.attr("interval").is_none();
        let primitives = section.descendants().filter(|e| e.name() == "primitive");
        found.extend(primitives.filter(|p| p.descendants().any(is_timeless)));
    }
    found.into_iter().filter_map(|element| element.id().map(str::to_owned)).collect()
}

/// Returns true for a part that no word of the language makes: a pair with a `=` in its name, a
/// literal in a rule, a reference with attributes of its own.
fn has_no_words(part: ElementRef<'_>) -> bool {
    let has = |name| part.attr(name).is_some();
    part.attr("name").is_some_and(|name| name.contains('='))
        || part.attr("value-source") == Some("literal")
        || has("id-ref") && (has("value") || has("role"))
}

/// Returns a listing without some objects; XML in it on one line each, as crm shows it where it
/// has given up the text for it in this session.
pub(crate) fn without(listing: &str, ids: &[String]) -> String {
    let marked = listing.replace(" \\\n", "\u{1}");
    let is_kept = |object: &&str| {
        !ids.iter().any(|id| {
            let node = object.strip_prefix("node ").map(|rest| rest.split(['\u{1}', ' ']).next());
            let set = object.split(['\u{1}', ' ']).nth(1).filter(|word| word.ends_with(':'));
            object.contains(&format!(" {id} "))
                || object.contains(&format!(" id=\"{id}\""))
                || object.starts_with(&format!("node $id=\"{id}\" "))
                || set.is_some_and(|word| word.trim_end_matches(':') == id)
                || node.flatten().is_some_and(|word| word.trim_end_matches(':') == id)
        })
    };
    let shown = |object: &str| {
        if object.starts_with("xml ") {
            let lines: Vec<&str> = object.split('\u{1}').map(str::trim_start).collect();
            // a tab is written as Pacemaker 3 writes it
            return lines.join(" ").replace("&#9;", "&#x09;") + "\n";
        }
        object.replace('\u{1}', " \\\n") + "\n"
    };
    let (mut kept, mut comments) = (String::new(), String::new());
    for object in marked.lines() {
        if object.starts_with('#') {
            comments.push_str(&shown(object));
            continue;
        }
        // comments stand above their object
        let above = std::mem::take(&mut comments);
        if is_kept(&object) {
            kept.push_str(&above);
            kept.push_str(&shown(object));
        }
    }
    kept + &comments
}
