//! The executor: runs resource agents' actions, one at a time for each resource.
//!
//! A sans-IO state machine. Requests, completions and the time come in by `handle_*`; what to run or
//! kill, and what the controller is to learn, goes out by `poll_*`. `io/` drives it.
//!
//! **Source:** pacemaker `daemons/execd/execd_commands.c`, `lib/services/services.c`.
//! **Differs:** a recurring operation with a start delay does not hold back operations behind it; a
//! merged duplicate takes the newer parameters; an agent that survives SIGKILL is reported after a
//! grace time instead of never.
//!
//! Reading order: `action` (what goes in and out), `outcome` (codes), `recurring` (one operation),
//! `queue` (one resource), `timer`, and the executor below.

mod action;
mod outcome;
mod queue;
mod recurring;
mod timer;

#[cfg(test)]
mod tests;

pub use action::{
    ActionRequest, ActionResult, AgentSpec, Command, Completion, Ending, KillScope, Now, OpStatus,
    RunId, StartError,
};
pub use outcome::{exit_status_to_ocf, readable_interval};

use std::collections::{BTreeMap, VecDeque};

use outcome::Outcome;
use queue::{Idle, ResourceQueue, RunState, Running};
use recurring::Op;
use timer::{Alarm, Timers};

/// How long a killed agent may take to disappear, ms.
const KILL_GRACE_MS: u64 = 5_000;

/// Calls that Pacemaker's controller spends on a resource before its first operation; we count the
/// same, so that call ids in the history compare.
const CALLS_TO_REGISTER: i32 = 3;

/// What became of a request to cancel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cancellation {
    /// It was waiting; its `Cancelled` result can be polled.
    Dropped,
    /// It was running and is being killed; its `Cancelled` result follows its end.
    Stopping,
    /// There is no such operation (or it is a one-shot that already runs).
    Unknown,
}

/// Queues and timers of all resources on this node.
#[derive(Debug)]
pub struct Executor {
    queues: BTreeMap<String, ResourceQueue>,
    /// The resource of each run.
    runs: BTreeMap<RunId, String>,
    timers: Timers,
    commands: VecDeque<Command>,
    results: VecDeque<ActionResult>,
    calls: i32,
    last_run: u64,
    last_op: u64,
}

impl Default for Executor {
    fn default() -> Self {
        Self::new()
    }
}

impl Executor {
    /// Creates an executor without resources.
    pub fn new() -> Self {
        Self {
            queues: BTreeMap::new(),
            runs: BTreeMap::new(),
            timers: Timers::default(),
            commands: VecDeque::new(),
            results: VecDeque::new(),
            calls: 1,
            last_run: 0,
            last_op: 0,
        }
    }

    /// Takes a request and returns its call id.
    ///
    /// A recurring operation that is already known is merged: it keeps its place, takes the new
    /// request, runs at once where it slept, and its next result is reported. `stop` first cancels
    /// all recurring operations of the resource.
    pub fn handle_request(&mut self, request: ActionRequest, now: Now) -> i32 {
        if !self.queues.contains_key(&request.rsc) {
            self.calls = self.calls.saturating_add(CALLS_TO_REGISTER);
        }
        self.calls = self.calls.saturating_add(1);
        let call_id = self.calls;
        let rsc = request.rsc.clone();
        if let Some(request) = self.merge(request, call_id, now) {
            if request.action == "stop" {
                self.cancel_recurring(&rsc, now);
            }
            self.enqueue(request, call_id, now);
        }
        self.advance(&rsc, now);
        call_id
    }

    /// Cancels an operation; for one-shots only while they wait.
    pub fn handle_cancel(
        &mut self,
        rsc: &str,
        action: &str,
        interval_ms: u32,
        now: Now,
    ) -> Cancellation {
        if self.queues.contains_key(rsc) {
            self.calls = self.calls.saturating_add(1);
        }
        let done = self.cancel(rsc, action, interval_ms, now);
        self.advance(rsc, now);
        done
    }

    /// Forgets a resource: cancels what waits and sleeps. What runs goes on to its end.
    ///
    /// The queue stays until then, so that a resource of the same name cannot overtake it.
    pub fn handle_forget(&mut self, rsc: &str, now: Now) {
        self.cancel_recurring(rsc, now);
        let Some(queue) = self.queues.get_mut(rsc) else { return };
        queue.forgotten = true;
        for op in std::mem::take(&mut queue.pending) {
            self.timers.unset(op.timer);
            self.results.push_back(op.cancel(now));
        }
        self.drop_if_done(rsc);
    }

    /// Takes the end of a run. Unknown runs (already given up) are ignored.
    pub fn handle_completion(&mut self, run: RunId, completion: Completion, now: Now) {
        let Some(rsc) = self.runs.remove(&run) else { return };
        let Some(queue) = self.queues.get_mut(&rsc) else { return };
        let Some(running) = queue.running.take() else { return };
        self.timers.unset(running.timer);
        self.lift_give_up(&rsc);
        if let Some(op) = running.op {
            self.finish(&rsc, op, running.state, running.started, completion, now);
        }
        self.advance(&rsc, now);
        self.drop_if_done(&rsc);
    }

    /// Takes an agent that an earlier daemon started and that still runs.
    ///
    /// Nothing of the resource runs before [`Executor::handle_completion`] for the returned run.
    /// `limit_ms` is what remains of its time limit; `None` = no limit. Its result is not reported:
    /// the controller probes. Returns `None` where an operation of the resource already runs.
    pub fn handle_leftover(&mut self, rsc: &str, limit_ms: Option<u32>, now: Now) -> Option<RunId> {
        let queue = self.queues.entry(rsc.to_owned()).or_default();
        if queue.running.is_some() {
            return None;
        }
        self.last_run += 1;
        let run = RunId(self.last_run);
        let timer = limit_ms.map(|limit_ms| {
            self.timers.set(now.mono_ms + u64::from(limit_ms), Alarm::Limit { run })
        });
        queue.running =
            Some(Running { run, op: None, started: now, state: RunState::Normal, timer });
        self.runs.insert(run, rsc.to_owned());
        Some(run)
    }

    /// Tells that time has passed; call it at [`Executor::poll_timeout`] at the latest.
    pub fn handle_timeout(&mut self, now: Now) {
        while let Some(alarm) = self.timers.take_due(now.mono_ms) {
            match alarm {
                Alarm::Due { rsc, op } => self.wake(&rsc, op, now),
                Alarm::Limit { run } => self.kill_late(run, now),
                Alarm::Grace { run } => self.report_unkillable(run, now),
                Alarm::GiveUp { rsc, op } => self.give_up(&rsc, op, now),
            }
        }
    }

    /// Takes the next thing to do; `None` when there is nothing.
    pub fn poll_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// Takes the next result: all of one-shots; of recurring operations the first, then changes of
    /// code or status, then the cancellation.
    pub fn poll_result(&mut self) -> Option<ActionResult> {
        self.results.pop_front()
    }

    /// Returns when [`Executor::handle_timeout`] is next needed (monotonic ms).
    pub fn poll_timeout(&self) -> Option<u64> {
        self.timers.next()
    }

    /// Returns what runs: resource, run, and the request (`None` for a leftover), by resource id.
    pub fn running(&self) -> impl Iterator<Item = (&str, RunId, Option<&ActionRequest>)> {
        self.queues.iter().filter_map(|(rsc, queue)| {
            let running = queue.running.as_ref()?;
            Some((rsc.as_str(), running.run, running.op.as_ref().map(|op| &op.request)))
        })
    }

    /// Returns action and interval (ms) of the resource's recurring operations.
    pub fn recurring(&self, rsc: &str) -> Vec<(String, u32)> {
        self.queues.get(rsc).map(ResourceQueue::recurring).unwrap_or_default()
    }

    /// Says whether no operation runs or waits (recurring ones may sleep).
    pub fn is_idle(&self) -> bool {
        self.queues.values().all(|queue| queue.running.is_none() && queue.pending.is_empty())
    }

    /// Merges the request into an operation already known, or gives it back.
    fn merge(&mut self, request: ActionRequest, call_id: i32, now: Now) -> Option<ActionRequest> {
        if !request.is_recurring() {
            return Some(request);
        }
        let Some(queue) = self.queues.get_mut(&request.rsc) else { return Some(request) };
        let (action, interval_ms) = (request.action.clone(), request.interval_ms);
        if let Some(running) = queue.find_running_mut(&action, interval_ms)
            && let Some(op) = &mut running.op
        {
            op.rerun |= op.merge(request, call_id);
            return None;
        }
        match queue.find_idle_mut(&action, interval_ms) {
            Some(Idle::Pending(op)) => {
                op.merge(request, call_id);
                None
            }
            Some(Idle::Sleeping(at)) => {
                let mut op = queue.sleeping.remove(at);
                self.timers.unset(op.timer.take());
                op.merge(request, call_id);
                op.queued_ms = now.mono_ms;
                queue.pending.push_back(op);
                None
            }
            None => Some(request),
        }
    }

    fn enqueue(&mut self, request: ActionRequest, call_id: i32, now: Now) {
        self.last_op += 1;
        let rsc = request.rsc.clone();
        let delay_ms = request.start_delay_ms;
        let mut op = Op::new(self.last_op, request, call_id, now);
        let queue = self.queues.entry(rsc.clone()).or_default();
        queue.forgotten = false;
        if delay_ms > 0 {
            let at_ms = now.mono_ms + u64::from(delay_ms);
            op.timer = Some(self.timers.set(at_ms, Alarm::Due { rsc: rsc.clone(), op: op.id }));
        }
        let unkillable =
            queue.running.as_ref().is_some_and(|running| running.state == RunState::Unkillable);
        if op.request.is_recurring() && delay_ms > 0 {
            queue.sleeping.push(op);
        } else {
            queue.pending.push_back(op);
        }
        if unkillable {
            self.set_give_up(&rsc, now);
        }
    }

    fn cancel_recurring(&mut self, rsc: &str, now: Now) {
        let Some(queue) = self.queues.get(rsc) else { return };
        for (action, interval_ms) in queue.recurring() {
            self.cancel(rsc, &action, interval_ms, now);
        }
    }

    fn cancel(&mut self, rsc: &str, action: &str, interval_ms: u32, now: Now) -> Cancellation {
        let Some(queue) = self.queues.get_mut(rsc) else { return Cancellation::Unknown };
        if let Some(op) = queue.remove_idle(action, interval_ms) {
            self.timers.unset(op.timer);
            self.results.push_back(op.cancel(now));
            return Cancellation::Dropped;
        }
        match queue.find_running_mut(action, interval_ms) {
            Some(running) if interval_ms > 0 => {
                running.state = RunState::Cancelled;
                self.timers.unset(running.timer.take());
                let (run, scope) = (running.run, KillScope::Group);
                let grace_ms = now.mono_ms + KILL_GRACE_MS;
                running.timer = Some(self.timers.set(grace_ms, Alarm::Grace { run }));
                self.commands.push_back(Command::Kill { run, scope });
                Cancellation::Stopping
            }
            _ => Cancellation::Unknown,
        }
    }

    /// Starts the resource's next operation where that is possible.
    fn advance(&mut self, rsc: &str, now: Now) {
        let Some(queue) = self.queues.get_mut(rsc) else { return };
        let Some(mut op) = queue.take_ready(now) else { return };
        self.timers.unset(op.timer.take());
        self.last_run += 1;
        let run = RunId(self.last_run);
        let limit_ms = u64::from(op.request.timeout_ms);
        let timer =
            (limit_ms > 0).then(|| self.timers.set(now.mono_ms + limit_ms, Alarm::Limit { run }));
        self.commands.push_back(Command::Run { run, request: Box::new(op.request.clone()) });
        queue.running =
            Some(Running { run, op: Some(op), started: now, state: RunState::Normal, timer });
        self.runs.insert(run, rsc.to_owned());
    }

    fn finish(
        &mut self,
        rsc: &str,
        mut op: Op,
        state: RunState,
        started: Now,
        completion: Completion,
        now: Now,
    ) {
        let exited = matches!(completion.ending, Ending::Exited(_));
        match state {
            RunState::Cancelled => {
                self.results.push_back(op.cancel(now));
                return;
            }
            // An agent that exited while the signal was on its way has done its work.
            RunState::TimedOut if !exited => {
                let outcome = Outcome::timed_out(&op.request);
                self.results.extend(op.finish(outcome, started, now));
            }
            RunState::Normal | RunState::TimedOut => {
                let outcome = Outcome::of(&op.request, completion);
                self.results.extend(op.finish(outcome, started, now));
            }
            RunState::Unkillable => {}
        }
        let Some(queue) = self.queues.get_mut(rsc) else { return };
        if !op.request.is_recurring() || queue.forgotten {
            return;
        }
        if std::mem::take(&mut op.rerun) {
            op.queued_ms = now.mono_ms;
            queue.pending.push_back(op);
        } else {
            let at_ms = now.mono_ms + u64::from(op.request.interval_ms);
            op.timer = Some(self.timers.set(at_ms, Alarm::Due { rsc: rsc.to_owned(), op: op.id }));
            queue.sleeping.push(op);
        }
    }

    /// An interval or a start delay is over.
    fn wake(&mut self, rsc: &str, op: u64, now: Now) {
        if let Some(queue) = self.queues.get_mut(rsc)
            && let Some(mut op) = queue.wake(op)
        {
            op.timer = None;
            op.queued_ms = now.mono_ms;
            queue.pending.push_back(op);
        }
        self.advance(rsc, now);
    }

    /// Kills a run at its time limit.
    fn kill_late(&mut self, run: RunId, now: Now) {
        let Some(running) = self.find_run(run) else { return };
        running.state = RunState::TimedOut;
        let block = running.op.as_ref().is_some_and(|op| {
            let on_fail = op.request.meta_value("on_fail").or(op.request.meta_value("on-fail"));
            on_fail.is_some_and(|value| value.eq_ignore_ascii_case("block"))
        });
        let scope = if block { KillScope::Process } else { KillScope::Group };
        self.commands.push_back(Command::Kill { run, scope });
        let timer = self.timers.set(now.mono_ms + KILL_GRACE_MS, Alarm::Grace { run });
        if let Some(running) = self.find_run(run) {
            running.timer = Some(timer);
        }
    }

    /// A killed run is still there: report it, and bound the waiting of those behind it.
    fn report_unkillable(&mut self, run: RunId, now: Now) {
        let Some(running) = self.find_run(run) else { return };
        let was = std::mem::replace(&mut running.state, RunState::Unkillable);
        running.timer = None;
        let started = running.started;
        let result = if was == RunState::Cancelled {
            running.op.take().map(|op| op.cancel(now))
        } else {
            let op = running.op.as_mut();
            op.and_then(|op| op.finish(Outcome::unkillable(&op.request), started, now))
        };
        self.results.extend(result);
        if let Some(rsc) = self.runs.get(&run).cloned() {
            self.set_give_up(&rsc, now);
        }
    }

    /// Gives each waiting operation its time limit from now on.
    fn set_give_up(&mut self, rsc: &str, now: Now) {
        let Some(queue) = self.queues.get_mut(rsc) else { return };
        for op in queue.pending.iter_mut().filter(|op| op.timer.is_none()) {
            if op.request.timeout_ms > 0 {
                let at_ms = now.mono_ms + u64::from(op.request.timeout_ms);
                let alarm = Alarm::GiveUp { rsc: rsc.to_owned(), op: op.id };
                op.timer = Some(self.timers.set(at_ms, alarm));
            }
        }
    }

    /// The resource is free again: its waiting operations will run after all.
    fn lift_give_up(&mut self, rsc: &str) {
        let Some(queue) = self.queues.get_mut(rsc) else { return };
        for op in queue.pending.iter_mut().filter(|op| op.request.start_delay_ms == 0) {
            self.timers.unset(op.timer.take());
        }
    }

    fn give_up(&mut self, rsc: &str, op: u64, now: Now) {
        let Some(queue) = self.queues.get_mut(rsc) else { return };
        let Some(at) = queue.pending.iter().position(|pending| pending.id == op) else { return };
        if let Some(op) = queue.pending.remove(at) {
            let outcome = Outcome::blocked(&op.request);
            self.results.push_back(op.end(outcome, now));
        }
    }

    fn find_run(&mut self, run: RunId) -> Option<&mut Running> {
        let rsc = self.runs.get(&run)?;
        self.queues.get_mut(rsc)?.running.as_mut()
    }

    fn drop_if_done(&mut self, rsc: &str) {
        if self.queues.get(rsc).is_some_and(ResourceQueue::is_done) {
            self.queues.remove(rsc);
        }
    }
}
