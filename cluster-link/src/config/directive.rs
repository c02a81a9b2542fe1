//! Every directive that corosync knows, or once knew.
//!
//! **Source:** corosync `man/corosync.conf.5`, `exec/coroparse.c` `main_config_parser_cb()`,
//! `exec/votequorum.c`; corosync 1.x and openais for what is obsolete.

use super::corosync_conf::{Item, ParseErrorKind, Section};
use super::{ConfigWarning, WarningKind};

/// What a directive's value must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Any text.
    Text,
    /// A whole number in this range.
    Number(i64, i64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// An earlier corosync knew it. The text says what is used today.
    Obsolete(&'static str),
}

use Kind::{Number, Obsolete, Text, Word};

const U8: Kind = Number(0, 255);
const U16: Kind = Number(0, 65_535);
const U32: Kind = Number(0, 4_294_967_295);
const I32: Kind = Number(-2_147_483_648, 2_147_483_647);
const U64: Kind = Number(0, i64::MAX);
const ON_OFF: Kind = Word(&["on", "off"]);
const YES_NO: Kind = Word(&["yes", "no"]);

/// A section and its directives.
type Table = (&'static str, &'static [(&'static str, Kind)]);

#[rustfmt::skip]
const TABLES: &[Table] = &[
    ("totem", &[
        ("version", U32), ("cluster_name", Text), ("nodeid", U32), ("clear_node_high_bit", YES_NO),
        ("transport", Word(&["udp", "udpu", "knet"])), ("ip_version", Word(&["ipv4", "ipv6", "ipv4-6", "ipv6-4"])),
        ("ip_dscp", U8), ("netmtu", U32), ("link_mode", Word(&["active", "passive", "rr"])), ("autogenerate", Text),
        ("secauth", ON_OFF), ("crypto_model", Text), ("key", Text), ("keyfile", Text), ("config_version", U64),
        ("crypto_cipher", Word(&["none", "aes128", "aes192", "aes256"])),
        ("crypto_hash", Word(&["none", "md5", "sha1", "sha256", "sha384", "sha512"])),
        ("token", U32), ("token_warning", U32), ("token_coefficient", U32), ("token_retransmit", U32), ("hold", U32),
        ("token_retransmits_before_loss_const", U32), ("join", U32), ("send_join", U32), ("consensus", U32),
        ("merge", U32), ("downcheck", U32), ("fail_recv_const", U32), ("seqno_unchanged_const", U32),
        ("heartbeat_failures_allowed", U32), ("max_network_delay", U32), ("window_size", U32), ("max_messages", U32),
        ("miss_count_const", U32), ("knet_pmtud_interval", U32), ("knet_mtu", U32), ("knet_compression_model", Text),
        ("knet_compression_threshold", U32), ("knet_compression_level", I32), ("block_unlisted_ips", YES_NO),
        ("cancel_token_hold_on_retransmit", YES_NO),
        ("threads", Obsolete("corosync 3 chooses the number of threads itself")),
        ("vsftype", Obsolete("the virtual synchrony filter was removed in corosync 2.0")),
        ("rrp_mode", Obsolete("redundant rings are links of the knet transport now; see link_mode")),
        ("rrp_problem_count_timeout", Obsolete("redundant rings are links of the knet transport now")),
        ("rrp_problem_count_threshold", Obsolete("redundant rings are links of the knet transport now")),
        ("rrp_problem_count_mcast_threshold", Obsolete("redundant rings are links of the knet transport now")),
        ("rrp_token_expired_timeout", Obsolete("redundant rings are links of the knet transport now")),
        ("rrp_autorecovery_check_timeout", Obsolete("redundant rings are links of the knet transport now")),
        ("crypto_type", Obsolete("see crypto_cipher and crypto_hash")),
        ("crypto_accept", Obsolete("see crypto_cipher and crypto_hash")),
    ]),
    ("totem.interface", &[
        ("linknumber", U8), ("ringnumber", Text), ("bindnetaddr", Text), ("mcastaddr", Text), ("mcastport", U16),
        ("broadcast", YES_NO), ("ttl", U8), ("knet_link_priority", U8), ("knet_ping_interval", U32),
        ("knet_ping_timeout", U32), ("knet_ping_precision", U32), ("knet_pong_count", U32),
        ("knet_transport", Word(&["udp", "sctp"])),
    ]),
    ("totem.interface.member", &[("memberaddr", Text)]),
    ("nodelist", &[]),
    ("nodelist.node", &[
        ("nodeid", U32), ("name", Text), ("quorum_votes", U32), ("ring0_addr", Text), ("ring1_addr", Text),
        ("ring2_addr", Text), ("ring3_addr", Text), ("ring4_addr", Text), ("ring5_addr", Text), ("ring6_addr", Text),
        ("ring7_addr", Text),
    ]),
    ("quorum", &[
        ("provider", Word(&["corosync_votequorum"])), ("expected_votes", U32), ("votes", U32), ("two_node", U8), ("wait_for_all", U8),
        ("last_man_standing", U8), ("last_man_standing_window", U32), ("auto_tie_breaker", U8),
        ("auto_tie_breaker_node", Text), ("allow_downscale", U8), ("expected_votes_tracking", U8), ("leaving_timeout", U32),
    ]),
    ("quorum.device", &[
        ("model", Text), ("votes", U32), ("timeout", U32), ("sync_timeout", U32), ("master_wins", U8), ("name", Text),
    ]),
    ("quorum.device.net", &[
        ("host", Text), ("port", U16), ("algorithm", Text), ("tie_breaker", Text), ("tls", Text), ("connect_timeout", U32),
        ("force_ip_version", Text), ("keep_active_partition_tie_breaker", Text),
    ]),
    ("quorum.device.heuristics", &[("mode", Text), ("timeout", U32), ("sync_timeout", U32), ("interval", U32)]),
    ("logging", LOGGING),
    ("logging.logger_subsys", LOGGING),
    ("logging.logging_daemon", LOGGING),
    ("uidgid", &[("uid", Text), ("gid", Text)]),
    ("system", &[
        ("qb_ipc_type", Word(&["native", "shm", "socket"])), ("sched_rr", YES_NO), ("priority", Text),
        ("move_to_root_cgroup", Word(&["yes", "no", "auto"])), ("allow_knet_handle_fallback", YES_NO), ("state_dir", Text),
    ]),
    ("resources", &[("watchdog_device", Text)]),
    ("resources.system", &[]),
    ("resources.system.load_15min", WATCHED),
    ("resources.system.memory_used", WATCHED),
    ("nozzle", &[("name", Text), ("ipaddr", Text), ("ipprefix", Text), ("macaddr", Text)]),
    ("pload", &[("count", U32), ("size", U32)]),
    ("amf", &[("mode", Obsolete("the openais service AMF was removed in corosync 2.0"))]),
    ("aisexec", &[
        ("user", Obsolete("corosync runs as root; see uidgid for its clients")),
        ("group", Obsolete("corosync runs as root; see uidgid for its clients")),
        ("defaultservices", Obsolete("services cannot be chosen since corosync 2.0")),
    ]),
    ("service", &[
        ("name", Obsolete("plugins were removed in corosync 2.0; the cluster manager is started on its own")),
        ("ver", Obsolete("plugins were removed in corosync 2.0; the cluster manager is started on its own")),
        ("use_mgmtd", Obsolete("plugins were removed in corosync 2.0")),
        ("use_logd", Obsolete("plugins were removed in corosync 2.0")),
    ]),
    ("event", &[("delivery_queue_size", Obsolete("the openais event service was removed in corosync 2.0"))]),
    ("compatibility", &[]),
];

#[rustfmt::skip]
const LOGGING: &[(&str, Kind)] = &[
    ("to_stderr", YES_NO), ("to_logfile", YES_NO), ("to_syslog", YES_NO), ("logfile", Text), ("logfile_priority", Text),
    ("syslog_facility", Text), ("syslog_priority", Text), ("debug", Word(&["on", "off", "trace"])), ("fileline", ON_OFF),
    ("function_name", ON_OFF), ("timestamp", Word(&["on", "off", "hires"])), ("blackbox", ON_OFF), ("subsys", Text), ("name", Text),
    ("tags", Obsolete("trace tags were removed in corosync 2.0")),
    ("to_file", Obsolete("see to_logfile")),
];

const WATCHED: &[(&str, Kind)] =
    &[("recovery", Text), ("poll_period", Text), ("max", Text), ("current", Text), ("state", Text)];

/// What corosync itself would say of a file's settings.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// The first setting that corosync refuses: line and reason.
    pub(super) error: Option<(usize, ParseErrorKind)>,
    pub(super) warnings: Vec<ConfigWarning>,
    /// Nodes seen so far: corosync names their settings by number, from 0.
    nodes: usize,
}

/// Checks all settings below a section against the tables.
pub(super) fn check(section: &Section, path: &str, findings: &mut Findings) {
    for item in &section.items {
        match item {
            Item::Setting(setting) => {
                let path = join(path, &setting.key);
                check_setting(&path, setting.line, &setting.value, findings);
            }
            Item::Section(section) => {
                let path = join(path, &section.name);
                if TABLES.iter().any(|(known, _)| *known == path) || is_free(&path) {
                    check(section, &path, findings);
                    findings.nodes += usize::from(path == "nodelist.node");
                } else {
                    let near = nearest(&section.name, TABLES.iter().map(|(known, _)| last(known)));
                    let text = format!("section \"{path}\" is unknown and ignored{near}");
                    warn(findings, section.line, WarningKind::Unknown, text);
                }
            }
            Item::Comment(_) | Item::Blank => {}
        }
    }
}

fn check_setting(path: &str, line: usize, value: &str, findings: &mut Findings) {
    let (section, key) = path.rsplit_once('.').unwrap_or(("", path));
    // exec_NAME: commands of heuristics, under names of the administrator's choice.
    if is_free(section) || section == "quorum.device.heuristics" && key.starts_with("exec_") {
        return;
    }
    let Some(kind) = find(section, key) else {
        let near = nearest(key, known_keys(section));
        let text = if section.is_empty() {
            format!("\"{key}\" outside of a section is ignored")
        } else {
            format!("\"{path}\" is unknown and ignored{near}")
        };
        return warn(findings, line, WarningKind::Unknown, text);
    };
    match kind {
        Text => {}
        Obsolete(today) => {
            let text = format!("\"{path}\" is ignored: {today}");
            warn(findings, line, WarningKind::Obsolete, text);
        }
        Number(least, most) => {
            if !value.trim().parse::<i64>().is_ok_and(|number| (least..=most).contains(&number)) {
                let path = match path.strip_prefix("nodelist.node.") {
                    Some(key) => format!("nodelist.node.{}.{key}", findings.nodes),
                    None => path.to_owned(),
                };
                let kind = ParseErrorKind::Value(format!(
                    "Value of key \"{path}\" is expected to be integer in range \
                     ({least}..{most}), but \"{value}\" was given"
                ));
                findings.error.get_or_insert((line, kind));
            }
        }
        Word(words) => {
            if !words.contains(&value) {
                let near = nearest(value, words.iter().copied());
                let text = match corosyncs_words(path) {
                    Some(text) => format!("{text}, but \"{value}\" was given{near}"),
                    None => {
                        format!("\"{path}\" knows {}, not \"{value}\"{near}", words.join(", "))
                    }
                };
                refuse_word(path, line, text, findings);
            }
        }
    }
}

/// What corosync says of an unknown word, where it has a sentence of its own.
fn corosyncs_words(path: &str) -> Option<&'static str> {
    Some(match path {
        "totem.crypto_cipher" => "Invalid cipher type. Should be none, aes256, aes192 or aes128",
        "totem.crypto_hash" => {
            "Invalid hash type. Should be none, md5, sha1, sha256, sha384 or sha512"
        }
        "totem.transport" => "Invalid transport type. Should be udpu, udp or knet",
        "totem.ip_version" => "Invalid ip_version type",
        _ => return None,
    })
}

/// corosync refuses some unknown words and takes others for the default.
fn refuse_word(path: &str, line: usize, text: String, findings: &mut Findings) {
    let fatal = matches!(
        path,
        "totem.crypto_cipher"
            | "totem.crypto_hash"
            | "totem.transport"
            | "totem.ip_version"
            | "system.qb_ipc_type"
            | "system.sched_rr"
            | "system.move_to_root_cgroup"
            | "quorum.provider"
    );
    if fatal {
        findings.error.get_or_insert((line, ParseErrorKind::Value(text)));
    } else {
        warn(findings, line, WarningKind::Suspicious, text);
    }
}

fn warn(findings: &mut Findings, line: usize, kind: WarningKind, text: String) {
    findings.warnings.push(ConfigWarning { line, kind, text });
}

fn find(section: &str, key: &str) -> Option<Kind> {
    let (_, keys) = TABLES.iter().find(|(known, _)| *known == section)?;
    keys.iter().find(|(known, _)| *known == key).map(|(_, kind)| *kind)
}

fn known_keys(section: &str) -> impl Iterator<Item = &'static str> {
    let keys = TABLES.iter().find(|(known, _)| *known == section).map_or(&[][..], |(_, keys)| keys);
    keys.iter().map(|(key, _)| *key)
}

/// Sections whose contents corosync hands on to other programs.
fn is_free(path: &str) -> bool {
    path.starts_with("quorum.device.")
        && find(path, "host").is_none()
        && !path.ends_with(".heuristics")
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn last(path: &'static str) -> &'static str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A question after the word that was probably meant; empty where none is near.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    // Two swapped letters are two changes.
    let limit = (word.len() / 3).max(2).min(word.len().saturating_sub(1));
    let best = known
        .map(|candidate| (distance(word, candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= limit);
    best.map(|(_, candidate)| format!("; did you mean \"{candidate}\"?")).unwrap_or_default()
}

/// Number of letters to insert, delete or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let up = *cell;
            let here = (diagonal + usize::from(x != *y)).min(up + 1).min(left + 1);
            (diagonal, left, *cell) = (up, here, here);
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
