//! An action of a transition as the DC sends it to the node that performs it.
//!
//! **Source:** pacemaker `daemons/controld/controld_te_actions.c`, `execute_rsc_action()`;
//! `daemons/controld/controld_execd.c`, `construct_op()`.

use policy::graph::{ActionKind, GraphAction};
use serde::{Deserialize, Serialize};

use crate::executor::{ActionRequest, AgentSpec};

/// One action to be performed by one node.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Invocation {
    /// `ACTION:TRANSITION:TARGETRC:UUID`.
    pub transition_key: String,
    /// True for the cluster's own actions (`crm_event`).
    pub is_cluster: bool,
    /// `start`, `monitor`, `cancel`, `delete`, `do_shutdown` …
    pub operation: String,
    /// `RSC_OPERATION_INTERVAL`.
    pub operation_key: String,
    /// The resource; `None` for actions on the node.
    pub rsc: Option<String>,
    /// The resource's agent.
    pub agent: Option<AgentSpec>,
    /// Agent parameters.
    pub params: Vec<(String, String)>,
    /// `CRM_meta_*` without the prefix.
    pub meta: Vec<(String, String)>,
}

impl Invocation {
    /// Makes the message for `action`.
    pub fn new(action: &GraphAction, transition_key: String) -> Self {
        let mut params = action.params.clone();
        let mut meta = Vec::new();
        for (name, value) in &action.attributes {
            match name.strip_prefix("CRM_meta_") {
                Some(name) => meta.push((name.to_owned(), value.clone())),
                None => params.push((name.clone(), value.clone())),
            }
        }
        let resource = action.resource.as_ref();
        let agent = resource.and_then(|r| {
            let (class, kind) = (r.class.clone()?, r.kind.clone()?);
            Some(AgentSpec { class, provider: r.provider.clone(), kind })
        });
        Invocation {
            transition_key,
            is_cluster: action.reference.kind == ActionKind::Cluster,
            operation: action.reference.operation.clone(),
            operation_key: action.reference.operation_key.clone(),
            rsc: resource.map(|r| r.id.clone()),
            agent,
            params,
            meta,
        }
    }

    /// Returns a meta-attribute's value.
    pub fn meta(&self, name: &str) -> Option<&str> {
        self.meta.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Returns the interval, ms.
    pub fn interval_ms(&self) -> u32 {
        self.number("interval")
    }

    /// Returns what the executor is to run; `None` where the action names no agent.
    pub fn request(&self) -> Option<ActionRequest> {
        Some(ActionRequest {
            rsc: self.rsc.clone()?,
            agent: self.agent.clone()?,
            action: self.operation.clone(),
            interval_ms: self.interval_ms(),
            timeout_ms: self.number("timeout"),
            start_delay_ms: self.number("start_delay"),
            params: self.params.clone(),
            meta: self.meta.clone(),
            transition_key: self.transition_key.clone(),
        })
    }

    fn number(&self, name: &str) -> u32 {
        self.meta(name).and_then(|v| v.parse().ok()).unwrap_or(0)
    }
}

/// Parts of a transition key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransitionKey {
    /// Number of the action in its transition; negative for none.
    pub action: i64,
    /// Number of the transition; -1 = an event from outside.
    pub transition: i64,
    /// Exit code that counts as success.
    pub target_rc: i32,
    /// One incarnation of a DC.
    pub uuid: String,
}

impl TransitionKey {
    /// Reads `ACTION:TRANSITION:TARGETRC:UUID`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ':');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (action, transition, target_rc) = (number()?, number()?, number()?);
        Some(TransitionKey {
            action,
            transition,
            target_rc: i32::try_from(target_rc).ok()?,
            uuid: parts.next()?.to_owned(),
        })
    }
}

impl std::fmt::Display for TransitionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let TransitionKey { action, transition, target_rc, uuid } = self;
        write!(f, "{action}:{transition}:{target_rc}:{uuid:<36}")
    }
}

/// Splits `RSC_OPERATION_INTERVAL`; the resource's name may hold underscores.
pub fn parse_operation_key(key: &str) -> Option<(&str, &str, u32)> {
    let (rest, interval) = key.rsplit_once('_')?;
    let interval = interval.parse().ok()?;
    for operation in ["migrate_to", "migrate_from"] {
        if let Some(rsc) = rest.strip_suffix(operation).and_then(|r| r.strip_suffix('_')) {
            return Some((rsc, operation, interval));
        }
    }
    if let Some((rsc, operation)) = rest.rsplit_once('_') {
        for prefix in ["_pre_notify", "_post_notify"] {
            if let Some(rsc) = rest.rfind(prefix).and_then(|at| rest.get(..at)) {
                return Some((rsc, "notify", interval));
            }
        }
        return Some((rsc, operation, interval));
    }
    None
}
