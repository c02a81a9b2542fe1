//! Digests of an operation's parameters: how a later scheduler sees that the configuration changed.
//!
//! **Source:** pacemaker `lib/common/digest.c` `pcmk__digest_op_params()`,
//! `pcmk__filter_op_for_digest()`; `daemons/controld/controld_cib.c` `build_parameter_list()`.

use std::collections::BTreeMap;

use cib_model::digest::{self, is_operation_param};
use cib_model::xml::Dialect;

use super::metadata::{AgentMetadata, AgentParam, Reload};
use crate::executor::ActionRequest;

/// Digests and parameter lists of one operation, as attributes of its history entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpDigests {
    /// `op-digest`: over all parameters.
    pub all: String,
    /// `op-force-restart` and `op-restart-digest`, for agents that reload.
    pub restart: Option<(String, String)>,
    /// `op-secure-params` and `op-secure-digest`, for agents with private parameters.
    pub secure: Option<(String, String)>,
}

impl OpDigests {
    /// Calculates the digests of a request; `metadata` where the agent's are known.
    pub fn of(request: &ActionRequest, metadata: Option<&AgentMetadata>) -> Self {
        let params = digested_params(request);
        let mut digests = Self { all: digest(&params), restart: None, secure: None };
        let Some(metadata) = metadata.filter(|_| needs_metadata(request)) else { return digests };
        if request.interval_ms == 0 {
            digests.restart = restart_digest(request, metadata);
        }
        let private = names(metadata, |param| param.private);
        if !private.is_empty() {
            let open: BTreeMap<_, _> =
                params.into_iter().filter(|(name, _)| !private.contains(name)).collect();
            digests.secure = Some((list(&private), digest(&open)));
        }
        digests
    }
}

/// The parameters that make an agent restart, and their digest.
fn restart_digest(request: &ActionRequest, metadata: &AgentMetadata) -> Option<(String, String)> {
    let restarting = match metadata.reload {
        Reload::No => return None,
        Reload::Agent => names(metadata, |param| !param.reloadable),
        Reload::Legacy => names(metadata, |param| param.unique),
    };
    let wanted = |name: &str| restarting.contains(&name);
    let params = request.params.iter().filter(|(name, _)| wanted(name));
    let params = params.map(|(name, value)| (name.as_str(), value.clone())).collect();
    Some((list(&restarting), digest(&params)))
}

/// Parameters that count, by name. Recurring operations count their timeout too.
fn digested_params(request: &ActionRequest) -> BTreeMap<&str, String> {
    let params = request.params.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let mut params: BTreeMap<_, _> = params.filter(|(name, _)| is_operation_param(name)).collect();
    if request.is_recurring() {
        let timeout = request.meta_value("timeout").map(str::to_owned);
        let timeout = timeout.unwrap_or_else(|| request.timeout_ms.to_string());
        params.insert("CRM_meta_timeout", timeout);
    }
    params
}

fn digest(params: &BTreeMap<&str, String>) -> String {
    digest::parameters(params.iter().map(|(name, value)| (*name, value.as_str())), Dialect::Pcmk3)
}

/// Names of some parameters, last one of the meta-data first, as Pacemaker lists them.
fn names(metadata: &AgentMetadata, wanted: impl Fn(&AgentParam) -> bool) -> Vec<&str> {
    metadata
        .params
        .iter()
        .rev()
        .filter(|param| wanted(param))
        .map(|param| param.name.as_str())
        .collect()
}

/// A list in which each name can be searched with blanks around it.
fn list(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!("  {}  ", names.join(" ")) }
}

/// Says whether an entry carries what only meta-data tell: classes with parameters, and actions that
/// use them.
pub fn needs_metadata(request: &ActionRequest) -> bool {
    matches!(request.agent.class.as_str(), "ocf" | "stonith")
        && matches!(
            request.action.as_str(),
            "start"
                | "monitor"
                | "promote"
                | "demote"
                | "reload"
                | "reload-agent"
                | "migrate_to"
                | "migrate_from"
                | "notify"
        )
}
