//! `crm_simulate`: what the cluster would do, and what would come of it.
//!
//! Reading order: `options`, `input`, then this file, which follows the order in which the
//! reference prints; `profile`.
//!
//! **Source:** pacemaker `tools/crm_simulate.c`, `lib/pacemaker/pcmk_simulate.c`
//! (`pcmk__simulate()`).

mod input;
mod options;
mod output;
mod profile;

use std::borrow::Cow;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use cib_model::Cib;
use clap::Parser as _;
use policy::diagnostics::Severity;
use policy::render::report::StatusTitle;
use policy::render::{dot, graph_xml};
use policy::simulate;

use crate::backend::{Change, Method, write_file};
use crate::console::Console;
use crate::exit::Exit;
use crate::ui::clock;

use input::Effective;
use options::{Options, Source};
use output::Output;

/// Why the tool gave up.
struct Refusal {
    text: String,
    exit: Exit,
    manner: Manner,
}

/// How a refusal is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// After the tool's name.
    Named,
    /// As it is.
    Plain,
    /// Only to whoever wants to know more; the exit code says enough.
    Quiet,
}

impl Refusal {
    fn new(text: impl Into<String>, exit: Exit) -> Refusal {
        Refusal { text: text.into(), exit, manner: Manner::Named }
    }

    fn quiet(text: impl Into<String>, exit: Exit) -> Refusal {
        Refusal { manner: Manner::Quiet, ..Refusal::new(text, exit) }
    }

    fn plain(self) -> Refusal {
        Refusal { manner: Manner::Plain, ..self }
    }

    fn of_file(error: &std::io::Error, path: &Path) -> Refusal {
        let text = format!("Could not create '{}': {}", path.display(), os_text(error));
        Refusal::new(text, os_exit(error))
    }

    fn tell(&self, options: &Options, console: &mut Console) {
        match self.manner {
            Manner::Named => console.complain(&format!("crm_simulate: {}", self.text)),
            Manner::Plain => console.complain(&self.text),
            Manner::Quiet if options.verbose > 0 => {
                console.complain(&format!("crm_simulate: {}", self.text));
            }
            Manner::Quiet => {}
        }
    }
}

/// Returns the operating system's words for an error.
fn os_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Returns the exit code for an error of the operating system.
///
/// # Source
/// `pcmk_rc2exitc()`
fn os_exit(error: &std::io::Error) -> Exit {
    use std::io::ErrorKind as K;
    match error.kind() {
        K::NotFound => Exit::NO_SUCH,
        K::PermissionDenied => Exit::NO_PERMISSION,
        K::AlreadyExists => Exit::EXISTS,
        _ => Exit::FAILED,
    }
}

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    let options = match Options::try_parse_from(super::with_name("crm_simulate", argv)) {
        Ok(options) => options,
        Err(error) => return usage(&error, console),
    };
    let mut output = match Output::open(&options, argv, console) {
        Ok(output) => output,
        Err(refusal) => {
            refusal.tell(&options, console);
            return refusal.exit;
        }
    };
    let exit = if options.version {
        output.version(console);
        Exit::OK
    } else {
        answer(&options, &mut output, console).unwrap_or_else(|refusal| {
            refusal.tell(&options, console);
            refusal.exit
        })
    };
    output.finish(exit, console)
}

/// Says what is wrong with the command line, as the reference does.
fn usage(error: &clap::Error, console: &mut Console) -> Exit {
    use clap::error::{ContextKind, ErrorKind};
    let context = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let option = || context(ContextKind::InvalidArg);
    let named = || option().split([' ', '=']).next().unwrap_or_default().to_owned();
    let text = match error.kind() {
        ErrorKind::UnknownArgument => format!("Unknown option {}", option()),
        ErrorKind::InvalidValue if context(ContextKind::InvalidValue).is_empty() => {
            format!("Missing argument for {}", named())
        }
        ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue);
            format!("Cannot parse integer value \u{201c}{value}\u{201d} for {}", named())
        }
        _ => return super::usage(error, console),
    };
    console.complain(&format!("crm_simulate: {text}"));
    Exit::TOOL_USAGE
}

fn answer(
    options: &Options,
    output: &mut Output<'_>,
    console: &mut Console,
) -> Result<Exit, Refusal> {
    if let Some(folder) = &options.profile {
        let timings = profile::run(options, folder).map_err(|error| {
            let text = format!("Could not read '{}': {}", folder.display(), os_text(&error));
            Refusal::new(text, os_exit(&error))
        })?;
        if !timings.is_empty() {
            output.report.timings(&timings);
        }
        return Ok(Exit::OK);
    }
    // The process ends with this tool: what it built is not taken apart piece by piece before.
    let mut cib = ManuallyDrop::new(input::read(&options.source())?);
    if cib.schema() == Some(cib_model::validate::schema::NONE) {
        console.complain(
            "Schema validation of configuration is disabled (support for validate-with set to \
             \"none\" is deprecated and will be removed in a future release)",
        );
    }
    input::bring_up(&mut cib)?;
    let target = target(options);
    if let Some(path) = &target {
        write_file(path, &cib).map_err(|error| Refusal::of_file(&error, path))?;
    }
    let simulation = Run { options, output, console, base: &cib, target };
    simulation.all()
}

/// Returns the file that the result goes to.
fn target(options: &Options) -> Option<PathBuf> {
    match options.source() {
        Source::File(path) if options.in_place => Some(path),
        _ if options.in_place => None,
        _ => options.save_output.clone(),
    }
}

/// One run over one CIB.
struct Run<'a, 'b> {
    options: &'a Options,
    output: &'a mut Output<'b>,
    console: &'a mut Console,
    /// The CIB as it was read.
    base: &'a Cib,
    target: Option<PathBuf>,
}

impl Run<'_, '_> {
    fn how(&self, cib: &Cib) -> (policy::Options, Option<String>) {
        let effective = Effective::of(self.options.set_datetime.as_deref(), cib);
        let how = policy::Options {
            now: effective.time,
            sanitized: self.options.source() != Source::Live,
            trace: self.options.evidence().any(),
        };
        (how, effective.told)
    }

    /// Reads a CIB into a plan, and tells by which time.
    fn unpack(&mut self, cib: &Cib) -> policy::Plan {
        let (how, told) = self.how(cib);
        if let Some(told) = told {
            self.output.report.info(&told);
        }
        policy::unpack::run(cib, &how)
    }

    fn all(mut self) -> Result<Exit, Refusal> {
        let base = self.base;
        let mut plan = ManuallyDrop::new(self.unpack(base));
        self.output.report.notices(&plan);
        self.output.report.status(StatusTitle::Current, &plan, self.options.sections());
        self.output.flush(self.console);
        let injections = self.options.injections();
        let mut cib = ManuallyDrop::new(Cow::Borrowed(base));
        if injections.any() {
            let injected = simulate::inject(base, &plan, &injections, clock::now());
            self.output.report.modifications(&injected.modifications);
            self.output.errors(injected.errors, self.console);
            *cib = Cow::Owned(injected.cib);
            self.complain_of(&plan);
            *plan = self.unpack(&cib);
        }
        if let Some(path) = &self.options.save_input {
            write_file(path, &cib).map_err(|error| Refusal {
                manner: Manner::Quiet,
                ..Refusal::of_file(&error, path)
            })?;
        }
        let mut exit = Exit::OK;
        if self.options.schedules() {
            let transition = ManuallyDrop::new(policy::schedule_plan(&mut plan));
            self.show(&plan, &transition)?;
            if self.options.simulates() {
                let (after, code) = self.simulate(&plan, &cib, &transition);
                *cib = Cow::Owned(after);
                exit = code;
            }
        }
        self.complain_of(&plan);
        self.store(&cib)?;
        Ok(exit)
    }

    /// Tells what was planned, and writes it to the files asked for.
    fn show(
        &mut self,
        plan: &policy::Plan,
        transition: &policy::graph::Transition,
    ) -> Result<(), Refusal> {
        let options = self.options;
        if options.evidence().any() {
            self.output.report.evidence(plan, options.evidence());
        }
        if let Some(path) = &options.save_graph {
            save(path, &graph_xml::graph_xml(transition), "Error writing graph file")?;
        }
        if let Some(path) = &options.save_dotfile {
            let style =
                dot::DotStyle { all_actions: options.all_actions, ids: options.verbose > 0 };
            save(path, &dot::dot(plan, style), "Error writing dot(1) file")?;
        }
        self.output.report.summary(plan);
        Ok(())
    }

    /// Carries the plan out. Returns the CIB that comes of it.
    fn simulate(
        &mut self,
        plan: &policy::Plan,
        cib: &Cib,
        transition: &policy::graph::Transition,
    ) -> (Cib, Exit) {
        let faults = self.options.faults();
        let done = simulate::execute(plan, cib, transition, &faults, clock::now());
        self.output.report.execution(&done.events);
        self.output.errors(done.errors, self.console);
        let mut exit = Exit::OK;
        if !done.complete {
            let errors = ["Transition failed: terminated", "An invalid transition was produced"];
            self.output.errors(errors.map(str::to_owned).into(), self.console);
            exit = Exit::FAILED;
        }
        if !self.options.quiet {
            let revised = ManuallyDrop::new(self.unpack(&done.cib));
            self.output.report.status(StatusTitle::Revised, &revised, self.options.sections());
            self.complain_of(&revised);
        }
        (done.cib, exit)
    }

    /// Tells what is wrong with the configuration, as far as that was asked for.
    fn complain_of(&mut self, plan: &policy::Plan) {
        self.output.flush(self.console);
        for diagnostic in &plan.diagnostics.list {
            let (word, needed) = match diagnostic.severity {
                Severity::Error => ("error", 1),
                Severity::Warning => ("warning", 2),
            };
            if self.options.verbose >= needed {
                self.console.complain(&format!("{word}: {}", diagnostic.message));
            }
        }
    }

    /// Writes the result to where it goes.
    fn store(&self, cib: &Cib) -> Result<(), Refusal> {
        if let Some(path) = &self.target {
            return write_file(path, cib).map_err(|error| Refusal::of_file(&error, path));
        }
        let live = self.options.in_place && self.options.source() == Source::Live;
        let place = live.then(input::live).filter(|place| !place.is_cluster());
        let Some(place) = place else { return Ok(()) };
        let change = Change {
            base: self.base,
            base_text: None,
            wanted: cib,
            method: Method::Patch,
            force: false,
        };
        place.commit(&change).map_err(|error| Refusal::new(error.to_string(), Exit::FAILED))
    }
}

/// COMPAT(pacemaker 3.x, `pcmk_simulate.c`): that a graph cannot be written is told by the exit
/// code alone.
fn save(path: &Path, text: &str, what: &str) -> Result<(), Refusal> {
    std::fs::write(path, text).map_err(|error| {
        let text = format!("{what} '{}': {}", path.display(), os_text(&error));
        Refusal::quiet(text, Exit::IO)
    })
}
