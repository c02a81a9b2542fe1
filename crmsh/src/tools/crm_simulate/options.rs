//! The options of `crm_simulate`, and what they ask for together.
//!
//! **Source:** pacemaker `tools/crm_simulate.c`.

use std::path::PathBuf;

use clap::{ArgAction, Parser};
use policy::render::report::StatusSections;
use policy::render::scores::Evidence;
use policy::simulate::{Fault, Injections};

/// Show how the cluster would react, without touching it
///
/// The input is a CIB: from a file, from standard input (the default), or of the cluster.
#[derive(Parser, Clone, Debug, Default)]
#[command(name = "crm_simulate", disable_version_flag = true, after_help = AFTER_HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the reference")]
pub(super) struct Options {
    /// Print the version and leave
    #[arg(short = '$', long)]
    pub(super) version: bool,
    /// Tell what is wrong with the configuration: once errors, twice warnings too
    #[arg(short = 'V', long, action = ArgAction::Count)]
    pub(super) verbose: u8,
    /// Leave out all but what was asked for
    #[arg(short = 'Q', long)]
    pub(super) quiet: bool,

    /// Print as text, xml or none
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub(super) output_as: String,
    /// Print to this file; `-` is standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) output_to: Option<PathBuf>,
    /// Accepted: text is always laid out
    #[arg(long, hide = true)]
    text_fancy: bool,

    /// Plan, and tell what the cluster will do
    #[arg(short = 'R', long, help_heading = "Operations")]
    run: bool,
    /// Plan, do it in memory, and tell what comes of it
    #[arg(short = 'S', long, help_heading = "Operations")]
    simulate: bool,
    /// Like --simulate, and write the result over the input
    #[arg(short = 'X', long, help_heading = "Operations")]
    pub(super) in_place: bool,
    /// Show node attributes
    #[arg(short = 'A', long, help_heading = "Operations")]
    show_attrs: bool,
    /// Show fail counts and failed actions
    #[arg(short = 'c', long, help_heading = "Operations")]
    show_failcounts: bool,
    /// Plan, and show the scores of resources on nodes
    #[arg(short = 's', long, help_heading = "Operations")]
    show_scores: bool,
    /// Plan, and show what nodes have to offer and resources take
    #[arg(short = 'U', long, help_heading = "Operations")]
    show_utilization: bool,
    /// Plan for every CIB (*.xml) in a folder, and tell the time it took
    #[arg(short = 'P', long, value_name = "DIR", help_heading = "Operations")]
    pub(super) profile: Option<PathBuf>,
    /// With --profile: plan so many times for each
    #[arg(short = 'N', long, value_name = "N", default_value_t = 1, help_heading = "Operations")]
    #[arg(allow_negative_numbers = true)]
    pub(super) repeat: i32,
    /// Accepted: pending actions are always shown
    #[arg(short = 'j', long, hide = true)]
    pending: bool,

    /// Bring a node online; one that is not configured is made
    #[arg(short = 'u', long, value_name = "NODE", help_heading = "Synthetic events")]
    node_up: Vec<String>,
    /// Take a node offline
    #[arg(short = 'd', long, value_name = "NODE", help_heading = "Synthetic events")]
    node_down: Vec<String>,
    /// Let a node fail
    #[arg(short = 'f', long, value_name = "NODE", help_heading = "Synthetic events")]
    node_fail: Vec<String>,
    /// Let an operation have had this result
    #[arg(short = 'i', long, value_name = "OPSPEC", help_heading = "Synthetic events")]
    op_inject: Vec<String>,
    /// Like --simulate; let an operation fail with this code where it occurs
    #[arg(short = 'F', long, value_name = "OPSPEC", help_heading = "Synthetic events")]
    op_fail: Vec<String>,
    /// Plan as of this time (ISO 8601)
    #[arg(short = 't', long, value_name = "DATETIME", help_heading = "Synthetic events")]
    pub(super) set_datetime: Option<String>,
    /// Set whether the cluster has quorum; needs another event beside it
    #[arg(short = 'q', long, value_name = "BOOLEAN", help_heading = "Synthetic events")]
    quorum: Option<String>,
    /// Set whether the cluster has a watchdog
    #[arg(short = 'w', long, value_name = "BOOLEAN", help_heading = "Synthetic events")]
    watchdog: Option<String>,
    /// Grant a ticket
    #[arg(short = 'g', long, value_name = "TICKET", help_heading = "Synthetic events")]
    ticket_grant: Vec<String>,
    /// Revoke a ticket
    #[arg(short = 'r', long, value_name = "TICKET", help_heading = "Synthetic events")]
    ticket_revoke: Vec<String>,
    /// Put a ticket in standby
    #[arg(short = 'b', long, value_name = "TICKET", help_heading = "Synthetic events")]
    ticket_standby: Vec<String>,
    /// Take a ticket out of standby
    #[arg(short = 'e', long, value_name = "TICKET", help_heading = "Synthetic events")]
    ticket_activate: Vec<String>,

    /// Write the input, with the events in it, to this file
    #[arg(short = 'I', long, value_name = "FILE", help_heading = "Files to write")]
    pub(super) save_input: Option<PathBuf>,
    /// Write the result to this file
    #[arg(short = 'O', long, value_name = "FILE", help_heading = "Files to write")]
    pub(super) save_output: Option<PathBuf>,
    /// Plan, and write the transition graph (XML) to this file
    #[arg(short = 'G', long, value_name = "FILE", help_heading = "Files to write")]
    pub(super) save_graph: Option<PathBuf>,
    /// Plan, and write the transition graph (graphviz) to this file
    #[arg(short = 'D', long, value_name = "FILE", help_heading = "Files to write")]
    pub(super) save_dotfile: Option<PathBuf>,
    /// Write actions that are not needed to the graphviz file too
    #[arg(short = 'a', long, help_heading = "Files to write")]
    pub(super) all_actions: bool,

    /// Read the cluster's present CIB
    #[arg(short = 'L', long, help_heading = "Input")]
    #[arg(overrides_with_all = ["xml_file", "xml_pipe"])]
    live_check: bool,
    /// Read this file
    #[arg(short = 'x', long, value_name = "FILE", help_heading = "Input")]
    #[arg(overrides_with_all = ["live_check", "xml_pipe", "xml_file"])]
    xml_file: Option<PathBuf>,
    /// Read standard input
    #[arg(short = 'p', long, help_heading = "Input")]
    #[arg(overrides_with_all = ["live_check", "xml_file"])]
    xml_pipe: bool,

    /// Words that are no options; the reference pays no heed to them either.
    #[arg(hide = true)]
    ignored: Vec<String>,
}

const AFTER_HELP: &str = "\
An OPSPEC is RESOURCE_OPERATION_INTERVAL@NODE=CODE: the operation of a resource on a node, its
interval in ms (0 for one that does not recur) and the code that the agent exits with, for example
db_monitor_10000@alice=7.

A monitor of db on alice finds it stopped, and stopping it fails; then what the cluster does next:

  crm_simulate -L -S -i db_monitor_10000@alice=7 -F db_stop_0@alice=1 -O after.xml
  crm_simulate -S -x after.xml";

/// Where the CIB comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// The cluster, or what the environment names instead.
    Live,
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Options {
    /// Returns where the CIB comes from; of several that are named the last.
    pub(super) fn source(&self) -> Source {
        match &self.xml_file {
            _ if self.live_check => Source::Live,
            Some(path) if path.as_os_str() != "-" => Source::File(path.clone()),
            _ => Source::Stdin,
        }
    }

    /// Returns true where the plan is carried out in memory.
    pub(super) fn simulates(&self) -> bool {
        self.simulate || self.in_place || !self.op_fail.is_empty()
    }

    /// Returns true where a plan is made.
    pub(super) fn schedules(&self) -> bool {
        self.run
            || self.simulates()
            || self.evidence().any()
            || self.save_graph.is_some()
            || self.save_dotfile.is_some()
    }

    /// Returns which evidence is shown.
    pub(super) fn evidence(&self) -> Evidence {
        Evidence { scores: self.show_scores, utilization: self.show_utilization }
    }

    /// Returns what a status shows beside nodes and resources.
    pub(super) fn sections(&self) -> StatusSections {
        StatusSections { attributes: self.show_attrs, failcounts: self.show_failcounts }
    }

    /// Returns what is changed before planning.
    pub(super) fn injections(&self) -> Injections {
        Injections {
            quorum: self.quorum.clone(),
            watchdog: self.watchdog.clone(),
            nodes_up: self.node_up.clone(),
            nodes_down: self.node_down.clone(),
            nodes_fail: self.node_fail.clone(),
            tickets_grant: self.ticket_grant.clone(),
            tickets_revoke: self.ticket_revoke.clone(),
            tickets_standby: self.ticket_standby.clone(),
            tickets_activate: self.ticket_activate.clone(),
            operations: self.op_inject.clone(),
        }
    }

    /// Returns what is to fail while the plan is carried out.
    pub(super) fn faults(&self) -> Vec<Fault> {
        self.op_fail.iter().map(|spec| Fault::parse(spec)).collect()
    }
}
