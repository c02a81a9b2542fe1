//! `crm_ticket`: the permissions of one site of several.
//!
//! **Source:** pacemaker `tools/crm_ticket.c`, `lib/pacemaker/pcmk_ticket.c`,
//! `lib/pengine/pe_output.c`, `ticket_default()`.
//! **Differs:** tickets are listed in the order of the CIB, their attributes as they stand; what is
//! said where `--force` is needed is in our own words.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cib_model::operation::{Author, Operation, ReplaceVersions, Target};
use cib_model::xml::{Dialect, ElementRef, Layout, Tree, write_element};
use cib_model::{Cib, Section, boolean};
use clap::Parser;

use super::cib_place::{CibPlace, Sentences};
use super::reply::{Common, Reply, Stop, answer, element, set};
use crate::backend::read_file;
use crate::console::Console;
use crate::exit::Exit;
use crate::ui::{clock, localtime};

/// Ask for tickets, grant and revoke them
#[derive(Parser, Clone, Debug, Default)]
#[command(args_override_self = true, name = "crm_ticket", disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the reference")]
struct Options {
    #[command(flatten)]
    common: Common,
    /// The ticket
    #[arg(short = 't', long, value_name = "ID")]
    ticket: Option<String>,
    /// List tickets
    #[arg(short = 'l', long)]
    info: bool,
    /// List tickets with all that is known of them
    #[arg(short = 'L', long)]
    details: bool,
    /// List the tickets' names
    #[arg(short = 'w', long)]
    raw: bool,
    /// Print the tickets' XML
    #[arg(short = 'q', long)]
    query_xml: bool,
    /// Print the constraints that need tickets
    #[arg(short = 'c', long)]
    constraints: bool,
    /// Grant the ticket to this site
    #[arg(short = 'g', long)]
    grant: bool,
    /// Revoke the ticket from this site
    #[arg(short = 'r', long)]
    revoke: bool,
    /// Stop what needs the ticket, as if it were lost, but gently
    #[arg(short = 's', long)]
    standby: bool,
    /// End the standby
    #[arg(short = 'a', long)]
    activate: bool,
    /// Print an attribute
    #[arg(short = 'G', long, value_name = "NAME")]
    get_attr: Option<String>,
    /// Set an attribute, with --attr-value
    #[arg(short = 'S', long, value_name = "NAME")]
    set_attr: Option<String>,
    /// The value of an attribute
    #[arg(short = 'v', long, value_name = "VALUE", allow_hyphen_values = true)]
    attr_value: Option<String>,
    /// Delete an attribute; may be repeated
    #[arg(short = 'D', long, value_name = "NAME", action = clap::ArgAction::Append)]
    delete_attr: Vec<String>,
    /// Forget all of the ticket
    #[arg(short = 'C', long)]
    cleanup: bool,
    /// The value to print where there is none
    #[arg(short = 'd', long, value_name = "VALUE", allow_hyphen_values = true)]
    default: Option<String>,
    /// Go on where it is dangerous
    #[arg(short = 'f', long)]
    force: bool,
    /// The CIB to ask, in a file
    #[arg(short = 'x', long, value_name = "FILE", hide = true)]
    xml_file: Option<PathBuf>,
    /// No effect here
    #[arg(short = 'Q', long, hide = true)]
    quiet: bool,
    /// No effect here
    #[arg(short = 'n', long, value_name = "ID", hide = true)]
    set_name: Option<String>,
    /// No effect here
    #[arg(short = 'i', long, value_name = "ID", hide = true)]
    nvpair: Option<String>,
}

/// How the tool begins its sentences.
const SENTENCES: Sentences =
    Sentences { unreachable: "Could not connect to the CIB", failed: "Could not modify ticket" };

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("crm_ticket", argv, console, |options: &Options| &options.common, work)
}

fn work(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let place = CibPlace::open(None, SENTENCES);
    let cib = match &options.xml_file {
        Some(path) => read_file(path).map_err(|error| Stop::new(Exit::DATA, error.to_string()))?,
        None => place.query()?,
    };
    if options.info || options.details || options.raw {
        return list(options, &cib, reply);
    }
    if options.query_xml {
        return query(options, &cib, reply);
    }
    if options.constraints {
        return constraints(options, &cib, reply);
    }
    if let Some(name) = &options.get_attr {
        let id = ticket(options, Exit::NO_SUCH)?;
        return Ok(attribute(options, &cib, id, name, reply));
    }
    if options.cleanup {
        let id = ticket(options, Exit::TOOL_USAGE)?;
        return clean_up(options, &place, &cib, id, reply);
    }
    modify(options, &place, &cib, reply)
}

/// Returns the ticket that is to be named.
fn ticket(options: &Options, exit: Exit) -> Result<&str, Stop> {
    let id = options.ticket.as_deref();
    id.ok_or_else(|| Stop::new(exit, "Must supply ticket ID with -t"))
}

/// Returns what the status tells of tickets, in document order.
fn states(cib: &Cib) -> impl Iterator<Item = ElementRef<'_>> {
    let sections = cib.status().into_iter().flat_map(|status| status.children_named("tickets"));
    sections.flat_map(|tickets| tickets.children_named("ticket_state"))
}

fn state<'c>(cib: &'c Cib, id: &str) -> Option<ElementRef<'c>> {
    states(cib).find(|state| state.id() == Some(id))
}

/// Returns the constraints that need tickets.
fn needs(cib: &Cib) -> impl Iterator<Item = ElementRef<'_>> {
    cib.constraints().into_iter().flat_map(|all| all.children_named("rsc_ticket"))
}

/// Returns every ticket there is: those with a state, and those that constraints need.
fn known(cib: &Cib) -> Vec<&str> {
    let all = states(cib).filter_map(ElementRef::id);
    let all = all.chain(needs(cib).filter_map(|constraint| constraint.attr("ticket")));
    let mut seen = BTreeSet::new();
    all.filter(|id| seen.insert(*id)).collect()
}

fn is_granted(state: Option<ElementRef<'_>>) -> bool {
    let granted = state.and_then(|state| state.attr("granted"));
    granted.and_then(boolean::parse).unwrap_or(false)
}

fn list(options: &Options, cib: &Cib, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let mut all = known(cib);
    if let Some(id) = options.ticket.as_deref() {
        all.retain(|known| *known == id);
        if all.is_empty() {
            return Err(Stop::new(Exit::NO_SUCH, format!("No such ticket '{id}'")));
        }
    }
    if all.is_empty() {
        return Ok(Exit::OK);
    }
    let mut tree = Tree::new("tickets");
    let root = tree.root_id();
    for id in all {
        let state = state(cib, id);
        let at = tree.append(root, "ticket");
        let standby = state.and_then(|state| state.attr("standby")).and_then(boolean::parse);
        let standby = standby.unwrap_or(false);
        let status = if is_granted(state) { "granted" } else { "revoked" };
        let word = if standby { "true" } else { "false" };
        set(&mut tree, at, &[("id", id), ("status", status), ("standby", word)]);
        for (name, value) in attributes(state) {
            match name {
                "last-granted" | "expires" => tree.set_attr(at, name.to_owned(), date(value)),
                _ => tree.set_attr(at, name.to_owned(), value),
            }
        }
        let line = if options.raw && !options.details && !options.info {
            id.to_owned()
        } else {
            let standby = if standby { " [standby]" } else { "" };
            format!("{id}\t{status}{standby}{}", details(state, options.details))
        };
        reply.info(&line);
    }
    reply.element(&tree);
    Ok(Exit::OK)
}

/// Returns the attributes of a state but its id.
fn attributes(state: Option<ElementRef<'_>>) -> impl Iterator<Item = (&str, &str)> {
    state.into_iter().flat_map(ElementRef::attrs).filter(|(name, _)| *name != "id")
}

/// Returns what a line ends with: when the ticket was granted last, or all there is.
fn details(state: Option<ElementRef<'_>>, all: bool) -> String {
    let last = state.and_then(|state| state.attr("last-granted"));
    let shown: Vec<String> = attributes(state)
        .map(|(name, value)| match name {
            "last-granted" | "expires" => format!("{name}={}", date(value)),
            _ => format!("{name}={value}"),
        })
        .collect();
    match (all && !shown.is_empty(), last) {
        (true, None) => format!("\t({})", shown.join(", ")),
        (true, Some(_)) => format!(" \t({})", shown.join(", ")),
        (false, Some(last)) => format!(" last-granted=\"{}\"", date(last)),
        (false, None) => String::new(),
    }
}

/// Returns seconds since the epoch as a date.
fn date(seconds: &str) -> String {
    seconds.parse().map_or_else(|_| seconds.to_owned(), localtime::ctime)
}

fn query(options: &Options, cib: &Cib, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let absent =
        || Stop::new(Exit::NO_SUCH, "Could not query ticket XML: No such device or address");
    let found: Vec<ElementRef<'_>> = match options.ticket.as_deref() {
        Some(id) => states(cib).filter(|state| state.id() == Some(id)).collect(),
        None => states(cib).collect(),
    };
    let text = match (options.ticket.as_deref(), found.as_slice()) {
        (Some(_), []) => return Err(absent()),
        (Some(_), [one]) => write_element(*one, Layout::Pretty, Dialect::Pcmk3),
        (Some(id), many) => {
            reply.info(&format!("Multiple ticket_states match ticket={id}"));
            many.iter().map(|state| write_element(*state, Layout::Pretty, Dialect::Pcmk3)).collect()
        }
        (None, _) => {
            let tickets = cib.status().and_then(|status| status.child("tickets"));
            write_element(tickets.ok_or_else(absent)?, Layout::Pretty, Dialect::Pcmk3)
        }
    };
    reply.info("State XML:\n");
    reply.print(&text);
    let mut tree = Tree::new("tickets");
    let root = tree.root_id();
    for state in found {
        let at = tree.append(root, "ticket");
        tree.set_attrs(at, state);
    }
    reply.element(&tree);
    Ok(Exit::OK)
}

fn constraints(options: &Options, cib: &Cib, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let is_meant = |constraint: &ElementRef<'_>| {
        options.ticket.as_deref().is_none_or(|id| constraint.attr("ticket") == Some(id))
    };
    let found: Vec<ElementRef<'_>> = needs(cib).filter(is_meant).collect();
    if found.is_empty() {
        let text = "Could not show ticket constraints: No such device or address";
        return Err(Stop::new(Exit::NO_SUCH, text));
    }
    reply.info("Constraints XML:\n");
    let mut tickets = Tree::new("tickets");
    let mut resources = Tree::new("resources");
    let (top, all) = (tickets.root_id(), resources.root_id());
    for constraint in found {
        reply.print(&write_element(constraint, Layout::Pretty, Dialect::Pcmk3));
        let at = tickets.append(top, "ticket");
        set(&mut tickets, at, &[("id", constraint.attr("ticket").unwrap_or_default())]);
        let holder = tickets.append(at, "constraints");
        tickets.append_copy(holder, constraint);
        if let Some(rsc) = constraint.attr("rsc") {
            let at = resources.append(all, "resource");
            set(&mut resources, at, &[("id", rsc)]);
        }
    }
    reply.element(&tickets);
    reply.element(&resources);
    Ok(Exit::OK)
}

fn attribute(options: &Options, cib: &Cib, id: &str, name: &str, reply: &mut Reply<'_>) -> Exit {
    let held = attributes(state(cib, id)).find(|(held, _)| *held == name).map(|(_, value)| value);
    let Some(value) = held.or(options.default.as_deref()) else { return Exit::NO_SUCH };
    reply.info(value);
    let mut tree = Tree::new("tickets");
    let root = tree.root_id();
    let at = tree.append(root, "ticket");
    set(&mut tree, at, &[("id", id)]);
    let at = tree.append(at, "attribute");
    set(&mut tree, at, &[("name", name), ("value", value)]);
    reply.element(&tree);
    Exit::OK
}

fn clean_up(
    options: &Options,
    place: &CibPlace,
    cib: &Cib,
    id: &str,
    reply: &mut Reply<'_>,
) -> Result<Exit, Stop> {
    if !options.force {
        if !known(cib).contains(&id) {
            return Err(Stop::new(Exit::NO_SUCH, format!("No such ticket '{id}'")));
        }
        if is_granted(state(cib, id)) {
            warn_of_revoking(id, reply);
            return Ok(Exit::NO_PERMISSION);
        }
    }
    if state(cib, id).is_none() {
        return Ok(Exit::OK);
    }
    place.change(|cib, author| {
        let gone = element("ticket_state", &[("id", id)]);
        // Where it stands more than once, all of them go.
        while state(cib, id).is_some() {
            operate(cib, author, Operation::Delete(gone.root()), place)?;
        }
        Ok(())
    })?;
    reply.info(&format!("Cleaned up {id}"));
    Ok(Exit::OK)
}

/// Returns the attributes to set, the last of a name counts.
fn changes(options: &Options) -> Result<Vec<(&str, &str)>, Stop> {
    let flags = [
        (options.grant, "granted", "true"),
        (options.revoke, "granted", "false"),
        (options.standby, "standby", "true"),
        (options.activate, "standby", "false"),
    ];
    let mut changes: Vec<(&str, &str)> = flags
        .into_iter()
        .filter(|(given, ..)| *given)
        .map(|(_, name, value)| (name, value))
        .collect();
    let usage = |text: String| Err(Stop::new(Exit::TOOL_USAGE, text));
    match (options.set_attr.as_deref(), options.attr_value.as_deref()) {
        (Some(name), Some(value)) => changes.push((name, value)),
        (Some(name), None) => return usage(format!("Must supply value with -v for -S {name}")),
        (None, Some(value)) => {
            return usage(format!("Must supply attribute name with -S for -v {value}"));
        }
        (None, None) => {}
    }
    Ok(changes)
}

fn modify(
    options: &Options,
    place: &CibPlace,
    cib: &Cib,
    reply: &mut Reply<'_>,
) -> Result<Exit, Stop> {
    let changes = changes(options)?;
    if changes.is_empty() && options.delete_attr.is_empty() {
        return Err(Stop::new(Exit::TOOL_USAGE, "Must supply a command"));
    }
    let id = ticket(options, Exit::TOOL_USAGE)?;
    let deletes = !options.delete_attr.is_empty();
    let granted =
        changes.iter().rev().find(|(name, _)| *name == "granted").map(|(_, value)| *value);
    let touches = if deletes {
        options.delete_attr.iter().any(|name| name == "granted")
    } else {
        granted.is_some()
    };
    if touches && !options.force {
        if granted.and_then(boolean::parse) == Some(true) && !deletes {
            reply.error(&format!(
                "Whether '{id}' has been granted to another site cannot be seen from here. To grant \
                 it nevertheless, specify --force."
            ));
        } else {
            warn_of_revoking(id, reply);
        }
        return Err(Stop::new(Exit::UNSAFE, "Ticket modification not allowed without --force"));
    }
    let was_granted = is_granted(state(cib, id));
    place.change(|cib, author| {
        if deletes {
            delete_attributes(options, cib, author, id, place)
        } else {
            set_attributes(&changes, was_granted, cib, author, id, place)
        }
    })?;
    Ok(Exit::OK)
}

fn warn_of_revoking(id: &str, reply: &mut Reply<'_>) {
    reply.error(&format!(
        "Without '{id}', what the constraints on it say of its loss happens to resources (see them \
         with: crm_ticket --ticket {id} --constraints). To stop them gently, put it into standby \
         first (crm_ticket --ticket {id} --standby). To go on nevertheless, specify --force."
    ));
}

fn set_attributes(
    changes: &[(&str, &str)],
    was_granted: bool,
    cib: &mut Cib,
    author: &Author<'_>,
    id: &str,
    place: &CibPlace,
) -> Result<(), Stop> {
    let mut tree = Tree::new("status");
    let root = tree.root_id();
    let tickets = tree.append(root, "tickets");
    let at = tree.append(tickets, "ticket_state");
    set(&mut tree, at, &[("id", id)]);
    for (name, value) in changes {
        tree.set_attr(at, (*name).to_owned(), *value);
        let grants = *name == "granted" && boolean::parse(value) == Some(true);
        if grants && !was_granted {
            tree.set_attr(at, "last-granted", clock::now().to_string());
        }
    }
    let input = tree.root();
    let operation = Operation::Modify { input, can_create: false, score_update: false };
    operate(cib, author, operation, place)
}

fn delete_attributes(
    options: &Options,
    cib: &mut Cib,
    author: &Author<'_>,
    id: &str,
    place: &CibPlace,
) -> Result<(), Stop> {
    let mut tree = element("ticket_state", &[("id", id)]);
    let root = tree.root_id();
    if let Some(state) = state(cib, id) {
        tree.set_attrs(root, state);
    }
    for name in &options.delete_attr {
        tree.remove_attr(root, name);
    }
    let versions = ReplaceVersions::Managed;
    operate(cib, author, Operation::Replace { input: tree.root(), versions }, place)
}

fn operate(
    cib: &mut Cib,
    author: &Author<'_>,
    operation: Operation<'_>,
    place: &CibPlace,
) -> Result<(), Stop> {
    let target = Target::Section(Section::Status);
    place.perform(cib, author, operation, target).map(|_| ())
}
