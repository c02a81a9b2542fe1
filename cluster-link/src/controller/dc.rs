//! The DC's office: membership in the CIB, scheduling, and the running transition.
//!
//! A DC schedules when the members' status is confirmed, nothing of an earlier DC still runs, and
//! all its own requests are executed; so a transition is never made from a CIB that lacks what
//! this node itself has said.
//!
//! **Source:** pacemaker `daemons/controld/controld_te_callbacks.c` (abort reasons),
//! `controld_te_actions.c`, `controld_schedulerd.c`, `controld_transition.c`.

use std::collections::BTreeSet;

use cib_model::xml::{ElementRef, Tree};
use policy::graph::{ActionKind, GraphAction};

use super::event::{FailCount, ResultEvent, fail_count_updates, react};
use super::invocation::{Invocation, TransitionKey};
use super::membership::{Surroundings, update};
use super::message::Direct;
use super::transition::{Ending, Execution, INFINITY, Limits, Outcome};
use super::{Command, Controller, cluster_option};
use crate::attrs::{AttributeUpdate, AttributeValue};
use crate::executor::Now;
use crate::group::{NodeId, QuorumInfo, View};
use crate::history::Writer;
use crate::log::Level;
use crate::replica::Replica;
use crate::replica::apply::Change;
use crate::replica::request::{MembershipUpdate, Operation};
use crate::status::node_state;

/// How long a new DC waits for actions of an earlier one, ms.
const FOREIGN_WAIT_MS: u64 = 120_000;
/// Pause before trying again what cannot succeed by itself (fencing without devices), ms.
const RETRY_MS: u64 = 2_000;

/// The DC's state; at rest on nodes that are not DC.
#[derive(Debug, Default)]
pub(super) struct Office {
    /// In office in the current view.
    open: bool,
    /// A lone node waits until this time before it takes office (monotonic ms).
    waits_until: Option<u64>,
    /// Members whose status is not confirmed.
    unconfirmed: BTreeSet<NodeId>,
    /// Until when actions of an earlier DC may hold up scheduling.
    foreign_until: u64,
    execution: Option<Execution>,
    /// Why to schedule.
    wanted: Option<String>,
    /// Not before this time.
    not_before: u64,
    /// When to schedule again even if nothing happens (monotonic ms).
    recheck_at: Option<u64>,
    /// The running transition ends with this node's own shutdown.
    own_shutdown: bool,
    /// Who waits until nothing is left to do.
    idle_waiters: Vec<(NodeId, u64)>,
    /// Outside events that were counted.
    outside: BTreeSet<i64>,
}

impl Controller {
    /// Closes the office until the new view has agreed; what runs goes on.
    pub(super) fn suspend(&mut self, view: &View) {
        self.office.open = false;
        self.office.waits_until = None;
        let gone = view.left.iter().map(|(node, _)| *node);
        // A member that came back anew has lost what it ran for us as well.
        let again = view.joined.iter().copied().filter(|node| *node != self.me.node);
        let lost: Vec<String> = gone.chain(again).map(|n| n.to_string()).collect();
        let names = self.names_of(&lost);
        let Some(execution) = &mut self.office.execution else { return };
        let downed: Vec<u32> = execution
            .running()
            .filter(|a| a.reference.operation == "do_shutdown")
            .filter(|a| a.reference.on_node_uuid.as_ref().is_some_and(|id| lost.contains(id)))
            .map(|a| a.reference.id)
            .collect();
        for id in downed {
            execution.confirm(id, Outcome::Success);
        }
        for name in names {
            if execution.lose_node(&name) {
                execution.stop_below(INFINITY, "Node failure");
            }
        }
        execution.stop_below(INFINITY, "Node join");
    }

    fn names_of(&self, ids: &[String]) -> Vec<String> {
        let Some(execution) = &self.office.execution else { return Vec::new() };
        let references = execution.transition().synapses.iter().map(|s| &s.action.reference);
        let names: BTreeSet<String> = references
            .filter(|r| r.on_node_uuid.as_ref().is_some_and(|id| ids.contains(id)))
            .filter_map(|r| r.on_node.clone())
            .collect();
        names.into_iter().collect()
    }

    /// Another node is DC.
    pub(super) fn retire(&mut self) {
        self.office = Office::default();
    }

    /// Takes office where this node was elected, at once or after `dc-deadtime`.
    pub(super) fn run_for_office(&mut self, replica: &mut Replica, now: Now) {
        let Some(decision) = &self.decision else { return };
        if decision.dc != self.me.node {
            return;
        }
        let present = decision.states.len();
        let incomplete = decision.cold && present < self.settings.configured.len();
        let until = self.started_ms + option_ms(replica.cib(), "dc-deadtime", 20_000);
        if incomplete && now.mono_ms < until && !self.leaving {
            self.office.waits_until = Some(until);
            let missing = self.settings.configured.len() - present;
            let wait = (until - now.mono_ms).div_ceil(1000);
            let text =
                format!("{missing} configured node(s) are missing: waiting {wait} s for them");
            return self.log(Level::Notice, text);
        }
        self.office.waits_until = None;
        replica.announce_dc();
    }

    /// Begins the office: membership is written, then each new member confirms its status.
    pub(super) fn take_office(&mut self, replica: &mut Replica, now: Now) {
        let Some(decision) = &self.decision else { return };
        self.office.open = true;
        self.office.unconfirmed = decision.refreshed.iter().copied().collect();
        self.office.foreign_until = now.mono_ms + FOREIGN_WAIT_MS;
        self.write_membership(replica, now);
        self.want("Peer change");
        self.inquire();
    }

    /// Brings the CIB in line with the view.
    pub(super) fn write_membership(&mut self, replica: &mut Replica, now: Now) {
        let Some(view) = replica.view().cloned() else { return };
        let around = Surroundings {
            configured: &self.settings.configured,
            departed: self.departed.clone(),
            quorate: self.quorum.as_ref().is_some_and(|q| q.quorate),
            properties: self.properties(),
            dc: self.me.node,
            epoch_s: now.epoch_s,
        };
        let operation = Operation::Membership(update(replica.cib(), &view, &around));
        let origin = self.origin(now);
        replica.submit(operation, origin);
    }

    /// Asks after actions of an aborted transition: messages may be lost when a view ends.
    fn inquire(&mut self) {
        let Some(execution) = &self.office.execution else { return };
        let running: Vec<GraphAction> = execution.running().cloned().collect();
        for action in running {
            let target = action.reference.on_node_uuid.as_ref().and_then(|id| id.parse().ok());
            if target != Some(self.me.node) {
                let transition_key = self.transition_key(&action);
                self.send_to(target, &Direct::Inquire { transition_key });
            }
        }
    }

    /// A node has not got an action and will not run it.
    pub(super) fn not_begun(&mut self, transition_key: &str) {
        if let (Some(id), Some(execution)) =
            (self.own_action(transition_key), &mut self.office.execution)
        {
            execution.confirm(id, Outcome::Failure);
        }
    }

    /// Returns the number of the running transition's action that a key names.
    fn own_action(&self, transition_key: &str) -> Option<u32> {
        let key = TransitionKey::parse(transition_key)?;
        let execution = self.office.execution.as_ref()?;
        let ours = key.uuid.trim_end() == self.settings.uuid
            && key.transition == i64::from(execution.transition().id);
        u32::try_from(key.action).ok().filter(|_| ours)
    }

    fn properties(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let version = self.settings.dc_version.as_str();
        let number = version.split('-').next().unwrap_or_default();
        let infrastructure = pair("cluster-infrastructure", "corosync");
        if cib_model::version::compare(number, "1.1.12").is_lt() {
            return vec![pair("dc-version", version), infrastructure];
        }
        let mut properties =
            vec![pair("have-watchdog", "false"), pair("dc-version", version), infrastructure];
        if !self.settings.cluster_name.is_empty() {
            properties.push(pair("cluster-name", &self.settings.cluster_name));
        }
        properties
    }

    /// Takes news about votes.
    pub fn handle_quorum(&mut self, quorum: QuorumInfo, replica: &mut Replica, now: Now) {
        let was = self.quorum.as_ref().is_some_and(|q| q.quorate);
        let is = quorum.quorate;
        self.quorum = Some(quorum);
        if was == is {
            return;
        }
        let text = if is { "quorum gained" } else { "quorum lost" };
        self.log(if is { Level::Notice } else { Level::Warning }, text.to_owned());
        if !self.office.open {
            return;
        }
        let Some(view) = replica.view().map(|v| v.id.into()) else { return };
        let update = MembershipUpdate {
            view,
            cib: vec![("have-quorum".to_owned(), u8::from(is).to_string())],
            ..MembershipUpdate::default()
        };
        replica.submit(Operation::Membership(update), self.origin(now));
        self.abort(INFINITY, if is { "Quorum gained" } else { "Quorum lost" });
    }

    /// Stops the transition below `priority`, or asks for a new one where none runs.
    fn abort(&mut self, priority: i32, reason: &str) {
        match &mut self.office.execution {
            Some(execution) if !execution.has_ended() => {
                if execution.abort().is_none() {
                    self.out.push_back(Command::Log(
                        Level::Notice,
                        format!("transition aborted: {reason}"),
                    ));
                }
                execution.stop_below(priority, reason);
            }
            _ => self.want(reason),
        }
    }

    fn want(&mut self, reason: &str) {
        self.office.wanted.get_or_insert_with(|| reason.to_owned());
    }

    /// Takes what a request changed, as DC.
    pub(super) fn react(&mut self, change: &Change, replica: &mut Replica, now: Now) {
        match change {
            Change::Nothing | Change::Membership => {}
            Change::Configuration => self.abort(INFINITY, "Configuration change"),
            Change::Ticket => self.abort(INFINITY, "Ticket attribute change"),
            Change::Status => self.abort(INFINITY, "Non-status-only change"),
            Change::Attributes { .. } => self.abort(INFINITY, "Transient attribute change"),
            Change::Forgotten { node, operation_key: Some(key), .. } => {
                if !self.confirm_cancel(*node, key) {
                    self.abort(INFINITY, "Resource operation removal");
                }
            }
            Change::Forgotten { .. } => self.abort(INFINITY, "Resource state removal"),
            Change::Confirmed(node) => {
                if !self.office.unconfirmed.remove(node) {
                    self.abort(INFINITY, "History refresh");
                }
            }
            Change::WaitIdle { node, ticket } => self.office.idle_waiters.push((*node, *ticket)),
            Change::History { node, resource } => {
                for entry in resource.root().children_named("lrm_rsc_op") {
                    if let Some(event) = ResultEvent::read(entry) {
                        self.result_event(*node, &event, replica, now);
                    }
                }
            }
        }
    }

    fn result_event(&mut self, node: NodeId, event: &ResultEvent, replica: &mut Replica, now: Now) {
        if let Some(key) = event.key.as_ref().filter(|k| k.transition == -1)
            && !self.office.outside.insert(key.action)
        {
            return;
        }
        let reaction = react(self.office.execution.as_mut(), event, &self.settings.uuid);
        if event.rc != event.target_rc() {
            let (key, rc, target) = (&event.operation_key, event.rc, event.target_rc());
            let text = format!("{key} on node {node}: expected {target}, got {rc}");
            self.log(Level::Notice, text);
        }
        if let Some((priority, reason)) = reaction.abort {
            self.abort(priority, reason);
        }
        let start_is_fatal = match &self.office.execution {
            Some(execution) => execution.transition().start_failure_is_fatal,
            None => true,
        };
        let count = reaction.fail_count;
        let updates = fail_count_updates(event, count, start_is_fatal, now.epoch_s);
        if count != FailCount::Keep && !updates.is_empty() {
            replica.submit(Operation::Attributes { node, updates }, self.origin(now));
        }
    }

    fn confirm_cancel(&mut self, node: NodeId, operation_key: &str) -> bool {
        let Some(execution) = &mut self.office.execution else { return false };
        let id = node.to_string();
        let wanted = execution
            .transition()
            .synapses
            .iter()
            .map(|s| &s.action.reference)
            .find(|r| {
                r.operation == "cancel"
                    && r.operation_key.eq_ignore_ascii_case(operation_key)
                    && r.on_node_uuid.as_deref() == Some(&id)
            })
            .map(|r| r.id);
        if let Some(action) = wanted {
            execution.confirm(action, Outcome::Success);
        }
        wanted.is_some()
    }

    /// Takes a direct confirmation.
    pub(super) fn acknowledged(&mut self, transition_key: &str, rc: i32) {
        let target = TransitionKey::parse(transition_key).map_or(0, |k| k.target_rc);
        let Some(id) = self.own_action(transition_key) else { return };
        let Some(execution) = &mut self.office.execution else { return };
        if rc == target {
            execution.confirm(id, Outcome::Success);
            return;
        }
        let priority = execution.priority(id).saturating_add(1);
        if execution.confirm(id, Outcome::Failure) {
            self.abort(priority, "Event failed");
        }
    }

    /// Returns when [`Controller::advance`] is next needed (monotonic ms).
    pub fn poll_timeout(&self) -> Option<u64> {
        let office = &self.office;
        let waiting = office.wanted.is_some() && office.open;
        [
            office.waits_until,
            self.shutdown_deadline,
            office.execution.as_ref().and_then(Execution::deadline),
            office.recheck_at,
            (waiting && office.not_before > 0).then_some(office.not_before),
            (waiting && office.unconfirmed.is_empty()).then_some(office.foreign_until),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Goes on with whatever can go on now: call it after every input and at every timeout.
    pub fn advance(&mut self, replica: &mut Replica, now: Now) {
        if self.shutdown_deadline.is_some_and(|at| at <= now.mono_ms) {
            self.shutdown_deadline = None;
            let text = "resources did not stop within shutdown-escalation: leaving anyway";
            self.log(Level::Error, text.to_owned());
            self.out.push_back(Command::Leave);
        }
        if self.office.waits_until.is_some_and(|at| at <= now.mono_ms) {
            self.run_for_office(replica, now);
        }
        if !self.office.open || !replica.is_joined() {
            return;
        }
        if self.office.recheck_at.is_some_and(|at| at <= now.mono_ms) {
            self.office.recheck_at = None;
            self.want("Scheduler recheck");
        }
        self.execute(replica, now);
        while self.may_schedule(replica, now) {
            self.schedule(replica, now);
            self.execute(replica, now);
        }
        self.tell_idle(replica);
    }

    /// Fires what is ready and closes the transition when it is over.
    fn execute(&mut self, replica: &mut Replica, now: Now) {
        loop {
            let Some(execution) = &mut self.office.execution else { return };
            let mut fired = Vec::new();
            while let Some(late) = execution.take_overdue(now.mono_ms) {
                execution.stop_below(INFINITY, "Action lost");
                fired.push(Err(late));
            }
            fired.extend(execution.fire(now.mono_ms).into_iter().map(Ok));
            if fired.is_empty() {
                break;
            }
            for action in fired {
                match action {
                    Ok(action) => self.perform_action(&action, replica, now),
                    Err(late) => self.action_lost(&late, replica, now),
                }
            }
        }
        self.close_transition(replica, now);
    }

    fn close_transition(&mut self, replica: &Replica, now: Now) {
        let Some(execution) = &mut self.office.execution else { return };
        let Some(ending) = execution.take_ending() else { return };
        let counts = execution.counts();
        let id = execution.transition().id;
        let abort = execution.abort().cloned();
        let recheck_by = execution.transition().recheck_by;
        let text = format!(
            "transition {id} (complete={}, pending={}, skipped={}, incomplete={}): {}",
            counts.complete,
            counts.pending,
            counts.skipped,
            counts.incomplete,
            ending.name()
        );
        let level = if ending == Ending::Terminated { Level::Warning } else { Level::Notice };
        self.log(level, text);
        if let Some(abort) = abort {
            self.want(&abort.reason);
            if abort.reason == "Stonith failed" {
                self.office.not_before = now.mono_ms + RETRY_MS;
            }
        } else if self.office.own_shutdown {
            self.log(Level::Notice, "everything here is stopped: leaving".to_owned());
            self.out.push_back(Command::Leave);
        }
        self.office.own_shutdown = false;
        let interval = option_ms(replica.cib(), "cluster-recheck-interval", 900_000);
        let by = recheck_by.map(|at| {
            let wait_s = u64::try_from(at.saturating_sub(now.epoch_s)).unwrap_or(0);
            wait_s.saturating_mul(1000).max(1)
        });
        let wait = by.into_iter().chain((interval > 0).then_some(interval)).min();
        self.office.recheck_at = wait.map(|ms| now.mono_ms.saturating_add(ms));
    }

    fn may_schedule(&self, replica: &Replica, now: Now) -> bool {
        let office = &self.office;
        office.wanted.is_some()
            && office.unconfirmed.is_empty()
            && office.not_before <= now.mono_ms
            && office.execution.as_ref().is_none_or(Execution::has_ended)
            && replica.outstanding() == 0
            && (now.mono_ms >= office.foreign_until || !self.foreign_runs(replica))
    }

    /// Returns whether an action of an earlier DC still runs on a member.
    fn foreign_runs(&self, replica: &Replica) -> bool {
        let Some(view) = replica.view() else { return false };
        let foreign = |entry: ElementRef<'_>| {
            let key = entry.attr("transition-key").and_then(TransitionKey::parse);
            entry.attr("op-status") == Some("-1")
                && entry.attr("interval") == Some("0")
                && key.is_some_and(|k| k.uuid.trim_end() != self.settings.uuid)
        };
        view.members.iter().any(|member| {
            node_state(replica.cib(), member.node)
                .and_then(|s| s.child("lrm"))
                .and_then(|l| l.child("lrm_resources"))
                .is_some_and(|all| all.children().flat_map(ElementRef::children).any(foreign))
        })
    }

    fn schedule(&mut self, replica: &Replica, now: Now) {
        let reason = self.office.wanted.take().unwrap_or_default();
        self.office.not_before = 0;
        self.office.recheck_at = None;
        self.office.outside.clear();
        let cib = replica.cib();
        let plan = self.scheduler.schedule(cib, now.epoch_s);
        for (level, text) in plan.messages {
            self.out.push_back(Command::Log(level, text));
        }
        let mut transition = plan.transition;
        transition.id = self.next_transition;
        self.next_transition += 1;
        let (id, count) = (transition.id, transition.synapses.len());
        self.log(Level::Notice, format!("transition {id} of {count} actions ({reason})"));
        if count > 0 {
            let cib = Box::new(cib.clone());
            self.out.push_back(Command::SavePolicyInput { transition: id, cib });
        }
        let members = replica.view().map(|v| v.members.as_slice()).unwrap_or_default();
        let job_limit = |node| self.decision.as_ref()?.job_limits.get(&node).copied();
        let option = cluster_option(cib, "node-action-limit").and_then(|v| v.parse().ok());
        let jobs = members
            .iter()
            .filter_map(|m| {
                let limit = option.filter(|l| *l > 0).or_else(|| job_limit(m.node))?;
                (limit > 0).then(|| (m.name.clone(), limit))
            })
            .collect();
        let limits = Limits {
            batch: transition.batch_limit.parse().unwrap_or(0),
            jobs,
            migrations: transition.migration_limit.as_ref().and_then(|v| v.parse().ok()),
            cluster_delay_ms: duration_ms(&transition.cluster_delay).unwrap_or(60_000),
        };
        self.office.execution = Some(Execution::new(transition, limits));
    }

    fn transition_key(&self, action: &GraphAction) -> String {
        let transition = self.office.execution.as_ref().map_or(0, |e| i64::from(e.transition().id));
        TransitionKey {
            action: i64::from(action.reference.id),
            transition,
            target_rc: action.target_rc(),
            uuid: self.settings.uuid.clone(),
        }
        .to_string()
    }

    fn perform_action(&mut self, action: &GraphAction, replica: &mut Replica, now: Now) {
        let at = &action.reference;
        let target = at.router_node.as_ref().or(at.on_node.as_ref());
        let members = replica.view().map(|v| v.members.as_slice()).unwrap_or_default();
        let node = members.iter().find(|m| Some(&m.name) == target).map(|m| m.node);
        if at.kind == ActionKind::Cluster && self.cluster_action(action, node, replica, now) {
            return;
        }
        let Some(node) = node else {
            let name = target.map_or("?", String::as_str);
            let text = format!("{} cannot run: node {name} is not a member", at.operation_key);
            self.log(Level::Error, text);
            return self.fail(action, INFINITY, "Node failure");
        };
        let invocation = Invocation::new(action, self.transition_key(action));
        if node == self.me.node {
            self.invoke(&invocation, replica, now);
        } else {
            let Some(view) = replica.view().map(|v| v.id.into()) else { return };
            self.send_to(Some(node), &Direct::Invoke { view, action: Box::new(invocation) });
        }
    }

    fn fail(&mut self, action: &GraphAction, priority: i32, reason: &str) {
        if let Some(execution) = &mut self.office.execution {
            execution.confirm(action.reference.id, Outcome::Failure);
        }
        self.abort(priority, reason);
    }

    fn done(&mut self, action: &GraphAction) {
        if let Some(execution) = &mut self.office.execution {
            execution.confirm(action.reference.id, Outcome::Success);
        }
    }

    /// Performs an action of the cluster itself; false where the node has to.
    fn cluster_action(
        &mut self,
        action: &GraphAction,
        node: Option<NodeId>,
        replica: &mut Replica,
        now: Now,
    ) -> bool {
        let at = &action.reference;
        let target: Option<NodeId> = at.on_node_uuid.as_ref().and_then(|id| id.parse().ok());
        let rsc = action.resource.as_ref().map(|r| r.id.as_str());
        match (at.operation.as_str(), target, rsc) {
            ("do_shutdown", ..) if node == Some(self.me.node) => {
                // Everything else comes first: the DC leaves when the transition is over.
                self.office.own_shutdown = true;
                self.done(action);
            }
            ("stonith", ..) => {
                let name = at.on_node.as_deref().unwrap_or("?");
                let text = format!(
                    "cannot fence {name}: no fencing is configured that this daemon can use; \
                     its resources stay where they are until it is back or confirmed down"
                );
                self.log(Level::Error, text);
                self.fail(action, INFINITY, "Stonith failed");
            }
            ("clear_failcount", Some(target), Some(rsc)) => {
                self.clear_fail_count(action, target, rsc, replica, now);
                self.done(action);
            }
            ("lrm_delete", Some(target), Some(rsc)) if at.cib_only => {
                let rsc = Some(rsc.to_owned());
                let forget = Operation::Forget { node: target, rsc, entry: None };
                replica.submit(forget, self.origin(now));
                self.done(action);
            }
            _ => return false,
        }
        true
    }

    fn clear_fail_count(
        &mut self,
        action: &GraphAction,
        node: NodeId,
        rsc: &str,
        replica: &mut Replica,
        now: Now,
    ) {
        let suffix = match action.meta("operation") {
            Some(operation) => format!("{operation}_{}", action.interval_ms()),
            None => String::new(),
        };
        let updates = ["fail-count", "last-failure"]
            .map(|prefix| AttributeUpdate {
                name: format!("{prefix}-{rsc}#{suffix}"),
                value: AttributeValue::DeletePrefix,
            })
            .to_vec();
        replica.submit(Operation::Attributes { node, updates }, self.origin(now));
        let entry = Some(format!("{rsc}_last_failure_0"));
        let forget = Operation::Forget { node, rsc: Some(rsc.to_owned()), entry };
        replica.submit(forget, self.origin(now));
    }

    fn action_lost(&mut self, action: &GraphAction, replica: &mut Replica, now: Now) {
        let at = &action.reference;
        let name = at.on_node.as_deref().unwrap_or("?");
        let text = format!("node {name} did not send the result of {} in time", at.operation_key);
        self.log(Level::Error, text);
        let target: Option<NodeId> = at.on_node_uuid.as_ref().and_then(|id| id.parse().ok());
        let request = Invocation::new(action, self.transition_key(action)).request();
        let (Some(node), Some(request)) = (target, request) else { return };
        if matches!(at.operation.as_str(), "cancel" | "notify") {
            return;
        }
        let writer = Writer {
            node_id: at.on_node_uuid.as_deref().unwrap_or_default(),
            node_name: name,
            feature_set: &self.me.feature_set,
            origin: "controld_record_action_event",
        };
        let resource = super::record::lost(&request, &writer, now.epoch_s);
        replica.submit(Operation::History { node, resource }, self.origin(now));
    }

    fn tell_idle(&mut self, replica: &Replica) {
        let office = &self.office;
        let busy = office.wanted.is_some()
            || !office.unconfirmed.is_empty()
            || office.execution.as_ref().is_some_and(|e| !e.has_ended())
            || replica.outstanding() > 0;
        if busy {
            return;
        }
        for (node, ticket) in std::mem::take(&mut self.office.idle_waiters) {
            if node == self.me.node {
                self.out.push_back(Command::Idle(ticket));
            } else {
                self.send_to(Some(node), &Direct::Idle { ticket });
            }
        }
    }
}

/// Returns a cluster option that is a duration, ms.
pub(super) fn option_ms(cib: &Tree, name: &str, default_ms: u64) -> u64 {
    cluster_option(cib, name).and_then(duration_ms).unwrap_or(default_ms)
}

/// Reads `60s`, `2min`, `500ms`, `30`; `None` for what is no duration.
pub(crate) fn duration_ms(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "s" | "sec" => 1000,
        "ms" | "msec" => 1,
        "m" | "min" => 60_000,
        "h" | "hr" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(factor)
}
