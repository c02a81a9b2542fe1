//! What became of options: new names, new places, or nothing.
//!
//! **Source:** pacemaker `xml/upgrade-2.10-1.xsl`, its table of replacements.

use super::super::Weight;

/// Which values of the option (of an operation's option: which operations) a replacement is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Only {
    Any,
    /// One of these, with `|` between them.
    OneOf(&'static str),
    /// A value without comma that begins so; the beginning goes.
    Prefix(&'static str),
}

/// What becomes of one option.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replacement {
    pub(super) what: &'static str,
    /// The new name; none: dropped.
    pub(super) with: Option<&'static str>,
    /// Where it goes, if not where it stands.
    pub(super) place: Option<&'static str>,
    pub(super) only: Only,
    /// The new value.
    pub(super) value: Option<&'static str>,
    extra: Option<&'static str>,
    weight: Weight,
}

impl Replacement {
    const fn rename(what: &'static str, with: &'static str) -> Self {
        Replacement {
            what,
            with: Some(with),
            place: None,
            only: Only::Any,
            value: None,
            extra: None,
            weight: Weight::Debug,
        }
    }

    const fn drop(what: &'static str, extra: &'static str) -> Self {
        Replacement {
            with: None,
            extra: Some(extra),
            weight: Weight::Info,
            ..Replacement::rename(what, "")
        }
    }

    const fn to(self, place: &'static str) -> Self {
        Replacement { place: Some(place), ..self }
    }

    const fn only(self, only: Only) -> Self {
        Replacement { only, ..self }
    }

    const fn value(self, value: &'static str) -> Self {
        Replacement { value: Some(value), ..self }
    }

    const fn warn(self, extra: &'static str) -> Self {
        Replacement { extra: Some(extra), weight: Weight::Warning, ..self }
    }

    /// Returns true where the option does not stay in its place.
    pub(super) fn takes_away(&self) -> bool {
        self.with.is_none() || self.place.is_some()
    }

    fn is_for(&self, value: &str) -> bool {
        match self.only {
            Only::Any => false,
            Only::OneOf(values) => format!("|{values}|").contains(&format!("|{value}|")),
            Only::Prefix(prefix) => value.starts_with(prefix) && !value.contains(','),
        }
    }

    /// Returns the value that the option has afterwards.
    pub(super) fn new_value<'a>(&self, value: &'a str) -> &'a str
    where
        'static: 'a,
    {
        match (self.value, self.only) {
            (Some(value), _) => value,
            (None, Only::Prefix(prefix)) => value.strip_prefix(prefix).unwrap_or(value),
            _ => value,
        }
    }
}

/// The replacements for one kind of option.
#[derive(Debug)]
pub(super) struct Table {
    label: &'static str,
    replacements: &'static [Replacement],
}

impl Table {
    /// Returns what becomes of an option: what is for this value, else what is for any.
    pub(super) fn find(&self, what: &str, value: &str) -> Option<&'static Replacement> {
        let of_name = || self.replacements.iter().filter(|r| r.what == what);
        of_name()
            .find(|r| r.is_for(value))
            .or_else(|| of_name().find(|r| matches!(r.only, Only::Any)))
    }

    /// Returns what is said of a replacement, one line or two, and how much it matters.
    pub(super) fn sentences(&self, context: &str, done: &Replacement) -> (Weight, Vec<String>) {
        let mut text = format!("{}: {context}: ", self.label);
        match (done.with, done.place) {
            (Some(with), Some(place)) => text.push_str(&format!(
                "moving {} under {place} as {with} unless already defined there",
                done.what
            )),
            (Some(with), None) if with == done.what => {
                text.push_str(&format!("keeping {with} as {with}"));
            }
            (Some(with), None) => text.push_str(&format!("renaming {} as {with}", done.what)),
            (None, _) => text.push_str(&format!("dropping {}", done.what)),
        }
        if let Some(value) = done.value {
            let comma = if matches!(done.only, Only::OneOf(_)) { "," } else { "" };
            text.push_str(&format!(", redefined as {value}{comma}"));
        }
        match done.only {
            Only::Any => {}
            Only::OneOf(values) => text.push_str(&format!(" for matching {values}")),
            Only::Prefix(prefix) => text.push_str(&format!(
                " for matching {prefix} prefix that will, meanwhile, get dropped"
            )),
        }
        let mut lines = vec![text];
        lines.extend(done.extra.map(|extra| format!("{}: ... {extra}", self.label)));
        (done.weight, lines)
    }
}

const RSC_DEFAULTS: &str = "rsc_defaults";
const OP_DEFAULTS: &str = "op_defaults";
const META: &str = "meta_attributes";
const NEVER: Only = Only::OneOf("-INFINITY");
const START: Only = Only::OneOf("start|promote");
const NO_STICKINESS: &str = "migration-threshold in rsc_defaults can be configured instead";
const NO_RSC_STICKINESS: &str = "migration-threshold can be configured instead";
const ALERTS: &str = "standalone alerts can be configured instead";
const NOT_START: &str = "only start/promote operation taken into account";
const NO_EFFECT: &str = "was actually never in effect";
const ISOLATION: &str =
    "i.e. resource at hand disabled; isolation wrappers obsoleted with bundle resources";

const fn isolation(what: &'static str) -> Replacement {
    Replacement::rename(what, "target-role").value("Stopped").warn(ISOLATION)
}

const fn moved(what: &'static str) -> Replacement {
    Replacement::rename(what, what).to(META)
}

/// Options of the cluster, by their value.
pub(super) const CLUSTER_OPTIONS: Table = Table {
    label: "Cluster properties",
    replacements: &[
        Replacement::drop(
            "cluster-infrastructure",
            "corosync (2+) infrastructure can be used instead, though the value is not of \
             significance",
        )
        .only(Only::OneOf("heartbeat|openais|classic openais|classic openais (with plugin)|cman")),
        Replacement::rename("cluster_recheck_interval", "cluster-recheck-interval"),
        Replacement::rename("dc_deadtime", "dc-deadtime"),
        Replacement::rename("default-action-timeout", "timeout").to(OP_DEFAULTS),
        Replacement::rename("default_action_timeout", "timeout").to(OP_DEFAULTS),
        Replacement::drop("default-migration-threshold", NO_STICKINESS),
        Replacement::drop("default_migration_threshold", NO_STICKINESS),
        Replacement::rename("default-resource-stickiness", "resource-stickiness").to(RSC_DEFAULTS),
        Replacement::rename("default_resource_stickiness", "resource-stickiness").to(RSC_DEFAULTS),
        Replacement::rename("default-resource-failure-stickiness", "migration-threshold")
            .to(RSC_DEFAULTS)
            .only(NEVER)
            .value("1"),
        Replacement::drop("default-resource-failure-stickiness", NO_STICKINESS),
        Replacement::rename("default_resource_failure_stickiness", "migration-threshold")
            .to(RSC_DEFAULTS)
            .only(NEVER)
            .value("1"),
        Replacement::drop("default_resource_failure_stickiness", NO_STICKINESS),
        Replacement::rename("election_timeout", "election-timeout"),
        Replacement::drop(
            "expected-quorum-votes",
            "corosync (2+) infrastructure tracks quorum on its own",
        ),
        Replacement::rename("is-managed-default", "is-managed").to(RSC_DEFAULTS),
        Replacement::rename("is_managed_default", "is-managed").to(RSC_DEFAULTS),
        Replacement::rename("no_quorum_policy", "no-quorum-policy"),
        Replacement::drop("notification-agent", ALERTS),
        Replacement::drop("notification-recipient", ALERTS),
        Replacement::rename("remove_after_stop", "remove-after-stop"),
        Replacement::rename("shutdown_escalation", "shutdown-escalation"),
        Replacement::rename("startup_fencing", "startup-fencing"),
        Replacement::rename("stonith_action", "stonith-action"),
        Replacement::rename("stonith_enabled", "stonith-enabled"),
        Replacement::rename("stop_orphan_actions", "stop-orphan-actions"),
        Replacement::rename("stop_orphan_resources", "stop-orphan-resources"),
        Replacement::rename("symmetric_cluster", "symmetric-cluster"),
        Replacement::rename("transition_idle_timeout", "cluster-delay"),
    ],
};

/// Attributes of a node, by their value.
pub(super) const NODE: Table = Table {
    label: "Cluster node",
    replacements: &[Replacement::rename("type", "type")
        .only(Only::OneOf("normal"))
        .value("member")],
};

/// Parameters of a resource, by their value.
pub(super) const PARAMETERS: Table = Table {
    label: "Resource instance_attributes",
    replacements: &[
        Replacement { with: None, ..Replacement::rename("pcmk_arg_map", "") },
        Replacement::rename("pcmk_arg_map", "pcmk_host_argument").only(Only::Prefix("port:")),
        Replacement::rename("pcmk_list_cmd", "pcmk_list_action"),
        Replacement::rename("pcmk_monitor_cmd", "pcmk_monitor_action"),
        Replacement::rename("pcmk_off_cmd", "pcmk_off_action"),
        Replacement::rename("pcmk_on_cmd", "pcmk_on_action"),
        Replacement::rename("pcmk_reboot_cmd", "pcmk_reboot_action"),
        Replacement::rename("pcmk_status_cmd", "pcmk_status_action"),
    ],
};

/// Meta attributes of a resource, by their value.
pub(super) const META_ATTRIBUTES: Table = Table {
    label: "Resource meta_attributes",
    replacements: &[
        isolation("isolation"),
        isolation("isolation-host"),
        isolation("isolation-instance"),
        isolation("isolation-wrapper"),
        Replacement::rename("resource-failure-stickiness", "migration-threshold")
            .only(NEVER)
            .value("1"),
        Replacement::drop("resource-failure-stickiness", NO_RSC_STICKINESS),
        Replacement::rename("resource_failure_stickiness", "migration-threshold")
            .only(NEVER)
            .value("1"),
        Replacement::drop("resource_failure_stickiness", NO_RSC_STICKINESS),
    ],
};

/// Attributes and options of an operation, by the operation's name.
pub(super) const OPERATION: Table = Table {
    label: "Resources-operation",
    replacements: &[
        Replacement::drop("requires", NOT_START),
        Replacement::rename("requires", "requires").to(META).only(START),
    ],
};

/// Parameters of an operation, by the operation's name.
pub(super) const OPERATION_PARAMETERS: Table = Table {
    label: "Resources-operation instance_attributes",
    replacements: &[
        Replacement::drop("requires", NOT_START),
        Replacement::rename("requires", "requires").to("per-resource-meta_attributes").only(START),
        moved("interval-origin"),
        moved("start-delay"),
        moved("enabled"),
        moved("on-fail"),
        moved("record-pending"),
        moved("role"),
        moved("timeout"),
    ],
};

/// Attributes of a colocation.
pub(super) const COLOCATION: Table = Table {
    label: "Constraints-colocation",
    replacements: &[
        Replacement::drop("score-attribute", NO_EFFECT),
        Replacement::drop("score-attribute-mangle", NO_EFFECT),
    ],
};
