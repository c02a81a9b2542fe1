//! `crm_rule`: whether a rule of the constraints is in effect.
//!
//! **Source:** pacemaker `tools/crm_rule.c`, `lib/pacemaker/pcmk_rule.c`.

use std::io::Read as _;

use cib_model::Cib;
use cib_model::rule::{DateExpression, Phase};
use cib_model::time::DateTime;
use cib_model::xml::{ElementRef, read};
use clap::Parser;

use super::reply::{Common, Reply, Stop, answer, element};
use crate::backend::{Place, Shadows, open};
use crate::console::Console;
use crate::exit::Exit;
use crate::ui::clock;

/// Check whether rules are in effect
#[derive(Parser, Clone, Debug, Default)]
#[command(name = "crm_rule", disable_version_flag = true)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Check rules
    #[arg(short = 'c', long)]
    check: bool,
    /// The CIB as text; `-` is the standard input
    #[arg(short = 'X', long, value_name = "XML")]
    xml_text: Option<String>,
    /// The time to ask for
    #[arg(short = 'd', long, value_name = "DATE")]
    date: Option<String>,
    /// Id of a rule; may be repeated
    #[arg(short = 'r', long = "rule", value_name = "ID")]
    rules: Vec<String>,
}

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("crm_rule", argv, console, |options: &Options| &options.common, check)
}

fn check(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    if !options.check {
        return Err(Stop::new(Exit::TOOL_USAGE, "No mode operation given"));
    }
    if options.rules.is_empty() {
        return Err(Stop::new(Exit::TOOL_USAGE, "--check requires use of --rule="));
    }
    let clock = DateTime::from_epoch(clock::now(), 0);
    let now = match &options.date {
        None => clock,
        Some(text) => DateTime::parse(text, clock)
            .map_err(|_| Stop::new(Exit::DATA, format!("Invalid date specified: '{text}'")))?,
    };
    let cib = input(options.xml_text.as_deref())?;
    let mut exit = Exit::OK;
    for id in &options.rules {
        let code = match state(&cib, id, now) {
            Ok(Phase::Within) => said(reply, &format!("Rule {id} is still in effect"), Exit::OK),
            Ok(Phase::Satisfied) => {
                said(reply, &format!("Rule {id} satisfies conditions"), Exit::OK)
            }
            Ok(Phase::After) => said(reply, &format!("Rule {id} is expired"), Exit::EXPIRED),
            Ok(Phase::Before) => {
                let text = format!("Rule {id} has not yet taken effect");
                said(reply, &text, Exit::NOT_YET_IN_EFFECT)
            }
            Ok(Phase::Undetermined) => {
                let text = format!(
                    "Could not determine whether rule {id} is in effect: Error parsing rule"
                );
                reply.error(&text);
                Exit::CONFIG
            }
            Err((code, why)) => {
                reply.error(&format!("Could not determine whether rule {id} is in effect: {why}"));
                code
            }
        };
        let number = code.code().to_string();
        reply.element(&element("rule-check", &[("rule-id", id.as_str()), ("rc", &number)]));
        if code != Exit::OK {
            exit = code;
        }
    }
    Ok(exit)
}

fn said(reply: &mut Reply<'_>, text: &str, code: Exit) -> Exit {
    reply.info(text);
    code
}

fn input(text: Option<&str>) -> Result<Cib, Stop> {
    let failed = |text: String| Stop::new(Exit::DATA, text);
    let Some(given) = text else {
        let shadows = Shadows::new("/var/lib/pacemaker/cib");
        return open(&Place::Environment, &shadows)
            .query()
            .map_err(|e| Stop::new(Exit::DISCONNECTED, e.to_string()));
    };
    let (text, why) = if given == "-" {
        let mut text = String::new();
        let read = std::io::stdin().lock().read_to_string(&mut text);
        let why = "Couldn't parse input from STDIN".to_owned();
        read.map_err(|_| failed(why.clone()))?;
        (text, why)
    } else {
        (given.to_owned(), format!("Couldn't parse input string: {given}"))
    };
    let tree = read(&text).map_err(|_| failed(why.clone()))?;
    Cib::from_tree(tree).map_err(|_| failed(why))
}

/// Returns where the rule's one date expression stands at a time.
fn state(cib: &Cib, id: &str, now: DateTime) -> Result<Phase, (Exit, &'static str)> {
    let rules = || cib.root().descendants().filter(|e| e.name() == "rule" && e.id() == Some(id));
    let mut found = rules();
    let Some(rule) = found.next() else { return Err((Exit::NO_SUCH, "Rule not found")) };
    if found.next().is_some() {
        return Err((Exit::CONFIG, "Found more than one rule with matching ID"));
    }
    let mut dates = rule.descendants().filter(|e| e.name() == "date_expression");
    let Some(date) = dates.next() else {
        return Err((Exit::UNIMPLEMENTED, "Rule does not have a date expression"));
    };
    if dates.next().is_some() {
        return Err((Exit::UNIMPLEMENTED, "Rule has more than one date expression"));
    }
    let is_spec = date.attr("operation") == Some("date_spec");
    let has_years = date.children_named("date_spec").any(|spec| spec.attr("years").is_some());
    if is_spec && !has_years {
        let why = "Rule must either not use date_spec, or use date_spec with years=";
        return Err((Exit::UNIMPLEMENTED, why));
    }
    Ok(phase(date, now))
}

fn phase(date: ElementRef<'_>, now: DateTime) -> Phase {
    DateExpression::of(date).map_or(Phase::Undetermined, |expression| expression.phase(now))
}
