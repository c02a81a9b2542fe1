//! `crm_simulate`: what the cluster would do, and what would come of it.
//!
//! **Source:** pacemaker `tools/crm_simulate.c`, `lib/pacemaker/pcmk_simulate.c`.
//! **Differs:** the input is scheduled as it is, without schema validation or upgrade.

use std::io::Read as _;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use cib_model::Cib;
use cib_model::time::DateTime;
use clap::{ArgAction, Parser};
use policy::render::summary::SummaryWidths;
use policy::render::{dot, graph_xml, report, scores};
use policy::simulate::Fault;

use crate::backend::{Place, Shadows, open, read_file, write_file};
use crate::console::Console;
use crate::exit::Exit;
use crate::ui::clock;

/// Simulate what the cluster would do
#[derive(Parser, Clone, Debug, Default)]
#[command(name = "crm_simulate", disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the reference")]
pub(super) struct Options {
    /// Show what actions the cluster will take in response
    #[arg(short = 'R', long)]
    run: bool,
    /// Also simulate taking those actions and show the resulting new status
    #[arg(short = 'S', long)]
    simulate: bool,
    /// Like --simulate, and store the results back to the input file
    #[arg(short = 'X', long)]
    in_place: bool,
    /// Show allocation scores
    #[arg(short = 's', long)]
    show_scores: bool,
    /// Display only essential output
    #[arg(short = 'Q', long)]
    quiet: bool,
    /// Set date and time (ISO 8601)
    #[arg(short = 't', long, value_name = "DATETIME")]
    set_datetime: Option<String>,
    /// Set to 1 (or true) where the cluster shall have quorum
    #[arg(short = 'q', long, value_name = "QUORUM")]
    quorum: Option<String>,
    /// If the task occurs during the simulation, have it fail: RSC_TASK_INTERVAL@NODE=RC
    #[arg(short = 'F', long, value_name = "OPSPEC")]
    op_fail: Vec<String>,
    /// Save the input configuration to this file
    #[arg(short = 'I', long, value_name = "FILE")]
    save_input: Option<PathBuf>,
    /// Save the output configuration to this file
    #[arg(short = 'O', long, value_name = "FILE")]
    save_output: Option<PathBuf>,
    /// Save the transition graph (XML) to this file
    #[arg(short = 'G', long, value_name = "FILE")]
    save_graph: Option<PathBuf>,
    /// Save the transition graph (DOT) to this file
    #[arg(short = 'D', long, value_name = "FILE")]
    save_dotfile: Option<PathBuf>,
    /// Display all possible actions in the DOT graph
    #[arg(short = 'a', long)]
    all_actions: bool,
    /// Use the cluster's present CIB
    #[arg(short = 'L', long)]
    live_check: bool,
    /// Read the CIB from this file
    #[arg(short = 'x', long, value_name = "FILE")]
    xml_file: Option<PathBuf>,
    /// Read the CIB from standard input
    #[arg(short = 'p', long)]
    xml_pipe: bool,
    /// Accepted: pending actions are always shown
    #[arg(short = 'j', long, hide = true)]
    pending: bool,
    /// Show more: numbers of actions in the DOT graph
    #[arg(short = 'V', long, action = ArgAction::Count)]
    verbose: u8,
    /// Print the version and leave
    #[arg(long)]
    version: bool,
}

impl Options {
    fn simulates(&self) -> bool {
        self.simulate || self.in_place
    }

    fn schedules(&self) -> bool {
        self.run || self.simulates() || self.save_graph.is_some() || self.save_dotfile.is_some()
    }
}

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    let options = match Options::try_parse_from(super::with_name("crm_simulate", argv)) {
        Ok(options) => options,
        Err(error) => return super::usage(&error, console),
    };
    if options.version {
        console.print(&super::version_text());
        return Exit::OK;
    }
    match simulate(&options, console) {
        Ok(exit) => exit,
        Err((message, exit)) => {
            console.complain(&format!("crm_simulate: {message}"));
            exit
        }
    }
}

/// A sentence for the user, and the exit code it comes with.
type Refusal = (String, Exit);

fn read_input(options: &Options) -> Result<Cib, Refusal> {
    let refuse = |error: &dyn std::fmt::Display| {
        (format!("Could not read input XML: {error}"), Exit::NO_INPUT)
    };
    let mut cib = if options.live_check {
        let shadows = Shadows::new("/var/lib/pacemaker/cib");
        let place = Place::Environment;
        open(&place, &shadows).query().map_err(|e| (e.to_string(), Exit::DISCONNECTED))?
    } else if let Some(path) = &options.xml_file {
        read_file(path).map_err(|e| refuse(&e))?
    } else {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|e| refuse(&e))?;
        Cib::read(&text).map_err(|e| refuse(&e))?
    };
    if let Some(quorum) = &options.quorum {
        let quorate = cib_model::boolean::parse(quorum).unwrap_or(false);
        let root = cib.root().xml_id();
        cib.tree_mut().set_attr(root, "have-quorum", if quorate { "true" } else { "false" });
    }
    Ok(cib)
}

/// Returns the time to schedule for, epoch seconds, and the line that tells of it.
fn effective_time(options: &Options, cib: &Cib) -> Result<(i64, String), Refusal> {
    let wall = clock::now();
    if let Some(date) = &options.set_datetime {
        let time = DateTime::parse(date, DateTime::from_epoch(wall, 0))
            .map_err(|error| (error.to_string(), Exit::TOOL_USAGE))?;
        return Ok((time.epoch_s(), format!("Setting effective cluster time: {date}\n")));
    }
    let recorded = cib.root().attr("execution-date").and_then(|d| d.parse::<i64>().ok());
    Ok(match recorded {
        Some(time) => {
            let date = DateTime::from_epoch(time, 0);
            (time, format!("Using the original execution date of: {date}\n"))
        }
        None => (wall, String::new()),
    })
}

fn faults(options: &Options) -> Result<Vec<Fault>, Refusal> {
    let parse = |spec: &String| {
        let (operation, rc) = spec.rsplit_once('=')?;
        operation.contains('@').then_some(())?;
        Some(Fault { operation: operation.to_owned(), rc: rc.parse().ok()? })
    };
    let faults = options.op_fail.iter().map(|spec| {
        let wrong = || format!("{spec} is not of the form RSC_TASK_INTERVAL@NODE=RC");
        parse(spec).ok_or_else(|| (wrong(), Exit::TOOL_USAGE))
    });
    faults.collect()
}

fn save(path: &Path, text: &str) -> Result<(), Refusal> {
    std::fs::write(path, text)
        .map_err(|error| (format!("Could not create '{}': {error}", path.display()), Exit::FAILED))
}

fn simulate(options: &Options, console: &mut Console) -> Result<Exit, Refusal> {
    // The process ends with this tool: what it built is not taken apart piece by piece before.
    let cib = ManuallyDrop::new(read_input(options)?);
    if let Some(warning) = report::schema_warning(&cib) {
        console.complain(warning);
    }
    let faults = faults(options)?;
    let (now, date) = effective_time(options, &cib)?;
    let how = policy::Options {
        now,
        sanitized: options.xml_file.is_some() && !options.live_check,
        trace: options.show_scores,
    };
    let mut plan = ManuallyDrop::new(policy::unpack::run(&cib, &how));
    if !options.quiet {
        console.print(&format!("{date}{}", report::current_status(&plan)));
    }
    if let Some(path) = &options.save_input {
        write_file(path, &cib).map_err(|error| (error.to_string(), Exit::FAILED))?;
    }
    if !options.schedules() {
        return Ok(Exit::OK);
    }
    let transition = ManuallyDrop::new(policy::schedule_plan(&mut plan));
    if options.show_scores {
        print_scores(options, &scores::scores(&plan), console);
    }
    if let Some(path) = &options.save_graph {
        save(path, &graph_xml::graph_xml(&transition))?;
    }
    if let Some(path) = &options.save_dotfile {
        let style = dot::DotStyle { all_actions: options.all_actions, ids: options.verbose > 0 };
        save(path, &dot::dot(&plan, style))?;
    }
    if !options.quiet {
        let text = report::summary(&mut plan, &mut SummaryWidths::default());
        console.print(&format!("\n{text}"));
    }
    if !options.simulates() {
        return Ok(Exit::OK);
    }
    let simulation = report::execute(&plan, &cib, &transition, &faults);
    if !options.quiet {
        console.print(&format!("\n{}", report::execution(&simulation)));
        let revised = report::revised_status(&simulation, &how);
        console.print(&format!("\n{date}{revised}"));
    }
    let target = options.xml_file.as_ref().filter(|_| options.in_place);
    if let Some(path) = target.or(options.save_output.as_ref()) {
        write_file(path, &simulation.cib).map_err(|error| (error.to_string(), Exit::FAILED))?;
    }
    if simulation.complete {
        return Ok(Exit::OK);
    }
    console.complain("Transition failed: terminated\nAn invalid transition was produced");
    Ok(Exit::FAILED)
}

fn print_scores(options: &Options, listing: &str, console: &mut Console) {
    if options.quiet {
        console.print(&format!("\n{listing}"));
        return;
    }
    console.print("\nAssignment Scores:\n");
    for line in listing.lines() {
        console.print(&format!("  * {line}\n"));
    }
}
