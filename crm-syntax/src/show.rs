//! The listing: `configure show`.
//!
//! **Source:** crmsh `repr()`, `filter_objects()` (cibconfig.py), `processing_sort_cli()`
//! (xmlutil.py).

use std::collections::{HashMap, HashSet};

use cib_model::cib::Cib;
use cib_model::xml::{self, Child, Dialect, ElementRef, Layout as XmlLayout, Tree, XmlId};

use crate::ast::Object;
use crate::diag::{Code, Diagnostic};
use crate::kind::{ObjectKind, object_id};
use crate::objects::{is_member, node_names, objects, references};
use crate::print::{Layout, Printer};
use crate::raise::{RaiseContext, is_default};
use crate::representable::Guard;
use crate::schema::Schema;
use crate::style::{Release, Style};

/// What a listing contains and how it looks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter {
    /// What to list: ids, globs, `type:T`, `tag:T`, `related:X`, `changed`, `and`, `or`; everything
    /// where empty.
    pub words: Vec<String>,
    /// Ids of the objects that `changed` lists.
    pub changed: Vec<String>,
    /// Whether objects of one kind are sorted by id (`sort-elements`).
    pub sort: bool,
    /// Globs: the values of pairs with such a name are hidden.
    pub obscure: Vec<String>,
    /// Whether each object stands on one line, without its comments (what `filter` hands out).
    pub flat: bool,
    /// Whether a set of defaults that is shown as XML stands in its section, so that the text can
    /// be loaded: crm shows the set alone, and cannot tell what it is when it reads that.
    pub loadable: bool,
    /// Whose layout the modern style has.
    pub release: Release,
    /// Ids in the order of objects of one kind where `sort` is off; document order where empty.
    pub order: Vec<String>,
}

impl Default for Filter {
    /// Everything, sorted, passwords hidden.
    fn default() -> Self {
        Filter {
            words: Vec::new(),
            changed: Vec::new(),
            sort: true,
            obscure: vec!["passw*".to_owned()],
            flat: false,
            loadable: false,
            release: Release::default(),
            order: Vec::new(),
        }
    }
}

impl Filter {
    /// Everything, sorted, nothing hidden, all of it loadable: what is saved and edited.
    pub fn plain() -> Self {
        Filter { obscure: Vec::new(), loadable: true, ..Filter::default() }
    }

    /// Reads the arguments of `show`: `obscure:GLOB` says what is hidden, instead of what was to be
    /// hidden; the rest says what to list.
    #[must_use]
    pub fn with_words(mut self, words: &[String]) -> Self {
        let globs: Vec<String> =
            words.iter().filter_map(|w| w.strip_prefix("obscure:")).map(str::to_owned).collect();
        if !globs.is_empty() {
            self.obscure = globs;
        }
        self.words.extend(words.iter().filter(|w| !w.starts_with("obscure:")).cloned());
        self
    }
}

/// One object of a configuration, for completion and for lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectEntry {
    /// The kind.
    pub kind: ObjectKind,
    /// The id by which crm knows it.
    pub id: String,
    /// The name of a node.
    pub uname: Option<String>,
    /// The id of the container it stands in.
    pub parent: Option<String>,
    /// The tree's index of its element.
    pub at: XmlId,
}

/// Returns every object in document order, those inside containers after them.
pub fn list(cib: &Cib) -> Vec<ObjectEntry> {
    cib.configuration().into_iter().flat_map(objects).filter_map(entry).collect()
}

fn entry(element: ElementRef<'_>) -> Option<ObjectEntry> {
    let kind = ObjectKind::of(element)?;
    let container = element
        .parent()
        .filter(|p| is_member(element) && ObjectKind::of(*p).is_some_and(ObjectKind::is_container));
    Some(ObjectEntry {
        kind,
        id: object_id(element)?.to_owned(),
        uname: element.attr("uname").map(str::to_owned),
        parent: container.and_then(ElementRef::id).map(str::to_owned),
        at: element.xml_id(),
    })
}

/// Lists a configuration in the crm language.
///
/// Objects are joined by newlines; the text ends with one, and is empty where nothing is listed.
///
/// # Errors
/// `object X does not exist` for an id that names nothing.
///
/// # Order
/// By kind, then by id (code points; document order where `filter.sort` is off).
pub fn show(cib: &Cib, style: Style, filter: &Filter) -> Result<String, Diagnostic> {
    let chosen = select(cib, style, filter)?;
    let context = RaiseContext::of(cib.tree(), style);
    let names = node_names(cib);
    let guard =
        Guard { context: &context, schema: Schema::named(cib.schema()), node_names: &names };
    let printer = Printer::new(style, &filter.obscure).of_release(filter.release);
    let layout = if filter.flat { Layout::Flat } else { Layout::Broken };
    let mut text = String::new();
    for element in chosen.iter().filter_map(|entry| cib.tree().element(entry.at)) {
        match guard.raise(element) {
            Some(object) => object_text(&mut text, &object, &printer, element, layout),
            None => xml_text(&mut text, element, layout, filter.loadable),
        }
        text.push('\n');
    }
    Ok(text)
}

fn xml_text(out: &mut String, element: ElementRef<'_>, layout: Layout, loadable: bool) {
    let mut tree = without_defaults(element);
    let section = element.parent().filter(|_| loadable && element.name() == "meta_attributes");
    if let Some(section) = section {
        let mut whole = Tree::new(section.name().to_owned());
        whole.append_copy(whole.root_id(), tree.root());
        tree = whole;
    }
    let text = xml::write(&tree, XmlLayout::Pretty, Dialect::default());
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    out.push_str("xml ");
    out.push_str(&lines.join(if layout == Layout::Flat { " " } else { " \\\n" }));
}

fn object_text(
    out: &mut String,
    object: &Object,
    printer: &Printer<'_>,
    element: ElementRef<'_>,
    layout: Layout,
) {
    for child in element.all_children().filter(|_| layout == Layout::Broken) {
        if let Child::Comment(comment) = child {
            let comment = comment.trim();
            if !comment.starts_with('#') {
                out.push_str("# ");
            }
            out.push_str(comment);
            out.push('\n');
        }
    }
    out.push_str(&printer.object(object, layout));
}

/// Copies an element as crm holds it: without attributes at their default.
fn without_defaults(element: ElementRef<'_>) -> Tree {
    let mut tree = Tree::new(element.name().to_owned());
    let root = tree.root_id();
    for (name, value) in element.attrs() {
        tree.set_attr(root, name.to_owned(), value);
    }
    for child in element.all_children() {
        match child {
            Child::Element(child) => {
                tree.append_copy(root, child);
            }
            Child::Comment(text) => {
                tree.append_comment(root, text);
            }
            Child::Text(_) | Child::CData(_) => {}
        }
    }
    let defaults: Vec<(XmlId, String)> = tree
        .root()
        .descendants()
        .flat_map(|e| e.attrs().map(move |(name, value)| (e, name, value)))
        .filter(|(e, name, value)| is_default(e.name(), name, value))
        .map(|(e, name, _)| (e.xml_id(), name.to_owned()))
        .collect();
    for (at, name) in defaults {
        tree.remove_attr(at, &name);
    }
    tree
}

/// Lists a configuration as XML: a `<cib>` with the chosen objects alone, without status. Those that
/// words name stand in the order of the words, each in its section; all in document order else.
///
/// # Errors
/// `object X does not exist` for an id that names nothing.
pub fn show_xml(cib: &Cib, filter: &Filter) -> Result<String, Diagnostic> {
    let chosen = choose(cib, list(cib), filter)?;
    let mut tree = Tree::new("cib");
    let root = tree.root_id();
    for (name, value) in cib.root().attrs() {
        tree.set_attr(root, name.to_owned(), value);
    }
    let configuration = tree.append(root, "configuration");
    for section in ["crm_config", "nodes", "resources", "constraints"] {
        tree.append(configuration, section);
    }
    let mut shown: HashSet<XmlId> = HashSet::new();
    for entry in &chosen {
        let Some(mut element) = cib.tree().element(entry.at) else { continue };
        // a member stands in its container
        while let Some(container) = element.parent().filter(|_| is_member(element)) {
            if !ObjectKind::of(container).is_some_and(ObjectKind::is_container) {
                break;
            }
            element = container;
        }
        if !shown.insert(element.xml_id()) {
            continue;
        }
        let section = entry.kind.section();
        let parent = if section == "configuration" {
            configuration
        } else {
            let found = tree.root().child("configuration").and_then(|c| c.child(section));
            match found.map(ElementRef::xml_id) {
                Some(found) => found,
                None => tree.append(configuration, section),
            }
        };
        tree.append_copy(parent, element);
    }
    let hidden: Vec<XmlId> = tree
        .root()
        .descendants()
        .filter(|e| e.name() == "nvpair" && e.attr("value").is_some())
        .filter(|e| {
            let name = e.attr("name").unwrap_or_default();
            filter.obscure.iter().any(|glob| crate::glob::matches(glob, name))
        })
        .map(ElementRef::xml_id)
        .collect();
    for pair in hidden {
        tree.set_attr(pair, "value", "******");
    }
    let text = xml::write(&tree, XmlLayout::Pretty, Dialect::default());
    Ok(format!("<?xml version=\"1.0\" ?>\n{text}"))
}

/// Chooses and orders the objects of a listing.
///
/// # Order
/// By kind, then by id; where `filter.sort` is off by kind, then as the words found them.
///
/// # Errors
/// `object X does not exist` for an id that names nothing.
pub fn select(cib: &Cib, style: Style, filter: &Filter) -> Result<Vec<ObjectEntry>, Diagnostic> {
    let mut all = list(cib);
    if !filter.sort {
        let places: HashMap<&str, usize> =
            filter.order.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
        all.sort_by_key(|entry| places.get(entry.id.as_str()).copied().unwrap_or(usize::MAX));
    }
    let mut chosen = choose(cib, all, filter)?;
    if filter.sort {
        chosen.sort_by(|a, b| (a.kind.rank(style), &a.id).cmp(&(b.kind.rank(style), &b.id)));
    } else {
        chosen.sort_by_key(|entry| entry.kind.rank(style));
    }
    Ok(chosen)
}

/// Returns the objects that the words choose, all where there are none. Words are joined by `or`
/// unless `and` stands between.
///
/// # Order
/// As found: what the first word finds comes first; after `and`, as the word after it finds them.
fn choose(
    cib: &Cib,
    all: Vec<ObjectEntry>,
    filter: &Filter,
) -> Result<Vec<ObjectEntry>, Diagnostic> {
    if filter.words.is_empty() {
        return Ok(all);
    }
    let mut chosen = Found::none_of(&all);
    let mut other: Option<Found> = None;
    for word in &filter.words {
        match word.as_str() {
            "or" => continue,
            "and" => {
                other = Some(std::mem::replace(&mut chosen, Found::none_of(&all)));
                continue;
            }
            _ => {}
        }
        let is_changed = word == "changed";
        let found = if is_changed {
            all.iter().map(|entry| filter.changed.contains(&entry.id)).collect()
        } else {
            matching(cib, &all, word)
        };
        let is_plain = !is_changed
            && !word.starts_with("type:")
            && !word.starts_with("tag:")
            && !word.starts_with("related:");
        if is_plain && !found.contains(&true) {
            let message = format!("object {word} does not exist");
            return Err(Diagnostic::error(Code::NoSuchObject, message).about(word.as_str()));
        }
        chosen.add(&found);
        if let Some(other) = other.take() {
            chosen.keep_those_of(&other);
        }
    }
    let order = other.unwrap_or(chosen).order;
    let mut all: Vec<Option<ObjectEntry>> = all.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|at| all.get_mut(at)?.take()).collect())
}

/// Which of a list of objects have been found, in the order in which they were.
struct Found {
    marks: Vec<bool>,
    order: Vec<usize>,
}

impl Found {
    fn none_of(all: &[ObjectEntry]) -> Self {
        Found { marks: vec![false; all.len()], order: Vec::new() }
    }

    fn add(&mut self, found: &[bool]) {
        for (at, mark) in self.marks.iter_mut().enumerate() {
            if !*mark && found.get(at) == Some(&true) {
                *mark = true;
                self.order.push(at);
            }
        }
    }

    fn keep_those_of(&mut self, other: &Found) {
        for (mark, other) in self.marks.iter_mut().zip(&other.marks) {
            *mark &= *other;
        }
        let marks = &self.marks;
        self.order.retain(|at| marks.get(*at) == Some(&true));
    }
}

fn matching(cib: &Cib, all: &[ObjectEntry], word: &str) -> Vec<bool> {
    let by_glob = |glob: &str| -> Vec<bool> {
        let is = |entry: &ObjectEntry| {
            crate::glob::matches(glob, &entry.id)
                || entry.uname.as_deref().is_some_and(|name| {
                    entry.kind == ObjectKind::Node && crate::glob::matches(glob, name)
                })
        };
        all.iter().map(is).collect()
    };
    if let Some(kind) = word.strip_prefix("type:") {
        return all.iter().map(|entry| entry.kind.keyword() == kind).collect();
    }
    if let Some(tag) = word.strip_prefix("tag:") {
        let members = tagged(cib, all, tag);
        return all
            .iter()
            .map(|e| e.kind != ObjectKind::Node && members.contains(&e.id.as_str()))
            .collect();
    }
    if let Some(name) = word.strip_prefix("related:") {
        let mut found = by_glob(name);
        // of several objects that fit, what is related to the first resource
        let fits = || all.iter().zip(&found).filter(|(_, fits)| **fits).map(|(entry, _)| entry);
        let of = fits().find(|entry| entry.kind != ObjectKind::Node);
        let of = of.filter(|entry| entry.kind.is_resource()).map(|entry| entry.id.clone());
        for (mark, entry) in found.iter_mut().zip(all) {
            let Some(element) = cib.tree().element(entry.at) else { continue };
            *mark |= of.as_deref().is_some_and(|of| is_related(element, of));
            *mark |= has_agent(element, name);
        }
        return found;
    }
    by_glob(word)
}

fn tagged<'a>(cib: &'a Cib, all: &[ObjectEntry], tag: &str) -> Vec<&'a str> {
    all.iter()
        .filter(|entry| entry.kind == ObjectKind::Tag && entry.id == tag)
        .filter_map(|entry| cib.tree().element(entry.at))
        .flat_map(|element| element.children_named("obj_ref").filter_map(ElementRef::id))
        .collect()
}

/// Returns true where an object names a resource: as constraint, as tag, as container.
fn is_related(element: ElementRef<'_>, rsc: &str) -> bool {
    match ObjectKind::of(element) {
        Some(kind) if kind.is_constraint() => references(element).any(|r| r == rsc),
        Some(ObjectKind::Tag) => element.children().any(|child| child.id() == Some(rsc)),
        Some(kind) if kind.is_container() => {
            element.descendants().skip(1).any(|e| is_member(e) && e.id() == Some(rsc))
        }
        _ => false,
    }
}

/// Returns true where a resource is of an agent named `[class:[provider:]]type`.
fn has_agent(element: ElementRef<'_>, name: &str) -> bool {
    let parts: Vec<&str> = name.split(':').collect();
    let is = |attribute, value: &str| element.attr(attribute) == Some(value);
    match parts.as_slice() {
        [class, provider, agent_type] => {
            is("type", agent_type) && is("provider", provider) && is("class", class)
        }
        [class, agent_type] => is("type", agent_type) && is("class", class),
        [agent_type] => !agent_type.is_empty() && is("type", agent_type),
        _ => false,
    }
}
