//! Executes one request on the CIB: the same on every member.
//!
//! **Source:** pacemaker `daemons/based/based_callbacks.c`, `lib/cib/cib_utils.c` (when the version
//! moves): a change of the configuration raises `epoch` and resets `num_updates`; any other change
//! raises `num_updates`; no change moves nothing.

use cib_model::xml::{ElementRef, Tree, read};
use serde::{Deserialize, Serialize};

use super::access::Guard;
use super::operation;
use super::request::{MembershipUpdate, NodeStateUpdate, Operation, Origin, Request};
use super::version::CibVersion;
use crate::attrs;
use crate::group::NodeId;
use crate::status::{
    ensure_child, ensure_node_state, find_by_id, node_state, set_all_attrs, set_attr,
};

/// Why a request was refused. The CIB is as it was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "error", content = "detail")]
pub enum ApplyError {
    /// The request's XML cannot be read, or names nothing that can be done.
    #[error("invalid request: {0}")]
    Invalid(String),
    /// The object does not exist.
    #[error("no such object: {0}")]
    NoSuchObject(String),
    /// The object exists already.
    #[error("object exists already: {0}")]
    Exists(String),
    /// The result would be older than what is there.
    #[error("update was older than the existing configuration: {0}")]
    Old(String),
    /// The configuration is no longer the one the client saw.
    #[error("the configuration has changed meanwhile: expected {expected}, found {found}")]
    Changed {
        /// `admin_epoch.epoch` that the client saw.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A patch does not fit.
    #[error("patch does not apply: {0}")]
    Patch(String),
    /// The user may not read or change this.
    #[error("permission denied: {0}")]
    Denied(String),
    /// The result would break the schema.
    #[error("update does not conform to the schema: {0}")]
    Schema(String),
}

/// What an executed request did.
#[derive(Clone, Debug)]
pub struct Applied {
    /// True where the configuration changed (and must be saved).
    pub config: bool,
    /// What the controller needs to know.
    pub change: Change,
}

/// What a request changed, as the transition engine wants to know it.
#[derive(Clone, Debug)]
pub enum Change {
    /// Nothing.
    Nothing,
    /// The configuration, or the whole CIB.
    Configuration,
    /// A ticket.
    Ticket,
    /// The status, by a client's hand.
    Status,
    /// Results of actions: the `<lrm_resource>` that was merged.
    History {
        /// The node where they ran.
        node: NodeId,
        /// The entries.
        resource: Tree,
    },
    /// History was removed.
    Forgotten {
        /// The node.
        node: NodeId,
        /// The resource; `None` = all.
        rsc: Option<String>,
        /// The id of the one entry that went; `None` = the whole resource.
        entry: Option<String>,
        /// `operation_key` of that entry.
        operation_key: Option<String>,
    },
    /// Transient attributes.
    Attributes {
        /// The node.
        node: NodeId,
        /// Names that changed.
        names: Vec<String>,
    },
    /// The DC's own writing about members.
    Membership,
    /// A member's status was taken over.
    Confirmed(NodeId),
    /// Somebody waits until the DC is idle.
    WaitIdle {
        /// The node that asks.
        node: NodeId,
        /// What it wants back.
        ticket: u64,
    },
}

/// Executes `request` on `cib`, where its user may do that.
///
/// # Errors
/// [`ApplyError`]; the CIB is unchanged.
pub fn execute(cib: &mut Tree, request: &Request) -> Result<Applied, ApplyError> {
    let Some(guard) = Guard::of(cib, &request.origin) else { return perform(cib, request) };
    // A client's operation heeds the rights by itself: before the schema, after what it names.
    if let Operation::Cib(wanted) = &request.operation {
        return operation::execute(cib, wanted, &request.origin, Some(guard.access()));
    }
    let applied = perform(cib, request)?;
    if let Err(error) = guard.check(cib) {
        *cib = guard.into_before();
        return Err(error);
    }
    Ok(applied)
}

fn perform(cib: &mut Tree, request: &Request) -> Result<Applied, ApplyError> {
    let origin = &request.origin;
    match &request.operation {
        Operation::Cib(wanted) => operation::execute(cib, wanted, origin, None),
        Operation::History { node, resource } => history(cib, *node, resource, origin),
        Operation::Forget { node, rsc, entry } => {
            Ok(forget(cib, *node, rsc.as_deref(), entry.as_deref()))
        }
        Operation::Attributes { node, updates } => {
            let names = attrs::apply(cib, *node, updates);
            Ok(status(cib, !names.is_empty(), Change::Attributes { node: *node, names }))
        }
        Operation::Membership(update) => Ok(membership(cib, update, origin)),
        Operation::Confirm { node, lrm, attributes } => confirm(cib, *node, lrm, attributes),
        Operation::WaitIdle { ticket } => {
            let change = Change::WaitIdle { node: request.id.node, ticket: *ticket };
            Ok(Applied { config: false, change })
        }
    }
}

/// Closes a request that touched the status alone.
fn status(cib: &mut Tree, changed: bool, change: Change) -> Applied {
    if !changed {
        return Applied { config: false, change: Change::Nothing };
    }
    let mut version = CibVersion::of(cib);
    version.num_updates += 1;
    version.store(cib);
    Applied { config: false, change }
}

/// Raises the version after a change of the configuration and stamps who made it.
pub(super) fn stamp_config(cib: &mut Tree, origin: &Origin) {
    let mut version = CibVersion::of(cib);
    version.epoch += 1;
    version.num_updates = 0;
    version.store(cib);
    let root = cib.root_id();
    for (name, value) in [
        ("cib-last-written", &origin.time_text),
        ("update-origin", &origin.node),
        ("update-client", &origin.client),
        ("update-user", &origin.user),
    ] {
        if value.is_empty() {
            cib.remove_attr(root, name);
        } else {
            cib.set_attr(root, name, value.as_str());
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Tree, ApplyError> {
    read(text).map_err(|e| ApplyError::Invalid(e.to_string()))
}

fn history(
    cib: &mut Tree,
    node: NodeId,
    resource: &str,
    origin: &Origin,
) -> Result<Applied, ApplyError> {
    let resource = parse(resource)?;
    let source = resource.root();
    let Some(rsc) = source.id() else {
        return Err(ApplyError::Invalid("history of a resource without id".to_owned()));
    };
    let state = ensure_node_state(cib, node);
    if cib.element(state).is_some_and(|s| s.attr("uname").is_none()) {
        cib.set_attr(state, "uname", origin.node.as_str());
    }
    let lrm = ensure_child(cib, state, "lrm", Some(&node.to_string()));
    let resources = ensure_child(cib, lrm, "lrm_resources", None);
    let at = ensure_child(cib, resources, "lrm_resource", Some(rsc));
    let changed = merge_resource(cib, at, source);
    Ok(status(cib, changed, Change::History { node, resource: resource.clone() }))
}

/// Takes over the attributes of `<lrm_resource>` and each of its entries.
pub(crate) fn merge_resource(
    tree: &mut Tree,
    at: cib_model::xml::XmlId,
    source: ElementRef<'_>,
) -> bool {
    let mut changed = false;
    for (name, value) in source.attrs() {
        changed |= set_attr(tree, at, name, value);
    }
    for entry in source.children_named("lrm_rsc_op") {
        let Some(id) = entry.id() else { continue };
        let to = ensure_child(tree, at, "lrm_rsc_op", Some(id));
        changed |= set_all_attrs(tree, to, entry);
    }
    changed
}

fn forget(cib: &mut Tree, node: NodeId, rsc: Option<&str>, entry: Option<&str>) -> Applied {
    let (found, operation_key) = find_history(cib, node, rsc, entry);
    for id in &found {
        cib.detach(*id);
    }
    let [rsc, entry] = [rsc, entry].map(|text| text.map(str::to_owned));
    let change = Change::Forgotten { node, rsc, entry, operation_key };
    status(cib, !found.is_empty(), change)
}

fn find_history(
    cib: &Tree,
    node: NodeId,
    rsc: Option<&str>,
    entry: Option<&str>,
) -> (Vec<cib_model::xml::XmlId>, Option<String>) {
    let resources =
        node_state(cib, node).and_then(|s| s.child("lrm")).and_then(|l| l.child("lrm_resources"));
    let Some(resources) = resources else { return (Vec::new(), None) };
    let matching = resources.children().filter(|r| rsc.is_none_or(|id| r.id() == Some(id)));
    let Some(entry) = entry else { return (matching.map(ElementRef::xml_id).collect(), None) };
    let entries: Vec<_> = matching.filter_map(|r| find_by_id(r, "lrm_rsc_op", entry)).collect();
    let key = entries.first().and_then(|e| e.attr("operation_key")).map(str::to_owned);
    (entries.into_iter().map(ElementRef::xml_id).collect(), key)
}

fn membership(cib: &mut Tree, update: &MembershipUpdate, origin: &Origin) -> Applied {
    let mut changed = false;
    let mut config = false;
    for node in &update.nodes {
        changed |= node_status(cib, node);
        config |= node.ensure_node && ensure_node(cib, node.node, &node.uname);
    }
    for (node, uname) in &update.configured {
        config |= ensure_node(cib, *node, uname);
    }
    let root = cib.root_id();
    for (name, value) in &update.cib {
        changed |= set_attr(cib, root, name, value);
    }
    for (name, value) in &update.properties {
        config |= set_property(cib, name, value);
    }
    if config {
        stamp_config(cib, origin);
        return Applied { config, change: Change::Membership };
    }
    status(cib, changed, Change::Membership)
}

fn node_status(cib: &mut Tree, update: &NodeStateUpdate) -> bool {
    let known = node_state(cib, update.node).is_some();
    let state = ensure_node_state(cib, update.node);
    let mut changed = !known | set_attr(cib, state, "uname", &update.uname);
    for (name, value) in &update.set {
        changed |= set_attr(cib, state, name, value);
    }
    let gone = [("transient_attributes", update.erase_attributes), ("lrm", update.erase_history)];
    for (name, erase) in gone {
        let found = cib.element(state).and_then(|s| s.child(name)).map(ElementRef::xml_id);
        if let (true, Some(found)) = (erase, found) {
            cib.detach(found);
            changed = true;
        }
    }
    changed
}

/// Makes sure of `<node id uname>`; an entry of that name under another id takes the new id.
fn ensure_node(cib: &mut Tree, node: NodeId, uname: &str) -> bool {
    let id = node.to_string();
    let root = cib.root_id();
    let configuration = ensure_child(cib, root, "configuration", None);
    let nodes = ensure_child(cib, configuration, "nodes", None);
    let found = cib
        .element(nodes)
        .and_then(|n| {
            let mut all = n.children_named("node");
            all.find(|e| e.id() == Some(&id) || e.attr("uname") == Some(uname))
        })
        .map(ElementRef::xml_id);
    let known = found.is_some();
    let node = found.unwrap_or_else(|| cib.append(nodes, "node"));
    let moved = set_attr(cib, node, "id", &id);
    let renamed = set_attr(cib, node, "uname", uname);
    !known || moved || renamed
}

/// Sets a cluster property in the set `cib-bootstrap-options`, or where it is already.
fn set_property(cib: &mut Tree, name: &str, value: &str) -> bool {
    let root = cib.root_id();
    let configuration = ensure_child(cib, root, "configuration", None);
    let crm_config = ensure_child(cib, configuration, "crm_config", None);
    let found = cib
        .element(crm_config)
        .into_iter()
        .flat_map(|c| c.children_named("cluster_property_set"))
        .flat_map(|s| s.children_named("nvpair"))
        .find(|p| p.attr("name") == Some(name))
        .map(ElementRef::xml_id);
    if let Some(found) = found {
        return set_attr(cib, found, "value", value);
    }
    let set_id = "cib-bootstrap-options";
    let set = ensure_child(cib, crm_config, "cluster_property_set", Some(set_id));
    let pair = cib.append(set, "nvpair");
    cib.set_attr(pair, "id", format!("{set_id}-{name}"));
    cib.set_attr(pair, "name", name);
    cib.set_attr(pair, "value", value);
    true
}

fn confirm(
    cib: &mut Tree,
    node: NodeId,
    lrm: &str,
    attributes: &str,
) -> Result<Applied, ApplyError> {
    let parts = [("transient_attributes", attributes), ("lrm", lrm)];
    let mut trees = Vec::new();
    for (name, text) in parts {
        let tree = if text.is_empty() { None } else { Some(parse(text)?) };
        trees.push((name, tree));
    }
    let state = ensure_node_state(cib, node);
    for (name, tree) in trees {
        let found = cib.element(state).and_then(|s| s.child(name)).map(ElementRef::xml_id);
        if let Some(found) = found {
            cib.detach(found);
        }
        if let Some(tree) = tree {
            cib.append_copy(state, tree.root());
        }
    }
    Ok(status(cib, true, Change::Confirmed(node)))
}
