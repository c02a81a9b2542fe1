//! One node's side of the transition: runs what the DC asks for and records what came of it.
//!
//! Keeps the node's own copy of its history: what the CIB must say of this node after any change of
//! membership.
//!
//! **Source:** pacemaker `daemons/controld/controld_execd.c`, `do_lrm_invoke()`, `do_lrm_rsc_op()`.

use std::collections::VecDeque;

use cib_model::xml::{Dialect, ElementRef, Layout, Tree, XmlId, read, write};

use super::invocation::Invocation;
use crate::executor::{ActionRequest, ActionResult, OpStatus};
use crate::group::NodeId;
use crate::replica::apply::merge_resource;
use crate::replica::request::Operation;
use crate::status::{ensure_child, find_by_id};

/// What the node has to do for an action or a result.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Effect {
    /// Run an agent, and write the history of the operation that begins.
    Run(Box<ActionRequest>),
    /// Write the history of an operation that ended.
    RecordResult(Box<ActionResult>),
    /// Cancel an operation.
    Cancel { rsc: String, action: String, interval_ms: u32 },
    /// Forget a resource in the executor.
    ForgetResource(String),
    /// Ask the replica.
    Submit(Operation),
    /// Tell the DC directly.
    Ack { transition_key: String, rc: i32 },
    /// Leave the cluster: everything here is stopped.
    Leave,
}

/// This node's knowledge of its resources.
#[derive(Debug)]
pub(crate) struct Lrm {
    node: NodeId,
    history: Tree,
    /// Actions that came from a DC, oldest first; the code of those that were acknowledged.
    begun: VecDeque<(String, Option<i32>)>,
}

/// Actions that are remembered to recognise a message that comes twice.
const BEGUN_MAX: usize = 512;

/// Whether an action is new.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Begun {
    /// It is.
    New,
    /// It came before, and was acknowledged with this code where there is one.
    Before(Option<i32>),
}

impl Lrm {
    pub(crate) fn new(node: NodeId) -> Self {
        let mut history = Tree::new("lrm");
        let root = history.root_id();
        history.set_attr(root, "id", node.to_string());
        history.append(root, "lrm_resources");
        Lrm { node, history, begun: VecDeque::new() }
    }

    /// Notes that an action came from the DC.
    pub(crate) fn begin(&mut self, transition_key: &str) -> Begun {
        if let Some((_, rc)) = self.begun.iter().find(|(key, _)| key == transition_key) {
            return Begun::Before(*rc);
        }
        self.begun.push_back((transition_key.to_owned(), None));
        if self.begun.len() > BEGUN_MAX {
            self.begun.pop_front();
        }
        Begun::New
    }

    /// Notes what the DC was told directly.
    pub(crate) fn acknowledged(&mut self, transition_key: &str, rc: i32) {
        if let Some(entry) = self.begun.iter_mut().find(|(key, _)| key == transition_key) {
            entry.1 = Some(rc);
        }
    }

    /// Returns the `<lrm>` element as text.
    pub(crate) fn snapshot(&self) -> String {
        write(&self.history, Layout::Compact, Dialect::Pcmk3)
    }

    /// Takes the node's history from a CIB that a client changed by hand.
    pub(crate) fn resync(&mut self, cib: &Tree) {
        let lrm = crate::status::node_state(cib, self.node).and_then(|s| s.child("lrm"));
        let mut fresh = Lrm::new(self.node).history;
        if let Some(resources) = lrm.and_then(|l| l.child("lrm_resources")) {
            let to = Self::resources(&mut fresh);
            for resource in resources.children() {
                fresh.append_copy(to, resource);
            }
        }
        self.history = fresh;
    }

    /// Says what to do for an action of the DC's transition.
    pub(crate) fn invoke(&self, wanted: &Invocation) -> Vec<Effect> {
        let ack = |rc| Effect::Ack { transition_key: wanted.transition_key.clone(), rc };
        let Some(rsc) = &wanted.rsc else {
            return match wanted.operation.as_str() {
                "do_shutdown" => vec![Effect::Leave],
                _ => vec![ack(3)],
            };
        };
        match wanted.operation.as_str() {
            "cancel" => {
                let action = wanted.meta("operation").unwrap_or("monitor").to_owned();
                let interval_ms = wanted.interval_ms();
                let entry = Some(format!("{rsc}_{action}_{interval_ms}"));
                let forget = Operation::Forget { node: self.node, rsc: Some(rsc.clone()), entry };
                let cancel = Effect::Cancel { rsc: rsc.clone(), action, interval_ms };
                vec![cancel, Effect::Submit(forget), ack(0)]
            }
            "delete" | "lrm_delete" => {
                let forget =
                    Operation::Forget { node: self.node, rsc: Some(rsc.clone()), entry: None };
                vec![Effect::ForgetResource(rsc.clone()), Effect::Submit(forget), ack(0)]
            }
            _ => match wanted.request() {
                Some(request) => vec![Effect::Run(Box::new(request))],
                None => vec![ack(1)],
            },
        }
    }

    /// Says what to do with a result.
    pub(crate) fn result(result: ActionResult) -> Vec<Effect> {
        if result.op_status == OpStatus::Cancelled {
            return Vec::new();
        }
        if !is_recorded(&result.request.action) {
            let transition_key = result.request.transition_key.clone();
            return vec![Effect::Ack { transition_key, rc: result.rc }];
        }
        vec![Effect::RecordResult(Box::new(result))]
    }

    /// Remembers what is about to be written into the CIB; `resource` is an `<lrm_resource>`.
    pub(crate) fn remember(&mut self, resource: &str) {
        let Ok(resource) = read(resource) else { return };
        let Some(id) = resource.root().id() else { return };
        let resources = Self::resources(&mut self.history);
        let at = ensure_child(&mut self.history, resources, "lrm_resource", Some(id));
        merge_resource(&mut self.history, at, resource.root());
    }

    /// Forgets what was removed from the CIB; returns resources that are gone as a whole.
    pub(crate) fn forget(&mut self, rsc: Option<&str>, entry: Option<&str>) -> Vec<String> {
        let resources = Self::resources(&mut self.history);
        let Some(all) = self.history.element(resources) else { return Vec::new() };
        let mut gone: Vec<XmlId> = Vec::new();
        let mut names = Vec::new();
        for resource in all.children().filter(|r| rsc.is_none_or(|id| r.id() == Some(id))) {
            if let Some(entry) = entry {
                let found = find_by_id(resource, "lrm_rsc_op", entry);
                gone.extend(found.map(ElementRef::xml_id));
            } else {
                gone.push(resource.xml_id());
                names.extend(resource.id().map(str::to_owned));
            }
        }
        for id in gone {
            self.history.detach(id);
        }
        names
    }

    fn resources(history: &mut Tree) -> XmlId {
        let root = history.root_id();
        ensure_child(history, root, "lrm_resources", None)
    }
}

/// Returns whether an action's result belongs into the history.
fn is_recorded(action: &str) -> bool {
    !matches!(action, "notify" | "cancel" | "delete" | "meta-data")
}
