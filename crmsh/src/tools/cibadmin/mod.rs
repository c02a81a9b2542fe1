//! `cibadmin`: queries and operations on the CIB.
//!
//! **Source:** pacemaker `tools/cibadmin.c`.

mod access;
mod options;
mod query;

use std::io::Read as _;

use cib_model::operation::{
    Author, Operation, OperationError, Outcome, ReplaceVersions, Target, perform,
};
use cib_model::upgrade::{Report, Weight};
use cib_model::validate::{Finding, SchemaVersion, schema};
use cib_model::xml::{Dialect, Layout, Tree, XmlId, read, select, write_element};
use cib_model::{Cib, Patchset, Section, digest};

use self::access::Rendering;
use self::options::Options;
use super::cib_place::{CibPlace, Sentences, exit_of};
use super::reply::{Reply, Stop, answer, element};
use crate::console::Console;
use crate::exit::Exit;

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("cibadmin", argv, console, |options: &Options| &options.common, work)
}

/// How the tool begins its sentences.
const SENTENCES: Sentences =
    Sentences { unreachable: "Could not connect to the CIB API", failed: "CIB API call failed" };

/// What the tool is to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Command {
    Query,
    Create,
    Modify,
    Replace,
    Delete,
    DeleteAll,
    Patch,
    Bump,
    Erase,
    Upgrade,
    Empty,
    Digest,
    DigestVersioned,
}

impl Command {
    /// Returns the command; the first in this order where several are given.
    fn of(options: &Options) -> Command {
        let given = [
            (options.create, Command::Create),
            (options.modify, Command::Modify),
            (options.replace, Command::Replace),
            (options.delete, Command::Delete),
            (options.delete_all, Command::DeleteAll),
            (options.patch, Command::Patch),
            (options.bump, Command::Bump),
            (options.erase, Command::Erase),
            (options.upgrade, Command::Upgrade),
            (options.empty.is_some(), Command::Empty),
            (options.md5_sum, Command::Digest),
            (options.md5_sum_versioned, Command::DigestVersioned),
        ];
        given.into_iter().find(|(is, _)| *is).map_or(Command::Query, |(_, command)| command)
    }

    fn is_dangerous(self) -> bool {
        matches!(self, Command::DeleteAll | Command::Erase | Command::Upgrade)
    }

    fn takes_xpath(self) -> bool {
        matches!(self, Command::Delete | Command::DeleteAll)
    }

    fn needs_input(self) -> bool {
        !matches!(
            self,
            Command::Query | Command::Bump | Command::Erase | Command::Upgrade | Command::Empty
        )
    }
}

fn work(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let command = Command::of(options);
    if command.is_dangerous() && !options.force {
        return Err(Stop::new(
            Exit::UNSAFE,
            "The supplied command is considered dangerous. To prevent accidental destruction of \
             the cluster, the --force flag is required in order to proceed.",
        ));
    }
    let by_xpath = command.takes_xpath() && options.xpath.is_some();
    let input =
        if command.needs_input() && !by_xpath { Some(input(options, command)?) } else { None };
    if let Some(scope) = &options.scope
        && options.xpath.is_none()
        && Section::named(scope).is_none()
    {
        reply.error(&format!(
            "Invalid value '{scope}' for '--scope'. Operation will apply to the entire CIB"
        ));
    }
    match (command, &input) {
        (Command::Empty, _) => {
            let cib = match options.empty.as_deref().filter(|schema| !schema.is_empty()) {
                Some(schema) => {
                    let empty = Cib::empty();
                    Cib::empty_with(empty.feature_set().unwrap_or_default(), schema)
                }
                None => Cib::empty(),
            };
            reply.document("output", &cib.write(Layout::Pretty, Dialect::Pcmk3));
            return Ok(Exit::OK);
        }
        (Command::Digest, Some(tree)) => {
            sum(reply, &digest::on_disk(tree.root(), Dialect::Pcmk3));
            return Ok(Exit::OK);
        }
        (Command::DigestVersioned, Some(tree)) => {
            sum(reply, &digest::replication(tree.root(), Dialect::Pcmk3));
            return Ok(Exit::OK);
        }
        _ => {}
    }
    let place = CibPlace::open(options.user.as_deref(), SENTENCES);
    if command == Command::Query {
        let base = place.query_all()?;
        return match Rendering::of(options)? {
            Some(rendering) => query::with_access(options, &base, &place, rendering, reply),
            None => query::run(options, &place.seen(base)?, &place, reply),
        };
    }
    let done = place
        .change(|cib, author| change(options, command, input.as_ref(), cib, author, &place))?;
    if let Some(report) = &done.upgrade {
        tell_of_upgrade(options, report, &place, reply);
    }
    Ok(Exit::OK)
}

/// Tells what an upgrade does: with one `-V` what matters, with two everything that Pacemaker
/// tells.
fn tell_of_upgrade(options: &Options, report: &Report, place: &CibPlace, reply: &mut Reply<'_>) {
    // A file says nothing of what it need not do: so does Pacemaker.
    if !report.is_raised() && report.obstacle.is_none() && place.is_cluster() {
        reply.info("Upgrade unnecessary: Schema is already the latest available");
    }
    for change in &report.changes {
        let (label, from_verbose) = match change.weight {
            Weight::Warning => ("WARNING", 1),
            Weight::Info => ("INFO", 1),
            Weight::Debug => ("DEBUG", 2),
            Weight::Silent => continue,
        };
        if options.common.verbose >= from_verbose {
            reply.error(&format!("{label}: {}", change.message));
        }
    }
}

fn sum(reply: &mut Reply<'_>, digest: &str) {
    reply.info(digest);
    reply.element(&element("md5-sum", &[("digest", digest)]));
}

fn no_xpath(place: &CibPlace, error: &cib_model::xml::XPathError) -> Stop {
    place.failed(Exit::NO_SUCH, &format!("No such device or address ({error})"))
}

fn input(options: &Options, command: Command) -> Result<Tree, Stop> {
    let (source, text) = if let Some(path) = &options.xml_file {
        (path.display().to_string(), std::fs::read_to_string(path).ok())
    } else if let Some(text) = &options.xml_text {
        ("input string".to_owned(), Some(text.clone()))
    } else if options.xml_pipe {
        let mut text = String::new();
        let read = std::io::stdin().lock().read_to_string(&mut text);
        ("stdin".to_owned(), read.ok().map(|_| text))
    } else {
        let or = if command.takes_xpath() { "either --xpath or " } else { "" };
        return Err(Stop::new(
            Exit::TOOL_USAGE,
            format!(
                "The supplied command requires {or}input via --xml-file, --xml-text, or --xml-pipe"
            ),
        ));
    };
    text.and_then(|text| read(&text).ok())
        .ok_or_else(|| Stop::new(Exit::DATA, format!("Couldn't parse input from {source}")))
}

/// Performs the operation.
fn change(
    options: &Options,
    command: Command,
    input: Option<&Tree>,
    cib: &mut Cib,
    author: &Author<'_>,
    place: &CibPlace,
) -> Result<Outcome, Stop> {
    let matches: Vec<XmlId> = match &options.xpath {
        Some(path) => select(cib.tree(), path).map_err(|e| no_xpath(place, &e))?,
        None => Vec::new(),
    };
    let scope = options.scope.as_deref().and_then(Section::named);
    let target = match (&options.xpath, scope) {
        (Some(_), _) => Target::Matches { ids: &matches, multiple: command == Command::DeleteAll },
        (None, Some(section)) => Target::Section(section),
        (None, None) => Target::Whole,
    };
    let patch;
    let root = input.map(Tree::root);
    let operation = match (command, root) {
        (Command::Create, Some(input)) => Operation::Create(input),
        (Command::Modify, Some(input)) => {
            Operation::Modify { input, can_create: options.allow_create, score_update: true }
        }
        (Command::Replace, Some(input)) => {
            Operation::Replace { input, versions: ReplaceVersions::Managed }
        }
        (Command::Delete | Command::DeleteAll, Some(input)) => Operation::Delete(input),
        (Command::Delete | Command::DeleteAll, None) => Operation::DeleteMatches,
        (Command::Patch, Some(input)) => {
            let text = write_element(input, Layout::Compact, Dialect::Pcmk3);
            patch = Patchset::read(&text)
                .map_err(|_| place.failed(Exit::FAILED, "Application of update diff failed"))?;
            Operation::Patch(&patch)
        }
        (Command::Erase, _) => Operation::Erase,
        (Command::Upgrade, _) => Operation::Upgrade(SchemaVersion::LATEST),
        _ => Operation::Bump,
    };
    perform(cib, operation, target, author, Dialect::Pcmk3)
        .map_err(|error| refused(cib, &error, place))
}

fn refused(cib: &Cib, error: &OperationError, place: &CibPlace) -> Stop {
    let OperationError::NotValid(_) = error else { return place.refused(error) };
    let mut why = vec![error.to_string()];
    why.extend(schema::check(cib).iter().map(Finding::sentence));
    place.failed(exit_of(error), &why.join("\n"))
}
