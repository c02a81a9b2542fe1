//! The demo's cluster: its folder, its machines, its key and configuration.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::node::{Node, processes_of};
use super::options::{Engine, Options};
use super::place::Place;
use super::{DemoError, Result, agents, checks, machine, tell};

/// The nodes' names are the document's.
const NAMES: [&str; 3] = ["ha-asterisk-1", "ha-asterisk-2", "ha-asterisk-3"];
/// Last part of the first node's address, as in the document.
const FIRST_NUMBER: u8 = 50;
/// The document's node id of the first node; the others follow.
const FIRST_NODE_ID: u32 = 739_835_698;
/// What the document's cluster says of its own version: tools show such a cluster the classic way.
const DOCUMENT_VERSION: &str = "1.1.10-42f2063";
/// The document's file.
const CONFIGURATION: &str = include_str!("../../../fixtures/walkthrough/corosync.conf");

/// Everything that the demo runs.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) place: Place,
    pub(super) nodes: Vec<Node>,
    work: PathBuf,
    token_ms: u32,
    engine: Engine,
    settings: Vec<(&'static str, String)>,
    client: Option<(Child, Receiver<String>)>,
}

impl Cluster {
    /// Makes the folder, the machines, the shared key and the agents; starts nothing.
    pub(super) fn prepare(options: &Options, out: &mut dyn Write) -> Result<Self> {
        let work = tempfile::Builder::new()
            .prefix("crm-demo-")
            .tempdir()
            .map_err(machine("making the demo's folder"))?
            .keep();
        let place = Place::prepare(options.loopback)?;
        let stand_ins = place.needs_stand_ins();
        checks::holds("--engine corosync", options.engine == Engine::Link || !stand_ins, || {
            "needs root, iproute2, resource-agents and corosync".to_owned()
        })?;
        tell(out, &place.describe())?;
        if let Place::Namespaces(spaces) = &place {
            let record = work.join("namespaces");
            fs::write(&record, spaces.prefix())
                .map_err(machine(format!("writing {}", record.display())))?;
        }
        let program = std::env::current_exe().map_err(machine("finding this program"))?;
        let scripts = agents::write_init_script(&work, &program, &place.service_bind())?;
        let mut settings = vec![
            ("CRM_LSB_DIR", scripts.display().to_string()),
            ("CRM_DC_VERSION", DOCUMENT_VERSION.to_owned()),
        ];
        if stand_ins {
            settings.push(("OCF_ROOT", agents::write_stand_ins(&work)?.display().to_string()));
        }
        let (token_ms, engine) = (options.token, options.engine);
        let mut cluster =
            Cluster { place, nodes: Vec::new(), work, token_ms, engine, settings, client: None };
        cluster.write_key()?;
        cluster.add_node()?;
        cluster.add_node()?;
        Ok(cluster)
    }

    /// Adds the next node: its machine, and the file of every node names it from now on.
    pub(super) fn add_node(&mut self) -> Result<usize> {
        let index = self.nodes.len();
        let name = NAMES.get(index).ok_or_else(|| DemoError::Step {
            step: "adding a node".to_owned(),
            found: "the demo has three nodes at most".to_owned(),
        })?;
        let number = FIRST_NUMBER + u8::try_from(index).unwrap_or(0);
        let node = Node::create(&self.work, &self.place, name, number)?;
        self.nodes.push(node);
        let text = self.configuration();
        for node in &self.nodes {
            let path = node.conf();
            fs::write(&path, &text).map_err(machine(format!("writing {}", path.display())))?;
            let key = path.with_file_name("authkey");
            fs::copy(self.work.join("authkey"), &key)
                .map_err(machine(format!("writing {}", key.display())))?;
        }
        Ok(index)
    }

    /// Starts a node's daemon.
    pub(super) fn start(&mut self, index: usize) -> Result<()> {
        let settings = self.settings.clone();
        if self.nodes[index].processes_left() {
            self.nodes[index].kill_all();
        }
        self.nodes[index].start(&self.place, self.engine, &settings)
    }

    /// Boots a crashed node: its machine comes back, then its daemon.
    pub(super) fn boot(&mut self, index: usize) -> Result<()> {
        let node = &self.nodes[index];
        self.place.add_host(&node.name, node.number)?;
        self.start(index)
    }

    /// Crashes a node.
    pub(super) fn crash(&mut self, index: usize) {
        let place = self.place.clone();
        self.nodes[index].crash(&place);
    }

    /// Runs `crm` on a node.
    pub(super) fn crm(&self, index: usize, args: &[&str]) -> Result<Output> {
        self.nodes[index].crm(&self.place, args)
    }

    /// Makes a running node read its configuration file again.
    pub(super) fn reload(&self, index: usize) -> Result<Output> {
        self.nodes[index].reload(&self.place, self.engine)
    }

    /// Returns the index of the node called `name`.
    pub(super) fn index_of(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|n| n.name == name)
    }

    /// Starts the client that watches the service.
    pub(super) fn start_client(&mut self) -> Result<()> {
        let program = std::env::current_exe().map_err(machine("finding this program"))?;
        let mut command = self.place.command("client", &program);
        command.args(["tool", "demo-client", &self.place.service()]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.env("CRM_DEMO_NODE_DIR", self.work.join("client"));
        let mut child = command.spawn().map_err(machine("starting the client"))?;
        let (sender, receiver) = channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(std::result::Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        self.client = Some((child, receiver));
        Ok(())
    }

    /// Returns the client's next remark, or `None` where it has none within `patience`.
    pub(super) fn client_says(&self, patience: Duration) -> Option<String> {
        self.client.as_ref()?.1.recv_timeout(patience).ok()
    }

    /// Leaves everything running and says how to use and stop it.
    pub(super) fn keep(mut self, out: &mut dyn Write) -> Result<()> {
        self.stop_client();
        let socket = self.nodes[0].socket();
        tell(out, "\nThe cluster is left running. To play with it:")?;
        tell(out, &format!("    export CRM_SOCKET={}", socket.display()))?;
        tell(out, "    crm status")?;
        tell(out, "    crm configure show")?;
        tell(out, "To stop it and remove everything:")?;
        tell(out, &format!("    crm demo --stop {}", self.work.display()))?;
        Ok(())
    }

    /// Prints the end of each node's log; for a demo that failed.
    pub(super) fn tell_logs(&mut self, out: &mut dyn Write) {
        for node in &mut self.nodes {
            let state = if node.is_alive() { "running" } else { "not running" };
            let _ = writeln!(out, "\n--- log of {} ({state}), last lines", node.name);
            let log = node.log();
            let lines: Vec<&str> = log.lines().collect();
            for line in &lines[lines.len().saturating_sub(30)..] {
                let _ = writeln!(out, "{line}");
            }
        }
    }

    /// Stops everything and removes what was made.
    pub(super) fn stop(&mut self) {
        self.stop_client();
        for node in &mut self.nodes {
            node.kill_all();
        }
        self.place.remove();
        // What cannot be removed is in the system's own folder for temporary files.
        let _ = fs::remove_dir_all(&self.work);
    }

    fn stop_client(&mut self) {
        if let Some((mut child, _)) = self.client.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn write_key(&self) -> Result<()> {
        let path = self.work.join("authkey");
        let mut key = [0_u8; 256];
        let source = fs::File::open("/dev/urandom");
        source
            .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut key))
            .and_then(|()| fs::write(&path, key))
            .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o400)))
            .map_err(machine(format!("writing {}", path.display())))
    }

    /// Returns the document's file with this demo's addresses, token and encryption.
    fn configuration(&self) -> String {
        let mut nodes = String::new();
        for (offset, node) in (0_u32..).zip(&self.nodes) {
            let address = self.place.address(node.number);
            let id = FIRST_NODE_ID + offset;
            let name = &node.name;
            // Writing to a String cannot fail.
            let _ = write!(
                nodes,
                "        node {{\n                ring0_addr: {address}\n                \
                 name: {name}\n                nodeid: {id}\n        }}\n"
            );
        }
        let consensus_ms = self.token_ms + self.token_ms / 5;
        let text = CONFIGURATION
            .replace("token: 3000", &format!("token: {}", self.token_ms))
            .replace("consensus: 3600", &format!("consensus: {consensus_ms}"))
            .replace("<BINDNETADDR HERE>", &self.place.address(0));
        replace_section(&text, "nodelist {", &format!("nodelist {{\n{nodes}}}\n"))
    }
}

/// Replaces the top-level section that begins with the line `opening`.
fn replace_section(text: &str, opening: &str, replacement: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        match (inside, line) {
            (false, line) if line == opening => {
                inside = true;
                out.push_str(replacement);
            }
            (true, "}") => inside = false,
            (true, _) => {}
            (false, line) => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

/// Stops a cluster that `--keep` left in `work`.
///
/// # Errors
/// Where `work` is not a demo's folder; nothing was touched.
pub(super) fn stop_kept(work: &Path) -> Result<()> {
    let is_demo = work.join("authkey").exists()
        && work.file_name().is_some_and(|n| n.to_string_lossy().starts_with("crm-demo-"));
    if !is_demo {
        return Err(DemoError::Step {
            step: "stopping".to_owned(),
            found: format!("{} is not the folder of a demo", work.display()),
        });
    }
    let entries = fs::read_dir(work).map_err(machine(format!("reading {}", work.display())))?;
    for entry in entries.flatten() {
        for pid in processes_of(&entry.path()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
    if let Ok(name) = fs::read_to_string(work.join("namespaces")) {
        super::namespace::Namespaces::from_prefix(name.trim()).remove_all();
    }
    fs::remove_dir_all(work).map_err(machine(format!("removing {}", work.display())))
}
