//! Synthetic events: what a simulation changes in its input before scheduling.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_injections.c`.
//! **Differs:** where the input has several states of a node or ticket, the first is changed; the
//! reference gives up.

use std::fmt;

use cib_model::Cib;
use cib_model::status::failcount::FailedOperation;
use cib_model::status::ticket;
use cib_model::xml::{ElementRef, XmlId};

use super::record::Recorder;
use super::status::{Presence, ensure_child};
use crate::facts::ClusterFlags;
use crate::graph::GraphResource;
use crate::plan::Plan;

/// What is to be changed in the input.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Injections {
    /// Value of `have-quorum`.
    pub quorum: Option<String>,
    /// Value of `have-watchdog`.
    pub watchdog: Option<String>,
    /// Nodes that come online; one that is not configured is made.
    pub nodes_up: Vec<String>,
    /// Nodes that leave in good order.
    pub nodes_down: Vec<String>,
    /// Nodes that fail.
    pub nodes_fail: Vec<String>,
    /// Tickets granted.
    pub tickets_grant: Vec<String>,
    /// Tickets revoked.
    pub tickets_revoke: Vec<String>,
    /// Tickets put in standby.
    pub tickets_standby: Vec<String>,
    /// Tickets taken out of standby.
    pub tickets_activate: Vec<String>,
    /// Results of operations: `RSC_OPERATION_INTERVAL@NODE=RC`.
    pub operations: Vec<String>,
}

impl Injections {
    /// Returns true where there is anything to change.
    ///
    /// COMPAT(pacemaker 3.x, `pcmk_simulate.c` `pcmk__simulate()`): a quorum alone does not count.
    pub fn any(&self) -> bool {
        let Injections {
            quorum: _,
            watchdog,
            nodes_up,
            nodes_down,
            nodes_fail,
            tickets_grant,
            tickets_revoke,
            tickets_standby,
            tickets_activate,
            operations,
        } = self;
        let lists = [
            nodes_up,
            nodes_down,
            nodes_fail,
            tickets_grant,
            tickets_revoke,
            tickets_standby,
            tickets_activate,
            operations,
        ];
        watchdog.is_some() || lists.iter().any(|list| !list.is_empty())
    }
}

/// What happens to a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "named by the text")]
pub enum NodeEvent {
    Online,
    Offline,
    Failing,
}

impl NodeEvent {
    /// Returns the word of the XML output.
    pub fn text(self) -> &'static str {
        match self {
            NodeEvent::Online => "Online",
            NodeEvent::Offline => "Offline",
            NodeEvent::Failing => "Failing",
        }
    }
}

/// What happens to a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "named by the text")]
pub enum TicketEvent {
    Grant,
    Revoke,
    Standby,
    Activate,
}

impl TicketEvent {
    /// Returns the word of the output.
    pub fn text(self) -> &'static str {
        match self {
            TicketEvent::Grant => "Granting",
            TicketEvent::Revoke => "Revoking",
            TicketEvent::Standby => "Standby",
            TicketEvent::Activate => "Activating",
        }
    }
}

/// Where an attribute that a simulation sets stands, as XPath below the node's state.
pub const ATTRIBUTE_PATH: &str = "/node_state";

/// One change that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Modification {
    /// Value of `have-quorum`.
    Quorum(String),
    /// Value of `have-watchdog`.
    Watchdog(String),
    /// Something happened to a node.
    Node {
        /// What.
        change: NodeEvent,
        /// Its name.
        node: String,
    },
    /// Something happened to a ticket.
    Ticket {
        /// What.
        change: TicketEvent,
        /// Its id.
        ticket: String,
    },
    /// A result of an operation, as it was asked for.
    Operation(String),
    /// A transient node attribute, as part of such a result.
    Attribute {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// Id of the node's state.
        node_id: String,
    },
}

/// One line of the section "Performing Requested Modifications", without its bullet.
impl fmt::Display for Modification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Modification::Quorum(value) => write!(f, "Setting quorum: {value}"),
            Modification::Watchdog(value) => write!(f, "Setting watchdog: {value}"),
            Modification::Node { change: NodeEvent::Online, node } => {
                write!(f, "Bringing node {node} online")
            }
            Modification::Node { change: NodeEvent::Offline, node } => {
                write!(f, "Taking node {node} offline")
            }
            Modification::Node { change: NodeEvent::Failing, node } => {
                write!(f, "Failing node {node}")
            }
            Modification::Ticket { change: TicketEvent::Standby, ticket } => {
                write!(f, "Making ticket {ticket} standby")
            }
            Modification::Ticket { change, ticket } => {
                write!(f, "{} ticket {ticket}", change.text())
            }
            Modification::Operation(spec) => write!(f, "Injecting {spec} into the configuration"),
            Modification::Attribute { name, value, node_id } => {
                write_attribute(f, name, value, node_id)
            }
        }
    }
}

/// Writes the line that tells of an attribute.
pub(super) fn write_attribute(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    value: &str,
    node_id: &str,
) -> fmt::Result {
    write!(f, "Injecting attribute {name}={value} into {ATTRIBUTE_PATH} '{node_id}'")
}

/// An input with synthetic events.
#[derive(Clone, Debug)]
pub struct Injected {
    /// The changed CIB.
    pub cib: Cib,
    /// What was changed, in order.
    pub modifications: Vec<Modification>,
    /// What could not be changed, one sentence each.
    pub errors: Vec<String>,
}

/// Changes a copy of `cib`. `plan` is what unpacking it gave; `now_s` is written as the time of
/// results (seconds since 1970).
///
/// # Order
/// Quorum, watchdog, nodes up, down, failing, tickets granted, revoked, in standby, activated,
/// operations; what is given twice happens twice.
pub fn inject(cib: &Cib, plan: &Plan, injections: &Injections, now_s: i64) -> Injected {
    let recorder = Recorder::new(cib.clone(), now_s);
    let mut injector = Injector {
        plan,
        recorder,
        // The reference makes unknown nodes configured where any comes online.
        configures: !injections.nodes_up.is_empty(),
        modifications: Vec::new(),
        errors: Vec::new(),
    };
    injector.cluster(injections);
    injector.nodes(injections);
    injector.tickets(injections);
    for spec in &injections.operations {
        injector.modifications.push(Modification::Operation(spec.clone()));
        if let Err(error) = injector.operation(spec) {
            injector.errors.push(error);
        }
    }
    let Injector { recorder, modifications, errors, .. } = injector;
    Injected { cib: recorder.finish(), modifications, errors }
}

struct Injector<'a> {
    plan: &'a Plan,
    recorder: Recorder,
    configures: bool,
    modifications: Vec<Modification>,
    errors: Vec<String>,
}

impl Injector<'_> {
    fn cluster(&mut self, injections: &Injections) {
        if let Some(quorum) = &injections.quorum {
            let cib = self.recorder.cib_mut();
            let root = cib.root().xml_id();
            cib.tree_mut().set_attr(root, "have-quorum", quorum.as_str());
            self.modifications.push(Modification::Quorum(quorum.clone()));
        }
        if let Some(watchdog) = &injections.watchdog {
            set_property(self.recorder.cib_mut(), "have-watchdog", watchdog);
            self.modifications.push(Modification::Watchdog(watchdog.clone()));
        }
    }

    fn nodes(&mut self, injections: &Injections) {
        let events = [
            (NodeEvent::Online, &injections.nodes_up),
            (NodeEvent::Offline, &injections.nodes_down),
            (NodeEvent::Failing, &injections.nodes_fail),
        ];
        for (change, nodes) in events {
            for node in nodes {
                self.modifications.push(Modification::Node { change, node: node.clone() });
                self.configure(node);
                self.recorder.presence(
                    node,
                    match change {
                        NodeEvent::Online => Presence::Member,
                        NodeEvent::Offline => Presence::Left,
                        NodeEvent::Failing => Presence::Lost,
                    },
                );
            }
        }
    }

    fn configure(&mut self, node: &str) {
        if self.configures {
            ensure_configured(self.recorder.cib_mut(), node);
        }
    }

    fn tickets(&mut self, injections: &Injections) {
        let events = [
            (TicketEvent::Grant, &injections.tickets_grant, ("granted", "true")),
            (TicketEvent::Revoke, &injections.tickets_revoke, ("granted", "false")),
            (TicketEvent::Standby, &injections.tickets_standby, ("standby", "true")),
            (TicketEvent::Activate, &injections.tickets_activate, ("standby", "false")),
        ];
        for (change, tickets, (name, value)) in events {
            for ticket in tickets {
                self.modifications.push(Modification::Ticket { change, ticket: ticket.clone() });
                let cib = self.recorder.cib_mut();
                let status = cib.ensure_section(cib_model::Section::Status);
                let tickets = ensure_child(cib, status, "tickets");
                let state = ticket::ensure(cib.tree_mut(), tickets, ticket);
                cib.tree_mut().set_attr(state, name, value);
            }
        }
    }

    fn operation(&mut self, spec: &str) -> Result<(), String> {
        let invalid =
            |fields: u8| format!("Invalid operation spec: {spec}.  Only found {fields} fields");
        let (key, rest) = spec.split_once('@').ok_or_else(|| invalid(1))?;
        let (node, rc) = rest.split_once('=').ok_or_else(|| invalid(2))?;
        let rc = leading_number(rc).ok_or_else(|| invalid(2))?;
        let unknown = |id: &str| format!("Invalid resource name: {id}");
        let operation = SpecKey::parse(key).ok_or_else(|| unknown("(null)"))?;
        let id = operation.rsc;
        let rsc = self.plan.facts.rsc_by_history_id(id).ok_or_else(|| unknown(id))?;
        let facts = &self.plan.facts.rscs[rsc];
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let resource = GraphResource {
            element: "primitive".to_owned(),
            id: id.to_owned(),
            long_id: None,
            class: some(&facts.class),
            provider: facts.provider.as_deref().map(str::to_owned),
            kind: some(&facts.agent),
        };
        let start_is_fatal = self.plan.facts.options.has(ClusterFlags::START_FAILURE_FATAL);
        let fatal = match operation.name {
            "stop" => true,
            "start" => start_is_fatal,
            _ => false,
        };
        self.configure(node);
        let state = self.recorder.ensure_node(node, None);
        let failed = FailedOperation {
            rsc: id,
            operation: operation.name,
            interval_ms: operation.interval_ms,
        };
        let attributes = self.recorder.fail_count(state, &failed, rc, fatal);
        self.modifications.extend(attributes.into_iter().map(|set| Modification::Attribute {
            name: set.name,
            value: set.value,
            node_id: set.node_id,
        }));
        self.recorder.injected(state, node, &failed, &resource, rc)
    }
}

/// Parts of `RSC_OPERATION_INTERVAL`.
struct SpecKey<'a> {
    rsc: &'a str,
    name: &'a str,
    interval_ms: u32,
}

impl<'a> SpecKey<'a> {
    /// # Source
    /// `parse_op_key()`
    fn parse(key: &'a str) -> Option<Self> {
        let (rest, interval) = key.rsplit_once('_')?;
        let interval_ms = interval.parse().ok()?;
        // Notifications and migrations have an underscore in their names.
        let migrations = ["_migrate_to", "_migrate_from"];
        let split = migrations.iter().find_map(|suffix| {
            let rsc = rest.strip_suffix(suffix)?;
            Some((rsc, rest.get(rsc.len() + 1..)?))
        });
        let (rsc, name) = split.or_else(|| rest.rsplit_once('_'))?;
        (!rsc.is_empty() && !name.is_empty()).then_some(SpecKey { rsc, name, interval_ms })
    }
}

/// Reads the number that a text begins with, as `scanf("%d")` does.
pub(super) fn leading_number(text: &str) -> Option<i32> {
    let text = text.trim_start();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let sign = text.len() - digits.len();
    text.get(..sign + length)?.parse().ok()
}

fn set_property(cib: &mut Cib, name: &str, value: &str) {
    let held = cib.root().descendants().find(|e| {
        let in_options = e.parent().is_some_and(|p| p.name() == "cluster_property_set");
        e.name() == "nvpair" && in_options && e.attr("name") == Some(name)
    });
    let pair = match held.map(ElementRef::xml_id) {
        Some(pair) => pair,
        None => append_property(cib, name),
    };
    cib.tree_mut().set_attr(pair, "value", value);
}

fn append_property(cib: &mut Cib, name: &str) -> XmlId {
    const BOOTSTRAP: &str = "cib-bootstrap-options";
    let config = cib.ensure_section(cib_model::Section::CrmConfig);
    let held = cib.tree().element(config).and_then(|c| c.child("cluster_property_set"));
    let held = held.map(|set| (set.xml_id(), set.id().unwrap_or(BOOTSTRAP).to_owned()));
    let tree = cib.tree_mut();
    let (set, id) = held.unwrap_or_else(|| {
        let set = tree.append(config, "cluster_property_set");
        tree.set_attr(set, "id", BOOTSTRAP);
        (set, BOOTSTRAP.to_owned())
    });
    let pair = tree.append(set, "nvpair");
    tree.set_attr(pair, "id", format!("{id}-{name}"));
    tree.set_attr(pair, "name", name);
    pair
}

/// Makes a `<node>` whose id is its name, where no node has that name.
fn ensure_configured(cib: &mut Cib, name: &str) {
    let nodes = cib.ensure_section(cib_model::Section::Nodes);
    let listed = cib.tree().element(nodes).into_iter().flat_map(|n| n.children_named("node"));
    if listed.filter_map(|n| n.attr("uname")).any(|held| held == name) {
        return;
    }
    let tree = cib.tree_mut();
    let node = tree.append(nodes, "node");
    tree.set_attr(node, "id", name);
    tree.set_attr(node, "uname", name);
}
