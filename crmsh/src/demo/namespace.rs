//! Network namespaces: one for each node, one for the client, one with the bridge between them.

use std::path::Path;
use std::process::Command;

use super::{DemoError, Result, machine};

/// The namespaces of one demo; their names begin with `prefix`.
#[derive(Debug, Clone)]
pub(super) struct Namespaces {
    prefix: String,
}

impl Namespaces {
    /// Returns true where this process may make namespaces and has what it takes.
    pub(super) fn possible() -> bool {
        let agent = Path::new("/usr/lib/ocf/resource.d/heartbeat/IPaddr2").exists();
        let probe = format!("crmdemo{}t", std::process::id());
        let made = agent && ip(&["netns", "add", &probe]).is_ok();
        made && ip(&["netns", "del", &probe]).is_ok()
    }

    /// Makes the bridge's namespace.
    pub(super) fn create(prefix: String) -> Result<Self> {
        let spaces = Namespaces { prefix };
        let bridge = spaces.name("bridge");
        ip(&["netns", "add", &bridge])?;
        ip(&["-n", &bridge, "link", "add", "br0", "type", "bridge", "forward_delay", "0"])?;
        ip(&["-n", &bridge, "link", "set", "br0", "up"])?;
        Ok(spaces)
    }

    /// Names the namespaces that an earlier demo made.
    pub(super) fn from_prefix(prefix: &str) -> Self {
        Namespaces { prefix: prefix.to_owned() }
    }

    /// Returns what the names of all namespaces of this demo begin with.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the full name of a namespace.
    pub(super) fn name(&self, host: &str) -> String {
        format!("{}-{host}", self.prefix)
    }

    /// Makes a host with `address` on the demo's network.
    pub(super) fn add_host(&self, host: &str, number: u8, address: &str) -> Result<()> {
        let (space, bridge) = (self.name(host), self.name("bridge"));
        let port = format!("e{number}");
        ip(&["netns", "add", &space])?;
        let peer = ["peer", "name", "eth0", "netns", &space];
        let link = ["link", "add", &port, "netns", &bridge, "type", "veth"];
        ip(&[&link[..], &peer[..]].concat())?;
        ip(&["-n", &bridge, "link", "set", &port, "master", "br0", "up"])?;
        ip(&["-n", &space, "link", "set", "lo", "up"])?;
        ip(&["-n", &space, "link", "set", "eth0", "up"])?;
        ip(&["-n", &space, "addr", "add", &format!("{address}/24"), "dev", "eth0"])
    }

    /// Takes a host's cable out and its addresses away: a dead machine answers nothing.
    pub(super) fn remove_host(&self, host: &str, number: u8) {
        let bridge = self.name("bridge");
        let _ = ip(&["-n", &bridge, "link", "del", &format!("e{number}")]);
        let _ = ip(&["netns", "del", &self.name(host)]);
    }

    /// Removes every namespace of the demo.
    pub(super) fn remove_all(&self) {
        let Ok(listed) = Command::new("ip").args(["netns", "list"]).output() else { return };
        let begins = format!("{}-", self.prefix);
        for line in String::from_utf8_lossy(&listed.stdout).lines() {
            if let Some(name) = line.split_whitespace().next().filter(|n| n.starts_with(&begins)) {
                let _ = ip(&["netns", "del", name]);
            }
        }
    }
}

fn ip(args: &[&str]) -> Result<()> {
    let command = || format!("ip {}", args.join(" "));
    let done = Command::new("ip").args(args).output().map_err(machine(command()))?;
    if done.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    Err(DemoError::Program { command: command(), stderr })
}
