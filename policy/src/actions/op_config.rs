//! What an operation is configured to be: its `<op>`, meta-attributes and failure handling.
//!
//! **Source:** pacemaker `lib/pengine/pe_actions.c` (`pcmk__find_action_config()`,
//! `pcmk__unpack_action_meta()`, `pcmk__parse_on_fail()`, `pcmk__role_after_failure()`).

use rustc_hash::FxHashMap;
use std::sync::Arc;

use cib_model::interval;
use cib_model::xml::{ElementRef, XmlId};

use crate::facts::{
    AttrMap, ClusterFlags, OnFail, Requires, Role, RscFlags, is_enabled, op_interval,
};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::unpack::nvset;
use crate::unpack::rule::RuleInput;

/// Timeout where none is configured, ms.
const DEFAULT_TIMEOUT_MS: i64 = 20_000;

/// Meta-attributes that were evaluated already, by resource element, operation and `<op>`.
pub(super) type MetaCache = FxHashMap<(Option<XmlId>, Box<str>, u32, Option<XmlId>), Arc<AttrMap>>;

/// Returns true for the spellings of the promoted role.
fn is_promoted_role(text: Option<&str>) -> bool {
    text.is_some_and(|t| t.eq_ignore_ascii_case("Promoted") || t.eq_ignore_ascii_case("Master"))
}

impl Plan {
    /// Returns the `<op>` elements of a resource, in document order.
    pub(crate) fn ops(&self, rsc: RscIdx) -> impl Iterator<Item = ElementRef<'_>> {
        let ops = self.facts.rscs[rsc].ops_xml.and_then(|ops| self.facts.config.element(ops));
        ops.into_iter().flat_map(|ops| ops.children_named("op"))
    }

    fn find_exact_op(
        &self,
        rsc: RscIdx,
        name: &str,
        interval_ms: u32,
        include_disabled: bool,
    ) -> Option<XmlId> {
        if let Some(table) = &self.facts.rscs[rsc].op_table {
            let same = table.get(name, interval_ms)?;
            return if include_disabled { Some(same.first) } else { same.enabled };
        }
        self.ops(rsc)
            .find(|op| {
                (include_disabled || is_enabled(*op))
                    && op.attr("name") == Some(name)
                    && op_interval(*op) == interval_ms
            })
            .map(ElementRef::xml_id)
    }

    /// Returns the `<op>` that configures an operation; `migrate_to` and `migrate_from` fall back
    /// to `migrate`.
    pub fn find_op(
        &self,
        rsc: RscIdx,
        name: &str,
        interval_ms: u32,
        include_disabled: bool,
    ) -> Option<XmlId> {
        self.find_exact_op(rsc, name, interval_ms, include_disabled).or_else(|| {
            matches!(name, "migrate_to" | "migrate_from")
                .then(|| self.find_exact_op(rsc, "migrate", 0, include_disabled))?
        })
    }

    /// Returns the `<op>` of notifications.
    pub(super) fn find_notify_op(&self, rsc: RscIdx) -> Option<XmlId> {
        self.find_exact_op(rsc, "notify", 0, true)
    }

    /// Returns the timeout of the most frequent recurring monitor, as configured.
    fn monitor_timeout(&self, rsc: RscIdx) -> Option<&str> {
        self.ops(rsc)
            .filter(|op| op.attr("name") == Some("monitor") && is_enabled(*op))
            .filter(|op| op_interval(*op) > 0)
            .min_by_key(|op| op_interval(*op))?
            .attr("timeout")
    }

    /// Returns an operation's meta-attributes with interval, timeout and start delay in ms.
    ///
    /// # Source
    /// `pcmk__unpack_action_meta()`
    pub fn op_meta(
        &mut self,
        rsc: RscIdx,
        node: Option<NodeIdx>,
        name: &str,
        interval_ms: u32,
        op: Option<XmlId>,
    ) -> Arc<AttrMap> {
        let is_probe = name == "monitor" && interval_ms == 0;
        let is_fence_device = &*self.facts.rscs[rsc].class == "stonith";
        let by_params = is_fence_device && (name == "start" || is_probe);
        let cache_key = (self.facts.rscs[rsc].xml, Box::from(name), interval_ms, op);
        if !by_params
            && cache_key.0.is_some()
            && let Some(known) = self.actions.meta_cache.get(&cache_key)
        {
            return Arc::clone(known);
        }
        let (mut meta, next_change) = self.configured_meta(rsc, name, interval_ms, op);
        if let Some(time) = next_change {
            self.recheck_at(time);
        }
        meta.remove("id");
        if interval_ms > 0 {
            meta.set("interval", &interval_ms.to_string());
        } else {
            meta.remove("interval");
        }
        if by_params {
            let params = self.rsc_params(rsc, node);
            if let Some(timeout) = params.get("pcmk_monitor_timeout") {
                meta.set("timeout", timeout);
            }
        }
        let timeout = meta.get("timeout").and_then(|t| interval::parse_ms(t).ok());
        let timeout = timeout.filter(|ms| *ms > 0).unwrap_or(DEFAULT_TIMEOUT_MS);
        meta.set("timeout", &timeout.min(i64::from(i32::MAX)).to_string());
        self.validate_on_fail(rsc, name, op, &mut meta);
        if let Some(delay) = meta.get("start-delay") {
            let delay = interval::parse_ms(delay).unwrap_or(0).clamp(0, i64::from(i32::MAX));
            meta.set("start-delay", &delay.to_string());
        } else if let Some(delay) = self.delay_from_origin(&meta, interval_ms) {
            meta.set("start-delay", &delay.to_string());
        }
        let meta = Arc::new(meta);
        if !by_params && cache_key.0.is_some() {
            self.actions.meta_cache.insert(cache_key, Arc::clone(&meta));
        }
        meta
    }

    /// Blocks of the `<op>`, its attributes over them, the probe's timeout, and the defaults.
    fn configured_meta(
        &self,
        rsc: RscIdx,
        name: &str,
        interval_ms: u32,
        op: Option<XmlId>,
    ) -> (AttrMap, Option<i64>) {
        let facts = &self.facts.rscs[rsc];
        let xml = self.facts.rsc_xml(rsc);
        let input = RuleInput {
            now: self.facts.now,
            class: Some(&*facts.class).filter(|c| !c.is_empty()),
            provider: xml.and_then(|x| x.attr("provider")),
            agent: Some(&*facts.agent).filter(|a| !a.is_empty()),
            op_name: Some(name),
            op_interval_ms: interval_ms,
            ..RuleInput::default()
        };
        let mut meta = AttrMap::new();
        let mut change = None;
        let op = op.and_then(|op| self.facts.config.element(op));
        if let Some(op) = op {
            change = nvset::unpack(op, "meta_attributes", &input, None, &mut meta);
            for (attr, value) in op.attrs() {
                meta.set(attr, value);
            }
        }
        if name == "monitor"
            && interval_ms == 0
            && !meta.contains("timeout")
            && let Some(timeout) = self.monitor_timeout(rsc)
        {
            meta.set("timeout", timeout);
        }
        let defaults = self.facts.op_defaults.and_then(|d| self.facts.config.element(d));
        if let Some(defaults) = defaults {
            let other = nvset::unpack(defaults, "meta_attributes", &input, None, &mut meta);
            change = change.into_iter().chain(other).min();
        }
        (meta, change)
    }

    /// Milliseconds until the next multiple of the interval after `interval-origin`.
    fn delay_from_origin(&self, meta: &AttrMap, interval_ms: u32) -> Option<i64> {
        let origin = meta.get("interval-origin").filter(|_| interval_ms > 0)?;
        let origin = crate::unpack::rule::parse_time(origin)?;
        let interval_s = i64::from(interval_ms.div_ceil(1000));
        let since = (self.facts.now - origin) % interval_s;
        Some((if since <= 0 { -since } else { interval_s - since }) * 1000)
    }

    /// # Source
    /// `validate_on_fail()`
    fn validate_on_fail(&self, rsc: RscIdx, name: &str, op: Option<XmlId>, meta: &mut AttrMap) {
        let value = meta.get("on-fail").map(str::to_ascii_lowercase);
        if name == "stop" && matches!(value.as_deref(), Some("standby" | "demote" | "stop")) {
            meta.remove("on-fail");
            return;
        }
        if name == "demote" && value.is_none() {
            // COMPAT(pacemaker 3.x, validate_on_fail()): the last matching monitor wins.
            for monitor in self.ops(rsc) {
                if let Some(on_fail) = monitor.attr("on-fail")
                    && monitor.attr("name") == Some("monitor")
                    && is_promoted_role(monitor.attr("role"))
                    && op_interval(monitor) > 0
                    && is_enabled(monitor)
                    && !on_fail.eq_ignore_ascii_case("demote")
                {
                    meta.set("on-fail", on_fail);
                }
            }
            return;
        }
        if name == "lrm_delete" && value.as_deref() != Some("ignore") {
            meta.set("on-fail", "ignore");
            return;
        }
        if value.as_deref() == Some("demote") {
            let op = op.and_then(|op| self.facts.config.element(op));
            let is_promoted_monitor = op.is_some_and(|op| {
                op.attr("name") == Some("monitor")
                    && op_interval(op) > 0
                    && is_promoted_role(op.attr("role"))
            });
            if op.and_then(|op| op.attr("name")) != Some("promote") && !is_promoted_monitor {
                meta.remove("on-fail");
            }
        }
    }

    /// Returns what an operation needs before it may recover a resource from a failed node.
    pub fn op_requires(&self, rsc: RscIdx, name: &str) -> Requires {
        if !name.eq_ignore_ascii_case("start") && !name.eq_ignore_ascii_case("promote") {
            Requires::Nothing
        } else if self.rsc_has(rsc, RscFlags::NEEDS_FENCING) {
            Requires::Fencing
        } else if self.rsc_has(rsc, RscFlags::NEEDS_QUORUM) {
            Requires::Quorum
        } else {
            Requires::Nothing
        }
    }

    /// Returns what a failure of the operation asks for; `value` is its `on-fail`.
    pub fn op_on_fail(
        &self,
        rsc: RscIdx,
        name: &str,
        interval_ms: u32,
        value: Option<&str>,
    ) -> OnFail {
        let fencing = self.cluster_has(ClusterFlags::FENCING_ENABLED);
        let managed = self.rsc_has(rsc, RscFlags::MANAGED);
        let launcher = self.facts.rscs[rsc].launcher;
        let mut explicit = match value.map(str::to_ascii_lowercase).as_deref() {
            Some("block") => Some(OnFail::Block),
            Some("fence") if fencing => Some(OnFail::FenceNode),
            Some("fence" | "stop") => Some(OnFail::Stop),
            Some("standby") => Some(OnFail::StandbyNode),
            Some("ignore" | "nothing") => Some(OnFail::Ignore),
            Some("migrate") => Some(OnFail::Ban),
            Some("restart") => Some(OnFail::Restart),
            Some("restart-container") if launcher.is_some() => Some(OnFail::RestartContainer),
            Some("demote") => Some(OnFail::Demote),
            _ => None,
        };
        let is_probe = name == "monitor" && interval_ms == 0;
        let resets_remote = self.rsc_has(rsc, RscFlags::IS_REMOTE_CONNECTION)
            && self
                .facts
                .node_by_name(&self.facts.rscs[rsc].id)
                .is_some_and(|node| self.facts.is_remote(node))
            && !is_probe
            && name != "start";
        if resets_remote && !managed {
            explicit = None;
        }
        if let Some(explicit) = explicit {
            return explicit;
        }
        match (launcher.is_some(), resets_remote, name) {
            (true, ..) => OnFail::RestartContainer,
            (_, true, _) if managed => OnFail::ResetRemote,
            (_, true, _) => OnFail::Stop,
            (.., "stop") if fencing => OnFail::FenceNode,
            (.., "stop") => OnFail::Block,
            _ => OnFail::Restart,
        }
    }

    /// Returns the role a resource shall have after a failure of the operation.
    pub fn role_after_failure(&self, rsc: RscIdx, name: &str, on_fail: OnFail) -> Role {
        match on_fail {
            OnFail::Stop => Role::Stopped,
            OnFail::ResetRemote if self.facts.rscs[rsc].remote_reconnect_ms != 0 => Role::Stopped,
            _ if name == "promote" => Role::Unpromoted,
            _ => Role::Started,
        }
    }
}
