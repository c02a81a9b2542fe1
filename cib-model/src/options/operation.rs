//! Attributes of operations (`<op>`, `op_defaults`).
//!
//! **Source:** pacemaker `lib/common/options.c`; Pacemaker Explained.

use crate::options::OptionType as T;
use crate::options::{OptionInfo, Standing};

/// The attributes.
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo::new("interval", T::Duration, Some("0")),
    OptionInfo::new("timeout", T::Duration, Some("20s")),
    OptionInfo::new(
        "on-fail",
        T::Select(&["ignore", "block", "stop", "restart", "fence", "standby", "demote"]),
        None,
    ),
    OptionInfo::new(
        "role",
        T::Select(&["Started", "Unpromoted", "Promoted", "Stopped", "Slave", "Master"]),
        None,
    ),
    OptionInfo::new("start-delay", T::Duration, Some("0")).standing(Standing::Advanced),
    OptionInfo::new("interval-origin", T::Text, None).standing(Standing::Advanced),
    OptionInfo::new("enabled", T::Boolean, Some("true")),
    OptionInfo::new("record-pending", T::Boolean, Some("true")).standing(Standing::Deprecated),
    OptionInfo::new("description", T::Text, None),
];
