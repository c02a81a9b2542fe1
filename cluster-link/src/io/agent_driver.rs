//! The executor on this node: its core, the agents it runs and the clock that drives it.

use std::collections::VecDeque;

use super::agent::{AgentEnd, AgentPaths, Agents};
use super::clock::Clock;
use crate::executor::{ActionRequest, ActionResult, Cancellation, Command, Executor};

/// What happened in the executor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AgentEvent {
    /// A result for the controller.
    Result(Box<ActionResult>),
    /// An agent wrote something; for the log.
    Output {
        /// Resource, action and interval: `ip_monitor_30000`.
        operation: String,
        /// Standard output, trimmed.
        stdout: String,
        /// Standard error, trimmed.
        stderr: String,
    },
}

/// Runs resources' actions. Lives within a tokio runtime.
///
/// Dropping it leaves running agents alone; a later [`AgentDriver::adopt`] waits for them.
#[derive(Debug)]
pub struct AgentDriver {
    executor: Executor,
    agents: Agents,
    clock: Clock,
    outputs: VecDeque<AgentEvent>,
}

impl AgentDriver {
    /// Creates an executor that knows no resources.
    pub fn new(paths: AgentPaths) -> Self {
        Self {
            executor: Executor::new(),
            agents: Agents::new(paths),
            clock: Clock::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Waits, before anything else is asked of these resources, for agents of an earlier daemon.
    ///
    /// Returns resource and action of each agent that still runs.
    pub fn adopt(&mut self) -> Vec<(String, String)> {
        self.agents.adopt(&mut self.executor, self.clock.now())
    }

    /// Takes a request; returns its call id. See [`Executor::handle_request`].
    pub fn request(&mut self, request: ActionRequest) -> i32 {
        let call_id = self.executor.handle_request(request, self.clock.now());
        self.act();
        call_id
    }

    /// Cancels an operation. See [`Executor::handle_cancel`].
    pub fn cancel(&mut self, rsc: &str, action: &str, interval_ms: u32) -> Cancellation {
        let done = self.executor.handle_cancel(rsc, action, interval_ms, self.clock.now());
        self.act();
        done
    }

    /// Forgets a resource. See [`Executor::handle_forget`].
    pub fn forget(&mut self, rsc: &str) {
        self.executor.handle_forget(rsc, self.clock.now());
        self.act();
    }

    /// The core, to ask what runs and what recurs.
    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    /// Where agents are.
    pub fn paths(&self) -> &AgentPaths {
        self.agents.paths()
    }

    /// Waits for the next event. May be cancelled: nothing is lost.
    pub async fn next(&mut self) -> AgentEvent {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return output;
            }
            if let Some(result) = self.executor.poll_result() {
                return AgentEvent::Result(Box::new(result));
            }
            let wake = self.executor.poll_timeout().map(|at_ms| self.clock.instant(at_ms));
            let timer = async {
                match wake {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                end = self.agents.next() => self.take_end(end),
                () = timer => self.executor.handle_timeout(self.clock.now()),
            }
            self.act();
        }
    }

    fn take_end(&mut self, end: AgentEnd) {
        let AgentEnd { run, completion, stdout, stderr } = end;
        if !stdout.trim().is_empty() || !stderr.trim().is_empty() {
            let running = self.executor.running().find(|(_, known, _)| *known == run);
            if let Some((_, _, Some(request))) = running {
                let ActionRequest { rsc, action, interval_ms, .. } = request;
                self.outputs.push_back(AgentEvent::Output {
                    operation: format!("{rsc}_{action}_{interval_ms}"),
                    stdout: stdout.trim().to_owned(),
                    stderr: stderr.trim().to_owned(),
                });
            }
        }
        self.executor.handle_completion(run, completion, self.clock.now());
    }

    /// Does what the executor wants done.
    fn act(&mut self) {
        while let Some(command) = self.executor.poll_command() {
            match command {
                Command::Run { run, request } => self.agents.run(run, &request, self.clock.now()),
                Command::Kill { run, scope } => self.agents.kill(run, scope),
            }
        }
    }
}

#[cfg(test)]
mod tests;
