//! What an engine needs of a configuration: nodes and their ids, timing, quorum.
//!
//! **Source:** corosync `exec/totemconfig.c` `totem_volatile_config_read()`,
//! `totem_volatile_config_validate()`, `put_nodelist_members_to_config()`, `generate_nodeid()`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::corosync_conf::{Document, ParseError, Section};
use super::directive::{self, Findings};
use super::{ConfigError, ConfigWarning, WarningKind};

/// Least value of most times, ms (three ticks of a clock with 100 Hz).
const TIMEOUT_MIN_MS: u32 = 30;
/// Least value of the hold time, ms (0.8 of the above, less one tick).
const HOLD_MIN_MS: u32 = 14;
/// Node ids that knet can carry end here.
const KNET_NODE_MAX: u32 = 65_536;

/// How members talk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Transport {
    /// Up to eight links, encrypted (corosync's default since 3.0).
    #[default]
    Knet,
    /// Unicast UDP.
    Udpu,
    /// Multicast UDP.
    Udp,
}

/// Encryption and signature of messages; `none` for neither.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crypto {
    /// `none`, `aes128`, `aes192` or `aes256`.
    pub cipher: String,
    /// `none`, `md5`, `sha1`, `sha256`, `sha384` or `sha512`.
    pub hash: String,
}

/// Where a node is reached on one link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// Link number, 0 to 7.
    pub link: u8,
    /// IP address or host name.
    pub address: String,
}

/// A member as configured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// Its number, never 0.
    pub id: u32,
    /// Its name; `None` means that it is called what its own `uname -n` says.
    pub name: Option<String>,
    /// Its addresses, by link; at least one.
    pub addresses: Vec<Address>,
    /// Its votes.
    pub votes: u32,
}

/// Times, with corosync's defaults and derivations, ms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timing {
    /// Silence until a member is suspected; 650 ms more for each node after the second.
    pub token_ms: u32,
    /// `token` alone, for two nodes.
    pub token_base_ms: u32,
    /// `token_coefficient`: what each node beyond two adds.
    pub token_coefficient_ms: u32,
    /// Silence until the token is sent again.
    pub token_retransmit_ms: u32,
    /// How long a token is held where nothing is to be sent.
    pub hold_ms: u32,
    /// Waiting for join messages.
    pub join_ms: u32,
    /// Waiting for agreement on a membership; 1.2 times the token where it is not set.
    pub consensus_ms: u32,
    /// The file sets `consensus` itself.
    pub consensus_is_given: bool,
    /// Between two searches for other partitions.
    pub merge_ms: u32,
    /// Lost tokens until a new membership is formed.
    pub retransmits_before_loss: u32,
    /// Messages that one member may send for one token.
    pub max_messages: u32,
    /// Messages that all members may send for one rotation.
    pub window_size: u32,
}

/// The `quorum` section.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QuorumOptions {
    /// votequorum is configured; without it a partition is always quorate.
    pub enabled: bool,
    /// `expected_votes`; `None` = the sum of all nodes' votes.
    pub expected_votes: Option<u32>,
    /// One of two nodes is quorate.
    pub two_node: bool,
    /// `None` = as `two_node`.
    pub wait_for_all: Option<bool>,
    /// Expected votes follow departures.
    pub last_man_standing: bool,
    /// How long after a departure, ms.
    pub last_man_standing_window_ms: u32,
    /// One of two equal halves stays quorate.
    pub auto_tie_breaker: bool,
    /// `lowest`, `highest` or a list of node ids.
    pub auto_tie_breaker_node: String,
    /// Expected votes may fall.
    pub allow_downscale: bool,
    /// The greatest expected votes survive a restart.
    pub expected_votes_tracking: bool,
    /// An arbiter outside the cluster.
    pub device: Option<QuorumDevice>,
}

/// The `quorum.device` section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuorumDevice {
    /// `net`, usually.
    pub model: String,
    /// Its votes; `None` = what its algorithm gives.
    pub votes: Option<u32>,
    /// How long its word counts, ms.
    pub timeout_ms: u32,
    /// As `timeout_ms`, while a membership is formed.
    pub sync_timeout_ms: u32,
    /// Settings of the model (`host`, `algorithm`, …).
    pub settings: Vec<(String, String)>,
}

/// A cluster as its corosync.conf describes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClusterConfig {
    /// `cluster_name`, where it has one.
    pub cluster_name: Option<String>,
    /// `config_version`; 0 where it is not counted.
    pub config_version: u64,
    /// All nodes, by id ascending; empty where the file lists none (multicast only).
    pub nodes: Vec<Node>,
    /// Times.
    pub timing: Timing,
    /// How members talk.
    pub transport: Transport,
    /// Encryption.
    pub crypto: Crypto,
    /// Where the key is, if not in the usual place.
    pub keyfile: Option<String>,
    /// UDP port.
    pub port: u16,
    /// Quorum.
    pub quorum: QuorumOptions,
    /// What is worth knowing, in the order of the file.
    pub warnings: Vec<ConfigWarning>,
}

impl ClusterConfig {
    /// Reads and checks a file. `file` is only used in messages.
    ///
    /// # Errors
    /// What corosync would refuse to start with, at its first place; and two nodes of one address.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        Self::of(&Document::parse(text, file)?, file)
    }

    /// Checks a file that has been read.
    ///
    /// # Errors
    /// As [`ClusterConfig::parse`].
    pub fn of(document: &Document, file: &str) -> Result<Self, ConfigError> {
        let mut findings = Findings::default();
        directive::check(&document.root, "", &mut findings);
        if let Some((line, kind)) = findings.error {
            return Err(ParseError { file: file.to_owned(), line, kind }.into());
        }
        let mut reader = Reader { document, file, warnings: findings.warnings };
        let mut config = reader.read()?;
        config.warnings = reader.warnings;
        config.warnings.sort_by_key(|warning| warning.line);
        Ok(config)
    }

    /// Finds the node of this name or address.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| {
            node.name.as_deref() == Some(name)
                || node.addresses.iter().any(|address| address.address == name)
        })
    }
}

/// Reads typed values; numbers were checked before.
struct Reader<'a> {
    document: &'a Document,
    file: &'a str,
    warnings: Vec<ConfigWarning>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<ClusterConfig, ConfigError> {
        match self.document.value("totem.version") {
            Some("2") => {}
            Some(_) => {
                return Err(self.invalid(
                    "totem.version",
                    "This totem parser can only parse version 2 configurations.",
                ));
            }
            None => {
                return Err(self.invalid_at(0, "totem.version is missing: it must be 2".to_owned()));
            }
        }
        let transport = match self.document.value("totem.transport") {
            Some("udpu") => Transport::Udpu,
            Some("udp") => Transport::Udp,
            _ => Transport::Knet,
        };
        let nodes = self.nodes(transport)?;
        let timing = self.timing(nodes.len())?;
        let quorum = self.quorum(&nodes)?;
        let port =
            self.document.value("totem.interface.mcastport").and_then(|port| port.parse().ok());
        self.warn_about_interfaces(&nodes);
        Ok(ClusterConfig {
            cluster_name: self.document.value("totem.cluster_name").map(str::to_owned),
            config_version: self.number("totem.config_version").unwrap_or(0),
            nodes,
            timing,
            transport,
            crypto: self.crypto(),
            keyfile: self.document.value("totem.keyfile").map(str::to_owned),
            port: port.unwrap_or(5405),
            quorum,
            warnings: Vec::new(),
        })
    }

    fn nodes(&mut self, transport: Transport) -> Result<Vec<Node>, ConfigError> {
        let mut nodes: BTreeMap<u32, Node> = BTreeMap::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let document = self.document;
        for section in document.sections("nodelist.node") {
            let node = self.node(section, transport)?;
            for address in &node.addresses {
                if let Some(line) = seen.insert(address.address.clone(), section.line) {
                    let text = format!(
                        "address {} is already that of the node in line {line}",
                        address.address
                    );
                    return Err(self.invalid_at(section.line, text));
                }
            }
            if let Some(name) = &node.name
                && nodes.values().any(|known| known.name.as_ref() == Some(name))
            {
                let text = format!("node name {name} appears twice in corosync.conf");
                return Err(self.invalid_at(section.line, text));
            }
            if nodes.contains_key(&node.id) {
                let text = format!("Nodeid {} appears twice in corosync.conf", node.id);
                return Err(self.invalid_at(section.line, text));
            }
            nodes.insert(node.id, node);
        }
        let nodes: Vec<Node> = nodes.into_values().collect();
        self.check_links(&nodes)?;
        Ok(nodes)
    }

    fn node(&self, section: &Section, transport: Transport) -> Result<Node, ConfigError> {
        let mut addresses: Vec<Address> = (0..8)
            .filter_map(|link| {
                let setting = section.setting(&format!("ring{link}_addr"))?;
                Some(Address { link, address: setting.value.clone() })
            })
            .collect();
        addresses.retain(|address| !address.address.is_empty());
        let Some(first) = addresses.first() else {
            let text = "node has no address: ring0_addr is missing".to_owned();
            return Err(self.invalid_at(section.line, text));
        };
        let given = section.setting("nodeid").and_then(|id| id.value.trim().parse().ok());
        let given = given.filter(|id| *id != 0);
        let id = match (given, transport) {
            (Some(id), Transport::Knet) if id >= KNET_NODE_MAX => {
                let address = &first.address;
                Err(format!(
                    "Knet requires nodeid to be less than {KNET_NODE_MAX} for address '{address}'."
                ))
            }
            (Some(id), _) => Ok(id),
            (None, Transport::Knet) => Err(format!(
                "Knet requires an explicit nodeid to be specified for address '{}'.",
                first.address
            )),
            (None, _) => self.generated_id(&first.address),
        };
        let votes =
            section.setting("quorum_votes").and_then(|votes| votes.value.trim().parse().ok());
        Ok(Node {
            id: id.map_err(|text| self.invalid_at(section.line, text))?,
            name: section.setting("name").map(|name| name.value.clone()),
            addresses,
            votes: votes.unwrap_or(1),
        })
    }

    /// The id of a node that has none: its IPv4 address as a number.
    fn generated_id(&self, address: &str) -> Result<u32, String> {
        let mask = match self.document.value("totem.clear_node_high_bit") {
            Some("yes") => 0x7fff_ffff,
            _ => u32::MAX,
        };
        match address.parse() {
            Ok(IpAddr::V4(v4)) => match u32::from(v4) & mask {
                0 => Err(format!("'{address}' is no address of a node")),
                id => Ok(id),
            },
            Ok(IpAddr::V6(_)) => Err(format!(
                "An IPV6 network requires that a node ID be specified for address '{address}'."
            )),
            Err(_) => {
                Err(format!("nodeid is missing, and cannot be made from the host name '{address}'"))
            }
        }
    }

    fn check_links(&self, nodes: &[Node]) -> Result<(), ConfigError> {
        let links =
            |node: &Node| node.addresses.iter().map(|address| address.link).collect::<Vec<_>>();
        let Some(first) = nodes.first().map(links) else { return Ok(()) };
        if nodes.iter().any(|node| links(node) != first) {
            let text = "Not all nodes have the same number of links".to_owned();
            return Err(self.invalid_at(0, text));
        }
        if first.len() > 1 && nodes.iter().any(|node| node.name.is_none()) {
            let text = "for a multi-link configuration, all nodes must have a 'name' attribute";
            return Err(self.invalid_at(0, text.to_owned()));
        }
        Ok(())
    }

    fn timing(&mut self, nodes: usize) -> Result<Timing, ConfigError> {
        let value = |key: &str, default: u32| {
            self.number(&format!("totem.{key}"))
                .and_then(|value| value.try_into().ok())
                .unwrap_or(default)
        };
        let more = u32::try_from(nodes.saturating_sub(2)).unwrap_or(u32::MAX);
        let coefficient = value("token_coefficient", 650);
        let token_base_ms = value("token", 3000);
        let token_ms = token_base_ms.saturating_add(more.saturating_mul(coefficient));
        let retransmits = value("token_retransmits_before_loss_const", 4);
        let token_retransmit_ms = value(
            "token_retransmit",
            tenths(token_ms, 10, retransmits.saturating_mul(10).saturating_add(2)),
        );
        let timing = Timing {
            token_ms,
            token_base_ms,
            token_coefficient_ms: coefficient,
            token_retransmit_ms,
            hold_ms: value("hold", tenths(token_retransmit_ms, 8, 10).saturating_sub(10)),
            join_ms: value("join", 50),
            consensus_ms: value("consensus", tenths(token_ms, 12, 10)),
            consensus_is_given: self.number("totem.consensus").is_some(),
            merge_ms: value("merge", 200),
            retransmits_before_loss: retransmits,
            max_messages: value("max_messages", 17),
            window_size: value("window_size", 50),
        };
        self.check_timing(&timing)?;
        let wanted = tenths(timing.token_ms, 12, 10);
        if nodes != 2 && timing.consensus_ms < wanted {
            let text = format!(
                "consensus ({} ms) is less than 1.2 times the token of {} nodes ({wanted} ms)",
                timing.consensus_ms, nodes
            );
            self.warn("totem.consensus", WarningKind::Suspicious, text);
        }
        Ok(timing)
    }

    fn check_timing(&self, timing: &Timing) -> Result<(), ConfigError> {
        let least = [
            ("token timeout", "token", timing.token_ms, TIMEOUT_MIN_MS),
            (
                "token retransmit timeout",
                "token_retransmit",
                timing.token_retransmit_ms,
                TIMEOUT_MIN_MS,
            ),
            ("token hold timeout", "hold", timing.hold_ms, HOLD_MIN_MS),
            ("join timeout", "join", timing.join_ms, TIMEOUT_MIN_MS),
            ("consensus timeout", "consensus", timing.consensus_ms, TIMEOUT_MIN_MS),
            ("merge timeout", "merge", timing.merge_ms, TIMEOUT_MIN_MS),
        ];
        for (what, key, value, min) in least {
            let path = format!("totem.{key}");
            if value < min && key == "token_retransmit" && self.document.value(&path).is_none() {
                let text = "Not appropriate token or token_retransmits_before_loss_const value set";
                return Err(self.invalid("totem.token", text));
            }
            if value < min {
                let text =
                    format!("The {what} parameter ({value} ms) may not be less than ({min} ms).");
                return Err(self.invalid(&path, &text));
            }
        }
        if timing.consensus_ms < timing.join_ms {
            let text = format!(
                "The consensus timeout parameter ({} ms) may not be less than join timeout ({} ms).",
                timing.consensus_ms, timing.join_ms
            );
            return Err(self.invalid("totem.consensus", &text));
        }
        Ok(())
    }

    fn crypto(&self) -> Crypto {
        let secauth = self.document.value("totem.secauth") == Some("on");
        let value = |key: &str, strong: &str| {
            let default = if secauth { strong } else { "none" };
            self.document.value(key).unwrap_or(default).to_owned()
        };
        Crypto {
            cipher: value("totem.crypto_cipher", "aes256"),
            hash: value("totem.crypto_hash", "sha256"),
        }
    }

    fn quorum(&mut self, nodes: &[Node]) -> Result<QuorumOptions, ConfigError> {
        let number = |key: &str| {
            let value = self.number(&format!("quorum.{key}"))?;
            u32::try_from(value).ok()
        };
        let flag = |key: &str| number(key).is_some_and(|value| value != 0);
        let options = QuorumOptions {
            enabled: self.document.value("quorum.provider").is_some(),
            expected_votes: number("expected_votes"),
            two_node: flag("two_node"),
            wait_for_all: number("wait_for_all").map(|value| value != 0),
            last_man_standing: flag("last_man_standing"),
            last_man_standing_window_ms: number("last_man_standing_window").unwrap_or(10_000),
            auto_tie_breaker: flag("auto_tie_breaker"),
            auto_tie_breaker_node: self
                .document
                .value("quorum.auto_tie_breaker_node")
                .unwrap_or("lowest")
                .to_owned(),
            allow_downscale: flag("allow_downscale"),
            expected_votes_tracking: flag("expected_votes_tracking"),
            device: self.device(),
        };
        if options.enabled && nodes.is_empty() && options.expected_votes.is_none() {
            let text = "quorum needs a nodelist or expected_votes";
            return Err(self.invalid("quorum.provider", text));
        }
        if options.two_node && nodes.len() > 2 {
            let text = format!("two_node has no effect in a cluster of {} nodes", nodes.len());
            self.warn("quorum.two_node", WarningKind::Suspicious, text);
        }
        let votes: u32 = nodes.iter().map(|node| node.votes).fold(0, u32::saturating_add);
        if let Some(expected) =
            options.expected_votes.filter(|expected| !nodes.is_empty() && *expected < votes)
        {
            let text = format!(
                "expected_votes is {expected}, but the nodes have {votes} votes: one part of a cold \
                 start may be quorate alone"
            );
            self.warn("quorum.expected_votes", WarningKind::Suspicious, text);
        }
        Ok(options)
    }

    fn device(&self) -> Option<QuorumDevice> {
        let device = self.document.sections("quorum.device").last()?;
        let model = device.setting("model")?.value.clone();
        let number =
            |key: &str| device.setting(key).and_then(|value| value.value.trim().parse().ok());
        let settings = device.subsections(&model).flat_map(Section::settings);
        Some(QuorumDevice {
            votes: number("votes"),
            timeout_ms: number("timeout").unwrap_or(10_000),
            sync_timeout_ms: number("sync_timeout").unwrap_or(30_000),
            settings: settings
                .map(|setting| (setting.key.clone(), setting.value.clone()))
                .collect(),
            model,
        })
    }

    fn warn_about_interfaces(&mut self, nodes: &[Node]) {
        if !nodes.is_empty() && self.document.value("totem.interface.bindnetaddr").is_some() {
            let text = "bindnetaddr is ignored, because the nodelist has the addresses".to_owned();
            self.warn("totem.interface.bindnetaddr", WarningKind::Obsolete, text);
        }
    }

    fn number(&self, path: &str) -> Option<u64> {
        self.document.value(path)?.trim().parse().ok()
    }

    fn line_of(&self, path: &str) -> usize {
        let (sections, key) = path.rsplit_once('.').unwrap_or(("", path));
        let settings = self.document.sections(sections).filter_map(|section| section.setting(key));
        settings.last().map_or(0, |setting| setting.line)
    }

    fn warn(&mut self, path: &str, kind: WarningKind, text: String) {
        self.warnings.push(ConfigWarning { line: self.line_of(path), kind, text });
    }

    fn invalid(&self, path: &str, text: &str) -> ConfigError {
        self.invalid_at(self.line_of(path), text.to_owned())
    }

    fn invalid_at(&self, line: usize, text: String) -> ConfigError {
        ConfigError::Invalid { file: self.file.to_owned(), line, text }
    }
}

/// `value * factor / divisor`, rounded down, without overflow.
fn tenths(value: u32, factor: u32, divisor: u32) -> u32 {
    let result = u64::from(value) * u64::from(factor) / u64::from(divisor.max(1));
    u32::try_from(result).unwrap_or(u32::MAX)
}
