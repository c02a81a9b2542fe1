//! Laws of the language on generated texts: nothing panics, an error changes nothing, a listing
//! reads back to itself, spans point into the text.
//!
//! The cases are the same at every run; `LAWS_SEED=NUMBER` plays others, and `LAWS_CASES=NUMBER`
//! more or fewer.

mod statement;

use cib_model::cib::Cib;
use cib_model::xml::{Dialect, ElementRef, Layout, Tree, write};
use crm_syntax::agents::NoAgents;
use crm_syntax::kind::ObjectKind;
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, parse, parse_command};
use crm_syntax::{Editor, Filter, LoadMethod, Options, show};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Words of the language and some that are none.
const WORDS: &[&str] = &[
    "node",
    "primitive",
    "group",
    "clone",
    "ms",
    "location",
    "colocation",
    "order",
    "property",
    "rsc_defaults",
    "op_defaults",
    "rsc_ticket",
    "fencing_topology",
    "tag",
    "role",
    "user",
    "alert",
    "bundle",
    "monitor",
    "rsc_template",
    "acl_target",
    "xml",
    "a",
    "b",
    "c",
    "g",
    "n1",
    "n2",
    "Dummy",
    "ocf:heartbeat:Dummy",
    "stonith:null",
    "@t",
    "params",
    "meta",
    "utilization",
    "op",
    "operations",
    "op_params",
    "op_meta",
    "attributes",
    "rule",
    "date",
    "in",
    "spec",
    "lt",
    "gt",
    "and",
    "or",
    "defined",
    "#uname",
    "eq",
    "start=2009-05-26",
    "end=2010-01-01",
    "hours=9-17",
    "inf:",
    "-inf:",
    "100:",
    "Mandatory:",
    "att:",
    "x=y",
    "x=",
    "k=\"v w\"",
    "$id=s",
    "$id-ref=s",
    "a:Master",
    "b:start",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "sequential=true",
    "require-all=false",
    "_rsc_set_",
    "node-attribute=Rack",
    "symmetrical=no",
    "T:",
    "loss-policy=fence",
    "n1:",
    "read",
    "write",
    "xpath:\"//x\"",
    "meta:a:b",
    "cib",
    "type:primitive",
    "attr:id",
    "role:r",
    "to",
    "select",
    "nodes",
    "/path",
    "docker",
    "network",
    "storage",
    "port-mapping",
    "image=x",
    "monitor",
    "10s:20s",
    "description=\"d e\"",
    "<primitive",
    "id=\"x\"/>",
    "\\",
    "\"",
    "'",
    "é",
];

fn line() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(WORDS), 0..14).prop_map(|w| w.join(" "))
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(line(), 0..12).prop_map(|lines| lines.join("\n"))
}

fn xml(cib: &Cib) -> String {
    cib.write(Layout::Pretty, Dialect::default())
}

/// Returns the description of the only resource.
fn description(cib: &Cib) -> Option<&str> {
    cib.resources()?.children().next()?.attr("description")
}

fn style() -> impl Strategy<Value = Style> {
    prop_oneof![Just(Style::Classic), Just(Style::Modern)]
}

/// Everything configured, whatever the order: a listing has its own.
fn objects(cib: &Cib) -> Vec<String> {
    let sections = cib.configuration().into_iter().flat_map(ElementRef::children);
    let mut all: Vec<String> = sections.flat_map(ElementRef::children).map(unordered).collect();
    all.sort();
    all
}

/// An element whose attributes are in the order of their names. A rule among pairs has no place of
/// its own: listings begin with it. Ids that crm makes for parts depend on how the configuration
/// came about (`n1-instance_attributes-0-a`), and listings do not show them.
fn unordered(element: ElementRef<'_>) -> String {
    let is_part = !matches!(element.name(), "obj_ref" | "resource_ref" | "role" | "node")
        && ObjectKind::of(element).is_none();
    let mut attrs: Vec<_> = element.attrs().filter(|(name, _)| *name != "id" || !is_part).collect();
    attrs.sort_unstable();
    let mut below: Vec<_> = element.children().collect();
    below.sort_by_key(|child| child.name() != "rule");
    let below: Vec<String> = below.into_iter().map(unordered).collect();
    format!("<{} {attrs:?}>{}</>", element.name(), below.concat())
}

/// The same cases at every run, so that what fails once fails always.
#[expect(
    clippy::disallowed_methods,
    reason = "the library may not ask the environment, its tests may"
)]
fn config() -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    ProptestConfig {
        rng_seed: RngSeed::Fixed(number("LAWS_SEED").unwrap_or(1)),
        cases: number("LAWS_CASES").and_then(|cases| cases.try_into().ok()).unwrap_or(10_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The configuration that these lines make; what is refused is left out.
fn configuration<'a>(lines: impl IntoIterator<Item = &'a str>, style: Style) -> Cib {
    let mut cib = Cib::empty();
    let options = Options::new(style, &NoAgents);
    let mut editor = Editor::new(&mut cib, &options);
    for line in lines {
        for statement in parse(line, Mode::Create).statements {
            let _ = editor.apply(&statement);
        }
    }
    cib
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_parsed_and_its_diagnostics_point_into_it(text in "\\PC{0,200}") {
        for mode in [Mode::Create, Mode::Load] {
            let parsed = parse(&text, mode);
            for diagnostic in &parsed.diagnostics {
                let span = diagnostic.span.unwrap();
                prop_assert!(span.start <= span.end && span.end <= text.len());
            }
        }
    }

    #[test]
    fn an_element_keeps_its_values(value in "[ -~\\t\\n\u{e4}]{0,40}") {
        let mut tree = Tree::new("primitive");
        let root = tree.root_id();
        // an attribute that the language has no word for: shown as XML
        for (name, value) in [("id", "x"), ("type", "Dummy"), ("unknown", "1")] {
            tree.set_attr(root, name, value);
        }
        tree.set_attr(root, "description", value.as_str());
        let element = write(&tree, Layout::Compact, Dialect::default());
        let options = Options { mode: Mode::Load, ..Options::new(Style::Modern, &NoAgents) };
        let mut cib = Cib::empty();
        let text = format!("# c\nxml {} \\\n  {}\n", &element[..10], &element[10..]);
        Editor::new(&mut cib, &options).load(&text, LoadMethod::Update).unwrap();
        prop_assert_eq!(description(&cib), Some(value.as_str()));

        let shown = show(&cib, Style::Modern, &Filter::plain()).unwrap();
        let mut again = Cib::empty();
        Editor::new(&mut again, &options).load(&shown, LoadMethod::Update).unwrap();
        prop_assert_eq!(xml(&again), xml(&cib));

        let quoted = element.replace('\\', "\\\\").replace('"', "\\\"");
        let parsed = parse_command(&format!("xml \"{quoted}\""));
        let mut typed = Cib::empty();
        let options = Options::new(Style::Modern, &NoAgents);
        Editor::new(&mut typed, &options).apply(&parsed.statements[0]).unwrap();
        prop_assert_eq!(description(&typed), Some(value.as_str()));
    }

    #[test]
    fn an_error_changes_nothing(text in text(), style in style()) {
        let mut cib = configuration(text.lines(), style);
        let options = Options::new(style, &NoAgents);
        let before = xml(&cib);
        let outcome = Editor::new(&mut cib, &options).load(&text, LoadMethod::Push);
        if outcome.is_err() {
            prop_assert_eq!(xml(&cib), before);
        }
    }

    #[test]
    fn what_is_shown_reads_back(text in text(), style in style()) {
        let cib = configuration(text.lines(), style);
        let options = Options::new(style, &NoAgents);
        let shown = show(&cib, style, &Filter::plain()).unwrap();
        let mut again = cib.clone();
        if Editor::new(&mut again, &options).load(&shown, LoadMethod::Update).is_ok() {
            prop_assert_eq!(show(&again, style, &Filter::plain()).unwrap(), shown);
        }
    }

    /// parse(print(x)) = x, and print(parse(t)) = t of what was printed. What the language has no
    /// words for is shown as XML, and that is not of the language.
    #[test]
    fn a_listing_makes_the_configuration_it_shows(lines in statement::lines(), style in style()) {
        let cib = configuration(lines.iter().map(String::as_str), style);
        let shown = show(&cib, style, &Filter::plain()).unwrap();
        if shown.lines().any(|line| line.starts_with("xml ")) {
            return Ok(());
        }
        let mut again = Cib::empty();
        let options = Options::new(style, &NoAgents);
        let outcome = Editor::new(&mut again, &options).load(&shown, LoadMethod::Update);
        prop_assert!(outcome.is_ok(), "{}\n{:?}", shown, outcome);
        prop_assert_eq!(show(&again, style, &Filter::plain()).unwrap(), shown);
        prop_assert_eq!(objects(&again), objects(&cib));
    }
}
