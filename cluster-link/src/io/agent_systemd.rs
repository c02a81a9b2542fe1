//! systemd units, through `systemctl`.
//!
//! While the cluster runs a unit, an override in `/run` keeps systemd from restarting it by itself and
//! orders it before the cluster at shutdown.
//!
//! **Source:** pacemaker `lib/services/systemd.c`.
//! **Differs:** commands instead of D-Bus; where systemd is not running, units count as not installed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::agent::AgentPaths;
use super::process::{Finished, Program};
use crate::executor::{ActionRequest, Completion, Ending, OpStatus, StartError};

/// How long to wait before looking again at a unit that is between two states.
const PENDING_PAUSE: Duration = Duration::from_secs(1);

/// One `systemctl` command may take any time: the executor's own limit ends it.
const NO_LIMIT: Duration = Duration::from_secs(u32::MAX as u64);

/// Suffixes that name a unit in full.
const UNIT_SUFFIXES: [&str; 10] = [
    ".service", ".socket", ".mount", ".timer", ".path", ".target", ".slice", ".scope", ".swap",
    ".device",
];

/// Runs one action of a systemd resource to its end.
pub(super) async fn run(request: &ActionRequest, paths: &AgentPaths) -> Completion {
    if !paths.systemd_run_dir.is_dir() {
        return not_installed("systemd does not run on this node");
    }
    let unit = Unit { name: unit_name(&request.agent.kind), paths };
    match request.action.as_str() {
        "start" => unit.start().await,
        "stop" => unit.stop().await,
        "monitor" | "status" => unit.monitor().await,
        "restart" | "reload" | "reload-agent" => unit.systemctl(&["reload-or-restart"]).await,
        _ => answer(3, OpStatus::NotSupported, "action not implemented for systemd resources"),
    }
}

/// Returns meta-data of a unit, which says nothing of itself: its operations, and no parameters.
pub fn metadata(kind: &str) -> String {
    let name = kind.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    format!(
        r#"<?xml version="1.0"?>
<resource-agent name="{name}" version="0.1">
  <version>1.1</version>
  <longdesc lang="en">
    Systemd unit file for {name}
  </longdesc>
  <shortdesc lang="en">systemd unit file for {name}</shortdesc>
  <parameters/>
  <actions>
    <action name="start"     timeout="100" />
    <action name="stop"      timeout="100" />
    <action name="status"    timeout="100" />
    <action name="monitor"   timeout="100" interval="60"/>
    <action name="meta-data" timeout="5"   />
  </actions>
  <special tag="systemd"/>
</resource-agent>
"#
    )
}

/// One unit, and where things are.
struct Unit<'a> {
    name: String,
    paths: &'a AgentPaths,
}

impl Unit<'_> {
    async fn start(&self) -> Completion {
        if let Some(missing) = self.missing().await {
            return missing;
        }
        if let Err(error) = self.create_override() {
            let text = format!("cannot write the override file of {}: {error}", self.name);
            return answer(1, OpStatus::Error, &text);
        }
        let reloaded = self.systemctl_alone(&["daemon-reload"]).await;
        if reloaded.ending != (Ending::Answered { rc: 0, op_status: OpStatus::Done }) {
            return reloaded;
        }
        self.systemctl(&["start"]).await
    }

    async fn stop(&self) -> Completion {
        if self.missing().await.is_some() {
            return answer(0, OpStatus::Done, "");
        }
        let stopped = self.systemctl(&["stop"]).await;
        // A missing override is no obstacle to being stopped.
        let _ = std::fs::remove_file(self.override_file());
        self.systemctl_alone(&["daemon-reload"]).await;
        stopped
    }

    async fn monitor(&self) -> Completion {
        loop {
            let state = match self.show().await {
                Ok(state) => state,
                Err(completion) => return completion,
            };
            if let Some(missing) = state.missing(&self.name) {
                return missing;
            }
            match state.active.as_str() {
                "active" | "reloading" => return answer(0, OpStatus::Done, ""),
                "activating" | "deactivating" => tokio::time::sleep(PENDING_PAUSE).await,
                _ => return answer(7, OpStatus::Done, ""),
            }
        }
    }

    /// The answer for a unit that does not exist.
    async fn missing(&self) -> Option<Completion> {
        match self.show().await {
            Ok(state) => state.missing(&self.name),
            Err(completion) => Some(completion),
        }
    }

    async fn show(&self) -> Result<UnitState, Completion> {
        let args = ["show", "--property=LoadState", "--property=ActiveState", &self.name];
        let finished = self.output(&args).await?;
        let value = |name: &str| {
            let line = finished.stdout.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim().to_owned()
        };
        Ok(UnitState { load: value("LoadState="), active: value("ActiveState=") })
    }

    async fn systemctl(&self, args: &[&str]) -> Completion {
        let mut args = args.to_vec();
        args.push(&self.name);
        self.systemctl_alone(&args).await
    }

    async fn systemctl_alone(&self, args: &[&str]) -> Completion {
        match self.output(args).await {
            Ok(Finished { ending: Ending::Exited(0), .. }) => answer(0, OpStatus::Done, ""),
            Ok(finished) => {
                let words = finished.stderr.trim().lines().next().unwrap_or_default();
                let text = format!("systemctl {} failed: {words}", args.join(" "));
                answer(1, OpStatus::Done, &text)
            }
            Err(completion) => completion,
        }
    }

    async fn output(&self, args: &[&str]) -> Result<Finished, Completion> {
        let program = Program {
            path: self.paths.systemctl.clone(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            env: Vec::new(),
            dir: self.paths.work_dir.clone(),
        };
        let exit_reason = String::new();
        program.output(NO_LIMIT).await.map_err(|ending| Completion { ending, exit_reason })
    }

    fn override_file(&self) -> PathBuf {
        self.paths.systemd_run_dir.join(format!("{}.d/50-pacemaker.conf", self.name))
    }

    fn create_override(&self) -> std::io::Result<()> {
        let file = self.override_file();
        std::fs::create_dir_all(file.parent().unwrap_or(Path::new("/")))?;
        let mut text = format!(
            "[Unit]\nDescription=Cluster Controlled {}\nBefore=cluster-linkd.service\n",
            self.name
        );
        if self.name.ends_with(".service") {
            text.push_str("\n[Service]\nRestart=no\n");
        }
        std::fs::write(file, text)
    }
}

/// What systemd says of a unit.
struct UnitState {
    load: String,
    active: String,
}

impl UnitState {
    fn missing(&self, unit: &str) -> Option<Completion> {
        (self.load == "not-found" || self.load == "error" && self.active != "active")
            .then(|| not_installed(&format!("systemd unit {unit} not found")))
    }
}

/// Completes a name to that of a unit: `.service` unless it has a suffix already.
fn unit_name(kind: &str) -> String {
    if UNIT_SUFFIXES.iter().any(|suffix| kind.ends_with(suffix)) {
        kind.to_owned()
    } else {
        format!("{kind}.service")
    }
}

fn answer(rc: i32, op_status: OpStatus, exit_reason: &str) -> Completion {
    Completion { ending: Ending::Answered { rc, op_status }, exit_reason: exit_reason.to_owned() }
}

fn not_installed(text: &str) -> Completion {
    let error = StartError::NotInstalled(text.to_owned());
    Completion {
        ending: Ending::NotStarted { what: "systemd".to_owned(), error },
        exit_reason: String::new(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn meta_data_of_any_name_are_xml() {
        let xml = super::metadata("a@\"b\"<&>.timer");
        let tree = cib_model::xml::read(&xml).unwrap();
        assert_eq!(tree.root().attr("name"), Some("a@\"b\"<&>.timer"));
        assert_eq!(tree.root().child("parameters").unwrap().children().count(), 0);
        let actions = tree.root().child("actions").unwrap();
        assert!(actions.children().any(|a| a.attr("timeout") == Some("100")), "{xml}");
    }
}
