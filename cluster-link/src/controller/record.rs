//! History entries as XML text: what an action of this node leaves in the CIB.

use std::collections::BTreeMap;

use cib_model::xml::{Dialect, Layout, Tree, write_element};

use crate::executor::{ActionRequest, ActionResult, AgentSpec, OpStatus};
use crate::history::{self, AgentMetadata, ORIGIN_RESULT, OpDigests, Writer};

/// Writes entries for one node.
#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) node_id: String,
    pub(super) node_name: String,
    pub(super) feature_set: String,
    /// What is known of agents, by `class:provider:type`.
    metadata: BTreeMap<String, AgentMetadata>,
}

impl Recorder {
    pub(super) fn new(node_id: String, node_name: String, feature_set: String) -> Self {
        Recorder { node_id, node_name, feature_set, metadata: BTreeMap::new() }
    }

    pub(super) fn learn(&mut self, agent: &AgentSpec, metadata: AgentMetadata) {
        self.metadata.insert(agent.to_string(), metadata);
    }

    /// Returns the `<lrm_resource>` of an operation that begins; `None` where it leaves none.
    pub(super) fn pending(&self, request: &ActionRequest, epoch_s: i64) -> Option<String> {
        history::pending(request, epoch_s).map(|result| self.result(&result))
    }

    /// Returns the `<lrm_resource>` of an operation that ended.
    pub(super) fn result(&self, result: &ActionResult) -> String {
        let metadata = self.metadata.get(&result.request.agent.to_string());
        let writer = Writer {
            node_id: &self.node_id,
            node_name: &self.node_name,
            feature_set: &self.feature_set,
            origin: ORIGIN_RESULT,
        };
        resource(result, &writer, metadata)
    }
}

/// Returns the `<lrm_resource>` of an operation whose result never came from `writer`'s node.
pub(super) fn lost(request: &ActionRequest, writer: &Writer<'_>, epoch_s: i64) -> String {
    let result = ActionResult {
        request: request.clone(),
        call_id: -1,
        rc: 1,
        op_status: OpStatus::Timeout,
        exit_reason: format!("Controller on {} did not return result in time", writer.node_name),
        last_rc_change_s: epoch_s,
        exec_ms: 0,
        queue_ms: 0,
    };
    resource(&result, writer, None)
}

fn resource(
    result: &ActionResult,
    writer: &Writer<'_>,
    metadata: Option<&AgentMetadata>,
) -> String {
    let digests = OpDigests::of(&result.request, metadata);
    let mut tree = Tree::new("lrm_resources");
    let root = tree.root_id();
    let at = history::append_resource(&mut tree, root, result, writer, &digests);
    tree.element(at)
        .map(|e| write_element(e, Layout::Compact, Dialect::Pcmk3))
        .expect("append_resource returns an element of the tree")
}
