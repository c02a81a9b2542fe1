//! Cluster options.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c` (`unpack_config()`), `lib/common/options.c`.

use cib_model::xml::ElementRef;
use cib_model::{Score, boolean, interval};

use super::nvset;
use super::rule::RuleInput;
use crate::diagnostics::Diagnostics;
use crate::facts::{AttrMap, ClusterFlags, ClusterOptions, NoQuorumPolicy, PlacementStrategy};

/// What an option's value may be.
#[derive(Clone, Copy)]
enum Kind {
    Bool,
    Interval,
    Integer,
    Score,
    Text(&'static [&'static str]),
    Free,
}

/// Name, older name, kind, default.
type Row = (&'static str, Option<&'static str>, Kind, Option<&'static str>);

const TABLE: &[Row] = &[
    ("cluster-name", None, Kind::Free, None),
    (
        "no-quorum-policy",
        None,
        Kind::Text(&["stop", "freeze", "ignore", "demote", "fence", "suicide"]),
        Some("stop"),
    ),
    ("shutdown-lock", None, Kind::Bool, Some("false")),
    ("shutdown-lock-limit", None, Kind::Interval, Some("0")),
    ("enable-acl", None, Kind::Bool, Some("false")),
    ("symmetric-cluster", None, Kind::Bool, Some("true")),
    ("maintenance-mode", None, Kind::Bool, Some("false")),
    ("start-failure-is-fatal", None, Kind::Bool, Some("true")),
    ("enable-startup-probes", None, Kind::Bool, Some("true")),
    ("fencing-enabled", Some("stonith-enabled"), Kind::Bool, Some("true")),
    ("fencing-action", Some("stonith-action"), Kind::Text(&["reboot", "off"]), Some("reboot")),
    ("fencing-timeout", Some("stonith-timeout"), Kind::Interval, Some("60s")),
    ("have-watchdog", None, Kind::Bool, Some("false")),
    ("concurrent-fencing", None, Kind::Bool, Some("true")),
    ("startup-fencing", None, Kind::Bool, Some("true")),
    ("priority-fencing-delay", None, Kind::Interval, Some("0")),
    ("node-pending-timeout", None, Kind::Interval, Some("0")),
    ("fence-remote-without-quorum", None, Kind::Bool, Some("false")),
    ("cluster-delay", None, Kind::Interval, Some("60s")),
    ("load-threshold", None, Kind::Free, Some("80%")),
    ("batch-limit", None, Kind::Integer, Some("0")),
    ("migration-limit", None, Kind::Integer, Some("-1")),
    ("stop-all-resources", None, Kind::Bool, Some("false")),
    ("stop-removed-resources", Some("stop-orphan-resources"), Kind::Bool, Some("true")),
    ("cancel-removed-actions", Some("stop-orphan-actions"), Kind::Bool, Some("true")),
    (
        "node-health-strategy",
        None,
        Kind::Text(&["none", "migrate-on-red", "only-green", "progressive", "custom"]),
        Some("none"),
    ),
    ("node-health-base", None, Kind::Integer, Some("0")),
    ("node-health-green", None, Kind::Score, Some("0")),
    ("node-health-yellow", None, Kind::Score, Some("0")),
    ("node-health-red", None, Kind::Score, Some("-INFINITY")),
    (
        "placement-strategy",
        None,
        Kind::Text(&["default", "utilization", "minimal", "balanced"]),
        Some("default"),
    ),
];

fn is_valid(kind: Kind, value: &str) -> bool {
    match kind {
        Kind::Bool => boolean::parse(value).is_some(),
        Kind::Interval => interval::parse_interval_ms(value).is_ok(),
        Kind::Integer | Kind::Score => Score::parse(value).is_ok(),
        Kind::Text(words) => words.iter().any(|w| w.eq_ignore_ascii_case(value)),
        Kind::Free => true,
    }
}

/// Reads the options of `crm_config`; `cib` gives quorum. Returns them, and when a rule's answer
/// changes next.
pub(super) fn run(
    cib: ElementRef<'_>,
    configuration: Option<ElementRef<'_>>,
    now: i64,
    diagnostics: &mut Diagnostics,
) -> (ClusterOptions, Option<i64>) {
    let mut table = AttrMap::new();
    let input = RuleInput { now, ..RuleInput::default() };
    let crm_config = configuration.and_then(|c| c.child("crm_config"));
    let next_change = crm_config.and_then(|section| {
        let first = Some("cib-bootstrap-options");
        nvset::unpack(section, "cluster_property_set", &input, first, &mut table)
    });
    for (name, legacy, kind, default) in TABLE {
        if let (None, Some(old)) = (table.get(name), legacy.and_then(|l| table.get(l))) {
            let old = old.to_owned();
            table.set(name, &old);
        }
        if let Some(value) = table.get(name).filter(|value| !is_valid(*kind, value)) {
            diagnostics.error(format!(
                "Using default value for cluster option '{name}' because '{value}' is invalid"
            ));
            table.remove(name);
        }
        if let Some(default) = default {
            table.set_default(name, default);
        }
    }
    let quorate = cib.attr("have-quorum").and_then(boolean::parse).unwrap_or(false);
    (typed(cib, configuration, table, quorate, diagnostics), next_change)
}

fn typed(
    cib: ElementRef<'_>,
    configuration: Option<ElementRef<'_>>,
    table: AttrMap,
    quorate: bool,
    diagnostics: &mut Diagnostics,
) -> ClusterOptions {
    let mut flags = ClusterFlags::empty();
    let on = |name: &str| table.get(name).and_then(boolean::parse).unwrap_or(false);
    for (name, flag) in [
        ("symmetric-cluster", ClusterFlags::SYMMETRIC_CLUSTER),
        ("maintenance-mode", ClusterFlags::IN_MAINTENANCE),
        ("fencing-enabled", ClusterFlags::FENCING_ENABLED),
        ("have-watchdog", ClusterFlags::HAVE_FENCING),
        ("concurrent-fencing", ClusterFlags::CONCURRENT_FENCING),
        ("stop-removed-resources", ClusterFlags::STOP_REMOVED_RESOURCES),
        ("cancel-removed-actions", ClusterFlags::CANCEL_REMOVED_ACTIONS),
        ("stop-all-resources", ClusterFlags::STOP_ALL),
        ("start-failure-is-fatal", ClusterFlags::START_FAILURE_FATAL),
        ("shutdown-lock", ClusterFlags::SHUTDOWN_LOCK),
        ("enable-startup-probes", ClusterFlags::PROBE_RESOURCES),
        ("fence-remote-without-quorum", ClusterFlags::FENCE_REMOTE_NO_QUORUM),
    ] {
        flags.set(flag, on(name));
    }
    flags.set(ClusterFlags::QUORATE, quorate);
    flags.set(
        ClusterFlags::STARTUP_FENCING,
        on("startup-fencing") && flags.contains(ClusterFlags::FENCING_ENABLED),
    );
    flags.set(ClusterFlags::ENABLE_UNFENCING, configuration.is_some_and(needs_unfencing));
    let ms = |name: &str| interval::interval_ms(table.get(name));
    let lock = flags.contains(ClusterFlags::SHUTDOWN_LOCK);
    let is =
        |name: &str, value: &str| table.get(name).is_some_and(|v| v.eq_ignore_ascii_case(value));
    let placement = if is("placement-strategy", "utilization") {
        PlacementStrategy::Utilization
    } else if is("placement-strategy", "minimal") {
        PlacementStrategy::Minimal
    } else if is("placement-strategy", "balanced") {
        PlacementStrategy::Balanced
    } else {
        PlacementStrategy::Default
    };
    ClusterOptions {
        flags,
        no_quorum_policy: quorum_policy(cib, &table, flags, diagnostics),
        placement,
        fencing_action: table.get("fencing-action").unwrap_or("reboot").into(),
        fencing_timeout_ms: ms("fencing-timeout"),
        priority_fencing_delay_ms: ms("priority-fencing-delay"),
        shutdown_lock_ms: if lock { ms("shutdown-lock-limit") } else { 0 },
        node_pending_ms: ms("node-pending-timeout"),
        table,
    }
}

fn quorum_policy(
    cib: ElementRef<'_>,
    table: &AttrMap,
    flags: ClusterFlags,
    diagnostics: &mut Diagnostics,
) -> NoQuorumPolicy {
    match table.get("no-quorum-policy").unwrap_or("stop").to_ascii_lowercase().as_str() {
        "ignore" => NoQuorumPolicy::Ignore,
        "freeze" => NoQuorumPolicy::Freeze,
        "demote" => NoQuorumPolicy::Demote,
        "fence" | "suicide" => {
            let panic = cib.attr("no-quorum-panic").and_then(|v| v.trim().parse::<i64>().ok());
            if !flags.contains(ClusterFlags::FENCING_ENABLED) {
                diagnostics
                    .error("Resetting no-quorum-policy to 'stop' because fencing is disabled");
                NoQuorumPolicy::Stop
            } else if panic.is_some_and(|p| p != 0) || flags.contains(ClusterFlags::QUORATE) {
                NoQuorumPolicy::Fence
            } else {
                NoQuorumPolicy::Stop
            }
        }
        _ => NoQuorumPolicy::Stop,
    }
}

/// Returns true where a resource or the defaults ask for or provide unfencing.
fn needs_unfencing(configuration: ElementRef<'_>) -> bool {
    let asks = |block: ElementRef<'_>| {
        block.children_named("nvpair").any(|pair| {
            matches!(pair.attr("name"), Some("provides" | "requires"))
                && pair.attr("value") == Some("unfencing")
        })
    };
    let resources = configuration.child("resources").into_iter().flat_map(ElementRef::descendants);
    let defaults = configuration.child("rsc_defaults").into_iter().flat_map(ElementRef::children);
    resources.chain(defaults).filter(|e| e.name() == "meta_attributes").any(asks)
}
