//! Real daemons in real processes on the loopback network: start, failover, rejoin, a third node,
//! a clean stop, and a killed daemon whose resources run on.
//!
//! The daemons are this test program itself, started again with `CLUSTER_LINKD` set.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use cluster_link::client::Client;
use cluster_link::protocol::NodeInfo;
use cluster_link::replica::request::{CibOp, CibOperation};

/// Longest time anything may take here.
const LIMIT: Duration = Duration::from_secs(90);

/// An agent whose state is a file, so that it outlives the daemon; it logs what it is asked.
const AGENT: &str = r#"#!/bin/sh
state="$NODE_DIR/active-$OCF_RESOURCE_INSTANCE"
echo "$1 $OCF_RESOURCE_INSTANCE" >> "$NODE_DIR/calls"
case "$1" in
    start) : > "$state" ;;
    stop) rm -f "$state" ;;
    monitor) [ -f "$state" ] || exit 7 ;;
    meta-data) echo '<resource-agent name="state"><parameters/><actions/></resource-agent>' ;;
    *) exit 3 ;;
esac
exit 0
"#;

const CONFIGURATION: &str = r#"<configuration>
  <crm_config><cluster_property_set id="cib-bootstrap-options">
    <nvpair id="p1" name="stonith-enabled" value="false"/>
    <nvpair id="p2" name="no-quorum-policy" value="ignore"/>
  </cluster_property_set></crm_config>
  <rsc_defaults><meta_attributes id="rsc-options">
    <nvpair id="d1" name="resource-stickiness" value="100"/>
  </meta_attributes></rsc_defaults>
  <resources>
    <primitive id="ip" class="ocf" provider="test" type="state">
      <operations><op id="ip-monitor" name="monitor" interval="30s"/></operations></primitive>
    <primitive id="service" class="ocf" provider="test" type="state">
      <operations><op id="service-monitor" name="monitor" interval="30s"/></operations></primitive>
  </resources>
  <constraints>
    <rsc_colocation id="Service-With-IP" score="INFINITY" rsc="service" with-rsc="ip"/>
    <rsc_order id="Service-After-IP" kind="Mandatory" first="ip" then="service"/>
  </constraints>
</configuration>"#;

/// Not a test of its own: what the daemons' processes run.
#[test]
fn daemon_process() {
    if let Some(args) = std::env::var_os("CLUSTER_LINKD") {
        let args = args.into_string().unwrap();
        let code = cluster_link::daemon::run(args.split('\n').map(Into::into));
        std::process::exit(code.into());
    }
}

/// Asks again until `ready` answers; the pause only spares the processor.
fn until<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(Instant::now() < end, "{what} did not happen within {} s", LIMIT.as_secs());
        std::thread::sleep(Duration::from_millis(5));
    }
}

struct Cluster {
    dir: tempfile::TempDir,
    port: u16,
    daemons: Vec<(u32, Child)>,
}

impl Cluster {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let agents = dir.path().join("ocf/resource.d/test");
        fs::create_dir_all(&agents).unwrap();
        fs::write(agents.join("state"), AGENT).unwrap();
        fs::set_permissions(agents.join("state"), PermissionsExt::from_mode(0o755)).unwrap();
        fs::write(dir.path().join("authkey"), [7u8; 256]).unwrap();
        fs::set_permissions(dir.path().join("authkey"), PermissionsExt::from_mode(0o400)).unwrap();
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Cluster { dir, port, daemons: Vec::new() }
    }

    fn configure(&self, nodes: u32) {
        let list: String = (1..=nodes)
            .map(|n| {
                format!("  node {{\n    nodeid: {n}\n    name: n{n}\n    ring0_addr: 127.0.9.{n}\n  }}\n")
            })
            .collect();
        let text = format!(
            "totem {{\n  version: 2\n  cluster_name: tested\n  token: 1000\n  transport: udpu\n  \
             interface {{\n    ringnumber: 0\n    mcastport: {}\n  }}\n}}\nnodelist {{\n{list}}}\n\
             quorum {{\n  provider: corosync_votequorum\n}}\n",
            self.port
        );
        fs::write(self.dir.path().join("corosync.conf"), text).unwrap();
    }

    fn node_dir(&self, node: u32) -> PathBuf {
        self.dir.path().join(format!("n{node}"))
    }

    fn command(&self, node: u32, engine: &str) -> Command {
        let dir = self.node_dir(node);
        fs::create_dir_all(&dir).unwrap();
        let path = |p: &Path| p.to_str().unwrap().to_owned();
        let args = [
            "--foreground".to_owned(),
            format!("--engine={engine}"),
            format!("--node=n{node}"),
            format!("--conf={}", path(&self.dir.path().join("corosync.conf"))),
            format!("--state-dir={}", path(&dir.join("state"))),
            format!("--socket={}", path(&dir.join("socket"))),
        ];
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "daemon_process", "--nocapture"])
            .env("CLUSTER_LINKD", args.join("\n"))
            .env("NODE_DIR", &dir)
            .env("OCF_ROOT", self.dir.path().join("ocf"))
            .stdout(Stdio::null());
        command
    }

    fn start(&mut self, node: u32, engine: &str) {
        let log = fs::OpenOptions::new().create(true).append(true);
        let log = log.clone().open(self.dir.path().join(format!("n{node}.log"))).unwrap();
        let child = self.command(node, engine).stderr(log).spawn().unwrap();
        self.daemons.push((node, child));
    }

    /// SIGKILL for the daemon alone: what it runs stays.
    fn kill(&mut self, node: u32) {
        let at = self.daemons.iter().position(|(n, _)| *n == node).unwrap();
        let (_, mut child) = self.daemons.remove(at);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn wait_for_end(&mut self, node: u32) -> ExitStatus {
        let at = self.daemons.iter().position(|(n, _)| *n == node).unwrap();
        let (_, mut child) = self.daemons.remove(at);
        until("the daemon's end", || child.try_wait().unwrap())
    }

    /// Everything that ran on a node is gone, as after a power failure.
    fn power_off(&mut self, node: u32) {
        self.kill(node);
        for rsc in ["ip", "service"] {
            let _ = fs::remove_file(self.node_dir(node).join(format!("active-{rsc}")));
        }
    }

    fn client(&self, node: u32) -> Client {
        let socket = self.node_dir(node).join("socket");
        until("a connection", || Client::connect(&socket, "test").ok())
    }

    /// Waits until a node is in a cluster of that many members with a DC.
    fn joined(&self, node: u32, members: usize) -> NodeInfo {
        until("joining", || {
            let info = self.client(node).node_info().ok()?;
            let whole = info.joined && info.members.len() == members;
            (whole && info.dc.is_some_and(|dc| info.members.iter().any(|(n, _)| *n == dc)))
                .then_some(info)
        })
    }

    fn idle(&self, node: u32) {
        self.client(node).wait_idle(LIMIT).unwrap();
    }

    /// Where a resource is active, by asking the agents' own state.
    fn active(&self, rsc: &str) -> Vec<u32> {
        let there = |n: &u32| self.node_dir(*n).join(format!("active-{rsc}")).exists();
        (1..=4).filter(there).collect()
    }

    fn count(&self, node: u32, call: &str) -> usize {
        let calls = fs::read_to_string(self.node_dir(node).join("calls")).unwrap_or_default();
        calls.lines().filter(|line| *line == call).count()
    }

    fn configure_resources(&self, node: u32) {
        let operation = CibOperation {
            op: CibOp::Modify,
            section: Some("configuration".to_owned()),
            xml: CONFIGURATION.to_owned(),
            can_create: true,
            ..CibOperation::default()
        };
        self.client(node).apply(operation).unwrap();
        self.idle(node);
    }

    fn same_cib(&self, nodes: &[u32]) {
        until("equal CIBs", || {
            let versions = nodes.iter().map(|n| self.client(*n).version().unwrap());
            let versions: Vec<_> = versions.collect();
            versions.windows(2).all(|pair| pair[0] == pair[1]).then_some(())
        });
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for (_, child) in &mut self.daemons {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            for node in 1..=3 {
                let log = fs::read_to_string(self.dir.path().join(format!("n{node}.log")));
                eprintln!("--- n{node}:\n{}", log.unwrap_or_default());
            }
        }
    }
}

#[test]
fn failover_rejoin_third_node_and_clean_stop() {
    let mut cluster = Cluster::new();
    cluster.configure(2);
    cluster.start(1, "link");
    cluster.start(2, "link");
    cluster.joined(1, 2);
    cluster.configure_resources(1);
    let first = cluster.active("ip");
    assert_eq!(first.len(), 1);
    assert_eq!(cluster.active("service"), first, "colocation");

    let (crashed, survivor) = if first == [1] { (1, 2) } else { (2, 1) };
    cluster.power_off(crashed);
    cluster.joined(survivor, 1);
    cluster.idle(survivor);
    assert_eq!(cluster.active("ip"), [survivor]);
    assert_eq!(cluster.active("service"), [survivor]);

    cluster.start(crashed, "link");
    cluster.joined(crashed, 2);
    cluster.idle(crashed);
    assert_eq!(cluster.active("ip"), [survivor], "stickiness");
    assert_eq!(cluster.count(survivor, "stop ip"), 0);
    cluster.same_cib(&[1, 2]);

    cluster.configure(3);
    cluster.client(1).reload().unwrap();
    cluster.client(2).reload().unwrap();
    cluster.start(3, "link");
    cluster.joined(3, 3);
    cluster.idle(3);
    assert_eq!(cluster.active("ip"), [survivor]);
    cluster.same_cib(&[1, 2, 3]);

    cluster.client(survivor).shutdown().unwrap();
    assert!(cluster.wait_for_end(survivor).success());
    cluster.joined(3, 2);
    cluster.idle(3);
    let after = cluster.active("service");
    assert!(after.len() == 1 && after != [survivor], "moved to {after:?}");
    assert_eq!(cluster.active("ip"), after);
    assert_eq!(cluster.count(survivor, "stop ip"), 1);
}

#[test]
fn resources_of_a_killed_daemon_run_on_and_are_adopted() {
    let mut cluster = Cluster::new();
    cluster.configure(1);
    cluster.start(1, "local");
    cluster.joined(1, 1);
    cluster.configure_resources(1);
    assert_eq!(cluster.active("service"), [1]);

    cluster.kill(1);
    assert_eq!(cluster.active("service"), [1]);
    cluster.start(1, "local");
    cluster.joined(1, 1);
    cluster.idle(1);
    assert_eq!(cluster.active("service"), [1]);
    for call in ["start ip", "start service"] {
        assert_eq!(cluster.count(1, call), 1, "{call}");
    }
    for call in ["stop ip", "stop service"] {
        assert_eq!(cluster.count(1, call), 0, "{call}");
    }
}

#[test]
fn a_second_daemon_of_a_node_is_refused() {
    let mut cluster = Cluster::new();
    cluster.configure(1);
    cluster.start(1, "local");
    cluster.joined(1, 1);
    let output = cluster.command(1, "local").stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(69), "{said}");
    assert!(said.contains("a daemon for this node runs already"), "{said}");
    cluster.joined(1, 1);
}

#[test]
fn a_damaged_cib_is_not_forgotten() {
    let mut cluster = Cluster::new();
    cluster.configure(1);
    let state = cluster.node_dir(1).join("state");
    fs::create_dir_all(&state).unwrap();
    fs::write(state.join("cib.xml"), "<cib><configuration>").unwrap();
    let output = cluster.command(1, "local").stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(65), "{said}");
    assert!(said.contains("cib.xml") && said.contains("repair"), "{said}");
    assert_eq!(fs::read_to_string(state.join("cib.xml")).unwrap(), "<cib><configuration>");
    cluster.daemons.clear();
}
