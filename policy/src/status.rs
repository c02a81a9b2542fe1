//! Cluster status: what the CIB says of nodes and resources now, without scheduling anything.
//!
//! **Source:** pacemaker `lib/pengine/status.c` (`cluster_status()`), `pe_output.c` (what
//! `crm_mon` shows).
//! **Shape:** the unpacked plan, and questions to it. The plan stays open for what is not asked
//! here.

use cib_model::Cib;

use crate::Options;
use crate::facts::{HistoryEntry, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::render::status_text::{self, Counts, StatusStyle};
use crate::unpack;
use crate::unpack::failcount::{FailCount, FailCountKind};
pub use crate::unpack::history::is_masked_probe;
use crate::unpack::history::is_probe;

/// What the cluster is doing.
#[derive(Debug)]
pub struct ClusterStatus {
    /// All tables, as far as reading the CIB fills them.
    pub plan: Plan,
}

/// A failed action to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// Node where it failed.
    pub node: NodeIdx,
    /// Resource that it was for.
    pub rsc: RscIdx,
    /// The history entry.
    pub entry: &'a HistoryEntry,
}

/// The history of one resource on one node, with its fail count.
#[derive(Clone, Debug)]
pub struct RscHistory<'a> {
    /// Resource.
    pub rsc: RscIdx,
    /// Id in the history: may lack the instance number.
    pub history_id: &'a str,
    /// Failures that have not expired, and the last one's time.
    pub fail_count: FailCount,
    /// Failures until the resource is banned from the node; 1,000,000 = any number.
    pub migration_threshold: i32,
    /// Entries, oldest first; notifications and probes that found nothing left out.
    pub entries: Vec<&'a HistoryEntry>,
}

/// Reads the status of the cluster from its CIB.
///
/// ```
/// let cib = cib_model::Cib::empty();
/// let status = policy::status(&cib, &policy::Options::default());
/// assert!(status.text(true).contains("No resources"));
/// ```
pub fn status(cib: &Cib, options: &Options) -> ClusterStatus {
    ClusterStatus { plan: unpack::run(cib, options) }
}

impl ClusterStatus {
    /// Returns the nodes in list order: by name, digit runs as numbers.
    pub fn nodes(&self) -> &[NodeIdx] {
        &self.plan.facts.node_order
    }

    /// Returns how a node's state reads: `online`, `OFFLINE (standby)`, `UNCLEAN (offline)`, ….
    pub fn node_text(&self, node: NodeIdx) -> &'static str {
        status_text::node_status(&self.plan, node)
    }

    /// Returns the top-level resources in list order; removed ones that are not active left out.
    pub fn resources(&self) -> impl Iterator<Item = RscIdx> + '_ {
        let plan = &self.plan;
        plan.facts
            .top
            .iter()
            .copied()
            .filter(|rsc| !plan.rsc_has(*rsc, RscFlags::REMOVED) || plan.is_active(*rsc, true))
    }

    /// Counts resource instances.
    pub fn counts(&self) -> Counts {
        status_text::counts(&self.plan)
    }

    /// Returns a node's attributes as `crm_mon -A` shows them, by name: implicit ones, fail counts,
    /// and what the cluster keeps for itself left out.
    ///
    /// # Source
    /// `filter_attr_list()`
    pub fn attributes(&self, node: NodeIdx) -> impl Iterator<Item = (&str, &str)> {
        self.plan.shown_attributes(node)
    }

    /// Returns the failed actions in the order they were found; one per operation and node.
    pub fn failures(&self) -> impl Iterator<Item = Failure<'_>> {
        let facts = &self.plan.facts;
        facts.failed.iter().map(|failed| Failure {
            node: failed.node,
            rsc: failed.rsc,
            entry: facts.failed_entry(failed),
        })
    }

    /// Returns how often the resource has failed on the node, expired failures left out.
    pub fn fail_count(&mut self, node: NodeIdx, rsc: RscIdx) -> FailCount {
        let kind = FailCountKind { effective: true, launched: false };
        self.plan.fail_count(node, rsc, kind, None)
    }

    /// Returns the histories of a node's resources in document order.
    pub fn history(&mut self, node: NodeIdx) -> Vec<RscHistory<'_>> {
        let mine = |at: &usize| {
            let history = &self.plan.facts.history[*at];
            history.node == Some(node) && history.rsc.is_some()
        };
        let found: Vec<usize> = (0..self.plan.facts.history.len()).filter(mine).collect();
        let counts: Vec<FailCount> = found
            .iter()
            .map(|at| {
                let rsc = self.plan.facts.history[*at].rsc;
                rsc.map_or_else(FailCount::default, |rsc| self.fail_count(node, rsc))
            })
            .collect();
        let facts = &self.plan.facts;
        let one = |(at, fail_count): (usize, FailCount)| {
            let history = &facts.history[at];
            let rsc = history.rsc?;
            let entries = history.sorted.iter().map(|entry| &history.entries[*entry]);
            let shown = |entry: &&HistoryEntry| {
                &*entry.task != "notify" && !(entry.rc == 7 && is_probe(entry))
            };
            Some(RscHistory {
                rsc,
                history_id: &history.id,
                fail_count,
                migration_threshold: facts.rscs[rsc].ban_after_failures,
                entries: entries.filter(shown).collect(),
            })
        };
        found.into_iter().zip(counts).filter_map(one).collect()
    }

    /// Returns the node list and the full list of resources as text; `pending` shows actions
    /// under way.
    pub fn text(&self, pending: bool) -> String {
        status_text::status(&self.plan, StatusStyle { pending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIB: &str = r#"<cib have-quorum="1" dc-uuid="1"><configuration><crm_config>
        <cluster_property_set id="cib-bootstrap-options">
          <nvpair id="f" name="stonith-enabled" value="false"/></cluster_property_set></crm_config>
        <nodes><node id="1" uname="node10"/><node id="2" uname="node2"/></nodes>
        <resources><primitive id="db" class="ocf" provider="pacemaker" type="Dummy">
          <operations><op id="m" name="monitor" interval="10s"/></operations></primitive>
        </resources><constraints/></configuration><status>
        <node_state id="1" uname="node10" in_ccm="true" crmd="online" join="member"
            expected="member">
          <transient_attributes id="1"><instance_attributes id="s">
            <nvpair id="a" name="fail-count-db#monitor_10000" value="2"/>
            <nvpair id="b" name="ping" value="7"/></instance_attributes></transient_attributes>
          <lrm id="1"><lrm_resources><lrm_resource id="db" class="ocf" provider="pacemaker"
              type="Dummy"><lrm_rsc_op id="db_last_0" operation="start" interval="0" call-id="5"
              operation_key="db_start_0" rc-code="0" op-status="0" on_node="node10"
              transition-key="1:1:0:11111111-1111-1111-1111-111111111111"/>
            <lrm_rsc_op id="db_last_failure_0" operation="monitor" interval="10000" call-id="6"
              operation_key="db_monitor_10000" rc-code="1" op-status="4" on_node="node10"
              transition-key="2:1:0:11111111-1111-1111-1111-111111111111"/>
            </lrm_resource></lrm_resources></lrm></node_state></status></cib>"#;

    #[test]
    fn a_failed_resource_shows_its_failure_and_its_fail_count() {
        let cib = Cib::read(CIB).unwrap();
        let mut status = status(&cib, &Options::default());
        assert_eq!(
            status.text(false),
            "  * Node List:\n    * Online: [ node10 ]\n    * OFFLINE: [ node2 ]\n\n  \
             * Full List of Resources:\n    * db\t(ocf:pacemaker:Dummy):\t FAILED node10\n"
        );
        let node = status.plan.facts.node_by_name("NODE10").unwrap();
        let rsc = status.plan.facts.rsc_by_id("db").unwrap();
        assert_eq!(status.attributes(node).collect::<Vec<_>>(), [("ping", "7")]);
        assert_eq!(status.fail_count(node, rsc).count, 2);
        let failed: Vec<&str> = status.failures().map(|f| &*f.entry.key).collect();
        assert_eq!(failed, ["db_monitor_10000"]);
        let history = status.history(node);
        assert_eq!(history[0].entries.len(), 2);
    }

    #[test]
    fn nodes_are_listed_by_number() {
        let cib = Cib::read(CIB).unwrap();
        let status = status(&cib, &Options::default());
        let names: Vec<&str> =
            status.nodes().iter().map(|n| &*status.plan.facts.nodes[*n].name).collect();
        assert_eq!(names, ["node2", "node10"]);
    }
}
