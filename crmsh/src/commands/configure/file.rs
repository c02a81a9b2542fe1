//! `save` and `load`.

use std::fs;
use std::io::Read;

use cib_model::Cib;
use cib_model::xml::{Dialect, Layout, write_element};
use crm_syntax::text::{Mode, decode};
use crm_syntax::{LoadMethod, show_xml};

use crate::commands::Invocation;
use crate::diag::Source;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::session::told;
use crate::shell::Shell;

/// `configure save`
pub(super) const SAVE: Command = Command {
    name: "save",
    signature: "[args ...]",
    usage: "save [xml] [<id>...] {<file>|-}",
    summary: "Save objects to a file",
    skill: Skill::Administrator,
    complete: &[Complete::Object],
    run: save,
    ..Command::BASE
};

/// `configure load`
pub(super) const LOAD: Command = Command {
    name: "load",
    signature: "[args ...]",
    usage: "load [xml] {replace|update|push} {<url>|<path>|-}",
    summary: "Load objects from a file",
    help: "`update` replaces the objects that the file names and keeps the rest; `push` deletes the\n\
           rest; `replace` deletes everything but the nodes first. A file is loaded whole or not\n\
           at all.",
    skill: Skill::Administrator,
    complete: &[Complete::Words(&["xml", "replace", "update", "push"])],
    run: load,
    ..Command::BASE
};

fn save(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let Some((path, words)) = call.args.split_last() else {
        return Err(Failure::refused("Expected 1 argument (0 given)"));
    };
    let text = match words {
        [xml, rest @ ..] if xml == "xml" => {
            let filter = crm_syntax::Filter::plain().with_words(rest);
            let shown = show_xml(shell.session.cib().map_err(told)?, &filter);
            shown.map_err(|d| shell.refuse(&d))?
        }
        words => shell.plain_text(words)?,
    };
    if path == "-" {
        shell.console.print(&text);
        return Ok(());
    }
    fs::write(path, &text).map_err(|e| Failure::plain(format!("{path}: {e}")))
}

fn load(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let (xml, method, path) = match call.args {
        [xml, method, path] if xml == "xml" => (true, method, path),
        [xml, ..] if xml == "xml" => {
            let given = call.args.len();
            return Err(Failure::Refused(format!("Expected 3 arguments ({given} given)")));
        }
        [method, path] => (false, method, path),
        args => {
            let given = args.len();
            return Err(Failure::Refused(format!("Expected 2 arguments ({given} given)")));
        }
    };
    let method = match method.as_str() {
        "replace" => LoadMethod::Replace,
        "update" => LoadMethod::Update,
        "push" => LoadMethod::Push,
        other => return Err(Failure::Refused(format!("Unknown method {other}"))),
    };
    if method == LoadMethod::Replace
        && shell.settings.interactive
        && shell.session.has_changes()
        && !shell.confirm("This operation will erase all changes. Do you want to proceed?")
    {
        return Err(Failure::Told);
    }
    let text = read(shell, path)?;
    let text = if xml { objects_of(&text, path)? } else { text };
    let source = Source { name: path, text: &text };
    shell.edit_cib(Mode::Load, source, |editor| editor.load(&text, method))
}

/// Reads a file, standard input or a URL.
fn read(shell: &mut Shell, path: &str) -> Result<String, Failure> {
    let failed = |e: std::io::Error| Failure::plain(format!("{path}: {e}"));
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
        bytes
    } else if path.contains("://") {
        shell.output_of("curl", &["-fsSL", "--max-time", "60", path])?
    } else {
        fs::read(path).map_err(failed)?
    };
    let (text, diagnostics) = decode(&bytes);
    if diagnostics.is_empty() {
        return Ok(text);
    }
    shell.report(&diagnostics, Source { name: path, text: &text });
    Err(Failure::Told)
}

/// Writes the objects of an XML configuration as `xml …` statements.
pub(super) fn objects_of(text: &str, path: &str) -> Result<String, Failure> {
    let tree = cib_model::xml::read(text).map_err(|e| Failure::plain(format!("{path}: {e}")))?;
    let mut wrapped = Cib::empty();
    let cib = match Cib::from_tree(tree) {
        Ok(cib) => cib,
        Err(tree) if tree.root().name() == "configuration" => {
            let root = wrapped.tree().root_id();
            if let Some(old) = wrapped.configuration().map(cib_model::xml::ElementRef::xml_id) {
                wrapped.tree_mut().detach(old);
            }
            wrapped.tree_mut().append_copy(root, tree.root());
            wrapped
        }
        Err(tree) => {
            let name = tree.root().name().to_owned();
            return Err(Failure::plain(format!("{path}: <{name}> is no configuration")));
        }
    };
    let lines: Vec<String> = crm_syntax::list(&cib)
        .iter()
        .filter(|o| o.parent.is_none())
        .filter_map(|o| cib.tree().element(o.at))
        .map(|e| format!("xml {}\n", write_element(e, Layout::Compact, Dialect::default())))
        .collect();
    Ok(lines.concat())
}
