//! `crm_attribute`: cluster options, defaults, and attributes of nodes.
//!
//! **Source:** pacemaker `tools/crm_attribute.c`, `lib/cib/cib_attrs.c`.
//! **Differs:** defaults of resources and operations need no node.

mod list;
mod options;
mod scope;
mod transient;

use cib_model::Cib;
use cib_model::operation::{Author, Operation, Target, perform};
use cib_model::xml::{Dialect, ElementRef};
use regex::Regex;

use self::options::Options;
use self::scope::Scope;
use super::cib_place::{CibPlace, Sentences};
use super::node_name;
use super::nvpair;
use super::reply::{Reply, Stop, answer, element, set};
use crate::console::Console;
use crate::exit::Exit;

/// How the tool begins its sentences.
const SENTENCES: Sentences =
    Sentences { unreachable: "Could not connect to the CIB", failed: "Error performing operation" };

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("crm_attribute", argv, console, |options: &Options| &options.common, work)
}

/// Which attributes are meant.
#[derive(Clone, Debug)]
enum Selection {
    /// That of this name; all without one.
    Named(Option<String>),
    /// All whose names match.
    Matching(Regex),
}

impl Selection {
    fn of(options: &Options) -> Result<Selection, Stop> {
        let usage = |text: &str| Stop::new(Exit::TOOL_USAGE, text);
        let changes =
            if options.delete { Some("delete") } else { options.update.as_ref().map(|_| "update") };
        let name = promotion(options)?.or_else(|| options.name.clone());
        match (&options.pattern, name, changes) {
            (None, None, Some(task)) => {
                Err(usage(&format!("Error: must specify attribute name or pattern to {task}")))
            }
            (Some(_), Some(_), _) => {
                Err(usage("Error: --name and --pattern cannot be used at the same time"))
            }
            (Some(pattern), None, _) => {
                let compiled = Regex::new(pattern)
                    .map_err(|error| usage(&format!("Error: invalid pattern: {error}")))?;
                Ok(Selection::Matching(compiled))
            }
            (None, name, _) => Ok(Selection::Named(name)),
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Selection::Named(name) => name.as_deref(),
            Selection::Matching(_) => None,
        }
    }
}

/// Returns the names that match, in document order.
fn matching(pattern: &Regex, scope: &Scope<'_>, cib: &Cib) -> Vec<String> {
    let names = scope.find(cib, None, None).into_iter().filter_map(|pair| pair.attr("name"));
    names.filter(|name| pattern.is_match(name)).map(str::to_owned).collect()
}

/// Returns the name of the attribute that holds a promotion score, where one is asked for.
fn promotion(options: &Options) -> Result<Option<String>, Stop> {
    let Some(given) = &options.promotion else { return Ok(None) };
    let named = || std::env::var("OCF_RESOURCE_INSTANCE").ok().filter(|name| !name.is_empty());
    let resource = Some(given.clone()).filter(|name| !name.is_empty()).or_else(named);
    let resource = resource.ok_or_else(|| {
        let text = "-p/--promotion must be called from an OCF resource agent or with a resource ID \
                    specified";
        Stop::new(Exit::TOOL_USAGE, text)
    })?;
    Ok(Some(format!("master-{resource}")))
}

/// Returns the part of the CIB that is meant.
fn kind(options: &Options) -> &str {
    if options.utilization {
        return "nodes";
    }
    let given = options.lifetime.as_deref().or(options.kind.as_deref());
    match given.map(|given| (given, given.to_ascii_lowercase())) {
        Some((_, lower)) if lower == "reboot" => "status",
        Some((_, lower)) if lower == "forever" => "nodes",
        Some((given, _)) => given,
        None if options.promotion.is_some() => "status",
        None if options.node.is_some() => "nodes",
        None => "crm_config",
    }
}

fn work(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    if let Some(kind) = &options.list {
        return list::run(kind, options.all, reply);
    }
    promotion(options)?;
    let place = CibPlace::open(None, SENTENCES);
    let cib = place.query()?;
    let kind = kind(options);
    let target =
        scope::needs_node(kind).then(|| node_name::target(options.node.as_deref(), place.socket()));
    let node = match &target {
        Some(name) => Some(node_name::find(&cib, name).ok_or_else(|| {
            Stop::new(Exit::NO_SUCH, format!("Could not map name={name} to a UUID"))
        })?),
        None => None,
    };
    let selection = Selection::of(options)?;
    let set_name = options.set_name.as_deref();
    let scope = Scope::of(kind, node.as_ref(), options.utilization, set_name)
        .ok_or_else(|| place.failed(Exit::PROTOCOL, "No message of desired type"))?;
    let value = options.update.as_deref().filter(|_| !options.delete);
    if !options.delete && value.is_none() {
        return query(options, &scope, &selection, &cib, &place, reply);
    }
    let desk = Desk { options, scope: &scope, selection: &selection, place: &place };
    if kind.eq_ignore_ascii_case("status") && place.is_cluster() {
        let names = desk.names(&cib)?;
        return transient::change(&place, target.as_deref(), &names, value);
    }
    match value {
        Some(value) => desk.update(value, reply),
        None => desk.delete(reply),
    }
}

/// What a change needs.
struct Desk<'a> {
    options: &'a Options,
    scope: &'a Scope<'a>,
    selection: &'a Selection,
    place: &'a CibPlace,
}

impl Desk<'_> {
    /// Returns the names to change: of those that match, what the user may see.
    fn names(&self, cib: &Cib) -> Result<Vec<String>, Stop> {
        match self.selection {
            Selection::Named(name) => Ok(name.iter().cloned().collect()),
            Selection::Matching(pattern) => {
                Ok(matching(pattern, self.scope, &self.place.seen(cib.clone())?))
            }
        }
    }

    fn update(&self, value: &str, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        self.place.change(|cib, author| {
            let names = self.names(cib)?;
            names.iter().try_for_each(|name| self.update_one(cib, author, name, value, reply))
        })?;
        Ok(Exit::OK)
    }

    fn update_one(
        &self,
        cib: &mut Cib,
        author: &Author<'_>,
        name: &str,
        value: &str,
        reply: &mut Reply<'_>,
    ) -> Result<(), Stop> {
        let id = self.options.id.as_deref();
        let (input, set_id) = match self.scope.find(cib, id, Some(name)).as_slice() {
            [] => (self.scope.addition(id, name, value), Some(self.scope.set_id())),
            [one] => {
                let mut tree = nvpair::named(one.id(), name);
                let root = tree.root_id();
                set(&mut tree, root, &[("value", value)]);
                (tree, self.options.set_name.clone())
            }
            many => return Err(several(many, name, reply)),
        };
        let input = input.root();
        let operation = Operation::Modify { input, can_create: false, score_update: true };
        let target = Target::Section(self.scope.section());
        perform(cib, operation, target, author, Dialect::Pcmk3).map_err(|error| {
            let set_id = set_id.as_deref().unwrap_or("<null>");
            let section = self.scope.section().name();
            reply.error(&format!(
                "Error setting {name}={value} (section={section}, set={set_id}): {error}"
            ));
            self.place.refused(&error)
        })?;
        Ok(())
    }

    fn delete(&self, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
        let told = self.place.change(|cib, author| {
            let names = self.names(cib)?;
            let mut told = Vec::new();
            for name in &names {
                told.extend(self.delete_one(cib, author, name)?);
            }
            Ok(told)
        })?;
        if !self.options.quiet {
            for line in &told {
                reply.info(line);
            }
        }
        Ok(Exit::OK)
    }

    /// Takes one away; what is not there is gone already. Returns what to tell.
    fn delete_one(
        &self,
        cib: &mut Cib,
        author: &Author<'_>,
        name: &str,
    ) -> Result<Vec<String>, Stop> {
        let (input, shown) = match &self.options.id {
            // As in Pacemaker, an id that is given is not looked for.
            Some(id) => (nvpair::named(Some(id), name), "(null)".to_owned()),
            None => match self.scope.find(cib, None, Some(name)).as_slice() {
                [] => return Ok(Vec::new()),
                [one] => (nvpair::named(one.id(), name), one.id().unwrap_or("(null)").to_owned()),
                many => return Ok(nvpair::several(many, name)),
            },
        };
        let target = Target::Section(self.scope.section());
        self.place.perform(cib, author, Operation::Delete(input.root()), target)?;
        let set = self.options.set_name.as_ref().map_or(String::new(), |id| format!(" set={id}"));
        let (label, noun) = (&self.scope.label, self.scope.noun());
        Ok(vec![format!("Deleted {label} {noun}: id={shown}{set} name={name}")])
    }
}

fn several(found: &[ElementRef<'_>], name: &str, reply: &mut Reply<'_>) -> Stop {
    for line in nvpair::several(found, name) {
        reply.info(&line);
    }
    let text = "Please choose from one of the matches below and supply the 'id' with --attr-id";
    Stop::new(Exit::MULTIPLE, text)
}

fn query(
    options: &Options,
    scope: &Scope<'_>,
    selection: &Selection,
    cib: &Cib,
    place: &CibPlace,
    reply: &mut Reply<'_>,
) -> Result<Exit, Stop> {
    let mut show = |name: Option<&str>, value: Option<&str>| {
        print_attribute(options, &scope.label, name, value, reply);
    };
    let found = match selection {
        Selection::Named(name) => scope.find(cib, options.id.as_deref(), name.as_deref()),
        Selection::Matching(_) => scope.find(cib, None, None),
    };
    let is_meant = |pair: &&ElementRef<'_>| match selection {
        Selection::Named(_) => true,
        Selection::Matching(pattern) => pair.attr("name").is_some_and(|n| pattern.is_match(n)),
    };
    let meant: Vec<&ElementRef<'_>> = found.iter().filter(is_meant).collect();
    match (&options.default, meant.is_empty()) {
        (Some(default), true) if found.is_empty() => show(selection.name(), Some(default)),
        (_, true) => return Err(place.absent()),
        _ => meant.iter().for_each(|pair| show(pair.attr("name"), pair.attr("value"))),
    }
    Ok(Exit::OK)
}

fn print_attribute(
    options: &Options,
    scope: &str,
    name: Option<&str>,
    value: Option<&str>,
    reply: &mut Reply<'_>,
) {
    if reply.is_xml() {
        let mut attrs = vec![("name", name.unwrap_or_default())];
        attrs.extend([("value", value.unwrap_or_default()), ("scope", scope)]);
        attrs.extend(options.id.as_deref().map(|id| ("id", id)));
        reply.element(&element("attribute", &attrs));
    } else if options.quiet {
        if let Some(value) = value {
            reply.info(value);
        }
    } else {
        let id = options.id.as_ref().map_or(String::new(), |id| format!("id={id} "));
        let name = name.unwrap_or("(null)");
        let value = value.map_or_else(|| "(null)".to_owned(), escaped);
        reply.info(&format!("scope={scope} {id}name={name} value={value}"));
    }
}

/// Returns a value on one line.
fn escaped(value: &str) -> String {
    let plain = [("\"", "\\\""), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")];
    plain.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
}
