//! The status as XML, in the elements of Pacemaker's own output.
//!
//! **Source:** pacemaker `xml/api/crm_mon-*.rng`, `lib/pengine/pe_output.c`.

use cib_model::Cib;
use cib_model::xml::{Dialect, ElementRef, Layout, Tree, XmlId, write};

use super::header::{Summary, is_disabled};
use super::model::{Instance, Model, Role, is_true, lrm_resources, meta, number, operations};
use super::operations::{rc_text, shown_operations};
use crate::ui::localtime::ctime;

/// Returns the document; `legacy` gives the root element of `--as-xml`.
pub fn text(cib: &Cib, now: i64, legacy: bool, request: &str) -> String {
    let model = Model::of(cib);
    let facts = Summary::of(&model, now);
    let mut tree = Tree::new(if legacy { "crm_mon" } else { "pacemaker-result" });
    let root = tree.root_id();
    if legacy {
        tree.set_attr(root, "version", "2.1.5");
    } else {
        tree.set_attr(root, "api-version", "2.25");
        tree.set_attr(root, "request", request);
    }
    summary(&mut tree, root, &facts);
    nodes(&mut tree, root, &model);
    let list = tree.append(root, "resources");
    for element in cib.resources().into_iter().flat_map(ElementRef::children) {
        resource(&mut tree, list, &model, element);
    }
    attributes(&mut tree, root, &model);
    history(&mut tree, root, &model);
    failures(&mut tree, root, &model);
    if !legacy {
        set(&mut tree, root, "status", &[("code", "0"), ("message", "OK")]);
    }
    let body = write(&tree, Layout::Pretty, Dialect::Pcmk3);
    if legacy { format!("<?xml version=\"1.0\"?>\n{body}") } else { body }
}

fn set(
    tree: &mut Tree,
    parent: XmlId,
    name: &'static str,
    attrs: &[(&'static str, &str)],
) -> XmlId {
    let id = tree.append(parent, name);
    for (name, value) in attrs {
        tree.set_attr(id, *name, *value);
    }
    id
}

fn word(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

fn summary(tree: &mut Tree, root: XmlId, facts: &Summary) {
    let at = tree.append(root, "summary");
    set(tree, at, "stack", &[("type", &facts.stack)]);
    match &facts.dc {
        Some((name, id)) => set(
            tree,
            at,
            "current_dc",
            &[
                ("present", "true"),
                ("version", &facts.version),
                ("name", name),
                ("id", id),
                ("with_quorum", word(facts.quorate)),
                ("mixed_version", "false"),
            ],
        ),
        None => set(tree, at, "current_dc", &[("present", "false")]),
    };
    set(tree, at, "last_update", &[("time", &facts.updated)]);
    let none = String::new();
    if let Some(c) = &facts.changed {
        let text = |v: &Option<String>| v.as_ref().unwrap_or(&none).clone();
        set(
            tree,
            at,
            "last_change",
            &[
                ("time", &c.when),
                ("user", &text(&c.user)),
                ("client", &text(&c.client)),
                ("origin", &text(&c.origin)),
            ],
        );
    }
    set(tree, at, "nodes_configured", &[("number", &facts.nodes.to_string())]);
    set(
        tree,
        at,
        "resources_configured",
        &[
            ("number", &facts.resources.to_string()),
            ("disabled", &facts.disabled.to_string()),
            ("blocked", &facts.blocked.to_string()),
        ],
    );
    set(
        tree,
        at,
        "cluster_options",
        &[
            ("stonith-enabled", word(facts.fencing)),
            ("symmetric-cluster", word(facts.symmetric)),
            ("no-quorum-policy", &facts.no_quorum),
            ("maintenance-mode", word(facts.maintenance)),
            ("stop-all-resources", word(facts.stop_all)),
        ],
    );
}

fn nodes(tree: &mut Tree, root: XmlId, model: &Model<'_>) {
    let list = tree.append(root, "nodes");
    let dc = model.dc().map(|n| n.id);
    for node in &model.nodes {
        let running = model.running_on(node.name);
        set(
            tree,
            list,
            "node",
            &[
                ("name", node.name),
                ("id", node.id),
                ("online", word(node.online)),
                ("standby", word(node.standby)),
                ("standby_onfail", "false"),
                ("maintenance", word(node.maintenance)),
                ("pending", word(node.pending)),
                ("unclean", word(node.unclean)),
                ("health", "green"),
                ("shutdown", "false"),
                ("expected_up", word(node.online)),
                ("is_dc", word(dc == Some(node.id))),
                ("resources_running", &running.to_string()),
                ("type", node.element.attr("type").unwrap_or("member")),
            ],
        );
    }
}

fn resource(tree: &mut Tree, list: XmlId, model: &Model<'_>, element: ElementRef<'_>) {
    let id = element.id().unwrap_or_default();
    let managed = meta(element, "is-managed").is_none_or(is_true);
    let disabled = is_disabled(element);
    match element.name() {
        "primitive" => {
            let instances = model.instances_of(id);
            let mut active = instances.iter().filter(|i| !i.nodes.is_empty()).peekable();
            if active.peek().is_none() {
                primitive(tree, list, model, element, instances.first());
            }
            for instance in active {
                primitive(tree, list, model, element, Some(instance));
            }
        }
        "group" => {
            let members = element.children().filter(|c| c.name() == "primitive");
            let count = members.clone().count().to_string();
            let at = set(
                tree,
                list,
                "group",
                &[
                    ("id", id),
                    ("number_resources", &count),
                    ("managed", word(managed)),
                    ("disabled", word(disabled)),
                ],
            );
            for member in members {
                resource(tree, at, model, member);
            }
        }
        "clone" | "master" => {
            let multi =
                element.name() == "master" || meta(element, "promotable").is_some_and(is_true);
            let at = set(
                tree,
                list,
                "clone",
                &[
                    ("id", id),
                    ("multi_state", word(multi)),
                    ("unique", word(meta(element, "globally-unique").is_some_and(is_true))),
                    ("managed", word(managed)),
                    ("disabled", word(disabled)),
                    ("failed", "false"),
                    ("failure_ignored", "false"),
                ],
            );
            let members = element.children().filter(|c| crate::commands::resource::is_resource(*c));
            for member in members {
                resource(tree, at, model, member);
            }
        }
        _ => {}
    }
}

fn primitive(
    tree: &mut Tree,
    list: XmlId,
    model: &Model<'_>,
    element: ElementRef<'_>,
    instance: Option<&Instance<'_>>,
) {
    let nodes: &[String] = instance.map_or(&[], |i| i.nodes.as_slice());
    let role = match instance.map(|i| i.role) {
        Some(Role::Promoted) if !nodes.is_empty() => "Promoted",
        Some(_) if !nodes.is_empty() && in_promotable(element) => "Unpromoted",
        Some(_) if !nodes.is_empty() => "Started",
        _ => "Stopped",
    };
    let at = set(
        tree,
        list,
        "resource",
        &[
            ("id", element.id().unwrap_or_default()),
            ("resource_agent", &super::modern::agent(model.cib, element)),
            ("role", role),
        ],
    );
    if let Some(target) = meta(element, "target-role") {
        tree.set_attr(at, "target_role", target);
    }
    let failed = instance.is_some_and(|i| i.failed);
    let pairs = [
        ("active", word(!nodes.is_empty())),
        ("orphaned", "false"),
        ("blocked", word(failed && instance.is_some_and(|i| i.blocked))),
        ("managed", word(meta(element, "is-managed").is_none_or(is_true))),
        ("failed", word(failed)),
        ("failure_ignored", "false"),
    ];
    for (name, value) in pairs {
        tree.set_attr(at, name, value);
    }
    tree.set_attr(at, "nodes_running_on", nodes.len().to_string());
    for name in nodes {
        let id = model.node(name).map_or(name.as_str(), |n| n.id);
        set(tree, at, "node", &[("name", name), ("id", id), ("cached", "true")]);
    }
}

/// Tells whether a resource is an instance of a promotable clone.
fn in_promotable(element: ElementRef<'_>) -> bool {
    let mut at = element.parent();
    while let Some(e) = at.filter(|e| crate::commands::resource::is_resource(*e)) {
        if e.name() == "master" || meta(e, "promotable").is_some_and(is_true) {
            return true;
        }
        at = e.parent();
    }
    false
}

fn attributes(tree: &mut Tree, root: XmlId, model: &Model<'_>) {
    let list = tree.append(root, "node_attributes");
    for node in model.nodes.iter().filter(|n| n.online) {
        let at = set(tree, list, "node", &[("name", node.name)]);
        for (name, value) in node.attributes() {
            set(tree, at, "attribute", &[("name", name), ("value", value)]);
        }
    }
}

fn history(tree: &mut Tree, root: XmlId, model: &Model<'_>) {
    let list = tree.append(root, "node_history");
    for node in model.nodes.iter().filter(|n| n.online) {
        let Some(state) = node.state else { continue };
        let at = set(tree, list, "node", &[("name", node.name)]);
        for lrm in lrm_resources(state) {
            let shown = shown_operations(lrm);
            if shown.is_empty() {
                continue;
            }
            let id = lrm.id().unwrap_or_default();
            let element = model.cib.find(id.split(':').next().unwrap_or(id));
            let threshold = element.and_then(|e| meta(e, "migration-threshold"));
            let entry = set(
                tree,
                at,
                "resource_history",
                &[
                    ("id", id),
                    ("orphan", word(element.is_none())),
                    ("migration-threshold", threshold.unwrap_or("1000000")),
                ],
            );
            for op in shown {
                operation(tree, entry, op);
            }
        }
    }
}

fn operation(tree: &mut Tree, entry: XmlId, op: ElementRef<'_>) {
    let at = set(
        tree,
        entry,
        "operation_history",
        &[
            ("call", op.attr("call-id").unwrap_or("-1")),
            ("task", op.attr("operation").unwrap_or_default()),
            ("rc", op.attr("rc-code").unwrap_or("0")),
            ("rc_text", rc_text(number(op, "rc-code"))),
        ],
    );
    if number(op, "interval") > 0 {
        tree.set_attr(at, "interval", format!("{}ms", number(op, "interval")));
    }
    tree.set_attr(at, "last-rc-change", ctime(number(op, "last-rc-change")));
    tree.set_attr(at, "exec-time", format!("{}ms", number(op, "exec-time")));
    tree.set_attr(at, "queue-time", format!("{}ms", number(op, "queue-time")));
}

fn failures(tree: &mut Tree, root: XmlId, model: &Model<'_>) {
    let mut list = None;
    for node in &model.nodes {
        let Some(state) = node.state else { continue };
        for lrm in lrm_resources(state) {
            let _all = operations(lrm);
            for op in super::operations::failures(lrm) {
                let at = *list.get_or_insert_with(|| tree.append(root, "failures"));
                let failure = set(
                    tree,
                    at,
                    "failure",
                    &[
                        ("op_key", op.attr("operation_key").or(op.id()).unwrap_or_default()),
                        ("node", node.name),
                        ("exitstatus", rc_text(number(op, "rc-code"))),
                        ("exitreason", op.attr("exit-reason").unwrap_or_default()),
                        ("exitcode", op.attr("rc-code").unwrap_or("0")),
                        ("call", op.attr("call-id").unwrap_or("-1")),
                        (
                            "status",
                            if number(op, "op-status") == 2 { "Timed Out" } else { "complete" },
                        ),
                        ("queued", op.attr("queue-time").unwrap_or("0")),
                        ("exec", op.attr("exec-time").unwrap_or("0")),
                        ("interval", op.attr("interval").unwrap_or("0")),
                        ("task", op.attr("operation").unwrap_or_default()),
                    ],
                );
                tree.set_attr(failure, "last-rc-change", ctime(number(op, "last-rc-change")));
            }
        }
    }
}
