//! `crm status` and `crm verify`.
//!
//! **Source:** crmsh `cmd_status.py`.

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::shell::{Shell, Verdict};

/// `crm status`
pub(super) const STATUS: Command = Command {
    name: "status",
    signature: "[args ...]",
    usage: "status [<option> ...]\n\n  option :: bynode | inactive | ops | timing | failcounts | verbose | quiet\n  \
            | html | xml | tickets | noheaders | detail | brief | full",
    summary: "Show the cluster's status",
    complete: &[Complete::Words(&[
        "bynode",
        "inactive",
        "ops",
        "timing",
        "failcounts",
        "xml",
        "tickets",
        "noheaders",
        "detail",
        "brief",
        "full",
    ])],
    run: status,
    ..Command::BASE
};

/// `crm verify`
pub(super) const VERIFY: Command = Command {
    name: "verify",
    signature: "[args ...]",
    usage: "verify [scores]",
    summary: "Check the configuration",
    complete: &[Complete::Words(&["scores"])],
    run: verify,
    ..Command::BASE
};

const WORDS: &[(&str, &str)] = &[
    ("bynode", "-n"),
    ("inactive", "-r"),
    ("ops", "-o"),
    ("timing", "-t"),
    ("failcounts", "-f"),
    ("verbose", "-V"),
    ("quiet", "-Q"),
    ("html", "--output-as=html"),
    ("xml", "--output-as=xml"),
    ("tickets", "-c"),
    ("noheaders", "-D"),
    ("detail", "-R"),
    ("brief", "-b"),
    ("full", "-ncrft"),
];

fn status(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let mut args = vec!["-1".to_owned(), "-r".to_owned()];
    for word in call.args {
        let known = WORDS.iter().find(|(name, _)| *name == word);
        let shortened: Vec<_> = WORDS.iter().filter(|(name, _)| name.starts_with(word)).collect();
        match (known, shortened.as_slice()) {
            (Some((_, option)), _) => args.push((*option).to_owned()),
            _ if word.starts_with('-') => args.push(word.clone()),
            (None, [(_, option)]) => args.push((*option).to_owned()),
            _ => return Err(Failure::bad_usage("status", call.args, "")),
        }
    }
    if let Some(style) = shell.settings.style {
        let word = clap::ValueEnum::to_possible_value(&style);
        args.extend(word.map(|w| format!("--style={}", w.get_name())));
    }
    if let Some(format) = &shell.settings.output_as {
        args.push(format!("--output-as={format}"));
    }
    shell.tool("crm_mon", &args)?;
    // crmsh prints what crm_mon said with a newline of its own.
    if shell.settings.output_as.is_none() {
        shell.console.print("\n");
    }
    Ok(())
}

fn verify(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let verdict = shell.verify_all()?;
    if call.args.iter().any(|a| a == "scores") {
        shell.simulate(vec!["-s".to_owned()])?;
    }
    if verdict == Verdict::Clean { Ok(()) } else { Err(Failure::Told) }
}
