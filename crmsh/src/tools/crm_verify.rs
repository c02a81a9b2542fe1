//! `crm_verify`: what is wrong with a configuration.
//!
//! **Source:** pacemaker `tools/crm_verify.c`, `lib/pacemaker/pcmk_verify.c`.
//! **Differs:** a CIB of schema `none` is only told of, as in 2.1.

use std::io::Read as _;
use std::path::PathBuf;

use cib_model::validate::schema;
use cib_model::xml::{Dialect, Layout, read};
use cib_model::{Cib, Section};
use clap::Parser;
use policy::diagnostics::Severity;

use super::latest_schema::{Unusable, bring_up};
use super::reply::{Common, Reply, Stop, answer};
use crate::backend::{BackendError, Place, Shadows, open};
use crate::console::Console;
use crate::exit::Exit;
use crate::ui::clock;

/// Check a configuration for errors
///
/// Errors have to be mended before the cluster works as it should; of warnings it is up to you
/// whether they matter.
#[derive(Parser, Clone, Debug, Default)]
#[command(args_override_self = true, name = "crm_verify", disable_version_flag = true)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Say nothing; the exit code tells
    #[arg(short, long)]
    quiet: bool,
    /// Check the configuration of the running cluster
    #[arg(short = 'L', long)]
    live_check: bool,
    /// Check the configuration in a file
    #[arg(short = 'x', long, value_name = "FILE")]
    xml_file: Option<PathBuf>,
    /// Check the configuration on stdin
    #[arg(short = 'p', long)]
    xml_pipe: bool,
    /// Check the configuration in the argument
    #[arg(short = 'X', long, value_name = "XML")]
    xml_text: Option<String>,
    /// Write what is checked to a file
    #[arg(short = 'S', long, value_name = "FILE")]
    save_xml: Option<PathBuf>,
}

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("crm_verify", argv, console, |options: &Options| &options.common, work)
}

fn work(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let verbose = reply.is_xml() || options.common.verbose > u8::from(options.quiet);
    let cib = match input(options)? {
        Input::Cib(cib) => cib,
        Input::Other(name) => {
            reply.error(&format!("Input is not a CIB (outermost element is {name} not cib)"));
            Verdict::Invalid.tell(options, verbose, reply);
            return Ok(Exit::CONFIG);
        }
    };
    if let Some(path) = &options.save_xml {
        let text = cib.write(Layout::Pretty, Dialect::Pcmk3);
        std::fs::write(path, text).map_err(|error| {
            Stop::new(Exit::IO, format!("Could not write {}: {error}", path.display()))
        })?;
    }
    let verdict = verify(cib, verbose, reply);
    verdict.tell(options, verbose, reply);
    Ok(if verdict == Verdict::Fine { Exit::OK } else { Exit::CONFIG })
}

/// What the check came to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Verdict {
    Fine,
    /// There are warnings.
    Doubtful,
    /// There are errors.
    Invalid,
}

impl Verdict {
    fn tell(self, options: &Options, verbose: bool, reply: &mut Reply<'_>) {
        let word = match self {
            Verdict::Fine => return,
            Verdict::Doubtful => "may need attention",
            Verdict::Invalid => "invalid",
        };
        let hint = if verbose { "" } else { " (-V may provide more detail)" };
        if !options.quiet {
            reply.error(&format!("Configuration {word}{hint}"));
        }
    }
}

/// Checks a CIB and tells what is wrong with it: always where it departs from its schema, the rest
/// where `verbose`.
fn verify(mut cib: Cib, verbose: bool, reply: &mut Reply<'_>) -> Verdict {
    let mut verdict = Verdict::Fine;
    let mut tell = |severity: Severity, message: &str, reply: &mut Reply<'_>| {
        let (word, weight) = match severity {
            Severity::Warning => ("warning", Verdict::Doubtful),
            Severity::Error => ("error", Verdict::Invalid),
        };
        verdict = verdict.max(weight);
        if verbose {
            reply.error(&format!("{word}: {message}"));
        }
    };
    let has_status = cib.status().is_some();
    cib.ensure_section(Section::Status);
    match valid(&mut cib, reply) {
        Ok(()) => {
            let options = policy::Options { now: clock::now(), ..policy::Options::default() };
            for finding in policy::diagnose(&cib, &options, has_status) {
                tell(finding.severity, &finding.message, reply);
            }
        }
        Err(Some(message)) => tell(Severity::Error, &message, reply),
        Err(None) => verdict = Verdict::Invalid,
    }
    if verdict == Verdict::Invalid && verbose {
        reply.error("error: CIB did not pass schema validation");
    }
    verdict
}

/// Checks the CIB by its schema and brings it to the latest.
///
/// # Errors
/// It cannot be used. What is wrong has been told, but for the message returned.
fn valid(cib: &mut Cib, reply: &mut Reply<'_>) -> Result<(), Option<String>> {
    let named = cib.schema();
    if !named.is_some_and(schema::is_known) {
        let which = if named.is_none() { "missing" } else { "unknown" };
        return Err(Some(format!(
            "Cannot validate CIB with {which} validate-with (manually edit to use a known schema)"
        )));
    }
    if named == Some(schema::NONE) {
        reply.error(
            "Schema validation of configuration is disabled (enabling is encouraged and prevents \
             common misconfigurations)",
        );
        return Ok(());
    }
    let findings = schema::check(cib);
    if !findings.is_empty() {
        for finding in findings {
            reply.error(&finding.sentence());
        }
        return Err(None);
    }
    let Err(unusable) = bring_up(cib) else { return Ok(()) };
    if let Unusable::NotValid(lines) = unusable {
        for line in lines {
            reply.error(&line);
        }
    }
    reply.error(&format!(
        "The cluster will NOT be able to use this configuration.\nPlease manually update the \
         configuration to conform to the {} syntax.",
        schema::LATEST
    ));
    Err(None)
}

/// What there is to check.
enum Input {
    Cib(Cib),
    /// XML with another root, of this name.
    Other(String),
}

fn input(options: &Options) -> Result<Input, Stop> {
    let text = if let Some(path) = &options.xml_file {
        std::fs::read_to_string(path).map_err(|error| error.to_string())
    } else if let Some(text) = &options.xml_text {
        Ok(text.clone())
    } else if options.xml_pipe {
        let mut text = String::new();
        let read = std::io::stdin().lock().read_to_string(&mut text);
        read.map(|_| text).map_err(|error| error.to_string())
    } else if options.live_check {
        let place = open(&Place::Environment, &Shadows::new("/var/lib/pacemaker/cib"));
        return place.query().map(Input::Cib).map_err(|error| no_answer(&error));
    } else {
        return Err(Stop::new(Exit::FAILED, "No input specified"));
    };
    let tree = text.and_then(|text| read(&text).map_err(|error| error.to_string()));
    let tree = tree.map_err(|why| {
        let text = format!("Verification failed: Unable to parse CIB XML ({why})");
        Stop::new(Exit::CONFIG, text)
    })?;
    Ok(Cib::from_tree(tree)
        .map_or_else(|tree| Input::Other(tree.root().name().to_owned()), Input::Cib))
}

fn no_answer(error: &BackendError) -> Stop {
    let (exit, why) = match error {
        BackendError::Unreachable(_) => (Exit::DISCONNECTED, "Transport endpoint is not connected"),
        BackendError::File { .. } => (Exit::NO_SUCH, "No such device or address"),
        _ => (Exit::CONFIG, "Could not parse on-disk configuration"),
    };
    Stop::new(exit, format!("Verification failed: {why}"))
}
