//! The pipeline: all phases of scheduling, in Pacemaker's order.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_scheduler.c` (`pcmk__schedule_actions()`).
//!
//! | # | phase | writes |
//! |---|---|---|
//! | 1 | `unpack::run` | facts, states, first actions (history, fencing) |
//! | 2 | `apply_node_health`, `constraints::run` | constraints, orderings asked for |
//! | 3 | `apply_node_criteria` | node scores |
//! | 4 | `create_internal_constraints` | orderings asked for, colocations |
//! | 5 | `handle_rsc_config_changes` | actions: cancellations, reloads, restarts |
//! | 6 | `assign_resources` | placement |
//! | 7 | probes and actions of each resource | actions |
//! | 8 | remote connections, fencing, shutdown | actions, orderings asked for |
//! | 9 | `apply_orderings` | relations and what they change |
//! | 10 | `find_changes` | what is told of each resource; actions without a node |
//! | 11 | `create_graph` | the transition, notifications |

use cib_model::Cib;

use crate::Options;
use crate::graph::Transition;
use crate::plan::Plan;
use crate::{constraints, unpack};

/// What scheduling found and decided.
#[derive(Debug)]
pub struct Scheduled {
    /// All tables, for whoever wants to know why.
    pub plan: Plan,
    /// What is to be done.
    pub transition: Transition,
}

/// Schedules: reads the CIB and decides what has to be done.
pub fn schedule(cib: &Cib, options: &Options) -> Scheduled {
    let mut plan = unpack::run(cib, options);
    let transition = schedule_plan(&mut plan);
    Scheduled { plan, transition }
}

/// Decides what has to be done, from a CIB that was read already (phases 2 to 11).
pub fn schedule_plan(plan: &mut Plan) -> Transition {
    plan.apply_node_health();
    constraints::run(plan);
    plan.apply_node_criteria();
    plan.create_internal_constraints();
    plan.handle_rsc_config_changes();
    plan.assign_resources();
    plan.check_deferred_params();
    plan.schedule_probes();
    plan.clear_removed_failcounts();
    plan.create_actions();
    plan.order_remote_connection_actions();
    plan.schedule_fencing_and_shutdowns();
    plan.apply_orderings();
    // COMPAT(pacemaker 3.x, pcmk_scheduler.c log_all_actions()): looking for what is told puts
    // actions without a node on one, and the graph is built after that.
    plan.find_changes();
    plan.create_graph()
}
