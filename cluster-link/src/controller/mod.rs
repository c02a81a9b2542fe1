//! The controller: one DC for each view, and one node's part in what the DC decides.
//!
//! Reading order: `membership` (what the DC writes about nodes), `dc`
//! (the DC's office), [`transition`] (executing a graph), `event` (results), [`invocation`] (an
//! action as a message), `lrm` (performing actions here), `ledger` (what runs here), then this file.
//!
//! **Source:** pacemaker `daemons/controld/`.
//! **Differs:** the members of a view agree on the DC by themselves (no votes), so the first DC is
//! there as soon as all configured nodes are; a cluster that is not complete waits `dc-deadtime`.

use std::collections::{BTreeMap, VecDeque};

use cib_model::xml::{ElementRef, Tree};
use policy::graph::Transition;

use crate::executor::{ActionRequest, ActionResult, AgentSpec, Now};
use crate::group::{LeaveReason, NodeId, QuorumInfo, View};

use crate::attrs::{AttributeUpdate, AttributeValue};
use crate::history::AgentMetadata;
use crate::log::Level;
use crate::replica::apply::{ApplyError, Change};
use crate::replica::join::Decision;
use crate::replica::message::encode;
use crate::replica::request::{Operation, Origin, RequestId};
use crate::replica::view_key::ViewKey;
use crate::replica::{Identity, Replica, Standing};

mod dc;
mod event;
pub mod invocation;
mod ledger;
mod lrm;
mod membership;
pub mod message;
mod record;
pub mod transition;

use dc::Office;
use invocation::Invocation;
use ledger::Ledger;
pub use ledger::Started;
use lrm::{Begun, Effect, Lrm};
use message::Direct;
use record::Recorder;

/// Decides what to do: the policy engine, or a stand-in under test.
pub trait Scheduler: Send {
    /// Makes a transition for `cib` at `epoch_s` (s since 1970). The DC numbers it.
    fn schedule(&mut self, cib: &Tree, epoch_s: i64) -> Plan;
}

/// What a scheduler decided.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What to do.
    pub transition: Transition,
    /// What is to be said about the configuration.
    pub messages: Vec<(Level, String)>,
}

/// What the controller must know beside its identity.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Nodes that corosync.conf lists: number and name.
    pub configured: Vec<(NodeId, String)>,
    /// The cluster's name; empty for none.
    pub cluster_name: String,
    /// The property `dc-version` that this node writes as DC; before 1.1.12 it writes only the
    /// properties of that time.
    pub dc_version: String,
    /// Differs for each run of a daemon: names its transitions.
    pub uuid: String,
    /// What an earlier daemon of this node started, by the last [`Command::SaveStarted`].
    pub started: Vec<Started>,
}

/// What the controller wants done, in order.
#[derive(Debug)]
pub enum Command {
    /// Send this to one node.
    SendTo(NodeId, Vec<u8>),
    /// Keep what runs here for the next daemon, before performing what follows. A machine that
    /// loses its power needs it no more.
    SaveStarted(Vec<Started>),
    /// Run an agent.
    Execute(Box<ActionRequest>),
    /// Cancel an operation in the executor.
    Cancel {
        /// The resource.
        rsc: String,
        /// Its operation.
        action: String,
        /// ms.
        interval_ms: u32,
    },
    /// Forget a resource in the executor.
    ForgetResource(String),
    /// The DC has nothing to do any more: the answer to a ticket of this node.
    Idle(u64),
    /// Leave the group and end: everything here is stopped.
    Leave,
    /// Keep the CIB that a transition was made from.
    SavePolicyInput {
        /// The transition's number.
        transition: u32,
        /// The CIB.
        cib: Box<Tree>,
    },
    /// Say something.
    Log(Level, String),
}

/// One node's controller.
pub struct Controller {
    me: Identity,
    settings: Settings,
    scheduler: Box<dyn Scheduler>,
    started_ms: u64,
    /// The DC in office.
    dc: Option<NodeId>,
    /// The view in which it took office.
    dc_view: Option<ViewKey>,
    dc_since_ms: u64,
    /// No DC was in office since the daemon started.
    fresh: bool,
    /// The CIB was replaced (or this daemon has just started) and does not have this node's own
    /// history yet.
    unconfirmed: bool,
    leaving: bool,
    shutdown_deadline: Option<u64>,
    quorum: Option<QuorumInfo>,
    departed: BTreeMap<NodeId, LeaveReason>,
    decision: Option<Box<Decision>>,
    office: Office,
    lrm: Lrm,
    ledger: Ledger,
    /// Actions from members that are not known as DC yet.
    early: Vec<(NodeId, ViewKey, Box<Invocation>)>,
    recorder: Recorder,
    next_transition: u32,
    out: VecDeque<Command>,
}

impl Controller {
    /// Begins without a view.
    pub fn new(
        me: Identity,
        mut settings: Settings,
        scheduler: Box<dyn Scheduler>,
        now: Now,
    ) -> Self {
        let lrm = Lrm::new(me.node);
        let ledger = Ledger::new(std::mem::take(&mut settings.started));
        let (id, name, set) = (me.node.to_string(), me.name.clone(), me.feature_set.clone());
        let recorder = Recorder::new(id, name, set);
        Controller {
            me,
            settings,
            scheduler,
            started_ms: now.mono_ms,
            dc: None,
            dc_view: None,
            dc_since_ms: 0,
            fresh: true,
            unconfirmed: true,
            leaving: false,
            shutdown_deadline: None,
            quorum: None,
            departed: BTreeMap::new(),
            decision: None,
            office: Office::default(),
            lrm,
            ledger,
            early: Vec::new(),
            recorder,
            next_transition: 1,
            out: VecDeque::new(),
        }
    }

    /// Returns the DC in office.
    pub fn dc(&self) -> Option<NodeId> {
        self.dc
    }

    /// Returns what is known of quorum.
    pub fn quorum(&self) -> Option<&QuorumInfo> {
        self.quorum.as_ref()
    }

    /// Returns whether this node has asked to be stopped.
    pub fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// Returns what this node says of itself when a view begins.
    pub fn standing(&self, now: Now) -> Standing {
        let is_dc = self.dc == Some(self.me.node);
        Standing {
            uptime_ms: now.mono_ms.saturating_sub(self.started_ms),
            tenure_ms: if is_dc { now.mono_ms.saturating_sub(self.dc_since_ms).max(1) } else { 0 },
            fresh: self.fresh,
            unconfirmed: self.unconfirmed,
            leaving: self.leaving,
        }
    }

    /// Takes the next thing to be done.
    pub fn poll_command(&mut self) -> Option<Command> {
        self.out.pop_front()
    }

    /// Notes a new view, before its members have agreed on a CIB.
    pub fn handle_view(&mut self, view: &View) {
        for (node, reason) in &view.left {
            self.departed.insert(*node, *reason);
        }
        for member in &view.members {
            self.departed.remove(&member.node);
        }
        self.decision = None;
        self.early.retain(|(_, of, _)| *of == view.id.into());
        self.suspend(view);
        let names: Vec<_> = view.members.iter().map(|m| m.name.as_str()).collect();
        self.log(Level::Notice, format!("members are now: {}", names.join(" ")));
        for (node, reason) in &view.left {
            let how = match reason {
                LeaveReason::Left => "left",
                LeaveReason::Lost => "is lost",
            };
            self.log(Level::Warning, format!("node {node} {how}"));
        }
    }

    /// Takes what the members have agreed on.
    pub fn handle_joined(&mut self, decision: Decision, replica: &mut Replica, now: Now) {
        self.unconfirmed |= decision.refreshed.contains(&self.me.node);
        self.decision = Some(Box::new(decision));
        self.run_for_office(replica, now);
    }

    /// Takes a DC's word that it is in office.
    pub fn handle_dc(&mut self, node: NodeId, replica: &mut Replica, now: Now) {
        let was = self.dc.replace(node);
        self.dc_view = replica.view().map(|v| v.id.into());
        if was != Some(node) {
            self.log(Level::Notice, format!("node {node} is the DC"));
        }
        if node == self.me.node {
            if was != Some(node) {
                self.dc_since_ms = now.mono_ms;
            }
        } else {
            self.retire();
        }
        let refreshed = self.decision.as_ref().is_some_and(|d| d.refreshed.contains(&self.me.node));
        self.fresh = false;
        if node == self.me.node {
            self.take_office(replica, now);
        }
        if refreshed {
            self.confirm(replica, now);
        }
        for (from, view, action) in std::mem::take(&mut self.early) {
            self.handle_direct(from, Direct::Invoke { view, action }, replica, now);
        }
        if self.leaving {
            self.ask_shutdown(replica, now);
        }
    }

    /// Takes what an executed request did.
    pub fn handle_executed(
        &mut self,
        id: RequestId,
        result: &Result<Change, ApplyError>,
        replica: &mut Replica,
        now: Now,
    ) {
        let change = match result {
            Ok(change) => change,
            Err(error) => {
                if id.node == self.me.node {
                    self.log(Level::Info, format!("request {} was refused: {error}", id.seq));
                }
                return;
            }
        };
        match change {
            Change::Forgotten { node, rsc, entry, .. } if *node == self.me.node => {
                for gone in self.lrm.forget(rsc.as_deref(), entry.as_deref()) {
                    self.out.push_back(Command::ForgetResource(gone));
                }
            }
            Change::Status => self.lrm.resync(replica.cib()),
            Change::Confirmed(node) if *node == self.me.node => self.unconfirmed = false,
            _ => {}
        }
        if self.dc == Some(self.me.node) {
            self.react(change, replica, now);
        }
    }

    /// Takes a message for this node alone.
    pub fn handle_direct(
        &mut self,
        from: NodeId,
        message: Direct,
        replica: &mut Replica,
        now: Now,
    ) {
        match message {
            Direct::Invoke { view, action } => {
                let current = replica.view().map(|v| v.id.into());
                if Some(from) == self.dc && Some(view) == current && self.dc_view == current {
                    self.invoke(&action, replica, now);
                } else if Some(view) >= current {
                    // Direct messages may overtake the word that their sender is DC.
                    self.early.push((from, view, action));
                }
            }
            Direct::Inquire { transition_key } => self.inquired(from, transition_key),
            Direct::NotBegun { transition_key } => self.not_begun(&transition_key),
            Direct::Ack { transition_key, rc } => self.acknowledged(&transition_key, rc),
            Direct::Idle { ticket } => self.out.push_back(Command::Idle(ticket)),
        }
    }

    /// Takes an agent's result.
    pub fn handle_result(&mut self, result: ActionResult, replica: &mut Replica, now: Now) {
        if self.ledger.ended(&result) {
            let effects = Lrm::result(result);
            self.perform(effects, replica, now);
        }
        self.save_ledger();
    }

    /// Takes an agent's meta-data: history entries then carry what depends on them.
    pub fn handle_metadata(&mut self, agent: &AgentSpec, metadata: AgentMetadata) {
        self.recorder.learn(agent, metadata);
    }

    /// Takes the list of configured nodes after it changed.
    pub fn handle_configured(
        &mut self,
        configured: Vec<(NodeId, String)>,
        replica: &mut Replica,
        now: Now,
    ) {
        self.settings.configured = configured;
        if self.dc == Some(self.me.node) && replica.is_joined() {
            self.write_membership(replica, now);
        }
    }

    /// Begins a clean stop: resources go elsewhere or stop, then the node leaves.
    pub fn handle_shutdown(&mut self, replica: &mut Replica, now: Now) {
        if self.leaving {
            return;
        }
        self.leaving = true;
        self.log(Level::Notice, "shutting down: resources are moved or stopped first".to_owned());
        if self.dc.is_none() {
            // Nobody has started anything since this daemon began.
            self.out.push_back(Command::Leave);
            return;
        }
        self.shutdown_deadline = Some(now.mono_ms.saturating_add(dc::option_ms(
            replica.cib(),
            "shutdown-escalation",
            1_200_000,
        )));
        self.ask_shutdown(replica, now);
    }

    /// Asks the DC, by attribute, to empty this node.
    fn ask_shutdown(&mut self, replica: &mut Replica, now: Now) {
        let update = AttributeUpdate {
            name: "shutdown".to_owned(),
            value: AttributeValue::Set(now.epoch_s.to_string()),
        };
        let operation = Operation::Attributes { node: self.me.node, updates: vec![update] };
        replica.submit(operation, self.origin(now));
    }

    /// Tells the cluster what this node knows of itself.
    fn confirm(&mut self, replica: &mut Replica, now: Now) {
        let node = self.me.node;
        let attributes = format!(
            "<transient_attributes id=\"{node}\"><instance_attributes id=\"status-{node}\">\
             <nvpair id=\"status-{node}-.feature-set\" name=\"#feature-set\" value=\"{}\"/>\
             </instance_attributes></transient_attributes>",
            self.me.feature_set
        );
        let operation = Operation::Confirm { node, lrm: self.lrm.snapshot(), attributes };
        replica.submit(operation, self.origin(now));
        for probe in self.ledger.probe_inherited(replica.cib(), &self.settings.uuid) {
            let text = format!("{} may run here and is not configured: probing it", probe.rsc);
            self.log(Level::Warning, text);
            self.out.push_back(Command::Execute(Box::new(probe)));
        }
    }

    fn save_ledger(&mut self) {
        if let Some(started) = self.ledger.take_changed() {
            self.out.push_back(Command::SaveStarted(started));
        }
    }

    fn invoke(&mut self, wanted: &Invocation, replica: &mut Replica, now: Now) {
        // The DC has given up an action that it asked after.
        if self.lrm.begin(&wanted.transition_key) != Begun::New {
            return;
        }
        let key = &wanted.operation_key;
        self.log(Level::Notice, format!("requesting {key} ({})", wanted.transition_key.trim_end()));
        let effects = self.lrm.invoke(wanted);
        self.perform(effects, replica, now);
    }

    fn inquired(&mut self, from: NodeId, transition_key: String) {
        match self.lrm.begin(&transition_key) {
            Begun::New => self.send_to(Some(from), &Direct::NotBegun { transition_key }),
            Begun::Before(Some(rc)) => {
                self.send_to(Some(from), &Direct::Ack { transition_key, rc });
            }
            Begun::Before(None) => {}
        }
    }

    fn perform(&mut self, effects: Vec<Effect>, replica: &mut Replica, now: Now) {
        for effect in effects {
            match effect {
                Effect::Run(mut request) => {
                    self.ledger.begins(&mut request);
                    if let Some(resource) = self.recorder.pending(&request, now.epoch_s) {
                        self.record(resource, replica, now);
                    }
                    self.save_ledger();
                    self.out.push_back(Command::Execute(request));
                }
                Effect::RecordResult(result) => {
                    self.log_result(&result);
                    let resource = self.recorder.result(&result);
                    self.record(resource, replica, now);
                }
                Effect::Cancel { rsc, action, interval_ms } => {
                    self.out.push_back(Command::Cancel { rsc, action, interval_ms });
                }
                Effect::ForgetResource(rsc) => self.out.push_back(Command::ForgetResource(rsc)),
                Effect::Submit(operation) => {
                    replica.submit(operation, self.origin(now));
                }
                Effect::Ack { transition_key, rc } => {
                    self.lrm.acknowledged(&transition_key, rc);
                    self.ack(transition_key, rc);
                }
                Effect::Leave => self.out.push_back(Command::Leave),
            }
        }
    }

    fn record(&mut self, resource: String, replica: &mut Replica, now: Now) {
        self.lrm.remember(&resource);
        let operation = Operation::History { node: self.me.node, resource };
        replica.submit(operation, self.origin(now));
    }

    fn log_result(&mut self, result: &ActionResult) {
        let ActionRequest { rsc, action, interval_ms, .. } = &result.request;
        let reason = &result.exit_reason;
        let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        let text = format!(
            "result of {rsc}_{action}_{interval_ms}: rc={} status={:?} in {} ms{why}",
            result.rc, result.op_status, result.exec_ms
        );
        let level = if result.rc == 0 || result.rc == 7 { Level::Info } else { Level::Notice };
        self.log(level, text);
    }

    fn ack(&mut self, transition_key: String, rc: i32) {
        if self.dc == Some(self.me.node) {
            self.acknowledged(&transition_key, rc);
        } else {
            self.send_to(self.dc, &Direct::Ack { transition_key, rc });
        }
    }

    fn send_to(&mut self, node: Option<NodeId>, message: &Direct) {
        if let Some(node) = node {
            self.out.push_back(Command::SendTo(node, encode(message)));
        }
    }

    fn origin(&self, now: Now) -> Origin {
        Origin {
            node: self.me.name.clone(),
            client: "cluster-linkd".to_owned(),
            user: "root".to_owned(),
            groups: Vec::new(),
            time_s: now.epoch_s,
            time_text: String::new(),
        }
    }

    fn log(&mut self, level: Level, text: String) {
        self.out.push_back(Command::Log(level, text));
    }
}

/// Returns the value of a cluster option, where the configuration sets it.
pub(crate) fn cluster_option<'a>(cib: &'a Tree, name: &str) -> Option<&'a str> {
    cib.root()
        .child("configuration")?
        .child("crm_config")?
        .children_named("cluster_property_set")
        .flat_map(ElementRef::children)
        .find(|p| p.attr("name") == Some(name))
        .and_then(|p| p.attr("value"))
}
