//! The cases of Pacemaker's executor regression suite, in virtual time.
//!
//! **Source:** pacemaker `cts/cts-exec.in`.

use super::*;

/// A pretended node: agents answer when told to, time moves when told to.
#[derive(Default)]
struct Node {
    executor: Executor,
    now_ms: u64,
    /// Runs in progress, in the order they were started.
    running: Vec<(RunId, ActionRequest)>,
    killed: Vec<(RunId, KillScope)>,
}

fn request(rsc: &str, action: &str) -> ActionRequest {
    ActionRequest {
        rsc: rsc.to_owned(),
        agent: AgentSpec {
            class: "ocf".to_owned(),
            provider: Some("pacemaker".to_owned()),
            kind: "Dummy".to_owned(),
        },
        action: action.to_owned(),
        interval_ms: 0,
        timeout_ms: 20_000,
        start_delay_ms: 0,
        params: Vec::new(),
        meta: Vec::new(),
        transition_key: "1:2:0:uuid".to_owned(),
    }
}

fn monitor(rsc: &str, interval_ms: u32) -> ActionRequest {
    ActionRequest { interval_ms, ..request(rsc, "monitor") }
}

impl Node {
    fn now(&self) -> Now {
        Now { mono_ms: self.now_ms, epoch_s: 1_000_000 + (self.now_ms / 1000).cast_signed() }
    }

    fn drain(&mut self) {
        while let Some(command) = self.executor.poll_command() {
            match command {
                Command::Run { run, request } => self.running.push((run, *request)),
                Command::Kill { run, scope } => self.killed.push((run, scope)),
            }
        }
    }

    fn ask(&mut self, request: ActionRequest) -> i32 {
        let call = self.executor.handle_request(request, self.now());
        self.drain();
        call
    }

    fn cancel(&mut self, rsc: &str, action: &str, interval_ms: u32) -> Cancellation {
        let done = self.executor.handle_cancel(rsc, action, interval_ms, self.now());
        self.drain();
        done
    }

    /// Ends the oldest run.
    fn end(&mut self, ending: Ending) {
        let (run, _) = self.running.remove(0);
        let completion = Completion { ending, exit_reason: String::new() };
        self.executor.handle_completion(run, completion, self.now());
        self.drain();
    }

    fn exit(&mut self, status: i32) {
        self.end(Ending::Exited(status));
    }

    /// Moves the time, stopping at each timer.
    fn advance(&mut self, ms: u64) {
        let until = self.now_ms + ms;
        while let Some(at_ms) = self.executor.poll_timeout().filter(|at_ms| *at_ms <= until) {
            self.now_ms = self.now_ms.max(at_ms);
            self.executor.handle_timeout(self.now());
            self.drain();
        }
        self.now_ms = until;
    }

    /// All results so far: `rsc action_interval rc status`.
    fn results(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(result) = self.executor.poll_result() {
            lines.push(format!(
                "{} {}_{} {} {:?}",
                result.request.rsc,
                result.request.action,
                result.request.interval_ms,
                result.rc,
                result.op_status
            ));
        }
        lines
    }

    fn running_names(&self) -> Vec<String> {
        self.running
            .iter()
            .map(|(_, request)| format!("{} {}", request.rsc, request.action))
            .collect()
    }
}

#[test]
fn start_and_stop() {
    let mut node = Node::default();
    node.ask(request("r", "start"));
    node.exit(0);
    node.ask(request("r", "stop"));
    node.exit(0);
    assert_eq!(node.results(), ["r start_0 0 Done", "r stop_0 0 Done"]);
    assert!(node.executor.is_idle());
    assert_eq!(node.executor.poll_timeout(), None);
}

#[test]
fn call_ids_count_registration_as_pacemaker_does() {
    let mut node = Node::default();
    let calls = [
        node.ask(request("ip", "monitor")),
        node.ask(request("ip", "start")),
        node.ask(monitor("ip", 30_000)),
    ];
    assert_eq!(calls, [5, 6, 7]);
    assert_eq!(node.ask(request("service", "monitor")), 11);
    assert_eq!(node.ask(request("service", "start")), 12);
}

#[test]
fn one_action_of_a_resource_at_a_time_and_resources_in_parallel() {
    let mut node = Node::default();
    node.ask(request("a", "start"));
    node.ask(request("a", "promote"));
    node.ask(request("b", "start"));
    assert_eq!(node.running_names(), ["a start", "b start"]);
    node.advance(700);
    node.exit(0);
    assert_eq!(node.running_names(), ["b start", "a promote"]);
    node.advance(100);
    node.exit(0);
    node.exit(0);
    node.results();
    let mut node = Node::default();
    node.ask(request("a", "start"));
    node.ask(request("a", "promote"));
    node.advance(700);
    node.exit(0);
    node.advance(40);
    node.exit(0);
    let times: Vec<_> = std::iter::from_fn(|| node.executor.poll_result())
        .map(|result| (result.queue_ms, result.exec_ms))
        .collect();
    assert_eq!(times, [(0, 700), (700, 40)]);
}

#[test]
fn recurring_runs_at_once_and_then_counts_from_completion() {
    let mut node = Node::default();
    node.ask(monitor("r", 5_000));
    assert_eq!(node.running_names(), ["r monitor"]);
    node.advance(50);
    node.exit(0);
    node.advance(4_999);
    assert!(node.running.is_empty());
    node.advance(1);
    assert_eq!(node.now_ms, 5_050);
    assert_eq!(node.running_names(), ["r monitor"]);
}

#[test]
fn recurring_reports_the_first_result_and_then_changes() {
    let mut node = Node::default();
    node.ask(monitor("r", 1_000));
    for rc in [0, 0, 0, 7, 7, 0] {
        node.exit(rc);
        node.advance(1_000);
    }
    assert_eq!(
        node.results(),
        ["r monitor_1000 0 Done", "r monitor_1000 7 Done", "r monitor_1000 0 Done"]
    );
}

#[test]
fn last_change_of_a_recurring_result_is_when_the_code_changed() {
    let mut node = Node::default();
    node.ask(monitor("r", 10_000));
    node.advance(2_000);
    node.exit(0);
    node.advance(10_000);
    node.advance(3_000);
    node.exit(7);
    let times: Vec<_> = std::iter::from_fn(|| node.executor.poll_result())
        .map(|result| result.last_rc_change_s - 1_000_000)
        .collect();
    assert_eq!(times, [0, 15]);
}

#[test]
fn a_cancelled_monitor_does_not_come_back() {
    let mut node = Node::default();
    node.ask(monitor("r", 1_000));
    node.exit(7);
    node.results();
    assert_eq!(node.cancel("r", "monitor", 1_000), Cancellation::Dropped);
    node.advance(10_000);
    assert_eq!(node.results(), ["r monitor_1000 7 Cancelled"]);
    assert!(node.running.is_empty());
}

#[test]
fn a_running_monitor_is_killed_when_cancelled() {
    let mut node = Node::default();
    node.ask(monitor("r", 1_000));
    assert_eq!(node.cancel("r", "monitor", 1_000), Cancellation::Stopping);
    assert_eq!(node.killed, [(RunId(1), KillScope::Group)]);
    assert_eq!(node.results(), [""; 0]);
    node.end(Ending::Signalled(9));
    node.advance(10_000);
    assert_eq!(node.results(), ["r monitor_1000 0 Cancelled"]);
    assert!(node.running.is_empty());
}

#[test]
fn duplicates_of_a_monitor_merge_and_one_cancel_ends_them() {
    let mut node = Node::default();
    let first = node.ask(monitor("r", 1_000));
    node.exit(0);
    let calls: Vec<_> = (0..4).map(|_| node.ask(monitor("r", 1_000))).collect();
    assert_eq!(node.running_names(), ["r monitor"], "runs again at once, once");
    node.exit(0);
    let reported: Vec<_> =
        std::iter::from_fn(|| node.executor.poll_result()).map(|result| result.call_id).collect();
    assert_eq!(reported, [first, calls[3]]);
    node.cancel("r", "monitor", 1_000);
    node.advance(10_000);
    assert!(node.running.is_empty());
    assert_eq!(node.executor.recurring("r"), []);
}

#[test]
fn a_duplicate_with_other_parameters_runs_again() {
    let mut node = Node::default();
    node.ask(monitor("r", 1_000));
    let params = vec![("ip".to_owned(), "192.0.2.7".to_owned())];
    node.ask(ActionRequest { params: params.clone(), ..monitor("r", 1_000) });
    assert_eq!(node.running.len(), 1);
    node.exit(0);
    assert_eq!(node.running[0].1.params, params);
}

#[test]
fn stop_cancels_the_monitors_first() {
    let mut node = Node::default();
    node.ask(monitor("r", 1_000));
    node.exit(0);
    node.ask(monitor("r", 2_000));
    node.results();
    node.ask(request("r", "stop"));
    assert_eq!(node.running_names(), ["r monitor"]);
    node.end(Ending::Signalled(9));
    assert_eq!(node.running_names(), ["r stop"]);
    node.exit(0);
    node.advance(10_000);
    assert_eq!(
        node.results(),
        ["r monitor_1000 0 Cancelled", "r monitor_2000 0 Cancelled", "r stop_0 0 Done"]
    );
    assert!(node.running.is_empty());
}

#[test]
fn a_start_that_hangs_is_killed_at_its_timeout() {
    let mut node = Node::default();
    node.ask(ActionRequest { timeout_ms: 4_000, ..request("r", "start") });
    node.advance(3_999);
    assert_eq!(node.killed, []);
    node.advance(1);
    assert_eq!(node.killed, [(RunId(1), KillScope::Group)]);
    node.end(Ending::Signalled(9));
    let result = node.executor.poll_result().unwrap();
    assert_eq!((result.rc, result.op_status), (1, OpStatus::Timeout));
    assert_eq!(result.exit_reason, "Resource agent did not complete within 4s");
    node.ask(request("r", "stop"));
    node.exit(0);
    assert_eq!(node.results(), ["r stop_0 0 Done"]);
}

#[test]
fn on_fail_block_leaves_the_group_alive() {
    let mut node = Node::default();
    let meta = vec![("on_fail".to_owned(), "block".to_owned())];
    node.ask(ActionRequest { meta, timeout_ms: 1_000, ..request("r", "stop") });
    node.advance(1_000);
    assert_eq!(node.killed, [(RunId(1), KillScope::Process)]);
}

#[test]
fn a_monitor_that_times_out_goes_on() {
    let mut node = Node::default();
    node.ask(ActionRequest { timeout_ms: 500, ..monitor("r", 1_000) });
    node.advance(500);
    node.end(Ending::Signalled(9));
    node.advance(1_000);
    node.exit(0);
    assert_eq!(node.results(), ["r monitor_1000 1 Timeout", "r monitor_1000 0 Done"]);
}

#[test]
fn an_agent_that_cannot_be_killed_is_reported_and_never_overtaken() {
    let mut node = Node::default();
    node.ask(ActionRequest { timeout_ms: 1_000, ..request("r", "start") });
    node.advance(6_000);
    assert_eq!(node.results(), ["r start_0 1 Timeout"]);
    node.ask(ActionRequest { timeout_ms: 2_000, ..request("r", "stop") });
    node.advance(2_000);
    assert_eq!(node.running_names(), ["r start"]);
    let result = node.executor.poll_result().unwrap();
    assert_eq!(result.op_status, OpStatus::Timeout);
    assert_eq!(result.exit_reason, "not run within 2s: an earlier action of r cannot be killed");
    node.end(Ending::Signalled(9));
    node.ask(request("r", "stop"));
    node.exit(0);
    assert_eq!(node.results(), ["r stop_0 0 Done"]);
}

#[test]
fn what_was_never_asked_for_cannot_be_cancelled() {
    let mut node = Node::default();
    assert_eq!(node.cancel("r", "start", 0), Cancellation::Unknown);
    node.ask(monitor("r", 1_000));
    node.exit(0);
    assert_eq!(node.cancel("r", "monitor", 2_000), Cancellation::Unknown);
    assert_eq!(node.cancel("r", "stop", 1_000), Cancellation::Unknown);
    assert_eq!(node.executor.recurring("r"), [("monitor".to_owned(), 1_000)]);
}

#[test]
fn what_cannot_be_started_says_why() {
    let mut node = Node::default();
    let cases = [
        (
            StartError::NotInstalled("No such file or directory".to_owned()),
            5,
            OpStatus::NotInstalled,
        ),
        (StartError::Permission("Permission denied".to_owned()), 4, OpStatus::Error),
        (StartError::Other("Resource temporarily unavailable".to_owned()), 1, OpStatus::Error),
    ];
    for (error, rc, op_status) in cases {
        node.ask(request("r", "start"));
        let words = error.to_string();
        node.end(Ending::NotStarted { what: "/usr/lib/ocf/x".to_owned(), error });
        let result = node.executor.poll_result().unwrap();
        assert_eq!((result.rc, result.op_status), (rc, op_status));
        assert!(result.exit_reason.ends_with(&words), "{}", result.exit_reason);
    }
}

#[test]
fn an_agent_that_dies_of_a_signal_is_an_error() {
    let mut node = Node::default();
    node.ask(request("r", "start"));
    node.end(Ending::Signalled(11));
    let result = node.executor.poll_result().unwrap();
    assert_eq!((result.rc, result.op_status), (1, OpStatus::Error));
    assert_eq!(result.exit_reason, "Resource agent interrupted by Segmentation fault signal");
}

#[test]
fn start_delay_delays_only_the_first_run() {
    let mut node = Node::default();
    node.ask(ActionRequest { start_delay_ms: 6_000, ..request("r", "start") });
    node.advance(5_999);
    assert!(node.running.is_empty());
    node.advance(1);
    node.exit(0);
    node.ask(ActionRequest { start_delay_ms: 3_000, ..monitor("r", 1_000) });
    node.ask(request("r", "promote"));
    assert_eq!(node.running_names(), ["r promote"], "a delayed monitor holds nothing back");
    node.exit(0);
    node.advance(3_000);
    node.exit(0);
    node.advance(1_000);
    assert_eq!(node.running_names(), ["r monitor"]);
}

#[test]
fn a_delayed_start_can_be_cancelled() {
    let mut node = Node::default();
    node.ask(ActionRequest { start_delay_ms: 5_000, ..request("r", "start") });
    assert_eq!(node.cancel("r", "start", 0), Cancellation::Dropped);
    node.advance(10_000);
    assert_eq!(node.results(), ["r start_0 0 Cancelled"]);
    assert!(node.running.is_empty());
}

#[test]
fn monitors_of_one_resource_run_in_series() {
    let mut node = Node::default();
    node.ask(request("r", "start"));
    node.exit(0);
    for n in 0..9 {
        node.ask(monitor("r", 1_000 + n));
    }
    for _ in 0..50 {
        assert!(node.running.len() <= 1);
        node.advance(2_000);
        if !node.running.is_empty() {
            node.exit(0);
        }
    }
    node.ask(request("r", "stop"));
    node.end(Ending::Signalled(9));
    if !node.running.is_empty() {
        node.exit(0);
    }
    let results = node.results();
    assert_eq!(results.iter().filter(|line| line.ends_with("0 Done")).count(), 11);
    assert_eq!(results.iter().filter(|line| line.ends_with("Cancelled")).count(), 9);
    assert_eq!(results.last().unwrap(), "r stop_0 0 Done");
}

#[test]
fn twenty_five_resources_under_load() {
    let mut node = Node::default();
    for n in 0..25 {
        node.ask(request(&format!("r{n}"), "start"));
    }
    assert_eq!(node.running.len(), 25);
    for _ in 0..25 {
        node.exit(0);
    }
    for n in 0..25 {
        node.ask(monitor(&format!("r{n}"), 1_000));
    }
    for _ in 0..25 {
        node.exit(0);
    }
    node.advance(1_000);
    assert_eq!(node.running.len(), 25);
    for n in 0..25 {
        node.ask(request(&format!("r{n}"), "stop"));
    }
    for _ in 0..25 {
        node.end(Ending::Signalled(9));
    }
    for _ in 0..25 {
        node.exit(0);
    }
    assert_eq!(node.results().len(), 100);
    assert!(node.executor.is_idle());
    assert_eq!(node.executor.poll_timeout(), None);
}

#[test]
fn a_forgotten_resource_finishes_what_runs_and_starts_anew() {
    let mut node = Node::default();
    node.ask(monitor("r", 1_000));
    node.exit(0);
    node.ask(request("r", "start"));
    node.executor.handle_forget("r", node.now());
    node.results();
    let call = node.ask(request("r", "monitor"));
    assert_eq!(node.running_names(), ["r start"], "the new one waits");
    node.exit(0);
    node.exit(7);
    assert_eq!(node.results(), ["r start_0 0 Done", "r monitor_0 7 Done"]);
    assert_eq!(call, 7, "it was still registered");
    node.executor.handle_forget("r", node.now());
    assert_eq!(node.ask(request("r", "monitor")), 11);
}

#[test]
fn an_agent_left_by_an_earlier_daemon_is_waited_for() {
    let mut node = Node::default();
    let run = node.executor.handle_leftover("r", Some(3_000), node.now()).unwrap();
    node.ask(request("r", "monitor"));
    assert!(node.running.is_empty());
    node.advance(3_000);
    assert_eq!(node.killed, [(run, KillScope::Group)]);
    let completion = Completion { ending: Ending::Signalled(9), exit_reason: String::new() };
    node.executor.handle_completion(run, completion, node.now());
    node.drain();
    assert_eq!(node.running_names(), ["r monitor"]);
    node.exit(0);
    assert_eq!(node.results(), ["r monitor_0 0 Done"]);
}

#[test]
fn a_jump_of_the_wall_clock_fires_nothing() {
    let mut node = Node::default();
    node.ask(monitor("r", 5_000));
    node.exit(0);
    node.executor.handle_timeout(Now { mono_ms: 1, epoch_s: 9_000_000_000 });
    node.drain();
    assert!(node.running.is_empty());
}
