//! `node show`, `node server`, `node status`.

use cib_model::xml::{Dialect, ElementRef, Layout, write_element};

use crm_syntax::style::Release;

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::told;
use crate::shell::Shell;

/// `node show`
pub(super) const SHOW: Command = Command {
    name: "show",
    aliases: &["list"],
    signature: "[node]",
    usage: "show [<node>]",
    summary: "Show nodes with their attributes",
    complete: &[Complete::Node],
    run: show,
    ..Command::BASE
};

/// `node server`
pub(super) const SERVER: Command = Command {
    name: "server",
    signature: "[nodes ...]",
    usage: "server [<node> ...]",
    summary: "Show the nodes' names",
    complete: &[Complete::Node],
    run: server,
    ..Command::BASE
};

/// `node status`: raw XML, which older clients read.
pub(super) const STATUS: Command = Command {
    name: "status",
    signature: "[node]",
    usage: "status [<node>]",
    summary: "Show nodes as XML",
    complete: &[Complete::Node],
    run: status,
    ..Command::BASE
};

fn show(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let look = Look { release: shell.release(), classic: shell.is_classic() };
    let cib = shell.session.cib().map_err(told)?;
    let text: String =
        wanted(cib, call.arg(0))?.into_iter().map(|n| described(cib, n, look)).collect();
    shell.console.print(&text);
    Ok(())
}

/// Whose listing is made.
#[derive(Clone, Copy)]
struct Look {
    release: Release,
    classic: bool,
}

fn described(cib: &cib_model::Cib, node: ElementRef<'_>, look: Look) -> String {
    let uname = node.attr("uname").unwrap_or_default();
    let id = node.id().unwrap_or_default();
    let kind = node.attr("type").unwrap_or(if look.classic { "normal" } else { "member" });
    let state =
        cib.status().and_then(|s| s.children_named("node_state").find(|n| n.id() == Some(id)));
    // 5.1 asks whether the cluster sees the node, 4.4 whether the CIB says that it left
    let offline = match state.and_then(|s| s.attr("crmd")) {
        Some(crmd) => crmd == "offline" || crmd == "0",
        None => look.release == Release::Five && !look.classic,
    };
    let mark = if offline { "(offline)" } else { "" };
    let mut text = if uname == id {
        format!("{uname}: {kind}{mark}\n")
    } else {
        format!("{uname}({id}): {kind}{mark}\n")
    };
    for (name, value) in node.attrs().filter(|(n, _)| !["id", "uname", "type"].contains(n)) {
        text.push_str(&format!("\t{name}: {value}\n"));
    }
    for set in node.children_named("instance_attributes") {
        let pairs: Vec<String> = set
            .children_named("nvpair")
            .filter_map(|p| Some(crate::commands::nvpair_text(p.attr("name")?, p.attr("value")?)))
            .collect();
        text.push_str(&format!("\t{}\n", pairs.join(" ")));
    }
    text
}

fn server(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let cib = shell.session.cib().map_err(told)?;
    let mut text = String::new();
    for node in wanted(cib, None)? {
        let uname = node.attr("uname").unwrap_or_default();
        if call.args.is_empty() || call.args.iter().any(|a| a == uname) {
            text.push_str(uname);
            text.push('\n');
        }
    }
    shell.console.print(&text);
    Ok(())
}

fn status(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let cib = shell.session.cib().map_err(told)?;
    let text: String = match (call.arg(0), cib.nodes()) {
        (None, Some(nodes)) => write_element(nodes, Layout::Pretty, Dialect::Pcmk3),
        (node, _) => wanted(cib, node)?
            .into_iter()
            .map(|n| write_element(n, Layout::Pretty, Dialect::Pcmk3))
            .collect(),
    };
    shell.console.print(&text);
    Ok(())
}

fn wanted<'a>(cib: &'a cib_model::Cib, name: Option<&str>) -> Result<Vec<ElementRef<'a>>, Failure> {
    match name {
        None => Ok(cib.nodes().into_iter().flat_map(|n| n.children_named("node")).collect()),
        Some(name) => match super::find(cib, name) {
            Some(node) => Ok(vec![node]),
            None => Err(Failure::plain(format!("{name}: no such node"))),
        },
    }
}
