//! `crm_error`: what a result code means.
//!
//! **Source:** pacemaker `tools/crm_error.c`, `lib/pacemaker/pcmk_result_code.c`.

use clap::Parser;

use super::reply::{Common, Reply, Stop, answer, element};
use super::result_codes::{EXIT, LEGACY, RETURN, ResultCode, find};
use crate::console::Console;
use crate::exit::Exit;

/// Show what result codes mean
#[derive(Parser, Clone, Debug, Default)]
#[command(name = "crm_error", disable_version_flag = true)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Show the code's name too
    #[arg(short = 'n', long)]
    name: bool,
    /// Show all codes
    #[arg(short = 'l', long)]
    list: bool,
    /// The codes are exit codes
    #[arg(short = 'X', long)]
    exit: bool,
    /// The codes are those of the present API
    #[arg(short = 'r', long)]
    rc: bool,
    /// The codes
    #[arg(allow_hyphen_values = true)]
    codes: Vec<String>,
}

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("crm_error", argv, console, |options: &Options| &options.common, tell)
}

fn tell(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let (table, unknown) = if options.exit {
        (EXIT, ("CRM_EX_UNKNOWN", "Unknown exit status"))
    } else if options.rc {
        (RETURN, ("Unknown", "Error"))
    } else {
        (LEGACY, ("Unknown", "Error"))
    };
    if options.list || options.codes.is_empty() {
        for code in table {
            show(reply, *code, options.name, true);
        }
    } else {
        for text in options.codes.iter().filter(|text| *text != "--") {
            let wanted = text.trim().parse().unwrap_or(0);
            let found = find(table, wanted).unwrap_or(ResultCode {
                code: wanted,
                name: unknown.0,
                description: unknown.1,
            });
            show(reply, found, options.name, options.common.verbose > 0);
        }
    }
    Ok(Exit::OK)
}

fn show(reply: &mut Reply<'_>, shown: ResultCode, with_name: bool, with_code: bool) {
    let ResultCode { code, name, description } = shown;
    if reply.is_xml() {
        let number = code.to_string();
        let mut attrs = vec![("code", number.as_str())];
        attrs.extend(with_name.then_some(("name", name)));
        attrs.push(("description", description));
        reply.element(&element("result-code", &attrs));
        return;
    }
    reply.info(&match (with_code, with_name) {
        (true, true) => format!("{code:5}: {name:<26}  {description}"),
        (true, false) => format!("{code:5}: {description}"),
        (false, true) => format!("{name} - {description}"),
        (false, false) => description.to_owned(),
    });
}
