//! `crmadmin`: who coordinates the cluster, how a node's controller does, which nodes there are.
//!
//! **Source:** pacemaker `tools/crmadmin.c`, `lib/pacemaker/pcmk_cluster_queries.c`.
//! **Differs:** only the daemon of this node is asked; what it does not know of another node's
//! controller is told as `S_NOT_DC`. `--pacemakerd` is not supported.

use std::path::Path;
use std::time::Duration;

use cib_model::Cib;
use cib_model::xml::{ElementRef, Tree};
use clap::Parser;
use cluster_link::client::{Client, ClientError};
use cluster_link::protocol::NodeInfo;

use super::cib_place::{CibPlace, Sentences};
use super::node_name::is_remote;
use super::reply::{Common, Reply, Stop, answer, element, set};
use crate::backend::daemon_socket;
use crate::console::Console;
use crate::exit::Exit;

/// Ask the cluster's controllers
#[derive(Parser, Clone, Debug, Default)]
#[command(args_override_self = true, name = "crmadmin", disable_version_flag = true)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Print the answer alone
    #[arg(short = 'q', long)]
    quiet: bool,
    /// Print the node that coordinates the cluster
    #[arg(short = 'D', long = "dc_lookup")]
    dc: bool,
    /// Print the state of a node's controller
    #[arg(short = 'S', long, value_name = "NODE")]
    status: Option<String>,
    /// Print the nodes there are: all, or those of some types (cluster, guest, remote)
    #[arg(short = 'N', long, value_name = "TYPES", num_args = 0..=1, default_missing_value = "all")]
    nodes: Option<String>,
    /// Print nodes as commands of a shell
    #[arg(short = 'B', long)]
    bash_export: bool,
    /// Print the state of the daemons
    #[arg(short = 'P', long)]
    pacemakerd: bool,
    /// How long to wait for an answer; no effect here
    #[arg(short = 't', long, value_name = "DURATION")]
    timeout: Option<String>,
    /// The name to ask by; no effect here
    #[arg(short = 'i', long, value_name = "NAME")]
    ipc_name: Option<String>,
}

/// How the tool begins its sentences.
const SENTENCES: Sentences =
    Sentences { unreachable: "Could not connect to the CIB", failed: "Command failed" };

/// How long the DC is asked whether it has anything to do.
const IDLE_LIMIT: Duration = Duration::from_millis(100);

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("crmadmin", argv, console, |options: &Options| &options.common, work)
}

fn work(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let done = if let Some(types) = &options.nodes {
        nodes(options, types, reply)
    } else if let Some(node) = &options.status {
        status(options, node, reply)
    } else if options.dc {
        coordinator(options, reply)
    } else if options.pacemakerd {
        let text = "-P/--pacemakerd is not supported here";
        return Err(Stop::new(Exit::UNIMPLEMENTED, text));
    } else {
        reply.error("error: Must specify a command option");
        return Ok(Exit::TOOL_USAGE);
    };
    // Pacemaker's sentences begin without the tool's name here.
    done.or_else(|Failure { exit, why }| {
        reply.error(&format!("error: Command failed: {why}"));
        Ok(exit)
    })
}

/// Why it failed.
struct Failure {
    exit: Exit,
    why: String,
}

impl Failure {
    fn new(exit: Exit, why: impl Into<String>) -> Failure {
        Failure { exit, why: why.into() }
    }
}

fn nodes(options: &Options, types: &str, reply: &mut Reply<'_>) -> Result<Exit, Failure> {
    let cib = CibPlace::open(None, SENTENCES).query().map_err(|stop| match stop.exit {
        Exit::NO_SUCH => Failure::new(Exit::NO_INPUT, "Input file not available"),
        exit => Failure::new(exit, stop.text),
    })?;
    let mut tree = Tree::new("nodes");
    let root = tree.root_id();
    let mut found = false;
    let asked: Vec<&str> = types.split(',').collect();
    for kind in ["cluster", "guest", "remote"] {
        if !asked.iter().any(|asked| matches!(*asked, "" | "all") || *asked == kind) {
            continue;
        }
        for (name, id) in nodes_of(&cib, kind) {
            found = true;
            let at = tree.append(root, "node");
            set(&mut tree, at, &[("type", kind), ("name", name), ("id", id)]);
            if options.quiet {
                reply.info(name);
            } else if options.bash_export {
                reply.info(&format!("export {name}={id}"));
            } else {
                reply.info(&format!("{kind} node: {name} ({id})"));
            }
        }
    }
    reply.element(&tree);
    if !found && !options.quiet {
        reply.info("No nodes configured");
    }
    Ok(Exit::OK)
}

/// Returns names and ids of the nodes of a kind, in document order.
fn nodes_of<'c>(cib: &'c Cib, kind: &str) -> Vec<(&'c str, &'c str)> {
    let same = |id: Option<&'c str>| id.map(|id| (id, id));
    let resources = || {
        let all = cib.resources().into_iter().flat_map(ElementRef::descendants);
        all.filter(|element| element.name() == "primitive")
    };
    match kind {
        "cluster" => {
            let listed = cib.nodes().into_iter().flat_map(|nodes| nodes.children_named("node"));
            let members = listed.filter(|node| node.attr("type") != Some("remote"));
            members
                .filter_map(|node| Some((node.attr("uname").or(node.id())?, node.id()?)))
                .collect()
        }
        "guest" => resources()
            .flat_map(|rsc| rsc.children_named("meta_attributes"))
            .flat_map(|attributes| attributes.children_named("nvpair"))
            .filter(|pair| pair.attr("name") == Some("remote-node"))
            .filter_map(|pair| same(pair.attr("value")))
            .collect(),
        _ => resources().filter(|rsc| is_remote(*rsc)).filter_map(|rsc| same(rsc.id())).collect(),
    }
}

/// Asks this node's daemon what it knows.
fn ask(reply: &mut Reply<'_>) -> Result<(Client, NodeInfo), Failure> {
    match daemon_socket().map(|socket| connect(&socket)) {
        Some(Ok(answered)) => Ok(answered),
        Some(Err(ClientError::Refused(_))) => {
            Err(Failure::new(Exit::NO_PERMISSION, "Permission denied"))
        }
        Some(Err(_)) | None => {
            reply.error("error: Could not connect to controller: Connection refused");
            Err(Failure::new(Exit::DISCONNECTED, "Connection refused"))
        }
    }
}

fn connect(socket: &Path) -> Result<(Client, NodeInfo), ClientError> {
    let mut client = Client::connect(socket, "crmadmin")?;
    let info = client.node_info()?;
    Ok((client, info))
}

fn name_of(info: &NodeInfo, node: Option<u32>) -> Option<&str> {
    let found = info.members.iter().find(|(number, _)| Some(*number) == node);
    found.map(|(_, name)| name.as_str())
}

fn coordinator(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Failure> {
    let (_, info) = ask(reply)?;
    let dc = name_of(&info, info.dc);
    reply.element(&element("dc", &[("node_name", dc.unwrap_or_default())]));
    if options.quiet {
        if let Some(dc) = dc {
            reply.info(dc);
        }
    } else {
        reply.info(&format!("Designated Controller is: {}", dc.unwrap_or("not yet elected")));
    }
    match dc {
        Some(_) => Ok(Exit::OK),
        None => Err(Failure::new(Exit::FAILED, "DC is not yet elected")),
    }
}

fn status(options: &Options, node: &str, reply: &mut Reply<'_>) -> Result<Exit, Failure> {
    let (mut client, info) = ask(reply)?;
    if !info.members.iter().any(|(_, name)| name == node) && info.name != node {
        reply.error(&format!("error: Could not ping controller API on {node}: Node not found"));
        return Err(Failure::new(Exit::NO_HOST, "Node not found"));
    }
    let state = state(&mut client, &info, node);
    if options.quiet {
        reply.info(state);
    } else {
        reply.info(&format!("Controller on {node} in state {state}: ok"));
    }
    let attrs = [("node_name", node), ("state", state), ("result", "ok")];
    reply.element(&element("crmd", &attrs));
    Ok(Exit::OK)
}

/// Returns the state of a controller by the name Pacemaker's has.
fn state(client: &mut Client, info: &NodeInfo, node: &str) -> &'static str {
    if info.name == node && info.leaving {
        "S_STOPPING"
    } else if info.name == node && !info.joined {
        "S_PENDING"
    } else if name_of(info, info.dc) != Some(node) {
        "S_NOT_DC"
    } else if client.wait_idle(IDLE_LIMIT).is_ok() {
        "S_IDLE"
    } else {
        "S_TRANSITION_ENGINE"
    }
}
