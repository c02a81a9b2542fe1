//! Parameters that the cluster reads of every fencing device (class `stonith`), beside those of its
//! agent.
//!
//! **Source:** pacemaker `lib/common/options.c`; `crm_resource --list-options=fencing`.

use crate::options::OptionType as T;
use crate::options::{OptionInfo, Standing};

const fn advanced(name: &'static str, kind: T, default: Option<&'static str>) -> OptionInfo {
    OptionInfo::new(name, kind, default).standing(Standing::Advanced)
}

/// The parameters.
pub const OPTIONS: &[OptionInfo] = &[
    advanced("pcmk_host_argument", T::Text, None),
    OptionInfo::new("pcmk_host_map", T::Text, None),
    OptionInfo::new("pcmk_host_list", T::Text, None),
    OptionInfo::new(
        "pcmk_host_check",
        T::Select(&["dynamic-list", "static-list", "status", "none"]),
        None,
    ),
    OptionInfo::new("pcmk_delay_max", T::Duration, Some("0s")),
    // One time, or one for each node (`node1:1s;node2:5`).
    OptionInfo::new("pcmk_delay_base", T::Text, Some("0s")),
    OptionInfo::new("pcmk_action_limit", T::Integer, Some("1")),
    advanced("pcmk_reboot_action", T::Text, Some("reboot")),
    advanced("pcmk_reboot_timeout", T::Duration, Some("60s")),
    advanced("pcmk_reboot_retries", T::Integer, Some("2")),
    advanced("pcmk_off_action", T::Text, Some("off")),
    advanced("pcmk_off_timeout", T::Duration, Some("60s")),
    advanced("pcmk_off_retries", T::Integer, Some("2")),
    advanced("pcmk_on_action", T::Text, Some("on")),
    advanced("pcmk_on_timeout", T::Duration, Some("60s")),
    advanced("pcmk_on_retries", T::Integer, Some("2")),
    advanced("pcmk_list_action", T::Text, Some("list")),
    advanced("pcmk_list_timeout", T::Duration, Some("60s")),
    advanced("pcmk_list_retries", T::Integer, Some("2")),
    advanced("pcmk_monitor_action", T::Text, Some("monitor")),
    advanced("pcmk_monitor_timeout", T::Duration, Some("60s")),
    advanced("pcmk_monitor_retries", T::Integer, Some("2")),
    advanced("pcmk_status_action", T::Text, Some("status")),
    advanced("pcmk_status_timeout", T::Duration, Some("60s")),
    advanced("pcmk_status_retries", T::Integer, Some("2")),
];
