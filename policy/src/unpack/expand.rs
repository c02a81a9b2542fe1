//! The working copy of the configuration: id-refs resolved, templates expanded, and the implicit
//! resources of guest nodes written out.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c` (`unpack_remote_nodes()`,
//! `expand_remote_rsc_meta()`), `complex.c` (`unpack_template()`), `remote.c`
//! (`pe_create_remote_xml()`).
//! **Differs:** done once, before anything is unpacked; the CIB itself is not changed.

use rustc_hash::FxHashMap;

use cib_model::xml::{ElementRef, Tree, XmlId};

use super::bundle_xml::{self, BundleXml};
use crate::diagnostics::Diagnostics;
use crate::facts::IdRefs;

/// How many elements of a configuration's working copy may come of templates and references, beside
/// eight for each that the configuration has. Each primitive gets all operations of its template, so
/// that a megabyte may ask for a hundred million.
const COPIES_MAX: usize = 200_000;

/// The working copy, and what was learnt while making it.
pub(super) struct Expanded {
    /// `<configuration>`, with `<implicit>` for what bundles are made of.
    pub(super) tree: Tree,
    /// Names of remote and guest nodes, in document order.
    pub(super) remote_nodes: Vec<String>,
    /// Template id to the ids of primitives made from it.
    pub(super) templates: IdRefs,
    /// Primitives whose template cannot be used.
    pub(super) invalid: Vec<XmlId>,
    /// Parts of each bundle, by its element.
    pub(super) bundles: FxHashMap<XmlId, BundleXml>,
}

/// Makes the working copy of `cib`'s configuration.
pub(super) fn run(cib: ElementRef<'_>, diagnostics: &mut Diagnostics) -> Expanded {
    let mut tree = Tree::new("working");
    let root = tree.root_id();
    if let Some(configuration) = cib.child("configuration") {
        tree.append_copy(root, configuration);
    }
    let most = COPIES_MAX + 8 * tree.len();
    resolve_references(&mut tree, most, diagnostics);
    let mut expanded = Expanded {
        tree,
        remote_nodes: Vec::new(),
        templates: IdRefs::default(),
        invalid: Vec::new(),
        bundles: FxHashMap::default(),
    };
    let Some(resources) = resources(&expanded.tree).map(ElementRef::xml_id) else {
        return expanded;
    };
    add_guest_connections(&mut expanded, resources);
    expand_templates(&mut expanded, resources, most, diagnostics);
    bundle_xml::run(&mut expanded, resources, diagnostics);
    expanded
}

/// Returns the `<resources>` of a working copy.
pub(super) fn resources(tree: &Tree) -> Option<ElementRef<'_>> {
    tree.root().child("configuration")?.child("resources")
}

/// Replaces every element that has `id-ref` by what it refers to. What is put in may refer on; a
/// chain longer than `CHAIN_MAX` (or a loop) is cut, and so are all when the tree has `most` nodes.
fn resolve_references(tree: &mut Tree, most: usize, diagnostics: &mut Diagnostics) {
    const CHAIN_MAX: usize = 8;
    for _ in 0..CHAIN_MAX {
        let references: Vec<XmlId> = tree
            .root()
            .descendants()
            .filter(|e| e.attr("id-ref").is_some())
            .map(ElementRef::xml_id)
            .collect();
        if references.is_empty() {
            return;
        }
        let source = tree.clone();
        let mut targets: FxHashMap<(&str, &str), ElementRef<'_>> = FxHashMap::default();
        for element in source.root().descendants() {
            if let Some(id) = element.id() {
                targets.entry((element.name(), id)).or_insert(element);
            }
        }
        for at in references {
            let Some(element) = source.element(at) else { continue };
            let (name, id) = (element.name(), element.attr("id-ref").unwrap_or_default());
            let mut target = targets.get(&(name, id));
            if target.is_some() && tree.len() >= most {
                target = None;
                diagnostics.error(format!(
                    "Ignoring {name} with id-ref '{id}': the configuration would become too large"
                ));
            } else if target.is_none() {
                diagnostics.error(format!(
                    "Ignoring invalid {name} configuration: id-ref '{id}' does not reference a \
                     valid object"
                ));
            }
            replace_by_copy(tree, at, target.copied());
        }
    }
}

fn replace_by_copy(tree: &mut Tree, at: XmlId, target: Option<ElementRef<'_>>) {
    let Some(parent) = tree.element(at).and_then(ElementRef::parent).map(ElementRef::xml_id) else {
        return;
    };
    let siblings = tree.element(parent).map(ElementRef::child_ids).unwrap_or_default();
    let position = siblings.iter().position(|c| *c == at).unwrap_or_default();
    tree.detach(at);
    if let Some(target) = target {
        tree.insert_copy(parent, position, target);
    }
}

/// What the meta-attributes of a guest's primitive say of its connection.
#[derive(Default)]
struct GuestMeta {
    name: Option<String>,
    server: Option<String>,
    port: Option<String>,
    connect_timeout: Option<String>,
    allow_migrate: Option<String>,
    is_managed: Option<String>,
}

impl GuestMeta {
    fn read(primitive: ElementRef<'_>) -> Self {
        let mut meta = GuestMeta::default();
        for nvpair in primitive.children_named("meta_attributes").flat_map(ElementRef::children) {
            let value = nvpair.attr("value").map(str::to_owned);
            match nvpair.attr("name") {
                Some("remote-node") => meta.name = value,
                Some("remote-addr") => meta.server = value,
                Some("remote-port") => meta.port = value,
                Some("remote-connect-timeout") => meta.connect_timeout = value,
                Some("remote-allow-migrate") => meta.allow_migrate = value,
                Some("is-managed") => meta.is_managed = value,
                _ => {}
            }
        }
        meta
    }
}

/// Returns true for an `ocf:pacemaker:remote` primitive.
///
/// # Source
/// `xml_contains_remote_node()`.
pub(super) fn is_remote_connection(element: ElementRef<'_>) -> bool {
    let is =
        |name: &str, value: &str| element.attr(name).is_some_and(|v| v.eq_ignore_ascii_case(value));
    is("type", "remote") && is("class", "ocf") && is("provider", "pacemaker")
}

fn add_guest_connections(expanded: &mut Expanded, resources: XmlId) {
    let mut found = Vec::new();
    let mut names = Vec::new();
    for element in expanded.tree.element(resources).into_iter().flat_map(ElementRef::children) {
        if is_remote_connection(element) {
            names.extend(element.id().map(str::to_owned));
            continue;
        }
        let candidates: Vec<ElementRef<'_>> = match element.name() {
            "primitive" => vec![element],
            "group" => element.children().collect(),
            _ => continue,
        };
        for primitive in candidates {
            let meta = GuestMeta::read(primitive);
            if let Some(name) = &meta.name {
                names.push(name.clone());
                found.push((primitive.id().unwrap_or_default().to_owned(), meta));
            }
        }
    }
    for (container, meta) in found {
        let connection = Connection {
            name: meta.name.as_deref().unwrap_or_default(),
            container: &container,
            allow_migrate: meta.allow_migrate.as_deref(),
            is_managed: meta.is_managed.as_deref(),
            start_timeout: Some(meta.connect_timeout.as_deref().unwrap_or("60s")),
            server: meta.server.as_deref(),
            port: meta.port.as_deref(),
        };
        connection.write(&mut expanded.tree, resources);
    }
    expanded.remote_nodes = names;
}

/// An implicit remote connection.
pub(super) struct Connection<'a> {
    pub(super) name: &'a str,
    pub(super) container: &'a str,
    pub(super) allow_migrate: Option<&'a str>,
    pub(super) is_managed: Option<&'a str>,
    pub(super) start_timeout: Option<&'a str>,
    pub(super) server: Option<&'a str>,
    pub(super) port: Option<&'a str>,
}

impl Connection<'_> {
    /// Appends the connection's primitive to `parent`.
    pub(super) fn write(&self, tree: &mut Tree, parent: XmlId) -> XmlId {
        let name = self.name;
        let remote = primitive(tree, parent, name, "pacemaker", "remote");
        let meta = block(tree, remote, "meta_attributes", &format!("{name}-meta_attributes"));
        nvpair(tree, meta, "internal_rsc", "true");
        nvpair(tree, meta, "container", self.container);
        if let Some(value) = self.allow_migrate {
            nvpair(tree, meta, "allow-migrate", value);
        }
        if let Some(value) = self.is_managed {
            nvpair(tree, meta, "is-managed", value);
        }
        if self.server.is_some() || self.port.is_some() {
            let id = format!("{name}-instance_attributes");
            let params = block(tree, remote, "instance_attributes", &id);
            if let Some(value) = self.server {
                nvpair(tree, params, "addr", value);
            }
            if let Some(value) = self.port {
                nvpair(tree, params, "port", value);
            }
        }
        let operations = tree.append(remote, "operations");
        op(tree, operations, name, "monitor", "30s", Some("30s"));
        if let Some(timeout) = self.start_timeout {
            op(tree, operations, name, "start", "0", Some(timeout));
        }
        remote
    }
}

/// Appends an empty `ocf` primitive.
pub(super) fn primitive(
    tree: &mut Tree,
    parent: XmlId,
    id: &str,
    provider: &str,
    agent: &str,
) -> XmlId {
    let primitive = tree.append(parent, "primitive");
    tree.set_attr(primitive, "id", id);
    tree.set_attr(primitive, "class", "ocf");
    tree.set_attr(primitive, "provider", provider);
    tree.set_attr(primitive, "type", agent);
    primitive
}

/// Appends an empty block of name-value pairs.
pub(super) fn block(tree: &mut Tree, parent: XmlId, name: &'static str, id: &str) -> XmlId {
    let block = tree.append(parent, name);
    tree.set_attr(block, "id", id);
    block
}

/// Appends a name-value pair; its id is the block's id and the name.
pub(super) fn nvpair(tree: &mut Tree, block: XmlId, name: &str, value: &str) {
    let id = tree.element(block).and_then(ElementRef::id).map(|id| format!("{id}-{name}"));
    let pair = tree.append(block, "nvpair");
    tree.set_attr(pair, "id", id.unwrap_or_default());
    tree.set_attr(pair, "name", name);
    tree.set_attr(pair, "value", value);
}

/// Appends an operation as `crm_create_op_xml()` does.
pub(super) fn op(
    tree: &mut Tree,
    operations: XmlId,
    rsc: &str,
    name: &str,
    interval: &str,
    timeout: Option<&str>,
) {
    let op = tree.append(operations, "op");
    tree.set_attr(op, "id", format!("{rsc}-{name}-{interval}"));
    tree.set_attr(op, "interval", interval);
    tree.set_attr(op, "name", name);
    if let Some(timeout) = timeout {
        tree.set_attr(op, "timeout", timeout);
    }
}

fn expand_templates(
    expanded: &mut Expanded,
    resources: XmlId,
    most: usize,
    diagnostics: &mut Diagnostics,
) {
    let tree = &expanded.tree;
    let Some(section) = tree.element(resources) else { return };
    let mut templates: FxHashMap<&str, XmlId> = FxHashMap::default();
    for template in section.children_named("template") {
        if let Some(id) = template.id() {
            templates.entry(id).or_insert(template.xml_id());
            expanded.templates.declare(id);
        }
    }
    let mut work = Vec::new();
    for element in section.descendants() {
        let Some(reference) = element.attr("template") else { continue };
        if element.name() == "template" {
            continue;
        }
        let id = element.id().unwrap_or_default();
        match templates.get(reference) {
            Some(&template) if reference != id => {
                work.push((element.xml_id(), template, reference.to_owned(), id.to_owned()));
            }
            Some(_) => {
                diagnostics
                    .error(format!("The resource object '{id}' should not reference itself"));
                expanded.invalid.push(element.xml_id());
            }
            None => {
                diagnostics.error(format!("No template named '{reference}'"));
                expanded.invalid.push(element.xml_id());
            }
        }
    }
    if work.is_empty() {
        return;
    }
    let source = expanded.tree.clone();
    for (at, template, reference, id) in work {
        if expanded.tree.len() >= most {
            diagnostics.error(format!(
                "Ignoring resource '{id}': with its template the configuration would become too large"
            ));
            expanded.invalid.push(at);
        } else if let Some(template) = source.element(template) {
            expand_template(&mut expanded.tree, at, template, &id);
        }
        expanded.templates.add(&reference, &id);
    }
}

/// What tells two operations of one resource apart where a template is expanded.
fn template_op_key(op: ElementRef<'_>) -> String {
    let default = ["Started", "Unpromoted", "Slave"];
    let role = op
        .attr("role")
        .filter(|role| !default.iter().any(|d| d.eq_ignore_ascii_case(role)))
        .unwrap_or("Unknown");
    format!("{}-{role}", op.attr("name").unwrap_or_default())
}

/// Gives the primitive at `at` its template's attributes, and the template's children before its
/// own; operations of its own replace the template's of the same name and role.
fn expand_template(tree: &mut Tree, at: XmlId, template: ElementRef<'_>, id: &str) {
    let Some(element) = tree.element(at) else { return };
    let old: Vec<String> = element.attrs().map(|(name, _)| name.to_owned()).collect();
    let own_ops = element.child("operations").map(ElementRef::xml_id);
    let own_keys: Vec<String> = own_ops
        .and_then(|ops| tree.element(ops))
        .map(|ops| ops.children().map(template_op_key).collect())
        .unwrap_or_default();
    for name in old {
        tree.remove_attr(at, &name);
    }
    for (name, value) in template.attrs() {
        tree.set_attr(at, name.to_owned(), if name == "id" { id } else { value });
    }
    let mut position = 0;
    let mut first_ops = true;
    for child in template.children() {
        if child.name() == "operations"
            && std::mem::take(&mut first_ops)
            && let Some(own_ops) = own_ops
        {
            for op in child.children().filter(|op| !own_keys.contains(&template_op_key(*op))) {
                tree.append_copy(own_ops, op);
            }
            continue;
        }
        tree.insert_copy(at, position, child);
        position += 1;
    }
}
