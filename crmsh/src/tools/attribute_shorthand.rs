//! `crm_standby`, `crm_master`, `crm_failcount`: `crm_attribute` for one purpose each.
//!
//! **Source:** pacemaker `tools/crm_standby.in`, `crm_master.in`, `crm_failcount.in`.
//! **Differs:** fail counts of one operation are not cleared alone.

use std::io;

use cib_model::score::Score;
use cib_model::xml::ElementRef;
use clap::Parser;
use cluster_link::client::Client;

use super::cib_place::{CibPlace, Sentences};
use super::reply::{Common, Reply, Stop, answer};
use super::{crm_attribute, node_name, usage, version_text, with_name};
use crate::console::Console;
use crate::exit::Exit;

/// What the three have in common.
#[derive(clap::Args, Clone, Debug, Default)]
struct Asked {
    /// Print the version and leave
    #[arg(short = '$', long)]
    version: bool,
    /// Say more; may be repeated
    #[arg(short = 'V', long, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Print the value alone
    #[arg(short = 'q', short_alias = 'Q', long)]
    quiet: bool,
    /// Print the value
    #[arg(short = 'G', long, alias = "get-value", overrides_with_all = ["update", "delete"])]
    query: bool,
    /// Set the value
    #[arg(
        short = 'v',
        long,
        alias = "attr-value",
        value_name = "VALUE",
        allow_hyphen_values = true
    )]
    #[arg(overrides_with_all = ["query", "delete"])]
    update: Option<String>,
    /// Take the value away
    #[arg(short = 'D', long, alias = "delete-attr", overrides_with_all = ["query", "update"])]
    delete: bool,
    /// The node
    #[arg(short = 'N', short_alias = 'U', long, alias = "uname", value_name = "NODE")]
    node: Option<String>,
    /// How long it lasts: reboot, forever
    #[arg(short = 'l', long, value_name = "LIFETIME")]
    lifetime: Option<String>,
    /// The pair with this id
    #[arg(short = 'i', long, alias = "attr-id", value_name = "ID")]
    id: Option<String>,
}

impl Asked {
    /// Returns the words for `crm_attribute`, without a lifetime.
    fn words(&self, attribute: &str) -> Vec<String> {
        let mut words = vec!["-n".to_owned(), attribute.to_owned()];
        let mut option = |name: &str, value: &Option<String>| {
            words.extend(value.iter().flat_map(|value| [name.to_owned(), value.clone()]));
        };
        option("-N", &self.node);
        option("-i", &self.id);
        option("-v", &self.update);
        words.extend(self.quiet.then(|| "-q".to_owned()));
        words.extend(self.delete.then(|| "-D".to_owned()));
        words
    }
}

/// Keep a node from running resources, or ask whether it is kept
#[derive(Parser, Clone, Debug, Default)]
#[command(args_override_self = true, name = "crm_standby", disable_version_flag = true)]
struct Standby {
    #[command(flatten)]
    asked: Asked,
}

/// Runs `crm_standby`: without a lifetime it asks for the lasting value first, sets that, and deletes
/// both.
pub(super) fn standby(argv: &[String], console: &mut Console) -> Exit {
    let asked = match Standby::try_parse_from(with_name("crm_standby", argv)) {
        Ok(standby) => standby.asked,
        Err(error) => return usage(&error, console),
    };
    if asked.version {
        console.print(&version_text());
        return Exit::OK;
    }
    let mut words = asked.words("standby");
    if asked.node.is_none() {
        let place = CibPlace::open(None, SENTENCES);
        words.extend(["-N".to_owned(), node_name::target(None, place.socket())]);
    }
    let with = |more: &[&str]| -> Vec<String> {
        words.iter().cloned().chain(more.iter().map(|&word| word.to_owned())).collect()
    };
    if let Some(lifetime) = &asked.lifetime {
        return crm_attribute::run(&with(&["-l", lifetime]), console);
    }
    if asked.delete {
        crm_attribute::run(&with(&["-l", "forever"]), console);
        crm_attribute::run(&with(&["-l", "reboot"]), console);
        return Exit::OK;
    }
    let lasting = with(&["-l", "forever"]);
    if asked.update.is_some() {
        return crm_attribute::run(&lasting, console);
    }
    let mut nowhere = Console::new(Box::new(io::sink()), Box::new(io::sink()));
    if crm_attribute::run(&lasting, &mut nowhere) == Exit::OK {
        return crm_attribute::run(&lasting, console);
    }
    crm_attribute::run(&with(&["-l", "reboot", "-d", "off"]), console)
}

/// Ask for or change the promotion score of a resource on a node
#[derive(Parser, Clone, Debug, Default)]
#[command(args_override_self = true, name = "crm_master", disable_version_flag = true)]
struct PromotionScore {
    #[command(flatten)]
    asked: Asked,
    /// The resource; by default that which the environment names
    #[arg(short = 'r', long, value_name = "RESOURCE")]
    resource: Option<String>,
}

/// Runs `crm_master`.
pub(super) fn promotion_score(argv: &[String], console: &mut Console) -> Exit {
    let options = match PromotionScore::try_parse_from(with_name("crm_master", argv)) {
        Ok(options) => options,
        Err(error) => return usage(&error, console),
    };
    if options.asked.version {
        console.print(&version_text());
        return Exit::OK;
    }
    let named = || std::env::var("OCF_RESOURCE_INSTANCE").ok().filter(|name| !name.is_empty());
    let Some(resource) = options.resource.clone().or_else(named) else {
        console.complain("crm_master: No resource specified");
        return Exit::TOOL_USAGE;
    };
    let mut words = options.asked.words(&format!("master-{resource}"));
    let lifetime = options.asked.lifetime.as_deref().unwrap_or("forever");
    words.extend(["-l".to_owned(), lifetime.to_owned()]);
    crm_attribute::run(&words, console)
}

/// Ask for or clear the fail count of a resource on a node
#[derive(Parser, Clone, Debug, Default)]
#[command(args_override_self = true, name = "crm_failcount", disable_version_flag = true)]
struct FailCount {
    #[command(flatten)]
    common: Common,
    /// Print the value alone
    #[arg(short = 'q', short_alias = 'Q', long)]
    quiet: bool,
    /// Print the fail count
    #[arg(short = 'G', long, alias = "get-value", overrides_with = "delete")]
    query: bool,
    /// Clear the fail count
    #[arg(short = 'D', long, alias = "delete-attr", overrides_with = "query")]
    delete: bool,
    /// The resource
    #[arg(short = 'r', long, alias = "resource-id", value_name = "RESOURCE")]
    resource: Option<String>,
    /// The operation whose failures count; all without it
    #[arg(short = 'n', long, value_name = "OPERATION")]
    operation: Option<String>,
    /// The operation's interval
    #[arg(short = 'I', long, value_name = "INTERVAL", default_value = "0")]
    interval: String,
    /// The node
    #[arg(short = 'N', short_alias = 'U', long, alias = "uname", value_name = "NODE")]
    node: Option<String>,
}

/// How `crm_failcount` begins its sentences; the others leave that to `crm_attribute`.
const SENTENCES: Sentences =
    Sentences { unreachable: "Could not connect to the CIB", failed: "Error performing operation" };

/// Runs `crm_failcount`.
pub(super) fn failcount(argv: &[String], console: &mut Console) -> Exit {
    answer("crm_failcount", argv, console, |options: &FailCount| &options.common, count_or_clear)
}

fn count_or_clear(options: &FailCount, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let usage = |text: &str| Stop::new(Exit::TOOL_USAGE, text);
    if !options.query && !options.delete {
        return Err(usage("must specify a command"));
    }
    let resource = options.resource.as_deref().ok_or_else(|| usage("resource name required"))?;
    let place = CibPlace::open(None, SENTENCES);
    let node = node_name::target(options.node.as_deref(), place.socket());
    if options.delete {
        return clear(options, &place, resource, &node);
    }
    let cib = place.query()?;
    let known = node_name::find(&cib, &node).ok_or_else(|| place.absent())?;
    let state = cib.status().into_iter().flat_map(|status| status.children_named("node_state"));
    let counts: Vec<(&str, Score)> = state
        .filter(|state| state.id() == Some(known.id.as_str()))
        .flat_map(ElementRef::descendants)
        .filter(|element| element.name() == "nvpair")
        .filter_map(|pair| {
            let value = Score::parse(pair.attr("value")?).unwrap_or_default();
            Some((pair.attr("name")?, value))
        })
        .collect();
    let whole = format!("fail-count-{resource}");
    let wanted = match &options.operation {
        Some(operation) => {
            let ms = cib_model::interval::parse_interval_ms(&options.interval)
                .map_err(|_| usage("invalid interval"))?;
            format!("{whole}#{operation}_{ms}")
        }
        None => format!("{whole}#"),
    };
    let is_meant = |name: &str| match options.operation {
        Some(_) => name == wanted,
        None => name.starts_with(&wanted),
    };
    let of = |is_meant: &dyn Fn(&str) -> bool| {
        let meant = counts.iter().filter(|(name, _)| is_meant(name));
        meant.fold(Score::ZERO, |sum, (_, value)| sum + *value)
    };
    let by_operation = of(&is_meant);
    // A count of long ago is of the resource as a whole.
    let of_whole = of(&|name| name == whole);
    let (name, count) = match (by_operation == Score::ZERO, of_whole == Score::ZERO) {
        (true, false) => (whole.as_str(), of_whole),
        _ => (options.operation.as_ref().map_or(whole.as_str(), |_| wanted.as_str()), by_operation),
    };
    if options.quiet {
        reply.info(&count.to_string());
    } else {
        reply.info(&format!("scope=status  name={name} value={count}"));
    }
    Ok(Exit::OK)
}

fn clear(options: &FailCount, place: &CibPlace, rsc: &str, node: &str) -> Result<Exit, Stop> {
    let socket = place.socket().filter(|_| options.operation.is_none()).ok_or_else(|| {
        let text = "Clearing it is not supported here without a daemon, nor for one operation";
        Stop::new(Exit::UNIMPLEMENTED, text)
    })?;
    let cleared = Client::connect(socket, "crm_failcount")
        .and_then(|mut client| client.cleanup(Some(rsc), Some(node), false));
    cleared.map_err(|error| place.not_done(&error))?;
    Ok(Exit::OK)
}
