//! `graph`: resources and constraints as a picture, in the language of Graphviz.
//!
//! Groups are boxes around their members; an order is an arrow, a colocation a dashed line, a
//! preference a dotted line to the node.
//!
//! **Source:** crmsh `ui_configure.py`, `do_graph()`, for the arguments; the picture is ours.

use std::fmt::Write as _;

use cib_model::Cib;
use cib_model::xml::ElementRef;

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::session::told;
use crate::shell::Shell;

/// `configure graph`
pub(super) const GRAPH: Command = Command {
    name: "graph",
    signature: "[args ...]",
    usage: "graph [dot [<file> [<img_format>]]]",
    summary: "Draw the configuration",
    help: "Without a file the drawing is printed as text for Graphviz. With an image format, such as\n\
           svg or png, the program `dot` makes the image.",
    skill: Skill::Administrator,
    complete: &[Complete::Words(&["dot"]), Complete::Nothing, Complete::Words(&["svg", "png"])],
    run,
    ..Command::BASE
};

fn run(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    if let Some(kind) = call.arg(0).filter(|kind| *kind != "dot") {
        return Err(Failure::Refused(format!("graph type {kind} is not supported")));
    }
    let text = drawing(shell.session.cib().map_err(told)?);
    match (call.arg(1), call.arg(2)) {
        (None, _) => {
            shell.console.print(&text);
            Ok(())
        }
        (Some(path), None) => {
            std::fs::write(path, text).map_err(|e| Failure::plain(format!("{path}: {e}")))
        }
        (Some(path), Some(format)) => {
            let failed = |e: std::io::Error| Failure::plain(format!("graph: {e}"));
            let mut source = tempfile::NamedTempFile::new().map_err(failed)?;
            std::io::Write::write_all(&mut source, text.as_bytes()).map_err(failed)?;
            let from = source.path().to_string_lossy().into_owned();
            shell.external("dot", &[&format!("-T{format}"), &format!("-o{path}"), &from])
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn drawing(cib: &Cib) -> String {
    let mut text = "digraph {\n\tcompound=true\n\tnode [shape=box]\n".to_owned();
    for resource in cib.resources().into_iter().flat_map(ElementRef::children) {
        draw_resource(resource, 1, &mut text);
    }
    for constraint in cib.constraints().into_iter().flat_map(ElementRef::children) {
        draw_constraint(constraint, &mut text);
    }
    text.push_str("}\n");
    text
}

fn draw_resource(resource: ElementRef<'_>, depth: usize, text: &mut String) {
    let (id, indent) = (resource.id().unwrap_or_default(), "\t".repeat(depth));
    match resource.name() {
        "primitive" => {
            let kind = resource.attr("type").or(resource.attr("template")).unwrap_or_default();
            let label = quoted(id).trim_end_matches('"').to_owned() + "\\n" + kind + "\"";
            // A String takes any text.
            let _infallible = writeln!(text, "{indent}{} [label={label}]", quoted(id));
        }
        "group" | "clone" | "master" | "bundle" => {
            let name = quoted(&format!("cluster_{id}"));
            let _infallible = writeln!(text, "{indent}subgraph {name} {{");
            let _infallible = writeln!(text, "{indent}\tlabel={}", quoted(id));
            for child in resource.children() {
                draw_resource(child, depth + 1, text);
            }
            let _infallible = writeln!(text, "{indent}}}");
        }
        _ => {}
    }
}

fn draw_constraint(constraint: ElementRef<'_>, text: &mut String) {
    let (from, to, style) = match constraint.name() {
        "rsc_order" => ("first", "then", "solid"),
        "rsc_colocation" => ("rsc", "with-rsc", "dashed"),
        "rsc_location" => ("rsc", "node", "dotted"),
        _ => return,
    };
    let label = constraint.attr("score").or(constraint.attr("kind")).unwrap_or_default();
    let mut edge = |a: &str, b: &str| {
        let (a, b) = (quoted(a), quoted(b));
        let _infallible = writeln!(text, "\t{a} -> {b} [style={style},label={}]", quoted(label));
    };
    if let (Some(a), Some(b)) = (constraint.attr(from), constraint.attr(to)) {
        edge(a, b);
    }
    let members: Vec<&str> = constraint
        .children_named("resource_set")
        .flat_map(|set| set.children_named("resource_ref"))
        .filter_map(ElementRef::id)
        .collect();
    for pair in members.windows(2) {
        if let [a, b] = pair {
            edge(a, b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_boxes_and_orders_are_arrows() {
        let cib = Cib::read(
            r#"<cib><configuration><resources><group id="g"><primitive id="a" type="Dummy"/></group>
               <primitive id="b" type="Dummy"/></resources><constraints>
               <rsc_order id="o" first="g" then="b" kind="Mandatory"/></constraints>
               </configuration></cib>"#,
        )
        .unwrap();
        let text = drawing(&cib);
        assert!(text.contains(
            "\tsubgraph \"cluster_g\" {\n\t\tlabel=\"g\"\n\t\t\"a\" [label=\"a\\nDummy\"]\n"
        ));
        assert!(text.contains("\t\"g\" -> \"b\" [style=solid,label=\"Mandatory\"]\n"), "{text}");
    }
}
