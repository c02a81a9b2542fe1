//! Options of the cluster (`cluster_property_set`).
//!
//! **Source:** pacemaker `lib/common/options.c`; Pacemaker Explained.

use crate::options::OptionType as T;
use crate::options::{OptionInfo, Standing};

/// The options in the order Pacemaker lists them.
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo::new("dc-version", T::Text, None).standing(Standing::Generated),
    OptionInfo::new("cluster-infrastructure", T::Text, None).standing(Standing::Generated),
    OptionInfo::new("cluster-name", T::Text, None),
    OptionInfo::new("dc-deadtime", T::Duration, Some("20s")),
    OptionInfo::new("cluster-recheck-interval", T::Duration, Some("15min")),
    OptionInfo::new("election-timeout", T::Duration, Some("2min")).standing(Standing::Advanced),
    OptionInfo::new("shutdown-escalation", T::Duration, Some("20min")).standing(Standing::Advanced),
    OptionInfo::new("join-integration-timeout", T::Duration, Some("3min"))
        .standing(Standing::Advanced),
    OptionInfo::new("join-finalization-timeout", T::Duration, Some("30min"))
        .standing(Standing::Advanced),
    OptionInfo::new("transition-delay", T::Duration, Some("0s")).standing(Standing::Advanced),
    OptionInfo::new(
        "no-quorum-policy",
        T::Select(&["stop", "freeze", "ignore", "demote", "fence", "suicide"]),
        Some("stop"),
    ),
    OptionInfo::new("shutdown-lock", T::Boolean, Some("false")).since("2.0.4"),
    OptionInfo::new("shutdown-lock-limit", T::Duration, Some("0")).since("2.0.4"),
    OptionInfo::new("enable-acl", T::Boolean, Some("false")),
    OptionInfo::new("symmetric-cluster", T::Boolean, Some("true")),
    OptionInfo::new("maintenance-mode", T::Boolean, Some("false")),
    OptionInfo::new("start-failure-is-fatal", T::Boolean, Some("true")),
    OptionInfo::new("enable-startup-probes", T::Boolean, Some("true"))
        .standing(Standing::Deprecated),
    OptionInfo::new("fence-remote-without-quorum", T::Boolean, Some("false"))
        .standing(Standing::Advanced),
    OptionInfo::new("fencing-enabled", T::Boolean, Some("true"))
        .legacy("stonith-enabled")
        .standing(Standing::Advanced),
    OptionInfo::new("fencing-action", T::Select(&["reboot", "off"]), Some("reboot"))
        .legacy("stonith-action"),
    OptionInfo::new("fencing-reaction", T::Select(&["stop", "panic"]), Some("stop"))
        .legacy("fence-reaction")
        .since("2.0.3"),
    OptionInfo::new("fencing-timeout", T::Duration, Some("60s")).legacy("stonith-timeout"),
    OptionInfo::new("have-watchdog", T::Boolean, Some("false")).standing(Standing::Generated),
    OptionInfo::new("fencing-watchdog-timeout", T::Duration, Some("0"))
        .legacy("stonith-watchdog-timeout"),
    OptionInfo::new("fencing-max-attempts", T::Score, Some("10")).legacy("stonith-max-attempts"),
    OptionInfo::new("concurrent-fencing", T::Boolean, Some("true")).standing(Standing::Deprecated),
    OptionInfo::new("startup-fencing", T::Boolean, Some("true")).standing(Standing::Advanced),
    OptionInfo::new("priority-fencing-delay", T::Duration, Some("0")).since("2.0.4"),
    OptionInfo::new("node-pending-timeout", T::Duration, Some("0")).since("2.1.7"),
    OptionInfo::new("cluster-delay", T::Duration, Some("60s")),
    OptionInfo::new("load-threshold", T::Percentage, Some("80%")),
    OptionInfo::new("node-action-limit", T::Integer, Some("0")),
    OptionInfo::new("batch-limit", T::Integer, Some("0")),
    OptionInfo::new("migration-limit", T::Integer, Some("-1")),
    OptionInfo::new("cluster-ipc-limit", T::Integer, None).standing(Standing::Deprecated),
    OptionInfo::new("stop-all-resources", T::Boolean, Some("false")),
    OptionInfo::new("stop-removed-resources", T::Boolean, Some("true"))
        .legacy("stop-orphan-resources")
        .standing(Standing::Deprecated),
    OptionInfo::new("cancel-removed-actions", T::Boolean, Some("true"))
        .legacy("stop-orphan-actions")
        .standing(Standing::Deprecated),
    OptionInfo::new("pe-error-series-max", T::Integer, Some("-1")),
    OptionInfo::new("pe-warn-series-max", T::Integer, Some("5000")),
    OptionInfo::new("pe-input-series-max", T::Integer, Some("4000")),
    OptionInfo::new(
        "node-health-strategy",
        T::Select(&["none", "migrate-on-red", "only-green", "progressive", "custom"]),
        Some("none"),
    ),
    OptionInfo::new("node-health-base", T::Score, Some("0")),
    OptionInfo::new("node-health-green", T::Score, Some("0")),
    OptionInfo::new("node-health-yellow", T::Score, Some("0")),
    OptionInfo::new("node-health-red", T::Score, Some("-INFINITY")),
    OptionInfo::new(
        "placement-strategy",
        T::Select(&["default", "utilization", "minimal", "balanced"]),
        Some("default"),
    ),
];
