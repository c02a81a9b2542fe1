//! Whether a node is online.
//!
//! **Source:** pacemaker `lib/pengine/unpack.c` (`determine_online_status()` and its two kinds,
//! `determine_remote_online_status()`).

use cib_model::xml::ElementRef;
use cib_model::{Role, boolean};

use crate::facts::{ClusterFlags, NodeFlags, RscFlags};
use crate::index::NodeIdx;
use crate::plan::Plan;
use crate::scores::MINUS_INFINITY;

/// What a cluster node's state says of its membership.
struct Membership<'a> {
    /// Since when it is a member, epoch seconds; 0 = it is not, −1 = never seen.
    member: i64,
    /// Since when its controller is online, epoch seconds; 0 = it is not.
    online: i64,
    join: Option<&'a str>,
    expected: Option<&'a str>,
}

impl<'a> Membership<'a> {
    fn read(state: ElementRef<'a>, now: i64) -> Self {
        let time = |text: &str| text.trim().parse::<i64>().ok().filter(|t| *t >= 0);
        let member = match state.attr("in_ccm") {
            None => -1,
            Some(text) => match boolean::parse(text) {
                Some(true) => now.max(1),
                Some(false) => 0,
                None => time(text).unwrap_or(-1),
            },
        };
        let online = match state.attr("crmd") {
            Some(text) if text.eq_ignore_ascii_case("online") => 1,
            Some(text) => time(text).unwrap_or(0),
            None => 0,
        };
        Membership { member, online, join: state.attr("join"), expected: state.attr("expected") }
    }
}

/// Determines whether a cluster node is online; may fence it.
pub(super) fn cluster_node(plan: &mut Plan, node: NodeIdx, state: ElementRef<'_>) {
    let membership = Membership::read(state, plan.facts.now);
    plan.nodes[node].shutdown = plan.is_shutdown_requested(node);
    if !plan.nodes[node].shutdown
        && membership.expected.is_some_and(|e| e.eq_ignore_ascii_case("member"))
    {
        plan.nodes[node].flags |= NodeFlags::EXPECTED_UP;
    }
    let online = if plan.facts.options.has(ClusterFlags::FENCING_ENABLED) {
        with_fencing(plan, node, &membership)
    } else {
        without_fencing(plan, node, &membership)
    };
    if online {
        plan.nodes[node].online = true;
    }
    if !online || plan.nodes[node].shutdown {
        plan.facts.nodes[node].score = MINUS_INFINITY;
    }
}

fn without_fencing(plan: &mut Plan, node: NodeIdx, membership: &Membership<'_>) -> bool {
    if membership.member <= 0 {
        false
    } else if membership.online > 0 {
        membership.join.is_some_and(|j| j.eq_ignore_ascii_case("member"))
    } else {
        if plan.nodes[node].has(NodeFlags::EXPECTED_UP) {
            plan.fence_node(node, "peer is unexpectedly down", false);
        }
        false
    }
}

fn with_fencing(plan: &mut Plan, node: NodeIdx, membership: &Membership<'_>) -> bool {
    let Membership { member, online, join, expected } = *membership;
    let terminate = is_termination_requested(plan, node);
    if plan.nodes[node].shutdown {
        return online > 0;
    }
    if member < 0 {
        plan.fence_node(node, "peer has not been seen by the cluster", false);
        return false;
    }
    if join == Some("banned") {
        plan.fence_node(node, "peer failed Pacemaker membership criteria", false);
    } else if terminate {
        if member <= 0 && online <= 0 && join == Some("down") {
            return false;
        }
        plan.fence_node(node, "fencing was requested", false);
    } else if expected.is_none_or(|e| e == "down") {
        if pending_too_long(plan, member, online) {
            plan.fence_node(node, "peer pending timed out on joining the process group", false);
        } else if member > 0 || online > 0 {
            plan.nodes[node].flags |= NodeFlags::STANDBY;
            plan.nodes[node].pending = true;
        }
    } else if member <= 0 {
        plan.fence_node(node, "peer is no longer part of the cluster", true);
    } else if online <= 0 {
        plan.fence_node(node, "peer process is no longer available", false);
    } else if join == Some("member") {
        // Active.
    } else if matches!(join, Some("pending" | "down")) {
        plan.nodes[node].flags |= NodeFlags::STANDBY;
        plan.nodes[node].pending = true;
    } else {
        plan.fence_node(node, "peer was in an unknown state", false);
    }
    member > 0
}

fn is_termination_requested(plan: &Plan, node: NodeIdx) -> bool {
    let Some(text) = plan.facts.nodes[node].attrs.get("terminate") else { return false };
    boolean::parse(text).unwrap_or_else(|| text.trim().parse::<i64>().is_ok_and(|time| time > 0))
}

fn pending_too_long(plan: &mut Plan, member: i64, online: i64) -> bool {
    let pending_ms = plan.facts.options.node_pending_ms;
    if pending_ms == 0 || member <= 0 || online > 0 {
        return false;
    }
    let timeout = member + i64::from(pending_ms.div_ceil(1000));
    if plan.facts.now >= timeout {
        return true;
    }
    plan.recheck_at(timeout);
    false
}

/// Determines whether a remote, guest or bundle node is online, from its connection's state.
pub(super) fn remote_node(plan: &mut Plan, node: NodeIdx) {
    let Some(remote) = plan.facts.nodes[node].remote else {
        plan.nodes[node].online = false;
        return;
    };
    let launcher = plan.facts.rscs[remote].launcher;
    let host = match (launcher, plan.rscs[remote].active.as_slice()) {
        (Some(_), [host]) => Some(*host),
        _ => None,
    };
    let started = plan.rscs[remote].orig_role == Role::Started;
    if started {
        plan.nodes[node].online = true;
    }
    if started && plan.rscs[remote].next_role == Role::Stopped {
        plan.nodes[node].shutdown = true;
    }
    let stopped = |rsc| plan.rscs[rsc].orig_role == Role::Stopped;
    let failed = |rsc| plan.rscs[rsc].has(RscFlags::FAILED);
    if launcher.is_some_and(failed) {
        plan.nodes[node].online = false;
        plan.nodes[node].flags |= NodeFlags::REMOTE_RESET;
    } else if failed(remote) {
        plan.nodes[node].online = false;
    } else if stopped(remote) || launcher.is_some_and(stopped) {
        plan.nodes[node].online = false;
        plan.nodes[node].flags -= NodeFlags::REMOTE_RESET;
    } else if host.is_some_and(|h| !plan.nodes[h].online && plan.nodes[h].unclean) {
        plan.nodes[node].online = false;
        plan.nodes[node].flags |= NodeFlags::REMOTE_RESET;
    }
}
