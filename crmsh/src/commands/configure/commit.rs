//! `commit`, `refresh`, `verify`.

use crate::backend::Method;
use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::shell::{Shell, Verdict};

/// `configure commit`
pub(super) const COMMIT: Command = Command {
    name: "commit",
    signature: "[arg0] [arg1]",
    usage: "commit [force] [replace]",
    summary: "Bring the changes into the cluster",
    help: "The changes are checked first. `force` commits in spite of errors. By default only what\n\
           was changed is written; `replace` writes the whole configuration.",
    skill: Skill::Administrator,
    wait: true,
    complete: &[Complete::Words(&["force", "replace"])],
    run: commit,
    ..Command::BASE
};

/// `configure refresh`
pub(super) const REFRESH: Command = Command {
    name: "refresh",
    usage: "refresh",
    summary: "Drop the changes and read the configuration again",
    skill: Skill::Administrator,
    run: refresh,
    ..Command::BASE
};

/// `configure verify`
pub(super) const VERIFY: Command = Command {
    name: "verify",
    signature: "[full]",
    usage: "verify [full]",
    summary: "Check the configuration",
    help: "`full` checks more than crm does: the schema, values of options, fencing, on-fail, timeouts,\n\
           parameters of the agents installed here, and what Pacemaker 3 reads no more.",
    complete: &[Complete::Words(&["full"])],
    skill: Skill::Administrator,
    run: verify,
    ..Command::BASE
};

fn commit(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    if let Some(word) = call.args.iter().find(|w| *w != "force" && *w != "replace") {
        return Err(Failure::plain(format!("syntax parsing 'configure.commit {word}'")));
    }
    let force = call.args.iter().any(|w| w == "force");
    let replace = call.args.iter().any(|w| w == "replace");
    shell.commit(if replace { Method::Replace } else { Method::Patch }, force)
}

fn refresh(shell: &mut Shell, _: &Invocation<'_>) -> Outcome {
    if shell.settings.interactive
        && shell.session.has_changes()
        && !shell.confirm("All changes will be dropped. Do you want to proceed?")
    {
        return Ok(());
    }
    shell.session.forget();
    Ok(())
}

fn verify(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let verdict = match call.args.first().map(String::as_str) {
        Some("full") => shell.verify_full()?,
        _ => shell.verify_all()?,
    };
    match verdict {
        Verdict::Clean => Ok(()),
        Verdict::Errors | Verdict::Fatal => Err(Failure::Told),
    }
}
