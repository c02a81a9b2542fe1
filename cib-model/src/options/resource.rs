//! Meta-attributes of resources.
//!
//! **Source:** pacemaker `lib/common/options.c`; Pacemaker Explained.

use crate::options::OptionType as T;
use crate::options::{OptionInfo, Standing};

/// Of every resource, in the order Pacemaker lists them.
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo::new("priority", T::Score, Some("0")),
    OptionInfo::new("critical", T::Boolean, Some("true")).since("2.1.0"),
    OptionInfo::new(
        "target-role",
        T::Select(&["Stopped", "Started", "Unpromoted", "Promoted", "Slave", "Master"]),
        Some("Started"),
    ),
    OptionInfo::new("is-managed", T::Boolean, Some("true")),
    OptionInfo::new("maintenance", T::Boolean, Some("false")),
    OptionInfo::new("resource-stickiness", T::Score, None),
    OptionInfo::new("requires", T::Select(&["nothing", "quorum", "fencing", "unfencing"]), None),
    OptionInfo::new("migration-threshold", T::Score, Some("INFINITY")),
    OptionInfo::new("failure-timeout", T::Duration, Some("0")),
    OptionInfo::new(
        "multiple-active",
        T::Select(&["block", "stop_only", "stop_start", "stop_unexpected"]),
        Some("stop_start"),
    ),
    OptionInfo::new("allow-migrate", T::Boolean, None),
    OptionInfo::new("allow-unhealthy-nodes", T::Boolean, Some("false")).since("2.1.3"),
    OptionInfo::new("container-attribute-target", T::Text, None),
    OptionInfo::new("remote-node", T::Text, None),
    OptionInfo::new("remote-addr", T::Text, None),
    OptionInfo::new("remote-port", T::Port, Some("3121")),
    OptionInfo::new("remote-connect-timeout", T::Duration, Some("60s")),
    OptionInfo::new("remote-allow-migrate", T::Boolean, Some("true")),
];

/// Of clones, beside [`OPTIONS`].
pub const CLONE: &[OptionInfo] = &[
    OptionInfo::new("clone-max", T::Integer, None),
    OptionInfo::new("clone-node-max", T::Integer, Some("1")),
    OptionInfo::new("clone-min", T::Integer, Some("0")),
    OptionInfo::new("promotable", T::Boolean, Some("false")).since("2.0.0"),
    OptionInfo::new("promoted-max", T::Integer, Some("1")).legacy("master-max"),
    OptionInfo::new("promoted-node-max", T::Integer, Some("1")).legacy("master-node-max"),
    OptionInfo::new("globally-unique", T::Boolean, None),
    OptionInfo::new("notify", T::Boolean, Some("false")),
    OptionInfo::new("ordered", T::Boolean, Some("false")),
    OptionInfo::new("interleave", T::Boolean, Some("false")),
];

/// Of groups, beside [`OPTIONS`].
pub const GROUP: &[OptionInfo] = &[
    OptionInfo::new("ordered", T::Boolean, Some("true")).standing(Standing::Deprecated),
    OptionInfo::new("collocated", T::Boolean, Some("true")).standing(Standing::Deprecated),
];
