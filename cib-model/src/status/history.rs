//! Operation history: `<lrm_resource>` and `<lrm_rsc_op>`, read and written.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_sched_actions.c`, `pcmk__create_history_xml()`;
//! `daemons/controld/controld_cib.c`; `lib/common/actions.c`, `did_rsc_op_fail()`.

use crate::interval;
use crate::names;
use crate::status::transition_key::{TransitionKey, TransitionMagic};
use crate::view::view;
use crate::xml::{Tree, XmlId};

view! {
    /// The history of one resource on one node.
    LrmResource(names::LRM_RESOURCE) {
        /// Returns the agent's class.
        class = names::CLASS;
        /// Returns the agent's provider.
        provider = names::PROVIDER;
        /// Returns the agent's type.
        kind = names::TYPE;
        /// Returns the bundle's container.
        container = names::CONTAINER;
        /// Returns since when the resource is locked to the node (epoch seconds), as written.
        shutdown_lock = names::SHUTDOWN_LOCK;
    }
}

view! {
    /// One entry of the history.
    LrmRscOp(names::LRM_RSC_OP) {
        /// Returns the key as written.
        own_operation_key = names::OPERATION_KEY;
        /// Returns the operation.
        operation = names::OPERATION;
        /// Returns the interval in ms as written.
        interval_text = names::INTERVAL;
        /// Returns the executor's call number as written.
        call_id_text = names::CALL_ID;
        /// Returns the result code as written.
        rc_code_text = names::RC_CODE;
        /// Returns the execution status as written.
        op_status_text = names::OP_STATUS;
        /// Returns the transition key.
        transition_key = names::TRANSITION_KEY;
        /// Returns the transition magic.
        transition_magic = names::TRANSITION_MAGIC;
        /// Returns the name of the node it ran on.
        on_node = names::ON_NODE;
        /// Returns why it failed.
        exit_reason = names::EXIT_REASON;
        /// Returns when the result changed last (epoch seconds), as written.
        last_rc_change = names::LAST_RC_CHANGE;
        /// Returns how long it ran (ms), as written.
        exec_time = names::EXEC_TIME;
        /// Returns how long it waited (ms), as written.
        queue_time = names::QUEUE_TIME;
        /// Returns the digest of all parameters.
        op_digest = names::OP_DIGEST;
        /// Returns the digest of the parameters that force a restart.
        op_restart_digest = names::OP_RESTART_DIGEST;
        /// Returns the names of these parameters.
        op_force_restart = names::OP_FORCE_RESTART;
        /// Returns the digest without private parameters.
        op_secure_digest = names::OP_SECURE_DIGEST;
        /// Returns the names of the private parameters.
        op_secure_params = names::OP_SECURE_PARAMS;
        /// Returns the DC's feature set when it ran.
        crm_feature_set = names::CRM_FEATURE_SET;
        /// Returns the node a migration came from.
        migrate_source = names::MIGRATE_SOURCE;
        /// Returns the node a migration went to.
        migrate_target = names::MIGRATE_TARGET;
    }
}

impl<'a> LrmResource<'a> {
    /// Returns the entries in document order.
    pub fn ops(self) -> impl DoubleEndedIterator<Item = LrmRscOp<'a>> {
        self.0.children().filter_map(LrmRscOp::cast)
    }
}

impl<'a> LrmRscOp<'a> {
    /// Returns the operation key; the id where the key is missing.
    pub fn operation_key(self) -> &'a str {
        self.own_operation_key().unwrap_or_else(|| self.id())
    }

    /// Returns the interval in ms; 0 where missing or unreadable.
    pub fn interval_ms(self) -> u32 {
        self.interval_text().and_then(|t| t.trim().parse().ok()).unwrap_or_else(|| {
            // Entries of the first years hold units.
            interval::interval_ms(self.interval_text())
        })
    }

    /// Returns the call number; 0 where missing or unreadable, −1 while pending.
    pub fn call_id(self) -> i32 {
        number(self.call_id_text()).unwrap_or(0)
    }

    /// Returns the agent's result code; 0 where missing or unreadable.
    pub fn rc_code(self) -> i32 {
        number(self.rc_code_text()).unwrap_or(0)
    }

    /// Returns the execution status; [`OpStatus::Unknown`] where missing or no known number.
    pub fn op_status(self) -> OpStatus {
        number(self.op_status_text()).map_or(OpStatus::Unknown, OpStatus::from_number)
    }

    /// Returns the result the transition expected; `None` where the key is missing or unreadable.
    pub fn target_rc(self) -> Option<i32> {
        Some(TransitionKey::parse(self.transition_key()?)?.target_rc)
    }

    /// Returns true for the entry that keeps the last failure.
    pub fn is_last_failure(self) -> bool {
        self.id().ends_with("_last_failure_0")
    }
}

fn number(text: Option<&str>) -> Option<i32> {
    i32::try_from(crate::number::leading(text?)?.0).ok()
}

/// How an execution went.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[expect(missing_docs, reason = "the names are the meaning; see number()")]
pub enum OpStatus {
    Unknown,
    Pending,
    Done,
    Cancelled,
    Timeout,
    NotSupported,
    Error,
    ErrorHard,
    ErrorFatal,
    NotInstalled,
    NotConnected,
    Invalid,
    NoFenceDevice,
    NoSecrets,
}

impl OpStatus {
    const NUMBERS: [(i32, OpStatus); 14] = [
        (-2, OpStatus::Unknown),
        (-1, OpStatus::Pending),
        (0, OpStatus::Done),
        (1, OpStatus::Cancelled),
        (2, OpStatus::Timeout),
        (3, OpStatus::NotSupported),
        (4, OpStatus::Error),
        (5, OpStatus::ErrorHard),
        (6, OpStatus::ErrorFatal),
        (7, OpStatus::NotInstalled),
        (8, OpStatus::NotConnected),
        (9, OpStatus::Invalid),
        (10, OpStatus::NoFenceDevice),
        (11, OpStatus::NoSecrets),
    ];

    /// Returns the status of this number (`op-status`).
    pub fn from_number(number: i32) -> Self {
        Self::NUMBERS.iter().find(|(n, _)| *n == number).map_or(OpStatus::Unknown, |(_, s)| *s)
    }

    /// Returns the number written in the CIB.
    pub fn number(self) -> i32 {
        Self::NUMBERS.iter().find(|(_, s)| *s == self).map_or(-2, |(n, _)| *n)
    }
}

/// Result code while an operation has not finished.
pub const RC_UNKNOWN: i32 = 193;

/// An operation's result, to be recorded in the history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperationResult {
    /// The resource's id.
    pub rsc: String,
    /// The operation as executed.
    pub operation: String,
    /// Its interval in ms; 0 for one that does not recur.
    pub interval_ms: u32,
    /// The executor's call number; −1 while pending.
    pub call_id: i32,
    /// The agent's result code; [`RC_UNKNOWN`] while pending.
    pub rc: i32,
    /// How the execution went.
    pub op_status: OpStatus,
    /// The transition key it answers to.
    pub key: TransitionKey,
    /// Why it failed; recorded for failures only.
    pub exit_reason: Option<String>,
    /// Name of the node it ran on.
    pub node: String,
    /// The writing function.
    pub origin: String,
    /// The DC's feature set.
    pub feature_set: String,
    /// Times; left out where `None`.
    pub times: Option<OperationTimes>,
    /// Source and target of a migration.
    pub migration: Option<(String, String)>,
    /// Type and operation a notification is about (`post`, `start`).
    pub notify: Option<(String, String)>,
    /// Digest of all parameters.
    pub digest: Option<String>,
    /// Names of the parameters that force a restart, as the attribute holds them, and their digest.
    pub restart: Option<(String, String)>,
    /// Names of the private parameters, as the attribute holds them, and the digest without them.
    pub secure: Option<(String, String)>,
}

/// When an operation ran.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OperationTimes {
    /// Epoch seconds: of the run; of a recurring operation, of the last change of its result.
    pub last_rc_change_s: i64,
    /// How long it ran, ms.
    pub exec_ms: u32,
    /// How long it waited, ms.
    pub queue_ms: u32,
}

/// Returns `RSC_OPERATION_INTERVAL`.
pub fn operation_key(rsc: &str, operation: &str, interval_ms: u32) -> String {
    format!("{rsc}_{operation}_{interval_ms}")
}

impl OperationResult {
    /// Returns true where the result is a failure: neither pending nor cancelled, and an execution
    /// error or another code than expected.
    pub fn is_failure(&self) -> bool {
        match self.op_status {
            OpStatus::Cancelled | OpStatus::Pending => false,
            OpStatus::NotSupported
            | OpStatus::Timeout
            | OpStatus::Error
            | OpStatus::NotConnected
            | OpStatus::NoFenceDevice
            | OpStatus::NoSecrets
            | OpStatus::Invalid => true,
            _ => self.key.target_rc != self.rc,
        }
    }

    /// Returns the operation the history names: a reload counts as a start, a failed one as a
    /// monitor.
    pub fn recorded_operation(&self) -> &str {
        match (self.operation.as_str(), self.op_status) {
            ("reload" | "reload-agent", OpStatus::Done) => "start",
            ("reload" | "reload-agent", _) => "monitor",
            (operation, _) => operation,
        }
    }

    /// Returns the ids of the entries the result is written to, in order: one, or for a failure of
    /// an operation that does not recur two.
    pub fn entry_ids(&self) -> Vec<String> {
        let last = |what: &str| operation_key(&self.rsc, what, 0);
        if let ("notify", Some((kind, operation))) = (self.recorded_operation(), &self.notify) {
            return vec![format!("{}_{kind}_notify_{operation}_0", self.rsc)];
        }
        let own = operation_key(&self.rsc, self.recorded_operation(), self.interval_ms);
        if matches!(self.operation.as_str(), "migrate_to" | "migrate_from") {
            return vec![own];
        }
        match (self.is_failure(), self.interval_ms) {
            (true, 0) => vec![last("last_failure"), last("last")],
            (true, _) => vec![last("last_failure")],
            (false, 0) => vec![last("last")],
            (false, _) => vec![own],
        }
    }

    /// Writes the entries into `lrm_resource`: an entry with the same id is updated in place, a
    /// new one goes last. Returns the last entry written.
    pub fn record(&self, tree: &mut Tree, lrm_resource: XmlId) -> Option<XmlId> {
        self.entry_ids().iter().map(|id| self.record_as(tree, lrm_resource, id)).last()
    }

    fn record_as(&self, tree: &mut Tree, lrm_resource: XmlId, id: &str) -> XmlId {
        let held = tree
            .element(lrm_resource)
            .and_then(|e| e.children_named(names::LRM_RSC_OP).find(|op| op.id() == Some(id)))
            .map(crate::xml::ElementRef::xml_id);
        let entry = held.unwrap_or_else(|| tree.append(lrm_resource, names::LRM_RSC_OP));
        for (name, value) in self.attrs(id) {
            tree.set_attr(entry, name, value);
        }
        entry
    }

    /// All attributes of an entry, in Pacemaker's order.
    fn attrs(&self, id: &str) -> Vec<(&'static str, String)> {
        let operation = self.recorded_operation();
        let reason = self.exit_reason.as_deref().filter(|_| self.is_failure());
        let (op_status, rc) = match (operation, self.op_status) {
            // Errors of notifications do not count.
            ("notify", status) if status != OpStatus::Pending => (OpStatus::Done, 0),
            (_, status) => (status, self.rc),
        };
        let magic = TransitionMagic { op_status: op_status.number(), rc, key: self.key.clone() };
        let mut attrs = vec![
            (names::ID, id.to_owned()),
            (names::OPERATION_KEY, operation_key(&self.rsc, operation, self.interval_ms)),
            (names::OPERATION, operation.to_owned()),
            (names::CRM_DEBUG_ORIGIN, self.origin.clone()),
            (names::CRM_FEATURE_SET, self.feature_set.clone()),
            (names::TRANSITION_KEY, self.key.to_string()),
            (names::TRANSITION_MAGIC, magic.to_string()),
            (names::EXIT_REASON, reason.unwrap_or_default().to_owned()),
            (names::ON_NODE, self.node.clone()),
            (names::CALL_ID, self.call_id.to_string()),
            (names::RC_CODE, rc.to_string()),
            (names::OP_STATUS, op_status.number().to_string()),
            (names::INTERVAL, self.interval_ms.to_string()),
        ];
        if let Some(OperationTimes { last_rc_change_s, exec_ms, queue_ms }) = self.times {
            attrs.push((names::LAST_RC_CHANGE, last_rc_change_s.to_string()));
            attrs.push((names::EXEC_TIME, exec_ms.to_string()));
            attrs.push((names::QUEUE_TIME, queue_ms.to_string()));
        }
        if let Some((source, target)) = &self.migration {
            attrs.push((names::MIGRATE_SOURCE, source.clone()));
            attrs.push((names::MIGRATE_TARGET, target.clone()));
        }
        if let Some(digest) = &self.digest {
            attrs.push((names::OP_DIGEST, digest.clone()));
        }
        if let Some((params, digest)) = &self.restart {
            attrs.push((names::OP_FORCE_RESTART, params.clone()));
            attrs.push((names::OP_RESTART_DIGEST, digest.clone()));
        }
        if let Some((params, digest)) = &self.secure {
            attrs.push((names::OP_SECURE_PARAMS, params.clone()));
            attrs.push((names::OP_SECURE_DIGEST, digest.clone()));
        }
        attrs
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
