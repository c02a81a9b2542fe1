//! The document, step by step, each step checked.

use std::io::Write;
use std::time::{Duration, Instant};

use super::cluster::Cluster;
use super::options::Options;
use super::{DemoError, Result, checks, tell};

/// The document's commands, one a line.
const COMMANDS: &str = include_str!("../../../fixtures/walkthrough/commands.txt");
/// How many of them come before the first listing.
const BASIC_COMMANDS: usize = 3;
/// The document's listings, with its address.
const LISTINGS: [&str; 2] = [
    include_str!("../../../fixtures/walkthrough/listing1.classic.txt"),
    include_str!("../../../fixtures/walkthrough/listing2.classic.txt"),
];
/// The floating address in the document's second listing.
const DOCUMENT_ADDRESS: &str = "44.24.255.49";
/// How long the cluster may take for anything.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long nothing may happen before the demo says that nothing happened.
const CALM: Duration = Duration::from_millis(1500);

/// Plays the whole document.
pub(super) fn run(cluster: &mut Cluster, options: &Options, out: &mut dyn Write) -> Result<()> {
    start(cluster, out)?;
    let commands: Vec<&str> = COMMANDS.lines().collect();
    let (basic, services) = commands.split_at(BASIC_COMMANDS.min(commands.len()));
    title(out, "Configure the basic settings of the running cluster")?;
    type_all(cluster, basic, out)?;
    show(cluster, LISTINGS[0], out)?;
    title(out, "Configure a highly available address and a service that moves with it")?;
    type_all(cluster, services, out)?;
    show(cluster, LISTINGS[1], out)?;
    let mut serving = first_answer(cluster, out)?;
    let mut outages = Vec::new();
    for _ in 0..options.crashes {
        let (took_over, outage_ms) = crash(cluster, &serving, out)?;
        come_back(cluster, &serving, &took_over, out)?;
        serving = took_over;
        outages.push(outage_ms);
    }
    third_node(cluster, &serving, out)?;
    outages.sort_unstable();
    if let Some(median) = outages.get(outages.len() / 2) {
        let (count, token) = (outages.len(), options.token);
        tell(
            out,
            &format!(
                "\nClient-visible outage: median {median} ms of {count} crashes (token {token} ms)."
            ),
        )?;
    }
    tell(out, "Every step was checked.")
}

fn title(out: &mut dyn Write, text: &str) -> Result<()> {
    tell(out, &format!("\n== {text}\n"))
}

fn start(cluster: &mut Cluster, out: &mut dyn Write) -> Result<()> {
    title(out, "Start the cluster on both nodes")?;
    let begun = Instant::now();
    cluster.start(0)?;
    cluster.start(1)?;
    let step = "both nodes online with a DC";
    wait_online(cluster, 0, step, &["ha-asterisk-1", "ha-asterisk-2"])?;
    tell(
        out,
        &format!("(both nodes are online with a DC after {} ms)", begun.elapsed().as_millis()),
    )?;
    let text = type_one(cluster, 0, "crm_mon -A1f", out)?;
    checks::holds("crm_mon", text.contains("2 Nodes configured"), || text.clone())
}

fn wait_online(cluster: &Cluster, at: usize, step: &str, names: &[&str]) -> Result<()> {
    let online = format!("Online: [ {} ]", names.join(" "));
    checks::until(step, PATIENCE, || {
        let text = said(cluster, at, "crm_mon -A1f").map_err(|e| e.to_string())?;
        let ready = text.contains(&online) && text.contains("Current DC: ha-asterisk");
        ready.then_some(()).ok_or(text)
    })
}

fn type_all(cluster: &Cluster, commands: &[&str], out: &mut dyn Write) -> Result<()> {
    for command in commands {
        let command = command.replace("IP_ADDRESS_HERE", &cluster.place.floating());
        type_one(cluster, 0, &command, out)?;
    }
    Ok(())
}

/// Types a command on a node and tells it with its output.
fn type_one(cluster: &Cluster, at: usize, command: &str, out: &mut dyn Write) -> Result<String> {
    let name = &cluster.nodes[at].name;
    tell(out, &format!("root@{name}:~# {command}"))?;
    let text = said(cluster, at, command)?;
    if !text.is_empty() {
        tell(out, text.trim_end_matches('\n'))?;
    }
    Ok(text)
}

fn said(cluster: &Cluster, at: usize, command: &str) -> Result<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let args: Vec<&str> = match words.split_first() {
        Some((&"crm", rest)) => rest.to_vec(),
        _ => [&["tool"][..], &words[..]].concat(),
    };
    let done = cluster.crm(at, &args)?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(text);
    }
    let stderr = format!("{text}{}", String::from_utf8_lossy(&done.stderr));
    Err(DemoError::Program { command: command.to_owned(), stderr })
}

fn show(cluster: &Cluster, listing: &str, out: &mut dyn Write) -> Result<()> {
    let shown = type_one(cluster, 0, "crm configure show", out)?;
    let expected = listing.replace(DOCUMENT_ADDRESS, &cluster.place.floating());
    checks::same("crm configure show", &shown, &expected)?;
    tell(out, "(byte for byte the document's listing, but for the address)")
}

/// Starts the client once the cluster has settled: each command typed has its own effect, and the
/// service may have started elsewhere before it was told to follow the address.
fn first_answer(cluster: &mut Cluster, out: &mut dyn Write) -> Result<String> {
    said(cluster, 0, "crm -w status")?;
    cluster.start_client()?;
    let remark = cluster.client_says(PATIENCE);
    let node = remark.as_deref().and_then(|r| r.strip_prefix("up ")).map(str::to_owned);
    let node = node.ok_or_else(|| DemoError::Step {
        step: "the service answers at its address".to_owned(),
        found: remark.unwrap_or_else(|| "no answer".to_owned()),
    })?;
    together(cluster, 0, &node, out)?;
    tell(out, &format!("(a client is answered by {node})"))?;
    Ok(node)
}

/// Checks in `crm_mon` that the address and the service run on `node`.
fn together(cluster: &Cluster, at: usize, node: &str, out: &mut dyn Write) -> Result<()> {
    let on_node = format!("Started {node}");
    checks::until("address and service on one node", PATIENCE, || {
        let text = said(cluster, at, "crm_mon -A1f").map_err(|e| e.to_string())?;
        (text.matches(&on_node).count() == 2).then_some(()).ok_or(text)
    })?;
    type_one(cluster, at, "crm_mon -A1f", out).map(drop)
}

fn crash(cluster: &mut Cluster, serving: &str, out: &mut dyn Write) -> Result<(String, u64)> {
    title(out, &format!("{serving}, which runs the service, dies"))?;
    let index = cluster.index_of(serving).unwrap_or(0);
    cluster.crash(index);
    let remark = cluster.client_says(PATIENCE).unwrap_or_else(|| "nothing".to_owned());
    let words: Vec<&str> = remark.split_whitespace().collect();
    let ["outage", ms, from, to] = words[..] else {
        return Err(DemoError::Step {
            step: "the other node takes over".to_owned(),
            found: remark,
        });
    };
    checks::holds("the other node takes over", from == serving && to != serving, || {
        remark.clone()
    })?;
    tell(
        out,
        &format!("(killed; a client was without an answer for {ms} ms, then {to} answered)"),
    )?;
    let survivor = cluster.index_of(to).unwrap_or(0);
    together(cluster, survivor, to, out)?;
    Ok((to.to_owned(), ms.parse().unwrap_or(u64::MAX)))
}

fn come_back(cluster: &mut Cluster, dead: &str, serving: &str, out: &mut dyn Write) -> Result<()> {
    title(out, &format!("{dead} returns, and nothing moves"))?;
    let (index, survivor) =
        (cluster.index_of(dead).unwrap_or(0), cluster.index_of(serving).unwrap_or(0));
    cluster.boot(index)?;
    let names = ["ha-asterisk-1", "ha-asterisk-2"];
    wait_online(cluster, survivor, "the node is online again", &names)?;
    nothing_moved(cluster, survivor, serving, out)
}

fn nothing_moved(cluster: &Cluster, at: usize, serving: &str, out: &mut dyn Write) -> Result<()> {
    let remark = cluster.client_says(CALM);
    checks::holds("nothing moves", remark.is_none(), || remark.clone().unwrap_or_default())?;
    together(cluster, at, serving, out)?;
    tell(out, "(the client noticed nothing)")
}

fn third_node(cluster: &mut Cluster, serving: &str, out: &mut dyn Write) -> Result<()> {
    title(out, "Add a node to an existing cluster")?;
    tell(out, "(ha-asterisk-3 is added to the nodelist in corosync.conf on all nodes)")?;
    let index = cluster.add_node()?;
    for at in 0..index {
        let done = cluster.reload(at)?;
        checks::holds("reloading corosync.conf", done.status.success(), || {
            String::from_utf8_lossy(&done.stderr).into_owned()
        })?;
    }
    cluster.start(index)?;
    let survivor = cluster.index_of(serving).unwrap_or(0);
    let names = ["ha-asterisk-1", "ha-asterisk-2", "ha-asterisk-3"];
    wait_online(cluster, survivor, "the third node is online", &names)?;
    nothing_moved(cluster, survivor, serving, out)
}
