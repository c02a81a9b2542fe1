//! The implicit resources of bundles: container, IP address, connection, and the clone inside.
//!
//! **Source:** pacemaker `lib/pengine/bundle.c` (`pe__unpack_bundle()`,
//! `create_replica_resources()`).

use std::fmt::Write as _;

use cib_model::xml::{ElementRef, Tree, XmlId};

use super::expand::{self, Connection, Expanded};
use crate::diagnostics::Diagnostics;

/// Port of the connection to a container where the bundle names none.
const REMOTE_PORT: &str = "3121";
/// The authentication key, the same path on the host and in the container.
const REMOTE_KEY: &str = "/etc/pacemaker/authkey";
/// Folder for the containers' logs on the host.
const BUNDLE_LOGS: &str = "/var/log/pacemaker/bundles";
/// What a container with a primitive runs where the bundle names nothing.
const REMOTED: &str = "/usr/sbin/pacemaker-remoted";

/// Parts of one bundle, as elements of the working copy.
#[derive(Debug, Clone, Default)]
pub(super) struct BundleXml {
    /// `docker` or `podman`.
    pub(super) agent: String,
    pub(super) image: String,
    pub(super) promoted_max: i32,
    pub(super) nreplicas: u32,
    pub(super) per_host: u32,
    /// The clone around the primitive.
    pub(super) clone: Option<XmlId>,
    pub(super) replicas: Vec<ReplicaXml>,
}

/// Parts of one replica.
#[derive(Debug, Clone)]
pub(super) struct ReplicaXml {
    pub(super) ipaddr: Option<String>,
    pub(super) container: XmlId,
    pub(super) ip: Option<XmlId>,
    pub(super) remote: Option<XmlId>,
    /// Name of the node the container is.
    pub(super) node_name: String,
}

/// Writes out the parts of every bundle below `resources`. A bundle that cannot be used gets none.
pub(super) fn run(expanded: &mut Expanded, resources: XmlId, diagnostics: &mut Diagnostics) {
    let bundles: Vec<XmlId> = expanded
        .tree
        .element(resources)
        .into_iter()
        .flat_map(|r| r.children_named("bundle").map(ElementRef::xml_id).collect::<Vec<_>>())
        .collect();
    if bundles.is_empty() {
        return;
    }
    let root = expanded.tree.root_id();
    let implicit = expanded.tree.append(root, "implicit");
    for bundle in bundles {
        let Some(config) = expanded.tree.element(bundle).and_then(Config::read) else { continue };
        if config.primitive.is_some() && !config.valid_network() {
            diagnostics.error(format!(
                "Cannot control {} without either ip-range-start or control-port",
                config.prefix
            ));
            continue;
        }
        let parts = config.write(&mut expanded.tree, implicit);
        expanded.bundles.insert(bundle, parts);
    }
}

struct Mount {
    source: String,
    target: String,
    options: Option<String>,
    subdir: bool,
}

struct Config {
    prefix: String,
    agent: &'static str,
    image: String,
    promoted_max: i32,
    nreplicas: u32,
    per_host: u32,
    command: Option<String>,
    options: Option<String>,
    network: Option<String>,
    ip_range_start: Option<String>,
    host_netmask: Option<String>,
    host_interface: Option<String>,
    control_port: Option<String>,
    add_host: bool,
    ports: Vec<(String, String)>,
    mounts: Vec<Mount>,
    primitive: Option<XmlId>,
}

/// Most replicas a bundle is given: each is a node of the cluster.
///
/// COMPAT(pacemaker 3.x, bundle.c pe__unpack_bundle()): the reference has no bound.
const REPLICAS_MAX: u32 = 100;

fn count(text: Option<&str>, minimum: u32) -> u32 {
    let number = text.and_then(|t| t.trim().parse::<i64>().ok()).unwrap_or(0);
    u32::try_from(number).unwrap_or(0).max(minimum)
}

impl Config {
    fn read(bundle: ElementRef<'_>) -> Option<Self> {
        let agent = ["docker", "podman"].into_iter().find(|a| bundle.child(a).is_some())?;
        let container = bundle.child(agent)?;
        let text = |name: &str| container.attr(name).map(str::to_owned);
        let network = bundle.child("network");
        let net = |name: &str| network.and_then(|n| n.attr(name)).map(str::to_owned);
        let promoted_max = count(container.attr("promoted-max"), 0);
        let nreplicas = match container.attr("replicas") {
            None if promoted_max > 0 => promoted_max,
            replicas => count(replicas, 1),
        }
        .min(REPLICAS_MAX);
        let mut config = Config {
            prefix: bundle.id().unwrap_or_default().to_owned(),
            agent,
            image: text("image").unwrap_or_default(),
            promoted_max: i32::try_from(promoted_max).unwrap_or(i32::MAX),
            nreplicas,
            per_host: count(container.attr("replicas-per-host"), 1),
            command: text("run-command"),
            options: text("options"),
            network: text("network"),
            ip_range_start: net("ip-range-start"),
            host_netmask: net("host-netmask"),
            host_interface: net("host-interface"),
            control_port: net("control-port"),
            add_host: network
                .and_then(|n| n.attr("add-host"))
                .and_then(cib_model::boolean::parse)
                .unwrap_or(true),
            ports: network.map(Self::ports).unwrap_or_default(),
            mounts: bundle.child("storage").map(Self::mounts).unwrap_or_default(),
            primitive: bundle.child("primitive").map(ElementRef::xml_id),
        };
        if config.primitive.is_some() {
            config.add_defaults();
        }
        Some(config)
    }

    fn ports(network: ElementRef<'_>) -> Vec<(String, String)> {
        let read = |mapping: ElementRef<'_>| {
            let (source, target) = match mapping.attr("port") {
                Some(port) => (port, mapping.attr("internal-port")),
                None => (mapping.attr("range")?, None),
            };
            (!source.is_empty()).then(|| (source.to_owned(), target.unwrap_or(source).to_owned()))
        };
        network.children_named("port-mapping").filter_map(read).collect()
    }

    fn mounts(storage: ElementRef<'_>) -> Vec<Mount> {
        let read = |mapping: ElementRef<'_>| {
            let plain = mapping.attr("source-dir");
            Some(Mount {
                source: plain.or_else(|| mapping.attr("source-dir-root"))?.to_owned(),
                target: mapping.attr("target-dir")?.to_owned(),
                options: mapping.attr("options").map(str::to_owned),
                subdir: plain.is_none(),
            })
        };
        storage.children_named("storage-mapping").filter_map(read).collect()
    }

    /// The key, the log folder and the port that every container with a primitive needs.
    fn add_defaults(&mut self) {
        let need_log = !self.mounts.iter().any(|m| m.target == "/var/log");
        self.mounts.push(Mount {
            source: REMOTE_KEY.to_owned(),
            target: REMOTE_KEY.to_owned(),
            options: None,
            subdir: false,
        });
        if need_log {
            self.mounts.push(Mount {
                source: BUNDLE_LOGS.to_owned(),
                target: "/var/log".to_owned(),
                options: None,
                subdir: true,
            });
        }
        let port = self.control_port.clone().unwrap_or_else(|| REMOTE_PORT.to_owned());
        self.ports.push((port.clone(), port));
    }

    fn valid_network(&self) -> bool {
        self.ip_range_start.is_some() || self.control_port.is_some()
    }

    fn per_host(&self) -> u32 {
        // A control port without addresses can be used once a host.
        let shared = self.ip_range_start.is_none() && self.control_port.is_some();
        if self.primitive.is_some() && shared { 1 } else { self.per_host }
    }

    fn write(&self, tree: &mut Tree, implicit: XmlId) -> BundleXml {
        let clone = self.primitive.map(|primitive| self.write_clone(tree, implicit, primitive));
        let mut hosts = String::new();
        let mut last_ip: Option<String> = None;
        let addresses: Vec<Option<String>> = (0..self.nreplicas)
            .map(|offset| {
                let start = self.ip_range_start.as_ref()?;
                let ip = match &last_ip {
                    Some(last) => next_ip(last),
                    None => Some(start.clone()),
                };
                last_ip.clone_from(&ip);
                let shown = ip.as_deref().unwrap_or("(null)");
                let prefix = &self.prefix;
                let _ = if self.add_host {
                    write!(hosts, " --add-host={prefix}-{offset}:{shown}")
                } else {
                    write!(hosts, " --hosts-entry={shown}={prefix}-{offset}")
                };
                ip
            })
            .collect();
        let replicas = addresses
            .into_iter()
            .zip(0..)
            .map(|(ip, offset)| self.write_replica(tree, implicit, offset, ip, &hosts))
            .collect();
        BundleXml {
            agent: self.agent.to_owned(),
            image: self.image.clone(),
            promoted_max: self.promoted_max,
            nreplicas: self.nreplicas,
            per_host: self.per_host(),
            clone,
            replicas,
        }
    }

    fn write_clone(&self, tree: &mut Tree, implicit: XmlId, primitive: XmlId) -> XmlId {
        let suffix = if self.promoted_max > 0 { "master" } else { "clone" };
        let clone = tree.append(implicit, "clone");
        tree.set_attr(clone, "id", format!("{}-{suffix}", self.prefix));
        let id = format!("{}-clone-meta", self.prefix);
        let meta = expand::block(tree, clone, "meta_attributes", &id);
        let mut pair = |name: &str, value: &str| expand::nvpair(tree, meta, name, value);
        pair("ordered", "true");
        pair("clone-max", &self.nreplicas.to_string());
        pair("clone-node-max", &self.per_host().to_string());
        pair("globally-unique", cib_model::boolean::text(self.per_host() > 1));
        if self.promoted_max > 0 {
            pair("promotable", "true");
            pair("promoted-max", &self.promoted_max.to_string());
        }
        let position = 1;
        tree.attach(clone, position, primitive);
        clone
    }

    fn write_replica(
        &self,
        tree: &mut Tree,
        implicit: XmlId,
        offset: u32,
        ipaddr: Option<String>,
        hosts: &str,
    ) -> ReplicaXml {
        let container = self.write_container(tree, implicit, offset, ipaddr.as_deref(), hosts);
        let container_id =
            tree.element(container).and_then(ElementRef::id).unwrap_or_default().to_owned();
        let ip = ipaddr
            .as_deref()
            .filter(|_| self.ip_range_start.is_some())
            .map(|ip| self.write_ip(tree, implicit, offset, ip));
        let node_name = format!("{}-{offset}", self.prefix);
        let remote = self.primitive.is_some().then(|| {
            let connection = Connection {
                name: &node_name,
                container: &container_id,
                allow_migrate: None,
                is_managed: None,
                start_timeout: None,
                server: Some(ipaddr.as_deref().unwrap_or("#uname")),
                port: Some(self.control_port.as_deref().unwrap_or(REMOTE_PORT)),
            };
            connection.write(tree, implicit)
        });
        ReplicaXml { ipaddr, container, ip, remote, node_name }
    }

    fn write_ip(&self, tree: &mut Tree, implicit: XmlId, offset: u32, ip: &str) -> XmlId {
        let id = sanitize_id(&format!("{}-ip-{ip}", self.prefix));
        let primitive = expand::primitive(tree, implicit, &id, "heartbeat", "IPaddr2");
        let block_id = format!("{}-attributes-{offset}", self.prefix);
        let params = expand::block(tree, primitive, "instance_attributes", &block_id);
        expand::nvpair(tree, params, "ip", ip);
        if let Some(interface) = &self.host_interface {
            expand::nvpair(tree, params, "nic", interface);
        }
        let netmask = self.host_netmask.as_deref().unwrap_or("32");
        expand::nvpair(tree, params, "cidr_netmask", netmask);
        let operations = tree.append(primitive, "operations");
        expand::op(tree, operations, &id, "monitor", "60s", None);
        primitive
    }

    fn write_container(
        &self,
        tree: &mut Tree,
        implicit: XmlId,
        offset: u32,
        ip: Option<&str>,
        hosts: &str,
    ) -> XmlId {
        let id = sanitize_id(&format!("{}-{}-{offset}", self.prefix, self.agent));
        let primitive = expand::primitive(tree, implicit, &id, "heartbeat", self.agent);
        let block_id = format!("{}-attributes-{offset}", self.prefix);
        let params = expand::block(tree, primitive, "instance_attributes", &block_id);
        let (run_opts, mount_points) = self.run_options(offset, ip, hosts);
        let mut pair = |name: &str, value: &str| expand::nvpair(tree, params, name, value);
        pair("image", &self.image);
        pair("allow_pull", "true");
        pair("force_kill", "false");
        pair("reuse", "false");
        pair("run_opts", &run_opts);
        pair("mount_points", &mount_points);
        let default = self.primitive.is_some().then_some(REMOTED);
        if let Some(command) = self.command.as_deref().or(default) {
            pair("run_cmd", command);
        }
        pair("monitor_cmd", "/bin/true");
        let operations = tree.append(primitive, "operations");
        expand::op(tree, operations, &id, "monitor", "60s", None);
        primitive
    }

    /// Returns the container's options and the comma list of folders made for the replica.
    fn run_options(&self, offset: u32, ip: Option<&str>, hosts: &str) -> (String, String) {
        let mut out = String::new();
        if self.agent == "docker" {
            out.push_str(" --restart=no");
        }
        if self.ip_range_start.is_some() {
            let _ = write!(out, " -h {}-{offset}", self.prefix);
        }
        out.push_str(" -e PCMK_stderr=1");
        if let Some(network) = &self.network {
            let _ = write!(out, " --net={network}");
        }
        let port = self.control_port.as_deref().unwrap_or(REMOTE_PORT);
        let _ = write!(out, " -e PCMK_remote_port={port}");
        let mut folders: Vec<String> = Vec::new();
        for mount in &self.mounts {
            let source = if mount.subdir {
                let folder = format!("{}/{}-{offset}", mount.source, self.prefix);
                folders.push(folder.clone());
                folder
            } else {
                mount.source.clone()
            };
            let _ = write!(out, " -v {source}:{}", mount.target);
            if let Some(options) = &mount.options {
                let _ = write!(out, ":{options}");
            }
        }
        for (source, target) in &self.ports {
            if let Some(ip) = ip {
                let _ = write!(out, " -p {ip}:{source}:{target}");
            } else if self.network.as_deref() != Some("host") {
                let _ = write!(out, " -p {source}:{target}");
            }
        }
        if let Some(options) = &self.options {
            let _ = write!(out, " {options}");
        }
        // COMPAT(pacemaker 3.x, bundle.c): a blank even where there are no host entries.
        let _ = write!(out, " {hosts}");
        (out, folders.join(","))
    }
}

/// Returns the address after `last`, or `None` past the end of its range.
fn next_ip(last: &str) -> Option<String> {
    let octets: Vec<u32> = last.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [a, b, c, d] = octets.as_slice() else { return None };
    if *c > 253 {
        None
    } else if *d > 253 {
        Some(format!("{a}.{b}.{}.1", c + 1))
    } else {
        Some(format!("{a}.{b}.{c}.{}", d + 1))
    }
}

/// Makes `id` a valid XML id: every character that may not stand in one becomes a full stop.
fn sanitize_id(id: &str) -> String {
    id.chars()
        .enumerate()
        .map(|(i, c)| match c {
            'a'..='z' | 'A'..='Z' | '_' => c,
            c if !c.is_ascii() => c,
            '0'..='9' | '-' | '.' if i > 0 => c,
            _ if i == 0 => '_',
            _ => '.',
        })
        .collect()
}
