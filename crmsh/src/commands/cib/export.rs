//! `cib export`: the configuration as data for other programs. crmsh has no such command.

use cib_model::typed::Configuration;

use super::SHADOW;
use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::told;
use crate::shell::Shell;

/// `cib export`
pub(super) const EXPORT: Command = Command {
    name: "export",
    signature: "[format]",
    usage: "export [json|yaml|schema]",
    summary: "Print the configuration as JSON or YAML, or the JSON schema of both",
    help: "Keys are the CIB's own names. What the format cannot hold (comments, attributes that no\n\
           schema has) is named in a warning.",
    complete: &[Complete::Words(&["json", "yaml", "schema"])],
    run: export,
    ..SHADOW
};

fn export(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let broken = |error: &dyn std::fmt::Display| Failure::plain(error.to_string());
    let format = call.args.first().map_or("json", String::as_str);
    if format == "schema" {
        let schema = Configuration::json_schema();
        let text = serde_json::to_string_pretty(&schema).map_err(|e| broken(&e))?;
        shell.console.line(&text);
        return Ok(());
    }
    let typed = Configuration::read(shell.session.cib().map_err(told)?);
    let text = match format {
        "json" => serde_json::to_string_pretty(&typed.configuration).map_err(|e| broken(&e))?,
        "yaml" => serde_yaml_ng::to_string(&typed.configuration).map_err(|e| broken(&e))?,
        _ => return Err(Failure::plain(format!("syntax parsing 'cib.export {format}'"))),
    };
    for left_out in &typed.uncovered {
        shell.console.warning(format!("not exported: {}", left_out.what));
    }
    shell.console.line(text.trim_end());
    Ok(())
}
