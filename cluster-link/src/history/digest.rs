//! Digests of an operation's parameters: how a later scheduler sees that the configuration changed.
//!
//! **Source:** pacemaker `lib/common/digest.c` `pcmk__digest_op_params()`,
//! `pcmk__filter_op_for_digest()`; `daemons/controld/controld_cib.c` `build_parameter_list()`.

use std::collections::BTreeMap;

use cib_model::xml::{self, Dialect, Layout, Tree};
use md5::{Digest as _, Md5};

use super::metadata::{AgentMetadata, AgentParam, Reload};
use crate::executor::ActionRequest;

/// Parameters that say nothing about the resource's configuration.
const NOT_DIGESTED: [&str; 6] =
    ["id", "crm_feature_set", "op-digest", "on_node", "on_node_uuid", "pcmk_external_ip"];

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
    let mut params: BTreeMap<_, _> = params
        .filter(|(name, _)| !NOT_DIGESTED.contains(name) && !name.starts_with("CRM_meta_"))
        .collect();
    if request.is_recurring() {
        let timeout = request.meta_value("timeout").map(str::to_owned);
        let timeout = timeout.unwrap_or_else(|| request.timeout_ms.to_string());
        params.insert("CRM_meta_timeout", timeout);
    }
    params
}

/// Digest of a parameter list: MD5 over one blank, the element and a newline.
fn digest(params: &BTreeMap<&str, String>) -> String {
    let mut tree = Tree::new("parameters");
    let root = tree.root_id();
    for (name, value) in params {
        tree.set_attr(root, (*name).to_owned(), value.as_str());
    }
    let text = format!(" {}\n", xml::write(&tree, Layout::Compact, Dialect::Pcmk3));
    Md5::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
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
