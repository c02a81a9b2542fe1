//! The transition graph as plain values: what the controller executes and the renderers print.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_graph_producer.c` (the `transition_graph` XML).
//! **Shape:** text and numbers only, no index into the scheduler's tables, so a transition can be
//! kept, sent and executed after the scheduling input is gone.

/// Number of an action in its transition: creation order, from 1. Unique in one transition, never
/// reused, with gaps (an action that was considered and not needed has a number too).
pub type ActionId = u32;

/// What has to be done to bring the cluster where the configuration wants it, and in which order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Transition {
    /// Counter of transitions in the process that made it, from 1.
    pub id: u32,
    /// Cluster option `cluster-delay` as configured (`60s`).
    pub cluster_delay: String,
    /// Cluster option `fencing-timeout` as configured (`60s`).
    pub fencing_timeout: String,
    /// Whether one failed start bans the resource from the node (`start-failure-is-fatal`).
    pub start_failure_is_fatal: bool,
    /// Cluster option `batch-limit` as configured; `0` = no limit.
    pub batch_limit: String,
    /// Cluster option `migration-limit` as configured, only where it is above 0.
    pub migration_limit: Option<String>,
    /// When to schedule again even if nothing happens, seconds since 1970.
    pub recheck_by: Option<i64>,
    /// Steps in the order of the graph; ids count from 0 without gaps.
    pub synapses: Vec<Synapse>,
}

/// One step: an action, and the actions that must be complete before it may run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Synapse {
    /// Position in [`Transition::synapses`].
    pub id: u32,
    /// Where above a transition's abort priority, the action still runs after an abort; ≥ 0.
    pub priority: i32,
    /// The action to run.
    pub action: GraphAction,
    /// Actions to wait for, ascending. Each is some synapse's action or will never complete.
    pub inputs: Vec<ActionRef>,
}

/// Who performs an action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActionKind {
    /// `rsc_op`: a resource agent, by the executor of `on_node`.
    Resource,
    /// `pseudo_event`: nobody; complete as soon as its inputs are.
    Pseudo,
    /// `crm_event`: the cluster itself (fencing, shutdown, clearing history).
    Cluster,
}

impl ActionKind {
    /// Returns the element's name in the graph XML.
    pub fn xml_name(self) -> &'static str {
        match self {
            Self::Resource => "rsc_op",
            Self::Pseudo => "pseudo_event",
            Self::Cluster => "crm_event",
        }
    }
}

/// An action's identity: what a trigger says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActionRef {
    /// Number, from 1.
    pub id: ActionId,
    /// Who performs it.
    pub kind: ActionKind,
    /// `mode="cib"` of history deletion: done in the CIB alone.
    pub cib_only: bool,
    /// What is done: `start`, `monitor`, `stonith`, `running`, …
    pub operation: String,
    /// `RSC_OPERATION_INTERVAL` as the history and the executor know it.
    pub operation_key: String,
    /// The scheduler's own key, where the history uses another name for the resource.
    pub internal_operation_key: Option<String>,
    /// Name of the node it is for; `None` for pseudo-actions.
    pub on_node: Option<String>,
    /// Id of that node.
    pub on_node_uuid: Option<String>,
    /// Cluster node whose controller performs it, where `on_node` is a Pacemaker Remote node.
    pub router_node: Option<String>,
}

/// An action with all that is needed to perform it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GraphAction {
    /// Its identity.
    pub reference: ActionRef,
    /// When the resource was locked to its node for the node's shutdown, seconds since 1970.
    pub shutdown_lock: Option<i64>,
    /// The resource, for actions on one.
    pub resource: Option<GraphResource>,
    /// Agent parameters and `CRM_meta_*`, sorted by name (bytes), each name once.
    pub attributes: Vec<(String, String)>,
    /// Parameters whose names cannot be XML attribute names (they begin with a digit).
    pub params: Vec<(String, String)>,
    /// Ids of the nodes that are gone once this is done; `None` where the action downs no node.
    pub downed: Option<Vec<String>>,
    /// Nodes whose maintenance mode changes: id and whether they are in maintenance now.
    pub maintenance: Option<Vec<(String, bool)>>,
}

impl GraphAction {
    /// Returns the value of attribute `name`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let at = self.attributes.binary_search_by(|(n, _)| n.as_str().cmp(name)).ok()?;
        self.attributes.get(at).map(|(_, value)| value.as_str())
    }

    /// Returns meta-attribute `name` (written with `-` or `_`), without its `CRM_meta_` prefix.
    pub fn meta(&self, name: &str) -> Option<&str> {
        self.attribute(&format!("CRM_meta_{}", name.replace('-', "_")))
    }

    /// Returns how often the action recurs, ms; 0 = once.
    pub fn interval_ms(&self) -> u32 {
        self.meta("interval").and_then(|v| v.parse().ok()).unwrap_or(0)
    }

    /// Returns the exit code that counts as success: 0 unless the scheduler expects another.
    pub fn target_rc(&self) -> i32 {
        self.meta("op_target_rc").and_then(|v| v.parse().ok()).unwrap_or(0)
    }

    /// Returns the time the action may take, ms; 0 where the graph does not say.
    pub fn timeout_ms(&self) -> u32 {
        self.meta("timeout").and_then(|v| v.parse().ok()).unwrap_or(0)
    }
}

/// A resource as the executor needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GraphResource {
    /// Element name: `primitive`.
    pub element: String,
    /// The resource's id in the history; instances of anonymous clones have no instance number.
    pub id: String,
    /// The instance's own name where it differs.
    pub long_id: Option<String>,
    /// `ocf`, `lsb`, `systemd`, `service` or `stonith`.
    pub class: Option<String>,
    /// `heartbeat`, `pacemaker` …; only for `ocf`.
    pub provider: Option<String>,
    /// The agent's name (`type` in the CIB).
    pub kind: Option<String>,
}
