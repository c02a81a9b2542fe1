//! Fail counts.
//!
//! **Source:** pacemaker `lib/pengine/failcounts.c`.
//! **Differs:** attribute names are compared as text; the reference makes regular expressions of
//! resource ids, so that a full stop in an id matches any character there.

use cib_model::xml::ElementRef;
use cib_model::{Score, interval};

use super::history::is_matched_failure;
use super::lrm::base_name;
use crate::facts::{AttrMap, HistoryEntry, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::add_scores;

/// Which fail count is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FailCountKind {
    /// Leave out failures that have expired.
    pub effective: bool,
    /// Add those of the resources it launched.
    pub launched: bool,
}

/// Number of failures and when the last one was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FailCount {
    /// Failures, up to 1,000,000.
    pub count: i32,
    /// Epoch seconds of the last failure; 0 = unknown or none.
    pub last_failure: i64,
}

/// Adds up the attributes of one resource.
fn recorded(attrs: &AttrMap, name: &str, is_unique: bool) -> FailCount {
    let mut found = FailCount::default();
    // Most nodes have no failures at all: nothing is put together for them.
    if attrs.with_prefix("fail-count-").next().is_none() {
        return found;
    }
    for (prefix, is_count) in [("fail-count-", true), ("last-failure-", false)] {
        let begin = format!("{prefix}{name}");
        for (attr, value) in attrs.with_prefix(&begin) {
            let rest = attr.get(begin.len()..).unwrap_or_default();
            if !is_operation_suffix(rest, is_unique) {
                continue;
            }
            if is_count {
                if let Ok(score) = Score::parse(value) {
                    found.count = add_scores(found.count, score.value());
                }
            } else if let Ok(time) = value.trim().parse::<i64>() {
                found.last_failure = found.last_failure.max(time);
            }
        }
    }
    found
}

/// Returns true for `#OP_INTERVAL`, with `:N` before it where the resource is not unique.
fn is_operation_suffix(text: &str, is_unique: bool) -> bool {
    let all_digits = |t: &str| !t.is_empty() && t.bytes().all(|c| c.is_ascii_digit());
    let Some((instance, operation)) = text.split_once('#') else { return false };
    let instance_ok =
        instance.is_empty() || (!is_unique && instance.strip_prefix(':').is_some_and(all_digits));
    instance_ok
        && operation
            .rsplit_once('_')
            .is_some_and(|(name, interval)| !name.is_empty() && all_digits(interval))
}

impl Plan {
    /// Returns how often the resource has failed on the node. Where a failure that blocks the
    /// resource is found, the resource's failure timeout is **set to none**.
    ///
    /// # Source
    /// `pe_get_failcount()`.
    pub fn fail_count(
        &mut self,
        node: NodeIdx,
        rsc: RscIdx,
        kind: FailCountKind,
        entry: Option<&HistoryEntry>,
    ) -> FailCount {
        let mut found = self.recorded_fail_count(node, rsc);
        if found.count > 0
            && self.facts.rscs[rsc].failure_expiration_ms > 0
            && self.is_blocked_by_failure(node, rsc, entry)
        {
            self.facts.rscs[rsc].failure_expiration_ms = 0;
        }
        let expiration_ms = self.facts.rscs[rsc].failure_expiration_ms;
        if kind.effective && found.count > 0 && found.last_failure > 0 && expiration_ms > 0 {
            let expires = found.last_failure + i64::from(expiration_ms.div_ceil(1000));
            if self.facts.now > expires {
                found.count = 0;
            }
        }
        if kind.launched && !self.facts.rscs[rsc].launched.is_empty() && !self.is_bundled(rsc) {
            for launched in self.facts.rscs[rsc].launched.clone() {
                let other = self.fail_count(node, launched, kind, entry);
                found.count += other.count;
                found.last_failure = found.last_failure.max(other.last_failure);
            }
        }
        if found.count <= 0 {
            found.last_failure = 0;
        }
        found
    }

    /// Returns how often the resource has failed on the node as its attributes tell, failures that
    /// have expired included.
    pub(crate) fn recorded_fail_count(&self, node: NodeIdx, rsc: RscIdx) -> FailCount {
        let is_unique = self.rscs[rsc].has(RscFlags::UNIQUE);
        let name = self.rscs[rsc].history_id.as_deref().unwrap_or(&self.facts.rscs[rsc].id);
        let name = if is_unique { name } else { base_name(name) };
        recorded(&self.facts.nodes[node].attrs, name, is_unique)
    }

    /// Returns true where an operation with `on-fail=block` has failed.
    ///
    /// # Source
    /// `block_failure()`.
    fn is_blocked_by_failure(
        &self,
        node: NodeIdx,
        rsc: RscIdx,
        entry: Option<&HistoryEntry>,
    ) -> bool {
        let id = base_name(&self.facts.rscs[rsc].id);
        let ops = self.facts.rsc_xml(rsc).into_iter().flat_map(ElementRef::descendants);
        let blocking = ops.filter(|op| op.name() == "op" && op.attr("on-fail") == Some("block"));
        let history = self.facts.lrm_resource(id, &self.facts.nodes[node].name);
        for op in blocking {
            let name = op.attr("name").unwrap_or_default();
            let interval_ms = interval::interval_ms(op.attr("interval"));
            let matches = |entry: &HistoryEntry| is_matched_failure(id, name, interval_ms, entry);
            let found = match entry {
                Some(entry) => matches(entry),
                None => history.is_some_and(|h| h.entries.iter().any(matches)),
            };
            if found {
                return true;
            }
        }
        false
    }
}
