//! What runs on this node, as the node itself knows it: a ledger that outlives the daemon.
//!
//! A resource is entered before its start, and struck out when its agent says that it is inactive.
//! Two things need it. A resource is stopped with the parameters it was started with, whatever the
//! configuration says by then. And a daemon that was killed finds, when it comes back, what it had
//! started and no configuration names any more: nobody else would look for that.
//!
//! **Source:** pacemaker `daemons/controld/controld_execd.c` (`rsc_history_t.stop_params`).
//! **Differs:** Pacemaker's memory of both goes with its process.

use std::collections::{BTreeMap, BTreeSet};

use cib_model::xml::{ElementRef, Tree};
use serde::{Deserialize, Serialize};

use super::invocation::TransitionKey;
use crate::executor::{ActionRequest, ActionResult, AgentSpec};

/// Time limit of the ledger's own probes, ms: the default of Pacemaker's operations.
const PROBE_TIMEOUT_MS: u32 = 20_000;
/// The agent says that all is well.
const OK: i32 = 0;
/// The agent says that nothing runs.
const NOT_RUNNING: i32 = 7;

/// A resource that runs here, or may.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Started {
    /// The resource.
    pub rsc: String,
    /// Its agent.
    pub agent: AgentSpec,
    /// What its agent was given.
    pub params: Vec<(String, String)>,
}

/// The ledger.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: BTreeMap<String, Started>,
    /// Entries of an earlier daemon, until this one has joined a cluster.
    inherited: BTreeSet<String>,
    /// Resources that this node probes by itself.
    probing: BTreeSet<String>,
    changed: bool,
}

impl Ledger {
    pub(super) fn new(entries: Vec<Started>) -> Self {
        let entries: BTreeMap<_, _> = entries.into_iter().map(|e| (e.rsc.clone(), e)).collect();
        let inherited = entries.keys().cloned().collect();
        Ledger { entries, inherited, ..Ledger::default() }
    }

    /// Takes the entries where they have changed since the last call.
    pub(super) fn take_changed(&mut self) -> Option<Vec<Started>> {
        std::mem::take(&mut self.changed).then(|| self.entries.values().cloned().collect())
    }

    /// Takes an action that is about to run; a stop gets the parameters of the start.
    pub(super) fn begins(&mut self, request: &mut ActionRequest) {
        match request.action.as_str() {
            "start" | "migrate_from" | "reload" | "reload-agent" => self.enter(request),
            "stop" => {
                if let Some(entry) = self.entries.get(&request.rsc) {
                    request.params.clone_from(&entry.params);
                }
            }
            _ => {}
        }
    }

    /// Takes a result. Returns whether it belongs into the history: that an agent confirms what
    /// nobody asked but this node does not.
    pub(super) fn ended(&mut self, result: &ActionResult) -> bool {
        let ActionRequest { rsc, action, interval_ms, .. } = &result.request;
        match (action.as_str(), interval_ms, result.rc) {
            ("stop", 0, OK) | ("monitor", 0, NOT_RUNNING) => {
                self.changed |= self.entries.remove(rsc).is_some();
            }
            ("monitor", 0, OK) if !self.entries.contains_key(rsc) => self.enter(&result.request),
            _ => {}
        }
        let own = action == "monitor" && *interval_ms == 0 && self.probing.remove(rsc);
        !(own && result.rc == NOT_RUNNING)
    }

    /// Returns probes of what an earlier daemon started and `cib` does not configure; once.
    ///
    /// They belong to no transition: their keys have the number 0 and this daemon's own `uuid`.
    pub(super) fn probe_inherited(&mut self, cib: &Tree, uuid: &str) -> Vec<ActionRequest> {
        let inherited = std::mem::take(&mut self.inherited);
        let unknown = inherited.into_iter().filter(|rsc| !is_configured(cib, rsc));
        let probes: Vec<_> =
            unknown.filter_map(|rsc| Some(probe(self.entries.get(&rsc)?, uuid))).collect();
        self.probing.extend(probes.iter().map(|p| p.rsc.clone()));
        probes
    }

    fn enter(&mut self, request: &ActionRequest) {
        let ActionRequest { rsc, agent, params, .. } = request;
        let entry = Started { rsc: rsc.clone(), agent: agent.clone(), params: params.clone() };
        self.changed |= self.entries.get(rsc) != Some(&entry);
        self.entries.insert(rsc.clone(), entry);
    }
}

fn probe(entry: &Started, uuid: &str) -> ActionRequest {
    let key =
        TransitionKey { action: 0, transition: 0, target_rc: NOT_RUNNING, uuid: uuid.to_owned() };
    ActionRequest {
        rsc: entry.rsc.clone(),
        agent: entry.agent.clone(),
        action: "monitor".to_owned(),
        interval_ms: 0,
        timeout_ms: PROBE_TIMEOUT_MS,
        start_delay_ms: 0,
        params: entry.params.clone(),
        meta: vec![
            ("op_target_rc".to_owned(), NOT_RUNNING.to_string()),
            ("timeout".to_owned(), PROBE_TIMEOUT_MS.to_string()),
        ],
        transition_key: key.to_string(),
    }
}

/// Says whether `cib` configures the resource, so that the scheduler has it probed.
fn is_configured(cib: &Tree, rsc: &str) -> bool {
    // An instance `r:1` is one of the primitive `r`.
    let id = rsc.split_once(':').map_or(rsc, |(id, _)| id);
    // A bundle's implicit resources are called BUNDLE-docker-0 and the like.
    let is_of_bundle = |e: ElementRef<'_>| {
        e.name() == "bundle"
            && e.id().and_then(|b| id.strip_prefix(b)).is_some_and(|rest| rest.starts_with('-'))
    };
    let resources = cib.root().child("configuration").and_then(|c| c.child("resources"));
    resources.is_some_and(|r| {
        let mut all = r.descendants();
        all.any(|e| e.name() == "primitive" && e.id() == Some(id) || is_of_bundle(e))
    })
}
