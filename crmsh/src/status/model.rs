//! The state of nodes and resources out of the CIB's status section.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c`, as far as a display needs it: what the scheduler
//! decides is not asked.

use std::collections::BTreeMap;

use cib_model::Cib;
use cib_model::xml::ElementRef;

use crate::session::attributes::{self, SetKind};

/// Everything a display needs.
pub struct Model<'a> {
    /// The CIB.
    pub cib: &'a Cib,
    /// Nodes, sorted by name.
    pub nodes: Vec<Node<'a>>,
    history: BTreeMap<String, Vec<Instance<'a>>>,
}

/// One node.
pub struct Node<'a> {
    /// Name.
    pub name: &'a str,
    /// Id.
    pub id: &'a str,
    /// Is a member and runs the controller.
    pub online: bool,
    /// Is on its way up or down.
    pub pending: bool,
    /// Must be fenced before its resources may run elsewhere.
    pub unclean: bool,
    /// Runs nothing, by an attribute.
    pub standby: bool,
    /// Is left alone, by an attribute.
    pub maintenance: bool,
    /// Its configuration.
    pub element: ElementRef<'a>,
    /// Its state.
    pub state: Option<ElementRef<'a>>,
}

/// What a resource does on a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Does not run.
    Stopped,
    /// Runs.
    Started,
    /// Runs promoted.
    Promoted,
}

/// One instance of a primitive with history.
#[derive(Clone, Debug)]
pub struct Instance<'a> {
    /// Id in the history, which may end in `:N`.
    pub id: &'a str,
    /// Nodes where it is active.
    pub nodes: Vec<String>,
    /// Its role.
    pub role: Role,
    /// An operation on it failed.
    pub failed: bool,
    /// A stop failed: the cluster leaves it alone.
    pub blocked: bool,
}

impl<'a> Model<'a> {
    /// Reads a CIB.
    pub fn of(cib: &'a Cib) -> Model<'a> {
        let fencing = property(cib, "stonith-enabled").is_none_or(is_true);
        let states: Vec<ElementRef<'a>> =
            cib.status().into_iter().flat_map(|s| s.children_named("node_state")).collect();
        let mut nodes: Vec<Node<'a>> = cib
            .nodes()
            .into_iter()
            .flat_map(|n| n.children_named("node"))
            .map(|element| Node::of(cib, element, &states, fencing))
            .collect();
        nodes.sort_by(|a, b| a.name.cmp(b.name));
        let mut history: BTreeMap<String, Vec<Instance<'a>>> = BTreeMap::new();
        for node in &nodes {
            let Some(state) = node.state else { continue };
            for resource in lrm_resources(state) {
                record(&mut history, node, resource);
            }
        }
        Model { cib, nodes, history }
    }

    /// Returns the instances of a primitive that were ever run, by id.
    pub fn instances_of(&self, primitive: &str) -> &[Instance<'a>] {
        self.history.get(primitive).map_or(&[], Vec::as_slice)
    }

    /// Returns the node of this name.
    pub fn node(&self, name: &str) -> Option<&Node<'a>> {
        self.nodes.iter().find(|n| n.name == name)
    }

    /// Returns the node that decides.
    pub fn dc(&self) -> Option<&Node<'a>> {
        let id = self.cib.root().attr("dc-uuid")?;
        self.nodes.iter().find(|n| n.id == id)
    }

    /// Counts the instances that are active on a node.
    pub fn running_on(&self, node: &str) -> usize {
        self.history.values().flatten().filter(|i| i.nodes.iter().any(|n| n == node)).count()
    }

    /// Returns how many instances of resources are configured, clones counted by instance.
    pub fn resource_count(&self) -> usize {
        self.cib
            .resources()
            .into_iter()
            .flat_map(ElementRef::children)
            .map(|e| self.count(e, 1))
            .sum()
    }

    fn count(&self, element: ElementRef<'_>, times: usize) -> usize {
        match element.name() {
            "primitive" => times,
            "group" => element.children().filter(|c| c.name() == "primitive").count() * times,
            "clone" | "master" => {
                let max = meta(element, "clone-max").and_then(|m| m.parse().ok());
                let max: usize = max.unwrap_or(self.nodes.len()).max(1);
                element.children().map(|c| self.count(c, times * max)).sum()
            }
            _ => 0,
        }
    }
}

/// Returns a cluster property's value.
pub fn property<'a>(cib: &'a Cib, name: &str) -> Option<&'a str> {
    cib.crm_config()?
        .children_named("cluster_property_set")
        .flat_map(|s| s.children_named("nvpair"))
        .find(|p| p.attr("name") == Some(name))?
        .attr("value")
}

/// Returns a meta attribute of a resource.
pub fn meta<'a>(element: ElementRef<'a>, name: &'a str) -> Option<&'a str> {
    attributes::get(element, SetKind::Meta, name)
}

/// Reads a boolean as Pacemaker does.
pub fn is_true(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "true" | "on" | "yes" | "y" | "1")
}

/// Returns the resources in a node's history.
pub fn lrm_resources(state: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    state
        .children_named("lrm")
        .flat_map(|l| l.children_named("lrm_resources"))
        .flat_map(|l| l.children_named("lrm_resource"))
}

/// Returns the operations of a resource in the order they were made.
pub fn operations(resource: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    let mut all: Vec<ElementRef<'_>> = resource.children_named("lrm_rsc_op").collect();
    all.sort_by_key(|op| match number(*op, "call-id") {
        id if id < 0 => i64::MAX,
        id => id,
    });
    all
}

/// Returns a numeric attribute; 0 where it is missing or none.
pub fn number(element: ElementRef<'_>, name: &str) -> i64 {
    element.attr(name).and_then(|v| v.parse().ok()).unwrap_or(0)
}

impl<'a> Node<'a> {
    fn of(
        cib: &'a Cib,
        element: ElementRef<'a>,
        states: &[ElementRef<'a>],
        fencing: bool,
    ) -> Node<'a> {
        let id = element.id().unwrap_or_default();
        let name = element.attr("uname").unwrap_or(id);
        let state = states.iter().copied().find(|s| s.id() == Some(id));
        let yes = |attr: &str, word: &str| {
            state.and_then(|s| s.attr(attr)).is_some_and(|v| {
                v == word || is_true(v) || v.parse::<i64>().is_ok_and(|time| time > 0)
            })
        };
        let member = yes("in_ccm", "true");
        let controller = yes("crmd", "online");
        let joined = state.and_then(|s| s.attr("join")) == Some("member");
        let expected = state.and_then(|s| s.attr("expected")) == Some("member");
        let online = member && controller && joined;
        let remote = element.attr("type") == Some("remote");
        let unclean = !online
            && !remote
            && fencing
            && match state {
                None => property(cib, "startup-fencing").is_none_or(is_true),
                Some(_) => expected || member != controller,
            };
        let on = |name: &'a str| {
            let transient = state
                .and_then(|s| s.child("transient_attributes"))
                .and_then(|t| attributes::get(t, SetKind::Instance, name));
            attributes::get(element, SetKind::Instance, name).or(transient).is_some_and(is_true)
        };
        let whole = property(cib, "maintenance-mode").is_some_and(is_true);
        Node {
            name,
            id,
            online,
            pending: member && controller && !joined,
            unclean,
            standby: on("standby"),
            maintenance: whole || on("maintenance"),
            element,
            state,
        }
    }

    /// Returns the node's transient attributes and its configured ones, sorted by name.
    pub fn attributes(&self) -> Vec<(&'a str, &'a str)> {
        let transient = self.state.and_then(|s| s.child("transient_attributes"));
        let mut all: BTreeMap<&str, &str> = BTreeMap::new();
        for holder in [transient, Some(self.element)].into_iter().flatten() {
            let pairs = holder
                .children_named("instance_attributes")
                .flat_map(|s| s.children_named("nvpair"));
            for pair in pairs {
                if let (Some(name), Some(value)) = (pair.attr("name"), pair.attr("value")) {
                    all.insert(name, value);
                }
            }
        }
        let hidden = [
            "fail-count-",
            "last-failure-",
            "shutdown",
            "terminate",
            "standby",
            "probe_complete",
            "#",
        ];
        all.into_iter()
            .filter(|(name, _)| !hidden.iter().any(|prefix| name.starts_with(prefix)))
            .collect()
    }

    /// Returns a resource's fail count and the time of its last failure on this node.
    pub fn failures(&self, resource: &str) -> (String, Option<i64>) {
        let transient = self.state.and_then(|s| s.child("transient_attributes"));
        let pairs = transient
            .into_iter()
            .flat_map(|t| t.children_named("instance_attributes"))
            .flat_map(|s| s.children_named("nvpair"));
        let (mut count, mut infinite, mut last) = (0_i64, false, None);
        for pair in pairs {
            let (name, value) =
                (pair.attr("name").unwrap_or_default(), pair.attr("value").unwrap_or_default());
            let of = |prefix: &str| {
                name.strip_prefix(prefix).map(|n| n.split('#').next().unwrap_or(n))
                    == Some(resource)
            };
            if of("fail-count-") {
                infinite |= value == "INFINITY";
                count += value.parse::<i64>().unwrap_or(0);
            } else if of("last-failure-") {
                last = last.max(value.parse().ok());
            }
        }
        let shown =
            if infinite || count >= 1_000_000 { "INFINITY".into() } else { count.to_string() };
        (shown, last)
    }
}

fn record<'a>(
    history: &mut BTreeMap<String, Vec<Instance<'a>>>,
    node: &Node<'a>,
    resource: ElementRef<'a>,
) {
    let Some(id) = resource.id() else { return };
    let base = id.split(':').next().unwrap_or(id);
    let (mut role, mut failed, mut blocked) = (Role::Stopped, false, false);
    for op in operations(resource) {
        apply(op, &mut role, &mut failed, &mut blocked);
    }
    let list = history.entry(base.to_owned()).or_default();
    let known = list.iter().position(|i| i.id == id && base != id);
    let at = known.unwrap_or(list.len());
    if known.is_none() {
        let role = Role::Stopped;
        list.push(Instance { id, nodes: Vec::new(), role, failed: false, blocked: false });
    }
    let Some(instance) = list.get_mut(at) else { return };
    instance.failed |= failed;
    instance.blocked |= blocked;
    if role != Role::Stopped && (node.online || node.unclean) {
        instance.nodes.push(node.name.to_owned());
        instance.role = instance.role.max(role);
    }
}

/// Brings one operation's result into the state.
fn apply(op: ElementRef<'_>, role: &mut Role, failed: &mut bool, blocked: &mut bool) {
    let task = op.attr("operation").unwrap_or_default();
    let rc = number(op, "rc-code");
    let expected = op
        .attr("transition-key")
        .and_then(|k| k.split(':').nth(2))
        .and_then(|rc| rc.parse::<i64>().ok())
        .unwrap_or(0);
    if rc == 193 || number(op, "op-status") == -1 {
        return;
    }
    let interval = number(op, "interval");
    match (task, rc) {
        ("start" | "migrate_from" | "demote", 0) => (*role, *failed) = (Role::Started, false),
        ("promote", 0) => (*role, *failed) = (Role::Promoted, false),
        ("stop" | "migrate_to", 0) => (*role, *failed, *blocked) = (Role::Stopped, false, false),
        ("monitor", 8) => {
            *role = Role::Promoted;
            *failed = expected != 8 && interval > 0;
        }
        ("monitor", 0) => {
            *role = (*role).max(Role::Started);
            *failed = false;
        }
        ("monitor", 7) => {
            *role = Role::Stopped;
            *failed |= expected != 7;
        }
        ("monitor", 5) if interval == 0 => {}
        ("notify" | "meta-data", _) => {}
        ("stop", _) => {
            *role = (*role).max(Role::Started);
            (*failed, *blocked) = (true, true);
        }
        (_, _) if rc == expected => {}
        (_, _) => {
            *role = (*role).max(Role::Started);
            *failed = true;
        }
    }
}
