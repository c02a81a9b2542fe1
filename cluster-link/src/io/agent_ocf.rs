//! OCF agents: path, environment, exit reason, meta-data.
//!
//! **Source:** pacemaker `lib/services/services_ocf.c`, `services_linux.c`
//! `add_action_env_vars()`, `parse_exit_reason_from_stderr()`; OCF Resource Agent API 1.1.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use cib_model::xml::is_char;

use super::agent::AgentPaths;
use super::process::Program;
use crate::executor::{ActionRequest, AgentSpec, Ending};

/// What an agent writes before the reason of a failure.
const EXIT_REASON_PREFIX: &str = "ocf-exit-reason:";

/// How long an agent may take to print its meta-data.
const METADATA_LIMIT: Duration = Duration::from_secs(20);

/// Why there are no meta-data.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MetadataError {
    /// The agent could not be run.
    #[error("{agent} cannot be run: {reason}")]
    NotRun {
        /// The agent.
        agent: String,
        /// Why.
        reason: String,
    },
    /// It ran, and failed.
    #[error("{agent} failed to print its meta-data: {reason}")]
    Failed {
        /// The agent.
        agent: String,
        /// Exit status, signal or time limit.
        reason: String,
    },
    /// Agents of this class have none.
    #[error("{0} has no meta-data")]
    NoneForClass(String),
}

/// Says what to run for one action of an OCF resource.
///
/// The environment holds only what is configured; agents fill in their own defaults.
pub(super) fn program(request: &ActionRequest, paths: &AgentPaths) -> Program {
    let mut env = fixed_environment(paths, &request.agent);
    env.push(("OCF_RESOURCE_INSTANCE".to_owned(), request.rsc.clone().into()));
    for (name, value) in &request.params {
        let name = match name.as_str() {
            "OCF_CHECK_LEVEL" => name.clone(),
            _ => format!("OCF_RESKEY_{name}"),
        };
        env.push((name, value.into()));
    }
    for (name, value) in meta_parameters(request) {
        env.push((name, value.into()));
    }
    let has_feature_set = request.params.iter().any(|(name, _)| name == "crm_feature_set");
    if !has_feature_set {
        env.push(("OCF_RESKEY_crm_feature_set".to_owned(), paths.feature_set.clone().into()));
    }
    Program {
        path: path(&request.agent, paths),
        args: vec![request.action.clone()],
        env,
        dir: paths.work_dir.clone(),
    }
}

/// Meta attributes as the agent sees them; name, timeout and interval are always there.
fn meta_parameters(request: &ActionRequest) -> Vec<(String, String)> {
    let mut seen: Vec<(String, String)> = Vec::with_capacity(request.meta.len() + 3);
    for (name, value) in &request.meta {
        let name = match name.as_str() {
            "OCF_CHECK_LEVEL" => name.clone(),
            _ => format!("OCF_RESKEY_CRM_meta_{}", name.replace('-', "_")),
        };
        seen.push((name, value.clone()));
    }
    let mut add = |name: &str, value: String| {
        let name = format!("OCF_RESKEY_CRM_meta_{name}");
        if !seen.iter().any(|(known, _)| *known == name) {
            seen.push((name, value));
        }
    };
    add("name", request.action.clone());
    add("timeout", request.timeout_ms.to_string());
    if request.is_recurring() {
        add("interval", request.interval_ms.to_string());
    }
    seen
}

/// Variables that do not depend on the resource.
fn fixed_environment(paths: &AgentPaths, agent: &AgentSpec) -> Vec<(String, OsString)> {
    let mut env: Vec<(String, OsString)> = [
        ("OCF_RA_VERSION_MAJOR", "1"),
        ("OCF_RA_VERSION_MINOR", "1"),
        ("OCF_EXIT_REASON_PREFIX", EXIT_REASON_PREFIX),
        ("OCF_OUTPUT_FORMAT", "text"),
        ("HA_cluster_type", "corosync"),
        ("HA_quorum_type", "corosync"),
        ("HA_mcp", "true"),
        ("HA_debug", "0"),
        ("HA_logfacility", "daemon"),
        ("HA_LOGFACILITY", "daemon"),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .to_vec();
    env.push(("OCF_ROOT".to_owned(), paths.ocf_root.clone().into_os_string()));
    env.push(("OCF_RESOURCE_TYPE".to_owned(), agent.kind.clone().into()));
    if let Some(provider) = &agent.provider {
        env.push(("OCF_RESOURCE_PROVIDER".to_owned(), provider.clone().into()));
    }
    if let Some(log_file) = &paths.log_file {
        env.push(("HA_logfile".to_owned(), log_file.clone().into_os_string()));
        env.push(("HA_LOGFILE".to_owned(), log_file.clone().into_os_string()));
    }
    if let Some(rsctmp) = &paths.rsctmp {
        env.push(("HA_RSCTMP".to_owned(), rsctmp.clone().into_os_string()));
    }
    env
}

fn path(agent: &AgentSpec, paths: &AgentPaths) -> PathBuf {
    let provider = agent.provider.as_deref().unwrap_or("heartbeat");
    paths.ocf_root.join("resource.d").join(provider).join(&agent.kind)
}

/// Returns the last reason in an agent's error output; empty where there is none. It goes into the
/// CIB: what XML cannot hold, the escape of a colour for one, becomes a blank.
pub fn exit_reason(stderr: &str) -> String {
    let Some(at) = stderr.rfind(EXIT_REASON_PREFIX) else { return String::new() };
    let rest = &stderr[at + EXIT_REASON_PREFIX.len()..];
    let reason = rest.split('\n').next().unwrap_or("");
    reason.chars().map(|c| if is_char(c) { c } else { ' ' }).collect()
}

/// Asks an agent for its meta-data (XML text).
///
/// # Errors
/// [`MetadataError`]; the agent was run at most once, for at most 20 s.
pub async fn metadata(agent: &AgentSpec, paths: &AgentPaths) -> Result<String, MetadataError> {
    let mut env = fixed_environment(paths, agent);
    env.push(("OCF_RESOURCE_INSTANCE".to_owned(), agent.kind.clone().into()));
    let program = Program {
        path: path(agent, paths),
        args: vec!["meta-data".to_owned()],
        env,
        dir: paths.work_dir.clone(),
    };
    let failed = |reason: String| MetadataError::Failed { agent: agent.to_string(), reason };
    match program.output(METADATA_LIMIT).await {
        Ok(finished) if finished.ending == Ending::Exited(0) => Ok(finished.stdout),
        Ok(finished) => Err(failed(match finished.ending {
            Ending::Exited(status) => format!("exit status {status}"),
            _ => "killed by a signal".to_owned(),
        })),
        Err(Ending::NotStarted { what, error }) => Err(MetadataError::NotRun {
            agent: agent.to_string(),
            reason: format!("{what}: {error}"),
        }),
        Err(_) => Err(failed(format!("not done within {} s", METADATA_LIMIT.as_secs()))),
    }
}

#[cfg(test)]
mod tests {
    use super::exit_reason;

    #[test]
    fn the_last_exit_reason_counts_up_to_its_line_end() {
        assert_eq!(exit_reason("noise\n"), "");
        assert_eq!(
            exit_reason("ocf-exit-reason:first\nocf-exit-reason:no such ip\nrest"),
            "no such ip"
        );
        assert_eq!(exit_reason("x ocf-exit-reason:until the end"), "until the end");
        assert_eq!(exit_reason("ocf-exit-reason:\nmore"), "");
    }

    #[test]
    fn an_exit_reason_can_stand_in_the_cib() {
        let reason = exit_reason("ocf-exit-reason:\u{1b}[31mno é\u{0}\n");
        assert_eq!(reason, " [31mno é ");
    }
}
