//! Real agents (our own, in `fixtures/agents`) through the whole executor.

use std::path::{Path, PathBuf};

use super::*;
use crate::executor::{AgentSpec, OpStatus};
use crate::io::{agent_lsb, agent_ocf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/agents")
}

/// A node with a folder of its own; init scripts and `systemctl` are copied into it.
struct Node {
    folder: tempfile::TempDir,
    driver: AgentDriver,
    output: Vec<String>,
}

fn paths(folder: &Path) -> AgentPaths {
    AgentPaths {
        ocf_root: fixtures().join("ocf"),
        init_dir: folder.join("init.d"),
        systemctl: folder.join("systemctl"),
        systemd_run_dir: folder.join("systemd"),
        table_dir: folder.join("agents"),
        ..AgentPaths::default()
    }
}

impl Node {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("init.d")).unwrap();
        std::fs::create_dir(folder.path().join("units")).unwrap();
        for (from, to) in [("init.d/daemon", "init.d/daemon"), ("bin/systemctl", "systemctl")] {
            std::fs::copy(fixtures().join(from), folder.path().join(to)).unwrap();
        }
        let driver = AgentDriver::new(paths(folder.path()));
        Self { folder, driver, output: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn dummy(&self, action: &str) -> ActionRequest {
        let state = self.path("state").display().to_string();
        ActionRequest {
            params: vec![("state".to_owned(), state)],
            ..request("ocf", Some("cluster-link"), "dummy", action)
        }
    }

    async fn result(&mut self) -> ActionResult {
        loop {
            match self.driver.next().await {
                AgentEvent::Result(result) => return *result,
                AgentEvent::Output { operation, stdout, stderr } => {
                    self.output.push(format!("{operation}: {stdout}{stderr}"));
                }
            }
        }
    }

    /// Runs one action to its result: code, status, reason.
    async fn run(&mut self, request: ActionRequest) -> (i32, OpStatus, String) {
        self.driver.request(request);
        let result = self.result().await;
        (result.rc, result.op_status, result.exit_reason)
    }
}

fn request(class: &str, provider: Option<&str>, kind: &str, action: &str) -> ActionRequest {
    ActionRequest {
        rsc: "r".to_owned(),
        agent: AgentSpec {
            class: class.to_owned(),
            provider: provider.map(str::to_owned),
            kind: kind.to_owned(),
        },
        action: action.to_owned(),
        interval_ms: 0,
        timeout_ms: 20_000,
        start_delay_ms: 0,
        params: Vec::new(),
        meta: Vec::new(),
        transition_key: "1:2:0:uuid".to_owned(),
    }
}

fn done(rc: i32) -> (i32, OpStatus, String) {
    (rc, OpStatus::Done, String::new())
}

#[tokio::test]
async fn an_ocf_resource_lives_its_life() {
    let mut node = Node::new();
    assert_eq!(node.run(node.dummy("monitor")).await, done(7));
    assert_eq!(node.run(node.dummy("start")).await, done(0));
    assert_eq!(node.run(node.dummy("monitor")).await, done(0));
    assert_eq!(node.run(node.dummy("stop")).await, done(0));
    assert_eq!(node.run(node.dummy("notify")).await, done(3));
}

#[tokio::test]
async fn an_ocf_agent_sees_the_environment_of_the_standard() {
    let mut node = Node::new();
    let mut request = node.dummy("monitor");
    request.interval_ms = 30_000;
    request.timeout_ms = 4_000;
    request.params.push(("crm_feature_set".to_owned(), "3.16.1".to_owned()));
    request.params.push(("OCF_CHECK_LEVEL".to_owned(), "10".to_owned()));
    request.params.push(("not=a name".to_owned(), "dropped".to_owned()));
    request.meta.push(("on_node".to_owned(), "alice".to_owned()));
    request.meta.push(("clone-max".to_owned(), "2".to_owned()));
    node.run(request).await;
    let env = std::fs::read_to_string(node.path("state.env.monitor")).unwrap();
    let root = format!("OCF_ROOT={}", fixtures().join("ocf").display());
    let state = format!("OCF_RESKEY_state={}", node.path("state").display());
    for line in [
        "OCF_RA_VERSION_MAJOR=1",
        "OCF_RA_VERSION_MINOR=1",
        "OCF_EXIT_REASON_PREFIX=ocf-exit-reason:",
        "OCF_RESOURCE_INSTANCE=r",
        "OCF_RESOURCE_TYPE=dummy",
        "OCF_RESOURCE_PROVIDER=cluster-link",
        "OCF_CHECK_LEVEL=10",
        "OCF_RESKEY_CRM_meta_name=monitor",
        "OCF_RESKEY_CRM_meta_timeout=4000",
        "OCF_RESKEY_CRM_meta_interval=30000",
        "OCF_RESKEY_CRM_meta_on_node=alice",
        "OCF_RESKEY_CRM_meta_clone_max=2",
        "OCF_RESKEY_crm_feature_set=3.16.1",
        "HA_cluster_type=corosync",
        &root,
        &state,
    ] {
        assert!(env.lines().any(|known| known == line), "{line} in\n{env}");
    }
    assert!(!env.contains("dropped"));
}

#[tokio::test]
async fn reasons_and_codes_of_failures_are_reported() {
    let mut node = Node::new();
    node.write("state.start", "the disk is on fire");
    assert_eq!(
        node.run(node.dummy("start")).await,
        (1, OpStatus::Done, "the disk is on fire".to_owned())
    );
    assert_eq!(node.output, ["r_start_0: ocf-exit-reason:the disk is on fire"]);
    node.write("state.monitor", "190");
    assert_eq!(node.run(node.dummy("monitor")).await, done(190));
    node.write("state.stop", "77");
    assert_eq!(node.run(node.dummy("stop")).await, done(1));
    let mut unset = node.dummy("start");
    unset.params.clear();
    assert_eq!(node.run(unset).await, (6, OpStatus::Done, "state is not set".to_owned()));
}

#[tokio::test]
async fn agents_that_are_not_there_or_not_allowed() {
    let mut node = Node::new();
    let (rc, status, reason) =
        node.run(request("ocf", Some("cluster-link"), "none", "start")).await;
    assert_eq!((rc, status), (5, OpStatus::NotInstalled));
    assert!(reason.ends_with("cluster-link/none: No such file or directory"), "{reason}");
    let (rc, status, _) = node.run(request("ocf", Some("pancakes"), "dummy", "start")).await;
    assert_eq!((rc, status), (5, OpStatus::NotInstalled));
    node.write("init.d/plain", "no program");
    let (rc, status, reason) = node.run(request("lsb", None, "plain", "start")).await;
    assert_eq!((rc, status), (4, OpStatus::Error));
    assert!(reason.ends_with("plain: Permission denied"), "{reason}");
    let (rc, status, reason) = node.run(request("upstart", None, "x", "start")).await;
    assert_eq!((rc, status), (5, OpStatus::NotInstalled));
    assert_eq!(reason, "upstart:x: resource class upstart is not supported");
}

#[tokio::test]
async fn an_agent_that_hangs_is_killed_at_its_timeout() {
    let mut node = Node::new();
    node.write("state.start", "hang");
    let request = ActionRequest { timeout_ms: 200, ..node.dummy("start") };
    assert_eq!(
        node.run(request).await,
        (1, OpStatus::Timeout, "Resource agent did not complete within 200ms".to_owned())
    );
}

#[tokio::test]
async fn a_script_whose_daemon_holds_its_output_does_not_hang() {
    let mut node = Node::new();
    let daemon = |action: &str| request("lsb", None, "daemon", action);
    assert_eq!(node.run(daemon("monitor")).await, done(7));
    assert_eq!(node.run(daemon("start")).await, done(0));
    assert_eq!(node.output, ["r_start_0: started"]);
    assert_eq!(node.run(daemon("monitor")).await, done(0));
    assert_eq!(node.run(daemon("stop")).await, done(0));
    assert_eq!(node.run(daemon("monitor")).await, done(7));
    node.write("init.d/daemon.pid", "999999999");
    assert_eq!(node.run(daemon("monitor")).await, done(7), "status 1: dead, with its pid file");
    assert_eq!(node.run(daemon("fly")).await, done(3));
}

#[tokio::test]
async fn service_means_the_init_script_where_there_is_one() {
    let mut node = Node::new();
    assert_eq!(node.run(request("service", None, "daemon", "monitor")).await, done(7));
    std::fs::create_dir(node.path("systemd")).unwrap();
    node.write("units/web.service", "active");
    assert_eq!(node.run(request("service", None, "web", "monitor")).await, done(0));
}

#[tokio::test]
async fn a_systemd_unit_is_started_with_an_override() {
    let mut node = Node::new();
    let unit = |kind: &str, action: &str| request("systemd", None, kind, action);
    assert_eq!(
        node.run(unit("web", "monitor")).await,
        (5, OpStatus::NotInstalled, "systemd: systemd does not run on this node".to_owned())
    );
    std::fs::create_dir(node.path("systemd")).unwrap();
    node.write("units/web.service", "inactive");
    assert_eq!(node.run(unit("web", "monitor")).await, done(7));
    assert_eq!(node.run(unit("web", "start")).await, done(0));
    let unit_override = node.path("systemd/web.service.d/50-pacemaker.conf");
    assert!(std::fs::read_to_string(&unit_override).unwrap().contains("Restart=no"));
    assert_eq!(node.run(unit("web.service", "monitor")).await, done(0));
    assert_eq!(node.run(unit("web", "stop")).await, done(0));
    assert!(!unit_override.exists());
    assert_eq!(node.run(unit("web", "monitor")).await, done(7));
    let (rc, status, reason) = node.run(unit("none", "start")).await;
    assert_eq!((rc, status), (5, OpStatus::NotInstalled));
    assert_eq!(reason, "systemd: systemd unit none.service not found");
    assert_eq!(node.run(unit("none", "stop")).await, done(0));
    node.write("units/broken.service", "inactive");
    let (rc, _, reason) = node.run(unit("broken", "start")).await;
    assert_eq!(rc, 1);
    assert_eq!(reason, "systemctl start broken.service failed: Job for broken.service failed.");
}

#[tokio::test]
async fn a_unit_between_two_states_is_waited_for_until_the_timeout() {
    let mut node = Node::new();
    std::fs::create_dir(node.path("systemd")).unwrap();
    node.write("units/slow.service", "activating");
    let request = ActionRequest { timeout_ms: 100, ..request("systemd", None, "slow", "monitor") };
    let (rc, status, _) = node.run(request).await;
    assert_eq!((rc, status), (1, OpStatus::Timeout));
}

#[tokio::test]
async fn meta_data_come_from_the_agent_or_its_header() {
    let node = Node::new();
    let paths = node.driver.paths();
    let xml = agent_ocf::metadata(&node.dummy("start").agent, paths).await.unwrap();
    assert!(xml.contains("<resource-agent name=\"dummy\""));
    let missing = request("ocf", Some("cluster-link"), "none", "start").agent;
    let error = agent_ocf::metadata(&missing, paths).await.unwrap_err();
    assert!(error.to_string().starts_with("ocf:cluster-link:none cannot be run: "), "{error}");
    let xml = agent_lsb::metadata(&request("lsb", None, "daemon", "start").agent, paths).unwrap();
    assert!(xml.contains("<resource-agent name='daemon'"), "{xml}");
}

/// Reads a file that an agent is about to write; each look yields to the runtime.
async fn appears(node: &mut Node, name: &str) -> String {
    loop {
        if let Ok(text) = std::fs::read_to_string(node.path(name))
            && text.ends_with('\n')
        {
            return text.trim().to_owned();
        }
        tokio::select! {
            event = node.driver.next() => panic!("{event:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test]
async fn agents_survive_the_daemon_and_are_waited_for_by_the_next() {
    let mut node = Node::new();
    node.write("state.start", "hang");
    node.driver.request(ActionRequest { timeout_ms: 0, ..node.dummy("start") });
    let pid = appears(&mut node, "state.pid").await;
    // The daemon goes, and comes back.
    node.driver = AgentDriver::new(paths(node.folder.path()));
    assert!(Path::new("/proc").join(&pid).exists(), "the agent lives on");
    assert_eq!(node.driver.adopt(), [("r".to_owned(), "start".to_owned())]);
    let probe = node.dummy("monitor");
    node.driver.request(probe);
    assert_eq!(node.driver.executor().running().count(), 1);
    assert!(node.driver.executor().running().all(|(_, _, request)| request.is_none()));
    assert!(std::process::Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    let result = node.result().await;
    assert_eq!((result.request.action.as_str(), result.rc), ("monitor", 7));
    assert_eq!(AgentDriver::new(paths(node.folder.path())).adopt(), []);
}

#[tokio::test]
async fn a_monitor_repeats_and_reports_a_change() {
    let mut node = Node::new();
    node.run(node.dummy("start")).await;
    let monitor = ActionRequest { interval_ms: 20, ..node.dummy("monitor") };
    assert_eq!(node.run(monitor).await, done(0));
    std::fs::remove_file(node.path("state")).unwrap();
    let result = node.result().await;
    assert_eq!((result.rc, result.request.interval_ms), (7, 20));
    node.driver.cancel("r", "monitor", 20);
    assert_eq!(node.result().await.op_status, OpStatus::Cancelled);
}
