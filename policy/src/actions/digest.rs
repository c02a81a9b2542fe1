//! Operation digests: whether a resource's definition changed since an action was run.
//!
//! **Source:** pacemaker `lib/pengine/pe_digest.c`, `lib/common/actions.c`
//! (`pcmk__filter_op_for_digest()`).
//! **Shape:** results are kept per node, resource and operation; as in C the verdict of the last
//! comparison stays with them.

use rustc_hash::FxHashMap;

use cib_model::xml::{Dialect, Layout, Tree, write_element};

use crate::facts::{AttrMap, ClusterFlags, HistoryEntry};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;

/// How recorded and present parameters compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DigestVerdict {
    /// Equal.
    #[default]
    Match,
    /// Nothing recorded to compare with.
    Unknown,
    /// Different.
    Mismatch,
    /// Different in parameters that need a restart.
    Restart,
}

/// Digests of an operation's parameters as configured now.
#[derive(Clone, Debug, Default)]
pub struct OpDigests {
    /// Outcome of the last comparison.
    pub verdict: DigestVerdict,
    /// Of all parameters.
    pub all: String,
    /// Of those that are not private.
    pub secure: Option<String>,
    /// Of those whose change needs a restart.
    pub restart: Option<String>,
}

/// Digests that were calculated already.
pub(super) type DigestCache = FxHashMap<(NodeIdx, RscIdx, Box<str>, u32), OpDigests>;

/// Returns `CRM_meta_NAME` for a meta-attribute, or `None` for internal names.
pub(crate) fn meta_name(name: &str) -> Option<String> {
    const PREFIX: &str = "CRM_meta_";
    if name.bytes().any(|byte| matches!(byte, b'#' | b':')) {
        return None;
    }
    let mut text = String::with_capacity(PREFIX.len() + name.len());
    text.push_str(PREFIX);
    text.extend(name.chars().map(|c| if c == '-' { '_' } else { c }));
    Some(text)
}

/// Removes what does not count for a digest.
fn filter(params: &AttrMap) -> AttrMap {
    let interval = params.get("CRM_meta_interval").and_then(|v| v.parse::<u32>().ok());
    let keeps_timeout = interval.is_some_and(|ms| ms != 0);
    let mut kept = AttrMap::new();
    for (name, value) in params.iter() {
        let fixed = matches!(
            name,
            "id" | "crm_feature_set"
                | "op-digest"
                | "on_node"
                | "on_node_uuid"
                | "pcmk_external_ip"
        );
        let meta = name.starts_with("CRM_meta_");
        if (!fixed && !meta) || (keeps_timeout && name == "CRM_meta_timeout") {
            kept.set(name, value);
        }
    }
    kept
}

fn digest(params: &AttrMap) -> String {
    let mut tree = Tree::new("parameters");
    let root = tree.root_id();
    for (name, value) in params.iter() {
        tree.set_attr(root, name.to_owned(), value);
    }
    let text = write_element(tree.root(), Layout::Compact, Dialect::Pcmk3);
    cib_model::digest::md5_hex(&format!(" {text}\n"))
}

/// # Source
/// `pcmk_stonith_param()`
fn is_fence_param(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("pcmk_") else {
        return matches!(name, "provides" | "stonith-timeout");
    };
    matches!(
        name,
        "pcmk_action_limit"
            | "pcmk_delay_base"
            | "pcmk_delay_max"
            | "pcmk_host_argument"
            | "pcmk_host_check"
            | "pcmk_host_list"
            | "pcmk_host_map"
    ) || rest
        .split_once('_')
        .is_some_and(|(_, what)| matches!(what, "action" | "timeout" | "retries"))
}

impl Plan {
    /// # Source
    /// `pe__calculate_digests()`
    fn calculate_digests(
        &mut self,
        rsc: RscIdx,
        task: &str,
        interval_ms: u32,
        node: NodeIdx,
        entry: Option<&HistoryEntry>,
        with_secure: bool,
    ) -> OpDigests {
        let mut found = OpDigests::default();
        let mut all = AttrMap::new();
        if let Some(name) = self.bundle_remote_name(rsc) {
            all.set("addr", &name);
        }
        let params = self.rsc_params(rsc, Some(node));
        for (name, value) in params.iter() {
            all.set_default(name, value);
        }
        let op = self.find_op(rsc, task, interval_ms, true);
        let own = self.op_params(op, node);
        if interval_ms == 0 && !own.is_empty() {
            found.verdict = DigestVerdict::Restart;
        }
        for (name, value) in own.iter() {
            all.set_default(name, value);
        }
        let meta = self.op_meta(rsc, Some(node), task, interval_ms, op);
        // Of the meta-attributes only these two can pass the filter.
        for name in ["interval", "timeout"] {
            if let (Some(name), Some(value)) = (meta_name(name), meta.get(name)) {
                all.set_default(&name, value);
            }
        }
        let all = filter(&all);
        found.all = digest(&all);
        if with_secure {
            found.secure = Some(self.secure_digest(rsc, &params, &all, entry));
        }
        if let Some(entry) = entry.filter(|e| e.op_restart_digest.is_some()) {
            let mut restart = all;
            if let Some(names) = &entry.op_force_restart {
                let mut kept = AttrMap::new();
                for name in names.split(' ') {
                    if let Some(value) = restart.get(name) {
                        kept.set(name, value);
                    }
                }
                restart = kept;
            }
            found.restart = Some(digest(&restart));
        }
        found
    }

    fn secure_digest(
        &self,
        rsc: RscIdx,
        params: &AttrMap,
        all: &AttrMap,
        entry: Option<&HistoryEntry>,
    ) -> String {
        let version = entry.and_then(|e| e.feature_set.as_deref());
        let version = version.or(self.facts.feature_set.as_deref()).unwrap_or(crate::FEATURE_SET);
        let is_old = cib_model::version::compare(version, "3.16.0").is_lt();
        let mut secure = if is_old { params.clone() } else { all.clone() };
        let private = match entry {
            None => Some(" passwd password user "),
            Some(entry) => entry.op_secure_params.as_deref(),
        };
        for name in private.unwrap_or_default().split(' ') {
            secure.remove(name);
        }
        if is_old && &*self.facts.rscs[rsc].class == "stonith" {
            let mut kept = AttrMap::new();
            for (name, value) in secure.iter().filter(|(n, _)| !is_fence_param(n)) {
                kept.set(name, value);
            }
            secure = kept;
        }
        let mut secure = filter(&secure);
        if is_old {
            secure.remove("CRM_meta_timeout");
        }
        digest(&secure)
    }

    fn digests(
        &mut self,
        rsc: RscIdx,
        task: &str,
        interval_ms: u32,
        node: NodeIdx,
        entry: Option<&HistoryEntry>,
        with_secure: bool,
    ) -> OpDigests {
        let key = (node, rsc, Box::from(task), interval_ms);
        if let Some(known) = self.actions.digest_cache.get(&key) {
            return known.clone();
        }
        let new = self.calculate_digests(rsc, task, interval_ms, node, entry, with_secure);
        self.actions.digest_cache.insert(key, new.clone());
        new
    }

    fn remember_verdict(
        &mut self,
        (rsc, task, interval_ms, node): (RscIdx, &str, u32, NodeIdx),
        verdict: DigestVerdict,
    ) {
        let key = (node, rsc, Box::from(task), interval_ms);
        if let Some(known) = self.actions.digest_cache.get_mut(&key) {
            known.verdict = verdict;
        }
    }

    /// Compares a history entry with the configuration.
    ///
    /// # Source
    /// `rsc_action_digest_cmp()`
    pub fn compare_digest(
        &mut self,
        rsc: RscIdx,
        entry: &HistoryEntry,
        node: NodeIdx,
    ) -> OpDigests {
        let sanitized = self.cluster_has(ClusterFlags::SANITIZED);
        let interval_ms = entry.interval_ms;
        let mut found = self.digests(rsc, &entry.task, interval_ms, node, Some(entry), sanitized);
        // A missing digest matches anything.
        let restarts = found
            .restart
            .as_deref()
            .zip(entry.op_restart_digest.as_deref())
            .is_some_and(|(now, recorded)| now != recorded);
        found.verdict = if restarts {
            DigestVerdict::Restart
        } else {
            match entry.op_digest.as_deref() {
                None => DigestVerdict::Unknown,
                Some(recorded) if recorded == found.all => DigestVerdict::Match,
                Some(_) if interval_ms == 0 && found.verdict == DigestVerdict::Restart => {
                    DigestVerdict::Restart
                }
                Some(_) => DigestVerdict::Mismatch,
            }
        };
        self.remember_verdict((rsc, &entry.task, interval_ms, node), found.verdict);
        found
    }

    /// Compares a fence device with what the node was unfenced by.
    ///
    /// # Source
    /// `pe__compare_fencing_digest()`
    pub(super) fn compare_fencing_digest(
        &mut self,
        rsc: RscIdx,
        agent: &str,
        node: NodeIdx,
    ) -> OpDigests {
        const TASK: &str = "stonith-on";
        let mut found = self.digests(rsc, TASK, 0, node, None, true);
        let attrs = &self.facts.nodes[node].attrs;
        let id = &self.facts.rscs[rsc].id;
        let has = |attr: &str, digest: &str| {
            attrs.get(attr).is_some_and(|v| v.contains(&format!("{id}:{agent}:{digest}")))
        };
        let secure = found.secure.as_deref().unwrap_or_default();
        found.verdict = if attrs.get("#digests-all").is_none() {
            DigestVerdict::Unknown
        } else if has("#digests-all", &found.all) || has("#digests-secure", secure) {
            DigestVerdict::Match
        } else {
            DigestVerdict::Mismatch
        };
        self.remember_verdict((rsc, TASK, 0, node), found.verdict);
        found
    }

    /// Returns true for a bundle's connection whose address stands for the container's node.
    ///
    /// # Source
    /// `pe__bundle_needs_remote_name()`
    pub(crate) fn needs_bundle_remote_name(&mut self, rsc: RscIdx) -> bool {
        if !self.is_bundled(rsc) || self.facts.rscs[rsc].launcher.is_none() {
            return false;
        }
        let params = self.rsc_params(rsc, None);
        params.get("addr").is_some_and(|v| v.eq_ignore_ascii_case("#uname"))
    }

    /// Returns the name that stands for `#uname` in a bundle connection's address.
    ///
    /// # Source
    /// `pe__add_bundle_remote_name()`
    pub(crate) fn bundle_remote_name(&mut self, rsc: RscIdx) -> Option<Box<str>> {
        if !self.needs_bundle_remote_name(rsc) {
            return None;
        }
        let container = self.facts.rscs[rsc].launcher?;
        let node = self.rscs[container].assigned.or_else(|| self.current_node(container))?;
        Some(self.facts.nodes[node].name.clone())
    }
}
