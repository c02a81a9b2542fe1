//! Scripts of `fixtures/link/*.txt`: commands, `----`, what is printed, a blank line.
//!
//! `cluster nodes=N seed=S [policy=P]` begins. `start`, `kill`, `crash`, `stop` name nodes.
//! `cut n1 | n2 n3` and `heal` change the network. `resource NODE ID` adds a primitive,
//! `fail NODE ID` makes its next start fail. `settle` runs until nothing moves, `advance 30s` lets
//! time pass; both print the agents' actions. `show` prints each partition.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use cluster_link::group::NodeId;

use crate::check;
use crate::world::World;

fn node(word: &str) -> NodeId {
    word.trim_start_matches('n').parse().unwrap()
}

fn value<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().find_map(|w| w.strip_prefix(name)?.strip_prefix('='))
}

fn show(world: &World) -> String {
    let mut text = String::new();
    for members in world.network.components() {
        let names: Vec<String> = members.iter().map(|n| format!("n{n}")).collect();
        let cores = world.hosts[&members[0]].node.as_ref().unwrap();
        let dc = cores.dc().map_or("none".to_owned(), |dc| format!("n{dc}"));
        let quorum = cores.cib().root().attr("have-quorum") == Some("1");
        let _ = write!(text, "{}: dc {dc}", names.join(" "));
        let _ = write!(text, "{}", if quorum { ", quorum" } else { ", no quorum" });
        for &node in &members {
            for rsc in &world.hosts[&node].agents.active {
                let _ = write!(text, ", {rsc} on n{node}");
            }
        }
        text.push('\n');
    }
    text
}

fn command(world: &mut Option<World>, line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (verb, rest) = words.split_first().unwrap();
    if *verb == "cluster" {
        let nodes = value(rest, "nodes").unwrap().parse().unwrap();
        let seed = value(rest, "seed").map_or(1, |s| s.parse().unwrap());
        *world = Some(World::new(nodes, seed, value(rest, "policy").unwrap_or("stop")));
        return String::new();
    }
    let world = world.as_mut().unwrap();
    match (*verb, rest) {
        ("start", nodes) => nodes.iter().for_each(|n| world.start(node(n))),
        ("kill", nodes) => nodes.iter().for_each(|n| world.kill(node(n))),
        ("crash", nodes) => nodes.iter().for_each(|n| world.crash(node(n))),
        ("stop", nodes) => nodes.iter().for_each(|n| world.shutdown(node(n))),
        ("heal", _) => world.network.cut(&[], &mut world.random),
        ("cut", _) => {
            let mut sides = Vec::new();
            for (side, part) in (0..).zip(line.trim_start_matches("cut").split('|')) {
                sides.extend(part.split_whitespace().map(|n| (node(n), side)));
            }
            world.network.cut(&sides, &mut world.random);
        }
        ("resource", [at, rsc]) => {
            world.add_resource(node(at), rsc);
        }
        ("fail", [at, rsc]) => {
            world.hosts.get_mut(&node(at)).unwrap().agents.failing.insert((*rsc).to_owned());
        }
        ("settle", _) => {
            world.settle();
            check::at_rest(world);
        }
        ("advance", [time]) => {
            let seconds: u64 = time.trim_end_matches('s').parse().unwrap();
            world.advance(seconds * 1000);
        }
        ("show", _) => return show(world),
        ("log", _) => return world.log.join("\n") + "\n",
        _ => panic!("unknown command: {line}"),
    }
    let actions = std::mem::take(&mut world.actions);
    actions.iter().map(|a| format!("> {a}\n")).collect()
}

/// Runs a script and returns it with what was printed really.
fn run(text: &str) -> String {
    let mut world = None;
    let mut out = String::new();
    let mut expected = false;
    let mut printed = String::new();
    for line in text.lines() {
        if expected {
            if line.is_empty() {
                expected = false;
                out.push('\n');
            }
            continue;
        }
        out.push_str(line);
        out.push('\n');
        match line {
            "----" => {
                expected = true;
                out.push_str(&std::mem::take(&mut printed));
            }
            _ if line.is_empty() || line.starts_with('#') => {}
            _ => printed.push_str(&command(&mut world, line)),
        }
    }
    out
}

fn scripts() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/link");
    let mut found: Vec<PathBuf> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|p| p.extension().is_some_and(|e| e == "txt"));
    found.sort();
    found
}

/// With `UPDATE_FIXTURES` set the scripts are written anew instead of compared.
#[test]
fn scripts_print_what_they_say() {
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    assert!(!scripts().is_empty());
    for path in scripts() {
        let text = fs::read_to_string(&path).unwrap();
        let real = run(&text);
        if update {
            fs::write(&path, &real).unwrap();
        }
        assert!(update || real == text, "{} prints now:\n{real}", path.display());
    }
}
