//! Nodes as real processes: `cluster-linkd` of the built binary, on loopback addresses of their own,
//! with agents whose service is a real process that outlives its daemon.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use cluster_link::client::Client;
use cluster_link::protocol::NodeInfo;

use crate::binary::crm;

/// Longest time that anything may take here.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// How often a condition is looked at.
const PACE: Duration = Duration::from_millis(10);

/// The service is a process of its own session; what the agent is asked is written to `calls`. A
/// file `hang-ACTION` makes an action hang, `fail-ACTION` makes it fail. The parameter `place` gives
/// the service another name than that of its resource.
const AGENT: &str = r#"#!/bin/sh
name="${OCF_RESOURCE_INSTANCE:-$(basename "$0")}"
action="$1"
[ "$action" = status ] && action=monitor
pid_file="$NODE_DIR/${OCF_RESKEY_place:-$name}.pid"
echo "$action $name" >>"$NODE_DIR/calls"
[ -e "$NODE_DIR/hang-$action" ] && exec tail -f /dev/null
[ -e "$NODE_DIR/fail-$action" ] && { echo "ocf-exit-reason:told to fail" >&2; exit 1; }
alive() { [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; }
case "$action" in
start)
    alive && exit 0
    setsid tail -f /dev/null </dev/null >/dev/null 2>&1 &
    echo $! >"$pid_file" ;;
stop)
    alive && kill "$(cat "$pid_file")"
    rm -f "$pid_file" ;;
monitor)
    alive && exit 0
    [ -n "$OCF_RESOURCE_INSTANCE" ] && exit 7
    exit 3 ;;
meta-data)
    echo '<resource-agent name="service"><version>1</version><parameters>'
    for p in place a b c; do echo "<parameter name=\"$p\"/>"; done
    echo '</parameters><actions>'
    for a in start stop monitor meta-data; do echo "<action name=\"$a\" timeout=\"20\"/>"; done
    echo '</actions></resource-agent>' ;;
*) exit 3 ;;
esac
exit 0
"#;

/// Looks until `look` gives something.
///
/// # Panics
/// Where it does not in time.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what}: not within {} s", PATIENCE.as_secs());
        std::thread::park_timeout(PACE);
    }
}

/// The lines of one node's daemons so far.
#[derive(Clone, Debug, Default)]
struct Log(Arc<(Mutex<Vec<String>>, Condvar)>);

impl Log {
    fn follow(&self, source: impl std::io::Read + Send + 'static) {
        let log = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                let (lines, changed) = &*log.0;
                lines.lock().expect("no panic").push(line);
                changed.notify_all();
            }
        });
    }

    fn text(&self) -> String {
        self.0.0.lock().expect("no panic").join("\n")
    }

    fn wait_for(&self, text: &str) -> String {
        let (lines, changed) = &*self.0;
        let missing = |lines: &mut Vec<String>| !lines.iter().any(|line| line.contains(text));
        let lines = lines.lock().expect("no panic");
        let waited = changed.wait_timeout_while(lines, PATIENCE, missing).expect("no panic").0;
        let found = waited.iter().find(|line| line.contains(text)).cloned();
        found.unwrap_or_else(|| panic!("no line with {text:?} in\n{}", waited.join("\n")))
    }
}

/// Some nodes of one cluster, in one folder; everything ends with it.
#[derive(Debug)]
pub struct Cluster {
    dir: tempfile::TempDir,
    network: String,
    daemons: BTreeMap<u8, Child>,
    logs: BTreeMap<u8, Log>,
}

impl Cluster {
    /// Makes the folder of a cluster of nodes `n1`, `n2` …: agents, keys, corosync.conf.
    ///
    /// # Panics
    /// Where the file system refuses.
    pub fn new(nodes: u8) -> Cluster {
        static CLUSTERS: AtomicU16 = AtomicU16::new(0);
        let [high, low] = u16::try_from(std::process::id() % 0x8000).unwrap_or(0).to_be_bytes();
        let count = CLUSTERS.fetch_add(1, Ordering::Relaxed) % 60;
        let network = format!("127.{}.{low}.{}", high + 1, count * 4);
        let dir = tempfile::tempdir().expect("a folder");
        let cluster = Cluster { dir, network, daemons: BTreeMap::new(), logs: BTreeMap::new() };
        write_executable(&cluster.path("ocf/resource.d/test/service"), AGENT);
        write_executable(&cluster.path("init.d/lsbservice"), AGENT);
        for node in 1..=nodes {
            cluster.write_key(node, &[7; 256]);
        }
        cluster.configure(nodes, "");
        cluster
    }

    /// Returns a path in the cluster's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Returns a path in a node's folder.
    pub fn node_path(&self, node: u8, name: &str) -> PathBuf {
        self.path(&format!("n{node}")).join(name)
    }

    /// Returns a node's address.
    pub fn address(&self, node: u8) -> String {
        let (head, last) = self.network.rsplit_once('.').unwrap_or_default();
        format!("{head}.{}", last.parse::<u8>().unwrap_or(0) + node)
    }

    /// Writes corosync.conf for that many nodes, with more lines in `totem`; returns its text.
    ///
    /// # Panics
    /// Where the file system refuses.
    pub fn configure(&self, nodes: u8, totem: &str) -> String {
        let list: String = (1..=nodes)
            .map(|node| {
                let address = self.address(node);
                format!(
                    "    node {{\n        nodeid: {node}\n        name: n{node}\n        \
                     ring0_addr: {address}\n    }}\n"
                )
            })
            .collect();
        let text = format!(
            "totem {{\n    version: 2\n    cluster_name: tested\n    transport: udpu\n{totem}}}\n\
             nodelist {{\n{list}}}\nquorum {{\n    provider: corosync_votequorum\n}}\n"
        );
        for node in 1..=nodes {
            self.write_conf(node, &text);
        }
        text
    }

    /// Writes one node's corosync.conf.
    ///
    /// # Panics
    /// Where the file system refuses.
    pub fn write_conf(&self, node: u8, text: &str) {
        write(&self.node_path(node, "corosync.conf"), text.as_bytes());
    }

    /// Writes one node's authkey.
    ///
    /// # Panics
    /// Where the file system refuses.
    pub fn write_key(&self, node: u8, key: &[u8]) {
        let path = self.node_path(node, "authkey");
        // It is read-only.
        let _ = fs::remove_file(&path);
        write(&path, key);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("a mode");
    }

    /// Returns the daemon of a node with these arguments besides, ready to run.
    pub fn command(&self, node: u8, more: &[&str]) -> Command {
        let mut command = self.tool(node);
        command.args(["tool", "cluster-linkd", "--node", &format!("n{node}"), "--conf"]);
        command.arg(self.node_path(node, "corosync.conf"));
        command.arg("--state-dir").arg(self.node_path(node, "state"));
        command.arg("--socket").arg(self.node_path(node, "socket")).args(more);
        command
    }

    fn tool(&self, node: u8) -> Command {
        let mut command = Command::new(crm());
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("NODE_DIR", self.node_path(node, ""))
            .env("OCF_ROOT", self.path("ocf"))
            .env("CRM_LSB_DIR", self.path("init.d"))
            .env("CRM_SOCKET", self.node_path(node, "socket"))
            .stdin(Stdio::null());
        command
    }

    /// Runs `crm` on a node.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn crm(&self, node: u8, words: &[&str]) -> (i32, String) {
        said(&self.tool(node).args(words).output().expect("crm runs"))
    }

    /// Runs `crm` on a node, and it must succeed.
    ///
    /// # Panics
    /// Where it does not.
    pub fn crm_ok(&self, node: u8, words: &[&str]) -> String {
        let (code, text) = self.crm(node, words);
        assert_eq!(code, 0, "crm {words:?}: {text}\n{}", self.logs());
        text
    }

    /// Runs `crm` on a node as another user of the system, whose only group is `group`.
    ///
    /// # Panics
    /// Where it cannot be started; only root can.
    pub fn crm_as(&self, user: &str, group: &str, node: u8, words: &[&str]) -> (i32, String) {
        // The user may not see where the program was built, nor a folder of root's.
        let program = self.path("crm-for-all");
        if !program.exists() {
            fs::copy(crm(), &program).expect("a copy");
        }
        for dir in [self.path(""), self.node_path(node, "")] {
            fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).expect("a mode");
        }
        let tool = self.tool(node);
        let mut command = Command::new("setpriv");
        command.args(["--reuid", user, "--regid", group, "--clear-groups"]);
        command.arg(program).args(words).env_clear().stdin(Stdio::null());
        command.envs(tool.get_envs().filter_map(|(name, value)| Some((name, value?))));
        said(&command.output().expect("setpriv runs"))
    }

    /// Runs a node's daemon that is to end at once; returns its exit code and all that it said.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn refused(&self, node: u8, more: &[&str]) -> (i32, String) {
        let mut arguments = vec!["--foreground"];
        arguments.extend(more);
        said(&self.command(node, &arguments).output().expect("crm runs"))
    }

    /// Starts a node's daemon.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start(&mut self, node: u8, more: &[&str]) {
        let mut command = self.command(node, &["--foreground"]);
        command.args(more).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the daemon starts");
        let log = self.logs.entry(node).or_default();
        log.follow(child.stderr.take().expect("piped"));
        self.daemons.insert(node, child);
    }

    /// Waits for a line of a node's daemon; returns it.
    ///
    /// # Panics
    /// Where it does not come.
    pub fn wait_for_line(&self, node: u8, text: &str) -> String {
        self.logs[&node].wait_for(text)
    }

    /// Returns what a node's daemons have said.
    pub fn log(&self, node: u8) -> String {
        self.logs.get(&node).map(Log::text).unwrap_or_default()
    }

    fn logs(&self) -> String {
        self.logs.iter().map(|(node, log)| format!("--- n{node}\n{}\n", log.text())).collect()
    }

    /// SIGKILL for the daemon alone: what it runs stays.
    ///
    /// # Panics
    /// Where it does not run.
    pub fn kill(&mut self, node: u8) {
        let mut child = self.daemons.remove(&node).expect("a daemon");
        child.kill().expect("it runs");
        child.wait().expect("a child");
    }

    /// Everything that ran on a node is gone, as after a power failure.
    ///
    /// # Panics
    /// Where its daemon does not run.
    pub fn power_off(&mut self, node: u8) {
        self.kill(node);
        kill_marked(&format!("NODE_DIR={}", self.node_path(node, "").display()));
        let Ok(files) = fs::read_dir(self.node_path(node, "")) else { return };
        for file in files.flatten().filter(|f| f.path().extension().is_some_and(|e| e == "pid")) {
            fs::remove_file(file.path()).expect("a file");
        }
    }

    /// Waits until a node's daemon has ended.
    ///
    /// # Panics
    /// Where it goes on.
    pub fn wait_for_end(&mut self, node: u8) -> ExitStatus {
        let mut child = self.daemons.remove(&node).expect("a daemon");
        until("the daemon's end", || child.try_wait().expect("a child"))
    }

    /// Returns a connection to a node's daemon.
    ///
    /// # Panics
    /// Where it does not serve.
    pub fn client(&self, node: u8) -> Client {
        let socket = self.node_path(node, "socket");
        until("a connection", || Client::connect(&socket, "test").ok())
    }

    /// Waits until a node is in a cluster of that many members with a DC among them.
    ///
    /// # Panics
    /// Where it does not happen.
    pub fn joined(&self, node: u8, members: usize) -> NodeInfo {
        until(&format!("{members} members"), || {
            let info = self.client(node).node_info().ok()?;
            let whole = info.joined && info.members.len() == members;
            (whole && info.dc.is_some_and(|dc| info.members.iter().any(|(n, _)| *n == dc)))
                .then_some(info)
        })
    }

    /// Waits until the cluster has nothing to do.
    ///
    /// # Panics
    /// Where it always has.
    pub fn idle(&self, node: u8) {
        let idle = self.client(node).wait_idle(PATIENCE);
        assert!(idle.is_ok(), "{idle:?}\n{}", self.logs());
    }

    /// Returns the process of a resource's service on a node, where it runs.
    pub fn service(&self, node: u8, resource: &str) -> Option<u32> {
        let text = fs::read_to_string(self.node_path(node, &format!("{resource}.pid"))).ok()?;
        let pid = text.trim().parse().ok()?;
        Path::new(&format!("/proc/{pid}")).exists().then_some(pid)
    }

    /// Returns how often an agent was asked something on a node, for example `start a`.
    pub fn calls(&self, node: u8, call: &str) -> usize {
        let calls = fs::read_to_string(self.node_path(node, "calls")).unwrap_or_default();
        calls.lines().filter(|line| *line == call).count()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in self.daemons.values_mut() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
        kill_marked(&format!("NODE_DIR={}", self.dir.path().display()));
    }
}

/// Kills all processes whose environment has an entry that begins so: agents and services.
fn kill_marked(mark: &str) {
    let Ok(processes) = fs::read_dir("/proc") else { return };
    for process in processes.flatten() {
        let environ = fs::read(process.path().join("environ")).unwrap_or_default();
        let ours = environ.split(|b| *b == 0).any(|e| e.starts_with(mark.as_bytes()));
        if ours && let Some(pid) = process.file_name().to_str() {
            let _ = Command::new("kill").args(["-9", pid]).stderr(Stdio::null()).status();
        }
    }
}

fn said(output: &Output) -> (i32, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let all = text(&output.stdout) + &text(&output.stderr);
    (output.status.code().unwrap_or(-1), all)
}

fn write(path: &Path, text: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn write_executable(path: &Path, text: &str) {
    write(path, text.as_bytes());
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
}
