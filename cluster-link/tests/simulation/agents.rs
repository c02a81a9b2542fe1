//! Played agents of one node: one action of a resource at a time, each takes a while.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cluster_link::executor::{ActionRequest, ActionResult, Now, OpStatus};

use crate::random::Random;

/// A node's services and what runs on them. Survives the daemon.
#[derive(Default)]
pub(crate) struct Agents {
    /// Resources that are active.
    pub(crate) active: BTreeSet<String>,
    /// Resources whose next start fails.
    pub(crate) failing: BTreeSet<String>,
    queues: BTreeMap<String, VecDeque<ActionRequest>>,
    running: BTreeMap<String, (u64, ActionRequest)>,
    calls: i32,
}

impl Agents {
    pub(crate) fn request(&mut self, request: ActionRequest, now: u64, random: &mut Random) {
        let rsc = request.rsc.clone();
        self.queues.entry(rsc.clone()).or_default().push_back(request);
        self.begin(&rsc, now, random);
    }

    /// The daemon is gone: nobody waits for results, what runs goes on.
    pub(crate) fn orphan(&mut self) {
        self.queues.clear();
        for (_, request) in std::mem::take(&mut self.running).into_values() {
            self.effect(&request);
        }
    }

    pub(crate) fn starting(&self) -> impl Iterator<Item = &str> {
        let starts = self.running.values().filter(|(_, r)| r.action == "start");
        starts.map(|(_, r)| r.rsc.as_str())
    }

    pub(crate) fn next(&self) -> Option<u64> {
        self.running.values().map(|(at, _)| *at).min()
    }

    /// Ends what is due.
    pub(crate) fn finish(&mut self, now: Now, random: &mut Random) -> Vec<ActionResult> {
        let due: Vec<String> = self
            .running
            .iter()
            .filter(|(_, (at, _))| *at <= now.mono_ms)
            .map(|(rsc, _)| rsc.clone())
            .collect();
        let mut results = Vec::new();
        for rsc in due {
            let (_, request) = self.running.remove(&rsc).unwrap();
            let rc = self.effect(&request);
            self.calls += 1;
            results.push(ActionResult {
                request,
                call_id: self.calls,
                rc,
                op_status: OpStatus::Done,
                exit_reason: String::new(),
                last_rc_change_s: now.epoch_s,
                exec_ms: 1,
                queue_ms: 0,
            });
            self.begin(&rsc, now.mono_ms, random);
        }
        results
    }

    fn begin(&mut self, rsc: &str, now: u64, random: &mut Random) {
        if self.running.contains_key(rsc) {
            return;
        }
        let Some(request) = self.queues.get_mut(rsc).and_then(VecDeque::pop_front) else { return };
        let takes = 1 + random.below(200) as u64;
        self.running.insert(rsc.to_owned(), (now + takes, request));
    }

    fn effect(&mut self, request: &ActionRequest) -> i32 {
        let rsc = &request.rsc;
        if request.action == "start" && self.failing.remove(rsc) {
            return 1;
        }
        match request.action.as_str() {
            "start" => {
                self.active.insert(rsc.clone());
                0
            }
            "stop" => {
                self.active.remove(rsc);
                0
            }
            _ if self.active.contains(rsc) => 0,
            _ => 7,
        }
    }
}
