//! `crm_diff`: makes and applies patchsets of any two XML documents.
//!
//! **Source:** pacemaker `tools/crm_diff.c`.

use std::io::Read as _;
use std::path::PathBuf;

use cib_model::patchset::{ApplyError, AttrOrder, VersionCheck, diff};
use cib_model::xml::{Dialect, Layout, Tree, read, write};
use cib_model::{Cib, Patchset};
use clap::Parser;

use super::reply::{Common, Reply, Stop, answer};
use crate::console::Console;
use crate::exit::Exit;

/// Show the difference between two XML documents, or apply one
#[derive(Parser, Clone, Debug, Default)]
#[command(name = "crm_diff", disable_version_flag = true)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// The original, in a file
    #[arg(short = 'o', long, value_name = "FILE")]
    original: Option<PathBuf>,
    /// The original, as an argument
    #[arg(short = 'O', long, value_name = "XML")]
    original_string: Option<String>,
    /// What to compare it with, in a file
    #[arg(short = 'n', long, value_name = "FILE")]
    new: Option<PathBuf>,
    /// What to compare it with, as an argument
    #[arg(short = 'N', long, value_name = "XML")]
    new_string: Option<String>,
    /// A patchset to apply, in a file
    #[arg(short = 'p', long, value_name = "FILE")]
    patch: Option<PathBuf>,
    /// The documents are CIBs: versions and digest count
    #[arg(short = 'c', long)]
    cib: bool,
    /// Leave the versions out
    #[arg(short = 'u', long)]
    no_version: bool,
    /// Read what is not given from the standard input
    #[arg(short = 's', long)]
    stdin: bool,
}

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("crm_diff", argv, console, |options: &Options| &options.common, work)
}

fn work(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    if options.no_version && options.cib {
        let text = "-u/--no-version incompatible with -c/--cib";
        return Err(Stop::new(Exit::TOOL_USAGE, text));
    }
    if options.no_version && options.patch.is_some() {
        reply.error("Warning: -u/--no-version ignored with -p/--patch");
    }
    let usage = |text: &str| Stop::new(Exit::TOOL_USAGE, text);
    let source =
        input(options.original_string.as_deref(), options.stdin, options.original.as_ref())
            .ok_or_else(|| usage("Either --original or --original-string must be specified"))?;
    // COMPAT(pacemaker 3.x, crm_diff.c): --new after --patch is what is applied; the patch wins here.
    let second = options.patch.clone().or_else(|| options.new.clone());
    let target = input(options.new_string.as_deref(), options.stdin, second.as_ref())
        .ok_or_else(|| usage("Either --new, --new-string, or --patch must be specified"))?;
    let kind = if options.patch.is_some() { "patch" } else { "new" };
    let parsed = |text: std::io::Result<String>, kind: &str| {
        text.ok()
            .and_then(|text| read(&text).ok())
            .ok_or_else(|| Stop::new(Exit::DATA, format!("Failed to parse {kind} XML")))
    };
    let (source, target) = (parsed(source, "original")?, parsed(target, kind)?);
    if options.patch.is_some() {
        apply(source, target, options.cib, reply)
    } else {
        Ok(compare(&source, target, options, reply))
    }
}

/// Reads one input; `None` where none is given.
fn input(
    text: Option<&str>,
    stdin: bool,
    file: Option<&PathBuf>,
) -> Option<std::io::Result<String>> {
    if let Some(text) = text {
        return Some(Ok(text.to_owned()));
    }
    if stdin {
        let mut text = String::new();
        let read = std::io::stdin().lock().read_to_string(&mut text);
        return Some(read.map(|_| text));
    }
    file.map(std::fs::read_to_string)
}

fn compare(source: &Tree, mut target: Tree, options: &Options, reply: &mut Reply<'_>) -> Exit {
    if options.no_version {
        let root = target.root_id();
        for name in ["admin_epoch", "epoch", "num_updates"] {
            match source.root().attr(name) {
                Some(value) => target.set_attr(root, name, value),
                None => drop(target.remove_attr(root, name)),
            }
        }
    }
    let order = if options.cib { AttrOrder::Ignored } else { AttrOrder::Counts };
    let Some(mut patch) = diff(source.root(), target.root(), order) else { return Exit::OK };
    if options.no_version {
        patch.remove_versions();
    }
    if options.cib
        && let Ok(target) = Cib::from_tree(target)
    {
        patch.add_digest(&target, Dialect::Pcmk3);
    }
    reply.document("patchset", &patch.write(Layout::Pretty, Dialect::Pcmk3));
    Exit::FAILED
}

fn apply(source: Tree, patch: Tree, as_cib: bool, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let failed = |error: &ApplyError| {
        let (exit, why) = match error {
            ApplyError::Old { .. } | ApplyError::NotNewer(_) => {
                (Exit::OLD, "Update was older than existing configuration")
            }
            ApplyError::Gap { .. } => {
                (Exit::FAILED, "Application of update diff failed, requesting full refresh")
            }
            _ => (Exit::FAILED, "Application of update diff failed"),
        };
        Stop::new(exit, format!("Could not apply patch: {why}"))
    };
    let malformed = |_| Stop::new(Exit::FAILED, "Could not apply patch: Bad XML patch format");
    let patch = Patchset::from_tree(patch).map_err(malformed)?;
    let result = match Cib::from_tree(source) {
        Ok(mut cib) => {
            let check = if as_cib { VersionCheck::Check } else { VersionCheck::Skip };
            patch.apply(&mut cib, check, Dialect::Pcmk3).map_err(|e| failed(&e))?;
            cib.into_tree()
        }
        Err(mut tree) => {
            patch.apply_to(&mut tree).map_err(|e| failed(&e))?;
            tree
        }
    };
    reply.document("updated", &write(&result, Layout::Pretty, Dialect::Pcmk3));
    Ok(Exit::OK)
}
